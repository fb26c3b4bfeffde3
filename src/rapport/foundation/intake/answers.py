"""Texts, numbers of things, fixed choices and yes/no as a contract wants them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .converted import Converted, cells_of, is_text, samples_of, spread
from .vocabulary import vocabulary

CUT_BY_EXCEL = r"^\d(?:[.,]\d+)?E\+?\d{2}$"
EMPTY_TEXTS = pa.array(["null", "(null)", "\\n", "nan", "#n/a", "#nv"])
MOST_EXACT = 10**15


def texts(column: pd.Series) -> Converted:
    """Every cell as text, whole numbers without a decimal point; database words for nothing are empty."""
    cells, codes = cells_of(_categorical(column))
    return Converted(spread(_texts(cells), codes, None), np.zeros(len(codes), dtype=bool), "as written")


def identifiers(column: pd.Series) -> Converted:
    """As `texts`; bad where a spreadsheet has cut a long number (`1.23457E+12`, a number of more than 15 digits)."""
    cells, codes = cells_of(_categorical(column))
    values = _texts(cells)
    cut = np.asarray(pc.fill_null(pc.match_substring_regex(pa.array(values, pa.string()), CUT_BY_EXCEL), False))
    long = _each(cells, lambda cell: isinstance(cell, int) and abs(cell) >= MOST_EXACT) if len(cells) else cut
    bad = cut | long.astype(bool)
    return Converted(spread(values, codes, None), spread(bad, codes, False), "as written")


def choices(column: pd.Series, options: tuple[str, ...]) -> Converted:
    """The cell as one of the options, capitals and blanks aside; anything else is bad."""
    known = {option: option for option in options}
    return _looked_up(column, lambda text: known.get(text.replace(" ", "_").replace("-", "_")), ", ".join(options))


def answers(column: pd.Series) -> Converted:
    """True, False or None for yes and no in the kit's languages; anything else is bad."""
    words = vocabulary()["answers"]
    known = dict.fromkeys(words["affirmed"], True) | dict.fromkeys(words["denied"], False)
    return _looked_up(column, known.get, "yes or no")


def translated(column: pd.Series, codes: Mapping[str, str]) -> pd.Series:
    """The column with the client's codes put into ours; cells not named stay as they are, '' stands for empty ones."""
    column = _categorical(column)
    cells, places = cells_of(column)
    lowered = {str(theirs).strip().lower(): ours for theirs, ours in codes.items()}
    moved = [lowered.get((text or "").lower(), cell) for text, cell in zip(_texts(cells), cells)]
    if "" in lowered:
        moved, places = [*moved, lowered[""]], np.where(places < 0, len(moved), places)
    holder = np.empty(len(moved), dtype=object)
    holder[:] = [None if cell == "" else cell for cell in moved]
    again, distinct = pd.factorize(holder, use_na_sentinel=True)
    laid = np.append(again, -1)[places]
    return pd.Series(pd.Categorical.from_codes(laid, categories=pd.Index(distinct, dtype=object)))


def _looked_up(column: pd.Series, meaning: Callable[[str], Any], how: str) -> Converted:
    cells, codes = cells_of(_categorical(column))
    plain = _texts(cells)
    values = _each(plain, lambda text: None if text is None else meaning(text.lower()))
    bad = pd.isna(values) & ~pd.isna(plain)
    return Converted(
        spread(values, codes, None), spread(bad, codes, False), how, samples_of(cells, values, ~pd.isna(values), str)
    )


def _categorical(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, uniques = pd.factorize(column.astype(object), use_na_sentinel=True)
    cells = _each(uniques, lambda cell: int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(cells, dtype=object)))


def _texts(cells: np.ndarray) -> np.ndarray:
    """Distinct cells as texts; None for a database's words for nothing."""
    plain = cells if is_text(cells).all() else _each(cells, _text)
    empty = np.asarray(pc.is_in(pc.utf8_lower(pa.array(plain, pa.string())), EMPTY_TEXTS))
    return np.where(empty, None, plain) if empty.any() else plain


def _each(cells: np.ndarray, change: Callable[[Any], Any]) -> np.ndarray:
    changed = np.empty(len(cells), dtype=object)
    changed[:] = [change(cell) for cell in cells]
    return changed


def _text(cell: object) -> str:
    if isinstance(cell, pd.Timestamp):
        return str(cell.date()) if cell == cell.normalize() else str(cell)
    return str(cell)
