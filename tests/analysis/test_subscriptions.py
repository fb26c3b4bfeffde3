"""Customers under contract: renewals counted, fitted, and valued."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import subscriptions
from rapport.analysis.models import contracts, contracts_of
from rapport.analysis.models.estimator import FitRefused
from rapport.foundation.settings import settings as make_settings

AS_OF = pd.Timestamp("2026-06-30")
SETTINGS = make_settings({"value.discount_rate": 0.0})
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
HISTORY = pd.DataFrame({"gross_total": [10.0], "net_total": [10.0], "margin_total": [4.0]})


def table(*rows):
    """(started, ended, months[, fee])."""
    frame = pd.DataFrame(
        [(*row, 100.0)[:4] for row in rows], columns=["started_on", "ended_on", "period_months", "fee"]
    )
    frame[["started_on", "ended_on"]] = frame[["started_on", "ended_on"]].apply(pd.to_datetime)
    return frame.assign(customer_id=[f"c{i}" for i in range(len(frame))])


def cohort(counts, started="2018-06-30"):
    """Yearly contracts of one cohort, of which so many were there after each renewal."""
    start, rows = pd.Timestamp(started), []
    for renewals, (now, later) in enumerate(zip(counts, [*counts[1:], None])):
        end = pd.NaT if later is None else start + pd.DateOffset(years=renewals + 1)
        rows += [(start, end, 12)] * (now if later is None else now - later)
    return table(*rows)


@pytest.mark.parametrize(
    ("row", "made", "left"),
    [
        (("2026-01-31", None, 1), 5, False),  # 31 January to 30 June: five renewals, months of unequal length
        (("2026-06-01", None, 1), 0, False),
        (("2026-01-01", "2026-02-01", 1), 0, True),  # not renewed at the first end
        (("2026-01-01", "2026-02-15", 1), 1, True),  # renewed once, stopped within the second month
        (("2026-01-01", "2026-03-01", 1), 1, True),
        (("2026-06-01", "2026-07-15", 1), 0, False),  # the end is not known yet
        (("2023-06-30", None, 12), 3, False),
    ],
)
def test_renewals_are_counted(row, made, left):
    found = subscriptions.renewals(table(row), as_of=AS_OF).iloc[0]
    assert (found["renewals"], found["has_left"]) == (made, left)


def test_a_contract_that_has_not_begun_is_no_contract():
    assert subscriptions.renewals(table(("2026-07-01", None, 1)), as_of=AS_OF).empty


def test_contracts_of_one_cohort_give_the_published_model():
    """Fader & Hardie 2007, high-end customers, seven renewals."""
    found = subscriptions.renewals(cohort(HIGH_END), as_of=pd.Timestamp("2025-06-30"))
    model = subscriptions.renewal_model(found, settings=SETTINGS)
    assert (round(model.alpha, 3), round(model.beta, 3)) == (0.668, 3.806)
    assert model.log_likelihood == pytest.approx(-1611.158, abs=1e-3)
    told = subscriptions.renewal_table(found, model)
    assert told["contracts"].tolist() == HIGH_END[:-1]
    assert told["renewed"].tolist() == HIGH_END[1:]
    assert told["renewed_share"].iloc[0] == pytest.approx(0.869)
    assert (told["low"] < told["renewed_share"]).all()
    assert np.abs(told["model_share"] - told["renewed_share"]).max() < 0.025
    assert told["stay_share"].iloc[-1] == pytest.approx(0.491, abs=0.01)


def test_customers_who_joined_later_tell_as_much():
    rng = np.random.default_rng(4)
    leave = rng.geometric(rng.beta(0.7, 2.0, 4000))  # at which renewal each would leave
    seen = rng.integers(1, 9, 4000)  # renewals that have come
    found = contracts_of(np.minimum(leave - 1, seen), leave <= seen)
    np.testing.assert_allclose([found.alpha, found.beta], [0.7, 2.0], rtol=0.15)
    assert found.customers == 4000


def test_one_cohort_is_the_same_either_way():
    made = np.repeat(np.arange(8), [131, 126, 90, 60, 42, 34, 26, 491])
    one, other = contracts(HIGH_END), contracts_of(made, np.arange(1000) < 509)
    assert (one.alpha, one.beta, one.customers) == pytest.approx((other.alpha, other.beta, other.customers))


def test_nobody_left_is_refused():
    with pytest.raises(FitRefused, match="nobody, or everybody, left"):
        contracts_of([1, 2, 3], [False, False, False])


def test_value_of_the_running_contracts():
    """491 yearly contracts of 100, seven times renewed, one renewal ahead: × retention × margin of 0.4."""
    day = pd.Timestamp("2025-06-30")
    found = subscriptions.renewals(cohort(HIGH_END), as_of=day)
    model = subscriptions.renewal_model(found, settings=SETTINGS)
    worth = subscriptions.renewal_value(found, model, HISTORY, settings=SETTINGS, as_of=day)
    assert worth.value == pytest.approx(491 * 100 * 0.4 * model.retention(8))
    assert worth.parts["renewed_share"] == pytest.approx(sum(HIGH_END[1:]) / sum(HIGH_END[:-1]))
    assert worth.parts["running"] == 491


@pytest.mark.parametrize(
    ("rows", "because"),
    [
        (None, "the table subscriptions was not supplied"),
        ([("2026-01-01", "2026-02-01", 1)], "no contract is running"),
        ([("2026-01-01", None, 1)], "there are too few contracts, or nobody or everybody has left"),
    ],
)
def test_what_cannot_be_valued_says_why(rows, because):
    found = None if rows is None else subscriptions.renewals(table(*rows), as_of=AS_OF)
    model = None if rows is None else subscriptions.renewal_model(found, settings=SETTINGS)
    worth = subscriptions.renewal_value(found, model, HISTORY, settings=SETTINGS, as_of=AS_OF)
    assert (worth.status, worth.because) == ("not_available", because)


def test_a_fee_that_is_missing_is_not_nothing():
    found = subscriptions.renewals(cohort(HIGH_END).assign(fee=np.nan), as_of=pd.Timestamp("2025-06-30"))
    model = subscriptions.renewal_model(found, settings=SETTINGS)
    worth = subscriptions.renewal_value(found, model, HISTORY, settings=SETTINGS, as_of=AS_OF)
    assert "subscriptions.fee" in worth.because
