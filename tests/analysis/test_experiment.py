import numpy as np
import pandas as pd
import pytest

from rapport.analysis import experiment
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


def silent(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = [f"c{i:04d}" for i in range(n)]
    lost = pd.DataFrame(
        {
            "customer_id": names,
            "state": np.where(np.arange(n) % 3 == 0, "lapsing", "lost"),
            "winback_value": 10.0,
            "return_prob": 0.15,
        }
    )
    classes = pd.DataFrame({"customer_id": names, "abc": np.where(np.arange(n) % 10 == 0, "A", "C"), "key_scope": ""})
    return lost, classes


def test_the_holdout_is_drawn_evenly_over_state_and_class_and_again_the_same():
    lost, classes = silent(300)
    drawn = experiment.holdout(lost, classes, settings=DEFAULT)
    assert (drawn["arm"] == "control").sum() == pytest.approx(60, abs=1)
    shares = (drawn["arm"] == "control").groupby([drawn["state"], classes["abc"]]).agg(["sum", "size"])
    assert (shares["sum"] - 0.2 * shares["size"]).abs().max() <= 1
    pd.testing.assert_frame_equal(drawn, experiment.holdout(lost, classes, settings=DEFAULT))
    other = experiment.holdout(lost, classes, settings=settings({"value.seed": 7}))
    assert (other["arm"] != drawn["arm"]).any()


def test_every_customer_is_as_likely_to_be_left_alone():
    lost, classes = silent(30)
    draws = [experiment.holdout(lost, classes, settings=settings({"value.seed": seed}))["arm"] for seed in range(150)]
    share = (pd.concat(draws, axis=1) == "control").mean(axis=1)
    assert share.between(0.08, 0.33).all()


def test_keys_and_customers_a_contact_does_not_pay_have_no_arm():
    lost, classes = silent(50)
    lost.loc[0, "winback_value"] = -1.0
    classes.loc[1, "key_scope"] = "company"
    arms = experiment.holdout(lost, classes, settings=DEFAULT)["arm"]
    assert arms.isna().tolist() == [True, True] + [False] * 48


def test_what_two_arms_could_show():
    """Fleiss et al.: 0.15 against 0.30 needs about 121 in each arm for a power of 80 %."""
    assert experiment.smallest_effect(121, 121, 0.15) == pytest.approx(0.15, abs=0.002)
    assert experiment.smallest_effect(3, 3, 0.9) is None
    assert experiment.smallest_effect(0, 10, 0.1) is None


def test_the_smallest_effect_is_seen_four_times_in_five():
    effect = experiment.smallest_effect(140, 60, 0.1)
    rng = np.random.default_rng(3)
    treated, control = rng.binomial(140, 0.1 + effect, 4000), rng.binomial(60, 0.1, 4000)
    pooled = (treated + control) / 200
    z = (treated / 140 - control / 60) / np.sqrt(pooled * (1 - pooled) * (1 / 140 + 1 / 60))
    assert (z > 1.96).mean() == pytest.approx(0.8, abs=0.04)


def test_power_speaks_of_the_arms_drawn():
    lost, classes = silent(180)
    found = experiment.power(experiment.holdout(lost, classes, settings=DEFAULT), as_of=AS_OF)
    assert found.n == 180
    assert found.value == pytest.approx(experiment.smallest_effect(144, 36, 0.15), abs=0.01)
    none = experiment.power(lost.assign(arm=None), as_of=AS_OF)
    assert none.status == "not_available"


def test_the_log_comes_back_with_what_the_customers_bought():
    lost, classes = silent(10)
    started = AS_OF - pd.Timedelta(days=90)
    kept = experiment.log(
        experiment.holdout(lost, classes, settings=DEFAULT), experiment_id="e1", play_id="winback", as_of=started
    )
    assert kept["arm"].notna().all()
    bought = pd.DataFrame(
        {
            "customer_id": ["c0000", "c0001", "c0002"],
            "ordered_on": started + pd.to_timedelta([30, 91, -5], unit="D"),
        }
    )
    read = experiment.outcomes(kept, bought, review_days=90, as_of=AS_OF)
    assert read.loc[read["is_success"], "customer_id"].tolist() == ["c0000"]
    assert experiment.outcomes(kept, bought, review_days=91, as_of=AS_OF).empty


def tried(hits: int, n: int, other_hits: int, other_n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "experiment_id": "e1",
            "play_id": "second-order-nudge",
            "arm": ["treated"] * n + ["control"] * other_n,
            "is_success": [i < hits for i in range(n)] + [i < other_hits for i in range(other_n)],
        }
    )


def test_read_out_and_verdict():
    """LT-17: 30/100 vs 15/100 → +15 pp [3.4, 26.1] validated; 6/20 vs 3/20 → unproven."""
    (found,) = experiment.read_out(tried(30, 100, 15, 100), settings=DEFAULT, as_of=AS_OF)
    assert found.value == pytest.approx(0.15)
    assert [round(100 * end, 1) for end in (found.low, found.high)] == [3.4, 26.1]
    assert found.parts["verdict"] == "validated"
    (few,) = experiment.read_out(tried(6, 20, 3, 20), settings=DEFAULT, as_of=AS_OF)
    assert few.parts["verdict"] == "unproven"
    (none,) = experiment.read_out(None, settings=DEFAULT, as_of=AS_OF)
    assert none.status == "not_available"
