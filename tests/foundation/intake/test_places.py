"""Where data lies: databases, folders and patterns, workbooks, Parquet, pasted tables."""

import io
import sqlite3

import pandas as pd
import pytest

from rapport.foundation.errors import IntakeError

from .conftest import SALES, row

LINES = "order,customer,date,amount\n1,a,2026-01-01,5.10\n2,b,2026-01-02,7.20\n"


@pytest.fixture
def database(client):
    path = client.put("shop.sqlite", b"")
    with sqlite3.connect(path) as connection:
        connection.execute("create table orders (number integer, customer text, day text, amount numeric)")
        connection.execute(
            "insert into orders values (1, '007', '2026-01-01', 5.1), (2, null, '2026-01-02 10:00:00', 7)"
        )
    connection.close()
    return path


COLUMNS = {"order_id": "number", "record_id": "customer", "ordered_on": "day", "net_amount": "amount"}


def test_sqlite_by_url(client, database):
    before = database.read_bytes()
    intake = client.read(url="sqlite:///raw/shop.sqlite", query="select * from orders", columns=COLUMNS)
    assert intake.frame["order_id"].tolist() == ["1", "2"]
    assert intake.frame["record_id"].tolist() == ["007", None]
    assert intake.money_out == 12.1
    assert database.read_bytes() == before


def test_a_query_the_database_refuses(client, database):
    with pytest.raises(IntakeError, match="refuses the query: no such table: order") as error:
        client.read(url="sqlite:///raw/shop.sqlite", query="select * from order_", columns=COLUMNS)
    assert "select * from order_" in error.value.where


def test_a_query_cannot_write(client, database):
    with pytest.raises(IntakeError, match="refuses"):
        client.read(url="sqlite:///raw/shop.sqlite", query="delete from orders", columns=COLUMNS)


def test_a_database_that_is_not_there(client):
    with pytest.raises(IntakeError, match="there is no database 'none.sqlite'"):
        client.read(url="sqlite:///raw/none.sqlite", query="select 1", columns=COLUMNS)


def test_a_database_given_as_a_file_is_sent_to_url(client, database):
    with pytest.raises(IntakeError, match="a SQLite database") as error:
        client.read(file="raw/shop.sqlite", columns=COLUMNS)
    assert "url: sqlite:///" in error.value.to_do


def test_duckdb_through_the_warehouse(client):
    import duckdb

    path = client.folder / "raw" / "shop.duckdb"
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table orders as select 1 as number, 'a' as customer, date '2026-01-01' as day, 5.10 as amount"
        )
    intake = client.read(url="duckdb:///raw/shop.duckdb", query="select * from orders", columns=COLUMNS)
    assert intake.frame[["order_id", "net_amount"]].values.tolist() == [["1", 5.1]]


def test_a_password_is_never_shown(client):
    with pytest.raises(IntakeError) as error:
        client.read(url="postgres://me:secret@nowhere.invalid/db", query="select 1", columns=COLUMNS)
    assert "secret" not in str(error.value)


def test_a_list_of_files_is_one_source_read_in_the_order_of_their_names(client):
    client.put("b.csv", LINES)
    client.put("a.csv", LINES.replace("1,a", "3,c").replace("2,b", "4,d"))
    client.put("c.csv", LINES)
    made = client.read(file=["raw/b.csv", "raw/a.csv"], columns=SALES)
    assert made.frame["record_id"].tolist() == ["c", "d", "a", "b"]
    with pytest.raises(IntakeError, match=r"no file 'raw/z\.csv'"):
        client.read(file=["raw/a.csv", "raw/z.csv"], columns=SALES)


def test_a_folder_and_a_pattern_are_one_source(client):
    client.put("in/2025.csv", LINES)
    client.put("in/2026.csv", "amount;customer;order;date\n9,90;c;3;2026-02-01\n")  # another dialect, columns permuted
    client.put("in/.hidden.csv", "x")
    for file in ("raw/in", "raw/in/*.csv"):
        intake = client.read(file=file, columns=SALES)
        assert intake.frame["order_id"].tolist() == ["1", "2", "3"]
        assert intake.money_out == 22.2
        assert [one.file for one in intake.files] == ["raw/in/2025.csv", "raw/in/2026.csv"]


def test_the_same_file_twice_is_read_once(client):
    client.put("in/a.csv", LINES)
    client.put("in/b.csv", LINES)
    intake = client.read(file="raw/in", columns=SALES)
    assert intake.rows_out == 2
    assert row(intake, "raw/in/b.csv is the same file as raw/in/a.csv")["severity"] == "caution"


def test_rows_of_overlapping_files_are_reported_and_dropped_when_declared(client):
    client.put("in/a.csv", LINES)
    client.put("in/b.csv", LINES.replace("1,a,2026-01-01,5.10\n", "") + "3,c,2026-01-03,1.00\n")
    kept, dropped = (client.read(file="raw/in", columns=SALES, **extra) for extra in ({}, {"duplicates": "drop"}))
    found = row(kept, "rows that stand in an earlier file too")
    assert (found["rows"], found["amount"], found["severity"], kept.rows_out) == (1, 7.2, "caution", 4)
    assert dropped.rows_out == 3


def test_a_file_that_lacks_a_mapped_column_is_named(client):
    client.put("in/a.csv", LINES)
    client.put("in/b.csv", LINES.replace("amount", "total"))
    with pytest.raises(IntakeError, match="there is no column 'amount'") as error:
        client.read(file="raw/in", columns=SALES)
    assert "raw/in/b.csv" in error.value.where


def test_one_file_proves_the_order_of_days_for_the_others(client):
    client.put("in/a.csv", "order,customer,date,amount\n1,a,03/04/2026,5.00\n")
    client.put("in/b.csv", "order,customer,date,amount\n2,a,25/04/2026,5.00\n")
    assert client.read(file="raw/in", columns=SALES).frame["ordered_on"].dt.month.tolist() == [4, 4]


def test_a_file_that_is_not_there_lists_what_is(client):
    client.put("orders.csv", LINES)
    with pytest.raises(IntakeError, match="there is no file 'raw/order.csv'") as error:
        client.read(file="raw/order.csv", columns=SALES)
    assert "orders.csv" in error.value.to_do


def test_a_pasted_table(client):
    pasted = "order\tcustomer\tdate\tamount\n1\ta\t2026-01-01\t5,10\n2\tb\t2026-01-02\t7,20\n"
    intake = client.read(pasted=pasted, columns=SALES)
    assert intake.money_out == 12.3


def test_parquet_keeps_its_types(client):
    frame = pd.DataFrame(
        {
            "order": ["0001", "0002"], "customer": pd.array([17850, None], dtype="Int64"),
            "date": pd.to_datetime(["2026-01-01 10:00", "2026-01-02 00:00"]), "amount": [1.299, 2.5],
        }
    )  # fmt: skip
    out = io.BytesIO()
    frame.to_parquet(out)
    intake = client.read(out.getvalue(), file="raw/x.parquet", columns=SALES)
    assert intake.frame["order_id"].tolist() == ["0001", "0002"]
    assert intake.frame["record_id"].tolist() == ["17850", None]
    assert intake.frame["ordered_on"].tolist() == [pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-02")]
    assert intake.frame["net_amount"].tolist() == [1.299, 2.5]


def test_moments_with_a_time_zone_become_its_days_and_say_so(client):
    moments = pd.to_datetime(["2026-01-05 23:30", "2026-01-07 01:30"]).tz_localize("Europe/Vilnius")
    frame = pd.DataFrame({"order": ["1", "2"], "customer": ["a", "b"], "amount": [1.0, 2.0]})
    out, days = io.BytesIO(), io.BytesIO()
    frame.assign(date=moments.tz_convert("UTC")).to_parquet(out)
    frame.assign(date=moments.normalize()).to_parquet(days)
    intake = client.read(out.getvalue(), file="raw/x.parquet", columns=SALES)
    assert intake.frame["ordered_on"].dt.day.tolist() == [5, 6]
    found = row(intake, "moments in UTC (ordered_on)")
    assert (found["rows"], found["severity"]) == (2, "caution")
    plain = client.read(days.getvalue(), file="raw/y.parquet", columns=SALES)
    assert plain.frame["ordered_on"].dt.day.tolist() == [5, 7]
    assert not plain.quality["check"].str.startswith("moments").any()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x1f\x8b\x08\x00abc", "compressed"),
        (b"<html><table><tr><td>order</td></tr></table></html>", "a web page"),
        (b"<?xml version='1.0'?><a/>", "XML, but no bank statement"),
        (b"PK\x03\x04 broken", "cannot be opened"),
    ],
)
def test_what_is_no_table_is_refused_with_a_cure(client, content, what):
    with pytest.raises(IntakeError, match=what):
        client.read(content, file="raw/sales.xls", columns=SALES)


def test_a_text_called_xls_is_read_as_the_text_it_is(client):
    assert client.read(LINES, file="raw/sales.xls", columns=SALES).rows_out == 2


def test_a_database_whose_driver_is_not_installed_says_what_to_install(client, monkeypatch):
    def connect(url: str):
        raise ImportError("Failed to import the postgres backend due to missing dependencies.\n\npip install …")

    monkeypatch.setattr("rapport.foundation.warehouse.ibis.connect", connect)
    with pytest.raises(IntakeError) as error:
        client.read(url="postgres://me:secret@db.example/shop", query="select 1", columns=SALES)
    assert "pip install 'rapport[postgres]'" in error.value.to_do
    assert "secret" not in str(error.value)
