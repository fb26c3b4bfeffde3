"""Texts, numbers of things, fixed choices and yes/no as a contract wants them."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
import yaml

from .converted import Converted, cells_of, samples_of, spread

CUT_BY_EXCEL = r"^\d(?:[.,]\d+)?E\+?\d{2}$"
EMPTY_TEXTS = {"null", "(null)", "\\n", "nan", "#n/a", "#nv"}
MOST_EXACT = 10**15


@cache
def vocabulary() -> dict:
    """The kit's words in six languages: synonyms of columns and tables, yes and no, totals."""
    return yaml.safe_load(files("rapport.foundation.intake").joinpath("synonyms.yml").read_text("utf-8"))


def texts(column: pd.Series) -> Converted:
    """Every cell as text, whole numbers without a decimal point; database words for nothing are empty."""
    column = _categorical(column)
    cells, codes = cells_of(column)
    values = np.array([_text(cell) for cell in cells] or [None], dtype=object)[: len(cells)]
    return Converted(spread(values, codes, None), np.zeros(len(codes), dtype=bool), "as written")


def identifiers(column: pd.Series) -> Converted:
    """As `texts`; bad where a spreadsheet has cut a long number (`1.23457E+12`, or a number of more than 15 digits)."""
    column = _categorical(column)
    cells, codes = cells_of(column)
    read = texts(column)
    cut = (
        pd.Series([str(cell) for cell in cells], dtype=object).str.match(CUT_BY_EXCEL).to_numpy(dtype=bool)
        if len(cells)
        else np.zeros(0, bool)
    )
    long = np.array([isinstance(cell, int) and abs(cell) >= MOST_EXACT for cell in cells] or [False])[: len(cells)]
    return Converted(read.values, spread(cut | long, codes, False), read.how)


def choices(column: pd.Series, options: tuple[str, ...]) -> Converted:
    """The cell as one of the options, capitals and blanks aside; anything else is bad."""
    column = _categorical(column)
    cells, codes = cells_of(column)
    known = {option: option for option in options}
    values = np.array(
        [known.get(str(cell).strip().lower().replace(" ", "_").replace("-", "_")) for cell in cells] or [None],
        dtype=object,
    )[: len(cells)]
    bad = np.array([value is None and _text(cell) is not None for value, cell in zip(values, cells)] or [False])[
        : len(cells)
    ]
    return Converted(spread(values, codes, None), spread(bad, codes, False), "one of " + ", ".join(options),
                     samples_of(cells, values, ~bad, str))  # fmt: skip


def answers(column: pd.Series) -> Converted:
    """True, False or None for yes and no in the kit's languages; anything else is bad."""
    column = _categorical(column)
    cells, codes = cells_of(column)
    words = vocabulary()["answers"]
    known = dict.fromkeys(words["affirmed"], True) | dict.fromkeys(words["denied"], False)
    values = np.array([known.get(str(cell).strip().lower()) for cell in cells] or [None], dtype=object)[: len(cells)]
    bad = np.array([value is None and _text(cell) is not None for value, cell in zip(values, cells)] or [False])[
        : len(cells)
    ]
    return Converted(
        spread(values, codes, None), spread(bad, codes, False), "yes or no", samples_of(cells, values, ~bad, str)
    )


def translated(column: pd.Series, codes: Mapping[str, str]) -> pd.Series:
    """The column with the client's codes put into ours; cells not named stay as they are."""
    column = _categorical(column)
    cells, places = cells_of(column)
    lowered = {str(theirs).strip().lower(): ours for theirs, ours in codes.items()}
    moved = [lowered.get(str(_text(cell) or "").strip().lower(), cell) for cell in cells]
    if "" in lowered:  # a word for empty cells
        moved, places = [*moved, lowered[""]], np.where(places < 0, len(moved), places)
    holder = np.empty(len(moved), dtype=object)
    holder[:] = [None if cell == "" else cell for cell in moved]
    again, distinct = pd.factorize(holder, use_na_sentinel=True)
    lookup = np.append(again, -1)
    return pd.Series(pd.Categorical.from_codes(lookup[places], categories=pd.Index(distinct, dtype=object)))


def _categorical(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, uniques = pd.factorize(column.astype(object), use_na_sentinel=True)
    cells = [int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in uniques]
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(cells, dtype=object)))


def _text(cell: object) -> str | None:
    if isinstance(cell, pd.Timestamp):
        return str(cell.date()) if cell == cell.normalize() else str(cell)
    text = str(cell)
    return None if text.lower() in EMPTY_TEXTS else text
