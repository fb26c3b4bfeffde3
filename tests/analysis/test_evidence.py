from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rapport.analysis.evidence import evidence, proven
from rapport.foundation.playbook import load
from rapport.foundation.settings import settings

GOOD = load(Path(__file__).resolve().parents[1] / "plays" / "good")


def tried(play_id, treated, control, experiment="e1"):
    """Rows of `experiments`: (successes, customers) of both arms."""
    arms = [("treated", *treated), ("control", *control)]
    return pd.concat(
        [
            pd.DataFrame(
                {"experiment_id": experiment, "play_id": play_id, "arm": arm, "succeeded": np.arange(n) < hits}
            )
            for arm, hits, n in arms
        ],
        ignore_index=True,
    )


@pytest.mark.parametrize(
    ("treated", "control", "low", "high", "status"),
    [
        ((30, 100), (15, 100), 0.034, 0.261, "validated"),  # LT-17
        ((6, 20), (3, 20), -0.111, 0.390, "unproven"),  # LT-17
        ((10, 19), (1, 19), 0.189, 0.679, "unproven"),  # clear, and too few
        ((24, 100), (15, 100), -0.020, 0.197, "promising"),
        ((0, 50), (0, 50), -0.071, 0.071, "unproven"),
    ],
)
def test_a_play_is_validated_only_by_a_difference_above_zero_on_enough_customers(treated, control, low, high, status):
    row = evidence(tried("p", treated, control), settings=settings()).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=2e-3)
    assert row["difference"] == pytest.approx(treated[0] / treated[1] - control[0] / control[1])
    assert row["status"] == status


def test_experiments_of_one_play_are_pooled_and_named():
    both = pd.concat([tried("p", (15, 50), (7, 50), "e2"), tried("p", (15, 50), (8, 50), "e1")])
    row = evidence(both, settings=settings()).iloc[0]
    assert (row["treated"], row["control_successes"], row["experiments"]) == (100, 15, "e1;e2")


def test_an_arm_without_customers_proves_nothing():
    one = tried("p", (30, 100), (0, 0))
    row = evidence(one, settings=settings()).iloc[0]
    assert row[["difference", "low", "high"]].isna().all()
    assert row["status"] == "unproven"


def test_the_effect_becomes_the_clients_own_when_arms_are_large_enough():
    rows = pd.concat([tried("call-buyers", (30, 100), (15, 100)), tried("write-all", (6, 10), (3, 10))])
    shown = evidence(rows, settings=settings())
    plays = {play.id: play for play in proven(GOOD, shown, settings=settings())}
    buyers = plays["call-buyers"]
    assert (buyers.status, buyers.effect.source) == ("validated", "experiment:e1")
    assert (buyers.effect.low, buyers.effect.mid, buyers.effect.high) == pytest.approx((0.034, 0.15, 0.261), abs=1e-3)
    assert plays["write-all"].effect.source == "kit-default"  # ten an arm say nothing
    assert plays["others"] == next(play for play in GOOD if play.id == "others")
    assert proven(GOOD, None, settings=settings()) == GOOD
