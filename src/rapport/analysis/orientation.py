"""Whether a customer looks for cost, value or technology: by its own word, else by what it pays (RU-15 to RU-17)."""

import numpy as np
import pandas as pd

from .grid import quantiles
from .traits import missing
from .worth import EDGE

MONTH_DAYS = 365.25 / 12
LAUNCHES = 2  # launched products a customer must have bought to be called technology-oriented (RU-17)

RULES = (
    ("declared", "what the customer answered in the satisfaction survey goes before behaviour"),
    ("technology", "share of spend on products at most 12 months old in the top quarter, at least two launches bought"),
    ("cost", "pays clearly less than others for the same goods, and pays late or complains"),
    ("value", "pays clearly more than others for the same goods, long a customer, complains no more than the median"),
)

NEEDS = {  # traits that each orientation is read from
    "technology": [("new_share",)],
    "cost": [("price_index",), ("late_share",), ("complaints",)],
    "value": [("price_index",), ("complaints",)],
}
UNPLACED = "unclassified"


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


def kinds(history: pd.DataFrame, classes: pd.DataFrame, traits: pd.DataFrame) -> pd.DataFrame:
    """The three orientations and who cannot be placed, one row each, in the order in which they are tried.

    In: `history`, `classes` (orientation), `traits`. Out: orientation, customers, customer_share, net (money),
    declared (customers who said so themselves), missing (the tables whose absence leaves it untold by behaviour), rule.
    Reference: RU-15 to RU-17, DEF10.
    """
    both = classes[["customer_id", "orientation"]].merge(history[["customer_id", "net_total"]], on="customer_id")
    both = both.merge(traits[["customer_id", "orientation_declared"]], on="customer_id")
    both["orientation"] = both["orientation"].fillna(UNPLACED)
    by = both.groupby("orientation")
    table = pd.DataFrame({"customers": by.size(), "net": by["net_total"].sum()})
    table = table.reindex([*NEEDS, UNPLACED]).fillna(0).astype({"customers": "int64"})
    table.insert(1, "customer_share", table["customers"] / max(len(both), 1))
    said = both["orientation_declared"].value_counts()
    table["declared"] = said.reindex(table.index).fillna(0).astype("int64")
    lacks = {name: [missing(traits, *options) for options in needs] for name, needs in NEEDS.items()}
    table["missing"] = ["; ".join(filter(None, lacks.get(name, []))) for name in table.index]
    table["rule"] = [dict(RULES).get(name, "none of the three shows") for name in table.index]
    return table.rename_axis("orientation").reset_index()
