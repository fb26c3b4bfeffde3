from types import SimpleNamespace

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
            "play_id": np.where(np.arange(n) % 2 == 0, "call", None),
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
    found = experiment.power(experiment.holdout(lost, classes, settings=DEFAULT), settings=DEFAULT, as_of=AS_OF)
    assert (found.parts["treated"], found.parts["control"], found.parts["seed"]) == (144, 36, str(DEFAULT.value.seed))
    assert found.parts["half"] == pytest.approx(experiment.smallest_effect(90, 90, 0.15))
    assert found.n == 180
    assert found.value == pytest.approx(experiment.smallest_effect(144, 36, 0.15), abs=0.01)
    none = experiment.power(lost.assign(arm=None), settings=DEFAULT, as_of=AS_OF)
    assert none.status == "not_available"


CALL = SimpleNamespace(id="call", goal=SimpleNamespace(review_days=60))


def links(lost: pd.DataFrame) -> pd.DataFrame:
    """Every customer has a CRM record; c0000 has one of the web shop besides."""
    one = pd.DataFrame(
        {"source": "crm", "record_id": lost["customer_id"].str.upper(), "customer_id": lost["customer_id"]}
    )
    web = pd.DataFrame({"source": ["web"], "record_id": ["w1"], "customer_id": ["c0000"]})
    return pd.concat([web, one], ignore_index=True)


def kept_log(n: int, started: pd.Timestamp) -> pd.DataFrame:
    lost, classes = silent(n)
    return experiment.log(experiment.holdout(lost, classes, settings=DEFAULT), links(lost), as_of=started)


def test_the_log_names_each_customer_by_a_record_the_next_run_knows():
    kept = kept_log(10, AS_OF)
    assert kept["experiment_id"].unique().tolist() == ["winback-2026-09-30"]
    assert kept["record_source"].eq("crm").all()
    assert kept["record_id"].tolist() == [f"C{i:04d}" for i in range(10)]
    assert kept["play_id"].tolist() == ["call", "win-back"] * 5
    assert kept["succeeded"].isna().all()


def test_what_is_left_empty_is_read_from_the_purchases_of_both_arms():
    """Review after 60 days for "call" (even numbers), after 90 for a play that is not in the book."""
    started = AS_OF - pd.Timedelta(days=90)
    kept = kept_log(10, started)
    days = {"c0000": 60, "c0002": 61, "c0001": 90, "c0003": 0, "c0005": -5}
    bought = pd.DataFrame(
        {"customer_id": list(days), "ordered_on": started + pd.to_timedelta(list(days.values()), unit="D")}
    )
    read = experiment.outcomes(kept, bought, [CALL], as_of=AS_OF).set_index("customer_id")
    assert read.index[read["succeeded"]].tolist() == ["c0000", "c0001"]
    assert set(read["read_from"]) == {"purchases"}
    early = experiment.outcomes(kept, bought, [CALL], as_of=AS_OF - pd.Timedelta(days=1)).set_index("customer_id")
    assert early["read_from"].tolist() == ["purchases", "too_early"] * 5
    assert early.loc["c0001", "succeeded"] is pd.NA
    assert early.loc["c0001", "review_on"] == AS_OF


def test_the_word_of_the_log_counts_only_when_it_speaks_of_everybody():
    kept = kept_log(4, AS_OF - pd.Timedelta(days=90))
    nothing = pd.DataFrame({"customer_id": [], "ordered_on": pd.to_datetime([])})
    told = kept.assign(succeeded=[True, False, True, False])
    assert experiment.outcomes(told, nothing, [CALL], as_of=AS_OF)["succeeded"].tolist() == [True, False, True, False]
    partly = kept.assign(succeeded=pd.array([True, None, True, False], dtype="boolean"))
    assert not experiment.outcomes(partly, nothing, [CALL], as_of=AS_OF)["succeeded"].any()
    stranger = kept.assign(customer_id=None)
    assert set(experiment.outcomes(stranger, nothing, as_of=AS_OF)["read_from"]) == {"nobody_known"}
    assert experiment.outcomes(None, nothing, as_of=AS_OF).empty


def test_a_running_experiment_keeps_its_arms_and_is_not_drawn_again():
    lost, classes = silent(60)
    first = experiment.holdout(lost.iloc[:40], classes, settings=DEFAULT)
    kept = experiment.log(first, links(lost), as_of=AS_OF - pd.Timedelta(days=30))
    nothing = pd.DataFrame({"customer_id": [], "ordered_on": pd.to_datetime([])})
    running = experiment.outcomes(kept, nothing, [CALL], as_of=AS_OF)
    lost.loc[0, "winback_value"] = -5.0  # no longer pays: still held to its arm
    again = experiment.holdout(lost, classes, running, settings=settings({"value.seed": 99}))
    assert again["arm"].head(40).tolist() == first["arm"].tolist()
    alone = experiment.holdout(lost.tail(20), classes, settings=settings({"value.seed": 99}))
    assert again["arm"].tail(20).tolist() == alone["arm"].tolist()
    new = experiment.log(again, links(lost), running, as_of=AS_OF)
    assert new["customer_id"].tolist() == lost["customer_id"].tail(20).tolist()
    found = experiment.waiting(running, as_of=AS_OF)
    assert (found.value, found.parts["first_on"]) == (40, str((AS_OF + pd.Timedelta(days=30)).date()))
    assert experiment.waiting(running.head(0), as_of=AS_OF).status == "not_available"
    (none,) = experiment.read_out(running, settings=DEFAULT, as_of=AS_OF)
    assert "the first can be read on 2026-10-30" in none.because


def tried(hits: int, n: int, other_hits: int, other_n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "experiment_id": "e1",
            "play_id": "second-order-nudge",
            "arm": ["treated"] * n + ["control"] * other_n,
            "succeeded": [i < hits for i in range(n)] + [i < other_hits for i in range(other_n)],
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
