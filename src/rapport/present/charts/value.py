"""What customers are worth, and whether the forecast can be trusted."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import said
from .canvas import Chart, Sheet, axis, blank, drawn, log_axis, named_ends, time_axis

LEAST = 0.05  # customers below this quantile of value stand in the first bar,
SMALLEST = 1e-3  # and those below this part of the median: a tail of next to nothing would take half the axis


@drawn
def tracking(tracking: pd.DataFrame, *, error: Finding) -> Chart:
    """Purchases that happened against those foreseen, over the test period, week by week and cumulated.

    tracking  `analysis.tracking.tracking`: week_on, actual, expected, low, high, and the same cumulated, with `_total`
    error     Finding value.repeat_bias, for the title
    """
    if tracking.empty:
        return blank("tracking", error)
    sheet = Sheet("tracking", error, height=2.8)
    weekly, total = sheet.axes(1, 2)
    for ax, ending in ((weekly, ""), (total, "_total")):
        _forecast(ax, tracking, ending)
        ax.set_title(said(f"charts.tracking.weekly{ending}"), loc="left", size=style.LABEL, weight="bold", pad=5)
    ends = {"actual": style.INK, "expected": style.ACCENT}
    lines = [(said(f"charts.tracking.{name}"), tracking[f"{name}_total"].iloc[-1], ends[name]) for name in ends]
    named_ends(total, lines)
    return sheet.chart()


def _forecast(ax: Axes, tracking: pd.DataFrame, ending: str) -> None:
    days = tracking["week_on"]
    line = "o-" if len(days) < 3 else "-"
    actual, expected, low, high = (tracking[name + ending] for name in ("actual", "expected", "low", "high"))
    ax.fill_between(days, low, high, color=style.ACCENT, alpha=0.15, linewidth=0)
    ax.plot(days, actual, line, color=style.INK, linewidth=1.3)
    ax.plot(days, expected, line, color=style.ACCENT)
    ax.set_ylim(0, float(np.nanmax([*actual, *expected, *high])) * 1.08 or 1)
    time_axis(ax, days, about=3)
    axis(ax.yaxis, "count")
    ax.grid(axis="y")


@drawn
def calibration(calibration: pd.DataFrame, *, error: Finding) -> Chart:
    """Foreseen and actual purchases a customer, by tenth of customers as they were ranked, with the interval.

    calibration  `analysis.tracking.calibration`: tenth (the lowest first), expected, actual (mean purchase days), low,
                 high (90 % interval of the mean actual)
    error        Finding for the title, as for `tracking`
    """
    if calibration.empty:
        return blank("calibration", error)
    sheet = Sheet("calibration", error, height=2.8)
    ax, x = sheet.axes(), calibration["tenth"]
    ax.vlines(x, calibration["low"], calibration["high"], color=style.PALE, linewidth=5, alpha=0.6)
    ax.plot(x, calibration["actual"], "o", color=style.INK, markersize=5.5)
    ax.plot(x, calibration["expected"], "_", color=style.ACCENT, markeredgewidth=2.4, markersize=15)
    ax.set_ylim(0, float(calibration[["expected", "actual", "high"]].max().max()) * 1.12 or 1)
    ax.set_xlim(x.min() - 0.6, x.max() + 0.6)
    ax.set_xticks(x, [spoken().count(tenth) for tenth in x])
    ax.set_xlabel(said("charts.calibration.x"))
    axis(ax.yaxis, "number")
    ax.grid(axis="y")
    _explain(ax)
    return sheet.chart()


def _explain(ax: Axes) -> None:
    """The two marks with their names, above the low tenths where nothing is drawn."""
    for line, (name, mark, colour) in enumerate([("actual", "o", style.INK), ("expected", "_", style.ACCENT)]):
        height = 0.93 - 0.1 * line
        ax.plot([0.03], [height], mark, transform=ax.transAxes, color=colour, markeredgewidth=2.2, markersize=7)
        label = said(f"charts.calibration.{name}")
        ax.text(0.055, height, label, transform=ax.transAxes, va="center", color=colour, weight="bold")


@drawn
def clv_distribution(values: pd.DataFrame, *, total: Finding, median: float, top_from: float) -> Chart:
    """Customers by expected lifetime value on a log axis, with the median and the start of the top tenth.

    values            `values`: clv (money; those without value are counted in the subtitle, not drawn)
    total             Finding value.equity, for the title; not available where the forecast may not be summed
    median, top_from  CLV of the middle customer, and from which the top tenth begins (money)
    """
    worth = values["clv"].dropna()
    positive = worth[worth > 0].to_numpy()
    outside = len(values) - len(positive)
    if not len(positive):
        return blank("clv_distribution", total, outside=outside)
    sheet = Sheet("clv_distribution", total, height=3.0, outside=outside)
    ax = sheet.axes()
    positive = positive.clip(min=max(np.quantile(positive, LEAST), SMALLEST * np.median(positive)))
    high = np.ceil(np.log10(positive.max()))
    low = np.floor(np.log10(positive.min()))
    edges = np.logspace(low, max(high, low + 1), int(max(high - low, 1) * 8) + 1)
    counts, _ = np.histogram(positive, edges)
    colours = [style.ACCENT if left >= top_from else style.PALE for left in edges[:-1]]
    ax.set_xscale("log")
    ax.bar(edges[:-1], counts, width=np.diff(edges) * 0.96, align="edge", color=colours)
    filled = np.nonzero(counts)[0]
    ax.set_xlim(edges[filled[0]], edges[filled[-1] + 1])
    ax.set_ylim(0, counts.max() * 1.3)
    log_axis(ax.xaxis)
    axis(ax.yaxis, "count", ticks=4)
    _stake(ax, median, said("charts.clv_distribution.median", value=median), 1.27 * counts.max())
    _stake(ax, top_from, said("charts.clv_distribution.top", value=top_from), 1.16 * counts.max())
    return sheet.chart()


def _stake(ax: Axes, x: float, text: str, top: float) -> None:
    """A vertical line with its label at its head, on the side where there is room; none where x is off the axis."""
    left, right = np.log10(ax.get_xlim())
    if not x > 0 or not left <= np.log10(x) <= right:
        return
    is_right = (np.log10(x) - left) / (right - left) > 0.75
    ax.plot([x, x], [0, top], color=style.INK, linewidth=0.9)
    ax.annotate(
        text, (x, top), xytext=(-4 if is_right else 4, 0), textcoords="offset points",
        ha="right" if is_right else "left", va="top", color=style.INK, size=style.LABEL - 0.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
    )  # fmt: skip
