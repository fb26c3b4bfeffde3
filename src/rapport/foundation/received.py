"""Everything that came in: every declared source read into its canonical table, and what a page says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .contracts import INPUTS, TABLES
from .errors import SettingsError
from .intake import Intake, Source, read_source

SAMPLES = 5  # of one column


@dataclass(frozen=True)
class Received:
    """One frame per canonical table that was given, and how each source was read."""

    tables: dict[str, pd.DataFrame]
    intakes: tuple[Intake, ...]

    def __getitem__(self, table: str) -> pd.DataFrame:
        """The table; empty, with its columns, when no source gave it."""
        return self.tables.get(table, TABLES[table].empty())

    @property
    def quality(self) -> pd.DataFrame:
        """What was dropped or treated while reading, in rows and money (contract `quality`)."""
        return _stacked([intake.quality for intake in self.intakes])

    def overview(self) -> pd.DataFrame:
        """One row per source: table, files, rows and money in and out, and the period it covers."""
        return pd.DataFrame(
            {
                "source": intake.name,
                "table": intake.table,
                "file": ", ".join(dict.fromkeys(file.file for file in intake.files)),
                "rows": intake.rows_in,
                "rows_used": intake.rows_out,
                "amount": intake.money_in,
                "amount_used": intake.money_out,
                "first_on": intake.first_on,
                "last_on": intake.last_on,
            }
            for intake in self.intakes
        ).astype({"amount": "float64", "amount_used": "float64"})

    def files(self) -> pd.DataFrame:
        """One row per file or sheet: how it was read, its rows and the first signs of its SHA-256."""
        return pd.DataFrame(
            {
                "source": intake.name,
                "file": file.file,
                "sheet": file.sheet,
                "rows": file.rows,
                "encoding": file.encoding,
                "delimiter": {None: None, "\t": "tab"}.get(file.delimiter, file.delimiter),
                "header_row": file.header_row,
                "sha256": file.sha256[:12],
            }
            for intake in self.intakes
            for file in intake.files
        )

    def evidence(self) -> pd.DataFrame:
        """How the days and the money of every source were read: source, column, theirs, how, samples (five at most of each
        column, as they were → as they are).
        """
        rows = [
            {"source": intake.name, "column": column, "theirs": theirs, "how": how, "samples": _told(group)}
            for intake in self.intakes
            for (column, theirs, how), group in intake.evidence.groupby(["column", "theirs", "how"], sort=False)
            if column in TABLES[intake.table].columns and TABLES[intake.table].columns[column].unit in ("date", "money")
        ]
        return pd.DataFrame(rows, columns=["source", "column", "theirs", "how", "samples"])

    def absent(self) -> pd.DataFrame:
        """Every table a client may give that was not given, and what its absence costs."""
        missing = [table for table in INPUTS if table.name not in self.tables]
        return pd.DataFrame({"table": [one.name for one in missing], "without_it": [one.costs for one in missing]})


def receive(
    folder: Path, sources: Mapping[str, Source], *, country: str, currency: str, as_of: pd.Timestamp | None
) -> Received:
    """Read every source; rows after `as_of` are set aside and reported, never used. Raw files are only read.

    Raises IntakeError for a file that cannot be read as declared, SettingsError when nothing gives transactions.
    """
    intakes = tuple(
        read_source(name, source, folder, country=country, currency=currency, as_of=as_of)
        for name, source in sources.items()
    )
    frames: dict[str, list[pd.DataFrame]] = {}
    for intake in intakes:
        frames.setdefault(intake.table, []).append(intake.frame)
    if "transactions" not in frames:
        raise SettingsError(
            "no source gives the table 'transactions'.",
            str(folder / "engagement.yml"),
            "map at least one file to transactions, under `sources`.",
        )
    return Received(
        {name: TABLES[name].check(_stacked(parts), f"table {name}") for name, parts in frames.items()}, intakes
    )


def _told(samples: pd.DataFrame) -> str:
    return "; ".join(f"'{before}' → {after}" for before, after in zip(samples["before"][:SAMPLES], samples["after"]))


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames of one table under each other; empty ones are left out so that they do not change dtypes."""
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True)
