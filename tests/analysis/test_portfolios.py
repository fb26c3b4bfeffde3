"""Who has whom: in charge today, handed over, and what each manager has in hand (BG-12, R10.3)."""

import pandas as pd
import pytest

from rapport.analysis import portfolios
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")


@pytest.fixture
def hands(make_table):
    """a: from m1 to m2 on 1 June; b: dropped by m1; c: m3 in two periods; d: m1, who will give it up; of nobody: m9."""
    return make_table(
        "account_managers",
        customer_id=["a", "a", "b", "c", "c", "d", "d", None],
        manager_id=["m1", "m2", "m1", "m3", "m3", "m1", "m2", "m9"],
        from_on=[
            "2025-01-01",
            "2026-06-01",
            "2025-01-01",
            None,
            "2026-02-01",
            "2025-01-01",
            "2026-10-15",
            "2025-01-01",
        ],
        to_on=["2026-05-31", None, "2026-03-01", "2026-01-31", None, "2026-10-14", None, None],
        drop_reason=["too busy", None, "no order foreseen", None, None, None, None, None],
    )


@pytest.fixture
def customers(make_table):
    names = list("abcde")
    return pd.DataFrame({"customer_id": names, "manager_id": [None, None, "m1", None, None], "drop_reason": None})


def test_whoever_has_the_customer_today_is_in_charge_where_the_record_says_nothing(customers, hands):
    table = portfolios.in_charge(customers, hands, as_of=AS_OF).set_index("customer_id")
    assert table["manager_id"].to_dict() == {"a": "m2", "b": None, "c": "m1", "d": "m1", "e": None}
    assert table["drop_reason"].to_dict() == {"a": None, "b": "no order foreseen", "c": None, "d": None, "e": None}
    assert portfolios.in_charge(customers, None, as_of=AS_OF) is customers


def test_handovers_are_the_new_managers_first_days_up_to_as_of(hands):
    days = portfolios.handovers(hands, as_of=AS_OF)
    assert days.values.tolist() == [["a", pd.Timestamp("2026-06-01")]]
    assert portfolios.handovers(None, as_of=AS_OF).empty


@pytest.fixture
def firm():
    history = pd.DataFrame(
        {"customer_id": list("abc"), "manager_id": ["m1", "m2", None], "net_recent": [10.0, 20.0, 5.0]}
    )
    classes = pd.DataFrame(
        {"customer_id": list("abc"), "state": ["active", "lost", "active"], "key_scope": ["company", "", ""]}
    )
    customers = pd.DataFrame({"customer_id": list("abc"), "manager_id": ["m2", None, None]})
    return history, classes, customers


def test_what_each_manager_has_in_hand(firm, make_table):
    steps = make_table("tasks", manager_id=["m2", "m2", "m4"], due_on="2026-09-01", done_on=["2026-09-01", None, None])
    neglected = pd.DataFrame({"customer_id": ["b"], "manager_id": ["m2"]})
    table = portfolios.portfolios(*firm, neglected, steps, settings=settings(), as_of=AS_OF).set_index("manager_id")
    assert table.index.tolist() == ["m2", "m4"], (
        "customers without a manager are nobody's; a manager may have tasks only"
    )
    assert table.loc["m2", ["customers", "active", "keys", "net_recent", "neglected"]].tolist() == [2, 1, 1, 30.0, 1]
    assert table.loc["m2", ["steps_due", "steps_done_share", "steps_overdue"]].tolist() == [2, 0.5, 1]
    assert table.loc["m4", ["customers", "net_recent", "neglected", "steps_due"]].tolist() == [0, 0.0, 0, 1]


def test_columns_of_tables_not_given_are_left_out(firm):
    table = portfolios.portfolios(*firm, settings=settings(), as_of=AS_OF)
    assert table.columns.tolist() == ["manager_id", "customers", "active", "keys", "net_recent"]
