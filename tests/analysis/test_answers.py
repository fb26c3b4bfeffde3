import pandas as pd
import pytest

from rapport.analysis import answers
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


def test_expected_value_and_the_drawn_share_of_a_reason():
    """HU-46: 0.25 × 2 000 − 150 = 350; 1 of 3, prior .25 weight 8 → 27.3 %."""
    assert answers.expected_gain(0.25, 2000, 150) == 350
    assert answers.shrunk(1, 3, 0.25, 8) == pytest.approx(0.273, abs=5e-4)


def test_three_ways_by_what_if():
    said = pd.DataFrame(
        {
            "three_way": ["terms", "terms", "service", "need_gone", None],
            "what_if": ["would_return", None, "maybe", "lost", "lost"],
        }
    )
    table = answers.three_ways(said).set_index("three_way")
    assert table["leavers"].to_dict() == {"terms": 2, "service": 1, "need_gone": 1}
    assert table.loc["terms", ["would_return", "maybe", "lost", "unknown"]].tolist() == [1, 0, 0, 1]


def test_no_answers_are_no_zeros():
    assert answers.three_ways(pd.DataFrame({"three_way": [None], "what_if": ["lost"]})).empty


def test_returns_by_reason_are_drawn_to_the_overall_share():
    log = pd.DataFrame(
        {
            "customer_id": list("abcdefgh"),
            "status": ["returned", "contacted", "unreachable", "returned", *["contacted"] * 3, "to_contact"],
        }
    )
    said = pd.DataFrame({"customer_id": list("abc") + list("defg"), "three_way": ["terms"] * 3 + ["service"] * 4})
    lost = pd.DataFrame({"customer_id": ["a", "b"], "remaining_value": [100.0, 300.0]})
    table = answers.returns_by_reason(log, said, lost, settings=DEFAULT).set_index("three_way")
    assert table["contacted"].to_dict() == {"terms": 3, "service": 4, "need_gone": 0}
    overall = 2 / 7
    assert table.loc["terms", "return_share"] == pytest.approx((1 + 8 * overall) / 11)
    assert table.loc["need_gone", ["return_share", "expected_gain"]].isna().all()
    assert table.loc["terms", "expected_gain"] == pytest.approx((1 + 8 * overall) / 11 * 200 - 15)
    assert pd.isna(table.loc["service", "expected_gain"])
    assert answers.returns_by_reason(log.tail(1), said, settings=DEFAULT).empty


def test_a_goodbye_asks_for_an_introduction_only_when_the_need_is_gone():
    """HU-47: need gone → ask = true; else ask nothing."""
    log = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "status": ["refused_permanent"] * 2 + ["contacted"],
            "contacted_on": pd.to_datetime(["2026-01-10", "2026-06-10", "2026-06-10"]),
        }
    )
    bought = pd.DataFrame({"customer_id": ["a", "b"], "ordered_on": pd.to_datetime(["2026-05-01", "2026-05-01"])})
    said = pd.DataFrame({"customer_id": ["a", "b"], "three_way": ["need_gone", "terms"]})
    advice = pd.DataFrame({"customer_id": ["b", "b"], "referred_on": pd.to_datetime(["2026-07-01", "2026-05-01"])})
    table = answers.goodbyes(log, bought, said, advice, as_of=AS_OF).set_index("customer_id")
    assert table["ask_introduction"].to_dict() == {"a": True, "b": False}
    assert table["is_back"].to_dict() == {"a": True, "b": False}
    assert table["next_check_on"].dt.strftime("%Y-%m-%d").to_dict() == {"a": "2027-01-10", "b": "2026-12-10"}
    assert table["referrals"].to_dict() == {"a": 0, "b": 1}
