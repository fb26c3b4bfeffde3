"""Text with delimiters → raw columns: lines of another width than the header are judged, never bent to fit.

A sound text is split by Arrow, which is fast; when a line does not fit the header, the csv module splits the text again
record by record, so that every such line can be named, set aside or refused.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from ..errors import IntakeError
from .dialects import Layout, layout_of, records, unpadded
from .encodings import Decoded
from .headers import is_word
from .received import Note, Received, column_of_texts
from .remarks import without_remarks

QUOTES = "the export did not double them"
QUOTE_INSIDE = r'(?<![{0}\r\n"])"(?![{0}\r\n"])'


def table_of_text(
    decoded: Decoded,
    *,
    file: str,
    wanted: tuple[str, ...] = (),
    delimiter: str | None = None,
    header_row: int | None = None,
    short_rows: str = "refuse",
    is_form: bool = False,
) -> Received:
    """The rows of a delimited text below its header, as received.

    In a form a row with one word is an answer; anywhere else it is a remark, and set aside.
    Raises IntakeError when the file is empty, when a line has more values than the header, or fewer (unless
    `short_rows` says to pad, drop or split them), or when quotation marks make no sense.
    """
    text = decoded.text.rstrip("\r\n\x1a")
    if not text.strip():
        raise IntakeError(
            "the file is empty.", file, "ask for the export again, or take this source out of engagement.yml."
        )
    layout = layout_of(text, delimiter=delimiter, header_row=header_row, wanted=wanted, file=file)
    columns, notes = _split_by_arrow(text, layout), []
    if columns is None:
        text, layout, notes = _with_quotes_mended(text, layout, file)
        columns, lines, remarks = _split_by_record(text, layout, file, short_rows)
        notes += remarks
    else:
        rows = len(columns[0]) if columns else 0
        lines = np.arange(layout.skipped + 1, layout.skipped + 1 + rows)
    received = Received(
        pd.DataFrame({name: column_of_texts(cells) for name, cells in zip(layout.names, columns)}, copy=False),
        lines,
        file,
        unit="line" if '"' not in text or text.count("\n") + 1 == (lines[-1] if len(lines) else 1) else "record",
        encoding=decoded.encoding,
        delimiter=layout.shown,
        header_row=None if layout.header is None else layout.header + 1,
        samples=decoded.samples,
        notes=tuple(notes),
    )
    return without_remarks(received, lone=not is_form)


def _split_by_arrow(text: str, layout: Layout) -> list[pa.ChunkedArray] | None:
    """The columns below the header; None as soon as anything is not plain: another width, blank lines, odd quotes."""
    names = list(layout.names)
    if layout.delimiter == " " or len(names) < 2 or _has_odd_quotes(text, layout.delimiter):
        return None
    try:
        table = arrow_csv.read_csv(
            BytesIO(text.encode()),
            arrow_csv.ReadOptions(column_names=names, skip_rows=layout.skipped),
            arrow_csv.ParseOptions(
                delimiter=layout.delimiter, newlines_in_values='"' in text, ignore_empty_lines=False
            ),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return table.columns


def _has_odd_quotes(text: str, delimiter: str) -> bool:
    """Quotation marks that neither open nor close a value, or a header part that holds any."""
    return '"' in text and re.search(QUOTE_INSIDE.format(re.escape(delimiter)), text) is not None


def _with_quotes_mended(text: str, layout: Layout, file: str) -> tuple[str, Layout, list[Note]]:
    """The text with quotation marks inside quoted values doubled, on the lines where the export forgot to.

    Where that does not help, but the lines are of one width without any quoting, the marks are part of the values.
    """
    if '"' not in text or _is_sound(text, layout):
        return text, layout, []
    lines = text.splitlines(keepends=True)
    bad = [place for place, line in enumerate(lines) if '"' in line and not _is_sound(line, layout)]
    for place in bad:
        lines[place] = _mended(lines[place], layout.delimiter)
    mended = "".join(lines)
    if _is_sound(mended, layout):
        return mended, layout, [Note("lines with quotation marks inside values", len(bad), "kept in the value", QUOTES)]
    bare = replace(layout, quotes=False)
    if {len(record) for record in records(text, bare) if any(record)} == {len(layout.names)}:
        return text, bare, [Note("lines with quotation marks inside values", len(bad), "kept in the value", QUOTES)]
    place = bad[0] if bad else 0
    raise IntakeError(
        "the quotation marks of the text do not match.",
        f"{file}, line {place + 1}: '{text.splitlines()[place][:120]}'",
        "ask for an export that doubles quotation marks inside values, or has none; or set `delimiter:`.",
    )


def _is_sound(text: str, layout: Layout) -> bool:
    try:
        for _ in records(text, layout, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _mended(line: str, delimiter: str) -> str:
    """A line whose values are all quoted, with the quotation marks inside them doubled."""
    body = line.rstrip("\r\n")
    end = line[len(body) :]
    tail = delimiter if body.endswith(f'"{delimiter}') else ""
    body = body.removesuffix(tail)
    if not (body.startswith('"') and body.endswith('"')) or len(body) < 2:
        return line
    values = body[1:-1].split(f'"{delimiter}"')
    doubled = (re.sub('"+', '"', value).replace('"', '""') for value in values)
    return '"' + f'"{delimiter}"'.join(doubled) + '"' + tail + end


@dataclass
class _Widths:
    """How wide the records are, and what was done to those that do not fit."""

    counts: Counter = field(default_factory=Counter)
    first_short: int = 0
    remarks: int = 0
    split: int = 0


def _with_values_parted(rows: list[list[str]], layout: Layout, file: str) -> tuple[list[list[str]], int]:
    """The records with the one value parted that holds several columns, and how many were; declared: short_rows: split.

    Some exports quote several columns as one value. It is the same place in every line: the only one whose delimiters
    make up for the columns each line lacks. Raises IntakeError when no place, or more than one, does that.
    """
    width = len(layout.names)
    body = [row for row in rows[layout.skipped :] if any(cell.strip() for cell in row)]
    ends_empty = all(row[-1] == "" for row in body)
    body = [row[:-1] if ends_empty else row for row in body]
    short = [row for row in body if len(row) < width]
    places = [
        place
        for place in range(min(map(len, short), default=0))
        if all(row[place].count(layout.delimiter) == width - len(row) for row in short)
    ]
    if short and len(places) != 1:
        raise IntakeError(
            f"{len(short):,} lines are short, and {'no value holds' if not places else 'several values may hold'} the "
            f"missing ones of the {width} of the header.",
            f"{file}, short_rows: split",
            "mend the export, or set `short_rows: pad` (values were left out at the end of the line) or `drop`.",
        )
    parted = [
        row
        if len(row) >= width
        else [*row[: places[0]], *row[places[0]].split(layout.delimiter), *row[places[0] + 1 :]]
        for row in body
    ]
    return rows[: layout.skipped] + parted, len(short)


def _split_by_record(
    text: str, layout: Layout, file: str, short_rows: str
) -> tuple[list[list[list[str]]], np.ndarray, list[Note]]:
    """Columns below the header record by record, the number of each record, and notes on those of another width."""
    widths, kept, numbers = _Widths(), [], []
    given: Iterable[list[str]] = records(text, layout)
    if short_rows == "split":
        given, widths.split = _with_values_parted(list(given), layout, file)
    for number, record in enumerate(given, start=1):
        if number > layout.skipped and any(cell.strip() for cell in record):
            row = _fitting(unpadded(record, layout.delimiter), number, layout, file, widths)
            if row is not None and (short_rows != "drop" or len(record) >= len(layout.names)):
                kept.append(row)
                numbers.append(number)
    notes = _notes_on(widths, len(layout.names), file, short_rows)
    columns = [[list(column)] for column in zip(*kept)] or [[[]] for _ in layout.names]
    return columns, np.array(numbers, dtype=np.int64), notes


def _fitting(row: list[str], number: int, layout: Layout, file: str, widths: _Widths) -> list[str] | None:
    """The record as wide as the header: empty values too many cut, missing ones added; None for a lone remark."""
    width = len(layout.names)
    filled = [cell for cell in row if cell.strip()]
    if len(row) != width and len(filled) == 1 and width > 2 and is_word(filled[0]):
        widths.remarks += 1
        return None
    if any(cell.strip() for cell in row[width:]):
        raise IntakeError(
            f"a line has {len(row)} values, more than the {width} of the header.",
            f"{file}, line {number}: '{layout.delimiter.join(row)[:120]}'",
            "put the value that holds the delimiter in quotation marks, set `delimiter:` for this source, or set "
            "`header_row:` if the header was found in the wrong place.",
        )
    if len(row) < width:
        widths.first_short = widths.first_short or number
    widths.counts[min(len(row), width)] += 1
    return row[:width] + [""] * (width - len(row))


def _notes_on(widths: _Widths, width: int, file: str, short_rows: str) -> list[Note]:
    """What was done; raises IntakeError when records are shorter than the header and nothing is declared for them."""
    short = sum(rows for found, rows in widths.counts.items() if found < width)
    if short and short_rows == "refuse":
        raise IntakeError(
            f"{short:,} of {sum(widths.counts.values()):,} lines have fewer values than the {width} of the header.",
            f"{file}, first at line {widths.first_short}",
            "a value may hold a line break: mend the export; or set `short_rows: pad` (values were left out at the end "
            "of the line), `short_rows: split` (one value holds several columns) or `short_rows: drop` for this source.",
        )
    notes = [Note("lone remarks", widths.remarks, "dropped", "a line with one value under a wide header")]
    if short_rows == "split":
        why = "declared: short_rows: split"
        notes.append(Note("lines with several columns in one value", widths.split, "parted at the delimiter", why))
    elif short_rows == "drop":
        notes.append(Note("short lines", short, "dropped", "declared: short_rows: drop", "caution"))
    else:
        notes.append(Note("short lines", short, "padded with empty values", "declared: short_rows: pad"))
    return [note for note in notes if note.rows]
