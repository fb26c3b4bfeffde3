"""xlsxwriter's door: the tables a firm works with, as one Excel file that holds no formula and no link."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from ..foundation.contracts import TABLES
from ..foundation.errors import ReportError
from .formats import spoken
from .tables import in_words, unit
from .words import said, words

NAME_LENGTH = 31  # Excel's limit for the name of a sheet
CELL = 32_767  # for the characters of a cell
ROWS = 1_048_000  # and, nearly, for rows
_FORBIDDEN = set("[]:*?/\\")
_WIDTHS = {"money": 14, "count": 10, "share": 10, "date": 12, "id": 14, "yes/no": 8}
_FREE_ROWS = 1000  # rows below a table that also carry its drop-down lists


@dataclass(frozen=True)
class Sheet:
    """One sheet: the table, one sentence on what it is for, the contract it belongs to, and its drop-down lists.

    choices: column → the values an analyst may pick (none: any text); a column the table lacks is added empty.
    is_form: given back as a client's table, so headings and codes stay as the contract names them, in every language.
    """

    frame: pd.DataFrame
    about: str = ""
    of: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_form: bool = False

    def headings(self) -> list[str]:
        """The headings of the columns."""
        columns = [*self.frame.columns, *(column for column in self.choices if column not in self.frame.columns)]
        speech = words(spoken().language)
        return [str(column) if self.is_form else speech.heading(column) for column in columns]

    def written(self, values: pd.Series) -> pd.Series:
        """A column as it is written."""
        return values if self.is_form else in_words(values, self.of)


def write_workbook(
    sheets: Mapping[str, pd.DataFrame | Sheet], out: Path, *, title: str, client: str, as_of: str
) -> Path:
    """Writes the tables as one Excel file with a Read-me sheet first, and returns its path.

    sheets  name of the sheet → its table, plain or as a `Sheet`
    Every sheet is an Excel table with filters, a header that stays, formats by unit, and widths that fit. Text stays
    text, whatever it begins with. The file is written beside its place and moved there when it is complete.
    Raises ReportError for a name or a length that Excel cannot take.
    """
    given = {name: sheet if isinstance(sheet, Sheet) else Sheet(sheet) for name, sheet in sheets.items()}
    _check(given)
    with new_book(out, title=title, client=client, as_of=as_of) as book:
        looks = _looks(book)
        _read_me(book, looks, given, title, client, as_of)
        for name, sheet in given.items():
            _sheet(book, looks, name, sheet)
    return out


@contextmanager
def new_book(out: Path, *, title: str, client: str, as_of: str) -> Iterator[xlsxwriter.Workbook]:
    """An empty workbook to write sheets into; moved to its place when the `with` block is complete, else nothing is left."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=out.parent, suffix=".part", delete=False) as file:
        draft = Path(file.name)
    try:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
        with xlsxwriter.Workbook(str(draft), options) as book:
            book.set_properties({"title": title, "subject": client, "created": pd.Timestamp(as_of).to_pydatetime()})
            yield book
        draft.chmod(0o644)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _check(sheets: Mapping[str, Sheet]) -> None:
    taken = {said("workbook.read_me").lower(), said("workbook.lists").lower()}
    for name, sheet in sheets.items():
        if not name or len(name) > NAME_LENGTH or _FORBIDDEN & set(name) or name.lower() in taken:
            cure = f"up to {NAME_LENGTH} characters, none of []:*?/\\, and no name twice."
            raise ReportError(f"'{name}' cannot be the name of a sheet.", "workbook", cure)
        if len(sheet.frame) > ROWS:
            what = f"sheet '{name}' has {len(sheet.frame):,} rows, more than Excel can hold."
            raise ReportError(what, "workbook", "give the first rows only.")
        taken.add(name.lower())


def _looks(book: xlsxwriter.Workbook) -> dict:
    locale = spoken()
    numbers = {
        "money": locale.excel_money(0), "money_cents": locale.excel_money(2), "share": "0.0%", "count": "#,##0",
        "days": "#,##0", "date": "yyyy-mm-dd", "month": "yyyy-mm", "number": "#,##0.00", "id": "@", "text": "@",
    }  # fmt: skip
    looks = {unit: book.add_format({"num_format": number, "valign": "top"}) for unit, number in numbers.items()}
    looks["fill_in"] = book.add_format({"bg_color": "#eef2f5", "valign": "top"})
    looks["title"] = book.add_format({"bold": True, "font_size": 16, "font_color": "#1f2933"})
    looks["head"] = book.add_format({"bold": True, "font_color": "#52616b", "bottom": 1})
    looks["header"] = book.add_format(
        {"bold": True, "font_color": "#ffffff", "bg_color": "#0b5c8a", "text_wrap": True, "valign": "top"}
    )
    looks["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    return looks


def _read_me(book, looks, sheets: Mapping[str, Sheet], title: str, client: str, as_of: str) -> None:
    page = book.add_worksheet(said("workbook.read_me"))
    page.hide_gridlines(2)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 34)
    page.set_column(2, 2, 80)
    page.write_string(0, 0, title, looks["title"])
    page.write_string(1, 0, said("workbook.for", client=client, as_of=as_of))
    page.write_string(2, 0, said("workbook.rule"))
    row = 4
    for column, heading in enumerate(("sheet", "rows", "about")):
        page.write_string(row, column, said(f"workbook.{heading}"), looks["head"])
    for name, sheet in sheets.items():
        row += 1
        page.write_string(row, 0, name)
        page.write_string(row, 1, said("workbook.size", rows=len(sheet.frame)))
        page.write_string(row, 2, sheet.about or _grain(sheet), looks["wrap"])
    row += 2
    for column, heading in enumerate(("sheet", "column", "meaning")):
        page.write_string(row, column, said(f"workbook.{heading}"), looks["head"])
    for name, sheet in sheets.items():
        for column, heading in zip(sheet.frame.columns, sheet.headings()):
            row += 1
            page.write_string(row, 0, name)
            page.write_string(row, 1, heading)
            page.write_string(row, 2, _meaning(column, sheet), looks["wrap"])


def _sheet(book, looks, name: str, sheet: Sheet) -> None:
    page = book.add_worksheet(name)
    extra = [column for column in sheet.choices if column not in sheet.frame.columns]
    frame = sheet.frame.assign(**dict.fromkeys(extra, ""))
    units = {column: sheet.units.get(column) or unit(column, frame[column], sheet.of) for column in frame.columns}
    headings = _distinct(sheet.headings())
    last = max(len(frame), 1)
    page.add_table(
        0, 0, last, len(headings) - 1,
        {"columns": [{"header": heading} for heading in headings], "style": "Table Style Light 1", "autofilter": True},
    )  # fmt: skip
    for place, (column, heading) in enumerate(zip(frame.columns, headings)):
        page.write_string(0, place, heading, looks["header"])
        values = sheet.written(frame[column])
        look = looks["fill_in"] if column in sheet.choices else looks.get(_look(values, units[column]), looks["number"])
        _write_column(page, place, values, units[column], look)
        page.set_column(place, place, _width(heading, values, units[column]), look)
        if sheet.choices.get(column):
            source = drop_down(book, sheet.choices[column])
            page.data_validation(1, place, last + _FREE_ROWS, place, {"validate": "list", "source": source})
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def drop_down(book: xlsxwriter.Workbook, choices: Sequence[str]) -> str:
    """The choices of a drop-down list, written to a hidden sheet, since a cell's own list ends at 255 characters."""
    name = said("workbook.lists")
    page = book.get_worksheet_by_name(name)
    if page is None:
        page = book.add_worksheet(name)
        page.hide()
    place = 0 if page.dim_colmax is None else page.dim_colmax + 1
    for row, choice in enumerate(choices):
        page.write_string(row, place, str(choice))
    column = xl_col_to_name(place, col_abs=True)
    return f"='{name}'!{column}$1:{column}${len(choices)}"


def _write_column(page, place: int, values: pd.Series, unit: str, look) -> None:
    for row, value in enumerate(values, start=1):
        if value is None or (not isinstance(value, str) and pd.isna(value)):
            page.write_blank(row, place, None, look)
        elif unit in ("date", "month"):
            page.write_datetime(row, place, pd.Timestamp(value).to_pydatetime(), look)
        elif unit == "yes/no":
            page.write_string(row, place, said("tables.yes" if value else "tables.no"))
        elif isinstance(value, str) or unit in ("id", "text"):
            page.write_string(row, place, str(value)[:CELL], look)
        else:
            page.write_number(row, place, float(value), look)


def _look(values: pd.Series, unit: str) -> str:
    if unit == "money":
        largest = pd.to_numeric(values, errors="coerce").abs().max()
        return "money_cents" if pd.notna(largest) and largest < 100 else "money"
    return {"percent": "share", "yes/no": "text"}.get(unit, unit)


def _width(heading: str, values: pd.Series, unit: str) -> float:
    if unit != "text":
        return max(_WIDTHS.get(unit, 11), min(len(heading), 16) + 2)
    longest = values.dropna().astype(str).str.len().max() if values.notna().any() else 0
    return min(max(longest, len(heading), 8) + 2, 60)


def _distinct(headings: list[str]) -> list[str]:
    """The headings with a number where Excel would see one twice (it ignores case)."""
    taken: set[str] = set()
    out = []
    for heading in headings:
        name, count = heading, 1
        while name.lower() in taken:
            count += 1
            name = f"{heading} {count}"
        taken.add(name.lower())
        out.append(name)
    return out


def _grain(sheet: Sheet) -> str:
    return said("workbook.grain", grain=TABLES[sheet.of].grain) if sheet.of else ""


def _meaning(column: str, sheet: Sheet) -> str:
    contracts = [TABLES[sheet.of]] if sheet.of else TABLES.values()
    return next((table.columns[column].meaning for table in contracts if column in table.columns), "")
