"""Rows: `patterns` in the symbols of the literature, prepared so that a likelihood is cheap.

Renaming happens here and nowhere else: x = `repeat_days`, t_x = `span_days`, T = `observed_days`, w = `customers`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

MANY_ROWS = 20_000  # above this the first maximisation runs on averaged rows
BINS = 40  # cells along t_x and along T in which rows are averaged for the first, rough maximisation
CHUNK = 8_192  # rows taken at a time: the working arrays stay in the cache, and dot products in one thread


@dataclass(frozen=True)
class Rows:
    """Distinct (x, t_x, T) with weights w; customers without a repeat purchase are one row for each T.

    `log_gaps` is the sum of the logs of all gaps between purchases of all customers, None where it is not known.
    """

    x: np.ndarray
    t_x: np.ndarray
    T: np.ndarray
    w: np.ndarray
    log_gaps: float | None = None

    @cached_property
    def customers(self) -> float:
        return float(self.w.sum())

    @cached_property
    def repeaters(self) -> float:
        return float(self.w[self.x > 0].sum())

    @cached_property
    def age(self) -> float:
        """Mean T."""
        return float(self.w @ self.T) / self.customers

    @cached_property
    def rate(self) -> float:
        """Repeat purchases per time unit observed."""
        return float(self.w @ self.x) / float(self.w @ self.T)

    @cached_property
    def by_x(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Code of each row's x, the distinct x, and the customers at each."""
        code, values = pd.factorize(self.x)
        return code, values, np.bincount(code, self.w)

    @cached_property
    def by_T(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Code of each row's T, the distinct T, and the customers and the purchases at each."""
        code, values = pd.factorize(self.T)
        return code, values, np.bincount(code, self.w), np.bincount(code, self.w * self.x)

    @cached_property
    def by_t_x(self) -> tuple[np.ndarray, np.ndarray]:
        """Code of each row's t_x, and the distinct t_x."""
        return pd.factorize(self.t_x)


def rows(patterns: pd.DataFrame) -> Rows:
    """`patterns` (repeat_days, span_days, observed_days) as Rows; none is left out.

    Weights are `customers` where the table has it, else 1; `log_gaps` (of each customer) is summed where it is given.
    """
    x, t_x, T = symbols(patterns)
    w = patterns["customers"].to_numpy(float) if "customers" in patterns else np.ones(len(x))
    once = x == 0
    code, T_once = pd.factorize(T[once])
    again = ~once
    return Rows(
        x=np.concatenate([np.zeros(len(T_once)), x[again]]),
        t_x=np.concatenate([np.zeros(len(T_once)), t_x[again]]),
        T=np.concatenate([T_once, T[again]]),
        w=np.concatenate([np.bincount(code, w[once], len(T_once)), w[again]]),
        log_gaps=float(w @ patterns["log_gaps"].to_numpy(float)) if "log_gaps" in patterns else None,
    )


def chunks(count: int):
    """Slices that cover `count` rows."""
    return (slice(start, start + CHUNK) for start in range(0, count, CHUNK))


def symbols(patterns: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The columns repeat_days, span_days and observed_days of any table as x, t_x, T; t_x is 0 where x is."""
    x = patterns["repeat_days"].to_numpy(float)
    T = patterns["observed_days"].to_numpy(float)
    t_x = np.where(x > 0, np.minimum(patterns["span_days"].to_numpy(float), T), 0.0)
    return x, t_x, T


def binned_or_same(full: Rows) -> Rows:
    """The rows themselves while they are few, else averaged within cells of equal x and nearly equal t_x and T.

    Its optimum lies within a fraction of a standard error of the exact one: a close start, never the answer.
    """
    if len(full.x) <= MANY_ROWS:
        return full
    width = full.T.max() / BINS
    code, values, _ = full.by_x
    side = BINS + 1
    cell = (code * side + (full.t_x / width).astype(np.int64)) * side + (full.T / width).astype(np.int64)
    cells = len(values) * side * side
    if cells > 50_000_000:
        cell, distinct = pd.factorize(cell)
        cells = len(distinct)
    w = np.bincount(cell, full.w, cells)
    used = np.flatnonzero(w)
    mean = {name: np.bincount(cell, full.w * getattr(full, name), cells)[used] / w[used] for name in ("x", "t_x", "T")}
    return Rows(x=np.round(mean["x"]), t_x=mean["t_x"], T=mean["T"], w=w[used])
