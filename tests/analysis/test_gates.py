from pathlib import Path

import pandas as pd
import pytest

from rapport.analysis.gates import gates, uncovered
from rapport.foundation.contracts import TABLES
from rapport.foundation.finding import Finding
from rapport.foundation.play import Cost
from rapport.foundation.playbook import load
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
GOOD = {play.id: play for play in load(Path(__file__).resolve().parents[1] / "plays" / "good")}


def frame(table, **columns):
    """A table of the contract with the columns given and every other one empty."""
    return TABLES[table].check(TABLES[table].complete(pd.DataFrame(columns)), "test")


CLASSES = frame(
    "classes", customer_id=["a", "b", "c", "d", "e"], abc=["A", "A", "A", "B", "A"], xyz="N", gap_is_own=True,
    rung="buyer",
    segment=["core", "core", "key", "small", "gone"], state=["active", "lapsing", "active", "active", "lost"], why="x",
    is_pareto=[True, True, True, False, True],
)  # fmt: skip


def given(*rows):
    """Assignments written as (play, subject[, owner's name])."""
    lines = [
        {
            "phase": GOOD[row[0]].phase, "play_id": row[0], "title": "x", "subject": row[1], "status": "unproven",
            "applies_to": GOOD[row[0]].applies_to, "owner": "sales", "owner_name": row[2] if len(row) > 2 else None,
            "rank": 1, "why": "x", "cost": 1.0,
        }
        for row in rows
    ]  # fmt: skip
    return frame("assignments", **pd.DataFrame(lines).to_dict("list")) if rows else TABLES["assignments"].empty()


def judged(assignments):
    ids = assignments["play_id"].unique()
    rows = [
        {"phase": play.phase, "play_id": play.id, "title": "x", "owner": "x", "because": "x",
         "verdict": "assigned" if play.id in ids else "nobody_qualifies",
         "subjects": int((assignments["play_id"] == play.id).sum())}
        for play in GOOD.values()
    ]  # fmt: skip
    return frame("play_gates", **pd.DataFrame(rows).to_dict("list"))


def opened(assignments, managers=None, approvals=None, departments=None, facts=()):
    found = gates(
        GOOD.values(), CLASSES, assignments, judged(assignments), managers, approvals, departments, facts=facts,
        settings=settings(), as_of=AS_OF,
    )  # fmt: skip
    return {one.id.removeprefix("gate."): one for one in found}


def test_recovery_waits_for_every_segment_with_class_a_customers_and_names_the_one_without_a_play():
    found = opened(given(("call-buyers", "a"), ("fix-terms", "e")))
    assert found["recover"].value == "amber"  # LT-11
    assert found["recover"].because.endswith("reaches: key")
    assert found["recover"].parts["missing"] == "key"
    assert found["acquire"].value == "amber"
    found = opened(given(("call-buyers", "a"), ("visit-keys", "c"), ("fix-terms", "e")))
    assert (found["recover"].value, found["acquire"].value) == ("green", "green")
    assert (found["recover"].parts["covered"], found["recover"].parts["customers"]) == (2, 3)  # e is lost: not counted


def test_a_play_for_the_whole_segment_covers_its_customers():
    rows = uncovered(GOOD.values(), CLASSES, given(("weak-segments", "core"))).set_index("segment")
    assert rows["covered"].to_dict() == {"core": 2, "key": 0}
    assert rows["is_met"].to_dict() == {"core": True, "key": False}


def test_a_play_without_a_budget_or_of_another_phase_covers_nobody():
    plays = [GOOD["call-buyers"].model_copy(update={"cost": Cost(per_customer=0, fixed=0)}), GOOD["fix-terms"]]
    rows = uncovered(plays, CLASSES, given(("call-buyers", "a"), ("fix-terms", "c")))
    assert not rows["is_met"].any()


@pytest.mark.parametrize(
    ("share", "stage", "covered", "value", "word"),
    [
        (0.31, None, False, "yes", "largest customer"),
        (0.30, None, False, "no", "waits"),
        (0.05, "start-up", False, "yes", "start-up"),
        (0.05, "mature", True, "yes", "retention is in place"),
        (None, None, False, "no", "waits"),
    ],
)
def test_acquisition_runs_beside_the_rest_only_for_a_printed_reason(share, stage, covered, value, word):
    common = {"n": 9, "basis": "x", "as_of": "2026-09-30"}
    facts = [Finding(id="balance.stage", unit="text", value=stage, **common)] if stage else []
    facts += [Finding(id="concentration.largest", unit="share", value=share, **common)] if share else []
    rows = given(("call-buyers", "a"), ("visit-keys", "c")) if covered else given(("call-buyers", "a"))
    found = opened(rows, facts=facts)["parallel"]
    assert found.value == value  # C10
    assert word in found.because


def test_customers_outside_the_top_group_have_a_play():
    assert opened(given(("call-buyers", "a")))["non_pareto"].value == "amber"  # LT-08
    found = opened(given(("call-buyers", "a"), ("write-all", "d")))["non_pareto"]
    assert (found.value, found.parts["plays"], found.parts["customers"]) == ("green", 1, 1)


def test_a_department_in_which_nobody_answers_for_a_play_is_named():
    assert opened(given(("call-buyers", "a")))["departments"].status == "not_available"
    managers = frame("managers", manager_id=["1", "2"], name=["Rasa", "Jonas"], department_id=["A", "B"])
    found = opened(given(("call-buyers", "a", "Rasa")), managers)["departments"]
    assert (found.value, found.parts["idle"]) == ("amber", "B")  # BG-10
    departments = frame("departments", department_id=["A", "B"], name=["North", "South"])
    named = opened(given(("call-buyers", "a", "Rasa")), managers, departments=departments)["departments"]
    assert named.parts["idle"] == "South"
    assert (
        opened(given(("call-buyers", "a", "Rasa"), ("fix-terms", "e", "Jonas")), managers)["departments"].value
        == "green"
    )


def test_without_the_approval_of_management_it_is_a_draft_and_waiting_plays_are_named():
    rows = given(("call-buyers", "a"), ("visit-keys", "c"))
    found = opened(rows)["approval"]
    assert (found.value, found.parts["waiting"]) == ("draft", "visit-keys")  # BG-15
    assert found.because == "management has not approved it yet; waiting for approval by name: Visit key customers"
    nameless = frame("approvals", subject=["strategy"], approved_by=[None])
    assert opened(rows, approvals=nameless)["approval"].value == "draft"
    approvals = frame(
        "approvals", subject=["Strategy ", "visit-keys"], approved_by=["Ona", "Ona"], approved_on=[AS_OF, None]
    )
    found = opened(rows, approvals=approvals)["approval"]
    assert (found.value, found.parts["waiting"], found.parts["approved_on"]) == ("approved", "", "2026-09-30")


def test_nothing_assigned_opens_no_gate():
    found = opened(given())
    assert found["retain"].value == found["recover"].value == found["acquire"].value == "amber"


def test_proven_plays_are_named_for_carrying_over():
    rows = given(("call-buyers", "a"), ("visit-keys", "c"), ("fix-terms", "e"))
    proven = rows.assign(status=["validated", "unproven", "unproven"], title=["Call new buyers", "x", "x"])
    assert "carried over: Call new buyers" in opened(proven)["acquire"].because
    assert "no play is proven yet" in opened(rows)["acquire"].because
