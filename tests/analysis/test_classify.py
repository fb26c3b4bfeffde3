"""The `classes` table as a whole: one row per customer, and what must never change a class."""

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort

from rapport.analysis import abcxyz, grid, segments
from rapport.analysis.classify import classes
from rapport.foundation.errors import SettingsError

FEW = effort(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
START = pd.Timestamp("2024-07-01")


def classes_of(firm):
    return classes(
        firm.history,
        firm.periods,
        firm.customers,
        firm.purchase_days,
        firm.sales_by_unit,
        firm.traits,
        settings=firm.settings,
        as_of=firm.as_of,
    )


ORDERS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 729), st.one_of(st.integers(1, 90_000), st.integers(-9_000, -1))),
    min_size=12,
    max_size=60,
).map(
    lambda rows: [
        (f"c{who:02}", START + pd.Timedelta(days=day), cents / 100, None, "D", "M") for who, day, cents in rows
    ]
)


@pytest.fixture(scope="module")
def trade(make_firm):
    """A firm with every state: regular, irregular, growing, one-time, lost, returned, and one who never bought."""
    rng = np.random.default_rng(4)
    orders = [("steady", day, 100) for day in pd.date_range("2024-07-10", "2026-06-10", freq=pd.DateOffset(months=1))]
    orders += [("gone", day, 300) for day in pd.date_range("2024-07-10", "2025-03-10", freq=pd.DateOffset(months=1))]
    orders += [
        ("returner", "2026-05-01", 40),
        ("returner", "2026-05-09", -40),
        ("once", "2026-06-20", 7),
        ("long", "2024-09-20", 9),
    ]
    for i in range(30):
        days = START + pd.to_timedelta(np.cumsum(rng.integers(5, 120, rng.integers(2, 12))), unit="D")
        orders += [
            (f"r{i:02}", day, float(value))
            for day, value in zip(days, rng.lognormal(4, 1, 12))
            if day <= pd.Timestamp("2026-06-30")
        ]
    return make_firm(orders, people=[{"customer_id": "new"}], parameters={"xyz.fit_period": False})


def test_one_row_per_customer_and_everybody_is_somewhere(trade):
    table = classes_of(trade).set_index("customer_id")
    assert table.index.is_unique
    assert set(table.index) == set(trade.customers["customer_id"])
    assert table["why"].str.len().min() > 10
    assert table.loc["new", ["state", "rung", "volume_band", "segment", "primary_type"]].tolist() == [
        "no_purchase", "prospect", "new", "not_yet_bought", "none of ten"
    ]  # fmt: skip
    assert table.loc["steady", ["state", "xyz", "rung", "rung_note"]].tolist() == [
        "active",
        "X",
        "regular",
        "exclusivity unknown",
    ]
    assert table.loc["gone", ["state", "former_rung", "abc"]].tolist() == ["lost", "regular", "A"]
    assert table.loc["returner", "segment"] == "no_net_value"
    assert pd.isna(table.loc["returner", "abc"])
    assert table.loc["once", "state"] == "too_early"
    assert table.loc["long", "state"] == "lost_one_timer"


def test_tables_of_classes_reconcile_to_the_totals(trade):
    table = classes_of(trade)
    valued = trade.history[trade.history["net_total"] > 0]
    nine = abcxyz.grid(trade.history, table)
    assert nine["customers"].sum() == len(valued)
    assert nine["net"].sum() == pytest.approx(valued["net_total"].sum())
    sizes = segments.sizes(trade.history, table)
    assert sizes["customers"].sum() == len(trade.customers)
    assert sizes["net"].sum() == pytest.approx(trade.history["net_total"].sum())
    assert grid.volume_frequency(trade.history, table)["customers"].sum() == len(trade.customers)
    assert table["is_pareto"].sum() == (table["abc"] == "A").sum()


def test_a_base_without_value_and_a_base_without_buyers(make_firm):
    firm = make_firm(
        [("a", "2026-05-01", 5), ("a", "2026-05-02", -5), ("b", "2026-05-02", -5)], people=[{"customer_id": "new"}]
    )
    assert classes_of(firm)["segment"].tolist() == ["no_net_value", "no_net_value", "not_yet_bought"]
    firm.history, firm.periods = firm.history.iloc[:0], firm.periods.iloc[:0]
    firm.purchase_days, firm.sales_by_unit = firm.purchase_days.iloc[:0], firm.sales_by_unit.iloc[:0]
    assert set(classes_of(firm)["segment"]) == {"not_yet_bought"}


def test_nothing_given_is_changed(trade):
    names = ("history", "periods", "customers", "purchase_days", "sales_by_unit", "traits")
    before = {name: getattr(trade, name).copy() for name in names}
    classes_of(trade)
    for name, table in before.items():
        pd.testing.assert_frame_equal(getattr(trade, name), table)


def test_what_the_clients_tables_say_reaches_the_classes(make_firm, make_table):
    months = pd.date_range("2026-01-15", periods=6, freq=pd.DateOffset(months=1))
    orders = [(name, day, 10) for name in "ab" for day in months]
    given = {
        "wallet": make_table("wallet", customer_id=["a"], total_spend=[60.0], source="visit"),
        "referrals": make_table("referrals", customer_id=["a"], outcome="bought"),
        "ideas": make_table("ideas", customer_id=["b"], is_accepted=[True]),
        "satisfaction": make_table("satisfaction", customer_id=["b"], orientation="cost"),
    }
    table = classes_of(make_firm(orders, **given)).set_index("customer_id")
    assert table.loc["a", ["rung", "types", "primary_type"]].tolist() == ["advocate", "loyal;benchmark", "loyal"]
    assert table.loc["b", ["types", "orientation"]].tolist() == ["loyal;inspirer;demanding", "cost"]
    assert table.loc["b", "rung_note"] == "exclusivity unknown"


@FEW
@given(orders=ORDERS, seed=st.integers(0, 9))
def test_the_order_of_rows_changes_no_class(make_firm, orders, seed):
    firm = make_firm(orders)
    table = classes_of(firm)
    for name in ("history", "periods", "customers", "purchase_days", "sales_by_unit", "traits"):
        setattr(firm, name, getattr(firm, name).sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(classes_of(firm), table)


@FEW
@given(orders=ORDERS, scale=st.sampled_from([0.01, 0.3, 3.7, 1936.27]))
def test_the_currency_changes_no_class(make_firm, orders, scale):
    table = classes_of(make_firm(orders))
    scaled = classes_of(make_firm([(who, day, value * scale, *rest) for who, day, value, *rest in orders]))
    same = [column for column in table.columns if column not in ("value_cv", "why")]
    pd.testing.assert_frame_equal(scaled[same], table[same])
    np.testing.assert_allclose(scaled["value_cv"], table["value_cv"], rtol=1e-6, atol=1e-9)


@FEW
@given(orders=ORDERS, days=st.lists(st.integers(0, 729), min_size=1, max_size=6))
def test_a_customer_of_no_value_changes_nobody_elses_class(make_firm, orders, days):
    table = classes_of(make_firm(orders))
    returned = [("zz", START + pd.Timedelta(days=day), sign * 50.0, None, "D", "M") for day in days for sign in (1, -1)]
    more = classes_of(make_firm([*orders, *returned], people=[{"customer_id": "zy"}]))
    pd.testing.assert_frame_equal(more[~more["customer_id"].isin(["zy", "zz"])].reset_index(drop=True), table)


@FEW
@given(orders=ORDERS)
def test_segments_never_overlap_and_shares_sum_to_one(make_firm, orders):
    firm = make_firm(orders)
    table = classes_of(firm)
    assert segments.sizes(firm.history, table)["customer_share"].sum() == pytest.approx(1)
    counts = table["segment"].value_counts()
    widest = {one.name for one in segments.SEGMENTS if not one.merge_into}
    assert all(n >= 5 or name in widest for name, n in counts.items())


@pytest.mark.parametrize(
    ("name", "cuts"), [("abc.cuts", [0.8]), ("xyz.cuts", [1.0, 0.5]), ("grid.volume_cuts", [1, 2, 3])]
)
def test_cuts_that_are_not_two_are_refused(make_firm, name, cuts):
    firm = make_firm([("a", "2026-05-01", 5)], parameters={name: cuts})
    with pytest.raises(SettingsError, match=name):
        classes_of(firm)


def test_edited_cuts_move_customers(make_firm):
    orders = [(f"c{i}", "2026-05-01", v) for i, v in enumerate([50, 30, 10, 10])]
    assert classes_of(make_firm(orders))["abc"].tolist() == list("AABB")
    assert classes_of(make_firm(orders, parameters={"abc.cuts": [0.4, 0.8]}))["abc"].tolist() == list("ABCC")


def test_forty_of_two_hundred_bring_eighty_percent(make_firm):
    from rapport.analysis import concentration

    orders = [(f"c{i:03}", "2026-05-01", 800 / 40 if i < 40 else 200 / 160) for i in range(200)]
    firm = make_firm(orders)
    assert classes_of(firm)["is_pareto"].sum() == 40
    found = concentration.smallest_group(firm.history, settings=firm.settings, as_of=firm.as_of)
    assert (found.value, found.parts["verdict"]) == (40, "close")
