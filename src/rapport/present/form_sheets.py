"""Forms for a client to fill in, as one Excel file: headings that ask, lists to choose from, dates and numbers checked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from ..foundation.errors import ReportError
from .workbook import CELL, drop_down, new_book

ROWS = 2000  # rows below what is listed that are formatted, checked and carry the drop-down lists
FIRST_DAY = date(1980, 1, 1)
NUMBERS = {"day": "yyyy-mm-dd", "money": "#,##0.00", "number": "#,##0.##", "share": "0.0%"}  # anything else is text
CHECKED = {
    "day": {"validate": "date", "criteria": ">=", "value": FIRST_DAY},
    "money": {"validate": "decimal", "criteria": "between", "minimum": -1e12, "maximum": 1e12},
    "number": {"validate": "decimal", "criteria": "between", "minimum": -1e12, "maximum": 1e12},
    "share": {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1},
}


@dataclass(frozen=True)
class FormColumn:
    """One column of a form: the heading that asks, what is written there, whether it must be, and the words to choose.

    kind: day, money, number, share, or anything else for text.
    """

    heading: str
    kind: str = "text"
    is_required: bool = False
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class FormSheet:
    """One form: the name of its sheet, its columns, and rows that are listed already (one cell a column, None: empty)."""

    name: str
    columns: Sequence[FormColumn]
    rows: Sequence[Sequence[str | None]] = ()


@dataclass(frozen=True)
class FormGuide:
    """The first page of the forms: its sheet's name, title, lines to read, and a table (headings, rows) of the forms."""

    name: str
    title: str
    lines: Sequence[str]
    headings: Sequence[str]
    rows: Sequence[Sequence[str]] = field(default_factory=list)


def write_forms(forms: Sequence[FormSheet], out: Path, *, guide: FormGuide, client: str, as_of: str) -> Path:
    """Writes the guide and the forms as one Excel file, and returns its path.

    Headings stand in the first row and stay in sight; required ones are dark. Cells refuse another word than the list's
    and a day or a number that is none. The file is moved to its place when it is complete. Raises ReportError where two
    sheets would have one name.
    """
    names = [name.lower() for name in (guide.name, *(form.name for form in forms))]
    twice = next((form.name for form in forms if names.count(form.name.lower()) > 1), None)
    if twice is not None:
        cure = "give one of the questionnaires another title in this language."
        raise ReportError(f"two sheets would be called '{twice}'.", str(out), cure)
    with new_book(out, title=guide.title, client=client, as_of=as_of) as book:
        looks = _looks(book)
        _guide(book, looks, guide)
        for form in forms:
            _form(book, looks, form)
    return out


def _looks(book) -> dict:
    looks = {kind: book.add_format({"num_format": number, "valign": "top"}) for kind, number in NUMBERS.items()}
    heads = {"required": "#0b5c8a", "asked": "#52616b"}
    head = {"bold": True, "font_color": "#ffffff", "text_wrap": True, "valign": "top", "border": 1}
    looks |= {name: book.add_format(head | {"bg_color": colour}) for name, colour in heads.items()}
    looks["text"] = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    looks["title"] = book.add_format({"bold": True, "font_size": 16, "font_color": "#1f2933"})
    looks["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    return looks


def _guide(book, looks, guide: FormGuide) -> None:
    page = book.add_worksheet(guide.name)
    page.hide_gridlines(2)
    for place, width in enumerate((30, 60, 34, 60)):
        page.set_column(place, place, width)
    page.write_string(0, 0, guide.title, looks["title"])
    for row, line in enumerate(guide.lines, start=2):
        page.merge_range(row, 0, row, 3, line, looks["wrap"])
        page.set_row(row, 15 * (1 + len(line) // 170))
    row = len(guide.lines) + 3
    for place, heading in enumerate(guide.headings):
        page.write_string(row, place, heading, looks["asked"])
    for cells in guide.rows:
        row += 1
        for place, cell in enumerate(cells):
            page.write_string(row, place, cell, looks["wrap"])
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _form(book, looks, form: FormSheet) -> None:
    page = book.add_worksheet(form.name)
    last = len(form.rows) + ROWS
    for place, column in enumerate(form.columns):
        look = looks.get(column.kind, looks["text"])
        page.set_column(place, place, _width(column, [row[place] for row in form.rows]), look)
        page.write_string(0, place, column.heading, looks["required" if column.is_required else "asked"])
        if column.choices:
            page.data_validation(1, place, last, place, {"validate": "list", "source": drop_down(book, column.choices)})
        elif column.kind in CHECKED:
            page.data_validation(1, place, last, place, CHECKED[column.kind])
    for row, cells in enumerate(form.rows, start=1):
        for place, cell in enumerate(cells):
            if not pd.isna(cell):
                page.write_string(row, place, str(cell)[:CELL], looks["text"])
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _width(column: FormColumn, listed: list[str | None]) -> float:
    longest = max((len(str(cell)) for cell in (*listed, *column.choices) if not pd.isna(cell)), default=0)
    is_free = column.kind == "text" and not column.choices
    return min(max(longest + 3, min(len(column.heading), 28 if is_free else 18) + 2, 12), 45)
