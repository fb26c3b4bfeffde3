"""What to do with the money: the plan by play, bridges from zero, and which assumption matters."""

import pandas as pd
from matplotlib.axes import Axes

from ...foundation.finding import Finding
from .. import style
from ..formats import spoken
from ..words import said
from .canvas import Chart, Sheet, axis, beside, blank, drawn, in_margin, named_ends, shortened, wrapped

PHASES = ("retain", "recover", "acquire")
PLAYS = 15
CHANGES = 12
LABEL_ROOM = 2.6  # inches for the name of a play, which may take two lines


@drawn
def money_plan(play_gates: pd.DataFrame, *, gain: Finding | None = None, basis: str = "") -> Chart:
    """What each assigned play costs and is expected to gain, phase by phase, with the low and the high case.

    play_gates  `play_gates`: phase, title, verdict, cost, gain_low, gain_mid, gain_high (money, may be empty); only
                assigned plays whose gain could be priced are drawn, the fifteen with most gain
    gain        Finding for the title: the expected gain of the whole plan
    """
    rows = play_gates[(play_gates["verdict"] == "assigned") & play_gates["gain_mid"].notna()]
    rows = rows.sort_values("gain_mid", ascending=False, kind="stable").head(PLAYS)
    rows = rows.sort_values("phase", key=lambda phase: phase.map(PHASES.index), kind="stable")
    if rows.empty:
        return blank("money_plan", gain, basis=basis)
    heads = rows["phase"].ne(rows["phase"].shift()).cumsum()
    sheet = Sheet("money_plan", gain, height=0.5 + 0.34 * (len(rows) + heads.nunique()), basis=basis)
    ax, locale = sheet.axes(), spoken()
    place = [i + group for i, group in enumerate(heads)]
    ax.barh(
        place,
        rows["gain_mid"],
        height=0.62,
        color=[style.ALERT if gain < 0 else style.ACCENT for gain in rows["gain_mid"]],
    )
    ax.hlines(place, rows["gain_low"], rows["gain_high"], color=style.INK, linewidth=1.1)
    ax.barh(place, -rows["cost"].fillna(0), height=0.62, color=style.PALE)
    ax.axvline(0, color=style.MUTED, linewidth=0.8)
    phases = {y - 1: said(f"terms.{phase}") for y, phase in zip(place, rows["phase"])}
    plays = {y: _two_lines(title) for y, title in zip(place, rows["title"])}
    labels = phases | plays
    ax.set_yticks(sorted(labels), [labels[y] for y in sorted(labels)])
    _weigh(ax, set(labels) - set(plays))
    ax.set_ylim(max(place) + 0.6, -0.6)
    ends = [*rows["gain_high"].dropna(), *rows["gain_low"].dropna(), *-rows["cost"].fillna(0), 0]
    room = (max(ends) - min(ends)) or 1
    ax.set_xlim(min(ends) - 0.02 * room, max(ends) + 0.02 * room)
    axis(ax.xaxis, "money")
    ax.grid(axis="x")
    for y, row in zip(place, rows.itertuples()):
        in_margin(ax, locale.short_money(row.gain_mid), y, weight="bold")
    return sheet.chart()


def _two_lines(title: str) -> str:
    lines = wrapped(title, LABEL_ROOM, style.LABEL - 0.5)
    return "\n".join(lines if len(lines) < 3 else [lines[0], shortened(f"{lines[1]} {lines[2]}", len(lines[1]))])


def _weigh(ax: Axes, heads: set[int]) -> None:
    """Headings of phases in bold, plays in plain ink."""
    for tick, label in zip(ax.get_yticks(), ax.get_yticklabels()):
        label.set_weight("bold" if int(tick) in heads else "normal")
    ax.tick_params(axis="y", labelcolor=style.INK)


@drawn
def returns_by_budget(returns: pd.DataFrame, *, basis: str = "") -> Chart:
    """What money spent in the best order may bring, one curve per phase.

    returns  `analysis.plan.returns_by_budget`: phase, cost, gain_low, gain_mid, gain_high (money, cumulative)
    """
    phases = [phase for phase in PHASES if (returns["phase"] == phase).any()]
    if not phases:
        return blank("returns_by_budget", basis=basis)
    sheet = Sheet("returns_by_budget", height=3.0, basis=basis)
    ax = sheet.axes()
    looks = {"retain": (style.ACCENT, "-"), "recover": (style.INK, "-"), "acquire": (style.MUTED, (0, (4, 2)))}
    ends = []
    for phase in phases:
        rows, (colour, dash) = returns[returns["phase"] == phase], looks[phase]
        ax.fill_between(rows["cost"], rows["gain_low"], rows["gain_high"], color=colour, alpha=0.1, linewidth=0)
        ax.plot(rows["cost"], rows["gain_mid"], color=colour, linestyle=dash)
        ends.append((said(f"terms.{phase}"), float(rows["gain_mid"].iloc[-1]), colour))
    ax.axhline(0, color=style.MUTED, linewidth=0.8)
    ax.set_xlim(left=0)
    named_ends(ax, ends)
    axis(ax.xaxis, "money")
    axis(ax.yaxis, "money")
    ax.set_xlabel(said("charts.returns_by_budget.x"))
    ax.grid(axis="y")
    return sheet.chart()


@drawn
def waterfall(steps: pd.DataFrame, *, name: str, unit: str, finding: Finding | None = None, basis: str = "") -> Chart:
    """A bridge from an opening to a closing figure, bar by bar from zero.

    steps    one row per bar, in order: label, amount (signed), is_total (the bar stands on zero)
    name     texts under `charts.<name>` in words; unit of the amounts (money or count)
    """
    locale = spoken()
    write = locale.short_money if unit == "money" else locale.short_count
    if steps.empty:
        return blank(name, finding, basis=basis)
    sheet = Sheet(name, finding, height=3.0, basis=basis)
    ax, level = sheet.axes(), 0.0
    tops = []
    for x, row in enumerate(steps.itertuples()):
        start = 0.0 if row.is_total else level
        level = row.amount if row.is_total else level + row.amount
        colour = style.ACCENT if row.is_total else style.ALERT if row.amount < 0 else style.PALE
        ax.bar(x, level - start, bottom=start, width=0.62, color=colour)
        tops.append(max(start, level))
        sign = "" if row.is_total or row.amount < 0 else "+"
        weight = "bold" if row.is_total else "normal"
        ax.annotate(
            f"{sign}{write(row.amount)}",
            (x, tops[-1]), xytext=(0, 3), textcoords="offset points", ha="center", va="bottom", weight=weight,
        )  # fmt: skip
        if x:
            ax.plot([x - 0.69, x - 0.31], [start if not row.is_total else level] * 2, color=style.MUTED, linewidth=0.7)
    room = 0.78 * style.WIDTH / len(steps)
    labels = [wrapped(shortened(label, 40), room, style.LABEL) for label in steps["label"]]
    ax.set_xticks(range(len(steps)), ["\n".join(lines) for lines in labels])
    ax.tick_params(axis="x", labelcolor=style.INK, length=0)
    ax.set_ylim(min([0.0, *tops]), max([*tops, 1]) * 1.1)
    ax.axhline(0, color=style.MUTED, linewidth=0.8)
    axis(ax.yaxis, unit, ticks=4)
    return sheet.chart()


@drawn
def tornado(assumptions: pd.DataFrame, *, result: Finding) -> Chart:
    """How far the result moves when each assumption takes its low and its high value, the widest first.

    assumptions  one row per assumption: label, low_label, high_label (the values tried, as text), low, high (the
                 result then, in the unit of `result`)
    result       Finding, the result with every assumption at its middle
    """
    rows = assumptions.assign(span=(assumptions["high"] - assumptions["low"]).abs())
    rows = rows.sort_values("span", ascending=False, kind="stable").head(CHANGES)
    if rows.empty:
        return blank("tornado", result)
    sheet = Sheet("tornado", result, height=0.6 + 0.32 * len(rows))
    ax, place = sheet.axes(), range(len(rows))
    middle = result.value
    for y, row in zip(place, rows.itertuples()):
        for end, label in ((row.low, row.low_label), (row.high, row.high_label)):
            ax.barh(y, end - middle, left=middle, height=0.6, color=style.ACCENT if end >= middle else style.PALE)
            beside(ax, label, end, y, left=end < middle, size=style.FOOT)
    ax.axvline(middle, color=style.INK, linewidth=0.9)
    ax.set_yticks(list(place), [shortened(label, 34) for label in rows["label"]])
    ax.tick_params(axis="y", labelcolor=style.INK)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ends = [*rows["low"], *rows["high"], middle]
    room = (max(ends) - min(ends)) or abs(middle) or 1
    ax.set_xlim(min(ends) - 0.22 * room, max(ends) + 0.22 * room)
    axis(ax.xaxis, {"share": "percent", "money": "money", "count": "count"}.get(result.unit, "number"), ticks=4)
    return sheet.chart()
