"""Apart: customers of unknown birth are foreseen apart from those whose first purchase is known.

Customers first seen in the first weeks of the data are old customers; taken as new ones they look as if nobody ever
stopped, and the forecast of the total runs far too high. Their first purchase *seen* is a purchase like any other, so
the same model with parameters of its own describes what follows; it is fitted on them alone.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Apart:
    """Two forecasts: `known` for customers of known birth, `unknown` for those marked `is_truncated`."""

    known: object
    unknown: object

    @property
    def model(self) -> str:
        return self.known.model

    @property
    def log_likelihood(self) -> float:
        return self.known.log_likelihood + self.unknown.log_likelihood

    @property
    def note(self) -> str:
        """What a reader must know of both."""
        return (
            f"{self.known.note} Customers of unknown birth apart, by {self.unknown.model}. {self.unknown.note}".strip()
        )

    def drawn(self, rng: np.random.Generator) -> "Apart":
        """Both with parameters drawn from their uncertainty."""
        return Apart(self.known.drawn(rng), self.unknown.drawn(rng))

    def alive_prob(self, customers: pd.DataFrame) -> np.ndarray:
        """Probability that each customer will buy again at all."""
        return self._joined(customers, lambda forecast, part, _: (forecast.alive_prob(part),))[0]

    def expected_orders(self, customers: pd.DataFrame, *, horizon: float) -> np.ndarray:
        """Purchases expected of each customer within `horizon`."""
        return self._joined(customers, lambda forecast, part, _: (forecast.expected_orders(part, horizon=horizon),))[0]

    def discounted_orders(self, customers: pd.DataFrame, *, edges, factors) -> np.ndarray:
        """Purchases expected of each customer; those between edge i−1 and edge i (0 first) count `factors[i]`."""
        answer = lambda forecast, part, _: (forecast.discounted_orders(part, edges=edges, factors=factors),)  # noqa: E731
        return self._joined(customers, answer)[0]

    def alive_and_orders(self, customers: pd.DataFrame, *, edges, factors) -> tuple[np.ndarray, np.ndarray]:
        """`alive_prob` and `discounted_orders`."""
        return self._joined(
            customers, lambda forecast, part, _: forecast.alive_and_orders(part, edges=edges, factors=factors)
        )

    def orders_at_most(self, customers: pd.DataFrame, *, horizon: float, counts: np.ndarray) -> np.ndarray:
        """P(each customer buys at most `counts` times within `horizon`)."""
        counts = np.asarray(counts)
        return self._joined(
            customers,
            lambda forecast, part, rows: (forecast.orders_at_most(part, horizon=horizon, counts=counts[rows]),),
        )[0]

    def order_range(self, customers: pd.DataFrame, *, horizon: float, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of the `level` predictive interval of each customer's purchases within `horizon`."""
        return self._joined(
            customers, lambda forecast, part, _: forecast.order_range(part, horizon=horizon, level=level)
        )

    def simulated_orders(self, customers: pd.DataFrame, *, horizon: float, rng: np.random.Generator) -> np.ndarray:
        """One simulated future: purchases of each customer within `horizon`."""
        return self._joined(
            customers, lambda forecast, part, _: (forecast.simulated_orders(part, horizon=horizon, rng=rng),)
        )[0]

    def gap_quantile(self, customers: pd.DataFrame, *, level: float) -> np.ndarray:
        """Time from the last purchase within which the next was to come with probability `level`, unless stopped."""
        return self._joined(customers, lambda forecast, part, _: (forecast.gap_quantile(part, level=level),))[0]

    def _joined(self, customers: pd.DataFrame, answer) -> tuple[np.ndarray, ...]:
        """The answers of both forecasts for their own customers, in the order of the table."""
        unknown = customers["is_truncated"].to_numpy(bool)
        groups = [(self.known, np.flatnonzero(~unknown)), (self.unknown, np.flatnonzero(unknown))]
        answers = [(rows, answer(forecast, customers.iloc[rows], rows)) for forecast, rows in groups if len(rows)]
        width = len(answers[0][1]) if answers else 1
        joined = tuple(np.zeros(len(customers)) for _ in range(width))
        for rows, parts in answers:
            for whole, part in zip(joined, parts):
                whole[rows] = part
        return joined
