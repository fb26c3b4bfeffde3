"""Do they come back: retention by cohort, revenue by cohort, and the two ways to count who stayed."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import said
from .canvas import Chart, Sheet, axis, bare, beside, blank, drawn, named_ends, spread, time_axis, tint

NUMBERS_UP_TO = 13  # ages up to which the cells carry their number
COHORTS = 36  # the youngest cohorts are shown
YEARS = 6  # the youngest years of first purchase that get a band of their own


@drawn
def retention_map(cohorts: pd.DataFrame, *, within_year: Finding, ages: int = 24) -> Chart:
    """Share of each cohort that bought again, by periods since the first purchase; incomplete cells are blank.

    The length of a period (week, month or quarter) is read from the days on which cohorts begin.

    cohorts      `cohorts`: cohort_on, age, customers, share (0–1), is_complete
    within_year  Finding second_order.within_year, for the title
    ages         the oldest age shown
    """
    young = sorted(cohorts["cohort_on"].unique())[-COHORTS:]
    shown = cohorts[cohorts["cohort_on"].isin(young) & cohorts["age"].between(1, ages)]
    cells = shown.assign(share=shown["share"].where(shown["is_complete"])).pivot(
        index="cohort_on", columns="age", values="share"
    )
    cells = cells.reindex(young).dropna(axis="columns", how="all")
    period = _period(cohorts)
    told = {"period": said(f"periods.{period}"), "periods": said(f"periods.many_{period}")}
    if not cells.notna().to_numpy().any():
        return blank("retention_map", within_year, **told)
    sheet = Sheet("retention_map", within_year, **told, height=0.7 + 0.145 * max(len(young), 4))
    ax = bare(sheet.axes())
    most = float(np.nanmax(cells.to_numpy()))
    blues = LinearSegmentedColormap.from_list("tint", ["#f3f6f8", style.ACCENT])
    ax.pcolormesh(
        np.ma.masked_invalid(cells),
        cmap=blues,
        vmin=0,
        vmax=most or 1,
        edgecolors="white",
        linewidth=0.8,
        rasterized=True,
    )
    if cells.shape[1] <= NUMBERS_UP_TO:
        _numbers(ax, cells, most)
    else:
        _key(ax, most, blues)
    sizes = cohorts.drop_duplicates("cohort_on").set_index("cohort_on")["customers"].reindex(young)
    _name_rows(ax, sizes, period)
    ax.set_xticks([x + 0.5 for x in range(cells.shape[1])], [spoken().count(age) for age in cells.columns])
    ax.set(xlim=(0, cells.shape[1]), ylim=(len(young), 0))
    ax.set_xlabel(said("charts.retention_map.x", **told))
    return sheet.chart()


def _period(cohorts: pd.DataFrame) -> str:
    """W, M or Q: the smallest distance between the days on which cohorts begin; months where there is one cohort."""
    steps = cohorts["cohort_on"].drop_duplicates().sort_values().diff().dt.days
    shortest = steps.min() if steps.notna().any() else 30
    return "W" if shortest < 28 else "M" if shortest < 80 else "Q"


def _name_rows(ax: Axes, sizes: pd.Series, period: str) -> None:
    """Period and size of every cohort, or of every second or third where the rows are low."""
    every = max(1, -(-len(sizes) // 24))
    shown = list(enumerate(sizes.items()))[::every]
    ax.set_yticks([y + 0.5 for y, _ in shown], [spoken().period(day, period) for _, (day, _) in shown])
    ax.tick_params(axis="y", pad=36)
    for y, (_, size) in shown:
        beside(ax, spoken().count(size), 0, y + 0.5, left=True, size=style.FOOT, color=style.INK)


def _numbers(ax: Axes, cells: pd.DataFrame, most: float) -> None:
    for y, row in enumerate(cells.to_numpy()):
        for x, share in enumerate(row):
            if not np.isnan(share):
                colour = "white" if share > 0.72 * most else style.INK
                ax.text(x + 0.5, y + 0.5, f"{100 * share:.0f}", size=7, ha="center", va="center", color=colour)


def _key(ax: Axes, most: float, blues: LinearSegmentedColormap) -> None:
    """The colours' meaning, in the empty corner where the youngest cohorts have no history yet."""
    box = ax.inset_axes((0.72, 0.1, 0.2, 0.03))
    bare(box).imshow(np.linspace(0, 1, 64)[None], aspect="auto", cmap=blues)
    box.set_xticks([-0.5, 63.5], [spoken().percent(0), spoken().percent(most, 0)])
    box.set_yticks([])


@drawn
def revenue_by_cohort(cohorts: pd.DataFrame, *, repeat: Finding) -> Chart:
    """Net sales by period, stacked by the year of the customers' first purchase.

    cohorts  `cohorts`: cohort_on, age (periods), net (money), is_complete, is_truncated
    repeat   Finding retention.repeat_revenue_share, for the title
    """
    period = _period(cohorts)
    begins = cohorts["cohort_on"].dt.to_period(period) + cohorts["age"].to_numpy()
    year = cohorts["cohort_on"].dt.year
    oldest = max(year.max() - YEARS + 1, year.min()) if len(year) else 0
    known = cohorts.assign(period=begins.dt.start_time, year=year.clip(lower=oldest))[cohorts["is_complete"]]
    stacked = known.pivot_table(index="period", columns="year", values="net", aggfunc="sum", fill_value=0).clip(lower=0)
    if len(stacked) < 2:
        return blank("revenue_by_cohort", repeat, period=said(f"periods.{period}"))
    sheet = Sheet("revenue_by_cohort", repeat, height=3.2, period=said(f"periods.{period}"))
    ax = sheet.axes()
    shades = [tint((rank + 1) / stacked.shape[1], most=0.95) for rank in range(stacked.shape[1])]
    ax.stackplot(stacked.index, stacked.T.to_numpy(), colors=shades, linewidth=0.4, edgecolor="white")
    ax.set_xlim(stacked.index[0], stacked.index[-1])
    ax.set_ylim(bottom=0)
    _name_bands(ax, stacked, is_cut=oldest > year.min())
    time_axis(ax, stacked.index)
    axis(ax.yaxis, "money")
    return sheet.chart()


def _name_bands(ax: Axes, stacked: pd.DataFrame, *, is_cut: bool) -> None:
    """The year of every band in the margin, joined to the band's end; the first may stand for all years before it."""
    last = stacked.iloc[-1].to_numpy()
    middles = np.cumsum(last) - last / 2
    top = max(float(stacked.sum(axis=1).max()), 1.0)
    for rank, (year, middle) in enumerate(zip(stacked.columns, middles)):
        height = spread(list(middles), 0.075 * top, 0, top)[rank]
        key = "before" if is_cut and not rank else "band"
        ax.annotate(
            said(f"charts.revenue_by_cohort.{key}", year=str(year + (key == "before"))),
            (stacked.index[-1], middle), (1.03, height), textcoords=("axes fraction", "data"), va="center", ha="left",
            size=style.LABEL - 0.5, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": style.PALE, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0},
        )  # fmt: skip


@drawn
def retention_lines(rolling: pd.DataFrame, *, formula: Finding) -> Chart:
    """Retention over the months before each period's end, by formula and by cohort, side by side.

    rolling  `retain.rolling`: period_end_on, retention_formula, retention_cohort (0–1, may be empty), low, high
    formula  Finding retention.formula, whose parts carry both figures of the last year and its months
    """
    lines = {"retention_formula": style.MUTED, "retention_cohort": style.ACCENT}
    known = rolling.dropna(subset=list(lines), how="all")
    if known.empty:
        return blank("retention_lines", formula)
    sheet = Sheet("retention_lines", formula, height=2.8)
    ax = sheet.axes()
    ax.fill_between(known["period_end_on"], known["low"], known["high"], color=style.ACCENT, alpha=0.13, linewidth=0)
    for column, colour in lines.items():
        ax.plot(known["period_end_on"], known[column], color=colour, marker="o", markersize=3 if len(known) > 12 else 5)
    values = known[[*lines, "low", "high"]]
    ax.set_ylim(max(0, float(values.min().min()) - 0.1), max(1.0, float(values.max().max()) * 1.02))
    lasts = {column: known[column].dropna().iloc[-1] for column in lines if known[column].notna().any()}
    ends = [(said(f"charts.retention_lines.{name}", share=end), end, lines[name]) for name, end in lasts.items()]
    named_ends(ax, ends)
    time_axis(ax, known["period_end_on"])
    axis(ax.yaxis, "percent")
    ax.grid(axis="y")
    return sheet.chart()
