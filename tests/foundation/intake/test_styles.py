"""What the files of one source prove about each other: borrowed where all agree, asked about where they differ."""

import pytest

from rapport.foundation.errors import IntakeError

from .conftest import SALES, row

MONTH_FIRST = "order,customer,date,amount\n1,A,02/13/2025,1.50\n"
DAY_FIRST = "order,customer,date,amount\n2,A,13/01/2025,2.50\n"
NEITHER = "order,customer,date,amount\n3,A,01/04/2025,3.50\n"


@pytest.fixture
def folder(client):
    """Reads texts, put as a.csv, b.csv … into one folder, as one source."""

    def read(*texts: str, **source):
        for name, text in zip("abcd", texts):
            client.put(f"f/{name}.csv", text)
        return client.read(file="raw/f", columns=SALES, **source)

    return read


def test_a_file_that_proves_no_order_of_days_is_asked_about_where_the_others_differ(folder):
    with pytest.raises(IntakeError) as error:
        folder(MONTH_FIRST, DAY_FIRST, NEITHER)
    assert "'01/04/2025' may be read as" in error.value.what
    assert "month, day, year in raw/f/a.csv and day, month, year in raw/f/b.csv" in error.value.what
    assert error.value.where.startswith("raw/f/c.csv")
    assert "a source of their own" in error.value.to_do


def test_files_that_prove_two_orders_each_for_themselves_are_read(folder):
    made = folder(MONTH_FIRST, DAY_FIRST)
    assert list(made.frame["ordered_on"].astype(str)) == ["2025-02-13", "2025-01-13"]


def test_what_all_other_files_prove_is_borrowed_and_said(folder):
    made = folder(DAY_FIRST, NEITHER)
    assert str(made.last_on.date()) == "2025-04-01"
    said = row(made, "the order of days of raw/f/b.csv")
    assert (said["treatment"], said["why"], said["rows"]) == (
        "read as day, month, year", "proven by raw/f/a.csv only", 1,
    )  # fmt: skip
    assert not made.quality["check"].str.contains("a.csv").any()


def test_a_file_that_proves_no_decimal_sign_is_asked_about_where_the_others_differ(folder):
    dot = "order,customer,date,amount\n1,A,2025-01-01,10.50\n"
    comma = "order;customer;date;amount\n3;A;2025-01-03;1.220,75\n"
    neither = "order;customer;date;amount\n5;A;2025-01-05;1.250\n"
    with pytest.raises(IntakeError) as error:
        folder(dot, comma, neither)
    assert "'1.250' may be 1250 or 1.250, and the source has '.' in raw/f/a.csv and ',' in raw/f/b.csv" in (
        error.value.what
    )
    assert error.value.where.startswith("raw/f/c.csv")
    made = folder(dot.replace("10.50", "10"), comma, neither)
    assert made.frame["net_amount"].tolist() == [10.0, 1220.75, 1250.0]
    assert row(made, "the decimal sign of raw/f/c.csv")["treatment"] == "read as ','"
