"""A client's PostgreSQL by URL, asked in earnest: a server of its own is started for these tests, and stopped."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.foundation.errors import IntakeError

from .conftest import row

SCHEMA = """
create table customers (number text primary key, name text, city text);
insert into customers values ('007', 'Rūta Čepaitė', 'Kėdainiai'), ('008', 'UAB „Ąžuolas“', null);
create table orders (id integer, customer text, day date, booked timestamptz, net numeric(12, 3), margin numeric);
insert into orders values
  (1, '007', '2026-01-05', '2026-01-05 23:30:00+02', 1.299, 0.25),
  (2, '008', '2026-01-06', '2026-01-07 01:30:00+02', 1250.000, null),
  (3, null,  '2026-01-07', '2026-01-07 12:00:00+02', -20.500, -5);
"""
ORDERS = {"order_id": "id", "record_id": "customer", "ordered_on": "day", "net_amount": "net", "margin": "margin"}


def program(name: str) -> str | None:
    """A program of the server: on the path, or where Debian keeps it."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(kept[-1]) if kept else None)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of a database with two tables, on a server that lives as long as this module's tests."""
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    if not program("initdb") or not program("pg_ctl"):
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="rapport-postgres-"))
    who = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        nobody = pwd.getpwnam("nobody")
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid}
        shutil.chown(folder, **who)

    def run(name: str, *options: str) -> None:
        subprocess.run([program(name), *options], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=60, **who)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "shop", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    run("pg_ctl", "-D", data, "-o", settings, "-l", str(folder / "log"), "-w", "start")
    try:
        import psycopg

        address = f"postgres://shop@127.0.0.1:{port}/postgres"
        with psycopg.connect(address) as connection:
            connection.execute(SCHEMA)
        yield address
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_every_type_comes_as_it_lies_there(client, url):
    intake = client.read(url=url, query="select * from orders order by id", columns=ORDERS)
    assert intake.frame["order_id"].tolist() == ["1", "2", "3"]
    assert intake.frame["record_id"].tolist() == ["007", "008", None]
    assert intake.frame["ordered_on"].dt.strftime("%Y-%m-%d").tolist() == ["2026-01-05", "2026-01-06", "2026-01-07"]
    assert intake.frame["net_amount"].tolist() == [1.299, 1250.0, -20.5]
    assert intake.frame["margin"].fillna(0).tolist() == [0.25, 0.0, -5.0]
    assert intake.money_out == 1230.799


def test_letters_and_empty_cells(client, url):
    columns = {"record_id": "number", "name": "name", "city": "city"}
    records = client.read(url=url, query="select * from customers order by number", table="records", columns=columns)
    assert records.frame["name"].tolist() == ["Rūta Čepaitė", "UAB „Ąžuolas“"]
    assert records.frame["city"].tolist() == ["Kėdainiai", None]


def test_a_number_of_the_database_is_never_asked_about(client, url):
    columns = {ours: theirs for ours, theirs in ORDERS.items() if ours != "margin"}
    intake = client.read(url=url, query="select id, customer, day, net from orders where id = 1", columns=columns)
    assert intake.frame["net_amount"].tolist() == [1.299]  # as text: one thousand two hundred and ninety-nine?


def test_moments_are_days_of_utc_unless_the_query_says_where(client, url):
    columns = ORDERS | {"ordered_on": "booked"}
    intake = client.read(url=url, query="select * from orders order by id", columns=columns)
    assert intake.frame["ordered_on"].dt.day.tolist() == [5, 6, 7]
    assert row(intake, "moments in UTC (ordered_on)")["rows"] == 3
    there = "select id, customer, (booked at time zone 'Europe/Vilnius')::date as booked, net, margin from orders"
    intake = client.read(url=url, query=f"{there} order by id", columns=columns)
    assert intake.frame["ordered_on"].dt.day.tolist() == [5, 7, 7]
    assert not intake.quality["check"].str.startswith("moments").any()


@pytest.mark.parametrize(
    "query",
    [
        "delete from orders returning *",
        "with gone as (delete from orders returning *) select * from gone",
        "select * from orders; drop table customers",
    ],
)
def test_no_query_changes_the_database(client, url, query):
    with pytest.raises(IntakeError, match="read-only transaction"):
        client.read(url=url, query=query, columns=ORDERS)
    left = client.read(url=url, query="select o.* from orders o left join customers c on c.number = o.customer",
                       columns=ORDERS)  # fmt: skip
    assert left.rows_out == 3


def test_a_server_for_reading_only_answers(client, url):
    only = f"{url}?options=-c%20default_transaction_read_only%3Don"
    assert client.read(url=only, query="select * from orders", columns=ORDERS).rows_out == 3


@pytest.mark.parametrize(
    ("change", "query", "what"),
    [
        ("", "select * from ordrs", 'relation "ordrs" does not exist'),
        ("/none", "select 1", 'database "none" does not exist'),
    ],
)
def test_what_the_server_refuses_is_said(client, url, change, query, what):
    address = url.replace("shop@", "shop:secret@")
    with pytest.raises(IntakeError, match=what) as error:
        client.read(url=address.replace("/postgres", change) if change else address, query=query, columns=ORDERS)
    assert "engagement.yml" in error.value.to_do
    assert "secret" not in str(error.value)
