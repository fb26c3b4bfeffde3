"""The back-test on firms whose truth is known: who wins, why, and what grade the winner gets."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import backtest
from rapport.analysis.models import LAWS
from rapport.analysis.models.simulation import simulated_purchases
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings as make_settings

BEGIN = pd.Timestamp("2023-01-01")
AS_OF = BEGIN + pd.Timedelta(days=1095)
SETTINGS = make_settings({"value.draws": 100})


def firm(model="mbg_nbd", theta=(0.8, 45.0, 0.9, 1.8), customers=1500, seed=1, old=0, k=0):
    """(purchase_days, history) of three years of customers who follow a model; `old` of them were there before."""
    rng = np.random.default_rng(seed)
    births = np.concatenate([rng.uniform(0, 1080, customers - old), rng.uniform(-2000, 0, old)])
    who, when = simulated_purchases(LAWS[model][k], theta, births, 1095.0, rng)
    frame = pd.DataFrame({"who": who, "day": np.floor(when).astype(int)})
    frame = frame[frame["day"] >= 0].drop_duplicates().sort_values(["who", "day"])
    days = pd.DataFrame(
        {
            "customer_id": "c" + frame["who"].astype(str).str.zfill(5),
            "ordered_on": BEGIN + pd.to_timedelta(frame["day"], unit="D"),
            "net": rng.gamma(6, 10, len(frame)),
            "margin": np.nan,
        }
    )
    first = days.groupby("customer_id")["ordered_on"].min()
    history = pd.DataFrame(
        {"customer_id": first.index, "is_truncated": (first < BEGIN + pd.Timedelta(days=60)).to_numpy()}
    )
    return days.reset_index(drop=True), history


@pytest.fixture(scope="module")
def known():
    return firm()


@pytest.fixture(scope="module")
def scores(known):
    return backtest.tournament(*known, settings=SETTINGS, as_of=AS_OF)


def test_every_candidate_at_every_origin(scores):
    assert len(scores) == len(SETTINGS.value.models) * SETTINGS.value.origins
    assert scores["origin_on"].nunique() == 2
    assert scores["origin_on"].max() + pd.Timedelta(days=scores["horizon_days"].iloc[0]) == AS_OF
    TABLES["model_scores"].check(scores, "test")


def test_actual_purchases_are_counted_from_the_days_themselves(known, scores):
    days, _ = known
    for origin, rows in scores.groupby("origin_on"):
        known_then = set(days.loc[days["ordered_on"] <= origin, "customer_id"])
        later = days[(days["ordered_on"] > origin) & days["customer_id"].isin(known_then)]
        later = later[later["ordered_on"] <= origin + pd.Timedelta(days=rows["horizon_days"].iloc[0])]
        assert (rows["actual"] == len(later)).all()
        assert (rows["customers"] == len(known_then)).all()


def test_a_model_of_dropout_wins_where_customers_drop_out(scores):
    chosen = scores[scores["is_chosen"]]
    assert chosen["model"].nunique() == 1
    assert chosen["model"].iloc[0] in ("mbg_nbd", "mbg_cnbd_k", "pareto_nbd")
    assert (chosen["bias"].abs() < 0.15).all()
    assert chosen["because"].str.startswith("chosen: mean absolute error").all()
    others = scores[~scores["is_chosen"]]
    assert others["because"].str.startswith("not chosen").all()
    assert scores.loc[scores["model"] == "naive", "mae"].mean() > chosen["mae"].mean()
    assert (chosen[["coverage_80", "coverage_90"]] - [0.8, 0.9]).abs().to_numpy().max() < 0.05
    assert backtest.grade(scores, horizon=365.0) in ("A", "B")


def test_the_future_is_not_looked_at(known, scores):
    """Purchases after as_of change nothing."""
    days, history = known
    more = days.iloc[[0] * 50].assign(ordered_on=AS_OF + pd.Timedelta(days=3))
    again = backtest.tournament(pd.concat([days, more]), history, settings=SETTINGS, as_of=AS_OF)
    pd.testing.assert_frame_equal(again, scores)


def test_the_chosen_model_is_fitted_on_everything(known, scores):
    _, history = known
    found = backtest.forecast(*known, scores, settings=SETTINGS, as_of=AS_OF)
    assert found.model == scores.loc[scores["is_chosen"], "model"].iloc[0]
    assert found.start == AS_OF
    truncated = int(history["is_truncated"].sum())
    assert found.known.customers == len(history) - truncated
    assert f"{truncated} customers of unknown birth" in found.note


def scored(**figures):
    """model_scores of two origins: model=(mae, bias) or (mae, bias, coverage_80)."""
    rows = []
    for model, (mae, bias, *coverage) in figures.items():
        for place, origin in enumerate(pd.to_datetime(["2025-01-01", "2025-07-01"])):
            pick = lambda figure, place=place: figure[place] if isinstance(figure, tuple) else figure  # noqa: E731
            share = coverage[0] if coverage else 0.8
            rows.append({"model": model, "origin_on": origin, "mae": pick(mae), "bias": pick(bias),
                         "coverage_80": share, "coverage_90": share + 0.1, "horizon_days": 183.0, "customers": 100,
                         "actual": 100.0, "because": ""})  # fmt: skip
    return backtest._with_choice(pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("figures", "chosen", "grade"),
    [
        ({"mbg_nbd": (0.8, 0.05), "naive": (1.0, 0.0)}, "mbg_nbd", "A"),
        ({"mbg_nbd": (0.8, 0.15), "naive": (1.0, 0.0)}, "mbg_nbd", "B"),
        ({"mbg_nbd": (0.8, 0.05, 0.9), "naive": (1.0, 0.0)}, "mbg_nbd", "B"),  # intervals too wide
        ({"mbg_nbd": ((0.8, 1.1), 0.05), "naive": (1.0, 0.0)}, "mbg_nbd", "B"),  # naive was better once
        ({"mbg_nbd": (0.8, (-0.4, 0.4)), "naive": (1.0, 0.0)}, "mbg_nbd", "C"),  # off in both directions
        ({"mbg_nbd": (0.8, 0.3), "naive": (1.0, 0.5)}, "mbg_nbd", "C"),
        ({"mbg_nbd": (0.8, (-0.4, 0.4)), "nbd": (0.9, 0.1), "naive": (1.0, 0.0)}, "nbd", "A"),  # for totals another is
        ({"mbg_nbd": (0.8, 0.5), "naive": (1.0, 0.1)}, "mbg_nbd", "C"),  # good for ranking, not for totals
        ({"mbg_nbd": (0.8, 0.5), "nbd": (0.9, 0.2), "naive": (1.0, 0.1)}, "nbd", "B"),  # totals before errors
        ({"mbg_nbd": (0.8, 0.5), "nbd": (1.1, 0.0), "naive": (1.0, 0.1)}, "mbg_nbd", "C"),  # but not below naive
        ({"mbg_nbd": (1.0, 0.0), "naive": (1.0, 0.1)}, "naive", "D"),  # no better than naive
        ({"mbg_nbd": (0.8, 0.1), "pareto_nbd": (0.805, 0.0), "naive": (1.0, 0.0)}, "pareto_nbd", "A"),  # a tie
        ({"mbg_nbd": (0.8, 0.1), "pareto_nbd": (0.82, 0.0), "naive": (1.0, 0.0)}, "mbg_nbd", "A"),
        ({"mbg_nbd": ((0.5, float("nan")), 0.0), "nbd": (0.9, 0.0), "naive": (1.0, 0.0)}, "nbd", "A"),  # refused once
    ],
)  # fmt: skip
def test_rule_and_grade(figures, chosen, grade):
    scores = scored(**figures)
    assert set(scores.loc[scores["is_chosen"], "model"]) == {chosen}
    assert backtest.grade(scores, horizon=365.0) == grade


def test_grade_of_a_model_used_in_place_of_the_chosen_one():
    """The grade is that of the forecast in use: never that of another."""
    scores = scored(mbg_nbd=(0.8, 0.05), nbd=(0.9, 0.3), bg_nbd=((0.8, float("nan")), 0.0), naive=(1.0, 0.0))
    grades = {
        model: backtest.grade(scores, model, horizon=365.0)
        for model in ("mbg_nbd", "nbd", "bg_nbd", "naive", "pareto_nbd")
    }
    assert grades == {"mbg_nbd": "A", "nbd": "C", "bg_nbd": "C", "naive": "D", "pareto_nbd": "C"}
    assert backtest.grade(scored(mbg_nbd=(0.8, 0.05), nbd=(1.1, 0.0), naive=(1.0, 0.0)), "nbd", horizon=365.0) == "D"


def test_grade_a_needs_a_test_over_half_the_horizon():
    """A forecast tested over 183 days may not promise three years."""
    scores = scored(mbg_nbd=(0.8, 0.05), naive=(1.0, 0.0))
    assert [backtest.grade(scores, horizon=days) for days in (366.0, 367.0)] == ["A", "B"]


def test_the_choice_is_told_with_its_figures():
    found = backtest.choice(scored(mbg_nbd=(0.8, (-0.1, 0.2)), naive=(1.0, 0.0)), settings=SETTINGS, as_of=AS_OF)
    assert (found.value, found.grade, found.n) == ("mbg_nbd", "B", 100)
    figures = ("tests", "mae", "naive_mae", "off", "letter")
    assert [found.parts[key] for key in figures] == [2, 0.8, 1.0, pytest.approx(0.15), "B"]
    rule = backtest.rule(found)
    assert (rule.id, rule.grade, rule.parts["most_off"], rule.parts["tie"]) == ("value.rule", None, 0.2, 0.01)
    nothing = backtest.choice(TABLES["model_scores"].empty(), settings=SETTINGS, as_of=AS_OF)
    assert nothing.status == "not_available"


def test_bias_of_a_forecast():
    """BG-08: holdout actual 100, forecast 90 → bias −10 %."""
    assert backtest._scores(np.full(9, 10.0), np.full(10, 10.0)[:9] * 100 / 90)["bias"] == pytest.approx(-0.10)


def test_regular_buyers_are_recognised():
    days, history = firm("mbg_cnbd_k", (2.5, 20.0, 0.6, 4.0), k=3, customers=1000)
    scores = backtest.tournament(days, history, settings=SETTINGS, as_of=AS_OF)
    best = scores[scores["is_chosen"]].iloc[-1]
    assert best["model"] == "mbg_cnbd_k"
    assert "k = 4 chosen by likelihood" in best["because"]
    random = scores[scores["model"] == "mbg_nbd"]
    assert best["mae"] < 0.97 * random["mae"].iloc[-1]


def test_old_customers_apart_keep_the_total_honest():
    """Half the customers were there before the data begin: taken as new, nobody seems to stop."""
    days, history = firm(customers=3000, old=1800, theta=(1.2, 40.0, 0.9, 6.0))
    as_new = history.assign(is_truncated=False)
    models = make_settings({"value.models": ["mbg_nbd", "naive"], "value.draws": 100})
    bias = {}
    for name, table in {"apart": history, "as_new": as_new}.items():
        scores = backtest.tournament(days, table, settings=models, as_of=AS_OF)
        bias[name] = scores.loc[scores["model"] == "mbg_nbd", "bias"].abs().mean()
    assert bias["apart"] < 0.08
    assert not bias["as_new"] < bias["apart"] + 0.02  # worse, or refused


def test_small_n_has_no_model():
    """HU-27: n = 12 → no tournament and no forecast."""
    days, history = firm(customers=12)
    scores = backtest.tournament(days, history, settings=SETTINGS, as_of=AS_OF)
    assert scores.empty
    assert list(scores.columns) == list(TABLES["model_scores"].columns)
    assert backtest.forecast(days, history, scores, settings=SETTINGS, as_of=AS_OF) is None


def test_a_history_too_short_to_hold_out(known):
    """60 days: no back-test, but a forecast for ranking, grade C."""
    days, history = known
    early = days[days["ordered_on"] < BEGIN + pd.Timedelta(days=60)]
    until = BEGIN + pd.Timedelta(days=60)
    scores = backtest.tournament(early, history, settings=make_settings({"value.min_customers": 20}), as_of=until)
    assert scores.empty
    assert backtest.grade(scores, horizon=365.0) == "C"


def test_holdouts_leave_enough_to_learn_from(known):
    past = backtest.Past(*known, AS_OF)
    horizon, origins = backtest.holdouts(past, SETTINGS)
    assert origins[-1] + horizon == past.end
    assert origins[0] >= 1.5 * horizon - 1
    assert horizon == np.floor(past.end / 3)
