"""The five rungs and their steps, with the figures of HU-04 and HU-26."""

import pandas as pd
import pytest

from rapport.analysis import abcxyz, ladder, states

FIVE = pd.date_range("2026-01-15", periods=6, freq=pd.DateOffset(months=1))


def regular(name, value=10, days=FIVE):
    return [(name, day, value) for day in days]


def rungs_of(firm):
    known = firm.traits.set_index("customer_id").reindex(firm.history["customer_id"])
    table = ladder.rungs(
        firm.history,
        states.states(firm.history, firm.purchase_days, settings=firm.settings),
        abcxyz.regularity(firm.history, firm.periods, settings=firm.settings, as_of=firm.as_of),
        abcxyz.former_regularity(firm.history, firm.periods, settings=firm.settings),
        known,
        settings=firm.settings,
    )
    return table.set_index("customer_id")


@pytest.fixture
def wallet(make_table):
    return lambda **totals: make_table(
        "wallet", customer_id=list(totals), total_spend=list(totals.values()), source="visit"
    )


@pytest.fixture
def referrals(make_table):
    return lambda *names: make_table("referrals", customer_id=list(names))


def test_the_five_rungs(make_firm, wallet, referrals):
    orders = [("one", "2026-06-01", 5), ("two", "2026-05-01", 5), ("two", "2026-06-01", 5)]
    orders += regular("unknown") + regular("only") + regular("advocate")
    firm = make_firm(orders, wallet=wallet(only=60, advocate=60), referrals=referrals("advocate"))
    found = rungs_of(firm)
    assert found["rung"].to_dict() == {
        "one": "buyer", "two": "customer", "unknown": "regular", "only": "adherent", "advocate": "advocate"
    }  # fmt: skip
    assert found.loc["unknown", "rung_note"] == "exclusivity unknown"
    assert found.loc["only", "rung_note"] == "no recommendation recorded"
    assert found["former_rung"].isna().all()


def test_recommending_without_buying_only_here_stays_on_the_third_rung(make_firm, wallet, referrals):
    firm = make_firm(regular("a") + regular("b"), wallet=wallet(a=100), referrals=referrals("a", "b"))
    found = rungs_of(firm)
    assert set(found["rung"]) == {"regular"}
    assert found["rung_note"].to_dict() == {
        "a": "recommends us, buys elsewhere too",
        "b": "recommends us; exclusivity unknown",
    }


def test_three_purchases_that_are_irregular_are_the_second_rung(make_firm):
    firm = make_firm([("a", "2025-07-01", 1), ("a", "2025-07-09", 1), ("a", "2026-06-20", 500)])
    found = rungs_of(firm).iloc[0]
    assert (found["rung"], found["rung_note"]) == ("customer", "irregular")


def test_two_orders_on_one_day_are_one_purchase(make_firm):
    assert rungs_of(make_firm([("a", "2026-06-01", 5), ("a", "2026-06-01", 7)])).iloc[0]["rung"] == "buyer"


def test_who_has_left_keeps_the_former_rung(make_firm):
    gone = pd.date_range("2025-01-15", periods=6, freq=pd.DateOffset(months=1))
    firm = make_firm([*regular("gone", days=gone), ("once", "2024-01-01", 5), *regular("here")])
    found = rungs_of(firm)
    assert found.loc["gone", ["rung", "former_rung"]].tolist() == ["customer", "regular"]
    assert found.loc["gone", "rung_note"] == "no longer active"
    assert found.loc["once", ["rung", "former_rung"]].tolist() == ["buyer", "buyer"]


def test_a_regular_who_begins_to_lapse_is_no_longer_on_the_third_rung(make_firm):
    days = pd.date_range("2024-07-15", "2026-04-15", freq=pd.DateOffset(months=1))
    found = rungs_of(make_firm(regular("a", days=days))).iloc[0]
    assert found[["rung", "former_rung", "rung_note"]].tolist() == ["customer", "regular", "no longer active"]


def test_the_ladder_with_step_rates(make_firm):
    firm = make_firm([("a", "2026-06-01", 5)])
    rungs = ["buyer"] * 5 + ["customer"] * 3 + ["regular"] * 2
    classes = pd.DataFrame(
        {"customer_id": [f"c{i}" for i in range(10)], "rung": rungs, "former_rung": [None] * 9 + ["buyer"]}
    )
    history = pd.DataFrame({"customer_id": classes["customer_id"], "net_total": 1.0})
    table = ladder.ladder(history, classes, firm.traits.assign(wallet=1.0, recommendations=0.0)).set_index("rung")
    assert table["customers"].tolist() == [5, 3, 2, 0, 0]
    assert table["at_least"].tolist() == [10, 5, 2, 0, 0]
    assert table["step_share"].tolist()[1:4] == [0.5, 0.4, 0]
    assert table.loc["customer", ["low", "high"]].tolist() == pytest.approx([0.2366, 0.7634], abs=1e-4)
    assert table["number"].tolist() == [1, 2, 3, 4, 5]
    assert table.loc["buyer", "left"] == 1
    assert pd.isna(table.loc["advocate", "step_share"])
    unknown = ladder.ladder(history, classes, firm.traits).set_index("rung")
    assert unknown["missing"].tolist() == ["", "", "", "wallet.total_spend", "wallet.total_spend"]
    assert unknown["customers"].fillna(-1).tolist() == [5, 3, 2, -1, -1]


def test_seven_of_ten_one_timers_are_an_alert(make_firm):
    orders = [(f"c{i}", "2026-06-01", 10) for i in range(10)] + [(f"c{i}", "2026-06-09", 10) for i in range(3)]
    firm = make_firm(orders)
    found = ladder.one_timer_share(firm.history, settings=firm.settings, as_of=firm.as_of)
    assert (found.value, found.n, found.status) == (0.7, 10, "indicative")
    assert found.parts["is_alert"] is True
    assert found.parts["value_share"] == pytest.approx(70 / 130)
    orders += [("c3", "2026-06-09", 10)]
    six = make_firm(orders)
    assert ladder.one_timer_share(six.history, settings=six.settings, as_of=six.as_of).parts["is_alert"] is False


def test_two_penetrations(make_firm, wallet):
    firm = make_firm([*regular("a"), ("b", "2026-06-01", 5)], wallet=wallet(a=240))
    classes = rungs_of(firm).reset_index()
    told = {"settings": firm.settings, "as_of": firm.as_of}
    regulars, purse = ladder.penetration(firm.history, classes, firm.traits, **told)
    assert (regulars.id, regulars.value, regulars.n) == ("ladder.regular_share", 0.5, 2)
    assert (purse.id, purse.value, purse.n) == ("ladder.wallet_share", 0.25, 1)


def test_without_a_wallet_the_upper_rungs_are_not_available(make_firm, wallet, referrals):
    firm = make_firm(regular("a"))
    found = {one.id: one for one in ladder.rungs_known(firm.traits, as_of=firm.as_of)}
    assert found["ladder.adherents_known"].because == "wallet.total_spend"
    assert found["ladder.advocates_known"].status == "not_available"
    classes = rungs_of(firm).reset_index()
    _, purse = ladder.penetration(firm.history, classes, firm.traits, settings=firm.settings, as_of=firm.as_of)
    assert (purse.status, purse.because) == ("not_available", "wallet.total_spend")
    given = make_firm(regular("a"), wallet=wallet(a=60), referrals=referrals("a"))
    assert [one.status for one in ladder.rungs_known(given.traits, as_of=given.as_of)] == ["ok", "ok"]
