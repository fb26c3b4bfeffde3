"""What must hold of every law: gradients, sums, simulations, and numbers at the ends of the possible."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st
from scipy.integrate import quad

from rapport.analysis.models import LAWS
from rapport.analysis.models.counting import _direct, _summed, expected_with_dropout
from rapport.analysis.models.pareto_nbd import _stopped_odds
from rapport.analysis.models.rows import Rows

EVERY = [law for laws in LAWS.values() for law in laws if law.k in (1, 2, 5)]
NAMES = [f"{law.name}-{law.k}" for law in EVERY]
FEW = Rows(
    x=np.array([0.0, 0.0, 1.0, 2.0, 9.0, 40.0]),
    t_x=np.array([0.0, 0.0, 3.0, 30.0, 39.5, 80.0]),
    T=np.array([10.0, 90.0, 50.0, 31.0, 40.0, 80.0]),
    w=np.array([5.0, 7.0, 2.0, 1.0, 3.0, 1.0]),
)
WILD = (
    np.array([0.0, 0.0, 1.0, 1.0, 1000.0, 1000.0, 1000.0, 300.0]),
    np.array([0.0, 0.0, 0.0, 4999.0, 5000.0, 1.0, 999.0, 10.0]),
    np.array([0.0, 5000.0, 5000.0, 5000.0, 5000.0, 5000.0, 1000.0, 10.0]),
)
log_parameter = st.floats(-4, 4)


def thetas(law):
    return st.tuples(*[log_parameter] * len(law.parameters)).map(
        lambda logs: np.exp(logs) * np.where(law.scales, 20.0, 1.0)
    )


@pytest.mark.parametrize("law", EVERY, ids=NAMES)
@runs(max_examples=25, deadline=None)
@given(data=st.data())
def test_gradient_is_that_of_the_likelihood(law, data):
    theta = data.draw(thetas(law))
    value, gradient = law.log_likelihood(theta, FEW)
    width = 1e-5
    for place, slope in enumerate(gradient):
        shift = np.exp(width * (np.arange(len(theta)) == place))
        ends = [law.log_likelihood(theta * shift**sign, FEW)[0] for sign in (1, -1)]
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * width), rel=1e-5, abs=1e-4 * max(1, abs(value)) ** 0.5)


@pytest.mark.parametrize("law", EVERY, ids=NAMES)
@runs(max_examples=40, deadline=None)
@given(data=st.data())
def test_numbers_at_the_ends_of_the_possible(law, data):
    theta = data.draw(thetas(law))
    with np.errstate(all="raise", under="ignore", over="ignore", divide="ignore", invalid="ignore"):
        states = law.states(theta, *WILD)
        orders = [law.orders_if_alive(theta, WILD[0], WILD[2], 1095.0, state) for state in range(law.k)]
        tails = [law.tail_if_alive(theta, WILD[0], WILD[2], 1095.0, state, 3.0) for state in range(law.k)]
    assert np.isfinite(states).all()
    assert (states >= 0).all()
    assert (states.sum(axis=1) <= 1 + 1e-12).all()
    assert np.isfinite(orders).all()
    assert (np.array(orders) >= 0).all()
    assert ((np.array(tails) >= 0) & (np.array(tails) <= 1 + 1e-12)).all()


@pytest.mark.parametrize("law", EVERY, ids=NAMES)
def test_tails_add_up_to_the_expectation(law):
    theta = np.array([0.8, 12.0, 0.7, 2.2 if law.name != "pareto_nbd" else 30.0])[: len(law.parameters)]
    x, T = np.array([0.0, 3.0, 20.0]), np.array([10.0, 60.0, 61.0])
    for state in range(law.k):
        tails = law.tail_if_alive(theta, x[:, None], T[:, None], 40.0, state, np.arange(1.0, 400.0))
        np.testing.assert_allclose(tails.sum(axis=1), law.orders_if_alive(theta, x, T, 40.0, state), rtol=1e-9)


@pytest.mark.parametrize("law", EVERY, ids=NAMES)
def test_simulated_futures_follow_the_tails(law, rng):
    theta = np.array([0.8, 12.0, 0.7, 2.2 if law.name != "pareto_nbd" else 30.0])[: len(law.parameters)]
    x, T = np.full(60_000, 3.0), np.full(60_000, 60.0)
    for state in range(law.k):
        drawn = law.drawn_orders(theta, x, T, 40.0, np.full(60_000, state), rng)
        for n in (1, 2, 5):
            chance = law.tail_if_alive(theta, x[:1], T[:1], 40.0, state, float(n))[0]
            assert (drawn >= n).mean() == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / 60_000) + 1e-9)


@pytest.mark.parametrize("a", [0.3, 0.995, 1.0, 1.5, 30.0])
def test_closed_form_and_sum_agree(a):
    x = np.repeat([0.0, 1, 5, 50, 300, 1000], 4)
    z = np.tile([0.01, 0.3, 0.7, 0.97], 6)
    closed = expected_with_dropout(0.24 + x, z, a, 2.4 + x, 1, 0)
    np.testing.assert_allclose(closed, _summed(0.24 + x, z, a, 2.4 + x, 1, 0), rtol=1e-7)


@pytest.mark.parametrize(("k", "state"), [(1, 0), (3, 2)])
@pytest.mark.parametrize("a", [0.2, 1.0, 4.0])
@pytest.mark.parametrize("R", [0.3, 4.0, 900.0])
def test_between_nodes_nothing_is_lost(a, k, state, R):
    z = 365 / (365 + 8 + np.linspace(0, 3000, 400))
    many = np.full(400, R)
    found = _summed(many, z, a, 2.0 + many, k, state)
    one_by_one = [_direct(many[:1], z[i : i + 1], a, 2.0 + many[:1], k, state)[0] for i in range(0, 400, 57)]
    np.testing.assert_allclose(
        found[::57], one_by_one, rtol=1e-8 if R < 100 else 1e-5
    )  # thousands of steps: in strides


@runs(max_examples=60, deadline=None)
@given(
    logs=st.tuples(*[st.floats(-3, 3)] * 2),
    times=st.tuples(*[st.floats(-2, 8)] * 2),
    x=st.sampled_from([0, 1, 5, 100, 1000]),
    T=st.sampled_from([1.0, 365.0, 5000.0]),
    part=st.sampled_from([0.0, 0.01, 0.5, 0.999]),
)
def test_integral_of_pareto_nbd_against_adaptive_quadrature(logs, times, x, T, part):
    r, s = np.exp(logs)
    alpha, beta = np.exp(times)
    t_x = part * T if x else 0.0
    found, _ = _stopped_odds((r, alpha, s, beta), *(np.array([float(one)]) for one in (x, t_x, T)))

    def log_density(y):
        return -(r + x) * np.log(alpha + y) - (s + 1) * np.log(beta + y)

    edges = t_x + (T - t_x) * np.concatenate([[0], np.geomspace(1e-9, 1, 40)])
    top = log_density(t_x)
    parts = [quad(lambda y: np.exp(log_density(y) - top), *ends, epsabs=0)[0] for ends in pairwise(edges)]
    at_T = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    assert found[0] == pytest.approx(np.log(s) + top + np.log(sum(parts)) - at_T, rel=1e-8, abs=1e-8)
