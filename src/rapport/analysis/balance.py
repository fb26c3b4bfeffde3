"""Keeping against winning: what each costs, what each is given, and what keeping more would free."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .intervals import labelled

NEW, EXISTING = "new customers", "existing customers"
SIDES = {"acquire": NEW, "retain": EXISTING, "recover": EXISTING}
STAGE_MONTHS = 24  # BG-02
REPEAT_LOW, REPEAT_HIGH, STEADY_GROWTH = 0.4, 0.7, 0.05
NO_SPEND, NO_CONTACTS = "no table 'spend'", "no table 'contacts'"


def cost_ratio(spend: pd.DataFrame | None, history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """How many times dearer a new customer was than a kept one, over the last active window.

    In: `spend`, `history`. New: first purchase in the window, birth known. Kept: bought before the window and in it.
    Out: Finding balance.cost_ratio (ratio), n the new customers; parts: cac, crc (money a kept customer), kept. An
    average is not what one more costs. Cases: any zero is not available and named; never a literature figure.
    Reference: BG-03, ET-07, C1; template 6.
    """
    start, day = as_of - pd.Timedelta(days=settings.data.active_window_days), str(as_of.date())
    common = {"unit": "ratio", "as_of": day, "basis": f"spend and customers after {start.date()} to {day}"}
    if spend is None:
        return not_available("balance.cost_ratio", NO_SPEND, **common)
    paid = spend[spend["spent_on"].between(start, as_of, inclusive="right")].groupby("purpose")["amount"].sum()
    acquire, retain = float(paid.get("acquire", 0)), float(paid.get("retain", 0))
    new = int((history["first_order_on"].gt(start) & ~history["is_truncated"]).sum())
    kept = int((history["first_order_on"].le(start) & (history["orders_recent"] > 0)).sum())
    missing = {"acquisition spend": acquire, "new customers": new, "retention spend": retain, "kept customers": kept}
    gaps = [name for name, figure in missing.items() if not figure]
    if gaps:
        return not_available("balance.cost_ratio", f"no {', no '.join(gaps)} in the window", n=new, **common)
    parts = {"cac": acquire / new, "crc": retain / kept, "kept": kept, "acquire": acquire, "retain": retain}
    found = Finding(id="balance.cost_ratio", value=ratio(acquire, new, retain, kept), n=new, parts=parts, **common)
    return labelled(found, settings)


def ratio(acquire: float, new: float, retain: float, kept: float) -> float:
    """Cost of a new customer over cost of a kept one. BG-03: 80 000 / 100 over 20 000 / 400 is 16."""
    return (acquire / new) / (retain / kept)


def replacement_need(retained: tuple[Finding, ...], *, settings, as_of: pd.Timestamp) -> Finding:
    """New customers a year that the firm needs only to stay as large as it is: (1 − yearly retention) × customers.

    In: the Findings of `retain.retained`. Out: Finding balance.replacement_need (count), with the interval of the
    retention. Cases: retention not available. Reference: ET-09 (which claims none would be needed).
    """
    annual = {found.id: found for found in retained}["retention.annual"]
    common = {"unit": "count", "as_of": str(as_of.date()), "basis": annual.basis}
    if annual.status == "not_available":
        return not_available("balance.replacement_need", annual.because, **common)
    need, low, high = (replacement(share, annual.n) for share in (annual.value, annual.high, annual.low))
    ends = {"low": low, "high": high, "level": annual.level}
    found = Finding(id="balance.replacement_need", value=need, n=annual.n, **ends, **common)
    return found.as_indicative(annual.because) if annual.status == "indicative" else labelled(found, settings)


def replacement(share: float, customers: int) -> float:
    """Customers to be replaced when `share` of them stays: (1 − 0.80) × 200 = 40. ET-09."""
    return (1 - share) * customers


def freed(prevented: float, cac: float, programme: float) -> float:
    """Money freed by prevented losses: each saves winning a new customer, and the whole programme is paid for.

    ET-08: 10 × 800 − 400 × 50 = −12 000, since all 400 are looked after and 10 are saved.
    """
    return prevented * cac - programme


def break_even(cost_ratio: Finding, *, as_of: pd.Timestamp) -> Finding:
    """How many losses the year's retention spend must prevent to pay for itself by new customers not needed.

    In: the Finding of `cost_ratio`. Out: Finding balance.break_even (count); parts: programme, cac, share (of
    the kept). Whether so many were prevented only an experiment can say. Reference: ET-08 (20 000 / 800 = 25).
    """
    common = {"unit": "count", "as_of": str(as_of.date()), "basis": cost_ratio.basis}
    if cost_ratio.status == "not_available":
        return not_available("balance.break_even", cost_ratio.because, **common)
    programme, cac, kept = (cost_ratio.parts[name] for name in ("retain", "cac", "kept"))
    parts = {"programme": programme, "cac": cac, "share": programme / cac / kept}
    return Finding(id="balance.break_even", value=programme / cac, n=cost_ratio.n, parts=parts, **common)


def attention_index(
    contacts: pd.DataFrame | None, history: pd.DataFrame, repeat_share: Finding, *, settings, as_of: pd.Timestamp
) -> Finding:
    """Share of our contacts that goes to existing customers, over their share of revenue; below 1: under-served.

    In: `contacts`, `history`, repeat_share (Finding retention.repeat_revenue_share). A contact with somebody who had
    bought before that day is with an existing customer. Out: Finding balance.attention_index (ratio); parts:
    contact_share, revenue_share. Cases: no contacts, or no revenue share, is not available. Reference: BG-11.
    """
    start, day = as_of - pd.Timedelta(days=settings.data.active_window_days), str(as_of.date())
    common = {"unit": "ratio", "as_of": day, "basis": f"outbound contacts after {start.date()} to {day}"}
    if contacts is None:
        return not_available("balance.attention_index", NO_CONTACTS, **common)
    sent = contacts[
        (contacts["direction"] == "out") & contacts["contacted_on"].between(start, as_of, inclusive="right")
    ]
    if sent.empty or repeat_share.status == "not_available" or not repeat_share.value:
        why = "no outbound contact in the window" if sent.empty else "no revenue of existing customers"
        return not_available("balance.attention_index", why, **common)
    first = sent["customer_id"].map(history.set_index("customer_id")["first_order_on"])
    contact_share = float((first < sent["contacted_on"]).mean())
    parts = {"contact_share": contact_share, "revenue_share": repeat_share.value}
    value = contact_share / repeat_share.value
    return labelled(Finding(id="balance.attention_index", value=value, n=len(sent), parts=parts, **common), settings)


def spend_balance(spend: pd.DataFrame, history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """What new and existing customers are given: activities, money and hours, in all and for each customer.

    In: `spend`, `history`, over the last active window. Out: two rows: side ("new customers", "existing customers"),
    activities (rows of spend), amount, hours (empty when none is recorded), customers (won, or kept), cost_each,
    amount_share. Money spent to win back counts for existing customers. Reference: HU-23, HU-02.
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    recent = spend[spend["spent_on"].between(start, as_of, inclusive="right")]
    grouped = recent.groupby(recent["purpose"].map(SIDES))
    out = grouped.agg(
        activities=("amount", "size"), amount=("amount", "sum"), hours=("hours", lambda hours: hours.sum(min_count=1))
    ).reindex([NEW, EXISTING])
    out[["activities", "amount"]] = out[["activities", "amount"]].fillna(0)
    is_new = history["first_order_on"].gt(start) & ~history["is_truncated"]
    is_kept = history["first_order_on"].le(start) & (history["orders_recent"] > 0)
    out["customers"] = [int(is_new.sum()), int(is_kept.sum())]
    out["cost_each"] = (out["amount"] / out["customers"]).where(out["customers"] > 0)
    total = out["amount"].sum()
    out["amount_share"] = out["amount"] / total if total else np.nan
    return out.astype({"activities": int}).rename_axis("side").reset_index()


def spend_kinds(spend: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The same by kind: exhibitions, seminars, promotions, greetings, gifts, training … on either side.

    In: `spend`, over the last active window. Out: one row per side and kind, the dearest first: side, kind, activities,
    amount, hours. Reference: HU-23.
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    recent = spend[spend["spent_on"].between(start, as_of, inclusive="right")]
    recent = recent.assign(side=recent["purpose"].map(SIDES), kind=recent["kind"].fillna("not named"))
    out = recent.groupby(["side", "kind"], as_index=False).agg(
        activities=("amount", "size"), amount=("amount", "sum"), hours=("hours", lambda hours: hours.sum(min_count=1))
    )
    return out.sort_values(["side", "amount", "kind"], ascending=[False, False, True], ignore_index=True)


def tilt(
    spend: pd.DataFrame | None, history: pd.DataFrame, repeat_share: Finding, *, settings, as_of: pd.Timestamp
) -> Finding:
    """How far spending leans to new customers: their share of spend minus their share of revenue.

    In: `spend`, `history`, repeat_share (Finding retention.repeat_revenue_share). Out: Finding balance.tilt (share
    points; +0.5 is fifty points towards new customers); parts: spend_new, revenue_new. Where nothing was spent on
    existing customers, `because` says so: no resource is spent on loyalty. Reference: HU-02, HU-23.
    """
    common = {"unit": "share", "as_of": str(as_of.date()), "basis": "spend and net sales of the last active window"}
    if spend is None or repeat_share.status == "not_available":
        return not_available("balance.tilt", NO_SPEND if spend is None else repeat_share.because, **common)
    sides = spend_balance(spend, history, settings=settings, as_of=as_of).set_index("side")
    if not sides["amount"].sum():
        return not_available("balance.tilt", "no spend in the window", **common)
    spend_new, revenue_new = float(sides.loc[NEW, "amount_share"]), 1 - repeat_share.value
    because = "" if sides.loc[EXISTING, "amount"] else "no resource is spent on loyalty"
    parts = {"spend_new": spend_new, "revenue_new": revenue_new}
    n = int(sides["activities"].sum())
    return Finding(id="balance.tilt", value=spend_new - revenue_new, n=n, because=because, parts=parts, **common)


def stage(
    purchase_days: pd.DataFrame, repeat_share: Finding, base_growth: Finding, *, settings, as_of: pd.Timestamp
) -> Finding:
    """Where the firm stands: start-up, growth or mature. Advice, not a measurement; its rules are printed.

    In: `purchase_days`; repeat_share (Finding retention.repeat_revenue_share); base_growth (Finding
    retention.base_growth). Out: Finding balance.stage (text); parts: repeat, growth, new_trend (new customers of the
    last year against the year before). Cases: under 24 months of history is not available. Reference: BG-02.
    """
    common = {"unit": "text", "as_of": str(as_of.date()), "basis": "rules of balance.stage_rules"}
    known = purchase_days[purchase_days["ordered_on"] <= as_of]
    if known.empty or known["ordered_on"].min() > as_of - pd.DateOffset(months=STAGE_MONTHS):
        return not_available("balance.stage", f"less than {STAGE_MONTHS} months of history", **common)
    lacking = [found for found in (repeat_share, base_growth) if found.status == "not_available"]
    if lacking:
        return not_available("balance.stage", lacking[0].because, **common)
    first = known.groupby("customer_id")["ordered_on"].min()
    years = [int((first > as_of - pd.DateOffset(years=back)).sum()) for back in (1, 2)]
    trend = years[0] / (years[1] - years[0]) - 1 if years[1] > years[0] else None
    growth = (1 + base_growth.value) ** (12 / base_growth.parts["months"]) - 1
    parts = {"repeat": repeat_share.value, "growth": growth, "new_trend": trend}
    value = stage_of(repeat_share.value, growth)
    return Finding(id="balance.stage", value=value, n=len(first), parts=parts, **common)


def stage_of(repeat: float, growth: float) -> str:
    """The stage by the share of revenue from repeat buyers and the growth of the base. BG-02: 85 %, 1 % → mature."""
    if repeat < REPEAT_LOW:
        return "start-up"
    return "mature" if repeat >= REPEAT_HIGH and growth < STEADY_GROWTH else "growth"


def stage_rules() -> pd.DataFrame:
    """The rules of `stage_of`, from the first that holds: stage, repeat_below and repeat_from (share of revenue),
    growth_below (share a year), suggests. Advice only; the cuts are the kit's own. Reference: BG-02.
    """
    rules = [
        ("start-up", REPEAT_LOW, None, None, "most effort goes into winning customers"),
        ("mature", None, REPEAT_HIGH, STEADY_GROWTH, "most effort goes into keeping customers"),
        ("growth", None, None, None, "winning and keeping go in step"),
    ]
    return pd.DataFrame(rules, columns=["stage", "repeat_below", "repeat_from", "growth_below", "suggests"])
