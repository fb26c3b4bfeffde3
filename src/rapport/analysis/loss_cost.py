"""What the losses cost: the value still to come at the day of loss, and a new customer in place of each (ET-06)."""

import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available
from .acquire import ALL
from .status import GONE
from .value import margin, month_edges

YEAR = pd.Timedelta(days=365)


def at_loss(
    lost: pd.DataFrame, history: pd.DataFrame, forecast, spend, *, settings, as_of: pd.Timestamp
) -> pd.DataFrame:
    """The table `lost` with loss_value: the remaining lifetime value as it looked on the day each customer was due.

    In: `lost`, `history`; forecast and spend, the fitted models of `backtest.forecast` and `models.spend`. The models
    are asked of the customer as known on that day: as many purchases, and no silence beyond it yet. Money over
    value.horizon_months, discounted, as in `values`.
    Cases: without a forecast it is the remaining value of today. Reference: ET-06.
    """
    if forecast is None or lost.empty:
        return lost.assign(loss_value=lost["remaining_value"])
    seen = lost[["customer_id", "lost_on"]].merge(history, on="customer_id")
    since = (as_of - seen["lost_on"]).dt.days
    then = seen.assign(observed_days=(seen["observed_days"] - since).clip(lower=seen["span_days"]))
    edges, factors = month_edges(as_of, settings.value.horizon_months, settings.value.discount_rate)
    orders = forecast.discounted_orders(then, edges=edges, factors=factors)
    value = orders * spend.expected_value(then) * margin(history, settings=settings).share
    by_customer = pd.Series(value, index=seen["customer_id"]).clip(lower=0)
    return TABLES["lost"].check(lost.assign(loss_value=lost["customer_id"].map(by_customer)), "loss_cost.at_loss")


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

    In: `lost` with loss_value, `classes`, `acquisition`; by, one of month_on, abc, manager_id, reason. Out: one row per
    group: the group (of reasons also reason_source: what a leaver said and what only behaviour suggests are kept
    apart), customers, loss_value (money still to come on the day of loss), replacement (money, empty when a new
    customer's cost is unknown), cost (both). Only customers lost by their own rhythm whose day of loss lies in the last
    year; lapsing ones may come.
    Cases: unknown groups are called "unknown"; a missing replacement cost leaves the first term. Reference: ET-06.
    """
    rows = _of_last_year(lost, as_of).merge(classes[["customer_id", "abc"]], on="customer_id", how="left")
    rows = rows.assign(month_on=rows["lost_on"].dt.to_period("M").dt.start_time)
    groups = ["reason", "reason_source"] if by == "reason" else [by]
    rows[groups] = rows[groups].astype(object).where(rows[groups].notna(), "unknown")
    out = rows.groupby(groups).agg(customers=("customer_id", "size"), loss_value=("loss_value", "sum"))
    each = replacement_cost(acquisition, as_of=as_of)
    out["replacement"] = out["customers"] * each if each is not None else float("nan")
    out["cost"] = out["loss_value"] + out["replacement"].fillna(0)
    out = out.reset_index()
    if by == "month_on":
        return out.astype({"month_on": "datetime64[ns]"})
    return out.sort_values(["cost", *groups], ascending=[False, *[True] * len(groups)], ignore_index=True)


def loss_cost(
    lost: pd.DataFrame, acquisition: pd.DataFrame | None = None, *, settings, as_of: pd.Timestamp
) -> tuple[Finding, ...]:
    """What the losses of the last year cost in all and for each customer.

    In: `lost`, `acquisition`. Out: Findings lost.cost (money a year) and lost.cost_each (money a customer); parts:
    remaining (value still to come on the day of loss), replacement (None when unknown), customers. Cases: nobody lost is not available. Reference: ET-06.
    """
    rows, each = _of_last_year(lost, as_of), replacement_cost(acquisition, as_of=as_of)
    common = {"unit": "money", "as_of": str(as_of.date()), "n": len(rows)}
    told = "; ".join(sorted(set(rows["value_basis"].str.split(", times").str[0])))
    common["basis"] = f"customers lost by their own rhythm in the last year: {told or 'value'} on the day of loss" + (
        " and the cost of a new customer" if each is not None else "; the cost of a new customer is unknown"
    )
    if rows.empty:
        return tuple(
            not_available(f"lost.{id}", "nobody was lost in the year", **common) for id in ("cost", "cost_each")
        )
    remaining = float(rows["loss_value"].sum())
    replacement = len(rows) * each if each is not None else None
    total = remaining + (replacement or 0.0)
    parts = {"remaining": remaining, "replacement": replacement, "customers": len(rows)}
    return (
        Finding(id="lost.cost", value=total, parts=parts, **common),
        Finding(id="lost.cost_each", value=total / len(rows), parts=parts, **common),
    )


def _of_last_year(lost: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    return lost[lost["state"].isin(GONE) & lost["lost_on"].between(as_of - YEAR, as_of, inclusive="right")]
