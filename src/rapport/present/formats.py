"""Babel's door: how money, shares, counts, days and dates are written in the six languages of a report.

A `Locale` is one language and one currency. A page says once which one it speaks (`speak`), everything on it follows.
"""

import math
import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date as Date
from functools import cached_property

import babel
import pandas as pd
from babel import dates, numbers, units

from ..foundation.errors import ReportError, did_you_mean

LANGUAGES = {"en": "en_GB", "lt": "lt", "bg": "bg", "ru": "ru", "et": "et", "hu": "hu"}
NONE = "–"  # what stands where a table has no value
_NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Locale:
    """One language (en, lt, bg, ru, et, hu) and one currency (ISO 4217); writes every value a reader sees.

    Raises ReportError for a language the kit does not speak or a currency that is no ISO code.
    """

    language: str = "en"
    currency: str = "EUR"

    def __post_init__(self):
        if self.language not in LANGUAGES:
            raise ReportError(
                f"the report cannot be written in '{self.language}'.",
                "language",
                did_you_mean(self.language, list(LANGUAGES)),
            )
        if not numbers.is_currency(self.currency):
            raise ReportError(
                f"'{self.currency}' is not a currency.", "currency", "give the three-letter ISO 4217 code, such as EUR."
            )

    @cached_property
    def _babel(self) -> babel.Locale:
        return babel.Locale.parse(LANGUAGES[self.language])

    def money(self, value: float, decimals: int | None = None) -> str:
        """Money with the currency's sign; cents below 100 unless `decimals` says otherwise."""
        decimals = (2 if 0.005 <= abs(value) < 100 else 0) if decimals is None else decimals
        pattern = self._digits(self._babel.currency_formats["standard"].pattern, decimals)
        written = numbers.format_currency(
            _unsigned_zero(value, decimals), self.currency, format=pattern, locale=self._babel, currency_digits=False
        )
        return re.sub(r"(?<=[^\W\d_])(?=\d)", _NBSP, written)

    def short_money(self, value: float) -> str:
        """Money for an axis or a headline: €1.2M, €235K, €80."""
        if abs(value) < 1000:
            return self.money(value, 0)
        return numbers.format_compact_currency(value, self.currency, locale=self._babel, fraction_digits=_short(value))

    def percent(self, share: float, decimals: int | None = None) -> str:
        """A share (0–1) as a percentage: one decimal below 10 % and above 90 %, none between.

        A share that is not 0 or 1 is never written as if it were: <0.1 % and >99.9 %.
        """
        if decimals is None:
            if 0 < abs(share) < 0.0005:
                return f"{'<' if share > 0 else '>-'}{self._percent(0.001, 1)}"
            if 0.9995 <= share < 1:
                return f">{self._percent(0.999, 1)}"
            decimals = 0 if share == 0 or 0.1 <= abs(share) <= 0.9 or abs(share) >= 1 else 1
        return self._percent(_unsigned_zero(share, decimals + 2), decimals)

    def signed_money(self, value: float) -> str:
        """A change of money with its sign: +€4,000, -€12."""
        return f"{'+' if value > 0 else ''}{self.money(value)}"

    def signed_percent(self, share: float) -> str:
        """A change as a percentage with its sign: +4.0%, -12%."""
        return f"{'+' if share > 0 else ''}{self.percent(share)}"

    def count(self, value: float) -> str:
        """A whole number with the thousands separated."""
        return self.number(value, 0)

    def short_count(self, value: float) -> str:
        """A whole number for an axis: 12K, 1.5M; written out below 10,000."""
        if abs(value) < 10_000:
            return self.count(value)
        return numbers.format_compact_decimal(value, locale=self._babel, fraction_digits=_short(value))

    def number(self, value: float, decimals: int = 2) -> str:
        """A plain number with fixed decimals."""
        pattern = self._digits("#,##0", decimals)
        return numbers.format_decimal(_unsigned_zero(value, decimals), format=pattern, locale=self._babel)

    def duration(self, value: float, unit: str) -> str:
        """Days, weeks, months or years with their word in the right plural: 21 dienų, 1 day."""
        value = round(value, 1) if abs(value) < 10 else round(value)
        value = int(value) if value == int(value) else value
        return units.format_unit(value, unit.removesuffix("s"), length="long", locale=self._babel)

    def days(self, value: float) -> str:
        """A number of days with its word."""
        return self.duration(value, "days")

    def date(self, day: Date | str, style: str = "long") -> str:
        """A day: 30 September 2026 (long), 30 Sept 2026 (medium)."""
        return dates.format_date(pd.Timestamp(day).date(), style, locale=self._babel)

    def period(self, day: Date | str, kind: str) -> str:
        """The period that begins on a day, short: W a week's first day, M a month and year, Q a quarter and year."""
        if kind == "Q":
            return dates.format_skeleton("yQQQ", pd.Timestamp(day).to_pydatetime(), locale=self._babel)
        return (
            self.month(day)
            if kind == "M"
            else dates.format_skeleton("yMMMd", pd.Timestamp(day).to_pydatetime(), locale=self._babel)
        )

    def month(self, day: Date | str) -> str:
        """A month and its year, short: Sept 2026."""
        return dates.format_skeleton("yMMM", pd.Timestamp(day).normalize().to_pydatetime(), locale=self._babel)

    def text(self, value, unit: str) -> str:
        """Any value by its unit (share, money, count, days, months, years, orders, ratio, date, month, text, yes/no …).

        A value that is missing is an en dash.
        """
        if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
            return NONE
        if unit in _DURATIONS:
            return self.duration(value, unit)
        writer = _WRITERS.get(unit)
        return writer(self, value) if writer else str(value)

    def orders(self, value: float) -> str:
        """A number of orders: one decimal where it is an expectation."""
        return self.number(value, 0 if float(value).is_integer() or abs(value) >= 100 else 1)

    def interval(self, low: float, high: float, unit: str, *, short: bool = False) -> str:
        """Both ends of an interval in one unit, joined by a dash; `short` writes money in thousands or millions."""
        if unit == "money" and short:
            return f"{self.short_money(low)}{_NBSP}– {self.short_money(high)}"
        if unit in ("share", "percent"):
            decimals = 1 if high - low < 0.04 else 0
            return f"{self.percent(low, decimals)}{_NBSP}– {self.percent(high, decimals)}"
        if unit == "money":
            decimals = 2 if max(abs(low), abs(high)) < 100 else 0
            return f"{self.money(low, decimals)}{_NBSP}– {self.money(high, decimals)}"
        return f"{self.text(low, unit)}{_NBSP}– {self.text(high, unit)}"

    def plural(self, value: float) -> str:
        """The plural form the language uses for this number: one, few, many or other."""
        whole = int(value) if float(value).is_integer() else value
        return self._babel.plural_form(whole)

    def plural_forms(self) -> tuple[str, ...]:
        """The plural forms the language has."""
        return (*sorted(self._babel.plural_form.rules), "other")

    def excel_money(self, decimals: int = 2) -> str:
        """Excel's number format for money in this currency, as the language writes it."""
        symbol = numbers.get_currency_symbol(self.currency, locale=self._babel)
        digits = "#,##0" + ("." + "0" * decimals if decimals else "")
        is_before = self._babel.currency_formats["standard"].pattern.startswith("¤")
        return f'"{symbol}"{digits}' if is_before else f'{digits} "{symbol}"'

    def _percent(self, share: float, decimals: int) -> str:
        pattern = self._digits(self._babel.percent_formats[None].pattern, decimals)
        return numbers.format_percent(share, format=pattern, locale=self._babel)

    @staticmethod
    def _digits(pattern: str, decimals: int) -> str:
        return re.sub(r"0(\.0+)?(?=[^0#.,]*$)", "0" + ("." + "0" * decimals if decimals else ""), pattern, count=1)


def _short(value: float) -> int:
    """Decimals of a short number, so that it has two or three digits."""
    lead = abs(value) / 1000 ** (math.floor(math.log10(abs(value))) // 3)
    return 1 if lead < 100 else 0


def _unsigned_zero(value: float, decimals: int) -> float:
    """The value, with −0 and whatever rounds to it as plain 0."""
    return 0 if round(float(value), decimals) == 0 else value


_DURATIONS = ("days", "weeks", "months", "years")
_WRITERS = {
    **dict.fromkeys(("share", "percent"), Locale.percent),
    **dict.fromkeys(("number", "ratio", "nats"), Locale.number),
    "money": Locale.money,
    "count": Locale.count,
    "orders": Locale.orders,
    "date": Locale.date,
    "month": Locale.month,
}
_ENGLISH = Locale()
_spoken: ContextVar[Locale] = ContextVar("spoken", default=_ENGLISH)


def language_name(language: str) -> str:
    """The English name of a language by its two letters: Lithuanian; the letters themselves where there is none."""
    try:
        return babel.Locale.parse(language).english_name or language
    except (ValueError, babel.UnknownLocaleError):
        return language


def speak(language: str = "en", currency: str = "EUR") -> Locale:
    """Sets the language and currency of everything this page shows from here on, and returns them."""
    locale = Locale(language, currency)
    _spoken.set(locale)
    return locale


def spoken() -> Locale:
    """The language and currency the page speaks now (English and euro until `speak` is called)."""
    return _spoken.get()


@contextmanager
def speaking(locale: Locale):
    """For the length of a `with` block, `locale` is the one spoken."""
    before = _spoken.set(locale)
    try:
        yield locale
    finally:
        _spoken.reset(before)
