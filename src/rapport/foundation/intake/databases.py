"""Databases by URL → raw table: SQLite through Python itself, every other engine through the warehouse."""

import sqlite3
from pathlib import Path

import pandas as pd

from .. import warehouse
from ..errors import IntakeError
from .files import typed_table
from .received import Received

RELATIVE = ("sqlite:///", "duckdb:///")


def queried_table(url: str, query: str, folder: Path) -> Received:
    """The rows of a query, with the types the database gives them; the database is only ever read.

    A path after `sqlite:///` or `duckdb:///` is relative to the engagement. Raises IntakeError when the database cannot
    be reached or refuses the query, naming both (a password in the URL is not shown).
    """
    shown = _without_password(url)
    prefix = next((start for start in RELATIVE if url.startswith(start)), None)
    path = folder / url.removeprefix(prefix) if prefix else None
    if path is not None and not path.is_file():
        raise IntakeError(
            f"there is no database '{path.name}'.", shown, "correct `url:`; the path is relative to the engagement."
        )
    if prefix != "sqlite:///":
        return typed_table(warehouse.query(f"{prefix}{path}" if path else url, query), shown)
    try:
        return typed_table(_sqlite(path, query), shown)
    except sqlite3.Error as error:
        raise IntakeError(
            f"the database refuses the query: {error}.", f"{shown}, query: {query.strip()[:200]}", "correct `query:`."
        ) from None


def _sqlite(path: Path, query: str) -> pd.DataFrame:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute(query)
        names = [entry[0] for entry in rows.description]
        return pd.DataFrame(rows.fetchall(), columns=names, dtype=object)
    finally:
        connection.close()


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.split(':', 2)[0]}:…@{tail}" if at else url
