"""Forecasts without parameters: cell averages, naive, the hiatus rule; and days, seasons, spending, contracts."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis.models import FitRefused, alive_by_hiatus, contracts, spend
from rapport.analysis.models.cell_averages import cell_averages
from rapport.analysis.models.days import days, history_at
from rapport.analysis.models.naive import naive
from rapport.analysis.models.season import season

BEGIN = pd.Timestamp("2024-01-01")


def bought(*rows):
    """(customer, day number[, net]) as purchase days."""
    rows = [(*row, 100.0)[:3] for row in rows]
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "net"])
    return frame.assign(ordered_on=BEGIN + pd.to_timedelta(frame.pop("day"), unit="D"))


def test_what_was_known_at_an_origin():
    frame = bought(("b", 5, 10.0), ("a", 0, 1.0), ("b", 25, 30.0), ("b", 15, 20.0), ("c", 21), ("a", 0, 2.0))
    known = history_at(days(frame), 20.0).set_index("customer_id")
    assert set(known.index) == {"a", "b"}
    assert known.loc["b", ["purchase_days", "repeat_days", "span_days", "observed_days", "silent_days"]].tolist() == [
        2, 1, 10, 15, 5,
    ]  # fmt: skip
    assert known.loc["b", "mean_repeat_value"] == 20.0
    assert known.loc["a", ["purchase_days", "gross_total", "observed_days"]].tolist() == [1, 3.0, 20]
    assert np.isnan(known.loc["a", "mean_repeat_value"])
    assert history_at(days(frame), -1.0).empty
    assert days(frame).bought(5, 25).tolist() == [2, 0, 1]  # b, a, c in the order they appear


def test_naive_repeats_the_last_horizon(rng):
    frame = bought(("a", 0), ("a", 50), ("a", 60), ("b", 10))
    forecast = naive(days(frame), as_of=100.0, horizon=60.0)
    who = pd.DataFrame({"customer_id": ["b", "a", "nobody"]})
    assert forecast.expected_orders(who, horizon=60.0).tolist() == [0, 2, 0]
    assert forecast.expected_orders(who, horizon=30.0).tolist() == [0, 1, 0]
    assert forecast.discounted_orders(who, edges=[30.0, 60.0], factors=[1.0, 0.5]).tolist() == [0, 1.5, 0]
    assert forecast.total_orders(who, edges=[30.0, 60.0]).tolist() == [1, 2]
    low, high = forecast.order_range(who, horizon=60.0, level=0.8)
    assert (low.tolist(), high.tolist()) == ([0, 0, 0], [0, 4, 0])
    at_most = forecast.orders_at_most(who, horizon=60.0, counts=np.array([0, 0, -1]))
    np.testing.assert_allclose(at_most, [1, np.exp(-2), 0])
    assert forecast.alive_prob(who).tolist() == [0, 1, 0]
    assert forecast.simulated_orders(who, horizon=60.0, rng=rng)[0] == 0


@pytest.fixture
def two_kinds():
    """150 customers who buy every 20 days and 150 who bought once, over 400 days."""
    steady = [(f"s{i}", day) for i in range(150) for day in range(i % 20, 400, 20)]
    once = [(f"o{i}", i) for i in range(150)]
    return days(bought(*steady, *once))


def test_cell_averages_say_what_such_customers_did(two_kinds, settings, rng):
    forecast = cell_averages(two_kinds, as_of=399.0, horizon=100.0, settings=settings)
    known = history_at(two_kinds, 399.0)
    is_steady = known["customer_id"].str.startswith("s").to_numpy()
    orders = forecast.expected_orders(known, horizon=100.0)
    # 15 purchases in 300 days brought 5 in 100; the last 300 days have 15 again; who bought once never came again
    np.testing.assert_allclose(orders[is_steady], 5, rtol=0.05)  # sparse cells are drawn together
    assert orders[~is_steady].max() < 0.2
    low, high = forecast.order_range(known, horizon=100.0, level=0.8)
    assert ((low <= np.rint(orders)) & (np.rint(orders) <= high)).all()
    drawn = np.mean([forecast.drawn(rng).simulated_orders(known, horizon=100.0, rng=rng) for _ in range(30)], axis=0)
    assert drawn.sum() == pytest.approx(orders.sum(), rel=0.03)
    assert forecast.total_orders(known, edges=[100.0])[0] == pytest.approx(orders.sum())
    edges = np.array([50.0, 100.0])
    flat = forecast.discounted_orders(known, edges=edges, factors=[1.0, 1.0])
    np.testing.assert_allclose(flat, orders)
    np.testing.assert_allclose(forecast.expected_orders(known, horizon=200.0), 2 * orders)
    alive = forecast.alive_prob(known)
    assert alive[is_steady].min() > 0.9
    assert alive[~is_steady].max() < 0.2
    at_most = forecast.orders_at_most(known, horizon=100.0, counts=np.where(is_steady, 8, 0))
    assert at_most.min() > 0.9
    assert (forecast.orders_at_most(known, horizon=100.0, counts=np.full(len(known), -1)) == 0).all()


def test_cell_averages_need_customers(two_kinds, settings):
    with pytest.raises(FitRefused, match="need 100 customers one horizon ago and have 90"):
        cell_averages(two_kinds, as_of=309.0, horizon=300.0, settings=settings)


def test_hiatus():
    table = pd.DataFrame(
        {"repeat_days": [2, 2, 0, 0], "span_days": [20.0, 20.0, 0, 0], "observed_days": [50.0, 51.0, 10.0, 11.0]}
    )
    assert alive_by_hiatus(table, lost_gaps=3, too_early_quantile=0.9).tolist() == [True, False, True, False]
    assert alive_by_hiatus(table.iloc[2:], lost_gaps=3, too_early_quantile=0.9).all()


def monthly(strengths, years=3):
    """Purchases on the first days of each month, as many as its strength says."""
    rows = []
    for month in pd.period_range("2021-01", periods=12 * years, freq="M"):
        start = (month.start_time - pd.Timestamp("2021-01-01")).days
        count = strengths[month.month - 1] * month.days_in_month
        rows += [(f"c{i}", start + i % month.days_in_month) for i in range(round(count))]
    return days(bought(*rows))


def test_season_is_found_and_its_clock_runs_faster_in_strong_months():
    strengths = np.array([10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 15, 20.0])
    bought_days = monthly(strengths)
    found = season(bought_days, until=1094.0)
    assert found.differs
    np.testing.assert_allclose(found.strength / found.strength[0], strengths / 10, rtol=0.02)
    start = pd.Timestamp("2024-12-31")
    month, year = found.clock(start, [31.0, 365.0])
    assert month == pytest.approx(31 * found.strength[0])
    assert year == pytest.approx(365.0, rel=1e-3)
    december = found.clock(pd.Timestamp("2024-11-30"), [31.0])[0]
    assert december / month == pytest.approx(2.0, rel=0.02)


def test_equal_months_are_no_season():
    rng = np.random.default_rng(1)
    rows = [(f"c{i}", int(day)) for i, day in enumerate(rng.uniform(0, 1095, 6000))]
    found = season(days(bought(*rows)), until=1094.0)
    assert not found.differs
    assert found.clock(BEGIN, [7.0, 40.0]).tolist() == [7.0, 40.0]
    assert found.note == ""


def test_season_cannot_be_told_from_one_year():
    found = season(monthly(np.arange(1.0, 13), years=1), until=364.0)
    assert found.p_value is None
    assert "two full years" in found.note


def spenders(pairs):
    table = pd.DataFrame(pairs, columns=["repeat_days", "mean_repeat_value"])
    return table.assign(purchase_days=table["repeat_days"] + 1, gross_total=100.0 * (table["repeat_days"] + 1))


def gamma_gamma_spenders(rng, n=4000, p=6.0, q=4.0, g=15.0, more_when_frequent=0.0):
    x = rng.integers(0, 12, n)
    nu = rng.gamma(q, 1 / (g * (1 + more_when_frequent * x)))
    mean = rng.gamma(p * np.maximum(x, 1), 1 / nu) / np.maximum(x, 1)
    return spenders(list(zip(x, np.where(x > 0, mean, np.nan))))


def test_spend_is_recovered(rng, settings):
    history = gamma_gamma_spenders(rng)
    found = spend(history, settings=settings)
    assert found.method == "gamma_gamma"
    errors = np.sqrt(np.diag(found.covariances[0]))
    assert (np.abs(np.log(found.theta[0] / [6.0, 4.0, 15.0])) < 3.5 * errors).all()
    value = found.expected_value(history)
    assert value[history["repeat_days"] == 0] == pytest.approx(6 * 15 / 3, rel=0.05)
    heavy = history["repeat_days"] == 11
    assert np.corrcoef(value[heavy], history.loc[heavy, "mean_repeat_value"])[0, 1] > 0.999


def test_simulated_spending_has_the_expected_mean(rng, settings):
    history = gamma_gamma_spenders(rng)
    found = spend(history, settings=settings)
    orders = np.full(len(history), 3.0)
    drawn = np.mean([found.simulated_value(history, orders, rng).sum() for _ in range(40)])
    assert drawn == pytest.approx(3 * found.expected_value(history).sum(), rel=0.02)
    assert found.simulated_value(history, np.zeros(len(history)), rng).sum() == 0


def test_spending_that_goes_with_frequency_is_fitted_by_band(rng, settings):
    found = spend(gamma_gamma_spenders(rng, more_when_frequent=0.5), settings=settings)
    assert found.method == "gamma_gamma by frequency band"
    assert found.correlation > 0.3
    assert found.parameters["from_repeat_days"].tolist() == [0, 2, 4, 8]
    assert found.parameters["customers"].sum() == found.customers[0] + sum(found.customers[1:])


def test_few_repeaters_are_drawn_to_the_mean_of_all(settings):
    history = spenders([(1, 50.0), (3, 200.0), (0, np.nan)])
    found = spend(history, settings=settings)
    assert found.method == "own mean drawn to the base's"
    assert found.expected_value(history).tolist() == [75.0, 175.0, 100.0]
    assert "2 customers" in found.note


def test_equal_spending_is_refused_and_said(settings):
    found = spend(spenders([(2, 100.0)] * 60), settings=settings)
    assert found.method == "own mean drawn to the base's"
    assert found.expected_value(spenders([(2, 100.0)])) == pytest.approx(100.0)


def test_retention_of_contracts_rises():
    found = contracts([1000, 869, 743, 653, 593, 551, 517, 491])
    retention = found.retention([1, 2, 7])
    assert retention[0] == pytest.approx(0.851, abs=5e-4)
    assert (np.diff(retention) > 0).all()
    np.testing.assert_allclose(found.survival([1, 2]), np.cumprod(found.retention([1, 2])))
    assert found.discounted_renewals(renewals_made=5, rate=0.1) > found.discounted_renewals(renewals_made=0, rate=0.1)


@pytest.mark.parametrize(
    "counts", [[], [100, 90], [100, 120, 90], [100, 100, 100], [100, 50, 0], [100, float("nan"), 2]]
)
def test_contracts_that_say_nothing_are_refused(counts):
    with pytest.raises(FitRefused):
        contracts(counts)
