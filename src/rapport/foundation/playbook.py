"""The playbook: read every play of a folder, refuse what is not to the format, lay the client's changes over it.

A play is `<folder>/<phase>/<id>.md`: front matter between two lines `---`, then six sections headed `##`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from .contracts import TABLES
from .errors import PlayError, did_you_mean
from .play import EMPTY_MEANS_NONE, FACTS, GRAINS, LISTS, PHASES, Body, Bounds, Play, condition, readable, vocabulary
from .settings import PlainLoader

__all__ = [
    "EMPTY_MEANS_NONE",
    "FACTS",
    "GRAINS",
    "LISTS",
    "PHASES",
    "Bounds",
    "Play",
    "condition",
    "draft",
    "index",
    "load",
    "readable",
    "vocabulary",
]

SECTIONS = {
    "Why it works": "why_it_works",
    "Do this": "do_this",
    "Words to use": "words_to_use",
    "How we will know": "how_we_will_know",
    "Stop if": "stop_if",
    "Sources": "sources",
}
MIN_STEPS = 3
CHANGEABLE = ("off", "cost", "effect", "owner", "when", "holdout_share")


def load(folder: Path, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Play, ...]:
    """Every play below `folder`, phases in the order retain → recover → acquire, then by id.

    overrides  what the client changes, as under `plays:` in engagement.yml: play id → any of off, cost, effect, owner,
               when, holdout_share. Parts of cost and effect may be given alone; a condition replaces the library's on
               the same column. A play switched off stays in the tuple with `is_off` set.
    Raises PlayError naming file, line, key and cure, for the first fault found.
    """
    folder, overrides = Path(folder), overrides or {}
    paths = sorted(path for phase in PHASES for path in (folder / phase).glob("*.md"))
    if not paths:
        raise PlayError(
            "the playbook holds no play.",
            str(folder),
            f"put plays into {', '.join(f'{p}/' for p in PHASES)} of that folder.",
        )
    known = [path.stem for path in paths]
    for id in overrides:
        if id not in known:
            raise PlayError(f"unknown play '{id}'.", "engagement.yml, plays", did_you_mean(id, known))
    plays = [_play(path, overrides.get(path.stem)) for path in paths]
    return tuple(sorted(plays, key=lambda play: (PHASES.index(play.phase), play.id)))


def index(plays: Iterable[Play]) -> str:
    """The text of `playbook/README.md`: one line a play, by phase, with whom it is for and who answers for it."""
    plays = tuple(plays)
    lines = [
        "# Playbook",
        "",
        f"{len(plays)} plays. This page is generated from the files; do not edit it. "
        "To add a play: `rapport plays --new ID`, then fill in the file.",
    ]
    for phase in PHASES:
        chosen = [play for play in plays if play.phase == phase]
        lines += [
            "",
            f"## {phase.capitalize()} ({len(chosen)})",
            "",
            "| Play | For | When | Owner | Evidence | Source |",
        ]
        lines += ["|---|---|---|---|---|---|", *(_index_line(play) for play in chosen)]
    return "\n".join(lines) + "\n"


def draft(folder: Path, id: str, phase: str) -> str:
    """The text of a new play: the template of the playbook with its id and phase filled in."""
    if phase not in PHASES:
        raise PlayError(f"unknown phase '{phase}'.", "rapport plays --new", did_you_mean(phase, list(PHASES)))
    text = (Path(folder) / "_template.md").read_text("utf-8")
    text = re.sub(r"(?m)^id: \S+", f"id: {id}", text)
    return re.sub(r"(?m)^phase: \S+", f"phase: {phase}", text)


def _index_line(play: Play) -> str:
    when = "; ".join(condition(column, bounds) for column, bounds in play.when.items())
    cells = (
        f"[{play.title}]({play.phase}/{play.id}.md)",
        play.applies_to.replace("_", " "),
        when,
        play.owner,
        play.status,
        ", ".join(play.references),
    )
    return f"| {' | '.join(cells)} |"


def _play(path: Path, change: Mapping[str, Any] | None) -> Play:
    text = _text(path)
    front, body = _halves(text, path)
    raw = {**_front(front, path), "body": _body(body, path)}
    play = _validated(raw, path, text)
    for what, key, cure in _faults(play, path):
        raise PlayError(what, _at(path, text, key), cure)
    return play if change is None else _changed(raw, change, path)


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
                f"unknown key '{key}'.", _at(path, front, key), "the body is written below the front matter."
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
    steps = tuple(step.strip() for step in re.split(r"(?m)^\d+\. +", found["Do this"])[1:])
    if len(steps) < MIN_STEPS:
        raise PlayError(
            f"too few steps: section 'Do this' has {len(steps)} numbered.",
            str(path),
            f"write at least {MIN_STEPS} concrete steps, one a line, as '1. …'.",
        )
    return {field: found[name] for name, field in SECTIONS.items()} | {"do_this": steps}


def _validated(raw: dict[str, Any], path: Path | str, text: str = "") -> Play:
    try:
        return Play.model_validate(raw)
    except ValidationError as error:
        raise _explained(error.errors()[0], path, text) from None


def _explained(fault: dict[str, Any], path: Path | str, text: str) -> PlayError:
    *parents, key = (str(part) for part in fault["loc"])
    dotted = ".".join([*parents, key])
    where = _at(path, text, key)
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


def _changed(raw: dict[str, Any], change: Mapping[str, Any], path: Path) -> Play:
    where = f"engagement.yml, plays: {path.stem}"
    if not isinstance(change, Mapping):
        raise PlayError(
            f"the change of play '{path.stem}' is no mapping.", where, f"write keys such as {', '.join(CHANGEABLE)}."
        )
    for key in change:
        if key not in CHANGEABLE:
            raise PlayError(f"unknown key '{key}'.", where, did_you_mean(key, list(CHANGEABLE)))
    is_off = change.get("off", False)
    if not isinstance(is_off, bool):
        raise PlayError(f"wrong value for off: {is_off!r}.", where, "write true or false.")
    own = {"cost": {"source": "client"}, "effect": {"source": "client"}, "when": {}}
    merged = {
        key: {**raw[key], **own[key], **value} if key in own and isinstance(value, Mapping) else value
        for key, value in change.items()
        if key != "off"
    }
    play = _validated({**raw, **merged, "is_off": is_off}, where)
    for what, _, cure in _faults(play, path):
        raise PlayError(what, where, cure)
    return play


def _at(path: Path | str, text: str, key: str) -> str:
    for number, line in enumerate(text.split("\n"), start=1):
        if re.match(rf"\s*{re.escape(key)}\s*:", line):
            return f"{path}, line {number}"
    return str(path)
