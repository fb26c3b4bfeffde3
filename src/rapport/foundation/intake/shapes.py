"""What the values of a column look like: shares of its filled cells that are days, numbers, e-mails, yes or no …"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .amounts import currency_signs, numbers
from .answers import answers
from .converted import cells_of, is_text
from .dates import days, orders_of

EMAIL = r"^[^@\s]+@[^@\s]+\.\p{L}{2,}$"
PHONE = r"^\+?[\d\s()/.-]{6,20}$"
LOOKED_AT = 2_000
EARLIEST, LATEST = pd.Timestamp("1900-01-01"), pd.Timestamp("2069-12-31")


@dataclass(frozen=True)
class Shape:
    """Shares (0–1) of the distinct cells of a column; rows filled, cells that differ, and some of them (`cells`)."""

    filled: int
    distinct: int
    uniqueness: float
    days: float
    numbers: float
    emails: float
    phones: float
    answers: float
    currencies: float
    cells: tuple[str, ...] = ()


def shape_of(column: pd.Series) -> Shape:
    """The shape of a column, from up to 2,000 of its distinct cells."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return _typed(column)
    cells, codes = cells_of(column)
    filled = int((codes >= 0).sum())
    looked_at = cells[np.linspace(0, len(cells) - 1, min(len(cells), LOOKED_AT)).astype(int)] if len(cells) else cells
    few = pd.Series(pd.Categorical(looked_at, categories=pd.Index(looked_at, dtype=object)))
    texts = pa.array([str(cell) for cell in looked_at], pa.string())
    return Shape(
        filled=filled,
        distinct=len(cells),
        uniqueness=len(cells) / filled if filled else 0.0,
        days=_share(_are_days(few)),
        numbers=_share(_are_numbers(few)),
        emails=_share(np.asarray(pc.match_substring_regex(texts, EMAIL))),
        phones=_share(np.asarray(pc.match_substring_regex(texts, PHONE))),
        answers=_share(~answers(few).bad),
        currencies=_share(np.isin([str(cell).upper().rstrip(".") for cell in looked_at], list(currency_signs()))),
        cells=tuple(map(str, looked_at[:50])),
    )


def _share(found: np.ndarray) -> float:
    return float(found.mean()) if len(found) else 0.0


def _are_days(few: pd.Series) -> np.ndarray:
    """Cells that are days in some order; cells that contradict each other are asked about when the column is read."""
    found = orders_of(few, earliest=EARLIEST, latest=LATEST)
    readings = [{style: orders[0] for style, orders in found.allowed.items() if orders}]
    if found.clash:
        readings = [dict.fromkeys(found.allowed, order) for order in ("dmy", "mdy")]
    cells = cells_of(few)[0]
    plain = np.array([not isinstance(cell, (int, float)) for cell in cells], dtype=bool)
    bad = [days(few, orders=orders, months_only=True, latest=LATEST).bad for orders in readings]
    return ~np.logical_and.reduce(bad) & plain


def _are_numbers(few: pd.Series) -> np.ndarray:
    """Cells that are amounts under some decimal sign; numbers with leading zeros or of many digits are no amounts.

    Cells that need a dot beside cells that need a comma are asked about when the column is read.
    """
    cells = cells_of(few)[0]
    sound = ~np.logical_and.reduce([numbers(few, decimal=sign).bad for sign in ",."])
    texts = pd.Series(np.where(is_text(cells), cells, ""), dtype=object).astype(str)
    coded = texts.str.match(r"^0\d").to_numpy(dtype=bool)
    return sound & ~coded


def _typed(column: pd.Series) -> Shape:
    filled, distinct = int(column.notna().sum()), int(column.nunique())
    is_day = float(pd.api.types.is_datetime64_any_dtype(column))
    return Shape(filled, distinct, distinct / filled if filled else 0.0, is_day, 1.0 - is_day, 0.0, 0.0, 0.0, 0.0)
