"""Days as people write them → days, by a declared format or by an order of day, month and year that the column proves.

03/04/2025 is 3 April or 4 March. The order is taken as proven when some cell allows one reading only (25/04/2025) and none
contradicts it; dots are read day first, as everywhere they are used; a year in front is read year, month, day. What stays
open is asked about. Times of day are dropped. Days kept by a workbook as serial numbers are recognised.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .converted import Converted, cells_of, is_text, samples_of, spread
from .months import day_of_words

ORDERS = ("dmy", "mdy", "ymd")
NAMES = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}
TIME = (
    r"(?:[T ,]+(?:в |kl\.? )?\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
PARTS = rf"^(?P<a>\d{{1,4}})(?P<s>\. ?|[/\-:]| )(?P<b>\d{{1,2}})(?P<t>\. ?|[/\-:]| )(?P<c>\d{{1,4}})\.?(?: ?(?:г|m|r|р)\.?)?{TIME}$"
COMPACT = rf"^(?P<a>\d{{8}})(?:T?\d{{4}}|T?\d{{6}})?{TIME}$"
MONTH = r"^(?:(?P<y>\d{4})[-./ M](?P<m>\d{1,2})|(?P<n>\d{1,2})[-./ ](?P<z>\d{4}))$"
SERIAL = (18264, 62091)  # 1950 to 2069 in days since 1899-12-30
SERIAL_AS_TEXT_FROM = np.datetime64("1990-01-01", "D")
EMPTY_MARKS = {
    "-",
    "–",
    "—",
    "n/a",
    "na",
    "null",
    "none",
    "nan",
    "nat",
    "#n/a",
    "\\n",
    "0000-00-00",
    "0000-00-00 00:00:00",
}
NO_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Orders:
    """For each way of writing (`//4`: slashes, year last), which orders every cell allows, and a cell that stays open.

    `proof` names, by way of writing, a cell that proves the order; `clash` two cells that contradict each other.
    """

    allowed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    example: dict[str, str] = field(default_factory=dict)
    clash: tuple[str, str] | None = None

    def open_styles(self) -> list[str]:
        """Ways of writing with more than one order left."""
        return [style for style, orders in self.allowed.items() if len(orders) > 1]


def orders_of(column: pd.Series, *, earliest: pd.Timestamp, latest: pd.Timestamp) -> Orders:
    """What the column proves about the order of day, month and year; days out of earliest … latest are no reading."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return Orders()
    cells, _ = cells_of(column)
    text = is_text(cells)
    texts = pa.array(cells[text], pa.string())
    parts = _parts(texts)
    allowed, example, clash = {}, {}, None
    for style in sorted(set(parts.style[parts.style != ""])):
        rows = np.flatnonzero(parts.style == style)
        fits = {order: _valid(parts, rows, order, earliest, latest) for order in _candidates(style)}
        if style[1:] == "4" and {"dmy", "mdy"} <= set(fits):
            day_first = rows[(parts.a[rows] > 12) & (parts.b[rows] <= 12)]
            month_first = rows[(parts.b[rows] > 12) & (parts.a[rows] <= 12)]
            if len(day_first) and len(month_first):
                clash = (texts[int(day_first[0])].as_py(), texts[int(month_first[0])].as_py())
        complete = tuple(order for order, good in fits.items() if good.all())
        best = max(fits.values(), key=np.sum).sum()
        kept = complete or tuple(order for order, good in fits.items() if good.sum() == best and best > 0)
        if style[0] == "." and "dmy" in kept and "ymd" not in kept:
            kept = ("dmy",)
        allowed[style] = kept
        example[style] = texts[int(rows[0])].as_py()
    native = [cell for cell in cells[~text] if isinstance(cell, pd.Timestamp)]
    clash = clash or _swapped_by_excel(native, parts, texts)
    return Orders(allowed, example, clash)


def days(
    column: pd.Series,
    *,
    orders: dict[str, str],
    date_format: str | None = None,
    months_only: bool = False,
    latest: pd.Timestamp,
) -> Converted:
    """The column as days. `orders` gives the order for each way of writing; a declared `date_format` wins over them.

    `months_only` lets 2025-01 stand for its first day. A cell that is no day is bad.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        values = column.to_numpy(dtype="datetime64[D]")
        return Converted(values, np.zeros(len(values), dtype=bool), "days in the file itself")
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = pd.Series(pd.Categorical(column.astype(object)))
    cells, codes = cells_of(column)
    cells = np.array(
        [str(cell) if isinstance(cell, int) and abs(cell) > 10**7 else cell for cell in cells] or [None], dtype=object
    )[: len(cells)]
    text = is_text(cells)
    values = np.full(len(cells), NO_DAY)
    texts = pa.array(cells[text], pa.string())
    if date_format and date_format != "excel":
        values[text] = pd.to_datetime(
            pd.Series(cells[text], dtype=object), format=date_format, errors="coerce"
        ).to_numpy("datetime64[D]")
    else:
        values[text] = _detected(texts, orders, months_only, latest)
    for place in np.flatnonzero(~text):
        values[place] = _native(cells[place])
    empty = np.zeros(len(cells), dtype=bool)
    empty[text] = np.asarray(pc.is_in(pc.utf8_lower(texts), pa.array(sorted(EMPTY_MARKS))))
    bad = np.isnat(values) & ~empty
    found = "; ".join(f"{_written(style)}: {NAMES[order]}" for style, order in orders.items())
    how = date_format or found or ("as written" if text.any() else "days in the workbook itself")
    return Converted(
        spread(values, codes, NO_DAY), spread(bad, codes, False), how, samples_of(cells, values, ~np.isnat(values), str)
    )


@dataclass(frozen=True)
class _Parts:
    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    style: np.ndarray


def _parts(texts: pa.Array) -> _Parts:
    """Three numbers per cell and the way they are written: separator and which of them has four digits ('' if none)."""
    found = pc.extract_regex(texts, PARTS)
    a, b, c, first, second = (pc.struct_field(found, [place]) for place in (0, 2, 4, 1, 3))
    numbers = [np.nan_to_num(_numbers(part), nan=-1).astype(np.int64) for part in (a, b, c)]
    mark = np.array([(text or "").strip()[:1] or (" " if text else "") for text in first.to_pylist()], dtype=object)
    other = np.array([(text or "").strip()[:1] or (" " if text else "") for text in second.to_pylist()], dtype=object)
    lengths = [np.nan_to_num(pc.utf8_length(part).to_numpy(zero_copy_only=False), nan=0) for part in (a, c)]
    year = np.where(
        (lengths[0] == 4) & (lengths[1] <= 2), "1", np.where((lengths[0] <= 2) & (lengths[1] == 4), "4", "2")
    )
    short = (lengths[0] <= 2) & (lengths[1] == 2)
    known = (mark != "") & (mark == other) & ((year != "2") | short)
    return _Parts(*numbers, style=np.where(known, mark + year.astype(object), ""))


def _candidates(style: str) -> tuple[str, ...]:
    return {"1": ("ymd",), "4": ("dmy", "mdy"), "2": ORDERS}[style[1:]]


def _valid(parts: _Parts, rows: np.ndarray, order: str, earliest: pd.Timestamp, latest: pd.Timestamp) -> np.ndarray:
    built = _built(parts, rows, order, latest)
    return ~np.isnat(built) & (built >= earliest.to_datetime64()) & (built <= latest.to_datetime64())


def _built(parts: _Parts, rows: np.ndarray, order: str, latest: pd.Timestamp) -> np.ndarray:
    named = dict(zip(order, (parts.a[rows], parts.b[rows], parts.c[rows])))
    year = named["y"].copy()
    century = latest.year // 100 * 100
    short = year < 100
    year[short] += century
    year[short & (year > latest.year + 1)] -= 100
    return _calendar(year, named["m"], named["d"])


def _calendar(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Days of the calendar; NaT where there is no such day."""
    sound = (year >= 1800) & (year <= 2262) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(sound, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    built = months.astype("datetime64[D]") + np.where(sound, day - 1, 0)
    return np.where(sound & (built.astype("datetime64[M]") == months), built, NO_DAY)


def _detected(texts: pa.Array, orders: dict[str, str], months_only: bool, latest: pd.Timestamp) -> np.ndarray:
    values = np.full(len(texts), NO_DAY)
    parts = _parts(texts)
    for style, order in orders.items():
        rows = np.flatnonzero(parts.style == style)
        values[rows] = _built(parts, rows, order, latest)
    left = np.flatnonzero(np.isnat(values))
    if len(left):
        values[left] = _compact(texts.take(pa.array(left)), months_only, latest)
    for place in np.flatnonzero(np.isnat(values)):
        values[place] = day_of_words(texts[int(place)].as_py(), months_only)
    return values


def _compact(texts: pa.Array, months_only: bool, latest: pd.Timestamp) -> np.ndarray:
    """20250131, workbook serial numbers, seconds since 1970, and months where they are asked for."""
    digits = pc.struct_field(pc.extract_regex(texts, COMPACT), [0])
    eight = np.nan_to_num(_numbers(digits), nan=0).astype(np.int64)
    values = _calendar(eight // 10000, eight // 100 % 100, eight % 100)
    serial = pc.match_substring_regex(texts, r"^\d{5}(?:[.,]\d+)?$")
    whole = _numbers(pc.if_else(serial, pc.utf8_slice_codeunits(texts, 0, 5), None))
    counted = _serial(np.nan_to_num(whole))
    plausible = (counted >= SERIAL_AS_TEXT_FROM) & (counted <= latest.to_datetime64())
    values = np.where(plausible, counted, values)
    for pattern, unit in ((r"^1\d{9}$", "s"), (r"^1\d{12}$", "ms")):
        stamps = _numbers(pc.if_else(pc.match_substring_regex(texts, pattern), texts, None))
        moments = np.nan_to_num(stamps).astype(np.int64).astype(f"datetime64[{unit}]").astype("datetime64[D]")
        values = np.where(np.isnan(stamps), values, moments)
    return _months(texts, values) if months_only else values


def _numbers(texts: pa.Array) -> np.ndarray:
    return pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)


def _months(texts: pa.Array, values: np.ndarray) -> np.ndarray:
    found = pc.extract_regex(texts, MONTH)
    pieces = [pc.struct_field(found, [place]).to_pylist() for place in range(4)]
    for place, (year, month, other_month, other_year) in enumerate(zip(*pieces)):
        if (year or other_year) and np.isnat(values[place]):
            values[place] = _calendar(
                *(np.array([int(part)]) for part in (year or other_year, month or other_month, 1))
            )[0]
    return values


def _serial(numbers: np.ndarray) -> np.ndarray:
    sound = (numbers >= SERIAL[0]) & (numbers <= SERIAL[1])
    days = np.datetime64("1899-12-30", "D") + np.where(sound, numbers, 0).astype(np.int64)
    return np.where(sound, days, NO_DAY)


def _native(cell: object) -> np.datetime64:
    if isinstance(cell, pd.Timestamp):
        return cell.to_datetime64().astype("datetime64[D]")
    if isinstance(cell, (int, float)):
        return _serial(np.array([float(cell)]))[0]
    return NO_DAY


def _swapped_by_excel(native: list[pd.Timestamp], parts: _Parts, texts: pa.Array) -> tuple[str, str] | None:
    """A workbook opened with the wrong order turns 03/04 into 4 March and leaves 25/04 as text: both kinds in one column."""
    rows = np.flatnonzero(np.isin(parts.style, ["/4", "-4", ".4"]))
    if not native or not len(rows) or any(day.day > 12 for day in native):
        return None
    if (parts.a[rows] > 12).all() or (parts.b[rows] > 12).all():
        return str(native[0].date()), texts[int(rows[0])].as_py()
    return None


def _written(style: str) -> str:
    mark = {" ": "blanks", ".": "dots", "/": "slashes", "-": "dashes", ":": "colons"}[style[0]]
    return f"{mark}, {'year first' if style[1] == '1' else 'year last' if style[1] == '4' else 'two-digit year'}"
