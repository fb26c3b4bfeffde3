"""Who brings the money: Lorenz curve with the Pareto mark."""

import pandas as pd

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import said, words
from .canvas import Chart, Sheet, axis, drawn


@drawn
def lorenz(curve: pd.DataFrame, *, top: Finding, gini: Finding, headcount_share: float = 0.2) -> Chart:
    """The cumulative share of value, largest customers first, with the asked head-count share marked.

    curve            one row per customer or step: customer_share, value_share (both 0–1, largest customer first)
    top              Finding, share of value held by the top `headcount_share` of customers
    gini             Finding, ratio
    """
    locale, speech = spoken(), words(spoken().language)
    sheet = Sheet(speech.sentence(top), said("charts.lorenz.subtitle", gini=gini.value), top.basis)
    ax = sheet.axes()
    x, y = [0, *curve["customer_share"]], [0, *curve["value_share"]]
    ax.plot([0, 1], [0, 1], color=style.PALE, linewidth=1)
    ax.fill_between(x, y, x, color=style.ACCENT, alpha=0.08)
    ax.plot(x, y, color=style.ACCENT)
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    axis(ax.xaxis, locale.percent)
    axis(ax.yaxis, locale.percent)
    return sheet.chart(alt=said("charts.lorenz.alt"), caption=said("charts.lorenz.caption"))
