"""Which customers may have which offer (LT-06): yes, no, or undetermined where a field of the card is missing."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.errors import SettingsError, did_you_mean
from ..foundation.play import Bounds, condition

Offers = Mapping[str, Mapping[str, Bounds]]


def eligible_offers(customers: pd.DataFrame, net_totals: pd.Series, offers: Offers) -> pd.DataFrame:
    """The `eligible_offers` table: one row per customer and offer, with the answer and its reason.

    In: `customers`; `net_totals`, the net sales of each customer_id (money, nobody's left out); `offers`, by name, the
    conditions that must all hold, on columns of the customer card and on net_total. Where one does not hold the answer
    is no; where none fails but a field is missing it is undetermined, never no. A customer without a sale in
    the data has no net_total.
    Test cell: volume ≥ 1,000: 1,200 → yes, 800 → no, missing → undetermined. Raises SettingsError for a column nobody
    has.
    """
    cards = customers.assign(net_total=customers["customer_id"].map(net_totals).astype("float64"))
    contract = TABLES["eligible_offers"]
    made = [_one(name, conditions, cards) for name, conditions in offers.items()]
    return contract.check(pd.concat(made, ignore_index=True), "eligible_offers") if made else contract.empty()


def offer_counts(eligible_offers: pd.DataFrame) -> pd.DataFrame:
    """How many customers may have each offer: offer, eligible, not_eligible, undetermined (counts)."""
    counts = eligible_offers.groupby(["offer", "answer"], sort=False).size().unstack(fill_value=0)
    words = {"yes": "eligible", "no": "not_eligible", "undetermined": "undetermined"}
    return (
        counts.reindex(columns=list(words), fill_value=0).rename(columns=words).rename_axis(columns=None).reset_index()
    )


def _one(name: str, conditions: Mapping[str, Bounds], cards: pd.DataFrame) -> pd.DataFrame:
    unknown = [column for column in conditions if column not in cards.columns]
    if unknown:
        where = f"engagement.yml, offers: {name}"
        raise SettingsError(
            f"no customer card has '{unknown[0]}'.", where, did_you_mean(unknown[0], list(cards.columns))
        )
    fails, lacks = (np.zeros(len(cards), dtype=bool) for _ in "fl")
    because = np.full(len(cards), "; ".join(condition(*one) for one in conditions.items()), dtype=object)
    for column, bounds in conditions.items():
        values = cards[column]
        missing = values.isna().to_numpy()
        failing = ~missing & ~_holds(values, bounds)
        because[missing & ~fails & ~lacks] = f"{condition(column, bounds)}: not known"
        because[failing & ~fails] = f"not: {condition(column, bounds)}"
        fails, lacks = fails | failing, lacks | missing
    answer = np.select([fails, lacks], ["no", "undetermined"], "yes")
    return pd.DataFrame({"customer_id": cards["customer_id"], "offer": name, "answer": answer, "because": because})


def _holds(values: pd.Series, bounds: Bounds) -> np.ndarray:
    if bounds.among is not None:
        return values.isin(list(bounds.among)).to_numpy(dtype=bool)
    numbers = pd.to_numeric(values, errors="coerce")
    low = -np.inf if bounds.min is None else bounds.min
    high = np.inf if bounds.max is None else bounds.max
    return numbers.between(low, high).to_numpy(dtype=bool)
