"""The customers a manager would by no means want to lose, against those whose loss would cost most (BG-17)."""

import pandas as pd

from ..foundation.finding import Finding, not_available
from .status import knows_loss


def must_keep(
    managers: pd.DataFrame, links: pd.DataFrame, history: pd.DataFrame, values: pd.DataFrame, customers: pd.DataFrame
) -> pd.DataFrame:
    """Each manager's named customers beside as many with the most value at risk in the same portfolio.

    In: `managers` (must_keep: record numbers separated by ;), `links`, `history`, `values`, `customers`. Value at risk
    is CLV × (1 − P(alive)): largest where much is worth keeping and its staying is open. Out: one row per customer
    that is named or in the top: manager_id, customer_id, value_at_risk (empty without a forecast), place (in the
    portfolio by value at risk), is_named, is_top (place within the number named by the manager).
    Cases: a model to which everybody is alive says nothing of risk, as no model does; a named record that no link knows
    is left out; equal values go by customer_id. Reference: BG-17.
    """
    named = managers[["manager_id", "must_keep"]].dropna()
    named = named.assign(record_id=named["must_keep"].str.split(";")).explode("record_id")
    named = named.assign(record_id=named["record_id"].str.strip()).merge(links, on="record_id")
    named = named[["manager_id", "customer_id"]].drop_duplicates()
    today = history["customer_id"].map(customers.set_index("customer_id")["manager_id"])
    owned = pd.DataFrame(
        {
            "manager_id": today.where(today.notna(), history["manager_id"]),
            "customer_id": history["customer_id"],
        }
    )
    rows = pd.concat([owned[owned["manager_id"].isin(named["manager_id"])], named]).drop_duplicates()
    at_risk = (values["clv"] * (1 - values["alive_prob"])).set_axis(values["customer_id"])
    at_risk = at_risk if knows_loss(values["alive_prob"]) else at_risk * float("nan")
    rows = rows.assign(value_at_risk=rows["customer_id"].map(at_risk))
    rows = rows.sort_values(["manager_id", "value_at_risk", "customer_id"], ascending=[True, False, True])
    rows["place"] = rows.groupby("manager_id").cumcount() + 1
    both = pd.MultiIndex.from_frame(rows[["manager_id", "customer_id"]])
    rows["is_named"] = both.isin(pd.MultiIndex.from_frame(named))
    many = rows["manager_id"].map(named["manager_id"].value_counts())
    rows["is_top"] = (rows["place"] <= many) & rows["value_at_risk"].notna()
    return rows[rows["is_named"] | rows["is_top"]].reset_index(drop=True)


def named_rightly(must_keep: pd.DataFrame | None, *, as_of: pd.Timestamp) -> Finding:
    """How many of the customers that managers named are among those whose loss would cost most.

    In: the table of `must_keep`, or None when managers named nobody. Out: Finding must_keep.overlap (count, n the
    customers named); parts: unnamed, how many are important and were not named. Cases: nobody named, or no forecast that
    says who may be lost, is not available. Reference: BG-17.
    """
    day = str(as_of.date())
    if must_keep is None or not must_keep["is_named"].any():
        why = "no table 'managers', or nobody named in its column must_keep"
        return not_available("must_keep.overlap", why, unit="count", as_of=day)
    if must_keep["value_at_risk"].isna().all():
        return not_available("must_keep.overlap", "no forecast says who may be lost", unit="count", as_of=day)
    both = int((must_keep["is_named"] & must_keep["is_top"]).sum())
    return Finding(
        id="must_keep.overlap",
        unit="count",
        value=both,
        n=int(must_keep["is_named"].sum()),
        as_of=day,
        basis="customers named as must-keep, against as many with the most value at risk in each portfolio",
        parts={"unnamed": int((must_keep["is_top"] & ~must_keep["is_named"]).sum())},
    )
