"""ibis' door: tables that stay where they lie until a result is asked for.

Canonical transactions are a Parquet file read lazily by DuckDB; a client's own database (SQLite, DuckDB, PostgreSQL and
whatever else ibis speaks) is asked by URL.
"""

from functools import cache
from pathlib import Path

import ibis
import pandas as pd

from .errors import IntakeError

Table = ibis.Table  # lazy: an expression, not rows
POSTGRES = ("postgres://", "postgresql://")


@cache
def _engine() -> ibis.BaseBackend:
    return ibis.duckdb.connect()


def parquet(path: Path) -> ibis.Table:
    """The Parquet file as a lazy table."""
    return _engine().read_parquet(path)


def query(url: str, sql: str) -> pd.DataFrame:
    """The answer of the database at `url` (`sqlite:///…`, `duckdb:///…`, `postgres://…`) to `sql`.

    These three are opened for reading only, so that no query can change a client's data. Raises IntakeError when the
    database cannot be opened or does not understand the query.
    """
    try:
        if url.startswith("duckdb://"):  # ibis' own way asks DuckDB 2 for a function it no longer has
            return ibis.connect(f"{url}?read_only=true").raw_sql(sql).df()
        if url.startswith(POSTGRES):
            return _postgres(url, sql)
        return ibis.connect(url).sql(sql).to_pandas()
    except Exception as error:
        what, where = f"the database did not answer: {str(error).splitlines()[0]}", url.split("@")[-1]
        cure = "check `url` and `query` of this source in engagement.yml."
        if "missing dependencies" in what:
            extra = "rapport[postgres]" if url.startswith(POSTGRES) else f"ibis-framework[{url.split(':')[0]}]"
            cure = f"install its driver: pip install '{extra}'."
        raise IntakeError(what, where, cure) from None


def _postgres(url: str, sql: str) -> pd.DataFrame:
    """Asked directly: ibis' own way makes a view first, which a server for reading only refuses."""
    connection = ibis.connect(url)
    try:
        connection.raw_sql("set session characteristics as transaction read only").close()
        answer = connection.raw_sql(sql)
        names = [column.name for column in answer.description]
        return pd.DataFrame(answer.fetchall(), columns=names, dtype=object).infer_objects()
    finally:
        connection.disconnect()
