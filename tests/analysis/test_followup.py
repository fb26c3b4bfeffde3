import pandas as pd
import pytest

from rapport.analysis import followup
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


def win_back_log(contacted: int, returned: int, waiting: int, alone: int, ago: int = 100):
    """So many contacted and waiting customers, of whom the first so many bought 30 days later."""
    names = [f"c{i}" for i in range(contacted)] + [f"w{i}" for i in range(waiting)]
    start = AS_OF - pd.Timedelta(days=ago)
    log = pd.DataFrame(
        {
            "customer_id": names,
            "status": ["contacted"] * contacted + ["to_contact"] * waiting,
            "detected_on": start,
            "contacted_on": [start] * contacted + [pd.NaT] * waiting,
            "returned_on": pd.NaT,
        }
    )
    back = names[:returned] + [f"w{i}" for i in range(alone)]
    return log, pd.DataFrame({"customer_id": back, "ordered_on": start + pd.Timedelta(days=30)})


def test_returned_beside_those_who_came_by_themselves():
    """LT-14: contacted 20, 6 return; 20 uncontacted, 3 return → diff 15 pp [−11, +39] "unproven"."""
    returned, alone, both = followup.returned(*win_back_log(20, 6, 20, 3), settings=DEFAULT, as_of=AS_OF)
    assert (returned.value, alone.value) == (0.3, 0.15)
    assert [round(100 * end) for end in (both.low, both.high)] == [-11, 39]
    assert both.value == pytest.approx(0.15)
    assert both.parts["verdict"] == "unproven"


def test_a_purchase_after_ninety_days_or_a_young_contact_does_not_count():
    log, bought = win_back_log(20, 6, 20, 3)
    late = bought.assign(ordered_on=bought["ordered_on"] + pd.Timedelta(days=61))
    assert followup.returned(log, late, settings=DEFAULT, as_of=AS_OF)[0].value == 0.0
    young = followup.returned(*win_back_log(20, 6, 20, 3, ago=60), settings=DEFAULT, as_of=AS_OF)
    assert {found.status for found in young} == {"not_available"}
    assert followup.returned(None, bought, settings=DEFAULT, as_of=AS_OF)[0].because == "no table 'winback_log'"


def test_a_key_customer_called_after_five_days_is_late():
    """HU-45: 5 d → late (Monday to Monday is five working days)."""
    log = pd.DataFrame(
        {
            "customer_id": ["key", "quick", "plain", "open"],
            "detected_on": pd.Timestamp("2026-09-07"),
            "contacted_on": pd.to_datetime(["2026-09-14", "2026-09-10", "2026-09-28", None]),
        }
    )
    classes = pd.DataFrame(
        {"customer_id": ["key", "quick", "plain", "open"], "key_scope": ["company", "manager:1", "", "company"]}
    )
    table = followup.speed(log, classes, settings=DEFAULT, as_of=AS_OF).set_index("customer_id")
    assert table["working_days"].to_dict() == {"key": 5, "quick": 3, "plain": 15, "open": 17}
    assert table["is_late"].to_dict() == {"key": True, "quick": False, "plain": False, "open": True}
    found = followup.late_rescues(table, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n, found.parts["median_days"]) == (2, 3, 5.0)
    assert followup.late_rescues(None, settings=DEFAULT, as_of=AS_OF).status == "not_available"


def test_statuses_in_the_declared_order():
    log = pd.DataFrame({"status": ["returned", "refused_permanent", "refused_temporary", "returned"]})
    table = followup.statuses(log).set_index("status")
    assert list(table.index[:2]) == ["to_contact", "contacted"]
    assert table["customers"].sum() == 4
    assert table.loc["returned", "share"] == 0.5
