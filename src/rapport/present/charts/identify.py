"""What came in: which months each source covers, and whether orders agree with the ledger."""

import pandas as pd
from matplotlib.patches import Rectangle

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import said
from .canvas import Chart, Sheet, axis, bare, blank, drawn, in_margin, shortened, time_axis, tint

SOURCES = 12


@drawn
def coverage(coverage: pd.DataFrame, *, gaps: Finding | None = None, basis: str = "") -> Chart:
    """Which months each source covers: the deeper the tint, the more rows; a gap inside a source's span is marked.

    coverage  one row per source and month with rows: source, month_on, rows; the first twelve sources are drawn
    gaps      Finding for the title: how many months are missing
    """
    locale = spoken()
    sources = list(dict.fromkeys(coverage["source"]))[:SOURCES]
    if coverage.empty:
        return blank("coverage", gaps, basis=basis)
    sheet = Sheet("coverage", gaps, height=0.45 + 0.34 * len(sources), basis=basis)
    ax = bare(sheet.axes())
    months = pd.date_range(coverage["month_on"].min(), coverage["month_on"].max(), freq="MS")
    for y, source in enumerate(sources):
        rows = coverage[(coverage["source"] == source) & (coverage["rows"] > 0)].set_index("month_on")["rows"]
        inside = [month for month in months if len(rows) and rows.index.min() <= month <= rows.index.max()]
        for x, month in enumerate(months):
            count = rows.get(month, 0)
            if not count and month not in inside:
                continue
            face = tint(0.25 + 0.75 * count / rows.max(), most=0.8) if count else "white"
            edge = {"edgecolor": "white", "linewidth": 0.8} if count else {"edgecolor": style.ALERT, "linewidth": 1.2}
            pad = 0.0 if count else 0.06
            ax.add_patch(Rectangle((x + pad, y + 0.14 + pad), 1 - 2 * pad, 0.72 - 2 * pad, facecolor=face, **edge))
    ax.set_yticks([y + 0.5 for y in range(len(sources))], [shortened(source, 32) for source in sources])
    ax.tick_params(axis="y", labelcolor=style.INK)
    every = max(1, -(-len(months) // 6))
    ticks = list(range(len(months)))[::-1][::every][::-1]
    ax.set_xticks([x + 0.5 for x in ticks], [locale.month(months[x]) for x in ticks])
    ax.set(xlim=(0, len(months)), ylim=(len(sources), 0))
    return sheet.chart()


@drawn
def reconciliation(reconciliation: pd.DataFrame, *, difference: Finding, tolerance: float) -> Chart:
    """Orders against the ledger, by month: the difference as a share of the ledger, with the tolerance as a band.

    reconciliation  one row per month: month_on, difference_share (signed, may be empty)
    difference      Finding for the title: the whole difference, or the months beyond tolerance
    tolerance       share up to which a month agrees
    """
    rows = reconciliation.sort_values("month_on")
    if rows["difference_share"].isna().all():
        return blank("reconciliation", difference, tolerance=tolerance)
    sheet = Sheet("reconciliation", difference, height=2.5, tolerance=tolerance)
    ax = sheet.axes()
    beyond = rows["difference_share"].abs() > tolerance
    ax.axhspan(-tolerance, tolerance, color=style.WASH, linewidth=0)
    ax.bar(
        rows["month_on"], rows["difference_share"], width=pd.Timedelta(days=20),
        color=[style.ALERT if bad else style.ACCENT for bad in beyond],
    )  # fmt: skip
    ax.axhline(0, color=style.MUTED, linewidth=0.8)
    top = max([*rows["difference_share"].abs().dropna(), tolerance]) * 1.25
    ax.set_ylim(-top, top)
    axis(ax.yaxis, "percent", ticks=6)
    time_axis(ax, rows["month_on"])
    in_margin(ax, said("charts.reconciliation.band", tolerance=tolerance), 0, color=style.MUTED)
    return sheet.chart()
