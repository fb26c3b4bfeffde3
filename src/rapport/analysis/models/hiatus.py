"""The hiatus rule: a customer is alive while it has not been silent for too many of its own gaps (DEF6)."""

import numpy as np
import pandas as pd


def alive_by_hiatus(history: pd.DataFrame, *, lost_gaps: float, too_early_quantile: float) -> np.ndarray:
    """Whether each customer is alive by the rule, as an array of booleans.

    In: `history` or any table with repeat_days, span_days, observed_days (days). The own gap is span / repeat days, for
    one-time buyers the given quantile of the others' gaps is the limit itself. Without any repeat buyer all are alive.
    Reference: Wübben & Wangenheim 2008; DEF6.
    """
    x = history["repeat_days"].to_numpy(float)
    span = history["span_days"].to_numpy(float)
    silent = history["observed_days"].to_numpy(float) - span
    repeaters = x > 0
    if not repeaters.any():
        return np.ones(len(x), dtype=bool)
    gap = np.where(repeaters, span / np.maximum(x, 1), 0.0)
    limit = np.where(repeaters, lost_gaps * gap, np.quantile(gap[repeaters], too_early_quantile))
    return silent <= limit
