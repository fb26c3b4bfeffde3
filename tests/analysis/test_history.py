"""History: hand-made transactions whose answers are known by hand."""

import ibis
import numpy as np
import pandas as pd
import pytest

from rapport.analysis import history as rooms
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")


def lines(*rows: tuple, **columns) -> ibis.Table:
    """Transactions from (customer, order, day, amount) and optionally is_return."""
    frame = pd.DataFrame(
        [(*row, *([False] if len(row) == 4 else [])) for row in rows],
        columns=["customer_id", "order_id", "ordered_on", "net_amount", "is_return"],
    ).assign(source="web", **columns)
    return ibis.memtable(TABLES["transactions"].check(TABLES["transactions"].complete(frame), "test"))


def of(table: ibis.Table, customer: str = "a", *, chosen=None, **more) -> pd.Series:
    frame = rooms.history(table, settings=chosen or settings(), as_of=AS_OF, **more)
    checked = TABLES["history"].check(frame, "test")
    return checked.set_index("customer_id").loc[customer]


def test_orders_of_one_day_are_one_purchase_day_and_lines_of_one_order_one_order():
    one = of(lines(("a", "1", "2026-09-01", 10), ("a", "1", "2026-09-01", 5), ("a", "2", "2026-09-01", 7)))
    assert (one.orders, one.purchase_days, one.repeat_days) == (2, 1, 0)
    assert one.net_total == 22
    assert (one.span_days, one.observed_days, one.silent_days) == (0, 29, 29)


def test_the_three_recencies_are_kept_apart():
    one = of(lines(("a", "1", "2026-09-01", 10), ("a", "2", "2026-09-11", 10), ("a", "3", "2026-09-15", 40)))
    assert (one.repeat_days, one.span_days, one.observed_days, one.silent_days) == (2, 14, 29, 15)
    assert one.gap_days == 7  # median of 10 and 4
    assert one.gap_cv == pytest.approx(3 / 7)
    assert one.mean_repeat_value == 25  # the first purchase is left out


def test_two_purchase_days_make_no_rhythm():
    one = of(lines(("a", "1", "2026-09-01", 10), ("a", "2", "2026-09-11", 10)))
    assert np.isnan(one.gap_days)


def test_an_order_that_nets_to_zero_is_no_purchase():
    table = lines(("a", "1", "2026-09-01", 10), ("a", "2", "2026-09-05", 10), ("a", "2", "2026-09-05", -10))
    assert of(table).orders == 1


def test_money_in_cents_leaves_no_dust():
    table = lines(("a", "0", "2026-09-01", 1), *[("a", "1", "2026-09-02", 0.1)] * 3, ("a", "1", "2026-09-02", -0.3))
    assert of(table).orders == 1  # 0.1 + 0.1 + 0.1 − 0.3 is nothing, not 5.6e-17


@pytest.mark.parametrize(("policy", "net", "returned"), [("net", 70, 30), ("separate", 100, 30), ("drop", 100, 0)])
def test_returns_follow_the_declared_policy(policy, net, returned):
    table = lines(("a", "1", "2026-09-01", 100), ("a", "9", "2026-09-05", -30, True))
    one = of(table, chosen=settings({"data.returns_policy": policy}))
    assert (one.net_total, one.returned_total, one.gross_total, one.orders) == (net, returned, 100, 1)


def test_a_customer_with_returns_only_stays_in_the_head_count():
    one = of(lines(("a", "9", "2026-09-05", -30, True), ("b", "1", "2026-09-01", 1)))
    assert (one.orders, one.net_total) == (0, -30)
    assert pd.isna(one.first_order_on)
    assert pd.isna(one.silent_days)


def test_nothing_after_as_of_is_used_and_nobody_without_a_number():
    table = lines(("a", "1", "2026-09-01", 10), ("a", "2", "2026-10-01", 99), (None, "3", "2026-09-01", 50))
    frame = rooms.history(table, settings=settings(), as_of=AS_OF)
    assert frame["net_total"].tolist() == [10]


def test_windows_are_half_open():
    table = lines(("a", "1", "2025-09-30", 1), ("a", "2", "2025-10-01", 2), ("a", "3", "2026-09-30", 4))
    one = of(table)
    assert (one.net_recent, one.net_before, one.orders_recent) == (6, 1, 2)


def test_margin_is_unknown_when_any_cost_is():
    known = lines(("a", "1", "2026-09-01", 10), ("b", "2", "2026-09-01", 10), margin=[4.0, None])
    assert of(known, "a").margin_total == 4
    assert np.isnan(of(known, "b").margin_total)


def test_same_number_in_two_sources_is_two_orders():
    table = lines(("a", "1", "2026-09-01", 10), ("a", "1", "2026-09-08", 10))
    frame = table.to_pandas().assign(source=["web", "till"])
    assert of(ibis.memtable(frame)).orders == 2


def test_department_of_most_value_and_manager_of_last_sale():
    table = lines(
        ("a", "1", "2026-09-01", 10),
        ("a", "2", "2026-09-02", 90),
        ("a", "3", "2026-09-03", 20),
        department_id=["N", "S", "N"],
        manager_id=["m1", "m2", "m3"],
    )
    one = of(table)
    assert (one.department_id, one.manager_id) == ("S", "m3")


def test_early_customers_may_be_older_than_they_look_unless_their_birth_is_known():
    table = lines(("a", "1", "2025-01-01", 1), ("b", "2", "2025-01-20", 1), ("c", "3", "2025-06-01", 1))
    assert of(table, "b").is_truncated
    assert not of(table, "c").is_truncated
    born = pd.DataFrame(
        {"customer_id": ["a", "b", "c"], "created_on": pd.to_datetime(["2019-05-01", "2025-01-19", None])}
    )
    assert of(table, "a", customers=born).is_truncated
    assert not of(table, "b", customers=born).is_truncated
    assert not of(table, "c", customers=born).is_truncated


def test_the_data_begin_with_the_first_customer_who_has_value():
    table = lines(
        ("zero", "1", "2024-01-01", 5),
        ("zero", "2", "2024-01-05", -5, True),
        ("a", "3", "2025-01-01", 1),
        ("b", "4", "2025-06-01", 1),
    )
    assert of(table, "a").is_truncated
    assert not of(table, "b").is_truncated
    only_zero = lines(("zero", "1", "2024-01-01", 5), ("zero", "2", "2024-01-05", -5, True))
    assert of(only_zero, "zero").is_truncated


def test_purchase_days_and_periods_add_up_to_the_history():
    table = lines(
        ("a", "1", "2026-08-31", 10),
        ("a", "2", "2026-09-01", 5),
        ("a", "3", "2026-09-01", 7),
        ("b", "4", "2026-07-01", 1),
    )
    days = rooms.purchase_days(table, as_of=AS_OF)
    assert days[["customer_id", "orders", "net"]].values.tolist() == [["a", 1, 10], ["a", 2, 12], ["b", 1, 1]]
    periods = TABLES["periods"].check(rooms.periods(table, settings=settings(), as_of=AS_OF), "test")
    assert periods["net"].tolist() == [10, 12, 1]
    quarters = rooms.periods(table, settings=settings({"data.period": "Q"}), as_of=AS_OF)
    assert quarters["net"].tolist() == [22, 1]


def test_patterns_hold_every_buyer_once():
    table = lines(
        ("a", "1", "2026-09-01", 1),
        ("b", "2", "2026-09-01", 1),
        ("c", "3", "2026-09-02", 1),
        ("d", "9", "2026-09-02", -1, True),
    )
    patterns = rooms.patterns(rooms.history(table, settings=settings({"data.truncation_days": 0}), as_of=AS_OF))
    assert TABLES["patterns"].check(patterns, "test")["customers"].tolist() == [1, 2]


def test_sales_by_unit_are_those_of_the_window_after_returns():
    table = lines(
        ("a", "1", "2024-09-01", 50),
        ("a", "2", "2026-09-01", 10),
        ("a", "9", "2026-09-02", -4, True),
        department_id=["N", "N", "N"],
        manager_id=["m1", "m1", "m1"],
    )
    assert rooms.sales_by_unit(table, settings=settings(), as_of=AS_OF)["net"].tolist() == [6]
