"""Values of customers and totals on a firm whose truth is known, and by rule where customers are few."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import backtest, births, value
from rapport.analysis.models import LAWS, spend
from rapport.analysis.models.days import days as as_days
from rapport.analysis.models.forecaster import forecaster
from rapport.analysis.models.simulation import simulated_purchases
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings as make_settings

BEGIN = pd.Timestamp("2023-01-01")
AS_OF = BEGIN + pd.Timedelta(days=1095)
SETTINGS = make_settings({"value.draws": 200, "value.models": ["mbg_nbd", "nbd", "naive"]})


def simulated(customers=1500, seed=2):
    """Purchase days of customers who follow MBG/NBD and Gamma-Gamma over four years."""
    rng = np.random.default_rng(seed)
    law = LAWS["mbg_nbd"][0]
    first = rng.uniform(0, 1080, customers)
    who, when = simulated_purchases(law, (0.8, 45.0, 0.9, 1.8), first, 1095.0 + 365, rng)
    frame = pd.DataFrame({"who": who, "day": np.floor(when).astype(int)}).drop_duplicates().sort_values(["who", "day"])
    own = rng.gamma(4.0, 1 / 60.0, customers)
    return pd.DataFrame(
        {
            "customer_id": "c" + frame["who"].astype(str).str.zfill(5),
            "ordered_on": BEGIN + pd.to_timedelta(frame["day"], unit="D"),
            "net": rng.gamma(6.0, 1 / own[frame["who"]]),
            "margin": np.nan,
        }
    ).reset_index(drop=True)


def history_of(purchase_days, as_of=AS_OF, margin_share=None, truncation_days=60):
    """The columns of `history` that values need, from purchase days."""
    days = purchase_days[purchase_days["ordered_on"] <= as_of].sort_values(["customer_id", "ordered_on"])
    own = days.groupby("customer_id")
    first, last = own["ordered_on"].min(), own["ordered_on"].max()
    repeats = days[days["ordered_on"] > days["customer_id"].map(first)]
    table = pd.DataFrame(
        {
            "first_order_on": first,
            "last_order_on": last,
            "orders": own.size(),
            "purchase_days": own.size(),
            "repeat_days": own.size() - 1,
            "span_days": (last - first).dt.days.astype(float),
            "observed_days": (as_of - first).dt.days.astype(float),
            "silent_days": (as_of - last).dt.days.astype(float),
            "gross_total": own["net"].sum(),
            "net_total": own["net"].sum(),
        }
    )
    table["mean_repeat_value"] = repeats.groupby("customer_id")["net"].mean()
    table["margin_total"] = table["net_total"] * margin_share if margin_share else np.nan
    table["is_truncated"] = first < purchase_days["ordered_on"].min() + pd.Timedelta(days=truncation_days)
    return table.reset_index()


@pytest.fixture(scope="module")
def firm():
    """Everything page 3 has: purchase days up to as_of, history, scores, forecast, spend; and what came after."""
    everything = simulated()
    past = everything[everything["ordered_on"] <= AS_OF]
    history = history_of(past, margin_share=0.4)
    scores = backtest.tournament(past, history, settings=SETTINGS, as_of=AS_OF)
    forecast = backtest.forecast(past, history, scores, settings=SETTINGS, as_of=AS_OF)
    later = everything[(everything["ordered_on"] > AS_OF) & everything["customer_id"].isin(history["customer_id"])]
    return history, forecast, spend(history, settings=SETTINGS), scores, later


@pytest.fixture(scope="module")
def worth(firm):
    history, forecast, spending, scores, _ = firm
    return value.values(history, forecast, spending, scores, settings=SETTINGS, as_of=AS_OF)


def test_one_row_per_customer_in_the_contract(firm, worth):
    history, forecast, *_ = firm
    TABLES["values"].check(worth, "test")
    assert worth["customer_id"].tolist() == history["customer_id"].tolist()
    assert forecast.model == "mbg_nbd"
    assert (worth["method"] == "mbg_nbd, gamma_gamma; contribution, from the costs of 100% of sales").all()
    assert worth["grade"].isin(["A", "B"]).all()


def test_value_is_orders_times_margin_discounted(firm, worth):
    """Discounted by months of the calendar: between the whole first year's factor and none."""
    undiscounted = worth["expected_orders"] * worth["expected_value"]
    ratio = (worth["clv"] / undiscounted)[undiscounted > 0]
    assert (ratio < 1).all()
    assert (ratio > 1.1**-1).all()
    free = make_settings({"value.discount_rate": 0.0, "value.draws": 50})
    history, forecast, spending, scores, _ = firm
    plain = value.values(history, forecast, spending, scores, settings=free, as_of=AS_OF)
    np.testing.assert_allclose(plain["clv"], undiscounted)
    np.testing.assert_allclose(worth["expected_value"], spending.expected_value(history) * 0.4)


def test_what_came_after_lies_where_it_was_foreseen(firm, worth):
    history, forecast, spending, _, later = firm
    bought = later.groupby("customer_id").size().reindex(history["customer_id"]).fillna(0).to_numpy()
    paid = later.groupby("customer_id")["net"].sum().reindex(history["customer_id"]).fillna(0).to_numpy() * 0.4
    assert ((bought >= worth["orders_low"]) & (bought <= worth["orders_high"])).mean() >= 0.79
    inside = (paid >= worth["clv_low"]) & (paid <= worth["clv_high"] * 1.0001)
    assert inside.mean() >= 0.79
    total = value.totals(history, forecast, spending, settings=SETTINGS, as_of=AS_OF).iloc[0]
    assert total["orders_low"] < bought.sum() < total["orders_high"]
    assert total["value_low"] < paid.sum() < total["value_high"] * 1.05
    assert total["orders"] == pytest.approx(worth["expected_orders"].sum())
    assert total["value"] == pytest.approx(worth["clv"].sum())


def test_totals_of_groups_add_up_and_their_intervals_are_wider(firm, worth):
    history, forecast, spending, *_ = firm
    groups = history["repeat_days"].clip(upper=2).map({0: "once", 1: "twice", 2: "more"})
    found = value.totals(history, forecast, spending, groups, settings=SETTINGS, as_of=AS_OF)
    assert found["group"].tolist() == ["all", "more", "once", "twice"]
    for column in ("customers", "orders", "value"):
        assert found[column].iloc[1:].sum() == pytest.approx(found[column].iloc[0])
    relative = (found["value_high"] - found["value_low"]) / found["value"]
    assert (relative.iloc[1:] > relative.iloc[0]).all()
    assert ((found["orders_low"] < found["orders"]) & (found["orders"] < found["orders_high"])).all()
    longer = value.totals(history, forecast, spending, settings=SETTINGS, as_of=AS_OF, horizon_months=36)
    assert 1.5 < longer["orders"].iloc[0] / found["orders"].iloc[0] < 3


def test_a_sample_of_a_large_group_tells_the_same_interval(firm, monkeypatch):
    history, forecast, spending, *_ = firm
    ends = []
    for most in (5_000, 500):
        monkeypatch.setattr(value, "MOST_SIMULATED", most)
        ends.append(value.totals(history, forecast, spending, settings=SETTINGS, as_of=AS_OF).iloc[0])
    for what in ("orders", "value"):
        width = [one[f"{what}_high"] - one[f"{what}_low"] for one in ends]
        assert width[1] == pytest.approx(width[0], rel=0.3)


def test_customers_alike_share_their_futures(firm, worth, monkeypatch):
    history, forecast, spending, scores, _ = firm
    monkeypatch.setattr(value, "REPRESENTATIVES", 100)
    shared = value.values(history, forecast, spending, scores, settings=SETTINGS, as_of=AS_OF)
    pd.testing.assert_series_equal(shared["clv"], worth["clv"])
    assert shared["clv_high"].sum() == pytest.approx(worth["clv_high"].sum(), rel=0.05)


def test_months_of_the_calendar():
    edges, factors = value.month_edges(pd.Timestamp("2025-01-31"), 3, 0.1)
    assert edges.tolist() == [28, 59, 89]
    np.testing.assert_allclose(factors, 1.1 ** -(np.array([14, 43.5, 74]) / 365.25))


@pytest.mark.parametrize(
    ("changes", "parameters", "share", "basis"),
    [
        ({"margin_total": [30.0, 10.0]}, {}, 0.4, "contribution, from the costs of 100% of sales"),
        ({"margin_total": [30.0, None]}, {}, 0.5, "contribution, from the costs of 60% of sales"),
        ({"net_total": [54.0, 36.0]}, {"value.margin_share": 0.2}, 0.18, "contribution of 20% as given"),
        ({"net_total": [54.0, 36.0]}, {}, 0.9, "net sales: margins are unknown"),
    ],
)
def test_margin_is_a_ratio_of_sums(changes, parameters, share, basis):
    table = pd.DataFrame({"gross_total": [60.0, 40.0], "net_total": [60.0, 40.0], "margin_total": [None, None]})
    table = table.assign(**changes).astype(float)
    found = value.margin(table, settings=make_settings(parameters))
    assert found.share == pytest.approx(share)
    assert found.basis == basis


def days_of(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "net"])
    return frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]), margin=np.nan)


def test_few_customers_are_valued_by_rule():
    """HU-27: own rhythm × own mean value while it is kept; silent too long is nothing; a single order says nothing."""
    as_of = pd.Timestamp("2025-12-31")
    frame = days_of(
        ("steady", "2025-06-04", 100.0), ("steady", "2025-09-02", 100.0), ("steady", "2025-12-01", 130.0),
        ("gone", "2023-01-01", 50.0), ("gone", "2023-01-31", 50.0),
        ("once", "2025-11-30", 70.0),
    )  # fmt: skip
    history = history_of(frame, as_of)
    scores = backtest.tournament(frame, history, settings=SETTINGS, as_of=as_of)
    found = value.values(history, None, None, scores, settings=SETTINGS, as_of=as_of).set_index("customer_id")
    assert found["method"].unique().tolist() == ["rule; net sales: margins are unknown"]
    assert found.loc["steady", "expected_orders"] == pytest.approx(365 / 90)
    assert found.loc["steady", "expected_value"] == pytest.approx(110.0)
    assert 0.9 < found.loc["steady", "clv"] / (365 / 90 * 110) < 1
    assert found.loc["gone", ["expected_orders", "clv"]].tolist() == [0, 0]
    assert found["is_overdue"].tolist() == [True, False, False]  # gone, once, steady
    assert found.loc["once", ["expected_orders", "clv", "next_to_on"]].isna().all()
    assert found[["alive_prob", "clv_low", "clv_high", "orders_low", "grade"]].isna().all(axis=None)
    assert found.loc["steady", "next_from_on"] == pd.Timestamp("2025-12-01") + pd.Timedelta(days=45)
    assert found.loc["steady", "next_to_on"] == pd.Timestamp("2025-12-01") + pd.Timedelta(days=180)


def test_a_customer_with_returns_only_has_no_value(firm):
    history, forecast, spending, scores, _ = firm
    ghost = history.iloc[[0]].assign(
        customer_id="zz", purchase_days=0, first_order_on=pd.NaT, last_order_on=pd.NaT, span_days=np.nan,
        observed_days=np.nan, silent_days=np.nan, gross_total=0.0, net_total=-5.0, margin_total=0.0,
    )  # fmt: skip
    found = value.values(
        pd.concat([history, ghost], ignore_index=True), forecast, spending, scores, settings=SETTINGS, as_of=AS_OF
    )
    assert found["method"].iloc[-1] == "no purchase"
    assert found[["alive_prob", "clv", "expected_orders", "next_to_on"]].iloc[-1].isna().all()
    assert not found["is_overdue"].iloc[-1]


def test_inputs_are_left_as_they_were(firm):
    history, forecast, spending, scores, _ = firm
    before = history.copy(deep=True)
    value.values(history, forecast, spending, scores, settings=SETTINGS, as_of=AS_OF)
    value.totals(history, forecast, spending, settings=SETTINGS, as_of=AS_OF)
    pd.testing.assert_frame_equal(history, before)


def test_share_of_unknown_births_and_what_they_would_do_to_the_total(firm):
    history, forecast, spending, *_ = firm
    share, effect = births.unknown_births(history, forecast, spending, settings=SETTINGS, as_of=AS_OF)
    assert share.n == effect.n == history["is_truncated"].sum()
    assert 0 < share.value < 0.1
    assert effect.parts["orders"] == pytest.approx(forecast.expected_orders(history, horizon=365.0).sum())
    assert effect.value == pytest.approx(effect.parts["orders_as_new"] / effect.parts["orders"] - 1)
    assert effect.value > 0  # old customers taken for new ones: as if nobody ever stopped
    nobody = history.assign(is_truncated=False)
    share, effect = births.unknown_births(nobody, forecast, spending, settings=SETTINGS, as_of=AS_OF)
    assert (share.value, effect.status) == (0, "not_available")
    few = births.unknown_births(history, None, None, settings=SETTINGS, as_of=AS_OF)
    assert {found.because for found in few} == {"too few customers for any model"}


def test_naive_can_be_valued_too(firm):
    history, _, spending, scores, _ = firm
    past = as_days(simulated().query("ordered_on <= @AS_OF"))
    plain = forecaster(past, history, model="naive", origin=1095.0, horizon=365.0, settings=SETTINGS)
    found = value.values(history, plain, spending, scores, settings=SETTINGS, as_of=AS_OF)
    assert found["clv"].notna().all()
    windows = found["next_to_on"].notna()
    assert 0.95 * (history["repeat_days"] > 0).sum() < windows.sum()
    assert not windows[history["repeat_days"] == 0].any()
