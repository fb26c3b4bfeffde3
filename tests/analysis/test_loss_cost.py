import pandas as pd
import pytest

from rapport.analysis import loss_cost
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


def losses(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "state", "lost_on", "remaining_value", "manager_id", "reason"])
    return frame.assign(lost_on=pd.to_datetime(frame["lost_on"]))


ONE = losses(("a", "lost", "2026-06-10", 2000.0, "m1", None))
SPENT = pd.DataFrame(
    {"channel": "all", "month_on": [pd.Timestamp("2026-03-01")], "spend": [8000.0], "new_customers": [10]}
)


def test_a_loss_costs_its_remaining_value_and_a_new_customer():
    """ET-06: CLV 2 000 + CAC 800 → 2 800; without CAC the first term only."""
    total, each = loss_cost.loss_cost(ONE, SPENT, settings=DEFAULT, as_of=AS_OF)
    assert (total.value, each.value) == (2800.0, 2800.0)
    bare, _ = loss_cost.loss_cost(ONE, None, settings=DEFAULT, as_of=AS_OF)
    assert (bare.value, bare.parts["replacement"]) == (2000.0, None)
    assert "unknown" in bare.basis


def test_losses_by_group_add_up_to_the_total():
    rows = losses(
        ("a", "lost", "2026-06-10", 100.0, "m1", "price"),
        ("b", "lost_one_timer", "2026-06-20", 50.0, None, None),
        ("c", "lost", "2026-08-01", 10.0, "m1", "price"),
        ("d", "lost", "2024-08-01", 999.0, "m1", "price"),
        ("e", "lapsing", "2026-08-01", 999.0, "m1", "price"),
    )
    classes = pd.DataFrame({"customer_id": list("abcde"), "abc": ["A", "B", None, "A", "A"]})
    total = loss_cost.loss_cost(rows, SPENT, settings=DEFAULT, as_of=AS_OF)[0]
    for by in ("month", "abc", "manager_id", "reason"):
        table = loss_cost.loss_costs(rows, classes, SPENT, by=by, as_of=AS_OF)
        assert table["cost"].sum() == pytest.approx(total.value)
        assert table["customers"].sum() == 3
    by_manager = loss_cost.loss_costs(rows, classes, None, by="manager_id", as_of=AS_OF).set_index("manager_id")
    assert by_manager["cost"].to_dict() == {"m1": 110.0, "unknown": 50.0}
    assert by_manager["replacement"].isna().all()


def test_nobody_lost_is_not_available():
    total, _ = loss_cost.loss_cost(ONE.assign(state="lapsing"), SPENT, settings=DEFAULT, as_of=AS_OF)
    assert total.status == "not_available"
