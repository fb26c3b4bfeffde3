"""Questionnaires: what is not to the format or not to the table's contract is refused, and the client's own win."""

import pandas as pd
import pytest

from rapport.foundation.contracts import TABLES
from rapport.foundation.errors import SettingsError
from rapport.foundation.intake.answers import answers
from rapport.foundation.intake.questionnaire import form_words, heading, questionnaires, said
from rapport.foundation.intake.received import column_of_cells

LANGUAGES = ("en", "lt", "ru", "bg", "et", "hu")
WALLET = """id: wallet
table: wallet
title: {en: Wallet}
about: {en: One row a customer.}
filled_by: {en: The manager}
fields:
  - {column: record_id, type: text, required: true, question: {en: Number, lt: Numeris}}
  - {column: total_spend, type: money, required: true, question: {en: Total}}
  - {column: source, type: choice, question: {en: From}, options: {survey: {en: Asked}, guess: {en: Guessed, lt: Spėta}}}
"""


def put(folder, text: str = WALLET, name: str = "wallet"):
    (folder / "questionnaires").mkdir(exist_ok=True)
    (folder / "questionnaires" / f"{name}.yml").write_text(text, "utf-8")
    return folder


def test_the_kit_asks_in_six_languages():
    known = questionnaires()
    assert {"leavers_survey", "satisfaction", "wallet", "contacts", "managers", "finance", "spend"} <= set(known)
    assert {one.id for one in known.values() for language in LANGUAGES if not one.speaks(language)} == set()
    survey = {field.column: field for field in known["leavers_survey"].fields}
    assert said(survey["q3_sale"].question, "en") == "3. What was annoying at the time of sale?"
    assert tuple(survey["initiator"].options) == TABLES["leavers_survey"].columns["initiator"].options
    assert heading(survey["record_id"], "hu") == "Ügyfélszám *"


def test_yes_and_no_of_every_form_are_words_the_intake_knows():
    words = form_words()
    for terms, meaning in ((words.yes, True), (words.no, False)):
        read = answers(pd.Series(column_of_cells(list(terms.values()))))
        assert set(read.values) == {meaning}


def test_the_clients_own_questionnaire_wins_over_the_kits(tmp_path):
    known = questionnaires(put(tmp_path))
    assert known["wallet"].title == {"en": "Wallet"}
    assert known["contacts"] == questionnaires()["contacts"]
    assert questionnaires()["wallet"].title["en"] == "Share of wallet"


def test_terms_a_language_lacks_are_listed_and_said_in_english(tmp_path):
    own = questionnaires(put(tmp_path))["wallet"]
    assert own.missing("en") == ()
    assert own.missing("lt") == (
        "title",
        "about",
        "filled_by",
        "without_it",
        "total_spend",
        "source",
        "source = survey",
    )
    assert said(own.fields[1].question, "lt") == "Total"
    assert questionnaires()["wallet"].missing("lt") == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("filled_by:", "filedl_by:", "did you mean 'filled_by'?"),
        ("type: money, ", "typ: money, ", "did you mean 'type'?"),
        ("table: wallet", "table: walet", "table"),
        ("column: total_spend", "column: total_spent", "did you mean 'total_spend'?"),
        ("column: source,", "column: customer_id,", "asks nobody for a column 'customer_id'"),
        ("type: money, required: true", "type: money", "table 'wallet' needs total_spend"),
        ("type: money", "type: text", "its type is money"),
        ("type: choice, ", "type: text, ", "a choice has options, and nothing else has"),
        ("question: {en: Total}", "question: {lt: Suma}", "give the English"),
        ("lt: Numeris", "lt: ''", "leave the language out"),
        ("lt: Numeris", "lithuanian: Numeris", "no language"),
        ("lt: Numeris", "lt: Total", "both called"),
        ("lt: Spėta", "lt: asked", "the option 'guess' and 'survey' are both called 'asked'"),
        ("column: source,", "column: record_id,", "asked for twice"),
        ("{en: Wallet}", "{en: What the customers spend in a year}", "cannot name a sheet"),
        ("id: wallet", "id: purse", "call one as the other: wallet"),
        ("title: {en: Wallet}\n", "", "'title' is missing"),
        ("{en: Wallet}", "{en: Wallet", "not valid YAML"),
    ],
)
def test_a_questionnaire_that_is_not_to_the_format_is_refused(tmp_path, old, new, words):
    assert old in WALLET
    with pytest.raises(SettingsError) as error:
        questionnaires(put(tmp_path, WALLET.replace(old, new, 1)))
    assert words in str(error.value)
    assert "wallet.yml" in error.value.where


def test_options_are_those_of_the_contract(tmp_path):
    text = """id: returns
table: returns_complaints
title: {en: Returns}
about: {en: One row each.}
filled_by: {en: Service}
fields:
  - {column: kind, type: choice, required: true, question: {en: What}, options: {return: {en: Return}, theft: {en: Theft}}}
"""
    with pytest.raises(SettingsError, match="'theft' is no option of kind; its options are return, cancel, complaint"):
        questionnaires(put(tmp_path, text, "returns"))


def test_an_empty_file_says_what_to_write(tmp_path):
    with pytest.raises(SettingsError, match="the questionnaire is empty"):
        questionnaires(put(tmp_path, ""))
