"""Values as the six languages write them."""

import pandas as pd
import pytest

from rapport.foundation.errors import ReportError
from rapport.present.formats import LANGUAGES, NONE, Locale, speak, speaking, spoken

NBSP = "\N{NO-BREAK SPACE}"


def plainly(text: str) -> str:
    return text.replace(NBSP, " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "money", "share", "day", "count", "days"),
    [
        ("en", "€1,234,568", "52.3%", "30 September 2026", "12,345", "21 days"),
        ("lt", "1 234 568 €", "52,3 %", "2026 m. rugsėjo 30 d.", "12 345", "21 diena"),
        ("bg", "1 234 568 €", "52,3%", "30 септември 2026 г.", "12 345", "21 дни"),
        ("ru", "1 234 568 €", "52,3 %", "30 сентября 2026 г.", "12 345", "21 день"),
        ("et", "1 234 568 €", "52,3%", "30. september 2026", "12 345", "21 ööpäeva"),
        ("hu", "1 234 568 EUR", "52,3%", "2026. szeptember 30.", "12 345", "21 nap"),
    ],
)
def test_the_six_languages(language, money, share, day, count, days):
    locale = Locale(language, "EUR")
    assert plainly(locale.money(1_234_567.8)) == money
    assert plainly(locale.percent(0.5234, 1)) == share
    assert plainly(locale.date("2026-09-30")) == day
    assert plainly(locale.count(12_345)) == count
    assert plainly(locale.days(21)) == days


def test_a_language_we_do_not_speak_is_refused_with_the_ones_we_do():
    with pytest.raises(ReportError, match="known names: bg, en, et, hu, lt, ru"):
        Locale("xx")


def test_a_currency_that_does_not_exist_is_refused():
    with pytest.raises(ReportError, match="'EURO' is not a currency"):
        Locale("en", "EURO")


def test_money_has_cents_only_when_small_and_never_minus_zero():
    locale = Locale("en", "EUR")
    assert [locale.money(value) for value in (12.5, 99.994, 100, 0, -0.001, -3)] == [
        "€12.50", "€99.99", "€100", "€0", "€0", "-€3.00",
    ]  # fmt: skip
    assert Locale("en", "HUF").money(1234) == f"HUF{NBSP}1,234"


def test_short_money_keeps_two_or_three_digits():
    locale = Locale("en", "EUR")
    written = [locale.short_money(value) for value in (80, 999, 2000, 2350, 23_500, 234_567, 1_000_000, 1_234_567)]
    assert written == ["€80", "€999", "€2K", "€2.4K", "€23.5K", "€235K", "€1M", "€1.2M"]


@pytest.mark.parametrize(
    ("share", "written"),
    [(0, "0%"), (1, "100%"), (0.5, "50%"), (0.0234, "2.3%"), (0.954, "95.4%"), (0.0001, "<0.1%"), (0.99996, ">99.9%"),
     (-0.05, "-5.0%"), (-0.0001, ">-0.1%"), (1.7, "170%"), (12.5, "1,250%")],
)  # fmt: skip
def test_a_share_is_never_written_as_nothing_or_all_when_it_is_not(share, written):
    assert Locale("en").percent(share) == written


@pytest.mark.parametrize(
    ("language", "forms"),
    [("ru", ("few", "many", "one", "other")), ("lt", ("few", "many", "one", "other")), ("en", ("one", "other")),
     ("bg", ("one", "other")), ("et", ("one", "other")), ("hu", ("one", "other"))],
)  # fmt: skip
def test_plural_forms(language, forms):
    assert Locale(language).plural_forms() == forms


def test_russian_and_lithuanian_plurals_by_number():
    assert [Locale("ru").plural(n) for n in (1, 2, 5, 11, 21, 1.5)] == ["one", "few", "many", "many", "one", "other"]
    assert [Locale("lt").plural(n) for n in (1, 2, 10, 11, 21, 1.5)] == ["one", "few", "other", "other", "one", "many"]


def test_an_interval_has_as_many_decimals_as_it_is_narrow():
    locale = Locale("en")
    assert plainly(locale.interval(0.48, 0.56, "share")) == "48% – 56%"
    assert plainly(locale.interval(0.512, 0.538, "share")) == "51.2% – 53.8%"
    assert plainly(locale.interval(-5, 1234, "money")) == "-€5 – €1,234"


def test_any_value_by_its_unit_and_the_missing_ones_as_a_dash():
    locale = Locale("en")
    assert [locale.text(None, "money"), locale.text(float("nan"), "share"), locale.text(pd.NaT, "date")] == [NONE] * 3
    assert locale.text(0.5, "share") == "50%"
    assert locale.text(1.5, "ratio") == "1.50"
    assert locale.text(2.25, "years") == "2.2 years"
    assert locale.text("watch", "text") == "watch"


def test_a_page_speaks_one_language_until_told_otherwise():
    with speaking(Locale("hu", "HUF")):
        assert spoken().language == "hu"
        with speaking(Locale("lt")):
            assert spoken().money(5000) == f"5{NBSP}000{NBSP}€"
        assert speak("ru", "RUB") == spoken() == Locale("ru", "RUB")
    assert spoken() == Locale("en", "EUR")


def test_excel_writes_money_on_the_side_the_language_does():
    assert Locale("en", "EUR").excel_money() == '"€"#,##0.00'
    assert Locale("hu", "EUR").excel_money(0) == '#,##0 "EUR"'


def test_every_language_writes_every_unit():
    for language in LANGUAGES:
        locale = Locale(language)
        for unit, value in {
            "money": -5.5,
            "share": 0.4,
            "months": 3,
            "date": "2026-02-28",
            "month": "2026-02-28",
        }.items():
            assert locale.text(value, unit)
