"""The end of an engagement: raw files, results and the key of the pseudonyms go, the reports and the notes stay.

kept      engagement.yml, notes.md, runs/…/report/index.html, runs/…/manifest.json, purged.md
deleted   raw/, everything else of every run, review.xlsx, decisions.csv, the key, whatever lies elsewhere
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from .foundation.engagement import FILE, read_file
from .foundation.errors import SettingsError
from .foundation.runs import sha256, write_atomically

LOG = "purged.md"
KEPT = (FILE, "notes.md", LOG)
KEPT_OF_RUNS = ("report/index.html", "manifest.json")


def due(folder: Path, today: date) -> bool:
    """Whether the day until which the client's data may be kept has passed."""
    until = read_file(folder).retain_until
    return until is not None and today > until


def to_delete(folder: Path) -> list[Path]:
    """Every file of the engagement that a purge deletes, by path; nothing outside the folder, and no link followed."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return [path for path in files if not _stays(path.relative_to(folder))]


def _stays(path: Path) -> bool:
    if path.as_posix() in KEPT:
        return True
    if path.parts[0] == "latest":
        return len(path.parts) == 1
    return path.parts[0] == "runs" and "/".join(path.parts[2:]) in KEPT_OF_RUNS


def purge(folder: Path, *, today: date, really: bool) -> Iterator[str]:
    """Say what is deleted, and with `really` delete it; each deleted file is written into purged.md with its hash first.

    Raises SettingsError when no day is set, or the day has not come.
    """
    file = read_file(folder)
    if file.retain_until is None or today <= file.retain_until:
        what = "no day is set until which" if file.retain_until is None else f"until {file.retain_until}"
        raise SettingsError(
            f"{what} the client's data are kept.",
            f"{folder / FILE}, retain_until",
            "set retain_until to a day that has passed; data are deleted after it, never before.",
        )
    gone = to_delete(folder)
    if not gone:
        yield "nothing is left to delete."
        return
    for path in gone:
        yield f"{'deleted' if really else 'would be deleted'}: {path.relative_to(folder)}"
    if not really:
        yield f"{len(gone)} files; say so with --yes. Kept: {', '.join(KEPT[:2])}, and of each run its report and manifest."
        return
    log = folder / LOG
    lines = [f"## {today}: deleted, since data were to be kept until {file.retain_until}", ""]
    lines += [f"- {path.relative_to(folder)} {'' if path.is_symlink() else sha256(path)}".rstrip() for path in gone]
    before = log.read_text("utf-8") if log.exists() else "# What was deleted of this engagement\n\n"
    write_atomically(log, lambda draft: draft.write_text(before + "\n".join(lines) + "\n\n", "utf-8"))
    for path in gone:
        path.unlink()
    for path in sorted((path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()
    yield f"{len(gone)} files deleted; what they were stands in {log}"
