"""What one candidate lends another: days and customers by a join, the numbers of customers by their values."""

from dataclasses import replace

import numpy as np

from .candidate import OVERLAP, Candidate, values_of
from .joins import joined
from .mapping import LIKELY, Mapping, Match, mapping_into
from .received import Received
from .source import CANONICAL, Join, parts_of
from .vocabulary import plain_name

FEW = 2  # different values up to which a column names no customers


def with_join(candidate: Candidate, others: list[Candidate]) -> Candidate:
    """A table with amounts but no day or no customer, joined to the one that has them under the same key."""
    if candidate.received.mapping or not len(candidate.received.frame) or candidate.account is not None:
        return candidate
    if candidate.mapping is not None and candidate.mapping.table == "payments" and candidate.mapping.is_sound:
        return candidate
    alone = mapping_into("transactions", candidate.received, candidate.shapes)
    if not is_told(alone, "net_amount") or (is_told(alone, "ordered_on") and "record_id" in alone.matches):
        return candidate
    for other in others:
        key = None if other is candidate or other.is_several else _shared_key(candidate, other)
        if key is None or ("url" in candidate.place) != ("url" in other.place):
            continue
        join = Join(file=other.place.get("file", other.received.file), on=key)
        both = joined(candidate.received, other.received, join)
        mapping = mapping_into("transactions", both, both.shapes)
        if not mapping.missing and is_told(mapping, "ordered_on") and "record_id" in mapping.matches:
            return _joined_to(candidate, other, key, both, mapping)
    return candidate


def with_buyers(candidate: Candidate, others: list[Candidate]) -> Candidate:
    """Sales in which no column is called by a word for customers: one whose values are numbers of a list of customers."""
    mapping = candidate.mapping
    if mapping is None or mapping.table != "transactions" or candidate.account or "record_id" in mapping.matches:
        return candidate
    used = {part for match in mapping.matches.values() for part in parts_of(match.theirs)}
    found: dict[str, Match] = {}
    for other in others:
        numbers = other.distinct("record_id") if other.is_a("records") else np.array([], dtype=str)
        for name, shape in candidate.shapes.items():
            share = np.isin(values_of(candidate.received.frame[name]), numbers).mean() if shape.filled else 0.0
            if name not in used and shape.distinct > FEW and share >= OVERLAP:
                found[name] = Match(name, LIKELY, f"{share:.0%} of its values are numbers of {other.name}")
    if len(found) != 1:
        return candidate
    [match] = found.values()
    return replace(candidate, mapping=replace(mapping, matches=mapping.matches | {"record_id": match}))


def with_customers(candidate: Candidate, others: list[Candidate]) -> Candidate:
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
        mapping = mapping_into(best.table, both, both.shapes)
        if mapping.is_sound and not mapping.missing:
            kept = {ours: match for ours, match in mapping.matches.items() if ours in {*best.matches, "record_id"}}
            return _joined_to(candidate, other, key, both, replace(mapping, matches=kept))
    return candidate


def with_key(candidate: Candidate, others: list[Candidate]) -> Candidate:
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


def is_told(mapping: Mapping, ours: str) -> bool:
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
