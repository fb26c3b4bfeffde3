"""What every chart is drawn on: title and subtitle above, source below, labels beside what they name."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .. import style

_POINTS = 72
_MARGIN = 0.06  # inches at every edge
_FAMILY = re.compile(r" font-family: '[^;\"]*;")


@dataclass(frozen=True)
class Chart:
    """A drawn figure with its texts: `alt` tells readers who cannot see it what it shows, `caption` how to read it."""

    figure: Figure
    title: str
    subtitle: str
    alt: str
    caption: str = ""

    def svg(self) -> str:
        """The figure as SVG, the same bytes every time; its texts are text in the fonts of the report."""
        file = io.StringIO()
        with style.context():
            self.figure.savefig(
                file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
            )
        svg = file.getvalue()
        svg = _FAMILY.sub("", svg[svg.index("<svg") :])
        svg = re.sub(r"\s*<!--.*?-->|<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
        return svg.replace("<svg ", f'<svg font-family="{style.FONTS}" ', 1)

    def png(self, dpi: int = 144) -> bytes:
        """The figure as PNG."""
        file = io.BytesIO()
        with style.context():
            self.figure.savefig(file, format="png", dpi=dpi, metadata={"Software": None})
        return file.getvalue()


def drawn(draw: Callable[..., Chart]) -> Callable[..., Chart]:
    """Decorator of every chart: draws it in the style of the report and lays it out."""

    @wraps(draw)
    def inside(*args, **kwargs) -> Chart:
        with style.context():
            chart = draw(*args, **kwargs)
            chart.figure.draw_without_rendering()
        return chart

    return inside


class Sheet:
    """A sheet of paper for one chart: the texts are set first, the plotting area takes the height that is asked for.

    height is that of the plotting area in inches; the figure grows with the lines that title and foot need.
    """

    def __init__(self, title: str, subtitle: str, foot: str = "", *, height: float = 3.2, width: float = style.WIDTH):
        self.title, self.subtitle = title, subtitle
        self.figure = Figure(figsize=(width, height))
        FigureCanvasAgg(self.figure)
        blocks = [(title, style.TITLE, "bold", style.INK), (subtitle, style.SUBTITLE, "normal", style.MUTED)]
        above = [(line, *look) for text, *look in blocks for line in self._wrapped(text, *look[:2])]
        below = [(line, style.FOOT, "normal", style.MUTED) for line in self._wrapped(foot, style.FOOT, "normal")]
        head = _MARGIN + sum(1.35 * size for _, size, *_ in above) / _POINTS + 0.12
        tail = _MARGIN + sum(1.35 * size for _, size, *_ in below) / _POINTS + (0.1 if below else 0)
        total = head + height + tail
        self.figure.set_size_inches(width, total)
        self._print(above, 1 - _MARGIN / total)
        self._print(below, (tail - 0.1) / total)
        self.figure.set_layout_engine(
            "constrained",
            rect=(_MARGIN / width, tail / total, 1 - 2 * _MARGIN / width, height / total),
            w_pad=0.02,
            h_pad=0.02,
        )

    def axes(self, rows: int = 1, columns: int = 1, **ways) -> Axes:
        """The plotting area, or an array of them for small multiples (keywords as for matplotlib's `subplots`)."""
        return self.figure.subplots(rows, columns, **ways)

    def chart(self, *, alt: str, caption: str = "") -> Chart:
        """The finished chart."""
        return Chart(self.figure, self.title, self.subtitle, alt, caption)

    def _print(self, lines: Sequence[tuple], top: float) -> None:
        height = self.figure.get_size_inches()[1]
        for line, size, weight, colour in lines:
            step = 1.35 * size / _POINTS / height
            text = self.figure.text(
                _MARGIN / self.figure.get_size_inches()[0],
                top - step * 0.75,
                line,
                size=size,
                weight=weight,
                color=colour,
            )
            text.set_in_layout(False)
            top -= step

    def _wrapped(self, text: str, size: float, weight: str) -> list[str]:
        room = self.figure.get_size_inches()[0] - 2 * _MARGIN
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and _width(self.figure, longer, size, weight) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines


def axis(which, write: Callable[[float], str], *, ticks: int = 5, whole: bool = False) -> None:
    """Writes the ticks of an axis (`ax.xaxis`) with one of the locale's methods, about `ticks` of them."""
    which.set_major_locator(MaxNLocator(nbins=ticks, integer=whole, steps=[1, 2, 2.5, 5, 10]))
    which.set_major_formatter(FuncFormatter(lambda value, _: write(value)))


def shortened(text: str, characters: int = 28) -> str:
    """The text cut to so many characters, with an ellipsis where something was cut."""
    text = " ".join(str(text).split())
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The positions moved as little as needed to lie `gap` apart within low–high, in the order they came.

    When they cannot all fit, they are spaced evenly over the whole room.
    """
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    gap = min(gap, (high - low) / max(len(positions) - 1, 1))
    placed: list[float] = []
    for rank, i in enumerate(order):
        floor = placed[-1] + gap if placed else low
        ceiling = high - gap * (len(order) - 1 - rank)
        placed.append(min(max(positions[i], floor), max(ceiling, floor)))
    for rank in range(len(placed) - 2, -1, -1):
        placed[rank] = max(min(placed[rank], placed[rank + 1] - gap), low)
    return [placed[order.index(i)] for i in range(len(positions))]


def _width(figure: Figure, text: str, size: float, weight: str) -> float:
    renderer = figure.canvas.get_renderer()
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return renderer.get_text_width_height_descent(text, font, False)[0] / figure.dpi
