"""Customers of unknown birth: what part of the value is theirs, and what the total would be had nobody noticed."""

import pandas as pd

from ..foundation.finding import Finding, not_available
from .backtest import horizon_days
from .models.estimator import FitRefused
from .models.fitting import LAWS, fit


def unknown_births(
    history: pd.DataFrame, forecast, spend, *, settings, as_of: pd.Timestamp
) -> tuple[Finding, Finding]:  # fmt: skip
    """The findings value.unknown_births and value.births_effect.

    In: `history`, `forecast` (None when there are too few customers: not available), `spend` (the model). Out: the
    share of the expected sales over the horizon that customers of unknown birth bring, n those customers; and by how
    much the total of orders would be higher or lower had they been taken for new customers (ratio − 1; parts: orders,
    orders_as_new), not available when the model then fits nobody or needs no birth. Reference: models.md §1.
    """
    known = history[history["purchase_days"] > 0]
    unknown = known["is_truncated"].to_numpy(bool)
    about = {
        "n": int(unknown.sum()), "as_of": as_of.date().isoformat(),
        "basis": f"expected sales of {len(known):,} customers over {settings.value.horizon_months} months",
    }  # fmt: skip
    if forecast is None:
        because = "too few customers for any model"
        units = {"value.unknown_births": "share", "value.births_effect": "ratio"}
        return tuple(not_available(id, because, unit=unit, **about) for id, unit in units.items())
    end = horizon_days(settings, as_of)
    orders = forecast.expected_orders(known, horizon=end)
    sales = orders * spend.expected_value(known)
    part = float(sales[unknown].sum() / sales.sum()) if sales.sum() > 0 else 0.0
    share = Finding(id="value.unknown_births", value=part, unit="share", **about)
    return share, _effect(known, unknown, float(orders.sum()), forecast, end, settings, about)


def _effect(known, unknown, orders, forecast, end, settings, about) -> Finding:
    as_new, because = None, "no customer is of unknown birth"
    if unknown.any():
        as_new, because = _orders_as_new(known, forecast.model, end, settings)
    if as_new is None or not orders:
        return not_available("value.births_effect", because or "no orders are foreseen", unit="ratio", **about)
    parts = {"orders": orders, "orders_as_new": as_new}
    return Finding(id="value.births_effect", value=as_new / orders - 1, unit="ratio", parts=parts, **about)


def _orders_as_new(known: pd.DataFrame, model: str, end: float, settings) -> tuple[float | None, str]:
    if model not in LAWS:
        return None, f"{model} needs no date of birth"
    patterns = known[["repeat_days", "span_days", "observed_days"]]
    try:
        return float(fit(patterns, model=model, settings=settings).expected_orders(patterns, horizon=end).sum()), ""
    except FitRefused as refusal:
        return None, f"taken for new customers, {refusal.what}"
