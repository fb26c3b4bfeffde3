"""The layout of a delimited text: which sign parts the values, where the header stands, what the columns are called."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from .headers import cleaned, column_names, declared_position, header_position

DELIMITERS = (";", ",", "\t", "|", " ")
NAMES = {"\t": "tab", " ": "blanks", ",": "comma", ";": "semicolon", "|": "bar"}
SAMPLE_LINES = 300


@dataclass(frozen=True)
class Layout:
    """Delimiter, position of the header record (None: the table begins with data), names of the columns.

    `quotes` is false when quotation marks are part of the values and part nothing.
    """

    delimiter: str
    header: int | None
    names: tuple[str, ...]
    quotes: bool = True

    @property
    def skipped(self) -> int:
        """Records above the data."""
        return 0 if self.header is None else self.header + 1

    @property
    def shown(self) -> str:
        """The delimiter in words."""
        return NAMES.get(self.delimiter, self.delimiter)


def layout_of(
    text: str, *, delimiter: str | None, header_row: int | None, wanted: tuple[str, ...], file: str
) -> Layout:
    """The layout that explains the first lines best: wanted names found, rows as wide as the header, then width."""
    head = "".join(islice(io.StringIO(text, newline=""), SAMPLE_LINES))
    options = [delimiter] if delimiter else [mark for mark in DELIMITERS if mark in head] or [";"]
    found = []
    for option in options:
        rows = [unpadded(row, option) for row in islice(records(head, Layout(option, None, ())), SAMPLE_LINES)]
        layout = _layout(rows, option, header_row, wanted, file)
        found.append((_score(rows, layout, wanted), layout))
    return max(found, key=lambda pair: pair[0])[1]


def records(text: str, layout: Layout, *, strict: bool = False) -> Iterator[list[str]]:
    """The text split into records by the csv module; runs of blanks count as one."""
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=layout.delimiter,
        skipinitialspace=layout.delimiter == " ",
        quoting=csv.QUOTE_MINIMAL if layout.quotes else csv.QUOTE_NONE,
        strict=strict,
    )


def unpadded(row: list[str], delimiter: str) -> list[str]:
    """A row of a text laid out with blanks has no empty last value."""
    return row[:-1] if delimiter == " " and row and row[-1] == "" else row


def _layout(
    rows: list[list[str]], delimiter: str, header_row: int | None, wanted: tuple[str, ...], file: str
) -> Layout:
    if header_row is None:
        header = header_position(rows, wanted)
    else:
        header = declared_position(header_row, len(rows), file)
    body = [row for row in (rows if header is None else rows[header + 1 :]) if any(row)]
    width = Counter(map(len, body)).most_common(1)[0][0] if body else 0
    cells = [""] * width if header is None else rows[header]
    while len(cells) > max(width, 1) and not cells[-1].strip():
        cells = cells[:-1]
    return Layout(delimiter, header, tuple(column_names(cells)))


def _score(rows: list[list[str]], layout: Layout, wanted: tuple[str, ...]) -> tuple:
    names = set(layout.names)
    hits = sum(cleaned(name) in names for name in wanted)
    widths = Counter(len(row) for row in rows[layout.skipped :] if any(row))
    common, times = widths.most_common(1)[0] if widths else (len(names), 1)
    alike = round(times / max(widths.total(), 1), 1)
    several = min(common, len(layout.names)) > 1
    return (hits, several, alike, common == len(layout.names), layout.delimiter != " ", len(layout.names))
