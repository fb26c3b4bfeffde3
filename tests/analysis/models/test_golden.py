"""The published and reproduced figures: CDNOW, the textbook points, contracts. Weeks unless stated."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis.models import LAWS, contracts, fit, spend
from rapport.analysis.models.beta_geometric import BetaGeometric
from rapport.analysis.models.gamma_gamma import fitted_spending
from rapport.analysis.models.rows import rows

from .conftest import purchase_days

SAMPLE = {
    "bg_nbd": ([0.242594, 4.413602, 0.792920, 2.425888], -9582.4292, 4),
    "mbg_nbd": ([0.5248, 6.1831, 0.8914, 1.6140], -9582.136, 4),
    "nbd": ([0.3848, 12.072], -9763.658, 4),
}
MASTER = {
    "bg_nbd": ([0.2516, 4.7889, 0.7234, 2.1611], -95368.4),
    "pareto_nbd": ([0.5974, 11.586, 0.522, 8.83], -95415.1),
}
HOLDOUT = {  # total of 39 weeks, mean absolute error, mean P(alive); what happened: 1,882
    "pareto_nbd": (1665.7, 0.7545, 0.446),
    "bg_nbd": (1653.4, 0.7855, 0.813),
    "mbg_nbd": (1576.7, 0.7648, 0.449),
}
BG = np.array([0.242594, 4.413602, 0.792920, 2.425888])
PARETO = np.array([0.55327, 10.57780, 0.60602, 11.66391])


def one(x, t_x, T):
    return np.array([float(x)]), np.array([float(t_x)]), np.array([float(T)])


def expected(law, theta, x, t_x, T, horizon):
    x, t_x, T = (np.asarray(part, float) for part in (x, t_x, T))
    states = law.states(theta, x, t_x, T)
    return sum(states[:, j] * law.orders_if_alive(theta, x, T, horizon, j) for j in range(law.k))


@pytest.mark.parametrize("model", SAMPLE)
def test_cdnow_sample(cdnow, settings, model):
    parameters, likelihood, digits = SAMPLE[model]
    found = fit(cdnow, model=model, settings=settings)
    np.testing.assert_allclose(found.theta, parameters, rtol=10**-digits)
    assert found.log_likelihood == pytest.approx(likelihood, abs=0.01)
    assert found.gradient < 1e-9


def test_cdnow_sample_errors_of_bg_nbd(cdnow, settings):
    found = fit(cdnow, model="bg_nbd", settings=settings)
    np.testing.assert_allclose(
        np.sqrt(np.diag(found.covariance)) * found.theta, [0.0126, 0.378, 0.186, 0.705], rtol=0.01
    )


def test_cdnow_sample_pareto(cdnow, settings):
    """r and α to four digits, s and β to three: the ridge between s and β is flat."""
    found = fit(cdnow, model="pareto_nbd", settings=settings)
    np.testing.assert_allclose(found.theta[:2], [0.55327, 10.57780], rtol=1e-4)
    np.testing.assert_allclose(found.theta[2:], [0.60602, 11.66391], rtol=5e-4)
    assert found.log_likelihood == pytest.approx(-9594.976, abs=0.01)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)) * found.theta, [0.0476, 0.843, 0.187, 6.2], rtol=0.01)


def test_cdnow_buyers_are_not_regular(cdnow, settings):
    days = purchase_days("CDNOW_sample")
    days = days[days["ordered_on"] <= "1997-09-30"].sort_values(["customer_id", "ordered_on"])
    gaps = days.groupby("customer_id")["ordered_on"].diff().dt.days / 7
    log_gaps = np.log(gaps).groupby(days["customer_id"]).sum()
    for table in (cdnow, cdnow.assign(log_gaps=cdnow["customer_id"].map(log_gaps))):
        found = fit(table, model="mbg_cnbd_k", settings=settings)
        assert (found.law.k, found.note) == (1, "k = 1 chosen by likelihood.")
        assert found.parameters == fit(cdnow, model="mbg_nbd", settings=settings).parameters


@pytest.mark.parametrize("model", MASTER)
def test_cdnow_master(cdnow_master, settings, model):
    parameters, likelihood = MASTER[model]
    found = fit(cdnow_master, model=model, settings=settings)
    np.testing.assert_allclose(found.theta, parameters, rtol=5e-4)
    assert found.log_likelihood == pytest.approx(likelihood, abs=0.05)


@pytest.mark.parametrize("model", HOLDOUT)
def test_cdnow_holdout(cdnow, settings, model):
    total, error, alive = HOLDOUT[model]
    found = fit(cdnow, model=model, settings=settings)
    foreseen = found.expected_orders(cdnow, horizon=39)
    assert cdnow["bought_after"].sum() == 1882
    assert foreseen.sum() == pytest.approx(total, abs=0.3)
    assert np.abs(foreseen - cdnow["bought_after"]).mean() == pytest.approx(error, abs=1e-4)
    assert found.alive_prob(cdnow).mean() == pytest.approx(alive, abs=5e-4)


def test_cdnow_spending(cdnow, settings):
    again = cdnow[cdnow["repeat_days"] > 0]
    end = fitted_spending(again["repeat_days"].to_numpy(float), again["mean_repeat_value"].to_numpy())
    np.testing.assert_allclose(np.exp(end.logs), [6.24935, 3.74426, 15.44431], rtol=1e-4)
    assert end.value == pytest.approx(-4055.9177, abs=0.001)
    history = cdnow.assign(purchase_days=cdnow["repeat_days"] + 1, gross_total=1.0)
    assert spend(history, settings=settings).method == "gamma_gamma"


def test_grain_trap_weekly_purchases_give_other_parameters(cdnow, settings):
    """Purchases are distinct days; collapsed to calendar weeks the same customers seem to buy less unevenly."""
    days = purchase_days("CDNOW_sample")
    known = days[days["ordered_on"] <= "1997-09-30"]
    week = known["ordered_on"].dt.to_period("W").dt.start_time
    own = known.assign(week=week).drop_duplicates(["customer_id", "week"]).groupby("customer_id")["week"]
    age = (pd.Timestamp("1997-09-29") - own.min()).dt.days / 7
    weekly = pd.DataFrame(
        {"repeat_days": own.size() - 1, "span_days": (own.max() - own.min()).dt.days / 7, "observed_days": age}
    )
    by_day, by_week = (fit(table, model="bg_nbd", settings=settings).parameters for table in (cdnow, weekly))
    assert by_week["r"] / by_day["r"] > 1.15
    assert by_week["alpha"] / by_day["alpha"] > 1.4


def test_points_of_bg_nbd():
    law = LAWS["bg_nbd"][0]
    point = one(2, 30.43, 38.86)
    assert expected(law, BG, *point, 39)[0] == pytest.approx(1.226, abs=5e-4)
    assert law.states(BG, *point)[0, 0] == pytest.approx(0.727, abs=5e-4)
    new = law.expected_of_new(BG, np.array([0.1429, 1, 3, 31.8571, 32, 78]))
    np.testing.assert_allclose(new[:5], [0.0078, 0.0532, 0.1506, 1.0405, 1.0437], atol=5e-5)
    assert new[5] == pytest.approx(1.8576, rel=2e-4)


@pytest.mark.parametrize(("row", "value"), [((200, 38, 40), 100.7957), ((0, 0, 40), -0.59947)])
def test_likelihood_points_of_bg_nbd(row, value):
    frame = pd.DataFrame([row], columns=["repeat_days", "span_days", "observed_days"])
    found, _ = LAWS["bg_nbd"][0].log_likelihood(np.array([0.25, 4, 0.8, 2.5]), rows(frame))
    assert found == pytest.approx(value, abs=5e-5)


def test_formula_of_mbg_nbd_for_one_time_buyers():
    """§7: x = 0, T = 38.86 with the BG/NBD figures gives 0.637, where BG/NBD itself says 1."""
    theta = np.array([0.243, 4.414, 0.793, 2.426])
    assert LAWS["mbg_nbd"][0].states(theta, *one(0, 0, 38.86))[0, 0] == pytest.approx(0.637, abs=5e-4)
    assert LAWS["bg_nbd"][0].states(theta, *one(0, 0, 38.86))[0, 0] == 1.0


def test_points_of_pareto_nbd():
    law = LAWS["pareto_nbd"][0]
    point = one(26, 30.857, 31)
    assert expected(law, PARETO, *point, 52)[0] == pytest.approx(25.456, abs=2e-3)
    assert law.states(PARETO, *point)[0, 0] == pytest.approx(0.99787, abs=5e-6)
    assert law.expected_of_new(PARETO, np.array([52.0]))[0] == pytest.approx(1.4734, abs=2e-4)
    assert law.states(PARETO, *one(221, 103.43, 103.57))[0, 0] == pytest.approx(0.999, abs=5e-4)


REGULAR = np.array([1.329, 2.813, 0.425, 0.790])  # an MBG/CNBD-2
FIVE = (np.arange(1.0, 6.0), np.full(5, 12.0), np.full(5, 52.0))


def test_chance_of_being_alive_of_regular_buyers():
    alive = BetaGeometric("mbg_cnbd_k", k=2, drops_at_first=True).states(REGULAR, *FIVE).sum(axis=1)
    np.testing.assert_allclose(alive, [0.1564, 0.0292, 0.0039, 0.0004, 0.0000], atol=5e-5)


def test_expected_orders_of_regular_buyers_by_the_published_approximation_and_exactly():
    """The published points scale the formula of k = 1 (α·k in place of α) by P(alive); ours is exact, and close."""
    law = BetaGeometric("mbg_cnbd_k", k=2, drops_at_first=True)
    alive = law.states(REGULAR, *FIVE).sum(axis=1)
    stretched = REGULAR * [1, 2, 1, 1]
    scaled = alive * LAWS["mbg_nbd"][0].orders_if_alive(stretched, FIVE[0], FIVE[2], 52.0, 0)
    np.testing.assert_allclose(scaled, [0.282, 0.075, 0.013, 0.002, 0.000], atol=5e-4)
    exact = expected(law, REGULAR, *FIVE, 52.0)
    np.testing.assert_allclose(exact, [0.28115, 0.07843, 0.01365, 0.00192, 0.00024], atol=5e-6)


@pytest.mark.parametrize(
    ("counts", "alpha", "beta", "likelihood"),
    [
        ([1000, 631, 468, 382, 326, 289, 262, 241], 0.704, 1.182, -1680.265),
        ([1000, 869, 743, 653, 593, 551, 517, 491], 0.668, 3.806, -1611.158),
    ],
)
def test_contracts(counts, alpha, beta, likelihood):
    found = contracts(counts)
    assert (round(found.alpha, 3), round(found.beta, 3)) == (alpha, beta)
    assert found.log_likelihood == pytest.approx(likelihood, abs=1e-3)
