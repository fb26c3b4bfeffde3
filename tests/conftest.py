"""One run of the sample firm, end to end, shared by every test that needs it."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from rapport.foundation.engagement import Engagement, open_engagement

# The same examples in every run, so that a red run can be repeated; no time limits on a machine that may be busy.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"


def copy_of_sample(to: Path) -> Path:
    """The sample engagement without its runs, in a folder of its own."""
    return shutil.copytree(SAMPLE, to, ignore=shutil.ignore_patterns("runs", "latest", ".keys"))


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory) -> Engagement:
    """The sample firm after a complete run: every table, every finding, the report."""
    from rapport.runner import run

    folder = copy_of_sample(tmp_path_factory.mktemp("engagements") / "sample")
    done = run(folder)
    return open_engagement(folder, done.name)


@pytest.fixture(scope="session")
def small_firm_files(tmp_path_factory) -> Path:
    """A folder with the orders of a firm of three customers, small enough to know by heart."""
    folder = tmp_path_factory.mktemp("small")
    lines = ["order,customer,date,amount"]
    lines += [f"{number},{'abc'[number % 3]},2026-0{1 + number % 9}-15,{10 * (number + 1)}.00" for number in range(12)]
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder
