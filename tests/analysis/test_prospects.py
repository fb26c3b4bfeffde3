import numpy as np
import pandas as pd
import pytest

from rapport.analysis import prospects
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


def listed(n: int, **columns) -> pd.DataFrame:
    base = dict.fromkeys(
        ["name", "tax_id", "email", "sector", "size", "region", "source_type", "source", "stage", "converted_record_id"]
    )
    return pd.DataFrame({"prospect_id": [f"p{i:03d}" for i in range(n)]}).assign(**(base | columns))


OURS = pd.DataFrame({"tax_id": ["LT 123", None], "email": [None, "Info@Firm.lt"], "sector": ["wood", "steel"]})
HISTORY = pd.DataFrame(
    {
        "orders_recent": [2, 1, 0],
        "net_recent": [1200.0, 400.0, 0.0],
        "net_total": [1200.0, 400.0, 50.0],
        "margin_total": [600.0, 200.0, 25.0],
    }
)
PROFILE = pd.DataFrame(
    {
        "attribute": ["sector", "sector", "size"],
        "attribute_value": ["wood", "steel", "large"],
        "log_lift": [1.0, -0.5, 0.25],
    }
)


def test_a_prospect_that_is_a_customer_is_removed_and_counted():
    """LT-21: prospect equal to customer (tax id) → excluded, count 1."""
    rows = listed(4, tax_id=["lt123", None, "LT9", None], email=[None, "info@firm.lt ", None, None])
    rows.loc[3, "stage"] = "won"
    found = prospects.duplicates(rows, OURS, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n) == (3, 4)
    ranked = prospects.prospects_ranked(rows, PROFILE, OURS, HISTORY, settings=DEFAULT)
    assert ranked["prospect_id"].tolist() == ["p002"]


def test_prospects_like_the_best_come_first_with_their_reasons():
    rows = listed(
        4,
        sector=["steel", "wood", None, "glass"],
        size=[None, "large", None, None],
        stage=[None, None, None, "Refused"],
    )
    ranked = prospects.prospects_ranked(rows, PROFILE, OURS, HISTORY, settings=DEFAULT)
    assert ranked["prospect_id"].tolist() == ["p001", "p002", "p000"]
    assert ranked["score"].tolist() == [1.25, 0.0, -0.5]
    assert ranked["rank"].tolist() == [1, 2, 3]
    assert ranked.loc[0, "why"] == "sector wood +1.00, size large +0.25, region unknown"
    assert ranked["expected_value"].isna().all()
    new_market = prospects.prospects_ranked(rows.assign(stage=None), PROFILE, OURS, HISTORY, settings=DEFAULT)
    assert "no customer in sector glass" in new_market.set_index("prospect_id").loc["p003", "why"]


def test_expected_value_is_conversion_times_contribution():
    known = settings({"acquire.conversion": 0.05})
    ranked = prospects.prospects_ranked(listed(1), PROFILE, OURS, HISTORY, settings=known)
    assert ranked["expected_value"].iloc[0] == pytest.approx(0.05 * 400 * 365.25 / 365)


def test_market_of_120_prospects():
    """LT-19: 120 × 5 % × 400 = 2 400."""
    known = settings({"acquire.conversion": 0.05, "data.active_window_days": 365})
    found = prospects.market_size(listed(120), OURS, HISTORY, settings=known, as_of=AS_OF)
    assert found.value == pytest.approx(2400, rel=0.001)
    assert found.status == "indicative"
    assert "assumption" in found.because


def test_market_size_says_what_is_missing():
    assert (
        "acquire.conversion" in prospects.market_size(listed(9), OURS, HISTORY, settings=DEFAULT, as_of=AS_OF).because
    )
    known = settings({"acquire.conversion": 0.05})
    bare = HISTORY.assign(margin_total=np.nan)
    assert "margin" in prospects.market_size(listed(9), OURS, bare, settings=known, as_of=AS_OF).because
    assert prospects.market_size(None, OURS, HISTORY, settings=known, as_of=AS_OF).because == "no table 'prospects'"


def test_two_of_ten_referred_prospects_convert():
    """LT-22: 2 of 10 referral prospects convert → 20 % [6–51 %]."""
    rows = listed(12, source_type=["referral"] * 10 + ["press"] * 2)
    rows.loc[:1, "converted_record_id"] = ["7", "8"]
    paid = pd.DataFrame({"purpose": ["acquire"], "channel": ["referral"], "amount": [300.0]})
    table = prospects.conversions(rows, paid).set_index("source_type")
    assert table.loc["referral", "share"] == 0.2
    assert [round(100 * end) for end in table.loc["referral", ["low", "high"]]] == [6, 51]
    assert table.loc["referral", "cost"] == 150
    assert table.loc["catalogue", "listed"] == 0
    assert pd.isna(table.loc["catalogue", "share"])


def test_own_outcomes_count_only_prospects_worked_on():
    rows = listed(10, stage=["won"] + ["contacted"] * 3 + ["identified"] * 6)
    rate = prospects.conversion(rows, settings=DEFAULT)
    assert (rate["share"], rate["n"], rate["source"]) == (0.25, 4, "own prospects")


def test_penetration_by_sector():
    rows = listed(4, sector=["wood", "wood", "wood", "glass"])
    table = prospects.penetration(rows, OURS).set_index("sector")
    assert table["share"].to_dict() == {"glass": 0.0, "wood": 0.25, "steel": 1.0}


def test_chapman_from_two_overlapping_lists():
    """LT-23: n1 = 60, n2 = 40, m = 20 → 118.1 (known union 80), 95 % 90–146."""
    estimate, low, high = prospects.chapman(60, 40, 20)
    assert estimate == pytest.approx(118.1, abs=0.05)
    assert (round(low), round(high)) == (90, 146)
    rows = listed(
        100, tax_id=[str(i) for i in range(60)] + [str(i) for i in range(40, 80)], source=["a"] * 60 + ["b"] * 40
    )
    found = prospects.market_count(rows, settings=DEFAULT, as_of=AS_OF)
    assert found.value == pytest.approx(118.1, abs=0.05)
    assert found.parts == {"first": 60, "second": 40, "both": 20, "known": 80}


def test_a_small_overlap_is_indicative_and_one_list_tells_nothing():
    rows = listed(
        20, tax_id=[str(i) for i in range(10)] + [str(i) for i in range(5, 15)], source=["a"] * 10 + ["b"] * 10
    )
    assert prospects.market_count(rows, settings=DEFAULT, as_of=AS_OF).status == "indicative"
    assert prospects.market_count(rows.head(10), settings=DEFAULT, as_of=AS_OF).status == "not_available"
