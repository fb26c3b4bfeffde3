"""Amounts as people write them → numbers, by a declared or a proven decimal sign; what stays open is asked about.

"1.299" is one thousand two hundred and ninety-nine in Vilnius and one and a bit in London. The decimal sign of a column
is taken as proven when some cell allows one reading only (`12,50`, `1.299,00`, `1,234,567`) and none contradicts it.
Text becomes the double nearest to the decimal number that is written, so two decimals stay two decimals.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .converted import Converted, cells_of, is_text, samples_of, samples_of_typed, spread
from .vocabulary import vocabulary

EMPTY_MARKS = {"-", "–", "—", "n/a", "na", "n.a.", "null", "none", "nan", "#n/a", "\\n", "."}
BLANKS = r"[\s\x{00a0}\x{2007}\x{2009}\x{202f}'’_]"
OTHER_THAN_DIGITS = r"[\d\s\x{00a0}\x{2007}\x{2009}\x{202f}'’_.,()+\-−–%]"
NUMBER = rf"(?:[\d.,]|{BLANKS})+%?{BLANKS}*"
SIGNED = rf"^(?:[-−–+]?{BLANKS}*{NUMBER}|{NUMBER}[-−–]|[-−–]?{BLANKS}*\({BLANKS}*{NUMBER}\))$"

DOT_DECIMAL = r"^(?:\d*\.(?:\d{0,2}|\d{4,})|0*\.\d{3}|\d{4,}\.\d{3}|\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:,\d{3}){2,})$"
COMMA_DECIMAL = r"^(?:\d*,(?:\d{0,2}|\d{4,})|0*,\d{3}|\d{4,},\d{3}|\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:\.\d{3}){2,})$"
EITHER = r"^[1-9]\d{0,2}[.,]\d{3}$"
PLAIN = {".": r"^-?\d+(?:\.(?:\d{1,2}|\d{4,}))?$", ",": r"^-?\d+(?:,(?:\d{1,2}|\d{4,}))?$"}
EXPONENT = r"(?i)^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$"


@dataclass(frozen=True)
class Marks:
    """Cells of a column: one that only a decimal dot explains, one that only a comma does, one that either does."""

    dot: str | None = None
    comma: str | None = None
    either: str | None = None

    @property
    def decimal(self) -> str | None:
        """The proven decimal sign; None when nothing or everything is proven."""
        return {(True, False): ".", (False, True): ","}.get((self.dot is not None, self.comma is not None))


@cache
def currency_signs() -> dict[str, str]:
    """What people write beside an amount → currency code ('' where several countries use the sign)."""
    return {code: code for code in vocabulary()["currencies"]} | vocabulary()["currency_signs"]


def decimal_marks(column: pd.Series) -> Marks:
    """What the column proves about its decimal sign."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return Marks()
    cells, _ = cells_of(column)
    texts = cells[is_text(cells)]
    for sign, pattern in PLAIN.items():
        if _all_match(pa.array(texts, pa.string()), pattern):
            example = _first(texts, pc.match_substring(pa.array(texts, pa.string()), sign))
            return Marks(dot=example) if sign == "." else Marks(comma=example)
    body, grouped = _bodies(pa.array(texts, pa.string()))
    dot = pc.or_(pc.match_substring_regex(body, DOT_DECIMAL), _split_by_blanks(body, grouped, r"\."))
    comma = pc.or_(pc.match_substring_regex(body, COMMA_DECIMAL), _split_by_blanks(body, grouped, ","))
    separated = pc.match_substring_regex(body, "[.,]")
    either = pc.and_not(pc.match_substring_regex(body, EITHER), grouped)
    return Marks(
        _first(texts, pc.and_(dot, separated)), _first(texts, pc.and_(comma, separated)), _first(texts, either)
    )


def numbers(column: pd.Series, *, decimal: str | None, thousands: str | None = None) -> Converted:
    """The column as numbers, its text read with this decimal sign (None: whole numbers only).

    Accepts signs before or after, parentheses for negatives, blanks and apostrophes between thousands, currency signs,
    a percent sign (divides by 100). A cell that is none of this, or whose thousands are not in threes, is bad.
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        samples = samples_of_typed(values, _shown)
        return Converted(values, np.zeros(len(values), dtype=bool), "numbers in the file itself", samples)
    cells, codes = cells_of(column)
    text = is_text(cells)
    values, bad = np.full(len(cells), np.nan), np.zeros(len(cells), dtype=bool)
    values[text], bad[text] = _parsed(pa.array(cells[text], pa.string()), decimal or ".", thousands)
    for place in np.flatnonzero(~text):
        if isinstance(cells[place], (int, float)):
            values[place] = cells[place]
        else:
            bad[place] = True
    how = f"decimal sign '{decimal}'" if decimal else "whole numbers"
    return Converted(
        spread(values, codes, np.nan),
        spread(bad, codes, False),
        how if text.any() else "numbers in the file itself",
        samples_of(cells, values, ~bad & ~np.isnan(values) & (text if text.any() else ~text), _shown),
    )


def currencies_in(column: pd.Series) -> dict[str, np.ndarray]:
    """Currency codes named by signs inside the cells: code → which rows carry it."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return {}
    cells, codes = cells_of(column)
    text = is_text(cells)
    if _all_match(pa.array(cells[text], pa.string()), r"^[\d\s.,'’()+\-]*$"):
        return {}
    found = np.full(len(cells), None, dtype=object)
    rest = _residue(pa.array(cells[text], pa.string())).dictionary_encode()
    named = np.array([currency_signs().get(sign) for sign in rest.dictionary.to_pylist()] or [None], dtype=object)
    found[text] = named[np.asarray(rest.indices)] if len(rest) else found[text]
    rows = spread(found, codes, None)
    return {code: rows == code for code in sorted({code for code in found if code})}


def looks_numeric(column: pd.Series) -> bool:
    """Whether at least nine of ten filled cells read as a number under one decimal sign or the other."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return pd.api.types.is_numeric_dtype(column)
    filled = max(int((column.cat.codes >= 0).sum()), 1)
    return any(np.sum(numbers(column, decimal=sign).bad) <= 0.1 * filled for sign in ".,")


def _all_match(texts: pa.Array, pattern: str) -> bool:
    return pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py()


def _residue(texts: pa.Array) -> pa.Array:
    """What is left of a cell without digits, signs and separators, in capitals: a currency, or text."""
    return pc.utf8_upper(pc.replace_substring_regex(texts, OTHER_THAN_DIGITS, ""))


def _wordless(texts: pa.Array) -> pa.Array:
    """The cell without currency words and signs."""
    bare = pc.replace_substring_regex(texts, r"\p{L}+\.?|\p{Sc}", "")
    return pc.utf8_trim(bare, " \t\u00a0\u2007\u2009\u202f'’_")


def _core(wordless: pa.Array) -> pa.Array:
    """Digits, separators and blanks between them: plus, minus, parentheses and percent are gone too."""
    return pc.utf8_trim(pc.replace_substring_regex(wordless, "[-−–+()%]", ""), " \t\u00a0\u2007\u2009\u202f'’_")


def _bodies(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Digits and separators only, and whether blanks or apostrophes stood between digits."""
    core = _core(_wordless(texts))
    grouped = pc.match_substring_regex(core, rf"\d{BLANKS}+\d")
    return pc.replace_substring_regex(core, BLANKS, ""), grouped


def _split_by_blanks(body: pa.Array, grouped: pa.Array, sign: str) -> pa.Array:
    """Where blanks part the thousands, the one dot or comma left is the decimal sign."""
    return pc.and_(grouped, pc.match_substring_regex(body, rf"^\d+{sign}\d*$"))


def _parsed(texts: pa.Array, decimal: str, thousands: str | None) -> tuple[np.ndarray, np.ndarray]:
    if _all_match(texts, PLAIN[decimal]):
        values = pc.cast(pc.replace_substring(texts, decimal, "."), pa.float64()).to_numpy(zero_copy_only=False)
        return values + 0.0, np.zeros(len(values), dtype=bool)
    stripped = pc.utf8_trim_whitespace(texts)
    empty = pc.is_in(pc.utf8_lower(stripped), pa.array(sorted(EMPTY_MARKS)))
    residue = _residue(stripped)
    known = pc.or_(pc.equal(residue, ""), pc.is_in(residue, pa.array(sorted(currency_signs()))))
    other = "," if decimal == "." else "."
    point, apart = (rf"\{decimal}", rf"[{other}'’_ \x{{00a0}}\x{{2007}}\x{{2009}}\x{{202f}}]")
    if thousands is not None and thousands.strip():
        apart = rf"\{thousands}"
    shape = rf"^(?:\d{{1,3}}(?:{apart}\d{{3}})+|\d+)?(?:{point}\d*)?$"
    wordless = _wordless(stripped)
    core = _core(wordless)
    signed = pc.match_substring_regex(wordless, SIGNED)
    valid = pc.and_(signed, pc.and_(pc.match_substring_regex(core, shape), pc.match_substring_regex(core, r"\d")))
    plain = pc.replace_substring_regex(pc.replace_substring_regex(core, apart, ""), point, ".")
    exponent = pc.match_substring_regex(stripped, EXPONENT)
    plain = pc.if_else(exponent, pc.replace_substring(stripped, decimal, "."), plain)
    good = pc.and_not(pc.or_(pc.and_(known, valid), exponent), empty)
    values = pc.cast(pc.if_else(good, plain, None), pa.float64()).to_numpy(zero_copy_only=False)
    minus = pc.match_substring_regex(wordless, "[-−–(]")
    sign = np.where(np.asarray(pc.and_not(minus, exponent)), -1.0, 1.0)
    percent = np.where(np.asarray(pc.match_substring(stripped, "%")), 100.0, 1.0)
    bad = ~np.asarray(pc.or_(good, empty))
    return values * sign / percent + 0.0, bad


def _shown(value: float) -> str:
    return f"{value:.10g}" if abs(value) < 10**9 else f"{value:.2f}"


def _first(texts: np.ndarray, mask: pa.Array) -> str | None:
    places = np.flatnonzero(np.asarray(mask))
    return texts[places[0]] if len(places) else None
