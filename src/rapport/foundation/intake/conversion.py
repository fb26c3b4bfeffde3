"""Raw cells → values in the contract's types and units: declared or proven formats, formulas, one currency."""

import numpy as np
import pandas as pd

from ..contracts import Column
from ..errors import IntakeError
from . import answers
from .amounts import numbers
from .arithmetic import DECIMALS, Formula
from .canonical import MAIN_DAY, MAIN_MONEY, Reading
from .converted import SAMPLES, Converted
from .currencies import currency_of_rows, rates_of_rows
from .dates import days
from .styles import Styles

MONTHS_ALLOWED = ("month_on", "spent_on")


def convert(reading: Reading, styles: Styles, currency: str) -> None:
    """Fill `reading.read` and `reading.values`: every mapped or computed column in its contract's type and unit."""
    for ours, cells in reading.raw.items():
        if ours in reading.columns:
            reading.read[ours] = _converted(ours, reading.columns[ours], cells, reading, styles)
            _remark_on_zone(ours, cells, reading)
    for ours, text in reading.source.compute.items():
        reading.read[ours] = _computed(ours, Formula(text, reading.received.where), reading, styles)
    reading.values = {ours: read.values for ours, read in reading.read.items()}
    _read_currency(reading, currency)


def refuse_unreadable(reading: Reading) -> None:
    """Raises IntakeError for the first column with a cell, in a row still used, that could not be read.

    Cells of columns declared under `unreadable:` are emptied instead, and their rows and a few of them reported.
    """
    for ours, read in reading.read.items():
        places = np.flatnonzero(read.bad & reading.fates.kept)
        if not len(places):
            continue
        if ours not in reading.source.unreadable:
            raise _unreadable(reading, ours, places)
        reading.values[ours] = _emptied(reading.values[ours], read.bad)
        check = f"{ours} that is {_words(ours, reading.columns[ours])}"
        why = f"declared: unreadable: {{{ours}: empty}}; such as {_seen(reading, ours, places)}"
        reading.fates.remark(read.bad, check, "left empty", why, "caution")


def into_one_currency(reading: Reading, currency: str) -> None:
    """Money of the rows still used in the engagement's currency, at declared rates. Raises IntakeError (DEF8)."""
    codes = reading.values.get("currency")
    if codes is None:
        return
    rates = rates_of_rows(codes, reading.fates.kept, reading.source, currency, reading.received.where)
    foreign = codes != currency
    if not foreign.any():
        return
    for name in reading.source.money_columns:
        if name in reading.values:
            values = reading.values[name]
            reading.values[name] = np.where(foreign, np.round(values * rates, DECIMALS), values)
    for code in sorted(set(codes[foreign & reading.fates.kept])):
        reading.fates.remark(
            codes == code,
            f"amounts in {code}",
            "converted",
            f"declared: 1 {code} = {reading.source.rates[code]:.6g} {currency}",
        )


def _converted(ours: str, column: Column, cells: pd.Series, reading: Reading, styles: Styles) -> Converted:
    where = f"{reading.received.where}, column '{reading.theirs.get(ours, ours)}' ({ours})"
    if column.unit == "date":
        declared = reading.source.format_of(ours)
        orders = {} if declared else styles.orders(ours, cells, reading.received, where)
        return days(
            cells, orders=orders, date_format=declared, months_only=ours in MONTHS_ALLOWED, latest=styles.latest
        )
    if column.dtype == "float64":
        decimal = styles.decimal(cells, reading.received, where)
        read = numbers(cells, decimal=decimal, thousands=reading.source.thousands)
        return _share(read, where) if column.unit == "share" else read
    if column.dtype in ("bool", "boolean"):
        return answers.answers(cells)
    if column.options:
        return answers.choices(cells, column.options)
    return answers.identifiers(cells) if column.unit == "id" else answers.texts(cells)


def _remark_on_zone(ours: str, cells: pd.Series, reading: Reading) -> None:
    """Moments with a time zone become the days of that zone: around midnight that is another day than the firm's."""
    zone = getattr(cells.dtype, "tz", None)
    if zone is None or (cells.dropna().dt.normalize() == cells.dropna()).all():
        return
    name = reading.theirs.get(ours, ours)
    why = f"around midnight the firm's day is another: convert in the query, ({name} at time zone 'Europe/…')::date"
    reading.fates.remark(
        cells.notna().to_numpy(), f"moments in {zone} ({ours})", f"taken as the days of {zone}", why, "caution"
    )


def _share(read: Converted, where: str) -> Converted:
    """A share lies between 0 and 1; figures such as 15 are percent nobody has declared."""
    if np.nanmax(np.abs(read.values), initial=0) > 1:
        raise IntakeError(
            f"a share (0 to 1) is as large as {np.nanmax(np.abs(read.values)):g}: it seems to be in percent.",
            where,
            'divide it: under `compute:` write for example `discount_share: "Discount / 100"`.',
        )
    return read


def _computed(ours: str, formula: Formula, reading: Reading, styles: Styles) -> Converted:
    rows = len(reading.received.frame)
    parts = {name: _part(name, ours, reading, styles) for name in formula.names}
    values = np.broadcast_to(formula({name: part.values for name, part in parts.items()}), rows).copy()
    bad = np.logical_or.reduce([np.zeros(rows, dtype=bool), *(part.bad for part in parts.values())])
    return Converted(values, bad, f"computed: {formula.text}", _computations(formula, values, bad, reading))


def _computations(
    formula: Formula, values: np.ndarray, bad: np.ndarray, reading: Reading
) -> tuple[tuple[str, str], ...]:
    """Rows spread over the file: the cells that were computed with, as received, and what came of them."""
    good = np.flatnonzero(~bad & ~pd.isna(values))
    rows = good[np.linspace(0, len(good) - 1, min(len(good), SAMPLES)).astype(int)] if len(good) else good
    cells = {name: reading.received.frame[name].astype(object) for name in formula.names}
    return tuple(
        (", ".join(f"{name} {column.iloc[row]}" for name, column in cells.items()), f"{values[row]:.10g}")
        for row in rows
    )


def _part(theirs: str, ours: str, reading: Reading, styles: Styles) -> Converted:
    """A column of the client as numbers, needed to compute one of ours."""
    cells = reading.received.frame[theirs].reset_index(drop=True)
    where = f"{reading.received.where}, column '{theirs}' (needed to compute {ours})"
    decimal = styles.decimal(cells, reading.received, where)
    return numbers(cells, decimal=decimal, thousands=reading.source.thousands)


def _read_currency(reading: Reading, currency: str) -> None:
    source = reading.source
    held = [name for name in source.money_columns if name in reading.values]
    if not held:
        return
    main = next((name for name in MAIN_MONEY if name in held), held[0])
    codes, unknown = currency_of_rows(
        source,
        column=reading.raw.get("currency"),
        amounts=reading.raw.get(main),
        days=reading.values.get(MAIN_DAY.get(source.table, "")),
        rows=len(reading.received.frame),
        currency=currency,
    )
    reading.values["currency"] = codes
    reading.read["currency"] = Converted(codes, unknown, "three-letter codes and currency signs")


def _unreadable(reading: Reading, ours: str, places: np.ndarray) -> IntakeError:
    column = reading.columns.get(ours)
    first = str(reading.raw[ours].iloc[places[0]]) if ours in reading.raw else "…"
    rows = f"{len(places):,} of {len(reading.received.frame):,} rows"
    policy = f" Or have all such cells left empty: `unreadable: {{{ours}: empty}}`."
    return IntakeError(
        f"{reading.source.table}.{ours} is {_words(ours, column)} in {rows}: {_seen(reading, ours, places)}.",
        f"{reading.received.place(places[0])}, column '{reading.theirs.get(ours, ours)}'",
        _cure(ours, column, first) + (policy if reading.source.may_be_emptied(ours) else ""),
    )


def _seen(reading: Reading, ours: str, places: np.ndarray) -> str:
    """The first few different cells of a column at these places, as received."""
    if ours not in reading.raw:
        return "a value it is computed from"
    return ", ".join(f"'{cell}'" for cell in pd.unique(reading.raw[ours].iloc[places])[:4])


def _emptied(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    emptied = values.copy()
    emptied[rows] = {"M": np.datetime64("NaT"), "f": np.nan}.get(values.dtype.kind)
    return emptied


def _words(ours: str, column: Column | None) -> str:
    """What a cell that could not be read is not."""
    if column is None:
        return "no known currency"
    if column.options:
        return f"none of {', '.join(column.options)}"
    units = {
        "date": "no day",
        "money": "no amount",
        "id": "a number cut by a spreadsheet",
        "yes/no": "neither yes nor no",
    }
    return units.get(column.unit, "no number")


def _cure(ours: str, column: Column | None, first: str) -> str:
    if column is not None and column.unit == "date":
        emptied = f"`values: {{{ours}: {{'{first}': ''}}}}`"
        return f'declare `date_format:` as the file has it (such as "%d.%m.%Y"), or empty the value: {emptied}.'
    if column is not None and column.options:
        return f"say what it means, `values: {{{ours}: {{'{first}': {column.options[0]}}}}}`."
    if column is not None and column.unit == "id":
        return "format the column as text in the spreadsheet and export it again: the digits are lost in this file."
    if column is not None and column.unit == "yes/no":
        return f"say what it means, `values: {{{ours}: {{'{first}': true}}}}`."
    return (
        "declare `decimal:` and `thousands:` for this source, "
        f"empty the value (`values: {{{ours}: {{'{first}': ''}}}}`), or drop the rows by a rule."
    )
