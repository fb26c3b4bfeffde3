"""The review sheet goes out with a run and comes back before the next: decisions hold, and mistakes are told."""

import openpyxl
import pandas as pd
import pytest

from rapport import review_sheet
from rapport.foundation.contracts import TABLES
from rapport.foundation.engagement import Engagement, open_engagement
from rapport.foundation.errors import SettingsError

YAML = """client: Small
currency: EUR
country: LT
as_of: 2026-09-30
merge: [["crm:5", "crm:6"]]
sources:
  crm: {table: records, file: raw/crm.csv, columns: {record_id: id, name: name}}
  sales: {table: transactions, file: raw/sales.csv, records: crm, columns: {record_id: id, ordered_on: day, net_amount: sum}}
"""
PAIRS = (("crm:1", "crm:2"), ("crm:3", "crm:4"))


@pytest.fixture
def firm(tmp_path) -> Engagement:
    """A firm of six records after a run that left two pairs open; its sheet is written."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "engagement.yml").write_text(YAML, "utf-8")
    opened = open_engagement(tmp_path)
    ids = [str(number) for number in range(1, 7)]
    links = pd.DataFrame({"source": "crm", "record_id": ids, "customer_id": ids, "match_prob": 1.0})
    rows = pd.DataFrame(PAIRS, columns=["record_a", "record_b"]).assign(
        name_a="Kovács", name_b="Kovács", proposal="open", match_prob=0.4, agrees="name", differs="",
        would_settle="e-mail", net_total=[40.0, 10.0], decision="", note="", known_a="", known_b="+370 5 2123456",
    )  # fmt: skip
    opened.write(review=TABLES["review"].check(rows, "test"), links=links.assign(rule="alone", is_ambiguous=False))
    (tmp_path / "latest").symlink_to("runs/lab")
    review_sheet.write_review(opened)
    return opened


def answer(firm: Engagement, *answers: tuple[int, str], heading: str = "Decision") -> None:
    """The sheet filled in as by hand, (row of the sheet, decision), and put beside engagement.yml."""
    book = openpyxl.load_workbook(firm.run.folder / "report" / "review.xlsx")
    sheet = book["review"]
    column = next(cell.column for cell in sheet[1] if cell.value == "Decision")
    sheet.cell(1, column, heading)
    for row, word in answers:
        sheet.cell(row, column, word)
    book.save(firm.folder / "review.xlsx")


def test_the_sheet_offers_the_three_answers_in_a_grey_column(firm):
    sheet = openpyxl.load_workbook(firm.run.folder / "report" / "review.xlsx")["review"]
    headings = [cell.value for cell in sheet[1]]
    assert headings[-2:] == ["Decision", "Note"]
    [rule] = sheet.data_validations.dataValidation
    assert str(rule.sqref).startswith(sheet.cell(2, headings.index("Decision") + 1).coordinate)


def test_decisions_are_taken_in_once_kept_and_honoured(firm):
    answer(firm, (2, "same"), (3, "Different "))
    assert list(review_sheet.take_in(firm.folder)["change"]) == ["merge added", "split added"]
    assert review_sheet.take_in(firm.folder).empty
    again = open_engagement(firm.folder)
    assert again.merges == (("crm:5", "crm:6"), PAIRS[0])
    assert again.splits == (PAIRS[1],)
    assert list(again.decisions["decision"]) == ["same", "different"]
    assert (firm.folder / "engagement.yml").read_text("utf-8") == YAML


def test_a_later_sheet_takes_a_decision_back_and_the_log_tells_both(firm):
    answer(firm, (2, "same"))
    review_sheet.take_in(firm.folder)
    answer(firm, (2, "different"))
    assert list(review_sheet.take_in(firm.folder)["change"]) == ["merge taken back, split added"]
    again = open_engagement(firm.folder)
    assert (again.merges, again.splits) == ((("crm:5", "crm:6"),), (PAIRS[0],))
    assert list(again.decisions["decision"]) == ["same", "different"]
    answer(firm, (2, "same"))
    review_sheet.take_in(firm.folder)
    assert open_engagement(firm.folder).merges == (("crm:5", "crm:6"), PAIRS[0])


def test_looking_without_keeping_writes_nothing(firm):
    answer(firm, (2, "same"))
    assert len(review_sheet.take_in(firm.folder, keep=False)) == 1
    assert not (firm.folder / "decisions.csv").exists()


def test_without_a_sheet_or_without_answers_nothing_changes(firm):
    assert review_sheet.take_in(firm.folder).empty
    answer(firm)
    assert review_sheet.take_in(firm.folder).empty
    assert open_engagement(firm.folder).merges == (("crm:5", "crm:6"),)


def test_mistakes_in_the_sheet_are_told_with_their_row_and_leave_no_trace(firm):
    answer(firm, (3, "sam"))
    with pytest.raises(SettingsError, match=r"'sam' is no decision[\s\S]*row 3[\s\S]*did you mean 'same'"):
        review_sheet.take_in(firm.folder)
    answer(firm, (2, "same"), heading="Answer")
    with pytest.raises(SettingsError, match=r"no column 'Decision'[\s\S]*review.xlsx[\s\S]*copy report/review.xlsx"):
        review_sheet.take_in(firm.folder)
    (firm.folder / "review.xlsx").write_bytes(b"PK not a workbook")
    with pytest.raises(Exception, match="cannot be opened"):
        review_sheet.take_in(firm.folder)
    assert not (firm.folder / "decisions.csv").exists()


def test_a_record_nobody_knows_is_refused(firm):
    book = openpyxl.load_workbook(firm.run.folder / "report" / "review.xlsx")
    book["review"]["A2"] = "crm:77"
    book.save(firm.run.folder / "report" / "review.xlsx")
    answer(firm, (2, "same"))
    with pytest.raises(SettingsError, match=r"'crm:77' is the record of nobody[\s\S]*row 2"):
        review_sheet.take_in(firm.folder)


def test_decisions_that_contradict_each_other_through_a_third_record_are_refused(firm):
    pairs = pd.DataFrame(
        [("crm:1", "crm:2", "same"), ("crm:2", "crm:3", "same"), ("crm:1", "crm:3", "different")],
        columns=["record_a", "record_b", "decision"],
    ).assign(Note="")
    pairs.rename(columns={"record_a": "Record", "record_b": "Other record", "decision": "Decision"}).to_excel(
        firm.folder / "review.xlsx", index=False
    )
    with pytest.raises(SettingsError, match=r"crm:1 and crm:3 are decided to be different[\s\S]*make them one"):
        review_sheet.take_in(firm.folder)
    assert not (firm.folder / "decisions.csv").exists()
