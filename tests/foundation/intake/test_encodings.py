"""Decoding: the letters of six languages in every encoding they come in are read right, or refused with a proposal."""

import pytest

from rapport.foundation.errors import IntakeError
from rapport.foundation.intake.encodings import decoded

NAMES = {
    "LT": "Žilvinas Šimkus;UAB Ąžuolas;Vėtrungė;Kęstutis;Įmonė;ūkis žąsys",
    "LV": "Jānis Bērziņš;Rīga;Ķekava;Ģirts Ļaudis;Ēriks Ūdris",
    "EE": "Jüri Tõnisson OÜ;Põder;Ülle Õunapuu;Järve äri;Žanna",
    "BG": "Иван Петров ЕООД;Ъглова;София;Щърбанов;Ямбол",
    "RU": "Иванов Пётр ООО Ромашка;съезд;Щукин;Эльвира;Ёжик",
    "HU": "Kovács Győző;Szűcs Ödön Kft.;Árvíztűrő tükörfúrógép;Őze Bíró",
}
OWN_PAGES = {"LT": "cp1257", "LV": "cp1257", "EE": "cp1257", "BG": "cp1251", "RU": "cp1251", "HU": "cp1250"}
FOREIGN_PAGES = {
    "LT": ("cp775",), "LV": ("cp775",), "EE": ("cp775",), "HU": ("cp852",),
    "BG": ("cp866", "koi8_r", "iso8859_5"), "RU": ("cp866", "koi8_r", "iso8859_5"),
}  # fmt: skip


def text_of(country: str) -> str:
    return "numeris;vardas\r\n" + "".join(
        f"{number};{name}\r\n" for number, name in enumerate(NAMES[country].split(";"))
    )


@pytest.mark.parametrize("country", NAMES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "own page"])
def test_every_language_is_read_in_its_encodings(country, encoding):
    content = text_of(country).encode(OWN_PAGES[country] if encoding == "own page" else encoding)
    assert decoded(content, where="f.csv", country=country).text == text_of(country)


@pytest.mark.parametrize(
    ("country", "page"), [(country, page) for country, pages in FOREIGN_PAGES.items() for page in pages]
)
def test_another_code_page_is_refused_with_the_right_one_proposed(country, page):
    with pytest.raises(IntakeError, match="does not read as") as error:
        decoded(text_of(country).encode(page), where="raw/f.csv", country=country)
    assert page in error.value.to_do
    assert error.value.where.startswith("raw/f.csv")


@pytest.mark.parametrize(
    ("country", "foreign"), [("LT", "RU"), ("HU", "BG"), ("US", "LT"), ("HU", "LT"), ("US", "BG"), ("BG", "LT")]
)
def test_a_file_from_another_country_is_refused_not_bent(country, foreign):
    with pytest.raises(IntakeError, match="does not read as") as error:
        decoded(text_of(foreign).encode(OWN_PAGES[foreign]), where="f.csv", country=country)
    assert OWN_PAGES[foreign] in error.value.to_do


def test_a_declared_encoding_is_the_law():
    content = text_of("RU").encode("koi8_r")
    assert decoded(content, where="f.csv", country="RU", encoding="koi8-r").text == text_of("RU")


def test_a_declared_encoding_that_does_not_fit_says_where():
    content = "name\nAnna\nŽilvinas\n".encode("cp1257")
    with pytest.raises(IntakeError, match="the bytes are not utf-8") as error:
        decoded(content, where="raw/f.csv", country="LT", encoding="utf-8")
    assert error.value.where == "raw/f.csv, line 3"
    assert "cp1257" in error.value.to_do


def test_an_unknown_encoding_is_named():
    with pytest.raises(IntakeError, match="there is no encoding 'utf-9'"):
        decoded(b"a", where="f.csv", encoding="utf-9")


def test_text_broken_before_it_was_saved_is_refused():
    broken = "name\nKovács\nŠimkus\n".encode().decode("cp1252", "replace").encode()
    with pytest.raises(IntakeError) as error:
        decoded(broken, where="f.csv", country="LT")
    assert "new export" in error.value.to_do
    assert decoded(broken, where="f.csv", encoding="utf-8").text.startswith("name")


def test_five_words_beyond_ascii_are_shown():
    found = decoded(text_of("LT").encode("cp1257"), where="f.csv", country="LT")
    assert found.encoding == "cp1257"
    assert found.samples[:2] == ("Žilvinas", "Šimkus")


@pytest.mark.parametrize(
    "name", ["O’Neill", "Nike®", "„Naktida“", "café", "Łódź", "Müller", "Ångström", "naïve", "Señor", "L’été", "Dvořák"]
)
def test_names_of_the_world_are_not_strange(name):
    content = f"name\n{name}\n".encode()
    assert decoded(content, where="f.csv", country="LT").text == f"name\n{name}\n"


def test_binary_content_is_refused():
    with pytest.raises(IntakeError, match="zero bytes"):
        decoded(b"name\nA\x00\x01\x00B\x00\xff" + bytes(50) + b"abc", where="f.csv", country="LT", encoding=None)
