from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rapport.analysis.plan import decisions, mandates, money_plan, owners, plan, returns_by_budget, reviews
from rapport.foundation.contracts import TABLES
from rapport.foundation.playbook import load

AS_OF = pd.Timestamp("2026-09-30")
GOOD = {play.id: play for play in load(Path(__file__).resolve().parents[1] / "plays" / "good")}
GAINS = ["gain_low", "gain_mid", "gain_high"]


def given(*rows):
    """Assignments written as (play, subject, at stake, cost, effect) with effects of 0, effect and twice the effect."""
    lines = []
    for play_id, subject, stake, cost, effect in rows:
        play = GOOD[play_id]
        gains = {name: np.nan if effect is None else times * effect * stake - cost for times, name in enumerate(GAINS)}
        lines.append(
            {
                "phase": play.phase, "play_id": play_id, "title": play.title, "subject": subject, "owner": play.owner,
                "applies_to": play.applies_to, "status": "unproven", "value_at_stake": stake, "cost": cost, **gains,
                "due_on": AS_OF + pd.Timedelta(days=90), "rank": 1, "why": "x", "owner_name": "Rasa",
            }
        )  # fmt: skip
    frame = TABLES["assignments"].complete(pd.DataFrame(lines))
    return TABLES["assignments"].check(frame, "test")


def judged(assignments):
    sums = assignments.groupby("play_id", sort=False)
    rows = sums.agg(
        phase=("phase", "first"), title=("title", "first"), owner=("owner", "first"), subjects=("subject", "size")
    )
    for name in ("value_at_stake", "cost", *GAINS):
        rows[name] = sums[name].sum(min_count=1)
    rows = rows.reset_index().assign(verdict="assigned", because="x")
    return TABLES["play_gates"].check(rows, "test")


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
    assert decisions(empty, owners([], TABLES["assignments"].empty(), TABLES["play_gates"].empty())).empty


def test_money_spent_in_the_best_order_shows_diminishing_returns():
    assignments = given(*[("call-buyers", f"c{i}", 100.0 * (i + 1), 10.0, 0.1) for i in range(50)])
    curve = returns_by_budget(assignments, points=10)
    assert curve[["cost", "gain_mid"]].iloc[0].tolist() == [0, 0]
    slope = curve["gain_mid"].diff() / curve["cost"].diff()
    assert (slope.dropna().diff().dropna() <= 1e-9).all()
    assert curve["gain_mid"].iloc[-1] == pytest.approx(assignments["gain_mid"].sum())
    assert len(curve) <= 11


def test_reviews_fill_a_year_for_every_person():
    assignments = given(
        ("call-buyers", "a", 1.0, 1.0, 0.1), ("call-buyers", "b", 1.0, 1.0, 0.1), ("fix-terms", "c", 1.0, 1.0, 0.1)
    )
    assignments["owner_name"] = ["Rasa", "Jonas", None]
    rows = reviews(GOOD.values(), assignments, as_of=AS_OF)
    assert rows["due_on"].is_monotonic_increasing
    assert rows["due_on"].max() <= AS_OF + pd.Timedelta(days=365)
    mine = rows[(rows["play_id"] == "call-buyers") & (rows["owner_name"] == "Rasa")]
    assert (mine["due_on"] - AS_OF).dt.days.tolist() == [90, 181, 272, 363]
    assert mine["subjects"].tolist() == [1] * 4
    assert len(rows) == 12


def test_each_play_has_one_accountable_owner_and_mandates_name_whom_it_may_ask():
    assignments = given(("visit-keys", "a", 10.0, 1.0, 0.1), ("fix-terms", "b", 10.0, 1.0, 0.1))
    table = owners(GOOD.values(), assignments, judged(assignments)).set_index("play_id")
    assert table["accountable"].to_dict() == {"visit-keys": "sales", "fix-terms": "director"}
    assert table.loc["visit-keys", ["names", "involved", "approval"]].tolist() == ["Rasa", "service", "management"]
    assert table.loc["visit-keys", ["due_on", "status"]].tolist() == [AS_OF + pd.Timedelta(days=90), "unproven"]
    many = given(*[("visit-keys", who, 10.0, 1.0, 0.1) for who in "abcd"]).assign(
        owner_name=["Ona", "Rasa", "Jonas", "Eglė"]
    )
    assert owners(GOOD.values(), many, judged(many))["names"].tolist() == ["4 people, each for their own customers"]
    asked = mandates(GOOD.values(), judged(assignments))
    assert asked.values.tolist() == [["sales", "service", "Visit key customers", 1]]


def test_the_decision_asked_is_the_play_with_the_highest_expected_gain():
    assignments = given(
        ("call-buyers", "a", 1000.0, 10.0, 0.1), ("write-all", "b", 9000.0, 10.0, 0.001),
        ("fix-terms", "c", 100.0, 50.0, 0.1),
        ("others", "firm", np.nan, 500.0, None), ("call-prospects", "p", 10.0, 50.0, 0.1),
    )  # fmt: skip
    table = owners(GOOD.values(), assignments, judged(assignments))
    asked = decisions(money_plan(assignments, judged(assignments)), table).set_index("phase")
    assert asked["play_id"].to_dict() == {"retain": "call-buyers", "recover": "fix-terms", "acquire": "others"}
    assert asked.loc["retain", "chosen_by"] == "highest expected gain"
    assert "loses least" in asked.loc["recover", "chosen_by"]
    assert asked.loc["retain", ["due_on", "status"]].tolist() == [AS_OF + pd.Timedelta(days=90), "unproven"]
    assert asked.loc["acquire", "chosen_by"].startswith("no gain can be priced")
