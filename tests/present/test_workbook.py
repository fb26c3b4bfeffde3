"""The workbook: text stays text, numbers are numbers, lists can be picked from."""

import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from rapport.foundation.contracts import TABLES
from rapport.foundation.errors import ReportError
from rapport.present.formats import Locale, speaking
from rapport.present.workbook import Sheet, write_workbook

ABOUT = {"title": "Strategy", "client": "Acme", "as_of": "2026-09-30"}


def lost() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": ["00007", "=1+1"],
            "state": ["lost_one_timer", "lapsing"],
            "lost_on": pd.to_datetime(["2026-01-31", None]),
            "silent_days": [3.0, 400.0],
            "value_at_risk": [1234.4, np.nan],
            "return_prob": [0.125, 0.5],
            "is_disputed": [True, False],
        }
    )


@pytest.fixture
def written(tmp_path):
    """A function that writes a workbook and reads it back."""

    def make(sheets: dict) -> openpyxl.Workbook:
        return openpyxl.load_workbook(write_workbook(sheets, tmp_path / "actions.xlsx", **ABOUT))

    return make


def test_values_come_back_as_what_they_are(written):
    rows = list(written({"Lost": Sheet(lost(), of="lost")})["Lost"].values)
    assert rows[0][0] == "Customer"
    assert rows[1][:2] == ("00007", "lost one-time buyer")
    assert str(rows[1][2]) == "2026-01-31 00:00:00"
    assert rows[1][3:] == (3, 1234.4, 0.125, "yes")
    assert rows[2][2] is None
    assert rows[2][4] is None


def test_no_text_becomes_a_formula_or_a_link(written):
    nasty = ["=1+1", "+1", "-1", "@x", "\tx", "{=1}", "https://example.com", "mailto:a@b.lt", "=HYPERLINK(1)"]
    sheet = written({"Names": pd.DataFrame({"name": nasty})})["Names"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == nasty
    assert {cell.data_type for cell in cells} == {"s"}
    assert sheet._hyperlinks == []


def test_formats_by_unit_and_currency(written):
    sheet = written({"Lost": Sheet(lost(), of="lost")})["Lost"]
    assert [cell.number_format for cell in sheet[2]][2:6] == ["yyyy-mm-dd", "#,##0", '"€"#,##0', "0.0%"]


def test_every_sheet_is_a_table_with_filters_and_a_header_that_stays(written):
    sheet = written({"Lost": lost()})["Lost"]
    (table,) = sheet.tables.values()
    assert table.ref == "A1:G3"
    assert table.autoFilter is not None
    assert sheet.freeze_panes == "B2"


def test_the_read_me_comes_first_and_explains_every_column(written):
    book = written({"Lost": Sheet(lost(), "Whom to call.", of="lost")})
    assert book.sheetnames[0] == "Read me"
    texts = [cell for row in book["Read me"].values for cell in row if cell]
    assert "Whom to call." in texts
    assert "2 rows" in texts
    assert TABLES["lost"].columns["value_at_risk"].meaning in texts


def test_columns_to_fill_in_have_their_lists_even_long_ones(written):
    choices = {"outcome": ["returned", "refused"], "owner": [f"Person number {i}" for i in range(60)]}
    book = written({"Lost": Sheet(lost(), of="lost", choices=choices)})
    sheet = book["Lost"]
    assert [cell.value for cell in sheet[1]][-2:] == ["Outcome", "Owner"]
    sources = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert sources == {"H2": "'Lists'!$A$1:$A$2", "I2": "'Lists'!$B$1:$B$60"}
    assert book["Lists"].sheet_state == "hidden"
    assert [cell.value for cell in book["Lists"]["B"]][-1] == "Person number 59"


def test_an_empty_table_and_equal_headings(written):
    book = written(
        {"Empty": lost().head(0), "Twins": pd.DataFrame({"first_order_on": [], "first_order": [], "First order": []})}
    )
    assert book["Empty"].max_row >= 1
    assert [cell.value for cell in book["Twins"][1]] == ["First order", "First order 2", "First order 3"]


@pytest.mark.parametrize("name", ["", "x" * 32, "a/b", "read ME"])
def test_a_name_excel_cannot_take_is_refused(name, tmp_path):
    with pytest.raises(ReportError, match="cannot be the name of a sheet"):
        write_workbook({name: lost()}, tmp_path / "a.xlsx", **ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_a_very_long_text_is_cut_to_what_a_cell_holds(written):
    sheet = written({"Notes": pd.DataFrame({"name": ["x" * 40_000]})})["Notes"]
    assert len(sheet["A2"].value) == 32_767


def test_the_same_tables_give_the_same_parts(tmp_path):
    with speaking(Locale("lt")):
        paths = [write_workbook({"Lost": lost()}, tmp_path / name, **ABOUT) for name in ("a.xlsx", "b.xlsx")]
    parts = [{name: book.read(name) for name in book.namelist()} for book in map(zipfile.ZipFile, paths)]
    assert parts[0] == parts[1]
