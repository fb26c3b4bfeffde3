"""Files, sheets and database tables as candidates for sources: what each seems to be, what joins it, what rivals it."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import IntakeError
from .accounts import payments_received
from .candidate import OVERLAP, Candidate, overlap, recognised, slug
from .companions import is_told, with_buyers, with_customers, with_join, with_key
from .databases import queried_table
from .excel import ALL_SHEETS
from .families import place_of, single
from .files import tables_in
from .filled_forms import form_in, is_read_me, starred, with_headings
from .headless import is_headless
from .mapping import LIKELY, Mapping, Match, mapping_into, mapping_of
from .questionnaire import Questionnaire, questionnaires
from .received import Received
from .source import CANONICAL, Source
from .together import families_of, repeats, sheets_together

SQLITE, DUCKDB = b"SQLite format 3\x00", b"DUCK"
SQLITE_TABLES = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
DUCKDB_TABLES = "select table_name as name from information_schema.tables where table_schema = 'main'"
NOT_FILLED_IN = "a form nobody has filled in: left out"


def candidates(files: Iterable[Path], folder: Path, country: str) -> list[Candidate]:
    """Every table of the files, joined, judged and named apart; files that cannot be read carry their problem."""
    known = questionnaires(folder)
    found: list[Candidate] = []
    for path in single(files):
        try:
            found += _tables(path, folder, country, known)
        except IntakeError as error:
            nothing = Received(pd.DataFrame(), np.array([], dtype=int), place_of([path], folder))
            found.append(Candidate(slug(path.stem) or "source", nothing, {}, None, is_active=False, problem=error))
    found = families_of(found, folder)
    found = [with_customers(with_buyers(with_join(candidate, found), found), found) for candidate in found]
    found = _judged(_named_apart(found))
    found = _judged(_named_apart([*found, *_records_inside(found), *_payments_inside(found)]))
    return [with_key(candidate, found) for candidate in found]


def _tables(path: Path, folder: Path, country: str, known: dict[str, Questionnaire]) -> list[Candidate]:
    place, name = place_of([path], folder), slug(path.stem) or "source"
    content = path.read_bytes()
    if content.startswith(SQLITE):
        return _database_tables(f"sqlite:///{path}", f"sqlite:///{place}", SQLITE_TABLES)
    if content[8:12] == DUCKDB:
        return _database_tables(f"duckdb:///{path}", f"duckdb:///{place}", DUCKDB_TABLES)
    reading = Source(table="transactions", file=place, sheet=ALL_SHEETS)
    try:
        tables = tables_in(content, path.name, reading, country=country, wanted=starred(known.values()))
    except IntakeError as error:
        if "have fewer values" not in error.what:
            raise
        return [replace(_with_short_lines(name, content, path.name, reading, country, error), paths=(path,))]
    if len(tables) == 1:
        return [_candidate(name, tables[0], {"file": place}, known, path)]
    sheets = [
        _candidate(f"{name}_{slug(one.sheet)}", one, {"file": place, "sheet": one.sheet}, known, path) for one in tables
    ]
    if any(one.is_form for one in sheets):
        return [one for one in sheets if not is_read_me(one.received)]
    return sheets_together(sheets, name)


def _candidate(
    name: str, received: Received, place: dict[str, Any], known: dict[str, Questionnaire], path: Path
) -> Candidate:
    """One table: by its questionnaire where it is a filled-in form, else by its names and values."""
    form = form_in(received, known)
    if form is None:
        return Candidate(name, received, place, recognised(received), paths=(path,))
    id, table = form.questionnaire.id, form.questionnaire.table
    matches = {ours: Match(theirs, 1.0, f"a question of '{id}'") for ours, theirs in form.headings.items()}
    is_answered = bool(form.answered(received).any())
    told = f"the questions and words of '{id}', asked in '{form.language}': nothing to confirm"
    return Candidate(
        name,
        with_headings(received, form.questionnaire),
        place | {"questionnaire": id},
        Mapping(table, matches, 10.0),
        comments=(told if is_answered else NOT_FILLED_IN,),
        is_active=is_answered,
        paths=(path,),
    )


def _with_short_lines(
    name: str, content: bytes, file: str, reading: Source, country: str, error: IntakeError
) -> Candidate:
    """A text whose lines are short, read in the way that makes it a bank account, whose columns prove their places.

    Where neither way does, it is read as if values were missing at the end of lines, and left to confirm.
    """
    found = []
    for way, told in (
        ("pad", "values were left out at the end of lines"),
        ("split", "one value holds several columns"),
    ):
        try:
            [table] = tables_in(
                content, file, reading.model_copy(update={"short_rows": way}), country=country, wanted=()
            )
        except IntakeError:
            continue
        place = {"file": reading.file, "short_rows": way}
        found.append(
            Candidate(name, table, place, recognised(table), comments=(f"likely: {error.what} Read as if {told}.",))
        )
    account = next((one for one in found if one.account is not None), None)
    asked = f"left out: {error.what} Read here as if values were missing at the end of lines: confirm that."
    return account or replace(found[0], comments=(asked,), is_active=False)


def _database_tables(url: str, place: str, listing: str) -> list[Candidate]:
    """Every table of a database that has rows and more than one column."""
    listed = queried_table(url, listing, Path("/")).frame["name"]
    found = []
    for name in sorted(map(str, listed.astype(object))):
        query = f'select * from "{name}"'
        received = replace(queried_table(url, query, Path("/")), file=name)
        if len(received.frame) and len(received.frame.columns) > 1:
            found.append(Candidate(slug(name), received, {"url": place, "query": query}, mapping_of(received)))
    return found


def _records_inside(found: list[Candidate]) -> list[Candidate]:
    """Customer records that a file of sales carries itself, where no other file names the same customers."""
    named = [candidate for candidate in found if candidate.is_a("records")]
    inside = []
    for candidate in found:
        if not candidate.is_a("transactions") or candidate.received.mapping:
            continue
        if any(overlap(candidate, other, "record_id") >= OVERLAP for other in named):
            continue
        if candidate.account is not None:
            inside += _payers(candidate)
            continue
        mapping = mapping_into("records", candidate.received, candidate.shapes)
        sure = {ours: match for ours, match in mapping.matches.items() if match.confidence >= LIKELY}
        number = candidate.mapping.matches.get("record_id")
        if {"record_id", "name"} <= set(sure) and number is not None and sure["record_id"].theirs == number.theirs:
            comments = ("customers as the sales name them: one row per customer, the last one used",)
            name = f"{candidate.name}_customers"
            inside.append(replace(candidate, name=name, mapping=replace(mapping, matches=sure), comments=comments))
    return inside


def _payments_inside(found: list[Candidate]) -> list[Candidate]:
    """Invoices with the days they were due and paid are sales and payments: the one that no other file gives."""
    inside = []
    for table, other in (("transactions", "payments"), ("payments", "transactions")):
        for candidate in found if not any(one.is_a(other) for one in found) else ():
            if not candidate.is_a(table) or candidate.received.mapping or candidate.account is not None:
                continue
            mapping = mapping_into(other, candidate.received, candidate.shapes)
            needed = {"due_on", "paid_on"} if other == "payments" else {"order_id", "ordered_on", "net_amount"}
            if not mapping.missing and all(is_told(mapping, ours) for ours in (*needed, "record_id")):
                comments = (f"likely: the same file gives {other} too",)
                name = f"{candidate.name}_{other}"
                inside.append(replace(candidate, name=name, mapping=mapping, comments=comments))
    return inside


def _payers(candidate: Candidate) -> list[Candidate]:
    """The names of the payers a bank account tells apart by their accounts."""
    account = candidate.account
    if not account.payer_account or not account.payer:
        return []
    told = {"record_id": account.payer_account, "name": account.payer}
    matches = {ours: Match(theirs, LIKELY, "the other party of the account") for ours, theirs in told.items()}
    comments = ("payers as the bank names them: one row per account, the last one used",)
    name = f"{candidate.name}_payers"
    return [replace(candidate, name=name, mapping=Mapping("records", matches, 10.0), comments=comments)]


def _judged(found: list[Candidate]) -> list[Candidate]:
    """Candidates that would spoil others made inactive: weak guesses, orders given twice, a second list of one kind."""
    better: list[Candidate] = []
    judged = {}
    for candidate in sorted(found, key=_rank):
        reason = _why_left_out(candidate, better)
        if not candidate.is_active:
            judged[candidate.name] = candidate
        elif reason:
            comments = (*candidate.comments, f"left out: {reason}")
            judged[candidate.name] = replace(candidate, is_active=False, comments=comments)
        else:
            judged[candidate.name] = candidate
            better.append(candidate)
    return [judged[candidate.name] for candidate in found]


def _rank(candidate: Candidate) -> tuple[bool, float]:
    """Patterns of several files first, then the better score."""
    return not candidate.is_several, -candidate.mapping.score if candidate.mapping else 0.0


def _why_left_out(candidate: Candidate, better: list[Candidate]) -> str | None:
    mapping = candidate.mapping
    if mapping is not None and candidate.received.mapping and not len(candidate.received.frame):
        return "the statement holds no payment received"
    if candidate.account is not None and not payments_received(candidate.account, candidate.received.frame).any():
        return "the account holds no payment received"
    if candidate.account is not None:
        return None
    if mapping is None or candidate.received.mapping:
        return None
    rivals = [one for one in better if one.is_a(mapping.table)]
    if is_headless(candidate.received):
        return "the file has no header, and its columns are told from their values alone: confirm them"
    if not mapping.is_sound:
        return f"it may be '{mapping.table}', but that is only a guess"
    again = [
        one.name for one in rivals if mapping.table == "transactions" and overlap(candidate, one, "order_id") >= OVERLAP
    ]
    if again:
        return f"it repeats the orders of {again[0]}"
    columns = set(candidate.received.frame.columns)
    copies = [
        one.name
        for one in rivals
        if set(one.received.frame.columns) == columns and mapping.table != "records" and repeats(candidate, one)
    ]
    if copies:
        return f"it repeats the rows of {copies[0]}"
    key = CANONICAL[mapping.table].key
    return f"{rivals[0].name} gives the same table" if rivals and key and "source" not in key else None


def _named_apart(found: list[Candidate]) -> list[Candidate]:
    names: dict[str, int] = {}
    apart = []
    for candidate in found:
        names[candidate.name] = names.get(candidate.name, 0) + 1
        again = names[candidate.name]
        apart.append(candidate if again == 1 else replace(candidate, name=f"{candidate.name}_{again}"))
    return apart
