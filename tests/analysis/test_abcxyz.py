"""ABC, XYZ, the grid, and where value and gaps disagree, with the figures of HU-09."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import abcxyz
from rapport.foundation.contracts import TABLES

CUTS = (0.8, 0.95)


def monthly(name, values, start="2025-07-05"):
    days = pd.date_range(start, periods=len(values), freq=pd.DateOffset(months=1))
    return [(name, day, value) for day, value in zip(days, values) if value]


def regularity_of(make_firm, values, period="M", **more):
    firm = make_firm(
        monthly("a", values), as_of=pd.Timestamp("2025-07-31") + pd.DateOffset(months=len(values) - 1), **more
    )
    return abcxyz.regularity(firm.history, firm.periods, settings=firm.settings, as_of=firm.as_of, period=period).iloc[
        0
    ]


@pytest.mark.parametrize(
    ("values", "cv", "letter"),
    [
        ([10, 10, 10, 10], 0, "X"),
        ([10, 0, 20, 10], 0.7071, "Y"),
        ([40, 0, 0, 0], 1.7321, "Z"),
        ([10, 10, 10], 0, "N"),
        ([9, 0, 0, 9, 0, 0, 9, 0, 0, 9, 0, 0], 1.4142, "Z"),
    ],
)
def test_regularity_by_month(make_firm, values, cv, letter):
    found = regularity_of(make_firm, values)
    assert found["value_cv"] == pytest.approx(cv, abs=1e-4)
    assert found["xyz"] == letter
    assert found["n_periods"] == len(values)


def test_a_quarterly_buyer_is_regular_by_the_quarter(make_firm):
    found = regularity_of(make_firm, [9, 0, 0, 9, 0, 0, 9, 0, 0, 9, 0, 0], period="Q")
    assert (found["value_cv"], found["xyz"], found["n_periods"]) == (0, "X", 4)


def test_weeks_begin_on_monday(make_firm):
    orders = [
        ("a", "2026-06-01", 5),
        ("a", "2026-06-07", 5),
        ("a", "2026-06-08", 10),
        ("a", "2026-06-15", 10),
        ("a", "2026-06-28", 10),
    ]
    firm = make_firm(orders, as_of=pd.Timestamp("2026-06-28"), parameters={"data.period": "W"})
    found = abcxyz.regularity(firm.history, firm.periods, settings=firm.settings, as_of=firm.as_of).iloc[0]
    assert (found["n_periods"], found["value_cv"]) == (4, 0)


def test_a_month_that_has_hardly_begun_holds_no_zero_against_anybody(make_firm):
    firm = make_firm(monthly("a", [10, 10, 10, 10]), as_of=pd.Timestamp("2025-11-02"))
    found = abcxyz.regularity(firm.history, firm.periods, settings=firm.settings, as_of=firm.as_of).iloc[0]
    assert (found["n_periods"], found["value_cv"]) == (4, 0)
    later = pd.Timestamp("2025-11-29")
    found = abcxyz.regularity(firm.history, firm.periods, settings=firm.settings, as_of=later).iloc[0]
    assert found["n_periods"] == 5


def test_regularity_as_it_was_at_the_last_purchase(make_firm):
    firm = make_firm(monthly("a", [10, 10, 10, 10] + [0] * 8), as_of=pd.Timestamp("2026-06-30"))
    now = abcxyz.regularity(firm.history, firm.periods, settings=firm.settings, as_of=firm.as_of).iloc[0]
    then = abcxyz.former_regularity(firm.history, firm.periods, settings=firm.settings).iloc[0]
    assert (now["xyz"], then["xyz"]) == ("Z", "X")


def test_classes_of_value(make_firm):
    firm = make_firm([(f"c{i}", "2026-05-01", v) for i, v in enumerate([500, 300, 60, 50, 40, 20, 10, 10, 5, 5])])
    letters = abcxyz.abc(firm.history, cuts=CUTS, basis="revenue_net")["abc"].tolist()
    assert letters == list("AABBBCCCCC")


def test_a_single_customer_is_a(make_firm):
    firm = make_firm([("only", "2026-05-01", 5)])
    assert abcxyz.abc(firm.history, cuts=CUTS, basis="revenue_net")["abc"].tolist() == ["A"]


def test_no_value_no_class(make_firm):
    firm = make_firm([("a", "2026-05-01", 5), ("b", "2026-05-01", 5), ("b", "2026-05-02", -5)])
    assert abcxyz.abc(firm.history, cuts=CUTS, basis="revenue_net")["abc"].fillna("").tolist() == ["A", ""]


def test_where_nobody_has_value_nobody_has_a_class(make_firm):
    firm = make_firm([("a", "2026-05-01", 5), ("a", "2026-05-02", -5)])
    assert abcxyz.abc(firm.history, cuts=CUTS, basis="revenue_net")["abc"].isna().all()
    assert abcxyz.ties(firm.history, cuts=CUTS, basis="revenue_net").empty


def test_equal_values_on_both_sides_of_a_cut_are_told(make_firm):
    firm = make_firm([(name, "2026-05-01", 10) for name in "abcde"])
    assert abcxyz.abc(firm.history, cuts=CUTS, basis="revenue_net")["abc"].tolist() == list("AAAAB")
    told = abcxyz.ties(firm.history, cuts=CUTS, basis="revenue_net")
    assert told.to_dict("records") == [{"value": 10.0, "customers": 5, "classes": "A/B"}]
    apart = make_firm([("a", "2026-05-01", 10), ("b", "2026-05-01", 1)])
    assert abcxyz.ties(apart.history, cuts=CUTS, basis="revenue_net").empty


def classed(firm, abc="A"):
    steady = abcxyz.regularity(firm.history, firm.periods, settings=firm.settings, as_of=firm.as_of)
    classes = TABLES["classes"].complete(steady[["customer_id", "xyz", "value_cv"]])
    return classes.assign(abc=abc)


def test_eight_quarterly_buyers_disagree_on_months_and_not_on_quarters(make_firm):
    days = [
        "2024-07-10",
        "2024-10-08",
        "2025-01-07",
        "2025-04-08",
        "2025-07-08",
        "2025-10-07",
        "2026-01-06",
        "2026-04-07",
    ]
    orders = [(f"q{i}", day, 100) for i in range(8) for day in days]
    firm = make_firm(orders, parameters={"xyz.fit_period": False})
    told = abcxyz.disagreements(firm.history, classed(firm), settings=firm.settings)
    assert len(told) == 8
    assert set(told["xyz"]) == {"Z"}
    assert set(told["gap_xyz"]) == {"X"}
    assert set(told["reading"]) == {abcxyz.READINGS["longer_period"]}
    found = abcxyz.disagreement(told, firm.history, classed(firm), settings=firm.settings, as_of=firm.as_of)
    assert (found.value, found.parts["count"], found.parts["longer_period"]) == (1, 8, 8)
    quarterly = make_firm(orders, parameters={"data.period": "Q"})
    told = abcxyz.disagreements(quarterly.history, classed(quarterly), settings=quarterly.settings)
    assert told.empty
    found = abcxyz.disagreement(
        told, quarterly.history, classed(quarterly), settings=quarterly.settings, as_of=quarterly.as_of
    )
    assert (found.value, found.n) == (0, 8)


def test_uneven_amounts_at_an_even_rhythm(make_firm):
    firm = make_firm(monthly("a", [1, 100, 1, 1, 100, 1, 1, 1, 1, 1, 1, 1]))
    told = abcxyz.disagreements(firm.history, classed(firm), settings=firm.settings)
    assert told["reading"].tolist() == [abcxyz.READINGS["uneven_amounts"]]


def test_the_grid_has_every_cell_and_sums_to_the_whole(make_firm):
    firm = make_firm(monthly("a", [10] * 12) + monthly("b", [40, *[0] * 11]) + [("n", "2026-06-01", 3)])
    classes = classed(firm, abc=["A", "B", "C"])
    table = abcxyz.grid(firm.history, classes)
    assert len(table) == 12
    assert table["customers"].sum() == 3
    assert table["customer_share"].sum() == pytest.approx(1)
    assert table["net_share"].sum() == pytest.approx(1)
    cell = table.set_index(["abc", "xyz"]).loc[("A", "X")]
    assert (cell["customers"], cell["net"]) == (1, 120)
    assert table["action"].str.len().min() > 10
    assert len(abcxyz.grid(firm.history, classes.iloc[:2])) == 9


def test_letters_of_unknown_variation_are_n():
    assert abcxyz.letters(np.array([0.5, 0.51, 1.0, 1.01, np.nan]), cuts=(0.5, 1.0)).tolist() == [
        "X",
        "Y",
        "Y",
        "Z",
        "N",
    ]


@pytest.mark.parametrize(("gap", "period", "used"), [(7, "W", "M"), (30, "M", "M"), (91, "Q", "Q"), (200, "Q", "Q")])
def test_the_period_that_fits_the_buying_cadence(make_firm, gap, period, used):
    days = pd.date_range(end="2026-06-01", periods=8, freq=f"{gap}D")
    orders = [(name, day, 5) for name in "abc" for day in days]
    firm = make_firm(orders)
    found = abcxyz.fitting_period(firm.history, settings=firm.settings, as_of=firm.as_of)
    assert (found.value, found.parts["used"], found.parts["is_fit"]) == (period, used, gap < 114)
    fixed = make_firm(orders, parameters={"xyz.fit_period": False})
    found = abcxyz.fitting_period(fixed.history, settings=fixed.settings, as_of=fixed.as_of)
    assert (found.parts["used"], found.parts["is_fit"]) == ("M", gap < 38)


def test_a_base_of_quarterly_buyers_is_judged_by_the_quarter(make_firm):
    orders = [(f"q{i}", day, 9) for i in range(3) for day in pd.date_range("2024-08-10", periods=8, freq="91D")]
    firm = make_firm(orders)
    steady = abcxyz.regularity(firm.history, firm.periods, settings=firm.settings, as_of=firm.as_of)
    assert set(steady["xyz"]) == {"X"}
    assert set(abcxyz.former_regularity(firm.history, firm.periods, settings=firm.settings)["xyz"]) == {"X"}
    fixed = make_firm(orders, parameters={"xyz.fit_period": False})
    assert set(abcxyz.regularity(fixed.history, fixed.periods, settings=fixed.settings, as_of=fixed.as_of)["xyz"]) == {
        "Z"
    }


def test_classes_by_the_sales_of_the_window_alone(make_firm):
    orders = [
        ("was", "2024-05-01", 9_999),
        ("big", "2026-05-01", 85),
        ("mid", "2026-05-01", 11),
        ("low", "2026-05-01", 4),
    ]
    firm = make_firm([*orders, ("back", "2026-05-01", 5), ("back", "2026-05-02", -5)])
    found = abcxyz.abc_of_window(firm.history, cuts=CUTS).set_index("customer_id")["abc"]
    assert found.to_dict() == {"was": "nothing", "big": "A", "mid": "B", "low": "C", "back": "nothing"}


def test_who_only_looks_irregular_comes_first(make_firm):
    quarterly = [("q", day, 1) for day in pd.date_range("2024-07-10", "2026-04-10", freq="91D")]
    firm = make_firm(
        quarterly + monthly("a", [1, 1000, 1, 1, 1000, 1, 1, 1, 1, 1, 1, 1]), parameters={"xyz.fit_period": False}
    )
    assert abcxyz.disagreements(firm.history, classed(firm), settings=firm.settings)["customer_id"].tolist() == [
        "q",
        "a",
    ]
