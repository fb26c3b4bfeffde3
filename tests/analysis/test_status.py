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


def test_crosstab_adds_up_to_all_customers():
    classes, _, customers = four()
    customers = pd.concat([customers, pd.DataFrame({"customer_id": ["x"], "crm_status": [""]})])
    classes = pd.concat([classes, pd.DataFrame({"customer_id": ["x"], "state": ["lapsing"]})])
    table = status.crosstab(classes, customers, settings=DEFAULT).set_index("state")
    assert table.index.tolist() == ["active", "lapsing", "lost", "lost_one_timer"]
    assert table.to_numpy().sum() == 5
    assert table.loc["lapsing", "unknown"] == 1


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
