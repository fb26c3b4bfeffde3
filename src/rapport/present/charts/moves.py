"""Who moved: customers by class at two dates, and the streams between them."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import words
from .canvas import Chart, Sheet, blank, drawn

SPACE = 0.03  # between two classes, of the whole height
BAR = 0.04  # width of a class's bar


@drawn
def alluvial(flows: pd.DataFrame, *, finding: Finding | None = None) -> Chart:
    """Customers by class before (left) and after (right), with the streams between; only downward ones are coloured.

    flows    `analysis.migration.flows`: before, after, direction, customers, in the order of the classes; those who
             joined or are gone are not drawn
    finding  Finding migration.<of>, for the title
    """
    stayed = flows[flows["before"].notna() & flows["after"].notna()]
    if stayed.empty or not stayed["customers"].sum():
        return blank("alluvial", finding)
    sheet = Sheet("alluvial", finding, height=3.4)
    ax = sheet.axes()
    ax.set(xlim=(-0.16, 1.16), ylim=(0, 1))
    ax.axis("off")
    total = stayed["customers"].sum()
    classes = [one for one in dict.fromkeys([*stayed["before"], *stayed["after"]])]
    scale = (1 - SPACE * (len(classes) - 1)) / total
    left, right = (_places(ax, stayed, side, sorted(classes), scale, x) for side, x in (("before", 0), ("after", 1)))
    for row in stayed.sort_values(["before", "after"]).itertuples():
        height = row.customers * scale
        y0, y1 = left[row.before], right[row.after]
        left[row.before], right[row.after] = y0 - height, y1 - height
        colour, alpha = (style.ALERT, 0.55) if row.direction == "down" else (style.PALE, 0.35)
        _stream(ax, y0, y1, height, colour, alpha)
    return sheet.chart()


def _places(ax: Axes, flows: pd.DataFrame, side: str, classes: list, scale: float, x: float) -> dict:
    """Bars and names of one side; the top of each class, from where its streams leave."""
    counts, top, tops = flows.groupby(side)["customers"].sum(), 1.0, {}
    for one in classes:
        height = counts.get(one, 0) * scale
        tops[one] = top
        ax.add_patch(_bar(x - BAR if x else x, top - height, height))
        if height:
            label = f"{words(spoken().language).term(one)}  {spoken().count(counts[one])}"
            ax.text(-0.015 if not x else x + 0.015, top - height / 2, label, size=style.LABEL, va="center",
                    ha="right" if not x else "left", color=style.INK)  # fmt: skip
        top -= height + SPACE
    return tops


def _bar(x: float, y: float, height: float) -> PathPatch:
    corners = [(x, y), (x + BAR, y), (x + BAR, y + height), (x, y + height), (x, y)]
    return PathPatch(Path(corners), facecolor=style.ACCENT, edgecolor="none")


def _stream(ax: Axes, y0: float, y1: float, height: float, colour: str, alpha: float) -> None:
    a, b, middle = BAR, 1 - BAR, 0.5
    points = [
        (a, y0), (middle, y0), (middle, y1), (b, y1),
        (b, y1 - height), (middle, y1 - height), (middle, y0 - height), (a, y0 - height), (a, y0),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path(np.array(points), codes), facecolor=colour, edgecolor="none", alpha=alpha))
