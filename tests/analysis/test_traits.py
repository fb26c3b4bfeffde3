"""What the client's optional tables say of each customer: zero is known to be none, empty is unknown (DEF10)."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis.traits import SOURCES, missing, traits

ORDERS = [("a", "2026-01-01", 10), ("b", "2026-02-01", 10)]


def traits_of(make_firm, **tables):
    return make_firm(ORDERS, people=[{"customer_id": "new"}], **tables).traits.set_index("customer_id")


def test_without_any_table_everything_is_unknown(make_firm):
    found = traits_of(make_firm)
    assert found.index.tolist() == ["a", "b", "new"]
    firm = make_firm(ORDERS)
    backwards = traits(firm.history[::-1], firm.customers[::-1], as_of=firm.as_of)
    assert backwards["customer_id"].tolist() == ["a", "b"]
    assert found.isna().all().all()
    assert all(missing(found, name) == source for name, source in SOURCES.items())


def test_what_is_counted_is_zero_for_who_is_not_named(make_firm, make_table):
    contacts = make_table(
        "contacts", customer_id=["a", "a", "a", "a", None], direction=["in", "in", "out", "in", "in"],
        contacted_on=["2026-05-01", "2026-05-02", "2026-05-02", "2027-01-01", "2026-05-01"],
    )  # fmt: skip
    complaints = make_table(
        "returns_complaints", customer_id=["a", "a", "b"], kind=["complaint", "complaint", "return"],
        happened_on=["2026-05-01"] * 3, closed_on=["2026-05-09", None, None],
    )  # fmt: skip
    referrals = make_table("referrals", customer_id=["b", "b"], outcome=["bought", "open"])
    ideas = make_table("ideas", customer_id=["a", "b"], is_accepted=[True, False])
    found = traits_of(make_firm, contacts=contacts, returns_complaints=complaints, referrals=referrals, ideas=ideas)
    assert found["inbound_contacts"].tolist() == [2, 0, 0]
    assert found["complaints"].tolist() == [2, 0, 0]
    assert found["open_complaints"].tolist() == [1, 0, 0]
    assert found["recommendations"].tolist() == [0, 2, 0]
    assert found["recommended_bought"].tolist() == [0, 1, 0]
    assert found["accepted_ideas"].tolist() == [1, 0, 0]
    assert missing(found, "inbound_contacts", "wallet") == "wallet.total_spend"


def test_what_is_measured_is_unknown_for_who_is_not_named(make_firm, make_table):
    wallet = make_table(
        "wallet", customer_id=["a", "a", "b"], total_spend=[10.0, 20.0, 5.0], source=["visit", "", None]
    )
    satisfaction = make_table(
        "satisfaction", customer_id=["a", "a"], answered_on=["2026-02-01", "2026-01-01"], score=[9.0, 2.0],
        orientation=["value", "cost"],
    )  # fmt: skip
    payments = pd.DataFrame(
        {
            "customer_id": ["a"] * 4,
            "due_on": pd.to_datetime(["2026-01-10", "2026-02-10", "2026-03-10", "2026-12-10"]),
            "paid_on": pd.to_datetime(["2026-01-09", "2026-02-20", None, None]),
        }
    )
    values = pd.DataFrame({"customer_id": ["b"], "clv": [7.0]})
    found = traits_of(make_firm, wallet=wallet, satisfaction=satisfaction, payments=payments, values=values)
    assert found["wallet"].fillna(-1).tolist() == [30, 5, -1]
    assert found["wallet_sourced"].fillna(-1).tolist() == [10, -1, -1]
    assert found["orientation_declared"].tolist()[0] == "value"
    assert found["satisfaction_score"].fillna(-1).tolist() == [9, -1, -1]
    assert found["late_share"].tolist()[0] == pytest.approx(2 / 3)
    assert found["clv"].fillna(-1).tolist() == [-1, 7, -1]


def test_mix_of_categories_and_paid_prices(make_firm):
    category_sales = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b"],
            "category": ["x", "y", "z", "x"],
            "net": [80.0, 15, 5, 10],
            "quantity": [8, 2, 1, 1],
        }
    )
    product_sales = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a"],
            "product_id": ["p", "p", "only"],
            "first_on": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-01-01"]),
            "net": [20.0, 10.0, 500.0],
            "quantity": [1.0, 1.0, 1.0],
            "net_new": [20.0, 0.0, 100.0],
        }
    )
    products = pd.DataFrame({"product_id": ["p", "only"], "launched_on": pd.to_datetime(["2025-06-01", None])})
    found = traits_of(make_firm, category_sales=category_sales, product_sales=product_sales, products=products)
    assert found["focus_share"].tolist()[:2] == pytest.approx([0.95, 1])
    shares = np.array([0.8, 0.15, 0.05])
    assert found["entropy"].tolist()[:2] == pytest.approx([-(shares * np.log(shares)).sum(), 0])
    assert found["quantity"].tolist()[:2] == [11, 1]
    assert found["price_index"].tolist()[:2] == pytest.approx([20 / 15, 10 / 15])
    assert found["new_share"].tolist()[:2] == pytest.approx([20 / 520, 0])
    assert found["launches"].tolist()[:2] == [1, 0]


def test_late_payments_and_ideas_as_known_on_the_day(make_firm, make_table):
    payments = make_table(
        "payments",
        customer_id=["a", "a", "a", "b", "b"],
        due_on=["2026-06-01", "2026-06-01", "2026-09-01", "2026-06-01", "2026-06-30"],
        paid_on=["2026-06-01", "2026-07-09", None, "2026-05-30", "2026-07-09"],
    )
    ideas = make_table(
        "ideas", customer_id=["a", "b"], is_accepted=[True, True], suggested_on=["2026-06-01", "2026-08-01"]
    )
    firm = make_firm([("a", "2026-05-01", 5), ("b", "2026-05-01", 5)], payments=payments, ideas=ideas)
    known = firm.traits.set_index("customer_id")
    assert known["late_share"].to_dict() == {"a": 0.5, "b": 0.0}
    assert known["accepted_ideas"].to_dict() == {"a": 1, "b": 0}
