"""The playbook: read every play of a folder, refuse what is not to the format, lay the client's changes over it.

A play is `<folder>/<phase>/<id>.md`: front matter between two lines `---`, then six sections headed `##`.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .errors import PlayError, did_you_mean
from .play import ID, PHASES, Play, condition
from .playfile import checked, raw_play, read_play

__all__ = ["PHASES", "Play", "draft", "index", "load", "read_play"]

NOT_PLAYS = ("README.md", "_template.md")
CHANGEABLE = ("off", "cost", "effect", "owner", "when", "holdout_share")


def load(folder: Path, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Play, ...]:
    """Every play below `folder`, phases in the order retain → recover → acquire, then by id.

    overrides  what the client changes, as under `plays:` in engagement.yml: play id → any of off, cost, effect, owner,
               when, holdout_share. Parts of cost and effect may be given alone; a condition replaces the library's on
               the same column. A play switched off stays in the tuple with `is_off` set.
    Raises PlayError naming file, line, key and cure, for the first fault found.
    """
    overrides = overrides or {}
    paths = _paths(Path(folder))
    known = [path.stem for path in paths]
    for id in overrides:
        if id not in known:
            raise PlayError(f"unknown play '{id}'.", "engagement.yml, plays", did_you_mean(id, known))
    plays = [_changed(path, overrides[path.stem]) if path.stem in overrides else read_play(path) for path in paths]
    return tuple(sorted(plays, key=lambda play: (PHASES.index(play.phase), play.id)))


def _paths(folder: Path) -> list[Path]:
    """The play files of a playbook. A file that lies in no phase, or shares its name with another, is refused."""
    paths = sorted(path for path in folder.rglob("*.md") if path.name not in NOT_PLAYS)
    for path in paths:
        if path.parent.name not in PHASES or path.parent.parent != folder:
            raise PlayError(f"the play '{path.stem}' lies in no phase.", str(path), f"move it to {', '.join(PHASES)}.")
    names = [path.stem for path in paths]
    twice = next((path for path in paths if names.count(path.stem) > 1), None)
    if twice is not None:
        raise PlayError(
            f"two plays have the id '{twice.stem}'.", str(twice), "give one of them another file name and id."
        )
    if not paths:
        raise PlayError("the playbook holds no play.", str(folder), f"put plays into its folders {', '.join(PHASES)}.")
    return paths


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
    """The text of a new play: the template of the playbook with its id and phase filled in. An id in use is refused."""
    where = "rapport plays --new"
    if phase not in PHASES:
        raise PlayError(f"unknown phase '{phase}'.", where, did_you_mean(phase, list(PHASES)))
    if not re.fullmatch(ID, id):
        raise PlayError(f"badly written id '{id}'.", where, "use small letters and digits joined by single hyphens.")
    taken = next(Path(folder).rglob(f"{id}.md"), None)
    if taken is not None:
        raise PlayError(f"there is a play '{id}' already.", str(taken), "choose another id.")
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


def _changed(path: Path, change: Mapping[str, Any]) -> Play:
    """The play of a file with the client's change laid over it; a figure the client gives is the client's, not the
    kit's.
    """
    read_play(path)
    raw, where = raw_play(path), f"engagement.yml, plays: {path.stem}"
    if not isinstance(change, Mapping):
        to_do = f"write keys such as {', '.join(CHANGEABLE)}."
        raise PlayError(f"the change of play '{path.stem}' is no mapping.", where, to_do)
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
    return checked({**raw, **merged, "is_off": is_off}, path, where=where)
