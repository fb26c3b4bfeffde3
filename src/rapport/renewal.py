"""What an earlier engagement of a client leaves to the next one (HU-N5): sources by their names, what was decided, pages.

Carried over are the names of sources (so that `crm:1` still means crm:1), what engagement.yml says of the client, the log
of decisions, adapted pages and questionnaires. Left behind are `as_of`, `ledger_total`, notes and approvals, runs, and
the key of the pseudonyms. Whatever does not fit the new files is named.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from .foundation.decisions import FILE as DECISIONS
from .foundation.decisions import read_log
from .foundation.engagement import FILE
from .foundation.errors import IntakeError
from .foundation.intake import Proposal, Source, read_source
from .foundation.intake.mapping import Match
from .foundation.intake.source import parts_of
from .foundation.references import known_records
from .foundation.settings import flatten, read_yaml

CARRIED = ("names", "allow", "retain_until", "parameters", "plays", "offers", "merge", "split")
PLACES = ("file", "sheet", "url", "query", "pasted")
FOLDERS = {"notebooks": "adapted pages", "questionnaires": "questionnaires"}


@dataclass(frozen=True)
class Continued:
    """Proposals under the names of the earlier sources, and one line for each of these: what goes on with it."""

    proposals: list[Proposal]
    lines: list[str]


def continued(
    proposals: Sequence[Proposal], earlier: Mapping[str, Source], folder: Path, *, country: str, currency: str
) -> Continued:
    """The proposals for new files, each that fits an earlier source under that source's name and with all it declared.

    A file fits when it has every column the source names; a file of the same name is preferred, then the first that is
    free, sources that name the most columns choosing first. A pattern (`raw/sales_*.csv`) takes all files it matches.
    Sources that read one file go on with one file. A source no file fits stays as a comment; a file that fits none is as
    it was proposed.
    """
    free = {place: [one for one in proposals if _place(one.source, one.where) == place] for place in
            dict.fromkeys(_place(one.source, one.where) for one in proposals)}  # fmt: skip
    made: list[Proposal] = []
    said: dict[str, str] = {}
    shared: dict[tuple, dict[str, Source]] = {}
    for name, source in earlier.items():
        shared.setdefault((source.file, source.sheet) if source.file else (name,), {})[name] = source
    places = sorted(shared, key=lambda place: (not _same_file(place[0], free), -_named(shared[place])))
    for place in places:
        found = _fitting(place[0], shared[place], free) if next(iter(shared[place].values())).file else []
        old_file = next(iter(shared[place].values())).file
        for name, source in shared[place].items():
            if old_file and not found:
                made.append(_left_out(name, source))
                said[name] = f"left behind: source '{name}': no file given fits {old_file}"
                continue
            one = _going_on(name, source, found, free, folder, country=country, currency=currency)
            made.append(one)
            said[name] = f"carried over: source '{name}' goes on with {one.where}"
        for taken in found:
            del free[taken]
    given = {one.name for one in made if one.is_active}
    made = [_with_question(one, given) for one in sorted(made, key=lambda one: list(earlier).index(one.name))]
    taken = {one.name for one in made}
    return Continued(
        [*made, *(_named_apart(one, taken) for group in free.values() for one in group)],
        [said[name] for name in earlier],
    )


def carried(like: Path, proposals: Sequence[Proposal], *, today: date) -> tuple[str, list[str]]:
    """The further keys of the earlier engagement.yml as text to add, and one line each; what is left behind is named.

    Lists of records under `merge` and `split` that name a record the new files do not have are added as comments.
    """
    earlier = {key: value for key, value in read_yaml(like / FILE).items() if value not in (None, [], {}, ())}
    lines, text = [], [f"# Carried over from {like.name}; its comments are not."]
    known = _known(proposals)
    for key in (key for key in CARRIED if key in earlier):
        value = earlier[key]
        if key == "retain_until" and date.fromisoformat(str(value)) < today:
            lines.append(f"left behind: retain_until: {value} has passed; declare until when the new files are kept")
            continue
        if key in ("merge", "split"):
            value, lost = _still_known(value, known)
            for records, absent in lost:
                text.append(f"# {key}: [{', '.join(records)}]  # '{absent}' is the record of nobody in these files")
                lines.append(f"left behind: {key}: [{', '.join(records)}]: '{absent}' is the record of nobody here")
        if value:
            inline = None if isinstance(value, (list, dict)) else False  # lists of plain values in one line
            text.append(yaml.safe_dump({key: value}, allow_unicode=True, sort_keys=False, default_flow_style=inline))
            lines.append(f"carried over: {key}: {_told(key, value)}")
    for key in ("as_of", "ledger_total"):
        if key in earlier:
            lines.append(f"left behind: {key}: {_told(key, earlier[key])}; it is of the earlier period")
    return "\n".join([*text, ""]).replace("\n\n", "\n") if len(text) > 1 else "", lines


def copied(like: Path, path: Path, proposals: Sequence[Proposal]) -> Iterator[str]:
    """Copy the log of decisions, adapted pages and questionnaires into `path`; one line for each."""
    if (like / DECISIONS).exists():
        shutil.copy2(like / DECISIONS, path / DECISIONS)
        log, known = read_log(like), _known(proposals)
        gone = 0 if known is None else (~(log["record_a"].isin(known) & log["record_b"].isin(known))).sum()
        rest = f", {gone} of them on records that are not in these files" if gone else ""
        yield f"carried over: {DECISIONS}: {len(log)} decisions on who is who{rest}"
    for name, what in FOLDERS.items():
        files = sorted(
            file for file in (like / name).rglob("*") if file.is_file() and ".ipynb_checkpoints" not in file.parts
        )
        for file in files:
            target = path / file.relative_to(like)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
        if files:
            yield f"carried over: {name}/: {', '.join(file.name for file in files)} ({what})"
    yield "left behind: notes.md with its approvals, runs, review.xlsx, and the key of the pseudonyms: customers get new ones"


def _place(source: Mapping[str, Any], where: str) -> tuple:
    if not source:
        return (where,)
    given = [source.get(key) for key in PLACES]
    return tuple(tuple(value) if isinstance(value, list) else value for value in given)


def _columns(group: Sequence[Proposal]) -> set[str]:
    """Every column of the file a group of proposals is for."""
    used = {part for one in group for match in one.confidence.values() for part in parts_of(match.theirs)}
    return used.union(*(one.unused for one in group))


def _is_like(source: Source, group: Sequence[Proposal]) -> bool:
    """Whether a file has all columns the source names; one that names none is a statement, or a form of its questions."""
    if source.column_names:
        return set(source.column_names) <= _columns(group)
    given = [one.source for one in group if one.source and "columns" not in one.source]
    return any(one.get("questionnaire") == source.questionnaire for one in given)


def _files(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """What `file:` names: one path, folder or pattern, or several."""
    return (given,) if isinstance(given, str) else tuple(given or ())


def _same_file(old: str | tuple[str, ...], free: Mapping[tuple, Any]) -> bool:
    return any(_files(place[0]) == _files(old) for place in free)


def _stand_for(old: str | tuple[str, ...], place: tuple) -> bool:
    """Whether every file of a place is one that the old path, folder or pattern reads."""
    new = _files(place[0])
    read = [any(fnmatch(file, one) or file.startswith(f"{one.rstrip('/')}/") for one in _files(old)) for file in new]
    return bool(new) and all(read)


def _named(sources: Mapping[str, Source]) -> int:
    return len({name for source in sources.values() for name in source.column_names})


def _fitting(
    old: str | tuple[str, ...], sources: Mapping[str, Source], free: Mapping[tuple, Sequence[Proposal]]
) -> list[tuple]:
    """The free places that have all columns of these sources: all that the old file's pattern matches, or the best one."""

    def fits(place: tuple) -> bool:
        group = free[place]
        sheets = {source.sheet for source in sources.values()}
        alike = all(_is_like(source, group) for source in sources.values())
        return alike and (sheets == {None} or len(place) < 2 or place[1] is None or place[1] in sheets)

    found = [place for place in free if fits(place)]
    matching = [place for place in found if _stand_for(old, place)]
    return matching or sorted(found, key=lambda place: not any(one.is_active for one in free[place]))[:1]


def _going_on(
    name: str,
    source: Source,
    found: Sequence[tuple],
    free: Mapping[tuple, Sequence[Proposal]],
    folder: Path,
    **how: str,
) -> Proposal:
    """The proposal for an earlier source with its new file (or its database, or what was pasted), tried out again."""
    declared = source.model_dump(exclude_unset=True, by_alias=True, exclude_none=True)
    group = [one for place in found for one in free[place]]
    is_read = len(found) > 1 or (found and _stand_for(source.file, found[0]))
    if found and not is_read:
        declared = {key: value for key, value in declared.items() if key not in PLACES}
        given = {key: value for key, value in zip(PLACES, found[0]) if value is not None}
        place = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}
        declared = {"table": declared.pop("table"), **place, **declared}
    intake = problem = None
    try:
        intake = read_source(name, Source(**declared), folder, **how)
    except IntakeError as error:
        problem = error
    because = f"as in the earlier engagement ({name})"
    return Proposal(
        name,
        ", ".join(dict.fromkeys(one.where for one in group)) or "the same place",
        intake.rows_in if intake else sum(one.rows for one in group),
        declared,
        {ours: Match(theirs, 1.0, because) for ours, theirs in source.columns.items()},
        unused=intake.unused if intake else (),
        problem=problem,
        intake=intake,
    )


def _left_out(name: str, source: Source) -> Proposal:
    declared = source.model_dump(exclude_unset=True, by_alias=True, exclude_none=True)
    comment = "no file that was given fits: put its file there and take the signs # away"
    matches = {ours: Match(theirs, 1.0, "") for ours, theirs in source.columns.items()}
    return Proposal(name, f"{source.file} (not given)", 0, declared, matches, comments=(comment,), is_active=False)


def _with_question(one: Proposal, given: set[str]) -> Proposal:
    whose = one.source.get("records")
    if not one.is_active or whose in (None, one.name, *given):
        return one
    question = f"? '{whose}', whose customer numbers it uses, is not given: give its file, or take out `records:`"
    return replace(one, comments=(*one.comments, question))


def _named_apart(one: Proposal, taken: set[str]) -> Proposal:
    name = next(name for name in (one.name, *(f"{one.name}_{n}" for n in range(2, 99))) if name not in taken)
    taken.add(name)
    return replace(one, name=name)


def _known(proposals: Sequence[Proposal]) -> set[str] | None:
    """Every record of the new files; None while some of them cannot be read yet."""
    active = [one for one in proposals if one.is_active and one.source]
    if any(one.intake is None for one in active):
        return None
    parts = [known_records({one.intake.table: one.intake.frame}) for one in active]
    return set().union(*parts)


def _still_known(groups: Sequence[Sequence[str]], known: set[str] | None) -> tuple[list, list]:
    """The lists whose records are all known, and the others with the first record that is not."""
    absent = [next((record for record in group if known is not None and record not in known), None) for group in groups]
    kept = [list(group) for group, lost in zip(groups, absent) if lost is None]
    return kept, [(group, lost) for group, lost in zip(groups, absent) if lost is not None]


def _told(key: str, value: Any) -> str:
    if key == "parameters":
        return ", ".join(f"{name} = {entry}" for name, entry in flatten(value, FILE).items())
    if key == "ledger_total":
        return ", ".join(f"{name} {entry}" for name, entry in value.items())
    if key in ("merge", "split"):
        return "; ".join(" = ".join(group) if key == "merge" else " ≠ ".join(group) for group in value)
    return ", ".join(map(str, value)) if isinstance(value, (list, dict)) else str(value)
