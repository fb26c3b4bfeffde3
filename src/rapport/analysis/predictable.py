"""Whether repeat sales are easier to foresee, and cheaper, than new ones — tested, not assumed (BG-08, C25)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .backtest import Past, grade, holdouts, horizon_days

PURPOSES = {"repeat": ("retain",), "new": ("acquire",)}


def predictability(
    purchase_days: pd.DataFrame, history: pd.DataFrame, model_scores: pd.DataFrame, spend: pd.DataFrame | None = None,
    *, settings, as_of: pd.Timestamp,
) -> tuple[Finding, ...]:  # fmt: skip
    """Error of the forecast of existing customers beside the naive one of new customers, and cost per sale of both.

    In: `model_scores`, `spend` (spent_on, purpose, amount). Out: the Findings value.repeat_bias and value.new_bias
    (ratio: forecast ÷ actual − 1 of the total, last holdout; parts: forecast, actual, mape over all holdouts, verdict
    for repeat: "model" or "naive"), value.predictable (text: whether the claim that repeat sales are the easier ones to
    foresee is supported; always indicative, since holdouts are few), value.cost_per_repeat_sale and
    value.cost_per_new_sale (money a purchase day, over the last holdout). New customers are foreseen to come as in the
    stretch of equal length before.
    Cases: without a back-test, or without spend of the purpose, not available.
    """
    day = as_of.date().isoformat()
    chosen = model_scores[model_scores["is_chosen"].astype(bool)].sort_values("origin_on")
    if chosen.empty:
        because = "the history is too short, or the customers are too few, to hold a stretch out"
        names = ("repeat_bias", "new_bias", "predictable", "cost_per_repeat_sale", "cost_per_new_sale")
        units = ("ratio", "ratio", "text", "money", "money")
        return tuple(not_available(f"value.{n}", because, unit=u, as_of=day) for n, u in zip(names, units))
    past = Past(purchase_days, history, as_of)
    horizon, origins = holdouts(past, settings)
    last = chosen.iloc[-1]
    verdict = "naive" if last["model"] == "naive" else "model"
    repeat = _bias(
        "repeat", chosen["forecast"], chosen["actual"], int(last["customers"]), day,
        grade=grade(model_scores, horizon=horizon_days(settings, as_of)), parts={"verdict": verdict, "model": last["model"]},
    )  # fmt: skip
    new_orders = [_of_newcomers(past, origin, horizon) for origin in origins]
    foreseen = [_of_newcomers(past, origin - horizon, horizon) for origin in origins]
    new = _bias("new", pd.Series(foreseen), pd.Series(new_orders), int(_newcomers(past, origins[-1], horizon)), day)
    sales = {"repeat": float(last["actual"]), "new": new_orders[-1]}
    start = as_of - pd.Timedelta(days=horizon)
    return (
        repeat,
        new,
        _claim(repeat, new, len(origins), day),
        *(_cost(kind, spend, sales[kind], start, day) for kind in sales),
    )


def _bias(kind: str, forecast: pd.Series, actual: pd.Series, n: int, day: str, *, grade=None, parts=None) -> Finding:
    id, basis = f"value.{kind}_bias", f"purchase days of {kind} customers in the holdout"
    if not (actual > 0).all():
        return not_available(id, f"no purchase of {kind} customers in a holdout", unit="ratio", as_of=day, basis=basis)
    error = forecast.to_numpy(float) / actual.to_numpy(float) - 1
    figures = {
        "forecast": float(forecast.iloc[-1]),
        "actual": float(actual.iloc[-1]),
        "mape": float(np.abs(error).mean()),
    }
    return Finding(
        id=id, value=float(error[-1]), unit="ratio", n=n, basis=basis, as_of=day, grade=grade,
        parts=figures | (parts or {}),
    )  # fmt: skip


def _claim(repeat: Finding, new: Finding, tests: int, day: str) -> Finding:
    """Whether the total of repeat sales was foreseen better than that of sales to new customers."""
    id, basis = "value.predictable", "mean absolute error of the totals in the back-test"
    missing = [one.because for one in (repeat, new) if one.status == "not_available"]
    if missing:
        return not_available(id, missing[0], unit="text", as_of=day, basis=basis)
    off = {"repeat": repeat.parts["mape"], "new": new.parts["mape"]}
    verdict = "supported" if off["repeat"] < off["new"] else "not_supported"
    found = Finding(
        id=id, value=verdict, unit="text", n=tests, basis=basis, as_of=day, grade=repeat.grade,
        parts=off | {"tests": tests},
    )  # fmt: skip
    return found.as_indicative(f"only {tests} tests")


def _newcomers(past: Past, origin: float, horizon: float) -> int:
    first = _first_days(past)
    return int(((first > origin) & (first <= origin + horizon)).sum())


def _of_newcomers(past: Past, origin: float, horizon: float) -> float:
    """Purchase days in the horizon of customers whose first purchase lies in it."""
    first = _first_days(past)
    new = (first > origin) & (first <= origin + horizon)
    return float(past.bought.bought(origin, origin + horizon)[new].sum())


def _first_days(past: Past) -> np.ndarray:
    starts = np.flatnonzero(np.diff(past.bought.who, prepend=-1))
    first = np.empty(len(past.bought.ids))
    first[past.bought.who[starts]] = past.bought.day[starts]
    return first


def _cost(kind: str, spend: pd.DataFrame | None, sales: float, start: pd.Timestamp, day: str) -> Finding:
    id, basis = f"value.cost_per_{kind}_sale", f"spend ÷ purchase days of {kind} customers after {start.date()}"
    if spend is None:
        return not_available(id, "the table spend was not supplied", unit="money", as_of=day, basis=basis)
    rows = spend[spend["purpose"].isin(PURPOSES[kind]) & (spend["spent_on"] > start) & (spend["spent_on"] <= day)]
    if rows.empty or not sales:
        because = f"spend with the purpose {PURPOSES[kind][0]}" if rows.empty else f"no purchase of {kind} customers"
        return not_available(id, because, unit="money", as_of=day, basis=basis)
    amount = float(rows["amount"].sum())
    return Finding(
        id=id, value=amount / sales, unit="money", n=round(sales), basis=basis, as_of=day, parts={"spend": amount}
    )
