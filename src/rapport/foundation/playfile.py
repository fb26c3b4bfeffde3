"""One play file → one Play: front matter, sections and numbered steps, each fault named with file, line and cure."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from .contracts import TABLES
from .errors import PlayError, did_you_mean
from .play import PHASES, Bounds, Play, vocabulary
from .settings import PlainLoader

SECTIONS = {
    "Why it works": "why_it_works",
    "Do this": "do_this",
    "Words to use": "words_to_use",
    "How we will know": "how_we_will_know",
    "Stop if": "stop_if",
    "Sources": "sources",
}
MIN_STEPS = 3


def raw_play(path: Path) -> dict[str, Any]:
    """A play file as plain keys, the body under `body`; its form checked (front matter, sections, steps), not its
    sense.
    """
    front, body = _halves(_text(path), path)
    return {**_front(front, path), "body": _body(body, path)}


def read_play(path: Path) -> Play:
    """The play in a file. Raises PlayError for the first fault found, naming file, line, key and cure."""
    return checked(raw_play(path), path, where=str(path), text=_text(path))


def checked(raw: dict[str, Any], path: Path, *, where: str, text: str = "") -> Play:
    """The Play made of plain keys, its sense checked too: columns, operators, values, tables, effects, evidence.

    where  what an error says about the place; with `text`, the line of the key is added to it.
    """
    try:
        play = Play.model_validate(raw)
    except ValidationError as error:
        raise _explained(error.errors()[0], where, text) from None
    for what, key, cure in _faults(play, path):
        raise PlayError(what, _at(where, text, key), cure)
    return play


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise PlayError(f"the play is not UTF-8 text: {error.reason}.", str(path), "save the file as UTF-8.") from None


def _halves(text: str, path: Path) -> tuple[str, str]:
    parts = re.split(r"(?m)^---\s*$", text, maxsplit=2)
    if len(parts) < 3 or parts[0].strip():
        raise PlayError(
            "the play has no front matter.",
            f"{path}, line 1",
            "start the file with a line ---, the keys, and a line ---.",
        )
    return parts[1], parts[2]


def _front(front: str, path: Path) -> dict[str, Any]:
    try:
        raw = yaml.load(front, Loader=PlainLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise PlayError(
            f"the front matter is not YAML: {getattr(error, 'problem', error)}.",
            f"{path}{line}",
            "check indentation, colons and quotes near that line.",
        ) from None
    if not isinstance(raw, dict):
        raise PlayError("the front matter is not YAML keys and values.", str(path), "write one `key: value` a line.")
    for key in ("body", "is_off"):
        if key in raw:
            raise PlayError(
                f"unknown key '{key}'.", _at(str(path), front, key), "the body is written below the front matter."
            )
    return raw


def _body(text: str, path: Path) -> dict[str, Any]:
    pieces = re.split(r"(?m)^## +(.+?) *$", text)
    found = dict(zip(pieces[1::2], (piece.strip() for piece in pieces[2::2])))
    for name in found:
        if name not in SECTIONS:
            raise PlayError(f"unknown section '{name}'.", str(path), did_you_mean(name, list(SECTIONS)))
    order = ", ".join(SECTIONS)
    for name in SECTIONS:
        if name not in found:
            raise PlayError(f"missing section '{name}'.", str(path), f"a play has the sections {order}.")
        if not found[name]:
            raise PlayError(
                f"empty section '{name}'.", str(path), "write it, or the play is not ready for the playbook."
            )
    if list(found) != list(SECTIONS) or len(found) < len(pieces) // 2:
        raise PlayError("the sections are out of order or repeated.", str(path), f"write them once, as {order}.")
    steps = tuple(" ".join(step.split()) for step in re.split(r"(?m)^\d+\. +", found["Do this"])[1:])
    if len(steps) < MIN_STEPS:
        raise PlayError(
            f"too few steps: section 'Do this' has {len(steps)} numbered.",
            str(path),
            f"write at least {MIN_STEPS} concrete steps, one a line, as '1. …'.",
        )
    return {field: found[name] for name, field in SECTIONS.items()} | {"do_this": steps}


def _explained(fault: dict[str, Any], place: str, text: str) -> PlayError:
    *parents, key = (str(part) for part in fault["loc"])
    dotted = ".".join([*parents, key])
    where = _at(place, text, key)
    if fault["type"] == "extra_forbidden":
        kind = "operator" if parents[:1] == ["when"] else "key"
        known = ["min", "max", "in"] if kind == "operator" else _keys(parents)
        return PlayError(f"unknown {kind} '{dotted}'.", where, did_you_mean(key, known))
    if fault["type"] == "missing":
        return PlayError(f"missing key '{dotted}'.", where, "see playbook/_template.md for what to write there.")
    if fault["type"] == "literal_error":
        expected = re.findall(r"'([^']+)'", fault["ctx"]["expected"])
        return PlayError(
            f"unknown value '{fault['input']}' for {dotted}.", where, did_you_mean(str(fault["input"]), expected)
        )
    if fault["type"] == "string_pattern_mismatch":
        return PlayError(
            f"badly written {dotted}: '{fault['input']}'.", where, f"it must match {fault['ctx']['pattern']}."
        )
    return PlayError(f"wrong value for {dotted}: {fault['input']!r}.", where, f"{fault['msg']}.")


def _keys(parents: list[str]) -> list[str]:
    if not parents:
        return [name for name in Play.model_fields if name not in ("body", "is_off")]
    return list(Play.model_fields[parents[0]].annotation.model_fields)


def _faults(play: Play, path: Path) -> Iterator[tuple[str, str, str]]:
    if play.id != path.stem:
        yield (
            f"the file name differs from the id '{play.id}'.",
            "id",
            f"name the file {play.id}.md; an id never changes.",
        )
    if path.parent.name in PHASES and path.parent.name != play.phase:
        yield f"wrong folder for phase '{play.phase}'.", "phase", f"move the file to {play.phase}/."
    yield from _condition_faults(play)
    for table in play.needs:
        if table not in TABLES:
            yield f"unknown table '{table}' in needs.", "needs", did_you_mean(table, list(TABLES))
    if not play.effect.low <= play.effect.mid <= play.effect.high:
        yield "effects are out of order: low ≤ mid ≤ high does not hold.", "effect", "order the three figures."
    if play.effect.unit == "none" and (play.effect.low, play.effect.mid, play.effect.high) != (0, 0, 0):
        yield (
            "an effect without unit: unit none goes with three zeros.",
            "effect",
            "give unit share or money, or write zeros.",
        )
    if play.consent == "marketing" and play.applies_to not in ("customer", "key_account"):
        yield (
            "consent cannot be checked for this grain: only customers have consent_marketing.",
            "consent",
            "write consent: none and make the check a step of the play.",
        )
    if play.effect.unit == "share" and not -1 <= play.effect.low <= play.effect.high <= 1:
        yield "an effect is no share: it lies outside −1 to 1.", "effect", "write 0.02 for 2 %."
    if play.status != "unproven" and not play.effect.source.startswith("experiment:"):
        yield (
            f"no evidence for status '{play.status}'.",
            "status",
            "write unproven, or give effect.source as experiment:<experiment_id> of this client.",
        )
    money_words = [word for word, (_, column) in vocabulary(play.applies_to).items() if column.unit == "money"]
    if play.stake is not None and play.stake not in money_words:
        yield f"unknown stake '{play.stake}'.", "stake", did_you_mean(play.stake, money_words)


def _condition_faults(play: Play) -> Iterator[tuple[str, str, str]]:
    words = vocabulary(play.applies_to)
    for name in (*play.when, *play.never_for):
        if name not in words:
            kind = "fact" if play.applies_to == "firm" else "column"
            yield (
                f"unknown {kind} '{name}' for a play that applies to {play.applies_to}.",
                name,
                did_you_mean(name, list(words)),
            )
    for name, bounds in play.when.items():
        yield from _bound_faults(name, bounds, words[name][1].dtype, words[name][1].options)


def _bound_faults(name: str, bounds: Bounds, dtype: str, options: tuple | None) -> Iterator[tuple[str, str, str]]:
    is_number, is_flag = dtype in ("int64", "float64"), dtype in ("bool", "boolean")
    has_limit = bounds.min is not None or bounds.max is not None
    if not has_limit and not bounds.among:
        yield f"empty condition on '{name}'.", name, "give min, max or in."
    if has_limit and not is_number:
        yield f"limits on text: '{name}' is {dtype}.", name, "use in: […] for text and yes/no columns."
    if bounds.among and is_number:
        yield f"a list on a number: '{name}' is {dtype}.", name, "use min and max."
    if has_limit and bounds.min is not None and bounds.max is not None and bounds.min > bounds.max:
        yield f"limits reversed on '{name}'.", name, "min must not exceed max."
    allowed = (True, False) if is_flag else options
    for value in bounds.among or ():
        if (allowed and value not in allowed) or isinstance(value, bool) != is_flag:
            cure = "write true or false." if is_flag else did_you_mean(str(value), list(options or ["text in quotes"]))
            yield f"unknown value '{value}' for {name}.", name, cure


def _at(place: str, text: str, key: str) -> str:
    for number, line in enumerate(text.split("\n"), start=1):
        if re.match(rf"\s*{re.escape(key)}\s*:", line):
            return f"{place}, line {number}"
    return place
