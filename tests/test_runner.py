"""Runs: a failed one leaves the last good one in place and says page, heading, error and where the saved page lies."""

import json

import nbformat
import pytest

from rapport.foundation.errors import RunError
from rapport.foundation.runs import latest_run
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
