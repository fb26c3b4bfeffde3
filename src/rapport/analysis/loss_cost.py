"""What the losses cost: the value still to come at the day of loss, and a new customer in place of each (ET-06)."""

import pandas as pd

from ..foundation.finding import Finding, not_available
from .acquire import ALL
from .status import GONE

YEAR = pd.Timedelta(days=365)


def replacement_cost(acquisition: pd.DataFrame | None, *, as_of: pd.Timestamp) -> float | None:
    """What a new customer cost over the last year (money), from `acquisition`; None when it is not known."""
    if acquisition is None:
        return None
    rows = acquisition[(acquisition["channel"] == ALL) & (acquisition["month_on"] > as_of - YEAR)].dropna(
        subset=["spend"]
    )
    new = rows["new_customers"].sum()
    return float(rows["spend"].sum() / new) if new else None


def loss_costs(
    lost: pd.DataFrame, classes: pd.DataFrame, acquisition: pd.DataFrame | None = None, *, by: str, as_of: pd.Timestamp
) -> pd.DataFrame:
    """What the losses of the last year cost, by month of loss, class, manager or reason.

    In: `lost`, `classes`, `acquisition`; by, one of month, abc, manager_id, reason. Out: one row per group: the group,
    customers, remaining_value (money still to come), replacement (money, empty when a new customer's cost is unknown),
    cost (both). Only customers lost by their own rhythm whose day of loss lies in the last year; lapsing ones may come.
    Cases: unknown groups are called "unknown"; a missing replacement cost leaves the first term. Reference: ET-06.
    """
    rows = _of_last_year(lost, as_of).merge(classes[["customer_id", "abc"]], on="customer_id", how="left")
    group = rows["lost_on"].dt.to_period("M").dt.start_time if by == "month" else rows[by].fillna("unknown")
    out = rows.groupby(group).agg(customers=("customer_id", "size"), remaining_value=("remaining_value", "sum"))
    each = replacement_cost(acquisition, as_of=as_of)
    out["replacement"] = out["customers"] * each if each is not None else float("nan")
    out["cost"] = out["remaining_value"] + out["replacement"].fillna(0)
    out = out.rename_axis(by).reset_index()
    return out if by == "month" else out.sort_values(["cost", by], ascending=[False, True], ignore_index=True)


def loss_cost(
    lost: pd.DataFrame, acquisition: pd.DataFrame | None = None, *, settings, as_of: pd.Timestamp
) -> tuple[Finding, ...]:
    """What the losses of the last year cost in all and for each customer.

    In: `lost`, `acquisition`. Out: Findings lost.cost (money a year) and lost.cost_each (money a customer); parts:
    remaining, replacement (None when unknown), customers. Cases: nobody lost is not available. Reference: ET-06.
    """
    rows, each = _of_last_year(lost, as_of), replacement_cost(acquisition, as_of=as_of)
    common = {"unit": "money", "as_of": str(as_of.date()), "n": len(rows)}
    common["basis"] = "customers lost by their own rhythm in the last year: remaining value" + (
        " and the cost of a new customer" if each is not None else "; the cost of a new customer is unknown"
    )
    if rows.empty:
        return tuple(
            not_available(f"lost.{id}", "nobody was lost in the year", **common) for id in ("cost", "cost_each")
        )
    remaining = float(rows["remaining_value"].sum())
    replacement = len(rows) * each if each is not None else None
    total = remaining + (replacement or 0.0)
    parts = {"remaining": remaining, "replacement": replacement, "customers": len(rows)}
    return (
        Finding(id="lost.cost", value=total, parts=parts, **common),
        Finding(id="lost.cost_each", value=total / len(rows), parts=parts, **common),
    )


def _of_last_year(lost: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    return lost[lost["state"].isin(GONE) & lost["lost_on"].between(as_of - YEAR, as_of, inclusive="right")]
