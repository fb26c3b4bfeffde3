from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import winback
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


def rows(**columns) -> pd.DataFrame:
    base = {
        "alive_prob": np.nan,
        "clv": np.nan,
        "return_prob": np.nan,
        "margin_total": np.nan,
        "net_total": 1000.0,
        "span_days": 100.0,
    }
    return pd.DataFrame({name: [value] for name, value in (base | columns).items()})


def test_remaining_value_by_forecast_by_margin_and_by_sales():
    forecast = winback.at_risk(rows(alive_prob=0.2, clv=50.0), settings=DEFAULT).iloc[0]
    assert (forecast["remaining_value"], forecast["value_at_risk"]) == (250.0, pytest.approx(200.0))
    pace = winback.at_risk(rows(margin_total=400.0, span_days=730.5, return_prob=0.25), settings=DEFAULT).iloc[0]
    assert (pace["remaining_value"], pace["value_at_risk"]) == (pytest.approx(200.0), pytest.approx(150.0))
    assert pace["value_basis"] == "contribution at its former pace"
    sales = winback.at_risk(rows(), settings=DEFAULT).iloc[0]
    assert sales["remaining_value"] == pytest.approx(1000 * 365.25 / 365)
    assert sales["value_basis"] == "net sales at its former pace"
    typed = winback.at_risk(rows(), settings=settings({"value.margin_share": 0.3})).iloc[0]
    assert typed["value_basis"] == "contribution at its former pace"


def test_a_model_to_which_everybody_is_alive_says_nothing_of_loss():
    both = pd.concat(
        [rows(alive_prob=1.0, clv=200.0, return_prob=0.25), rows(alive_prob=1.0, clv=80.0, return_prob=0.5)]
    )
    table = winback.at_risk(both.reset_index(drop=True), settings=DEFAULT)
    assert table["remaining_value"].tolist() == [200.0, 80.0]
    assert table["value_at_risk"].tolist() == [150.0, 40.0]
    assert table["value_basis"].iloc[0] == (
        "remaining lifetime value in net sales, times 1 − the share that returns by itself"
    )


def test_a_hopeless_forecast_of_zero_falls_back_on_the_pace():
    assert winback.at_risk(rows(alive_prob=0.0, clv=0.0), settings=DEFAULT)["remaining_value"].iloc[0] > 0


def test_uplift_is_assumed_until_both_arms_are_large_enough():
    assert winback.uplift(None, settings=DEFAULT)["mid"] == 0.05
    few = pd.DataFrame({"arm": ["treated"] * 19 + ["control"] * 40, "succeeded": True})
    assert "too small" in winback.uplift(few, settings=DEFAULT)["source"]


def test_own_experiments_are_read_as_a_share_of_those_who_would_not_return():
    """30 of 100 treated against 15 of 100 left alone: .15 of all are .15 / .85 of those who would not have returned."""
    arms = pd.DataFrame({"arm": ["treated"] * 100 + ["control"] * 100})
    arms["succeeded"] = [i < 30 for i in range(100)] + [i < 15 for i in range(100)]
    found = winback.uplift(arms, settings=DEFAULT)
    assert found["mid"] == pytest.approx(0.15 / 0.85)
    assert (found["low"], found["high"]) == (
        pytest.approx(0.034 / 0.85, abs=1e-3),
        pytest.approx(0.261 / 0.85, abs=1e-3),
    )
    waiting = pd.DataFrame({"arm": ["treated"] * 50 + ["control"] * 50, "succeeded": pd.NA})
    assert winback.uplift(pd.concat([arms, waiting]), settings=DEFAULT) == found
    assert "no experiment" in winback.uplift(waiting, settings=DEFAULT)["source"]
    certain = arms.assign(succeeded=arms["arm"].eq("control") | arms["succeeded"])
    assert winback.uplift(certain, settings=DEFAULT)["mid"] == 0.0


def test_who_returns_anyway_gains_little_from_a_contact():
    """5 % of the 20 % who would not return, of 1 000, for 15."""
    table = winback.worth(rows(return_prob=0.8, remaining_value=1000.0), None, settings=DEFAULT).iloc[0]
    assert table["uplift"] == pytest.approx(0.01)
    assert table["winback_value"] == pytest.approx(0.01 * 1000 - 15)
    unknown = winback.worth(rows(remaining_value=1000.0), None, settings=DEFAULT).iloc[0]
    assert unknown["uplift"] == pytest.approx(0.05)


def test_the_list_ends_where_a_contact_stops_paying():
    """At 2, 5 and 10 % of 90 % of 100, 250, 400 and 1000, for 15 each: 1, 2 and 3 contacts pay."""
    remaining = pd.Series([100.0, 250.0, 400.0, 1000.0])
    lost = pd.DataFrame({"remaining_value": remaining, "contact_cost": 15.0, "return_prob": 0.1})
    lost = lost.assign(winback_value=0.05 * 0.9 * remaining - 15, value_basis="remaining lifetime value, times …")
    money, last = winback.expected(lost, settings=DEFAULT, as_of=AS_OF)
    assert (last.value, last.parts) == (2, {"low": 1, "mid": 2, "high": 3})
    assert money.value == pytest.approx(3 + 30)
    assert (money.low, money.high) == (pytest.approx(-7.8 + 3), pytest.approx(21 + 75))
    assert "assumption" in money.because
    assert "net sales" not in money.basis
    in_sales, _ = winback.expected(lost.assign(value_basis="net sales at …"), settings=DEFAULT, as_of=AS_OF)
    assert "margins are unknown" in in_sales.basis
    none, _ = winback.expected(lost.assign(winback_value=np.nan), settings=DEFAULT, as_of=AS_OF)
    assert none.status == "not_available"


def test_only_experiments_with_plays_of_recovery_say_what_contacting_adds():
    plays = [SimpleNamespace(id="call", phase="recover"), SimpleNamespace(id="nudge", phase="retain")]
    tried = pd.DataFrame({"play_id": ["call", "nudge", "call"], "arm": "treated"})
    assert winback.trials(tried, plays).index.tolist() == [0, 2]
    assert winback.trials(None, plays) is None


def test_the_gains_of_the_list_turn_where_a_contact_no_longer_pays():
    remaining = [1000.0, 400.0, 100.0, 900.0]
    lost = pd.DataFrame({"remaining_value": remaining, "contact_cost": 15.0, "return_prob": 0.1, "rank": [1, 2, 3, 4]})
    lost["value_basis"] = "x"
    lost["winback_value"] = [*(0.045 * value - 15 for value in remaining[:3]), np.nan]
    table = winback.gains(lost, settings=DEFAULT)
    assert table["contacts"].tolist() == [0, 1, 2, 3]
    assert table["mid"].tolist() == pytest.approx([0, 30, 33, 22.5])
    assert table["low"].tolist() == pytest.approx([0, 3, -4.8, -18])
    assert table["mid"].idxmax() == winback.expected(lost, settings=DEFAULT, as_of=AS_OF)[1].value


def test_lapsed_good_customers_are_pulled_up_to_their_own_level_or_that_of_their_class():
    """a bought for 100 + 20 days at 240: 730.5 a year. b bought once, so its level is the median of active As."""
    history = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "gross_total": [240.0, 50.0, 480.0, 90.0, 90.0],
            "purchase_days": [4, 1, 4, 4, 4],
            "span_days": [100.0, 0.0, 100.0, 100.0, 100.0],
        }
    )
    classes = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "abc": ["A", "A", "A", "C", "B"],
            "state": ["lost", "lapsing", "active", "lost", "lost"],
            "gap_used_days": 20.0,
        }
    )
    lost = pd.DataFrame({"customer_id": list("abde"), "state": "x", "outlook": ["temporary", None, None, "refused"]})
    lost = lost.assign(rank=[2, 1, 3, 4], reason=None, owner="m1", due_on=AS_OF)
    table = winback.pull_up(lost, classes, history).set_index("customer_id")
    assert table.index.tolist() == ["b", "a"]
    assert table.loc["a", ["usual_order", "own_year", "target_year"]].tolist() == pytest.approx([60, 730.5, 730.5])
    assert pd.isna(table.loc["b", "own_year"])
    assert table["class_year"].tolist() == pytest.approx([1461.0, 1461.0])
    assert table.loc["b", "target_year"] == pytest.approx(1461.0)
