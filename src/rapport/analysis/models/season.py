"""Season: whether months differ, and a clock that runs faster in strong months.

A model of buying knows no months. Where they differ beyond chance, coming calendar days are counted in days of average
strength: a December of strength 1.5 is 46 days long. Over a whole year the clock agrees with the calendar.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution

from .days import Days

FEWEST_MONTHS = 24  # complete calendar months needed to tell season from trend
CHANCE = 0.01  # probability under equal months below which they are taken to differ
STRONGEST = 4.0  # a month's strength is kept between 1/4 and 4


@dataclass(frozen=True, eq=False)
class Season:
    """What months of the year are worth.

    strength   of a day in January … December, 1 on average over the year
    p_value    of the test that months are equal; None when it cannot be made
    """

    strength: np.ndarray
    p_value: float | None

    @property
    def differs(self) -> bool:
        """Whether months differ beyond chance."""
        return self.p_value is not None and self.p_value < CHANCE

    @property
    def note(self) -> str:
        """What a reader must know; nothing where months were tested and do not differ."""
        if self.p_value is None:
            return "Whether months differ cannot be told from less than two full years."
        return "Coming months are given the strength of their name." if self.differs else ""

    def clock(self, start: pd.Timestamp, edges) -> np.ndarray:
        """Calendar days after `start` as days of average strength; the identity where months do not differ."""
        edges = np.asarray(edges, float)
        if not self.differs:
            return edges
        length = int(np.ceil(edges.max())) if len(edges) else 0
        coming = pd.date_range(start + pd.Timedelta(days=1), periods=length, freq="D")
        run = np.concatenate([[0.0], np.cumsum(self.strength[coming.month.to_numpy() - 1])])
        return np.interp(edges, np.arange(length + 1), run)


def season(bought: Days, *, until: float) -> Season:
    """The season of purchase days up to the day `until`, from complete calendar months.

    A straight line in time and one level per month are fitted to the log of monthly purchase days; the F test compares
    with the line alone. Equal months where there are fewer than 24 complete months, or months without any purchase.
    """
    begin, end = bought.begin, bought.begin + pd.Timedelta(days=until)
    months = pd.period_range(begin.to_period("M"), end.to_period("M"), freq="M")
    if begin.day > 1:
        months = months[1:]
    if end != end + pd.offsets.MonthEnd(0):
        months = months[:-1]
    even = Season(np.ones(12), None)
    if len(months) < FEWEST_MONTHS:
        return even
    starts = (months.to_timestamp() - begin).days.to_numpy(float)
    ends = np.append(starts[1:], float((months[-1].end_time.normalize() - begin).days + 1))
    counts = np.searchsorted(bought.in_order, ends) - np.searchsorted(bought.in_order, starts)
    if (counts == 0).any():
        return even
    of_month = (months.month.to_numpy()[:, None] == np.arange(1, 13)).astype(float)
    line = np.arange(len(months), dtype=float)[:, None]
    y = np.log(counts / (ends - starts))
    level, error = _least_squares(np.hstack([of_month, line]), y)
    _, error_alike = _least_squares(np.hstack([np.ones_like(line), line]), y)
    freedom = len(months) - 13
    ratio = (error_alike - error) / 11 / (error / freedom) if error > 0 else np.inf
    strength = np.exp(level[:12] - level[:12].mean())
    strength = np.clip(strength / strength.mean(), 1 / STRONGEST, STRONGEST)
    days_in = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    return Season(strength / (strength @ days_in) * days_in.sum(), float(f_distribution.sf(ratio, 11, freedom)))


def _least_squares(design: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    solution, *_ = np.linalg.lstsq(design, y, rcond=None)
    return solution, float(((y - design @ solution) ** 2).sum())
