"""Files without a header: what their columns may be, told from the values alone."""

import re

from .mapping import POSSIBLE, Mapping, Match
from .received import Received
from .shapes import Shape

MADE_UP = re.compile(r"column_\d+")
CENTS = re.compile(r"^-?\d+[.,]\d{1,2}$")
MOST_UNITS = 1000


def is_headless(received: Received) -> bool:
    """Whether every column's name was made up, since the file begins with data."""
    names = [str(name) for name in received.frame.columns]
    return len(names) > 2 and all(MADE_UP.fullmatch(name) for name in names)


def by_values(shapes: dict[str, Shape]) -> Mapping | None:
    """A file of sales told from its values: the day, the amount, whose it is, how many; None when it can be no sales.

    The day is the only column of days; the amount has cents; the customer's number is the first column whose values
    recur and are no amounts; units are small whole numbers. Where two columns fit a part equally well, the first is
    taken. All of it is a guess.
    """
    days = [name for name, shape in shapes.items() if shape.days > 0.9]
    rest = {name: shape for name, shape in shapes.items() if name not in days and shape.filled}
    amounts = [name for name, shape in rest.items() if shape.numbers > 0.9 and any(map(CENTS.match, shape.cells))]
    if len(days) != 1 or not amounts:
        return None
    whole = [name for name in rest if name not in amounts]
    recur = [name for name in whole if rest[name].distinct > 1 and rest[name].uniqueness < 0.9]
    units = [name for name in recur if _are_units(rest[name])]
    numbers = [name for name in recur if name not in units]
    told = {"ordered_on": days[:1], "net_amount": amounts[-1:], "record_id": numbers[:1], "quantity": units[:1]}
    because = {
        "ordered_on": "the only column of days",
        "net_amount": "the last column of numbers with cents",
        "record_id": "the first column of numbers that recur",
        "quantity": "small whole numbers",
    }
    matches = {ours: Match(found[0], POSSIBLE, because[ours]) for ours, found in told.items() if found}
    return Mapping("transactions", matches, 1.0)


def _are_units(shape: Shape) -> bool:
    return (
        shape.numbers > 0.9
        and all(cell.isdigit() and int(cell) < MOST_UNITS for cell in shape.cells)
        and (shape.distinct < 100)
    )
