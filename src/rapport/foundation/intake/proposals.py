"""propose: the files a client sent → sources to confirm; each is tried out, so that what is open is asked at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import IntakeError
from .accounts import NOBODY, questions_of_account
from .amounts import currency_signs
from .arithmetic import Formula
from .candidate import OVERLAP, Candidate, overlap, whose
from .candidates import NOT_FILLED_IN, candidates
from .changeovers import changeover, currencies_called
from .currencies import FIXED_TO_EURO
from .headless import is_headless
from .hints import channels_beside, one_order_each, rule_comments, rules_for
from .mapping import CERTAIN, Match, option_of
from .mapping import Mapping as TableMapping
from .policies import AGAIN
from .reading import Intake, read_source
from .source import CANONICAL, Source, parts_of

EURO = ("LT", "LV", "EE", "BG", "DE", "FR", "FI", "AT", "NL", "BE", "IE", "ES", "IT", "PT", "GR", "SI", "SK", "HR")
SOME = 0.1  # share of order numbers from which two sources may hold the same sales
PLACES = ("table", "file", "url", "query", "pasted")
CURRENCIES = dict.fromkeys(EURO, "EUR") | {
    "HU": "HUF", "RU": "RUB", "PL": "PLN", "CZ": "CZK", "RO": "RON", "SE": "SEK", "DK": "DKK", "NO": "NOK", "CH": "CHF",
    "GB": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD", "BR": "BRL", "UA": "UAH", "BY": "BYN", "KZ": "KZT", "TR": "TRY",
}  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """One source to confirm.

    source      keys and values as they would stand in engagement.yml; empty when no table was recognised
    confidence  how sure each column is (0–1) and why, by our column name
    missing     required columns nothing was found for; `unused` are the client's columns nothing uses
    is_active   whether it should be a source, or stand as a comment because it is doubtful or repeats another
    problem     what reading it as proposed ran into: the question to answer, in three parts
    intake      the source as read, when that worked
    """

    name: str
    where: str
    rows: int
    source: dict[str, Any] = field(default_factory=dict)
    confidence: dict[str, Match] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    is_active: bool = True
    problem: IntakeError | None = None
    intake: Intake | None = None

    def summary(self) -> str:
        """One line for a terminal: what the file is taken for, and how much there is to confirm."""
        if not self.source:
            return f"{self.where}: not recognised, left out"
        table = self.source["table"]
        if NOT_FILLED_IN in self.comments:
            return f"{self.where}: {table}, {NOT_FILLED_IN}"
        if not self.is_active:
            return f"{self.where}: perhaps {table}, left as a comment"
        doubts = sum(match.confidence < CERTAIN for match in self.confidence.values()) + len(self.missing)
        doubts += sum(comment.startswith(("likely:", "?")) for comment in self.comments)
        open_ = "; one question to answer" if self.problem is not None else ""
        return f"{self.where}: {table}, {self.rows:,} rows, {len(self.confidence)} columns, {doubts} to confirm{open_}"


def propose(
    files: Iterable[Path],
    country: str,
    *,
    folder: Path,
    currency: str | None = None,
    earlier: Mapping[str, Source] | None = None,
) -> list[Proposal]:
    """A proposal for every file, sheet or database table: its table, columns and formats, and what is open.

    `folder` is the engagement the files lie in; a folder among them stands for its files. `earlier` are the sources of
    the client's last engagement: a file with all their columns is mapped as it was then (HU-N5).
    """
    found = candidates(files, Path(folder), country)
    records, sales = ([one for one in found if one.is_a(table)] for table in ("records", "transactions"))
    money = currency or default_currency(country)
    made = [_proposal(candidate, records, sales, Path(folder), country, money, earlier or {}) for candidate in found]
    return [
        replace(one, comments=(*one.comments, *_shared(candidate, one, found[:place], made)))
        for place, (candidate, one) in enumerate(zip(found, made))
    ]


def default_currency(country: str) -> str:
    """The currency of a country, to be confirmed."""
    return CURRENCIES.get(country, "EUR")


def _proposal(
    candidate: Candidate,
    records: list[Candidate],
    sales: list[Candidate],
    folder: Path,
    country: str,
    currency: str,
    earlier: Mapping[str, Source],
) -> Proposal:
    received = candidate.received
    names = tuple(map(str, received.frame.columns))
    mapping, old = _as_earlier(names, earlier)
    mapping = mapping or candidate.mapping
    if mapping is None:
        return Proposal(
            candidate.name,
            candidate.where,
            len(received.frame),
            unused=names,
            comments=(*candidate.comments, *channels_beside(candidate)),
            problem=candidate.problem,
        )
    rules = [] if old else rules_for(candidate, mapping)
    source = _source(candidate, mapping, records, sales) | ({"rules": rules} if rules else {}) | old
    rates = {} if old else _fixed_rates(candidate, mapping, currency)
    source |= {"rates": rates} if rates else {}
    intake = problem = None
    try:
        intake = read_source(candidate.name, Source(**source), folder, country=country, currency=currency)
    except IntakeError as error:
        problem = error
    comments = (*candidate.comments, *rule_comments(rules))
    comments += channels_beside(candidate) if mapping.table in ("finance", "spend") else ()
    comments += tuple(_other_money(mapping, currency)) if "currency" not in mapping.matches and not old else ()
    comments += tuple(_old_money(intake, country, currency)) if intake is not None else ()
    comments += tuple(_repeated(intake)) if intake is not None and candidate.is_active else ()
    comments += ("rates: the irrevocable ones at which these currencies became the euro",) if rates else ()
    number = mapping.matches.get("record_id")
    if candidate.account is not None and mapping.table == "transactions" and not old:
        comments += questions_of_account(candidate.account, candidate.received.frame, currency)
    elif mapping.table == "transactions" and number is None and not candidate.received.mapping:
        comments += (NOBODY,)
    elif (
        intake is not None and mapping.table == "transactions" and number is not None and not candidate.received.mapping
    ):
        theirs = next((other for other in records if other.name == source.get("records")), None)
        comments += one_order_each(intake.frame, str(number.theirs), theirs)
    return Proposal(
        candidate.name,
        candidate.where,
        len(received.frame),
        source,
        mapping.matches,
        mapping.missing,
        _unused(names, mapping),
        comments,
        candidate.is_active,
        problem,
        intake,
    )


def _shared(candidate: Candidate, proposal: Proposal, before: list[Candidate], made: list[Proposal]) -> Iterator[str]:
    """What to ask where sales share orders or customers with the sales of a source above that has other columns."""
    if not candidate.is_a("transactions"):
        return
    for other, its in zip(before, made):
        customers = max(overlap(candidate, other, "record_id"), overlap(other, candidate, "record_id"))
        if not other.is_a("transactions") or customers < OVERLAP:
            continue
        if not proposal.source.get("records") or proposal.source.get("records") != its.source.get("records"):
            yield f"? {customers:.0%} of its customer numbers stand in {other.name} too: the same customers? Then say `records: {other.name}`"
        orders = max(overlap(candidate, other, "order_id"), overlap(other, candidate, "order_id"))
        if orders >= SOME:
            yield f"? {orders:.0%} of its order numbers stand in {other.name} too: are those sales counted twice?"


def _repeated(intake: Intake) -> Iterator[str]:
    """What to ask where files of one source share rows."""
    again = intake.quality[intake.quality["check"] == AGAIN]
    for row in again.itertuples():
        money = "" if pd.isna(row.amount) else f", {row.amount:,.2f}"
        yield f"? {row.rows:,} rows{money} stand in an earlier file too: counted twice? Then say `duplicates: drop`"


def _other_money(mapping: TableMapping, currency: str) -> Iterator[str]:
    """What to ask where the name of the column of money has another currency than the report."""
    match = mapping.matches.get("net_amount")
    called = currencies_called(match.theirs) if match else set()
    if called and currency not in called:
        code = min(called)
        yield f"? '{match.theirs}' names {code}, and is taken as {currency}: if it is in {code}, say `currency: {code}` and `rates:`"


def _old_money(intake: Intake, country: str, currency: str) -> Iterator[str]:
    """What to ask where amounts of before the euro may be in the old money, and the two lines that say so."""
    change = changeover(country, currency)
    for row in intake.quality[intake.quality["check"] == (change.check if change else None)].itertuples():
        yield (
            f"? {change.check}: {row.rows:,} rows, {row.amount:,.2f}, taken as {currency}. If they are, take `# ` away from "
            f"the two lines below; if they are in {currency}, say `currency: {currency}`"
        )
        yield f"currency_before: {{{change.day}: {change.code}}}"
        yield f"rates: {{{change.code}: {change.rate}}}"


def _source(
    candidate: Candidate, mapping: TableMapping, records: list[Candidate], sales: list[Candidate]
) -> dict[str, Any]:
    """The keys of engagement.yml for a candidate; where no list has its customers, they are those of the sales."""
    source: dict[str, Any] = {"table": mapping.table, **candidate.place}
    if is_headless(candidate.received):
        source["header_row"] = 0
    list_of_customers = None if mapping.table == "records" else whose(candidate, records)
    if mapping.table not in ("records", "transactions"):
        list_of_customers = list_of_customers or whose(candidate, sales)
    source |= {"records": list_of_customers} if list_of_customers else {}
    if not candidate.received.mapping:
        held = mapping.guesses if candidate.is_active else {}
        source["columns"] = {ours: match.theirs for ours, match in mapping.matches.items() if ours not in held}
    further = {
        "constants": mapping.constants,
        "values": _values(candidate, mapping),
        "compute": mapping.compute,
        "joins": list(candidate.joins),
    }
    return source | {key: value for key, value in further.items() if value}


def _values(candidate: Candidate, mapping: TableMapping) -> dict[str, dict[str, str]]:
    """The client's words for our fixed choices, where the kit knows them and they differ from ours."""
    if candidate.received.mapping:
        return {}
    found = {}
    for ours, match in mapping.matches.items():
        column = CANONICAL[mapping.table].columns.get(ours)
        if column is not None and column.options and isinstance(match.theirs, str):
            cells = [str(cell) for cell in candidate.received.frame[match.theirs].dropna().unique()[:50]]
            words = {cell: option_of(ours, cell, column.options) for cell in cells}
            found[ours] = {word: option for word, option in words.items() if option and word.lower() != option}
    return {ours: words for ours, words in found.items() if words}


def _fixed_rates(candidate: Candidate, mapping: TableMapping, currency: str) -> dict[str, str]:
    """Rates of currencies in the file that became the euro: they are known for good, so nobody need be asked."""
    match = mapping.matches.get("currency")
    if currency != "EUR" or match is None or mapping.table != "transactions":
        return {}
    cells = candidate.received.frame[match.theirs].dropna().unique()
    codes = {currency_signs().get(str(cell).strip().upper().rstrip(".")) for cell in cells}
    return {code: rate for code, rate in FIXED_TO_EURO.items() if code in codes}


def _unused(names: tuple[str, ...], mapping: TableMapping) -> tuple[str, ...]:
    used = {part for match in mapping.matches.values() for part in parts_of(match.theirs)}
    used |= {part for formula in mapping.compute.values() for part in Formula(formula, "compute").names}
    return tuple(name for name in names if name not in used)


def _as_earlier(names: tuple[str, ...], earlier: Mapping[str, Source]) -> tuple[TableMapping | None, dict[str, Any]]:
    """The mapping of an earlier source all of whose columns the file has, and what else was declared for it."""
    for name, source in earlier.items():
        if source.column_names and set(source.column_names) <= set(names):
            because = f"as in the earlier engagement ({name})"
            matches = {ours: Match(theirs, 1.0, because) for ours, theirs in source.columns.items()}
            declared = source.model_dump(exclude_unset=True, by_alias=True, exclude_none=True)
            kept = {
                key: value for key, value in declared.items() if key not in ("table", "file", "url", "query", "pasted")
            }
            return TableMapping(source.table, matches, 10.0, dict(source.compute), dict(source.constants)), kept
    return None, {}
