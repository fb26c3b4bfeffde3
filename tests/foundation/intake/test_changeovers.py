"""Amounts of before the euro: in the old money or in euro is asked, and neither is taken in silence."""

import pandas as pd
import pytest
import yaml

from rapport.foundation.intake import Source, engagement_yaml, propose, read_source

from .conftest import SALES, row

LINES = "order,customer,date,amount\n1,A,2025-06-30,195.58\n2,B,2025-12-31,391.17\n3,A,2026-01-01,100.00\n"
CHECK = "amounts before 2026-01-01 may be in BGN"


def read(client, text=LINES, country="BG", columns=SALES, **source):
    """The file as sales of a firm in this country, whose report is in euro."""
    return client.read(text, country=country, columns=columns, as_of="2026-12-31", **source)


def test_amounts_of_before_the_euro_are_a_caution_in_rows_and_money(client):
    made = read(client)
    said = row(made, CHECK)
    assert (said["rows"], said["amount"], said["severity"], said["treatment"]) == (2, 586.75, "caution", "taken as EUR")
    assert "currency_before: {2026-01-01: BGN}" in said["why"]


def test_declared_old_money_is_converted_and_no_longer_asked_about(client):
    made = read(client, currency_before={"2026-01-01": "BGN"}, rates={"BGN": "1/1.95583"})
    assert made.frame["net_amount"].round(2).tolist() == [100.0, 200.0, 100.0]
    assert CHECK not in set(made.quality["check"])


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (LINES.replace("195.58", "195.58 EUR"), {}),
        (LINES.replace("amount", "amount EUR"), {"columns": SALES | {"net_amount": "amount EUR"}}),
        (LINES.replace("2025", "2026"), {}),
        (LINES, {"country": "DE"}),
        (LINES, {"country": "BG", "currency": "BGN"}),
    ],
    ids=["beside the amount", "in the column's name", "all after the day", "no change known", "a report in lev"],
)
def test_nothing_is_asked_where_it_is_known(client, text, keys):
    made = read(client, text, **keys)
    assert not made.quality["check"].str.startswith("amounts before").any()


def test_nothing_is_asked_where_the_source_declares_the_euro(client):
    client.put("sales.csv", LINES)
    source = Source(table="transactions", file="raw/sales.csv", currency="EUR", columns=SALES)
    made = read_source("shop", source, client.folder, country="BG", currency="EUR", as_of=pd.Timestamp("2026-06-30"))
    assert CHECK not in set(made.quality["check"])
    assert made.frame["net_amount"].sum() == 686.75


def test_rapport_new_asks_and_shows_the_lines_that_answer(client):
    path = client.put("sales.csv", LINES)
    [made] = propose([path], "BG", folder=client.folder, currency="EUR")
    assert "1 to confirm" in made.summary()
    assert made.comments[0].startswith(f"? {CHECK}: 2 rows, 586.75, taken as EUR.")
    text = engagement_yaml([made], client="x", country="BG", currency="EUR")
    asked = text.replace("    # currency_before:", "    currency_before:").replace("    # rates:", "    rates:")
    settled = yaml.load(asked, yaml.BaseLoader)["sources"]["sales"]
    assert settled["currency_before"] == {"2026-01-01": "BGN"}
    assert settled["rates"] == {"BGN": "1/1.95583"}
    assert "currency_before" not in yaml.load(text, yaml.BaseLoader)["sources"]["sales"]


def test_another_currency_in_the_name_of_the_amount_is_asked_about(client):
    path = client.put("sales.csv", LINES.replace("amount", "amount USD"))
    [made] = propose([path], "DE", folder=client.folder, currency="EUR")
    assert made.comments == (
        "? 'amount USD' names USD, and is taken as EUR: if it is in USD, say `currency: USD` and `rates:`",
    )
    [same] = propose([path], "US", folder=client.folder, currency="USD")
    assert same.comments == ()
