"""Whatever the customers are like: a result or a stated refusal, never NaN and never an exception of a library."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from rapport.analysis.models import LAWS, FitRefused, contracts, fit, spend
from rapport.analysis.models.simulation import patterns_of, simulated_purchases
from rapport.foundation.settings import settings as make_settings

OPEN = make_settings({"value.min_customers": 2, "value.min_repeaters": 1})
pattern = st.tuples(
    st.one_of(st.integers(0, 5), st.integers(0, 1000)), st.floats(0, 1), st.one_of(st.just(0.0), st.floats(0.1, 5000))
)


def customers_of(rows, weights=None):
    table = pd.DataFrame(rows, columns=["repeat_days", "span_days", "observed_days"]).astype(float)
    table.loc[table["observed_days"] == 0, "repeat_days"] = 0
    table["span_days"] *= table["observed_days"] * (table["repeat_days"] > 0)
    return table.assign(customers=1 if weights is None else weights)


def answers(table, model, settings=OPEN):
    """The fit, or None with a refusal in three parts; every number it gives is finite and possible."""
    try:
        found = fit(table, model=model, settings=settings)
    except FitRefused:
        return None
    assert np.isfinite(found.theta).all()
    assert np.isfinite([found.log_likelihood, found.gradient]).all()
    assert np.linalg.eigvalsh(found.covariance).min() > 0
    alive = found.alive_prob(table)
    assert ((alive >= 0) & (alive <= 1 + 1e-12)).all()
    orders = found.expected_orders(table, horizon=365.0)
    assert (np.isfinite(orders) & (orders >= 0)).all()
    low, high = found.order_range(table, horizon=365.0, level=0.8)
    assert ((low >= 0) & (low <= high)).all()
    drawn = found.simulated_orders(table, horizon=365.0, rng=np.random.default_rng(1))
    assert (np.isfinite(drawn) & (drawn >= 0)).all()
    gap = found.gap_quantile(table, level=0.9)
    assert (gap >= 0).all()
    return found


@pytest.mark.parametrize("model", LAWS)
@runs(max_examples=25, deadline=None)
@given(rows=st.lists(pattern, min_size=1, max_size=30), weight=st.sampled_from([1, 40, 10**9]))
def test_any_patterns(model, rows, weight):
    answers(customers_of(rows, weight), model)


@pytest.mark.parametrize("model", LAWS)
def test_one_timers_only(model, settings):
    table = customers_of([(0, 0, float(age)) for age in range(1, 400)])
    assert answers(table, model) is None
    with pytest.raises(FitRefused, match="needs 30 customers with a repeat purchase and has 0"):
        fit(table, model=model, settings=settings)


@pytest.mark.parametrize("model", LAWS)
def test_one_customer(model, settings):
    with pytest.raises(FitRefused, match="needs 100 customers and has 1"):
        fit(customers_of([(3, 0.5, 100.0)]), model=model, settings=settings)


@pytest.mark.parametrize("model", LAWS)
def test_all_alike(model):
    answers(customers_of([(3, 0.5, 100.0)] * 500), model)


@pytest.mark.parametrize("model", LAWS)
def test_no_time_observed(model, settings):
    with pytest.raises(FitRefused, match="needs time after the first purchase"):
        fit(customers_of([(0, 0, 0.0)] * 200), model=model, settings=settings)


@pytest.mark.parametrize("model", LAWS)
def test_no_rows_at_all(model, settings):
    with pytest.raises(FitRefused, match="needs 100 customers and has 0"):
        fit(customers_of([]), model=model, settings=settings)


@pytest.mark.parametrize("model", LAWS)
def test_weights_are_customers(model, cdnow, settings):
    """A table of distinct patterns with weights is the table of customers."""
    keys = ["repeat_days", "span_days", "observed_days"]
    patterns = cdnow.groupby(keys).size().rename("customers").reset_index()
    each, together = (fit(table, model=model, settings=settings) for table in (cdnow[keys], patterns))
    assert len(patterns) < len(cdnow)
    np.testing.assert_allclose(together.theta, each.theta, rtol=1e-6)
    assert together.customers == each.customers == 2357


@pytest.mark.parametrize("model", ["mbg_nbd", "pareto_nbd"])
def test_enormous_weights(model, cdnow, settings):
    huge = fit(cdnow.assign(customers=10**9), model=model, settings=settings)
    one = fit(cdnow, model=model, settings=settings)
    np.testing.assert_allclose(huge.theta, one.theta, rtol=1e-6)
    np.testing.assert_allclose(huge.covariance * 1e9, one.covariance, rtol=1e-3)


@pytest.mark.parametrize("model", LAWS)
def test_unit_of_time_does_not_matter(model, cdnow, settings):
    keys = ["span_days", "observed_days"]
    days = cdnow.assign(**{key: cdnow[key] * 7 for key in keys})
    in_weeks, in_days = (fit(table, model=model, settings=settings) for table in (cdnow, days))
    np.testing.assert_allclose(
        in_days.expected_orders(days, horizon=273.0), in_weeks.expected_orders(cdnow, horizon=39.0), rtol=1e-5
    )


def test_nobody_stops_is_found_and_said(settings):
    """Without dropout the dropout parameters have no size; the model of no dropout takes over."""
    rng = np.random.default_rng(0)
    births = rng.uniform(0, 300, 2000)
    who, when = simulated_purchases(LAWS["nbd"][0], [1.5, 40.0], births, 700.0, rng)
    table = patterns_of(who, when, 700.0)
    for model in ("bg_nbd", "mbg_nbd", "pareto_nbd", "mbg_cnbd_k"):
        with pytest.raises(FitRefused, match=r"ran to the end|flat|do not tell|no maximum"):
            fit(table, model=model, settings=settings)
    np.testing.assert_allclose(fit(table, model="nbd", settings=settings).theta, [1.5, 40.0], rtol=0.15)


def test_truncated_customers_are_left_out_and_counted(cdnow, settings):
    twice = pd.concat([cdnow.assign(is_truncated=False), cdnow.assign(repeat_days=99, is_truncated=True)])
    found = fit(twice, model="mbg_nbd", settings=settings)
    assert found.parameters == fit(cdnow, model="mbg_nbd", settings=settings).parameters
    assert found.note == "2,357 customers of unknown birth were left out."


@runs(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 1000), st.one_of(st.floats(-10, 1e7), st.just(float("nan")))), max_size=60),
    repeated=st.sampled_from([1, 50]),
)
def test_any_spending(rows, repeated, settings):
    table = pd.DataFrame(rows * repeated, columns=["repeat_days", "mean_repeat_value"])
    table = table.assign(purchase_days=table["repeat_days"] + 1, gross_total=100.0)
    found = spend(table, settings=settings)
    value = found.expected_value(table)
    assert (np.isfinite(value) & (value >= 0)).all()
    twice, rng = np.full(len(table), 2.0), np.random.default_rng(1)
    drawn = found.drawn(rng).simulated_value(table, twice, rng)
    assert (np.isfinite(drawn) & (drawn >= 0)).all()
    assert found.note


@runs(max_examples=60, deadline=None)
@given(counts=st.lists(st.floats(-10, 1e6), max_size=8))
def test_any_contracts(counts):
    for given_counts in (counts, sorted(counts, reverse=True)):
        try:
            found = contracts(given_counts)
        except FitRefused:
            continue
        assert np.isfinite([found.alpha, found.beta, found.log_likelihood]).all()
        assert np.isfinite(found.discounted_renewals(renewals_made=1, rate=0.1))
