"""The survival floor: how much of the fixed cost loyal customers carry, on average and in the worst month (LT-04)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .value import margin

LOYAL = ("regular", "adherent", "advocate")  # rung 3 and above


def survival_floor(
    purchase_days: pd.DataFrame, history: pd.DataFrame, classes: pd.DataFrame, finance: pd.DataFrame | None = None,
    *, settings, as_of: pd.Timestamp,
) -> tuple[Finding, ...]:  # fmt: skip
    """Monthly contribution of loyal active customers over the last twelve months, and its part of the fixed cost.

    In: `purchase_days` (net, margin), `history`, `classes` (rung, state), `finance` (month_on, fixed_cost). Out: the
    Findings value.loyal_contribution (money a month; parts: worst, customers) and value.survival_floor (ratio; parts:
    worst, fixed_cost, verdict "covered" or "not covered"). Loyal: rung regular or above, and active by own rhythm.
    Days whose margin is unknown count with the share of `value.margin`. Cases: months before the first purchase of all
    are left out; nobody loyal gives 0; no fixed cost leaves the second not available.
    """
    day = as_of.date().isoformat()
    found = margin(history, settings=settings)
    is_loyal = classes["rung"].isin(LOYAL) & (classes["state"] == "active")
    monthly = _monthly(purchase_days, set(classes.loc[is_loyal, "customer_id"]), found.share, as_of)
    common = {"n": int(is_loyal.sum()), "as_of": day}
    basis = f"{found.basis}, of loyal active customers, {len(monthly)} months to {day}"
    contribution = Finding(
        id="value.loyal_contribution",
        value=float(monthly.mean()),
        unit="money",
        basis=basis,
        parts={"worst": float(monthly.min()), "customers": int(is_loyal.sum()), "months": len(monthly)},
        **common,
    )
    cost = _fixed_cost(finance, as_of)
    if cost is None:
        missing = "the column finance.fixed_cost was not supplied"
        return contribution, not_available("value.survival_floor", missing, unit="ratio", basis=basis, **common)
    return contribution, floor_ratio(contribution, fixed_cost=cost)


def floor_ratio(contribution: Finding, *, fixed_cost: float) -> Finding:
    """The finding value.survival_floor: loyal contribution ÷ fixed cost a month, with the verdict."""
    return Finding(
        id="value.survival_floor",
        value=contribution.value / fixed_cost,
        unit="ratio",
        n=contribution.n,
        basis=contribution.basis,
        as_of=contribution.as_of,
        parts={
            "worst": contribution.parts["worst"] / fixed_cost,
            "fixed_cost": fixed_cost,
            "verdict": "covered" if contribution.value >= fixed_cost else "not covered",
        },
    )


def _monthly(purchase_days: pd.DataFrame, loyal: set[str], share: float, as_of: pd.Timestamp) -> pd.Series:
    """Contribution of each of the last twelve months, counted back from `as_of` to where the data begin."""
    edges = [as_of - pd.DateOffset(months=month) for month in range(12, -1, -1)]
    begin = purchase_days["ordered_on"].min()
    edges = [edge for edge in edges if edge >= begin - pd.Timedelta(days=1)]
    if len(edges) < 2:
        edges = [begin - pd.Timedelta(days=1), as_of]
    rows = purchase_days[purchase_days["customer_id"].isin(loyal)]
    amount = rows["margin"].fillna(rows["net"] * share)
    month = np.searchsorted(pd.DatetimeIndex(edges), pd.DatetimeIndex(rows["ordered_on"]), side="left")
    inside = (month > 0) & (month < len(edges))
    return pd.Series(np.bincount(month[inside] - 1, amount[inside], len(edges) - 1))


def _fixed_cost(finance: pd.DataFrame | None, as_of: pd.Timestamp) -> float | None:
    if finance is None or "fixed_cost" not in finance:
        return None
    recent = (finance["month_on"] > as_of - pd.DateOffset(months=13)) & (finance["month_on"] <= as_of)
    costs = finance.loc[recent, "fixed_cost"].dropna()
    return float(costs.mean()) if len(costs) and costs.mean() > 0 else None
