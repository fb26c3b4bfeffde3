"""The same sale in two sources is found by its day, customer, amount and order; sales that only look alike are not."""

import pandas as pd

from rapport.analysis.quality.repeats import AGAIN, repeat_checks


def sold(*lines: tuple) -> pd.DataFrame:
    """Lines of (source, order, customer, day, amount)."""
    frame = pd.DataFrame(lines, columns=["source", "order_id", "record_id", "ordered_on", "net_amount"])
    return frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]))


def test_lines_of_a_later_source_that_an_earlier_one_has_are_counted_with_their_money():
    found = repeat_checks(
        sold(
            ("old", "1", "K1", "2025-01-01", 10.0),
            ("old", "2", "K2", "2025-01-02", 20.5),
            ("new", "2", "K2", "2025-01-02", 20.5),
            ("new", "2", "K2", "2025-01-02", 99.0),  # another amount
            ("new", "3", "K1", "2025-01-01", 10.0),  # another order
            ("new", "1", "K2", "2025-01-01", 10.0),  # another customer
            ("new", "1", "K1", "2025-01-03", 10.0),  # another day
        )
    )
    assert found[["check", "source", "rows", "amount", "severity"]].to_dict("records") == [
        {"check": AGAIN, "source": "new", "rows": 1, "amount": 20.5, "severity": "caution"}
    ]
    assert found["why"].iloc[0].endswith("as in old")


def test_lines_that_repeat_within_one_source_are_no_matter_of_this_check():
    line = ("old", "1", "K1", "2025-01-01", 10.0)
    assert repeat_checks(sold(line, line)).empty


def test_a_source_that_numbers_no_orders_is_compared_by_customer_and_day():
    found = repeat_checks(
        sold(
            ("a", "a:K1:2025-01-01", "K1", "2025-01-01", 10.0),
            ("b", "b:K1:2025-01-01", "K1", "2025-01-01", 10.0),
            ("a", "a:row 1:2025-01-01", None, "2025-01-01", 5.0),
            ("b", "b:row 1:2025-01-01", None, "2025-01-01", 5.0),
        )
    )
    assert found["rows"].tolist() == [1]


def test_a_sale_that_names_nobody_is_the_same_by_its_order_number():
    found = repeat_checks(sold(("a", "7", None, "2025-01-01", 5.0), ("b", "7", None, "2025-01-01", 5.0)))
    assert found[["source", "rows", "amount"]].values.tolist() == [["b", 1, 5.0]]
