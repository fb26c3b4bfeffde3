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


def told(totals: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The totals that may be told: all, or none where the grade of the forecast (C, D) allows no total."""
    return totals.iloc[:0] if values["grade"].isin(NO_TOTAL).any() else totals


def beside_formula(totals: pd.DataFrame, ltv_parts: pd.DataFrame) -> pd.DataFrame:
    """What a customer has brought so far beside what one is expected to bring, for the base and each group.

    In: `totals`; `ltv_parts`, the table of `ltv.ltv_table`. Out: group, customers, ltv_so_far (S·C·P·T), value_each
    (expected value ÷ customers, over the horizon), value and value_share (of the base's expected value).
    """
    so_far = ltv_parts.set_index("group")["ltv"].rename("ltv_so_far")
    table = totals[["group", "customers", "value"]].join(so_far, on="group")
    table["value_each"] = table["value"] / table["customers"]
    base = table["value"].iloc[0] if len(table) else 0.0
    table["value_share"] = table["value"] / base if base else float("nan")
    return table[["group", "customers", "ltv_so_far", "value_each", "value", "value_share"]]


def horizons(
    history: pd.DataFrame, forecast, spend, base: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> pd.DataFrame:  # fmt: skip
    """The row "all" of `totals` for 12, 24 and 36 months: one row per horizon.

    `base`, totals already made, spares its horizon from being simulated again.
    """
    made = {row["horizon_months"]: base.iloc[[0]] for _, row in base.head(1).iterrows()}
    rows = [
        made[months]
        if months in made
        else totals(history, forecast, spend, settings=settings, as_of=as_of, horizon_months=months)
        for months in HORIZONS
    ]
    return pd.concat(rows, ignore_index=True).drop(columns="group")
