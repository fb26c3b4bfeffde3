"""What the whole base is worth: the total of all customers' expected value, over one horizon or several."""

import pandas as pd

from ..foundation.finding import Finding, not_available
from .value import totals

HORIZONS = (12, 24, 36)  # months
NO_TOTAL = ("C", "D")  # grades of a forecast that ranks customers at best


def equity(totals: pd.DataFrame, values: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding value.equity: what the base is expected to bring over the horizon, with the 90 % interval of the total.

    In: `totals` (its row "all"), `values`. parts: customers, months, median and top_from (CLV of the middle customer and
    from which the top tenth begins; money). Not available without a forecast, or when its grade (C, D) allows no total.
    """
    day, n = as_of.date().isoformat(), len(values)
    grade = values["grade"].dropna().iloc[0] if values["grade"].notna().any() else None
    basis = f"expected discounted value of {n:,} customers over {settings.value.horizon_months} months"
    if totals.empty or grade in NO_TOTAL:
        because = "too few customers for any model" if totals.empty else f"a forecast of grade {grade} allows no total"
        return not_available("value.equity", because, unit="money", as_of=day, basis=basis, n=n)
    base, worth = totals.iloc[0], values["clv"].dropna()
    parts = {
        "customers": n,
        "months": settings.value.horizon_months,
        "median": worth.median(),
        "top_from": worth.quantile(0.9),
    }
    return Finding(
        id="value.equity",
        unit="money",
        value=base["value"],
        low=base["value_low"],
        high=base["value_high"],
        level=0.9,
        n=n,
        basis=basis,
        as_of=day,
        grade=grade,
        parts=parts,
    )


def horizons(history: pd.DataFrame, forecast, spend, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The row "all" of `totals` for 12, 24 and 36 months: one row per horizon."""
    rows = [
        totals(history, forecast, spend, settings=settings, as_of=as_of, horizon_months=months) for months in HORIZONS
    ]
    return pd.concat(rows, ignore_index=True).drop(columns="group")
