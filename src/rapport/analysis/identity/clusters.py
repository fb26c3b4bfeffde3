"""From accepted pairs to customers: connected records that nothing forbids to be one."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from ...foundation.errors import SettingsError
from .compare import is_date_slip, is_one_slip


def clusters(
    normal: pd.DataFrame,
    edges: pd.DataFrame,
    rivals: pd.DataFrame,
    *,
    merge: Sequence[Sequence[str]] = (),
    split: Sequence[Sequence[str]] = (),
) -> np.ndarray:
    """The group of each record: the row number of its first record.

    Grain in: `normal`; `edges` with a, b (row numbers) and is_named (beyond doubt, and the names agree), the
    strongest first; `rivals` with a, b. `merge` and `split` are lists of uids and win over everything: what is merged
    stays together, what is split never meets. Otherwise an edge joins two groups unless they hold two tax numbers or
    two birth dates that no slip of the pen explains and that the edge, for want of one of them, could not weigh; or
    unless they hold a pair of rivals and the edge is not named. Records unknown to `normal` are passed over (a list
    may outlive a record). Raises SettingsError where the two lists contradict each other.
    """
    row = pd.Series(np.arange(len(normal)), index=normal["uid"])
    groups = _Groups(normal)
    for uids in split:
        groups.keep_apart([row[uid] for uid in uids if uid in row.index])
    for uids in merge:
        rows = [row[uid] for uid in uids if uid in row.index]
        for a, b in pairwise(rows):
            if not groups.join(a, b, by_user=True):
                raise SettingsError(
                    f"records {normal['uid'][a]} and {normal['uid'][b]} are to be merged and to be split.",
                    "merge and split lists of engagement.yml",
                    "take them (or the records that tie them together) out of one of the two lists.",
                )
    for a, b in rivals[["a", "b"]].to_numpy():
        groups.keep_apart([a, b], by_user=False)
    for a, b, is_named in zip(edges["a"].to_numpy(), edges["b"].to_numpy(), edges["is_named"].to_numpy()):
        groups.join(a, b, is_named=is_named)
    return np.array([groups.root(i) for i in range(len(normal))], dtype="int64")


class _Groups:
    """Disjoint sets of rows that know their tax numbers, birth dates and whom they must not meet."""

    def __init__(self, normal: pd.DataFrame):
        self._parent = list(range(len(normal)))
        self._tax: dict[int, set] = {i: {value} for i, value in enumerate(normal["tax"]) if value is not None}
        self._born: dict[int, set] = {i: {value} for i, value in enumerate(normal["born_on"]) if not pd.isna(value)}
        self._split: dict[int, set[int]] = defaultdict(set)
        self._rivals: dict[int, set[int]] = defaultdict(set)
        self._facts = (
            (self._tax, normal["tax"].notna().to_numpy(), is_one_slip),
            (self._born, normal["born_on"].notna().to_numpy(), is_date_slip),
        )

    def root(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def keep_apart(self, rows: Sequence[int], *, by_user: bool = True) -> None:
        apart = self._split if by_user else self._rivals
        for i in rows:
            apart[self.root(i)].update(j for j in rows if j != i)

    def join(self, a: int, b: int, *, by_user: bool = False, is_named: bool = False) -> bool:
        """Whether the groups of both rows are now one."""
        low, high = sorted((self.root(a), self.root(b)))
        if low == high:
            return True
        if self._meets(self._split, low, high):
            return False
        if not by_user and self._is_opposed(a, b, low, high):
            return False
        if not (by_user or is_named) and self._meets(self._rivals, low, high):
            return False
        self._parent[high] = low
        for facts in (self._tax, self._born, self._split, self._rivals):
            if high in facts:
                facts[low] = facts.get(low, set()) | facts.pop(high)
        return True

    def _meets(self, apart: dict[int, set[int]], low: int, high: int) -> bool:
        if low not in apart or high not in apart:
            return False
        return any(self.root(other) == high for other in apart[low])

    def _is_opposed(self, a: int, b: int, low: int, high: int) -> bool:
        unweighed = [(facts, is_slip) for facts, known, is_slip in self._facts if not (known[a] and known[b])]
        return any(_all_apart(facts, low, high, is_slip) for facts, is_slip in unweighed)


def _all_apart(facts: dict[int, set], a: int, b: int, is_slip) -> bool:
    """Whether both groups know the fact and no value of one is a value of the other, slips allowed."""
    if a not in facts or b not in facts:
        return False
    return not any(x == y or is_slip(x, y) for x in facts[a] for y in facts[b])
