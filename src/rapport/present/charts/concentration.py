"""Who brings the money: the Lorenz curve with Pareto's two marks, and the largest clients."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import said, words
from .canvas import Chart, Sheet, axis, beside, blank, drawn, shortened, spread


@drawn
def lorenz(
    curve: pd.DataFrame,
    *,
    top_share: Finding,
    gini: Finding,
    smallest_group: Finding | None = None,
    top10_share: Finding | None = None,
    largest: Finding | None = None,
) -> Chart:
    """The cumulative share of value, largest customers first, with both of Pareto's answers marked.

    curve  `analysis.concentration.lorenz`: customers_share, value_share (0–1), one row per rank from (0, 0)
    The findings are those of `analysis.concentration.pareto` and `analysis.dependency.dependency`; the ones that are
    not available, or not given, are left out of the figure.
    """
    basis = {"value_basis": top_share.parts.get("value_basis", "revenue_net")}
    if len(curve) < 2:
        return blank("lorenz", top_share, **basis)
    sheet = Sheet("lorenz", top_share, height=3.7, **basis)
    ax, locale = sheet.axes(), spoken()
    curve = _thinned(curve)
    ax.plot([0, 1], [0, 1], color=style.PALE, linewidth=1)
    ax.text(0.55, 0.51, said("charts.lorenz.equal"), ha="left", va="top", color=style.MUTED, size=style.FOOT)
    ax.fill_between(curve["customers_share"], curve["value_share"], curve["customers_share"], color=style.WASH)
    ax.plot(curve["customers_share"], curve["value_share"], color=style.ACCENT, linewidth=2.2)
    ax.set(xlim=(0, 1), ylim=(0, 1.03))
    axis(ax.xaxis, "percent", ticks=6)
    axis(ax.yaxis, "percent", ticks=6)
    ax.set_xlabel(said("charts.lorenz.x"))
    marks = [
        (mark.parts["headcount_share"], mark.value, said("charts.lorenz.mark", share=mark.value, top=mark.parts["top"]))
        for mark in _given(top_share)
    ]
    marks += [
        (mark.parts["k_share"], mark.parts["value_share"], words(locale.language).about("charts.lorenz.group", mark))
        for mark in _given(smallest_group)
    ]
    _mark(ax, marks)
    facts = [
        *(said("charts.lorenz.gini", value=found.value) for found in _given(gini)),
        *(said("charts.lorenz.top10", value=found.value) for found in _given(top10_share)),
        *(said("charts.lorenz.largest", value=found.value) for found in _given(largest)),
    ]
    for line, fact in enumerate(facts):
        height = 0.045 + 0.07 * (len(facts) - 1 - line)
        ax.text(0.985, height, fact, ha="right", va="bottom", color=style.INK)
    return sheet.chart()


def _thinned(curve: pd.DataFrame, points: int = 200) -> pd.DataFrame:
    """Points evenly spaced along the curve, its ends among them; the eye sees no difference."""
    steps = np.hypot(curve["customers_share"].diff(), curve["value_share"].diff()).fillna(0).cumsum()
    return curve.iloc[np.unique(np.searchsorted(steps, np.linspace(0, steps.max(), points)).clip(max=len(curve) - 1))]


def _given(finding: Finding | None) -> list[Finding]:
    return [] if finding is None or finding.status == "not_available" else [finding]


def _mark(ax: Axes, marks: list[tuple[float, float, str]]) -> None:
    """Dots on the curve with their labels: below and right of it, or above and left where there is no room."""
    right, height = [mark for mark in marks if mark[0] <= 0.45], 1.0
    for x, y, text in sorted(right, key=lambda mark: -mark[1]):
        height = max(min(y - 0.085, height - 0.085), 0.05)
        ax.plot([x], [y], "o", color=style.ACCENT, markersize=6.5, markeredgecolor="white", clip_on=False, zorder=3)
        ax.text(x + 0.025, height, text, ha="left", va="center", color=style.INK, weight="bold")
    left = [mark for mark in marks if mark[0] > 0.45]
    for (x, y, text), height in zip(left, spread([y + 0.07 for _, y, _ in left], 0.085, 0.3, 0.97)):
        ax.plot([x], [y], "o", color=style.ACCENT, markersize=6.5, markeredgecolor="white", clip_on=False, zorder=3)
        ax.text(x - 0.025, height, text, ha="right", va="center", color=style.INK, weight="bold")


@drawn
def largest_clients(group_shares: pd.DataFrame, *, band: Finding, rows: int = 10) -> Chart:
    """The largest clients' shares of sales as bars, holdings taken as one, with the edges of the dependency bands.

    group_shares  `analysis.dependency.group_shares`: name, share (0–1), band; largest first
    band          Finding dependency.band, whose parts name the largest client
    """
    shown, locale = group_shares.head(rows), spoken()
    told = {"name": shortened(band.parts.get("name", ""), 48)}
    if shown.empty:
        return blank("largest_clients", band, **told)
    sheet = Sheet("largest_clients", band, height=0.5 + 0.27 * len(shown), **told)
    ax = sheet.axes()
    place = range(len(shown))
    risky = ~shown["band"].isin(["normal", "key"])
    ax.barh(place, shown["share"], height=0.68, color=[style.ALERT if bad else style.ACCENT for bad in risky])
    for y, share in zip(place, shown["share"]):
        beside(ax, locale.percent(share), share, y)
    ax.set_yticks(list(place), [shortened(name) for name in shown["name"]])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(0, shown["share"].max() * 1.1)
    axis(ax.xaxis, "percent")
    ax.tick_params(axis="y", labelcolor=style.INK)
    return sheet.chart()
