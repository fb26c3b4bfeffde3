import numpy as np
import pandas as pd
import pytest

from rapport.analysis import status
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


def four():
    """active/active, active/lost, lost/active, lost/lost, as behaviour and CRM say."""
    names = ["aa", "al", "la", "ll"]
    classes = pd.DataFrame({"customer_id": names, "state": ["active", "active", "lost", "lost_one_timer"]})
    customers = pd.DataFrame({"customer_id": names, "crm_status": ["Active", " CLOSED", "in work", "lost"]})
    history = pd.DataFrame(
        {
            "customer_id": names,
            "purchase_days": [5, 2, 3, 1],
            "silent_days": 10.0,
            "last_order_on": AS_OF,
            "net_total": 5.0,
        }
    )
    return classes, history, customers


def test_two_of_four_disagree():
    """LT-13: active/active, active/lost, lost/active, lost/lost → 2 disagreements."""
    classes, history, customers = four()
    rows = status.disagreements(classes, history, customers, settings=DEFAULT).set_index("customer_id")
    assert rows["kind"].to_dict() == {"al": "CRM says lost, but buys", "la": "CRM says active, but silent"}
    assert rows["is_continuous"].to_dict() == {"al": False, "la": True}
    found = status.verified(classes, history, customers, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n, found.parts) == (2, 4, {"silent": 1, "bought": 1, "continuous": 1})


VALUES = pd.DataFrame({"customer_id": ["aa", "al", "la", "ll"], "alive_prob": [0.9, 0.2, 0.5, np.nan]})


def test_the_three_views_add_up_to_all_customers():
    classes, _, customers = four()
    customers = pd.concat([customers, pd.DataFrame({"customer_id": ["x"], "crm_status": [""]})])
    classes = pd.concat([classes, pd.DataFrame({"customer_id": ["x"], "state": ["lapsing"]})])
    table = status.views(classes, VALUES, customers, settings=DEFAULT)
    assert table[["state", "model"]].apply(tuple, axis=1).tolist() == [
        ("active", status.ALIVE),
        ("active", status.NOT_ALIVE),
        ("lapsing", status.NOT_KNOWN),
        ("lost", status.ALIVE),
        ("lost_one_timer", status.NOT_KNOWN),
    ]
    assert table["customers"].tolist() == [1, 1, 1, 1, 1]
    assert table["crm_active"].tolist() == [1, 0, 0, 1, 0]
    assert table["crm_lost"].tolist() == [0, 1, 0, 0, 1]
    assert table["crm_unknown"].tolist() == [0, 0, 1, 0, 0]
    assert status.views(classes, VALUES, None, settings=DEFAULT)["crm_unknown"].sum() == 5


def test_rhythm_and_model_disagree_about_two():
    """la is lost by its rhythm with a chance of .5 to buy again; al is active with .2; of ll the model does not speak."""
    classes, history, _ = four()
    classes["gap_used_days"] = 30.0
    table = status.model_disagreements(classes, history, VALUES, settings=DEFAULT).set_index("customer_id")
    assert table["kind"].to_dict() == {"al": status.ACTIVE_BUT_GONE, "la": status.LOST_BUT_ALIVE}
    found = status.seen_differently(classes, history, VALUES, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n) == (2, 3)
    assert found.parts == {"silent": 1, "active": 1, "level": 0.5}
    none = status.seen_differently(classes, history, VALUES.assign(alive_prob=np.nan), settings=DEFAULT, as_of=AS_OF)
    assert none.status == "not_available"


def test_a_model_to_which_everybody_is_alive_gives_no_view():
    classes, history, customers = four()
    classes["gap_used_days"] = 30.0
    immortal = VALUES.assign(alive_prob=1.0)
    assert set(status.views(classes, immortal, customers, settings=DEFAULT)["model"]) == {status.NOT_KNOWN}
    assert status.model_disagreements(classes, history, immortal, settings=DEFAULT).empty
    found = status.seen_differently(classes, history, immortal, settings=DEFAULT, as_of=AS_OF)
    assert found.because == "the buying model chosen takes every customer for one still"


def test_lost_for_now_and_for_good_with_one_time_buyers_apart():
    lost = pd.DataFrame(
        {
            "customer_id": list("abcd"),
            "state": ["lost_one_timer", "lost", "lost", "lost"],
            "outlook": [None, "permanent", "temporary", "permanent"],
            "value_at_risk": [1.0, 2.0, 4.0, 8.0],
        }
    )
    table = status.outlooks(lost)
    assert table.to_numpy().tolist() == [
        ["lost", "temporary", 1, 4.0],
        ["lost", "permanent", 2, 10.0],
        ["lost_one_timer", "unknown", 1, 1.0],
    ]


def test_without_crm_status_nothing_can_be_verified():
    classes, history, customers = four()
    found = status.verified(classes, history, customers.assign(crm_status=None), settings=DEFAULT, as_of=AS_OF)
    assert (found.status, found.because) == ("not_available", "no column crm_status in 'records'")
    assert status.verified(classes, history, None, settings=DEFAULT, as_of=AS_OF).status == "not_available"


def test_share_lost_and_value_at_risk():
    classes, _, _ = four()
    lost = pd.DataFrame(
        {
            "state": ["lost", "lost_one_timer", "lapsing"],
            "value_at_risk": [100.0, 20.0, 7.0],
            "value_basis": "net sales",
        }
    )
    share, once, at_risk, lapsing = status.lost_share(classes, lost, settings=DEFAULT, as_of=AS_OF)
    assert (share.value, once.value) == (0.5, 0.25)
    assert (at_risk.value, lapsing.value) == (pytest.approx(120.0), pytest.approx(7.0))
