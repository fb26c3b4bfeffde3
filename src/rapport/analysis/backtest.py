"""The back-test: every candidate forecasts stretches of the past it has not seen, and the best one is used.

At each origin a model is given the purchase days up to that day and forecasts the horizon after it. Declared rule: of
the candidates that err less than naive (mean absolute error per customer, averaged over the origins), those come first
whose total is off by at most 20 % on average, whichever way; of these the one with the lowest error; of those within
1 % of it the one whose total is off least. Naive when none errs less. The rule and the reason are printed, and the
grade of the forecast in use goes with every sentence that rests on it. Requirements BG-08, C25; Wübben
& Wangenheim 2008.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available
from .models.days import Days, days, history_at
from .models.estimator import FitRefused
from .models.forecaster import forecaster

MOST_BIAS = 0.20  # of the total, for a forecast that may be used for money (grade B)
TIE = 0.01  # errors nearer than this are taken as equal
LITTLE_BIAS = 0.10  # of the total, at every origin, for grade A
LONG_ENOUGH = 0.5  # of the horizon that was tested, for grade A
COVERAGE_SLACK = 0.05  # by which the share inside an interval may miss its level, for grade A
MOST_COVERED = 100_000  # customers whose intervals are looked at; of a larger base every n-th
SHORTEST = 28.0  # days; a shorter holdout says nothing


def tournament(purchase_days: pd.DataFrame, history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The `model_scores` table: each candidate of settings.value.models at each origin, and which is chosen and why.

    In: `purchase_days` (customer_id, ordered_on, net), `history` (customer_id, is_truncated). Out: one row per model
    and origin; a model that refused has no figures and the reason in `because`. No rows when the history is too short
    to hold a horizon out, or the customers too few for any model (HU-27).
    """
    past = Past(purchase_days, history, as_of)
    if past.is_small(settings):
        return TABLES["model_scores"].empty()
    horizon, origins = holdouts(past, settings)
    models = settings.value.models
    rows = [_scored(model, past, origin, horizon, settings) for origin in origins for model in models]
    return _with_choice(pd.DataFrame(rows)) if rows else TABLES["model_scores"].empty()


def forecast(
    purchase_days: pd.DataFrame, history: pd.DataFrame, model_scores: pd.DataFrame, *, settings, as_of: pd.Timestamp
):
    """The chosen model fitted on everything up to `as_of`: a forecast that answers for any customer of `history`.

    None when there are too few customers for any model (HU-27): `value.values` then goes by rule. When the chosen model
    cannot be fitted on the whole, the next best is; without any back-test the first of settings.value.models that fits.
    Cell averages and naive learn from a stretch as long as the horizon, or half the history where that is shorter;
    beyond it their mean rate goes on.
    """
    past = Past(purchase_days, history, as_of)
    if past.is_small(settings):
        return None
    horizon = min(horizon_days(settings, as_of), past.end / 2)
    for model in _order_of_choice(model_scores, settings):
        try:
            return past.forecaster(model, past.end, horizon, settings)
        except FitRefused:
            continue
    return None


def grade(model_scores: pd.DataFrame, model: str | None = None, *, horizon: float) -> str:
    """A–D of the chosen forecast, or of `model` where another had to be used in its place; horizon in days ahead.

    A: beats naive at every origin, total off by at most 10 % at each, intervals cover within 5 points of their level,
    tested over at least half the horizon. B: beats naive on average, total off by at most 20 % on average.
    C: as B but for the total, or never tested at every origin: for ranking customers only, no money totals.
    D: does not beat naive; the naive forecast is used.
    """
    used = _of(model_scores, model)
    if len(used) and used["model"].iloc[0] == "naive":
        return "D"
    if used.empty or used["mae"].isna().any():
        return "C"
    plain = model_scores[model_scores["model"] == "naive"].set_index("origin_on")["mae"].reindex(used["origin_on"])
    if plain.notna().all() and not used["mae"].mean() < plain.mean():
        return "D"
    off = used["bias"].abs()
    covered = np.abs(used[["coverage_80", "coverage_90"]] - [0.8, 0.9]).to_numpy() <= COVERAGE_SLACK
    kept = (used["mae"].to_numpy() < plain.to_numpy()).all() and (off <= LITTLE_BIAS).all() and covered.all()
    if kept and (used["horizon_days"] >= LONG_ENOUGH * horizon).all():
        return "A"
    return "B" if off.mean() <= MOST_BIAS else "C"


def choice(model_scores: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """The finding value.choice: which candidate is used, how far it was off, and by which declared rule it was picked.

    Not available when there was no back-test. parts: tests, tested (days held out), mae and naive_mae (purchase days a customer, mean of the
    tests), off (of the total, mean of the tests without sign), letter (the grade), and the figures of the rule.
    """
    day, used = as_of.date().isoformat(), _of(model_scores, None)
    if used.empty:
        because = "the history is too short, or the customers are too few, to hold a stretch out"
        return not_available("value.choice", because, unit="text", as_of=day)
    plain = model_scores.loc[model_scores["model"] == "naive", "mae"]
    letter = grade(model_scores, horizon=horizon_days(settings, as_of))
    parts = {
        "tests": len(used), "mae": used["mae"].mean(), "naive_mae": plain.mean() if len(plain) else None,
        "off": used["bias"].abs().mean(), "letter": letter, "most_off": MOST_BIAS, "tie": TIE,
        "little_off": LITTLE_BIAS, "slack": COVERAGE_SLACK, "tested": used["horizon_days"].mean(),
    }  # fmt: skip
    return Finding(
        id="value.choice", value=used["model"].iloc[0], unit="text", n=int(used["customers"].iloc[-1]),
        basis=f"back-test from {used['origin_on'].min().date()} to {day}", as_of=day, grade=letter, parts=parts,
    )  # fmt: skip


def rule(choice: Finding) -> Finding:
    """The finding value.rule: by which declared rule the choice was made, and what grade A asks for."""
    return replace(choice, id="value.rule", grade=None)


def _of(model_scores: pd.DataFrame, model: str | None) -> pd.DataFrame:
    """The rows of a model, or of the chosen one, the earliest origin first."""
    rows = model_scores["model"] == model if model else model_scores["is_chosen"].astype(bool)
    return model_scores[rows].sort_values("origin_on")


class Past:
    """Purchase days up to `as_of`, and what was known at any day before."""

    def __init__(self, purchase_days: pd.DataFrame, history: pd.DataFrame, as_of: pd.Timestamp):
        self.bought: Days = days(purchase_days[purchase_days["ordered_on"] <= as_of])
        self.as_of, self.end = as_of, self.bought.number(as_of)
        self._known: dict[float, pd.DataFrame] = {}
        flags = history.drop_duplicates("customer_id").set_index("customer_id")["is_truncated"]
        self.truncated = flags.reindex(self.bought.ids).fillna(False).to_numpy(bool)

    def known(self, origin: float) -> pd.DataFrame:
        """`models.days.history_at` the origin."""
        if origin not in self._known:
            self._known[origin] = history_at(self.bought, origin, self.truncated)
        return self._known[origin]

    def is_small(self, settings) -> bool:
        """Whether there are too few customers, or repeat customers, for any model."""
        known = self.known(self.end)
        repeaters = (known["repeat_days"] > 0).sum()
        return len(known) < settings.value.min_customers or repeaters < settings.value.min_repeaters

    def forecaster(self, model: str, origin: float, horizon: float, settings):
        """`models.forecaster` at the origin."""
        known = self.known(origin)
        return forecaster(self.bought, known, model=model, origin=origin, horizon=horizon, settings=settings)


def holdouts(past: Past, settings) -> tuple[float, list[float]]:
    """Length of the holdouts and the days they start on: the last ends at `as_of`, each starts half a length earlier.

    One and a half lengths of history lie before the first, so that forecasts which learn from one horizon can.
    """
    count = settings.value.origins
    horizon = np.floor(min(horizon_days(settings, past.as_of), past.end / (2.5 + (count - 1) / 2)))
    if horizon < SHORTEST:
        return 0.0, []
    return horizon, [np.floor(past.end - horizon * (1 + back / 2)) for back in range(count - 1, -1, -1)]


def horizon_days(settings, as_of: pd.Timestamp) -> float:
    """Days from `as_of` over settings.value.horizon_months calendar months."""
    return float((as_of + pd.DateOffset(months=settings.value.horizon_months) - as_of).days)


def _scored(model: str, past: Past, origin: float, horizon: float, settings) -> dict:
    known = past.known(origin)
    actual = past.bought.bought(origin, origin + horizon)[known["who"]]
    row = {
        "model": model,
        "origin_on": past.bought.begin + pd.Timedelta(days=origin),
        "horizon_days": horizon,
        "customers": len(known),
        "actual": actual.sum(),
    }
    try:
        foreseen = past.forecaster(model, origin, horizon, settings)
    except FitRefused as refusal:
        return row | {"because": refusal.what}
    expected = foreseen.expected_orders(known, horizon=horizon)
    figures = {"log_likelihood": foreseen.log_likelihood, "because": foreseen.note}
    return row | _scores(expected, actual) | _coverage(foreseen, known, horizon, actual) | figures


def _scores(expected: np.ndarray, actual: np.ndarray) -> dict:
    total = actual.sum()
    top = np.argsort(-expected, kind="stable")[: max(1, round(len(expected) / 10))]
    varies = np.ptp(expected) > 0 and np.ptp(actual) > 0
    return {
        "forecast": expected.sum(),
        "bias": expected.sum() / total - 1 if total else np.nan,
        "mae": np.abs(expected - actual).mean(),
        "rank_correlation": np.corrcoef(rankdata(expected), rankdata(actual))[0, 1] if varies else np.nan,
        "top_decile_share": actual[top].sum() / total if total else np.nan,
    }


def _coverage(foreseen, known: pd.DataFrame, horizon: float, actual: np.ndarray) -> dict:
    """Share of customers inside the interval; a count on its edge counts for the part of its probability inside."""
    if len(known) > MOST_COVERED:
        part = np.arange(0, len(known), -(-len(known) // MOST_COVERED))
        known, actual = known.iloc[part], actual[part]
    upper = foreseen.orders_at_most(known, horizon=horizon, counts=actual)
    lower = foreseen.orders_at_most(known, horizon=horizon, counts=actual - 1)
    out = {}
    for level in (0.8, 0.9):
        low, high = (1 - level) / 2, (1 + level) / 2
        inside = np.clip(np.minimum(upper, high) - np.maximum(lower, low), 0, None)
        out[f"coverage_{level:.0%}".rstrip("%")] = float((inside / np.maximum(upper - lower, 1e-12)).clip(0, 1).mean())
    return out


def _means(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean error, and how far the total was off, of each model that answered at every origin, the best first."""
    means = (
        scores.assign(off=scores["bias"].abs())
        .groupby("model", sort=False)
        .agg(mae=("mae", "mean"), off=("off", "mean"), answered=("mae", lambda errors: errors.notna().all()))
    )
    means = means[means["answered"]].drop(columns="answered")
    naive = means["mae"].get("naive", np.inf)
    means["is_worse"] = ~(means["mae"] < naive) & (means.index != "naive")
    means["is_naive"] = means.index == "naive"
    means["is_off"] = ~(means["off"] <= MOST_BIAS)
    lowest = means.groupby(["is_worse", "is_naive", "is_off"])["mae"].transform("min")
    means["is_apart"] = means["mae"] > lowest * (1 + TIE)
    means["order"] = means["mae"].where(means["is_apart"], means["off"])
    order = ["is_worse", "is_naive", "is_off", "is_apart", "order"]
    return means.sort_values(order, kind="stable")[["mae", "off", "is_off", "is_worse"]]


def _order_of_choice(model_scores: pd.DataFrame, settings) -> list[str]:
    tested = list(_means(model_scores).index) if len(model_scores) else []
    return tested + [model for model in settings.value.models if model not in tested]


def _with_choice(scores: pd.DataFrame) -> pd.DataFrame:
    means = _means(scores)
    best = means.index[0] if len(means) else None
    scores["is_chosen"] = scores["model"] == best
    notes = scores["because"]
    reasons = [_reason(model, means, best) for model in scores["model"]]
    scores["because"] = [f"{reason}. {note}".strip() for reason, note in zip(reasons, notes)]
    return TABLES["model_scores"].check(TABLES["model_scores"].complete(scores), "analysis.backtest.tournament")


def _reason(model: str, means: pd.DataFrame, best: str) -> str:
    if model not in means.index:
        return "not chosen: it does not answer at every origin"
    row = means.loc[model]
    figures = f"mean absolute error {row['mae']:.3f}, total off by {row['off']:.1%} on average"
    if model == best:
        return f"chosen: {figures}"
    if row["is_worse"]:
        return f"not chosen: {figures}, no better than naive"
    if row["is_off"] and not means.loc[best, "is_off"]:
        return f"not chosen: {figures}, more than {MOST_BIAS:.0%}"
    return f"not chosen: {figures}, against {means.loc[best, 'mae']:.3f} and {means.loc[best, 'off']:.1%} of the chosen"
