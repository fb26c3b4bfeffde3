"""Files, sheets and database tables as candidates for sources: what each seems to be, what joins it, what rivals it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import IntakeError
from .accounts import Account, account_of, mapping_of_account, payments_received
from .databases import queried_table
from .excel import ALL_SHEETS
from .families import differ_in_digits, lines_again, name_of, place_of, sheets_of, single, under_each_other
from .files import tables_in
from .filled_forms import form_in, is_read_me, starred, with_headings
from .headless import by_values, is_headless
from .joins import joined
from .mapping import LIKELY, Mapping, Match, mapping_into, mapping_of
from .questionnaire import Questionnaire, questionnaires
from .received import Received
from .shapes import Shape, shape_of
from .source import CANONICAL, Join, Source, parts_of
from .vocabulary import plain_name

SQLITE, DUCKDB = b"SQLite format 3\x00", b"DUCK"
SQLITE_TABLES = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
DUCKDB_TABLES = "select table_name as name from information_schema.tables where table_schema = 'main'"
OVERLAP, NEARLY_ALL = 0.5, 0.9
NOT_FILLED_IN = "a form nobody has filled in: left out"
FEW = 2  # different values up to which a column names no customers


@dataclass(frozen=True)
class Candidate:
    """A table that was read: what it seems to be, and where it lies (`place`: the keys engagement.yml needs).

    `comments` explain what was found out about it; a candidate that would spoil others is not active. Of several files
    (`paths`) or sheets that are one source, `received` holds the rows of all.
    """

    name: str
    received: Received
    place: dict[str, Any]
    mapping: Mapping | None
    joins: tuple[dict[str, Any], ...] = ()
    comments: tuple[str, ...] = ()
    is_active: bool = True
    problem: IntakeError | None = field(default=None, repr=False)
    paths: tuple[Path, ...] = ()

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every column."""
        return {str(name): shape_of(column) for name, column in self.received.frame.items()}

    @cached_property
    def account(self) -> Account | None:
        """The bank account it is an export of, if it is one."""
        return None if self.received.mapping or self.joins else account_of(self.shapes)

    @property
    def is_several(self) -> bool:
        """Whether it stands for several files: a pattern, or a list."""
        return len(self.paths) > 1

    @property
    def where(self) -> str:
        """What to call it: the pattern or number of several files, or the file, and the sheets."""
        given, sheet = self.place.get("file", ""), self.place.get("sheet")
        if isinstance(given, list):
            return f"{len(given)} files ({', '.join(name.rsplit('/', 1)[-1] for name in given[:3])}{' …' if len(given) > 3 else ''})"
        if self.is_several:
            return given
        told = (
            "all sheets" if sheet == ALL_SHEETS else f"sheets {', '.join(sheet)}" if isinstance(sheet, list) else None
        )
        return f"{self.received.file}, {told}" if told else self.received.where

    @property
    def is_form(self) -> bool:
        """Whether it is a form of a questionnaire."""
        return "questionnaire" in self.place

    def is_a(self, table: str) -> bool:
        """Whether it was recognised as this canonical table and is active."""
        return self.is_active and self.mapping is not None and self.mapping.table == table

    def distinct(self, ours: str) -> np.ndarray:
        """The distinct values of the column proposed for one of ours, as text."""
        match = self.mapping.matches.get(ours) if self.mapping else None
        if match is None or not isinstance(match.theirs, str) or match.theirs not in self.received.frame:
            return np.array([], dtype=str)
        return _values_of(self.received.frame[match.theirs])


def candidates(files: Iterable[Path], folder: Path, country: str) -> list[Candidate]:
    """Every table of the files, joined, judged and named apart; files that cannot be read carry their problem."""
    known = questionnaires(folder)
    found: list[Candidate] = []
    for path in single(files):
        try:
            found += _tables(path, folder, country, known)
        except IntakeError as error:
            nothing = Received(pd.DataFrame(), np.array([], dtype=int), place_of([path], folder))
            found.append(Candidate(_slug(path.stem) or "source", nothing, {}, None, is_active=False, problem=error))
    found = _families(found, folder)
    found = [_with_customers(_with_buyers(_with_join(candidate, found), found), found) for candidate in found]
    found = _judged(_named_apart(found))
    found = _judged(_named_apart([*found, *_records_inside(found), *_payments_inside(found)]))
    return [_with_key(candidate, found) for candidate in found]


def overlap(candidate: Candidate, other: Candidate, ours: str) -> float:
    """Share of a candidate's distinct values of one of our columns that the other has too."""
    mine = candidate.distinct(ours)
    return float(np.isin(mine, other.distinct(ours)).mean()) if len(mine) else 0.0


def _tables(path: Path, folder: Path, country: str, known: dict[str, Questionnaire]) -> list[Candidate]:
    place, name = place_of([path], folder), _slug(path.stem) or "source"
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
        _candidate(f"{name}_{_slug(one.sheet)}", one, {"file": place, "sheet": one.sheet}, known, path)
        for one in tables
    ]
    if any(one.is_form for one in sheets):
        return [one for one in sheets if not is_read_me(one.received)]
    return _sheets_together(sheets, name)


def _candidate(
    name: str, received: Received, place: dict[str, Any], known: dict[str, Questionnaire], path: Path
) -> Candidate:
    """One table: by its questionnaire where it is a filled-in form, else by its names and values."""
    form = form_in(received, known)
    if form is None:
        return Candidate(name, received, place, _recognised(received), paths=(path,))
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


def whose(candidate: Candidate, records: list[Candidate]) -> str | None:
    """The name of the list of customers that has most of a candidate's customer numbers, if one has half of them."""
    shares = {other.name: overlap(candidate, other, "record_id") for other in records}
    best = max(shares, key=shares.get, default=None)
    return best if best and shares[best] >= OVERLAP else None


def _values_of(column: pd.Series) -> np.ndarray:
    """The distinct cells as text."""
    filled = column.dropna()
    cells = filled.cat.remove_unused_categories().cat.categories if hasattr(filled, "cat") else filled.unique()
    return np.array([str(cell).removesuffix(".0") for cell in cells], dtype=str)


def _sheets_together(sheets: list[Candidate], name: str) -> list[Candidate]:
    """Sheets of one workbook with the same columns as one source."""

    def one_source(alike: list[Candidate]) -> Candidate:
        place = alike[0].place | {"sheet": sheets_of([one.received.sheet for one in alike], len(sheets))}
        called = ", ".join(str(one.received.sheet) for one in alike)
        comment = _as_one(f"{len(alike)} sheets", alike[0], called)
        return _together(alike, name, place, (comment,))

    return [made for alike in _alike(sheets, ()) for made in _without_repeats(alike, one_source)]


def _families(found: list[Candidate], folder: Path) -> list[Candidate]:
    """Files with the same columns as one source, whatever they are called; lists whose numbers clash stay apart."""

    def one_source(alike: list[Candidate]) -> Candidate:
        paths = tuple(sorted(path for one in alike for path in one.paths))
        place = alike[0].place | {"file": place_of(paths, folder)}
        called = ", ".join(path.name for path in paths)
        comment = _as_one(f"{len(paths)} files", alike[0], called)
        name = _slug(name_of(paths)) or alike[0].mapping.table
        return replace(_together(alike, name, place, () if differ_in_digits(paths) else (comment,)), paths=paths)

    families = [part for alike in _alike(found, ("sheet",)) for part in _by_customers(alike, found)]
    if any(_numbers_clash(alike) for alike in families):
        asked = "? lists of customers use the same numbers for other names: files with the same columns stay apart"
        return [
            replace(one, comments=(*one.comments, asked)) if len(alike) > 1 else one
            for alike in families
            for one in alike
        ]
    return [made for alike in families for made in _without_repeats(alike, one_source)]


def _by_customers(alike: list[Candidate], found: list[Candidate]) -> list[list[Candidate]]:
    """Files apart whose customers stand in different lists of customers: their numbers mean different people."""
    lists = [one for one in found if one.is_a("records")]
    parts: dict[str, list[Candidate]] = {}
    for one in alike if len(alike) > 1 and not alike[0].is_a("records") else ():
        parts.setdefault(whose(one, lists) or "", []).append(one)
    return list(parts.values()) if len(set(parts) - {""}) > 1 else [alike]


def _as_one(several: str, one: Candidate, called: str) -> str:
    numbers = ", in which a customer's number means the same customer" if "record_id" in one.mapping.matches else ""
    return f"likely: {several} with the same columns, taken as one source{numbers}: {called}"


def _alike(found: list[Candidate], apart: tuple[str, ...]) -> list[list[Candidate]]:
    """Candidates in groups of the same table, columns and way of reading; `apart` are keys that must be equal too."""
    groups: dict[Any, list[Candidate]] = {}
    for place, one in enumerate(found):
        columns = frozenset(map(str, one.received.frame.columns))
        way = str([one.place.get(key) for key in ("short_rows", *apart)])
        key = (one.mapping.table, columns, way) if one.mapping and "file" in one.place and not one.is_form else place
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _without_repeats(alike: list[Candidate], one_source: Callable[[list[Candidate]], Candidate]) -> list[Candidate]:
    """The candidates as one source; those that repeat a longer one are left out of it."""
    kept: list[Candidate] = []
    left_out = []
    for one in sorted(alike, key=lambda one: -len(one.received.frame)):
        again = next((other for other in kept if _repeats(one, other)), None)
        if again is None:
            kept.append(one)
        else:
            comments = (*one.comments, f"left out: it repeats the rows of {again.where}")
            left_out.append(replace(one, is_active=False, comments=comments))
    kept = [one for one in alike if any(one is other for other in kept)]
    return [one_source(kept) if len(kept) > 1 else kept[0], *left_out]


def _repeats(candidate: Candidate, other: Candidate) -> bool:
    """Whether a candidate's rows stand in the other as well: nearly all as they are or, written otherwise, half its orders."""
    if not len(candidate.received.frame):
        return False
    if lines_again(candidate.received.frame, other.received.frame) >= NEARLY_ALL:
        return True
    written_alike = [path.suffix for path in candidate.paths] == [path.suffix for path in other.paths]
    return not written_alike and overlap(candidate, other, "order_id") >= OVERLAP


def _numbers_clash(alike: list[Candidate]) -> bool:
    """Whether lists of customers give the same numbers to other names: two numberings, or two firms."""
    named = [_names_by_number(one) for one in alike if one.mapping is not None and one.mapping.table == "records"]
    for place, names in enumerate(named):
        for others in named[:place]:
            common = names.index.intersection(others.index)
            if len(common) and (names[common] != others[common]).mean() > OVERLAP:
                return True
    return False


def _names_by_number(candidate: Candidate) -> pd.Series:
    matches = candidate.mapping.matches
    if not {"record_id", "name"} <= set(matches):
        return pd.Series(dtype=object)
    number, name = (
        candidate.received.frame[parts_of(matches[ours].theirs)[-1]].astype(str) for ours in ("record_id", "name")
    )
    names = pd.Series(name.map(plain_name).to_numpy(), index=number.to_numpy())
    return names[~names.index.duplicated()]


def _together(alike: list[Candidate], name: str, place: dict[str, Any], comments: tuple[str, ...]) -> Candidate:
    received = under_each_other([one.received for one in alike])
    told = tuple(dict.fromkeys(comment for one in alike for comment in one.comments))
    active = all(one.is_active for one in alike)
    mapping = _recognised(received) or alike[0].mapping
    return Candidate(
        name, received, place, mapping, comments=(*told, *comments), is_active=active, paths=alike[0].paths
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


def _database_tables(url: str, place: str, listing: str) -> list[Candidate]:
    """Every table of a database that has rows and more than one column."""
    listed = queried_table(url, listing, Path("/")).frame["name"]
    found = []
    for name in sorted(map(str, listed.astype(object))):
        query = f'select * from "{name}"'
        received = replace(queried_table(url, query, Path("/")), file=name)
        if len(received.frame) and len(received.frame.columns) > 1:
            found.append(Candidate(_slug(name), received, {"url": place, "query": query}, mapping_of(received)))
    return found


def _with_join(candidate: Candidate, others: list[Candidate]) -> Candidate:
    """A table with amounts but no day or no customer, joined to the one that has them under the same key."""
    if candidate.received.mapping or not len(candidate.received.frame) or candidate.account is not None:
        return candidate
    if candidate.mapping is not None and candidate.mapping.table == "payments" and candidate.mapping.is_sound:
        return candidate
    alone = mapping_into("transactions", candidate.received, candidate.shapes)
    if not _has(alone, "net_amount") or (_has(alone, "ordered_on") and "record_id" in alone.matches):
        return candidate
    for other in others:
        key = None if other is candidate or other.is_several else _shared_key(candidate, other)
        if key is None or ("url" in candidate.place) != ("url" in other.place):
            continue
        join = Join(file=other.place.get("file", other.received.file), on=key)
        both = joined(candidate.received, other.received, join)
        mapping = mapping_into("transactions", both, {str(name): shape_of(cells) for name, cells in both.frame.items()})
        if not mapping.missing and _has(mapping, "ordered_on") and "record_id" in mapping.matches:
            return _joined_to(candidate, other, key, both, mapping)
    return candidate


def _with_buyers(candidate: Candidate, others: list[Candidate]) -> Candidate:
    """Sales in which no column is called by a word for customers: one whose values are numbers of a list of customers."""
    mapping = candidate.mapping
    if mapping is None or mapping.table != "transactions" or candidate.account or "record_id" in mapping.matches:
        return candidate
    used = {part for match in mapping.matches.values() for part in parts_of(match.theirs)}
    found: dict[str, Match] = {}
    for other in others:
        numbers = other.distinct("record_id") if other.is_a("records") else np.array([], dtype=str)
        for name, shape in candidate.shapes.items():
            share = np.isin(_values_of(candidate.received.frame[name]), numbers).mean() if shape.filled else 0.0
            if name not in used and shape.distinct > FEW and share >= OVERLAP:
                found[name] = Match(name, LIKELY, f"{share:.0%} of its values are numbers of {other.name}")
    if len(found) != 1:
        return candidate
    [match] = found.values()
    return replace(candidate, mapping=replace(mapping, matches=mapping.matches | {"record_id": match}))


def _with_customers(candidate: Candidate, others: list[Candidate]) -> Candidate:
    """A table that names orders and lacks the customer it needs, joined to the one that has the customers of the orders."""
    if (candidate.mapping is not None and candidate.mapping.is_sound) or not isinstance(
        candidate.place.get("file"), str
    ):
        return candidate
    options = [mapping_into(table, candidate.received, candidate.shapes) for table in CANONICAL]
    options = [one for one in options if one.missing == ("record_id",) and one.marks]
    best = max(options, key=lambda one: sum(one.matches[name].confidence for name in one.marks), default=None)
    for other in others if best else ():
        key = None if other is candidate or other.is_several else _shared_key(candidate, other)
        if key is None or "file" not in other.place:
            continue
        both = joined(candidate.received, other.received, Join(file=other.place["file"], on=key))
        mapping = mapping_into(best.table, both, {str(name): shape_of(cells) for name, cells in both.frame.items()})
        if mapping.is_sound and not mapping.missing:
            kept = {ours: match for ours, match in mapping.matches.items() if ours in {*best.matches, "record_id"}}
            return _joined_to(candidate, other, key, both, replace(mapping, matches=kept))
    return candidate


def _with_key(candidate: Candidate, others: list[Candidate]) -> Candidate:
    """A table that is nothing by itself, with the join that would add its columns to a source that has its key."""
    if candidate.mapping is not None or not len(candidate.received.frame):
        return candidate
    for other in others:
        key = _shared_key(other, candidate) if other.mapping is not None and other is not candidate else None
        if key is not None and "file" in other.place and isinstance(candidate.place.get("file"), str):
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


def _payments_inside(found: list[Candidate]) -> list[Candidate]:
    """Invoices with the days they were due and paid are sales and payments: the one that no other file gives."""
    inside = []
    for table, other in (("transactions", "payments"), ("payments", "transactions")):
        for candidate in found if not any(one.is_a(other) for one in found) else ():
            if not candidate.is_a(table) or candidate.received.mapping or candidate.account is not None:
                continue
            mapping = mapping_into(other, candidate.received, candidate.shapes)
            needed = {"due_on", "paid_on"} if other == "payments" else {"order_id", "ordered_on", "net_amount"}
            if not mapping.missing and all(_has(mapping, ours) for ours in (*needed, "record_id")):
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
        if set(one.received.frame.columns) == columns and mapping.table != "records" and _repeats(candidate, one)
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


def _slug(text: str) -> str:
    return "_".join(re.findall(r"[^\W_]+", plain_name(text)))
