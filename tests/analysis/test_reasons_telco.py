"""Reasons of real leavers (IBM's Telco sample), where the data lie beside the repository."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from rapport.analysis import reasons
from rapport.foundation.settings import settings

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import telco_reasons  # noqa: E402

pytestmark = pytest.mark.skipif(
    not telco_reasons.FILE.exists(),
    reason=f"{telco_reasons.FILE.relative_to(ROOT.parent)} is not beside the repository",
)


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    return telco_reasons.leavers()


def test_twenty_reasons_of_1869_leavers(survey):
    table = reasons.reason_table(survey)
    assert (len(table), table["leavers"].sum()) == (20, 1869)
    assert (table.loc[0, "reason"], table.loc[0, "leavers"]) == ("Attitude of support person", 192)
    assert ((table["low"] < table["share"]) & (table["share"] < table["high"])).all()
    assert table["share"].sum() == pytest.approx(1.0)


def test_own_doing_and_competitors_are_told_apart(survey):
    found = reasons.attribution(survey, settings=settings(), as_of=telco_reasons.AS_OF)
    assert (found.n, found.parts["u"]) == (1715, 154)
    assert found.parts["ours"] == 1035
    assert found.parts["verdict"] == "supports"
    table = reasons.attributions(survey).set_index("attribution")
    assert table.loc["competitor", "leavers"] == 621
    assert table["known_share"].sum() == pytest.approx(1.0)
