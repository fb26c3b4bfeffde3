"""What a conversion gives back: a value for every row, which cells it could not read, and samples of before → after."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

SAMPLES = 5


@dataclass(frozen=True)
class Converted:
    """Values per row, rows whose cell was not empty and could not be read, how it was read, and five samples."""

    values: np.ndarray
    bad: np.ndarray
    how: str = ""
    samples: tuple[tuple[str, str], ...] = field(default=())


def cells_of(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Distinct cells of a categorical column and, per row, which of them it holds (−1: empty)."""
    return np.asarray(column.cat.categories, dtype=object), np.asarray(column.cat.codes)


def spread(values: np.ndarray, codes: np.ndarray, empty: object) -> np.ndarray:
    """Values of distinct cells laid out per row."""
    if not len(values):
        return np.full(len(codes), empty, dtype=values.dtype if values.dtype != object else object)
    laid = values[codes]
    laid[codes < 0] = empty
    return laid


def is_text(cells: np.ndarray) -> np.ndarray:
    """Which distinct cells are text, and not numbers or days the file itself holds."""
    if pd.api.types.infer_dtype(cells, skipna=False) == "string":
        return np.ones(len(cells), dtype=bool)
    return np.fromiter((isinstance(cell, str) for cell in cells), dtype=bool, count=len(cells))


def texts_in(cells: np.ndarray) -> pa.Array:
    """Distinct cells as an Arrow array of texts, missing where a cell is no text."""
    text = is_text(cells)
    return pa.array(cells if text.all() else np.where(text, cells, None), pa.string())


def samples_of_typed(values: np.ndarray, show) -> tuple[tuple[str, str], ...]:
    """Up to five values of a column that came with its type: nothing had to be read."""
    distinct = pd.unique(values[~pd.isna(values)][:1000])[:SAMPLES]
    return tuple((show(value), show(value)) for value in distinct)


def samples_of(cells: np.ndarray, values: np.ndarray, good: np.ndarray, show) -> tuple[tuple[str, str], ...]:
    """Up to five cells as received and as read: the two longest, then others spread over the column."""
    places = np.flatnonzero(good)
    if not len(places):
        return ()
    picked = places[np.linspace(0, len(places) - 1, min(len(places), 200)).astype(int)]
    order = sorted(dict.fromkeys(picked.tolist()), key=lambda place: -len(str(cells[place])))
    chosen = order[:2] + [place for place in picked.tolist() if place not in order[:2]][: SAMPLES - 2]
    return tuple((str(cells[place]), show(values[place])) for place in dict.fromkeys(chosen))
