from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import loss_cost
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings

BASIS = "remaining lifetime value, times 1 − P(alive)"
AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


def losses(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "state", "lost_on", "loss_value", "manager_id", "reason"])
    source = frame["reason"].map({"price": "survey", "late": "suspected from behaviour"})
    return frame.assign(lost_on=pd.to_datetime(frame["lost_on"]), reason_source=source, value_basis=BASIS)


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
    assert "remaining lifetime value on the day of loss" in bare.basis


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
    for by in ("month_on", "abc", "manager_id", "reason"):
        table = loss_cost.loss_costs(rows, classes, SPENT, by=by, as_of=AS_OF)
        assert table["cost"].sum() == pytest.approx(total.value)
        assert table["customers"].sum() == 3
    by_manager = loss_cost.loss_costs(rows, classes, None, by="manager_id", as_of=AS_OF).set_index("manager_id")
    assert by_manager["cost"].to_dict() == {"m1": 110.0, "unknown": 50.0}
    assert by_manager["replacement"].isna().all()


def test_what_is_said_and_what_is_suspected_are_kept_apart():
    rows = losses(
        ("a", "lost", "2026-06-10", 100.0, "m1", "price"),
        ("b", "lost", "2026-06-20", 50.0, None, "late"),
        ("c", "lost", "2026-06-20", 25.0, None, None),
    )
    rows = pd.concat([rows, rows.iloc[[1]].assign(customer_id="d", reason_source="survey")], ignore_index=True)
    classes = pd.DataFrame({"customer_id": list("abcd"), "abc": "A"})
    table = loss_cost.loss_costs(rows, classes, by="reason", as_of=AS_OF)
    assert table[["reason", "reason_source", "loss_value"]].to_numpy().tolist() == [
        ["price", "survey", 100.0],
        ["late", "survey", 50.0],
        ["late", "suspected from behaviour", 50.0],
        ["unknown", "unknown", 25.0],
    ]


class Rate:
    """A forecast that expects one purchase for every 100 days a customer was known, and counts all of them."""

    def discounted_orders(self, customers, *, edges, factors):
        return (customers["observed_days"] / 100).to_numpy()


def test_the_value_at_loss_is_that_of_the_customer_as_known_when_it_was_due():
    """Known 400 days, due 150 days ago: 2.5 purchases of 20 × margin .5 = 25; never known for less than it bought."""
    history = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "observed_days": [400.0, 400.0],
            "span_days": [100.0, 300.0],
            "gross_total": [100.0, 100.0],
            "net_total": [100.0, 100.0],
            "margin_total": [50.0, 50.0],
        }
    )
    due = AS_OF - pd.Timedelta(days=150)
    lost = TABLES["lost"].complete(
        pd.DataFrame({"customer_id": ["b", "a"], "state": "lost", "lost_on": due, "remaining_value": 1.0})
    )
    lost = lost.assign(silent_days=200.0, value_at_risk=1.0, value_basis="x", rank=[1, 2], is_disputed=False)
    spend = SimpleNamespace(expected_value=lambda rows: np.full(len(rows), 20.0))
    table = loss_cost.at_loss(lost, history, Rate(), spend, settings=DEFAULT, as_of=AS_OF).set_index("customer_id")
    assert table["loss_value"].to_dict() == {"a": pytest.approx(25.0), "b": pytest.approx(30.0)}
    bare = loss_cost.at_loss(lost, history, None, spend, settings=DEFAULT, as_of=AS_OF)
    assert bare["loss_value"].tolist() == [1.0, 1.0]


def test_nobody_lost_is_not_available():
    total, _ = loss_cost.loss_cost(ONE.assign(state="lapsing"), SPENT, settings=DEFAULT, as_of=AS_OF)
    assert total.status == "not_available"
