"""Key customers by share of a unit's sales, and keys per manager (HU-32, HU-37, HU-40)."""

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as effort

from rapport.analysis import keys
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings

DAY = "2026-05-01"


def shares(firm, level="company"):
    table = keys.unit_shares(firm.sales_by_unit, firm.customers, settings=firm.settings)
    return table[table["level"] == level].set_index(["unit", "group_id"])


def departments():
    """One customer with 90 of the firm's 1,000 and of department B's 300; twelve others in B and ten in A."""
    orders = [("key", DAY, 90, None, "B", "m1")]
    orders += [(f"b{i:02}", DAY, 17.5, None, "B", "m1") for i in range(12)]
    return orders + [(f"a{i:02}", DAY, 70, None, "A", "m2") for i in range(10)]


def test_nine_percent_of_the_firm_and_thirty_of_the_department(make_firm):
    firm = make_firm(departments())
    company, department = shares(firm), shares(firm, "department")
    assert company.loc[("company", "key"), "share"] == pytest.approx(0.09)
    assert not company["is_key"].any()
    assert department.loc[("B", "key"), "share"] == pytest.approx(0.3)
    assert department.index[department["is_key"]].tolist() == [("B", "key")]
    table = keys.unit_shares(firm.sales_by_unit, firm.customers, settings=firm.settings)
    assert keys.key_scopes(table, firm.customers).to_dict() == {"key": "department:B;manager:m1"}
    found = keys.company_keys(table, settings=firm.settings, as_of=firm.as_of)
    assert (found.value, found.parts["department_only"]) == (0, ["key"])


def test_shares_sum_to_one_within_each_unit(make_firm):
    firm = make_firm([*departments(), ("back", DAY, -40, None, "A", "m2"), ("loose", DAY, 5)])
    table = keys.unit_shares(firm.sales_by_unit, firm.customers, settings=firm.settings)
    sums = table.groupby(["level", "unit"])["share"].sum()
    assert sums.tolist() == pytest.approx([1] * 5)
    assert "back" not in set(table["group_id"])
    assert set(table.loc[table["group_id"] == "loose", "level"]) == {"company"}


def test_ten_times_ten_percent_is_none_by_more_and_ten_by_or_more(make_firm):
    orders = [(f"c{i}", DAY, 0.1) for i in range(10)]
    strict = make_firm(orders)
    assert shares(strict)["is_key"].sum() == 0
    inclusive = make_firm(orders, parameters={"key.is_strict": False})
    assert shares(inclusive)["is_key"].sum() == 10
    for firm, most in ((strict, 9), (inclusive, 10)):
        table = keys.unit_shares(firm.sales_by_unit, firm.customers, settings=firm.settings)
        assert keys.company_keys(table, settings=firm.settings, as_of=firm.as_of).parts["most_possible"] == most


def test_a_unit_too_small_says_nothing(make_firm):
    firm = make_firm([(f"c{i}", DAY, 10 + i) for i in range(9)])
    table = keys.unit_shares(firm.sales_by_unit, firm.customers, settings=firm.settings)
    assert not table["is_informative"].any()
    assert not table["is_key"].any()
    found = keys.company_keys(table, settings=firm.settings, as_of=firm.as_of)
    assert found.status == "not_available"
    assert "below 10" in found.because
    none = keys.company_keys(table.iloc[:0], settings=firm.settings, as_of=firm.as_of)
    assert none.because.startswith("transactions")


def test_a_holding_is_one_customer(make_firm):
    people = [{"customer_id": f"h{i}", "parent_group": "Holding"} for i in range(2)]
    orders = [("h0", DAY, 8), ("h1", DAY, 8)] + [(f"c{i:02}", DAY, 7) for i in range(12)]
    firm = make_firm(orders, people=people)
    company = shares(firm)
    assert company.loc[("company", "Holding"), ["members", "net", "is_key"]].tolist() == [2, 16, True]
    scopes = keys.key_scopes(
        keys.unit_shares(firm.sales_by_unit, firm.customers, settings=firm.settings), firm.customers
    )
    assert scopes.to_dict() == {"h0": "company", "h1": "company"}


def served(key_managers, small=()):
    """classes, history and customers of key customers and small ones, each with a manager."""
    names = [f"k{i}" for i in range(len(key_managers))] + [f"s{i}" for i in range(len(small))]
    scopes = ["company"] * len(key_managers) + [""] * len(small)
    classes = pd.DataFrame({"customer_id": names, "key_scope": scopes})
    history = pd.DataFrame(
        {"customer_id": names, "manager_id": [*key_managers, *small], "net_recent": 1.0, "orders_recent": 1}
    )
    customers = TABLES["customers"].complete(pd.DataFrame({"customer_id": names}))
    return history, classes, customers


def test_four_and_three_keys_need_three_managers(make_firm):
    firm = make_firm([("a", DAY, 1)])
    loads = keys.manager_loads(*served(["m1"] * 4 + ["m2"] * 3), settings=firm.settings)
    assert loads[["manager_id", "keys", "is_breach"]].values.tolist() == [["m1", 4, True], ["m2", 3, False]]
    found = keys.keys_per_manager(loads, settings=firm.settings, as_of=firm.as_of)
    assert (found.value, found.parts["m"], found.parts["rule"], found.parts["needed"]) == (4, "m1", 3, 3)
    assert found.parts["breaches"] == ["m1"]


def test_keys_and_many_small_accounts_in_one_hand(make_firm):
    firm = make_firm([("a", DAY, 1)])
    history, classes, customers = served(["M1"] * 4, ["M1"] * 120 + ["M2"] * 3)
    loads = keys.manager_loads(history, classes, customers, settings=firm.settings).set_index("manager_id")
    assert loads.loc["M1", ["keys", "others", "is_mixed", "is_breach"]].tolist() == [4, 120, True, True]
    assert not loads.loc["M2", "is_mixed"]
    history["orders_recent"] = [1] * 4 + [0] * 123
    assert keys.manager_loads(history, classes, customers, settings=firm.settings)["others"].tolist() == [0, 0]


def test_the_manager_in_charge_today_goes_before_the_last_sale(make_firm):
    firm = make_firm([("a", DAY, 1)])
    history, classes, customers = served(["m1", "m1"])
    customers["manager_id"] = [None, "m9"]
    loads = keys.manager_loads(history, classes, customers, settings=firm.settings)
    assert loads.set_index("manager_id")["keys"].to_dict() == {"m1": 1, "m9": 1}


def test_without_managers_the_rule_is_not_available(make_firm):
    firm = make_firm([("a", DAY, 1)])
    loads = keys.manager_loads(*served([None]), settings=firm.settings)
    found = keys.keys_per_manager(loads, settings=firm.settings, as_of=firm.as_of)
    assert (found.status, found.because) == ("not_available", "transactions.manager_id")


SALES = st.lists(
    st.tuples(st.integers(0, 14), st.integers(-400, 9000), st.sampled_from("AB"), st.sampled_from(["m1", "m2", None])),
    min_size=1,
    max_size=40,
)


@effort(max_examples=40, deadline=None)
@given(sales=SALES, groups=st.lists(st.sampled_from(["G", "H", None]), min_size=15, max_size=15))
def test_shares_sum_to_one_within_each_unit_whatever_is_sold(sales, groups):
    rows = pd.DataFrame(sales, columns=["who", "cents", "department_id", "manager_id"])
    rows = rows.assign(customer_id=[f"c{who:02}" for who in rows["who"]], net=rows["cents"] / 100, margin=float("nan"))
    names = pd.DataFrame({"customer_id": [f"c{i:02}" for i in range(15)], "parent_group": groups})
    table = keys.unit_shares(rows, TABLES["customers"].complete(names), settings=settings())
    sums = table.groupby(["level", "unit"])["share"].sum()
    assert sums.tolist() == pytest.approx([1] * len(sums))
    assert not table.duplicated(["level", "unit", "group_id"]).any()
