"""The back-test: every candidate forecasts stretches of the past it has not seen, and the best one is used.

At each origin a model is given the purchase days up to that day and forecasts the horizon after it. The rule that picks
is declared (`RULE`), the reason is printed, and the grade of the chosen forecast goes with every sentence that rests on
it. Requirements BG-08, C25; Wübben & Wangenheim 2008.
"""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from ..foundation.contracts import TABLES
from .models.cell_averages import cell_averages
from .models.days import Days, days, history_at
from .models.estimator import FitRefused
from .models.fitting import fit
from .models.naive import naive

RULE = (
    "Lowest mean absolute error per customer, averaged over the origins, among the candidates whose forecast of the "
    "total is off by at most 20 % on average; if none is, the one whose total is off least."
)
MOST_BIAS = 0.20  # of the total, for a forecast that may be used for money (grade B)
LITTLE_BIAS = 0.10  # of the total, at every origin, for grade A
COVERAGE_SLACK = 0.05  # by which the share inside an interval may miss its level, for grade A
MONTH = 365.25 / 12


def tournament(purchase_days: pd.DataFrame, history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The `model_scores` table: each candidate of settings.value.models at each origin, and which is chosen and why.

    In: `purchase_days` (customer_id, ordered_on, net), `history` (customer_id, is_truncated). Out: one row per model
    and origin; a model that refused has no figures and the reason in `because`. No rows when the history is too short
    to hold a horizon out.
    """
    bought = _up_to(purchase_days, as_of)
    horizon, origins = _origins(bought, settings, as_of)
    truncated = _truncated(bought, history)
    rows = [
        _scored(model, bought, truncated, origin, horizon, settings)
        for origin in origins
        for model in settings.value.models
    ]
    if not rows:
        return TABLES["model_scores"].empty()
    return _with_choice(pd.DataFrame(rows))


def forecast(purchase_days: pd.DataFrame, history: pd.DataFrame, model_scores: pd.DataFrame, *, settings, as_of):
    """The chosen model fitted on everything up to `as_of`: a forecast that answers for any customer of `history`."""
    chosen = model_scores.loc[model_scores["is_chosen"], "model"]
    model = chosen.iloc[0] if len(chosen) else "mbg_nbd"
    bought = _up_to(purchase_days, as_of)
    horizon = _horizon_days(settings, as_of)
    return _forecaster(model, bought, _truncated(bought, history), bought.number(as_of), horizon, settings)


def grade(model_scores: pd.DataFrame) -> str:
    """A–D of the chosen forecast.

    A: beats naive at every origin, total off by at most 10 % at each, intervals cover within 5 points of their level.
    B: beats naive on average, total off by at most 20 % on average.
    C: as B but for the total, or never tested: for ranking customers only, no money totals.
    D: does not beat naive; the naive forecast is used.
    """
    if model_scores.empty:
        return "C"
    chosen = model_scores[model_scores["is_chosen"]]
    plain = model_scores[model_scores["model"] == "naive"].set_index("origin_on").reindex(chosen["origin_on"])
    if chosen["model"].iloc[0] == "naive":
        return "D"
    better = chosen["mae"].to_numpy() < plain["mae"].to_numpy()
    covered = np.abs(chosen[["coverage_80", "coverage_90"]] - [0.8, 0.9]).to_numpy() <= COVERAGE_SLACK
    if better.all() and (chosen["bias"].abs() <= LITTLE_BIAS).all() and covered.all():
        return "A"
    return "B" if abs(chosen["bias"].mean()) <= MOST_BIAS else "C"


def _scored(model, bought: Days, truncated, origin: float, horizon: float, settings) -> dict:
    row = {"model": model, "origin_on": bought.begin + pd.Timedelta(days=origin), "horizon_days": horizon}
    known = history_at(bought, origin, 0)
    known["is_truncated"] = truncated[known["who"]]
    actual = bought.bought(origin, origin + horizon)[known["who"]]
    row |= {"customers": len(known), "actual": actual.sum()}
    try:
        foreseen = _forecaster(model, bought, truncated, origin, horizon, settings)
    except FitRefused as refusal:
        return row | {"because": refusal.what}
    expected = foreseen.expected_orders(known, horizon=horizon)
    return row | _scores(expected, actual) | _coverage(foreseen, known, horizon, actual) | {
        "log_likelihood": foreseen.log_likelihood, "because": foreseen.note,
    }  # fmt: skip


def _scores(expected: np.ndarray, actual: np.ndarray) -> dict:
    total = actual.sum()
    top = np.argsort(-expected, kind="stable")[: max(1, round(len(expected) / 10))]
    ranks = np.corrcoef(rankdata(expected), rankdata(actual)) if np.ptp(expected) > 0 and np.ptp(actual) > 0 else None
    return {
        "forecast": expected.sum(),
        "bias": expected.sum() / total - 1 if total else np.nan,
        "mae": np.abs(expected - actual).mean(),
        "rank_correlation": ranks[0, 1] if ranks is not None else np.nan,
        "top_decile_share": actual[top].sum() / total if total else np.nan,
    }


def _coverage(foreseen, known, horizon, actual) -> dict:
    """Share of customers inside the interval; a count on its edge counts for the part of its probability inside."""
    upper = foreseen.orders_at_most(known, horizon=horizon, counts=actual)
    lower = foreseen.orders_at_most(known, horizon=horizon, counts=actual - 1)
    out = {}
    for level in (0.8, 0.9):
        low, high = (1 - level) / 2, (1 + level) / 2
        inside = np.clip(np.minimum(upper, high) - np.maximum(lower, low), 0, None)
        share = inside / np.maximum(upper - lower, 1e-12)
        out[f"coverage_{round(level * 100)}"] = float(np.clip(share, 0, 1).mean())
    return out


def _forecaster(model, bought: Days, truncated, origin: float, horizon: float, settings):
    if model == "naive":
        return naive(bought, as_of=origin, horizon=horizon)
    if model == "cell_averages":
        return cell_averages(bought, as_of=origin, horizon=horizon, truncation_days=0, settings=settings)
    known = history_at(bought, origin, 0)
    known["is_truncated"] = truncated[known["who"]]
    keys = ["repeat_days", "span_days", "observed_days", "is_truncated"]
    return fit(known[keys], model=model, settings=settings)


def _with_choice(scores: pd.DataFrame) -> pd.DataFrame:
    means = scores.groupby("model", sort=False).agg(
        mae=("mae", "mean"), bias=("bias", "mean"), refused=("mae", lambda errors: errors.isna().any())
    )
    means = means[~means["refused"]]
    allowed = means[means["bias"].abs() <= MOST_BIAS]
    best = allowed["mae"].idxmin() if len(allowed) else means["bias"].abs().idxmin()
    if "naive" in means.index and means.loc[best, "mae"] >= means.loc["naive", "mae"]:
        best = "naive"
    scores["is_chosen"] = scores["model"] == best
    scores["because"] = [
        _reason(row, means, best) if row["model"] in means.index else f"refused: {row['because']}"
        for _, row in scores.iterrows()
    ]
    return TABLES["model_scores"].check(scores, "analysis.backtest.tournament")


def _reason(row, means, best) -> str:
    own = means.loc[row["model"]]
    figures = f"mean absolute error {own['mae']:.3f}, total off by {own['bias']:+.1%} on average"
    if row["model"] == best:
        return f"chosen: {figures}"
    if abs(own["bias"]) > MOST_BIAS:
        return f"not chosen: {figures}, more than {MOST_BIAS:.0%}"
    return f"not chosen: {figures}, against {means.loc[best, 'mae']:.3f} of {best}"


def _origins(bought: Days, settings, as_of) -> tuple[float, list[float]]:
    """Length of the holdouts and the days they start on: one after the other up to `as_of`.

    Two horizons lie before the first origin: one to learn from, and one more for forecasts that learn from a horizon.
    """
    end = bought.number(as_of)
    horizon = np.floor(min(_horizon_days(settings, as_of), end / (settings.value.origins + 2)))
    if horizon < 28:
        return 0.0, []
    return horizon, [end - horizon * back for back in range(settings.value.origins, 0, -1)]


def _horizon_days(settings, as_of) -> float:
    return float((as_of + pd.DateOffset(months=settings.value.horizon_months) - as_of).days)


def _up_to(purchase_days: pd.DataFrame, as_of: pd.Timestamp) -> Days:
    return days(purchase_days[purchase_days["ordered_on"] <= as_of])


def _truncated(bought: Days, history: pd.DataFrame) -> np.ndarray:
    """For each customer code, whether its first purchase may lie before the data."""
    flags = history.drop_duplicates("customer_id").set_index("customer_id")["is_truncated"]
    return flags.reindex(bought.ids).fillna(False).to_numpy(bool)
