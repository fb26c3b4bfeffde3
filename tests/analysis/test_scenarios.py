"""Retention scenarios (BG-04) and the survival floor (LT-04)."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import floor, scenarios
from rapport.foundation.errors import RapportError
from rapport.foundation.settings import settings as make_settings

AS_OF = pd.Timestamp("2025-12-31")
SETTINGS = make_settings()
HISTORY = pd.DataFrame(
    {"silent_days": [10.0, 20.0, 900.0], "net_recent": [150.0, 50.0, 0.0], "net_total": [200.0, 80.0, 20.0],
     "gross_total": [200.0, 80.0, 20.0], "margin_total": [np.nan] * 3}
)  # fmt: skip


def test_value_of_a_retained_customer():
    """BG-04: m = 100, d = .1: r .80 → 366.67; .85 → 440.00 (+20.0 %); churn −5 % relative (r = .81) → +3.4 %."""
    now = scenarios.retained_value(margin=100, retention=0.80, discount_rate=0.1)
    assert now == pytest.approx(366.67, abs=0.005)
    assert scenarios.retained_value(margin=100, retention=0.85, discount_rate=0.1) == pytest.approx(440.00)
    assert scenarios.retained_value(margin=100, retention=0.81, discount_rate=0.1) / now - 1 == pytest.approx(
        0.0345, abs=5e-5
    )


@pytest.mark.parametrize(("retention", "rate"), [(1.0, 0.1), (1.2, 0.1), (80, 0.1), (-0.1, 0.1), (0.5, -1.0)])
def test_impossible_figures_are_rejected(retention, rate):
    with pytest.raises(RapportError, match="has no value"):
        scenarios.retained_value(margin=100, retention=retention, discount_rate=rate)


def test_both_readings_on_the_clients_own_figures():
    found = scenarios.retention_scenarios(HISTORY, retention_share=0.80, settings=SETTINGS, as_of=AS_OF)
    assert found["reading"].tolist() == ["now", "relative", "relative", "points", "points"]
    assert found["retention"].tolist() == pytest.approx([0.80, 0.81, 0.82, 0.85, 0.90])
    assert found["gain_share"].tolist() == pytest.approx([0, 0.03448, 0.07143, 0.2, 0.5], abs=1e-5)
    yearly = 200 / 2 * 365.25 / 365  # two active customers, sales of the last year
    assert found["value"].iloc[0] == pytest.approx(yearly * 1.1 / 0.3)
    assert found["gain_total"].iloc[3] == pytest.approx(found["value"].iloc[0] * 0.2 * 2)


def test_margin_counts_and_churn_cannot_fall_below_nothing():
    with_margin = HISTORY.assign(margin_total=HISTORY["net_total"] * 0.25)
    found = scenarios.retention_scenarios(with_margin, retention_share=0.97, settings=SETTINGS, as_of=AS_OF)
    assert found["value"].iloc[0] == pytest.approx(25 * 365.25 / 365 * 1.1 / 0.13)
    assert found["retention"].iloc[3:].max() < 1
    assert np.isfinite(found["value"]).all()


def test_unknown_retention_or_nobody_active_gives_no_scenario():
    for unknown_or_nobody_leaves in (None, 1.0):
        share = unknown_or_nobody_leaves
        assert scenarios.retention_scenarios(HISTORY, retention_share=share, settings=SETTINGS, as_of=AS_OF).empty
    assert scenarios.retention_scenarios(HISTORY.iloc[2:], retention_share=0.8, settings=SETTINGS, as_of=AS_OF).empty


def loyal_firm(monthly):
    """A loyal customer with this contribution in each of the last twelve months, and another who is not loyal."""
    months = pd.date_range("2025-01-15", periods=12, freq="MS") + pd.Timedelta(days=14)
    months = [pd.Timestamp(2025, month, 15) for month in range(1, 13)]
    own = pd.DataFrame({"customer_id": "a", "ordered_on": months, "net": np.array(monthly) * 2, "margin": monthly})
    other = pd.DataFrame({"customer_id": "b", "ordered_on": months, "net": 1e6, "margin": 5e5})
    early = pd.DataFrame({"customer_id": "b", "ordered_on": [pd.Timestamp("2024-06-01")], "net": 1.0, "margin": 1.0})
    classes = pd.DataFrame({"customer_id": ["a", "b", "c"], "rung": ["regular", "customer", "adherent"],
                            "state": ["active", "active", "lost"]})  # fmt: skip
    history = pd.DataFrame({"gross_total": [1.0], "net_total": [1.0], "margin_total": [0.5]})
    return pd.concat([own, other, early]), history, classes


def finance(cost):
    return pd.DataFrame({"month_on": pd.date_range("2025-01-01", periods=12, freq="MS"), "fixed_cost": cost})


def test_survival_floor():
    """LT-04: 40 000 / 50 000 → 0.80, not covered."""
    firm = loyal_firm([40_000.0] * 11 + [40_000.0])
    contribution, found = floor.survival_floor(*firm, finance(50_000.0), settings=SETTINGS, as_of=AS_OF)
    assert contribution.value == pytest.approx(40_000)
    assert contribution.parts == {"worst": 40_000.0, "customers": 1, "months": 12}
    assert (found.value, found.parts["verdict"]) == (pytest.approx(0.80), "not covered")


def test_worst_month_and_covered():
    firm = loyal_firm([60_000.0] * 11 + [0.0])
    _, found = floor.survival_floor(*firm, finance(50_000.0), settings=SETTINGS, as_of=AS_OF)
    assert found.parts["verdict"] == "covered"
    assert found.parts["worst"] == 0


def test_without_finance_only_the_contribution_is_told():
    firm = loyal_firm([100.0] * 12)
    contribution, found = floor.survival_floor(*firm, settings=SETTINGS, as_of=AS_OF)
    assert contribution.value == pytest.approx(100)
    assert (found.status, found.because) == ("not_available", "the column finance.fixed_cost was not supplied")


def test_unknown_margins_count_with_the_share_of_the_base():
    days, history, classes = loyal_firm([100.0] * 12)
    contribution, _ = floor.survival_floor(days.assign(margin=np.nan), history, classes, settings=SETTINGS, as_of=AS_OF)
    assert contribution.value == pytest.approx(200 * 0.5)
