"""A folder of a client in which a test puts one file and reads it."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rapport.foundation.intake import Intake, Source, read_source

TODAY = pd.Timestamp("2026-11-21")


class Client:
    """An engagement's folder: `put` a file, `read` it as a source."""

    def __init__(self, folder: Path):
        self.folder = folder

    def put(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        """The file written under raw/."""
        path = self.folder / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def read(
        self,
        content: str | bytes | None = None,
        *,
        file: str = "raw/sales.csv",
        country: str = "LT",
        currency: str = "EUR",
        as_of: str | None = None,
        known: pd.DataFrame | None = None,
        **source: Any,
    ) -> Intake:
        """The file read with these keys of engagement.yml."""
        if content is not None:
            self.put(file.removeprefix("raw/"), content)
        keys = {"table": "transactions", **({} if "url" in source or "pasted" in source else {"file": file}), **source}
        return read_source(
            "shop",
            Source(**keys),
            self.folder,
            country=country,
            currency=currency,
            as_of=None if as_of is None else pd.Timestamp(as_of),
            known=known,
            today=TODAY,
        )


SALES = {"order_id": "order", "record_id": "customer", "ordered_on": "date", "net_amount": "amount"}


@pytest.fixture
def client(tmp_path) -> Client:
    return Client(tmp_path)


@pytest.fixture
def sales(client):
    """Reads a CSV with the columns order, customer, date, amount."""

    def read(content: str | bytes, **source: Any) -> Intake:
        return client.read(content, **{"columns": SALES, **source})

    return read


def row(intake: Intake, check: str) -> pd.Series:
    """The quality row of a check."""
    found = intake.quality[intake.quality["check"] == check]
    assert len(found) == 1, f"{check!r} is not among {list(intake.quality['check'])}"
    return found.iloc[0]
