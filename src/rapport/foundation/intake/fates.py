"""What became of every row: kept, or set aside by the first check that claimed it; counted in rows and in money."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..contracts import TABLES
from .received import Note

SEVERITIES = ["note", "caution", "stop"]


@dataclass
class Fates:
    """One file's rows while they are being read. A row set aside stays with the check that claimed it first."""

    rows: int
    claimed: np.ndarray = field(init=False)
    entries: list[tuple[Note, np.ndarray]] = field(default_factory=list)

    def __post_init__(self):
        self.claimed = np.zeros(self.rows, dtype=bool)

    @property
    def kept(self) -> np.ndarray:
        """Rows no check has set aside."""
        return ~self.claimed

    def set_aside(
        self, mask: np.ndarray, check: str, why: str, severity: str = "note", treatment: str = "dropped"
    ) -> None:
        """Take the rows of `mask` that are still kept out of use, and say why."""
        mine = mask & self.kept
        if mine.any():
            self.entries.append((Note(check, int(mine.sum()), treatment, why, severity), mine))
            self.claimed |= mine

    def remark(self, mask: np.ndarray, check: str, treatment: str, why: str, severity: str = "note") -> None:
        """Say something about rows that stay."""
        mine = mask & self.kept
        if mine.any():
            self.entries.append((Note(check, int(mine.sum()), treatment, why, severity), mine))

    def notes(self, amounts: np.ndarray | None) -> list[Note]:
        """Every entry with the money of its rows, where the table has money."""
        return [
            note
            if amounts is None
            else Note(note.check, note.rows, note.treatment, note.why, note.severity, money(amounts[rows]))
            for note, rows in self.entries
        ]


def money(amounts: np.ndarray) -> float:
    """The exact sum of amounts written with up to six decimals, without the dust of adding floats."""
    filled = amounts[~np.isnan(amounts)]
    large = np.abs(filled) >= 2**31
    small = np.rint(filled[~large] * 10**6).astype(np.int64)
    return int(small.sum()) / 10**6 + float(filled[large].sum())


def quality(notes: list[Note], source: str) -> pd.DataFrame:
    """Notes as the contract `quality`: equal checks of several files added up, in the order they were first met."""
    columns = list(TABLES["quality"].columns)
    frame = pd.DataFrame([vars(note) for note in notes], columns=[name for name in columns if name != "source"])
    frame = frame.astype({"rows": "int64", "amount": "float64"})
    added = frame.groupby("check", sort=False).agg(
        rows=("rows", "sum"),
        amount=("amount", lambda amounts: amounts.sum(min_count=1)),
        treatment=("treatment", "first"),
        why=("why", "first"),
        severity=("severity", lambda found: max(found, key=SEVERITIES.index)),
    )
    return added.reset_index().assign(source=source)[columns]
