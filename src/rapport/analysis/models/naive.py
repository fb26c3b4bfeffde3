"""Naive: every customer buys as often in the next horizon as in the last one. What any model has to beat.

Assumptions: 1. nothing changes; 2. purchases vary around that as at random (Poisson).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import pdtr, pdtrik

from .days import Days


@dataclass(frozen=True, eq=False)
class Naive:
    """Purchase days of each customer (by customer_id) in the last `length` days."""

    counts: pd.Series
    length: float

    model = "naive"
    log_likelihood = None
    gap_quantile = None  # it says how many purchases, not when

    def drawn(self, rng: np.random.Generator) -> "Naive":
        """Itself: it has no parameters."""
        return self

    def alive_prob(self, customers: pd.DataFrame) -> np.ndarray:
        """1 for who bought in the last horizon, else 0."""
        return (self._counts(customers) > 0).astype(float)

    def expected_orders(self, customers: pd.DataFrame, *, horizon: float) -> np.ndarray:
        """The last horizon's purchases, in proportion to `horizon`."""
        return self._counts(customers) * horizon / self.length

    def discounted_orders(self, customers: pd.DataFrame, *, edges, factors) -> np.ndarray:
        """Purchases spread evenly, those between edge i−1 and edge i (0 first) counted `factors[i]` times."""
        return self._counts(customers) / self.length * (np.diff(edges, prepend=0.0) @ np.asarray(factors, float))

    def total_orders(self, customers: pd.DataFrame, *, edges) -> np.ndarray:
        """Purchases expected of all customers together by each edge."""
        return np.array([self.expected_orders(customers, horizon=float(edge)).sum() for edge in edges])

    def orders_at_most(self, customers: pd.DataFrame, *, horizon: float, counts: np.ndarray) -> np.ndarray:
        """P(each customer buys at most `counts` times within `horizon`), Poisson."""
        counts = np.asarray(counts, float)
        return np.where(counts < 0, 0.0, pdtr(np.maximum(counts, 0), self.expected_orders(customers, horizon=horizon)))

    def order_range(self, customers: pd.DataFrame, *, horizon: float, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of the `level` interval of each customer's purchases within `horizon`, Poisson."""
        mean = self.expected_orders(customers, horizon=horizon)
        return tuple(_poisson_quantile(q, mean) for q in ((1 - level) / 2, (1 + level) / 2))

    def simulated_orders(self, customers: pd.DataFrame, *, horizon: float, rng: np.random.Generator) -> np.ndarray:
        """One simulated future, Poisson."""
        return rng.poisson(self.expected_orders(customers, horizon=horizon)).astype(float)

    def _counts(self, customers: pd.DataFrame) -> np.ndarray:
        return self.counts.reindex(customers["customer_id"]).fillna(0.0).to_numpy(float)


def naive(bought: Days, *, as_of: float, horizon: float) -> Naive:
    """The naive forecast at `as_of` from the `horizon` days before it."""
    return Naive(pd.Series(bought.bought(as_of - horizon, as_of), index=bought.ids), horizon)


def _poisson_quantile(q: float, mean: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        guess = np.ceil(np.nan_to_num(pdtrik(q, np.maximum(mean, 1e-12)), nan=0.0) - 1e-9)
    return np.where((mean <= 0) | (np.exp(-mean) >= q), 0.0, np.maximum(guess, 0.0))
