"""Days as people write them → days, by a declared format or by an order of day, month and year that the column proves.

03/04/2025 is 3 April or 4 March. The order is taken as proven when some cell allows one reading only (25/04/2025) and
none contradicts it; dots are never read month first, as nobody writes them so; a year in front is read year, month,
day. What stays open is asked about. Times of day are dropped; serial numbers of workbooks are recognised.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .calendars import NO_DAY, day_of_words, days_of_numbers, days_of_serials
from .converted import Converted, cells_of, is_text, samples_of, samples_of_typed, spread

ORDERS = ("dmy", "mdy", "ymd")
NAMES = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}
TIME = (
    r"[T ,]+(?:в |kl\.? )?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?"
    r"(?:\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?\s*$"
)
PARTS = (
    r"^(?P<a>\d{1,4})(?P<s>\. ?|[/\-:]| )(?P<b>\d{1,2})(?P<t>\. ?|[/\-:]| )(?P<c>\d{1,4})\.?"
    r"(?: ?(?:г|m|r|р)\.?)?$"
)
COMPACT = r"^(?P<a>\d{8})(?:T?\d{4}|T?\d{6})?Z?$"
MONTH = r"^(?:(?P<y>\d{4})[-./ M](?P<m>\d{1,2})|(?P<n>\d{1,2})[-./ ](?P<z>\d{4}))$"
STAMPS = ((r"^1\d{9}$", "s"), (r"^1\d{12}$", "ms"))
SERIAL_AS_TEXT_FROM = np.datetime64("1990-01-01", "D")
EMPTY_MARKS = pa.array(["-", "–", "—", "n/a", "na", "null", "none", "nan", "nat", "#n/a", "\\n", "0000-00-00"])


@dataclass(frozen=True)
class Orders:
    """For each way of writing (`/4`: slashes, year last) the orders its cells allow, and one cell as an example.

    `clash` holds two cells that contradict each other, if there are any.
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
    heads, _ = _heads(cells[text])
    parts = _parts(heads)
    allowed, example, clash = {}, {}, None
    for style in sorted(set(parts.style[parts.style != ""])):
        rows = np.flatnonzero(parts.style == style)
        fits = {order: _fits(parts, rows, order, earliest, latest) for order in _candidates(style)}
        clash = clash or _two_orders(style, rows, parts, heads)
        allowed[style] = _kept(style, fits)
        example[style] = heads[int(rows[0])].as_py()
    days_held = [cell for cell in cells[~text] if isinstance(cell, pd.Timestamp)]
    return Orders(allowed, example, clash or _swapped_by_workbook(days_held, parts, heads))


def days(
    column: pd.Series,
    *,
    orders: dict[str, str],
    date_format: str | None = None,
    months_only: bool = False,
    latest: pd.Timestamp,
) -> Converted:
    """The column as days. `orders` gives the order for each way of writing; a declared `date_format` wins over them.

    `months_only` lets 2025-01 stand for its first day; `latest` places years of two digits. What is no day is bad.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        values = column.dt.tz_localize(None).to_numpy(dtype="datetime64[D]")
        how = f"days as the clock shows them in {column.dt.tz}" if column.dt.tz else "days in the file itself"
        return Converted(values, np.zeros(len(values), dtype=bool), how, samples_of_typed(values, str))
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = pd.Series(pd.Categorical(column.astype(object)))
    cells, codes = cells_of(column)
    cells = _long_numbers_as_text(cells)
    text = is_text(cells)
    values, empty = np.full(len(cells), NO_DAY), np.zeros(len(cells), dtype=bool)
    if date_format:
        moments = pd.to_datetime(pd.Series(cells[text], dtype=object), format=date_format, errors="coerce")
        values[text] = moments.to_numpy("datetime64[D]")
    heads, places = _heads(cells[text])
    empty[text] = np.asarray(pc.is_in(pc.utf8_lower(heads), EMPTY_MARKS))[places]
    if not date_format:
        values[text] = _detected(heads, orders, months_only, latest)[places]
    values[~text] = [_held(cell) for cell in cells[~text]]
    found = "; ".join(f"{_written(style)}: {NAMES[order]}" for style, order in orders.items())
    how = date_format or found or ("as written" if text.any() else "days in the file itself")
    good = ~np.isnat(values)
    return Converted(
        spread(values, codes, NO_DAY), spread(~good & ~empty, codes, False), how, samples_of(cells, values, good, str)
    )


@dataclass(frozen=True)
class _Parts:
    """Three numbers per cell and how they are written: the separator and where the year stands ('' if not so)."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    style: np.ndarray


def _heads(cells: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """Distinct texts without their time of day, and which of them each cell has."""
    texts = pc.replace_substring_regex(pa.array(cells, pa.string()), TIME, "")
    encoded = texts.dictionary_encode()
    return encoded.dictionary, np.asarray(encoded.indices)


def _parts(texts: pa.Array) -> _Parts:
    found = pc.extract_regex(texts, PARTS)
    a, first, b, second, c = (pc.struct_field(found, [place]) for place in range(5))
    marks = [np.array(pc.fill_null(part, "").to_pylist(), dtype=object) for part in (first, second)]
    first, second = ([mark.strip() or mark for mark in part] for part in marks)
    lengths = [np.nan_to_num(pc.utf8_length(part).to_numpy(zero_copy_only=False)) for part in (a, c)]
    year_first = (lengths[0] == 4) & (lengths[1] <= 2)
    year_last = (lengths[0] <= 2) & (lengths[1] == 4)
    short_year = (lengths[0] <= 2) & (lengths[1] == 2)
    where = np.select([year_first, year_last, short_year], ["1", "4", "2"], "")
    style = [
        mark + place if mark and mark == other and place else "" for mark, other, place in zip(first, second, where)
    ]
    numbers = [np.nan_to_num(_numbers(part), nan=-1).astype(np.int64) for part in (a, b, c)]
    return _Parts(*numbers, style=np.array(style, dtype=object))


def _candidates(style: str) -> tuple[str, ...]:
    return {"1": ("ymd",), "4": ("dmy", "mdy"), "2": ORDERS}[style[1:]]


def _fits(parts: _Parts, rows: np.ndarray, order: str, earliest: pd.Timestamp, latest: pd.Timestamp) -> np.ndarray:
    built = _built(parts, rows, order, latest)
    return ~np.isnat(built) & (built >= earliest.to_datetime64()) & (built <= latest.to_datetime64())


def _kept(style: str, fits: dict[str, np.ndarray]) -> tuple[str, ...]:
    """Orders that explain every cell; where none does, those that explain most. Dots are never read month first."""
    most = max(good.sum() for good in fits.values())
    kept = tuple(order for order, good in fits.items() if good.sum() == most and most > 0)
    return tuple(order for order in kept if order != "mdy") if style[0] == "." and "dmy" in kept else kept


def _two_orders(style: str, rows: np.ndarray, parts: _Parts, heads: pa.Array) -> tuple[str, str] | None:
    """Two cells of one way of writing that cannot have the same order."""
    if style[1:] != "4":
        return None
    day_first = rows[(parts.a[rows] > 12) & (parts.b[rows] <= 12)]
    month_first = rows[(parts.b[rows] > 12) & (parts.a[rows] <= 12)]
    if not len(day_first) or not len(month_first):
        return None
    return heads[int(day_first[0])].as_py(), heads[int(month_first[0])].as_py()


def _swapped_by_workbook(held: list[pd.Timestamp], parts: _Parts, heads: pa.Array) -> tuple[str, str] | None:
    """A workbook opened with the wrong order turns 03/04 into 4 March and leaves 25/04 as text: both in one column."""
    rows = np.flatnonzero(np.isin(parts.style, ["/4", "-4", ".4"]))
    if not held or not len(rows) or any(day.day > 12 for day in held):
        return None
    if (parts.a[rows] > 12).all() or (parts.b[rows] > 12).all():
        return str(held[0].date()), heads[int(rows[0])].as_py()
    return None


def _built(parts: _Parts, rows: np.ndarray, order: str, latest: pd.Timestamp) -> np.ndarray:
    named = dict(zip(order, (parts.a[rows], parts.b[rows], parts.c[rows])))
    year = named["y"].copy()
    short = year < 100
    year[short] += latest.year // 100 * 100
    year[short & (year > latest.year + 1)] -= 100
    return days_of_numbers(year, named["m"], named["d"])


def _detected(texts: pa.Array, orders: dict[str, str], months_only: bool, latest: pd.Timestamp) -> np.ndarray:
    values = np.full(len(texts), NO_DAY)
    parts = _parts(texts)
    for style, order in orders.items():
        rows = np.flatnonzero(parts.style == style)
        values[rows] = _built(parts, rows, order, latest)
    left = np.flatnonzero(np.isnat(values) & (parts.style == ""))
    if len(left):
        values[left] = _without_separators(texts.take(pa.array(left)), months_only, latest)
    for place in left[np.isnat(values[left])]:
        values[place] = day_of_words(texts[int(place)].as_py(), months_only=months_only)
    return values


def _without_separators(texts: pa.Array, months_only: bool, latest: pd.Timestamp) -> np.ndarray:
    """20250131, serial numbers of workbooks, seconds since 1970, and months where they are asked for."""
    eight = np.nan_to_num(_numbers(pc.struct_field(pc.extract_regex(texts, COMPACT), [0]))).astype(np.int64)
    values = days_of_numbers(eight // 10000, eight // 100 % 100, eight % 100)
    is_serial = pc.match_substring_regex(texts, r"^\d{5}(?:[.,]\d+)?$")
    counted = days_of_serials(
        np.nan_to_num(_numbers(pc.if_else(is_serial, pc.utf8_slice_codeunits(texts, 0, 5), None)))
    )
    plausible = (counted >= SERIAL_AS_TEXT_FROM) & (counted <= latest.to_datetime64())
    values = np.where(plausible, counted, values)
    for pattern, unit in STAMPS:
        stamps = _numbers(pc.if_else(pc.match_substring_regex(texts, pattern), texts, None))
        moments = np.nan_to_num(stamps).astype(np.int64).astype(f"datetime64[{unit}]").astype("datetime64[D]")
        values = np.where(np.isnan(stamps), values, moments)
    if months_only:
        found = pc.extract_regex(texts, MONTH)
        year, month, other_month, other_year = (_numbers(pc.struct_field(found, [place])) for place in range(4))
        year, month = (
            np.nan_to_num(np.fmax(*pair)).astype(np.int64) for pair in ((year, other_year), (month, other_month))
        )
        values = np.where(year > 0, days_of_numbers(year, month, np.ones_like(year)), values)
    return values


def _numbers(texts: pa.Array) -> np.ndarray:
    """Digits as numbers; NaN where there are none."""
    filled = pc.if_else(pc.equal(texts, ""), None, texts)
    return pc.cast(filled, pa.float64()).to_numpy(zero_copy_only=False)


def _long_numbers_as_text(cells: np.ndarray) -> np.ndarray:
    """20250131 and seconds since 1970 held as numbers are read like their text; shorter numbers are serial days."""
    if is_text(cells).all():
        return cells
    moved = cells.copy()
    moved[:] = [str(cell) if isinstance(cell, int) and cell > 10**7 else cell for cell in cells]
    return moved


def _held(cell: object) -> np.datetime64:
    """A day a workbook holds as a day or as its serial number."""
    if isinstance(cell, pd.Timestamp):
        return cell.to_datetime64().astype("datetime64[D]")
    return days_of_serials(np.array([float(cell)]))[0] if isinstance(cell, (int, float)) else NO_DAY


def _written(style: str) -> str:
    mark = {" ": "blanks", ".": "dots", "/": "slashes", "-": "dashes", ":": "colons"}[style[0]]
    return f"{mark}, {({'1': 'year first', '4': 'year last', '2': 'year in two digits'})[style[1]]}"
