"""A fitted model on simulated customers whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis.models import LAWS, fit
from rapport.analysis.models.rows import binned_or_same, rows
from rapport.analysis.models.simulation import patterns_of, simulated_purchases

TRUTH = {
    "bg_nbd": (0, [0.6, 40.0, 0.8, 2.4]),
    "mbg_nbd": (0, [0.8, 45.0, 0.9, 1.8]),
    "pareto_nbd": (0, [0.8, 60.0, 0.8, 120.0]),
    "mbg_cnbd_k": (2, [1.5, 15.0, 0.6, 2.5]),
    "nbd": (0, [0.9, 60.0]),
}


@pytest.fixture(scope="module", params=TRUTH)
def known(request, settings):
    """A firm of 20,000 customers after two years, the fit, and what they did in the year after."""
    place, theta = TRUTH[request.param]
    law, rng = LAWS[request.param][place], np.random.default_rng(3)
    births = np.floor(rng.uniform(0, 700, 20_000))
    who, when = simulated_purchases(law, theta, births, 1095.0, rng)
    table = patterns_of(who, when, 730.0)
    later = np.bincount(who[when > 730.0], minlength=len(births))[table["who"]]
    return theta, law, table, later, fit(table, model=request.param, settings=settings)


def test_parameters_lie_within_their_errors(known):
    theta, law, _, _, found = known
    assert found.law == law or law.name == "pareto_nbd"
    z = (np.log(found.theta) - np.log(theta)) / np.sqrt(np.diag(found.covariance))
    assert np.abs(z).max() < 3.5


def test_total_and_spread_of_the_future(known, rng):
    _, _, table, later, found = known
    foreseen = found.expected_orders(table, horizon=365.0)
    drawn = np.array([found.drawn(rng).simulated_orders(table, horizon=365.0, rng=rng).sum() for _ in range(60)])
    assert drawn.mean() == pytest.approx(foreseen.sum(), rel=0.02)
    assert abs(later.sum() - foreseen.sum()) < 4 * drawn.std()


def test_intervals_of_customers_hold_what_they_promise(known):
    _, _, table, later, found = known
    low, high = found.order_range(table, horizon=365.0, level=0.8)
    assert ((later >= low) & (later <= high)).mean() >= 0.79
    upper = found.orders_at_most(table, horizon=365.0, counts=later)
    lower = found.orders_at_most(table, horizon=365.0, counts=later - 1)
    place = np.sort(lower + np.random.default_rng(5).random(len(later)) * (upper - lower))
    assert np.abs(place - (np.arange(len(place)) + 0.5) / len(place)).mean() < 0.01


def test_ends_of_intervals_are_quantiles(known):
    _, _, table, _, found = known
    few = table.head(300)
    low, high = found.order_range(few, horizon=365.0, level=0.8)
    assert (found.orders_at_most(few, horizon=365.0, counts=high) >= 0.9 - 1e-9).all()
    assert (found.orders_at_most(few, horizon=365.0, counts=high - 1) < 0.9 + 1e-9).all()
    assert (found.orders_at_most(few, horizon=365.0, counts=low) >= 0.1 - 1e-9).all()
    assert (found.orders_at_most(few, horizon=365.0, counts=low - 1) < 0.1 + 1e-9).all()


def test_totals_and_customers_agree(known):
    _, _, table, _, found = known
    edges = [30.0, 180.0, 365.0]
    totals = found.total_orders(table, edges=edges)
    np.testing.assert_allclose(totals, [found.expected_orders(table, horizon=edge).sum() for edge in edges], rtol=1e-10)
    flat = found.discounted_orders(table, edges=edges, factors=[1.0, 1.0, 1.0])
    np.testing.assert_allclose(flat, found.expected_orders(table, horizon=365.0), rtol=1e-10)
    half = found.discounted_orders(table, edges=edges, factors=[1.0, 0.5, 0.0])
    assert half.sum() == pytest.approx(totals[0] + (totals[1] - totals[0]) / 2)


def test_expectation_of_the_new(known):
    """The share of customers and the orders foreseen for newcomers agree with a firm seen from its first day."""
    theta, law, _, _, found = known
    rng = np.random.default_rng(9)
    who, _ = simulated_purchases(law, theta, np.zeros(40_000), 365.0, rng)
    truth = law.expected_of_new(np.array(theta), np.array([365.0]))[0]
    assert len(who) / 40_000 - 1 == pytest.approx(truth, rel=0.05)
    assert found.expected_of_new([365.0])[0] == pytest.approx(truth, rel=0.1)


def test_many_rows_are_climbed_on_averages_and_finished_on_all(known, settings, monkeypatch):
    _, _, table, _, found = known
    data = rows(table)
    monkeypatch.setattr("rapport.analysis.models.rows.MANY_ROWS", 1_000)
    assert len(binned_or_same(data).x) < len(data.x)
    assert binned_or_same(data).customers == pytest.approx(data.customers)
    again = fit(table, model=found.model, settings=settings)
    np.testing.assert_allclose(again.theta, found.theta, rtol=1e-5)
    np.testing.assert_allclose(again.covariance, found.covariance, rtol=0.05, atol=1e-5)


def test_gap_to_the_next_purchase(settings):
    """Regular buyers of one gap of 30 days: half of them within about 30 days of the last purchase."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"repeat_days": 24, "span_days": rng.normal(720, 5, 400), "observed_days": 725.0})
    others = pd.DataFrame({"repeat_days": rng.poisson(3, 400), "span_days": 400.0, "observed_days": 725.0})
    others.loc[others["repeat_days"] == 0, "span_days"] = 0.0
    found = fit(pd.concat([table, others]), model="nbd", settings=settings)
    ends = [found.gap_quantile(table, level=level)[0] for level in (0.1, 0.5, 0.9)]
    assert ends[0] < ends[1] < ends[2]
    assert 15 < ends[1] < 45
