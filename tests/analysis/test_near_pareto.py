"""Who can be lifted into the Pareto group, and how much more a customer could take (LT-08, HU-39)."""

import pandas as pd
import pytest

from rapport.analysis import headroom, near_pareto

DAYS = pd.date_range("2026-01-01", periods=12, freq="7D")


def buys(name, value, orders, shift=0):
    return [(name, day - pd.Timedelta(days=shift), value / orders) for day in DAYS[:orders]]


def near(make_firm, orders):
    firm = make_firm(orders)
    firm.classes = pd.DataFrame(
        {"customer_id": firm.history["customer_id"], "is_pareto": firm.history["customer_id"].str.startswith("p")}
    )
    firm.near = near_pareto.near_pareto(firm.history, firm.classes, settings=firm.settings)
    return firm


def test_the_gap_in_orders(make_firm):
    firm = near(make_firm, buys("p1", 900, 3) + buys("p2", 300, 3) + buys("n", 240, 12) + buys("far", 149, 1))
    assert firm.near[["customer_id", "threshold", "gap", "mean_order", "orders_needed"]].values.tolist() == [
        ["n", 300, 60, 20, 3]
    ]
    found = near_pareto.within_reach(firm.near, firm.history, settings=firm.settings, as_of=firm.as_of)
    assert (found.value, found.parts["o"], found.parts["gap"]) == (1, 3, 60)


def test_level_with_the_last_pareto_customer_is_one_order_away(make_firm):
    assert near(make_firm, buys("p", 300, 3) + buys("n", 300, 3)).near["orders_needed"].tolist() == [1]


def test_who_buys_less_than_before_or_nothing_is_no_candidate(make_firm):
    falling = [("fell", "2025-05-01", 150), ("fell", "2026-05-01", 100)]
    gone = [("gone", "2024-01-01", 280)]
    assert near(make_firm, [*buys("p", 300, 3), *falling, *gone]).near.empty
    short = near(make_firm, [*buys("p", 300, 3), *falling])
    assert short.near["customer_id"].tolist() == ["fell"]
    found = near_pareto.within_reach(short.near, short.history, settings=short.settings, as_of=short.as_of)
    assert (found.status, "425 days" in found.because) == ("indicative", True)


def test_beyond_the_orders_asked_for_is_a_candidate_out_of_reach(make_firm):
    firm = near(make_firm, buys("p", 300, 3) + buys("n", 200, 10))
    found = near_pareto.within_reach(firm.near, firm.history, settings=firm.settings, as_of=firm.as_of)
    assert (found.value, found.parts["candidates"]) == (0, 1)


def test_no_value_no_threshold(make_firm):
    firm = near(make_firm, [("a", "2026-01-01", -5)])
    assert firm.near.empty
    found = near_pareto.within_reach(firm.near, firm.history, settings=firm.settings, as_of=firm.as_of)
    assert found.status == "not_available"


def room(firm, categories):
    history = firm.history.assign(categories=categories)
    return headroom.headroom(history, firm.customers, firm.traits, settings=firm.settings).set_index("customer_id")


def test_headroom_against_the_breadth_of_peers(make_firm):
    firm = make_firm([(name, "2026-05-01", 5) for name in ("own", "p1", "p2", "p3")])
    table = room(firm, [5, 9, 9, 9])
    assert table.loc["own", ["own", "headroom", "peer_categories", "basis"]].tolist() == [5, 4, 9, "all customers"]
    assert table.loc["p1", "headroom"] == 0


def test_headroom_within_the_sector(make_firm):
    people = [{"customer_id": f"c{i}", "sector": "bakery"} for i in range(5)]
    firm = make_firm([(name, "2026-05-01", 10) for name in ("c0", "c1", "c2", "c3", "c4", "wide")], people=people)
    table = room(firm, [1, 2, 2, 2, 2, 8])
    assert table.loc["c0", ["headroom", "peers", "basis"]].tolist() == [10, 5, "peers in its sector"]


def test_headroom_against_the_wallet_goes_before_peers(make_firm, make_table):
    wallet = make_table("wallet", customer_id=["a"], total_spend=[20.0])
    firm = make_firm([("a", "2026-05-01", 5), ("b", "2026-05-01", 5)], wallet=wallet)
    table = room(firm, [1, 0])
    assert table.loc["a", ["headroom", "basis"]].tolist() == [15, "wallet"]
    assert pd.isna(table.loc["b", "headroom"])
    assert table.loc["b", "basis"].startswith("not available")


@pytest.mark.parametrize("column", ["gap", "orders_needed"])
def test_nearest_first(make_firm, column):
    firm = near(make_firm, buys("p", 300, 3) + buys("n1", 240, 12) + buys("n2", 280, 12))
    assert firm.near["customer_id"].tolist() == ["n2", "n1"]
    assert firm.near[column].is_monotonic_increasing
