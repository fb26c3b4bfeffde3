"""Who deserves what: the ABC × XYZ grid, the volume × frequency grid, and the way from prospect to advocate."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .. import style
from ..formats import spoken
from ..words import said
from .canvas import GAP, Chart, Sheet, bare, beside, drawn, tint, wrapped


@drawn
def abc_xyz(grid: pd.DataFrame, *, basis: str = "") -> Chart:
    """The ABC × XYZ grid: share of value and customers in every cell, and what to do with them.

    grid  `analysis.abcxyz.grid`: abc, xyz, customers, customer_share, net_share (0–1, may be empty), action
    The title names the cell that holds most of the value. An empty cell is blank.
    """
    best = _best(grid)
    sheet = _sheet("abc_xyz", best, basis, cell="".join(best[["abc", "xyz"]]) if best is not None else "", height=4.2)
    columns = [letter for letter in "XYZN" if (grid["xyz"] == letter).any()]
    ax = _grid(sheet, grid, ("abc", list("ABC")), ("xyz", columns), "charts.abc_xyz", action="action")
    _heads(
        ax, [said(f"charts.abc_xyz.{letter}") for letter in columns], [said(f"charts.abc_xyz.{row}") for row in "ABC"]
    )
    return sheet.chart()


@drawn
def volume_frequency(grid: pd.DataFrame, *, basis: str = "") -> Chart:
    """The volume × frequency grid: share of value and customers in every cell.

    grid  `analysis.grid.volume_frequency`: volume_band, frequency_band, customers, customer_share, net_share
    The tenth class (`new`: set up, no purchase yet) is told in the caption's place below the grid.
    """
    best, bands = _best(grid), ["low", "mid", "high"]
    fresh = grid.loc[grid["volume_band"] == "new", "customers"]
    cell = {
        "volume": said(f"charts.volume_frequency.{best['volume_band']}") if best is not None else "",
        "frequency": said(f"charts.volume_frequency.{best['frequency_band']}") if best is not None else "",
        "new": int(fresh.iloc[0]) if len(fresh) else 0,
    }
    sheet = _sheet("volume_frequency", best, basis, height=3.2, **cell)
    rows = ("volume_band", bands[::-1])
    ax = _grid(sheet, grid, rows, ("frequency_band", bands), "charts.volume_frequency")
    words = {band: said(f"charts.volume_frequency.{band}") for band in bands}
    _heads(
        ax,
        [said("charts.volume_frequency.column", band=words[band]) for band in bands],
        [said("charts.volume_frequency.row", band=words[band]) for band in bands[::-1]],
    )
    return sheet.chart()


@drawn
def skirt(skirt: pd.DataFrame, *, basis: str = "") -> Chart:
    """The funnel joined to the ladder: from prospects listed down to advocates, with the share that takes every step.

    skirt  `analysis.funnel.skirt`: part, stage, customers (on the stage or further; may be empty), step_share, low, high
           (0–1, may be empty), came_up, came_down (may be empty)
    Stages of the funnel are pale. A stage that cannot be told says so.
    """
    steps = skirt.set_index("stage")["step_share"]
    buyers = skirt.set_index("stage")["customers"].get("buyer")
    is_told = pd.notna(steps.get("customer")) and buyers
    told = {"step": steps["customer"], "customers": int(buyers)} if is_told else {}
    sheet = Sheet("skirt" if told else "skirt_plain", height=0.4 + 0.5 * len(skirt), basis=basis, **told)
    ax = sheet.axes()
    place = [row + 0.4 * (part == "ladder") for row, part in enumerate(skirt["part"])]
    colours = [style.PALE if part == "funnel" else style.ACCENT for part in skirt["part"]]
    ax.barh(place, skirt["customers"].fillna(0), height=0.6, color=colours)
    ax.set_yticks(place, [said(f"charts.skirt.{stage}") for stage in skirt["stage"]])
    ax.tick_params(axis="y", labelcolor=style.INK)
    ax.set_xlim(0, max(skirt["customers"].max(), 1) * 1.75)
    ax.set_ylim(len(skirt) - 0.1, -0.6)
    ax.get_xaxis().set_visible(False)
    ax.spines["bottom"].set_visible(False)
    for y, row in zip(place, skirt.itertuples()):
        first, second = _step(row)
        width = 0 if pd.isna(row.customers) else row.customers
        beside(ax, first, width, y - 0.13 if second else y)
        if second:
            beside(ax, second, width, y + 0.17, color=style.MUTED, size=style.FOOT)
    return sheet.chart()


def _step(row) -> tuple[str, str]:
    """What stands beside a stage: how many and the share that came from the stage before; who came up and down."""
    if pd.isna(row.customers):
        return said("charts.skirt.unknown"), ""
    first, second = spoken().count(row.customers), ""
    if row.customers and row.step_share <= 1:
        interval = spoken().interval(row.low, row.high, "share")
        first += GAP + said("charts.skirt.step", share=row.step_share, interval=interval)
    elif row.step_share > 1:
        second = said("charts.skirt.above")
    if pd.notna(row.came_up) and (row.came_up or row.came_down):
        second = said("charts.skirt.moved", up=int(row.came_up), down=int(row.came_down))
    return first, second


def _best(grid: pd.DataFrame) -> pd.Series | None:
    known = grid.dropna(subset=["net_share"])
    known = known[known["customers"] > 0]
    return None if known.empty else known.loc[known["net_share"].idxmax()]


def _sheet(name: str, best: pd.Series | None, basis: str, *, height: float, **values) -> Sheet:
    if best is None:
        return Sheet(f"{name}_plain", height=height, basis=basis, **values)
    shares = {"customer_share": best["customer_share"], "net_share": best["net_share"]}
    return Sheet(name, height=height, basis=basis, **shares, **values)


def _grid(sheet: Sheet, grid: pd.DataFrame, rows: tuple, columns: tuple, key: str, action: str = "") -> Axes:
    """The cells: the deeper the tint, the more of the value; the share large, the customers below, then the action."""
    ax, locale = bare(sheet.axes()), spoken()
    cells = grid.set_index([rows[0], columns[0]])
    most = grid["net_share"].max() or 1
    top = 0.3 if action else 0.42
    room = (style.WIDTH - 1.5) / len(columns[1]) - 0.25
    for y, row in enumerate(rows[1]):
        for x, column in enumerate(columns[1]):
            cell = cells.loc[(row, column)]
            share = 0 if pd.isna(cell["net_share"]) else cell["net_share"]
            colour = tint(share / most) if cell["customers"] else "white"
            ax.add_patch(
                Rectangle((x + 0.02, y + 0.03), 0.96, 0.94, facecolor=colour, edgecolor=style.FAINT, linewidth=0.6)
            )
            if not cell["customers"]:
                continue
            ax.text(x + 0.09, y + top, locale.percent(share), size=13, weight="bold", va="center")
            count = said(f"{key}.cell", customers=int(cell["customers"]), share=cell["customer_share"])
            if len(wrapped(count, room + 0.1, style.FOOT)) > 1:
                count = locale.short_count(cell["customers"]) + GAP + locale.percent(cell["customer_share"])
            ax.text(x + 0.09, y + top + 0.24, count, size=style.FOOT, va="center")
            for line, text in enumerate(wrapped(cell[action], room, 7.2)[:3] if action else []):
                ax.text(x + 0.09, y + 0.69 + 0.105 * line, text, size=7.2, va="center")
    ax.set(xlim=(0, len(columns[1])), ylim=(len(rows[1]), 0))
    return ax


def _heads(ax: Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    ax.set_xticks([x + 0.5 for x in range(len(columns))], columns)
    ax.set_yticks([y + 0.5 for y in range(len(rows))], ["\n".join(wrapped(row, 1.1, 8.5)) for row in rows])
    ax.xaxis.tick_top()
    ax.tick_params(labelcolor=style.INK, pad=4)
