"""Engagement: one client's folder — engagement.yml, raw files that are never written, runs, notes.

A page opens it with one line and then reads and writes tables by name:

    firm = open_engagement(engagement, run)
    history = firm.read("history")
    firm.write(classes=classes)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from . import warehouse
from .contracts import TABLES
from .decisions import FILE as DECISIONS
from .decisions import Lists, overrides, read_log
from .errors import RunError, SettingsError, did_you_mean
from .finding import Finding, obedient
from .intake.source import Source
from .library import library_folder
from .play import Bounds
from .playbook import Play, load
from .pseudonyms import display_names, masked
from .received import Received, receive
from .runs import LAB, Run, earlier_run, latest_run, open_run, sha256
from .settings import Strict, flatten, key, read_yaml, settings

FILE = "engagement.yml"
LANGUAGES = ("en", "lt", "bg", "ru", "et", "hu")
Together = Annotated[tuple[str, ...], Field(min_length=2)]  # records decided on together


class LedgerTotal(Strict):
    """What the client's ledger holds for a period, both days counted: net sales without VAT."""

    since: date = key("The first day.", "from: 2026-01-01", alias="from")
    until: date = key("The last day.", "to: 2026-06-30", alias="to")
    net: float = key("Net sales of these days.", "net: 184230.50", gt=0)

    @model_validator(mode="after")
    def _in_order(self):
        if self.since > self.until:
            raise ValueError("`from` must not lie after `to`")
        return self


class EngagementFile(Strict):
    """What engagement.yml may say; unknown keys are refused."""

    client: str = key("The client's name, as the report prints it.", "client: UAB Pelėda")
    currency: str = key(
        "The one currency of the report, in three letters; amounts in others need `rates`.",
        "currency: EUR",
        pattern=r"^[A-Z]{3}$",
    )
    country: str = key(
        "The client's country in two letters; it decides the code page of old files.",
        "country: LT",
        pattern=r"^[A-Z]{2}$",
    )
    language: Literal[LANGUAGES] = key("The language of the report.", "language: lt", "en")
    as_of: date | None = key(
        "The day the report speaks of: no row after it is used. Without it, the day of the last transaction.",
        "as_of: 2026-09-30",
        None,
    )
    names: Literal["hide", "show"] = key(
        "Whether customers are called by pseudonyms or by their names in the report.", "names: show", "hide"
    )
    allow: tuple[str, ...] = key(
        "Names that may stand in the report though names are hidden, such as the client's own.", "allow: [Pelėda]", ()
    )
    retain_until: date | None = key(
        "The day until which the client's data may be kept; after it `rapport purge` deletes them.",
        "retain_until: 2028-12-31",
        None,
    )
    sources: dict[str, Source] = key(
        "The files and what they hold, each under a name of its own; the keys of a source are listed below.",
        "sources: {crm: {table: records, file: raw/crm.xlsx, columns: {record_id: Nr., name: Pavadinimas}}}",
    )
    parameters: dict[str, Any] = key(
        "Parameters that differ from their defaults. They are in [parameters.md](parameters.md).",
        "parameters: {value: {discount_rate: 0.1}}",
        {},
    )
    plays: dict[str, dict[str, Any]] = key(
        "Changes to plays of the playbook for this client, by their ids.",
        "plays: {pareto-care: {owner: head of sales}}",
        {},
    )
    offers: dict[str, dict[str, Bounds]] = key(
        "Offers and who may have them: columns of the customer, or net_total, between `min` and `max` or one `in` a list.",
        "offers: {volume rebate: {net_total: {min: 1000}}}",
        {},
    )
    ledger_total: LedgerTotal | None = key(
        "What the client's ledger holds for a period, to compare the sales with.",
        "ledger_total: {from: 2026-01-01, to: 2026-06-30, net: 184230.50}",
        None,
    )
    merge: tuple[Together, ...] = key(
        "Records that are one customer, `source:number`, one list for each customer.", "merge: [[crm:17, web:a4]]", ()
    )
    split: tuple[Together, ...] = key(
        "Records that are different customers, though they look like one.", "split: [[crm:17, crm:18]]", ()
    )


@dataclass(frozen=True)
class Engagement:
    """One client: its folder, its declared file, its settings and the run that is read and written."""

    folder: Path
    file: EngagementFile
    run: Run
    settings: Any
    as_of: pd.Timestamp
    withheld: Mapping[str, str] = field(default_factory=dict)  # findings the data do not allow, and why

    def receive(self) -> Received:
        """Read every declared source into its canonical table; raw files are only ever read."""
        return _receive(self.folder, self.file, self.as_of)

    def read(self, table: str) -> pd.DataFrame:
        """The table as an earlier page wrote it. Raises RunError naming the page that makes it."""
        frame = self.run.read(table)
        if frame is None:
            raise RunError(
                f"table '{table}' has not been made yet.",
                str(self.run.folder),
                "run the earlier pages first: rapport run (or: make report, for the sample).",
            )
        return frame

    def read_if_given(self, table: str) -> pd.DataFrame | None:
        """An optional table of the client, or None when it was not given."""
        return self.run.read(table)

    def read_or_empty(self, table: str) -> pd.DataFrame:
        """An optional table of the client, without rows when it was not given."""
        frame = self.run.read(table)
        return TABLES[table].empty() if frame is None else frame

    def given(self, *tables: str) -> dict[str, pd.DataFrame | None]:
        """Optional tables of the client by name, None for those that were not given."""
        return {table: self.run.read(table) for table in tables}

    def tables(self, *without: str) -> dict[str, pd.DataFrame]:
        """Every table there is so far, by name, but for those named and the transactions, which stay lazy."""
        found = {name: self.run.read(name) for name in TABLES if name not in ("transactions", *without)}
        return {name: frame for name, frame in found.items() if frame is not None}

    def transactions(self) -> warehouse.Table:
        """The canonical transactions, lazy: nothing is read until a result is asked for."""
        path = self.run.path("transactions")
        if path is None:
            self.read("transactions")
        return warehouse.parquet(path)

    def write(self, **tables: pd.DataFrame) -> None:
        """Store tables in this run by name, each checked against its contract."""
        for name, frame in tables.items():
            self.run.write(name, frame)

    def allowed(self, finding: Finding) -> Finding:
        """The finding, or the reason in its place where the data do not allow it: what a page may go on computing with."""
        return obedient(finding, self.withheld)

    def keep(self, page: str, *findings: Finding | Iterable[Finding]) -> None:
        """Store the findings of a page, so that later pages, the ledger and the next run can read them.

        What is withheld on this page is stored as not available, with the reason.
        """
        flat = [one for item in findings for one in ([item] if isinstance(item, Finding) else item)]
        self.run.write_findings(page, [self.allowed(finding).to_dict() for finding in flat])

    def findings(self, run: Run | None = None) -> dict[str, Finding]:
        """Every finding the pages have stored so far, by id; or those of another run."""
        return findings_of(run or self.run)

    @cached_property
    def earlier(self) -> Run | None:
        """The last complete run of this client that speaks of an earlier day; None for the first report."""
        return earlier_run(self.folder, f"{self.as_of:%Y-%m-%d}")

    @property
    def merges(self) -> Lists:
        """Records that are one customer, each as "source:record_id", by engagement.yml and the decisions since."""
        return self._decided[0]

    @property
    def splits(self) -> Lists:
        """Records that are different customers, by engagement.yml and the decisions since."""
        return self._decided[1]

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """The change log of decisions on who is who, one row each, the oldest first (text)."""
        return read_log(self.folder)

    @cached_property
    def _decided(self) -> tuple[Lists, Lists]:
        return overrides(self.decisions, merge=self.file.merge, split=self.file.split)

    @cached_property
    def plays(self) -> tuple[Play, ...]:
        """The playbook, with this client's changes laid over it."""
        return load(library_folder("playbook"), self.file.plays)

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with `customer_id` replaced by `customer`: the name, or a pseudonym when names are hidden.

        Managers and departments are called by their name where the client gave it: they are the firm's own.
        """
        names = display_names(frame["customer_id"], self.run.read("customers"), self.file.names, self.folder)
        others = [column for column in frame.columns if column not in ("customer_id", "name")]
        return pd.concat([names.rename("customer"), self.called(frame[others])], axis="columns")

    def called(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with `manager_id` and `department_id` replaced by names, where the client's tables have them."""
        for table in ("managers", "departments"):
            code, given = f"{table.removesuffix('s')}_id", self.run.read(table)
            if given is not None and code in frame.columns:
                known = given.dropna(subset="name").drop_duplicates(code).set_index(code)["name"]
                frame = frame.assign(**{code: frame[code].map(known).fillna(frame[code])})
        return frame

    def masked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with record numbers and names replaced by pseudonyms when names are hidden."""
        return frame if self.file.names == "show" else masked(frame, self.folder)


def findings_of(run: Run) -> dict[str, Finding]:
    """Every finding of a run, by id."""
    return {entry["id"]: Finding(**entry) for entry in run.findings()}


def open_engagement(folder: str | Path, run: str = LAB, overrides: dict[str, Any] | None = None) -> Engagement:
    """The engagement in `folder`, reading and writing the run called `run`.

    Parameters come from defaults.yml, then engagement.yml, then those the run was started with, then `overrides`.
    Raises SettingsError when engagement.yml says anything the kit does not understand.
    """
    folder = Path(folder).resolve()
    file = read_file(folder)
    opened = open_run(folder, run)
    of_run = opened.manifest.get("overrides", {}) | (overrides or {})
    given = {"identity.country": file.country} | flatten(file.parameters, str(folder / FILE)) | of_run
    chosen = settings(given, str(folder / FILE))
    return Engagement(folder, file, opened, chosen, as_of(folder, file, opened))


def read_file(folder: Path) -> EngagementFile:
    """engagement.yml, strictly validated: unknown keys, bad values and unknown parameters are refused."""
    path = folder / FILE
    entries = read_yaml(path)
    if not isinstance(entries, dict):
        raise SettingsError(f"{FILE} is empty.", str(path), "create one with: rapport new PATH --from FILES")
    try:
        file = EngagementFile(**entries)
    except ValidationError as error:
        raise _explained(error, path) from None
    settings(flatten(file.parameters, str(path)), str(path))
    return file


def as_of(folder: Path, file: EngagementFile, run: Run) -> pd.Timestamp:
    """The day after which no row is used: declared, noted by the run, or the last transaction's (DEF1)."""
    declared = file.as_of or run.manifest.get("as_of")
    if declared is None and run.fallback is not None:
        declared = Run(run.fallback).manifest.get("as_of")
    if declared is None:
        declared = _receive(folder, file, None)["transactions"]["ordered_on"].max()
    return pd.Timestamp(declared)


def inputs(folder: Path) -> dict[str, dict[str, Any]]:
    """Every file under raw/, engagement.yml and the log of decisions: bytes and SHA-256, for the manifest."""
    own = [folder / FILE, *([folder / DECISIONS] if (folder / DECISIONS).exists() else [])]
    files = [*own, *sorted(path for path in (folder / "raw").rglob("*") if path.is_file())]
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in files
    }


def latest(folder: Path) -> Path:
    """The folder of the last complete run. Raises RunError when there is none."""
    found = latest_run(folder)
    if found is None:
        raise RunError("there is no complete run yet.", str(folder / "runs"), f"run one: rapport run {folder}")
    return found


def _receive(folder: Path, file: EngagementFile, until: pd.Timestamp | None) -> Received:
    return receive(
        folder,
        file.sources,
        country=file.country,
        currency=file.currency,
        as_of=until,
        merge=file.merge,
        split=file.split,
    )


def _explained(error: ValidationError, path: Path) -> SettingsError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        model = {"sources": Source, "ledger_total": LedgerTotal}.get(first["loc"][0], EngagementFile)
        known = [field.alias or name for name, field in model.model_fields.items()]
        hint = did_you_mean(str(first["loc"][-1]), known)
        return SettingsError(f"unknown key '{first['loc'][-1]}'.", f"{path}, {where}", hint)
    if first["type"] == "missing":
        return SettingsError(f"'{where}' is missing.", str(path), f"add the key '{first['loc'][-1]}'.")
    if first["loc"][0] in ("merge", "split"):
        return SettingsError(
            f"'{where}' is {first['input']!r}, and not a list of records.",
            str(path),
            f"write one list of two or more records per customer, each `source:number`: `{first['loc'][0]}: [[crm:1, shop:a1]]`.",
        )
    message = first["msg"].removeprefix("Value error, ")
    return SettingsError(f"'{where}' is {first['input']!r}: {message}.", str(path), "correct the value.")
