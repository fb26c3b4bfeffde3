"""Pareto's two answers, Gini, deciles and overlap, on bases whose figures are known by hand (LT-03, DEF3, DEF9)."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import concentration
from rapport.analysis.worth import headcount, ranked
from rapport.foundation.errors import SettingsError

TEN = [500, 300, 60, 50, 40, 20, 10, 10, 5, 5]


def base(make_firm, values, margins=None, parameters=None):
    margins = margins or [None] * len(values)
    orders = [(f"c{i:02}", "2026-05-01", v, m) for i, (v, m) in enumerate(zip(values, margins))]
    return make_firm(orders, parameters=parameters)


def test_the_two_answers_of_pareto_and_gini(make_firm):
    firm = base(make_firm, TEN)
    told = {"settings": firm.settings, "as_of": firm.as_of}
    top, group = concentration.top_share(firm.history, **told), concentration.smallest_group(firm.history, **told)
    assert (top.value, top.parts["top"], top.parts["n"]) == (0.8, 2, 10)
    assert (group.value, group.parts["k_share"]) == (2, 0.2)
    assert concentration.gini(firm.history, **told).value == pytest.approx(0.691)
    assert top.parts["verdict"] == "close"


def test_ten_equal_customers_are_flatter(make_firm):
    firm = base(make_firm, [7.1] * 10)
    told = {"settings": firm.settings, "as_of": firm.as_of}
    top = concentration.top_share(firm.history, **told)
    assert top.value == pytest.approx(0.2)
    assert top.parts["verdict"] == "flatter"
    assert concentration.smallest_group(firm.history, **told).value == 8
    assert top.parts["ties"] == 10
    assert concentration.gini(firm.history, **told).value == pytest.approx(0)


def test_one_large_customer_is_steeper(make_firm):
    firm = base(make_firm, [1000, *[1] * 19])
    assert concentration.top_share(firm.history, settings=firm.settings, as_of=firm.as_of).parts["verdict"] == "steeper"


def test_customers_without_value_stay_in_the_headcount_and_off_the_curve(make_firm):
    orders = [(f"c{i:02}", "2026-05-01", v) for i, v in enumerate(TEN)]
    orders += [(f"z{i}", "2026-05-01", -3) for i in range(5)]
    firm = make_firm(orders)
    top = concentration.top_share(firm.history, settings=firm.settings, as_of=firm.as_of)
    assert (top.parts["top"], top.parts["n"], top.parts["without_value"]) == (3, 15, 5)
    assert top.value == pytest.approx(0.86)
    curve = concentration.lorenz(firm.history, basis="revenue_net")
    assert curve["value_share"].iloc[-1] == pytest.approx(1)
    assert curve["customers"].iloc[-1] == 10
    assert curve.iloc[0].tolist() == [0, 0, 0]


def test_few_customers_are_indicative_and_no_value_is_not_available(make_firm):
    few = base(make_firm, [5, 3])
    assert concentration.top_share(few.history, settings=few.settings, as_of=few.as_of).status == "indicative"
    none = base(make_firm, [-5, -3])
    found = concentration.pareto(none.history, settings=none.settings, as_of=none.as_of)
    assert {one.status for one in found} == {"not_available"}
    assert all(one.value is None for one in found)


def test_contribution_is_told_beside_revenue_where_margins_exist(make_firm):
    firm = base(make_firm, TEN, margins=[10, 10, 10, 10, 10, 10, 10, 10, 10, 10])
    found = {one.id: one for one in concentration.pareto(firm.history, settings=firm.settings, as_of=firm.as_of)}
    assert found["pareto.top_share"].value == 0.8
    assert found["pareto.top_share_contribution"].value == pytest.approx(0.2)
    assert "contribution" in found["pareto.gini_contribution"].basis
    without = base(make_firm, TEN)
    found = {
        one.id: one for one in concentration.pareto(without.history, settings=without.settings, as_of=without.as_of)
    }
    assert found["pareto.top_share_contribution"].because == "transactions.margin"


def test_value_by_contribution_without_margins_is_refused(make_firm):
    firm = base(make_firm, TEN)
    with pytest.raises(SettingsError, match="contribution"):
        ranked(firm.history, basis="contribution")


@pytest.mark.parametrize(
    ("share", "n", "people"), [(0.07, 100, 7), (0.2, 10, 2), (0.2, 11, 3), (0.025, 41, 2), (0.025, 40, 1)]
)
def test_heads_are_counted_in_decimals(share, n, people):
    assert headcount(share, n) == people


def test_equal_values_go_by_customer_id(make_firm):
    firm = base(make_firm, [5, 5, 5, 9])
    assert ranked(firm.history, basis="revenue_net").index.tolist() == ["c03", "c00", "c01", "c02"]
    many = base(make_firm, [5] * 99)
    shuffled = many.history.sample(frac=1, random_state=2)
    assert ranked(shuffled, basis="revenue_net").index.is_monotonic_increasing


def test_the_curve_of_a_large_base_is_thinned(make_firm):
    values = np.arange(1, 301)
    firm = base(make_firm, values.tolist())
    curve = concentration.lorenz(firm.history, basis="revenue_net", points=50)
    assert len(curve) == 51
    assert curve["value_share"].is_monotonic_increasing
    assert curve["value_share"].iloc[1] == pytest.approx(values[-6:].sum() / values.sum())


def test_deciles_split_value_into_orders_ticket_and_margin(make_firm):
    orders = [(f"c{i:02}", day, v, v / 4) for i, v in enumerate(TEN) for day in ("2026-04-01", "2026-05-01")]
    firm = make_firm([*orders, ("z", "2026-05-01", -4, -1)])
    table = concentration.deciles(firm.history, basis="revenue_net")
    assert table["customers"].sum() == 11
    assert table["with_value"].sum() == 10
    first = table.iloc[0]
    assert (first["decile"], first["customers"], first["value"]) == (1, 2, 1600)
    assert (first["orders_each"], first["ticket"], first["margin_share"]) == (2, 400, 0.25)
    valued = table[table["with_value"] > 0]
    product = valued["with_value"] * valued["orders_each"] * valued["ticket"]
    assert product.tolist() == pytest.approx(valued["net_total"].tolist())
    assert table["value_share"].sum() == pytest.approx(1)
    assert table["cumulative_share"].iloc[-1] == pytest.approx(1)


def test_margins_unknown_for_one_leave_the_decile_empty(make_firm):
    firm = make_firm([("a", "2026-05-01", 10, 5), ("b", "2026-05-01", 9)])
    assert concentration.deciles(firm.history, basis="revenue_net")["margin_share"].tolist()[0] == 0.5
    assert np.isnan(concentration.deciles(firm.history, basis="revenue_net")["margin_share"].iloc[1])


def test_overlap_with_the_top_group_of_last_year(make_firm):
    orders = [
        ("old", "2024-06-01", 0.01),
        ("kept", "2025-05-01", 800),
        ("left", "2025-05-01", 700),
        ("small", "2025-05-01", 100),
    ]
    orders += [
        ("kept", "2026-05-01", 900),
        ("came", "2026-05-01", 800),
        ("left", "2026-05-01", 50),
        ("small", "2026-05-01", 100),
    ]
    firm = make_firm(orders)
    found = concentration.overlap(firm.history, settings=firm.settings, as_of=firm.as_of)
    assert found.value == 0.5
    assert (found.parts["stayed"], found.parts["entered"], found.parts["left"]) == (1, 1, 1)
    assert (found.parts["entered_net"], found.parts["left_net_before"]) == (800, 700)


def test_overlap_needs_two_full_windows(make_firm):
    new = make_firm([("a", "2026-05-01", 5), ("a", "2025-05-01", 5)])
    found = concentration.overlap(new.history, settings=new.settings, as_of=new.as_of)
    assert (found.status, found.because[:34]) == ("not_available", "transactions reach back 425 days; ")
    gone = make_firm([("a", "2024-05-01", 5), ("a", "2025-05-01", 5)])
    assert concentration.overlap(gone.history, settings=gone.settings, as_of=gone.as_of).status == "not_available"


def test_a_base_of_no_one(make_firm):
    firm = base(make_firm, [5])
    empty = firm.history.iloc[:0]
    assert concentration.lorenz(empty, basis="revenue_net").to_numpy().tolist() == [[0, 0, 0]]
    assert concentration.smallest_group_size(pd.Series([], dtype=float), value_share=0.8) == 0


def test_the_two_answers_in_the_last_year_alone(make_firm):
    orders = [(f"c{i:02}", "2026-05-01", v) for i, v in enumerate(TEN)]
    orders += [("gone", "2024-05-01", 9_999), ("back", "2024-05-01", 50), ("back", "2026-05-01", -50)]
    firm = make_firm(orders)
    top, group = concentration.window(firm.history, settings=firm.settings, as_of=firm.as_of)
    assert (top.id, top.parts["top"], top.n) == ("pareto.top_share_window", 3, 11)
    assert (top.value, top.parts["without_value"]) == (pytest.approx(0.86), 1)
    assert (group.id, group.value) == ("pareto.smallest_group_window", 2)
    idle = concentration.window(
        firm.history.assign(net_recent=0.0, orders_recent=0), settings=firm.settings, as_of=firm.as_of
    )
    assert {one.status for one in idle} == {"not_available"}


def test_contribution_is_a_basis_only_where_margins_exist(make_firm):
    assert concentration.bases(base(make_firm, TEN).history) == ("revenue_net",)
    assert concentration.bases(base(make_firm, TEN, margins=[1] * 10).history) == ("revenue_net", "contribution")
