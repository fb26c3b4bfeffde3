"""Fit: a buying model with its parameters, and everything it foresees of customers.

A model answers for living customers by (x, T) only, so that each prediction is made once per distinct (x, T) and
weighted by the probability of being alive; cost grows with the number of distinct patterns, not of customers.
Time is in the unit of the columns (days in the kit); `horizon` counts from `as_of`, which is T of every customer.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import betaincinv
from scipy.stats import nbinom

from .rows import symbols

MANY_PAIRS = 20_000  # above this many distinct (x, T), ranges are read at rounded T
ROUNDED = 200  # distinct T then


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted buying model.

    model           name as in `settings.value.models`
    parameters      by name, in natural scale; those of time in the unit of the input
    covariance      of the logs of the parameters
    log_likelihood  of the customers it was fitted on
    gradient        largest slope left at the maximum, per customer and log of a parameter
    customers, repeaters   fitted on; truncated customers are not among them
    note            what a reader must know (k chosen, customers left out)
    """

    model: str
    law: object
    parameters: dict[str, float]
    covariance: np.ndarray
    log_likelihood: float
    gradient: float
    customers: int
    repeaters: int
    note: str = ""

    @cached_property
    def _last(self) -> list:
        return []

    @cached_property
    def theta(self) -> np.ndarray:
        return np.array(list(self.parameters.values()))

    def intervals(self, level: float = 0.9) -> pd.DataFrame:
        """One row per parameter: value, low, high (Laplace in logs, so that all stay positive)."""
        from scipy.special import ndtri

        half = ndtri((1 + level) / 2) * np.sqrt(np.diag(self.covariance))
        logs = np.log(self.theta)
        return pd.DataFrame(
            {
                "parameter": list(self.parameters),
                "value": self.theta,
                "low": np.exp(logs - half),
                "high": np.exp(logs + half),
            }
        )

    def drawn(self, rng: np.random.Generator) -> "Fit":
        """The same model with parameters drawn from their uncertainty (Laplace in logs)."""
        logs = rng.multivariate_normal(np.log(self.theta), self.covariance, method="eigh")
        return self.with_parameters(np.exp(logs))

    def with_parameters(self, theta: np.ndarray) -> "Fit":
        """The same model with other parameter values."""
        return replace(self, parameters=dict(zip(self.parameters, map(float, theta))))

    def alive_prob(self, customers: pd.DataFrame) -> np.ndarray:
        """Probability that each customer will buy again at all."""
        return self._states(customers).sum(axis=1)

    def expected_orders(self, customers: pd.DataFrame, *, horizon: float) -> np.ndarray:
        """Purchases expected of each customer within `horizon`."""
        return self.discounted_orders(customers, edges=[horizon], factors=[1.0])

    def discounted_orders(self, customers: pd.DataFrame, *, edges, factors) -> np.ndarray:
        """Purchases expected of each customer; those between edge i−1 and edge i (0 first) count `factors[i]`."""
        x, _, T = symbols(customers)
        states, (pair, (x_1, T_1)) = self._states(customers), _distinct(x, T)
        # Σ f_i (H_i − H_{i−1}) = Σ H_i (f_i − f_{i+1})
        weights = np.asarray(factors, float) - np.append(np.asarray(factors, float)[1:], 0.0)
        out = np.zeros(len(x))
        for j in range(self.law.k):
            orders = [self.law.orders_if_alive(self.theta, x_1, T_1, float(edge), j) for edge in edges]
            out += states[:, j] * (weights @ np.array(orders))[pair]
        return out

    def total_orders(self, customers: pd.DataFrame, *, edges) -> np.ndarray:
        """Purchases expected of all customers together by each edge."""
        x, _, T = symbols(customers)
        pair, (x_1, T_1) = _distinct(x, T)
        weights = [np.bincount(pair, column, len(x_1)) for column in self._states(customers).T]
        return np.array(
            [
                sum(w @ self.law.orders_if_alive(self.theta, x_1, T_1, float(edge), j) for j, w in enumerate(weights))
                for edge in edges
            ]
        )

    def orders_at_most(self, customers: pd.DataFrame, *, horizon: float, counts: np.ndarray) -> np.ndarray:
        """P(each customer buys at most `counts` times within `horizon`); 0 for counts below 0."""
        x, _, T = symbols(customers)
        states = self._states(customers)
        triple, (x_1, T_1, n) = _distinct(x, T, np.maximum(np.asarray(counts, float) + 1, 1))
        more = sum(
            states[:, j] * self.law.tail_if_alive(self.theta, x_1, T_1, horizon, j, n)[triple]
            for j in range(self.law.k)
        )
        return np.where(np.asarray(counts) < 0, 0.0, 1 - more)

    def order_range(self, customers: pd.DataFrame, *, horizon: float, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of the `level` predictive interval of each customer's purchases within `horizon`.

        Equal tails; since purchases are whole numbers at least `level` of customers lie inside.
        """
        x, _, T = symbols(customers)
        states = self._states(customers)
        pair, (x_1, T_1) = _distinct(x, T)
        if len(x_1) > MANY_PAIRS:
            width = max(np.ptp(T) / ROUNDED, 1e-12)
            pair, (x_1, T_1) = _distinct(x, np.round(T / width) * width)
        low, high = (1 - level) / 2, (1 + level) / 2
        tails = self._tail_table(x_1, T_1, horizon, high)
        return self._quantile(low, states, pair, tails), self._quantile(high, states, pair, tails)

    def simulated_orders(self, customers: pd.DataFrame, *, horizon: float, rng: np.random.Generator) -> np.ndarray:
        """One simulated future: purchases of each customer within `horizon`."""
        x, _, T = symbols(customers)
        above = rng.random(len(x))[:, None] < np.cumsum(self._states(customers), axis=1)
        state = self.law.k - above.sum(axis=1)  # first state whose cumulated probability exceeds the draw
        out = np.zeros(len(x))
        alive = np.flatnonzero(state < self.law.k)
        out[alive] = self.law.drawn_orders(self.theta, x[alive], T[alive], horizon, state[alive], rng)
        return out

    def gap_quantile(self, customers: pd.DataFrame, *, level: float) -> np.ndarray:
        """Time from the last purchase within which the next was to come with probability `level`, unless stopped."""
        x, t_x, _ = symbols(customers)
        k, shape, scale = self.law.first_gaps(self.theta, x, t_x)
        code, (shape_1,) = _distinct(shape)
        share = betaincinv(k, shape_1, level)
        with np.errstate(divide="ignore"):  # a gap without end
            return scale * (share / (1 - share))[code]

    def expected_of_new(self, horizon: np.ndarray) -> np.ndarray:
        """Repeat purchases expected of a customer within `horizon` after the first purchase."""
        return self.law.expected_of_new(self.theta, np.asarray(horizon, float))

    def _states(self, customers: pd.DataFrame) -> np.ndarray:
        """`law.states` of every customer; remembered for the last table, which is asked several questions in a row."""
        if self._last and self._last[0] is customers:
            return self._last[1]
        x, t_x, T = symbols(customers)
        once, again = np.flatnonzero(x == 0), np.flatnonzero(x > 0)
        states = np.empty((len(x), self.law.k))
        states[again] = self.law.states(self.theta, x[again], t_x[again], T[again])
        code, (T_once,) = _distinct(T[once])
        zero = np.zeros_like(T_once)
        states[once] = self.law.states(self.theta, zero, zero, T_once)[code]
        self._last[:] = customers, states
        return states

    def _tail_table(self, x, T, horizon, level) -> list[np.ndarray]:
        """For each distinct (x, T): P(at least n | alive in state j), n = 1 … as many as the quantile can be."""
        r, alpha = self.theta[:2]
        shape = r + self.law.k * x + self.law.k - 1
        most = nbinom.ppf(level, shape, (alpha + T) / (alpha + T + horizon))
        most = np.ceil(most / self.law.k).astype(int) + 2
        order = np.argsort(most, kind="stable")
        table: list[np.ndarray] = [np.empty(0)] * len(x)
        block_edges = np.unique(np.searchsorted(most[order], [0, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 10**9]))
        for start, end in pairwise(block_edges):
            rows = order[start:end]
            n = np.arange(1, most[rows].max() + 1)
            columns = (x[rows][:, None], T[rows][:, None], horizon)
            tails = np.stack([self.law.tail_if_alive(self.theta, *columns, j, n) for j in range(self.law.k)], axis=-1)
            for row, tail in zip(rows, tails):
                table[row] = tail
        return table

    def _quantile(self, level, states, pair, tails) -> np.ndarray:
        """Smallest n with P(more than n) ≤ 1 − level for each customer."""
        lengths = np.array([len(tail) for tail in tails])
        first = np.concatenate([[0], np.cumsum(lengths)])
        flat = np.concatenate(tails)
        out = np.zeros(len(pair))
        open_rows, n = np.arange(len(pair)), 0
        while len(open_rows):
            inside = n < lengths[pair[open_rows]]
            at = first[pair[open_rows]] + np.minimum(n, lengths[pair[open_rows]] - 1)
            more = np.where(inside, np.einsum("ij,ij->i", states[open_rows], flat[at]), 0.0)
            out[open_rows] = n
            open_rows, n = open_rows[more > 1 - level + 1e-12], n + 1
        return out


def _distinct(*columns: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Code of each row's distinct combination of columns, and the columns of the distinct combinations."""
    code, _ = pd.factorize(columns[0])
    for column in columns[1:]:
        more, values = pd.factorize(column)
        code, _ = pd.factorize(code.astype(np.int64) * len(values) + more)
    at = np.empty(code.max() + 1 if len(code) else 0, dtype=np.int64)
    at[code[::-1]] = np.arange(len(code))[::-1]
    return code, tuple(column[at] for column in columns)
