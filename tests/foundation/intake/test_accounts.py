"""Bank accounts exported as tables (HU-12): recognised in the shapes banks use, only payments received are sales."""

from pathlib import Path

import pytest
import yaml

from rapport.foundation.intake import Source, engagement_yaml, propose, read_source
from rapport.foundation.intake.accounts import BALANCES, MADE, PENDING

from .conftest import row

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "bank_statements"
SIDES = """"Sąskaita","","Data","Gavėjas","Paaiškinimai","Suma","Valiuta","D/K","Įrašo Nr.","Kodas","Kitas","Dar",
"LT00","10","2014-03-01","","Likutis pradžiai","900.00","LTL","K","","AS",
"LT00","20","2014-03-04","UAB "Genys"","Sąskaita 7","345.28","LTL","K","1","K",
"LT00","20","2014-03-05","Kioskas","Pirkinys","14.30","LTL","D","2","K",
"LT00","20","2014-03-09","Rasa R.","Sąskaita 8","34.528","LTL","K","3","K",
"LT00","20","2014-03-11","Rasa R.","Grąžinimas","10.00","LTL","D","4","K",
"LT00","82","2014-03-31","","Apyvarta","379.81","LTL","K","","K2",
"LT00","86","2014-03-31","","Likutis pabaigai 2014-03-31","1255.51","LTL","K","","LS",
"""
JOINED = """Date,Bank,Address,City,Country,Name,Memo,Amount,
2024:05:02,BANKAS,",Vilnius,LT","Pelėda, UAB","Už prekes, ačiū",250.5,
2024:05:03,,",,","","Mokestis",-.4,
2024:05:06,BANKAS,",Kaunas,LT",Ūla Ž.,Už paslaugą,40,
"""
APART = """Тип;Номер счета;Валюта;Дата операции;Описание операции;Приход;Расход;
Мой;40700;RUR;31.05.24;Оплата по счету 5;1500,50;{none};
Мой;40700;RUR;03.05.24;Комиссия;{none};50;
Мой;40700;RUR;04.05.24;Оплата по счету 6;200;{none};
"""
SIGNED = """Карта;Дата совершения операции;Код авторизации;Описание;Валюта операции;Сумма в валюте операции;Сумма в валюте счета;
Основная;31.10.2024;1;Перевод от С.;;;1000;
Основная;21.10.2024;2;Банкомат;EUR;-30,5;-3100,5;
Основная;11.10.2024;3;Перевод от М.;;;9,01;
"""
PREAMBLE = """Начало периода;2024-07-06
Конец периода;2024-07-13

Выписка по счету;Номер
Карта с кредитом;'1234

Валюта;Баланс;Поступления;Списания;Заблокировано
RUR;82 604,01;0,00;-17 351,00;-2 426,96

Номер карты;Дата операции;Сумма операции;Валюта операции;Сумма пересчитанная в валюту счета;Валюта счета;Основание;Статус
"""
PAID = "'12**;2024-07-06 10:15:00;4,50;EUR;436,15;RUR;Перевод от К.;Исполнено\n"
SPENT = "'12**;2024-07-07 00:00:00;-300,00;RUR;-300,00;RUR;Связь;Исполнено\n"
OPEN = "'12**;2024-07-08 00:00:00;75,00;RUR;75,00;RUR;Перевод от Л.;В обработке\n"
ACCOUNTS = """Booking date,Payer,Payer account,Payment purpose,Amount,Currency,Debit/Credit
2024-01-02,Ona,LT11,Invoice 1,10.00,EUR,C
2024-01-03,Ona Onaitė,LT11,Invoice 2,20.00,EUR,C
2024-01-04,Landlord,LT99,Rent,500.00,EUR,D
2024-01-05,Jonas,LT22,Invoice 3,30.00,EUR,C
"""
LEDGER = """Выписка по счету 40700
Дата проводки;Плательщик;Счет плательщика;Дебет;Кредит;Назначение платежа
09.01.2025;ООО Ромашка;401;;15 000,00;Счет 1
10.01.2025;ООО Мы;400;5 000,00;{none};Аренда
11.01.2025;ИП Петров;403;;1 200,50;Счет 2
Итого обороты;;;5 000,00;16 200,50;
"""
MINUSES = """Könyvelés dátuma;Partner neve;Partner számlaszáma;Összeg;Devizanem;Közlemény
2025.01.03;Szűcs Kft.;HU11;12 000;HUF;Számla 1
2025.01.04;Bérlet Bt.;HU12;-5 000;HUF;Bérlet
2025.01.06;Kovács Győző;HU13;7 500;HUF;Számla 2
"""


@pytest.fixture
def given(tmp_path):
    """A function: one export → its proposals by name; `written` reads back what engagement.yml says of it."""

    def proposals(text: str, country: str = "LT", currency: str = "EUR", encoding: str = "utf-8"):
        path = tmp_path / "raw" / "account.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return {one.name: one for one in propose([path], country, folder=tmp_path, currency=currency)}

    return proposals


def whys(proposal) -> list[str]:
    return [rule["why"] for rule in proposal.source.get("rules", [])]


def test_a_column_of_sides_balances_and_lines_shorter_than_the_header(given, tmp_path):
    made = given(SIDES)
    account = made["account"]
    assert account.source["columns"] == {
        "ordered_on": "Data", "net_amount": "Suma", "record_id": "Gavėjas", "currency": "Valiuta",
    }  # fmt: skip
    assert account.source["rules"] == [
        {"when": {"Paaiškinimai": {"in": ["Likutis pradžiai", "Apyvarta", "Likutis pabaigai 2014-03-31"]}}, "then": "drop", "why": BALANCES},
        {"when": {"D/K": {"in": ["D"]}}, "then": "drop", "why": MADE},
    ]  # fmt: skip
    assert account.intake.frame["net_amount"].tolist() == [
        100.0,
        10.0,
    ]  # at the rate at which the litas became the euro
    assert account.intake.frame["record_id"].tolist() == ['UAB "Genys"', "Rasa R."]
    assert row(account.intake, f"rule: {BALANCES}")["rows"] == 3
    assert row(account.intake, f"rule: {MADE}")["rows"] == 2
    assert account.is_active
    assert account.comments[0].startswith("likely: 7 of 7 lines have fewer values than the 12 of the header.")
    written = yaml.safe_load(engagement_yaml(list(made.values()), client="x", country="LT"))["sources"]["account"]
    again = read_source("account", Source(**written), tmp_path, country="LT", currency="EUR")
    assert again.frame.equals(account.intake.frame)


def test_money_that_went_back_to_a_payer_is_asked_about_and_the_answer_makes_it_a_return(given, client):
    [question] = [comment for comment in given(SIDES)["account"].comments if "refunds?" in comment]
    assert "1 payments made went to somebody who also paid" in question
    assert "`Gavėjas: {not_in: [Rasa R.]}`" in question
    source = given(SIDES)["account"].source
    balances, made = source["rules"]
    refund = {"when": {"D/K": {"in": "D"}, "Gavėjas": {"in": "Rasa R."}}, "then": "return", "why": "refund"}
    others = made | {"when": made["when"] | {"Gavėjas": {"not_in": ["Rasa R."]}}}
    intake = client.read(**source | {"rules": [balances, refund, others]})
    assert intake.frame["is_return"].tolist() == [False, False, True]
    assert intake.frame["net_amount"].round(4).tolist() == [100.0, 10.0, -2.8962]


def test_several_columns_in_one_value_in_the_code_page_of_the_country(given):
    made = given(JOINED, encoding="cp1257")["account"]
    assert made.source["short_rows"] == "split"
    assert made.intake.frame["record_id"].tolist() == ["Pelėda, UAB", "Ūla Ž."]
    assert made.intake.frame["net_amount"].tolist() == [250.5, 40.0]
    assert row(made.intake, f"rule: {MADE}")[["rows", "amount"]].tolist() == [1, -0.4]
    assert row(made.intake, "lines with several columns in one value")["rows"] == 3
    assert (
        "? no column says which currency the account is in: taken as EUR; if not, set `currency:` and `rates:`"
        in made.comments
    )


@pytest.mark.parametrize("none", ["0", "", "0,00"])
def test_credits_and_debits_in_columns_of_their_own(given, none):
    made = given(APART.format(none=none), "RU", "RUB", "cp1251")["account"]
    assert made.source["compute"] == {"net_amount": "or_zero(`Приход`) - or_zero(`Расход`)"}
    assert made.intake.frame["net_amount"].tolist() == [1500.5, 200.0]
    assert row(made.intake, f"rule: {MADE}")[["rows", "amount"]].tolist() == [1, -50.0]


def test_debits_written_with_a_minus_are_added(given):
    made = given(APART.format(none="").replace(";50;", ";-50;"), "RU", "RUB", "cp1251")["account"]
    assert made.source["compute"] == {"net_amount": "or_zero(`Приход`) + or_zero(`Расход`)"}
    assert row(made.intake, f"rule: {MADE}")[["rows", "amount"]].tolist() == [1, -50.0]


def test_a_payer_no_column_names_is_left_as_a_line_that_asks(given):
    made = given(APART.format(none="0"), "RU", "RUB")
    assert "record_id" not in made["account"].source["columns"]
    text = engagement_yaml(list(made.values()), client="x", country="RU", currency="RUB")
    assert "# ? record_id: Описание операции" in text
    assert "# ? no column names the payer" in text
    assert row(made["account"].intake, "sales that name no customer")["rows"] == 2


def test_signed_amounts_of_the_account_and_not_of_the_operation(given):
    made = given(SIGNED, "RU", "RUB", "utf-8-sig")["account"]
    assert made.source["columns"] == {
        "ordered_on": "Дата совершения операции", "net_amount": "Сумма в валюте счета",
    }  # fmt: skip  # the only currency named is the operation's
    assert made.intake.frame["net_amount"].tolist() == [1000.0, 9.01]
    assert row(made.intake, f"rule: {MADE}")[["rows", "amount"]].tolist() == [1, -3100.5]


def test_a_preamble_and_payments_not_booked_yet(given):
    made = given(PREAMBLE + PAID + SPENT + OPEN, "RU", "RUB", "cp1251")["account"]
    assert made.source["columns"]["net_amount"] == "Сумма пересчитанная в валюту счета"
    assert made.source["columns"]["currency"] == "Валюта счета"
    assert whys(made) == [PENDING, MADE]
    assert made.intake.frame["net_amount"].tolist() == [436.15]
    assert row(made.intake, f"rule: {PENDING}")[["rows", "amount"]].tolist() == [1, 75.0]


def test_one_payment_under_a_long_preamble(given):
    assert given(PREAMBLE + PAID, "RU", "RUB", "cp1251")["account"].intake.frame["net_amount"].tolist() == [436.15]


def test_an_account_without_a_payment_received_is_left_out_with_its_reason(given):
    made = given(PREAMBLE + SPENT, "RU", "RUB", "cp1251")["account"]
    assert not made.is_active
    assert "left out: the account holds no payment received" in made.comments
    lines = SIDES.splitlines(keepends=True)
    balances_and_debits = "".join([*lines[:2], lines[3], *lines[6:]])
    assert not given(balances_and_debits)["account"].is_active


def test_rules_of_several_files_see_all_of_them(tmp_path):
    header, first, second, rent, third = ACCOUNTS.splitlines(keepends=True)
    closing = "2024-01-31,,,Closing balance,60.00,EUR,C\n"
    (tmp_path / "account_01.csv").write_text(header + first + second, "utf-8")
    (tmp_path / "account_02.csv").write_text(header + rent + third + closing, "utf-8")
    made = {one.name: one for one in propose(sorted(tmp_path.iterdir()), "LT", folder=tmp_path)}["account"]
    assert made.source["file"] == "account_*.csv"
    assert whys(made) == [BALANCES, MADE]
    assert made.intake.frame["net_amount"].tolist() == [10.0, 20.0, 30.0]


def test_a_file_without_debits_still_leaves_them_out_when_they_come(given, client):
    made = given(ACCOUNTS.replace("2024-01-04,Landlord,LT99,Rent,500.00,EUR,D\n", ""))["account"]
    later = client.read(ACCOUNTS, file="raw/account.csv", **{key: made.source[key] for key in ("columns", "rules")})
    assert later.frame["net_amount"].tolist() == [10.0, 20.0, 30.0]


def test_payers_are_told_apart_by_their_account_and_named(given):
    made = given(ACCOUNTS)
    assert made["account"].source["columns"]["record_id"] == "Payer account"
    assert made["account"].source["records"] == "account_payers"
    assert made["account"].intake.frame["record_id"].tolist() == ["LT11", "LT11", "LT22"]
    payers = made["account_payers"].intake.frame
    assert dict(zip(payers["record_id"], payers["name"])) == {"LT11": "Ona Onaitė", "LT22": "Jonas"}


@pytest.mark.parametrize("none", ["", "0,00"])
def test_turnovers_among_the_days_and_payers_of_separate_columns(given, none):
    made = given(LEDGER.format(none=none), "RU", "RUB")
    assert made["account"].intake.frame["net_amount"].tolist() == [15000.0, 1200.5]
    assert row(made["account"].intake, f"rule: {BALANCES}")["rows"] == 1
    payers = made["account_payers"].intake.frame
    assert dict(zip(payers["record_id"], payers["name"])) == {"401": "ООО Ромашка", "403": "ИП Петров"}


def test_payers_of_signed_amounts(given):
    made = given(MINUSES, "HU", "HUF")
    assert made["account"].intake.frame["net_amount"].tolist() == [12000.0, 7500.0]
    assert made["account_payers"].intake.frame["name"].tolist() == ["Szűcs Kft.", "Kovács Győző"]
    [comment] = [comment for comment in made["account_payers"].comments if "starts with" in comment]
    assert comment.startswith("likely: rows whose Összeg starts with - or − or ( are payments made")


def test_payers_whose_account_is_often_missing_go_by_their_name(given):
    made = given(ACCOUNTS.replace("LT22", ""))
    assert made["account"].source["columns"]["record_id"] == "Payer"
    assert "account_payers" not in made


def test_the_clients_own_account_is_no_payer(given):
    own = ACCOUNTS.replace("LT11", "LT00").replace("LT22", "LT00").replace("LT99", "LT00")
    assert given(own)["account"].source["columns"]["record_id"] == "Payer"


@pytest.mark.parametrize(
    "header",
    [
        "date,customer,description,amount",  # no word of a bank
        "date,customer,memo,amount",  # the customer is named as sales name it
        "date,payer,memo,amount,quantity",  # goods
    ],
)
def test_a_list_of_sales_with_refunds_is_no_account(given, header):
    lines = "".join(f"2024-01-{n:02d},c{n % 5},text,{-n if n % 7 == 0 else n}.50,1\n" for n in range(1, 28))
    lines = lines if "quantity" in header else lines.replace(",1\n", "\n")
    made = given(f"{header}\n{lines}")["account"]
    assert made.intake.rows_out == 27
    assert made.source["columns"]["record_id"] == header.split(",")[1]
    assert whys(made) == []


@pytest.mark.skipif(not REAL.is_dir(), reason="no shared/data/bank_statements beside the repository")
@pytest.mark.parametrize(
    ("file", "country", "rows", "credits"),
    [
        ("lithuanian/danske.csv", "LT", 4, 1),
        ("lithuanian/litas_esis.acc", "LT", 1, 1),
        ("lithuanian/swedbank.csv", "LT", 11, 1),
        ("russian/alfabank.csv", "RU", 3, 1),
        ("russian/sberbank.csv", "RU", 11, 5),
        ("russian/vtb.csv", "RU", 4, 0),
        ("russian/vtb_user_date.csv", "RU", 1, 0),
    ],
)
def test_exports_of_real_shape(file, country, rows, credits):
    [made] = propose([REAL / file], country, folder=REAL)
    assert (made.rows, made.intake.rows_out if made.intake else 0) == (rows, credits)
    assert made.is_active is (credits > 0)
