"""Proposals: which table a file is, and which of its columns is which of ours, from names and from values.

Names are compared with the synonyms of six languages; values must be able to be what the name promises (days, amounts,
e-mails …). A proposal is a proposal: its confidence is shown, and the analyst confirms it in engagement.yml.
"""

import re
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher, get_close_matches
from functools import cache

from ..contracts import Column
from .canonical import MAIN_DAY
from .guard import holds_cards
from .received import Received
from .shapes import Shape
from .source import CANONICAL
from .vocabulary import own_words, plain_name, plain_words, vocabulary

CERTAIN, LIKELY, POSSIBLE = 0.95, 0.75, 0.5
GENERIC = {*MAIN_DAY.values(), "record_id", "order_id", "manager_id", "department_id", "channel", "kind", "status"}
HELPERS = ("gross_amount", "unit_price", "cost", "first_name", "last_name")


@dataclass(frozen=True)
class Match:
    """One column of the client proposed for one of ours, how sure, and why."""

    theirs: str | tuple[str, ...]
    confidence: float
    because: str


@dataclass(frozen=True)
class Mapping:
    """A file taken as one canonical table: matches by our column name, and how well the whole fits."""

    table: str
    matches: dict[str, Match]
    score: float
    compute: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether it is worth proposing: two columns at least, one that not every table has, no doubt of those required."""
        required = CANONICAL[self.table].required
        needed = [self.matches[name] for name in required if name in self.matches]
        told = len(self.matches) + len(self.constants)
        is_told = bool(self.marks) or required != ("record_id",)
        return self.score > 1 and told > 1 and is_told and all(match.confidence >= LIKELY for match in needed)

    @property
    def marks(self) -> set[str]:
        """What was found of the columns that hardly any other table has."""
        return {name for name, match in self.matches.items() if name not in GENERIC and match.confidence >= LIKELY}

    @property
    def guesses(self) -> dict[str, Match]:
        """Matches that are no more than guesses, of columns the table can do without: shown, never used unasked."""
        required = CANONICAL[self.table].required
        return {ours: one for ours, one in self.matches.items() if one.confidence < LIKELY and ours not in required}

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns nothing was found for."""
        given = {*self.matches, *self.compute, *self.constants}
        return tuple(name for name in CANONICAL[self.table].required if name not in given)


def mapping_of(received: Received) -> Mapping | None:
    """The best mapping of a file into one canonical table; None when no table can be recognised."""
    options = [mapping_into(table, received, received.shapes) for table in CANONICAL]
    best = max(options, key=lambda mapping: mapping.score)
    return best if best.score > 0 else None


def mapping_into(table: str, received: Received, shapes: dict[str, Shape]) -> Mapping:
    """The file mapped into `table`, however well that fits."""
    pairs = sorted(
        (
            (match.confidence, ours, match)
            for ours in vocabulary()["columns"][table]
            for theirs, shape in shapes.items()
            if not _is_kept_out(received, table, ours, theirs)
            and (match := _match(table, ours, theirs, shape)) is not None
        ),
        key=lambda pair: -pair[0],
    )
    matches: dict[str, Match] = {}
    taken: set[str] = set()
    for _, ours, match in pairs:
        if ours not in matches and match.theirs not in taken:
            matches[ours] = match
            taken.add(match.theirs)
    if table == "transactions":
        _day_by_value(matches, taken, shapes)
    compute = _computed(table, matches)
    found = {ours: match for ours, match in matches.items() if ours not in HELPERS}
    if table in ("records", "managers"):
        _name_of_parts(found, matches)
    constants = {}
    if table == "returns_complaints" and "kind" not in found and file_likeness(received, table) > 0:
        constants["kind"] = "return"
    mapping = Mapping(table, found, 0.0, compute, constants)
    return replace(mapping, score=_score(mapping, received, shapes))


def _is_kept_out(received: Received, table: str, ours: str, theirs: str) -> bool:
    """Whether a column is personal beyond need or holds bank cards; what the table itself asks for is no such thing."""
    plain = plain_name(theirs)
    if plain in plain_words("personal", "beyond_need"):
        return plain not in own_words(table, ours)
    return plain in plain_words("personal", "card") and len(holds_cards(received.frame[theirs])) > 0


def _match(table: str, ours: str, theirs: str, shape: Shape) -> Match | None:
    by_name, because = name_likeness(theirs, synonyms(table, ours), plain_words("tables", table))
    column = CANONICAL[table].columns.get(ours)
    fits = _fits(ours, column, shape)
    if by_name == 0 and fits > 1:
        return Match(theirs, POSSIBLE, f"its values look like {ours}")
    confidence = round(by_name * min(fits, 1.0), 2)
    return Match(theirs, confidence, because) if confidence >= 0.3 else None


@cache
def synonyms(table: str, ours: str) -> tuple[str, ...]:
    """What clients call a column of ours, made plain; customers and orders are numbered alike in every table."""
    columns = vocabulary()["columns"]
    shared = columns["transactions"].get(ours, []) if ours in ("record_id", "order_id") else []
    return tuple(dict.fromkeys(plain_name(word) for word in (*columns[table].get(ours, []), *shared)))


@cache
@cache
def name_likeness(theirs: str, words: tuple[str, ...], own: frozenset[str] = frozenset()) -> tuple[float, str]:
    """How well a column's name matches plain synonyms (0 to 1; the first synonyms are the best), and why.

    `own` are words for the table itself, which many put before every column: `customer_city` is a customer's city; nor
    does a currency in a name change what it is.
    """
    plain = plain_name(theirs)
    if not plain or re.fullmatch(r"column \d+", plain):
        return 0.0, ""
    if plain in words:
        return 1.0 - 0.1 * words.index(plain) / len(words), f"named '{theirs}'"
    short = " ".join(word for word in plain.split() if word not in own and word not in plain_words("currencies"))
    if short in words:
        return 0.9, f"named '{theirs}'"
    inside = [word for word in words if f" {word} " in f" {plain} "]
    if inside:
        longest = max(inside, key=len)
        return 0.4 + 0.4 * len(longest) / len(plain), f"its name holds '{longest}'"
    close = get_close_matches(plain, words, n=1, cutoff=0.85)
    return (
        (0.6 * SequenceMatcher(None, plain, close[0]).ratio(), f"its name is like '{close[0]}'") if close else (0.0, "")
    )


def _fits(ours: str, column: Column | None, shape: Shape) -> float:
    """How far the values can be what our column means: 0 not at all, 1 yes, above 1: they look like nothing else."""
    if shape.filled == 0:
        return 0.2
    if ours == "email":
        return 2.0 if shape.emails > 0.8 else 0.1
    if ours == "phone":
        return 1.0 if shape.phones > 0.6 else 0.2
    if ours == "currency":
        return 1.0 if shape.currencies > 0.9 else 0.0
    if ours in HELPERS and ours.endswith(("amount", "price", "cost")):
        return 1.0 if shape.numbers > 0.9 else 0.0
    if column is None:
        return 1.0
    if column.unit == "date":
        return 1.0 if shape.days > 0.9 else 0.0
    if column.dtype == "float64":
        return 1.0 if shape.numbers > 0.9 and shape.days < 0.9 else 0.0
    if column.dtype in ("bool", "boolean"):
        return 1.0 if shape.answers > 0.9 else 0.1
    if column.options:
        known = [cell for cell in shape.cells if option_of(ours, cell, column.options)]
        return 0.4 + 0.6 * len(known) / len(shape.cells) if len(shape.cells) > 0 and shape.distinct <= 30 else 0.1
    if column.unit == "id":
        return (
            0.5 if (shape.days > 0.9 and shape.numbers < 0.9) or (shape.answers > 0.9 and shape.distinct < 3) else 1.0
        )
    return 0.25 if shape.numbers > 0.9 else 1.0


def option_of(ours: str, cell: str, options: tuple[str, ...]) -> str | None:
    """Which of our fixed choices a client's word stands for; None when the kit does not know it."""
    plain = plain_name(cell)
    named = {plain_name(option): option for option in options}
    words = vocabulary()["options"].get(ours, {})
    known = (option for option in words if option in options and plain in plain_words("options", ours, option))
    return named.get(plain) or next(known, None)


def _day_by_value(matches: dict[str, Match], taken: set[str], shapes: dict[str, Shape]) -> None:
    """The only column of days in a file of amounts is the day of the order."""
    dated = [theirs for theirs, shape in shapes.items() if shape.days > 0.9 and theirs not in taken]
    if "ordered_on" not in matches and len(dated) == 1:
        matches["ordered_on"] = Match(dated[0], POSSIBLE, "the only column of days")
        taken.add(dated[0])


def _name_of_parts(found: dict[str, Match], matches: dict[str, Match]) -> None:
    """A person's name where it is given as first and last name."""
    parts = [matches[part] for part in ("first_name", "last_name") if part in matches]
    if "name" not in found and parts:
        theirs = parts[0].theirs if len(parts) == 1 else tuple(part.theirs for part in parts)
        found["name"] = Match(theirs, min(part.confidence for part in parts), "first and last name")


def _computed(table: str, matches: dict[str, Match]) -> dict[str, str]:
    """Amounts that are not in the file but follow from what is."""
    if table != "transactions":
        return {}
    price, units = matches.get("unit_price"), matches.get("quantity")
    amount = matches.get("net_amount")
    made = {}
    if price and (amount is None or amount.confidence < LIKELY):
        matches.pop("net_amount", None)
        if units:
            off = matches.get("discount_share")
            less = f" * (1 - {_quoted(off.theirs)})" if off and off.confidence >= LIKELY else ""
            made["net_amount"] = f"{_quoted(units.theirs)} * {_quoted(price.theirs)}{less}"
        else:
            matches["net_amount"] = price
    elif amount is None and "gross_amount" in matches:
        gross = matches["gross_amount"]
        cure = f"with VAT? then, under compute: net_amount: {_quoted(gross.theirs)} / 1.21"
        matches["net_amount"] = replace(gross, confidence=min(gross.confidence, LIKELY), because=cure)
    if "cost" in matches and "margin" not in matches and (amount := matches.get("net_amount")):
        made["margin"] = f"{_quoted(amount.theirs)} - {_quoted(matches['cost'].theirs)}"
    return made


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"`{name}`"


def _score(mapping: Mapping, received: Received, shapes: dict[str, Shape]) -> float:
    """How well a table fits: required columns first, then others, the file's name, and rows that are unique by key."""
    contract = CANONICAL[mapping.table]
    found = {**dict.fromkeys((*mapping.compute, *mapping.constants), 1.0)}
    found |= {name: match.confidence for name, match in mapping.matches.items()}
    needed = sum(found.get(name, -2.0) for name in contract.required)
    others = sum(match.confidence for name, match in mapping.matches.items() if name not in contract.required)
    covered = len(mapping.matches) / max(len(shapes), 1)
    named = file_likeness(received, mapping.table)
    key = next((name for name in contract.key if name in mapping.matches and name != "source"), None)
    unique = shapes[mapping.matches[key].theirs].uniqueness if key else 0.5
    if contract.key and unique < 0.9:
        named -= 0.9 - unique
    if not mapping.matches:
        return -10.0
    if named <= 0 and mapping.table != "transactions" and not mapping.marks:
        return -10.0  # customers and days stand in every table: alone they tell none
    return 2 * min(needed, 0) + 2 * max(needed, 0) / len(contract.required) + 0.35 * others + 1.5 * covered + 2 * named


def file_likeness(received: Received, table: str) -> float:
    """Whether the sheet, or else the file, is called by a word for the table: 1.5 exactly, 1 or 0.8 in part, else 0."""
    stem = received.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    best = 0.0
    for name, weight in ((received.sheet or "", 1.0), (stem, 0.8)):
        plain = " ".join(re.sub(r"\d+", " ", plain_name(name)).split())
        words = _table_words(plain, table)
        if plain in words:
            best = max(best, 1.5)
        elif words:
            best = max(best, weight)
    return best


@cache
def _table_words(plain: str, table: str) -> frozenset[str]:
    """Words for the table in a plain name; a word inside a longer one of another table counts for that only:
    `potential customers` are prospects and no customers.
    """
    found = {
        other: {word for word in plain_words("tables", other) if f" {word} " in f" {plain} "}
        for other in vocabulary()["tables"]
    }
    others = {word for other, words in found.items() if other != table for word in words}
    return frozenset(
        word for word in found[table] if not any(f" {word} " in f" {other} " and word != other for other in others)
    )
