"""Text with delimiters → raw columns: dialect found, header found, lines of another width refused or set aside."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from ..errors import IntakeError
from .encodings import Decoded
from .headers import cleaned, column_names, declared_position, header_position, is_word
from .received import Note, Received, column_of_texts

DELIMITERS = (";", ",", "\t", "|", " ")
NAMES = {"\t": "tab", " ": "blanks", ",": "comma", ";": "semicolon", "|": "bar"}
SAMPLE_LINES = 300
CHUNK = 50_000
QUOTE_INSIDE = r'(?<![{0}\r\n"])"(?![{0}\r\n"])'
csv.field_size_limit(4_000_000)


@dataclass(frozen=True)
class Layout:
    """How the text is laid out: delimiter, position of the header record (None: no header), names of the columns."""

    delimiter: str
    header: int | None
    names: tuple[str, ...]


def table_of_text(
    decoded: Decoded,
    *,
    file: str,
    wanted: tuple[str, ...] = (),
    delimiter: str | None = None,
    header_row: int | None = None,
    short_rows: str = "refuse",
) -> Received:
    """The rows of a delimited text below its header, as received.

    Raises IntakeError when the file is empty, when a line has more values than the header, or fewer (unless `short_rows`
    says to pad or drop them), or when a quotation mark is never closed.
    """
    text = decoded.text
    if not text.strip():
        raise IntakeError(
            "the file is empty.", file, "ask for the export again, or take this source out of engagement.yml."
        )
    layout = _layout(text, delimiter, header_row, wanted, file)
    try:
        return _read(text, layout, decoded, file, short_rows, strict=True)
    except csv.Error:
        mended, count = re.subn(QUOTE_INSIDE.format(re.escape(layout.delimiter)), '""', text)
    try:
        received = _read(mended, layout, decoded, file, short_rows, strict=False)
    except csv.Error as error:
        raise IntakeError(
            f"the text cannot be split into values: {error}.",
            file,
            "look for a quotation mark that is never closed, or set `delimiter:` for this source.",
        ) from None
    return received.with_notes(
        Note(
            "quotation marks inside quoted values", count, "kept as part of the value", "the export did not double them"
        )
    )


def _read(text: str, layout: Layout, decoded: Decoded, file: str, short_rows: str, *, strict: bool) -> Received:
    rows = _Rows(layout, file, short_rows)
    reader = _reader(text, layout.delimiter, strict)
    position = sum(1 for _ in islice(reader, 0 if layout.header is None else layout.header + 1))
    kept = []
    while chunk := list(islice(reader, CHUNK)):
        kept.append(rows.kept(chunk, position + 1))
        position += len(chunk)
    names = layout.names
    columns = {name: column_of_texts(part[0][place] for part in kept) for place, name in enumerate(names)}
    return Received(
        pd.DataFrame(columns, copy=False),
        np.concatenate([part[1] for part in kept]) if kept else np.array([], dtype=np.int64),
        file,
        unit="line" if reader.line_num == position else "row",
        encoding=decoded.encoding,
        delimiter=NAMES.get(layout.delimiter, layout.delimiter),
        header_row=None if layout.header is None else layout.header + 1,
        samples=decoded.samples,
        notes=tuple(rows.notes()),
    )


def _reader(text: str, delimiter: str, strict: bool = False) -> Iterator[list[str]]:
    return csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter == " ", strict=strict
    )


def _layout(text: str, delimiter: str | None, header_row: int | None, wanted: tuple[str, ...], file: str) -> Layout:
    head = "".join(islice(io.StringIO(text, newline=""), SAMPLE_LINES))
    options = [delimiter] if delimiter else [mark for mark in DELIMITERS if mark in head] or [";"]
    best: tuple[tuple, Layout] | None = None
    for option in options:
        rows = [_unpadded(row, option) for row in islice(_reader(head, option), SAMPLE_LINES)]
        found = _one_layout(rows, option, header_row, wanted, file)
        score = _score(rows, found, wanted, option)
        if best is None or score > best[0]:
            best = (score, found)
    return best[1]


def _one_layout(
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


def _score(rows: list[list[str]], found: Layout, wanted: tuple[str, ...], delimiter: str) -> tuple:
    """How well a delimiter explains the sample: wanted names found, then rows as wide as the header, then width."""
    names = set(found.names)
    hits = sum(cleaned(name) in names for name in wanted)
    body = [row for row in rows[(found.header or 0) :] if any(row)]
    width = len(found.names)
    same = sum(len(row) == width for row in body) / len(body) if body else 0
    return (hits, width > 1, round(same, 1), delimiter != " ", width if same == 1 else 0, width)


def _unpadded(row: list[str], delimiter: str) -> list[str]:
    """A row of a text laid out with blanks has no empty last value."""
    return row[:-1] if delimiter == " " and row and row[-1] == "" else row


class _Rows:
    """Keeps rows as wide as the header; sets aside blank lines, repeated headers and lone remarks; judges the rest."""

    def __init__(self, layout: Layout, file: str, short_rows: str):
        self.layout, self.file, self.short_rows = layout, file, short_rows
        self.width = len(layout.names)
        self.header = list(layout.names)
        self.counts: Counter[str] = Counter()
        self.widths: Counter[int] = Counter()
        self.first_short = 0

    def kept(self, rows: list[list[str]], start: int) -> tuple[list[tuple[str, ...]], np.ndarray]:
        """Columns of the rows kept, and the record number of each."""
        plain = all(len(row) == self.width for row in rows) and self.layout.delimiter != " "
        numbers = np.arange(start, start + len(rows))
        first = self.header[0]
        if not plain or any(row[0] == first or not any(row) for row in rows):
            judged = [
                (row, number) for raw, number in zip(rows, numbers) if (row := self._judged(raw, number)) is not None
            ]
            rows, numbers = [row for row, _ in judged], np.array([number for _, number in judged], dtype=np.int64)
        else:
            self.widths[self.width] += len(rows)
        return (list(zip(*rows)) or [()] * self.width), numbers

    def _judged(self, row: list[str], number: int) -> list[str] | None:
        row = _unpadded(row, self.layout.delimiter)
        if not any(cell.strip() for cell in row):
            return None
        if self.layout.header is not None and [cleaned(cell) for cell in row[: self.width]] == self.header[: len(row)]:
            self.counts["repeated header"] += 1
            return None
        filled = [cell for cell in row if cell.strip()]
        if len(filled) == 1 and self.width > 2 and is_word(filled[0]):
            self.counts["remark"] += 1
            return None
        if len(row) > self.width:
            if any(cell.strip() for cell in row[self.width :]):
                self._refuse(row, number, "more")
            row = row[: self.width]
        elif len(row) < self.width:
            self.widths[len(row)] += 1
            self.first_short = self.first_short or number
            if self.short_rows == "drop":
                self.counts["short"] += 1
                return None
            return row + [""] * (self.width - len(row))
        self.widths[self.width] += 1
        return row

    def _refuse(self, row: list[str], number: int, words: str) -> None:
        shown = self.layout.delimiter.join(row)
        raise IntakeError(
            f"a line has {len(row)} values, {words} than the {self.width} of the header.",
            f"{self.file}, line {number}: '{shown[:120]}'",
            "put the value that holds the delimiter in quotation marks, set `delimiter:`, or set `header_row:` "
            "if the header was found in the wrong place"
            + (" (or `short_rows: pad` or `drop`)." if words == "fewer" else "."),
        )

    def notes(self) -> list[Note]:
        """What was set aside. Raises IntakeError when some rows, not all, are shorter than the header."""
        short = {width: rows for width, rows in self.widths.items() if width < self.width}
        if short and (len(self.widths) > 1) and self.short_rows == "refuse":
            width = max(short, key=short.get)
            raise IntakeError(
                f"{sum(short.values()):,} of {sum(self.widths.values()):,} lines have fewer values than the {self.width} of the header.",
                f"{self.file}, first at line {self.first_short}, with {width} values or fewer",
                "a value may hold a line break: mend the export; or set `short_rows: pad` (empty values were left out at "
                "the end of the line) or `short_rows: drop` for this source.",
            )
        made = []
        if self.counts["repeated header"]:
            made.append(
                Note("repeated header rows", self.counts["repeated header"], "dropped", "the header is not data")
            )
        if self.counts["remark"]:
            made.append(
                Note("lone remarks", self.counts["remark"], "dropped", "a line with one value under a wide header")
            )
        if self.counts["short"]:
            made.append(Note("short lines", self.counts["short"], "dropped", "declared: short_rows: drop", "caution"))
        elif short and self.short_rows == "pad":
            made.append(
                Note("short lines", sum(short.values()), "padded with empty values", "declared: short_rows: pad")
            )
        return made
