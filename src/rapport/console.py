"""What commands print: lists as lines of plain text."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from .analysis import compare
from .ask_sheet import unread_forms
from .foundation.engagement import findings_of, latest, open_engagement, read_file
from .foundation.errors import RunError, did_you_mean
from .foundation.intake.questionnaire import questionnaires
from .foundation.library import library_folder
from .foundation.playbook import load
from .foundation.runs import Run, complete_runs, earlier_run
from .present.display import changes as in_words
from .present.formats import Locale, speaking
from .purge import due
from .review_sheet import SHEET, take_in
from .stages import STAGES

UNMATCHED = 5  # payers without a record that are named, the most money first


def checked(folder: Path) -> Iterator[str]:
    """Every source of the engagement as read: rows in and out, money, period, what was treated, what was not given."""
    firm = open_engagement(folder)
    received, plays = firm.receive(), firm.plays
    read = received.evidence()
    yield f"{firm.file.client}, as of {firm.as_of:%Y-%m-%d}"
    for intake in received.intakes:
        files = ", ".join(dict.fromkeys(file.file for file in intake.files))
        yield f"\n{intake.name} → {intake.table} ({files})"
        yield f"  rows      {intake.rows_in:,} read, {intake.rows_out:,} used"
        if intake.money_in is not None:
            yield f"  money     {intake.money_in:,.2f} read, {intake.money_out:,.2f} used"
        if intake.first_on is not None:
            yield f"  period    {intake.first_on:%Y-%m-%d} to {intake.last_on:%Y-%m-%d}"
        if intake.unused:
            yield f"  not used  {', '.join(intake.unused)}"
        for payer in intake.unmatched.head(UNMATCHED).itertuples():
            yield f"  no record {payer.payer}: {payer.rows:,} rows, {payer.amount:,.2f}"
        for row in intake.quality.itertuples():
            amount = "" if pd.isna(row.amount) else f", {row.amount:,.2f}"
            yield f"  {row.severity:9} {row.check}: {row.rows:,} rows{amount} — {row.treatment}"
        yield from (
            f"  read      {row.column}: {row.how}: {row.samples}"
            for row in read[read["source"] == intake.name].itertuples()
        )
    for row in received.strangers().itertuples():
        yield f"\n{row.table}: {row.rows:,} rows name customers that no customer file and no sale has: {row.customers}"
    for row in take_in(folder, keep=False).itertuples():
        yield f"\n{SHEET}: {row.record_a} and {row.record_b} {row.decision}: {row.change} by the next run"
    yield from unread_forms(folder)
    absent = received.absent()
    yield f"\nnot given: {', '.join(absent['table'])}" if len(absent) else "\nevery table was given"
    tables = {one.table for one in questionnaires(folder).values()} & set(absent["table"])
    if tables:
        yield f"forms:     rapport ask {folder} writes them for {', '.join(sorted(tables))}"
    yield f"playbook:  {len(plays)} plays, {len(firm.file.plays)} changed for this client"
    yield from _overdue(folder)


def listed_plays(phase: str | None) -> Iterator[str]:
    """The playbook, one play a line: phase, id, status, title."""
    for play in load(library_folder("playbook")):
        if phase in (None, play.phase):
            yield f"{play.phase:8} {play.id:32} {play.status:10} {play.title}"


def _overdue(folder: Path) -> Iterator[str]:
    if due(folder, date.today()):
        until = read_file(folder).retain_until
        yield f"kept too long: the client's data were to be kept until {until}; delete them: rapport purge {folder}"


def compared(folder: Path, one: str | None = None, other: str | None = None) -> Iterator[str]:
    """Two complete runs side by side: figures, parameters and files that differ, the earlier run first.

    Without names: the latest run, and the last one that speaks of an earlier day, or else the one before it. Raises
    RunError where there are no two complete runs, or no run of that name.
    """
    before, now = _two_runs(folder, one, other)
    firm = open_engagement(folder, now.name)
    yield f"{before.name} ({before.manifest['as_of']}) → {now.name} ({now.manifest['as_of']})"
    with speaking(Locale(firm.file.language, firm.file.currency)):
        changed = compare.changes(findings_of(before), findings_of(now))
        for row in in_words(changed).itertuples():
            verdict = f"  [{row.verdict}]" if row.verdict else ""
            yield f"  {row.measure}: {row.before} → {row.now}{f' ({row.change})' if row.change else ''}{verdict}"
    if changed.empty:
        yield "  every figure is the same"
    of = {run.name: run.manifest for run in (before, now)}
    settled = compare.parameters(*(of[run.name].get("parameters", {}) for run in (before, now)))
    for row in settled.itertuples():
        yield f"  parameter {row.parameter}: {row.before or '–'} → {row.now or '–'}"
    for row in compare.files(*(of[run.name].get("inputs", {}) for run in (before, now))).itertuples():
        yield f"  {row.file}: {row.what}"


def _two_runs(folder: Path, one: str | None, other: str | None) -> tuple[Run, Run]:
    whole = {run.name: run for run in complete_runs(folder)}
    for name in (one, other):
        if name is not None and name not in whole:
            raise RunError(
                f"there is no complete run '{name}'.", str(folder / "runs"), did_you_mean(name, list(whole) or ["none"])
            )
    now = whole[other] if other else Run(latest(folder))
    candidates = [run for run in whole.values() if run.name != now.name]
    before = whole[one] if one else earlier_run(folder, now.manifest["as_of"]) or next(reversed(candidates), None)
    if before is None:
        raise RunError(
            "there is only one complete run; nothing can be compared yet.",
            str(folder / "runs"),
            "move as_of in engagement.yml, put the new files into raw/, and run again: rapport run",
        )
    return before, now


def finished(folder: Path, report: Path) -> Iterator[str]:
    """Where everything a run has made for people lies, and what is to be done with it."""
    made = {
        "report": ("index.html", ""),
        "workbook": ("actions.xlsx", ""),
        "review": ("review.xlsx", f"  (who is who: fill in, save as {folder / 'review.xlsx'})"),
        "logs": ("logs.xlsx", f"  (whom to call, whom to leave alone: fill in, save into {folder / 'raw'})"),
    }
    for name, (file, what) in made.items():
        if (report / file).exists():
            yield f"{name + ':':<9} {report / file}{what}"
    yield from _left_out(folder, Run(report.parent).manifest)
    yield from _overdue(folder)


def _left_out(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """What a partial run does not hold, and how to get it."""
    left_out = manifest.get("left_out", [])
    if left_out:
        names = [one.short for one in STAGES]
        changed = names[names.index(left_out[0]) - 1]
        whole = f"rapport run {folder}" + (f" --from-page {changed}" if "started_from" in manifest else "")
        whole += "".join(f" -p '{name}={value}'" for name, value in manifest.get("overrides", {}).items())
        yield f"a partial run, without {', '.join(left_out)}: latest stays as it was. For all pages: {whole}"
