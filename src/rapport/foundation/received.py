"""Everything that came in: every declared source read into its canonical table, and what a page says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from .contracts import INPUTS, TABLES
from .decisions import Lists
from .errors import SettingsError
from .intake import Intake, Source, read_source
from .references import (
    known_records,
    refuse_unknown_record_sources,
    refuse_unknown_records,
    refuse_unknown_sources,
    true_payers,
)

NAMED = ("record_source", "record_id")  # how a row names a customer

SAMPLES = 5  # of one column


@dataclass(frozen=True)
class Received:
    """One frame per canonical table that was given, how each source was read, and remarks on all together (`quality`)."""

    tables: dict[str, pd.DataFrame]
    intakes: tuple[Intake, ...]
    remarks: pd.DataFrame = field(default_factory=TABLES["quality"].empty)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """The table; empty, with its columns, when no source gave it."""
        return self.tables.get(table, TABLES[table].empty())

    @property
    def quality(self) -> pd.DataFrame:
        """What was dropped or treated while reading, in rows and money (contract `quality`)."""
        return _stacked([*(intake.quality for intake in self.intakes), self.remarks])

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

    def strangers(self) -> pd.DataFrame:
        """Rows that name a customer whom no customer file and no sale has: table, rows, customers (the first few)."""
        known = self["records"].rename(columns={"source": "record_source"})[list(NAMED)]
        known = pd.MultiIndex.from_frame(pd.concat([known, self["transactions"][list(NAMED)].drop_duplicates()]))
        made = []
        for name, frame in self.tables.items():
            if name not in ("records", "transactions") and set(NAMED) <= set(frame.columns):
                named = frame.loc[frame["record_id"].notna(), list(NAMED)]
                strange = named[~pd.MultiIndex.from_frame(named).isin(known)]
                shown = ", ".join((strange["record_source"] + ":" + strange["record_id"]).drop_duplicates().head(5))
                made.append({"table": name, "rows": len(strange), "customers": shown})
        found = pd.DataFrame(made, columns=["table", "rows", "customers"])
        return found[found["rows"] > 0].reset_index(drop=True)

    def absent(self) -> pd.DataFrame:
        """Every table a client may give that was not given, and what its absence costs."""
        missing = [table for table in INPUTS if table.name not in self.tables]
        return pd.DataFrame({"table": [one.name for one in missing], "without_it": [one.costs for one in missing]})


def receive(
    folder: Path,
    sources: Mapping[str, Source],
    *,
    country: str,
    currency: str,
    as_of: pd.Timestamp | None,
    merge: Lists = (),
    split: Lists = (),
) -> Received:
    """Read every source; rows after `as_of` are set aside and reported, never used. Raw files are only read.

    Payers of statements and account exports are matched to the records their source names. Accounts of customers serve for
    that only: the table `records` comes without them.

    Raises IntakeError for a file that cannot be read as declared, SettingsError when nothing gives transactions, or when
    `records:`, `record_source`, `merge` or `split` name a source or a record that is not there.
    """
    where = str(folder / "engagement.yml")
    refuse_unknown_sources(sources, where)
    intakes = _read(folder, sources, country=country, currency=currency, as_of=as_of)
    frames: dict[str, list[pd.DataFrame]] = {}
    for intake in intakes:
        refuse_unknown_record_sources(intake.frame, intake.name, sources[intake.name], list(sources), where)
        if len(intake.frame) or sources[intake.name].questionnaire is None:  # a form nobody filled in gives nothing
            frames.setdefault(intake.table, []).append(intake.frame)
    if "transactions" not in frames:
        raise SettingsError(
            "no source gives the table 'transactions'.",
            where,
            "map at least one file to transactions, under `sources`.",
        )
    tables = {name: TABLES[name].check(_stacked(parts), f"table {name}") for name, parts in frames.items()}
    if merge or split:
        refuse_unknown_records({"merge": merge, "split": split}, known_records(tables), where)
    if "records" not in tables:
        return Received(tables, intakes)
    records, remarks = tables["records"].assign(account=None), TABLES["quality"].empty()
    if records["end_user_of"].notna().any():
        records, remarks = true_payers(records, known_records(tables))
    return Received(tables | {"records": records}, intakes, remarks)


def _read(folder: Path, sources: Mapping[str, Source], **how: Any) -> tuple[Intake, ...]:
    """Every source read, in the order declared; records come first, so that payers can be matched to them."""
    read: dict[str, Intake] = {}
    for name in sorted(sources, key=lambda name: sources[name].table != "records"):
        whose = read.get(sources[name].records or "")
        known = whose.frame if whose and whose.table == "records" and sources[name].table != "records" else None
        read[name] = read_source(name, sources[name], folder, known=known, **how)
    return tuple(read[name] for name in sources)


def _told(samples: pd.DataFrame) -> str:
    return "; ".join(f"'{before}' → {after}" for before, after in zip(samples["before"][:SAMPLES], samples["after"]))


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames of one table under each other; empty ones are left out so that they do not change dtypes."""
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True)
