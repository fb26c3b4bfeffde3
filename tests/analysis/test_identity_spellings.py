"""The report of names changed for comparing (HU-N4)."""

import pandas as pd
import pytest

from rapport.analysis import identity
from rapport.analysis.identity.letters import name_parts, unmixed, without_gender
from rapport.foundation.contracts import TABLES

RECORDS = TABLES["records"]


def records(*names: str | None) -> pd.DataFrame:
    frame = pd.DataFrame({"source": "crm", "record_id": [f"{n:02d}" for n in range(len(names))], "name": names})
    return RECORDS.check(RECORDS.complete(frame), "test")


@pytest.mark.parametrize(
    ("mixed", "right"),
    [
        ("Ромaшка", "Ромашка"),  # one Latin a
        ("OOO Ромашка", "OOO Ромашка"),  # each word is in one alphabet already
        ("Тopг", "Торг"),  # Latin o and p
        ("Baltіja", "Baltija"),  # one Cyrillic і
        ("Cервис", "Сервис"),
        ("Iванов", "Iванов"),  # a capital I has no look-alike here: left alone
        ("Rimi", "Rimi"),
    ],
)
def test_a_word_is_put_into_one_alphabet(mixed, right):
    assert unmixed(mixed) == right


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Ivanova Anna, f", "Ivanova Anna"),
        ("Kazlauskas Jonas (vyr.)", "Kazlauskas Jonas"),
        ("Иванов Иван / м", "Иванов Иван"),
        ("John M", "John M"),  # an initial, not a gender
        ("Maxima, UAB", "Maxima, UAB"),
    ],
)
def test_gender_behind_a_name_is_left_out(written, left):
    assert without_gender(written) == left


def test_surname_and_given_name_are_the_same_words_in_any_order_alphabet_and_column():
    """HU-N4: "Иванов"/"Ivanov" are candidates; no splitting is needed."""
    writings = ("Ivanov Ivan", "Ivan IVANOV", "Иванов, Иван", "Ивaнов Иван, м", "Mr Ivan Ivanov")
    assert {tuple(sorted(name_parts(name, is_person=True)[0])) for name in writings} == {("ivan", "ivanov")}


def test_changed_names_are_listed_with_what_was_done():
    table = identity.spellings(
        records(
            "Jonas Kazlauskas",
            "Ромaшка",
            "Ｋｏｖáｃｓ",
            "Ivanova Anna, f",
            "K?stutis",
            "Ä®monÄ—",
            None,
            "UAB „Žemė“",
            "Ona",
        )
    )
    told = dict(zip(table["name"], table["changes"]))
    assert told == {
        "Ромaшка": "letters of two alphabets in one word; the rarer alphabet",
        "Ｋｏｖáｃｓ": "unusual forms of letters",
        "Ivanova Anna, f": "gender behind the name",
        "K?stutis": "letters lost before we got it",
        "Ä®monÄ—": "letters lost before we got it",
    }
    assert table.set_index("name")["compared_as"]["Ivanova Anna, f"] == "ivanova anna"


def test_where_everybody_writes_cyrillic_the_latin_names_are_the_changed_ones():
    table = identity.spellings(records("Ромашка", "Прогрес", "Balt Trade"))
    assert table["name"].tolist() == ["Balt Trade"]
    assert identity.spellings(records("Ona", "Rasa")).empty


def test_how_many_were_changed_in_which_way():
    given = records("Ona", "Ромaшка", "Ромашка", None)
    counts = identity.by_change(identity.spellings(given), given)
    assert counts["records"].tolist() == [1, 1]
    assert counts["share"].tolist() == [pytest.approx(1 / 3)] * 2
