"""Workbooks (xls, xlsx, xlsb, ods) → raw columns: numbers and days as the workbook holds them, text as typed.

Hidden sheets are not read. Cells merged downwards are filled from their first cell. A formula whose result the workbook
does not hold, or a cell that holds an error, is refused where its column is used: it is never taken as empty.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import python_calamine as calamine

from ..errors import IntakeError
from .binary_workbooks import error_cells
from .headers import cleaned, column_names, declared_position, header_position
from .received import Note, Received, column_of_cells
from .remarks import without_remarks

ALL_SHEETS = "*"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # what a workbook with a password holds instead of its parts
NO_RESULT = "#formula without a result"
ERROR_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*\bt="e"[^>]*>.*?<v>([^<]*)</v>', re.S)
FORMULA_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>')
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def tables_of_workbook(
    content: bytes,
    *,
    file: str,
    wanted: tuple[str, ...] = (),
    sheet: str | tuple[str, ...] | None = None,
    header_row: int | None = None,
    is_form: bool = False,
) -> list[Received]:
    """One entry per sheet to read: the named ones, every visible one for `*`, else the only one that fits.

    In a form a row with one word is an answer; anywhere else it is a remark, and set aside. Raises IntakeError when the workbook cannot be opened, the sheet is missing, or several sheets may be meant.
    """
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.CalamineError as error:
        if isinstance(error, calamine.PasswordError) or ENCRYPTED in content:
            raise IntakeError("the workbook is protected by a password.", file, "save it without a password.") from None
        raise IntakeError(
            f"the workbook cannot be opened: {error}.", file, "open it and save it again as .xlsx."
        ) from None
    cells = {name: _cells(workbook, name, content, file) for name in _visible(workbook)}
    names = _chosen(cells, sheet, wanted, file)
    hidden = len(workbook.sheet_names) - len(cells)
    return [_table(cells[name], name, file, wanted, header_row, hidden, is_form) for name in names]


def sheets_of_workbook(content: bytes, *, file: str) -> list[str]:
    """Names of the visible sheets that hold anything."""
    workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [name for name in _visible(workbook) if workbook.get_sheet_by_name(name).end is not None]


def _visible(workbook: calamine.CalamineWorkbook) -> list[str]:
    return [
        entry.name
        for entry in workbook.sheets_metadata
        if entry.visible == calamine.SheetVisibleEnum.Visible and entry.typ == calamine.SheetTypeEnum.WorkSheet
    ]


def _cells(workbook: calamine.CalamineWorkbook, name: str, content: bytes, file: str) -> list[list[Any]]:
    try:
        sheet = workbook.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False)
    except calamine.CalamineError as error:
        raise IntakeError(
            f"sheet '{name}' cannot be read: {error}.", file, "open the workbook and save it again."
        ) from None
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if left == right and bottom > top:
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    for row, column, text in _broken_cells(content, name):
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    return rows


def _broken_cells(content: bytes, sheet: str) -> list[tuple[int, int, str]]:
    """Cells of an .xlsx or .xlsb sheet that hold an error or a formula without a result: row, column (from 0), text."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        if "xl/workbook.bin" in archive.namelist():
            return error_cells(archive, sheet)
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError):
        return []
    targets = {link.get("Id"): link.get("Target") for link in links}
    relation = next(
        (tag.get(RELATION) for tag in book.iter() if tag.tag.endswith("}sheet") and tag.get("name") == sheet), None
    )
    part = str(targets.get(relation, "")).lstrip("/")
    path = part if part.startswith("xl/") else f"xl/{part}"
    if path not in archive.namelist():
        return []
    xml = archive.read(path)
    errors = (
        [(*_position(column, row), text.decode()) for column, row, text in ERROR_CELL.findall(xml)]
        if b't="e"' in xml
        else []
    )
    formulas = (
        [(*_position(column, row), NO_RESULT) for column, row in FORMULA_CELL.findall(xml)] if b"<f" in xml else []
    )
    return errors + formulas


def _position(letters: bytes, row: bytes) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(row) - 1, column - 1


def _chosen(
    cells: dict[str, list], sheet: str | tuple[str, ...] | None, wanted: tuple[str, ...], file: str
) -> list[str]:
    filled = [name for name, rows in cells.items() if any(cell not in (None, "") for row in rows for cell in row)]
    if sheet == ALL_SHEETS:
        return filled
    if sheet is not None:
        named = [sheet] if isinstance(sheet, str) else list(sheet)
        missing = [name for name in named if name not in cells]
        if missing:
            raise IntakeError(
                f"there is no visible sheet '{missing[0]}'.",
                file,
                f"set `sheet:` to one of: {', '.join(cells) or 'none is visible'}.",
            )
        return named
    if not filled:
        raise IntakeError(
            "the workbook is empty.", file, "ask for the export again, or take this source out of engagement.yml."
        )
    fitting = [name for name in filled if wanted and _holds_all(cells[name], wanted)]
    if len(filled) > 1 and len(fitting) != 1:
        raise IntakeError(
            f"the workbook has {len(filled)} filled sheets, and nothing says which to read.",
            file,
            f"set `sheet:` to one of: {', '.join(filled)}; or to '{ALL_SHEETS}' to read them all under each other.",
        )
    return fitting if len(filled) > 1 else filled


def _holds_all(rows: Sequence[Sequence[Any]], wanted: tuple[str, ...]) -> bool:
    position = header_position(rows, wanted)
    return position is not None and {cleaned(name) for name in wanted} <= {cleaned(cell) for cell in rows[position]}


def _table(
    rows: list[list],
    sheet: str,
    file: str,
    wanted: tuple[str, ...],
    header_row: int | None,
    hidden: int,
    is_form: bool,
) -> Received:
    where = f"{file}, sheet '{sheet}'"
    header = header_position(rows, wanted) if header_row is None else declared_position(header_row, len(rows), where)
    body = rows if header is None else rows[header + 1 :]
    width = max((_width(row) for row in (body if header is None else rows[header:])), default=0)
    names = column_names([*([""] * width if header is None else rows[header][:width])])
    first = 1 if header is None else header + 2
    columns = {name: column_of_cells([row[place] for row in body]) for place, name in enumerate(names)}
    note = Note("hidden sheets", hidden, "not read", "what the client hid is not taken as data")
    received = Received(
        pd.DataFrame(columns, copy=False),
        np.arange(first, first + len(body)),
        file,
        sheet=sheet,
        unit="row",
        header_row=None if header is None else header + 1,
        notes=(note,) if hidden else (),
    )
    return without_remarks(received, lone=not is_form)


def _width(row: Sequence[Any]) -> int:
    return max((place for place, cell in enumerate(row, start=1) if cell not in (None, "")), default=0)
