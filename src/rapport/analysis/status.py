"""Who is lost, as the CRM says and as the customers behave (LT-13)."""

import pandas as pd

from ..foundation.contracts import STATES, TABLES
from ..foundation.finding import Finding, not_available
from .intervals import labelled, proportion

GONE = ("lost", "lost_one_timer")
SURELY = 1 - 1e-9  # a chance of being alive that leaves no doubt
CONTINUOUS = 3  # purchase days that make a continuous relation (LT-13)
SILENT_BUT_ACTIVE, BOUGHT_BUT_LOST = "CRM says active, but silent", "CRM says lost, but buys"
ALIVE, NOT_ALIVE, NOT_KNOWN = "likely to buy again", "not likely to buy again", "unknown"
LOST_BUT_ALIVE, ACTIVE_BUT_GONE = (
    "silent beyond its rhythm, likely to buy again",
    "within its rhythm, not likely to buy again",
)


_OUTLOOKS = [
    (state, outlook) for state in STATES for outlook in (*TABLES["lost"].columns["outlook"].options, "unknown")
]


def crm_says(crm_status: pd.Series, *, settings) -> pd.Series:
    """ "active", "lost" or empty for each CRM status: lost when it is one of recover.crm_lost_words, in any case.

    In: text as the client's CRM has it. Cases: an empty status stays empty. Reference: LT-13.
    """
    words = {word.casefold() for word in settings.recover.crm_lost_words}
    plain = crm_status.astype("string").str.strip().str.casefold()
    known = plain.notna() & plain.ne("")
    return plain.isin(words).map({True: "lost", False: "active"}).where(known)


def views(
    classes: pd.DataFrame, values: pd.DataFrame, customers: pd.DataFrame | None = None, *, settings
) -> pd.DataFrame:
    """The three views of who is lost beside each other: own rhythm, P(alive) of the buying model, and the CRM's flag.

    In: `classes` (state), `values` (alive_prob), `customers` (crm_status). Out: one row per state and view of the model
    that occur, in the order of the states: state, model ("likely to buy again" from recover.alive_level on, "not likely
    to buy again" below, "unknown" without a model), customers, crm_active, crm_lost, crm_unknown (counts).
    Cases: without customers every CRM status is unknown. Customers who bought once are a state of their own.
    Reference: LT-13, DEF6.
    """
    rows = classes[["customer_id", "state"]].merge(values[["customer_id", "alive_prob"]], on="customer_id", how="left")
    says = pd.Series(None, index=rows.index, dtype=object)
    if customers is not None:
        flags = crm_says(customers["crm_status"], settings=settings).set_axis(customers["customer_id"])
        says = rows["customer_id"].map(flags)
    rows = rows.assign(model=_model_says(rows["alive_prob"], settings), crm=says.fillna("unknown"))
    table = pd.crosstab([rows["state"], rows["model"]], rows["crm"])
    table = table.reindex(columns=["active", "lost", "unknown"], fill_value=0).rename_axis(columns=None)
    table = table.add_prefix("crm_").assign(customers=table.sum(axis=1)).reset_index()
    order = [(state, model) for state in STATES for model in (ALIVE, NOT_ALIVE, NOT_KNOWN)]
    place = pd.MultiIndex.from_frame(table[["state", "model"]]).map(order.index)
    columns = ["state", "model", "customers", "crm_active", "crm_lost", "crm_unknown"]
    return table.iloc[place.argsort()][columns].reset_index(drop=True)


def knows_loss(alive_prob: pd.Series) -> bool:
    """Whether the buying model can say that a customer is gone; the NBD cannot: to it everybody is alive for ever."""
    return bool((alive_prob < SURELY).any())


def _model_says(alive_prob: pd.Series, settings) -> pd.Series:
    alive_prob = alive_prob if knows_loss(alive_prob) else alive_prob * float("nan")
    is_alive = alive_prob >= settings.recover.alive_level
    return is_alive.map({True: ALIVE, False: NOT_ALIVE}).where(alive_prob.notna(), NOT_KNOWN)


def model_disagreements(
    classes: pd.DataFrame, history: pd.DataFrame, values: pd.DataFrame, *, settings
) -> pd.DataFrame:
    """The customers whom their own rhythm and the buying model see differently, to be looked at before anybody calls.

    In: `classes`, `history`, `values`. Out: one row per customer, the most valuable first: customer_id, kind (lost by
    its rhythm but likely to buy again, or active but not), state, alive_prob, silent_days, gap_used_days, net_total.
    Cases: without a model nobody is in doubt. Reference: LT-13.
    """
    rows = classes[["customer_id", "state", "gap_used_days"]].merge(history, on="customer_id")
    rows = rows.merge(values[["customer_id", "alive_prob"]], on="customer_id")
    model = _model_says(rows["alive_prob"], settings)
    silent = rows["state"].isin(GONE) & (model == ALIVE)
    buys = (rows["state"] == "active") & (model == NOT_ALIVE)
    rows = rows.assign(kind=silent.map({True: LOST_BUT_ALIVE, False: ACTIVE_BUT_GONE}))[silent | buys]
    columns = ["customer_id", "kind", "state", "alive_prob", "silent_days", "gap_used_days", "net_total"]
    order = ["net_total", "customer_id"]
    return rows[columns].sort_values(order, ascending=[False, True], ignore_index=True)


def disagreements(classes: pd.DataFrame, history: pd.DataFrame, customers: pd.DataFrame, *, settings) -> pd.DataFrame:
    """The customers of whom the CRM says one thing and behaviour another, to be verified by their manager.

    In: `classes`, `history`, `customers`. Out: one row per customer, the most valuable first: customer_id, kind (which
    of the two disagreements), state, crm_status, silent_days, last_order_on, is_continuous (three purchase days or
    more), net_total. A lapsing customer is not yet a disagreement. Reference: LT-13.
    """
    rows = _both(classes, customers, settings).merge(history, on="customer_id")
    silent = rows["state"].isin(GONE) & (rows["crm"] == "active")
    bought = (rows["state"] == "active") & (rows["crm"] == "lost")
    rows = rows.assign(
        kind=silent.map({True: SILENT_BUT_ACTIVE, False: BOUGHT_BUT_LOST}),
        is_continuous=rows["purchase_days"] >= CONTINUOUS,
    )[silent | bought]
    columns = [
        "customer_id",
        "kind",
        "state",
        "crm_status",
        "silent_days",
        "last_order_on",
        "is_continuous",
        "net_total",
    ]
    order = ["kind", "net_total", "customer_id"]
    return rows[columns].sort_values(order, ascending=[True, False, True], ignore_index=True)


def _both(classes: pd.DataFrame, customers: pd.DataFrame, settings) -> pd.DataFrame:
    rows = classes[["customer_id", "state"]].merge(
        customers[["customer_id", "crm_status"]], on="customer_id", how="left"
    )
    return rows.assign(crm=crm_says(rows["crm_status"], settings=settings))


def lost_share(classes: pd.DataFrame, lost: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """Share of customers who are lost by their own rhythm, those of them who bought only once, and the value at risk.

    In: `classes`, `lost`. Out: Findings lost.share and lost.one_timer_share (share of all with a purchase),
    lost.value_at_risk (money, of the lost) and lost.lapsing_at_risk (money, of those who are lapsing).
    Cases: nobody with a purchase is not available. Reference: LT-13, LT-14.
    """
    bought = classes.loc[classes["state"] != "no_purchase", "state"]
    day, basis = str(as_of.date()), f"customers with a purchase up to {as_of.date()}, state by their own gaps"
    shares = {"settings": settings, "basis": basis, "as_of": as_of, "because": "nobody bought" if bought.empty else ""}
    gone = lost["state"].isin(GONE)
    return (
        proportion("lost.share", int(bought.isin(GONE).sum()), len(bought), **shares),
        proportion("lost.one_timer_share", int((bought == "lost_one_timer").sum()), len(bought), **shares),
        _at_risk("lost.value_at_risk", lost[gone], settings, day),
        _at_risk("lost.lapsing_at_risk", lost[~gone], settings, day),
    )


def _at_risk(id: str, rows: pd.DataFrame, settings, day: str) -> Finding:
    basis = "; ".join(sorted(rows["value_basis"].unique()))
    if rows.empty:
        return not_available(id, "no such customers", unit="money", as_of=day)
    value = float(rows["value_at_risk"].sum())
    return labelled(Finding(id=id, unit="money", value=value, n=len(rows), basis=basis, as_of=day), settings)


def verified(
    classes: pd.DataFrame, history: pd.DataFrame, customers: pd.DataFrame | None, *, settings, as_of: pd.Timestamp
) -> Finding:
    """How many customers the CRM and behaviour disagree about; parts: silent, bought, continuous.

    In: `classes`, `history`, `customers`. Out: Finding lost.disputed (count), n the customers with a CRM status.
    Cases: no CRM status at all is not available. Reference: LT-13.
    """
    day, basis = str(as_of.date()), "customers with a status in the CRM"
    known = 0 if customers is None else int(crm_says(customers["crm_status"], settings=settings).notna().sum())
    if not known:
        return not_available("lost.disputed", "no column crm_status in 'records'", unit="count", as_of=day, basis=basis)
    rows = disagreements(classes, history, customers, settings=settings)
    parts = {
        "silent": int((rows["kind"] == SILENT_BUT_ACTIVE).sum()),
        "bought": int((rows["kind"] == BOUGHT_BUT_LOST).sum()),
        "continuous": int(rows["is_continuous"].sum()),
    }
    return Finding(id="lost.disputed", unit="count", value=len(rows), n=known, basis=basis, as_of=day, parts=parts)


def seen_differently(
    classes: pd.DataFrame, history: pd.DataFrame, values: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> Finding:
    """How many customers their own rhythm and the buying model see differently; parts: silent, active, level.

    In: `classes`, `history`, `values`. Out: Finding lost.seen_differently (count), n the customers lost or active by
    their rhythm of whom the model speaks. Cases: no model, or one without an end of buying, is not available. Reference: LT-13.
    """
    common = {"unit": "count", "as_of": str(as_of.date()), "basis": "customers lost or active by their own rhythm"}
    if not knows_loss(values["alive_prob"]) and values["alive_prob"].notna().any():
        why = "the buying model chosen takes every customer for one still"
        return not_available("lost.seen_differently", why, **common)
    judged = classes["state"].isin((*GONE, "active"))
    known = classes.loc[judged, "customer_id"].isin(values.loc[values["alive_prob"].notna(), "customer_id"]).sum()
    if not known:
        return not_available("lost.seen_differently", "no buying model could be fitted", **common)
    rows = model_disagreements(classes, history, values, settings=settings)
    parts = {
        "silent": int((rows["kind"] == LOST_BUT_ALIVE).sum()),
        "active": int((rows["kind"] == ACTIVE_BUT_GONE).sum()),
    }
    parts |= {"level": settings.recover.alive_level}
    return Finding(id="lost.seen_differently", value=len(rows), n=int(known), parts=parts, **common)


def outlooks(lost: pd.DataFrame) -> pd.DataFrame:
    """How many of the silent are lost for now and for good, those who bought once apart, and the value they put at risk.

    In: `lost`. Out: one row per state and outlook that occur: state, outlook (empty where no chance of a return is
    known), customers, value_at_risk (money). Reference: LT-13, LT-14.
    """
    rows = lost.assign(outlook=lost["outlook"].fillna("unknown"))
    out = rows.groupby(["state", "outlook"]).agg(
        customers=("customer_id", "size"), value_at_risk=("value_at_risk", "sum")
    )
    return out.reindex([key for key in _OUTLOOKS if key in out.index]).reset_index()
