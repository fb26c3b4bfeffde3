"""Problems of customers: who speaks first, and how long departments take (BG-14, HU-28, HU-29)."""

import pandas as pd
import pytest

from rapport.analysis import issues
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = {"settings": settings(), "as_of": AS_OF}


@pytest.fixture
def log(make_table):
    """Four problems the customer knows of, three told first, one after it complained; one nobody spoke of; one of two
    years ago.
    """
    return make_table(
        "issues",
        customer_id=["a", "b", "c", "d", "e", "f"],
        department_id=["X", "X", "X", "Y", "Y", "X"],
        opened_on=["2026-09-01", "2026-09-01", "2026-08-01", "2026-09-20", "2026-09-25", "2024-01-01"],
        told_on=["2026-09-03", "2026-09-03", "2026-08-20", "2026-09-20", None, None],
        complained_on=[None, "2026-09-03", "2026-08-05", "2026-09-28", None, None],
        closed_on=["2026-09-11", "2026-09-11", None, None, "2026-10-20", None],
    )


def test_three_of_four_problems_were_told_before_the_customer_complained(log):
    """HU-29: 75 %; on the same day counts as told, and what nobody spoke of does not count."""
    found = issues.told_first(log, **DEFAULT)
    assert (found.value, found.n, found.parts["untold"]) == (0.75, 4, 1)
    assert found.low < 0.75 < found.high


def test_a_problem_of_day_1_told_on_day_3_took_two_days(log):
    found = issues.days_to_tell(log.iloc[:1], **DEFAULT)
    assert (found.value, found.n, found.status, found.low) == (2.0, 1, "indicative", None)
    assert issues.days_to_tell(log, **DEFAULT).value == 2.0


def test_by_department_opened_on_day_1_and_closed_on_day_11_is_ten_days(log):
    """BG-14; a closing of after as_of has not happened yet, an old issue of another year is not of this window."""
    table = issues.by_department(log, **DEFAULT).set_index("department_id")
    columns = ["opened", "open", "overdue", "median_days"]
    assert table.loc["X", columns].tolist() == [3, 1, 1, 10.0]
    assert table.loc["Y", ["opened", "open", "overdue"]].tolist() == [2, 2, 0]
    assert pd.isna(table.loc["Y", "median_days"])
    assert table["told_first_share"].tolist() == [pytest.approx(2 / 3), 1.0]


def test_the_head_of_the_department_is_named(log, make_table):
    departments = make_table("departments", department_id=["X"], name=["North"], head_id=["m7"])
    table = issues.by_department(log, departments, **DEFAULT).set_index("department_id")
    assert table["manager_id"].fillna("").to_dict() == {"X": "m7", "Y": ""}


def test_overdue_issues_are_listed_oldest_first_whenever_they_were_opened(log):
    table = issues.overdue(log, **DEFAULT)
    assert table["customer_id"].tolist() == ["f", "c"]
    assert table["open_days"].tolist() == [1003, 60]


def test_nothing_given_is_said(log):
    assert issues.told_first(None, **DEFAULT).because == "no table 'issues'"
    assert issues.days_to_tell(None, **DEFAULT).because == "no table 'issues'"
    silent = log.assign(told_on=pd.NaT, complained_on=pd.NaT)
    assert "whether the customer was told" in issues.told_first(silent, **DEFAULT).because
    assert "when the customer was told" in issues.days_to_tell(silent, **DEFAULT).because
