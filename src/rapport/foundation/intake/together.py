"""Files and sheets with the same columns as one source, those that repeat others left out of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from .candidate import OVERLAP, Candidate, overlap, recognised, slug, whose
from .families import differ_in_digits, lines_again, name_of, place_of, sheets_of, under_each_other
from .source import parts_of
from .vocabulary import plain_name

NEARLY_ALL = 0.9


def sheets_together(sheets: list[Candidate], name: str) -> list[Candidate]:
    """Sheets of one workbook with the same columns as one source."""

    def one_source(alike: list[Candidate]) -> Candidate:
        place = alike[0].place | {"sheet": sheets_of([one.received.sheet for one in alike], len(sheets))}
        called = ", ".join(str(one.received.sheet) for one in alike)
        comment = _as_one(f"{len(alike)} sheets", alike[0], called)
        return _together(alike, name, place, (comment,))

    return [made for alike in _alike(sheets, ()) for made in _without_repeats(alike, one_source)]


def families_of(found: list[Candidate], folder: Path) -> list[Candidate]:
    """Files with the same columns as one source, whatever they are called; lists whose numbers clash stay apart."""

    def one_source(alike: list[Candidate]) -> Candidate:
        paths = tuple(sorted(path for one in alike for path in one.paths))
        place = alike[0].place | {"file": place_of(paths, folder)}
        called = ", ".join(path.name for path in paths)
        comment = _as_one(f"{len(paths)} files", alike[0], called)
        name = slug(name_of(paths)) or alike[0].mapping.table
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
        again = next((other for other in kept if repeats(one, other)), None)
        if again is None:
            kept.append(one)
        else:
            comments = (*one.comments, f"left out: it repeats the rows of {again.where}")
            left_out.append(replace(one, is_active=False, comments=comments))
    kept = [one for one in alike if any(one is other for other in kept)]
    return [one_source(kept) if len(kept) > 1 else kept[0], *left_out]


def repeats(candidate: Candidate, other: Candidate) -> bool:
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
    mapping = recognised(received) or alike[0].mapping
    return Candidate(
        name, received, place, mapping, comments=(*told, *comments), is_active=active, paths=alike[0].paths
    )
