import numpy as np
import pytest

from rapport.analysis.plan import money_plan, plan, returns_by_budget
from rapport.foundation.contracts import TABLES

from .plan_cases import AS_OF, GAINS, given, judged


def planned(*rows):
    assignments = given(*rows)
    return money_plan(assignments, judged(assignments))


def test_a_plan_of_one_play_is_that_play_and_its_total():
    rows = planned(("call-buyers", "a", 1000.0, 10.0, 0.1), ("call-buyers", "b", 500.0, 10.0, 0.1))
    assert rows["play_id"].tolist() == ["call-buyers", "total"]
    for name, value in {"value_at_stake": 1500, "cost": 20, "gain_low": -20, "gain_mid": 130, "gain_high": 280}.items():
        assert rows[name].tolist() == [value, value]
    assert rows["per_cost"].tolist() == [6.5, 6.5]


def test_two_plays_on_one_customer_are_combined_and_not_added():
    rows = planned(("call-buyers", "a", 1000.0, 10.0, 0.2), ("write-all", "a", 1000.0, 5.0, 0.1)).set_index("play_id")
    assert rows.loc["total", "gain_mid"] == pytest.approx(1000 * (1 - 0.8 * 0.9) - 15)  # 265, not 285
    assert rows.loc["overlap", "gain_mid"] == pytest.approx(-20)
    assert rows.loc["overlap", "subjects"] == 1
    assert rows.loc["total", "value_at_stake"] == 1000
    assert rows.loc["total", "subjects"] == 1
    plays = rows.drop("total")
    assert plays["gain_mid"].sum() == pytest.approx(rows.loc["total", "gain_mid"])


def test_customers_segments_and_firm_hold_the_same_money():
    rows = planned(
        ("call-buyers", "a", 600.0, 1.0, 0.1),
        ("visit-keys", "a", 600.0, 1.0, 0.1),
        ("weak-segments", "core", 900.0, 1.0, 0.1),
    )
    assert rows.set_index("play_id").loc["total", "value_at_stake"] == 900


def test_phases_come_in_their_order_and_each_has_its_total():
    rows = planned(
        ("call-prospects", "p", 100.0, 1.0, 0.1),
        ("fix-terms", "x", 100.0, 1.0, 0.1),
        ("call-buyers", "a", 100.0, 1.0, 0.1),
    )
    assert rows["phase"].tolist() == ["retain", "retain", "recover", "recover", "acquire", "acquire"]
    assert rows.loc[rows["play_id"] == "total", "subjects"].tolist() == [1, 1, 1]


def test_those_held_out_bring_nothing_and_are_not_counted_as_treated():
    assignments = given(("call-buyers", "a", 1000.0, 10.0, 0.1), ("call-buyers", "b", 1000.0, 10.0, 0.1))
    assignments = assignments.assign(arm=["treated", "control"])
    assignments.loc[1, ["cost", *GAINS]] = 0.0
    rows = money_plan(assignments, judged(assignments)).set_index("play_id")
    assert rows.loc["call-buyers", ["subjects", "treated"]].tolist() == [2, 1]
    assert rows.loc["total", ["treated", "gain_mid", "cost"]].tolist() == [1, 90, 10]


def test_the_findings_of_the_plan_say_what_was_not_priced():
    rows = planned(("call-buyers", "a", 1000.0, 10.0, 0.1), ("others", "firm", np.nan, 500.0, None))
    found = {one.id: one for one in plan(rows, as_of=AS_OF)}
    assert (found["plan.cost"].value, found["plan.gain"].value) == (510, 90)
    assert (found["plan.gain"].low, found["plan.gain"].high) == (-10, 190)
    assert found["plan.gain"].because == "1 of 2 plays carry no priced gain; they are in the cost of the plan only"
    assert found["plan.acquire_gain"].status == "not_available"
    assert found["plan.recover_cost"].status == "not_available"
    assert found["plan.subjects"].value == 2


def test_a_gain_that_rests_on_few_of_the_plays_is_not_given():
    rows = planned(
        ("call-buyers", "a", 900.0, 1.0, 0.1),
        ("write-all", "a", 900.0, 1.0, None),
        ("visit-keys", "b", 900.0, 1.0, None),
    )
    found = {one.id: one for one in plan(rows, as_of=AS_OF)}
    assert found["plan.gain"].status == "not_available"
    assert "only 1 of 3 plays" in found["plan.gain"].because
    assert found["plan.cost"].value == 3


def test_an_empty_plan_is_not_available_and_never_zero():
    empty = money_plan(TABLES["assignments"].empty(), TABLES["play_gates"].empty())
    found = {one.id: one for one in plan(empty, as_of=AS_OF)}
    assert found["plan.cost"].value is None
    assert found["plan.gain"].value is None


def test_money_spent_in_the_best_order_shows_diminishing_returns():
    assignments = given(*[("call-buyers", f"c{i}", 100.0 * (i + 1), 10.0, 0.1) for i in range(50)])
    curve = returns_by_budget(assignments, points=10)
    assert curve[["cost", "gain_mid"]].iloc[0].tolist() == [0, 0]
    slope = curve["gain_mid"].diff() / curve["cost"].diff()
    assert (slope.dropna().diff().dropna() <= 1e-9).all()
    assert curve["gain_mid"].iloc[-1] == pytest.approx(assignments["gain_mid"].sum())
    assert len(curve) <= 11
