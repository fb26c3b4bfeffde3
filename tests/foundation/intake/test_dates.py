"""Days: every way of writing is read by a proven order, and an order nobody proves stays open."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.foundation.intake.dates import days, orders_of
from rapport.foundation.intake.received import column_of_cells

EARLIEST, LATEST = pd.Timestamp("1970-01-01"), pd.Timestamp("2028-11-21")


def column(*cells) -> pd.Series:
    return pd.Series(column_of_cells(list(cells)))


def proven(*cells):
    return orders_of(column(*cells), earliest=EARLIEST, latest=LATEST)


def read(*cells, **options) -> list[str]:
    """Days as proven by the cells themselves; '?' where a cell is none."""
    found = proven(*cells)
    orders = {style: orders[0] for style, orders in found.allowed.items() if len(orders) == 1}
    converted = days(column(*cells), orders=orders, latest=LATEST, **options)
    return ["?" if bad else str(value) for value, bad in zip(converted.values, converted.bad)]


@pytest.mark.parametrize(
    "cell",
    [
        "2024-01-05", "2024/1/5", "2024.01.05", "2024. 01. 05.", "2024-01-05T23:59:59Z", "2024-01-05 10:00:00.000",
        "20240105",
        "20240105T103000", "05.01.2024", "5.1.2024", "05.01.2024 12:30", "5 января 2024 г.", "2024 m. sausio 5 d.",
        "Jan 5, 2024",
        "05-Jan-24", "5. jaanuar 2024", "2024. január 5.", "5 януари 2024", "2024:01:05", "45296",
        "1704412800", "1704412800000",
        20240105, 45296, 45296.75, pd.Timestamp("2024-01-05 18:00"),
    ],
)  # fmt: skip
def test_ways_of_writing_with_one_reading(cell):
    assert read(cell) == ["2024-01-05"]


@pytest.mark.parametrize("cell", ["03/04/2025", "3-4-2025", "03.04.05", "03/04/05"])
def test_a_cell_with_two_readings_stays_open(cell):
    assert proven(cell).open_styles() != []
    assert read(cell) == ["?"]


def test_another_cell_proves_the_order():
    assert read("03/04/2025", "25/04/2025") == ["2025-04-03", "2025-04-25"]
    assert read("03/04/2025", "04/25/2025") == ["2025-03-04", "2025-04-25"]
    assert read("03.04.17", "31.05.17") == ["2017-04-03", "2017-05-31"]
    assert read("17.04.03", "17.05.31") == ["2017-04-03", "2017-05-31"]


def test_dots_are_never_month_first():
    assert read("03.04.2025") == ["2025-04-03"]


def test_day_first_and_month_first_in_one_column_clash():
    assert proven("25/04/2025", "04/25/2025").clash == ("25/04/2025", "04/25/2025")


def test_a_workbook_that_swapped_days_and_months_is_noticed():
    swapped = (pd.Timestamp("2025-04-03"), pd.Timestamp("2025-12-01"), "25/04/2025", "13/01/2025")
    assert proven(*swapped).clash is not None
    whole = (pd.Timestamp("2025-04-03"), pd.Timestamp("2025-04-30"), "25/04/2025")
    assert proven(*whole).clash is None


@pytest.mark.parametrize(
    "cell",
    ["31/02/2025", "2025-13-01", "32.01.2025", "yesterday", "2025", "20251301", "2025-01", "12 abc 2024", 7, 0.5],
)
def test_what_is_no_day_is_bad(cell):
    assert read("25/04/2025", cell)[1] == "?"


@pytest.mark.parametrize("cell", ["-", "0000-00-00", "0000-00-00 00:00:00", "n/a", "NULL"])
def test_words_for_nothing_are_empty_not_bad(cell):
    assert read(cell, "2024-01-05") == ["NaT", "2024-01-05"]


@pytest.mark.parametrize("cell", ["2025-01", "01.2025", "2025M01", "2025.01", "Jan 2025", "2025 m. sausis"])
def test_months_where_they_are_asked_for(cell):
    assert read(cell, months_only=True) == ["2025-01-01"]


def test_a_declared_format_is_the_law():
    converted = days(column("03/04/2025", "2025-04-03"), orders={}, date_format="%m/%d/%Y", latest=LATEST)
    assert str(converted.values[0]) == "2025-03-04"
    assert converted.bad.tolist() == [False, True]


WRITTEN = {
    "dmy": "{day:02d}/{month:02d}/{year}",
    "mdy": "{month:02d}/{day:02d}/{year}",
    "ymd": "{year}-{month:02d}-{day:02d}",
}


@given(
    st.lists(st.dates(date(1990, 1, 1), date(2026, 11, 21)), min_size=1, max_size=20), st.sampled_from(sorted(WRITTEN))
)
def test_a_proven_order_reads_every_day_right_and_nothing_is_read_otherwise(dates, order):
    cells = [WRITTEN[order].format(day=one.day, month=one.month, year=one.year) for one in dates]
    assert read(*cells) in ([str(one) for one in dates], ["?"] * len(dates))
    if order == "ymd" or any(one.day > 12 for one in dates):
        assert read(*cells) == [str(one) for one in dates]


@given(st.lists(st.dates(date(1990, 1, 1), date(2026, 11, 21)), min_size=1, max_size=20))
def test_short_years_are_read_right_or_left_open(dates):
    cells = [f"{one.day:02d}.{one.month:02d}.{one.year % 100:02d}" for one in dates]
    assert all(found in (str(one), "?") for found, one in zip(read(*cells), dates))
