"""Runs: one folder per pass through the chain, with a manifest that says what went in, what was done and what came out.

    runs/<as_of>-<n>/   pages/*.ipynb  results/*.parquet  findings/*.json  manifest.json  report/
    runs/lab/           what an analyst writes from JupyterLab; reads what it lacks from the latest complete run
    latest              the last complete run

Every write goes to a temporary name first and is moved into place, so that nobody meets half a file.
"""

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from .contracts import TABLES
from .errors import RunError, did_you_mean

LAB = "lab"
REPORTED_PACKAGES = (
    "rapport",
    "pandas",
    "numpy",
    "scipy",
    "ibis-framework",
    "duckdb",
    "splink",
    "lifetimes",
    "lifelines",
)


def write_atomically(path: Path, write: Callable[[Path], Any]) -> Path:
    """`path`, written by `write(temporary path)` and then moved into place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def sha256(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Run:
    """One run of one engagement: its folder, and the run it falls back on for tables it has not made itself."""

    folder: Path
    fallback: Path | None = None

    @property
    def name(self) -> str:
        return self.folder.name

    def read(self, table: str) -> pd.DataFrame | None:
        """The table, checked against its contract; None when this run and its fallback lack it."""
        path = self.path(table)
        return None if path is None else TABLES[table].check(pd.read_parquet(path), str(path))

    def path(self, table: str) -> Path | None:
        """Where the table lies; None when neither this run nor its fallback has it."""
        if table not in TABLES:
            raise RunError(f"there is no table '{table}'.", "the page", did_you_mean(table, list(TABLES)))
        places = [self.folder, *([self.fallback] if self.fallback else [])]
        return next((path for place in places if (path := place / "results" / f"{table}.parquet").exists()), None)

    def write(self, table: str, frame: pd.DataFrame) -> None:
        """Check the frame against its contract and store it; its rows and hash go to the manifest."""
        if table not in TABLES:
            raise RunError(f"there is no table '{table}'.", "the page", did_you_mean(table, list(TABLES)))
        path = self.folder / "results" / f"{table}.parquet"
        checked = TABLES[table].check(frame, f"{table}, about to be written")
        write_atomically(path, lambda draft: checked.to_parquet(draft, index=False))
        self.note(tables={table: {"rows": len(checked), "sha256": sha256(path)}})

    def write_findings(self, page: str, findings: list[dict[str, Any]]) -> None:
        """Store the findings of one page, replacing what the page stored before."""
        path = self.folder / "findings" / f"{page}.json"
        write_atomically(path, lambda draft: draft.write_text(json.dumps(findings, indent=1, default=str), "utf-8"))

    def forget(self, page: str, tables: Iterable[str]) -> None:
        """Take a page out of the run, with its findings and the tables it made."""
        gone = [self.folder / "pages" / f"{page}.ipynb", self.folder / "findings" / f"{page}.json"]
        gone += [self.folder / "results" / f"{table}.parquet" for table in tables]
        for path in gone:
            path.unlink(missing_ok=True)
        manifest = self.manifest
        kept = {name: entry for name, entry in manifest.get("tables", {}).items() if name not in set(tables)}
        pages = {name: entry for name, entry in manifest.get("pages", {}).items() if name != page}
        self._keep(manifest | {"tables": kept, "pages": pages})

    def findings(self) -> list[dict[str, Any]]:
        """Findings of all pages, this run's own before the fallback's, in the order of the pages."""
        files: dict[str, Path] = {}
        for place in (self.fallback, self.folder):
            if place is not None:
                files |= {path.name: path for path in (place / "findings").glob("*.json")}
        return [finding for name in sorted(files) for finding in json.loads(files[name].read_text("utf-8"))]

    @property
    def manifest(self) -> dict[str, Any]:
        path = self.folder / "manifest.json"
        return json.loads(path.read_text("utf-8")) if path.exists() else {}

    def note(self, **entries: Any) -> None:
        """Add entries to the manifest; a mapping is merged into the one that stands there."""
        manifest = self.manifest
        for key, value in entries.items():
            is_mapping = isinstance(value, dict) and isinstance(manifest.get(key), dict)
            manifest[key] = manifest[key] | value if is_mapping else value
        self._keep(manifest)

    def _keep(self, manifest: dict[str, Any]) -> None:
        text = json.dumps(manifest, indent=1, default=str, ensure_ascii=False)
        write_atomically(self.folder / "manifest.json", lambda draft: draft.write_text(text, "utf-8"))


def new_run(folder: Path, *, as_of: str, start_from: Path | None = None) -> Run:
    """A fresh run folder named `<as_of>-<n>`; with `start_from`, begun as a copy of that run's results and pages."""
    taken = [int(path.name.rsplit("-", 1)[1]) for path in (folder / "runs").glob(f"{as_of}-*")]
    run = Run(folder / "runs" / f"{as_of}-{max(taken, default=0) + 1}")
    run.folder.mkdir(parents=True)
    if start_from is not None:
        for part in ("results", "pages", "findings"):
            if (start_from / part).exists():
                shutil.copytree(start_from / part, run.folder / part)
        before = Run(start_from).manifest
        run.note(pages=before.get("pages", {}), tables=before.get("tables", {}), started_from=start_from.name)
    packages = {name: version(name) for name in REPORTED_PACKAGES}
    run.note(status="running", started_at=_now(), python=platform.python_version(), packages=packages)
    return run


def finish(folder: Path, run: Run) -> None:
    """Mark the run complete and let `latest` point to it."""
    run.note(status="complete", finished_at=_now())
    write_atomically(folder / "latest", lambda draft: _link(draft, run.folder))


def finish_partly(run: Run, left_out: Iterable[str]) -> None:
    """Mark the run as holding some pages only; `latest` stays where it is."""
    run.note(status="partial", left_out=list(left_out), finished_at=_now())


def latest_run(folder: Path) -> Path | None:
    """The folder of the last complete run, or None."""
    latest = folder / "latest"
    if latest.is_dir():
        return latest.resolve()
    return folder / "runs" / latest.read_text("utf-8").strip() if latest.is_file() else None


def complete_runs(folder: Path) -> list[Run]:
    """The complete runs, by the day they speak of, then as they were numbered."""
    runs = [Run(path) for path in (folder / "runs").glob("*-*") if path.is_dir()]
    whole = [run for run in runs if run.manifest.get("status") == "complete"]
    return sorted(whole, key=lambda run: (run.name.rsplit("-", 1)[0], int(run.name.rsplit("-", 1)[1])))


def earlier_run(folder: Path, as_of: str) -> Run | None:
    """The last complete run that speaks of an earlier day than `as_of`; None when there is none."""
    before = [run for run in complete_runs(folder) if run.manifest.get("as_of", "9") < as_of]
    return before[-1] if before else None


def open_run(folder: Path, name: str) -> Run:
    """The run called `name`; `lab` falls back on the latest complete run. Raises RunError for an unknown name."""
    if name == LAB:
        return Run(folder / "runs" / LAB, fallback=latest_run(folder))
    if not (folder / "runs" / name).is_dir():
        known = sorted(path.name for path in (folder / "runs").glob("*") if path.is_dir())
        raise RunError(f"there is no run '{name}'.", str(folder / "runs"), did_you_mean(name, known or ["none yet"]))
    return Run(folder / "runs" / name)


def _link(draft: Path, target: Path) -> None:
    """A relative link where the system allows one, else a text file with the run's name."""
    try:
        draft.symlink_to(Path("runs") / target.name, target_is_directory=True)
    except OSError:
        draft.write_text(target.name, "utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
