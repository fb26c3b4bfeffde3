import numpy as np
import pandas as pd
import pytest

from rapport.analysis import return_hazard

AS_OF = pd.Timestamp("2026-06-30")


def random_buyers(customers: int, days: int, seed: int, shape=0.6, scale=30.0) -> pd.DataFrame:
    """Purchase days of customers who buy at random times, each at its own rate (the NBD): nobody ever dies."""
    rng = np.random.default_rng(seed)
    rate, first = rng.gamma(shape, 1 / scale, customers), rng.integers(0, days // 3, customers)
    counts = rng.poisson(rate * (days - first))
    who = np.repeat(np.arange(customers), counts)
    day = np.append(first, np.floor(rng.uniform(first[who], days))).astype(int)
    rows = pd.DataFrame({"customer_id": np.append(np.arange(customers), who).astype(str), "day": day}).drop_duplicates()
    return rows.assign(ordered_on=AS_OF - pd.to_timedelta(days - 1 - rows["day"], unit="D"))


BOUGHT = random_buyers(2500, 800, seed=8)


def test_random_buyers_get_the_coefficients_of_the_nbd():
    model = return_hazard.returning(BOUGHT, horizon=90, as_of=AS_OF)
    assert model.coefficients[1] == pytest.approx(1.0, abs=0.15)
    assert model.coefficients[2] == pytest.approx(-1.0, abs=0.15)
    assert model.swing < 0.1


def test_a_firm_that_behaves_as_forecast_is_hardly_moved_by_its_calibration():
    model = return_hazard.returning(BOUGHT, horizon=90, as_of=AS_OF)
    assert model.calibrated_on == AS_OF - pd.Timedelta(days=90)
    assert model.shift == pytest.approx(0.0, abs=0.12)
    assert model.slope == pytest.approx(1.0, abs=0.12)
    young = return_hazard.returning(
        BOUGHT[BOUGHT["ordered_on"] > AS_OF - pd.Timedelta(days=400)], horizon=90, as_of=AS_OF
    )
    assert (young.calibrated_on, young.shift, young.slope) == (None, 0.0, 1.0)


def test_fewer_returns_than_forecast_lower_the_level():
    """Half of the customers of the last horizon's purchases left out: the forecast of that time was twice too high."""
    late = BOUGHT["ordered_on"] > AS_OF - pd.Timedelta(days=90)
    left = BOUGHT["customer_id"].astype(int) % 2 == 0
    model = return_hazard.returning(BOUGHT[~(late & left)], horizon=90, as_of=AS_OF)
    assert model.shift < -0.3


@pytest.mark.parametrize("shift", [-0.4, 0.0, 0.3])
def test_calibration_recovers_a_planted_shift_and_few_data_stay_near_zero(shift):
    rng = np.random.default_rng(2)
    forecast = rng.normal(-1, 1, 20_000)
    came = rng.random(20_000) < -np.expm1(-np.exp(forecast + shift))
    assert return_hazard._calibration(forecast, came)[0] == pytest.approx(shift, abs=0.05)
    assert abs(return_hazard._calibration(forecast[:5], came[:5])[0]) < 0.15


def test_a_seasonal_firm_swings_and_its_intervals_are_wider():
    """The same firm with every second pair of months left out: its months stray from any steady hazard."""
    months = BOUGHT["ordered_on"].dt.month
    seasonal = BOUGHT[months.isin([1, 2, 5, 6, 9, 10])]
    steady, swinging = (return_hazard.returning(rows, horizon=90, as_of=AS_OF) for rows in (BOUGHT, seasonal))
    assert swinging.swing > 2 * steady.swing
    assert swinging.swing_over(90) > 2 * steady.swing_over(90)
    assert steady.swing_over(360) < steady.swing_over(90) < steady.swing_over(30)


def test_months_too_few_to_tell_are_taken_as_those_of_a_seasonal_shop():
    young = BOUGHT[BOUGHT["ordered_on"] < BOUGHT["ordered_on"].min() + pd.Timedelta(days=60)]
    model = return_hazard.returning(young, horizon=90, as_of=young["ordered_on"].max())
    assert (model.swing, model.blocks) == (return_hazard.UNKNOWN_SWING, 0)


def test_nobody_who_ever_came_back_gives_no_model():
    once = BOUGHT.drop_duplicates("customer_id")
    assert return_hazard.returning(once, horizon=90, as_of=AS_OF) is None
