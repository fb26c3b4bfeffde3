"""Forms: headings that ask, lists to pick from, cells that refuse what is no day, number or word of the list."""

from datetime import date

import openpyxl
import pytest

from rapport.foundation.errors import ReportError
from rapport.present.form_sheets import FormColumn, FormGuide, FormSheet, write_forms

GUIDE = FormGuide(
    "Read me", "What we ask", ["Fill it in.", "=1+1"], ["Sheet", "What"], [["Wallet", "One row a customer"]]
)
COLUMNS = [
    FormColumn("Number *", is_required=True),
    FormColumn("Day", "day"),
    FormColumn("Sum", "money"),
    FormColumn("Part", "share"),
    FormColumn("Answered?", "yes_no", choices=("Yes", "No")),
    FormColumn("Kaip?", "choice", choices=("El. paštu, faksu", "Telefonu")),
]
ABOUT = {"guide": GUIDE, "client": "Acme", "as_of": "2026-09-30"}


@pytest.fixture
def book(tmp_path) -> openpyxl.Workbook:
    rows = [["00007", None, None, None, None, None], ["=2+2", None, None, None, None, None]]
    return openpyxl.load_workbook(write_forms([FormSheet("Wallet", COLUMNS, rows)], tmp_path / "ask.xlsx", **ABOUT))


def test_the_first_page_says_what_is_asked(book):
    assert book.sheetnames == ["Read me", "Wallet", "Lists"]
    cells = [cell.value for row in book["Read me"] for cell in row if cell.value]
    assert cells == ["What we ask", "Fill it in.", "=1+1", "Sheet", "What", "Wallet", "One row a customer"]
    assert {cell.data_type for row in book["Read me"] for cell in row if cell.value} == {"s"}


def test_what_is_listed_stands_below_the_headings_as_text(book):
    sheet = book["Wallet"]
    assert [cell.value for cell in sheet[1]] == [column.heading for column in COLUMNS]
    assert [cell.value for cell in sheet["A"]] == ["Number *", "00007", "=2+2"]
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert sheet.freeze_panes == "A2"


def test_a_required_heading_looks_different(book):
    colours = [cell.fill.fgColor.rgb for cell in book["Wallet"][1]]
    assert colours[0] not in colours[1:]


def test_cells_take_days_numbers_and_the_words_of_their_list_only(book):
    sheet = book["Wallet"]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert {place: rule.type for place, rule in rules.items()} == {
        "B2": "date", "C2": "decimal", "D2": "decimal", "E2": "list", "F2": "list",
    }  # fmt: skip
    assert (rules["D2"].formula1, rules["D2"].formula2) == ("0", "1")
    assert str(rules["F2"].sqref) == "F2:F2003"
    assert rules["F2"].formula1 == "'Lists'!$B$1:$B$2"
    assert [cell.value for cell in book["Lists"]["B"]] == ["El. paštu, faksu", "Telefonu"]
    assert book["Lists"].sheet_state == "hidden"
    formats = {place: openpyxl.utils.get_column_letter(place) for place in (1, 2, 3)}
    assert [sheet.column_dimensions[letter].number_format for letter in formats.values()] == [
        "@",
        "yyyy-mm-dd",
        "#,##0.00",
    ]


def test_two_sheets_of_one_name_are_refused_and_nothing_is_left(tmp_path):
    forms = [FormSheet("Wallet", COLUMNS), FormSheet("wallet", COLUMNS)]
    with pytest.raises(ReportError, match="two sheets would be called 'Wallet'"):
        write_forms(forms, tmp_path / "ask.xlsx", **ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_a_day_before_records_were_kept_is_none(book):
    rule = next(one for one in book["Wallet"].data_validations.dataValidation if one.type == "date")
    assert rule.operator == "greaterThanOrEqual"
    assert float(rule.formula1) == (date(1980, 1, 1) - date(1899, 12, 30)).days
