import numpy as np
import pandas as pd
import pytest

from rapport.analysis import lost
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")  # a Wednesday
DEFAULT = settings()


def firm(*rows) -> dict[str, pd.DataFrame]:
    """(customer, state, gap, days of purchases before as_of, net each) rows as the tables that `lost` reads."""
    days = [(name, AS_OF - pd.Timedelta(days=ago), net) for name, _, _, agos, net in rows for ago in agos]
    bought = pd.DataFrame(days, columns=["customer_id", "ordered_on", "net"])
    grouped = bought.groupby("customer_id")
    history = grouped.agg(
        first_order_on=("ordered_on", "min"),
        last_order_on=("ordered_on", "max"),
        purchase_days=("net", "size"),
        net_total=("net", "sum"),
    ).reset_index()
    history["repeat_days"] = history["purchase_days"] - 1
    history["span_days"] = (history["last_order_on"] - history["first_order_on"]).dt.days.astype(float)
    history["silent_days"] = (AS_OF - history["last_order_on"]).dt.days.astype(float)
    history = history.assign(margin_total=np.nan, manager_id="m1", is_truncated=False)
    classes = pd.DataFrame([row[:3] for row in rows], columns=["customer_id", "state", "gap_used_days"])
    values = pd.DataFrame({"customer_id": classes["customer_id"], "clv": np.nan, "alive_prob": np.nan})
    return {
        "classes": classes.assign(key_scope="", gap_used_days=classes["gap_used_days"].astype(float)),
        "history": history,
        "values": values,
        "purchase_days": bought,
    }


SMALL = firm(
    ("big", "lost", 30, (400, 370, 340, 300), 500.0),
    ("old", "lost", 30, (420, 390, 360, 350), 100.0),
    ("back", "active", 30, (500, 470, 440, 200, 20), 100.0),
    ("once", "lost_one_timer", 60, (380,), 80.0),
)


def test_the_silent_are_ranked_by_what_contacting_adds():
    table = lost.lost(**SMALL, settings=DEFAULT, as_of=AS_OF)
    assert table["customer_id"].tolist() == ["big", "old", "once"]
    assert table["rank"].tolist() == [1, 2, 3]
    big = table.iloc[0]
    assert big["lost_on"] == AS_OF - pd.Timedelta(days=270)
    assert big["silent_gaps"] == pytest.approx(10)
    stays_away = 1 - big["return_prob"]
    assert big["uplift"] == pytest.approx(0.05 * stays_away)
    assert big["winback_value"] == pytest.approx(0.05 * stays_away * 2000 * 365.25 / 365 - 15, abs=0.1)
    assert "assumption" in big["uplift_source"]


def test_remaining_value_is_lifetime_value_given_alive_where_there_is_a_forecast():
    tables = SMALL | {"values": SMALL["values"].assign(alive_prob=0.25, clv=100.0)}
    table = lost.lost(**tables, settings=DEFAULT, as_of=AS_OF).set_index("customer_id")
    assert table.loc["big", "value_at_risk"] == pytest.approx(400 * 0.75)
    assert table.loc["big", "winback_value"] == pytest.approx(0.05 * (1 - table.loc["big", "return_prob"]) * 400 - 15)


def test_keys_are_due_within_three_working_days():
    tables = SMALL | {"classes": SMALL["classes"].assign(key_scope=["company", "", "", ""])}
    table = lost.lost(**tables, settings=DEFAULT, as_of=AS_OF).set_index("customer_id")
    assert table.loc["big", "due_on"] == pd.Timestamp("2026-10-05")
    assert table.loc["old", "due_on"] == pd.Timestamp("2026-10-30")


def test_the_crm_calling_a_silent_customer_active_is_disputed():
    people = pd.DataFrame(
        {
            "customer_id": ["big", "old", "once"],
            "crm_status": ["Active", "Lost ", None],
            "manager_id": ["m9", None, None],
        }
    )
    table = lost.lost(**SMALL, customers=people, settings=DEFAULT, as_of=AS_OF).set_index("customer_id")
    assert table["is_disputed"].to_dict() == {"big": True, "old": False, "once": False}
    assert table["manager_id"].to_dict() == {"big": "m9", "old": "m1", "once": "m1"}


def test_a_stated_reason_goes_before_a_suspected_one():
    survey = pd.DataFrame(
        {
            "customer_id": ["big", "big", "old"],
            "is_answered": [True, True, False],
            "asked_on": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-02-01"]),
            "reason_code": ["price", None, "service"],
            "three_way": [None, "need_gone", None],
            "attribution": None,
        }
    )
    signs = pd.DataFrame(
        {
            "customer_id": ["big", "old", "old", "once"],
            "sign": ["complaint", "late delivery", "return", "complaint"],
            "happened_on": [AS_OF - pd.Timedelta(days=ago) for ago in (310, 360, 355, 20)],
            "ordered_on": [pd.NaT, pd.NaT, AS_OF - pd.Timedelta(days=360), pd.NaT],
        }
    )  # the return was about an earlier order: buying again has answered it
    table = lost.lost(**SMALL, leavers_survey=survey, signs=signs, settings=DEFAULT, as_of=AS_OF)
    told = table.set_index("customer_id")[["reason", "reason_source"]].fillna("").apply(tuple, axis=1).to_dict()
    assert told == {
        "big": ("need_gone", "survey"),
        "old": ("late_delivery", "suspected from behaviour"),
        "once": ("", ""),
    }


def test_own_experiments_replace_the_assumed_uplift():
    arms = pd.DataFrame(
        {
            "arm": ["treated"] * 100 + ["control"] * 100,
            "succeeded": [i < 30 for i in range(100)] + [i < 15 for i in range(100)],
        }
    )
    table = lost.lost(**SMALL, experiments=arms, settings=DEFAULT, as_of=AS_OF)
    assert table["uplift"].tolist() == pytest.approx((0.15 / 0.85 * (1 - table["return_prob"])).tolist())
    assert "30 of 100 treated" in table["uplift_source"].iloc[0]


def test_what_was_said_goes_before_what_silence_suggests():
    """Who refused for good is asked nothing more (HU-47); who refused for now, or often comes back, is lost for now."""
    log = pd.DataFrame(
        {
            "customer_id": ["big", "big", "old", None],
            "status": ["refused_permanent", "refused_temporary", "refused_permanent", "contacted"],
            "contacted_on": pd.to_datetime(["2026-08-01", "2026-09-01", "2026-09-01", "2026-09-01"]),
        }
    )
    given = {"settings": settings({"recover.return_level": 0.0}), "as_of": AS_OF}
    table = lost.lost(**SMALL, winback_log=log, **given).set_index("customer_id")
    assert table["outlook"].to_dict() == {"big": "temporary", "old": "refused", "once": "temporary"}
    assert table.loc["old", ["uplift", "winback_value", "due_on"]].isna().all()
    assert table.loc["old", "rank"] == 3
    strict = {"settings": settings({"recover.return_level": 1.0}), "as_of": AS_OF}
    assert set(lost.lost(**SMALL, **strict)["outlook"]) == {"permanent"}


def test_a_return_after_our_call_is_none_by_itself():
    """ "back" came 180 days after a call: with the log it is no return by itself, and shares fall."""
    called = AS_OF - pd.Timedelta(days=400)
    log = pd.DataFrame({"customer_id": ["back"], "status": "returned", "contacted_on": called})
    without = lost.lost(**SMALL, settings=DEFAULT, as_of=AS_OF)["return_prob"]
    assert (lost.lost(**SMALL, winback_log=log, settings=DEFAULT, as_of=AS_OF)["return_prob"] < without).all()


def test_nobody_silent_gives_an_empty_table():
    tables = SMALL | {"classes": SMALL["classes"].assign(state="active")}
    assert lost.lost(**tables, settings=DEFAULT, as_of=AS_OF).empty
