"""What `rapport new` makes of files: recognised by names or values, tried out, and nothing guessed in silence."""

import io
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
import yaml

from rapport.foundation.intake import Source, engagement_yaml, propose, read_source

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "sample"
ORDERS = "order id,customer id,date,amount\n" + "".join(
    f"{n},c{n % 40},2025-0{1 + n % 9}-{10 + n % 18},{n}.50\n" for n in range(1, 201)
)


@pytest.fixture
def given(tmp_path):
    """A function: files by name and text → proposals by name."""

    def proposals(**files: str):
        raw = tmp_path / "raw"
        raw.mkdir(exist_ok=True)
        paths = []
        for name, text in files.items():
            stem, _, ending = name.rpartition("_")
            path = raw / f"{stem}.{ending}"
            path.write_text(text, "utf-8")
            paths.append(path)
        return {one.name: one for one in propose(paths, "LT", folder=tmp_path)}

    return proposals


def written(proposals) -> dict:
    """engagement.yml as it would be written and read again."""
    return yaml.safe_load(engagement_yaml(list(proposals.values()), client="x", country="LT"))


def test_sales_and_customers_are_told_by_their_names_and_tied_together(given):
    made = given(orders_csv=ORDERS, crm_csv="customer id,name\n" + "".join(f"c{n},Name {n}\n" for n in range(40)))
    assert {name: one.source["table"] for name, one in made.items()} == {"orders": "transactions", "crm": "records"}
    assert made["orders"].source["records"] == "crm"
    assert made["orders"].source["columns"]["net_amount"] == "amount"


def test_what_is_written_reads_back_as_what_was_tried(given, tmp_path):
    made = given(orders_csv=ORDERS)
    source = Source(**written(made)["sources"]["orders"])
    again = read_source("orders", source, tmp_path, country="LT", currency="EUR")
    assert again.frame.equals(made["orders"].intake.frame)


def test_a_guess_is_shown_and_not_used(given):
    text = "customer id,name,home owner\n" + "".join(f"c{n},Name {n},N{n % 3}\n" for n in range(30))
    made = given(customers_csv=text)
    assert "manager_id" in made["customers"].confidence
    assert "manager_id" not in made["customers"].source["columns"]
    shown = engagement_yaml(list(made.values()), client="x", country="LT")
    assert "# ? manager_id: home owner" in shown
    assert "manager_id" not in written(made)["sources"]["customers"]["columns"]


def test_the_name_of_the_table_before_a_column_is_no_doubt(given):
    text = "customer_id,customer_name,customer_city\n" + "".join(f"c{n},Name {n},Town {n % 5}\n" for n in range(30))
    assert given(customers_csv=text)["customers"].source["columns"]["city"] == "customer_city"


def test_cancelled_orders_are_proposed_to_be_dropped_by_a_rule(given):
    lines = ORDERS.splitlines()
    text = "\n".join(
        [lines[0] + ",status", *(f"{line},{'Shipped' if n % 10 else 'Cancelled'}" for n, line in enumerate(lines[1:]))]
    )
    made = given(orders_csv=text)["orders"]
    assert made.source["rules"] == [
        {"when": {"status": {"in": ["Cancelled"]}}, "then": "drop", "why": "cancelled orders"}
    ]
    assert any(comment.startswith("likely: rows whose status is Cancelled") for comment in made.comments)
    assert (made.intake.rows_in, made.intake.rows_out) == (200, 180)
    assert "1 to confirm" in made.summary()


def test_only_credits_of_an_account_are_sales(given):
    rows = "".join(f"2025-01-{n:02d},Firm {n % 4},{n}.00,{'D' if n % 3 == 0 else 'K'}\n" for n in range(1, 29))
    made = given(account_csv="Data,Mokėtojas,Suma,D/K\n" + rows)["account"]
    assert made.source["rules"][0]["when"] == {"D/K": {"in": ["D"]}}
    assert made.source["columns"]["record_id"] == "Mokėtojas"
    graded = given(graded_csv="Data,Klientas,Suma,Klasė\n" + rows)["graded"]
    assert "rules" not in graded.source


def test_a_customer_number_given_with_every_order_is_asked_about(given):
    sales = "order id,customer id,date,amount\n" + "".join(
        f"o{n},x{n},2025-01-{1 + n % 28:02d},{n}.50\n" for n in range(150)
    )
    people = "customer id,customer unique id,city\n" + "".join(f"x{n},u{n % 120},Town\n" for n in range(150))
    made = given(orders_csv=sales, customers_csv=people)["orders"]
    [question] = [comment for comment in made.comments if comment.startswith("?")]
    assert "150 values of customer id" in question
    assert "customer unique id" in question
    assert not any(comment.startswith("?") for comment in given(orders_csv=ORDERS)["orders"].comments)


def test_a_file_without_a_header_is_told_by_its_values_and_left_to_confirm(given):
    lines = [f"{n % 30:05d} {n % 30:04d} 2025{1 + n % 9:02d}{1 + n % 28:02d} {1 + n % 3} {n}.25" for n in range(120)]
    made = given(sales_txt="\n".join(lines) + "\n")["sales"]
    assert made.source["columns"] == {
        "ordered_on": "column_3", "net_amount": "column_5", "record_id": "column_1", "quantity": "column_4",
    }  # fmt: skip
    assert made.source["header_row"] == 0
    assert not made.is_active
    assert made.intake.rows_out == 120
    assert written({"sales": made})["sources"] == {}


def test_a_file_without_a_header_that_is_no_sales_is_not_recognised(given):
    made = given(numbers_csv="".join(f"{n},{n + 1},{n + 2}\n" for n in range(20)))
    assert made["numbers"].source == {}


def test_weekly_figures_are_no_months(given):
    rows = "".join(f"2025-{1 + n // 4:02d}-{1 + 7 * (n % 4):02d},{n}\n" for n in range(40))
    made = given(finance_csv="month,revenue\n" + rows)["finance"]
    assert "4 different rows for 2025-01" in made.problem.what


def test_amounts_with_vat_are_asked_about(given):
    text = ORDERS.replace("amount", "gross amount", 1)
    match = given(orders_csv=text)["orders"].confidence["net_amount"]
    assert "VAT" in match.because
    assert match.confidence < 0.95


def test_a_pattern_never_stands_for_files_of_another_kind(given):
    other = "customer id,name\nc1,A\nc2,B\n"
    made = given(report_1_csv=ORDERS, report_2_csv=ORDERS.replace(",c1", ",k1"), report_3_csv=other)
    assert not any("*" in one.source.get("file", "") for one in made.values())
    alike = given(sold_1_csv=ORDERS, sold_2_csv=ORDERS.replace("2025-", "2024-"))
    assert alike["sold"].source["file"] == "raw/sold_*.csv"
    assert alike["sold"].rows == 400
    assert "0 to confirm" in alike["sold"].summary()


def monthly(month: int, first: int = 1, customers: int = 30, sign: str = ";") -> str:
    """A month of sales to recurring customers, orders numbered on."""
    head = sign.join(("Užsakymas", "Klientas", "Data", "Suma"))
    rows = [
        sign.join((str(first + n), f"K{n % customers}", f"2025-0{month}-{1 + n % 28:02d}", f"{n}.50"))
        for n in range(60)
    ]
    return "\n".join([head, *rows]) + "\n"


def test_files_with_the_same_columns_are_one_source_whatever_they_are_called(given, tmp_path):
    made = given(sausis_csv=monthly(1), vasaris_csv=monthly(2, 61), kovas_csv=monthly(3, 121, sign=","))
    [source] = written(made)["sources"].values()
    assert source["file"] == ["raw/kovas.csv", "raw/sausis.csv", "raw/vasaris.csv"]
    [one] = made.values()
    assert one.comments[0] == (
        "likely: 3 files with the same columns, taken as one source, in which a customer's number means the same customer: "
        "kovas.csv, sausis.csv, vasaris.csv"
    )
    assert "3 files (kovas.csv, sausis.csv, vasaris.csv): transactions, 180 rows" in one.summary()
    read = read_source("sales", Source(**source), tmp_path, country="LT", currency="EUR")
    assert (read.rows_out, read.frame["record_id"].nunique(), read.frame["record_source"].unique().tolist()) == (
        180, 30, ["sales"],
    )  # fmt: skip


def test_names_that_begin_alike_make_a_pattern(given):
    made = given(**{"sales-jan_csv": monthly(1), "sales-feb_csv": monthly(2, 61)})
    assert made["sales"].source["file"] == "raw/sales-*.csv"


def test_rows_that_two_files_share_are_asked_about(given):
    shared = monthly(1) + monthly(2, 61).split("\n", 1)[1]
    made = given(senas_csv=shared, naujas_csv=monthly(2, 61) + monthly(3, 121).split("\n", 1)[1])
    [one] = made.values()
    assert (
        "? 60 rows, 1,800.00 stand in an earlier file too: counted twice? Then say `duplicates: drop`" in one.comments
    )


def test_a_file_whose_rows_stand_in_a_longer_one_is_left_out(given):
    made = given(visi_csv=monthly(1) + monthly(2, 61).split("\n", 1)[1], sausis_csv=monthly(1))
    assert {name: one.is_active for name, one in made.items()} == {"visi": True, "sausis": False}
    assert "left out: it repeats the rows of visi.csv" in made["sausis"].comments


def test_sheets_with_the_same_columns_are_one_source(tmp_path):
    (tmp_path / "raw").mkdir()
    path = tmp_path / "raw" / "months.xlsx"
    with pd.ExcelWriter(path) as book:
        for month, sheet in enumerate(("Sausis", "Vasaris"), start=1):
            pd.read_csv(io.StringIO(monthly(month, 60 * month)), sep=";").to_excel(book, sheet_name=sheet, index=False)
    [made] = propose([path], "LT", folder=tmp_path)
    assert (made.source["sheet"], made.rows, made.intake.rows_out) == ("*", 120, 120)
    with pd.ExcelWriter(path, mode="a", engine="openpyxl") as book:
        pd.DataFrame(
            {"Kliento nr": [f"K{n}" for n in range(30)], "Pavadinimas": [f"UAB {n}" for n in range(30)]}
        ).to_excel(book, sheet_name="Klientai", index=False)
    sales, people = propose([path], "LT", folder=tmp_path)
    assert (sales.source["sheet"], sales.intake.rows_out) == (["Sausis", "Vasaris"], 120)
    assert (people.source["sheet"], people.source["table"]) == ("Klientai", "records")
    assert sales.source["records"] == people.name


def test_lists_of_customers_that_use_the_same_numbers_for_other_names_stay_apart(given):
    def people(town: str) -> str:
        return "customer id,name\n" + "".join(f"{n},{town} {n}\n" for n in range(30))

    made = given(vilnius_customers_csv=people("Vilnius"), kaunas_customers_csv=people("Kaunas"))
    assert all(one.is_active and one.source["table"] == "records" for one in made.values())
    assert all(any("same numbers for other names" in comment for comment in one.comments) for one in made.values())
    assert len(made) == 2


def test_sales_with_other_columns_that_share_customers_and_orders_are_asked_about(given):
    other = "receipt no,buyer,sale date,total,shop\n" + "".join(
        f"{n},c{n % 40},2025-0{1 + n % 9}-{10 + n % 18},{n}.50,A\n" for n in range(150, 400)
    )
    made = given(orders_csv=ORDERS, shop_csv=other)
    asked = [comment for comment in made["shop"].comments if comment.startswith("?")]
    assert asked == [
        "? 100% of its customer numbers stand in orders too: the same customers? Then say `records: orders`",
        "? 26% of its order numbers stand in orders too: are those sales counted twice?",
    ]
    assert not any(comment.startswith("?") for comment in made["orders"].comments)


def test_short_lines_are_asked_about(given):
    lines = ORDERS.splitlines()
    made = given(orders_csv="\n".join([lines[0] + ",note,more", *lines[1:]]))["orders"]
    assert not made.is_active
    assert made.source["short_rows"] == "pad"
    assert "confirm" in made.comments[0]


def test_returned_orders_need_no_more_than_the_order(given):
    made = given(orders_csv=ORDERS, returns_csv="order id,returned\n" + "".join(f"{n},Yes\n" for n in range(1, 21)))
    assert made["returns"].is_active
    assert made["returns"].source["constants"] == {"kind": "return"}


def test_a_table_that_is_nothing_by_itself_is_offered_as_a_join(given):
    lines = ORDERS.splitlines()
    sales = "\n".join([lines[0] + ",branch", *(f"{line},{'NS'[n % 2]}" for n, line in enumerate(lines[1:]))])
    made = given(orders_csv=sales, heads_csv="Branch,Whoever\nN,Anna\nS,Jonas\n")
    assert made["heads"].source == {}
    shown = engagement_yaml(list(made.values()), client="x", country="LT")
    assert "joins: [{file: raw/heads.csv, on: {branch: Branch}}]" in shown


def test_a_database_is_found_wherever_the_engagement_lies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    raw = Path("raw")
    raw.mkdir()
    with sqlite3.connect(raw / "shop.sqlite") as connection:
        connection.execute('create table "orders" ("order id" text, "customer id" text, "date" text, amount real)')
        rows = [tuple(line.split(",")) for line in ORDERS.splitlines()[1:]]
        connection.executemany('insert into "orders" values (?,?,?,?)', rows)
    connection.close()
    [made] = propose([(raw / "shop.sqlite").resolve()], "LT", folder=tmp_path)
    assert made.source["url"] == "sqlite:///raw/shop.sqlite"
    assert made.intake.rows_out == 200


def test_columns_that_contradict_themselves_are_still_days_and_amounts_and_are_asked_about(given):
    days = "order,customer,date,amount\n" + "".join(
        f"{n},C{n % 5},{13 + n}/02/2025,{n}.50\n{100 + n},C{n % 5},02/{13 + n}/2025,{n}.50\n" for n in range(10)
    )
    made = given(mixdates_csv=days)["mixdates"]
    assert (made.source["table"], made.is_active) == ("transactions", True)
    assert "days are written in two orders: '13/02/2025' and '02/13/2025'" in made.problem.what
    amounts = "order;customer;date;amount\n0;C0;2025-01-01;1.250,00\n1;C1;2025-01-02;2,500.00\n2;C2;2025-01-03;350\n"
    made = given(money_csv=amounts)["money"]
    assert (made.source["table"], made.source["columns"]["net_amount"]) == ("transactions", "amount")
    assert "decimal signs are mixed" in made.problem.what


@pytest.mark.parametrize(
    ("name", "text", "table", "columns"),
    [
        ("apklausa", "Kliento nr;Data;Įvertinimas\n1;2025-01-03;8\n2;2025-01-04;10\n", "satisfaction",
         {"record_id": "Kliento nr", "answered_on": "Data", "score": "Įvertinimas"}),
        ("apklausa", "Kliento nr;Data;Priežastis\n1;2025-01-03;kaina\n2;2025-01-04;nebereikia\n", "leavers_survey",
         {"record_id": "Kliento nr", "asked_on": "Data", "reason_code": "Priežastis"}),
        ("potencialus_klientai", "Nr;Pavadinimas;Sektorius\nP1;UAB Nauja;statyba\nP2;UAB Kita;prekyba\n", "prospects",
         {"prospect_id": "Nr", "name": "Pavadinimas", "sector": "Sektorius"}),
        ("potential_customers", "id,company,industry\nP1,New Ltd,building\nP2,Other Ltd,trade\n", "prospects",
         {"prospect_id": "id", "name": "company", "sector": "industry"}),
        ("finansai", "Mėnuo;Pajamos;Pastovios išlaidos\n2025-01;10000,00;3000,00\n2025-02;12000,00;3000,00\n", "finance",
         {"month_on": "Mėnuo", "ledger_revenue": "Pajamos", "fixed_cost": "Pastovios išlaidos"}),
        ("apmokejimai", "Sąskaitos nr;Kliento nr;Apmokėti iki;Apmokėta\n1;1;2025-01-03;2025-01-14\n2;2;2025-01-04;2025-01-04\n",
         "payments", {"record_id": "Kliento nr", "due_on": "Apmokėti iki", "paid_on": "Apmokėta"}),
    ],
)  # fmt: skip
def test_a_table_is_told_by_what_it_alone_has(given, name, text, table, columns):
    made = given(**{f"{name}_csv": text})[name]
    assert (made.source["table"], made.is_active) == (table, True)
    assert made.source["columns"] == columns


def test_revenue_of_the_firm_is_no_personal_column_and_income_of_a_customer_is(given):
    made = given(finansai_csv="Mėnuo;Pajamos\n2025-01;10000,00\n2025-02;12000,00\n")["finansai"]
    assert not made.intake.quality["check"].str.contains("personal").any()
    people = "Kliento nr;Pavadinimas;Pajamos\n" + "".join(f"{n};Vardas {n};{n}00\n" for n in range(1, 20))
    made = given(klientai_csv=people)["klientai"]
    assert made.unused == ("Pajamos",)
    assert "personal column 'Pajamos'" in set(made.intake.quality["check"])


def test_customers_and_days_alone_tell_no_table(given):
    made = given(cross_csv="Customer,Jan 2025,Feb 2025\n" + "".join(f"C{n},{n}.5,{n}.7\n" for n in range(10)))
    assert made["cross"].source == {}


def test_a_survey_without_a_question_is_no_more_than_a_guess(given):
    made = given(apklausa_csv="Kliento nr;Data\n1;2025-01-03\n2;2025-01-04\n")["apklausa"]
    assert not made.is_active
    assert "only a guess" in made.comments[0]


@pytest.mark.parametrize(
    "name", ["card_id", "card_number", "member_no", "lojalumo kortelė", "Дисконтная карта", "Kliendikaart"]
)
def test_the_card_of_a_loyal_customer_is_the_customer(given, name):
    text = f"receipt,{name},date,amount\n" + "".join(
        f"{n},{'' if n % 4 == 0 else 90000000 + n % 30},2025-01-{1 + n % 28:02d},{n}.50\n" for n in range(60)
    )
    made = given(card_csv=text)["card"]
    assert made.source["columns"]["record_id"] == name
    assert made.intake.frame["record_id"].isna().sum() == 15


def test_bank_cards_are_never_proposed_as_customers_and_sales_of_nobody_are_asked_about(given):
    text = "order,card_number,date,amount\n" + "".join(
        f"{n},4111111111111111,2025-01-{1 + n:02d},{n}.50\n" for n in range(9)
    )
    made = given(cards_csv=text)["cards"]
    assert "record_id" not in made.confidence
    assert any(comment.startswith("? no column names the customer") for comment in made.comments)
    assert "1 to confirm" in made.summary()


def test_customers_are_told_by_values_that_a_list_of_customers_has(given):
    sales = ORDERS.replace("customer id", "whoever", 1)
    made = given(orders_csv=sales, crm_csv="customer id,name\n" + "".join(f"c{n},Name {n}\n" for n in range(40)))
    match = made["orders"].confidence["record_id"]
    assert (match.theirs, match.because) == ("whoever", "100% of its values are numbers of crm")
    assert made["orders"].source["records"] == "crm"
    assert "1 to confirm" in made["orders"].summary()


def test_invoices_with_the_day_they_were_paid_are_sales_and_payments(given):
    text = "Invoice No,Customer No,Invoice Date,Due Date,Settled Date,Amount\n" + "".join(
        f"{n},C{n % 9},2025-01-{1 + n % 28:02d},2025-02-{1 + n % 28:02d},2025-03-{1 + n % 28:02d},{n}.50\n"
        for n in range(60)
    )
    made = given(ledger_csv=text)
    assert {name: one.source["table"] for name, one in made.items()} == {
        "ledger": "transactions", "ledger_payments": "payments",
    }  # fmt: skip
    assert made["ledger_payments"].source["columns"] == {
        "record_id": "Customer No", "due_on": "Due Date", "paid_on": "Settled Date",
    }  # fmt: skip
    assert made["ledger_payments"].source["records"] == "ledger"


def test_answers_that_name_the_order_only_get_the_customer_of_the_order(given):
    sales = "order id,customer id,date,amount\n" + "".join(
        f"o{n},c{n % 40},2025-01-{1 + n % 28:02d},5.50\n" for n in range(90)
    )
    reviews = "review id,order id,review score\n" + "".join(f"r{n},o{n},{1 + n % 5}\n" for n in range(80))
    made = given(orders_csv=sales, reviews_csv=reviews)["reviews"]
    assert (made.source["table"], made.is_active) == ("satisfaction", True)
    assert made.source["joins"] == [{"file": "raw/orders.csv", "on": {"order id": "order id"}}]
    assert made.intake.frame["record_id"].iloc[41] == "c1"


def test_tables_of_a_duckdb_file_are_found(tmp_path):
    import duckdb

    (tmp_path / "raw").mkdir()
    path = tmp_path / "raw" / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table sales (order_id int, customer_id text, order_date date, amount decimal(10,2))")
        connection.execute("insert into sales values (1, 'a', '2025-01-01', 5.10), (2, 'b', '2025-01-02', 7.20)")
        connection.execute("create table nothing (one int)")
    [made] = propose([path], "LT", folder=tmp_path)
    assert (made.source["url"], made.source["query"]) == ("duckdb:///raw/shop.duckdb", 'select * from "sales"')
    assert made.intake.frame["net_amount"].tolist() == [5.1, 7.2]


def test_costs_of_channels_side_by_side_are_asked_about(given):
    text = "DATE,revenue,tv_S,facebook_I,facebook_S\n" + "".join(
        f"2025-0{1 + n // 4}-{1 + 7 * (n % 4):02d},{n}00.5,{n}.5,{n * 1000},{n}.7\n" for n in range(20)
    )
    [question] = [one for one in given(weekly_csv=text)["weekly"].comments if one.startswith("?")]
    assert question == (
        "? what was spent on tv_S, facebook_S? Then each is a source of its own, such as {table: spend, file: raw/weekly.csv, "
        "columns: {spent_on: DATE, amount: tv_S}, constants: {channel: tv, purpose: acquire}}"
    )


def test_the_same_sales_as_text_and_as_a_workbook_are_used_once(tmp_path):
    (tmp_path / "raw").mkdir()
    lines = [f"{n};c{n % 20};Firm {n % 20};2025-01-{1 + n % 28:02d};{n},50" for n in range(80)]
    (tmp_path / "raw" / "sales.csv").write_text(
        "order id;customer id;customer name;date;amount\n" + "\n".join(lines), "utf-8"
    )
    frame = pd.read_csv(tmp_path / "raw" / "sales.csv", sep=";", decimal=",", parse_dates=["date"])
    frame.to_excel(tmp_path / "raw" / "sales.xlsx", index=False)
    made = propose(sorted((tmp_path / "raw").iterdir()), "LT", folder=tmp_path)
    assert [(one.where, one.source["table"], one.is_active) for one in made] == [
        ("sales.csv", "transactions", True),
        ("sales.xlsx, sheet 'Sheet1'", "transactions", False),
        ("sales.csv", "records", True),
    ]
    assert "left out: it repeats the rows of sales.csv" in made[1].comments


SMALL_TABLES = {
    "contact_persons": {
        "contact_persons": "customer id,role,phone,updated on",
        "kontaktiniai_asmenys": "Kliento Nr.,Pareigos,Telefonas,Atnaujinta",
        "контактные_лица": "Код клиента,Должность,Телефон,Дата изменения",
    },
    "departments": {
        "departments": "department id,name,head",
        "padaliniai": "Kodas,Pavadinimas,Vadovas",
        "отделы": "Код,Название,Руководитель",
    },
    "account_managers": {
        "assignments": "customer id,manager,from,to",
        "klientų_priskyrimai": "Kliento Nr.,Vadybininkas,Nuo,Iki",
        "закрепление_клиентов": "Код клиента,Менеджер,Начало,Окончание",
    },
    "tasks": {
        "tasks": "task id,manager,step,due,done",
        "užduotys": "Užduoties Nr.,Vadybininkas,Žingsnis,Terminas,Atlikta",
        "задачи": "Номер задачи,Менеджер,Шаг,Срок,Выполнено",
    },
    "projects": {
        "projects": "project id,customer id,stage,last update,closed",
        "projektai": "Projekto Nr.,Kliento Nr.,Etapas,Atnaujinta,Baigta",
        "проекты": "Номер проекта,Код клиента,Этап,Обновлено,Закрыт",
    },
    "issues": {
        "issues": "ticket id,customer id,department,opened,customer told,resolved",
        "problemos": "Numeris,Kliento Nr.,Skyrius,Užregistruota,Pranešta,Išspręsta",
        "обращения": "Номер обращения,Код клиента,Отдел,Создано,Сообщено,Решено",
    },
    "watchlist": {
        "watchlist": "signal,source,noted,effect,review",
        "stebimi_ženklai": "Ženklas,Šaltinis,Pastebėta,Poveikis,Peržiūra",
        "наблюдение": "Сигнал,Источник,Замечено,Влияние,Дата пересмотра",
    },
}
DAYS = ("on", "due", "done", "update", "opened", "told", "resolved", "noted", "review", "from", "to", "closed")


@pytest.mark.parametrize(("table", "name"), [(table, name) for table, files in SMALL_TABLES.items() for name in files])
def test_small_tables_are_told_by_their_names(given, table, name):
    english = next(iter(SMALL_TABLES[table].values())).split(",")
    rows = []
    for n in range(12):
        cells = [
            f"2026-0{1 + n % 9}-1{n % 9}" if column.split()[-1] in DAYS else f"{column[:3]}{n}" for column in english
        ]
        cells = [f"+370 612 3456{n % 10}" if column == "phone" else cell for column, cell in zip(english, cells)]
        rows.append(",".join(cells))
    text = "\n".join([SMALL_TABLES[table][name], *rows]) + "\n"
    (made,) = [one for key, one in given(orders_csv=ORDERS, **{f"{name}_csv": text}).items() if key != "orders"]
    assert made.source["table"] == table
    assert len(made.source["columns"]) == len(english), made.source["columns"]


def test_every_file_of_the_sample_firm_is_recognised(tmp_path):
    """By the first lines of those that are long, so that the test is quick."""
    declared = yaml.safe_load((SAMPLE / "engagement.yml").read_text("utf-8"))["sources"].values()
    meant = {Path(source["file"]).stem: source for source in declared}
    (tmp_path / "raw").mkdir()
    for path in (SAMPLE / "raw").iterdir():
        lines = path.read_bytes().splitlines(keepends=True)
        content = path.read_bytes() if path.suffix == ".xlsx" else b"".join(lines[:1500])
        (tmp_path / "raw" / path.name).write_bytes(content)
    made = {one.name: one.source for one in propose(sorted((tmp_path / "raw").iterdir()), "LT", folder=tmp_path)}
    assert {name: one["table"] for name, one in made.items()} == {name: one["table"] for name, one in meant.items()}
    for name, one in made.items():
        given = meant[name]["columns"]
        wrong = {ours: theirs for ours, theirs in one["columns"].items() if given.get(ours, theirs) != theirs}
        assert not wrong, f"{name}: {wrong}"
