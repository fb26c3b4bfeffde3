import ibis
import numpy as np
import pandas as pd
import pytest

from rapport.analysis import sale_signs
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()
COLUMNS = ("customer_id", "ordered_on", "product_id", "quantity", "net_amount", "discount_share", "manager_id")


def signs(*rows, parameters=None, **changed) -> list[tuple]:
    """(customer, day, product, quantity, net, discount, manager) rows → the signs found, as (customer, day, sign)."""
    lines = pd.DataFrame(rows, columns=list(COLUMNS)).assign(**{"is_return": False} | changed)
    lines = lines.assign(ordered_on=pd.to_datetime(lines["ordered_on"]))
    lines = lines.astype(
        {
            "customer_id": "string",
            "manager_id": "string",
            "product_id": "string",
            "quantity": "float64",
            "net_amount": "float64",
            "discount_share": "float64",
        }
    )
    chosen = settings(parameters or {})
    found = sale_signs.sale_signs(ibis.memtable(lines), settings=chosen, as_of=AS_OF)
    assert found["happened_on"].equals(found["ordered_on"])
    return [(row.customer_id, f"{row.ordered_on:%m-%d}", row.sign) for row in found.itertuples()]


def test_a_manager_the_customer_never_bought_from_is_a_change():
    """a goes from m1 to m2 and back: one change. b always bought from m1. c's first purchases name nobody."""
    found = signs(
        ("a", "2026-01-01", "x", 1, 10, None, "m1"),
        ("a", "2026-02-01", "x", 1, 10, None, "m2"),
        ("a", "2026-03-01", "x", 1, 10, None, "m1"),
        ("b", "2026-01-01", "x", 1, 10, None, "m1"),
        ("b", "2026-02-01", "x", 1, 10, None, None),
        ("b", "2026-03-01", "x", 1, 10, None, "m1"),
        ("c", "2026-01-01", "x", 1, 10, None, None),
        ("c", "2026-02-01", "x", 1, 10, None, "m2"),
    )
    assert found == [("a", "02-01", "change of manager")]


def test_the_same_goods_must_cost_more_before_discount():
    """a: 10 of x at 1 and 1 of y at 20 → x at 1.10: 11 + 20 against 10 + 20 is 3.3 %, no rise; then x at 2, a rise.

    b pays more only because its discount ended; c buys something else; d buys more of the same.
    """
    found = signs(
        ("a", "2026-01-01", "x", 10, 10, None, None),
        ("a", "2026-01-01", "y", 1, 20, None, None),
        ("a", "2026-02-01", "x", 10, 11, None, None),
        ("a", "2026-02-01", "y", 1, 20, None, None),
        ("a", "2026-03-01", "x", 10, 20, None, None),
        ("b", "2026-01-01", "x", 1, 9, 0.1, None),
        ("b", "2026-02-01", "x", 1, 10, 0.0, None),
        ("c", "2026-01-01", "x", 1, 10, None, None),
        ("c", "2026-02-01", "y", 1, 30, None, None),
        ("d", "2026-01-01", "x", 1, 10, None, None),
        ("d", "2026-02-01", "x", 5, 50, None, None),
    )
    assert found == [("a", "03-01", "price rise"), ("b", "02-01", "discount end")]
    lower = signs(
        ("a", "2026-01-01", "x", 10, 10, None, None),
        ("a", "2026-02-01", "x", 10, 10.4, None, None),
        parameters={"recover.price_rise_share": 0.03},
    )
    assert lower == [("a", "02-01", "price rise")]


def test_returns_later_rows_and_nobodys_sales_bear_no_sign():
    rows = (("a", "2026-01-01", "x", 1, 10, 0.2, "m1"), ("a", "2026-02-01", "x", 1, 50, 0.0, "m2"))
    assert len(signs(*rows)) == 3
    assert signs(*rows, is_return=[False, True]) == []
    assert signs(rows[0], ("a", "2026-12-01", *rows[1][2:])) == []
    assert signs(*rows, customer_id=[None, None]) == []


def test_a_source_without_any_of_it_has_no_signs():
    found = signs(("a", "2026-01-01", None, np.nan, 10, None, None), ("a", "2026-02-01", None, np.nan, 90, None, None))
    assert found == []


@pytest.mark.parametrize("net", [0.0, -5.0])
def test_gifts_have_no_price(net):
    assert signs(("a", "2026-01-01", "x", 1, net, None, None), ("a", "2026-02-01", "x", 1, 10, None, None)) == []
