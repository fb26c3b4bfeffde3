"""The one door through which a table becomes HTML; every text is escaped here."""

from collections.abc import Mapping
from html import escape

import pandas as pd

from ..foundation.contracts import TABLES
from .formats import NONE, spoken
from .words import said, words

ROWS = 20  # rows of a table that are shown unless a page asks for more
IN_WORKBOOK = (
    "assignments", "play_gates", "lost", "classes", "values", "prospects_ranked", "ambiguous", "eligible_offers", "quality",
)  # fmt: skip  # tables that the workbook holds whole
WHOLE = 12  # characters of a text that is not broken over two lines
_ENDINGS = {
    "on": "date", "days": "days", "share": "share", "prob": "share", "id": "id", "months": "months", "cv": "ratio",
    "ratio": "ratio", "bias": "ratio", "mae": "number", "retention": "share", "cut": "share",
}  # fmt: skip
_MONEY_WORDS = {
    "amount", "cac", "change", "clv", "cost", "difference", "gain", "gap", "headroom", "ledger", "ltv", "margin", "net",
    "order", "own", "potential", "replacement", "spend", "threshold", "ticket", "value", "x",
}  # fmt: skip
_CODES = {
    "after", "analysis", "attribute", "band", "band_alone", "before", "direction", "group", "lever", "level", "measure",
    "merged_into", "method", "model", "of", "orientation", "part", "reading", "reason", "segment", "sign", "source_type", "stage", "table",
    "type",
}  # fmt: skip
_LISTS = {"key_scope", "noticed", "types"}  # several codes separated by ;
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
    """The frame as an accessible `<table>` in a group that scrolls by itself and can be reached by keyboard.

    of        name of the contract the columns belong to; a column's unit is taken from there
    units     unit by column, where no contract knows it or another one is meant
    headings  heading by column, where the one in words is not wanted
    rows      rows shown; below them stands how many there are (`total`, or all of the frame's)

    An empty frame gives one line: its caption and that there are no rows. Column names and values are escaped, whatever they hold.
    """
    if frame.empty:
        return f'<div class="rapport note"><p>{escape(said("tables.empty", caption=caption))}</p></div>'
    columns = {name: (units or {}).get(name) or unit(name, frame[name], of) for name in map(str, frame.columns)}
    named = {name: (headings or {}).get(name) or words(spoken().language).heading(name) for name in columns}
    shown = frame.head(rows)
    written = {name: column(in_words(shown[name], of), columns[name]) for name in columns}
    looks = [_look(columns[name], cells) for name, cells in written.items()]
    heads = zip(looks, named.values(), strict=True)
    head = "".join(f'<th scope="col"{look}>{escape(heading)}</th>' for look, heading in heads)
    body = "".join(_row(cells, looks) for cells in zip(*written.values(), strict=True))
    label = escape(said("tables.scroll", caption=caption), quote=True)
    return (
        f'<div class="rapport table"><div class="scroll" tabindex="0" role="group" aria-label="{label}">'
        f"<table><caption><span>{escape(caption)}</span></caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"{_remark(len(shown), total or len(frame), of)}</div>"
    )


def unit(name: str, values: pd.Series, of: str | None = None) -> str:
    """The unit of a column: from its contract, else from any contract that has the name, else from name and dtype.

    A number whose name holds a word for money (`orders_net`, `amount_used`) is money.
    """
    contracts = [TABLES[of]] if of else TABLES.values()
    declared = {table.columns[name].unit for table in contracts if name in table.columns}
    if len(declared) == 1:
        return declared.pop()
    *_, last = parts = name.split("_")
    if last in _ENDINGS or "share" in parts:
        return _ENDINGS.get(last, "share")
    if pd.api.types.is_float_dtype(values) and _MONEY_WORDS & set(parts):
        return "money"
    if pd.api.types.is_bool_dtype(values):
        return "yes/no"
    if pd.api.types.is_integer_dtype(values):
        return "count"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    return "number" if pd.api.types.is_float_dtype(values) else "text"


def column(values: pd.Series, unit: str) -> list[str]:
    """The values of one column as text, all with the same number of decimals; what is missing is an en dash.

    Text stays as it is, also in a column that should hold something else.
    """
    write = _writer(values, unit)
    return [NONE if _is_missing(value) else value if isinstance(value, str) else write(value) for value in values]


def in_words(values: pd.Series, of: str | None) -> pd.Series:
    """The column with its codes in words, where it holds codes of the kit; a client's text stays as it is."""
    term = words(spoken().language).term
    if values.name in _LISTS:
        return values.map(lambda codes: ", ".join(" ".join(map(term, code.split(":", 1))) for code in codes.split(";")))
    contracts = [TABLES[of]] if of else TABLES.values()
    is_choice = any(values.name in table.columns and table.columns[values.name].options for table in contracts)
    if not is_choice and values.name not in _CODES:
        return values
    return values.map(term, na_action="ignore")


def _writer(values: pd.Series, unit: str):
    locale = spoken()
    if unit == "yes/no":
        return lambda value: said("tables.yes" if value else "tables.no")
    if unit == "date":
        return lambda day: locale.date(day, "medium")
    if unit == "month":
        return locale.month
    decimals = _decimals(values, unit)
    if unit == "money":
        return lambda value: locale.money(value, decimals)
    if unit in ("share", "percent"):
        return lambda value: locale.percent(value, decimals)
    return str if unit in ("id", "text") else lambda value: locale.number(value, decimals)


def _decimals(values: pd.Series, unit: str) -> int:
    """Decimals of a column of numbers: cents where all is small, none where all is whole, more where all is tiny."""
    fixed = {"share": 1, "percent": 1, "count": 0, "days": 0}
    if unit in fixed or unit in _TEXTUAL:
        return fixed.get(unit, 0)
    known = pd.to_numeric(values, errors="coerce").dropna().abs()
    largest = known.max() if len(known) else 0
    if unit == "money":
        return 2 if 0 < largest < 100 else 0
    if (known == known.round()).all():
        return 0
    return 1 if unit in ("orders", "months") else 4 if largest < 0.1 else 2


def _row(cells: tuple[str, ...], looks: list[str]) -> str:
    first, *rest = zip(cells, looks, strict=True)
    head = f'<th scope="row"{first[1]}>{escape(first[0])}</th>'
    return f"<tr>{head}{''.join(f'<td{look}>{escape(cell)}</td>' for cell, look in rest)}</tr>"


def _look(unit: str, cells: list[str]) -> str:
    """The class of a column: numbers stand right, days and identifiers stay whole, sentences and phrases get room."""
    if unit not in _TEXTUAL:
        return ' class="number"'
    longest = max(map(len, cells), default=0)
    if unit in ("date", "month", "id") or longest <= WHOLE:
        return ' class="whole"'
    return ' class="long"' if longest > 45 else ' class="phrase"' if longest > 18 else ""


def _is_missing(value) -> bool:
    return value is None or (pd.api.types.is_scalar(value) and pd.isna(value))


def _remark(shown: int, total: int, of: str | None) -> str:
    if shown >= total:
        return ""
    key = "first_rows_of_workbook" if of in IN_WORKBOOK else "first_rows"
    return f'<p class="remark">{escape(said(f"tables.{key}", shown=shown, total=total))}</p>'
