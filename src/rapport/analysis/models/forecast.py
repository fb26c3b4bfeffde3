"""Forecast: what a fitted candidate foresees of any customer — the one interface that values and back-tests use.

Two things are settled here for all candidates alike.

Customers of unknown birth are foreseen apart: first seen in the first weeks of the data, they are old customers; taken
as new ones they look as if nobody ever stopped, and the forecast of the total runs far too high. Their first purchase
*seen* is a purchase like any other, so the same model with parameters of its own, fitted on them alone, describes what
follows.

Where months differ, coming days are counted by the clock of the season (see `season`).
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from .season import Season

SEEN = ["repeat_days", "span_days", "observed_days"]  # all that models of customers apart look at


@dataclass(frozen=True, eq=False)
class Forecast:
    """A fitted candidate at a day.

    known     what answers for customers of known birth (a Fit, CellAverages or Naive)
    unknown   what answers for customers marked `is_truncated`; None: `known` answers for all
    season    strength of the coming months; None: all alike
    start     the day after which the horizon begins
    """

    known: object
    start: pd.Timestamp
    unknown: object | None = None
    season: Season | None = None
    note: str = ""
    _last: list = field(default_factory=list, repr=False)  # the last table and its parts; `drawn` hands it on

    @property
    def model(self) -> str:
        """Name of the candidate."""
        return self.known.model

    @property
    def log_likelihood(self) -> float | None:
        """Of all customers it was fitted on; None without a likelihood."""
        return self.known.log_likelihood + self.unknown.log_likelihood if self.unknown else self.known.log_likelihood

    def drawn(self, rng: np.random.Generator) -> "Forecast":
        """The same with parameters drawn from their uncertainty."""
        return replace(self, known=self.known.drawn(rng), unknown=self.unknown.drawn(rng) if self.unknown else None)

    def alive_prob(self, customers: pd.DataFrame) -> np.ndarray:
        """Probability that each customer will buy again at all."""
        prob = self._joined(customers, lambda part, rows, of: of.alive_prob(part))
        return np.clip(prob, 0.0, 1.0)  # rounding may leave it a hair above one

    def expected_orders(self, customers: pd.DataFrame, *, horizon: float) -> np.ndarray:
        """Purchases expected of each customer within `horizon`."""
        run = self._run([horizon])[0]
        return self._joined(customers, lambda part, rows, of: of.expected_orders(part, horizon=run))

    def discounted_orders(self, customers: pd.DataFrame, *, edges, factors) -> np.ndarray:
        """Purchases expected of each customer; those between edge i−1 and edge i (0 first) count `factors[i]`."""
        run = self._run(edges)
        return self._joined(customers, lambda part, rows, of: of.discounted_orders(part, edges=run, factors=factors))

    def total_orders(self, customers: pd.DataFrame, *, edges) -> np.ndarray:
        """Purchases expected of all customers together by each edge."""
        run = self._run(edges)
        parts = self._parts(customers)
        return sum((of.total_orders(part, edges=run) for of, _, part in parts), np.zeros(len(run)))

    def orders_at_most(self, customers: pd.DataFrame, *, horizon: float, counts: np.ndarray) -> np.ndarray:
        """P(each customer buys at most `counts` times within `horizon`); 0 for counts below 0."""
        run, counts = self._run([horizon])[0], np.asarray(counts, float)
        return self._joined(customers, lambda part, rows, of: of.orders_at_most(part, horizon=run, counts=counts[rows]))

    def order_range(self, customers: pd.DataFrame, *, horizon: float, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of the `level` predictive interval of each customer's purchases within `horizon`."""
        run = self._run([horizon])[0]
        ends = self._joined(
            customers, lambda part, rows, of: np.array(of.order_range(part, horizon=run, level=level)).T, width=2
        )
        return ends[:, 0], ends[:, 1]

    def simulated_orders(self, customers: pd.DataFrame, *, horizon: float, rng: np.random.Generator) -> np.ndarray:
        """One simulated future: purchases of each customer within `horizon`."""
        run = self._run([horizon])[0]
        return self._joined(customers, lambda part, rows, of: of.simulated_orders(part, horizon=run, rng=rng))

    def gap_quantile(self, customers: pd.DataFrame, *, level: float) -> np.ndarray | None:
        """Time from the last purchase within which the next was to come with probability `level`, unless stopped.

        None where the candidate says how many purchases, not when.
        """
        if self.known.gap_quantile is None:
            return None
        return self._joined(customers, lambda part, rows, of: of.gap_quantile(part, level=level))

    def _run(self, edges) -> np.ndarray:
        """Days ahead on the clock of the season."""
        edges = np.asarray(edges, float)
        return self.season.clock(self.start, edges) if self.season else edges

    def _parts(self, customers: pd.DataFrame) -> list[tuple[object, np.ndarray, pd.DataFrame]]:
        """What answers for which rows; remembered for the last table, which is asked several questions in a row."""
        if self.unknown is None:
            return [(self.known, np.arange(len(customers)), customers)]
        if not self._last or self._last[0] is not customers:
            unknown = customers["is_truncated"].to_numpy(bool)
            rows = (np.flatnonzero(~unknown), np.flatnonzero(unknown))
            self._last[:] = customers, [(at, customers[SEEN].iloc[at]) for at in rows]
        return [(of, at, part) for of, (at, part) in zip((self.known, self.unknown), self._last[1]) if len(at)]

    def _joined(self, customers: pd.DataFrame, answer, width: int = 1) -> np.ndarray:
        """The answers for customers of known and of unknown birth, in the order of the table."""
        out = np.zeros((len(customers), width) if width > 1 else len(customers))
        for of, rows, part in self._parts(customers):
            out[rows] = answer(part, rows, of)
        return out
