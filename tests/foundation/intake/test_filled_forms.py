"""Forms that come back: read by their questions and words; an answer outside the options is refused, none is lost."""

import pandas as pd
import pytest

from rapport.foundation.errors import IntakeError
from rapport.foundation.intake.filled_forms import form_in, is_read_me
from rapport.foundation.intake.questionnaire import questionnaires
from rapport.foundation.intake.received import Received, column_of_cells

HEADER = "Kliento numeris *;Kada klausta;Ar klientas atsakė? *;Kas nutraukė ryšį?;1. Kas netinka prekėje ar paslaugoje?;Pagrindinė priežastis (jūsų apibendrinimu)"
ROWS = (
    "00007;2026-03-01;Taip;Mūsų vadybininkas;per brangu;Kaina",
    "b2;2026-03-02;Ne;;;",
)


def sheet(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *(rows or ROWS)]) + "\n"


@pytest.fixture
def read(client):
    def reading(*rows: str, header: str = HEADER, **source):
        keys = {"table": "leavers_survey", "questionnaire": "leavers_survey", "records": "crm", **source}
        return client.read(sheet(*rows, header=header), file="raw/form.csv", **keys)

    return reading


def received(*headings: str, name: str = "Sheet1") -> Received:
    columns = {heading: column_of_cells(["x"]) for heading in headings}
    return Received(pd.DataFrame(columns), [2], "form.xlsx", sheet=name)


def test_questions_and_words_become_columns_and_codes(read):
    frame = read().frame
    assert frame["record_id"].tolist() == ["00007", "b2"]
    assert frame["record_source"].tolist() == ["crm", "crm"]
    assert frame["is_answered"].tolist() == [True, False]
    assert frame["initiator"].tolist() == ["our_manager", None]
    assert frame["q1_product"].tolist() == ["per brangu", None]
    assert frame["reason_code"].tolist() == ["price", None]
    assert frame["asked_on"].tolist() == [pd.Timestamp("2026-03-01"), pd.Timestamp("2026-03-02")]


def test_an_answer_outside_the_options_is_refused_with_its_line_and_the_answers_there_are(read):
    with pytest.raises(IntakeError) as error:
        read(ROWS[0], "c3;2026-03-02;Taip;Kaimynas;;")
    assert error.value.what == "'Kaimynas' is no answer to 'Kas nutraukė ryšį?' (initiator): line 3."
    assert error.value.where == "raw/form.csv, line 3, column 'Kas nutraukė ryšį?'"
    assert "the answers are: Klientas, Mūsų vadybininkas, Abi pusės, Nežinoma." in error.value.to_do


def test_options_hold_where_the_contract_takes_any_text(read):
    with pytest.raises(IntakeError, match="'Orai' is no answer to 'Pagrindinė priežastis"):
        read("c3;2026-03-02;Taip;;;Orai")


def test_yes_and_no_are_refused_in_the_words_of_the_form(read):
    with pytest.raises(IntakeError) as error:
        read("c3;2026-03-02;gal;;;")
    assert "the answers are: Taip, Ne." in error.value.to_do


def test_what_is_meant_by_another_word_can_be_declared(read):
    frame = read("c3;2026-03-02;Taip;Kaimynas;;Orai", values={"initiator": {"Kaimynas": "unknown"}, "reason_code": {"Orai": "other"}}).frame  # fmt: skip
    assert frame[["initiator", "reason_code"]].to_numpy().tolist() == [["unknown", "other"]]


def test_a_row_dropped_by_a_rule_may_say_anything(read):
    rule = {"when": {"initiator": {"in": ["Kaimynas"]}}, "then": "drop", "why": "a test row"}
    assert read(ROWS[0], "c3;2026-03-02;Taip;Kaimynas;;", rules=[rule]).rows_out == 1


def test_a_row_without_a_required_answer_is_set_aside_and_named(read):
    intake = read(*ROWS, ";2026-03-02;Taip;Klientas;;", "d4;2026-03-03;;Klientas;;", "e5;2026-03-03;;Klientas;;")
    assert intake.rows_out == 2
    found = intake.quality.set_index("check")
    number = found.loc["no answer to 'Kliento numeris' (record_id)"]
    assert (number["rows"], number["treatment"], number["severity"]) == (1, "set aside: line 4", "caution")
    assert found.loc["no answer to 'Ar klientas atsakė?' (is_answered)"]["treatment"] == "set aside: line 5, line 6"


def test_rows_that_only_say_whom_they_are_about_are_counted_and_not_used(read):
    intake = read(ROWS[0], "c3;;;;;", "d4;;;;;")
    assert intake.rows_out == 1
    found = intake.quality.set_index("check").loc["rows of the form nobody filled in"]
    assert (found["rows"], found["severity"]) == (2, "note")


def test_a_form_nobody_filled_in_gives_no_rows_and_no_error(read):
    assert read("c3;;;;;").rows_out == 0


def test_one_word_in_a_row_is_an_answer_in_a_form(client):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for line in (HEADER.split(";"), [None, None, None, None, "tik žodis"]):
        book.active.append(line)
    (client.folder / "raw").mkdir()
    book.save(client.folder / "raw" / "form.xlsx")
    intake = client.read(file="raw/form.xlsx", table="leavers_survey", questionnaire="leavers_survey")
    assert intake.quality["check"].tolist() == ["no answer to 'Kliento numeris' (record_id)"]


def test_a_form_without_a_row_gives_nothing(client):
    header = client.read(HEADER + "\n", file="raw/form.csv", table="leavers_survey", questionnaire="leavers_survey")
    assert (header.rows_in, header.rows_out) == (0, 0)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"questionnaire": "leaver_survey"}, "did you mean 'leavers_survey'?"),
        ({"questionnaire": "wallet"}, "write `table: wallet`"),
    ],
)
def test_a_source_names_a_questionnaire_that_fills_its_table(read, source, words):
    with pytest.raises(IntakeError) as error:
        read(**source)
    assert words in str(error.value)


def test_a_heading_that_was_lost_is_asked_for_where_the_table_needs_it(read):
    with pytest.raises(IntakeError, match="table 'leavers_survey' needs record_id"):
        read(header=HEADER.replace("Kliento numeris", "Nr"))


def test_a_sheet_is_a_form_when_it_holds_the_required_and_half_of_all_questions():
    known = questionnaires()
    whole = [field.question["ru"] for field in known["wallet"].fields]
    form = form_in(received(*whole), known)
    assert (form.questionnaire.id, form.language) == ("wallet", "ru")
    assert form_in(received(*whole[:3]), known) is None  # what the customer spends is not asked
    assert form_in(received(whole[1], whole[3]), known) is None  # two of six
    assert form_in(received("Customer number", "Month", "Sum"), known) is None


def test_the_page_that_explains_a_form_is_known_by_its_name():
    assert is_read_me(received("x", name="Perskaitykite"))
    assert not is_read_me(received("x", name="Klientai"))
