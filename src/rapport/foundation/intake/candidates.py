"""Files, sheets and database tables as candidates for sources: what each seems to be, what joins it, what rivals it."""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import IntakeError
from .accounts import Account, account_of, mapping_of_account, payments_received
from .databases import queried_table
from .excel import ALL_SHEETS
from .files import files_of, tables_in
from .filled_forms import form_in, is_read_me, starred, with_headings
from .headless import by_values, is_headless
from .joins import joined
from .mapping import LIKELY, Mapping, Match, mapping_into, mapping_of
from .questionnaire import Questionnaire, questionnaires
from .received import Received
from .shapes import Shape, shape_of
from .source import CANONICAL, Join, Source
from .vocabulary import plain_name

SQLITE = b"SQLite format 3\x00"
OVERLAP = 0.5
NOT_FILLED_IN = "a form nobody has filled in: left out"


@dataclass(frozen=True)
class Candidate:
    """A table that was read: what it seems to be, and where it lies (`place`: the keys engagement.yml needs).

    `comments` explain what was found out about it; a candidate that would spoil others is not active. `further` are the
    rows of the other files of a pattern, where what is proposed depends on all of them.
    """

    name: str
    received: Received
    place: dict[str, Any]
    mapping: Mapping | None
    joins: tuple[dict[str, Any], ...] = ()
    comments: tuple[str, ...] = ()
    is_active: bool = True
    problem: IntakeError | None = field(default=None, repr=False)
    further: tuple[pd.DataFrame, ...] = field(default=(), repr=False)

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every column."""
        return {str(name): shape_of(column) for name, column in self.received.frame.items()}

    @cached_property
    def account(self) -> Account | None:
        """The bank account it is an export of, if it is one."""
        return None if self.received.mapping or self.joins else account_of(self.shapes)

    @property
    def rows(self) -> pd.DataFrame:
        """Its rows, with those of the other files of its pattern."""
        frames = [self.received.frame, *self.further]
        return pd.concat([frame.astype(object) for frame in frames], ignore_index=True) if self.further else frames[0]

    @property
    def where(self) -> str:
        """What to call it: the pattern of several files, or the file, and the sheet."""
        given = self.place.get("file", "")
        return given if "*" in given else self.received.where

    def is_a(self, table: str) -> bool:
        """Whether it was recognised as this canonical table and is active."""
        return self.is_active and self.mapping is not None and self.mapping.table == table

    def distinct(self, ours: str) -> np.ndarray:
        """The distinct values of the column proposed for one of ours, as text."""
        match = self.mapping.matches.get(ours) if self.mapping else None
        if match is None or not isinstance(match.theirs, str) or match.theirs not in self.received.frame:
            return np.array([], dtype=str)
        column = self.received.frame[match.theirs].dropna()
        cells = column.cat.remove_unused_categories().cat.categories if hasattr(column, "cat") else column.unique()
        return np.array([str(cell).removesuffix(".0") for cell in cells])


def candidates(files: Iterable[Path], folder: Path, country: str) -> list[Candidate]:
    """Every table of the files, joined, judged and named apart; files that cannot be read carry their problem."""
    known = questionnaires(folder)
    found: list[Candidate] = []
    for alike in _families(files):
        try:
            tables = _tables(alike, folder, country, known)
            found += [_with_further(table, alike[1:], country) for table in tables]
        except IntakeError as error:
            nothing = Received(pd.DataFrame(), np.array([], dtype=int), _place(alike, folder))
            found.append(Candidate(_name(alike), nothing, {}, None, is_active=False, problem=error))
    found = [_with_join(candidate, found) for candidate in found]
    found += _records_inside(found)
    return [_with_key(candidate, found) for candidate in _judged(_named_apart(found))]


def overlap(candidate: Candidate, other: Candidate, ours: str) -> float:
    """Share of a candidate's distinct values of one of our columns that the other has too."""
    mine = candidate.distinct(ours)
    return float(np.isin(mine, other.distinct(ours)).mean()) if len(mine) else 0.0


def _families(files: Iterable[Path]) -> list[list[Path]]:
    """Files whose names differ in digits only and whose first line is the same: one source, given by a pattern."""

    def family(path: Path) -> tuple[str, str, bytes]:
        with path.open("rb") as opened:
            return str(path.parent), re.sub(r"\d+", "*", path.name), opened.readline(10_000)

    single = [path for given in map(Path, files) for path in ([given] if given.is_file() else files_of(".", given))]
    alike = [list(group) for _, group in groupby(sorted(sorted(single), key=family), key=family)]
    return [
        part for group in alike for part in ([group] if _is_all_of_its_pattern(group) else [[one] for one in group])
    ]


def _is_all_of_its_pattern(alike: list[Path]) -> bool:
    """Whether the pattern that stands for the files would read no other file along with them."""
    return set(alike[0].parent.glob(re.sub(r"\d+", "*", alike[0].name))) == set(alike)


def _tables(alike: list[Path], folder: Path, country: str, known: dict[str, Questionnaire]) -> list[Candidate]:
    path, place, name = alike[0], _place(alike, folder), _name(alike)
    content = path.read_bytes()
    if content.startswith(SQLITE):
        return _database_tables(path, place)
    reading = Source(table="transactions", file=place, sheet=ALL_SHEETS)
    try:
        tables = tables_in(content, path.name, reading, country=country, wanted=starred(known.values()))
    except IntakeError as error:
        if "have fewer values" not in error.what:
            raise
        return [_with_short_lines(name, content, path.name, reading, country, error)]
    if len(tables) == 1:
        return [_candidate(name, tables[0], {"file": place}, known)]
    found = [
        _candidate(f"{name}_{_slug(one.sheet)}", one, {"file": place, "sheet": one.sheet}, known) for one in tables
    ]
    has_forms = any("questionnaire" in one.place for one in found)
    return [one for one in found if not (has_forms and is_read_me(one.received))]


def _candidate(name: str, received: Received, place: dict[str, Any], known: dict[str, Questionnaire]) -> Candidate:
    """One table: by its questionnaire where it is a filled-in form, else by its names and values."""
    form = form_in(received, known)
    if form is None:
        return Candidate(name, received, place, _recognised(received))
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
    )


def _with_further(candidate: Candidate, paths: list[Path], country: str) -> Candidate:
    """A bank account in several files: a debit, or a payment not booked yet, may stand in the last of them only."""
    if candidate.account is None or not paths:
        return candidate
    reading = Source(table="transactions", **candidate.place)
    wanted = tuple(candidate.received.frame.columns)
    tables = [
        table
        for path in paths
        for table in tables_in(path.read_bytes(), path.name, reading, country=country, wanted=wanted)
    ]
    return replace(candidate, further=tuple(table.frame for table in tables))


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
            Candidate(name, table, place, _recognised(table), comments=(f"likely: {error.what} Read as if {told}.",))
        )
    account = next((one for one in found if one.account is not None), None)
    asked = f"left out: {error.what} Read here as if values were missing at the end of lines: confirm that."
    return account or replace(found[0], comments=(asked,), is_active=False)


def _recognised(received: Received) -> Mapping | None:
    if is_headless(received):
        return by_values({str(name): shape_of(column) for name, column in received.frame.items()})
    if not received.mapping:
        shapes = {str(name): shape_of(column) for name, column in received.frame.items()}
        account = account_of(shapes)
        return mapping_of(received) if account is None else mapping_of_account(account, shapes)
    fixed = received.mapping["transactions"].items()
    return Mapping("transactions", {ours: Match(theirs, 1.0, "bank statement") for ours, theirs in fixed}, 10.0)


def _database_tables(path: Path, place: str) -> list[Candidate]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    listed = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    names = sorted(row[0] for row in listed)
    connection.close()
    found = []
    for name in names:
        query = f'select * from "{name}"'
        received = replace(queried_table(f"sqlite:///{path}", query, Path("/")), file=name)
        if len(received.frame) and len(received.frame.columns) > 1:
            where = {"url": f"sqlite:///{place}", "query": query}
            found.append(Candidate(_slug(name), received, where, mapping_of(received)))
    return found


def _with_join(candidate: Candidate, others: list[Candidate]) -> Candidate:
    """A table with amounts but no day or no customer, joined to the one that has them under the same key."""
    if candidate.received.mapping or not len(candidate.received.frame) or candidate.account is not None:
        return candidate
    alone = mapping_into("transactions", candidate.received, candidate.shapes)
    if not _has(alone, "net_amount") or (_has(alone, "ordered_on") and "record_id" in alone.matches):
        return candidate
    for other in others:
        key = None if other is candidate else _shared_key(candidate, other)
        if key is None or ("url" in candidate.place) != ("url" in other.place):
            continue
        join = Join(file=other.place.get("file", other.received.file), on=key)
        both = joined(candidate.received, other.received, join)
        mapping = mapping_into("transactions", both, {str(name): shape_of(cells) for name, cells in both.frame.items()})
        if not mapping.missing and _has(mapping, "ordered_on") and "record_id" in mapping.matches:
            return _joined_to(candidate, other, key, both, mapping)
    return candidate


def _with_key(candidate: Candidate, others: list[Candidate]) -> Candidate:
    """A table that is nothing by itself, with the join that would add its columns to a source that has its key."""
    if candidate.mapping is not None or not len(candidate.received.frame):
        return candidate
    for other in others:
        key = _shared_key(other, candidate) if other.mapping is not None and other is not candidate else None
        if key is not None and "file" in candidate.place and "file" in other.place:
            join = ", ".join(f"{name}: {theirs}" for name, theirs in key.items())
            asked = f"its columns can be added to {other.name}: joins: [{{file: {candidate.place['file']}, on: {{{join}}}}}]"
            return replace(candidate, comments=(asked,))
    return candidate


def _has(mapping: Mapping, ours: str) -> bool:
    """Whether one of our columns was found, and not by a mere guess."""
    return ours in mapping.compute or (ours in mapping.matches and mapping.matches[ours].confidence >= LIKELY)


def _joined_to(
    candidate: Candidate, other: Candidate, key: dict[str, str], both: Received, mapping: Mapping
) -> Candidate:
    [(ours, theirs)] = key.items()
    comments = (f"days or customers come from {other.received.where}, joined on {ours}",)
    made = replace(candidate, received=both, mapping=mapping, comments=comments)
    if "file" in candidate.place:
        return replace(made, joins=({**other.place, "on": key},))
    taken = set(candidate.received.frame.columns)
    added = ", ".join(f'b."{name}"' for name in other.received.frame.columns if name not in taken)
    query = (
        f'select a.*, {added} from "{candidate.received.file}" a '
        f'left join "{other.received.file}" b on a."{ours}" = b."{theirs}"'
    )
    return replace(made, place=candidate.place | {"query": query})


def _shared_key(left: Candidate, right: Candidate) -> dict[str, str] | None:
    """A column of both, named alike, unique on the right, that holds nine of ten values of the left."""
    names = {plain_name(str(name)): str(name) for name in right.received.frame.columns}
    for name, shape in left.shapes.items():
        theirs = names.get(plain_name(name))
        if theirs is None or shape.distinct < 2 or shape.days > 0.9 or right.shapes[theirs].uniqueness < 1:
            continue
        keys = set(right.received.frame[theirs].astype(object).dropna().astype(str))
        values = left.received.frame[name].astype(object).dropna().astype(str)
        if len(keys) > 1 and values.isin(keys).mean() >= 0.9:
            return {name: theirs}
    return None


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
    return "*" not in candidate.place.get("file", ""), -candidate.mapping.score if candidate.mapping else 0.0


def _why_left_out(candidate: Candidate, better: list[Candidate]) -> str | None:
    mapping = candidate.mapping
    if mapping is not None and candidate.received.mapping and not len(candidate.received.frame):
        return "the statement holds no payment received"
    if candidate.account is not None and not payments_received(candidate.account, candidate.rows).any():
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


def _place(alike: list[Path], folder: Path) -> str:
    """The file, or the pattern of several, as engagement.yml names it."""
    path = alike[0].resolve()
    shown = path.name if len(alike) == 1 else re.sub(r"\d+", "*", path.name)
    return (path.parent / shown).relative_to(folder.resolve()).as_posix()


def _name(alike: list[Path]) -> str:
    stem = alike[0].stem
    return _slug(stem if len(alike) == 1 else re.sub(r"\d+", "", stem)) or "source"


def _slug(text: str) -> str:
    return re.sub(r"\W+|_+", "_", plain_name(text)).strip("_")
