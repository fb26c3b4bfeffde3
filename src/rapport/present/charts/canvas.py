"""What every chart is drawn on: title and subtitle above, source below, labels beside what they name."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import said, words

GAP = "\N{EN SPACE}"  # between two texts of one label; SVG would draw two plain spaces as one
_POINTS = 72
_MARGIN = 0.02  # inches at every edge
_RASTER_DPI = 144  # of what is drawn as pixels inside an SVG
_DAY_STEPS = (1, 2, 7, 14, 30, 60, 90, 180, 365)
_STEP = 1.35  # height of a line of text over its size
_FAMILY = re.compile(r" font-family: '[^;\"]*;")
_LEFTOVERS = re.compile(r"\s*<!--.*?-->|\s*<metadata>.*?</metadata>", re.DOTALL)


@dataclass(frozen=True)
class Chart:
    """A drawn figure with its texts: `alt` tells readers who cannot see it what it shows, `caption` how to read it.

    A blank one had nothing to draw; a page shows its title and says so.
    """

    figure: Figure
    title: str
    subtitle: str
    alt: str
    caption: str = ""
    findings: tuple[str, ...] = ()  # ids of the findings it was drawn with
    is_blank: bool = False

    def svg(self) -> str:
        """The figure as SVG, the same bytes every time; its texts are text, in the fonts of the report."""
        file = io.StringIO()
        with style.context():
            self.figure.savefig(
                file, format="svg", dpi=_RASTER_DPI, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
            )
        svg = file.getvalue()
        svg = _LEFTOVERS.sub("", _FAMILY.sub("", svg[svg.index("<svg") :]))
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
        told = tuple(one.id for one in (*args, *kwargs.values()) if isinstance(one, Finding))
        with style.context():
            chart = replace(draw(*args, **kwargs), findings=told)
            chart.figure.draw_without_rendering()
            _settle(chart.figure)
        return chart

    return inside


def _settle(figure: Figure) -> None:
    """Ends the layout and rounds where axes stand: the solver's last digits differ from run to run, bytes must not."""
    figure.set_layout_engine("none")
    for ax in figure.axes:
        if ax.get_axes_locator() is None:
            ax.set_position(np.round(ax.get_position().bounds, 5))


class Sheet:
    """A sheet of paper for one chart, with the texts that words has under `charts.<name>`.

    name     title, plain (the title where the finding has no value), subtitle, alt and caption are looked up under it;
             without a title of its own the chart is headed by the sentence of the finding
    finding  what the title says; its values and parts fill the placeholders, its basis, n and date stand at the foot
    height   of the plotting area in inches; the figure grows with the lines its texts need
    basis    the foot, where no finding gives one
    values   further placeholders
    """

    def __init__(
        self, name: str, finding: Finding | None = None, /, *, height: float = 3.1, basis: str = "", **values: Any
    ):
        speech = words(spoken().language)
        self._texts = _texts(f"charts.{name}", finding, values)
        self.figure = Figure(figsize=(style.WIDTH, height))
        FigureCanvasAgg(self.figure)
        foot = speech.basis(finding) if finding is not None else speech.dated(basis)
        above = [
            *self._lines("title", style.TITLE, "bold", style.INK),
            *self._lines("subtitle", style.SUBTITLE, "normal", style.MUTED),
        ]
        below = [(line, style.FOOT, "normal", style.MUTED) for line in wrapped(foot, self._room, style.FOOT)]
        self._lay_out(above, below, height)

    def axes(self, rows: int = 1, columns: int = 1, **ways: Any) -> Axes:
        """The plotting area, or an array of them for small multiples (keywords as for matplotlib's `subplots`)."""
        return self.figure.subplots(rows, columns, **ways)

    def chart(self) -> Chart:
        """The finished chart. Its alt text opens with the title."""
        title = self._texts["title"]
        alt = f"{title.rstrip('.')}. {self._texts.get('alt', '')}".strip()
        return Chart(self.figure, title, self._texts.get("subtitle", ""), alt, self._texts.get("caption", ""))

    @property
    def _room(self) -> float:
        return style.WIDTH - 2 * _MARGIN

    def _lines(self, part: str, size: float, weight: str, colour: str) -> list[tuple]:
        return [(line, size, weight, colour) for line in wrapped(self._texts.get(part, ""), self._room, size, weight)]

    def _lay_out(self, above: list[tuple], below: list[tuple], height: float) -> None:
        head = _MARGIN + sum(_STEP * size for _, size, *_ in above) / _POINTS + 0.14
        tail = _MARGIN + sum(_STEP * size for _, size, *_ in below) / _POINTS + (0.12 if below else 0)
        total = head + height + tail
        self.figure.set_size_inches(style.WIDTH, total)
        self._print(above, total - _MARGIN, total)
        self._print(below, tail - 0.12, total)
        rect = (_MARGIN / style.WIDTH, tail / total, 1 - 2 * _MARGIN / style.WIDTH, height / total)
        self.figure.set_layout_engine("constrained", rect=rect, w_pad=0.02, h_pad=0.02, hspace=0.08, wspace=0.04)

    def _print(self, lines: Sequence[tuple], top: float, total: float) -> None:
        for line, size, weight, colour in lines:
            step = _STEP * size / _POINTS
            place = (_MARGIN / style.WIDTH, (top - 0.75 * step) / total)
            text = self.figure.text(*place, line, size=size, weight=weight, color=colour)
            text.set_in_layout(False)
            top -= step


def _texts(key: str, finding: Finding | None, values: dict[str, Any]) -> dict[str, str]:
    """Title, subtitle, alt and caption of a chart, filled."""
    speech = words(spoken().language)
    parts = [part for part in ("subtitle", "alt", "caption") if speech.has(f"{key}.{part}")]
    texts = {part: speech.about(f"{key}.{part}", finding, **values) for part in parts}
    is_told = finding is not None and finding.status != "not_available"
    if is_told and not speech.has(f"{key}.title"):
        return texts | {"title": speech.sentence(finding).rstrip(".")}
    return texts | {"title": speech.about(f"{key}.{'title' if is_told else 'plain'}", finding, **values)}


def blank(name: str, finding: Finding | None = None, /, *, basis: str = "", **values: Any) -> Chart:
    """The chart `name` when its table has nothing to draw: its texts, and a line that says so."""
    sheet = Sheet(name, finding, height=0.4, basis=basis, **values)
    sheet.axes().set_axis_off()
    sheet.figure.axes[0].text(0, 0.5, said("charts.blank"), color=style.MUTED, va="center")
    return replace(sheet.chart(), is_blank=True)


def axis(which, unit: str, *, ticks: int = 5) -> None:
    """Writes about `ticks` ticks of an axis (`ax.xaxis`) in a unit: percent, money, count or number.

    All ticks of an axis have the same number of decimals.
    """
    which.set_major_locator(MaxNLocator(nbins=ticks, integer=unit == "count", steps=[1, 2, 5, 10]))
    which.set_major_formatter(
        FuncFormatter(lambda value, _: _tick(value, unit, abs(np.diff(which.get_view_interval())[0])))
    )


def day_ticks(last: int) -> np.ndarray:
    """Days at which an axis from 0 to `last` is marked: six or so, a round number of weeks, months or years apart."""
    step = next((days for days in _DAY_STEPS if last / days <= 7), 365 * max(1, round(last / 365 / 6)))
    return np.arange(0, last + 1, step)


def log_axis(which) -> None:
    """Writes money on a log axis at the powers of ten, without the ticks between."""
    which.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, "money", value)))
    which.set_minor_locator(NullLocator())


def _tick(value: float, unit: str, span: float) -> str:
    locale = spoken()
    if unit == "percent":
        return locale.percent(value, 0 if span > 0.04 else 1)
    if unit == "money":
        return locale.short_money(value) if span > 4 else locale.money(value, 2)
    decimals = max(0, int(np.ceil(-np.log10(span / 4)))) if span and unit != "count" else 0
    return locale.number(value, decimals) if decimals else locale.short_count(value)


def bare(ax: Axes) -> Axes:
    """The axes without frame, ticks and their labels, for grids and strips that carry their own."""
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(length=0)
    return ax


def shortened(text: Any, characters: int = 30) -> str:
    """The text on one line, cut to so many characters, with an ellipsis where something was cut."""
    text = " ".join(str(text).split())
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def wrapped(text: str, room: float, size: float, weight: str = "normal") -> list[str]:
    """The text in lines no wider than `room` inches at `size` points; a word that is wider is broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, size, weight) <= room:
            lines[-1] = longer
            continue
        while _width(word, size, weight) > room and len(word) > 1:
            fits = next(k for k in range(len(word) - 1, 0, -1) if k == 1 or _width(word[:k], size, weight) <= room)
            lines.append(word[:fits])
            word = word[fits:]
        lines.append(word)
    return lines


def beside(ax: Axes, text: str, x: float, y: float, *, left: bool = False, **look: Any) -> None:
    """A label just right (or left) of a point, such as the end of a bar."""
    way, side = (-4, "right") if left else (4, "left")
    ax.annotate(text, (x, y), xytext=(way, 0), textcoords="offset points", ha=side, va="center", **look)


def in_margin(ax: Axes, text: str, y: float, **look: Any) -> None:
    """A label in the margin right of the axes, at the height of `y`."""
    place = {"xycoords": ("axes fraction", "data"), "va": "center", "ha": "left", "annotation_clip": False}
    ax.annotate(text, (1.015, y), **{"size": style.LABEL - 0.5, **place, **look})


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The positions moved as little as needed to lie `gap` apart within low–high, in the order they came.

    When they cannot all fit, they are spaced evenly over the whole room.
    """
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    gap = min(gap, (high - low) / max(len(positions) - 1, 1))
    placed: list[float] = []
    for i in order:
        floor = placed[-1] + gap if placed else low
        placed.append(max(min(positions[i], high), floor))
    for rank in range(len(placed) - 1, -1, -1):
        ceiling = placed[rank + 1] - gap if rank + 1 < len(placed) else high
        placed[rank] = max(min(placed[rank], ceiling), low + rank * gap)
    return [placed[order.index(i)] for i in range(len(positions))]


def named_ends(ax: Axes, ends: Sequence[tuple[str, float, str]], gap: float = 0.085) -> None:
    """Names lines at their right ends, apart from each other: `ends` are (name, last value, colour)."""
    low, high = ax.get_ylim()
    room = (high - low) or 1
    for (name, _, colour), height in zip(ends, spread([end for _, end, _ in ends], gap * room, low, high)):
        in_margin(ax, name, height, weight="bold", color=colour)


def time_axis(ax: Axes, days: Any, about: int = 6) -> None:
    """Writes about six months along an axis of days, the last one always among them."""
    days = pd.DatetimeIndex(days)
    every = max(1, -(-len(days) // about))
    shown = days[::-1][::every][::-1]
    ax.set_xticks(shown, [spoken().month(day) for day in shown])


def tint(share: float, colour: str = style.ACCENT, *, most: float = 0.45) -> str:
    """The colour mixed into white, from none (0) to `most` (1): dark text stays readable on every one of them."""
    part = most * min(max(share, 0), 1)
    return to_hex([1 - part * (1 - channel) for channel in to_rgb(colour)])


def _width(text: str, size: float, weight: str = "normal") -> float:
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return _RULER.get_text_width_height_descent(text, font, False)[0] / _POINTS


_RULER = FigureCanvasAgg(Figure(dpi=_POINTS)).get_renderer()
