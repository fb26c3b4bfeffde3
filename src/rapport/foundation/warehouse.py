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


@cache
def _engine() -> ibis.BaseBackend:
    return ibis.duckdb.connect()


def parquet(path: Path) -> ibis.Table:
    """The Parquet file as a lazy table."""
    return _engine().read_parquet(path)


def query(url: str, sql: str) -> pd.DataFrame:
    """The answer of the database at `url` (`sqlite:///…`, `duckdb:///…`, `postgres://…`) to `sql`; nothing is written.

    Raises IntakeError when the database cannot be opened or does not understand the query.
    """
    try:
        if url.startswith("duckdb://"):  # ibis' own way asks DuckDB 2 for a function it no longer has
            return ibis.connect(f"{url}?read_only=true").raw_sql(sql).df()
        return ibis.connect(url).sql(sql).to_pandas()
    except Exception as error:
        what, where = f"the database did not answer: {str(error).splitlines()[0]}", url.split("@")[-1]
        cure = "check `url` and `query` of this source in engagement.yml."
        if "missing dependencies" in what:
            cure = f"install what ibis needs for {url.split(':')[0]} (for PostgreSQL: pip install 'psycopg[binary]')."
        raise IntakeError(what, where, cure) from None
