"""The whole computing of the value page on firms at the ends of the possible: figures or a stated refusal, never NaN."""

import warnings

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import backtest, births, equity, ltv, models, one_by_one, predictable, tracking, value
from rapport.analysis.models.days import days, history_at
from rapport.foundation.settings import settings as make_settings

BEGIN = pd.Timestamp("2012-01-01")
SETTINGS = make_settings({"value.draws": 50})


def firm(rows, net=None):
    """Purchase days and history of (customer, day number) rows."""
    who, day = np.array(rows, dtype=int).T
    bought = pd.DataFrame(
        {
            "customer_id": np.char.mod("c%05d", who),
            "ordered_on": BEGIN + pd.to_timedelta(day, unit="D"),
            "net": np.full(len(day), 20.0) if net is None else net,
            "margin": np.nan,
        }
    ).drop_duplicates(["customer_id", "ordered_on"])
    as_of = bought["ordered_on"].max()
    known = history_at(days(bought), float((as_of - bought["ordered_on"].min()).days))
    return bought, as_of, known.drop(columns="who").assign(
        orders=known["purchase_days"], net_total=known["gross_total"], net_recent=known["gross_total"],
        margin_total=np.nan, first_order_on=as_of - pd.to_timedelta(known["observed_days"], unit="D"),
        last_order_on=as_of - pd.to_timedelta(known["silent_days"], unit="D"),
        is_truncated=known["observed_days"] > known["observed_days"].max() - 60,
    )  # fmt: skip


RNG = np.random.default_rng(8)
FIRMS = {
    "one customer": [(0, 0), (0, 30), (0, 60)],
    "one day": [(i, 0) for i in range(200)],
    "one-timers": [(i, i) for i in range(400)],
    "all alike": [(i, day) for i in range(150) for day in range(0, 700, 35)],
    "one buys every day for years": [(0, day) for day in range(5000)] + [(i, 10 * i + k * 40) for i in range(1, 300) for k in range(3)],
    "nobody comes back after the first year": [(i, int(day)) for i in range(200) for day in RNG.integers(0, 365, 4)] + [(200, 900)],
    "everybody starts today": [(i, 0) for i in range(50)] + [(i, 400) for i in range(50, 400)],
    "hundreds and one giant sum": [(i, int(day)) for i in range(150) for day in RNG.integers(0, 900, 5)],
}  # fmt: skip


@pytest.mark.parametrize("name", FIRMS)
def test_a_result_or_a_reason(name):
    net = RNG.gamma(2, 30, len(FIRMS[name])) if "sum" in name else None
    if net is not None:
        net[0] = 1e9
    purchase_days, as_of, history = firm(FIRMS[name], net)
    given = {"settings": SETTINGS, "as_of": as_of}
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        scores = backtest.tournament(purchase_days, history, **given)
        forecast = backtest.forecast(purchase_days, history, scores, **given)
        spend = models.spend(history, settings=SETTINGS)
        worth = value.values(history, forecast, spend, scores, **given)
        totals = value.totals(history, forecast, spend, history["repeat_days"].clip(upper=2).astype(str), **given)
        findings = [
            backtest.choice(scores, **given), *predictable.predictability(purchase_days, history, scores, **given),
            equity.equity(totals, worth, **given), *births.unknown_births(history, forecast, spend, **given),
            ltv.ltv(history, **given), models.independence(spend, **given),
        ]  # fmt: skip
        held = tracking.holdout(purchase_days, history, scores, **given)
        if held is not None:
            assert np.isfinite(tracking.tracking(held, settings=SETTINGS).iloc[:, 1:].to_numpy(float)).all()
            tracking.calibration(held), tracking.alive_calibration(held), tracking.rule_against_model(held)
        told = one_by_one.one_by_one(history, worth, settings=SETTINGS)
    assert len(worth) == len(told) == len(history)
    if forecast is not None:
        figures = [
            "alive_prob",
            "expected_orders",
            "orders_low",
            "orders_high",
            "expected_value",
            "clv",
            "clv_low",
            "clv_high",
        ]
        assert np.isfinite(worth[figures].to_numpy(float)).all()
        assert np.isfinite(totals.drop(columns="group").to_numpy(float)).all()
        models.opinion(history, forecast, settings=SETTINGS)
    assert all(found.because for found in findings if found.status == "not_available")
