"""The experiment in a box goes round: drawn, logged in Excel, given back, read out, and a play is validated by it."""

import openpyxl
import pandas as pd
import pytest
import yaml

from rapport import log_sheets
from rapport.analysis import evidence, experiment, identity, reasons
from rapport.foundation.contracts import TABLES
from rapport.foundation.engagement import Engagement, open_engagement

YAML = """client: Small
currency: EUR
country: LT
as_of: 2026-06-30
parameters: {recover: {holdout_share: 0.5}}
sources:
  crm: {table: records, file: raw/crm.csv, columns: {record_id: id, name: name}}
  sales: {table: transactions, file: raw/sales.csv, records: crm, columns: {record_id: id, ordered_on: day, net_amount: sum}}
"""
PLAY = "pull-up-lapsed"
LEAST = {
    "is_disputed": False, "silent_days": 300.0, "remaining_value": 900.0, "value_at_risk": 500.0,
    "value_basis": "net sales", "return_prob": 0.1, "winback_value": 30.0, "play_id": PLAY, "outlook": "permanent",
}  # fmt: skip


@pytest.fixture
def firm(tmp_path) -> Engagement:
    """Two hundred lost customers who bought once a year ago, after a run that drew half of them as control."""
    (tmp_path / "raw").mkdir()
    ids = [f"{number:03d}" for number in range(200)]
    _sales(tmp_path, pd.DataFrame({"id": ids, "day": "2025-06-30", "sum": 100}))
    pd.DataFrame({"id": ids, "name": [f"Kovács {name}" for name in ids]}).to_csv(tmp_path / "raw/crm.csv", index=False)
    (tmp_path / "engagement.yml").write_text(YAML, "utf-8")
    opened = open_engagement(tmp_path)
    names = pd.DataFrame({"customer_id": [f"crm:{name}" for name in ids]})
    lost = TABLES["lost"].complete(names.assign(state="lost", rank=range(1, 201), **LEAST))
    classes = names.assign(abc="C", key_scope="")
    drawn = experiment.holdout(lost, classes, settings=opened.settings)
    customers = TABLES["customers"].complete(names.assign(name=[f"Kovács {name}" for name in ids], records=1))
    links = names.assign(source="crm", record_id=ids, match_prob=1.0, rule="alone", is_ambiguous=False)
    opened.write(lost=drawn, customers=customers, links=links[list(TABLES["links"].columns)])
    log_sheets.write_logs(opened)
    return opened


def _sales(folder, rows: pd.DataFrame) -> None:
    rows.to_csv(folder / "raw/sales.csv", index=False)


def _given_back(firm: Engagement, as_of: str, *tables: str) -> Engagement:
    """The engagement of the next run: the logs saved into raw/, and their lines put below `sources:`."""
    (firm.folder / "raw/logs-2026-06-30.xlsx").write_bytes((firm.run.folder / "report/logs.xlsx").read_bytes())
    lines = [log_sheets.source_lines(table, "2026-06-30") for table in tables]
    text = YAML.replace("as_of: 2026-06-30", f"as_of: {as_of}") + "\n".join(lines) + "\n"
    (firm.folder / "engagement.yml").write_text(text, "utf-8")
    return open_engagement(firm.folder)


def test_the_workbook_says_how_to_give_it_back(firm):
    book = openpyxl.load_workbook(firm.run.folder / "report" / "logs.xlsx")
    assert {"experiments", "winback_log", "leavers_survey"} <= set(book.sheetnames)
    told = "\n".join(str(cell.value) for row in book["Read me"] for cell in row if cell.value)
    assert yaml.safe_load(log_sheets.source_lines("experiments", "2026-06-30")).popitem()[1]["sheet"] == "experiments"
    assert log_sheets.source_lines("experiments", "2026-06-30") in told
    assert "raw/logs-2026-06-30.xlsx" in told
    headings = [cell.value for cell in book["experiments"][1]]
    assert headings == ["name", *(name for name in TABLES["experiments"].columns if name != "customer_id")]
    assert {rule.type for rule in book["winback_log"].data_validations.dataValidation} == {"list"}


def test_whoever_is_left_alone_by_lot_is_neither_called_nor_asked(firm):
    book = openpyxl.load_workbook(firm.run.folder / "report" / "logs.xlsx")
    lost = firm.read("lost")
    control = set(lost.loc[lost["arm"].eq("control"), "customer_id"].str.removeprefix("crm:"))
    assert len(control) == 100
    for sheet in ("winback_log", "leavers_survey"):
        headings = [cell.value for cell in book[sheet][1]]
        listed = {row[headings.index("record_id")] for row in book[sheet].iter_rows(min_row=2, values_only=True)}
        assert len(listed - {None}) == 100
        assert not listed & control


def test_a_play_becomes_validated_by_what_the_customers_bought(firm):
    """LT-17 end to end: 30 of 100 treated against 15 of 100 left alone → +15 points [3.4, 26.1], validated."""
    lost = firm.read("lost").sort_values("customer_id")
    arms = {arm: part["customer_id"].str.removeprefix("crm:").tolist() for arm, part in lost.groupby("arm")}
    came = arms["treated"][:30] + arms["control"][:15]
    before = pd.read_csv(firm.folder / "raw/sales.csv", dtype=str)
    _sales(firm.folder, pd.concat([before, pd.DataFrame({"id": came, "day": "2026-08-15", "sum": 50})]))
    early = _given_back(firm, "2026-08-31", "experiments")
    assert set(_outcomes(early)["read_from"]) == {"too_early"}

    later = _given_back(firm, "2026-09-30", "experiments")
    read = _outcomes(later)
    assert len(read) == 200
    (found,) = experiment.read_out(read, settings=later.settings, as_of=later.as_of)
    assert found.id == f"experiment.{PLAY}"
    assert found.value == pytest.approx(0.15)
    assert [round(100 * end, 1) for end in (found.low, found.high)] == [3.4, 26.1]
    assert found.parts["verdict"] == "validated"
    shown = evidence.evidence(read, settings=later.settings)
    before, after = ({play.id: play for play in plays}[PLAY] for plays in (later.plays, _proven(later, shown)))
    assert (before.status, after.status) == ("unproven", "validated")
    assert after.effect.source == "experiment:winback-2026-06-30"


def _outcomes(firm: Engagement) -> pd.DataFrame:
    received = firm.receive()
    links = firm.read("links")
    tables = identity.resolved_tables(received.tables, links)
    bought = tables["transactions"][["customer_id", "ordered_on"]].drop_duplicates()
    return experiment.outcomes(tables["experiments"], bought, firm.plays, as_of=firm.as_of)


def _proven(firm: Engagement, shown: pd.DataFrame):
    return evidence.proven(firm.plays, shown, settings=firm.settings)


def test_a_form_nobody_filled_in_speaks_for_nobody(firm):
    left = TABLES["leavers_survey"].complete(pd.DataFrame({"record_id": ["900"], "reason_code": ["late_delivery"]}))
    firm.write(leavers_survey=left.assign(asked_on=pd.Timestamp("2026-06-01"), is_answered=True))
    log_sheets.write_logs(firm)
    again = _given_back(firm, "2026-09-30", "leavers_survey", "winback_log", "corrective_actions")
    received = again.receive()
    asked = reasons.asked(received["leavers_survey"])
    assert len(received["leavers_survey"]) == 100
    assert reasons.response(asked, settings=again.settings, as_of=again.as_of).status == "not_available"
    assert received["winback_log"]["status"].eq("to_contact").all()
    assert received["corrective_actions"]["reason_code"].tolist() == ["late_delivery"]
