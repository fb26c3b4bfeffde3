"""Our predictions beside those of `lifetimes`, wherever it has a finite number."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from rapport.analysis.models import FitRefused, as_lifetimes, fit, second_opinion
from rapport.analysis.models.lifetimes_door import FITTERS


@pytest.fixture(scope="module")
def fits(cdnow, settings):
    return {model: fit(cdnow, model=model, settings=settings) for model in FITTERS}


def predicted(fitter, customers, horizon):
    columns = [customers[name].to_numpy() for name in ("repeat_days", "span_days", "observed_days")]
    with np.errstate(all="ignore"):
        orders = fitter.predict(horizon, *columns)
        return np.asarray(orders), np.asarray(fitter.conditional_probability_alive(*columns))


def assert_same(ours, theirs):
    finite = np.isfinite(theirs)
    assert np.isfinite(ours).all()
    np.testing.assert_allclose(ours[finite], theirs[finite], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("model", FITTERS)
def test_same_predictions_on_cdnow(fits, cdnow, model):
    orders, alive = predicted(as_lifetimes(fits[model], cdnow), cdnow, 39.0)
    assert_same(fits[model].expected_orders(cdnow, horizon=39.0), orders)
    assert_same(fits[model].alive_prob(cdnow), alive)
    assert np.isfinite(orders).all()


@pytest.mark.parametrize("model", FITTERS)
@runs(max_examples=40, deadline=None)
@given(data=st.data())
def test_same_predictions_anywhere(fits, cdnow, model, data):
    number = st.floats(0.05, 20)
    theta = np.array([data.draw(number) for _ in range(4)]) * [1, 10, 1, 10 if model == "pareto_nbd" else 1]
    rows = data.draw(
        st.lists(st.tuples(st.integers(0, 60), st.floats(0, 1), st.floats(1, 300)), min_size=1, max_size=5)
    )
    customers = pd.DataFrame(rows, columns=["repeat_days", "span_days", "observed_days"])
    customers["span_days"] *= customers["observed_days"] * (customers["repeat_days"] > 0)
    ours = fits[model].with_parameters(theta)
    orders, alive = predicted(as_lifetimes(ours, customers), customers, 52.0)
    if model != "pareto_nbd" and abs(theta[2] - 1) < 0.02:  # their closed form has a pole at a = 1
        orders = np.full_like(orders, np.nan)
    if model == "pareto_nbd":  # their likelihood is a difference of ₂F₁ that loses its digits for large x
        orders[customers["repeat_days"] > 20] = alive[customers["repeat_days"] > 20] = np.nan
    assert_same(ours.alive_prob(customers), alive)
    assert_same(ours.expected_orders(customers, horizon=52.0), orders)


def test_best_customers_have_numbers_where_lifetimes_has_none(fits):
    best = pd.DataFrame({"repeat_days": [150, 400], "span_days": [104.0, 104.0], "observed_days": [104.0, 104.0]})
    orders, _ = predicted(as_lifetimes(fits["pareto_nbd"], best), best, 52.0)
    assert np.isnan(orders).any()
    ours = fits["pareto_nbd"].expected_orders(best, horizon=52.0)
    pace = np.array([150, 400]) / 104 * 52
    assert ((ours > 0.75 * pace) & (ours < pace)).all()


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd"])
def test_second_opinion_agrees_on_cdnow(fits, cdnow, settings, model):
    opinion = second_opinion(fits[model], cdnow, settings=settings).set_index("name")
    assert set(opinion.index) == {"r", "alpha", "a", "b", "log_likelihood", "expected_orders"}
    assert opinion["difference"].abs().max() < 1e-5
    assert opinion.loc["log_likelihood", "theirs"] == pytest.approx(
        -9582.43 if model == "bg_nbd" else -9582.14, abs=0.01
    )


def test_second_opinion_of_pareto_on_a_sample(fits, cdnow, settings):
    opinion = second_opinion(fits["pareto_nbd"], cdnow, settings=settings).set_index("name")
    assert opinion["customers"].iloc[0] == 1000
    assert opinion.loc["log_likelihood", "difference"] == pytest.approx(0, abs=1e-6)
    assert opinion.loc["expected_orders", "difference"] == pytest.approx(0, abs=1e-3)


def test_a_fitter_to_play_with(fits, cdnow):
    fitter = as_lifetimes(fits["mbg_nbd"], cdnow)
    assert type(fitter).__name__ == "ModifiedBetaGeoFitter"
    np.testing.assert_allclose(fitter.summary["se(coef)"], [0.0833, 0.6956, 0.1548, 0.5375], rtol=2e-3)
    assert fitter.data["weights"].sum() == 2357


def test_a_model_the_library_does_not_have(cdnow, settings):
    with pytest.raises(FitRefused, match="the library lifetimes has no nbd"):
        as_lifetimes(fit(cdnow, model="nbd", settings=settings), cdnow)


def test_the_library_leaves_nothing_behind():
    code = (
        "import warnings, pandas as pd; from rapport.analysis.models.lifetimes_door import _lifetimes;"
        "before = (list(warnings.filters), pd.get_option('mode.chained_assignment')); _lifetimes();"
        "assert (list(warnings.filters), pd.get_option('mode.chained_assignment')) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
