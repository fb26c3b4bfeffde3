"""read_source: a source as declared → its canonical table, the fate of every row, the evidence of conversions."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import IntakeError
from . import bank
from .arithmetic import Formula
from .canonical import MAIN_DAY, Reading, columns_of, frame_of, mapped
from .changeovers import remark_on_old_money
from .conversion import convert, into_one_currency, refuse_unreadable
from .databases import queried_table
from .fates import money, quality
from .files import joined_table, raw_tables
from .filled_forms import (
    questionnaire_of,
    refuse_other_answers,
    set_aside_unanswered,
    starred,
    with_headings,
    with_words,
)
from .guard import refuse_cards_and_passports
from .joins import joined
from .payers import (
    Customers,
    matched_payers,
    payer_notes,
    refuse_names_as_numbers,
    unmatched,
    with_payers,
    with_refunds,
)
from .policies import apply_policies, seen_in_earlier_files, set_aside_future
from .questionnaire import Questionnaire
from .received import Note, Received
from .source import CANONICAL, Source, parts_of
from .styles import Styles

EVIDENCE = ("column", "theirs", "file", "before", "after", "how")


@dataclass(frozen=True)
class FileRead:
    """How one file was read, for the intake page and the manifest."""

    file: str
    sheet: str | None
    sha256: str
    encoding: str | None
    delimiter: str | None
    header_row: int | None
    rows: int
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Intake:
    """A source as read.

    frame      the canonical table, per contract
    quality    what was dropped or treated, in rows and money, and why (contract `quality`)
    evidence   samples before → after of every converted column (column, theirs, file, before, after, how)
    files      one FileRead per file or sheet
    rows_in    rows below the headers; `rows_out` rows of the frame; what lies between is in `quality`
    money_in   their money, and `money_out` that of the frame (None where the table has no money)
    unused     the client's columns that nothing uses
    unmatched  payers no record matches, the most money first (payer, rows, amount)
    first_on, last_on   the period of the table's main day (None where it has none)
    """

    name: str
    table: str
    frame: pd.DataFrame
    quality: pd.DataFrame
    evidence: pd.DataFrame
    files: tuple[FileRead, ...]
    rows_in: int
    rows_out: int
    money_in: float | None
    money_out: float | None
    unused: tuple[str, ...]
    unmatched: pd.DataFrame
    first_on: pd.Timestamp | None
    last_on: pd.Timestamp | None


def read_source(
    name: str,
    source: Source,
    folder: str | Path,
    *,
    country: str,
    currency: str,
    as_of: pd.Timestamp | None = None,
    known: pd.DataFrame | None = None,
    today: pd.Timestamp | None = None,
) -> Intake:
    """The canonical table of one source, with the fate of every row and the evidence for every conversion.

    `known` are the records of the source that `records:` names: payers of statements and account exports are matched to
    them by account and name, and refunds are told from other debits (room `payers`).
    Rows dated after `as_of` are set aside and reported; where it is not declared, transactions after today are refused.
    Raises IntakeError (what, where, what to do) whenever a file may be read in two ways or cannot be read as declared.
    """
    folder = Path(folder)
    today = (today or pd.Timestamp(date.today())).normalize()
    form = questionnaire_of(source, folder, f"source '{name}'")
    files = _received(source, folder, country, form)
    if form is not None:
        files, source = [with_headings(file, form) for file in files], with_words(source, form)
    customers = None if known is None else Customers(known)
    files = _with_payers(files, source, customers, form)
    styles = Styles(source, files, today)
    readings = [
        _read(mapped(name, source, file), elsewhere, styles, country, currency, as_of, today, form)
        for file, elsewhere in zip(files, seen_in_earlier_files(files))
    ]
    frame = pd.concat([frame_of(reading) for reading in readings], ignore_index=True)
    if source.table == "transactions" and frame.empty:
        raise _nothing_left(readings)
    if source.table == "finance":
        frame = _one_row_per_month(frame, files[0].where)
    frame, keyed = _one_row_per_key(frame, source)
    notes = [note for reading in readings for note in (*reading.received.notes, *reading.fates.notes(reading.amounts))]
    if customers is not None and source.table == "transactions":
        if all(reading.received.matches is not None for reading in readings):
            notes += payer_notes(readings)
        else:
            refuse_names_as_numbers(readings, customers)
    amounts = [reading.amounts for reading in readings]
    sums = None if any(part is None for part in amounts) else money(np.concatenate(amounts))
    kept = [None if part is None else part[reading.fates.kept] for part, reading in zip(amounts, readings)]
    period = (
        frame[MAIN_DAY[source.table]] if source.table in MAIN_DAY and len(frame) else pd.Series(dtype="datetime64[ns]")
    )
    return Intake(
        name=name,
        table=source.table,
        frame=frame,
        quality=quality([*notes, *styles.borrowed, *keyed, *_remarks(frame, source)], name),
        evidence=_evidence(readings),
        files=tuple(_file_read(reading.received) for reading in readings),
        rows_in=sum(len(file.frame) for file in files),
        rows_out=len(frame),
        money_in=sums,
        money_out=None if sums is None else money(np.concatenate(kept)),
        unused=_unused(source, files),
        unmatched=unmatched(readings),
        first_on=None if period.isna().all() else period.min(),
        last_on=None if period.isna().all() else period.max(),
    )


def _received(source: Source, folder: Path, country: str, form: Questionnaire | None) -> list[Received]:
    asked = () if form is None else starred([form])
    wanted = tuple(dict.fromkeys([*source.column_names, *_formula_names(source), *asked]))
    own = tuple(name for name in wanted) if not source.joins else ()
    if source.url:
        files = [queried_table(source.url, source.query, folder)]
    else:
        files = raw_tables(source, folder, country=country, wanted=own)
    for join in source.joins:
        other = joined_table(join, folder, country=country)
        files = [joined(file, other, join) for file in files]
    if source.payer:
        files = [with_payers(file, source.payer) for file in files]
    return files


def _with_payers(
    files: list[Received], source: Source, customers: Customers | None, form: Questionnaire | None
) -> list[Received]:
    """The files with refunds among their rows, and payers matched to customers. Raises IntakeError when no row is left."""
    files = with_refunds(files, customers)
    if customers is not None:
        said = list(source.values.get("record_id", {}))
        files = [matched_payers(file, customers, said) if file.payer else file for file in files]
    if not any(len(file.frame) for file in files) and form is None:
        credits = all(file.unit == bank.UNIT for file in files)
        raise IntakeError(
            "the statement holds no credits." if credits else "there are no rows below the header.",
            ", ".join(file.where for file in files[:3]),
            "ask for the export again, or take this source out of engagement.yml.",
        )
    return files


def _formula_names(source: Source) -> list[str]:
    return [name for text in source.compute.values() for name in Formula(text, "compute").names]


def _read(
    reading: Reading,
    elsewhere: np.ndarray,
    styles: Styles,
    country: str,
    currency: str,
    as_of: pd.Timestamp | None,
    today: pd.Timestamp,
    form: Questionnaire | None,
) -> Reading:
    reading.received = reading.received.with_notes(*refuse_cards_and_passports(reading))
    convert(reading, styles, currency)
    if form is not None:
        set_aside_unanswered(reading, form)
    apply_policies(reading, elsewhere)
    if form is not None:
        refuse_other_answers(reading, form)
    refuse_unreadable(reading)
    set_aside_future(reading, as_of, today)
    into_one_currency(reading, currency)
    remark_on_old_money(reading, country, currency)
    return reading


def _nothing_left(readings: list[Reading]) -> IntakeError:
    """Every row was set aside: the error names the checks that took most."""
    counts = pd.Series({note.check: note.rows for reading in readings for note in reading.fates.notes(None)})
    taken = ", ".join(f"{check} ({rows:,})" for check, rows in counts.sort_values(ascending=False).head(3).items())
    return IntakeError(
        f"no row is left to use: {taken}.",
        ", ".join(reading.received.where for reading in readings[:3]),
        "check `columns:` against the header, and the rules of this source.",
    )


def _one_row_per_month(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """The figures of a month on its first day, whatever day of it they are dated. Raises IntakeError for weekly rows."""
    months = frame.assign(month_on=frame["month_on"].dt.to_period("M").dt.to_timestamp())
    distinct = months.drop_duplicates()["month_on"]
    if distinct.duplicated().any():
        month = distinct[distinct.duplicated()].iloc[0]
        raise IntakeError(
            f"there are {int((distinct == month).sum())} different rows for {month:%Y-%m}: finance has one row a month.",
            where,
            "sum them up by month first, or map the file to another table (spend, transactions).",
        )
    return months


def _one_row_per_key(frame: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, list[Note]]:
    """One row per key of the contract: equal rows become one; of differing ones the last is used; both are counted."""
    key = list(CANONICAL[source.table].key)
    if not key or not frame.duplicated(key).any():
        return frame, []
    again = frame.duplicated(key, keep="last")
    equal = frame.duplicated(keep="last") & again
    notes = [
        Note("rows equal in everything that is mapped", int(equal.sum()), "dropped", f"one row per {', '.join(key)}"),
        Note(f"rows with the {key[-1]} of a later row", int((again & ~equal).sum()), "dropped: the last row is used",
             f"one row per {', '.join(key)}; the others differ from it", "caution"),
    ]  # fmt: skip
    return frame[~again].reset_index(drop=True), [note for note in notes if note.rows]


def _remarks(frame: pd.DataFrame, source: Source) -> list[Note]:
    """What a reader should know of the rows that are used."""
    if source.table != "transactions":
        return []
    amounts = frame["net_amount"].to_numpy()
    nobody = frame["record_id"].isna().to_numpy()
    returns = frame["is_return"].to_numpy()
    entries = [
        (
            "sales that name no customer",
            nobody,
            "kept as unidentified",
            "they count for the firm, not for any customer",
            "caution",
        ),
        ("returns and cancellations", returns, "kept", "negative value, netted as the returns policy says", "note"),
        ("rows of value 0", amounts == 0, "kept", "no purchase and no money", "note"),
    ]
    found = [
        Note(check, int(rows.sum()), treatment, why, severity, money(amounts[rows]))
        for check, rows, treatment, why, severity in entries
        if rows.any()
    ]
    if "order_id" not in source.columns and "order_id" not in source.constants:
        found.append(
            Note(
                "orders without a number",
                len(frame),
                "customer and day taken as the order",
                "the source numbers no orders: what a customer buys on one day is one order",
                "note",
                money(amounts),
            )
        )
    return found


def _evidence(readings: list[Reading]) -> pd.DataFrame:
    rows = [
        (
            ours,
            reading.theirs.get(ours, reading.source.compute.get(ours, "")),
            reading.received.where,
            before,
            after,
            read.how,
        )
        for reading in readings
        for ours, read in reading.read.items()
        for before, after in read.samples
    ]
    return pd.DataFrame(rows, columns=list(EVIDENCE))


def _file_read(received: Received) -> FileRead:
    return FileRead(
        received.file, received.sheet, received.sha256, received.encoding, received.delimiter, received.header_row,
        len(received.frame), received.samples,
    )  # fmt: skip


def _unused(source: Source, files: list[Received]) -> tuple[str, ...]:
    used = {
        *(part for file in files for theirs in columns_of(source, file).values() for part in parts_of(theirs)),
        *_formula_names(source),
        *(ours for join in source.joins for ours in join.on),
    }
    used |= {name for rule in source.rules for name in rule.when}
    used |= {name for file in files for name in file.payer or ()}
    names = dict.fromkeys(str(name) for file in files for name in file.frame.columns)
    return tuple(name for name in names if name not in used)
