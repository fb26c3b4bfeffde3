"""The review list and the decisions read back from it (HU-N1)."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.analysis import identity, review
from rapport.foundation import decisions
from rapport.foundation.contracts import TABLES
from rapport.foundation.errors import SettingsError
from rapport.foundation.settings import settings

DEFAULT = settings()
DAY = pd.Timestamp("2026-10-01")


def firm() -> pd.DataFrame:
    rows = [{"name": name} for name in ("Kovács", "Kovács", "Nagy", "Nagy")]
    frame = pd.DataFrame([{"source": "crm", "record_id": str(n)} | row for n, row in enumerate(rows, start=1)])
    contract = TABLES["records"]
    return contract.check(contract.complete(frame), "test")


def listed(records: pd.DataFrame, **lists) -> pd.DataFrame:
    pairs = identity.pairs(records, settings=DEFAULT)
    links = identity.links(records, pairs, settings=DEFAULT, **lists)
    values = pd.DataFrame({"source": "crm", "record_id": ["1", "3"], "net_total": [10.0, 40.0]})
    open_ = identity.ambiguous(records, pairs, links, values=values, split=lists.get("split", ()))
    return review.review_list(records, pairs, links, open_, values=values, **lists)


def filled(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["record_a", "record_b", "decision"]).assign(note=None)


def test_the_list_has_the_most_money_first_and_room_for_an_answer():
    found = listed(firm())
    assert list(found.columns) == list(TABLES["review"].columns)
    assert list(zip(found["record_a"], found["record_b"])) == [("crm:3", "crm:4"), ("crm:1", "crm:2")]
    assert set(found["proposal"]) == {"open"}
    assert set(found["decision"]) == {""}


def test_what_the_records_say_stands_beside_the_names():
    records = firm()
    records.loc[0, ["phone", "city"]] = ["+370 5 2123456", "Kaunas"]
    records.loc[1, "born_on"] = pd.Timestamp("1970-05-05")
    found = listed(records).set_index("record_a")
    assert found.loc["crm:1", ["known_a", "known_b"]].tolist() == ["+370 5 2123456; Kaunas", "1970-05-05"]


def test_a_decision_travels_round_and_can_be_taken_back():
    records, answers = firm(), listed(firm())
    answers["decision"] = [" Same", "DIFFERENT "]
    log = review.change_log(answers, decided_on=DAY)
    assert list(log["change"]) == ["merge added", "split added"]
    merge, split = decisions.overrides(log)
    assert (merge, split) == ((("crm:3", "crm:4"),), (("crm:1", "crm:2"),))
    again = listed(records, merge=merge, split=split)
    assert list(zip(again["record_a"], again["proposal"], again["decision"], again["net_total"])) == [
        ("crm:3", "decided", "same", 40.0),
        ("crm:1", "decided", "different", 10.0),
    ]
    assert set(review.change_log(again, merge=merge, split=split, decided_on=DAY)["change"]) == {"none"}
    links = identity.links(
        records, identity.pairs(records, settings=DEFAULT), settings=DEFAULT, merge=merge, split=split
    )
    assert links["customer_id"].tolist() == ["1", "2", "3", "3"]


def test_pairs_joined_by_weights_are_shown_too_unless_the_client_joined_them():
    records = firm()
    pairs = identity.pairs(records, settings=DEFAULT)
    pairs = pairs.assign(rule="model", match_prob=0.97)
    values = pd.DataFrame({"source": "crm", "record_id": ["1", "2"], "net_total": [10.0, 5.0]})
    links = identity.links(records, pairs, settings=DEFAULT)
    nothing = TABLES["ambiguous"].empty()
    found = review.review_list(records, pairs, links, nothing, values=values)
    assert list(found["proposal"]) == ["joined", "joined"]
    assert list(found["net_total"]) == [15.0, 0.0]
    links = identity.links(records, pairs, settings=DEFAULT, merge=[["crm:1", "crm:2"]])
    assert len(review.review_list(records, pairs, links, nothing, values=values)) == 1


def test_what_was_decided_before_is_told_and_the_later_word_wins():
    answers = filled(("crm:1", "crm:2", "different"), ("crm:3", "crm:4", "same"), ("crm:5", "crm:6", "same"))
    merge, split = [["crm:1", "crm:2", "crm:9"], ["crm:5", "crm:6"]], [["crm:3", "crm:4"]]
    log = review.change_log(answers, merge=merge, split=split, decided_on=DAY)
    assert list(log["change"]) == ["merge taken back, split added", "split taken back, merge added", "none"]
    new_merge, new_split = decisions.overrides(log, merge=merge, split=split)
    assert new_merge == (("crm:1", "crm:9"), ("crm:5", "crm:6"), ("crm:3", "crm:4"))
    assert new_split == (("crm:1", "crm:2"),)
    assert decisions.overrides(log, merge=new_merge, split=new_split) == (new_merge, new_split)


def test_taking_one_pair_out_of_a_split_of_three_keeps_the_others_apart():
    log = review.change_log(filled(("a", "b", "same")), split=[["a", "b", "c"]], decided_on=DAY)
    assert decisions.overrides(log, split=[["a", "b", "c"]]) == ((("a", "b"),), (("a", "c"), ("b", "c")))


def test_empty_and_unsure_decide_nothing():
    assert review.change_log(filled(("a", "b", ""), ("c", "d", "unsure"), ("e", "f", None)), decided_on=DAY).empty


def test_another_word_is_refused_with_its_row():
    answers = filled(("a", "b", "same"), ("c", "d", "sam")).set_axis([2, 3], axis=0)
    with pytest.raises(SettingsError, match=r"'sam' is no decision[\s\S]*row 3[\s\S]*did you mean 'same'"):
        review.change_log(answers, decided_on=DAY)


def test_a_pair_decided_both_ways_is_refused_even_turned_round():
    with pytest.raises(SettingsError, match="both ways"):
        review.change_log(filled(("a", "b", "same"), ("b", "a", "different")), decided_on=DAY)


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("efgh"), st.sampled_from(review.DECISIONS)), max_size=8)
)
def test_every_decision_is_in_force_afterwards(rows):
    answers = filled(*rows).drop_duplicates(["record_a", "record_b"])
    log = review.change_log(answers, merge=[["a", "e", "b"]], split=[["c", "g"]], decided_on=DAY)
    merge, split = decisions.overrides(log, merge=[["a", "e", "b"]], split=[["c", "g"]])
    for row in log.itertuples():
        held, other = (merge, split) if row.decision == "same" else (split, merge)
        assert any({row.record_a, row.record_b} <= set(one) for one in held)
        assert not any({row.record_a, row.record_b} <= set(one) for one in other)
