"""Payers of statements and account exports matched to customers, and refunds among the debits (HU-12)."""

import pandas as pd
import pytest

from rapport.foundation.contracts import TABLES
from rapport.foundation.engagement import open_engagement
from rapport.foundation.errors import IntakeError
from rapport.foundation.intake import Source
from rapport.foundation.intake.payers import bare_name, payer_key, says_refund

from .conftest import row
from .test_bank import camt, paid

ALFA, BETA, GAMA = "LT601010012345678901", "LT601010012345678902", "LT601010012345678903"


def on_file(*customers: tuple[str, str, str | None]) -> pd.DataFrame:
    """Records of (number, name, account)."""
    numbers, names, accounts = zip(*customers)
    rows = pd.DataFrame({"source": "crm", "record_id": numbers, "name": names, "account": accounts})
    return TABLES["records"].check(TABLES["records"].complete(rows), "test")


def went(amount: str, name: str, iban: str, text: str, day: int = 7) -> str:
    return paid(amount, name, iban, day, "DBIT").replace("Dbtr", "Cdtr").replace("thanks", text)


def test_one_unmatched_payer_of_four_is_a_quarter(client):
    """The cell of HU-12: account first, then name; a fee is ignored; one of four is nobody's, with a tenth of the money."""
    known = on_file(("1", "Other name", "LT60 1010 0123 4567 8901"), ("2", 'UAB "Beta"', None), ("3", "Gama", None))
    fee = went("50", "Bank", "LT1", "fee")
    content = camt(
        paid("400", "UAB Alfa", ALFA, 5), paid("300", "Beta, UAB", BETA, 6), paid("200", "MB Gama", GAMA, 7),
        paid("100", "Niekas", "LT601010012345678904", 8), fee,
    )  # fmt: skip
    intake = client.read(content, file="raw/january.xml", records="crm", known=known)
    assert intake.frame["record_id"].tolist() == ["1", "2", "3", None]
    assert set(intake.frame["record_source"].dropna()) == {"crm"}
    assert row(intake, "payers matched by account")[["rows", "amount"]].tolist() == [1, 400.0]
    assert row(intake, "payers matched by name")[["rows", "amount"]].tolist() == [2, 500.0]
    nobody = row(intake, "payers no record matches")
    assert nobody[["rows", "amount", "severity"]].tolist() == [1, 100.0, "caution"]
    assert nobody["why"].startswith("25% of rows and 10% of money")
    assert intake.unmatched.values.tolist() == [["LT601010012345678904", 1, 100.0]]
    assert row(intake, "debits of the bank account")[["rows", "amount"]].tolist() == [1, -50.0]


def test_what_two_records_share_matches_neither(client):
    known = on_file(("1", "Kitas", ALFA), ("2", "UAB Kitas", ALFA), ("3", "Beta", ALFA))
    content = camt(paid("10", "Kitas", ALFA, 5), paid("10", "Beta", ALFA, 6))
    intake = client.read(content, file="raw/j.xml", records="crm", known=known)
    assert intake.frame["record_id"].tolist() == [None, "3"]


def test_who_a_payer_is_can_be_said(client):
    known = on_file(("1", "Alfa", None))
    content = camt(paid("10", "Alfos filialas", BETA, 5), paid("10", "Alfa", ALFA, 6))
    said = {"record_id": {BETA: "1"}}
    intake = client.read(content, file="raw/j.xml", records="crm", known=known, values=said)
    assert intake.frame["record_id"].tolist() == ["1", "1"]
    assert row(intake, "payers matched by values")["rows"] == 1
    assert intake.unmatched.empty


def test_payers_read_as_records_of_their_own_keep_their_numbers(client):
    records = client.read(camt(paid("10", "Ona", ALFA)), file="raw/j.xml", table="records").frame
    intake = client.read(file="raw/j.xml", records="payers", known=records)
    assert intake.frame["record_id"].tolist() == [ALFA]
    assert row(intake, "payers matched by number")["rows"] == 1


def test_a_refund_is_negative_where_the_text_says_so_and_asked_about_where_not(client):
    content = camt(
        paid("100", "Ona", ALFA, 5),
        went("30", "Ona", ALFA, "Grąžinimas už prekes"),
        went("7", "ONA", "LT2", "refund"),  # another account of hers: told by the name
        went("20", "Ona", ALFA, "prizas"),
        went("500", "Ona", ALFA, "Paskolos grąžinimas"),
        went("9", "Tiekėjas", BETA, "refund"),  # never paid, is nowhere on file
    )
    intake = client.read(content, file="raw/j.xml")
    assert intake.frame["net_amount"].tolist() == [100.0, -30.0, -7.0]
    assert intake.frame["is_return"].tolist() == [False, True, True]
    assert intake.frame["record_id"].tolist() == [ALFA, ALFA, ALFA]
    assert row(intake, "refunds paid to customers")[["rows", "amount"]].tolist() == [2, -37.0]
    asked = row(intake, "debits to customers")
    assert asked[["rows", "amount", "severity"]].tolist() == [2, -520.0, "caution"]
    assert row(intake, "debits of the bank account")[["rows", "amount"]].tolist() == [1, -9.0]


def test_a_refund_to_a_customer_on_file_counts_though_the_payment_lies_elsewhere(client):
    known = on_file(("1", "Ona", ALFA), ("2", "Jonas", BETA))
    client.put("a.xml", camt(paid("100", "Jonas", BETA, 5)))
    client.put(
        "b.xml", camt(paid("5", "Jonas", BETA, 6), went("30", "Ona", ALFA, "refund"), went("4", "?", BETA, "refund"))
    )
    intake = client.read(file="raw/*.xml", records="crm", known=known)
    assert list(zip(intake.frame["record_id"], intake.frame["net_amount"])) == [
        ("2", 100.0), ("2", 5.0), ("1", -30.0), ("2", -4.0),
    ]  # fmt: skip


EXPORT = """Data,Mokėtojas,Sąskaita,Suma
2026-01-05,UAB „Beta“,,10.00
2026-01-06,Alfos filialas,LT60 1010 0123 4567 8901,20.00
2026-01-07,Niekas,,30.00
"""
SOLD = {"ordered_on": "Data", "net_amount": "Suma"}


def test_payers_of_an_account_export_are_matched_where_its_columns_are_declared(client):
    known = on_file(("1", "Alfa", ALFA), ("2", "Beta", None))
    payer = {"name": "Mokėtojas", "account": "Sąskaita"}
    intake = client.read(EXPORT, columns=SOLD, payer=payer, records="crm", known=known)
    assert intake.frame["record_id"].tolist() == ["2", "1", None]
    assert row(intake, "payers no record matches")["why"].startswith("33% of rows and 50% of money")
    assert intake.unmatched["payer"].tolist() == ["NIEKAS"]
    assert intake.unused == ()
    alone = client.read(EXPORT, columns=SOLD, payer=payer)
    assert alone.frame["record_id"].tolist() == ["UAB BETA", ALFA, "NIEKAS"]


def test_payers_in_place_of_customer_numbers_are_refused(client):
    known = on_file(("1", "Alfa", ALFA), ("2", "Beta", None))
    columns = SOLD | {"record_id": "Mokėtojas"}
    with pytest.raises(IntakeError, match="record_id holds payers") as error:
        client.read(EXPORT, columns=columns, records="crm", known=known)
    assert "payer: {name: Mokėtojas}" in error.value.to_do
    mixed = EXPORT.replace("Niekas", "2")  # one number of a customer: these are numbers, whatever else stands there
    assert client.read(mixed, columns=columns, records="crm", known=known).rows_out == 3
    strangers = on_file(("1", "Delta", None))
    assert client.read(EXPORT, columns=columns, records="crm", known=strangers).rows_out == 3


def test_a_declared_payer_that_is_not_there_is_named(client):
    with pytest.raises(IntakeError, match="no column 'Moketojas'"):
        client.read(EXPORT, columns=SOLD, payer={"name": "Moketojas"})
    with pytest.raises(ValueError, match="in place of record_id"):
        Source(table="transactions", file="raw/a.csv", columns={"record_id": "id"}, payer={"name": "who"})
    with pytest.raises(ValueError, match="payer needs one of"):
        Source(table="transactions", file="raw/a.csv", payer={})


def test_an_engagement_matches_payers_whatever_stands_first(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "crm.csv").write_text(f"id,name,iban\n1,Alfa,{ALFA}\n2,Beta,\n", "utf-8")
    (tmp_path / "raw" / "j.xml").write_text(camt(paid("10", "x", ALFA), paid("20", "UAB Beta", BETA)), "utf-8")
    (tmp_path / "engagement.yml").write_text(
        """client: Small
currency: EUR
country: LT
sources:
  bank: {table: transactions, file: raw/j.xml, records: crm}
  crm: {table: records, file: raw/crm.csv, columns: {record_id: id, name: name, account: iban}}
""",
        "utf-8",
    )
    received = open_engagement(tmp_path).receive()
    assert received["transactions"]["record_id"].tolist() == ["1", "2"]
    assert received.overview()["source"].tolist() == ["bank", "crm"]
    assert received["records"]["account"].isna().all()  # used for matching, never kept
    assert "personal column 'iban'" not in set(received.quality["check"])


def test_account_numbers_and_names_are_compared_without_signs():
    assert payer_key("lt12 1000 0111 0100 1000", None) == "LT121000011101001000"
    assert payer_key(None, "  UAB „Pelėda“ ") == "UAB PELĖDA"
    assert payer_key(None, None) is None
    same = ("UAB „Pelėda“", "PELEDA, UAB", "Uždaroji akcinė bendrovė Pelėda", "pelėda")
    assert {bare_name(name) for name in same} == {"peleda"}
    assert bare_name("Jonas McKenna") == bare_name("MCKENNA JONAS") == "jonas mckenna"
    assert bare_name('ООО "Вега"') == bare_name("Общество с ограниченной ответственностью Вега") == "вега"
    assert bare_name("UAB") is bare_name(None) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Refund order 7", True),
        ("GRAZINIMAS", True),
        ("Возврат по счёту 5", True),
        ("Възстановена сума", True),
        ("Tagasimakse arve 3", True),
        ("Visszatérítés", True),
        ("Возврат займа", False),
        ("Paskolos grąžinimas", False),
        ("saskaita 10", False),
        (None, False),
    ],
)
def test_a_refund_is_told_by_its_text(text, answer):
    assert says_refund(text) is answer
