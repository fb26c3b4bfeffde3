"""The one door through which a table becomes HTML; every text is escaped here."""

from collections.abc import Mapping
from html import escape

import pandas as pd

from ..foundation.contracts import TABLES
from .formats import NONE, spoken
from .words import said, words

ROWS = 20  # rows of a table that are shown unless a page asks for more
_TEXTUAL = ("text", "id", "yes/no", "date", "month")


def html(
    frame: pd.DataFrame,
    *,
    caption: str,
    of: str | None = None,
    units: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
    rows: int = ROWS,
    total: int | None = None,
) -> str:
    """The frame as an accessible `<table>` in a region that scrolls by itself.

    of        name of the contract the columns belong to; a column's unit is taken from there
    units     unit by column, where no contract knows it or another one is meant
    headings  heading by column, where the one in words is not wanted
    rows      rows shown; below them stands how many there are (`total`, or all of the frame's)

    An empty frame gives its caption and "No rows". Column names and values are escaped, whatever they hold.
    """
    columns = {name: (units or {}).get(name) or unit(name, frame[name], of) for name in map(str, frame.columns)}
    named = {name: (headings or {}).get(name) or words(spoken().language).heading(name) for name in columns}
    shown = frame.head(rows)
    head = "".join(f'<th scope="col"{_side(columns[name])}>{escape(named[name])}</th>' for name in columns)
    written = [column(in_words(shown[name], of), columns[name]) for name in columns]
    body = "".join(_row(cells, list(columns.values())) for cells in zip(*written, strict=True))
    label = escape(said("tables.scroll", caption=caption), quote=True)
    return (
        f'<div class="rapport table"><div class="scroll" tabindex="0" role="region" aria-label="{label}">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"{_remark(len(shown), total or len(frame))}</div>"
    )


def unit(name: str, values: pd.Series, of: str | None = None) -> str:
    """The unit of a column: from its contract, else from any contract that has the name, else from name and dtype."""
    contracts = [TABLES[of]] if of else TABLES.values()
    declared = {table.columns[name].unit for table in contracts if name in table.columns}
    if len(declared) == 1:
        return declared.pop()
    endings = {"_on": "date", "_days": "days", "_share": "share", "_prob": "share", "_id": "id"}
    ending = next((unit for ending, unit in endings.items() if name.endswith(ending)), None)
    if ending:
        return ending
    if pd.api.types.is_bool_dtype(values):
        return "yes/no"
    if pd.api.types.is_integer_dtype(values):
        return "count"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    return "number" if pd.api.types.is_float_dtype(values) else "text"


def column(values: pd.Series, unit: str) -> list[str]:
    """The values of one column as text, all with the same number of decimals; what is missing is an en dash."""
    write = _writer(values, unit)
    return [NONE if _is_missing(value) else write(value) for value in values]


def in_words(values: pd.Series, of: str | None) -> pd.Series:
    """The column with its codes in words, where a contract says that it holds codes; other text stays as it is."""
    contracts = [TABLES[of]] if of else TABLES.values()
    if not any(values.name in table.columns and table.columns[values.name].options for table in contracts):
        return values
    return values.map(words(spoken().language).term, na_action="ignore")


def _writer(values: pd.Series, unit: str):
    locale = spoken()
    if unit == "yes/no":
        return lambda value: said("tables.yes" if value else "tables.no")
    if unit == "date":
        return lambda day: locale.date(day, "medium")
    if unit == "month":
        return locale.month
    largest = pd.to_numeric(values, errors="coerce").abs().max() if unit not in _TEXTUAL else None
    decimals = {
        "money": 2 if pd.notna(largest) and largest < 100 else 0,
        "share": 1,
        "percent": 1,
        "count": 0,
        "days": 0,
        "orders": 1,
        "months": 1,
    }.get(unit, 2)
    if unit == "money":
        return lambda value: locale.money(value, decimals)
    if unit in ("share", "percent"):
        return lambda value: locale.percent(value, decimals)
    return str if unit in ("id", "text") else lambda value: locale.number(value, decimals)


def _row(cells: tuple[str, ...], units: list[str]) -> str:
    first, *rest = zip(cells, units, strict=True)
    head = f'<th scope="row"{_side(first[1])}>{escape(first[0])}</th>'
    return f"<tr>{head}{''.join(f'<td{_side(unit)}>{escape(cell)}</td>' for cell, unit in rest)}</tr>"


def _side(unit: str) -> str:
    return "" if unit in _TEXTUAL else ' class="number"'


def _is_missing(value) -> bool:
    return value is None or (pd.api.types.is_scalar(value) and pd.isna(value))


def _remark(shown: int, total: int) -> str:
    if not total:
        return f'<p class="remark">{escape(said("tables.empty"))}</p>'
    return (
        f'<p class="remark">{escape(said("tables.first_rows", shown=shown, total=total))}</p>' if shown < total else ""
    )
