"""What new customers cost, and whether more spend brings more of them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ...foundation.finding import Finding
from .. import style
from ..words import said
from .canvas import Chart, Sheet, axis, blank, drawn, shortened, time_axis

CHANNELS = 6
BEYOND = 1.25  # how far beyond the largest spend the curve is drawn, dashed


@drawn
def cac_by_month(acquisition: pd.DataFrame, *, cac: Finding) -> Chart:
    """New customers by month above, what each cost below.

    acquisition  `acquisition`, rows of channel "all": month_on, new_customers, cac (money, may be empty)
    cac          Finding, the cost of a new customer over the whole time, for the title
    """
    rows = acquisition[acquisition["channel"] == "all"].sort_values("month_on")
    if rows.empty:
        return blank("cac_by_month", cac)
    sheet = Sheet("cac_by_month", cac, height=3.6)
    above, below = sheet.axes(2, 1, sharex=True, height_ratios=[1, 1])
    above.bar(rows["month_on"], rows["new_customers"], width=_width(rows), color=style.PALE)
    below.plot(rows["month_on"], rows["cac"], color=style.ACCENT, marker="o", markersize=3.5)
    _panel(above, said("charts.cac_by_month.new"), rows["new_customers"], "count")
    _panel(below, said("charts.cac_by_month.cac"), rows["cac"], "money")
    time_axis(below, rows["month_on"])
    return sheet.chart()


@drawn
def cac_by_channel(acquisition: pd.DataFrame, *, cac: Finding) -> Chart:
    """What a new customer cost by month, one small panel per channel on one scale; the six with most new customers.

    acquisition  `acquisition`: month_on, channel, new_customers, cac (money, may be empty)
    cac          Finding, the cost of a new customer over the whole time, for the title
    """
    rows = acquisition[acquisition["channel"] != "all"].sort_values("month_on")
    sizes = rows.groupby("channel")["new_customers"].sum().sort_values(ascending=False, kind="stable")
    channels = list(sizes.index[:CHANNELS])
    if not channels:
        return blank("cac_by_channel", cac)
    lines = -(-len(channels) // 3)
    sheet = Sheet("cac_by_channel", cac, height=0.3 + 1.45 * lines)
    panels = sheet.axes(lines, 3, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, channel in zip(panels, channels):
        line = rows[rows["channel"] == channel]
        ax.plot(line["month_on"], line["cac"], color=style.ACCENT, marker="o", markersize=2.5, linewidth=1.4)
        _panel(ax, shortened(channel, 26), rows["cac"], "money")
        time_axis(ax, line["month_on"], about=2)
    for ax in panels[len(channels) :]:
        ax.set_visible(False)
    for ax in panels[max(len(channels) - 3, 0) : len(channels)]:
        ax.tick_params(axis="x", labelbottom=True)
    return sheet.chart()


@drawn
def saturation(paid_months: pd.DataFrame, *, verdict: Finding) -> Chart:
    """Spend against new customers, month by month, with the curve through them and the last month's dot.

    paid_months  `analysis.saturation.paid_months`: month_on, spend (money), new_customers
    verdict      Finding saturation.verdict, whose parts carry the slope of the curve in logs and its 95 % ends
    """
    rows = paid_months.sort_values("month_on")
    if rows.empty:
        return blank("saturation", verdict)
    sheet = Sheet("saturation", verdict, height=3.2)
    ax, today = sheet.axes(), rows.iloc[-1]
    ax.scatter(rows["spend"].iloc[:-1], rows["new_customers"].iloc[:-1], color=style.PALE, s=22)
    ax.scatter(today["spend"], today["new_customers"], color=style.INK, s=64, zorder=3)
    ax.set_ylim(0, max(rows["new_customers"].max(), 1) * 1.25)
    ax.set_xlim(0, max(rows["spend"].max(), 1) * BEYOND)
    if verdict.parts.get("slope") is not None:
        _bend(ax, rows[(rows["spend"] > 0) & (rows["new_customers"] > 0)], verdict.parts)
    ax.annotate(
        said("charts.saturation.today"), (today["spend"], today["new_customers"]), xytext=(0, 9),
        textcoords="offset points", ha="center", va="bottom", weight="bold", color=style.INK,
    )  # fmt: skip
    axis(ax.xaxis, "money")
    axis(ax.yaxis, "count")
    ax.set_xlabel(said("charts.saturation.x"))
    ax.grid(axis="y")
    return sheet.chart()


def _bend(ax: Axes, rows: pd.DataFrame, parts: Mapping[str, float]) -> None:
    """The curve customers ~ spend^slope through the middle of the months, and the same with both ends of the slope."""
    spend, new = (float(np.exp(np.log(rows[column]).mean())) for column in ("spend", "new_customers"))
    x = np.linspace(rows["spend"].min(), rows["spend"].max() * BEYOND, 60)
    low, middle, high = (new * (x / spend) ** parts[name] for name in ("slope_low", "slope", "slope_high"))
    tried = x <= rows["spend"].max()
    ax.fill_between(x, np.minimum(low, high), np.maximum(low, high), color=style.ACCENT, alpha=0.13, linewidth=0)
    ax.plot(x[tried], middle[tried], color=style.ACCENT)
    ax.plot(x[~tried], middle[~tried], color=style.ACCENT, linestyle=(0, (4, 3)))


def _panel(ax: Axes, heading: str, values: pd.Series, unit: str) -> None:
    ax.set_title(heading, loc="left", size=style.LABEL, color=style.INK, weight="bold", pad=5)
    top = values.max()
    ax.set_ylim(0, top * 1.12 if pd.notna(top) and top > 0 else 1)
    axis(ax.yaxis, unit, ticks=4)
    ax.grid(axis="y")


def _width(rows: pd.DataFrame) -> pd.Timedelta:
    return pd.Timedelta(days=22 if len(rows) > 1 else 12)
