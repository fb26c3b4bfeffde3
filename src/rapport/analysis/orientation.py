"""Whether a customer looks for cost, value or technology: by its own word, else by what it pays (RU-15 to RU-17)."""

import numpy as np
import pandas as pd

from .grid import quantiles
from .worth import EDGE

MONTH_DAYS = 365.25 / 12
LAUNCHES = 2  # launched products a customer must have bought to be called technology-oriented (RU-17)

RULES = (
    ("declared", "what the customer answered in the satisfaction survey goes before behaviour"),
    ("technology", "share of spend on products at most 12 months old in the top quarter, at least two launches bought"),
    ("cost", "pays low prices (orientation.low_price_index), and pays late or complains"),
    ("value", "pays high prices (orientation.high_price_index), of long tenure, complains no more than the median"),
)


def orientations(people: pd.DataFrame, *, settings) -> pd.Series:
    """Each customer's orientation (cost, value, technology, empty), rows as in people; the first of `RULES` that holds.

    In: people, one row per customer: price_index, late_share, complaints, new_share, launches, orientation_declared
    (of `traits`), orders, observed_days, net_total (of `history`). Cases: a fact unknown decides nothing, so most
    customers of most firms stay unclassified. Observed in purchases, not asked: say so. Reference: RU-15 to RU-17.
    """
    valued = people["net_total"] > 0
    rate = complaint_rate(people)
    new = people["new_share"][valued].dropna()
    edge = quantiles(new, (0.75,))[0] if len(new) else np.inf
    index, limits = people["price_index"], settings.orientation
    is_new = (people["new_share"] >= edge - EDGE) & (people["new_share"] > EDGE) & (people["launches"] >= LAUNCHES)
    is_trouble = (people["late_share"] >= limits.late_share - EDGE) | (people["complaints"] > 0)
    is_cost = (index <= limits.low_price_index + EDGE) & is_trouble
    is_long = people["observed_days"] >= limits.tenure_months * MONTH_DAYS
    usual = rate[valued].dropna()
    is_quiet = rate <= (usual.median() if len(usual) else -np.inf)
    is_value = (index >= limits.high_price_index - EDGE) & is_long & is_quiet
    declared = people["orientation_declared"]
    read = np.select([is_new, is_cost, is_value], ["technology", "cost", "value"], default="")
    read = pd.Series(read, index=people.index, dtype=object).replace("", None)
    return declared.where(declared.notna(), read)


def complaint_rate(people: pd.DataFrame) -> pd.Series:
    """Complaints per order; NaN where complaints are unknown or nothing was ordered."""
    return people["complaints"] / people["orders"].where(people["orders"] > 0)
