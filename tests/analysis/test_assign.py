from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from rapport.analysis.assign import assignments, play_gates
from rapport.foundation.contracts import TABLES
from rapport.foundation.finding import Finding
from rapport.foundation.play import PHASES, Bounds, Cost, Effect
from rapport.foundation.playbook import load
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
GOOD = {play.id: play for play in load(Path(__file__).resolve().parents[1] / "plays" / "good")}
FREE = Cost(per_customer=0, fixed=0)


def frame(table, **columns):
    """A table of the contract with the columns given and every other one empty."""
    return TABLES[table].check(TABLES[table].complete(pd.DataFrame(columns)), "test")


def classes(ids, **columns):
    given = {
        "state": "active",
        "xyz": "N",
        "gap_is_own": True,
        "is_pareto": False,
        "rung": "buyer",
        "segment": "all",
        "why": "x",
    }
    return frame("classes", customer_id=ids, **(given | columns))


def history(ids, **columns):
    counts = dict.fromkeys(("orders", "purchase_days", "repeat_days", "orders_recent", "categories"), 1)
    money = dict.fromkeys(("gross_total", "net_total", "net_recent", "net_before"), 100.0) | {"returned_total": 0.0}
    given = {**counts, **money, "margin_total": 50.0, "silent_days": 30.0, "is_truncated": False}
    return frame("history", customer_id=ids, **(given | columns))


def values(ids, clv):
    return frame("values", customer_id=ids, clv=clv, is_overdue=False, method="x")


def customers(ids, **columns):
    return frame("customers", customer_id=ids, **({"records": 1} | columns))


def lost(ids, **columns):
    given = {
        "state": "lost",
        "is_disputed": False,
        "silent_days": 300.0,
        "remaining_value": 1000.0,
        "value_at_risk": 900.0,
    }
    ranks = np.arange(1, len(ids) + 1)
    return frame("lost", customer_id=ids, **(given | {"value_basis": "x", "rank": ranks} | columns))


def fact(id, value, n=200):
    return Finding(id=id, unit="share", value=value, n=n, basis="x", as_of="2026-09-30")


def named(n):
    return [f"c{i:05d}" for i in range(n)]


def assigned(plays, tables, *, facts=(), **parameters):
    chosen = settings({name.replace("__", "."): value for name, value in parameters.items()})
    given = {"facts": facts, "settings": chosen, "as_of": AS_OF}
    rows = TABLES["assignments"].check(assignments(plays, tables, **given), "test")
    gates = TABLES["play_gates"].check(play_gates(plays, tables, **given), "test").set_index("play_id")
    return rows, gates


def play(base, /, **changes):
    return GOOD[base].model_copy(update=changes)


def test_each_subject_is_told_why_with_its_own_figures():
    tables = {
        "classes": classes(["a", "b", "c"], rung=["buyer", "buyer", "regular"]),
        "history": history(["a", "b", "c"], silent_days=[45.0, 200.0, 45.0]),
    }
    rows, gates = assigned([play("call-buyers", holdout_share=0.0)], tables)
    assert rows["subject"].tolist() == ["a"]
    assert rows["why"].tolist() == ["assigned because rung of the ladder is buyer and 7 ≤ silent days 45 ≤ 180"]
    assert gates.loc["call-buyers", "verdict"] == "assigned"
    assert rows["due_on"].tolist() == [AS_OF + pd.Timedelta(days=90)]


def test_both_ends_of_a_condition_are_included():
    ids = ["a", "b", "c", "d"]
    tables = {"classes": classes(ids), "history": history(ids, silent_days=[6.9, 7.0, 180.0, 180.1])}
    rows, _ = assigned([play("call-buyers", cost=FREE, holdout_share=0.0)], tables)
    assert set(rows["subject"]) == {"b", "c"}


def test_a_segment_is_told_the_figure_and_the_n_it_rests_on():
    segments = frame(
        "profile", segment=["core", "small"], customers=[40, 214], customer_share=[0.2, 0.8], net_total=[9.0, 1.0],
        mean_value=[1.0, 1.0], active_share=[1.0, 1.0], lost_share=[0.0, 0.0], one_timer_share=[0.0, 0.0],
        retention_cohort=[0.9, 0.52], clv_total=[1000.0, 2000.0],
    )  # fmt: skip
    tables = {"profile": segments, "history": history(["a"])}
    rows, gates = assigned([play("weak-segments", cost=Cost(per_customer=30, fixed=10))], tables)
    assert rows["why"].tolist() == ["assigned because retention 0.52 ≤ 0.6 (n = 214)"]
    assert rows[["value_at_stake", "cost", "gain_low", "gain_mid", "gain_high"]].iloc[0].tolist() == pytest.approx(
        [2000, 40, -40, 60, 160]
    )
    higher = tables | {"profile": segments.assign(retention_cohort=[0.9, 0.8])}
    _, gates = assigned([play("weak-segments")], higher)
    assert (
        gates.loc["weak-segments", "because"] == "nobody qualifies: retention ≤ 0.6 holds for none of 2 (nearest 0.80)"
    )


def test_the_firm_is_judged_by_facts_and_told_the_reverse():
    plays = [GOOD["others"]]
    rows, _ = assigned(plays, {}, facts=[fact("concentration.largest", 0.34)])
    assert rows[["subject", "why"]].values.tolist() == [
        ["firm", "assigned because share of the largest customer 0.34 ≥ 0.2 (n = 200)"]
    ]
    assert rows["gain_mid"].isna().all()  # no gain is put on it
    rows, gates = assigned(plays, {}, facts=[fact("concentration.largest", 0.08)])
    assert rows.empty
    assert gates.loc["others", "because"] == (
        "not met: share of the largest customer is 0.08 (n = 200), needed: share of the largest customer ≥ 0.2"
    )


@pytest.mark.parametrize(
    ("id", "tables", "missing"),
    [
        ("call-buyers", {"classes": classes(["a"])}, "table history is missing"),
        (
            "call-buyers",
            {"classes": classes(["a"]), "history": history(["a"], silent_days=np.nan)},
            "history.silent_days",
        ),
        ("fix-terms", {"classes": classes(["a"]), "lost": lost(["a"])}, "lost.reason is empty for everybody"),
        ("end-kindly", {"classes": classes(["a"])}, "table contacts was not given"),
        ("write-all", {"classes": classes(["a"])}, "table customers is missing"),
        (
            "write-all",
            {"classes": classes(["a"]), "customers": customers(["a"])},
            "customers.consent_marketing is empty",
        ),
        ("call-prospects", {"classes": classes(["a"])}, "no table names a prospect"),
        ("others", {}, "concentration.largest was not computed"),
    ],
)
def test_what_cannot_be_judged_names_what_is_missing(id, tables, missing):
    rows, gates = assigned([GOOD[id]], tables)
    assert rows.empty
    assert gates.loc[id, "verdict"] == "cannot_be_judged"
    assert missing in gates.loc[id, "because"]


def test_a_fact_that_is_not_available_passes_its_reason_on():
    _, gates = assigned(
        [play("others", when={"deliveries.on_time_share": Bounds(max=0.95)})], {"classes": classes(["a"])}
    )
    assert "table deliveries was not given" in gates.loc["others", "because"]


def test_customers_without_a_value_do_not_qualify_and_are_counted():
    ids = ["a", "b", "c", "d"]
    tables = {
        "classes": classes(ids),
        "lost": lost(["a", "b", "c"], reason=["terms", None, "service"]),
        "history": history(ids),
    }
    rows, gates = assigned([play("fix-terms", cost=FREE, holdout_share=0.0)], tables)
    assert rows["subject"].tolist() == ["a"]  # d has no row in lost: not lost, hence not unknown
    assert "1 with unknown reason" in gates.loc["fix-terms", "because"]


def test_a_list_of_values_meets_a_condition_by_any_of_them_and_protection_wins():
    ids = ["a", "b", "c", "d", "e"]
    tables = {
        "classes": classes(
            ids, state="lost", types=["large;demanding", "", "benchmark (claimed)", "loyal", "loyal"],
            key_scope=["", "", "", "company", "department:B"],
        ),
        "history": history(ids),
        "contacts": frame("contacts", record_id=["a"], contacted_on=[AS_OF], direction=["in"]),
    }  # fmt: skip
    rows, gates = assigned([play("end-kindly", cost=FREE, holdout_share=0.0)], tables)
    assert rows["subject"].tolist() == ["b", "e"]  # department:B is not the company
    assert "3 protected" in gates.loc["end-kindly", "because"]
    loyal = play(
        "end-kindly", never_for={}, needs=(), when={"types": Bounds.model_validate({"in": ["large", "loyal"]})}
    )
    rows, _ = assigned([loyal.model_copy(update={"cost": FREE, "holdout_share": 0.0})], tables)
    assert rows["subject"].tolist() == ["a", "d", "e"]


def test_key_account_plays_are_for_key_customers_only():
    tables = {"classes": classes(["a", "b"], key_scope=["", "manager:m1"]), "history": history(["a", "b"])}
    rows, gates = assigned([GOOD["visit-keys"]], tables)
    assert rows["subject"].tolist() == ["b"]
    assert "approved it by name" in gates.loc["visit-keys", "because"]
    approvals = frame("approvals", subject=["visit-keys"], approved_by=["Director"])
    _, gates = assigned([GOOD["visit-keys"]], tables | {"approvals": approvals})
    assert "approved it by name" not in gates.loc["visit-keys", "because"]


def test_cost_and_gain_are_those_of_the_stated_formula():
    ids = ["a", "b"]
    tables = {"classes": classes(ids), "history": history(ids), "values": values(ids, [1000.0, 400.0])}
    rows, gates = assigned([play("call-buyers", holdout_share=0.0)], tables)
    # cost 2 each and 100 for both; effect 0, 5 and 10 % of the value at stake
    assert rows["cost"].tolist() == [52, 52]
    assert rows[["gain_low", "gain_mid", "gain_high"]].values.tolist() == [[-52, -2, 48], [-52, -32, -12]]
    assert rows["rank"].tolist() == [1, 2]
    row = gates.loc["call-buyers"]
    assert (row["cost"], row["value_at_stake"], row["gain_mid"]) == (104, 1400, -34)
    assert "does not bring back its cost" in row["because"]


def test_an_effect_in_money_is_taken_for_each_treated_subject():
    ids = ["a", "b"]
    effect = Effect(low=0, mid=20, high=60, unit="money", source="kit-default")
    tables = {"classes": classes(ids), "history": history(ids)}
    rows, _ = assigned([play("call-buyers", effect=effect, holdout_share=0.0)], tables)
    assert rows["gain_mid"].tolist() == [20 - 52, 20 - 52]
    dearer, _ = assigned([play("call-buyers", effect=effect, holdout_share=0.0)], tables, plan__cost_level=400)
    assert dearer["cost"].tolist() == [52 * 400] * 2  # kit figures are in euro
    own = play("call-buyers", cost=Cost(per_customer=2, fixed=0, source="client"), holdout_share=0.0)
    assert assigned([own], tables, plan__cost_level=400)[0]["cost"].tolist() == [2, 2]


def test_value_at_stake_falls_back_to_margin_and_never_prices_sales():
    ids = ["a", "b"]
    plays = [play("call-buyers", cost=FREE, holdout_share=0.0)]
    tables = {"classes": classes(ids), "history": history(ids, margin_total=[50.0, 20.0])}
    assert assigned(plays, tables)[0]["value_at_stake"].tolist() == [50, 20]  # 100 of recent sales × own margin
    bare = {"classes": classes(ids), "history": history(ids, margin_total=np.nan)}
    rows, gates = assigned(plays, bare)
    assert rows["value_at_stake"].tolist() == [100, 100]
    assert rows["gain_mid"].isna().all()
    assert np.isnan(gates.loc["call-buyers", "gain_mid"])
    many = named(30)
    held = [play("call-buyers", cost=FREE, holdout_share=0.5)]
    rows, gates = assigned(held, {"classes": classes(many), "history": history(many, margin_total=np.nan)})
    assert rows["gain_mid"].isna().all()  # those held out are not a 0 either
    assert np.isnan(gates.loc["call-buyers", "gain_mid"])
    rows, gates = assigned(plays, bare)
    assert "set value.margin_share" in gates.loc["call-buyers", "because"]
    assert assigned(plays, bare, value__margin_share=0.3)[0]["value_at_stake"].tolist() == [30, 30]


def test_recovery_is_valued_at_what_the_customer_would_be_worth_again():
    tables = {"classes": classes(["a"]), "history": history(["a"]), "lost": lost(["a"], reason="terms")}
    rows, _ = assigned([play("fix-terms", holdout_share=0.0)], tables)
    assert rows["value_at_stake"].tolist() == [1000]


def test_recovery_leaves_out_what_would_come_back_by_itself():
    """As in the win-back list: only those who would not return alone can be won; unknown leaves the whole."""
    ids = ["a", "b", "c"]
    gone = lost(ids, reason="terms", return_prob=[0.25, 0.9, np.nan])
    tables = {"classes": classes(ids), "history": history(ids), "lost": gone}
    rows, gates = assigned([play("fix-terms", cost=FREE, holdout_share=0.0)], tables)
    assert rows.set_index("subject")["value_at_stake"].to_dict() == pytest.approx({"a": 750, "b": 100, "c": 1000})
    assert "less the chance that it does alone" in gates.loc["fix-terms", "because"]


def test_a_customer_who_would_cost_more_than_expected_is_left_out_and_counted():
    ids = ["a", "b"]
    tables = {"classes": classes(ids), "history": history(ids), "values": values(ids, [41.0, 39.0])}
    rows, gates = assigned([play("call-buyers", holdout_share=0.0)], tables)  # 5 % of 40 pays for a cost of 2
    assert rows["subject"].tolist() == ["a"]
    assert "1 not expected to bring back their own cost" in gates.loc["call-buyers", "because"]


def test_the_order_of_phases_never_depends_on_the_order_of_plays():
    ids = named(30)
    tables = {
        "classes": classes(ids), "history": history(ids), "values": values(ids, 900.0),
        "lost": lost(ids, reason="terms"), "customers": customers(ids, consent_marketing=True),
        "prospects_ranked": frame(
            "prospects_ranked", prospect_id=["p"], score=[1.0], expected_value=[100.0], rank=[1], why=["x"]
        ),
    }  # fmt: skip
    facts = [fact("concentration.largest", 0.3)]
    plays = list(GOOD.values())
    rows, gates = assigned(plays, tables, facts=facts)
    assert rows["phase"].map(PHASES.index).is_monotonic_increasing
    assert gates["phase"].map(PHASES.index).is_monotonic_increasing
    assert set(rows["phase"]) == set(PHASES)
    shuffled = [plays[i] for i in np.random.default_rng(3).permutation(len(plays))]
    again, gates_again = assigned(shuffled, tables, facts=facts)
    pd.testing.assert_frame_equal(rows, again)
    pd.testing.assert_frame_equal(gates, gates_again)


def test_who_did_not_agree_gets_no_marketing_and_is_counted():
    ids = ["a", "b", "c"]
    tables = {
        "classes": classes(ids),
        "customers": customers(ids, consent_marketing=[True, False, None]),
        "history": history(ids),
    }
    rows, gates = assigned([play("write-all", cost=FREE)], tables)
    assert rows["subject"].tolist() == ["a"]
    assert "2 not known to agree to marketing" in gates.loc["write-all", "because"]


def test_no_customer_gets_more_marketing_than_the_cap_and_proven_plays_come_first():
    ids = ["a", "b"]
    tables = {
        "classes": classes(ids), "history": history(ids), "values": values(ids, 1000.0),
        "customers": customers(ids, consent_marketing=True),
    }  # fmt: skip
    first = play("write-all", id="first", contacts=2)
    richer = play(
        "write-all", id="richer", contacts=2, effect=Effect(low=0, mid=0.2, high=0.3, unit="share", source="client")
    )
    proven = play("write-all", id="proven", contacts=2, status="validated")
    recover = play("write-all", id="again", contacts=1, phase="recover")
    rows, gates = assigned([first, recover, richer, proven], tables)  # 4 contacts in 30 days
    assert set(rows["play_id"]) == {"proven", "richer"}
    assert "2 at the contact cap" in gates.loc["first", "because"]
    assert gates.loc["again", "verdict"] == "nobody_qualifies"  # retain goes first
    rows, _ = assigned([first, recover, richer, proven], tables, plan__contact_cap=7)
    assert set(rows["play_id"]) == {"proven", "richer", "first", "again"}


def test_those_held_out_of_one_play_keep_their_contacts_for_another():
    ids = named(40)
    tables = {"classes": classes(ids), "history": history(ids), "customers": customers(ids, consent_marketing=True)}
    first = play("write-all", id="first", contacts=4, cost=FREE, holdout_share=0.25, status="validated")
    second = play("write-all", id="second", contacts=4, cost=FREE)
    rows, _ = assigned([first, second], tables)
    held = rows[(rows["play_id"] == "first") & (rows["arm"] == "control")]
    assert set(rows.loc[rows["play_id"] == "second", "subject"]) == set(held["subject"])
    assert len(held) == 10


@effort(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=5), st.integers(0, 5))
def test_the_contact_cap_holds_for_any_plays(contacts, cap):
    ids = named(40)
    tables = {"classes": classes(ids), "history": history(ids), "customers": customers(ids, consent_marketing=True)}
    plays = [play("write-all", id=f"p{i}", contacts=n, cost=FREE, holdout_share=0.25) for i, n in enumerate(contacts)]
    rows = assignments(plays, tables, settings=settings({"plan.contact_cap": cap}), as_of=AS_OF)
    sent = rows[rows["arm"] == "treated"]
    load = sent["play_id"].map({one.id: one.contacts for one in plays}).groupby(sent["subject"]).sum()
    assert (load <= cap).all()


def test_a_manager_gets_no_more_than_can_be_served_the_best_first():
    ids = named(8)
    tables = {
        "classes": classes(ids, key_scope="company"), "history": history(ids, manager_id=["m1"] * 5 + ["m2"] * 3),
        "values": values(ids, [10.0, 50.0, 30.0, 40.0, 20.0, 1.0, 2.0, 3.0]),
        "managers": frame("managers", manager_id=["m1", "m2"], name=["Rasa", "Jonas"], role=["sales", "director"]),
    }  # fmt: skip
    rows, gates = assigned([GOOD["visit-keys"]], tables)
    assert rows.loc[rows["owner_name"] == "Rasa", "subject"].tolist() == [ids[1], ids[3], ids[2]]
    assert rows.loc[rows["owner_name"] == "Jonas", "subject"].tolist() == [ids[7], ids[6], ids[5]]
    assert "2 beyond 3 a manager" in gates.loc["visit-keys", "because"]


def test_the_owner_is_the_own_manager_in_charge_today_or_the_one_who_holds_the_role():
    ids = ["a", "b", "c"]
    tables = {
        "classes": classes(ids), "history": history(ids, manager_id=["m1", "m1", None]),
        "lost": lost(ids, reason="terms"), "customers": customers(ids, manager_id=["m2", None, None]),
        "managers": frame("managers", manager_id=["m1", "m2"], name=["Rasa", "Jonas"], role=["Director", "key"]),
    }  # fmt: skip
    rows, _ = assigned([play("call-buyers", cost=FREE, holdout_share=0.0)], tables)
    assert dict(zip(rows["subject"], rows["owner_name"].fillna("?"))) == {"a": "Jonas", "b": "Rasa", "c": "?"}
    rows, _ = assigned([play("fix-terms", cost=FREE, holdout_share=0.0)], tables)
    assert set(rows["owner_name"]) == {"Rasa"}  # fix-terms is the director's


def test_the_holdout_is_stratified_reproducible_and_costs_nothing():
    ids = named(1000)
    segments = ["core"] * 200 + ["small"] * 800
    tables = {"classes": classes(ids, segment=segments), "history": history(ids), "values": values(ids, 900.0)}
    rows, gates = assigned([GOOD["call-buyers"]], tables)
    held = rows[rows["arm"] == "control"]
    assert len(held) == 100
    assert held["subject"].isin(ids[:200]).sum() == 20
    assert (held[["cost", "gain_low", "gain_mid", "gain_high"]] == 0).all(axis=None)
    assert rows["cost"].sum() == pytest.approx(2 * 900 + 100)
    assert "held out of these: 100;" in gates.loc["call-buyers", "because"]
    again, _ = assigned(
        [GOOD["call-buyers"]], {name: one.sample(frac=1, random_state=1) for name, one in tables.items()}
    )
    assert set(again.loc[again["arm"] == "control", "subject"]) == set(held["subject"])
    other, _ = assigned([GOOD["call-buyers"]], tables, value__seed=7)
    assert set(other.loc[other["arm"] == "control", "subject"]) != set(held["subject"])


@pytest.mark.parametrize(("n", "held"), [(37, 4), (34, 3), (4, 0), (5, 1)])
def test_the_size_of_the_holdout_is_the_share_rounded(n, held):
    ids = named(n)
    plays = [play("call-buyers", cost=FREE)]
    rows, _ = assigned(
        plays, {"classes": classes(ids, segment=[f"s{i % 3}" for i in range(n)]), "history": history(ids)}
    )
    assert (rows["arm"] == "control").sum() == held


def test_arms_stay_nearly_the_same_when_customers_join():
    ids = named(1000)
    plays = [play("call-buyers", cost=FREE, holdout_share=0.2)]
    arms = []
    for n in (900, 1000):
        rows, _ = assigned(plays, {"classes": classes(ids[:n]), "history": history(ids[:n])})
        arms.append(rows.set_index("subject")["arm"])
    moved = (arms[0] != arms[1].reindex(arms[0].index)).mean()
    assert moved < 0.03


def test_those_held_out_of_winning_back_stay_held_out_of_every_recovery_play():
    ids = named(10)
    arms = ["control"] * 3 + ["treated"] * 7
    tables = {"classes": classes(ids), "history": history(ids), "lost": lost(ids, reason="terms", arm=arms)}
    rows, gates = assigned([play("fix-terms", cost=FREE)], tables)
    assert set(rows.loc[rows["arm"] == "control", "subject"]) == set(ids[:3])
    assert "held out of these: 3 (below 20" in gates.loc["fix-terms", "because"]


def test_the_clients_experiments_replace_the_kits_assumption():
    arms = [("treated", 100, 30), ("control", 100, 15)]
    tried = pd.concat(
        [
            pd.DataFrame({"arm": arm, "succeeded": np.arange(n) < hits}).assign(
                experiment_id="e1", play_id="call-buyers"
            )
            for arm, n, hits in arms
        ]
    )
    experiments = TABLES["experiments"].check(TABLES["experiments"].complete(tried), "test")
    tables = {
        "classes": classes(["a"]),
        "history": history(["a"]),
        "values": values(["a"], [1000.0]),
        "experiments": experiments,
    }
    rows, _ = assigned([play("call-buyers", cost=FREE, holdout_share=0.0)], tables)
    assert rows["status"].tolist() == ["validated"]  # LT-17
    assert rows[["gain_low", "gain_mid", "gain_high"]].iloc[0].tolist() == pytest.approx([34, 150, 261], abs=1)
    unread = tried.assign(succeeded=False, read_from="log", started_on=AS_OF, review_on=AS_OF)
    read = TABLES["outcomes"].check(TABLES["outcomes"].complete(unread.assign(succeeded=pd.NA)), "test")
    rows, _ = assigned([play("call-buyers", cost=FREE, holdout_share=0.0)], tables | {"outcomes": read})
    assert rows["status"].tolist() == ["unproven"]  # what came of it is read in `outcomes`, where nothing is known yet
    carry = play("others", id="carry", when={"plays.validated": Bounds(min=1)})
    rows, _ = assigned([carry, GOOD["call-buyers"]], tables)
    assert rows.loc[rows["play_id"] == "carry", "why"].tolist() == [
        "assigned because proven plays 1 ≥ 1 (n = 1): call-buyers"
    ]


def test_a_play_switched_off_is_shown_as_such():
    rows, gates = assigned([play("call-buyers", is_off=True)], {"classes": classes(["a"]), "history": history(["a"])})
    assert rows.empty
    assert gates.loc["call-buyers", "verdict"] == "switched_off"


def test_without_plays_or_customers_the_tables_are_empty_and_whole():
    rows, gates = assigned([], {})
    assert rows.empty
    assert gates.empty
    rows, gates = assigned([GOOD["call-buyers"]], {"classes": classes([]), "history": history([])})
    assert gates["verdict"].tolist() == ["cannot_be_judged"]


def test_inputs_are_left_unchanged():
    ids = named(20)
    tables = {
        "classes": classes(ids), "history": history(ids), "lost": lost(ids, reason="terms"),
        "contacts": frame("contacts", record_id=ids, customer_id=ids, contacted_on=AS_OF, direction="out"),
        "customers": customers(ids, consent_marketing=True),
    }  # fmt: skip
    before = {name: one.copy(deep=True) for name, one in tables.items()}
    assigned(list(GOOD.values()), tables)
    for name, one in tables.items():
        pd.testing.assert_frame_equal(one, before[name])
    assert set(tables) == set(before)


def test_empty_tables_are_as_good_as_none():
    ids = ["a", "b"]
    optional = (
        "experiments",
        "contacts",
        "managers",
        "approvals",
        "lost",
        "values",
        "profile",
        "prospects_ranked",
        "prospects",
    )
    tables = {"classes": classes(ids), "history": history(ids)} | {name: TABLES[name].empty() for name in optional}
    rows, gates = assigned(list(GOOD.values()), tables)
    assert set(rows["play_id"]) == {"call-buyers"}
    assert set(gates["verdict"]) == {"assigned", "nobody_qualifies", "cannot_be_judged"}
