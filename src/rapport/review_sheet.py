"""The review sheet: who is who, asked in Excel after every run, and read back from the engagement before the next.

runs/…/report/review.xlsx    written by a run: pairs to decide, the most money first
review.xlsx                  beside engagement.yml: the filled-in copy, which the next run takes in
decisions.csv                the change log the kit keeps of it; what it says holds in every later run
"""

from datetime import date
from pathlib import Path

import pandas as pd

from .analysis.review import DECISIONS, change_log
from .foundation.contracts import TABLES
from .foundation.decisions import FILE, add_to_log, contradiction, overrides, read_log
from .foundation.engagement import Engagement, EngagementFile, read_file
from .foundation.errors import RunError, SettingsError, did_you_mean
from .foundation.intake.excel import ALL_SHEETS, tables_of_workbook
from .foundation.references import records_like
from .foundation.runs import Run, latest_run, sha256
from .present.words import said, words
from .present.workbook import Sheet, write_workbook

SHEET = "review.xlsx"
ASKED = ("record_a", "record_b", "decision", "note")


def write_review(firm: Engagement) -> Path | None:
    """Write `report/review.xlsx` of the engagement's run; returns its path, or None where nothing was to decide."""
    pairs = firm.read_if_given("review")
    if pairs is None:
        return None
    about = said("workbook.review", sheet=SHEET, log=FILE)
    sheets = {"review": Sheet(pairs, about=about, of="review", choices={"decision": DECISIONS, "note": ()})}
    differ = firm.read_or_empty("conflicts")
    if len(differ):
        sheets["conflicts"] = Sheet(differ, about=said("workbook.conflicts"), of="conflicts")
    changed = firm.read_or_empty("spellings")
    if len(changed):
        sheets["names"] = Sheet(changed, about=said("workbook.spellings"), of="spellings")
    out = firm.run.folder / "report" / SHEET
    day = f"{firm.as_of:%Y-%m-%d}"
    return write_workbook(sheets, out, title=said("workbook.review_title"), client=firm.file.client, as_of=day)


def take_in(folder: Path, *, keep: bool = True) -> pd.DataFrame:
    """The decisions of the filled-in sheet beside engagement.yml that change anything, added to the change log.

    One row per decision, as `analysis.review.change_log` gives it; empty when there is no sheet, or when it says nothing
    new: taken in twice it changes nothing more. With `keep=False` nothing is written. Raises SettingsError naming sheet
    and row: another word than the three, a record nobody knows, a pair decided both ways or against other decisions;
    RunError when the sheet is open in Excel.
    """
    path, file, log = folder / SHEET, read_file(folder), read_log(folder)
    answers = _filled(path, folder, file) if path.exists() else pd.DataFrame(columns=list(ASKED))
    merge, split = overrides(log, merge=file.merge, split=file.split)
    made = change_log(answers, merge=merge, split=split, decided_on=pd.Timestamp(date.today()))
    made = made[made["change"] != "none"].reset_index(drop=True)
    against = contradiction(*overrides(made, merge=merge, split=split)) if len(made) else None
    if against:
        raise SettingsError(
            f"{against[0]} and {against[1]} are decided to be different, but other decisions make them one.",
            str(path),
            f"change one of the decisions in the sheet, or in {FILE} and engagement.yml where earlier ones stand.",
        )
    if keep and len(made):
        add_to_log(folder, made, sheet=sha256(path)[:12])
    return made


def _filled(path: Path, folder: Path, file: EngagementFile) -> pd.DataFrame:
    """The sheet's answers, its index the rows of the sheet; rows without an answer are left out."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RunError(
            f"the review sheet cannot be opened: {error.strerror}.", str(path), "close it in Excel."
        ) from None
    headings = {words(file.language).heading(column): column for column in TABLES["review"].columns}
    sheets = tables_of_workbook(content, file=path.name, wanted=tuple(headings), sheet=ALL_SHEETS)
    tables = [one.frame.astype(object).rename(columns=headings).set_axis(one.lines, axis=0) for one in sheets]
    best = max(tables, key=lambda table: len(set(ASKED) & set(table.columns)), default=pd.DataFrame())
    absent = [column for column in ASKED if column not in best.columns]
    if absent:
        raise SettingsError(
            f"the review sheet has no column '{words(file.language).heading(absent[0])}'.",
            str(path),
            f"copy report/{SHEET} of the last run here again, and fill in its grey columns only.",
        )
    answers = best[list(ASKED)].fillna("").astype(str)
    answers = answers[answers["decision"].str.strip() != ""]
    known = _known(folder)
    for row, answer in answers.iterrows():
        for record in (answer["record_a"], answer["record_b"]):
            if known and record not in known:
                raise SettingsError(
                    f"'{record}' is the record of nobody.",
                    f"{path}, row {row}",
                    did_you_mean(record, records_like(record, known)),
                )
    return answers


def _known(folder: Path) -> set[str]:
    """Every record of the last complete run, as source:record_id; none before there was one."""
    last = latest_run(folder)
    links = Run(last).read("links") if last is not None else None
    return set() if links is None else set(links["source"] + ":" + links["record_id"])
