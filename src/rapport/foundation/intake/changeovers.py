"""Countries whose money became the euro: where a file names no currency, its older amounts may be in the old money."""

import re
from dataclasses import dataclass

import numpy as np

from .amounts import currencies_in, currency_signs
from .canonical import MAIN_DAY, MAIN_MONEY, Reading
from .currencies import FIXED_TO_EURO

EURO_SINCE = {
    "BG": ("2026-01-01", "BGN"), "HR": ("2023-01-01", "HRK"), "LT": ("2015-01-01", "LTL"), "LV": ("2014-01-01", "LVL"),
    "EE": ("2011-01-01", "EEK"), "SK": ("2009-01-01", "SKK"), "CY": ("2008-01-01", "CYP"), "MT": ("2008-01-01", "MTL"),
    "SI": ("2007-01-01", "SIT"),
}  # fmt: skip


@dataclass(frozen=True)
class Changeover:
    """The day from which a country's money is the euro, the money of before, and what one unit of it was worth."""

    day: str
    code: str

    @property
    def rate(self) -> str:
        """The irrevocable rate into euro."""
        return FIXED_TO_EURO[self.code]

    @property
    def check(self) -> str:
        """What the first page calls amounts that may be in the old money."""
        return f"amounts before {self.day} may be in {self.code}"


def changeover(country: str, currency: str) -> Changeover | None:
    """When the money of an engagement in euro was another one; None where the kit knows of none."""
    return Changeover(*EURO_SINCE[country]) if currency == "EUR" and country in EURO_SINCE else None


def remark_on_old_money(reading: Reading, country: str, currency: str) -> None:
    """A caution on the rows of before the euro, where neither the file nor the source names a currency.

    They are taken as euro all the same: many systems turn their old amounts into euro on the day. Which it is, the
    client knows; `currency:` or `currency_before:` of the source settles it.
    """
    change = changeover(country, currency)
    day = reading.values.get(MAIN_DAY.get(reading.source.table, ""))
    if change is None or day is None or reading.amounts is None or _names_currency(reading):
        return
    why = (
        f"the file names no currency: declare `currency_before: {{{change.day}: {change.code}}}` and "
        f"`rates: {{{change.code}: {change.rate}}}`, or `currency: {currency}` if they are in {currency}"
    )
    reading.fates.remark(day < np.datetime64(change.day, "D"), change.check, f"taken as {currency}", why, "caution")


def _names_currency(reading: Reading) -> bool:
    """Whether a currency is declared, stands in a column or beside an amount, or the euro is in a column's name."""
    source = reading.source
    main = next(name for name in MAIN_MONEY if name in reading.values)
    if source.currency or source.currency_before or "currency" in reading.raw:
        return True
    in_cells = main in reading.raw and bool(currencies_in(reading.raw[main]))
    return in_cells or "EUR" in currencies_called(reading.theirs.get(main, source.compute.get(main, "")))


def currencies_called(column: str) -> set[str]:
    """Currencies in the name of a column: by their code, or by a sign that is no letter."""
    words = re.findall(r"[^\W_]+|[€$£¥₽₴₺₹]", column.upper())
    return {currency_signs()[word] for word in words if word in currency_signs() and len(word) != 2} - {""}
