"""Parameters with their intervals, as the page prints them."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis.models import Forecast, fit, independence, parameters, spend

AS_OF = pd.Timestamp("1997-09-30")


@pytest.fixture(scope="module")
def fitted(cdnow, settings):
    history = cdnow.assign(purchase_days=cdnow["repeat_days"] + 1, gross_total=1.0)
    forecast = Forecast(fit(cdnow, model="bg_nbd", settings=settings), AS_OF)
    return forecast, spend(history, settings=settings)


def test_published_standard_errors_give_the_intervals(fitted):
    """r .2426 with SE .0126: in logs ± 1.645 × .0126/.2426."""
    found = parameters(*fitted).set_index(["of", "parameter"])
    r = found.loc[("known_birth", "r")]
    assert r["value"] == pytest.approx(0.242594, abs=1e-6)
    assert r["high"] / r["value"] == pytest.approx(np.exp(1.645 * 0.0126 / 0.2426), rel=2e-3)
    assert r["low"] * r["high"] == pytest.approx(r["value"] ** 2)
    assert (r["customers"], round(r["log_likelihood"], 4)) == (2357, -9582.4292)
    assert found.loc["spending", "value"].tolist() == pytest.approx([6.24935, 3.74426, 15.44431], rel=1e-4)
    half = 1.6449 * np.sqrt(np.diag(fitted[1].covariances[0]))
    np.testing.assert_allclose(np.log(found.loc["spending", "high"] / found.loc["spending", "value"]), half, rtol=1e-3)
    np.testing.assert_allclose(np.log(found.loc["spending", "value"] / found.loc["spending", "low"]), half, rtol=1e-3)
    assert found.loc["spending", "customers"].unique().tolist() == [946]


def test_without_a_forecast_only_spending_is_told(fitted, cdnow, settings):
    assert set(parameters(None, fitted[1])["of"]) == {"spending"}
    few = spend(cdnow.head(20).assign(purchase_days=1, gross_total=5.0), settings=settings)
    found = parameters(None, few)
    assert found["value"].notna().all()
    assert found[["low", "high"]].isna().all(axis=None)


def test_independence(fitted, settings):
    found = independence(fitted[1], settings=settings, as_of=AS_OF)
    assert (found.n, found.parts["method"], found.parts["most"]) == (946, "gamma_gamma", 0.3)
    assert abs(found.value) < 0.3
