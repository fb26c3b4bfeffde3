"""Who moved: customers by class at two dates, and the streams between them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import words
from .canvas import GAP, Chart, Sheet, beside, blank, drawn, shortened, spread

SPACE = 0.03  # between two classes, of the whole height
BAR = 0.03  # width of a class's bar


@drawn
def alluvial(flows: pd.DataFrame, *, finding: Finding | None = None, order: Sequence[str] = ()) -> Chart:
    """Customers by class before (left) and after (right), with the streams between; only downward ones are coloured.

    flows    `analysis.migration.flows`: before, after, direction, customers, in the order of the classes; those who
             joined or are gone are not drawn
    finding  Finding migration.<of>, for the title
    order    the classes from the best down, as `analysis.migration.ORDERS` has them; else the order of the flows
    """
    stayed = flows[~flows["direction"].isin(["joined", "gone"]) & (flows["customers"] > 0)]
    if stayed.empty:
        return blank("alluvial", finding)
    sheet = Sheet("alluvial", finding, height=3.4)
    ax = sheet.axes()
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    named = dict.fromkeys([*order, *flows["before"], *stayed["after"]])
    classes = [one for one in named if one in {*stayed["before"], *stayed["after"]}]
    scale = (1 - SPACE * (len(classes) - 1)) / stayed["customers"].sum()
    left, right = (
        _stand(ax, stayed.groupby(side)["customers"].sum(), classes, scale, side) for side in ("before", "after")
    )
    rank = {one: place for place, one in enumerate(classes)}
    for row in stayed.sort_values(["before", "after"], key=lambda side: side.map(rank)).itertuples():
        height = row.customers * scale
        ax.add_patch(_stream(left[row.before], right[row.after], height, is_down=row.direction == "down"))
        left[row.before] -= height
        right[row.after] -= height
    return sheet.chart()


def _stand(ax: Axes, counts: pd.Series, classes: Sequence[str], scale: float, side: str) -> dict[str, float]:
    """Draws the bars and names of one side; gives the top of each class, from where its streams leave."""
    heights = [counts.get(one, 0) * scale for one in classes]
    tops = [1 - sum(heights[:rank]) - SPACE * rank for rank in range(len(classes))]
    is_left = side == "before"
    named = [rank for rank, height in enumerate(heights) if height]
    middles = spread([tops[rank] - heights[rank] / 2 for rank in named], 0.062, 0.0, 1.0)
    for rank, middle in zip(named, middles):
        place = (0 if is_left else 1 - BAR, tops[rank] - heights[rank])
        ax.add_patch(Rectangle(place, BAR, heights[rank], facecolor=style.ACCENT))
        name = shortened(words(spoken().language).term(classes[rank]), 24)
        text = f"{name}{GAP}{spoken().count(counts[classes[rank]])}"
        beside(ax, text, 0 if is_left else 1, middle, left=is_left, annotation_clip=False)
    return dict(zip(classes, tops))


def _stream(start: float, end: float, height: float, *, is_down: bool) -> PathPatch:
    """A band from the left bars to the right ones, `start` and `end` being its upper edge."""
    a, b, middle = BAR, 1 - BAR, 0.5
    points = [
        (a, start), (middle, start), (middle, end), (b, end),
        (b, end - height), (middle, end - height), (middle, start - height), (a, start - height), (a, start),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    look = {"facecolor": style.ALERT, "alpha": 0.6} if is_down else {"facecolor": style.PALE, "alpha": 0.35}
    return PathPatch(Path(np.array(points), codes), edgecolor="none", **look)
