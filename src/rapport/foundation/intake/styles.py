"""The decimal sign and the order of days of a source: declared, or proven by its cells; else asked, never guessed."""

from collections.abc import Callable

import pandas as pd

from ..errors import IntakeError
from .amounts import Marks, decimal_marks, looks_numeric
from .dates import NAMES, Orders, orders_of
from .received import Note, Received
from .source import Source

YEARS_AHEAD = pd.DateOffset(years=2)
EXAMPLES = {"dmy": "%d{0}%m{0}%Y", "mdy": "%m{0}%d{0}%Y", "ymd": "%Y{0}%m{0}%d"}


class Styles:
    """What the files of one source prove; a column that proves nothing borrows from its file, then from the source.

    From other files it borrows only where all that prove anything agree, and `borrowed` says so, file by file.
    """

    def __init__(self, source: Source, files: list[Received], today: pd.Timestamp):
        self.source, self.files = source, files
        self.latest = today + YEARS_AHEAD
        self._said: dict[tuple[str, str], Note] = {}
        self._marks: dict[tuple[int, str], Marks] = {}
        self._orders: dict[tuple[int, str], Orders] = {}

    @property
    def borrowed(self) -> list[Note]:
        """What was read as other files of the source prove, since the file itself proves nothing."""
        return list(self._said.values())

    def decimal(self, cells: pd.Series, received: Received, where: str) -> str | None:
        """The decimal sign of a column; None where all numbers are whole. Raises IntakeError when it stays open."""
        if self.source.decimal:
            return self.source.decimal
        own = decimal_marks(cells)
        if own.dot is not None and own.comma is not None:
            raise IntakeError(
                f"decimal signs are mixed: '{own.dot}' needs a dot, '{own.comma}' a comma.",
                where,
                'set `decimal: ","` or `decimal: "."` for this source; cells that then do not fit are named.',
            )
        if own.decimal or own.either is None:
            return own.decimal
        proven = {
            file.where: {marks.decimal for column in file.frame.columns if (marks := self._of(file, column)).decimal}
            for file in self.files
        }
        sign = self._agreed(proven, received, "the decimal sign", "'{}'".format)
        if sign is not None:
            return sign
        raise _two_amounts(own.either, where, _disagree(proven, received, "'{}'".format), _apart(proven))

    def orders(self, name: str, cells: pd.Series, received: Received, where: str) -> dict[str, str]:
        """For each way of writing days, the order of day, month and year. Raises IntakeError when it stays open."""
        own = orders_of(cells, earliest=_earliest(name), latest=self.latest)
        if own.clash:
            raise IntakeError(
                f"days are written in two orders: '{own.clash[0]}' and '{own.clash[1]}' cannot both be right.",
                where,
                "ask for an export with one way of writing days (2025-01-31); a workbook opened with the wrong "
                "regional settings swaps day and month for good.",
            )
        settled = {style: orders[0] for style, orders in own.allowed.items() if len(orders) == 1}
        for style in own.open_styles():
            settled[style] = self._borrowed(style, own, received, where)
        return settled

    def _borrowed(self, style: str, own: Orders, received: Received, where: str) -> str:
        proven = {
            file.where: {
                orders[0]
                for column in file.frame.columns
                if len(orders := self._days_of(file, column).allowed.get(style, ())) == 1
            }
            for file in self.files
        }
        order = self._agreed(proven, received, "the order of days", NAMES.get)
        if order in own.allowed[style]:
            return order
        cell, mark = own.example[style], style[0]
        year = "%y" if style[1] == "2" else "%Y"
        formats = {order: EXAMPLES[order].format(mark).replace("%Y", year) for order in own.allowed[style]}
        readings = [f'{NAMES[order]} (`date_format: "{pattern}"`)' for order, pattern in formats.items()]
        raise IntakeError(
            f"'{cell}' may be read as {' or '.join(readings)}, and {_disagree(proven, received, NAMES.get)}.",
            where,
            "set that `date_format:` for this source in engagement.yml (with %H:%M:%S where there is a time of day)"
            f"{_apart(proven)}.",
        )

    def _agreed(self, proven: dict[str, set[str]], received: Received, what: str, told: Callable) -> str | None:
        """What the file itself proves, else what all the others prove alike, which is noted; None where they differ."""
        if proven[received.where]:
            return next(iter(proven[received.where])) if len(proven[received.where]) == 1 else None
        found = set().union(*proven.values())
        if len(found) != 1:
            return None
        style = next(iter(found))
        others = ", ".join([where for where, styles in proven.items() if styles][:3])
        self._said[received.where, what] = Note(
            f"{what} of {received.where}", len(received.frame), f"read as {told(style)}", f"proven by {others} only"
        )
        return style

    def _of(self, file: Received, column: str) -> Marks:
        key = (id(file), column)
        if key not in self._marks:
            cells = file.frame[column]
            self._marks[key] = decimal_marks(cells) if looks_numeric(cells) else Marks()
        return self._marks[key]

    def _days_of(self, file: Received, column: str) -> Orders:
        key = (id(file), column)
        if key not in self._orders:
            self._orders[key] = orders_of(file.frame[column], earliest=_earliest(column), latest=self.latest)
        return self._orders[key]


def _disagree(proven: dict[str, set[str]], received: Received, told: Callable) -> str:
    """Why nothing could be borrowed: no other cell proves anything, or the files of the source prove different things."""
    found = {style: where for where, styles in proven.items() for style in sorted(styles)}
    if len(found) < 2:
        return "no other cell settles it"
    said = " and ".join(f"{told(style)} in {where}" for style, where in found.items())
    return f"{'this file' if proven[received.where] else 'the source'} has {said}"


def _apart(proven: dict[str, set[str]]) -> str:
    """Files written in two ways are no one source: what is declared holds for every file of it."""
    return "; give files written in another way a source of their own" if len(set().union(*proven.values())) > 1 else ""


def _two_amounts(cell: str, where: str, why: str, apart: str) -> IntakeError:
    sign = next(mark for mark in cell if mark in ".,")
    other = {".": ",", ",": "."}[sign]
    large, small = cell.replace(sign, ""), cell.replace(",", ".")
    return IntakeError(
        f"'{cell}' may be {large} or {small}, and {why}.",
        where,
        f'set `decimal: "{other}"` for this source if it is {large}, `decimal: "{sign}"` if it is {small}{apart}.',
    )


def _earliest(name: str) -> pd.Timestamp:
    """Births may lie far back; everything else a firm records is younger."""
    return pd.Timestamp("1900-01-01" if name == "born_on" else "1970-01-01")
