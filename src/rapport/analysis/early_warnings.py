"""Early signs at customers the firm cannot afford to lose: what was noticed, and what the buying rhythm says (HU-44)."""

import pandas as pd

from ..foundation.finding import Finding

PROTECT_FROM = 2  # signs from which a customer is to be protected (HU-44)


def early_warnings(
    classes: pd.DataFrame,
    values: pd.DataFrame,
    history: pd.DataFrame,
    events: pd.DataFrame | None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Key and Pareto customers with a sign, those with most signs and most at stake first: one row per customer.

    In: `classes` (key_scope, is_pareto, state), `values` (clv, is_overdue), `history` (manager_id), `events` of the
    last active window. Out: customer_id, manager_id, noticed (signs, separated by ;), count, last_on (of an event), clv,
    is_to_protect (two signs or more). Signs are each kind of event once, `overdue` (longer silent than the window of
    the next order) and `lapsing`. Cases: without events only the rhythm speaks; the lost are another page's.
    Reference: HU-44, RU-18 (protect).
    """
    is_dear = classes["is_pareto"] | classes["key_scope"].fillna("").ne("")
    dear = classes.loc[is_dear & classes["state"].isin(["active", "lapsing"]), ["customer_id", "state"]]
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    columns = ["customer_id", "sign", "happened_on"]
    told = pd.DataFrame(columns=columns)
    if events is not None:
        recent = events[events["happened_on"].between(start, as_of, inclusive="right") | events["happened_on"].isna()]
        told = recent.assign(sign=recent["kind"].str.strip().str.casefold())[columns]
    known = dear.merge(values[["customer_id", "clv", "is_overdue"]], on="customer_id", how="left")
    silent = known.loc[known["is_overdue"].eq(True).fillna(False), ["customer_id"]].assign(sign="overdue")
    lapsing = dear.loc[dear["state"].eq("lapsing"), ["customer_id"]].assign(sign="lapsing")
    signs = pd.concat([part for part in (told, silent, lapsing) if len(part)] or [told]).reindex(columns=columns)
    signs = signs[signs["customer_id"].isin(dear["customer_id"])].drop_duplicates(["customer_id", "sign"])
    by = signs.groupby("customer_id")
    table = pd.DataFrame({"noticed": by["sign"].agg(";".join), "count": by.size(), "last_on": by["happened_on"].max()})
    table = table.reset_index().merge(known[["customer_id", "clv"]], on="customer_id")
    table = table.merge(history[["customer_id", "manager_id"]], on="customer_id", how="left")
    table = table.assign(last_on=pd.to_datetime(table["last_on"]), is_to_protect=table["count"] >= PROTECT_FROM)
    table = table.sort_values(["count", "clv", "customer_id"], ascending=[False, False, True], ignore_index=True)
    return table[["customer_id", "manager_id", "noticed", "count", "last_on", "clv", "is_to_protect"]]


def to_protect(early_warnings: pd.DataFrame, events: pd.DataFrame | None, *, as_of: pd.Timestamp) -> Finding:
    """Finding warnings.to_protect (count): dear customers with two signs or more; parts: watched (with one sign).

    Without events it is indicative: only the buying rhythm speaks. Reference: HU-44.
    """
    count = int(early_warnings["is_to_protect"].sum())
    found = Finding(
        id="warnings.to_protect",
        unit="count",
        value=count,
        n=len(early_warnings),
        basis="key and Pareto customers with a sign: an event noticed, an overdue order, lapsing",
        as_of=str(as_of.date()),
        parts={"watched": len(early_warnings) - count},
    )
    return found if events is not None else found.as_indicative("no table 'events': only the buying rhythm speaks")
