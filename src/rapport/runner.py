"""Runs the chain: papermill's door. Checks parameters, runs each page, verifies what it made, notes it in the manifest.

A run lives in a folder of its own, and `latest` moves only when every page and the report are done: a failed run leaves
the last good one in place. No report holds two truths: where a page that was run again says something else than before,
the later pages that were not run are left out, and the run is a partial one.
"""

import json
import logging
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import papermill
import yaml
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from .delivery import deliver
from .foundation.engagement import FILE, as_of, inputs, latest, open_engagement, read_file
from .foundation.errors import IntakeError, RapportError, RunError, did_you_mean
from .foundation.library import library_folder
from .foundation.playbook import load
from .foundation.runs import LAB, Run, finish, finish_partly, new_run
from .foundation.settings import flatten, parameters, settings
from .review_sheet import take_in
from .stages import STAGES, Stage, stage

PAGE_TIMEOUT_SECONDS = 3600
KERNEL_START_SECONDS = 120
GIVEN_BY_RUNNER = ("engagement", "run")

Progress = Callable[[int, int, str, float | None], None]


def run(
    folder: Path,
    *,
    only: list[str] | None = None,
    from_page: str | None = None,
    assignments: dict[str, str] | None = None,
    progress: Progress = lambda number, total, name, seconds: None,
) -> Run:
    """A run of the engagement in `folder`: every page, the report and the workbook.

    `only` and `from_page` rerun some pages on a copy of the latest complete run; the first page starts afresh and needs
    none. Where a page makes other tables or findings than it had, the later pages that were not run again are taken
    out: the report then holds the others, the run is partial, and `latest` stays. `assignments` are name → text, as
    given with `-p`: dotted names are parameters of the kit, plain names parameters of a page. `progress` is told each
    page's number, their total, its name, and its seconds once it is done.
    Raises RunError naming page, heading, error and where the saved page lies, or the file the first page has not seen;
    nothing that was complete is changed.
    """
    folder = folder.resolve()
    file = read_file(folder)
    chosen = _chosen(only, from_page)
    overrides, of_pages = _sorted_assignments(assignments or {}, chosen, folder)
    settings(flatten(file.parameters, str(folder)) | overrides, "-p")
    load(library_folder("playbook"), file.plays)
    decided = take_in(folder) if STAGES[0] in chosen else ()
    start_from = None if STAGES[0] in chosen else latest(folder)
    given = inputs(folder)
    _refuse_unseen(folder, start_from, given)
    until = as_of(folder, file, Run(start_from or folder / "runs" / LAB))
    current = new_run(folder, as_of=f"{until:%Y-%m-%d}", start_from=start_from)
    current.note(client=file.client, as_of=f"{until:%Y-%m-%d}", overrides=overrides, inputs=given)
    current.note(decisions_taken_in=len(decided))
    try:
        for number, one in enumerate(chosen, start=1):
            progress(number, len(chosen), one.short, None)
            before = _said(current, one)
            seconds = _run_page(folder, current, one, of_pages.get(one.name, {}))
            if _said(current, one) != before:
                _leave_out_later(current, one, chosen)
            progress(number, len(chosen), one.short, seconds)
        firm = open_engagement(folder, current.name)
        current.note(parameters={group: dict(values) for group, values in firm.settings})
        left_out = [one.short for one in STAGES if not (current.folder / "pages" / one.notebook).exists()]
        deliver(firm, left_out)
    except IntakeError:
        shutil.rmtree(current.folder)  # the input was refused before anything was made: no run to keep
        raise
    except BaseException as error:
        current.note(status="failed", error=str(error).splitlines()[0] if str(error) else type(error).__name__)
        raise
    if left_out:
        finish_partly(current, left_out)
    else:
        finish(folder, current)
    return current


def page_path(folder: Path, one: Stage) -> Path:
    """The page's notebook: the client's adapted copy where there is one, else the kit's."""
    adapted = folder / "notebooks" / one.notebook
    return adapted if adapted.exists() else library_folder("notebooks") / one.notebook


def page_parameters(notebook: Path) -> dict[str, dict[str, str]]:
    """The parameters a page declares in its tagged cell: name → default, inferred type and help."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return papermill.inspect_notebook(str(notebook))


def _chosen(only: list[str] | None, from_page: str | None) -> list[Stage]:
    if only:
        wanted = {stage(name).name for name in only}
        return [one for one in STAGES if one.name in wanted]
    if from_page:
        return list(STAGES[STAGES.index(stage(from_page)) :])
    return list(STAGES)


def _sorted_assignments(
    assignments: dict[str, str], chosen: list[Stage], folder: Path
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Assignments parted into parameters of the kit and parameters of pages; an unknown name is refused."""
    declared = {one.name: set(page_parameters(page_path(folder, one))) - set(GIVEN_BY_RUNNER) for one in chosen}
    known = [*parameters(), *sorted(set().union(*declared.values()))]
    overrides: dict[str, Any] = {}
    of_pages: dict[str, dict[str, Any]] = {}
    for name, text in assignments.items():
        if name not in known:
            raise RunError(f"unknown parameter '{name}'.", "-p", did_you_mean(name, known))
        value = yaml.safe_load(text)
        if name in parameters():
            overrides[name] = value
        for page, names in declared.items():
            if name in names:
                of_pages.setdefault(page, {})[name] = value
    return overrides, of_pages


def _refuse_unseen(folder: Path, start_from: Path | None, given: dict[str, dict[str, Any]]) -> None:
    """Raise RunError where a file that only the first page reads has changed since the run that is copied."""
    if start_from is None:
        return
    seen = Run(start_from).manifest.get("inputs", {})
    changed = [name for name in sorted({*seen, *given} - {FILE}) if seen.get(name) != given.get(name)]
    if changed:
        raise RunError(
            f"'{changed[0]}' has changed since the run that would be copied, and only the first page reads it.",
            str(start_from),
            f"run all pages: rapport run {folder}",
        )


def _said(current: Run, one: Stage) -> tuple:
    """What the run holds that later pages may read: the tables by their hash, and the page's own findings."""
    findings = current.folder / "findings" / f"{one.name}.json"
    tables = current.manifest.get("tables", {})
    return tables, findings.read_text("utf-8") if findings.exists() else None


def _leave_out_later(current: Run, one: Stage, chosen: list[Stage]) -> None:
    for later in STAGES[STAGES.index(one) + 1 :]:
        if later not in chosen:
            current.forget(later.name, later.makes)


def _run_page(folder: Path, current: Run, one: Stage, extra: dict[str, Any]) -> float:
    missing = [table for table in one.needs if current.path(table) is None]
    if missing:
        raise RunError(
            f"page '{one.short}' needs {', '.join(missing)}, which no page has made.",
            str(current.folder),
            "run the pages before it as well: rapport run --from-page identify",
        )
    saved = current.folder / "pages" / one.notebook
    saved.parent.mkdir(exist_ok=True)
    began = time.perf_counter()
    current.note(pages={one.name: {"status": "running"}})
    try:
        _execute(page_path(folder, one), saved, {"engagement": str(folder), "run": current.name, **extra})
        _verify(current, one)
    except RapportError as error:
        current.note(pages={one.name: {"status": "failed", "error": error.what}})
        raise
    except PapermillExecutionError as error:
        failure = _failure(current, one, saved, error)
        current.note(pages={one.name: {"status": "failed", "error": failure.what}})
        raise failure from None
    seconds = time.perf_counter() - began
    current.note(pages={one.name: {"status": "complete", "seconds": round(seconds, 2)}})
    return seconds


def _execute(notebook: Path, saved: Path, values: dict[str, Any]) -> None:
    logging.getLogger("papermill").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="rapport-") as sockets, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        papermill.execute_notebook(
            str(notebook),
            str(saved),
            parameters=values,
            progress_bar=False,
            kernel_name="python3",
            execution_timeout=PAGE_TIMEOUT_SECONDS,
            start_timeout=KERNEL_START_SECONDS,
            config=_kernel_config(sockets),
        )


def _kernel_config(sockets: str) -> Config:
    """Kernels talk over sockets in a fresh folder: no ports, no warning. Windows has TCP only.

    A kernel whose last cell is done has written all it writes: it is ended at once, without its farewells.
    """
    client = {"shutdown_kernel": "immediate"}
    if sys.platform == "win32":
        return Config({"NotebookClient": client})
    return Config({"NotebookClient": client, "KernelManager": {"transport": "ipc", "ip": f"{sockets}/k"}})


def _verify(current: Run, one: Stage) -> None:
    unmade = [table for table in one.makes if not (current.folder / "results" / f"{table}.parquet").exists()]
    if unmade:
        raise RunError(
            f"page '{one.short}' ended without writing {', '.join(unmade)}.",
            str(current.folder / "pages" / one.notebook),
            "write them in the page's last cell: firm.write(name=table)",
        )


def _failure(current: Run, one: Stage, saved: Path, error: PapermillExecutionError) -> RapportError:
    """What went wrong, told by the page's error; an IntakeError when the client's files or settings were refused."""
    heading = _heading_above_error(saved)
    if error.ename in _OUR_ERRORS:
        what, where, to_do = _three_parts(error.evalue)
        if not current.manifest.get("tables"):
            return IntakeError(what, where, to_do)
        return RunError(f"page '{one.short}', under '{heading}': {what}", f"{where} (saved page: {saved})", to_do)
    last_line = error.evalue.splitlines()[-1] if error.evalue else ""
    return RunError(
        f"page '{one.short}', under '{heading}': {error.ename}: {last_line}",
        f"the saved page: {saved}",
        "open the saved page in JupyterLab: its last cell shows the full traceback.",
    )


_OUR_ERRORS = {error.__name__ for error in (RapportError, *RapportError.__subclasses__())}


def _three_parts(message: str) -> tuple[str, str, str]:
    """A RapportError's three parts back from its printed form."""
    what, _, rest = message.partition("\n  where:      ")
    where, _, to_do = rest.partition("\n  what to do: ")
    return what, where, to_do


def _heading_above_error(saved: Path) -> str:
    """The last heading above the first cell that ended in an error."""
    every = json.loads(saved.read_text("utf-8"))["cells"]
    is_error = [any(one["output_type"] == "error" for one in cell.get("outputs", [])) for cell in every]
    cells = every[: is_error.index(True)] if True in is_error else every
    headings = [
        line.lstrip("# ").strip()
        for cell in cells
        if cell["cell_type"] == "markdown"
        for line in "".join(cell["source"]).splitlines()
        if line.startswith("#") and "papermill-error" not in line
    ]
    return headings[-1] if headings else "the top of the page"
