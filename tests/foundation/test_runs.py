"""Runs: what is complete stays; what fails leaves no trace in `latest`; every write is whole or not at all."""

import pandas as pd
import pytest

from rapport.foundation.errors import ContractError, RunError
from rapport.foundation.runs import (
    Run,
    complete_runs,
    finish,
    finish_partly,
    latest_run,
    new_run,
    open_run,
    write_atomically,
)

LINKS = pd.DataFrame(
    {
        "source": ["crm"],
        "record_id": ["1"],
        "customer_id": ["1"],
        "match_prob": [1.0],
        "rule": ["alone"],
        "is_ambiguous": [False],
    }
)


def test_runs_are_numbered_per_day(tmp_path):
    assert new_run(tmp_path, as_of="2026-09-30").name == "2026-09-30-1"
    assert new_run(tmp_path, as_of="2026-09-30").name == "2026-09-30-2"
    assert new_run(tmp_path, as_of="2026-12-31").name == "2026-12-31-1"


def test_latest_moves_only_when_a_run_is_finished(tmp_path):
    first = new_run(tmp_path, as_of="2026-09-30")
    finish(tmp_path, first)
    second = new_run(tmp_path, as_of="2026-09-30")
    assert latest_run(tmp_path) == first.folder
    finish(tmp_path, second)
    assert latest_run(tmp_path) == second.folder
    assert second.manifest["status"] == "complete"


def test_a_table_is_written_with_rows_and_hash_and_read_back(tmp_path):
    run = new_run(tmp_path, as_of="2026-09-30")
    run.write("links", LINKS)
    pd.testing.assert_frame_equal(run.read("links"), LINKS)
    assert run.manifest["tables"]["links"]["rows"] == 1
    assert len(run.manifest["tables"]["links"]["sha256"]) == 64


def test_the_same_table_has_the_same_hash(tmp_path):
    hashes = set()
    for _ in range(2):
        run = new_run(tmp_path, as_of="2026-09-30")
        run.write("links", LINKS)
        hashes.add(run.manifest["tables"]["links"]["sha256"])
    assert len(hashes) == 1


def test_a_table_that_breaks_its_contract_is_not_written(tmp_path):
    run = new_run(tmp_path, as_of="2026-09-30")
    run.write("links", LINKS)
    with pytest.raises(ContractError):
        run.write("links", LINKS.assign(match_prob=2.0))
    assert run.read("links")["match_prob"].tolist() == [1.0]


def test_the_lab_reads_what_it_lacks_from_the_latest_run_and_never_writes_there(tmp_path):
    done = new_run(tmp_path, as_of="2026-09-30")
    done.write("links", LINKS)
    finish(tmp_path, done)
    lab = open_run(tmp_path, "lab")
    assert len(lab.read("links")) == 1
    lab.write("links", LINKS.assign(rule="user"))
    assert lab.read("links")["rule"].tolist() == ["user"]
    assert done.read("links")["rule"].tolist() == ["alone"]


def test_a_partial_run_starts_from_a_copy(tmp_path):
    done = new_run(tmp_path, as_of="2026-09-30")
    done.write("links", LINKS)
    finish(tmp_path, done)
    again = new_run(tmp_path, as_of="2026-09-30", start_from=done.folder)
    again.write("links", LINKS.assign(rule="user"))
    assert done.read("links")["rule"].tolist() == ["alone"]
    assert again.manifest["started_from"] == done.name


def test_unknown_names_are_refused_with_the_closest(tmp_path):
    run = new_run(tmp_path, as_of="2026-09-30")
    with pytest.raises(RunError, match="did you mean 'links'"):
        run.read("linkz")
    with pytest.raises(RunError, match="did you mean '2026-09-30-1'"):
        open_run(tmp_path, "2026-09-30-7")


def test_findings_are_kept_by_page(tmp_path):
    run = Run(tmp_path / "runs" / "x")
    run.write_findings("2_b", [{"id": "b"}])
    run.write_findings("1_a", [{"id": "a"}])
    run.write_findings("2_b", [{"id": "c"}])
    assert [one["id"] for one in run.findings()] == ["a", "c"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("good", "utf-8")

    def breaks(draft):
        draft.write_text("half", "utf-8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, breaks)
    assert path.read_text("utf-8") == "good"
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_that_is_forgotten_leaves_nothing_in_the_run(tmp_path):
    run = new_run(tmp_path, as_of="2026-09-30")
    (run.folder / "pages").mkdir()
    for page in ("1_identify", "2_classify"):
        (run.folder / "pages" / f"{page}.ipynb").write_text("{}", "utf-8")
        run.write_findings(page, [{"id": page}])
        run.note(pages={page: {"status": "complete"}})
    run.write("links", LINKS)
    run.forget("1_identify", ["links", "records"])
    assert run.path("links") is None
    assert run.findings() == [{"id": "2_classify"}]
    assert (run.manifest["tables"], list(run.manifest["pages"])) == ({}, ["2_classify"])
    assert [path.name for path in (run.folder / "pages").iterdir()] == ["2_classify.ipynb"]


def test_a_run_of_some_pages_is_none_of_the_complete_ones(tmp_path):
    whole, part = (new_run(tmp_path, as_of="2026-09-30") for _ in "ab")
    finish(tmp_path, whole)
    finish_partly(part, ["strategy"])
    assert (part.manifest["status"], part.manifest["left_out"]) == ("partial", ["strategy"])
    assert latest_run(tmp_path) == whole.folder
    assert [run.name for run in complete_runs(tmp_path)] == [whole.name]
