"""Rows below a header that are no data: blank ones, the header repeated on every printed page, remarks in one cell."""

from dataclasses import replace

import numpy as np
import pandas as pd

from .headers import is_word
from .received import Note, Received


def without_remarks(received: Received, *, lone: bool = True) -> Received:
    """The file without blank rows, repeated headers, and (`lone`) rows whose only filled cell is a word; two are noted."""
    frame = received.frame
    if not len(frame.columns) or not len(frame):
        return received
    filled = np.sum([_filled(column) for _, column in frame.items()], axis=0)
    header = _repeats_header(frame) if received.header_row else np.zeros(len(frame), dtype=bool)
    remarks = (filled == 1) & _has_word(frame, filled == 1) if lone and len(frame.columns) > 2 else filled < 0
    aside = (filled == 0) | header | remarks
    if not aside.any():
        return received
    notes = (
        Note("repeated header rows", int(header.sum()), "dropped", "the header is not data"),
        Note("lone remarks", int((remarks & ~header).sum()), "dropped", "a line with one value under a wide header"),
    )
    kept = replace(received, frame=frame[~aside].reset_index(drop=True), lines=received.lines[~aside])
    return kept.with_notes(*(note for note in notes if note.rows))


def _filled(column: pd.Series) -> np.ndarray:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy() >= 0
    return column.notna().to_numpy()


def _repeats_header(frame: pd.DataFrame) -> np.ndarray:
    """Rows whose cells are the names of their columns."""
    same = np.ones(len(frame), dtype=bool)
    for name, column in frame.items():
        if not same.any() or not isinstance(column.dtype, pd.CategoricalDtype):
            return same & False
        if not name.startswith("column_"):
            bare = name.rsplit(" (", 1)[0]
            is_name = np.append(column.cat.categories.isin([name, bare]), False)
            same &= is_name[column.cat.codes.to_numpy()]
    return same


def _has_word(frame: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    """Of these rows, those with a cell that is a word."""
    places = np.flatnonzero(rows)
    found = np.zeros(len(frame), dtype=bool)
    if len(places):
        few = frame.iloc[places].astype(object)
        found[places] = few.map(lambda cell: isinstance(cell, str) and is_word(cell)).any(axis=1).to_numpy()
    return found
