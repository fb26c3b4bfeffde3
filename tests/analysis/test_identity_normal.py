"""Spelling, telephones, addresses and tax numbers in the form in which they are compared (HU-N4)."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.analysis.identity.compare import is_date_slip, is_one_slip, name_relation
from rapport.analysis.identity.letters import name_parts, spelling
from rapport.analysis.identity.normal import email, is_post, phone, tax
from rapport.foundation.legal_forms import SHORT_FORMS


@pytest.mark.parametrize(
    "writings",
    [
        ("Иванов", "Ivanov", "IVANOV", "ivanóv"),
        ("Юлия Щербакова", "Yulia Shcherbakova", "Julija Ščerbakova"),
        ("Георги Цветанов", "Georgi Tsvetanov"),
        ("Търговия", "Targoviya"),
        ("Алексеев Сергей", "Alexeev Sergey"),
        ("Ｋｏｖáｃｓ", "Kovács", "KOVACS"),
        ("O'Neil", "O’Neil", "ONeil"),
        ("Žemaitė", "Zemaite"),
        ("Жуков", "Zhukov", "Žukov", "Zukov"),
        ("Müller", "Mueller", "MUELLER"),
        ("Größe", "Groesse"),
    ],
)
def test_one_name_in_several_writings_is_spelled_alike(writings):
    assert len({spelling(writing) for writing in writings}) == 1


@pytest.mark.parametrize(
    ("written", "words", "form"),
    [
        ("UAB „Baltija“", ("baltia",), "uab"),
        ("Baltija, UAB", ("baltia",), "uab"),
        ("Baltija, uždaroji akcinė bendrovė", ("baltia",), "uab"),
        ("OÜ Põhi", ("pohi",), "ou"),
        ("SIA Rīga", ("riga",), "sia"),
        ("Nagy és Társa Kft.", ("nagi", "es", "tarsa"), "kft"),
        ("Zöld Zrt.", ("zold",), "zrt"),
        ("ООО «Ромашка»", ("romaska",), "ooo"),
        ("Ромашка ЕООД", ("romaska",), "eood"),
        ("Müller GmbH & Co. KG", ("muller",), "gmbhcokg"),
        ("Acme sp. z o.o.", ("acme",), "spzoo"),
        ("Acme Limited", ("acme",), "ltd"),
        ("MB", ("mb",), ""),
        ("Dr. Nagy Éva", ("nagi", "eva"), ""),
    ],
)
def test_legal_forms_are_taken_off_and_kept_apart(written, words, form):
    assert name_parts(written) == (words, form)


def test_a_person_called_as_keeps_the_name():
    assert name_parts("Mari As", is_person=True) == (("mari", "as"), "")
    assert "AS" in SHORT_FORMS


@pytest.mark.parametrize(
    ("written", "words", "form"),
    [
        ("J. Kovács", ("j", "kovacs"), ""),  # not IĮ
        ("I. Kovács", ("i", "kovacs"), ""),
        ("Kovács Y.", ("kovacs", "y"), ""),
        ("Петров С.А.", ("petrov", "s", "a"), ""),  # not S.A.
        ("Сидоров И.П.", ("sidorov", "i", "p"), ""),  # not ИП
        ("ИП Сидоров", ("sidorov",), "ip"),
        ("Георгиев С.Д.", ("georgiev", "s", "d"), ""),
        ("As Jonas", ("as", "ionas"), ""),
        ("AS Merko", ("merko",), "as"),
        ("as merko", ("merko",), "as"),
        ("Banco S.A.", ("banco",), "sa"),
        ("Petraičio IĮ", ("petraicio",), "i"),
        ("U.A.B. Vilkas", ("vilkas",), "uab"),
        ("Müller G.m.b.H.", ("muller",), "gmbh"),
        ("OOO Romashka", ("romaska",), "ooo"),
        ("S.Petrov", ("s", "petrov"), ""),
    ],
)
def test_initials_are_no_legal_form(written, words, form):
    assert name_parts(written) == (words, form)


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("8 612 34567", "LT", "370-61234567"),
        ("+370 (612) 34567", None, "370-61234567"),
        ("00370 612 34567", None, "370-61234567"),
        ("061234567", "LT", "370-61234567"),
        ("8 (495) 123-45-67", "RU", "7-4951234567"),
        ("06 30 123 4567", "HU", "36-301234567"),
        ("51234567", "EE", "372-51234567"),
        ("+44 (0)20 7946 0958", None, "44-2079460958"),
        ("+370 612 34567 ext. 12", None, "370-61234567"),
        ("000000000", "LT", None),
        ("123456", None, None),
        ("n/a", None, None),
    ],
)
def test_telephones_are_read_with_the_habits_of_their_country(written, country, number):
    assert phone(written, country) == number


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Jonas@Firma.LT", "jonas@firma.lt"),
        ("Jonas <jonas+shop@firma.lt>; ona@firma.lt", "jonas@firma.lt"),
        ("J.Petraitis@googlemail.com", "jpetraitis@gmail.com"),
        ("none@none.lt", None),
        ("not an address", None),
    ],
)
def test_addresses(written, address):
    assert email(written) == address


def test_a_mailbox_of_the_firm_is_no_person():
    assert is_post("info@firma.lt")
    assert not is_post("ona@firma.lt")
    assert not is_post(None)


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("LT 100001234", None, "LT-100001234"),
        ("100001234", "LT", "LT-100001234"),
        ("HU12345679-1-42", None, "HU-12345679142"),
        ("0000000", "LT", None),
        ("77", None, None),
    ],
)
def test_tax_numbers(written, country, number):
    assert tax(written, country) == number


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ("anna kovacs", "kovacs anna", "same"),
        ("kovacs", "kovacs anna", "compatible"),
        ("a kovacs", "kovacs anna", "compatible"),
        ("anna kovacz", "anna kovacs", "compatible"),
        ("bal tia", "baltia", "compatible"),
        ("oliver atkins", "oievr atkins", "partial"),
        ("anna kovacs", "peter kovacs", "rival"),
        ("j kovacs", "i kovacs", "rival"),
        ("y kovacs", "iulia kovacs", "compatible"),
        ("petrov s a", "petrov i p", "rival"),
        ("petrov s a", "petrov sergei", "compatible"),
        ("anna kovacs", "ona petraite", "rival"),
        ("", "ona", "unknown"),
    ],
)
def test_how_two_names_stand_to_each_other(a, b, relation):
    assert name_relation(tuple(a.split()), tuple(b.split())) == relation


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_slip_and_name_relation_do_not_depend_on_the_order(a, b):
    assert is_one_slip(a, b) == is_one_slip(b, a)
    left, right = tuple(a), tuple(b)
    assert name_relation(left, right) == name_relation(right, left)


@given(st.text("abcd", min_size=2, max_size=8), st.data())
def test_swapping_dropping_and_changing_one_letter_are_one_slip(word, data):
    at = data.draw(st.integers(0, len(word) - 2))
    assert is_one_slip(word, word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    assert is_one_slip(word, word[:at] + word[at + 1 :])
    assert is_one_slip(word, word[:at] + "x" + word[at + 1 :])
    assert not is_one_slip(word, "xy" + word)


def test_slips_in_dates():
    born = pd.Timestamp("1980-03-12")
    assert is_date_slip(born, pd.Timestamp("1980-12-03"))
    assert is_date_slip(born, pd.Timestamp("1980-03-13"))
    assert not is_date_slip(born, pd.Timestamp("1953-11-20"))
