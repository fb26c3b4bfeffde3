"""After the first order: who comes a second time, who was called, who was forgotten (HU-01, HU-22, BG-13)."""

import numpy as np
import pandas as pd
from scipy.stats import linregress, t

from ..foundation.finding import Finding, not_available
from . import survival
from .intervals import LEVEL, labelled, proportion, wilson

YEAR = 365
FOLLOW_UP_DAYS = 30  # HU-01
NO_CONTACTS = "no table 'contacts'"


def second_order(alive_curves: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """Days until half of the new customers had bought again, and the share that did within a year.

    In: `alive_curves`. Out: Findings second_order.median_days (days; the text "not reached" when fewer than half ever
    did) and second_order.within_year (share), with the curve's 95 % interval; n the customers watched.
    Cases: nobody of known birth, or nobody watched for a year, is not available. Reference: HU-01.
    """
    rows = alive_curves[(alive_curves["curve"] == survival.SECOND) & (alive_curves["group"] == survival.ALL)]
    common = {"as_of": str(as_of.date()), "basis": "customers of known birth, from first to second purchase day"}
    if rows.empty:
        why = "no customer whose first purchase lies in the data"
        within = not_available("second_order.within_year", why, unit="share", **common)
        return not_available("second_order.median_days", why, unit="days", **common), within
    n, watched = int(rows["at_risk"].iloc[0]), int(rows["day"].max())
    common |= {"n": n, "level": LEVEL}
    day, low, high = survival.median(rows)
    parts = {"watched_days": watched, "share": 1 - float(rows["share"].iloc[-1])}
    if day is None:
        why = f"fewer than half bought again in up to {watched} days"
        median = Finding(
            id="second_order.median_days", unit="text", value="not reached", because=why, parts=parts, **common
        )
    else:
        median = Finding(
            id="second_order.median_days", unit="days", value=day, low=low, high=high, parts=parts, **common
        )
    return labelled(median, settings), labelled(_within_year(rows, common, watched), settings)


def _within_year(rows: pd.DataFrame, common: dict, watched: int) -> Finding:
    found = survival.share_by(rows, YEAR)
    if found is None:
        why = f"no customer was watched for a year, at most {watched} days"
        rest = {name: common[name] for name in ("n", "as_of", "basis")}
        return not_available("second_order.within_year", why, unit="share", **rest)
    share, low, high = found
    return Finding(id="second_order.within_year", unit="share", value=share, low=low, high=high, **common)


def followed_up(history: pd.DataFrame, contacts: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Share of the new customers whom we contacted within 30 days of their first order.

    In: `history`, `contacts`. Counted are first purchases of the last active window that are at least 30 days old, of
    customers of known birth. Out: Finding second_order.contacted_share.
    Cases: no contacts table is not available. Reference: HU-01.
    """
    window, wait = pd.Timedelta(days=settings.data.active_window_days), pd.Timedelta(days=FOLLOW_UP_DAYS)
    is_new = (
        history["first_order_on"].between(as_of - window, as_of - wait, inclusive="right") & ~history["is_truncated"]
    )
    new = history.loc[is_new, ["customer_id", "first_order_on"]]
    basis = f"customers with a first order between {(as_of - window).date()} and {(as_of - wait).date()}"
    if contacts is None:
        day = str(as_of.date())
        return not_available("second_order.contacted_share", NO_CONTACTS, unit="share", as_of=day, basis=basis)
    sent = contacts.loc[contacts["direction"] == "out", ["customer_id", "contacted_on"]].merge(new, on="customer_id")
    in_time = (sent["contacted_on"] - sent["first_order_on"]).between(pd.Timedelta(0), wait)
    count = sent.loc[in_time, "customer_id"].nunique()
    return proportion(
        "second_order.contacted_share",
        count,
        len(new),
        settings=settings,
        basis=basis,
        as_of=as_of,
        because="" if len(new) else "no new customers in the window",
    )


def forgotten(history: pd.DataFrame, contacts: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """One-time buyers to whom nobody has reached out since, the most valuable first.

    In: `history`, `contacts`. Out: one row per customer with one purchase day and no outbound contact on or after it:
    customer_id, manager_id (who sold), first_order_on, silent_days, net_total. Reference: BG-13.
    """
    once = history[history["purchase_days"] == 1]
    sent = contacts.loc[(contacts["direction"] == "out") & (contacts["contacted_on"] <= as_of)]
    last = once["customer_id"].map(sent.groupby("customer_id")["contacted_on"].max())
    rows = once[~(last >= once["first_order_on"])]
    columns = ["customer_id", "manager_id", "first_order_on", "silent_days", "net_total"]
    return rows[columns].sort_values(["net_total", "customer_id"], ascending=[False, True], ignore_index=True)


def forgotten_value(history: pd.DataFrame, contacts: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """How many one-time buyers nobody reached out to since, and what they bought for (parts: value, share, of).

    In: `history`, `contacts`. Out: Finding forgotten.count (count). Reference: BG-13; template 8.
    """
    day, basis = str(as_of.date()), "customers with one purchase day and no outbound contact since"
    if contacts is None:
        return not_available("forgotten.count", NO_CONTACTS, unit="count", as_of=day, basis=basis)
    rows, once = forgotten(history, contacts, as_of=as_of), int((history["purchase_days"] == 1).sum())
    parts = {"value": float(rows["net_total"].sum()), "of": once, "share": len(rows) / once if once else 0.0}
    return Finding(id="forgotten.count", unit="count", value=len(rows), n=once, basis=basis, as_of=day, parts=parts)


def conversions(purchase_days: pd.DataFrame, history: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Of each quarter's new customers, the share that became regular: three purchase days within a year of the first.

    In: `purchase_days`, `history`. Out: one row per quarter whose last customer has been watched for a year:
    quarter_on, customers, regulars, share, low, high (Wilson 95 %). Customers of unknown birth are left out.
    Reference: HU-22 (rung 3 of HU-04 read as three purchase days).
    """
    new = history.loc[~history["is_truncated"] & history["first_order_on"].notna(), ["customer_id", "first_order_on"]]
    bought = purchase_days[["customer_id", "ordered_on"]].merge(new, on="customer_id")
    first_year = bought[bought["ordered_on"] < bought["first_order_on"] + pd.DateOffset(years=1)]
    days = first_year.groupby("customer_id").size()
    quarter = new["first_order_on"].dt.to_period("Q")
    is_regular = new["customer_id"].map(days).fillna(0) >= 3
    out = is_regular.groupby(quarter).agg(customers="size", regulars="sum").rename_axis("quarter").reset_index()
    out = out[out["quarter"].dt.end_time + pd.DateOffset(years=1) <= as_of + pd.Timedelta(days=1)]
    low, high = wilson(out["regulars"], out["customers"])
    return pd.DataFrame(
        {
            "quarter_on": out["quarter"].dt.start_time,
            "customers": out["customers"],
            "regulars": out["regulars"],
            "share": out["regulars"] / out["customers"],
            "low": low,
            "high": high,
        }
    ).reset_index(drop=True)


def conversion_trend(conversions: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """By how much the share of new customers who become regular changes from quarter to quarter.

    In: `conversions`. Out: Finding second_order.conversion_trend (share a quarter), the slope of a straight line with
    its 95 % interval; n the customers. Cases: fewer than three quarters is not available. Reference: HU-22.
    """
    common = {"as_of": str(as_of.date()), "basis": "quarters of first purchase, each watched for a year"}
    if len(conversions) < 3:
        why = f"{len(conversions)} quarters of new customers have been watched for a year; a trend needs three"
        return not_available("second_order.conversion_trend", why, unit="share", **common)
    line = linregress(np.arange(len(conversions)), conversions["share"])
    half = t.ppf((1 + LEVEL) / 2, len(conversions) - 2) * line.stderr
    return labelled(
        Finding(
            id="second_order.conversion_trend",
            unit="share",
            value=float(line.slope),
            low=float(line.slope - half),
            high=float(line.slope + half),
            level=LEVEL,
            n=int(conversions["customers"].sum()),
            parts={"quarters": len(conversions), "last": float(conversions["share"].iloc[-1])},
            **common,
        ),
        settings,
    )
