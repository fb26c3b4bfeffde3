"""What commands print: lists as lines of plain text."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from .foundation.engagement import open_engagement
from .foundation.library import library_folder
from .foundation.playbook import load
from .review_sheet import SHEET, take_in


def checked(folder: Path) -> Iterator[str]:
    """Every source of the engagement as read: rows in and out, money, period, what was treated, what was not given."""
    firm = open_engagement(folder)
    received, plays = firm.receive(), firm.plays
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
        for row in intake.quality.itertuples():
            amount = "" if pd.isna(row.amount) else f", {row.amount:,.2f}"
            yield f"  {row.severity:9} {row.check}: {row.rows:,} rows{amount} — {row.treatment}"
    for row in take_in(folder, keep=False).itertuples():
        yield f"\n{SHEET}: {row.record_a} and {row.record_b} {row.decision}: {row.change} by the next run"
    absent = received.absent()
    yield f"\nnot given: {', '.join(absent['table'])}" if len(absent) else "\nevery table was given"
    yield f"playbook:  {len(plays)} plays, {len(firm.file.plays)} changed for this client"


def listed_plays(phase: str | None) -> Iterator[str]:
    """The playbook, one play a line: phase, id, status, title."""
    for play in load(library_folder("playbook")):
        if phase in (None, play.phase):
            yield f"{play.phase:8} {play.id:32} {play.status:10} {play.title}"


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
