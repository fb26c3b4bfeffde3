"""Dependency on one client: bands, holdings, dilution, stress and the supplier's tiers (HU-42, HU-43)."""

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as effort

from rapport.analysis import dependency, stress
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings

DAY = "2026-05-01"
ORDER = (*dependency.BANDS, "mono")
KIT = settings()


def shares(sales, groups=None, margins=None):
    names = [f"c{i}" for i in range(len(sales))]
    units = pd.DataFrame(
        {"customer_id": names, "department_id": None, "manager_id": None, "net": sales, "margin": margins or np.nan}
    )
    customers = TABLES["customers"].complete(pd.DataFrame({"customer_id": names, "parent_group": groups}))
    return dependency.group_shares(units.astype({"net": float, "margin": float}), customers, settings=KIT)


@pytest.mark.parametrize(
    ("share", "band"),
    [
        (10.0, "normal"),
        (10.1, "key"),
        (20.0, "key"),
        (20.1, "watch"),
        (30.1, "act"),
        (40.0, "act"),
        (40.1, "urgent"),
        (50.0, "urgent"),
        (50.1, "critical"),
    ],
)
def test_the_edges_of_the_bands_are_strict(share, band):
    rest = [(100 - share) / 50] * 50
    table = shares([share, *rest])
    assert table["band"].iloc[0] == band
    assert table["share"].sum() == pytest.approx(1)


def test_a_single_client_is_mono():
    assert shares([7])["band"].tolist() == ["mono"]


def test_a_holding_is_critical_only_when_taken_together():
    table = shares([17.4, 17.3, 17.3, *[1] * 48], groups=["H", "H", "H", *[None] * 48])
    first = table.iloc[0]
    assert (first["group_id"], first["members"], first["band"]) == ("H", 3, "critical")
    found = {one.id: one for one in dependency.dependency(table, settings=KIT, as_of=pd.Timestamp("2026-06-30"))}
    assert found["dependency.band"].value == "critical"
    assert found["dependency.band"].parts["band_alone"] == "key"
    assert found["concentration.largest"].value == pytest.approx(0.52)
    assert found["concentration.top10_share"].value == pytest.approx(0.61)


def test_customers_without_net_sales_do_not_count():
    table = shares([51, -10, 20, 20, 9], groups=["G", "G", None, None, None])
    assert table["net"].tolist() == [51, 20, 20, 9]
    assert table["band"].iloc[0] == "critical"
    assert table["share"].sum() == pytest.approx(1)


def test_dilution_to_the_target():
    assert dependency.dilution(450, 1000, target=0.2) == 1250
    assert dependency.dilution(100, 1000, target=0.2) == 0
    table = shares([450, *[11] * 50])
    found = {one.id: one for one in dependency.dependency(table, settings=KIT, as_of=pd.Timestamp("2026-06-30"))}
    assert found["dependency.dilution"].value == 1250
    assert {"name", "share", "unit", "band", "target", "x"} <= set(found["dependency.band"].parts)


def in_units(rows, groups=None):
    names = [name for name, *_ in rows]
    units = pd.DataFrame(rows, columns=["customer_id", "department_id", "net"]).assign(manager_id=None, margin=np.nan)
    customers = pd.DataFrame({"customer_id": names, "parent_group": groups, "name": names}).drop_duplicates(
        "customer_id"
    )
    customers = TABLES["customers"].complete(customers)
    as_of = pd.Timestamp("2026-06-30")
    table = dependency.units(units, customers, settings=KIT)
    return table, *(
        dependency.unit_dependency(table, settings=KIT, as_of=as_of, level=level) for level in ("department", "manager")
    )


def test_a_group_may_be_critical_for_one_department_only():
    rows = [(f"h{i}", "EXP", 18.0) for i in range(3)] + [(f"e{i:02}", "EXP", 1.0) for i in range(46)]
    rows += [(f"m{i:02}", "MAZ", 50.0) for i in range(40)]
    table, department, manager = in_units(rows, groups=["H"] * 3 + [None] * 86)
    assert table["unit"].tolist() == ["", "EXP", "MAZ"]
    first = table.iloc[1]
    assert first[["unit_customers", "members", "keys", "keys_alone", "band_alone"]].tolist() == [49, 3, 1, 3, "key"]
    assert (first["share_alone"], table["band"].iloc[0]) == (pytest.approx(0.18), "normal")
    assert (department.value, department.parts["unit"], department.parts["name"]) == ("critical", "EXP", "H")
    assert department.parts["share"] == pytest.approx(0.54)
    assert department.parts["critical"] == ["EXP"]
    assert department.parts["x"] == pytest.approx(54 / 0.2 - 100)
    assert manager.because == "transactions.manager_id"


def test_a_department_too_small_to_judge_is_not_available():
    table, department, _ = in_units([("a", "EXP", 18.0), ("b", "EXP", 1.0)])
    assert table["band"].fillna("").tolist() == ["critical", ""]
    assert table["keys"].isna().all()
    assert department.because == "no department has 10 customers"


def test_no_sales_in_the_window_is_not_available():
    found = dependency.dependency(shares([]), settings=KIT, as_of=pd.Timestamp("2026-06-30"))
    assert {one.status for one in found} == {"not_available"}


def test_managers_are_called_by_name(make_table):
    names = [f"c{i:02}" for i in range(12)]
    sold = pd.DataFrame({"customer_id": names, "department_id": "m1", "manager_id": "m1", "net": 1.0, "margin": np.nan})
    customers = TABLES["customers"].complete(pd.DataFrame({"customer_id": names}))
    managers = make_table("managers", manager_id=["m1", "m2"], name=["Ana", None])
    table = dependency.units(sold, customers, managers, settings=KIT)
    assert table[["level", "unit", "unit_name"]].values.tolist() == [
        ["company", "", ""], ["department", "m1", "m1"], ["manager", "m1", "Ana"]
    ]  # fmt: skip
    departments = make_table("departments", department_id=["m1"], name=["North"])
    named = dependency.units(sold, customers, managers, departments, settings=KIT)
    assert named["unit_name"].tolist() == ["", "North", "Ana"]


def test_a_unit_of_one_holding_has_a_single_client():
    rows = [(f"h{i:02}", "EXP", 1.0) for i in range(10)] + [("m", "MAZ", 1.0)]
    table, department, _ = in_units(rows, groups=["H"] * 10 + [None])
    assert (department.value, department.parts["band_alone"]) == ("mono", "normal")
    assert table["share"].tolist() == pytest.approx([10 / 11, 1, 1])


def test_names_are_of_the_holding_or_of_the_customer():
    names = ["a", "b", "c"]
    units = pd.DataFrame(
        {"customer_id": names, "department_id": None, "manager_id": None, "net": [3.0, 2, 1], "margin": np.nan}
    )
    people = pd.DataFrame({"customer_id": names, "parent_group": ["H", "H", None], "name": ["Alfa", "Beta", "Gamma"]})
    table = dependency.group_shares(units, TABLES["customers"].complete(people), settings=KIT)
    assert table["name"].tolist() == ["H", "Gamma"]


@effort(max_examples=60, deadline=None)
@given(
    sales=st.lists(st.floats(-50, 1000).filter(lambda v: abs(v) > 0.01), min_size=2, max_size=12),
    pair=st.tuples(st.integers(0, 11), st.integers(0, 11)),
)
def test_merging_two_customers_never_lowers_the_band(sales, pair):
    alone = shares(sales)
    groups = ["G" if i in (pair[0] % len(sales), pair[1] % len(sales)) else None for i in range(len(sales))]
    merged = shares(sales, groups=groups)
    if len(alone):
        assert ORDER.index(merged["band"].iloc[0]) >= ORDER.index(alone["band"].iloc[0])
        assert merged["share"].sum() == pytest.approx(1)


def finance(fixed=25.0, margin=0.4, months=12):
    on = pd.date_range("2025-07-01", periods=months, freq="MS")
    return TABLES["finance"].complete(pd.DataFrame({"month_on": on, "fixed_cost": fixed, "margin_share": margin}))


def test_profit_without_the_client():
    table = shares([500, *[10] * 50])
    found = stress.stress(table, finance(), settings=KIT, as_of=pd.Timestamp("2026-06-30"))
    assert found.parts["a"] == pytest.approx(100)
    assert found.value == pytest.approx(-100)
    assert found.parts["mx"] == pytest.approx(0.25)
    assert found.parts["margin_basis"] == "finance.margin_share"


def test_recorded_margins_go_before_the_mean_margin():
    table = shares([500, 500], margins=[300.0, 100.0])
    found = stress.stress(table, finance(), settings=KIT, as_of=pd.Timestamp("2026-06-30"))
    assert (found.parts["contribution"], found.value) == (400, pytest.approx(-200))


def test_sales_that_name_nobody_pay_for_fixed_cost_too():
    firm_sales = pd.DataFrame({"net": [1000.0, 200.0], "margin": [400.0, 80.0]})
    as_of = pd.Timestamp("2026-06-30")
    found = stress.stress(shares([500, 500], margins=[300.0, 100.0]), finance(), firm_sales, settings=KIT, as_of=as_of)
    assert (found.parts["contribution"], found.parts["a"], found.value) == (
        480,
        pytest.approx(180),
        pytest.approx(-120),
    )
    unknown = firm_sales.assign(margin=[400.0, None])
    found = stress.stress(shares([500, 500], margins=[300.0, 100.0]), finance(), unknown, settings=KIT, as_of=as_of)
    assert (found.parts["contribution"], found.parts["margin_basis"]) == (pytest.approx(480), "finance.margin_share")


def test_fixed_cost_of_few_months_is_indicative():
    found = stress.stress(shares([500, 500]), finance(months=6), settings=KIT, as_of=pd.Timestamp("2026-06-30"))
    assert (found.status, found.parts["fixed"]) == ("indicative", pytest.approx(300))


def test_without_finance_or_margin_stress_is_not_available():
    table, as_of = shares([500, 500]), pd.Timestamp("2026-06-30")
    assert stress.stress(table, settings=KIT, as_of=as_of).because == "finance.fixed_cost"
    assert "margin" in stress.stress(table, finance(margin=np.nan), settings=KIT, as_of=as_of).because
    typed = settings({"value.margin_share": 0.4})
    assert stress.stress(table, finance(margin=np.nan), settings=typed, as_of=as_of).parts["a"] == pytest.approx(100)


def test_a_loss_already_leaves_nothing_to_lose():
    assert stress.losable(100, 130) == 0
    assert stress.losable(0, 130) == 0


def test_losing_volume_costs_the_suppliers_tier():
    tiers = pd.DataFrame({"from_units": [0, 5000], "unit_cost": [100.0, 80.0]})
    table = stress.cascade(tiers, units=5000, units_lost=2000, price=110).set_index("answer")
    assert table["profit"].tolist()[:2] == [90_000, 30_000]
    assert np.isnan(table.loc["pass_on", "profit"])
    passed = (
        stress.cascade(tiers, units=5000, units_lost=2000, price=110, attrition_share=0.1)
        .set_index("answer")
        .loc["pass_on"]
    )
    assert (passed["price"], passed["units"], passed["profit"]) == (130, 2700, 81_000)
    with pytest.raises(ValueError, match="tier"):
        stress.cascade(tiers.iloc[1:], units=5000, units_lost=2000, price=110)


def tiered(quantity, attrition=None):
    """Category sales of a client `big` and another, its shares, tiers of 5,000 units, and the settings."""
    sales = pd.DataFrame({"customer_id": ["big", "other"], "category": "tea", "quantity": quantity})
    sales["net"] = sales["quantity"] * [100.0, 110.0]
    tiers = pd.DataFrame({"category": "tea", "from_units": [0.0, 5000.0], "unit_cost": [100.0, 80.0]})
    customers = TABLES["customers"].complete(
        pd.DataFrame({"customer_id": ["big", "other"], "parent_group": ["H", None]})
    )
    clients = pd.DataFrame({"group_id": ["H", "other"], "name": ["H", "Other"]})
    return sales, tiers, clients, customers, settings({"key.attrition_share": attrition} if attrition else {})


def test_the_cascade_of_the_largest_clients_categories():
    as_of = pd.Timestamp("2026-06-30")
    sales, tiers, clients, customers, kit = tiered([2000.0, 3000.0])
    table = stress.cascades(sales, tiers, clients, customers, settings=kit)
    assert table.set_index("answer")["profit"].tolist()[:2] == [90_000, 30_000]
    found = stress.cascade_cost(table, tiers, clients, settings=kit, as_of=as_of)
    assert (found.value, found.parts["categories"], found.parts["name"]) == (60_000, 1, "H")
    assert found.parts["pass_on"] is None
    sales, tiers, clients, customers, kit = tiered([2000.0, 3000.0], attrition=0.1)
    table = stress.cascades(sales, tiers, clients, customers, settings=kit)
    assert stress.cascade_cost(table, tiers, clients, settings=kit, as_of=as_of).parts["pass_on"] == pytest.approx(
        81_000
    )


def test_without_tiers_or_with_volumes_below_them_the_cascade_is_not_available():
    as_of = pd.Timestamp("2026-06-30")
    sales, tiers, clients, customers, kit = tiered([2000.0, 3000.0])
    none = stress.cascades(sales, None, clients, customers, settings=kit)
    assert stress.cascade_cost(none, None, clients, settings=kit, as_of=as_of).because == "supplier_tiers"
    short = stress.cascades(sales, tiers.iloc[1:], clients, customers, settings=kit)
    assert "lowest tier" in stress.cascade_cost(short, tiers, clients, settings=kit, as_of=as_of).because
    elsewhere = stress.cascades(sales.assign(category="milk"), tiers, clients, customers, settings=kit)
    assert "no category" in stress.cascade_cost(elsewhere, tiers, clients, settings=kit, as_of=as_of).because
