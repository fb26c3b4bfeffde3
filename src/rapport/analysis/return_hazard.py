"""How likely a silent customer is to buy on a given day of its silence: read from every silence the firm has seen.

In a firm whose customers buy at random times, each at its own rate (Ehrenberg's NBD), that chance (the hazard) is
(x + r) / (T + α), with x repeat purchase days and T days since the first purchase; that is where the model starts. What
the client's own silences say moves its coefficients, with a further part for customers silent long in units of their
own gap, who may be gone:

    log hazard = b0 + b1 log(x + r) + b2 log(T + α) + [x > 0] (b3 + b4 s + b5 s²),   s = log(1 + silence / own gap)

Two things no customer's history knows are read from the firm's past. The level is calibrated: where more than a year
was known one horizon ago, the model as it would have been then is held against what happened since. And months differ:
how far they strayed from the model widens every interval, twice where the level was calibrated on one horizon's months.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from . import silence

LEVEL = 0.9  # of the intervals of a share that returns
SHAPE, START_DAYS = 0.25, 14.0  # r and α, which only keep the logarithms finite
EXPECTED = np.array([0.0, 1.0, -1.0, 0.0, 0.0, 0.0])  # the coefficients of the NBD
PRECISION = np.array([0.0, 4.0, 4.0, 4.0, 4.0, 4.0])  # how firmly few data are held to them
EDGES = (*range(0, 30, 7), *range(30, 120, 15), *range(120, 300, 30), 300, 365, 450, 550, 700, 1000, 1500, 2500, 5000)
MOST_REPEATS, BLOCK_DAYS, MOST_BLOCKS, MOST_WATCHED = 60, 30, 24, 20_000
CALENDAR_TERMS = 3
UNKNOWN_SWING = 0.25  # where too few blocks were seen to tell: that of a strongly seasonal shop (UCI 352)
LEAST_SWING = 0.05  # no firm's months are quite alike, and no formula is quite right
MONTHS_AGREE = 0.5  # correlation of one month's surprise with the next one's
LEAST_PAST_DAYS, LEAST_RETURNS = 365, 50  # what must lie before the horizon for a calibration
LEVEL_SD, SLOPE_SD = 0.2, 0.15  # how far a calibration may move few data
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True)
class Returning:
    """The fitted hazard: coefficients, their covariance, the swing (sd of the log hazard) of one block of days, and the
    calibration: the log of the hazard summed over a horizon is multiplied by `slope` and raised by `shift`.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    swing: float = UNKNOWN_SWING
    blocks: int = 0
    shift: float = 0.0
    slope: float = 1.0
    calibrated_on: pd.Timestamp | None = None

    def ahead(self, rows: pd.DataFrame, horizon: float) -> tuple[np.ndarray, np.ndarray]:
        """The calibrated hazard summed over the days ahead, and the slope of its logarithm in the coefficients."""
        total, slopes = _summed(self, rows, horizon)
        safe = np.maximum(total, 1e-300)
        return np.exp(self.shift + self.slope * np.log(safe)), self.slope * slopes / safe[:, None]

    def swing_over(self, horizon: float) -> float:
        """Half the width of the interval of a horizon's log hazard; the surprises of its blocks resemble each other."""
        blocks = max(1, round(horizon / BLOCK_DAYS))
        lags = np.arange(1, blocks)
        together = blocks + 2 * ((blocks - lags) * MONTHS_AGREE**lags).sum()
        quantile = t.ppf((1 + LEVEL) / 2, self.blocks) if self.blocks else norm.ppf((1 + LEVEL) / 2)
        horizons = 1 if self.calibrated_on is None else 2
        return float(quantile * self.swing * np.sqrt(together * horizons) / blocks)


def returning(
    purchase_days: pd.DataFrame, winback_log: pd.DataFrame | None = None, *, horizon: float, as_of: pd.Timestamp
) -> Returning | None:
    """The hazard of a return as known at as_of, calibrated on the horizon that ended then; None if nobody returned.

    In: `purchase_days`; `winback_log`, whose contacts end the watching of a silence; horizon (days).
    Reference: Ehrenberg 1959; Poisson likelihood of piecewise constant hazards, Holford 1980.
    """
    model = _fitted(silence.episodes(purchase_days, winback_log, as_of=as_of), as_of)
    if model is None:
        return None
    origin = as_of - pd.Timedelta(days=horizon)
    if (origin - purchase_days["ordered_on"].min()).days < LEAST_PAST_DAYS:
        return model
    rows = silence.episodes(purchase_days, winback_log, as_of=origin)
    if rows["is_returned"].sum() < LEAST_RETURNS:
        return model
    asked = rows[~rows["is_returned"] & (rows["started_on"] + pd.to_timedelta(rows["silent_days"], unit="D") >= origin)]
    later = purchase_days["ordered_on"].between(origin, as_of, inclusive="right")
    came = asked["customer_id"].isin(purchase_days.loc[later, "customer_id"]).to_numpy()
    past = Returning(*_coefficients(rows))
    shift, slope = _calibration(np.log(np.maximum(_summed(past, asked, horizon)[0], 1e-300)), came)
    return replace(model, shift=shift, slope=slope, calibrated_on=origin)


def _fitted(episodes: pd.DataFrame, as_of: pd.Timestamp) -> Returning | None:
    if not episodes["is_returned"].any():
        return None
    model = Returning(*_coefficients(episodes))
    return replace(model, **_month_swing(model, episodes, as_of))


def _coefficients(episodes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    cells = _person_time(episodes)
    return _newton(_features(cells["u"], cells["x"], cells["span"]), cells["days"], cells["returns"])


def _features(silent, repeats, span) -> np.ndarray:
    silent, repeats, span = (np.asarray(part, float) for part in (silent, repeats, span))
    again = (repeats > 0).astype(float)
    own = again * np.log1p(silent * (repeats + SHAPE) / (span + START_DAYS))
    level = np.log(repeats + SHAPE), np.log(span + silent + START_DAYS)
    return np.column_stack([np.ones_like(silent), *level, again, own, own**2])


def _shape(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    repeats = rows["purchases"].to_numpy(float) - 1
    return np.minimum(repeats, MOST_REPEATS), np.where(repeats > 0, rows["gap_days"].fillna(0) * repeats, 0.0)


def _person_time(episodes: pd.DataFrame) -> pd.DataFrame:
    """Days watched and returns by stretch of silence, repeat purchases and span (in steps of an eighth)."""
    repeats, span = _shape(episodes)
    span = np.where(repeats > 0, np.exp(np.round(np.log(span + 7) * 8) / 8) - 7, 0.0)
    lengths, happened = episodes["silent_days"], episodes["is_returned"]
    seen = pd.DataFrame({"x": repeats, "span": span, "length": lengths, "happened": happened})
    seen = seen.groupby(["x", "span", "length", "happened"]).size().rename("n").reset_index()
    parts = []
    for low, high in pairwise(EDGES):
        reached = seen[seen["length"] > low]
        days = (reached["length"] - low).clip(upper=high - low) * reached["n"]
        ended = reached["n"].where(reached["happened"] & (reached["length"] <= high), 0)
        part = reached[["x", "span"]].assign(days=days, returns=ended, u=(low + high) / 2)
        parts.append(part.groupby(["u", "x", "span"], as_index=False)[["days", "returns"]].sum())
    return pd.concat(parts, ignore_index=True)


def _newton(features: np.ndarray, days: pd.Series, returns: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method for the Poisson likelihood of the returns, with a normal prior around the NBD."""
    days, returns = days.to_numpy(float), returns.to_numpy(float)
    expected = days * np.exp(features @ EXPECTED)
    coefficients = EXPECTED + np.eye(len(EXPECTED))[0] * np.log(returns.sum() / expected.sum())
    for _ in range(100):
        mean = days * np.exp(features @ coefficients)
        gradient = features.T @ (returns - mean) - PRECISION * (coefficients - EXPECTED)
        curvature = (features.T * mean) @ features + np.diag(PRECISION)
        step = np.linalg.solve(curvature, gradient)
        coefficients = coefficients + step * min(1.0, 1.0 / np.abs(step).max())
        if np.abs(step).max() < 1e-9:
            break
    return coefficients, np.linalg.inv(curvature)


def _summed(model: Returning, rows: pd.DataFrame, horizon: float) -> tuple[np.ndarray, np.ndarray]:
    """The hazard summed over the days ahead, and its slope in the coefficients, one row per customer."""
    repeats, span = _shape(rows)
    silent = rows["silent_days"].to_numpy(float)
    total, slopes = np.zeros(len(rows)), np.zeros((len(rows), len(EXPECTED)))
    for node, weight in zip((NODES + 1) / 2 * horizon, WEIGHTS / 2 * horizon):
        features = _features(silent + node, repeats, span)
        part = weight * np.exp(features @ model.coefficients)
        total += part
        slopes += part[:, None] * features
    return total, slopes


def _calibration(log_hazard: np.ndarray, came: np.ndarray) -> tuple[float, float]:
    """Shift and slope of the log hazard that make what happened most likely, held near 0 and 1 by normal priors."""
    beta, prior = np.array([0.0, 1.0]), np.diag([LEVEL_SD**-2, SLOPE_SD**-2])
    design = np.column_stack([np.ones_like(log_hazard), log_hazard])
    for _ in range(50):
        hazard = np.exp(np.clip(design @ beta, -20, 3))
        share = np.clip(-np.expm1(-hazard), 1e-9, 1 - 1e-9)
        gradient = design.T @ (hazard / share * (came - share)) - prior @ (beta - [0.0, 1.0])
        curvature = (design.T * (hazard**2 * (1 - share) / share)) @ design + prior
        step = np.linalg.solve(curvature, gradient)
        beta = beta + step * min(1.0, 0.5 / np.abs(step).max())
        if np.abs(step).max() < 1e-8:
            break
    return float(beta[0]), float(beta[1])


def _month_swing(model: Returning, episodes: pd.DataFrame, as_of: pd.Timestamp) -> dict:
    """Standard deviation of the log of observed over expected returns from one block of 30 days to the next.

    The intercept and the two terms that grow with time follow the calendar too, so three blocks are spent on them.
    """
    every = max(1, episodes["customer_id"].nunique() // MOST_WATCHED)
    kept = episodes[pd.factorize(episodes["customer_id"])[0] % every == 0]
    blocks = min(MOST_BLOCKS, (as_of - episodes["started_on"].min()).days // BLOCK_DAYS - 1)
    excess = []
    for number in range(1, blocks + 1):
        rows = silence.open_at(kept, as_of - pd.Timedelta(days=BLOCK_DAYS * number))
        expected = -np.expm1(-_summed(model, rows, BLOCK_DAYS)[0]).sum()
        seen = (rows["is_returned"] & (rows["left_days"] <= BLOCK_DAYS)).sum()
        if expected >= 5:
            excess.append(np.log((seen + 0.5) / (expected + 0.5)) ** 2 - 1 / expected)
    free = len(excess) - CALENDAR_TERMS
    if free < 2:
        return {}
    return {"swing": max(LEAST_SWING, float(np.sqrt(max(0.0, sum(excess)) / free))), "blocks": free}
