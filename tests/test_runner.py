"""Runs: a failed one leaves the last good one in place and says page, heading, error and where the saved page lies."""

import json
import shutil

import nbformat
import pytest

from rapport.foundation.errors import RunError
from rapport.foundation.runs import finish, latest_run, new_run
from rapport.runner import page_parameters, run
from rapport.stages import STAGES


def test_a_run_notes_what_went_in_and_what_came_out(sample_run):
    manifest = sample_run.run.manifest
    assert manifest["status"] == "complete"
    assert [manifest["pages"][one.name]["status"] for one in STAGES] == ["complete"] * len(STAGES)
    assert {"raw/crm_export.xlsx", "engagement.yml"} <= set(manifest["inputs"])
    assert manifest["parameters"]["abc"]["cuts"] == [0.8, 0.95]
    assert all(len(table["sha256"]) == 64 for table in manifest["tables"].values())
    assert latest_run(sample_run.folder) == sample_run.run.folder


def test_every_table_between_pages_is_there(sample_run):
    for one in STAGES:
        for table in one.makes:
            assert sample_run.run.path(table) is not None, table


def test_every_finding_is_whole(sample_run):
    findings = sample_run.findings().values()
    assert len(findings) > 30
    for finding in findings:
        assert finding.as_of
        assert finding.because if finding.status != "ok" else finding.basis


def test_a_failed_page_leaves_the_last_good_run(sample_run):
    folder = sample_run.folder
    page = nbformat.read(sample_run.run.folder / "pages" / "6_acquire.ipynb", as_version=4)
    page.cells = [cell for cell in page.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    page.cells.append(nbformat.v4.new_markdown_cell("## A new idea"))
    page.cells.append(nbformat.v4.new_code_cell("assert 1 == 2, 'not so'"))
    (folder / "notebooks").mkdir(exist_ok=True)
    adapted = folder / "notebooks" / "6_acquire.ipynb"
    nbformat.write(page, adapted)
    before = latest_run(folder)
    try:
        with pytest.raises(RunError) as error:
            run(folder, only=["acquire"])
    finally:
        adapted.unlink()
    assert latest_run(folder) == before
    for words in ("page 'acquire'", "'A new idea'", "not so", "6_acquire.ipynb"):
        assert words in str(error.value)
    failed = sorted((folder / "runs").iterdir())[-1]
    assert json.loads((failed / "manifest.json").read_text("utf-8"))["status"] == "failed"


def test_pages_declare_their_parameters():
    from rapport.foundation.library import library_folder

    for one in STAGES:
        declared = page_parameters(library_folder("notebooks") / one.notebook)
        assert {"engagement", "run"} <= set(declared)


@pytest.fixture
def copy(sample_run, tmp_path):
    """The finished sample in a folder of its own."""
    return shutil.copytree(sample_run.folder, tmp_path / "firm", symlinks=True)


def test_a_page_that_says_the_same_again_leaves_the_report_whole(copy):
    before = latest_run(copy)
    made = run(copy, only=["acquire"])
    assert made.manifest["status"] == "complete"
    assert latest_run(copy) == made.folder != before


def test_later_pages_that_no_longer_agree_are_left_out_and_latest_stays(copy):
    before = latest_run(copy)
    made = run(copy, only=["acquire"], assignments={"data.active_window_days": "180"})
    assert (made.manifest["status"], made.manifest["left_out"]) == ("partial", ["strategy"])
    assert latest_run(copy) == before
    assert made.path("acquisition") is not None
    assert made.path("assignments") is None
    report = (made.folder / "report" / "index.html").read_text("utf-8")
    assert "<dt>Pages not in it</dt><dd>strategy</dd>" in report
    assert "Pages not in it" not in (before / "report" / "index.html").read_text("utf-8")


def test_a_file_that_changed_since_the_run_that_is_copied_is_refused(copy):
    (copy / "decisions.csv").write_text("decided_on,record_a,record_b,decision,before,change,note,sheet\n", "utf-8")
    runs = sorted((copy / "runs").iterdir())
    with pytest.raises(RunError, match="'decisions.csv' has changed since") as error:
        run(copy, from_page="strategy")
    assert "rapport run" in error.value.to_do
    assert sorted((copy / "runs").iterdir()) == runs


@pytest.fixture
def small(tmp_path, small_firm_files):
    """A firm of three customers that declares no as_of; its last order is of 15 September 2026."""
    (tmp_path / "raw").mkdir()
    shutil.copy(small_firm_files / "orders.csv", tmp_path / "raw")
    columns = "{order_id: order, record_id: customer, ordered_on: date, net_amount: amount}"
    source = f"{{table: transactions, file: raw/orders.csv, columns: {columns}}}"
    (tmp_path / "engagement.yml").write_text(
        f"client: Small firm\ncurrency: EUR\ncountry: LT\nsources:\n  shop: {source}\n", "utf-8"
    )
    return tmp_path


def test_the_first_page_needs_no_earlier_run(small):
    made = run(small, only=["identify"])
    assert made.manifest["left_out"] == [one.short for one in STAGES[1:]]
    assert latest_run(small) is None
    assert "Which records are one customer" in (made.folder / "report" / "index.html").read_text("utf-8")
    with pytest.raises(RunError, match="no complete run"):
        run(small, only=["classify"])


def test_new_sales_move_the_day_a_run_speaks_of_where_none_is_declared(small):
    before = new_run(small, as_of="2026-06-15")
    before.note(as_of="2026-06-15")
    finish(small, before)
    made = run(small, only=["identify"])
    assert (made.name, made.manifest["tables"]["transactions"]["rows"]) == ("2026-09-15-1", 12)
