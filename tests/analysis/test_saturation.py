import numpy as np
import pandas as pd
import pytest

from rapport.analysis import saturation
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-12-31")
DEFAULT = settings()


def months(spend, new, channel="all", end="2026-12") -> pd.DataFrame:
    on = pd.period_range(end=end, periods=len(spend), freq="M").start_time
    return pd.DataFrame({"month_on": on, "channel": channel, "spend": np.asarray(spend, float), "new_customers": new})


def test_signs_of_saturation_on_four_months():
    """BG-07: spend 10, 20, 30, 40; new 10, 16, 20, 22 → marginal 1.67, 2.50, 5.00, slope 0.58, n = 4 → "signs"."""
    rows = months([10, 20, 30, 40], [10, 16, 20, 22])
    paid = saturation.paid_months(rows, settings=DEFAULT, as_of=AS_OF)
    assert paid["marginal_cac"].iloc[1:].tolist() == pytest.approx([1.67, 2.50, 5.00], abs=0.005)
    found = saturation.saturation(rows, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n) == ("signs", 4)
    assert found.parts["slope"] == pytest.approx(0.58, abs=0.005)
    assert (found.parts["last_spend"], found.parts["last_customers"], found.parts["last_marginal"]) == (40, 16, 2.5)


def test_twice_the_money_for_a_tenth_more_customers_is_saturating():
    """§14: acquisition spend doubled in the last 6 of 18 months, new +10 % → never "no evidence"."""
    rng = np.random.default_rng(5)
    spend = np.repeat([1000, 2000], [12, 6]) * rng.uniform(0.95, 1.05, 18)
    found = saturation.saturation(months(spend, [40, 41, 39] * 4 + [44, 45, 43] * 2), settings=DEFAULT, as_of=AS_OF)
    assert found.value == "saturating"
    assert found.parts["slope_high"] < 1
    assert found.parts["last_customers"] == 24
    assert found.parts["last_spend"] == pytest.approx(6000, rel=0.1)


def test_customers_in_proportion_to_spend_are_no_evidence():
    spend = [100, 200, 150, 300, 250, 120, 280, 220, 160]
    found = saturation.saturation(months(spend, [amount // 10 for amount in spend]), settings=DEFAULT, as_of=AS_OF)
    assert found.value == "no evidence"
    assert saturation.saturation(months([100] * 9, range(10, 19)), settings=DEFAULT, as_of=AS_OF).value == "no evidence"


def test_more_money_and_fewer_customers_has_no_cost_of_one_more():
    found = saturation.saturation(months([10, 20, 30, 40], [10, 12, 11, 11]), settings=DEFAULT, as_of=AS_OF)
    assert (found.parts["last_spend"], found.parts["last_customers"], found.parts["last_marginal"]) == (40, 0, None)


def test_the_curve_passes_through_proportional_months_and_says_where_it_is_guessed():
    paid = saturation.paid_months(months([100, 200, 400], [10, 20, 40]), settings=DEFAULT, as_of=AS_OF)
    curve = saturation.curve(paid)
    assert curve["new_customers"].to_numpy() == pytest.approx(curve["spend"] / 10)
    assert curve.loc[~curve["is_extrapolated"], "spend"].max() <= 400
    assert curve["spend"].max() == pytest.approx(400 * 4 / 3)
    assert paid["is_today"].tolist() == [False, False, True]
    assert saturation.curve(paid.head(2)).empty


def test_lag_moves_the_customers_to_the_money_that_brought_them():
    rows = months([10, 20, 30, 40], [1, 10, 16, 20])
    lagged = saturation.paid_months(rows, settings=settings({"acquire.lag_months": 1}), as_of=AS_OF)
    assert lagged[["spend", "new_customers"]].to_numpy().tolist() == [[10, 10], [20, 16], [30, 20]]


def test_an_unfinished_month_and_missing_spend_are_left_out():
    rows = months([10, 20, 30], [10, 16, 20])
    assert len(saturation.paid_months(rows, settings=DEFAULT, as_of=pd.Timestamp("2026-12-30"))) == 2
    none = saturation.saturation(rows.assign(spend=np.nan), settings=DEFAULT, as_of=AS_OF)
    assert (none.status, none.because) == ("not_available", "no table 'spend' with purpose acquire")
    assert saturation.saturation(None, settings=DEFAULT, as_of=AS_OF).status == "not_available"


def test_season_in_the_spend_is_warned_of():
    year = [100, 100, 100, 100, 100, 100, 100, 100, 100, 300, 500, 400]
    found = saturation.saturation(months(year * 3, [amount // 9 for amount in year] * 3), settings=DEFAULT, as_of=AS_OF)
    assert "season" in found.because


def retention_table(kept) -> pd.DataFrame:
    on = pd.period_range(end="2026-12", periods=len(kept), freq="M")
    return pd.DataFrame({"period_on": on.start_time, "period_end_on": on.end_time.normalize(), "kept": kept})


def test_keeping_at_fifty_each_has_no_slope():
    """BG-05: cost 50, 50, 50 → slope 0."""
    rows = months([100, 200, 300], [10, 10, 10])
    spend = pd.concat(
        [
            rows.assign(spent_on=rows["month_on"], purpose="acquire", amount=rows["spend"]),
            rows.assign(spent_on=rows["month_on"], purpose="retain", amount=1000.0),
        ]
    )
    costs = saturation.unit_costs(rows, retention_table([20, 20, 20]), spend)
    assert costs["retention_cost"].tolist() == [50, 50, 50]
    assert costs["cac"].tolist() == [10, 20, 30]
    cac, kept = saturation.unit_cost_trends(costs, as_of=AS_OF)
    assert kept.value == pytest.approx(0.0)
    assert kept.parts["verdict"] == "no trend shown"
    assert cac.value == pytest.approx(10.0)
    assert saturation.unit_cost_trends(None, as_of=AS_OF)[0].status == "not_available"


def test_a_channel_that_brings_six_where_it_brought_ten():
    """RU-19: 10 → 6 per unit → −40 %."""
    web = months([100] * 6, [100] * 3 + [60] * 3, channel="web")
    fair = months([100] * 5, [10] * 5, channel="fair")
    flat = months([100] * 6, [10, 11, 10, 10, 11, 10], channel="mail")
    table = saturation.channel_decay(pd.concat([web, fair, flat]), as_of=AS_OF).set_index("channel")
    assert list(table.index) == ["web", "mail"]
    assert table.loc["web", "change"] == pytest.approx(-0.40)
    assert table.loc["web", ["first_rate", "second_rate"]].tolist() == pytest.approx([1000, 600])
    assert table["verdict"].to_dict() == {"web": "wearing out", "mail": "no change shown"}
