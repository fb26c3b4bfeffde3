"""What a page says of everything that came in: how days and money were read, source by source."""

from pathlib import Path

import pandas as pd
import pytest

from rapport.foundation.intake import Source
from rapport.foundation.received import receive
from rapport.present.tables import html


@pytest.fixture
def received(tmp_path: Path):
    """Sales whose amount is computed, and customers set up on a day; six rows each."""
    (tmp_path / "raw").mkdir()
    sales = "no;company;day;units;price\n" + "".join(f"{n};company;0{n}.02.2025;{n};1.10{n},50\n" for n in range(1, 7))
    people = "id;name;since;size\n" + "".join(f"{n};company;2025-0{n}-13;small\n" for n in range(1, 7))
    (tmp_path / "raw" / "sales.csv").write_text(sales, "utf-8")
    (tmp_path / "raw" / "people.csv").write_text(people, "utf-8")
    sources = {
        "sales": Source(
            table="transactions", file="raw/sales.csv", compute={"net_amount": "units * price"},
            columns={"order_id": "no", "record_id": "company", "ordered_on": "day"},
        ),
        "people": Source(
            table="records", file="raw/people.csv",
            columns={"record_id": "id", "name": "name", "created_on": "since", "size": "size"},
        ),
    }  # fmt: skip
    return receive(tmp_path, sources, country="LT", currency="EUR", as_of=pd.Timestamp("2025-12-31"))


def test_days_and_money_of_every_source_have_five_samples(received):
    shown = received.evidence().set_index(["source", "column"])
    assert list(shown.index) == [("sales", "ordered_on"), ("sales", "net_amount"), ("people", "created_on")]
    assert shown["samples"].str.count("→").tolist() == [5, 5, 5]
    assert shown.loc[("people", "created_on"), "samples"].startswith("'2025-01-13' → 2025-01-13; ")


def test_what_was_computed_shows_the_cells_it_comes_from(received):
    row = received.evidence().set_index("column").loc["net_amount"]
    assert (row["theirs"], row["how"]) == ("units * price", "computed: units * price")
    assert row["samples"].startswith("'units 1, price 1.101,50' → 1101.5; 'units 2, price 1.102,50' → 2205; ")


def test_samples_stay_as_received_in_the_report():
    frame = pd.DataFrame({"column": ["kind"], "samples": ["'company' → company"]})
    assert "&#x27;company&#x27; → company" in html(frame, caption="c")
