"""One received file → rows of a canonical table: mapping, conversion, declared policies, and what became of every row."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..contracts import Column
from ..errors import IntakeError, did_you_mean
from . import answers
from .amounts import numbers
from .arithmetic import DECIMALS, Formula
from .converted import Converted
from .currencies import currency_of_rows, rates_of_rows
from .dates import days
from .fates import Fates
from .received import Received, column_of_cells
from .rules import rows_of_rule
from .source import CANONICAL, Source
from .styles import Styles

MAIN_DAY = {
    "transactions": "ordered_on", "returns_complaints": "happened_on", "contacts": "contacted_on", "leavers_survey": "asked_on",
    "spend": "spent_on", "finance": "month_on", "referrals": "referred_on", "wallet": "known_on", "satisfaction": "answered_on",
    "deliveries": "delivered_on", "experiments": "started_on",
}  # fmt: skip
MONTHS_ALLOWED = ("month_on", "spent_on")
OWN_SOURCE = ("transactions", "records")
FIRST_PLAUSIBLE = np.datetime64("1980-01-01", "D")


@dataclass
class Reading:
    """One file on its way into the canonical table: raw cells by our names, converted values, and the fate of its rows."""

    name: str
    source: Source
    received: Received
    raw: dict[str, pd.Series]
    read: dict[str, Converted] = field(default_factory=dict)
    values: dict[str, np.ndarray] = field(default_factory=dict)
    fates: Fates = field(init=False)

    def __post_init__(self):
        self.fates = Fates(len(self.received.frame))

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of the canonical table."""
        return CANONICAL[self.source.table].columns

    @property
    def amounts(self) -> np.ndarray | None:
        """The money a row stands for, in the engagement's currency; None where the table has no money of its own."""
        name = next((name for name in ("net_amount", "amount", "total_spend") if name in self.values), None)
        return self.values[name] if name else None


def mapped(name: str, source: Source, received: Received) -> Reading:
    """Raw cells under our names: mapped columns, constants, and the client's codes put into ours.

    Raises IntakeError when a declared column is not in the file, naming the nearest.
    """
    known = list(map(str, received.frame.columns))
    raw: dict[str, pd.Series] = {}
    for ours, theirs in columns_of(source, received).items():
        raw[ours] = received.frame[_found(theirs, ours, known, received)].reset_index(drop=True)
    rows = len(received.frame)
    for ours, text in source.constants.items():
        cell = column_of_cells([text])
        raw[ours] = pd.Series(pd.Categorical.from_codes(np.zeros(rows, dtype=np.int8), categories=cell.categories))
    for ours, codes in source.values.items():
        if ours in raw:
            raw[ours] = answers.translated(raw[ours], codes)
    for ours, formula in source.compute.items():
        Formula(formula, received.where).check_names(known)
    missing = [ours for ours in CANONICAL[source.table].required if ours not in raw and ours not in source.compute]
    if missing:
        raise IntakeError(
            f"table '{source.table}' needs {', '.join(missing)}, and nothing gives {'them' if len(missing) > 1 else 'it'}.",
            f"{received.where}, which has the columns {', '.join(known)}",
            f"add under `columns:` of source '{name}', for example `{missing[0]}: {known[0] if known else 'Column'}`"
            " (or under `constants:` or `compute:`).",
        )
    return Reading(name, source, received, raw)


def columns_of(source: Source, received: Received) -> dict[str, str]:
    """Our columns and the client's names for them: those the format fixes, then those the source declares."""
    fixed = received.mapping.get(source.table, {})
    given = {*source.columns, *source.constants, *source.compute}
    return {ours: theirs for ours, theirs in fixed.items() if ours not in given} | source.columns


def convert(reading: Reading, styles: Styles, currency: str) -> None:
    """Fill `reading.read` and `reading.values`: every mapped or computed column in its contract's type and unit."""
    for ours, column in reading.raw.items():
        if ours in reading.columns:
            reading.read[ours] = _converted(ours, reading.columns[ours], column, reading, styles)
    for ours, text in reading.source.compute.items():
        formula = Formula(text, reading.received.where)
        parts = {name: _needed_number(name, reading, styles, ours) for name in formula.names}
        values = formula({name: part.values for name, part in parts.items()})
        bad = np.logical_or.reduce([part.bad for part in parts.values()]) if parts else np.zeros(len(values), bool)
        values = (
            np.broadcast_to(values, len(bad)).copy() if parts else np.full(len(reading.received.frame), float(values))
        )
        reading.read[ours] = Converted(values, np.broadcast_to(bad, len(values)), f"computed: {text}")
    reading.values = {ours: read.values for ours, read in reading.read.items()}
    _one_currency(reading, currency)


def apply_policies(reading: Reading) -> None:
    """Duplicates, declared rules and totals rows, in this order; then everything that must not be empty."""
    fates, source = reading.fates, reading.source
    repeated = _repeated(reading.received.frame)
    if source.duplicates == "drop":
        fates.set_aside(repeated, "exact duplicate rows", "declared: duplicates: drop")
    else:
        fates.remark(
            repeated, "exact duplicate rows", "kept", "no policy declared: set `duplicates: drop` or `keep`", "caution"
        )
    for rule in source.rules:
        rows = rows_of_rule(rule, reading.raw, reading.values, reading.received)
        check = f"rule: {rule.why}"
        if rule.then == "drop":
            fates.set_aside(rows, check, f"declared: {rule.why}")
        elif rule.then == "return":
            _as_returns(reading, rows)
            fates.remark(rows, check, "taken as return", f"declared: {rule.why}")
        else:
            _without(reading, "record_id", rows)
            fates.remark(rows, check, "taken as unidentified", f"declared: {rule.why}")
    fates.set_aside(_totals(reading), "totals rows", "a row that sums up others, without a day or number of its own")
    for ours in CANONICAL[source.table].required:
        if ours in reading.read:
            empty = pd.isna(pd.Series(reading.values[ours])).to_numpy() & ~reading.read[ours].bad
            fates.set_aside(empty, f"rows without {ours}", f"{ours} is needed in every row", "caution")


def set_aside_future(reading: Reading, as_of: pd.Timestamp | None, today: pd.Timestamp) -> None:
    """Rows dated after `as_of` are set aside; without a declared day, transactions after today are refused (DEF1)."""
    ours = MAIN_DAY.get(reading.source.table)
    if ours not in reading.values:
        return
    dated = reading.values[ours]
    last = min(as_of, today) if as_of is not None else today
    late = dated > last.to_datetime64()
    if as_of is None and reading.source.table == "transactions" and (late & reading.fates.kept).any():
        places = np.flatnonzero(late & reading.fates.kept)
        listed = ", ".join(str(day) for day in np.unique(dated[places])[:5])
        raise IntakeError(
            f"{ours} lies in the future in {len(places):,} of {len(late):,} rows: {listed}.",
            f"{reading.received.place(places[0])} (today is {today.date()})",
            "declare `as_of:` in engagement.yml (rows after it are set aside and reported), correct `date_format:`, "
            f"or drop them by a rule: {{when: {{{ours}: {{above: {today.date()}}}}}, then: drop, why: …}}.",
        )
    reading.fates.set_aside(late, "future", f"dated after {last.date()}: never used (DEF1)", "caution", "set aside")
    if reading.source.date_format is None and reading.source.table == "transactions":
        _refuse_implausible(reading, ours, dated)


def refuse_unreadable(reading: Reading) -> None:
    """Raises IntakeError for the first column with a cell, in a row still used, that could not be read."""
    for ours, read in reading.read.items():
        places = np.flatnonzero(read.bad & reading.fates.kept)
        if len(places):
            raise _unreadable(reading, ours, places)


def frame_of(reading: Reading) -> pd.DataFrame:
    """The rows still used, in the columns and types of the contract."""
    table = CANONICAL[reading.source.table]
    kept = reading.fates.kept
    rows = int(kept.sum())
    made = {}
    for ours, column in table.columns.items():
        values = reading.values.get(ours)
        if ours == "source" and reading.source.table in OWN_SOURCE:
            made[ours] = np.full(rows, reading.name, dtype=object)
        elif values is not None:
            made[ours] = _typed(values[kept], column)
        else:
            made[ours] = _absent(ours, column, rows)
    frame = pd.DataFrame(made, copy=False)
    if "record_source" in frame and "record_id" in frame:
        named = frame["record_id"].notna().to_numpy()
        frame["record_source"] = np.where(named, reading.source.records or reading.name, None)
    if reading.source.table == "transactions":
        frame["is_return"] = frame["is_return"].to_numpy(dtype=bool) | (frame["net_amount"].to_numpy() < 0)
        frame["order_id"] = _order_ids(frame, reading.name)
    return frame


def _found(theirs: str, ours: str, known: list[str], received: Received) -> str:
    name = " ".join(theirs.split())
    if name.endswith(" (1)") and name[:-4] in known:
        return name[:-4]
    if name not in known:
        lowered = {column.lower(): column for column in known}
        if name.lower() in lowered:
            return lowered[name.lower()]
        raise IntakeError(
            f"there is no column '{theirs}' (mapped to {ours}).",
            f"{received.where}, header in row {received.header_row or '-'}: {', '.join(known)}",
            f"correct `columns:` or `header_row:` of this source: {did_you_mean(theirs, known)}",
        )
    if f"{name} (2)" in known and not received.frame[name].equals(received.frame[f"{name} (2)"]):
        raise IntakeError(
            f"the column '{name}' (mapped to {ours}) occurs more than once, with different contents.",
            received.where,
            f"map {ours} to '{name} (1)' or to '{name} (2)'.",
        )
    return name


def _converted(ours: str, column: Column, cells: pd.Series, reading: Reading, styles: Styles) -> Converted:
    where = f"{reading.received.where}, column '{reading.source.columns.get(ours, ours)}' ({ours})"
    if column.unit == "date":
        declared = reading.source.format_of(ours)
        orders = {} if declared else styles.orders(ours, cells, reading.received, where)
        return days(
            cells, orders=orders, date_format=declared, months_only=ours in MONTHS_ALLOWED, latest=styles.latest
        )
    if column.dtype == "float64":
        decimal = styles.decimal(ours, cells, reading.received, where)
        read = numbers(cells, decimal=decimal, thousands=reading.source.thousands)
        return _share(read, where) if column.unit == "share" else read
    if column.dtype in ("bool", "boolean"):
        return answers.answers(cells)
    if column.options:
        return answers.choices(cells, column.options)
    return answers.identifiers(cells) if column.unit == "id" else answers.texts(cells)


def _share(read: Converted, where: str) -> Converted:
    """A share lies between 0 and 1; figures such as 15 are percent nobody has declared."""
    if np.nanmax(np.abs(read.values), initial=0) > 1:
        raise IntakeError(
            f"a share (0 to 1) is as large as {np.nanmax(np.abs(read.values)):g}: it seems to be in percent.",
            where,
            'divide it: under `compute:` write for example `discount_share: "Discount / 100"`.',
        )
    return read


def _needed_number(theirs: str, reading: Reading, styles: Styles, ours: str) -> Converted:
    cells = reading.received.frame[theirs].reset_index(drop=True)
    where = f"{reading.received.where}, column '{theirs}' (needed to compute {ours})"
    decimal = styles.decimal(theirs, cells, reading.received, where)
    return numbers(cells, decimal=decimal, thousands=reading.source.thousands)


def _one_currency(reading: Reading, currency: str) -> None:
    source = reading.source
    held = [name for name in source.money_columns if name in reading.values]
    if not held:
        return
    main = next((name for name in ("net_amount", "amount", "total_spend") if name in held), held[0])
    codes, unknown = currency_of_rows(
        source,
        reading.raw.get("currency"),
        reading.raw.get(main),
        reading.values.get(MAIN_DAY.get(source.table, "")),
        len(reading.received.frame),
        currency,
    )
    reading.values["currency"] = codes
    reading.read["currency"] = Converted(codes, unknown, "three-letter codes and currency signs")


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


def _repeated(frame: pd.DataFrame) -> np.ndarray:
    codes = {
        name: frame[name].cat.codes if isinstance(frame[name].dtype, pd.CategoricalDtype) else frame[name]
        for name in frame.columns
    }
    return (
        pd.DataFrame(codes, copy=False).duplicated().to_numpy()
        if len(frame.columns)
        else np.zeros(len(frame), dtype=bool)
    )


def _as_returns(reading: Reading, rows: np.ndarray) -> None:
    """Value, margin and units of a return are negative, however the client writes them."""
    marked = reading.values.get("is_return", np.zeros(len(rows), dtype=bool))
    reading.values["is_return"] = np.where(rows, True, marked)
    for name in ("net_amount", "quantity"):
        if name in reading.values:
            reading.values[name] = np.where(rows, -np.abs(reading.values[name]), reading.values[name])
    if "margin" in reading.values:
        sold = reading.values["margin"]
        reading.values["margin"] = np.where(rows & (sold > 0), -sold, sold)


def _without(reading: Reading, ours: str, rows: np.ndarray) -> None:
    if ours in reading.values:
        reading.values[ours] = np.where(rows, None, reading.values[ours])


def _totals(reading: Reading) -> np.ndarray:
    """Rows with a word such as Total in a text cell and neither a day nor a customer of their own."""
    words = set(answers.vocabulary()["totals"])
    frame = reading.received.frame
    total = np.zeros(len(frame), dtype=bool)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            cells = frame[name].cat.categories
            hits = np.array([isinstance(cell, str) and _total_word(cell) in words for cell in cells] or [False])[
                : len(cells)
            ]
            if hits.any():
                codes = frame[name].cat.codes.to_numpy()
                total |= (codes >= 0) & hits[codes]
    day = MAIN_DAY.get(reading.source.table)
    if day in reading.values:
        total &= np.isnat(reading.values[day])
    return total


def _total_word(cell: str) -> str:
    return cell.strip().rstrip(":. ").lower()


def _refuse_implausible(reading: Reading, ours: str, dated: np.ndarray) -> None:
    early = np.flatnonzero((dated < FIRST_PLAUSIBLE) & reading.fates.kept)
    if len(early):
        raise IntakeError(
            f"{ours} lies before {FIRST_PLAUSIBLE} in {len(early):,} of {len(dated):,} rows: {dated[early[0]]}.",
            reading.received.place(early[0]),
            "if it stands for an unknown day, empty it (`values:`) or drop the rows by a rule; "
            "if it is right, declare `date_format:` for this source.",
        )


def _unreadable(reading: Reading, ours: str, places: np.ndarray) -> IntakeError:
    column = reading.columns.get(ours)
    theirs = reading.source.columns.get(ours, ours)
    cells = reading.raw[ours].iloc[places] if ours in reading.raw else None
    seen = "" if cells is None else ", ".join(f"'{cell}'" for cell in pd.unique(cells)[:4])
    kind = {
        "date": "no day",
        "money": "no amount",
        "id": "a number cut by a spreadsheet",
        "yes/no": "neither yes nor no",
    }
    words = kind.get(column.unit if column is not None else "", "no number")
    if column is not None and column.options:
        words = f"none of {', '.join(column.options)}"
    if ours == "currency":
        words = "no known currency"
    what = (
        f"{reading.source.table}.{ours} is {words} in {len(places):,} of {len(reading.received.frame):,} rows: {seen}."
    )
    return IntakeError(what, f"{reading.received.place(places[0])}, column '{theirs}'", _cure(ours, column, cells))


def _cure(ours: str, column: Column | None, cells: pd.Series | None) -> str:
    first = "…" if cells is None else str(cells.iloc[0])
    if column is not None and column.unit == "date":
        return f"declare `date_format:` for this source (such as \"%d.%m.%Y\"), or empty the value: `values: {{{ours}: {{'{first}': ''}}}}`."
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


def _typed(values: np.ndarray, column: Column) -> object:
    if column.dtype == "bool":
        return pd.array(values, dtype="boolean").fillna(False).to_numpy(dtype=bool)
    if column.dtype == "boolean":
        return pd.array(values, dtype="boolean")
    if column.unit == "date":
        return values.astype("datetime64[ns]")
    return values


def _absent(ours: str, column: Column, rows: int) -> object:
    if column.dtype == "bool":
        return np.full(rows, ours == "is_answered")
    if column.dtype == "boolean":
        return pd.array([pd.NA] * rows, dtype="boolean")
    if column.unit == "date":
        return np.full(rows, np.datetime64("NaT"), dtype="datetime64[ns]")
    return np.full(rows, np.nan) if column.dtype == "float64" else np.full(rows, None, dtype=object)


def _order_ids(frame: pd.DataFrame, name: str) -> np.ndarray:
    """The order's number; where the source has none, customer and day (DEF2), or the row itself for nobody's sale."""
    given = frame["order_id"].to_numpy(dtype=object)
    lacking = pd.isna(given)
    if not lacking.any():
        return given
    day = frame["ordered_on"].dt.strftime("%Y-%m-%d")
    whose = frame["record_id"].where(frame["record_id"].notna(), "row " + frame.index.to_series().add(1).astype(str))
    return np.where(lacking, name + ":" + whose.astype(str) + ":" + day, given)
