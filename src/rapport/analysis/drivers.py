"""What goes before a loss: signs that came between a customer's purchase and its silence. Association, not cause.

The clock counts purchases, so that a customer who buys weekly and one who buys yearly are compared after as many of
them. After each purchase a customer either comes again or is lost; the signs that belong to that purchase (a complaint
about it, its late delivery) or fell within one gap after it (a price rise, a change of manager) are held against that.
The gap is the one known at that purchase, so that leavers and stayers are watched equally long. A customer who bought
again after a sign has answered it. Purchases too young to judge are left out, stayers and leavers alike: a return is
seen at once, a loss only after the gaps that state.lost_gaps asks for.
"""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from . import portfolios, silence, survival
from .intervals import LEVEL, labelled
from .sale_signs import MANAGER
from .states import one_timer_patience
from .status import GONE

LEAST = 5  # losses with the sign, and without it, below which nothing is said of it
CLOCK_END = 30  # purchases from which on customers count as equally old
NO_CONTACT = "no contact from us"
LATE = "late delivery"
TOO_FEW, NOT_SHOWN = "too few losses to say", "no association shown"
MORE, FEWER = "goes with more losses", "goes with fewer losses"
CAVEAT = "association, not cause"
STEP_COLUMNS = ("customer_id", "purchases", "started_on", "stratum", "is_lost")
RATIOS = ("term", "ratio", "low", "high", "p", "proportional_p")


def signs(
    orders: pd.DataFrame,
    returns_complaints: pd.DataFrame | None = None,
    deliveries: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
    sales: pd.DataFrame | None = None,
    account_managers: pd.DataFrame | None = None,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Everything that happened to customers and may go before a loss, one row each.

    In: `orders`, one row per order: order_id, customer_id, ordered_on; `returns_complaints`; `deliveries` (late when
    delivered after the promised day, or not yet; force majeure left out); `events`; sales, the table of
    `sale_signs.sale_signs`; `account_managers` (each handover is a change of manager). Out: customer_id, happened_on,
    sign (return, cancel, complaint, late delivery, the kind of event, or a sign of the sales), ordered_on (of the order
    it belongs to; empty for what belongs to none). A return or complaint without a day has that of its order. Rows
    after as_of or of nobody known are left out. Reference: HU-24, HU-30, HU-44, BG-12.
    """
    known = orders.drop_duplicates("order_id").set_index("order_id")
    parts = [pd.DataFrame({"customer_id": [], "happened_on": [], "sign": [], "ordered_on": []})]
    if returns_complaints is not None:
        day = returns_complaints["order_id"].map(known["ordered_on"])
        raised = returns_complaints.assign(sign=returns_complaints["kind"], ordered_on=day)
        raised["ordered_on"] = day.where(day.notna(), raised["happened_on"])
        raised["happened_on"] = raised["happened_on"].where(raised["happened_on"].notna(), day)
        parts.append(raised)
    if deliveries is not None:
        arrived = deliveries["delivered_on"].where(deliveries["delivered_on"] <= as_of, as_of)
        late = deliveries[(arrived > deliveries["promised_on"]) & ~deliveries["is_force_majeure"]]
        order = known.reindex(late["order_id"]).set_axis(late.index)
        parts.append(order.assign(happened_on=late["promised_on"], sign=LATE))
    if events is not None:
        parts.append(events.assign(sign=events["kind"].str.strip().str.casefold(), ordered_on=pd.NaT))
    if sales is not None:
        parts.append(sales)
    handed = portfolios.handovers(account_managers, as_of=as_of)
    parts.append(handed.assign(sign=MANAGER, ordered_on=pd.NaT))
    out = pd.concat(
        [part[["customer_id", "happened_on", "sign", "ordered_on"]] for part in parts if len(part)] or parts
    )
    out = out.astype({"happened_on": "datetime64[ns]", "ordered_on": "datetime64[ns]"})
    out = out.dropna(subset=["customer_id", "happened_on", "sign"])
    return out[out["happened_on"] <= as_of].reset_index(drop=True)


def steps(
    purchase_days: pd.DataFrame,
    history: pd.DataFrame,
    classes: pd.DataFrame,
    signs: pd.DataFrame,
    contacts: pd.DataFrame | None = None,
    customers: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Every purchase that can be judged: whether the customer was lost after it, and the signs that belong to it.

    In: `purchase_days`, `history`, `classes` (state, gap_used_days), `signs`, `contacts`, `customers` (kind). Out: one
    row per customer and purchase day: customer_id, purchases (so far), started_on, stratum (birth known or not, person
    or company: only customers of one stratum are compared), is_lost, and one flag per kind of sign ("no contact from
    us": none in the gap before the purchase, from the first logged contact on).
    Cases: customers whose purchases net to zero or less are left out, as everywhere where the base is asked (DEF3).
    """
    rows = silence.episodes(purchase_days, as_of=as_of)
    bought = history.loc[history["net_total"] > 0, ["customer_id", "is_truncated"]]
    rows = rows.merge(bought.assign(stratum=_strata(bought, customers)), on="customer_id")
    rows = rows.merge(classes[["customer_id", "state", "gap_used_days"]], on="customer_id")
    so_far = rows["gap_days"].where(rows["purchases"] >= 3, silence.usual_gap(rows))
    rows = rows.assign(until=pd.to_timedelta(so_far.fillna(settings.recover.sign_days), unit="D"))
    flags = {name: _has(rows, part) for name, part in signs.groupby("sign")}
    if contacts is not None:
        flags[NO_CONTACT] = _uncalled(rows, contacts)
    is_lost = ~rows["is_returned"] & rows["state"].isin(GONE)
    patience = one_timer_patience(history, purchase_days, settings=settings)
    wait = np.where(rows["purchases"] == 1, patience, settings.state.lost_gaps * rows["gap_used_days"])
    is_judged = rows["started_on"] + pd.to_timedelta(wait, unit="D") <= as_of
    kept = rows[["customer_id", "purchases", "started_on", "stratum"]].assign(is_lost=is_lost, **flags)
    return kept[is_judged & (is_lost | rows["is_returned"])].reset_index(drop=True)


def _strata(history: pd.DataFrame, customers: pd.DataFrame | None) -> pd.Series:
    birth = history["is_truncated"].map({True: "birth unknown", False: "birth known"})
    if customers is None:
        return birth
    return birth + ", " + history["customer_id"].map(customers.set_index("customer_id")["kind"]).fillna("kind unknown")


def _has(rows: pd.DataFrame, signs: pd.DataFrame) -> pd.Series:
    """Whether a sign of one kind belongs to the purchase, or fell within one gap after it."""
    places = rows[["customer_id", "started_on", "until"]].assign(row=rows.index)
    of_order = signs.dropna(subset=["ordered_on"]).sort_values("ordered_on")
    latest = {"left_on": "ordered_on", "right_on": "started_on", "by": "customer_id"}
    belongs = pd.merge_asof(of_order, places.sort_values("started_on"), **latest)["row"].dropna()
    free = signs.loc[signs["ordered_on"].isna(), ["customer_id", "happened_on"]].merge(places, on="customer_id")
    near = free.loc[(free["happened_on"] - free["started_on"]).between(pd.Timedelta(0), free["until"]), "row"]
    return pd.Series(rows.index.isin([*belongs.astype(int), *near]), index=rows.index)


def _uncalled(rows: pd.DataFrame, contacts: pd.DataFrame) -> pd.Series:
    """Whether nobody of ours made contact in the gap before the purchase; false before contacts were logged at all."""
    sent = contacts.loc[contacts["direction"] == "out", ["customer_id", "contacted_on"]].dropna()
    places = rows[["customer_id", "started_on", "until"]].assign(row=rows.index).sort_values("started_on")
    latest = {"left_on": "started_on", "right_on": "contacted_on", "by": "customer_id", "allow_exact_matches": False}
    before = pd.merge_asof(places, sent.sort_values("contacted_on"), **latest).set_index("row")
    called = (before["started_on"] - before["contacted_on"] <= before["until"]).reindex(rows.index)
    return ~called & (rows["started_on"] - rows["until"] >= sent["contacted_on"].min())


def drivers(steps: pd.DataFrame, *, settings) -> pd.DataFrame:
    """How much more often customers were lost after each sign: hazard ratios, the clearest first.

    In: the table of `steps`. Out: one row per sign: term, customers (who had it), steps and losses with it, ratio, low,
    high (95 %; empty where too few), p, p_adjusted (Holm, over the signs judged), proportional_p (below 0.05 the ratio
    changes with the age of the relation and is only an average), is_shown (p_adjusted below 0.05), verdict. All signs are judged together, with purchases
    made so far as the clock, within the strata of `steps`.
    Cases: a sign with fewer than five losses with it, or without it, is not judged. Small samples speak through their
    intervals. It is association: what brings on both the sign and the loss is not known. Reference: C26; Cox 1972.
    """
    terms = [name for name in steps.columns if name not in STEP_COLUMNS]
    counts = pd.DataFrame([_counted(steps, term) for term in terms], columns=["term", "customers", "steps", "losses"])
    lost = int(steps["is_lost"].sum())
    enough = (
        counts["losses"].ge(LEAST)
        & (lost - counts["losses"]).ge(LEAST)
        & (counts["steps"] - counts["losses"]).ge(LEAST)
    )
    judged = counts.loc[enough, "term"].tolist()
    ratios = survival.hazard_ratios(_counting(steps, judged), judged) if judged else pd.DataFrame(columns=RATIOS)
    out = counts.merge(ratios, on="term", how="left")
    out["p_adjusted"] = holm(out["p"])
    shown, above = out["p_adjusted"] < 1 - LEVEL, out["ratio"] > 1
    out["is_shown"] = shown
    out["verdict"] = np.select([out["p"].isna(), shown & above, shown], [TOO_FEW, MORE, FEWER], default=NOT_SHOWN)
    return out.sort_values(["p", "term"], na_position="last", ignore_index=True)


def _counted(steps: pd.DataFrame, term: str) -> tuple:
    having = steps[steps[term]]
    return term, having["customer_id"].nunique(), len(having), int(having["is_lost"].sum())


def _counting(steps: pd.DataFrame, terms: list[str]) -> pd.DataFrame:
    """The steps as counting process: losses one by one, returns summed by equal clock, stratum and signs."""
    rows = (
        steps[terms]
        .astype(int)
        .assign(
            stratum=pd.factorize(steps["stratum"])[0],
            stop=steps["purchases"].clip(upper=CLOCK_END).astype(float),
            happened=steps["is_lost"],
            weight=1.0,
        )
    )
    stayed = rows[~rows["happened"]].groupby(["stratum", "stop", *terms], as_index=False)["weight"].sum()
    both = pd.concat([rows[rows["happened"]], stayed.assign(happened=False)], ignore_index=True)
    return both.assign(start=both["stop"] - 1)


def holm(p: pd.Series) -> pd.Series:
    """P-values raised so that the chance of a single false finding among them all stays as declared (Holm 1979)."""
    known = p.dropna().sort_values()
    raised = (known * np.arange(len(known), 0, -1)).clip(upper=1).cummax()
    return raised.reindex(p.index)


def strongest(drivers: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """The sign that most clearly goes before a loss, with its hazard ratio.

    In: the table of `drivers`, or None without signs. Out: Finding drivers.strongest (ratio, 95 %), n the losses with
    the sign; parts: term, verdict, losses, signs (how many were judged). `because` says that it is no cause.
    Cases: nothing judged is not available. Reference: C26.
    """
    common = {"unit": "ratio", "as_of": str(as_of.date()), "basis": "purchases old enough to judge, lost after or not"}
    known = pd.DataFrame() if drivers is None else drivers.dropna(subset=["ratio"])
    if known.empty:
        why = "no complaints, deliveries, events or contacts were given" if drivers is None else TOO_FEW
        return not_available("drivers.strongest", why, **common)
    row = known.iloc[0]
    parts = {"term": row["term"], "verdict": row["verdict"], "losses": int(row["losses"]), "signs": len(known)}
    ends = {"low": float(row["low"]), "high": float(row["high"]), "level": LEVEL}
    found = Finding(
        id="drivers.strongest",
        value=float(row["ratio"]),
        n=int(row["losses"]),
        because=CAVEAT,
        parts=parts,
        **ends,
        **common,
    )
    return labelled(found, settings)
