"""LTV = S × C × P × T by ratios of sums, and its levers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from rapport.analysis import ltv
from rapport.foundation.errors import RapportError
from rapport.foundation.settings import settings as make_settings

MONTH = 365.25 / 12
AS_OF = pd.Timestamp("2026-06-30")
SETTINGS = make_settings()


def history(*rows):
    """(orders, months of life, net, margin[, gross]) of each customer."""
    table = pd.DataFrame([(*row, row[2])[:5] for row in rows], columns=["orders", "months", "net", "margin", "gross"])
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(len(table))],
            "orders": table["orders"],
            "purchase_days": table["orders"],
            "repeat_days": table["orders"] - 1,
            "span_days": table["months"] * MONTH,
            "observed_days": table["months"] * MONTH,
            "net_total": table["net"].astype(float),
            "gross_total": table["gross"].astype(float),
            "margin_total": table["margin"].astype(float),
        }
    )


TWO = history((40, 10, 4000, 800), (1, 2, 1000, 200))  # A: 100 a ticket, 4 a month; B: 1000, 0.5 a month


def test_product_of_four_figures():
    """HU-06: 1000 × 0.5 × 0.20 × 24 = 2 400."""
    assert ltv.product(ticket=1000, orders_a_month=0.5, margin_share=0.20, months=24) == pytest.approx(2400)


def test_ratio_averages_equal_the_true_mean_and_naive_means_do_not():
    """HU-06: A(100, 4/m, 10 m) + B(1000, 0.5/m, 2 m): 500.00; means of the customers' averages give 1,485."""
    row = ltv.ltv_table(TWO, settings=SETTINGS).iloc[0]
    assert row["ltv"] == pytest.approx(500.00)
    assert row["ltv"] == pytest.approx(TWO["margin_total"].mean())
    naive = (100 + 1000) / 2 * (4 + 0.5) / 2 * 0.20 * (10 + 2) / 2
    assert naive == pytest.approx(1485)


@runs(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 50), st.floats(0, 60), st.floats(1, 1e5), st.floats(0, 1)), min_size=1, max_size=20
    )
)
def test_the_product_is_the_mean_contribution(rows):
    table = history(*[(orders, months, net, net * share) for orders, months, net, share in rows])
    row = ltv.ltv_table(table, settings=SETTINGS).iloc[0]
    assert row["ltv"] == pytest.approx(table["margin_total"].mean(), rel=1e-9, abs=1e-9)


def test_one_timers_live_one_month():
    row = ltv.ltv_table(history((1, 0, 50, 10)), settings=SETTINGS).iloc[0]
    assert (row["months"], row["orders_a_month"], row["ltv"]) == (1.0, 1.0, pytest.approx(10.0))


def test_returns_are_in_the_margin_of_net_sales():
    row = ltv.ltv_table(history((4, 4, 80, 20, 100)), settings=SETTINGS).iloc[0]
    assert row["margin_share"] == pytest.approx(0.25)
    assert row["ticket"] == pytest.approx(20)
    assert row["ltv"] == pytest.approx(20)


def test_margin_unknown_typed_and_impossible():
    plain = TWO.assign(margin_total=np.nan)
    row = ltv.ltv_table(plain, settings=SETTINGS).iloc[0]
    assert np.isnan(row["margin_share"])
    assert row["ltv"] == pytest.approx(2500)  # sales: the basis says so
    typed = ltv.ltv_table(plain, settings=make_settings({"value.margin_share": 0.2})).iloc[0]
    assert typed["ltv"] == pytest.approx(500)
    with pytest.raises(RapportError, match=r"more than the sales themselves[\s\S]*20 % is 0\.20, so 0\.2 here"):
        ltv.product(ticket=1, orders_a_month=1, margin_share=20, months=1)


def test_life_by_churn_where_somebody_was_lost():
    """One of two lost after a life of 12 months, the other alive for 24: 1 lost in 36 months lived."""
    table = history((13, 12, 1300, 130), (25, 24, 2500, 250))
    table.loc[0, "observed_days"] = 24 * MONTH
    row = ltv.ltv_table(table, settings=SETTINGS).iloc[0]
    assert row["months_by_churn"] == pytest.approx(36)
    assert np.isnan(ltv.ltv_table(table.iloc[1:], settings=SETTINGS)["months_by_churn"].iloc[0])


def test_losses_of_a_group_are_judged_by_the_rhythm_of_all():
    """One-time buyers have no rhythm of their own: in a group of them nobody would ever be lost."""
    table = history((13, 12, 1300, 130), (25, 24, 2500, 250), (1, 0, 50, 5))
    table.loc[[0, 2], "observed_days"] = 24 * MONTH
    once = (
        ltv.ltv_table(table, pd.Series(["steady", "steady", "once"]), settings=SETTINGS).set_index("group").loc["once"]
    )
    assert once["churn_a_month"] == 1.0


def test_three_ways_each_pulled_by_a_tenth():
    """HU-07. Good (A, B) bring 800 and 400, a second-time buyer 100, one who buys elsewhere too 300; 2 new of 4."""
    table = history((8, 8, 8000, 800), (4, 4, 4000, 400), (2, 2, 1000, 100), (3, 3, 3000, 300)).assign(
        first_order_on=pd.to_datetime(["2025-01-01", "2026-01-01", "2026-02-01", "2026-03-01"]),
        is_truncated=[False, False, False, True],
    )
    classes = pd.DataFrame(
        {"customer_id": table["customer_id"], "abc": ["A", "B", "C", "C"],
         "rung_note": ["", None, "", "recommends us, buys elsewhere too"]}
    )  # fmt: skip
    found = ltv.three_ways(table, classes, settings=SETTINGS, as_of=AS_OF).set_index("lever")
    assert found["customers"].tolist() == [2, 2, 4]
    assert found["more"].tolist() == pytest.approx([0.2, 0.2, 4])
    assert found["gain_a_customer"].tolist() == pytest.approx([600, 600 - 200, 40])
    assert found["gain_total"].tolist() == pytest.approx([120, 80, 160])
    nobody = ltv.three_ways(table, classes.assign(abc="C"), settings=SETTINGS, as_of=AS_OF).set_index("lever")
    assert nobody["gain_total"].isna().tolist() == [True, True, False]


def test_by_group_and_levers():
    """HU-07: +10 % of the frequency on 2 400 → +240."""
    parts = ltv.ltv_table(TWO, pd.Series(["a", "b"]), settings=SETTINGS)
    assert parts["group"].tolist() == ["all", "a", "b"]
    assert parts["ltv"].tolist() == pytest.approx([500, 800, 200])
    one = pd.DataFrame(
        {"group": ["all"], "customers": [10], "ticket": [1000.0], "orders_a_month": [0.5], "margin_share": [0.95],
         "months": [24.0], "ltv": [2400.0]}
    )  # fmt: skip
    found = ltv.levers(one).set_index("lever")
    assert found["gain_a_customer"][["ticket", "frequency", "life"]].tolist() == pytest.approx([240] * 3)
    assert found.loc["frequency", "gain_total"] == pytest.approx(2400)
    assert found.loc["margin", "then"] == 1.0  # no more than the sales themselves
    assert found.loc["margin", "gain_a_customer"] == pytest.approx(2400 * (1 / 0.95 - 1))


def test_finding():
    found = ltv.ltv(TWO, settings=SETTINGS, as_of=AS_OF)
    assert (found.id, found.unit, found.n) == ("value.ltv_formula", "money", 2)
    assert found.value == pytest.approx(500)
    assert found.parts["ticket"] * found.parts["orders_a_month"] * 0.2 * found.parts["months"] == pytest.approx(500)
    nobody = ltv.ltv(TWO.assign(purchase_days=0), settings=SETTINGS, as_of=AS_OF)
    assert nobody.status == "not_available"
