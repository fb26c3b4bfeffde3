"""Bank statements as a source of transactions (HU-12): credits only, told apart by who paid."""

import builtins

import pytest

from rapport.foundation.errors import IntakeError

from .conftest import row

MT940 = """:20:STARTUMS
:25:LT121000011101001000
:28C:1/1
:60F:C260101EUR1000,00
:61:2601050105C120,50NTRFNONREF//B1
:86:051?00UEBERWEISUNG?20Invoice 7?31LT601010012345678901?32UAB PELEDA?33
:61:2601060106C80,00NTRFNONREF//B2
:86:051?00UEBERWEISUNG?20Invoice 8?32SKRAIDYKLE
:61:2601070107D50,00NTRFNONREF//B3
:86:008?00FEE?20Account fee
:61:2601080108RC20,00NTRFNONREF//B4
:86:051?00REVERSAL?20Invoice 8?32SKRAIDYKLE
:61:2601090109C10,00NTRFNONREF//B5
:86:CASH
:62F:C260109EUR1140,50
-
"""
LITAS = """000	20140401		BANKLT2X	Bankas	40100	LT001	LTL
020	LikutisPR	20140301		90000	90000
010	2300	20140304		34528	34528	C			7	500			Sąskaita 7	BANKLT2X	Bankas	LT601	UAB Genys	300
010	8511	20140305		100	100	D			8	501			Mokestis	BANKLT2X	Bankas	LT9	Bankas
010	2300	20140309		3453	3453	C			9	502			Sąskaita 8	BANKLT2X	Bankas		Šarūnė Ž.
020	LikutisPB	20140331		127881	127881
999	1
"""
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{kind}</CdtDbtInd>{more}<Sts>BOOK</Sts>
<BookgDt><Dt>2026-01-0{day}</Dt></BookgDt><ValDt><Dt>2026-01-0{day}</Dt></ValDt>
<NtryDtls>{details}</NtryDtls></Ntry>"""
DETAIL = """<TxDtls>{amount}<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr><DbtrAcct><Id><IBAN>{iban}</IBAN></Id></DbtrAcct>
</RltdPties><RmtInf><Ustrd>thanks</Ustrd></RmtInf></TxDtls>"""


def camt(*entries: str) -> str:
    space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
    statement = f"<BkToCstmrStmt><Stmt>{''.join(entries)}</Stmt></BkToCstmrStmt>"
    return f'<?xml version="1.0"?><Document xmlns="{space}">{statement}</Document>'


def paid(amount: str, name: str, iban: str, day: int = 5, kind: str = "CRDT", more: str = "") -> str:
    details = DETAIL.format(amount="", name=name, iban=iban)
    return ENTRY.format(amount=amount, kind=kind, day=day, details=details, more=more)


def test_credits_are_sales_and_a_fee_is_not(client):
    intake = client.read(MT940, file="raw/january.sta")
    assert intake.frame["net_amount"].tolist() == [120.5, 80.0, -20.0, 10.0]
    assert intake.frame["is_return"].tolist() == [False, False, True, False]
    assert intake.frame["ordered_on"].dt.day.tolist() == [5, 6, 8, 9]
    fee = row(intake, "debits of the bank account")
    assert (fee["rows"], fee["amount"], fee["treatment"]) == (1, -50.0, "left out")


def test_a_refund_that_came_back_is_added_again(client):
    paid_back = ":61:2601100110D30,00NTRFNONREF//B6\n:86:051?00TRANSFER?20refund?32SKRAIDYKLE\n"
    came_back = paid_back.replace("0110D30", "0110RD30")
    content = MT940.replace(":62F:", paid_back + came_back + ":62F:")
    amounts = client.read(content, file="raw/january.sta").frame["net_amount"].tolist()
    assert amounts == [120.5, 80.0, -20.0, 10.0, -30.0, 30.0]


def test_litas_esis_counts_hundredths_in_the_currency_of_its_head(client):
    rates = {"LTL": "1/3.4528"}
    intake = client.read(LITAS.encode("cp1257"), file="raw/march.acc", rates=rates)
    assert intake.frame["net_amount"].tolist() == [100.0, 10.000579]
    assert intake.frame["record_id"].tolist() == ["LT601", "ŠARŪNĖ Ž"]
    assert intake.frame["ordered_on"].dt.day.tolist() == [4, 9]
    assert row(intake, "debits of the bank account")[["rows", "amount"]].tolist() == [1, -1.0]


@pytest.mark.parametrize("wrong", [("20140304", "2014-03"), ("34528", "345,28"), ("	C	", "	K	")])
def test_an_entry_of_litas_esis_that_cannot_be_read_is_named(client, wrong):
    with pytest.raises(IntakeError, match="an entry has no day") as error:
        client.read(LITAS.replace(*wrong), file="raw/march.acc")
    assert error.value.where == "raw/march.acc, line 3"


def test_payers_are_told_apart_by_account_or_name(client):
    payers = client.read(MT940, file="raw/january.sta").frame["record_id"].tolist()
    assert payers[1] == payers[2] == "SKRAIDYKLE"
    assert payers[3] is None
    records = client.read(MT940, file="raw/january.sta", table="records").frame
    assert "SKRAIDYKLE" in records["name"].tolist()


def test_an_entry_with_several_payers_is_split_by_their_amounts(client):
    part = "<AmtDtls><TxAmt><Amt Ccy='EUR'>{}</Amt></TxAmt></AmtDtls>"
    details = "".join(
        DETAIL.format(amount=part.format(amount), name=name, iban=f"LT60101001234567890{place}")
        for place, (name, amount) in enumerate([("Ona", "30.00"), ("Jonas", "70.00")])
    )
    split = client.read(
        camt(ENTRY.format(amount="100.00", kind="CRDT", day=5, details=details, more="")), file="raw/j.xml"
    )
    assert split.frame["net_amount"].tolist() == [30.0, 70.0]


def test_an_entry_whose_details_have_no_amounts_is_counted_once(client):
    details = DETAIL.format(amount="", name="Ona", iban="LT1") + DETAIL.format(amount="", name="Jonas", iban="LT2")
    once = client.read(
        camt(ENTRY.format(amount="100.00", kind="CRDT", day=5, details=details, more="")), file="raw/j.xml"
    )
    assert once.money_out == 100.0
    assert once.frame["record_id"].isna().all()


def test_reversals_and_pending_entries(client):
    reversed_ = "<RvslInd>true</RvslInd>"
    pending = paid("9", "Ona", "LT601010012345678901", 7).replace("BOOK", "PDNG")
    intake = client.read(
        camt(
            paid("100", "Ona", "LT601010012345678901", 5),
            paid("100", "Ona", "LT601010012345678901", 6, "DBIT", reversed_),
            paid("40", "Ona", "LT601010012345678901", 6, "CRDT", reversed_),
            pending,
        ),
        file="raw/j.xml",
    )
    assert intake.frame["net_amount"].tolist() == [100.0, -100.0]
    assert row(intake, "debits of the bank account")["amount"] == 40.0  # a debit of before that came back


def test_a_bank_that_names_there_whom_money_went_to(client):
    """Some banks write the receiver of a debit where its sender belongs; our own account is never taken for one."""
    account = "<Acct><Id><IBAN>LT121000011101001000</IBAN></Id></Acct>"
    went = paid("30", "Ona", "LT601010012345678901", 7, "DBIT").replace("thanks", "refund")
    ours = paid("9", "Ona", "LT121000011101001000", 8, "DBIT").replace("thanks", "refund")
    content = camt(paid("100", "Ona", "LT601010012345678901"), went, ours).replace("<Stmt>", f"<Stmt>{account}")
    intake = client.read(content, file="raw/j.xml")
    assert intake.frame["net_amount"].tolist() == [100.0, -30.0]
    assert row(intake, "debits of the bank account")["amount"] == -9.0


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (camt(), "holds no credits"),
        (camt(paid("5", "Ona", "LT1", kind="DBIT")), "holds no credits"),
        (camt(paid("5", "Ona", "LT1")).replace("</Stmt>", ""), "not sound XML"),
        (
            camt(paid("5", "Ona", "LT1")).replace("<Document", "<!DOCTYPE d [<!ENTITY a 'b'>]><Document"),
            "declares entities",
        ),
        (camt().replace("Stmt>", "Other>"), "holds no statement"),
    ],
)
def test_what_is_no_statement_is_refused(client, content, what):
    with pytest.raises(IntakeError, match=what):
        client.read(content, file="raw/j.xml")


def test_without_the_extra_the_cure_is_named(client, monkeypatch):
    original = builtins.__import__

    def without(name, *rest, **named):
        if name == "mt940":
            raise ImportError(name)
        return original(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(IntakeError, match="needs the optional extra `bank`") as error:
        client.read(MT940, file="raw/january.sta")
    assert "rapport[bank]" in error.value.to_do
