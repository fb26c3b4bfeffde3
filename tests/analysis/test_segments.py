"""One primary segment per customer: mutually exclusive, ordered rules, small ones merged, each with its reason."""

import pandas as pd
import pytest

from rapport.analysis import segments
from rapport.foundation.settings import settings

KIT = settings()
USUAL = {
    "state": "active", "abc": "C", "xyz": "Z", "trend": "same", "key_scope": "", "is_discount": False,
    "gap_used_days": 30.0, "gap_is_own": True, "silent_days": 20.0, "net_total": 100.0,
}  # fmt: skip


def people(*groups):
    rows = [{**USUAL, **row} for row, times in groups for _ in range(times)]
    return pd.DataFrame(rows).assign(customer_id=[f"c{i:03}" for i in range(len(rows))])


@pytest.mark.parametrize(
    ("row", "segment", "why"),
    [
        ({"state": "no_purchase", "abc": None, "net_total": None}, "not_yet_bought", "set up, has not bought yet"),
        ({"state": "no_purchase", "abc": None, "net_total": -5.0}, "no_net_value", None),
        ({"abc": None, "net_total": -5.0}, "no_net_value", "no value above zero to rank by; net sales -5.00"),
        ({"key_scope": "company;department:B", "state": "lost"}, "key", "key customer for company, department B"),
        (
            {"state": "lost", "abc": "A", "silent_days": 210.0},
            "lost_best",
            "lost: silent 210 days, 7.0 of its own gaps of 30 days; class A by value",
        ),
        (
            {"state": "lost", "gap_is_own": False, "silent_days": 99.0},
            "lost",
            "lost: silent 99 days, 3.3 of the base's gaps of 30 days",
        ),
        ({"state": "lost_one_timer"}, "lost_one_timers", None),
        ({"state": "lapsing", "abc": "B"}, "slipping_best", None),
        ({"state": "lapsing"}, "slipping", None),
        ({"state": "too_early"}, "newcomers", None),
        (
            {"abc": "A", "xyz": "X"},
            "core",
            "active: 20 days since the last purchase, 0.7 of its own gaps of 30 days; class A by value, regular (X)",
        ),
        ({"abc": "A", "xyz": "N"}, "irregular_big", None),
        ({"abc": "B"}, "middle", None),
        ({"is_discount": True, "trend": "more"}, "discount", None),
        ({"trend": "more"}, "growing", None),
        ({}, "small", None),
    ],
)
def test_the_rules_in_order(row, segment, why):
    found = segments.segments(people((row, 5)), settings=KIT)
    assert set(found["segment"]) == {segment}
    assert why is None or set(found["why"]) == {why}


def test_every_rule_is_printed():
    table = segments.rules()
    assert table["segment"].is_unique
    assert table["number"].tolist() == list(range(1, len(table) + 1))
    assert set(table["merged_into"]) - {""} <= set(table["segment"])


def test_three_customers_are_merged_into_the_next_wider_segment():
    found = segments.segments(people(({"abc": "A", "xyz": "X"}, 3), ({"abc": "A"}, 5)), settings=KIT)
    assert found["segment"].tolist() == ["irregular_big"] * 8
    assert found["why"].iloc[0].endswith("fewer than 5 customers in 'core', merged into 'irregular big'")
    assert "merged" not in found["why"].iloc[7]


def test_merging_goes_on_until_the_segment_is_large_enough():
    found = segments.segments(people(({"abc": "A", "xyz": "X"}, 2), ({"abc": "A"}, 2), ({"abc": "B"}, 4)), settings=KIT)
    assert set(found["segment"]) == {"middle"}


def test_key_customers_are_never_merged():
    assert segments.segments(people(({"key_scope": "company"}, 1), ({}, 9)), settings=KIT)["segment"].iloc[0] == "key"


def test_sizes_sum_to_the_base():
    table = people(({"abc": "A"}, 6), ({}, 6))
    classes = segments.segments(table, settings=KIT)
    sizes = segments.sizes(table, classes)
    assert sizes["segment"].tolist() == ["irregular_big", "small"]
    assert sizes["customer_share"].sum() == 1
    assert sizes["net_share"].sum() == 1


@pytest.mark.parametrize(("n", "value"), [(12, "individual"), (30, "individual"), (31, "segment")])
def test_few_customers_are_looked_at_one_by_one(n, value):
    classes = people(({"key_scope": "company"}, 1), ({}, n - 1))
    found = segments.mode(classes, settings=KIT, as_of=pd.Timestamp("2026-06-30"))
    assert (found.value, found.parts["keys"]) == (value, 1)


def test_the_largest_customer_of_each_segment_says_why():
    table = people(({"abc": "A"}, 6), ({}, 6))
    table.loc[7, "net_total"] = 999.0
    found = segments.reasons(table, segments.segments(table, settings=KIT))
    assert found["segment"].tolist() == ["irregular_big", "small"]
    assert found["customer_id"].tolist() == [table["customer_id"].iloc[0], table["customer_id"].iloc[7]]
    assert found["why"].str.startswith("active").all()
