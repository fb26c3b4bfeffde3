"""Columns of another file or sheet added to a source before mapping: a left join that never multiplies rows."""

from dataclasses import replace

import pandas as pd

from ..errors import IntakeError, did_you_mean
from .received import Note, Received
from .source import Join


def joined(received: Received, other: Received, join: Join) -> Received:
    """The rows of `received` with the columns of `other` beside them; names taken already get its name in front.

    Keys are compared as text. Raises IntakeError when a key column is missing or a row would match more than one.
    """
    for ours, theirs in join.on.items():
        _check(ours, received, join)
        _check(theirs, other, join)
    keys = _keys(other.frame, list(join.on.values()))
    doubled = keys.duplicated(keep=False) & keys.notna()
    wanted = _keys(received.frame, list(join.on))
    if (hit := wanted.isin(keys[doubled]) & wanted.notna()).any():
        shown = wanted[hit].iloc[0].replace("\x1f", ", ")
        raise IntakeError(
            f"{int(hit.sum()):,} of {len(wanted):,} rows match more than one row of {other.where} (key '{shown}').",
            received.place(int(hit.to_numpy().argmax())),
            "join on columns that are unique there, or use a file with one row per key.",
        )
    single = ~doubled & keys.notna()
    position = pd.Series(range(len(keys)), index=keys)[single.to_numpy()].reindex(wanted).to_numpy()
    frame = received.frame.copy(deep=False)
    prefix = other.sheet or other.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    for name in other.frame.columns:
        if name not in join.on.values():
            frame[name if name not in frame else f"{prefix}.{name}"] = _taken(other.frame[name], position)
    missing = int(pd.isna(position).sum())
    note = Note(
        f"rows without a match in {other.where}", missing, "kept, with the joined columns empty", "left join", "caution"
    )
    return replace(received, frame=frame, notes=(*received.notes, *([note] if missing else [])))


def _check(name: str, table: Received, join: Join) -> None:
    if name not in table.frame.columns:
        raise IntakeError(
            f"there is no column '{name}' to join on.", f"{table.where} (joins: file: {join.file})",
            did_you_mean(name, list(table.frame.columns)),
        )  # fmt: skip


def _keys(frame: pd.DataFrame, names: list[str]) -> pd.Series:
    """The key of every row as one text; missing when a part is."""
    parts = [frame[name].astype(object) for name in names]
    texts = [part.map(str, na_action="ignore") for part in parts]
    key = texts[0] if len(texts) == 1 else texts[0].str.cat(texts[1:], sep="\x1f")
    return key.reset_index(drop=True)


def _taken(column: pd.Series, position) -> pd.Series:
    return column.reset_index(drop=True).reindex(position).reset_index(drop=True)
