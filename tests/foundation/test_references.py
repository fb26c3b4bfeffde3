"""Sources and records that are called by name and are not there: refused, or taken out and reported; never passed over."""

import pandas as pd
import pytest

from rapport.foundation.contracts import TABLES
from rapport.foundation.engagement import open_engagement
from rapport.foundation.errors import SettingsError
from rapport.foundation.references import known_records, records_like, true_payers

FILE = """client: Small firm
currency: EUR
country: LT
sources:
  crm:
    table: records
    file: raw/crm.csv
    columns: {record_id: id, name: name, end_user_of: payer}
  shop:
    table: transactions
    file: raw/orders.csv
    records: crm
    columns: {order_id: order, record_id: customer, ordered_on: date, net_amount: amount}
  calls:
    table: contacts
    file: raw/calls.csv
    records: shop
    columns: {record_id: customer, contacted_on: date}
    constants: {direction: out}
"""


@pytest.fixture
def firm(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "crm.csv").write_text("id,name,payer\n1,Ona,\n2,Jonas,1\n3,Rasa,\n", "utf-8")
    orders = "order,customer,date,amount\nA1,1,2026-01-15,10.00\nA2,a1,2026-02-15,20.00\n"
    (tmp_path / "raw" / "orders.csv").write_text(orders, "utf-8")
    (tmp_path / "raw" / "calls.csv").write_text("customer,date\n1,2026-01-20\n", "utf-8")
    (tmp_path / "engagement.yml").write_text(FILE.replace("records: shop", "records: crm"), "utf-8")
    return tmp_path


def declared(firm, old: str, new: str):
    path = firm / "engagement.yml"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_a_misspelt_source_of_records_is_refused_with_the_nearest(firm):
    declared(firm, "records: crm\n    columns: {order_id", "records: cmr\n    columns: {order_id")
    with pytest.raises(SettingsError, match="customer numbers of 'cmr', which is no source of records") as error:
        open_engagement(firm).receive()
    assert "sources.shop.records" in error.value.where
    assert error.value.to_do == "did you mean 'crm'?"


def test_records_may_not_name_a_source_without_numbers_of_its_own(firm):
    declared(firm, "    records: crm\n    columns: {record_id", "    records: shop\n    columns: {record_id")
    with pytest.raises(SettingsError, match="'calls' is to use the customer numbers of 'shop'"):
        open_engagement(firm).receive()


def test_sales_that_number_their_customers_may_be_named(firm):
    path = firm / "engagement.yml"
    path.write_text(FILE.replace("    records: crm\n", ""), "utf-8")
    assert open_engagement(firm).receive()["contacts"]["record_source"].tolist() == ["shop"]
    declared(firm, "records: shop", "records: calls")
    assert open_engagement(firm).receive()["contacts"]["record_source"].tolist() == ["calls"]


def test_a_source_named_in_a_column_is_checked_too(firm):
    declared(firm, "constants: {direction: out}", "constants: {direction: out, record_source: crn}")
    with pytest.raises(SettingsError, match="record_source of source 'calls' holds 'crn'") as error:
        open_engagement(firm).receive()
    assert "did you mean 'crm'?" in error.value.to_do


@pytest.mark.parametrize("key", ["merge", "split"])
def test_a_record_nobody_has_is_refused(firm, key):
    declared(firm, "country: LT", f"country: LT\n{key}: [[crm:1, crm:33]]")
    with pytest.raises(SettingsError, match=f"'crm:33' under `{key}:` is the record of nobody") as error:
        open_engagement(firm).receive()
    assert error.value.to_do == "did you mean 'crm:3'?"


def test_a_buyer_without_a_record_may_be_merged(firm):
    declared(firm, "country: LT", "country: LT\nmerge: [[crm:1, crm:a1]]")
    received = open_engagement(firm).receive()
    assert known_records(received.tables) == {"crm:1", "crm:2", "crm:3", "crm:a1"}


@pytest.mark.parametrize("written", ["[crm:1, crm:2]", "crm:1", "[[crm:1]]"])
def test_a_list_of_lists_is_asked_for_with_an_example(firm, written):
    declared(firm, "country: LT", f"country: LT\nmerge: {written}")
    with pytest.raises(SettingsError, match="not a list of records") as error:
        open_engagement(firm)
    assert "`merge: [[crm:1, shop:a1]]`" in error.value.to_do


def test_a_few_records_are_named_where_none_is_near():
    known = {f"crm:{number}" for number in range(100)}
    assert records_like("crm:1x", known) == ["crm:1"]
    assert records_like("crm:unknown", known) == ["crm:0", "crm:1", "crm:10", "crm:11", "crm:12"]
    assert len(records_like("loyalty-cards:000000", known)) == 5


def records(**payers: str | None) -> pd.DataFrame:
    rows = pd.DataFrame({"source": "crm", "record_id": list(payers), "end_user_of": list(payers.values())})
    return TABLES["records"].check(TABLES["records"].complete(rows), "test")


def test_end_users_without_a_true_payer_are_customers_of_their_own():
    table = records(a=None, b="a", c="c", d="nobody", e="f", f="g", g="e", h="e", i="buyer")
    known = {f"crm:{number}" for number in "abcdefghi"} | {"crm:buyer"}
    kept, remarks = true_payers(table, known)
    assert dict(zip(kept["record_id"], kept["end_user_of"])) == {
        "a": None, "b": "a", "c": None, "d": None, "e": None, "f": None, "g": None, "h": "e", "i": "buyer",
    }  # fmt: skip
    assert dict(zip(remarks["check"], remarks["rows"])) == {
        "end users of a payer nobody knows": 1,
        "end users of themselves": 1,
        "end users in a circle": 3,
    }
    assert set(remarks["source"]) == {"crm"}


def test_a_true_payer_is_kept_and_nothing_is_said():
    kept, remarks = true_payers(records(a=None, b="a", c="b"), {"crm:a", "crm:b", "crm:c"})
    assert kept["end_user_of"].tolist() == [None, "a", "b"]
    assert remarks.empty


def test_end_users_are_checked_when_files_are_read(firm):
    (firm / "raw" / "crm.csv").write_text("id,name,payer\n1,Ona,\n2,Jonas,2\n3,Rasa,9\n", "utf-8")
    received = open_engagement(firm).receive()
    assert received["records"]["end_user_of"].isna().all()
    checks = received.quality.set_index("check")
    assert checks.loc["end users of themselves", "rows"] == 1
    assert checks.loc["end users of a payer nobody knows", ["rows", "severity"]].tolist() == [1, "caution"]
