"""One file or sheet before anything is converted: cells as received, where they lay, what was set aside.

A column is a pandas categorical whose categories are the distinct cells (text, or the numbers and days a workbook
itself holds), so that later conversions work on distinct values only; columns with types (Parquet) keep them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .shapes import Shape, shape_of

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


@dataclass(frozen=True)
class Note:
    """Something done to rows while reading: what, how many rows, how they were treated, and why."""

    check: str
    rows: int
    treatment: str
    why: str
    severity: str = "note"
    amount: float | None = None


@dataclass(frozen=True)
class Received:
    """One file or sheet as received: raw cells, the line each row stood on, and how it was read.

    `mapping` says, by canonical table, what our columns are called where the format itself fixes it (bank statements).
    `payer` names the columns with the payer's name and account where rows name payers, `debits` are entries of a statement
    that are no rows, `payers` who paid each row, `matches` by what that was matched to a customer (None: not).
    """

    frame: pd.DataFrame
    lines: np.ndarray
    file: str
    sheet: str | None = None
    unit: str = "line"
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    samples: tuple[str, ...] = ()
    sha256: str = ""
    notes: tuple[Note, ...] = ()
    mapping: dict[str, dict[str, str]] = field(default_factory=dict)
    payer: tuple[str | None, str | None] | None = None
    debits: tuple[dict[str, Any], ...] | None = None
    payers: np.ndarray | None = None
    matches: np.ndarray | None = None

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """What the cells of every column look like."""
        return {str(name): shape_of(column) for name, column in self.frame.items()}

    @property
    def where(self) -> str:
        """The file, and the sheet where there is one."""
        return f"{self.file}, sheet '{self.sheet}'" if self.sheet else self.file

    def place(self, position: int) -> str:
        """Where the row at `position` stands, for an error message."""
        return f"{self.where}, {self.unit} {self.lines[position]}"

    def with_notes(self, *notes: Note) -> "Received":
        """The same file with further notes."""
        return replace(self, notes=(*self.notes, *notes))


def column_of_texts(chunks: pa.ChunkedArray | Sequence[Sequence[str]]) -> pd.Categorical:
    """Text cells as a categorical: blanks at the ends and invisible characters gone, empty cells missing."""
    cells = chunks if isinstance(chunks, pa.ChunkedArray) else pa.chunked_array(chunks, pa.string())
    encoded = cells.dictionary_encode().combine_chunks()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(encoded.dictionary, f"[{INVISIBLE}]", ""))
    return _categorical(np.asarray(encoded.indices), texts.to_pylist())


def column_of_cells(cells: Sequence[Any]) -> pd.Categorical:
    """Cells of a workbook or a database as a categorical: text, whole numbers as int, other numbers, days."""
    tidy = np.empty(len(cells), dtype=object)
    tidy[:] = [tidy_cell(cell) for cell in cells]
    codes, uniques = pd.factorize(tidy, use_na_sentinel=True)
    return _categorical(codes, list(uniques))


def tidy_cell(cell: Any) -> Any:
    """One cell as text, int, float or Timestamp; None where it is empty."""
    if isinstance(cell, str):
        return without_invisible(cell).strip()
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, (bool, np.bool_)):
        return "true" if cell else "false"
    if isinstance(cell, (int, np.integer)):
        return int(cell)
    if isinstance(cell, (float, np.floating)):
        return None if np.isnan(cell) else int(cell) if float(cell).is_integer() else float(cell)
    if isinstance(cell, Decimal):
        return tidy_cell(float(cell))
    if isinstance(cell, (datetime, date, np.datetime64)):
        return _moment(cell)
    return str(cell)


def without_invisible(text: str) -> str:
    """The text without signs that show nothing: zero-width blanks, soft hyphens, marks of order."""
    return text.translate(dict.fromkeys(map(ord, INVISIBLE)))


def _moment(cell: Any) -> Any:
    try:
        return pd.Timestamp(cell).tz_localize(None)
    except (ValueError, OverflowError):
        return str(cell)


def _categorical(codes: np.ndarray, cells: list[Any]) -> pd.Categorical:
    """Codes into `cells` as a categorical of distinct, non-empty cells."""
    holder = np.empty(len(cells), dtype=object)
    holder[:] = cells
    holder[[place for place, cell in enumerate(cells) if cell == ""]] = None
    moved, distinct = pd.factorize(holder, use_na_sentinel=True)
    if len(distinct) < len(cells):
        codes = np.append(moved, -1)[codes]  # code -1 (missing) reads the last entry
    return pd.Categorical.from_codes(codes, categories=pd.Index(distinct, dtype=object))
