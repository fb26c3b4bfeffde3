"""Purchase days as arrays: the past of every customer at any origin, and what it bought after."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Days:
    """`purchase_days` sorted by customer and day, as numbers.

    who    code of the customer, in the order of `ids`
    day    days since `begin`
    """

    ids: np.ndarray
    who: np.ndarray
    day: np.ndarray
    net: np.ndarray
    begin: pd.Timestamp

    @cached_property
    def in_order(self) -> np.ndarray:
        """All purchase days, the earliest first."""
        return np.sort(self.day)

    @cached_property
    def log_gap(self) -> np.ndarray:
        """Log of the days since the customer's purchase before; 0 for its first."""
        gap = np.diff(self.day, prepend=0.0)
        return np.log(np.where(np.diff(self.who, prepend=-1) == 0, gap, 1.0))

    def number(self, day: pd.Timestamp) -> float:
        """A date as days since the first purchase of all."""
        return float((day - self.begin).days)

    def bought(self, after: float, until: float) -> np.ndarray:
        """Purchase days of each customer in (after, until]."""
        inside = (self.day > after) & (self.day <= until)
        return np.bincount(self.who[inside], minlength=len(self.ids)).astype(float)


def days(purchase_days: pd.DataFrame) -> Days:
    """`purchase_days` (customer_id, ordered_on, net) as Days; several rows of a customer and day become one."""
    who, ids = pd.factorize(purchase_days["customer_id"])
    begin = purchase_days["ordered_on"].min()
    day = (purchase_days["ordered_on"] - begin).dt.days.to_numpy(np.int64)
    net = purchase_days["net"].to_numpy(float)
    key = who.astype(np.int64) * (day.max() + 1 if len(day) else 1) + day
    if np.any(np.diff(key) <= 0):
        key, at = np.unique(key, return_inverse=True)
        net = np.bincount(at, net)
    span = day.max() + 1 if len(day) else 1
    return Days(np.asarray(ids), key // span, (key % span).astype(float), net, begin)


def history_at(bought: Days, origin: float, truncated: np.ndarray | None = None) -> pd.DataFrame:
    """What was known of each customer at `origin` (days since the beginning), one row per customer seen by then.

    customer_id, who (its code), purchase_days, repeat_days, span_days, observed_days, silent_days, mean_repeat_value,
    gross_total, is_truncated (by customer code; False when not given): as in `history`; log_gaps, the sum of the logs
    of the days between its purchases.
    """
    seen = bought.day <= origin
    who, day, net = bought.who[seen], bought.day[seen], bought.net[seen]
    first = np.flatnonzero(np.diff(who, prepend=-1))
    last = np.append(first[1:], len(who))[: len(first)] - 1
    count = last - first + 1
    total = np.add.reduceat(net, first) if len(first) else net[:0]
    repeat = count - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (total - net[first]) / repeat
    return pd.DataFrame(
        {
            "customer_id": bought.ids[who[first]],
            "who": who[first],
            "purchase_days": count,
            "repeat_days": repeat,
            "span_days": day[last] - day[first],
            "observed_days": origin - day[first],
            "silent_days": origin - day[last],
            "mean_repeat_value": np.where(repeat > 0, mean, np.nan),
            "gross_total": total,
            "log_gaps": np.add.reduceat(bought.log_gap[seen], first) if len(first) else net[:0],
            "is_truncated": np.zeros(len(first), bool) if truncated is None else truncated[who[first]],
        }
    )
