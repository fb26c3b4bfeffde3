"""The end of an engagement: what goes, what stays, and never a day too early."""

from datetime import date
from pathlib import Path

import pytest

from rapport.foundation.errors import SettingsError
from rapport.purge import due, purge

ENGAGEMENT = """client: Small firm
currency: EUR
country: LT
retain_until: 2026-12-31
sources:
  shop: {table: transactions, file: raw/orders.csv, columns: {ordered_on: date, net_amount: amount}}
"""
STAY = {
    "engagement.yml",
    "notes.md",
    "runs/2026-09-30-1/report/index.html",
    "runs/2026-09-30-1/manifest.json",
    "latest",
}
GO = {
    "raw/orders.csv", "raw/deep/more.csv", "review.xlsx", "decisions.csv", ".keys/pseudonyms", "notebooks/3_value.ipynb",
    "runs/2026-09-30-1/results/customers.parquet", "runs/2026-09-30-1/report/actions.xlsx", "runs/lab/results/links.parquet",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in (STAY | GO) - {"latest"}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, "utf-8")
    (tmp_path / "engagement.yml").write_text(ENGAGEMENT, "utf-8")
    (tmp_path / "latest").symlink_to("runs/2026-09-30-1", target_is_directory=True)
    return tmp_path


def left(folder: Path) -> set[str]:
    """Files and links of the folder; a link to a folder counts once."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if (path.is_file() or path.is_symlink()) and "latest" not in path.relative_to(folder).parts[:-1]
    }


def test_the_report_the_notes_and_a_log_of_what_went_stay(folder):
    said = list(purge(folder, today=date(2027, 1, 1), really=True))
    assert left(folder) == STAY | {"purged.md"}
    assert not (folder / "raw").exists()
    assert (folder / "latest" / "report" / "index.html").exists()
    log = (folder / "purged.md").read_text("utf-8")
    assert all(name in log for name in GO)
    assert said[-1].startswith(f"{len(GO)} files deleted")
    assert list(purge(folder, today=date(2027, 1, 2), really=True)) == ["nothing is left to delete."]


def test_without_yes_nothing_is_deleted_and_everything_is_named(folder):
    said = list(purge(folder, today=date(2027, 1, 1), really=False))
    assert left(folder) == STAY | GO
    assert {line.removeprefix("would be deleted: ") for line in said[:-1]} == GO


@pytest.mark.parametrize(("old", "words"), [("retain_until: 2026-12-31\n", "no day is set"), ("", "until 2026-12-31")])
def test_never_before_the_day(folder, old, words):
    path = folder / "engagement.yml"
    path.write_text(ENGAGEMENT.replace(old, "") if old else ENGAGEMENT, "utf-8")
    with pytest.raises(SettingsError, match=words):
        list(purge(folder, today=date(2026, 12, 31), really=True))
    assert left(folder) == STAY | GO


def test_what_a_link_points_to_outside_is_not_touched(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("elsewhere") / "theirs.csv"
    outside.write_text("1", "utf-8")
    (folder / "raw" / "link.csv").symlink_to(outside)
    (folder / "raw" / "linked").symlink_to(outside.parent, target_is_directory=True)
    list(purge(folder, today=date(2027, 1, 1), really=True))
    assert outside.read_text("utf-8") == "1"
    assert not (folder / "raw").exists()


def test_it_is_due_the_day_after(folder):
    assert not due(folder, date(2026, 12, 31))
    assert due(folder, date(2027, 1, 1))
