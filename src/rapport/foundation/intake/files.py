"""Files of a source → raw tables: what each is by its content, not its name; a folder or a pattern as one source."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as parquet

from ..errors import IntakeError
from . import bank
from .delimited import table_of_text
from .encodings import decoded
from .excel import tables_of_workbook
from .headers import column_names
from .received import Note, Received, column_of_cells
from .source import Join, Source

EXCEL_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
UNREADABLE = {
    b"%PDF": ("a PDF", "ask for the data as Excel or CSV."),
    b"\x1f\x8b": ("compressed (gzip)", "unpack it into raw/ first."),
    b"SQLite format 3\x00": ("a SQLite database", "give it by `url: sqlite:///…` with `query:` instead of `file:`."),
    b"<?xml": ("XML, but no bank statement in camt.053", "ask for the data as Excel or CSV."),
    b"<html": ("a web page, though its name says otherwise", "open it in Excel and save it as .xlsx."),
    b"<!doctype html": ("a web page, though its name says otherwise", "open it in Excel and save it as .xlsx."),
    b"<table": ("a web page, though its name says otherwise", "open it in Excel and save it as .xlsx."),
}


def raw_tables(source: Source, folder: Path, *, country: str | None, wanted: tuple[str, ...]) -> list[Received]:
    """Every file (and sheet) of the source as received, in the order of their names; no file twice.

    Raises IntakeError when nothing lies there or a file cannot be read as declared.
    """
    if source.pasted:
        return tables_in(source.pasted.encode(), "pasted table", source, country=country, wanted=wanted)
    tables: list[Received] = []
    seen: dict[str, str] = {}
    for path in files_of(source.file, folder):
        content, shown = path.read_bytes(), _shown(path, folder)
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 in seen:
            tables[-1] = tables[-1].with_notes(
                Note(f"{shown} is the same file as {seen[sha256]}", 0, "not read twice", "equal content", "caution")
            )
            continue
        seen[sha256] = shown
        tables += [
            replace(table, sha256=sha256) for table in tables_in(content, shown, source, country=country, wanted=wanted)
        ]
    return tables


def joined_table(join: Join, folder: Path, *, country: str | None) -> Received:
    """The one table of a file that is joined to a source."""
    wanted = tuple(join.on.values())
    paths = files_of(join.file, folder)
    reading = Source(
        table="transactions",
        file=join.file,
        sheet=join.sheet,
        encoding=join.encoding,
        delimiter=join.delimiter,
        header_row=join.header_row,
    )
    tables = [
        table
        for path in paths
        for table in tables_in(path.read_bytes(), _shown(path, folder), reading, country=country, wanted=wanted)
    ]
    if len(tables) != 1:
        raise IntakeError(
            f"a join takes one table, and {join.file} gives {len(tables)}.",
            f"joins: file: {join.file}",
            "name one file and one sheet.",
        )
    return tables[0]


def files_of(given: str | tuple[str, ...], folder: Path) -> list[Path]:
    """The files a path, a folder, a pattern (`raw/sales_*.csv`) or a list of these stands for, sorted by name."""
    if not isinstance(given, str):
        return sorted({path for one in given for path in files_of(one, folder)})
    path = folder / given
    if any(mark in given for mark in "*?["):
        found = sorted(entry for entry in folder.glob(given) if _counts(entry))
    elif path.is_dir():
        found = sorted(entry for entry in path.rglob("*") if _counts(entry))
    else:
        found = [path] if path.is_file() else []
    if not found:
        near = sorted(entry.name for entry in path.parent.iterdir())[:8] if path.parent.is_dir() else []
        raise IntakeError(
            f"there is no file '{given}'.",
            str(folder),
            f"correct `file:`; {path.parent.name}/ holds {', '.join(near)}."
            if near
            else "correct `file:` in engagement.yml.",
        )
    return found


def _counts(path: Path) -> bool:
    """Hidden files, Excel's lock files and folders' own notes are no data."""
    return path.is_file() and not path.name.startswith((".", "~$")) and path.name not in ("Thumbs.db", "desktop.ini")


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def tables_in(
    content: bytes, file: str, source: Source, *, country: str | None, wanted: tuple[str, ...]
) -> list[Received]:
    """The tables one file holds, by its content: workbook, Parquet, bank statement, delimited text."""
    if not content.strip():
        raise IntakeError(
            "the file is empty.", file, "ask for the export again, or take this source out of engagement.yml."
        )
    if content.startswith(b"PAR1"):
        return [_parquet(content, file)]
    if content.startswith(EXCEL_MARKS):
        return tables_of_workbook(
            content,
            file=file,
            wanted=wanted,
            sheet=source.sheet,
            header_row=source.header_row,
            is_form=source.questionnaire is not None,
        )
    if bank.is_statement(content):
        return [bank.statement(content, file=file, country=country, encoding=source.encoding)]
    head = content[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    for mark, (kind, cure) in UNREADABLE.items():
        if head.startswith(mark.lower()):
            raise IntakeError(f"the file is {kind}.", file, cure)
    if content[8:12] == b"DUCK":
        raise IntakeError(
            "the file is a DuckDB database.", file, "give it by `url: duckdb:///…` with `query:` instead."
        )
    text = decoded(content, where=file, country=country, encoding=source.encoding)
    return [
        table_of_text(
            text,
            file=file,
            wanted=wanted,
            delimiter=source.delimiter,
            header_row=source.header_row,
            short_rows=source.short_rows,
            is_form=source.questionnaire is not None,
        )
    ]


def _parquet(content: bytes, file: str) -> Received:
    frame = parquet.read_table(pd.io.common.BytesIO(content)).to_pandas()
    return typed_table(frame, file)


def typed_table(frame: pd.DataFrame, file: str) -> Received:
    """A table that comes with types: numbers and days kept, everything else as distinct cells."""
    names = column_names(list(frame.columns))
    columns = {name: _typed(frame.iloc[:, place]) for place, name in enumerate(names)}
    return Received(pd.DataFrame(columns, copy=False), pd.RangeIndex(1, len(frame) + 1).to_numpy(), file, unit="row")


def _typed(column: pd.Series) -> pd.Series | pd.Categorical:
    if pd.api.types.is_bool_dtype(column):
        return column_of_cells(column.astype(object).tolist())
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.as_unit("ns").reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(column):
        return column.reset_index(drop=True)
    return column_of_cells(column.tolist())
