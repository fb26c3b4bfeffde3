"""One currency per run (DEF8): several in a source need declared rates, and every row is converted by them."""

import numpy as np
import pandas as pd

from ..errors import IntakeError
from .amounts import currencies_in, currency_signs
from .converted import cells_of, spread
from .source import Source, rate_of

DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD")
FIXED_TO_EURO = {  # irrevocable rates of currencies that became the euro
    "BGN": "1/1.95583", "HRK": "1/7.53450", "LTL": "1/3.45280", "LVL": "1/0.702804", "EEK": "1/15.6466",
    "SKK": "1/30.1260", "SIT": "1/239.640", "DEM": "1/1.95583", "MTL": "1/0.429300", "CYP": "1/0.585274",
}  # fmt: skip
ROUNDING = 0.001  # a rate written with three signs or more is the irrevocable one, rounded


def refuse_wrong_rates(source: Source, currency: str, where: str) -> None:
    """Raises IntakeError for a declared rate against the irrevocable one between the euro and what it replaced.

    The rate holds whichever way round the engagement counts, and for amounts of before the change too: one firm's years
    can be compared only at one rate. What is within a thousandth of it is that rate, rounded.
    """
    for code, rate in source.rates.items():
        right = _irrevocable(code, currency)
        if right is None or abs(rate / rate_of(right) - 1) <= ROUNDING:
            continue
        is_reversed = abs(rate * rate_of(right) - 1) <= ROUNDING
        fault = "which is the irrevocable rate turned round" if is_reversed else "against the irrevocable rate"
        raise IntakeError(
            f"1 {code} is declared to be worth {rate:.6g} {currency}, {fault}.",
            f"{where}, rates",
            f"write `rates: {{{code}: {right}}}`.",
        )


def _irrevocable(code: str, currency: str) -> str | None:
    """What one unit of `code` is worth in `currency`, as it is written under `rates`; None where no law fixes it."""
    if currency == "EUR":
        return FIXED_TO_EURO.get(code)
    return FIXED_TO_EURO[currency].removeprefix("1/") if code == "EUR" and currency in FIXED_TO_EURO else None


def currency_of_rows(
    source: Source,
    *,
    column: pd.Series | None,
    amounts: pd.Series | None,
    days: np.ndarray | None,
    rows: int,
    currency: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Currency code of every row, and which rows name one that is not known.

    From a currency column, else from signs inside the amounts, else as declared for the source and its earlier days.
    """
    codes = np.full(rows, source.currency or currency, dtype=object)
    unknown = np.zeros(rows, dtype=bool)
    for until, earlier in sorted(source.currency_before.items(), reverse=True):
        if days is not None:
            codes[days < np.datetime64(pd.Timestamp(until), "D")] = earlier
    if column is not None:
        named, unknown = _codes(column)
        codes = np.where(named != "", named, codes)
    elif amounts is not None:
        for code, places in currencies_in(amounts).items():
            own_dollar = code == "USD" and (source.currency or currency) in DOLLARS
            codes[places] = (source.currency or currency) if own_dollar else code
    return codes, unknown


def rates_of_rows(codes: np.ndarray, used: np.ndarray, source: Source, currency: str, where: str) -> np.ndarray:
    """The rate of every row into the engagement's currency. Raises IntakeError when a used currency has none (DEF8)."""
    refuse_wrong_rates(source, currency, where)
    found, counts = np.unique(codes[used].astype(str), return_counts=True)
    without = [code for code in found if code != currency and code not in source.rates]
    if without:
        listed = ", ".join(f"{code} in {count:,} rows" for code, count in zip(found, counts))
        example = ", ".join(f"{code}: {FIXED_TO_EURO.get(code, '…') if currency == 'EUR' else '…'}" for code in without)
        several = "several currencies"
        raise IntakeError(
            f"amounts are in {several if len(found) > 1 else f'another currency than {currency}'}: {listed}.",
            where,
            f"declare what one unit is worth in {currency} under this source, `rates: {{{example}}}`, "
            "or drop those rows by a rule.",
        )
    rates = {currency: 1.0} | dict(source.rates)
    return pd.Series(codes, dtype=object).map(rates).to_numpy(dtype=float)


def _codes(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The currency each row names ('' where the cell is empty), and which rows name none that is known."""
    cells, places = cells_of(column)
    known = currency_signs()
    named = np.array([known.get(str(cell).strip().upper().rstrip(".")) or "?" for cell in cells] or [""], dtype=object)
    rows = spread(named[: len(cells)], places, "")
    return np.where(rows == "?", "", rows), rows == "?"
