"""Cell averages: customers will buy as those like them did, one horizon earlier. No distribution, no birth date needed.

Assumptions, numbered as they are printed:
1. Customers alike in frequency (purchase days of late) and recency (days silent) buy alike, in proportion to what each
   has bought of late.
2. What such customers did over the horizon just past, they do over the horizon to come.

"Of late" is equally long then and now: as long as the data reach back from one horizon ago. Counted over all the data,
which are one horizon longer now, steady customers would seem to have become better ones. Each cell holds purchases over
the horizon per purchase made before; sparse cells are drawn to their row of frequency.
Wübben & Wangenheim 2008 on plain rules beside models.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from .days import Days, history_at
from .estimator import FitRefused

FREQUENCY = np.array([1, 2, 3, 4, 6, 9, 13, 19, 28, 41, 61, 91, 136, 1e9])  # lower ends, in purchase days
PARTS = 5  # cells of recency, with equal numbers of customers
CELLS = len(FREQUENCY) * PARTS
PRIOR = 5.0  # customers of its row of frequency mixed into each cell; cells with fewer borrow a neighbour's customers


@dataclass(frozen=True, eq=False)
class CellAverages:
    """What customers did in the horizon after an earlier origin, by cell.

    recent    purchase days of each customer (by customer_id) in the same length of time up to now
    made      purchase days of each customer up to the earlier origin
    cell      its cell then
    after     (customer, day counted from that origin) of each later purchase
    weight    how often each customer counts (resampled by `drawn`)
    length    days observed after that origin
    silence   inner edges of the cells of recency, in days silent
    """

    recent: pd.Series
    made: np.ndarray
    cell: np.ndarray
    after: tuple[np.ndarray, np.ndarray]
    weight: np.ndarray
    length: float
    silence: np.ndarray

    model = "cell_averages"
    log_likelihood = None
    gap_quantile = None  # it says how many purchases, not when

    def drawn(self, rng: np.random.Generator) -> "CellAverages":
        """The same averages over customers drawn anew."""
        count = len(self.made)
        return replace(self, weight=np.bincount(rng.integers(count, size=count), minlength=count).astype(float))

    def alive_prob(self, customers: pd.DataFrame) -> np.ndarray:
        """Share of such customers that bought again within the horizon: the least that can be alive."""
        again = (self._bought(self.length) > 0).astype(float)
        return self._means(again, np.ones_like(again))[self._cells(customers)[0]]

    def expected_orders(self, customers: pd.DataFrame, *, horizon: float) -> np.ndarray:
        """Purchases expected of each customer within `horizon`; beyond the length observed the mean rate goes on."""
        cell, made = self._cells(customers)
        return self._means(self._bought(horizon), self.made)[cell] * made

    def discounted_orders(self, customers: pd.DataFrame, *, edges, factors) -> np.ndarray:
        """Purchases expected of each customer; those between edge i−1 and edge i (0 first) count `factors[i]`."""
        cell, made = self._cells(customers)
        until = np.array([self._means(self._bought(edge), self.made) for edge in edges])
        return (np.asarray(factors, float) @ np.diff(until, axis=0, prepend=0.0))[cell] * made

    def total_orders(self, customers: pd.DataFrame, *, edges) -> np.ndarray:
        """Purchases expected of all customers together by each edge."""
        cell, made = self._cells(customers)
        in_cell = np.bincount(cell, made, CELLS)
        return np.array([in_cell @ self._means(self._bought(edge), self.made) for edge in edges])

    def orders_at_most(self, customers: pd.DataFrame, *, horizon: float, counts: np.ndarray) -> np.ndarray:
        """P(each customer buys at most `counts` times within `horizon`), from the members of its cell."""
        cell, made = self._cells(customers)
        members = self._members(horizon)
        with np.errstate(divide="ignore"):
            ratio = (np.asarray(counts, float) + 0.5) / made / members.scale[cell]
        return np.where(np.asarray(counts) < 0, 0.0, members.share_at_most(cell, ratio))

    def order_range(self, customers: pd.DataFrame, *, horizon: float, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of the `level` predictive interval of each customer's purchases within `horizon`."""
        cell, made = self._cells(customers)
        members = self._members(horizon)
        ends = (members.quantile(cell, (1 - level) / 2), members.quantile(cell, (1 + level) / 2))
        return tuple(np.rint(end * members.scale[cell] * made) for end in ends)

    def simulated_orders(self, customers: pd.DataFrame, *, horizon: float, rng: np.random.Generator) -> np.ndarray:
        """One simulated future: each customer does as a member of its cell drawn at random."""
        cell, made = self._cells(customers)
        members = self._members(horizon)
        exact = members.quantile(cell, rng.random(len(cell))) * members.scale[cell] * made
        return np.floor(exact + rng.random(len(cell)))

    def _bought(self, until: float) -> np.ndarray:
        """Purchases of each past customer within `until` of its origin."""
        who, day = self.after
        counted = np.bincount(who[day <= until], minlength=len(self.made)).astype(float)
        return counted * max(1.0, until / self.length)

    def _cells(self, customers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Cell of each customer and its purchases of late; one silent for longer counts as a one-time buyer."""
        made = np.maximum(self.recent.reindex(customers["customer_id"]).fillna(0.0).to_numpy(float), 1.0)
        return _cells(made, (customers["observed_days"] - customers["span_days"]).to_numpy(float), self.silence), made

    def _means(self, values: np.ndarray, size: np.ndarray) -> np.ndarray:
        """Σ values / Σ size of each cell, drawn to its row of frequency, and that to the row below."""
        total, sizes, number = (
            np.bincount(self.cell, part * self.weight, CELLS).reshape(-1, PARTS)
            for part in (values, size, np.ones_like(size))
        )
        prior = PRIOR * size @ self.weight / self.weight.sum()
        base, out = total.sum() / sizes.sum(), np.empty_like(total)
        for row in range(len(FREQUENCY)):
            if number[row].sum():
                prior = PRIOR * sizes[row].sum() / number[row].sum()
                base = (total[row].sum() + prior * base) / (sizes[row].sum() + prior)
            out[row] = (total[row] + prior * base) / (sizes[row] + prior)
        return out.ravel()

    @cached_property
    def _known_members(self) -> dict[float, "Members"]:
        return {}

    def _members(self, horizon: float) -> "Members":
        if horizon not in self._known_members:
            means = self._means(self._bought(horizon), self.made)
            self._known_members[horizon] = members(self._bought(horizon) / self.made, self.cell, self.weight, means)
        return self._known_members[horizon]


@dataclass(frozen=True, eq=False)
class Members:
    """Past customers sorted by cell and by purchases per purchase made; which cell answers for which."""

    ratio: np.ndarray
    key: np.ndarray
    run: np.ndarray  # weights, cumulated over all cells; starts with 0
    first: np.ndarray  # first and one past the last member of the cell that answers for each cell
    last: np.ndarray
    scale: np.ndarray  # by which the answering members are multiplied to have the mean of the cell

    def quantile(self, cell: np.ndarray, level) -> np.ndarray:
        """The smallest ratio that at least `level` of the members do not exceed."""
        low, high = self.run[self.first[cell]], self.run[self.last[cell]]
        at = np.searchsorted(self.run, low + level * (high - low) * (1 - 1e-12), side="left") - 1
        return self.ratio[np.clip(at, self.first[cell], self.last[cell] - 1)]

    def share_at_most(self, cell: np.ndarray, ratio: np.ndarray) -> np.ndarray:
        """Share of the members whose ratio is at most this."""
        first, last = self.first[cell], self.last[cell]
        place = self.key[first] // 1 + np.minimum(ratio, 1e8) / 1e9
        at = np.clip(np.searchsorted(self.key, place, side="right"), first, last)
        return (self.run[at] - self.run[first]) / (self.run[last] - self.run[first])


def members(ratio: np.ndarray, cell: np.ndarray, weight: np.ndarray, means: np.ndarray) -> Members:
    """Members of every cell; one with fewer than PRIOR customers borrows those of the nearest that has them."""
    order = np.lexsort((ratio, cell))
    ratio, cell, weight = ratio[order], cell[order], weight[order]
    run = np.concatenate([[0.0], np.cumsum(weight)])
    edges = np.searchsorted(cell, np.arange(CELLS + 1))
    held = run[edges[1:]] - run[edges[:-1]]
    dense = np.flatnonzero(held >= min(PRIOR, held.max()))
    row, part = np.divmod(np.arange(CELLS), PARTS)
    apart = np.abs(row[:, None] - row[dense]) + 0.6 * np.abs(part[:, None] - part[dense])
    donor = dense[np.argmin(apart, axis=1)]
    mean = np.bincount(cell, ratio * weight, CELLS)[donor] / held[donor]
    scale = np.where(mean > 0, means / np.where(mean > 0, mean, 1.0), 0.0)
    return Members(ratio, cell + np.minimum(ratio, 1e8) / 1e9, run, edges[donor], edges[donor + 1], scale)


def cell_averages(bought: Days, *, as_of: float, horizon: float, settings) -> CellAverages:
    """Cell averages of the horizon before `as_of`: what customers known at `as_of − horizon` did until `as_of`.

    Raises FitRefused when fewer than settings.value.min_customers were known then.
    """
    origin = as_of - horizon
    past = history_at(bought, origin)
    if len(past) < settings.value.min_customers:
        raise FitRefused(
            f"cell averages need {settings.value.min_customers:,} customers one horizon ago and have {len(past):,}.",
            "purchase_days",
            "use a shorter horizon, or the rule-based values.",
        )
    customer = np.full(len(bought.ids), -1)
    customer[past["who"]] = np.arange(len(past))
    later = (bought.day > origin) & (bought.day <= as_of) & (customer[bought.who] >= 0)
    made, silent = past["purchase_days"].to_numpy(float), past["silent_days"].to_numpy(float)
    silence = np.quantile(silent, np.arange(1, PARTS) / PARTS)
    after = (customer[bought.who[later]], bought.day[later] - origin)
    recent = pd.Series(bought.bought(as_of - (origin + 1), as_of), index=bought.ids)  # days 0 … origin
    return CellAverages(recent, made, _cells(made, silent, silence), after, np.ones(len(past)), horizon, silence)


def _cells(made: np.ndarray, silent: np.ndarray, silence: np.ndarray) -> np.ndarray:
    frequency = np.searchsorted(FREQUENCY, made, side="right") - 1
    return frequency * PARTS + np.searchsorted(silence, silent, side="right")
