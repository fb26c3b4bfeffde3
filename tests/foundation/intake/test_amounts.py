"""Amounts: what people write is read exactly, what may be read two ways is told apart or left open."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.foundation.intake.amounts import currencies_in, decimal_marks, numbers
from rapport.foundation.intake.received import column_of_cells


def column(*cells) -> pd.Series:
    return pd.Series(column_of_cells(list(cells)))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12,50", 12.5), ("1 299,50", 1299.5), ("1\u00a0299,50", 1299.5), ("1\u202f299,50", 1299.5), ("1.299,00", 1299),
        ("1.234.567,891", 1234567.891), ("1'299,00", 1299), ("1’299,00", 1299), ("1299", 1299), ("0,5", 0.5),
        (",5", 0.5),
        ("-12,5", -12.5), ("−12,5", -12.5), ("12,5-", -12.5), ("(12,50)", -12.5), ("- 5,00", -5), ("+5", 5),
        ("€ 12,50", 12.5), ("12,50 €", 12.5), ("12,50 EUR", 12.5), ("лв. 12,30", 12.3), ("12,30 лв.", 12.3),
        ("1 299,50 руб.", 1299.5), ("12 500 Ft", 12500), ("5,00 Lt", 5), ("15%", 0.15), ("15,5 %", 0.155),
        ("1,2E+03", 1200),
        ("-0,00", 0.0), ("1.299", 1299),
    ],
)  # fmt: skip
def test_amounts_with_a_decimal_comma(cell, value):
    read = numbers(column(cell), decimal=",")
    assert not read.bad[0]
    assert read.values[0] == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("$90,000 ", 90000), ("$1,234.56", 1234.56), ("1,234,567", 1234567), ("($5.00)", -5), ("-$5.00", -5),
        ("1 000.25", 1000.25),
        ("1'000.25", 1000.25), (".5", 0.5), ("5.", 5), ("0.1", 0.1), ("2.675", 2.675),
        ("731.9399999999999", 731.9399999999999),
    ],
)  # fmt: skip
def test_amounts_with_a_decimal_point(cell, value):
    read = numbers(column(cell), decimal=".")
    assert not read.bad[0]
    assert read.values[0] == value


@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "12,5,3",
        "1.29",
        "12 50",
        "12 5000,00",
        "Rs. 5",
        "5,00CR",
        "1.2.3",
        "--5",
        "5-3",
        "10 - 20",
        "12(5)",
        "-5-",
        "12,5x",
        "n 5",
        "1,5E",
    ],
)
def test_what_is_no_amount_is_bad(cell):
    read = numbers(column(cell), decimal=",")
    assert read.bad[0]
    assert np.isnan(read.values[0])


@pytest.mark.parametrize("cell", ["-", "–", "n/a", "NULL", "NaN", "#N/A"])
def test_words_for_nothing_are_empty_not_bad(cell):
    read = numbers(column(cell), decimal=",")
    assert not read.bad[0]
    assert np.isnan(read.values[0])


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["12,50"], ","), (["12.50"], "."), (["1.299", "2,50"], ","), (["1.299,00"], ","), (["1,234,567"], "."),
        (["1.234.567"], ","), (["0.123"], "."), (["1234.567"], "."), (["1 299.500"], "."), (["$1,234.56"], "."),
        (["12,50 лв."], ","), (["5", "7"], None),
    ],
)  # fmt: skip
def test_the_decimal_sign_is_proven_by_a_cell_with_one_reading(cells, decimal):
    marks = decimal_marks(column(*cells))
    assert marks.decimal == decimal
    assert marks.either is None or decimal is not None


@pytest.mark.parametrize("cells", [["1.299"], ["1,299", "2,500"], ["$90,000 "], ["лв. 1.299"], ["-1.299"], ["(1.299)"]])
def test_a_cell_with_two_readings_proves_nothing(cells):
    marks = decimal_marks(column(*cells))
    assert marks.decimal is None
    assert marks.either == cells[0].strip()


def test_two_signs_in_one_column_are_both_shown():
    marks = decimal_marks(column("12,50", "12.50"))
    assert (marks.comma, marks.dot) == ("12,50", "12.50")
    assert marks.decimal is None


def test_numbers_of_a_workbook_need_no_sign():
    read = numbers(column(1.299, 2, "3,5"), decimal=",")
    assert read.values.tolist() == [1.299, 2.0, 3.5]


def test_a_declared_thousands_sign_is_the_only_one():
    assert numbers(column("1.299,00"), decimal=",", thousands=".").values[0] == 1299
    assert numbers(column("1'299,00"), decimal=",", thousands=".").bad[0]
    assert numbers(column("1 299,00"), decimal=",", thousands=" ").values[0] == 1299


def test_signs_name_the_currency_of_a_cell():
    found = currencies_in(column("€12", "$15", "7", "3 лв."))
    assert {code: rows.tolist() for code, rows in found.items()} == {
        "BGN": [False, False, False, True],
        "EUR": [True, False, False, False],
        "USD": [False, True, False, False],
    }


STYLES = {
    "1.234,56": lambda text: text.replace(",", "_").replace(".", ",").replace("_", "."),
    "1 234,56": lambda text: text.replace(",", "\u00a0").replace(".", ","),
    "1,234.56": lambda text: text,
    "1'234.56": lambda text: text.replace(",", "'"),
}


@given(st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=20), st.sampled_from(sorted(STYLES)))
def test_every_amount_comes_back_exactly(cents, style):
    exact = [cent / 100 for cent in cents]
    cells = [STYLES[style](f"{value:,.2f}") for value in exact]
    read = numbers(column(*cells), decimal="," if style.endswith(",56") else ".")
    assert not read.bad.any()
    assert read.values.tolist() == exact


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=20), st.sampled_from(sorted(STYLES)))
def test_detection_agrees_with_how_it_was_written_or_stays_open(cents, style):
    marks = decimal_marks(column(*[STYLES[style](f"{cent / 100:,.2f}") for cent in cents]))
    assert marks.decimal == ("," if style.endswith(",56") else ".")


@given(st.lists(st.integers(1, 999_999), min_size=1, max_size=20))
def test_whole_numbers_with_thousands_are_never_read_as_fractions_unasked(units):
    marks = decimal_marks(column(*[f"{unit:,}".replace(",", ".") for unit in units]))
    assert marks.decimal is None or marks.dot is None
