"""One received file as rows of a canonical table: the client's columns under our names, and the frame they make."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..contracts import Column
from ..errors import IntakeError, did_you_mean
from . import answers
from .arithmetic import Formula
from .converted import Converted
from .fates import Fates
from .received import Received, column_of_cells
from .source import CANONICAL, Source, parts_of

MAIN_DAY = {
    "transactions": "ordered_on",
    "returns_complaints": "happened_on",
    "contacts": "contacted_on",
    "leavers_survey": "asked_on",
    "spend": "spent_on",
    "finance": "month_on",
    "seller_ledger": "month_on",
    "referrals": "referred_on",
    "wallet": "known_on",
    "satisfaction": "answered_on",
    "deliveries": "delivered_on",
    "experiments": "started_on",
    "ideas": "suggested_on",
    "subscriptions": "started_on",
    "account_managers": "from_on",
    "issues": "opened_on",
    "watchlist": "noted_on",
}
MAIN_MONEY = ("net_amount", "amount", "total_spend")
OWN_SOURCE = ("transactions", "records")


@dataclass
class Reading:
    """One file on its way into the canonical table.

    raw      cells as received, by our names; `theirs` are the names of their columns in the file
    read     how each column was converted; `values` the converted values, in the end in the engagement's currency
    fates    what became of every row
    """

    name: str
    source: Source
    received: Received
    raw: dict[str, pd.Series]
    theirs: dict[str, str]
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
        name = next((name for name in MAIN_MONEY if name in self.values), None)
        return self.values[name] if name else None


def mapped(name: str, source: Source, received: Received) -> Reading:
    """Raw cells under our names: mapped columns, constants, and the client's codes put into ours.

    Raises IntakeError when a declared column is not in the file, naming the nearest.
    """
    known = list(map(str, received.frame.columns))
    names = {
        ours: tuple(found_column(name, ours, known, received) for name in parts_of(theirs))
        for ours, theirs in columns_of(source, received).items()
    }
    raw = {ours: _joined_cells(parts, received) for ours, parts in names.items()}
    rows = len(received.frame)
    for ours, text in source.constants.items():
        cell = column_of_cells([text])
        raw[ours] = pd.Series(pd.Categorical.from_codes(np.zeros(rows, dtype=np.int8), categories=cell.categories))
    for ours, codes in source.values.items():
        if ours in raw:
            raw[ours] = answers.translated(raw[ours], codes)
    for formula in source.compute.values():
        Formula(formula, received.where).check_names(known)
    missing = [ours for ours in CANONICAL[source.table].required if ours not in raw and ours not in source.compute]
    if missing:
        raise IntakeError(
            f"table '{source.table}' needs {', '.join(missing)}; nothing gives {'them' if len(missing) > 1 else 'it'}.",
            f"{received.where}, which has the columns {', '.join(known)}",
            f"add under `columns:` of source '{name}', for example `{missing[0]}: {known[0] if known else 'Column'}`"
            " (or under `constants:` or `compute:`).",
        )
    theirs = {ours: " + ".join(parts) for ours, parts in names.items()}
    return Reading(name, source, received, raw, theirs)


def columns_of(source: Source, received: Received) -> dict[str, str | tuple[str, ...]]:
    """Our columns and the client's names for them: those the format fixes, then those the source declares."""
    fixed = received.mapping.get(source.table, {})
    given = {*source.columns, *source.constants, *source.compute}
    return {ours: theirs for ours, theirs in fixed.items() if ours not in given} | source.columns


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
        said = frame["record_source"].fillna(reading.source.records or reading.name)
        frame["record_source"] = np.where(named, said, None)
    if reading.source.table == "transactions":
        frame["is_return"] = frame["is_return"].to_numpy(dtype=bool) | (frame["net_amount"].to_numpy() < 0)
        frame["order_id"] = _order_ids(frame, reading.name)
    return frame


def _joined_cells(parts: tuple[str, ...], received: Received) -> pd.Series:
    """The cells of a column, or the texts of several joined by a blank (first and last name)."""
    if len(parts) == 1:
        return received.frame[parts[0]].reset_index(drop=True)
    texts = [
        pd.Series(answers.texts(received.frame[name].reset_index(drop=True)).values, dtype=object) for name in parts
    ]
    joined = texts[0].fillna("").str.cat([text.fillna("") for text in texts[1:]], sep=" ")
    return pd.Series(column_of_cells(joined.tolist()))


def found_column(theirs: str, ours: str, known: list[str], received: Received) -> str:
    """The column of the file that is called so, capitals aside. Raises IntakeError when there is none, or two that differ."""
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
