"""What every chart is drawn on: round days, whole counts."""

import pytest

from rapport.present.charts.canvas import _tick, day_ticks


@pytest.mark.parametrize(
    ("last", "ticks"),
    [(0, [0]), (6, [0, 1, 2, 3, 4, 5, 6]), (100, [0, 30, 60, 90]), (528, [0, 90, 180, 270, 360, 450])],
)
def test_days_are_marked_at_round_numbers(last, ticks):
    assert day_ticks(last).tolist() == ticks


def test_a_history_of_decades_has_few_marks():
    assert 4 <= len(day_ticks(9000)) <= 8


def test_counts_are_whole_however_short_the_axis():
    assert _tick(2, "count", 2) == "2"
    assert _tick(0.5, "number", 2) == "0.5"
