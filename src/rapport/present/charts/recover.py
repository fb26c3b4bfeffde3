"""Who left, who comes back, whom to call: curves of return, the target zone, reasons and hazards."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import said, words
from .canvas import GAP, Chart, Sheet, axis, blank, day_ticks, drawn, in_margin, log_axis, named_ends, shortened

GROUPS = 4  # beyond so many curves a reader cannot tell them apart
REASONS = 12
_LOOKS = ((style.ACCENT, "-"), (style.INK, "-"), (style.MUTED, (0, (4, 2))), (style.ACCENT, (0, (1, 1.2))))


@drawn
def alive_curves(
    alive_curves: pd.DataFrame, *, curve: str, finding: Finding | None = None, horizon: int | None = None
) -> Chart:
    """The share to whom it has not happened yet, by days, with band and the number still watched.

    alive_curves  `alive_curves`: curve, group, day, share, low, high (0–1), at_risk; the first four groups are drawn
    curve         which curve of the table; words has its texts under `charts.<curve>`
    finding       what the title says (a median, or a share at a horizon)
    horizon       last day shown
    """
    rows = alive_curves[alive_curves["curve"] == curve]
    name = f"curve_{curve.replace(' ', '_')}"
    if rows.empty:
        return blank(name, finding)
    last = horizon or int(rows["day"].max())
    groups = list(dict.fromkeys(rows["group"]))[:GROUPS]
    sheet = Sheet(name, finding, height=2.6 + 0.16 * len(groups))
    ax, ends = sheet.axes(), []
    ticks = day_ticks(last)
    table = []
    for group, (colour, dash) in zip(groups, _LOOKS):
        line = rows[(rows["group"] == group) & (rows["day"] <= last)].sort_values("day")
        ax.fill_between(line["day"], line["low"], line["high"], step="post", color=colour, alpha=0.13, linewidth=0)
        ax.step(line["day"], line["share"], where="post", color=colour, linestyle=dash)
        ends.append((shortened(group, 22), float(line["share"].iloc[-1]), colour))
        left = np.searchsorted(line["day"], ticks, side="right") - 1
        table.append((shortened(group, 22), line["at_risk"].to_numpy()[left.clip(min=0)], colour))
    ax.set(xlim=(0, max(last, 1)), ylim=(0, 1.02))
    axis(ax.yaxis, "percent")
    ax.set_xticks(ticks, [spoken().count(day) for day in ticks])
    ax.set_xlabel(said("charts.at_risk.x"))
    if len(groups) > 1:
        named_ends(ax, ends)
    _at_risk(ax, ticks, table, last)
    return sheet.chart()


def _at_risk(ax: Axes, ticks: np.ndarray, table: list[tuple], last: int) -> None:
    """How many are still watched, below the axis, one line per group."""
    points = 42.0
    ax.annotate(
        said("charts.at_risk.heading"), (0, 0), xytext=(0, -points + 9), xycoords=("data", "axes fraction"),
        textcoords="offset points", size=7.5, color=style.MUTED, va="center", ha="left", annotation_clip=False,
    )  # fmt: skip
    for line, (_, counts, colour) in enumerate(table):
        for day, count in zip(ticks, counts):
            ax.annotate(
                spoken().short_count(count), (day, 0), xytext=(0, -points - 11 * line), textcoords="offset points",
                xycoords=("data", "axes fraction"), size=7.5, color=colour, va="center", annotation_clip=False,
                ha="left" if day == 0 else "right" if day == last else "center",
            )  # fmt: skip


@drawn
def alive_by_value(
    points: pd.DataFrame, *, targets: Finding, alive_low: float, alive_high: float, value_from: float
) -> Chart:
    """Every customer by the chance that it is still a customer and by its value, with the zone worth a call marked.

    points      one row per customer: alive_prob (0–1), value (money; only what is above zero is drawn, on a log axis)
    targets     Finding for the title: how many customers lie in the zone
    alive_low, alive_high, value_from   the zone's edges (0–1, 0–1, money)
    """
    shown = points[(points["value"] > 0) & points["alive_prob"].notna()]
    if shown.empty:
        return blank("alive_by_value", targets)
    sheet = Sheet("alive_by_value", targets, height=3.6)
    ax = sheet.axes()
    inside = shown["alive_prob"].between(alive_low, alive_high) & (shown["value"] >= value_from)
    many = len(shown) > style.RASTER_ABOVE
    look = {"linewidths": 0, "alpha": 0.35 if many else 0.6, "s": 7 if many else 14, "rasterized": many}
    ax.set_yscale("log")
    ax.scatter(shown["alive_prob"][~inside], shown["value"][~inside], color=style.PALE, **look)
    ax.scatter(shown["alive_prob"][inside], shown["value"][inside], color=style.ALERT, **look)
    top = max(shown["value"].max() * 1.6, value_from * 2)
    ax.set_ylim(shown["value"].min() * 0.7, top)
    ax.add_patch(
        Rectangle(
            (alive_low, value_from),
            alive_high - alive_low,
            top - value_from,
            fill=False,
            edgecolor=style.ALERT,
            linewidth=1,
        )
    )
    label = said("charts.alive_by_value.zone")
    ax.text(alive_low + 0.01, top / 1.12, label, color=style.ALERT_TEXT, va="top", ha="left", size=8, weight="bold")
    ax.set_xlim(-0.01, 1.01)
    axis(ax.xaxis, "percent")
    log_axis(ax.yaxis)
    ax.set_xlabel(said("charts.alive_by_value.x"))
    return sheet.chart()


@drawn
def reasons(reasons: pd.DataFrame, *, finding: Finding | None = None) -> Chart:
    """Stated reasons as dots with their intervals, the most frequent first.

    reasons  one row per reason: reason, customers, share, low, high (0–1, 95 %); at most twelve are drawn
    """
    if reasons.empty:
        return blank("reasons", finding)
    sheet = Sheet("reasons", finding, height=_height(reasons))
    return _dots(sheet, reasons, "reason", "share", spoken().percent)


@drawn
def forest(hazards: pd.DataFrame, *, finding: Finding | None = None) -> Chart:
    """Ratios with their intervals on a log axis around 1: association, not cause.

    hazards  `analysis.drivers.drivers`: term, ratio, low, high (95 %), customers, is_shown (whether an association is
             shown, corrected for the number of signs; the others are pale); rows without a ratio are left out
    """
    hazards = hazards.dropna(subset=["ratio", "low", "high"])
    if hazards.empty:
        return blank("forest", finding)
    sheet = Sheet("forest", finding, height=_height(hazards))
    return _dots(sheet, hazards, "term", "ratio", spoken().number, is_log=True)


@drawn
def gains(gains: pd.DataFrame, *, paying: Finding | None = None, basis: str = "") -> Chart:
    """What contacting ever more of the list is expected to bring, with the contact after which a further one costs more.

    gains   `analysis.winback.gains`: contacts, low, mid, high (money after cost, added up)
    paying  Finding for the title and the mark: the rank of the last contact that pays
    """
    if len(gains) < 2:
        return blank("gains", paying, basis=basis)
    sheet = Sheet("gains", paying, height=2.8, basis=basis)
    ax, locale = sheet.axes(), spoken()
    ax.fill_between(gains["contacts"], gains["low"], gains["high"], color=style.ACCENT, alpha=0.13, linewidth=0)
    ax.plot(gains["contacts"], gains["mid"], color=style.ACCENT)
    ax.axhline(0, color=style.MUTED, linewidth=0.8)
    top = gains.loc[gains["mid"].idxmax()]
    ax.scatter([top["contacts"]], [top["mid"]], color=style.INK, s=34, zorder=3)
    right = top["contacts"] > gains["contacts"].max() / 2
    ax.annotate(
        said("charts.gains.mark", contacts=int(top["contacts"]), gain=locale.short_money(top["mid"])),
        (top["contacts"], top["mid"]), xytext=(-8 if right else 8, 8), textcoords="offset points",
        ha="right" if right else "left", va="bottom", weight="bold",
    )  # fmt: skip
    ends = gains[["low", "mid", "high"]].to_numpy()
    room = (ends.max() - ends.min()) or 1
    ax.set(xlim=(0, gains["contacts"].max()), ylim=(ends.min() - 0.05 * room, ends.max() + 0.15 * room))
    axis(ax.xaxis, "count")
    axis(ax.yaxis, "money")
    ax.set_xlabel(said("charts.gains.x"))
    ax.grid(axis="y")
    return sheet.chart()


def _height(rows: pd.DataFrame) -> float:
    return 0.6 + 0.29 * min(len(rows), REASONS)


def _dots(sheet: Sheet, rows: pd.DataFrame, label: str, value: str, write, *, is_log: bool = False) -> Chart:
    ax, rows = sheet.axes(), rows.head(REASONS)
    place = list(range(len(rows)))
    clear = rows["is_shown"] if is_log else pd.Series(True, index=rows.index)
    colours = [style.ACCENT if sure else style.PALE for sure in clear]
    ax.hlines(place, rows["low"], rows["high"], color=colours, linewidth=2.2)
    ax.scatter(rows[value], place, color=colours, s=42, zorder=3)
    term = words(spoken().language).term
    ax.set_yticks(place, [shortened(term(text), 34) for text in rows[label]])
    ax.tick_params(axis="y", labelcolor=style.INK)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    if is_log:
        ax.set_xscale("log")
        ax.axvline(1, color=style.MUTED, linewidth=0.8)
        ends = [*rows["low"], *rows["high"], 0.8, 1.25]
        ax.set_xlim(min(ends) / 1.15, max(ends) * 1.15)
        _log_ticks(ax)
    else:
        ax.set_xlim(0, min(1.0, rows["high"].max() * 1.08))
        axis(ax.xaxis, "percent")
    for y, row in zip(place, rows.itertuples()):
        in_margin(ax, f"{write(getattr(row, value))}{GAP}n = {spoken().count(row.customers)}", y)
    ax.grid(axis="x")
    return sheet.chart()


def _log_ticks(ax: Axes) -> None:
    """Ticks of a log axis at plain figures around 1."""
    low, high = ax.get_xlim()
    fine, coarse = [0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5], [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
    shown = [tick for tick in (fine if high / low < 12 else coarse) if low <= tick <= high]
    ax.set_xticks(
        shown, [spoken().number(tick, 2 if tick < 0.1 else 0 if float(tick).is_integer() else 1) for tick in shown]
    )
    ax.minorticks_off()
