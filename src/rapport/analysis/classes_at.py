"""The classes as they were: the same rules on the data up to an earlier day."""

from dataclasses import dataclass

import pandas as pd

from . import history as rooms
from .classify import classes
from .traits import traits


@dataclass(frozen=True, eq=False)
class Snapshot:
    """`history` and `classes` as they would have been made on `as_of`."""

    as_of: pd.Timestamp
    history: pd.DataFrame
    classes: pd.DataFrame


def classes_at(
    transactions, customers: pd.DataFrame, given: dict, *, settings, as_of: pd.Timestamp, period: str | None = None
) -> Snapshot:
    """What the classification would have said on `as_of`, knowing nothing of what came after.

    In: lazy `transactions`, `customers`, `given` (the client's optional tables by name, None where not given; rows
    dated after `as_of` are left out); period, by which regularity is judged today, so that nobody moves because another
    period fitted then. Empty tables when nothing was sold by then. Reference: ET-04.
    """
    past = rooms.history(transactions, settings=settings, as_of=as_of, customers=customers)
    known = traits(past, customers, as_of=as_of, **given)
    found = classes(
        past,
        rooms.periods(transactions, settings=settings, as_of=as_of),
        customers,
        rooms.purchase_days(transactions, as_of=as_of),
        rooms.sales_by_unit(transactions, settings=settings, as_of=as_of),
        known,
        settings=settings,
        as_of=as_of,
        period=period,
    )
    return Snapshot(as_of, past, found[found["customer_id"].isin(past["customer_id"])].reset_index(drop=True))


def year_before(as_of: pd.Timestamp) -> pd.Timestamp:
    """The same day a year earlier (29 February becomes 28)."""
    return as_of - pd.DateOffset(years=1)
