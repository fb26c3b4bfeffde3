"""What commands print: two runs side by side, and what came in."""

from dataclasses import replace
from pathlib import Path

import pytest

from rapport.console import checked, compared, finished
from rapport.foundation.engagement import open_engagement
from rapport.foundation.errors import RunError
from rapport.foundation.finding import Finding
from rapport.foundation.runs import finish, finish_partly, new_run

ENGAGEMENT = """client: Small firm
currency: EUR
country: LT
as_of: 2026-09-30
sources:
  shop: {table: transactions, file: raw/orders.csv, columns: {ordered_on: date, net_amount: amount}}
"""
RATE = Finding(
    id="retention.cohort", unit="share", value=0.5, low=0.45, high=0.55, level=0.95, n=90, basis="x", as_of="2026-06-30"
)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "engagement.yml").write_text(ENGAGEMENT, "utf-8")
    return tmp_path


def ran(folder: Path, as_of: str, *findings: Finding, cuts=(0.8, 0.95), sha="1", done=True):
    run = new_run(folder, as_of=as_of)
    run.note(as_of=as_of, parameters={"abc": {"cuts": cuts}}, inputs={"raw/orders.csv": {"sha256": sha}})
    run.write_findings("4_retain", [one.to_dict() for one in findings])
    if done:
        finish(folder, run)
    return run


def test_figures_parameters_and_files_that_differ_from_the_run_of_an_earlier_day(folder):
    ran(folder, "2026-06-30", RATE)
    ran(folder, "2026-06-30", RATE)
    ran(folder, "2026-07-31", done=False)
    last = replace(RATE, value=0.7, low=0.62, high=0.77)
    ran(folder, "2026-09-30", last, cuts=(0.7, 0.95), sha="2")
    ran(folder, "2026-09-30", last, cuts=(0.7, 0.95), sha="2")
    first, *lines = (line.replace("\N{NO-BREAK SPACE}", " ") for line in compared(folder))
    assert first == "2026-06-30-2 (2026-06-30) → 2026-09-30-2 (2026-09-30)"
    assert lines[0].endswith(": 50% → 70% (+20.0 points)  [intervals apart]")
    assert lines[1:] == ["  parameter abc.cuts: 0.8, 0.95 → 0.7, 0.95", "  raw/orders.csv: changed"]
    same = list(compared(folder, "2026-09-30-1", "2026-09-30-2"))
    assert same[1:] == ["  every figure is the same"]


def test_without_an_earlier_day_the_run_before_is_compared_and_one_run_is_not_enough(folder):
    ran(folder, "2026-09-30", RATE)
    with pytest.raises(RunError, match="only one complete run"):
        list(compared(folder))
    ran(folder, "2026-09-30", RATE)
    assert next(compared(folder)).startswith("2026-09-30-1 ")
    with pytest.raises(RunError, match="no complete run '2026-09-30-3'"):
        list(compared(folder, "2026-09-30-3"))


def test_an_engagement_knows_its_earlier_report(folder):
    assert open_engagement(folder).earlier is None
    ran(folder, "2026-06-30", RATE)
    ran(folder, "2026-09-30", RATE)
    firm = open_engagement(folder)
    assert firm.earlier.name == "2026-06-30-1"
    assert firm.findings(firm.earlier)["retention.cohort"].value == 0.5


def test_payers_no_record_matches_are_named_with_their_money(folder):
    (folder / "raw").mkdir()
    (folder / "raw" / "crm.csv").write_text("id,name\n1,Alfa\n", "utf-8")
    paid = "date,amount,payer\n2026-01-05,10.00,UAB Alfa\n2026-01-06,5.00,Delta\n2026-01-07,20.50,Beta\n"
    (folder / "raw" / "orders.csv").write_text(paid, "utf-8")
    declared = ENGAGEMENT.replace("columns:", "records: crm, payer: {name: payer}, columns:")
    declared += "  crm: {table: records, file: raw/crm.csv, columns: {record_id: id, name: name}}\n"
    (folder / "engagement.yml").write_text(declared, "utf-8")
    lines = [line for line in checked(folder) if line.startswith("  no record")]
    assert lines == ["  no record BETA: 1 rows, 20.50", "  no record DELTA: 1 rows, 5.00"]


def test_a_partial_run_says_what_it_lacks_and_how_to_get_it(folder):
    first = new_run(folder, as_of="2026-09-30")
    finish_partly(first, ["classify", "strategy"])
    (line,) = finished(folder, first.folder / "report")
    assert "without classify, strategy: latest stays as it was" in line
    assert line.endswith(f"rapport run {folder}")
    copied = new_run(folder, as_of="2026-09-30", start_from=first.folder)
    copied.note(overrides={"abc.cuts": [0.7, 0.95]})
    finish_partly(copied, ["retain"])
    (line,) = finished(folder, copied.folder / "report")
    assert line.endswith(f"rapport run {folder} --from-page value -p 'abc.cuts=[0.7, 0.95]'")
    whole = ran(folder, "2026-09-30", RATE)
    assert list(finished(folder, whole.folder / "report")) == []
