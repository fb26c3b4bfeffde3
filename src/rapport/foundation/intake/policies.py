"""Declared policies, and rows no firm means as data: duplicates, rules, totals, empty rows, rows of the future."""

import re

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from ..errors import IntakeError
from .canonical import MAIN_DAY, Reading
from .converted import cells_of, spread, texts_in
from .received import Received
from .rules import rows_of_rule
from .source import CANONICAL
from .vocabulary import vocabulary

FIRST_PLAUSIBLE = np.datetime64("1980-01-01", "D")
AGAIN = "rows that stand in an earlier file too"
UNDECLARED = "no policy declared: set `duplicates: drop` or `duplicates: keep`"


def seen_in_earlier_files(files: list[Received]) -> list[np.ndarray]:
    """For each file, its rows that stand, equal in every column, in an earlier file of the source too."""
    if len(files) == 1:
        return [np.zeros(len(files[0].frame), dtype=bool)]
    earlier = np.array([], dtype=np.uint64)
    found = []
    for file in files:
        prints = pd.util.hash_pandas_object(file.frame[sorted(file.frame.columns)], index=False).to_numpy()
        found.append(np.isin(prints, earlier))
        earlier = np.union1d(earlier, prints)
    return found


def apply_policies(reading: Reading, elsewhere: np.ndarray) -> None:
    """Duplicates, declared rules and totals rows, in this order; then everything that must not be empty.

    `elsewhere` are the rows that stand in an earlier file of the source too.
    """
    _apply_to_duplicates(reading, repeated(reading.received.frame), "exact duplicate rows")
    _apply_to_duplicates(reading, elsewhere, AGAIN)
    for rule in reading.source.rules:
        rows = rows_of_rule(rule, reading.raw, reading.values, reading.received)
        check, why = f"rule: {rule.why}", f"declared: {rule.why}"
        if rule.then == "drop":
            reading.fates.set_aside(rows, check, why)
        elif rule.then == "return":
            _take_as_returns(reading, rows)
            reading.fates.remark(rows, check, "taken as return", why)
        else:
            _empty(reading, "record_id", rows)
            reading.fates.remark(rows, check, "taken as unidentified", why)
    reading.fates.set_aside(_totals(reading), "totals rows", "a row that sums up others")
    for ours in CANONICAL[reading.source.table].required:
        if ours in reading.read:
            empty = pd.isna(pd.Series(reading.values[ours])).to_numpy() & ~reading.read[ours].bad
            reading.fates.set_aside(empty, f"rows without {ours}", f"{ours} is needed in every row", "caution")


def repeated(frame: pd.DataFrame) -> np.ndarray:
    """Rows equal, in every column, to one above them."""
    if not len(frame.columns):
        return np.zeros(len(frame), dtype=bool)
    plain = {
        name: column.cat.codes if isinstance(column.dtype, pd.CategoricalDtype) else column
        for name, column in frame.items()
    }
    return pd.DataFrame(plain, copy=False).duplicated().to_numpy()


def set_aside_future(reading: Reading, as_of: pd.Timestamp | None, today: pd.Timestamp) -> None:
    """Rows dated after `as_of` are set aside; without a declared day, transactions after today are refused (DEF1)."""
    ours = MAIN_DAY.get(reading.source.table)
    if ours not in reading.values:
        return
    dated = reading.values[ours]
    last = today if as_of is None else as_of
    late = dated > last.to_datetime64()
    is_sale = reading.source.table == "transactions"
    if as_of is None and is_sale and (late & reading.fates.kept).any():
        places = np.flatnonzero(late & reading.fates.kept)
        listed = ", ".join(str(day) for day in np.unique(dated[places])[:5])
        raise IntakeError(
            f"{ours} lies in the future in {len(places):,} of {len(late):,} rows: {listed}.",
            f"{reading.received.place(places[0])} (today is {today.date()})",
            "declare `as_of:` in engagement.yml (rows after it are set aside and reported), correct `date_format:`, or "
            f"drop them by a rule: `{{when: {{{ours}: {{above: {today.date()}}}}}, then: drop, why: …}}`.",
        )
    reading.fates.set_aside(late, "future", f"dated after {last.date()}: never used", "caution", "set aside")
    if is_sale and reading.source.date_format is None:
        _refuse_implausible(reading, ours, dated)


def _apply_to_duplicates(reading: Reading, rows: np.ndarray, check: str) -> None:
    if reading.source.duplicates == "drop":
        reading.fates.set_aside(rows, check, "declared: duplicates: drop")
    elif "duplicates" in reading.source.model_fields_set:
        reading.fates.remark(rows, check, "kept", "declared: duplicates: keep")
    else:
        reading.fates.remark(rows, check, "kept", UNDECLARED, "caution")


def _take_as_returns(reading: Reading, rows: np.ndarray) -> None:
    """Value, margin and units of a return are negative, however the client writes them."""
    values = reading.values
    marked = pd.Series(values.get("is_return", np.zeros(len(rows), dtype=bool)))
    values["is_return"] = np.where(rows, True, marked)
    for name in ("net_amount", "quantity"):
        if name in values:
            values[name] = np.where(rows, -np.abs(values[name]), values[name])
    if "margin" in values:
        values["margin"] = np.where(rows & (values["margin"] > 0), -values["margin"], values["margin"])


def _empty(reading: Reading, ours: str, rows: np.ndarray) -> None:
    if ours in reading.values:
        reading.values[ours] = np.where(rows, None, reading.values[ours])


def _totals(reading: Reading) -> np.ndarray:
    """Rows with a word such as Total that have no day of their own, or whose value is the sum of their day's rows."""
    named = _named_total(reading.received.frame)
    day = reading.values.get(MAIN_DAY.get(reading.source.table, ""))
    if not named.any():
        return named
    if day is None:
        key = reading.raw.get(reading.columns and CANONICAL[reading.source.table].required[0])
        return named & (key.isna().to_numpy() | _named_total(key.to_frame())) if key is not None else named & False
    dated = named & ~np.isnat(day)
    if reading.amounts is not None and dated.any():
        rest = pd.Series(np.where(named, 0.0, reading.amounts)).groupby(pd.Series(day)).transform("sum").to_numpy()
        dated &= np.abs(rest - reading.amounts) < 0.005
    return (named & np.isnat(day)) | dated


def _named_total(frame: pd.DataFrame) -> np.ndarray:
    """Rows in which some text cell is a word such as Total, or begins with one and a colon."""
    words = vocabulary()["totals"]
    pattern = rf"^(?:{'|'.join(map(re.escape, words))})(?:[\s.]*$|\s*:)"
    found = np.zeros(len(frame), dtype=bool)
    for _, column in frame.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            cells, codes = cells_of(column)
            hits = pc.fill_null(pc.match_substring_regex(pc.utf8_lower(texts_in(cells)), pattern), False)
            if pc.any(hits).as_py():
                found |= spread(np.asarray(hits), codes, False)
    return found


def _refuse_implausible(reading: Reading, ours: str, dated: np.ndarray) -> None:
    early = np.flatnonzero((dated < FIRST_PLAUSIBLE) & reading.fates.kept)
    if len(early):
        raise IntakeError(
            f"{ours} lies before {FIRST_PLAUSIBLE} in {len(early):,} of {len(dated):,} rows: {dated[early[0]]}.",
            reading.received.place(early[0]),
            "if it stands for an unknown day, empty it (`values:`) or drop the rows by a rule; "
            "if it is right, declare `date_format:` for this source.",
        )
