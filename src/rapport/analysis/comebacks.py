"""The calibrated line: of customers as silent as this one, what share comes back by itself within the horizon.

The chance of a purchase on a day of silence (the hazard) is read from all silences of the firm. In a firm whose
customers buy at random times at different rates (Ehrenberg's NBD) it is (x + r) / (T + α), with x repeat purchase days
and T days since the first purchase; that is where the model starts. What the client's own silences say moves its
coefficients, with a further part for customers silent long in units of their own gap, who may be gone:

    log hazard = b0 + b1 log(x + r) + b2 log(T + α) + [x > 0] · (b3 + b4 s + b5 s²),   s = log(1 + silence / own gap)

Kaplan–Meier curves say the same where enough was seen (`survival.alive_curves`); this one also speaks of silences as
long as nobody's yet, which every young base needs. Months differ for reasons no customer's history knows: how far the
firm's own months strayed from the model widens every interval.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from ..foundation.finding import Finding
from . import silence
from .intervals import proportion
from .status import GONE

LONGEST_LINE = 3650
LEVEL = 0.9  # of the intervals of a share that returns
SHAPE, START_DAYS = 0.25, 14.0  # r and α, which only keep the logarithms finite
EXPECTED = np.array([0.0, 1.0, -1.0, 0.0, 0.0, 0.0])  # the coefficients of the NBD
PRECISION = np.array([0.0, 4.0, 4.0, 4.0, 4.0, 4.0])  # how firmly few data are held to them
EDGES = np.array(
    [
        0,
        7,
        14,
        21,
        30,
        45,
        60,
        75,
        90,
        105,
        120,
        150,
        180,
        210,
        240,
        270,
        300,
        365,
        450,
        550,
        700,
        1000,
        1500,
        2500,
        5000.0,
    ]
)
MOST_REPEATS, BLOCK_DAYS, MOST_BLOCKS, MOST_WATCHED = 60, 30, 24, 20_000
CALENDAR_TERMS = 3
UNKNOWN_SWING = 0.25  # where too few blocks were seen to tell: that of a strongly seasonal shop (UCI 352)
MONTHS_AGREE = 0.5  # correlation of one month's surprise with the next one's
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True)
class Returning:
    """The fitted hazard: coefficients, their covariance, and the swing (sd of the log hazard) of one block of days."""

    coefficients: np.ndarray
    covariance: np.ndarray
    swing: float = UNKNOWN_SWING
    blocks: int = 0


def return_shares(
    purchase_days: pd.DataFrame,
    silent: pd.DataFrame,
    winback_log: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Of customers as silent as each of `silent`, the share that comes back by itself within the horizon.

    In: `purchase_days` of the firm; `silent`, one row per customer: customer_id, purchases, gap_days (mean),
    silent_days; `winback_log`, so that a return after a contact does not count. Out: one row per customer, in order:
    customer_id, return_prob, return_low, return_high (90 % interval of the share), at_risk (past silences after as
    many purchases, by band, that lasted as long: 0 where nobody was ever watched so long).
    Cases: a firm in which nobody ever came back has no shares (empty). Reference: Ehrenberg 1959; LT-14.
    """
    episodes = silence.episodes(purchase_days, winback_log, as_of=as_of)
    out = pd.DataFrame({"customer_id": silent["customer_id"], "at_risk": _watched(episodes, silent)})
    model = returning(episodes, as_of=as_of)
    if model is None:
        return out.assign(return_prob=np.nan, return_low=np.nan, return_high=np.nan)
    horizon = settings.recover.return_horizon_days
    total, slopes = _summed(model, silent, horizon)
    spread = np.einsum("ij,jk,ik->i", slopes, model.covariance, slopes) / np.maximum(total, 1e-300) ** 2
    half = np.hypot(norm.ppf((1 + LEVEL) / 2) * np.sqrt(spread), _swing(model, horizon))
    return out.assign(
        return_prob=-np.expm1(-total),
        return_low=-np.expm1(-total * np.exp(-half)),
        return_high=-np.expm1(-total * np.exp(half)),
    )


def return_bands(
    purchase_days: pd.DataFrame,
    silent: pd.DataFrame,
    winback_log: pd.DataFrame | None = None,
    *,
    by: str,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """How many of each group of silent customers will come back by themselves within the horizon.

    In: as `return_shares`, and by, the column of `silent` that names the group (class, state, silence band). Out: one
    row per group: the group, customers, share, low, high: the 90 % interval of what will be observed, so that next
    time the outcome can be held against it. Reference: `benchmarks/return_calibration.py`.
    """
    model = returning(silence.episodes(purchase_days, winback_log, as_of=as_of), as_of=as_of)
    columns = [by, "customers", "share", "low", "high"]
    if model is None:
        return pd.DataFrame(columns=columns)
    horizon = settings.recover.return_horizon_days
    total, slopes = _summed(model, silent, horizon)
    stay = np.exp(-total)
    rows = pd.DataFrame(slopes * stay[:, None]).assign(
        group=silent[by].to_numpy(), share=1 - stay, chance=stay * (1 - stay), moved=total * stay
    )
    mean = rows.groupby("group", observed=True).mean()
    size = rows.groupby("group", observed=True).size()
    gradient = mean[range(len(EXPECTED))].to_numpy()
    spread = np.einsum("ij,jk,ik->i", gradient, model.covariance, gradient) + mean["chance"] / size
    half = np.hypot(norm.ppf((1 + LEVEL) / 2) * np.sqrt(spread), mean["moved"] * _swing(model, horizon))
    low, high = (mean["share"] - half).clip(lower=0), (mean["share"] + half).clip(upper=1)
    out = pd.DataFrame({"customers": size, "share": mean["share"], "low": low, "high": high})
    return out.rename_axis(by).reset_index()[columns]


def lost_line(
    purchase_days: pd.DataFrame, silent: pd.DataFrame, winback_log: pd.DataFrame | None = None, *, settings, as_of
) -> pd.DataFrame:
    """After how long a silence fewer than the declared share still come back by themselves, for typical customers.

    In: `purchase_days`; silent, the table of `lost.silent`; `winback_log`. Typical is the median silent customer of
    each band of purchases.
    Out: one row per band: band, customers, purchases, gap_days (medians; gap_used_days for one purchase), line_days and
    line_gaps (the silence from which the share is under recover.return_level; empty beyond ten years), share_at_rule
    (the share that returns at the silence which the state rule calls lost).
    Cases: nobody ever came back gives no rows. Reference: DEF6, HU-03: never one number of days for all.
    """
    model = returning(silence.episodes(purchase_days, winback_log, as_of=as_of), as_of=as_of)
    columns = ["band", "customers", "purchases", "gap_days", "line_days", "line_gaps", "share_at_rule"]
    if model is None:
        return pd.DataFrame(columns=columns)
    typical = silent.groupby(silence.band(silent["purchases"])).agg(
        customers=("purchases", "size"),
        purchases=("purchases", "median"),
        gap_days=("gap_days", "median"),
        used=("gap_used_days", "median"),
    )
    typical = typical.reindex([name for name in silence.BAND_WORDS if name in typical.index])
    typical["gap_days"] = typical["gap_days"].fillna(typical["used"])
    days = np.arange(0, LONGEST_LINE, 1.0)
    for name, row in typical.iterrows():
        asked = pd.DataFrame({"purchases": row["purchases"], "gap_days": row["gap_days"], "silent_days": days})
        share = -np.expm1(-_summed(model, asked, settings.recover.return_horizon_days)[0])
        below = days[share < settings.recover.return_level]
        gaps = settings.state.lost_gaps if row["purchases"] > 1 else 1.0
        typical.loc[name, "line_days"] = below[0] if len(below) else np.nan
        typical.loc[name, "share_at_rule"] = np.interp(gaps * row["used"], days, share)
    typical = typical.assign(line_gaps=typical["line_days"] / typical["gap_days"])
    return typical.rename_axis("band").reset_index()[columns]


def too_soon(lost: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Of the customers the state rule calls lost, the share that still comes back often enough not to be called so.

    In: `lost` (state, return_prob). Out: Finding lost.too_soon (share, Wilson 95 %): return_prob at or above
    recover.return_level; parts: level, horizon_days. Cases: no shares known is not available. Reference: DEF6.
    """
    known = lost[lost["state"].isin(GONE)].dropna(subset=["return_prob"])
    level, horizon = settings.recover.return_level, settings.recover.return_horizon_days
    return proportion(
        "lost.too_soon",
        int((known["return_prob"] >= level).sum()),
        len(known),
        settings=settings,
        basis="customers lost by their own rhythm",
        as_of=as_of,
        because="" if len(known) else "nobody is lost, or nobody ever came back",
        parts={"level": level, "horizon_days": horizon},
    )


def returning(episodes: pd.DataFrame, *, as_of: pd.Timestamp) -> Returning | None:
    """The hazard of a return fitted on `silence.episodes`; None when no silence was ever ended by a purchase."""
    if not episodes["is_returned"].any():
        return None
    cells = _person_time(episodes)
    fitted = _fit(_features(cells["u"], cells["x"], cells["span"]), cells["days"], cells["returns"])
    return replace(Returning(*fitted), **_month_swing(Returning(*fitted), episodes, as_of))


def _features(silent, repeats, span) -> np.ndarray:
    silent, repeats, span = (np.asarray(part, float) for part in (silent, repeats, span))
    has_repeats = (repeats > 0).astype(float)
    own = np.log1p(silent * (repeats + SHAPE) / (span + START_DAYS)) * has_repeats
    level = np.log(repeats + SHAPE), np.log(span + silent + START_DAYS)
    return np.column_stack([np.ones_like(silent), *level, has_repeats, own, own**2])


def _shape(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    repeats = rows["purchases"].to_numpy(float) - 1
    return np.minimum(repeats, MOST_REPEATS), np.where(repeats > 0, rows["gap_days"].fillna(0) * repeats, 0.0)


def _person_time(episodes: pd.DataFrame) -> pd.DataFrame:
    """Days watched and returns by stretch of silence, repeat purchases and span (in steps of an eighth)."""
    repeats, span = _shape(episodes)
    span = np.where(repeats > 0, np.exp(np.round(np.log(span + 7) * 8) / 8) - 7, 0.0)
    seen = pd.DataFrame(
        {"x": repeats, "span": span, "length": episodes["silent_days"], "happened": episodes["is_returned"]}
    )
    seen = seen.groupby(["x", "span", "length", "happened"]).size().rename("n").reset_index()
    parts = []
    for low, high in pairwise(EDGES):
        reached = seen[seen["length"] > low]
        days = (reached["length"] - low).clip(upper=high - low) * reached["n"]
        ended = reached["n"].where(reached["happened"] & (reached["length"] <= high), 0)
        part = reached[["x", "span"]].assign(days=days, returns=ended, u=(low + high) / 2)
        parts.append(part.groupby(["u", "x", "span"], as_index=False)[["days", "returns"]].sum())
    return pd.concat(parts, ignore_index=True)


def _fit(features: np.ndarray, days: pd.Series, returns: pd.Series) -> tuple[np.ndarray, np.ndarray]:
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
    return {"swing": float(np.sqrt(max(0.0, sum(excess)) / free)), "blocks": free} if free > 1 else {}


def _swing(model: Returning, horizon: float) -> float:
    """Half the width of the interval of a horizon's log hazard; the surprises of its blocks resemble each other."""
    blocks = max(1, round(horizon / BLOCK_DAYS))
    lags = np.arange(1, blocks)
    together = blocks + 2 * ((blocks - lags) * MONTHS_AGREE**lags).sum()
    quantile = t.ppf((1 + LEVEL) / 2, model.blocks) if model.blocks else norm.ppf((1 + LEVEL) / 2)
    return float(quantile * model.swing * np.sqrt(together) / blocks)


def _watched(episodes: pd.DataFrame, silent: pd.DataFrame) -> np.ndarray:
    """Past silences, after as many purchases by band, that lasted at least as long."""
    asked, seen = silence.band(silent["purchases"]), silence.band(episodes["purchases"])
    out = np.zeros(len(silent), int)
    for name in asked.unique():
        lengths, rows = np.sort(episodes.loc[seen == name, "silent_days"]), (asked == name).to_numpy()
        out[rows] = len(lengths) - np.searchsorted(lengths, silent.loc[rows, "silent_days"], side="right")
    return out
