"""Intervals: how far a share, a difference of shares or a statistic may lie from what was counted (DEF7)."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import norm

from ..foundation.finding import Finding, not_available

LEVEL = 0.95


def wilson(successes, n, level: float = LEVEL):
    """Low and high end of Wilson's interval of successes / n.

    In: counts, as numbers or arrays of one shape. Out: a pair of floats, or of arrays of that shape, in 0–1.
    Cases: n = 0 gives (0, 1), since nothing is known; successes 0 or n keep one end at exactly 0 or 1.
    Reference: Wilson 1927; Brown, Cai & DasGupta 2001, formula (4); requirement DEF7.
    """
    successes, n = np.asarray(successes, float), np.asarray(n, float)
    if np.any(successes < 0) or np.any(successes > n):
        raise ValueError("successes lie between 0 and n")
    z2 = norm.ppf((1 + level) / 2) ** 2
    denominator = n + z2
    middle = (successes + z2 / 2) / denominator
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(n > 0, successes * (n - successes) / n, 0.0)
    half = np.sqrt(z2) * np.sqrt(spread + z2 / 4) / denominator
    low = np.where(successes == 0, 0.0, middle - half)
    high = np.where(successes == n, 1.0, middle + half)
    return (float(low), float(high)) if low.ndim == 0 else (low, high)


def newcombe(successes, n, other_successes, other_n, level: float = LEVEL):
    """Low and high end of Newcombe's interval of successes / n − other_successes / other_n.

    In: counts, as numbers or arrays. Out: a pair of floats or arrays in −1 to 1.
    Cases: an arm without members leaves its share anywhere in 0–1; the difference is then taken against one half.
    Reference: Newcombe 1998, method 10 (Wilson ends of both shares); requirements DEF7, LT-17.
    """
    share, low, high = _share_with_ends(successes, n, level)
    other, other_low, other_high = _share_with_ends(other_successes, other_n, level)
    difference = share - other
    below = difference - np.hypot(share - low, other_high - other)
    above = difference + np.hypot(high - share, other - other_low)
    return (float(below), float(above)) if np.ndim(below) == 0 else (below, above)


def _share_with_ends(successes, n, level):
    low, high = (np.asarray(end) for end in wilson(successes, n, level))
    n = np.asarray(n, float)
    share = np.where(n > 0, np.asarray(successes, float) / np.where(n > 0, n, 1), 0.5)
    return share, low, high


def bootstrap(values, statistic: Callable, *, draws: int, seed: int, level: float = LEVEL) -> tuple[float, float]:
    """Low and high end of the percentile bootstrap interval of `statistic(values)`.

    In: values, array of n rows (rows are drawn whole); statistic, a function of such an array to one number; draws,
    how many resamples; seed, which makes the result repeatable. Out: a pair of floats in the statistic's unit.
    Cases: fewer than two rows give (nan, nan); resamples whose statistic is not finite are left out.
    Reference: Efron & Tibshirani 1993, chapter 13.
    """
    values = np.asarray(values)
    if len(values) < 2:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(values[rng.integers(0, len(values), len(values))]) for _ in range(draws)], float)
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return float("nan"), float("nan")
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def proportion(
    id: str, successes: int, n: int, *, settings, basis: str, as_of: pd.Timestamp, because: str = "", parts=None
) -> Finding:
    """The share successes / n as a Finding with its Wilson 95 % interval, "indicative" on few observations.

    In: counts; basis, what was counted; because, the reason to give when n is 0. Out: a Finding of unit share.
    Cases: n = 0 is not available; n below evidence.indicative_below is indicative. Reference: DEF7, DEF10.
    """
    parts, day = dict(parts or {}), str(pd.Timestamp(as_of).date())
    if not n:
        return not_available(id, because or "nothing to count", unit="share", as_of=day, basis=basis, **parts)
    low, high = wilson(successes, n)
    found = Finding(
        id=id,
        unit="share",
        n=int(n),
        basis=basis,
        as_of=day,
        value=float(successes / n),
        low=low,
        high=high,
        level=LEVEL,
        parts={"count": int(successes), "n": int(n)} | parts,
    )
    return labelled(found, settings)


def difference(
    id: str,
    successes: int,
    n: int,
    other_successes: int,
    other_n: int,
    *,
    settings,
    basis: str,
    as_of: pd.Timestamp,
    parts=None,
) -> Finding:
    """The difference of two shares as a Finding with its Newcombe 95 % interval.

    In: counts of the first and of the other group. Out: a Finding of unit share (−1 to 1), n of the smaller group.
    Cases: an empty group makes it not available; a small one makes it indicative. Reference: DEF7, LT-17.
    """
    parts, day = dict(parts or {}), str(pd.Timestamp(as_of).date())
    if not n or not other_n:
        return not_available(id, "one of the two groups is empty", unit="share", as_of=day, basis=basis, **parts)
    low, high = newcombe(successes, n, other_successes, other_n)
    shares = {"share": successes / n, "other_share": other_successes / other_n, "n": int(n), "other_n": int(other_n)}
    found = Finding(
        id=id,
        unit="share",
        n=int(min(n, other_n)),
        basis=basis,
        as_of=day,
        low=low,
        high=high,
        level=LEVEL,
        value=float(successes / n - other_successes / other_n),
        parts=shares | parts,
    )
    return labelled(found, settings)


def labelled(finding: Finding, settings) -> Finding:
    """The finding, labelled "indicative" when it rests on fewer than evidence.indicative_below observations."""
    limit = settings.evidence.indicative_below
    if finding.status == "not_available" or finding.n >= limit:
        return finding
    reason = f"only {finding.n} observations; a figure on fewer than {limit} is indicative"
    return finding.as_indicative("; ".join(filter(None, [finding.because, reason])))
