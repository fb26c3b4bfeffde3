import numpy as np
import pandas as pd

from rapport.analysis.duties import decisions, mandates, owners, reviews
from rapport.analysis.plan import money_plan
from rapport.foundation.contracts import TABLES

from .plan_cases import AS_OF, GOOD, given, judged


def test_nothing_assigned_asks_for_nothing():
    nothing = TABLES["assignments"].empty(), TABLES["play_gates"].empty()
    assert decisions(money_plan(*nothing), owners([], *nothing)).empty


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
