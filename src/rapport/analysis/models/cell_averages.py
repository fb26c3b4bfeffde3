"""Cell averages: customers will buy as those like them did, one horizon earlier. No distribution, no birth date needed.

Assumptions, numbered as they are printed:
1. Customers alike in frequency (purchase days so far) and recency (days silent) buy alike.
2. What such customers did over the horizon just past, they do over the horizon to come.

Each cell holds purchases over the horizon per purchase made before; sparse cells are drawn to their row of frequency.
Wübben & Wangenheim 2008 on plain rules beside models.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .days import Days, history_at
from .estimator import FitRefused

FREQUENCY = np.array([1, 2, 3, 4, 6, 9, 13, 19, 28, 41, 61, 91, 136, 1e9])  # lower ends, in purchase days
RECENCY_PARTS = 5  # cells of recency with equal numbers of customers
PRIOR = 5.0  # customers of its row of frequency mixed into each cell


@dataclass(frozen=True, eq=False)
class CellAverages:
    """What customers did in the horizon after an earlier origin, by cell.

    past      customers at the earlier origin: purchase_days and silent_days
    after     for each of them the days, counted from the origin, of later purchases: (customer row, day)
    weights   how often each of them counts (resampled when drawn)
    length    days of the horizon observed after the origin
    """

    past: pd.DataFrame
    after: tuple[np.ndarray, np.ndarray]
    weights: np.ndarray
    length: float
    edges: np.ndarray

    model = "cell_averages"
    log_likelihood = None
    note = ""

    def drawn(self, rng: np.random.Generator) -> "CellAverages":
        """The same averages over customers drawn anew."""
        return replace(
            self, weights=rng.multinomial(len(self.past), np.full(len(self.past), 1 / len(self.past))).astype(float)
        )

    def alive_prob(self, customers: pd.DataFrame) -> np.ndarray:
        """Share of such customers that bought again within the horizon: the least that can be alive."""
        again = (self._bought(self.length) > 0).astype(float)
        return self._cell_means(again, np.ones(len(self.past)))[self._cells(customers)]

    def expected_orders(self, customers: pd.DataFrame, *, horizon: float) -> np.ndarray:
        """Purchases expected of each customer within `horizon`; beyond the length observed the mean rate goes on."""
        return self.discounted_orders(customers, edges=[horizon], factors=[1.0])

    def discounted_orders(self, customers: pd.DataFrame, *, edges, factors) -> np.ndarray:
        """Purchases expected of each customer; those between edge i−1 and edge i (0 first) count `factors[i]`."""
        made = _purchases(customers)
        cells, out, before = self._cells(customers), np.zeros(len(customers)), 0.0
        for edge, factor in zip(edges, factors):
            total = self._bought(min(edge, self.length)) * max(1.0, edge / self.length)
            until = self._cell_means(total, self.past["purchase_days"].to_numpy(float))
            out += factor * (until - before)[cells] * made
            before = until
        return out

    def alive_and_orders(self, customers: pd.DataFrame, *, edges, factors) -> tuple[np.ndarray, np.ndarray]:
        """`alive_prob` and `discounted_orders`."""
        return self.alive_prob(customers), self.discounted_orders(customers, edges=edges, factors=factors)

    def orders_at_most(self, customers: pd.DataFrame, *, horizon: float, counts: np.ndarray) -> np.ndarray:
        """P(each customer buys at most `counts` times within `horizon`), from the members of its cell."""
        made, counts = _purchases(customers), np.asarray(counts, float)
        out = np.zeros(len(customers))
        for rows, ratios, share in self._members(customers, horizon):
            at = np.searchsorted(ratios, (counts[rows] + 0.5) / made[rows])
            out[rows] = np.append(0.0, share)[at]
        return np.where(counts < 0, 0.0, out)

    def order_range(self, customers: pd.DataFrame, *, horizon: float, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of the `level` predictive interval of each customer's purchases within `horizon`."""
        made = _purchases(customers)
        low, high = np.zeros(len(customers)), np.zeros(len(customers))
        for rows, ratios, share in self._members(customers, horizon):
            for ends, q in ((low, (1 - level) / 2), (high, (1 + level) / 2)):
                at = np.minimum(np.searchsorted(share, q - 1e-12), len(ratios) - 1)
                ends[rows] = np.rint(ratios[at] * made[rows])
        return low, high

    def simulated_orders(self, customers: pd.DataFrame, *, horizon: float, rng: np.random.Generator) -> np.ndarray:
        """One simulated future: each customer does as a member of its cell drawn at random."""
        made, out = _purchases(customers), np.zeros(len(customers))
        for rows, ratios, share in self._members(customers, horizon):
            at = np.searchsorted(share, rng.random(len(rows)) * share[-1])
            exact = ratios[np.minimum(at, len(ratios) - 1)] * made[rows]
            out[rows] = np.floor(exact + rng.random(len(rows)))
        return out

    def gap_quantile(self, customers: pd.DataFrame, *, level: float) -> None:
        """None: cells say how many purchases, not when."""

    def _bought(self, until: float) -> np.ndarray:
        row, day = self.after
        return np.bincount(row[day <= until], minlength=len(self.past)).astype(float)

    def _cells(self, customers: pd.DataFrame) -> np.ndarray:
        silent = (customers["observed_days"] - customers["span_days"]).to_numpy(float)
        frequency = np.searchsorted(FREQUENCY, _purchases(customers), side="right") - 1
        return frequency * RECENCY_PARTS + np.searchsorted(self.edges, silent, side="right")

    def _past_cells(self) -> np.ndarray:
        return self._cells(self.past)

    def _cell_means(self, values: np.ndarray, size: np.ndarray) -> np.ndarray:
        """Σ values / Σ size of each cell, drawn to its row of frequency, and that to the nearest row below."""
        count = len(FREQUENCY) * RECENCY_PARTS
        cells, w = self._past_cells(), self.weights
        total, sizes, number = (np.bincount(cells, part * w, count) for part in (values, size, np.ones(len(w))))
        rows = (len(FREQUENCY), RECENCY_PARTS)
        row_total, row_size, row_number = (part.reshape(rows).sum(1) for part in (total, sizes, number))
        base = row_total.sum() / max(row_size.sum(), 1e-300)
        row_mean = np.empty(len(FREQUENCY))
        for row in range(len(FREQUENCY)):
            mean_size = row_size[row] / row_number[row] if row_number[row] else 1.0
            row_mean[row] = (row_total[row] + PRIOR * mean_size * base) / (row_size[row] + PRIOR * mean_size)
            base = row_mean[row]
        mean_size = np.where(number > 0, sizes / np.maximum(number, 1), 1.0)
        prior = PRIOR * mean_size
        return (total + prior * np.repeat(row_mean, RECENCY_PARTS)) / (sizes + prior)

    def _members(self, customers: pd.DataFrame, horizon: float):
        """For each cell in use: its customers' rows, its members' purchases per purchase made, sorted, and shares."""
        stretch = max(1.0, horizon / self.length)
        ratio = self._bought(min(horizon, self.length)) * stretch / self.past["purchase_days"].to_numpy(float)
        past_cells, cells = self._past_cells(), self._cells(customers)
        for cell in np.unique(cells):
            members = np.flatnonzero((past_cells == cell) & (self.weights > 0))
            if len(members) < PRIOR:
                row = cell // RECENCY_PARTS
                members = np.flatnonzero((np.abs(past_cells // RECENCY_PARTS - row) <= 1) & (self.weights > 0))
            if len(members) == 0:
                members = np.flatnonzero(self.weights > 0)
            order = members[np.argsort(ratio[members], kind="stable")]
            share = np.cumsum(self.weights[order]) / self.weights[order].sum()
            yield np.flatnonzero(cells == cell), ratio[order], share


def cell_averages(bought: Days, *, as_of: float, horizon: float, settings) -> CellAverages:
    """Cell averages of the horizon before `as_of`: what customers known at `as_of − horizon` did until `as_of`.

    Raises FitRefused when fewer than settings.value.min_customers were known then.
    """
    origin = as_of - horizon
    past = history_at(bought, origin)
    if len(past) < settings.value.min_customers:
        raise FitRefused(
            f"cell averages need {settings.value.min_customers:,} customers one horizon ago and have {len(past):,}.",
            "purchase_days", "use a shorter horizon, or the rule-based values.",
        )  # fmt: skip
    row_of = np.full(len(bought.ids), -1)
    row_of[past["who"]] = np.arange(len(past))
    later = (bought.day > origin) & (bought.day <= as_of) & (row_of[bought.who] >= 0)
    inner = np.quantile(past["silent_days"], np.arange(1, RECENCY_PARTS) / RECENCY_PARTS)
    return CellAverages(
        past=past,
        after=(row_of[bought.who[later]], bought.day[later] - origin),
        weights=np.ones(len(past)),
        length=horizon,
        edges=inner,
    )


def _purchases(customers: pd.DataFrame) -> np.ndarray:
    return customers["repeat_days"].to_numpy(float) + 1
