import numpy as np
import pandas as pd
import pytest

from rapport.analysis import survival
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-06-30")


def test_curve_of_a_hand_worked_example():
    """Times 3, 5, 5+, 8, 10+ (+ censored): 0.8 after 3, 0.6 after 5, 0.3 after 8."""
    table = survival.curve([3, 5, 5, 8, 10], [True, True, False, True, False], level=0.95)
    assert table["day"].tolist() == [0, 3, 5, 8, 10]
    assert table["share"].tolist() == pytest.approx([1, 0.8, 0.6, 0.3, 0.3])
    assert table["at_risk"].tolist() == [5, 5, 4, 2, 1]
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()


def test_weights_stand_for_as_many_episodes():
    long = survival.curve([2, 2, 2, 7, 7], [True] * 3 + [False] * 2, level=0.95)
    short = survival.curve([2, 7], [True, False], level=0.95, weights=[3, 2])
    pd.testing.assert_frame_equal(long, short)


def test_median_is_none_when_half_were_never_reached():
    table = survival.curve([3, 5, 5, 8, 10], [True, True, False, True, False], level=0.95)
    assert survival.median(table)[0] == 8
    assert survival.median(survival.curve([3, 9, 9], [True, False, False], level=0.95))[0] is None


def test_share_by_a_day_is_unknown_beyond_what_was_watched():
    table = survival.curve([3, 5, 5, 8, 10], [True, True, False, True, False], level=0.95)
    assert survival.share_by(table, 6)[0] == pytest.approx(0.4)
    assert survival.share_by(table, 11) is None


def firm():
    """40 customers who buy on day 0 and, half of them, 30 days later; 40 more of unknown birth."""
    start = AS_OF - pd.Timedelta(days=300)
    names = [f"n{i:02d}" for i in range(40)]
    rows = [(name, start) for name in names] + [(name, start + pd.Timedelta(days=30)) for name in names[:20]]
    old = [(f"o{i:02d}", start - pd.Timedelta(days=50)) for i in range(40)]
    bought = pd.DataFrame([*rows, *old], columns=["customer_id", "ordered_on"])
    history = bought.groupby("customer_id")["ordered_on"].agg(first_order_on="min", last_order_on="max").reset_index()
    history["span_days"] = (history["last_order_on"] - history["first_order_on"]).dt.days.astype(float)
    history["observed_days"] = (AS_OF - history["first_order_on"]).dt.days.astype(float)
    history["is_truncated"] = history["customer_id"].str.startswith("o")
    classes = history[["customer_id"]].assign(gap_used_days=30.0, state="lost")
    classes.loc[classes["customer_id"].isin(names[:10]), "state"] = "active"
    return bought, history, classes


def test_alive_curves_follow_second_purchase_return_and_staying():
    table = survival.alive_curves(*firm(), settings=settings(), as_of=AS_OF)
    assert set(table["curve"]) == {survival.SECOND, survival.RETURN, survival.STAYING}
    every = table[table["group"] == "all"].set_index(["curve", "day"])
    second = every.loc[survival.SECOND]
    assert second["at_risk"].iloc[0] == 40  # those of unknown birth are not asked
    assert second.loc[30, "share"] == pytest.approx(0.5)
    staying = every.loc[survival.STAYING]
    assert staying.loc[30, "share"] == pytest.approx(0.5)  # 20 one-timers were due after 30 days
    assert staying.loc[60, "share"] == pytest.approx(0.25)  # 10 of the repeaters after 60, 10 are still here
    assert np.array_equal(table.columns, list(TABLES["alive_curves"].columns))


def test_return_is_counted_from_the_day_the_silence_became_a_lapse():
    bought, history, classes = firm()
    back = pd.DataFrame({"customer_id": [f"n{i:02d}" for i in range(5)], "ordered_on": AS_OF - pd.Timedelta(days=20)})
    table = survival.alive_curves(pd.concat([bought, back]), history, classes, settings=settings(), as_of=AS_OF)
    back_again = table[(table["curve"] == survival.RETURN) & (table["group"] == "all")]
    assert back_again["share"].iloc[-1] < 1
    assert back_again.loc[back_again["share"] < 1, "day"].iloc[0] == 250 - 60
