"""The forms go round: written in the client's language, filled in in Excel, found again, read as the values meant."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml

from rapport import ask_sheet
from rapport.console import checked
from rapport.foundation.contracts import TABLES
from rapport.foundation.engagement import open_engagement
from rapport.foundation.errors import RunError, SettingsError
from rapport.foundation.intake.questionnaire import Question, form_words, heading, questionnaires, said
from rapport.foundation.runs import finish, new_run
from rapport.scaffold import scaffold

YAML = """client: Small
currency: EUR
country: {country}
language: {language}
as_of: 2026-12-31
sources:
  crm: {{table: records, file: raw/crm.csv, columns: {{record_id: customer, name: name}}}}
  sales: {{table: transactions, file: raw/sales.csv, records: crm, columns: {{order_id: order, record_id: customer, ordered_on: date, net_amount: amount}}}}
"""
BUYERS = [f"{number:03d}" for number in range(12)]
LANGUAGES = ("en", "lt", "ru", "bg", "et", "hu")


@pytest.fixture
def firm(tmp_path) -> Path:
    """Twelve customers who bought in 2026, in an engagement of Lithuania."""
    return engagement(tmp_path)


def engagement(folder: Path, country: str = "LT", language: str = "en") -> Path:
    (folder / "raw").mkdir(parents=True)
    sales = {"order": range(12), "customer": BUYERS, "date": "2026-06-30", "amount": 100}
    pd.DataFrame(sales).to_csv(folder / "raw/sales.csv", index=False)
    people = {"customer": BUYERS, "name": [f"Kovács {id}" for id in BUYERS]}
    pd.DataFrame(people).to_csv(folder / "raw/crm.csv", index=False)
    (folder / "engagement.yml").write_text(YAML.format(country=country, language=language), "utf-8")
    return folder


def fill(path: Path, sheet: str, *rows: list, to: Path) -> None:
    """The workbook with rows written below the header of a sheet, saved elsewhere."""
    book = openpyxl.load_workbook(path)
    for line, cells in enumerate(rows, start=2):
        for place, cell in enumerate(cells, start=1):
            book[sheet].cell(line, place, cell)
    to.parent.mkdir(exist_ok=True)
    book.save(to)


def answer(field: Question, row: int, language: str):
    """What is typed into a cell of a form, and what it means: every option and both yes and no come up."""
    if field.type == "choice":
        code = list(field.options)[row % len(field.options)]
        return said(field.options[code], language), code
    if field.type == "yes_no":
        return said(form_words().yes if row % 2 else form_words().no, language), bool(row % 2)
    if field.type == "day":
        return datetime(2025, 1 + row, 1), pd.Timestamp(2025, 1 + row, 1)
    if field.type in ("money", "number", "share"):
        value = 0.05 * row if field.type == "share" else 10.5 + row
        return value, pytest.approx(value)
    return (BUYERS[row],) * 2 if field.column == "record_id" else (f"Ąž {row}",) * 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_comes_back_as_what_was_meant(tmp_path, language):
    firm = engagement(tmp_path / "asked")
    list(ask_sheet.ask(firm, language=language))
    book = openpyxl.load_workbook(firm / "ask.xlsx")
    meant = {}
    for one in questionnaires().values():
        sheet = book[said(one.title, language)]
        places = {cell.value: cell.column for cell in sheet[1]}
        asked = [field for field in one.fields if field.column != "record_source"]
        assert list(places) == [heading(field, language) for field in asked]
        for row in range(12):
            for field in asked:
                typed, code = answer(field, row, language)
                sheet.cell(row + 2, places[heading(field, language)], typed)
                meant.setdefault(one.table, {}).setdefault(field.column, []).append(code)
    book.save(tmp_path / "answers.xlsx")

    files = [tmp_path / "answers.xlsx", firm / "raw/crm.csv", firm / "raw/sales.csv"]
    printed = list(scaffold(tmp_path / "new", files, client="Small", country="LT", currency="EUR"))
    told = [line for line in printed if line.startswith("answers.xlsx")]
    assert len(told) == len(meant)
    assert all(line.endswith("columns, 0 to confirm") for line in told)
    text = (tmp_path / "new/engagement.yml").read_text("utf-8").replace("as_of: 2026-06-30", "as_of: 2026-12-31")
    (tmp_path / "new/engagement.yml").write_text(text, "utf-8")
    received = open_engagement(tmp_path / "new").receive()
    for table, columns in meant.items():
        frame = received[table]
        assert len(frame) == 12, table
        for column, values in columns.items():
            assert frame[column].tolist() == values, f"{table}.{column}"
        if "record_source" in frame:
            assert set(frame["record_source"]) == {"crm"}


def test_what_is_written_is_what_the_next_check_prints_and_reads(firm):
    printed = "\n".join(ask_sheet.ask(firm, only=["wallet"]))
    sheet = "Kiek klientai perka iš viso"
    assert openpyxl.load_workbook(firm / "ask.xlsx").sheetnames == ["Perskaitykite", sheet, "Lists"]
    fill(firm / "ask.xlsx", sheet, ["007", None, 900, "Mūsų įvertis"], to=firm / "raw/ask.xlsx")
    lines = ask_sheet.source_lines(questionnaires()["wallet"], "raw/ask.xlsx", sheet, ask_sheet.read_file(firm))
    assert lines in printed
    assert lines in "\n".join(checked(firm))
    with (firm / "engagement.yml").open("a", encoding="utf-8") as file:
        file.write(lines + "\n")
    assert "nothing reads" not in "\n".join(checked(firm))
    text = (firm / "engagement.yml").read_text("utf-8")
    (firm / "engagement.yml").write_text(text.replace(f"sheet: {sheet}", f"sheet: [{sheet}]"), "utf-8")
    assert "nothing reads" not in "\n".join(checked(firm)), "a list of sheets reads each of them"
    wallet = open_engagement(firm).receive()["wallet"]
    assert wallet[["record_source", "record_id", "total_spend", "source"]].to_numpy().tolist() == [
        ["crm", "007", 900.0, "estimate"]
    ]


def test_a_form_that_is_hardly_filled_in_is_found_and_read(firm):
    """Lone cells below the headings are answers, not a title above a table, and the lists the form hides are no remark."""
    list(ask_sheet.ask(firm, only=["leavers_survey"]))
    sheet = "Išėję klientai"
    rows = [["001", None, "Ne", None, "brangu"], ["002"], ["003"], [None, None, None, None, "tik žodis"]]
    fill(firm / "ask.xlsx", sheet, *rows, to=firm / "raw/ask.xlsx")
    printed = "\n".join(checked(firm))
    lines = ask_sheet.source_lines(questionnaires()["leavers_survey"], "raw/ask.xlsx", sheet, ask_sheet.read_file(firm))
    assert lines in printed
    with (firm / "engagement.yml").open("a", encoding="utf-8") as file:
        file.write(lines + "\n")
    (intake,) = [one for one in open_engagement(firm).receive().intakes if one.table == "leavers_survey"]
    assert (intake.rows_in, intake.frame["record_id"].tolist()) == (4, ["001"])
    assert intake.quality[["check", "rows", "treatment"]].to_numpy().tolist() == [
        ["rows of the form nobody filled in", 2, "not used"],
        ["no answer to 'Kliento numeris' (record_id)", 1, "set aside: row 5"],
    ]


def test_new_reads_the_forms_with_answers_and_leaves_the_others_out(firm, tmp_path):
    list(ask_sheet.ask(firm, only=["leavers_survey", "wallet"]))
    rows = [["001", None, "Ne", None, "brangu"], ["002"], ["003"]]
    fill(firm / "ask.xlsx", "Išėję klientai", *rows, to=tmp_path / "back.xlsx")
    fill(tmp_path / "back.xlsx", "Kiek klientai perka iš viso", ["001"], ["002"], to=tmp_path / "back.xlsx")
    printed = list(scaffold(tmp_path / "new", [tmp_path / "back.xlsx"], client="Small", country="LT", currency="EUR"))
    assert printed[:2] == [
        "back.xlsx, sheet 'Išėję klientai': leavers_survey, 3 rows, 12 columns, 0 to confirm",
        "back.xlsx, sheet 'Kiek klientai perka iš viso': wallet, a form nobody has filled in: left out",
    ]
    sources = yaml.safe_load((tmp_path / "new/engagement.yml").read_text("utf-8"))["sources"]
    assert sources == {
        "back_iseje_klientai": {
            "table": "leavers_survey",
            "file": "raw/back.xlsx",
            "sheet": "Išėję klientai",
            "questionnaire": "leavers_survey",
        }
    }


def test_without_a_customer_file_the_numbers_are_those_of_the_sales(firm, tmp_path):
    list(ask_sheet.ask(firm, only=["wallet"], language="en"))
    fill(firm / "ask.xlsx", "Share of wallet", ["001", None, 900], ["oo2", None, 800], to=tmp_path / "back.xlsx")
    files = [tmp_path / "back.xlsx", firm / "raw/sales.csv"]
    list(scaffold(tmp_path / "new", files, client="Small", country="LT", currency="EUR"))
    received = open_engagement(tmp_path / "new").receive()
    assert set(received["transactions"]["record_source"]) == set(received["wallet"]["record_source"]) == {"sales"}
    assert received.strangers().to_numpy().tolist() == [["wallet", 1, "sales:oo2"]]
    assert "\nwallet: 1 rows name customers that no customer file and no sale has: sales:oo2" in checked(
        tmp_path / "new"
    )


def test_a_form_nobody_filled_in_counts_as_not_given(firm):
    list(ask_sheet.ask(firm, only=["wallet"]))
    (firm / "ask.xlsx").rename(firm / "raw/ask.xlsx")
    assert "nothing reads" not in "\n".join(checked(firm))
    lines = ask_sheet.source_lines(
        questionnaires()["wallet"], "raw/ask.xlsx", "Kiek klientai perka iš viso", ask_sheet.read_file(firm)
    )
    with (firm / "engagement.yml").open("a", encoding="utf-8") as file:
        file.write(lines + "\n")
    assert "wallet" in set(open_engagement(firm).receive().absent()["table"])


def test_only_tables_that_were_not_given_are_asked_for(firm):
    with (firm / "engagement.yml").open("a", encoding="utf-8") as file:
        file.write("  pay: {table: wallet, file: raw/w.csv, columns: {record_id: id, total_spend: sum}}\n")
    (firm / "raw/w.csv").write_text("id,sum\n001,900\n", "utf-8")
    told = (
        f"forms:     rapport ask {firm} writes them for contact_persons, contacts, finance, leavers_survey, managers, "
    )
    assert told + "satisfaction, spend" in checked(firm)
    printed = list(ask_sheet.ask(firm))
    assert not any("wallet" in line for line in printed)
    assert any("leavers_survey" in line for line in printed)


@pytest.mark.parametrize(
    ("country", "language", "wanted", "words"),
    [
        ("LT", "en", None, "Lithuanian (the country is LT)"),
        ("DE", "hu", None, "Hungarian (the language of the report)"),
        ("LT", "en", "bg", "Bulgarian (as asked for)"),
        ("DE", "en", None, "English (the language of the report)"),
    ],
)
def test_the_language_is_the_countrys_and_the_choice_is_said(tmp_path, country, language, wanted, words):
    firm = engagement(tmp_path, country, language)
    assert words in next(iter(ask_sheet.ask(firm, language=wanted)))


def test_a_questionnaire_or_a_language_that_is_not_known_is_refused(firm):
    with pytest.raises(SettingsError, match="did you mean 'wallet'"):
        list(ask_sheet.ask(firm, only=["walet"]))
    with pytest.raises(SettingsError, match="no question is asked in 'lv'"):
        list(ask_sheet.ask(firm, language="lv"))
    assert not (firm / "ask.xlsx").exists()


def test_terms_a_language_lacks_are_listed(firm):
    (firm / "questionnaires").mkdir()
    own = {
        "id": "wallet",
        "table": "wallet",
        "title": {"en": "Wallet", "lt": "Piniginė"},
        "about": {"en": "One row a customer."},
        "filled_by": {"en": "You", "lt": "Jūs"},
        "fields": [
            {"column": "record_id", "type": "text", "required": True, "question": {"en": "Number", "lt": "Numeris"}},
            {"column": "total_spend", "type": "money", "required": True, "question": {"en": "Total"}},
        ],
    }
    (firm / "questionnaires/wallet.yml").write_text(yaml.safe_dump(own, allow_unicode=True), "utf-8")
    printed = list(ask_sheet.ask(firm, only=["wallet"]))
    assert "3 terms have no Lithuanian and stand in English:" in printed
    assert "  wallet: about; without_it; total_spend" in printed
    book = openpyxl.load_workbook(firm / "ask.xlsx")
    assert [cell.value for cell in book["Piniginė"][1]] == ["Numeris *", "Total *"]
    told = [cell.value for row in book["Perskaitykite"] for cell in row if cell.value]
    assert TABLES["wallet"].costs in told
    assert not any("have no" in line for line in ask_sheet.ask(firm, only=["managers"]))


def test_answers_are_never_written_over(firm):
    list(ask_sheet.ask(firm, only=["managers"]))
    list(ask_sheet.ask(firm, only=["managers"]))  # an empty one may be written again
    fill(firm / "ask.xlsx", "Vadybininkai", ["V1", "Ona"], to=firm / "ask.xlsx")
    before = (firm / "ask.xlsx").read_bytes()
    with pytest.raises(RunError, match="filled in already: Vadybininkai"):
        list(ask_sheet.ask(firm, only=["managers"]))
    assert (firm / "ask.xlsx").read_bytes() == before
    assert sorted(path.name for path in firm.iterdir()) == ["ask.xlsx", "engagement.yml", "raw"]


def test_customers_are_listed_by_the_last_run(firm):
    """Ten who buy are asked what they think, the latest first; of two who went the one who may be asked is asked why."""
    run = new_run(firm, as_of="2026-12-31")
    ids = [f"crm:{id}" for id in BUYERS]
    history = pd.DataFrame({"customer_id": ids, "last_order_on": pd.date_range("2026-01-01", periods=12)})
    went = {"customer_id": ids[:2], "state": "lost", "outlook": ["permanent", "refused"], "rank": [1, 2], "value_basis": "net sales",
            "remaining_value": 9.0, "value_at_risk": 9.0, "silent_days": 300.0, "is_disputed": False}  # fmt: skip
    links = {
        "source": "crm",
        "record_id": BUYERS,
        "customer_id": ids,
        "match_prob": 1.0,
        "rule": "alone",
        "is_ambiguous": False,
    }
    names = {"customer_id": ids, "name": [f"Kovács {id}" for id in BUYERS], "records": 1}
    for table, rows in (("lost", went), ("links", links), ("customers", names)):
        run.write(table, TABLES[table].complete(pd.DataFrame(rows)))
    counts = dict.fromkeys([n for n, c in TABLES["history"].columns.items() if c.dtype == "int64"], 1)
    filled = {n: 1.0 for n, c in TABLES["history"].columns.items() if c.dtype == "float64"}
    run.write("history", TABLES["history"].complete(history.assign(**counts, **filled)))
    finish(firm, run)

    printed = list(ask_sheet.ask(firm, only=["satisfaction", "leavers_survey", "contacts"]))
    assert any("satisfaction" in line and "10 customers listed" in line for line in printed)
    book = openpyxl.load_workbook(firm / "ask.xlsx")
    rows = list(book["Pasitenkinimas"].iter_rows(max_col=2, values_only=True))
    assert rows[:2] == [("Kliento numeris *", "Klientas"), ("011", "Kovács 011")]
    assert len(rows) == 11
    assert [cell.value for cell in book["Išėję klientai"]["A"]] == ["Kliento numeris *", "000"]
    assert book["Kontaktai su klientais"].max_row == 1
    list(ask_sheet.ask(firm, only=["satisfaction"]))  # who is listed has not answered: the form may be written again


def test_firms_with_two_customer_files_say_whose_number_it_is(firm):
    text = (firm / "engagement.yml").read_text("utf-8")
    web = "  web: {table: records, file: raw/crm.csv, columns: {record_id: customer}}\n"
    (firm / "engagement.yml").write_text(text + web, "utf-8")
    printed = "\n".join(ask_sheet.ask(firm, only=["wallet"]))
    assert "records: crm  # or web: whose numbers they are" in printed
    sheet = openpyxl.load_workbook(firm / "ask.xlsx")["Kiek klientai perka iš viso"]
    assert sheet["A1"].value == "Iš kurio klientų sąrašo numeris"


def test_every_table_given_leaves_nothing_to_ask(firm, monkeypatch):
    known = {"wallet": questionnaires()["wallet"]}
    monkeypatch.setattr(ask_sheet, "questionnaires", lambda folder: known)
    with (firm / "engagement.yml").open("a", encoding="utf-8") as file:
        file.write("  pay: {table: wallet, file: raw/w.csv, columns: {record_id: id, total_spend: sum}}\n")
    assert list(ask_sheet.ask(firm)) == [
        "every table there is a questionnaire for was given; name one to write it all the same: --only wallet"
    ]
