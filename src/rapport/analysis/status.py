"""Who is lost, as the CRM says and as the customers behave (LT-13)."""

import pandas as pd

from ..foundation.contracts import STATES
from ..foundation.finding import Finding, not_available
from .intervals import labelled, proportion

GONE = ("lost", "lost_one_timer")
CONTINUOUS = 3  # purchase days that make a continuous relation (LT-13)
SILENT_BUT_ACTIVE, BOUGHT_BUT_LOST = "CRM says active, but silent", "CRM says lost, but buys"


def crm_says(crm_status: pd.Series, *, settings) -> pd.Series:
    """ "active", "lost" or empty for each CRM status: lost when it is one of recover.crm_lost_words, in any case.

    In: text as the client's CRM has it. Cases: an empty status stays empty. Reference: LT-13.
    """
    words = {word.casefold() for word in settings.recover.crm_lost_words}
    plain = crm_status.astype("string").str.strip().str.casefold()
    known = plain.notna() & plain.ne("")
    return plain.isin(words).map({True: "lost", False: "active"}).where(known)


def crosstab(classes: pd.DataFrame, customers: pd.DataFrame, *, settings) -> pd.DataFrame:
    """How many customers are in each state by their own rhythm, by what the CRM says of them.

    In: `classes` (state), `customers` (crm_status). Out: one row per state that occurs, in the order of the states:
    state, active, lost, unknown (counts of customers by CRM). Reference: LT-13.
    """
    says = _both(classes, customers, settings)
    table = pd.crosstab(says["state"], says["crm"].fillna("unknown"))
    table = table.reindex(columns=["active", "lost", "unknown"], fill_value=0).rename_axis(columns=None)
    return table.reindex([state for state in STATES if state in table.index]).reset_index()


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
