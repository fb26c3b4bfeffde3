"""What customers say of us (BG-14, ET-10, HU-08)."""

import pandas as pd
import pytest

from rapport.analysis import satisfaction
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = {"settings": settings(), "as_of": AS_OF}


@pytest.fixture
def answers(make_table):
    """a answered twice; d's answer comes after as_of."""
    return make_table(
        "satisfaction",
        customer_id=["a", "a", "b", "c", "d", "e"],
        answered_on=["2026-01-01", "2026-08-01", "2026-08-01", "2026-09-25", "2026-10-05", None],
        score=[2, 9, 6, 3, 0, 10],
        stay_reason=["price", None, "Price ", "people", "none", "price"],
        more_from_us=[None, "faster delivery", None, None, None, None],
    )


def test_promoters_and_detractors_by_the_last_score(answers):
    high, low = satisfaction.scores(answers, **DEFAULT)
    assert (high.value, high.n, high.parts["nps"]) == (0.5, 4, 0)
    assert (low.value, low.status) == (0.5, "indicative")


def test_scores_of_one_to_five_are_not_taken_for_ten(answers):
    high, low = satisfaction.scores(answers.assign(score=[1, 5, 4, 3, 2, 5]), **DEFAULT)
    assert high.status == low.status == "not_available"
    assert "compute: {score: 2 * Score}" in high.because
    assert satisfaction.scores(None, **DEFAULT)[0].because == "no table 'satisfaction'"
    assert satisfaction.scores(answers.assign(score=None), **DEFAULT)[1].because == "satisfaction.score is empty"


def test_reasons_to_stay_are_counted_by_customer_whatever_the_writing(answers):
    """ET-10; an answer that was given once stays the customer's until it gives another."""
    table = satisfaction.counted(answers, "stay_reason", as_of=AS_OF)
    assert table[["answer", "customers", "share"]].values.tolist() == [["price", 3, 0.75], ["people", 1, 0.25]]
    assert (table["low"] < table["share"]).all()
    more = satisfaction.counted(answers, "more_from_us", as_of=AS_OF)
    assert more["answer"].tolist() == ["faster delivery"]
    assert satisfaction.counted(answers.iloc[:0], "stay_reason", as_of=AS_OF).empty


def test_a_low_score_nobody_followed_up_within_14_days_is_listed(answers, make_table):
    """BG-14: c's answer is five days old and not judged yet; a call before the answer, or inbound, is no follow-up."""
    contacts = make_table(
        "contacts",
        customer_id="b",
        direction=["out", "in", "out"],
        contacted_on=["2026-07-31", "2026-08-02", "2026-08-16"],
    )
    table = satisfaction.left_alone(answers, contacts, **DEFAULT)
    assert table.values.tolist() == [["b", pd.Timestamp("2026-08-01"), 6.0, 60.0]]
    in_time = contacts.assign(contacted_on=pd.Timestamp("2026-08-15"), direction="out")
    assert satisfaction.left_alone(answers, in_time, **DEFAULT).empty
