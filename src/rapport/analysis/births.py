"""Customers of unknown birth: what part of the value is theirs, and what the total would be had nobody noticed."""

import pandas as pd

from ..foundation.finding import Finding, not_available
from .backtest import horizon_days
from .models.estimator import FitRefused
from .models.fitting import LAWS, fit


def unknown_births(history: pd.DataFrame, forecast, spend, *, settings, as_of: pd.Timestamp) -> Finding:
    """The finding value.unknown_births: share of the expected sales that customers of unknown birth bring.

    In: `history`, `forecast` (None when there are too few customers: not available), `spend` (the model). Out: a share of expected sales over the horizon, n the
    customers of unknown birth; parts: orders (foreseen with them apart), orders_as_new (foreseen by the same model had
    they been taken for new customers; None when it then fits nobody or the forecast needs no birth) and effect
    (orders_as_new ÷ orders − 1). Reference: models.md §1.
    """
    known = history[history["purchase_days"] > 0]
    if forecast is None:
        because, day = "too few customers for any model", as_of.date().isoformat()
        return not_available(
            "value.unknown_births", because, unit="share", as_of=day, n=int(known["is_truncated"].sum())
        )
    end = horizon_days(settings, as_of)
    orders = forecast.expected_orders(known, horizon=end)
    sales = orders * spend.expected_value(known)
    unknown = known["is_truncated"].to_numpy(bool)
    as_new, because = _orders_as_new(known, forecast.model, end, settings) if unknown.any() else (None, "")
    return Finding(
        id="value.unknown_births",
        value=float(sales[unknown].sum() / sales.sum()) if sales.sum() > 0 else 0.0,
        unit="share",
        n=int(unknown.sum()),
        basis=f"expected sales of {len(known):,} customers over {settings.value.horizon_months} months",
        as_of=as_of.date().isoformat(),
        because=because,
        parts={
            "orders": float(orders.sum()),
            "orders_as_new": as_new,
            "effect": as_new / float(orders.sum()) - 1 if as_new is not None and orders.sum() > 0 else None,
        },
    )


def _orders_as_new(known: pd.DataFrame, model: str, end: float, settings) -> tuple[float | None, str]:
    if model not in LAWS:
        return None, f"{model} needs no date of birth"
    patterns = known[["repeat_days", "span_days", "observed_days"]]
    try:
        return float(fit(patterns, model=model, settings=settings).expected_orders(patterns, horizon=end).sum()), ""
    except FitRefused as refusal:
        return None, f"taken for new customers, {refusal.what}"
