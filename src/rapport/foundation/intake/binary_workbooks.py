"""Binary workbooks (.xlsb): where their cells hold an error, which the reader shows as if they were empty.

A part of such a workbook is a row of records: the type and the length in groups of seven bits, then the content.
"""

import struct
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

SHEET, ROW, CELL_ERROR, FORMULA_ERROR = 0x9C, 0x00, 0x03, 0x0B
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def error_cells(archive: zipfile.ZipFile, sheet: str) -> list[tuple[int, int, str]]:
    """The cells of a sheet that hold an error: row, column (from 0), text."""
    found, row = [], 0
    for kind, content in _records(archive.read(_path_of(archive, sheet))):
        if kind == ROW:
            (row,) = struct.unpack_from("<I", content)
        elif kind in (CELL_ERROR, FORMULA_ERROR):
            (column,) = struct.unpack_from("<I", content)
            found.append((row, column, ERRORS.get(content[8], "#error")))
    return found


def _path_of(archive: zipfile.ZipFile, sheet: str) -> str:
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.bin.rels"))
    targets = {link.get("Id"): link.get("Target") for link in links}
    for kind, content in _records(archive.read("xl/workbook.bin")):
        if kind == SHEET:
            relation, end = _text(content, 8)
            if _text(content, end)[0] == sheet:
                return f"xl/{targets[relation]}"
    raise KeyError(sheet)


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(content):
        kind, place = _number(content, place)
        size, place = _number(content, place)
        yield kind, content[place : place + size]
        place += size


def _number(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (content[place] & 127) << shift
        shift, place = shift + 7, place + 1
        if content[place - 1] < 128:
            return value, place


def _text(content: bytes, place: int) -> tuple[str, int]:
    """A text of sixteen-bit letters behind its length, and where it ends."""
    (letters,) = struct.unpack_from("<I", content, place)
    end = place + 4 + 2 * letters
    return content[place + 4 : end].decode("utf-16-le"), end
