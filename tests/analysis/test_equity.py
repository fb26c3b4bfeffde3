"""What the base is worth: the finding, what may be told of totals, and the formula beside the forecast."""

import pandas as pd
import pytest

from rapport.analysis import equity, value
from rapport.foundation.settings import settings as make_settings

AS_OF = pd.Timestamp("2026-06-30")
SETTINGS = make_settings()
TOTALS = pd.DataFrame(
    [("all", 4, 12, 10.0, 8.0, 12.0, 400.0, 300.0, 500.0), ("key", 1, 12, 5.0, 4.0, 6.0, 300.0, 200.0, 400.0)],
    columns=list(value.TOTALS),
)


def worth(grade):
    return pd.DataFrame({"clv": [10.0, 20.0, 70.0, None], "grade": grade})


@pytest.mark.parametrize("grade", ["A", "B"])
def test_the_total_with_its_interval(grade):
    found = equity.equity(TOTALS, worth(grade), settings=SETTINGS, as_of=AS_OF)
    assert (found.value, found.low, found.high, found.level, found.grade) == (400, 300, 500, 0.9, grade)
    assert found.parts == {"customers": 4, "months": 12, "median": 20, "top_from": pytest.approx(60)}
    assert len(equity.told(TOTALS, worth(grade))) == 2


@pytest.mark.parametrize("grade", ["C", "D"])
def test_no_total_is_told_where_the_forecast_only_ranks(grade):
    found = equity.equity(TOTALS, worth(grade), settings=SETTINGS, as_of=AS_OF)
    assert (found.status, found.because) == ("not_available", f"a forecast of grade {grade} allows no total")
    assert equity.told(TOTALS, worth(grade)).empty
    assert list(equity.told(TOTALS, worth(grade)).columns) == list(TOTALS.columns)


def test_no_forecast_is_not_available():
    found = equity.equity(TOTALS.iloc[:0], worth(None), settings=SETTINGS, as_of=AS_OF)
    assert (found.status, found.because) == ("not_available", "too few customers for any model")


def test_formula_beside_the_forecast():
    parts = pd.DataFrame({"group": ["all", "key", "small"], "ltv": [50.0, 150.0, 1.0]})
    found = equity.beside_formula(TOTALS, parts)
    assert found["ltv_so_far"].tolist() == [50, 150]
    assert found["value_each"].tolist() == [100, 300]
    assert found["value_share"].tolist() == [1, 0.75]
    assert equity.beside_formula(TOTALS.iloc[:0], parts).empty


def test_a_horizon_already_made_is_not_made_again(monkeypatch):
    asked = []

    def totals(*_, horizon_months, **__):
        asked.append(horizon_months)
        return TOTALS.iloc[[0]].assign(horizon_months=horizon_months)

    monkeypatch.setattr(equity, "totals", totals)
    found = equity.horizons(None, object(), None, TOTALS, settings=SETTINGS, as_of=AS_OF)
    assert found["horizon_months"].tolist() == [12, 24, 36]
    assert asked == [24, 36]
    equity.horizons(None, object(), None, TOTALS.iloc[:0], settings=SETTINGS, as_of=AS_OF)
    assert asked == [24, 36, 12, 24, 36]
