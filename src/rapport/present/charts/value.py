"""What customers are worth, and whether the model can be trusted."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import said
from .canvas import Chart, Sheet, axis, blank, drawn, log_axis, named_ends, time_axis


@drawn
def tracking(tracking: pd.DataFrame, *, error: Finding, origin_on: pd.Timestamp) -> Chart:
    """Purchases that happened against those the model expected, period by period, before and after it stopped learning.

    tracking   one row per period: period_on, actual, forecast (purchase days), and low, high (80 %; may be empty)
    error      Finding for the title: the model's error over the holdout
    origin_on  day up to which the model saw data
    """
    if tracking.empty:
        return blank("tracking", error)
    sheet = Sheet("tracking", error, height=3.0)
    ax, days = sheet.axes(), tracking["period_on"]
    dot = "o" if len(days) < 3 else ""
    ax.fill_between(days, tracking["low"], tracking["high"], color=style.ACCENT, alpha=0.15, linewidth=0)
    ax.plot(days, tracking["actual"], dot + "-", color=style.INK, linewidth=1.3)
    ax.plot(days, tracking["forecast"], dot + "-", color=style.ACCENT, linewidth=2)
    ax.set_ylim(0, float(np.nanmax([*tracking["actual"], *tracking["forecast"], *tracking["high"]])) * 1.16 or 1)
    ax.axvline(origin_on, color=style.MUTED, linewidth=0.8, linestyle=(0, (3, 3)))
    _name_sides(ax, days, origin_on)
    ends = {"actual": style.INK, "forecast": style.ACCENT}
    named_ends(
        ax, [(said(f"charts.tracking.{name}"), tracking[name].iloc[-1], colour) for name, colour in ends.items()]
    )
    time_axis(ax, days)
    axis(ax.yaxis, "count")
    ax.grid(axis="y")
    return sheet.chart()


def _name_sides(ax: Axes, days: pd.Series, origin_on: pd.Timestamp) -> None:
    """What lies left and right of the origin, each on the side where there is room."""
    part = (origin_on - days.min()) / max(days.max() - days.min(), pd.Timedelta(days=1))
    look = {"textcoords": "offset points", "va": "top", "color": style.MUTED, "size": style.FOOT}
    head = {"xy": (origin_on, 1), "xycoords": ("data", "axes fraction")}
    if part > 0.22:
        ax.annotate(said("charts.tracking.learnt"), xytext=(-5, -2), ha="right", **head, **look)
    if part < 0.78:
        ax.annotate(said("charts.tracking.tested"), xytext=(5, -2), ha="left", **head, **look)


@drawn
def calibration(calibration: pd.DataFrame, *, error: Finding) -> Chart:
    """Forecast and actual purchases a customer, by tenth of customers as the model ranked them.

    calibration  one row per tenth: decile (1 the best), forecast, actual (mean purchase days a customer)
    error        Finding for the title, as for `tracking`
    """
    if calibration.empty:
        return blank("calibration", error)
    sheet = Sheet("calibration", error, height=2.8)
    ax, x = sheet.axes(), calibration["decile"]
    ax.vlines(x, calibration["forecast"], calibration["actual"], color=style.PALE, linewidth=1.2)
    ax.plot(x, calibration["actual"], "o", color=style.INK, markersize=6)
    ax.plot(
        x, calibration["forecast"], "o", color="white", markeredgecolor=style.ACCENT, markeredgewidth=1.8, markersize=7
    )
    top = float(calibration[["forecast", "actual"]].max().max()) * 1.15 or 1
    ax.set_ylim(0, top)
    ax.set_xlim(0.4, len(x) + 0.6)
    ax.set_xticks(x, [spoken().count(decile) for decile in x])
    ax.set_xlabel(said("charts.calibration.x"))
    axis(ax.yaxis, "number")
    ax.grid(axis="y")
    for line, (name, colour) in enumerate({"actual": style.INK, "forecast": style.ACCENT}.items()):
        fill = "white" if name == "forecast" else colour
        ax.plot(
            [0.78],
            [0.93 - 0.1 * line],
            "o",
            transform=ax.transAxes,
            color=fill,
            markeredgecolor=colour,
            markeredgewidth=1.8,
        )
        ax.text(
            0.8,
            0.93 - 0.1 * line,
            said(f"charts.calibration.{name}"),
            transform=ax.transAxes,
            va="center",
            color=colour,
        )
    return sheet.chart()


@drawn
def clv_distribution(values: pd.DataFrame, *, total: Finding, median: float, top_from: float) -> Chart:
    """Customers by expected lifetime value on a log axis, with the median and the start of the top tenth.

    values    `values`: clv (money; zero, negative and empty ones are counted at the foot, not drawn)
    total     Finding, the total CLV with its interval, for the title
    median    median CLV (money)
    top_from  CLV from which the top tenth begins (money)
    """
    worth = values["clv"].dropna().to_numpy()
    positive = worth[worth > 0]
    if not len(positive):
        return blank("clv_distribution", total, outside=len(values))
    sheet = Sheet("clv_distribution", total, height=3.0, outside=len(values) - len(positive))
    ax = sheet.axes()
    low, high = np.floor(np.log10(positive.min())), np.ceil(np.log10(positive.max()))
    edges = np.logspace(low, max(high, low + 1), int(max(high - low, 1) * 8) + 1)
    counts, _ = np.histogram(positive, edges)
    colours = [style.ACCENT if left >= top_from else style.PALE for left in edges[:-1]]
    ax.set_xscale("log")
    ax.bar(edges[:-1], counts, width=np.diff(edges) * 0.96, align="edge", color=colours)
    filled = np.nonzero(counts)[0]
    ax.set_xlim(edges[filled[0]], edges[filled[-1] + 1])
    ax.set_ylim(0, counts.max() * 1.3)
    log_axis(ax.xaxis)
    _stake(ax, median, said("charts.clv_distribution.median", value=median), 1.27 * counts.max())
    _stake(ax, top_from, said("charts.clv_distribution.top", value=top_from), 1.16 * counts.max())
    axis(ax.yaxis, "count", ticks=4)
    return sheet.chart()


def _stake(ax: Axes, x: float, text: str, top: float) -> None:
    """A vertical line with its label at its head, on the side where there is room; none where x is off the axis."""
    left, right = np.log10(ax.get_xlim())
    if x <= 0 or not left <= np.log10(x) <= right:
        return
    is_right = (np.log10(x) - left) / (right - left) > 0.6
    ax.plot([x, x], [0, top], color=style.INK, linewidth=0.9)
    ax.annotate(
        text, (x, top), xytext=(-4 if is_right else 4, 0), textcoords="offset points",
        ha="right" if is_right else "left", va="top", color=style.INK, size=style.LABEL - 0.5,
    )  # fmt: skip
