"""A candidate: a table that was read, what it seems to be, and where it lies; and what two candidates share."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import IntakeError
from .accounts import Account, account_of, mapping_of_account
from .excel import ALL_SHEETS
from .headless import by_values, is_headless
from .mapping import Mapping, Match, mapping_of
from .received import Received
from .shapes import Shape
from .vocabulary import plain_name

OVERLAP = 0.5


@dataclass(frozen=True)
class Candidate:
    """A table that was read: what it seems to be, and where it lies (`place`: the keys engagement.yml needs).

    `comments` explain what was found out about it; a candidate that would spoil others is not active. Of several files
    (`paths`) or sheets that are one source, `received` holds the rows of all.
    """

    name: str
    received: Received
    place: dict[str, Any]
    mapping: Mapping | None
    joins: tuple[dict[str, Any], ...] = ()
    comments: tuple[str, ...] = ()
    is_active: bool = True
    problem: IntakeError | None = field(default=None, repr=False)
    paths: tuple[Path, ...] = ()

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every column."""
        return self.received.shapes

    @cached_property
    def account(self) -> Account | None:
        """The bank account it is an export of, if it is one."""
        return None if self.received.mapping or self.joins else account_of(self.shapes)

    @property
    def is_several(self) -> bool:
        """Whether it stands for several files: a pattern, or a list."""
        return len(self.paths) > 1

    @property
    def where(self) -> str:
        """What to call it: the pattern or number of several files, or the file, and the sheets."""
        given, sheet = self.place.get("file", ""), self.place.get("sheet")
        if isinstance(given, list):
            return f"{len(given)} files ({', '.join(name.rsplit('/', 1)[-1] for name in given[:3])}{' …' if len(given) > 3 else ''})"
        if self.is_several:
            return given
        told = (
            "all sheets" if sheet == ALL_SHEETS else f"sheets {', '.join(sheet)}" if isinstance(sheet, list) else None
        )
        return f"{self.received.file}, {told}" if told else self.received.where

    @property
    def is_form(self) -> bool:
        """Whether it is a form of a questionnaire."""
        return "questionnaire" in self.place

    def is_a(self, table: str) -> bool:
        """Whether it was recognised as this canonical table and is active."""
        return self.is_active and self.mapping is not None and self.mapping.table == table

    def distinct(self, ours: str) -> np.ndarray:
        """The distinct values of the column proposed for one of ours, as text."""
        match = self.mapping.matches.get(ours) if self.mapping else None
        if match is None or not isinstance(match.theirs, str) or match.theirs not in self.received.frame:
            return np.array([], dtype=str)
        return values_of(self.received.frame[match.theirs])


def overlap(candidate: Candidate, other: Candidate, ours: str) -> float:
    """Share of a candidate's distinct values of one of our columns that the other has too."""
    mine = candidate.distinct(ours)
    return float(np.isin(mine, other.distinct(ours)).mean()) if len(mine) else 0.0


def whose(candidate: Candidate, records: list[Candidate]) -> str | None:
    """The name of the list of customers that has most of a candidate's customer numbers, if one has half of them."""
    shares = {other.name: overlap(candidate, other, "record_id") for other in records}
    best = max(shares, key=shares.get, default=None)
    return best if best and shares[best] >= OVERLAP else None


def values_of(column: pd.Series) -> np.ndarray:
    """The distinct cells as text."""
    filled = column.dropna()
    cells = filled.cat.remove_unused_categories().cat.categories if hasattr(filled, "cat") else filled.unique()
    return np.array([str(cell).removesuffix(".0") for cell in cells], dtype=str)


def recognised(received: Received) -> Mapping | None:
    """What a table seems to be: by its format, as a bank account, by its names and values; None when nothing fits."""
    if is_headless(received):
        return by_values(received.shapes)
    if not received.mapping:
        account = account_of(received.shapes)
        return mapping_of(received) if account is None else mapping_of_account(account, received.shapes)
    fixed = received.mapping["transactions"].items()
    return Mapping("transactions", {ours: Match(theirs, 1.0, "bank statement") for ours, theirs in fixed}, 10.0)


def slug(text: str) -> str:
    """The text as a name in engagement.yml: plain words joined by underscores."""
    return "_".join(re.findall(r"[^\W_]+", plain_name(text)))
