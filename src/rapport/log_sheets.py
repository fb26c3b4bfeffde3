"""The logs of recovery: what is kept after a run, and given back as the client's own tables before the next.

runs/…/report/logs.xlsx      written by a run: whom to call and whom to leave alone, whom to ask why, what to do about it
raw/logs-<as_of>.xlsx        the filled-in copy; its Read-me sheet holds the lines for engagement.yml that read it
"""

from pathlib import Path

import pandas as pd

from .analysis.corrective import register
from .analysis.forms import forms
from .analysis.reasons import asked, reason_table
from .foundation.contracts import TABLES
from .foundation.engagement import Engagement
from .present.words import said
from .present.workbook import Sheet, write_workbook

FILE = "logs.xlsx"
YES_NO = ("yes", "no")
FILLED_BY_US = (
    "experiment_id",
    "play_id",
    "arm",
    "record_source",
    "record_id",
    "started_on",
    "detected_on",
    "reason_code",
)


def write_logs(firm: Engagement) -> Path | None:
    """Write `report/logs.xlsx` of the engagement's run; returns its path, or None where nothing is to be kept."""
    given = firm.given("lost", "customers", "links", "outcomes", "winback_log", "leavers_survey", "corrective_actions")
    if given["lost"] is None:
        return None
    survey, actions = given["leavers_survey"], given.pop("corrective_actions")
    reasons = None if survey is None else register(reason_table(asked(survey)), actions, as_of=firm.as_of)
    filled = forms(**given, register=reasons, as_of=firm.as_of)
    day = f"{firm.as_of:%Y-%m-%d}"
    sheets = {table: _sheet(table, rows, day) for table, rows in filled.items()}
    if not sheets:
        return None
    out = firm.run.folder / "report" / FILE
    return write_workbook(sheets, out, title=said("workbook.logs_title"), client=firm.file.client, as_of=day)


def source_lines(table: str, day: str) -> str:
    """The lines under `sources:` of engagement.yml by which the filled-in sheet is read."""
    columns = ", ".join(f"{name}: {name}" for name in TABLES[table].columns if name != "customer_id")
    return (
        f"  {table}_{day.replace('-', '_')}:\n"
        f"    table: {table}\n    file: raw/logs-{day}.xlsx\n    sheet: {table}\n    columns: {{{columns}}}"
    )


def _sheet(table: str, rows: pd.DataFrame, day: str) -> Sheet:
    about = f"{said(f'workbook.log_{table}')} {said('workbook.give_back', file=f'raw/logs-{day}.xlsx')}\n"
    columns = TABLES[table].columns
    asked = [name for name in rows.columns if name in columns and name not in FILLED_BY_US]
    picks = {name: columns[name].options or (YES_NO if columns[name].unit == "yes/no" else ()) for name in asked}
    return Sheet(rows, about=about + source_lines(table, day), of=table, choices=picks, is_form=True)
