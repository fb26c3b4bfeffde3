"""The five phases and their steps, and the funnel joined to the ladder (RU-04, HU-05)."""

import pandas as pd
import pytest

from rapport.analysis import funnel, ladder


def test_the_steps_of_the_source():
    table = funnel.steps(pd.Series([1000.0, 200, 50, 20, 5], index=funnel.PHASES))
    assert table["step_share"].tolist()[1:] == [0.2, 0.25, 0.4, 0.25]
    assert (table["low"].iloc[1:] < table["step_share"].iloc[1:]).all()
    assert table["note"].tolist() == [""] * 5


def test_a_step_above_one_is_a_fault_of_the_data():
    table = funnel.steps(pd.Series([10.0, 20, 5, None, 1], index=funnel.PHASES))
    assert table["note"].tolist() == ["", "more than in the phase before: check the data", "", "not available", ""]
    assert table["step_share"].iloc[1] == 2
    assert pd.isna(table["low"].iloc[1])
    assert pd.isna(table["step_share"].iloc[4])


@pytest.fixture
def shop(make_firm, make_table):
    orders = [("one", "2026-06-01", 5), ("two", "2026-05-01", 5), ("two", "2026-06-01", 5), ("old", "2025-01-01", 5)]
    firm = make_firm(orders, referrals=make_table("referrals", customer_id=["two"]))
    firm.classes = pd.DataFrame(
        {
            "customer_id": ["one", "two", "old"],
            "state": ["too_early", "active", "lost"],
            "rung": ["buyer", "customer", "buyer"],
            "former_rung": None,
        }
    )
    firm.prospects = make_table(
        "prospects",
        prospect_id=list("abcdef"),
        stage=["identified", "contacted", "won", None, "refused", "won"],
        listed_on=["2026-05-01", "2026-05-01", "2026-05-01", "2026-05-01", "2026-05-01", "2024-01-01"],
    )
    return firm


def test_the_phases_are_counted_on_one_base(shop):
    ever = funnel.funnel(shop.history, shop.classes, shop.traits, shop.prospects, as_of=shop.as_of)
    assert ever["customers"].tolist() == [6, 4, 3, 1, 1]
    since = funnel.funnel(
        shop.history, shop.classes, shop.traits, shop.prospects, as_of=shop.as_of, since=pd.Timestamp("2026-01-01")
    )
    assert since["customers"].tolist() == [5, 3, 2, 1, 1]
    given = funnel.funnel(shop.history, shop.classes, shop.traits, as_of=shop.as_of, reach=1000, acquisition=200)
    assert given["customers"].tolist() == [1000, 200, 3, 1, 1]


def test_without_prospects_and_referrals_the_ends_are_not_available(shop, make_firm):
    bare = make_firm([("one", "2026-06-01", 5), ("two", "2026-06-01", 5), ("old", "2025-01-01", 5)])
    table = funnel.funnel(bare.history, shop.classes, bare.traits, as_of=bare.as_of)
    assert table["note"].tolist() == ["not available", "not available", "", "", "not available"]


def test_funnel_and_ladder_in_one_table(shop):
    upper = funnel.funnel(shop.history, shop.classes, shop.traits, shop.prospects, as_of=shop.as_of)
    lower = ladder.ladder(shop.history, shop.classes, shop.traits.assign(wallet=1.0))
    flows = pd.DataFrame(
        {"after": ["customer", "customer", "buyer"], "direction": ["up", "up", "down"], "customers": [2, 1, 1]}
    )
    table = funnel.skirt(upper, lower, flows)
    assert table["stage"].tolist() == ["reach", "acquisition", "buyer", "customer", "regular", "adherent", "advocate"]
    assert table["customers"].tolist() == [6, 4, 3, 1, 0, 0, 0]
    assert table["step_share"].iloc[2] == 0.75
    assert table["low"].iloc[2] < 0.75 < table["high"].iloc[2]
    assert table["came_up"].tolist()[2:4] == [0, 3]
    assert table["came_down"].tolist()[2:4] == [1, 0]
    assert funnel.skirt(upper, lower)["came_up"].isna().all()


def test_more_buyers_than_prospects_have_a_share_above_one_and_no_interval(shop):
    upper = funnel.funnel(shop.history, shop.classes, shop.traits, as_of=shop.as_of, reach=5, acquisition=2)
    lower = ladder.ladder(shop.history, shop.classes, shop.traits)
    row = funnel.skirt(upper, lower).set_index("stage").loc["buyer"]
    assert (row["step_share"], row[["low", "high"]].isna().all()) == (1.5, True)
