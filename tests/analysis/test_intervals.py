import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.analysis import intervals
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (12, 20, 0.3866, 0.7812),  # HU-17
        (60, 100, 0.5020, 0.6906),  # HU-17
        (8, 16, 0.2800, 0.7200),  # LT-12
        (2, 10, 0.0567, 0.5098),  # LT-22
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_matches_published_figures(successes, n, low, high):
    assert intervals.wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),  # Newcombe 1998, table II, method 10
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0000),
    ],
)
def test_newcombe_matches_published_figures(counts, low, high):
    assert intervals.newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("counts", "percent"), [((30, 100, 15, 100), (3.4, 26.1)), ((6, 20, 3, 20), (-11.1, 39.0))])
def test_newcombe_matches_the_requirements(counts, percent):
    """LT-17: +15 pp [3.4, 26.1]; LT-14: +15 pp [−11, +39]."""
    assert [round(100 * end, 1) for end in intervals.newcombe(*counts)] == list(percent)


def test_intervals_take_arrays():
    low, high = intervals.wilson([12, 60, 0], [20, 100, 0])
    assert low == pytest.approx([0.3866, 0.5020, 0.0], abs=5e-5)
    assert high == pytest.approx([0.7812, 0.6906, 1.0], abs=5e-5)
    below, _ = intervals.newcombe([30, 6], [100, 20], [15, 3], [100, 20])
    assert below == pytest.approx([0.034, -0.111], abs=5e-4)


def test_more_successes_than_trials_are_refused():
    with pytest.raises(ValueError, match="between 0 and n"):
        intervals.wilson(3, 2)


@given(st.integers(0, 500), st.integers(1, 500), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_holds_the_share_and_mirrors(successes, more, level):
    n = successes + more
    low, high = intervals.wilson(successes, n, level)
    assert 0 <= low <= successes / n <= high <= 1
    assert intervals.wilson(n - successes, n, level) == pytest.approx((1 - high, 1 - low))


@given(*[st.integers(0, 60)] * 4)
def test_newcombe_is_antisymmetric_and_holds_the_difference(hits, more, other_hits, other_more):
    n, other_n = hits + more + 1, other_hits + other_more + 1
    low, high = intervals.newcombe(hits, n, other_hits, other_n)
    assert -1 <= low <= hits / n - other_hits / other_n <= high <= 1
    assert intervals.newcombe(other_hits, other_n, hits, n) == pytest.approx((-high, -low))


def test_bootstrap_of_a_mean_is_near_the_normal_interval_and_repeatable():
    values = np.random.default_rng(1).normal(10, 2, 400)
    low, high = intervals.bootstrap(values, np.mean, draws=1000, seed=7)
    half = 1.96 * values.std(ddof=1) / 20
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.05)
    assert (low, high) == intervals.bootstrap(values, np.mean, draws=1000, seed=7)


def test_bootstrap_of_one_row_is_unknown():
    assert all(math.isnan(end) for end in intervals.bootstrap([3.0], np.mean, draws=10, seed=1))


def test_proportion_is_indicative_on_few_and_not_available_on_none():
    shared = {"settings": settings(), "basis": "customers", "as_of": AS_OF}
    assert intervals.proportion("a.b", 12, 20, **shared).status == "ok"
    few = intervals.proportion("a.b", 2, 10, **shared)
    assert (few.status, few.value, few.parts["count"]) == ("indicative", 0.2, 2)
    none = intervals.proportion("a.b", 0, 0, because="no contacts table", **shared)
    assert (none.status, none.value, none.because) == ("not_available", None, "no contacts table")


def test_difference_is_read_with_its_interval():
    shared = {"settings": settings(), "basis": "arms", "as_of": AS_OF}
    found = intervals.difference("a.b", 30, 100, 15, 100, **shared)
    assert found.value == pytest.approx(0.15)
    assert found.low > 0
    assert intervals.difference("a.b", 3, 10, 0, 0, **shared).status == "not_available"
