"""What a page calls to show something: findings, charts, tables, banners and notes.

Everything leaves as rich display output made here, which is all that the report keeps of a page's code.
"""

from collections.abc import Mapping
from functools import singledispatch
from html import escape
from importlib.resources import files
from typing import Any, Literal

import pandas as pd
from IPython.display import display

from ..foundation.errors import ReportError
from ..foundation.finding import Finding, obedient
from . import tables
from .charts.canvas import Chart, shortened
from .formats import Locale, speak, spoken
from .words import said, words

_GATES = ("green", "amber", "red")
BECAUSE = 240  # characters of a reason that a card shows
SHORT = 10  # characters of a headline figure; longer ones are words and may take two lines
_WITHHELD: dict[str, str] = {}  # what the data do not allow on the page at hand: finding or subject → reason
MARK = "rapport"  # key in an output's metadata that says it was made here


def start_page(*, language: str = "en", currency: str = "EUR", withheld: Mapping[str, str] | None = None) -> Locale:
    """Sets the language and currency of the page, and lets it look in JupyterLab as it will in the report.

    withheld  findings the data do not allow, with the reason; it is shown in their place, and in that of their charts
    """
    _WITHHELD.clear()
    _WITHHELD.update(withheld or {})
    css = files("rapport.present").joinpath("template/parts.css").read_text("utf-8")
    _send("text/html", f"<style>{css}</style>", role="style")
    return speak(language, currency)


@singledispatch
def show(thing: Any, **_: Any) -> None:
    """Shows a Finding as a card, a Chart as a figure, a DataFrame as a table.

    A table takes `caption` (required) and `of`, `units`, `headings`, `rows`, `total` as `tables.html` does.
    Raises ReportError for anything else.
    """
    raise ReportError(
        f"show() cannot show a {type(thing).__name__}.",
        "the cell that calls it",
        "give it a Finding, a Chart or a DataFrame.",
    )


@show.register
def _(thing: Finding) -> None:
    _send("text/html", card(obedient(thing, _WITHHELD)))


@show.register
def _(thing: Chart) -> None:
    reasons = [_WITHHELD.get(id) or _WITHHELD.get(f"{id.split('.')[0]}.") for id in thing.findings]
    if any(reasons):
        note(said("readiness.no_chart", because=next(filter(None, reasons))))
        return
    if thing.is_blank:
        note(said("card.blank", title=thing.title.rstrip(".")))
        return
    _send("image/svg+xml", thing.svg(), alt=thing.alt, caption=thing.caption, title=thing.title)


@show.register
def _(
    thing: pd.DataFrame,
    *,
    caption: str,
    of: str | None = None,
    units: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
    rows: int = tables.ROWS,
    total: int | None = None,
) -> None:
    _send(
        "text/html", tables.html(thing, caption=caption, of=of, units=units, headings=headings, rows=rows, total=total)
    )


def sentences(frame: pd.DataFrame, *, of: str) -> pd.Series:
    """Each row in words: the sentence `<of>.<case>` filled with the row's values.

    In: a frame with the column `case`. A row without one, or of a case that has no sentence, raises ReportError.
    """
    rows = frame.to_dict("records")
    return pd.Series([said(f"{of}.{row['case']}", **row) for row in rows], index=frame.index, dtype=object)


def changes(frame: pd.DataFrame) -> pd.DataFrame:
    """The table of `analysis.compare.changes` in words: measure, before, now, change (with its sign), verdict.

    A change too small to be written (+0.00) is left out.
    """
    speech = words(spoken().language)
    written = [
        {
            "measure": speech.label(row.id),
            "before": _figure(row.before, row.unit),
            "now": _figure(row.now, row.unit),
            "change": _signed(row.change, row.unit),
            "verdict": speech.term(row.verdict) if row.verdict else "",
        }
        for row in frame.itertuples()
    ]
    table = pd.DataFrame(written, columns=["measure", "before", "now", "change", "verdict"])
    is_nothing = table["before"].eq(table["now"]) & ~table["change"].str.contains("[1-9]")
    return table[~is_nothing].reset_index(drop=True)


def _figure(value: Any, unit: str) -> str:
    return words(spoken().language).term(value) if isinstance(value, str) else spoken().text(value, unit)


def _signed(change: float, unit: str) -> str:
    if pd.isna(change):
        return ""
    sign = "+" if change > 0 else ""
    if unit == "share":
        return said("tables.points", change=f"{sign}{spoken().number(100 * change, 1)}")
    return f"{sign}{spoken().text(change, unit)}"


def tiles(*findings: Finding, of: str = "") -> None:
    """Shows findings as a row of headline figures, for a summary; `of` is the phase they speak of."""
    phase = f'<p class="of">{escape(words(spoken().language).term(of))}</p>' if of else ""
    _send(
        "text/html", f'<div class="rapport row">{phase}<div class="tiles">{"".join(map(_tile, findings))}</div></div>'
    )


def banner(text: str, level: Literal["green", "amber", "red"] = "amber") -> None:
    """Shows a gate: clear (green), go with caution (amber) or stop (red), with its reason."""
    _send("text/html", gate(text, level))


def note(text: str) -> None:
    """Shows a remark of second rank."""
    _send("text/html", f'<div class="rapport note"><p>{escape(text)}</p></div>')


def card(finding: Finding) -> str:
    """A finding as HTML: headline figure, sentence, and what it rests on; what is not available is one sentence."""
    speech = words(spoken().language)
    if finding.value in _GATES:
        return gate(speech.sentence(finding), finding.value)
    wordless = finding.unit == "text" or finding.value is None
    figure = "" if wordless else f'<p class="figure">{escape(headline(finding))}</p>'
    rests = f'<p class="rests">{_badges(finding)}{escape(_rests_on(finding))}</p>'
    return (
        f'<div class="rapport finding {finding.status}">{figure}'
        f'<div><p class="sentence">{escape(speech.sentence(finding))}</p>'
        f"{'' if finding.status == 'not_available' else rests}</div></div>"
    )


def gate(text: str, level: str) -> str:
    """A gate as HTML."""
    word = escape(said(f"card.{level}"))
    return f'<div class="rapport banner {level}"><p><strong>{word}.</strong> {escape(text)}</p></div>'


def headline(finding: Finding) -> str:
    """The value of a finding as a headline: as words has it, else money and large counts short, all else in full."""
    locale, speech = spoken(), words(spoken().language)
    if finding.value is None:
        return said("card.not_available")
    if isinstance(finding.value, str):
        return speech.term(finding.value)
    writers = {"money": locale.short_money, "count": locale.short_count}
    write = writers.get(finding.unit, lambda value: locale.text(value, finding.unit))
    return speech.headline(finding) or write(finding.value)


def _tile(finding: Finding) -> str:
    finding = obedient(finding, _WITHHELD)
    speech = words(spoken().language)
    rests = said("card.tile", basis=speech.dated(finding.basis), n=finding.n)
    parts = [speech.because(finding)] if finding.status == "not_available" else [_interval(finding, short=True), rests]
    small, figure = ". ".join(filter(None, parts)), headline(finding)
    look = "figure words" if len(figure) > SHORT and finding.value is not None else "figure"
    return (
        f'<div class="tile {finding.status}"><p class="name">{escape(speech.name(finding))}</p>'
        f'<p class="{look}">{escape(figure)}</p><p class="rests">{_badges(finding)}{escape(small)}</p></div>'
    )


def _badges(finding: Finding) -> str:
    badges = [("indicative", said("card.indicative"))] if finding.status == "indicative" else []
    badges += [(f"grade {finding.grade}", said("card.grade", grade=finding.grade))] if finding.grade else []
    return "".join(f'<span class="badge {kind}">{escape(text)}</span> ' for kind, text in badges)


def _rests_on(finding: Finding) -> str:
    parts = [_interval(finding)]
    if finding.basis:
        parts.append(words(spoken().language).basis(finding))
    if finding.because and finding.status != "not_available" and finding.unit != "text":
        parts.append(shortened(words(spoken().language).because(finding), BECAUSE))
    return ". ".join(part.rstrip(".") for part in parts if part) + ("." if any(parts) else "")


def _interval(finding: Finding, *, short: bool = False) -> str:
    if finding.low is None or finding.high is None:
        return ""
    interval = spoken().interval(finding.low, finding.high, finding.unit, short=short)
    if finding.level is None:
        return said("card.cases", interval=interval)
    return said("card.interval", level=spoken().percent(finding.level, 0), interval=interval)


def _send(mime: str, data: str, **about: str) -> None:
    display({mime: data}, raw=True, metadata={mime: {MARK: True, **about}})
