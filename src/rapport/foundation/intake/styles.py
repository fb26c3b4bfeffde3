"""The decimal sign and the order of days of a source: declared, or proven by its cells; else asked, never guessed."""

import pandas as pd

from ..errors import IntakeError
from .amounts import Marks, decimal_marks, looks_numeric
from .dates import NAMES, Orders, orders_of
from .received import Received
from .source import Source

YEARS_AHEAD = pd.DateOffset(years=2)
EXAMPLES = {"dmy": "%d{0}%m{0}%Y", "mdy": "%m{0}%d{0}%Y", "ymd": "%Y{0}%m{0}%d"}


class Styles:
    """What the files of one source prove; a column that proves nothing borrows from its file, then from the source."""

    def __init__(self, source: Source, files: list[Received], today: pd.Timestamp):
        self.source, self.files = source, files
        self.latest = today + YEARS_AHEAD
        self._marks: dict[tuple[int, str], Marks] = {}
        self._orders: dict[tuple[int, str], Orders] = {}

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
        for file in [received, *(other for other in self.files if other is not received)]:
            found = {marks.decimal for column in file.frame.columns if (marks := self._of(file, column)).decimal}
            if len(found) == 1:
                return found.pop()
        raise _two_amounts(own.either, where)

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
        for file in [received, *(other for other in self.files if other is not received)]:
            found = {
                orders[0]
                for column in file.frame.columns
                if len(orders := self._days_of(file, column).allowed.get(style, ())) == 1
            } & set(own.allowed[style])
            if len(found) == 1:
                return found.pop()
        cell, mark = own.example[style], style[0]
        year = "%y" if style[1] == "2" else "%Y"
        formats = {order: EXAMPLES[order].format(mark).replace("%Y", year) for order in own.allowed[style]}
        readings = [f'{NAMES[order]} (`date_format: "{pattern}"`)' for order, pattern in formats.items()]
        raise IntakeError(
            f"'{cell}' may be read as {' or '.join(readings)}, and no other cell settles it.",
            where,
            "set that `date_format:` for this source in engagement.yml (with %H:%M:%S where there is a time of day).",
        )

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


def _two_amounts(cell: str, where: str) -> IntakeError:
    sign = next(mark for mark in cell if mark in ".,")
    other = {".": ",", ",": "."}[sign]
    large, small = cell.replace(sign, ""), cell.replace(",", ".")
    return IntakeError(
        f"'{cell}' may be {large} or {small}, and no other cell settles it.",
        where,
        f'set `decimal: "{other}"` for this source if it is {large}, `decimal: "{sign}"` if it is {small}.',
    )


def _earliest(name: str) -> pd.Timestamp:
    """Births may lie far back; everything else a firm records is younger."""
    return pd.Timestamp("1900-01-01" if name == "born_on" else "1970-01-01")
