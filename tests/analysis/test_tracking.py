"""Tracking, calibration, and repeat sales against new ones, on a firm whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import backtest, predictable, tracking

from .test_value import AS_OF, SETTINGS, history_of, simulated


@pytest.fixture(scope="module")
def firm():
    everything = simulated(2500, seed=5)
    past = everything[everything["ordered_on"] <= AS_OF]
    history = history_of(past)
    return past, history, backtest.tournament(past, history, settings=SETTINGS, as_of=AS_OF)


@pytest.fixture(scope="module")
def held(firm):
    return tracking.holdout(*firm, settings=SETTINGS, as_of=AS_OF)


def test_holdout_is_the_last_of_the_back_test(firm, held):
    _, _, scores = firm
    last = scores[scores["is_chosen"]].iloc[-1]
    assert held.origin_on == last["origin_on"]
    assert held.horizon == last["horizon_days"]
    assert held.customers["actual"].sum() == last["actual"]
    assert held.customers["expected"].sum() == pytest.approx(last["forecast"])
    assert len(held.bought_on) == last["actual"]


def test_tracking_by_week(held):
    found = tracking.tracking(held, settings=SETTINGS)
    assert AS_OF - pd.Timedelta(days=6) <= found["week_on"].iloc[-1] <= AS_OF
    inside = held.bought_on <= (found["week_on"].iloc[-1] - held.origin_on).days
    assert found["actual"].sum() == found["actual_total"].iloc[-1] == inside.sum()
    assert found["expected"].sum() == pytest.approx(held.customers["expected"].sum(), rel=0.02)
    assert ((found["actual"] >= found["low"]) & (found["actual"] <= found["high"])).mean() > 0.75
    assert found["low_total"].iloc[-1] < found["actual_total"].iloc[-1] < found["high_total"].iloc[-1]
    assert (found["expected_total"].diff().dropna() > 0).all()


def test_a_sample_of_a_large_base_tells_the_same_band(held, monkeypatch):
    """The uncertainty of the parameters does not even out with the number of customers; their own luck does."""
    whole = tracking._scatter(held, SETTINGS)
    monkeypatch.setattr(tracking, "MOST_CUSTOMERS", len(held.customers) // 4)
    assert tracking._scatter(held, SETTINGS) == pytest.approx(whole, rel=0.5)


def test_tenths_are_calibrated(held):
    found = tracking.calibration(held)
    assert found["customers"].sum() == len(held.customers)
    assert (found["customers"] @ found["actual"]) == pytest.approx(held.customers["actual"].sum())
    assert found["expected"].is_monotonic_increasing
    assert ((found["expected"] > found["low"] - 0.05) & (found["expected"] < found["high"] + 0.05)).sum() >= 8


def test_equal_forecasts_stay_together(held):
    same = tracking.Holdout(held.customers.assign(expected=1.0), *[getattr(held, name) for name in
                            ("forecast", "origin_on", "horizon", "bought_on", "alive_by_rule")])  # fmt: skip
    assert len(tracking.calibration(same)) == 1


def test_chances_of_being_alive_are_calibrated(held):
    found = tracking.alive_calibration(held)
    assert found["customers"].sum() == len(held.customers)
    assert ((found["from_prob"] <= found["alive_prob"]) & (found["alive_prob"] <= found["to_prob"])).all()
    assert (found["buys_prob"] <= found["alive_prob"]).all()
    assert ((found["buys_prob"] > found["low"] - 0.03) & (found["buys_prob"] < found["high"] + 0.03)).mean() > 0.7


def test_rule_beside_model(held):
    found = tracking.rule_against_model(held).set_index("method")
    bought = held.customers["actual"] > 0
    assert found.loc["rule", "right_share"] == pytest.approx((held.alive_by_rule == bought).mean())
    assert found.loc["model", "right_share"] >= found.loc["rule", "right_share"]


def test_without_a_back_test_there_is_nothing_to_track(firm):
    past, history, scores = firm
    assert tracking.holdout(past, history, scores.iloc[:0], settings=SETTINGS, as_of=AS_OF) is None
    found = predictable.predictability(past, history, scores.iloc[:0], settings=SETTINGS, as_of=AS_OF)
    assert {one.status for one in found} == {"not_available"}


def test_repeat_sales_against_new_ones(firm):
    past, history, scores = firm
    spend = pd.DataFrame(
        {"spent_on": [AS_OF, AS_OF - pd.Timedelta(days=10), AS_OF - pd.Timedelta(days=800)],
         "purpose": ["acquire", "retain", "retain"], "amount": [5000.0, 100.0, 9e9]}
    )  # fmt: skip
    found = predictable.predictability(past, history, scores, spend, settings=SETTINGS, as_of=AS_OF)
    repeat, new, claim, per_repeat, per_new = found
    last = scores[scores["is_chosen"]].iloc[-1]
    assert repeat.value == pytest.approx(last["bias"])
    assert (repeat.parts["verdict"], repeat.grade) == ("model", backtest.grade(scores, horizon=365.0))
    first = past.groupby("customer_id")["ordered_on"].transform("min")
    start = last["origin_on"]
    newcomers = past[(first > start) & (past["ordered_on"] > start)]
    assert new.parts["actual"] == len(newcomers)
    earlier = past[(first > start - (AS_OF - start)) & (past["ordered_on"] <= start) & (first <= start)]
    assert new.value == pytest.approx(len(earlier) / len(newcomers) - 1)
    assert claim.parts["repeat"] == pytest.approx(scores.loc[scores["is_chosen"], "bias"].abs().mean())
    assert claim.value == ("supported" if claim.parts["repeat"] < claim.parts["new"] else "not_supported")
    assert (claim.status, claim.n) == ("indicative", 2)
    assert per_repeat.value == pytest.approx(100 / last["actual"])
    assert per_new.value == pytest.approx(5000 / len(newcomers))
    missing = predictable.predictability(past, history, scores, settings=SETTINGS, as_of=AS_OF)
    assert "spend" in missing[3].because


def test_the_claim_that_repeat_sales_are_easier_to_foresee_can_fail(firm):
    """C25: tested, not assumed. A model that is far off does worse than repeating last year's number of new sales."""
    past, history, scores = firm
    wrong = scores.assign(forecast=scores["forecast"] * 3)
    claim = predictable.predictability(past, history, wrong, settings=SETTINGS, as_of=AS_OF)[2]
    assert claim.value == "not_supported"


def test_tenth_shares_are_of_customers(held):
    assert np.isclose(tracking.calibration(held)["customers"].sum(), len(held.customers))
