"""Finds what is drawn over something else, or over the edge of a figure, from the boxes of its texts."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from rapport.present import style

SLACK = 1.0  # pixels at 100 dpi that boxes may share: side bearings of letters, not letters


class _Recorder(RendererAgg):
    """Draws, and notes every text with its box in pixels (left, bottom, right, top)."""

    def __init__(self, figure: Figure):
        width, height = figure.get_size_inches() * figure.dpi
        super().__init__(width, height, figure.dpi)
        self.texts: list[tuple[str, tuple[float, float, float, float]]] = []

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        width, height, descent = self.get_text_width_height_descent(s, prop, ismath)
        bottom = self.height - y - descent if self.flipy() else y - descent
        if angle:
            width, height = height, width
        if s.strip():
            self.texts.append((s, (x, bottom, x + width, bottom + height)))
        super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)


@pytest.fixture
def faults():
    """The function that finds what is clipped or drawn over in a figure."""
    return _faults


def _texts(figure: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Every text that is drawn, with its box in pixels."""
    with style.context():
        recorder = _Recorder(figure)
        figure.draw(recorder)
    return recorder.texts


def _faults(figure: Figure) -> list[str]:
    """A sentence for every text that is clipped by the edge of the figure or lies over another text."""
    width, height = figure.get_size_inches() * figure.dpi
    drawn = _texts(figure)
    clipped = [
        f"'{text}' is clipped: {box}"
        for text, box in drawn
        if box[0] < -SLACK or box[1] < -SLACK or box[2] > width + SLACK or box[3] > height + SLACK
    ]
    over = [f"'{a}' lies over '{b}'" for (a, one), (b, other) in combinations(drawn, 2) if _share(one, other)]
    return clipped + over


def _share(one: tuple, other: tuple) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    along = min(one[3], other[3]) - max(one[1], other[1])
    return across > SLACK and along > SLACK
