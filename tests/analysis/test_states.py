"""States by each customer's own rhythm, and the trend of the last half-year (DEF6, HU-03, HU-09)."""

import pandas as pd
import pytest

from rapport.analysis import states


def every(name, gap, last, times=5, value=10):
    return [(name, day, value) for day in pd.date_range(end=last, periods=times, freq=f"{gap}D")]


def state_of(firm, name="a"):
    table = states.states(firm.history, firm.purchase_days, settings=firm.settings).set_index("customer_id")
    return table.loc[name]


@pytest.mark.parametrize(
    ("gap", "silent", "state"),
    [
        (180, 110, "active"),
        (30, 110, "lost"),
        (30, 60, "active"),
        (30, 61, "lapsing"),
        (30, 90, "lapsing"),
        (30, 91, "lost"),
    ],
)
def test_silence_is_judged_by_the_customers_own_gap(make_firm, gap, silent, state):
    as_of = pd.Timestamp("2026-06-30")
    firm = make_firm(every("a", gap, as_of - pd.Timedelta(days=silent)), as_of=as_of)
    found = state_of(firm)
    assert (found["state"], found["gap_used_days"], found["gap_is_own"]) == (state, gap, True)


def test_two_purchases_are_judged_by_the_gap_of_the_base(make_firm):
    firm = make_firm(every("base", 20, "2026-06-20") + every("two", 300, "2026-06-01", times=2))
    found = state_of(firm, "two")
    assert (found["state"], found["gap_used_days"], found["gap_is_own"]) == ("active", 20, False)


def test_where_nobody_has_three_days_the_only_gaps_speak(make_firm):
    firm = make_firm(every("a", 50, "2026-06-01", times=2) + every("b", 70, "2026-06-01", times=2))
    assert state_of(firm)["gap_used_days"] == 60


def test_one_timers_are_waited_for_as_long_as_others_needed(make_firm):
    orders = [
        row
        for i, gap in enumerate([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
        for row in every(f"r{i}", gap, "2025-12-31", times=2)
    ]
    orders += [("early", "2026-04-11", 5), ("late", "2026-03-20", 5)]
    firm = make_firm(orders, parameters={"data.truncation_days": 0})
    assert states.one_timer_patience(firm.history, firm.purchase_days, settings=firm.settings) == pytest.approx(91)
    assert state_of(firm, "early")["state"] == "too_early"
    assert state_of(firm, "late")["state"] == "lost_one_timer"


def test_customers_of_unknown_birth_do_not_say_how_long_a_second_purchase_takes(make_firm):
    firm = make_firm(every("old", 10, "2025-01-31", times=2) + every("clean", 40, "2026-01-31", times=2))
    assert states.one_timer_patience(firm.history, firm.purchase_days, settings=firm.settings) == 40


def test_where_nobody_ever_came_back_a_one_timer_is_waited_for_an_active_window(make_firm):
    firm = make_firm([("a", "2026-01-01", 5), ("b", "2025-01-01", 5)])
    assert state_of(firm, "a")["state"] == "too_early"
    assert state_of(firm, "b")["state"] == "lost_one_timer"


def test_only_returns_are_no_purchase(make_firm):
    firm = make_firm([("a", "2026-01-01", -5)])
    assert state_of(firm)["state"] == "no_purchase"


def test_times_to_the_second_purchase_whatever_the_order_of_rows(make_firm):
    firm = make_firm(every("a", 30, "2026-06-01") + every("b", 45, "2026-05-01", times=2) + [("c", "2026-01-01", 5)])
    for days in (firm.purchase_days, firm.purchase_days.sample(frac=1, random_state=3)):
        assert states.second_purchase_days(days).sort_index().to_dict() == {"a": 30.0, "b": 45.0}


def trend_of(make_firm, orders):
    firm = make_firm([("a", "2025-01-01", 1), *orders])
    return states.trends(firm.history, firm.purchase_days, as_of=firm.as_of).iloc[0]


def test_more_and_more_often(make_firm):
    found = trend_of(make_firm, every("a", 60, "2025-12-20", times=3) + every("a", 20, "2026-06-20", times=6))
    assert found["trend"] == "more"
    assert (found["net_last"], found["net_previous"], found["gap_previous"]) == (
        60,
        30,
        pytest.approx((231 + 60 + 60) / 3, abs=5),
    )


def test_less_and_less_often(make_firm):
    assert trend_of(make_firm, every("a", 20, "2025-12-20", times=6))["trend"] == "less"
    assert (
        trend_of(make_firm, every("a", 20, "2025-12-20", times=6) + every("a", 80, "2026-06-01", times=2))["trend"]
        == "less"
    )


def test_more_money_less_often_is_the_same(make_firm):
    found = trend_of(make_firm, [*every("a", 20, "2025-12-20", times=6), ("a", "2026-06-01", 500)])
    assert found["trend"] == "same"


def test_a_customer_of_less_than_a_year_has_no_trend(make_firm):
    firm = make_firm(every("a", 20, "2026-06-20", times=6))
    assert states.trends(firm.history, firm.purchase_days, as_of=firm.as_of)["trend"].isna().all()


def test_where_customers_stand_and_with_what(make_firm):
    firm = make_firm([("a", "2026-05-01", 90), ("b", "2026-05-01", 10), ("c", "2024-05-01", 7)])
    classes = pd.DataFrame(
        {
            "customer_id": list("abcn"),
            "state": ["active", "active", "lost", "no_purchase"],
            "abc": ["A", "C", "B", None],
        }
    )
    table = states.by_state(firm.history, classes).set_index("state")
    assert table.index.tolist() == ["active", "lost", "no_purchase"]
    assert table["customers"].tolist() == [2, 1, 1]
    assert table["customer_share"].sum() == 1
    assert table.loc["active", ["best", "net", "net_recent", "net_before"]].tolist() == [1, 100, 100, 0]
    assert table.loc["lost", ["best", "net", "net_recent"]].tolist() == [1, 7, 0]


def test_who_buys_more_and_more_often_by_class(make_firm):
    firm = make_firm([("a", "2026-05-01", 90), ("b", "2026-05-01", 10), ("c", "2024-05-01", 7)])
    classes = pd.DataFrame({"customer_id": list("abc"), "trend": ["more", None, "more"], "abc": ["A", "C", "B"]})
    table = states.by_trend(firm.history, classes).set_index("trend")
    assert table.loc["more", ["customers", "A", "B", "C", "net_recent"]].tolist() == [2, 1, 1, 0, 90]
    assert table.loc["known less than a year", "C"] == 1


@pytest.mark.parametrize(
    ("gap", "gaps", "is_short"), [(30, 365 / 30, False), (182, 365 / 182, False), (183, 365 / 183, True)]
)
def test_a_window_shorter_than_two_usual_gaps_is_warned_of(make_firm, gap, gaps, is_short):
    firm = make_firm(every("a", gap, "2026-06-01"))
    found = states.window(firm.history, settings=firm.settings, as_of=firm.as_of)
    assert found.value == pytest.approx(gaps)
    assert (found.parts["is_short"], found.status) == (is_short, "indicative" if is_short else "ok")
    once = make_firm([("a", "2026-06-01", 5)])
    assert states.window(once.history, settings=once.settings, as_of=once.as_of).status == "not_available"
