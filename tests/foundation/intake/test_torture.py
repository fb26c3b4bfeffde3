"""Every file of the torture folder is read to exactly the five sales, or refused in three parts; none is read wrong."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.foundation.errors import IntakeError

from .torture import (
    CENTS,
    COLUMNS,
    DATE_STYLES,
    DAYS,
    HEADER,
    MONEY_STYLES,
    NAMES,
    NUMBERS,
    PAGES,
    Case,
    cases,
    text,
)

CASES = cases()


def test_the_folder_is_large_enough():
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case.refused is None], ids=lambda case: case.name)
def test_read_right(client, case: Case):
    frame = read(client, case).frame
    assert frame["order_id"].tolist() == list(NUMBERS)
    assert frame["record_id"].tolist() == list(NAMES[case.country])
    assert frame["ordered_on"].dt.date.tolist() == list(DAYS)
    assert frame["net_amount"].tolist() == [cents / 100 for cents in CENTS]


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=lambda case: case.name)
def test_refused_with_what_where_and_what_to_do(client, case: Case):
    with pytest.raises(IntakeError) as error:
        read(client, case)
    assert case.refused in error.value.what
    assert case.name in error.value.where
    assert len(error.value.to_do) > 20


def read(client, case: Case):
    return client.read(
        case.content, file=f"raw/{case.name}", country=case.country, **{"columns": COLUMNS, **case.source}
    )


@st.composite
def exports(draw) -> tuple[bytes, str, list[tuple]]:
    """A random export: its bytes, the country, and the sales it holds."""
    country = draw(st.sampled_from(sorted(NAMES)))
    sales = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["00017", "A-18", "19", "2025/20", "№ 7", "7;8", "x,1"]),
                st.sampled_from([*NAMES[country], "", "Ann", "12", "a;b", "c,d", "1.299", "Sąskaita"]),
                st.dates(date(2024, 1, 1), date(2026, 11, 20)),
                st.integers(-10_000_000, 1_000_000_000),
            ),
            min_size=1,
            max_size=6,
        )
    )
    dates, money = draw(st.sampled_from(sorted(DATE_STYLES))), draw(st.sampled_from(sorted(MONEY_STYLES)))
    delimiter = draw(st.sampled_from([";", ",", "\t", "|"]))
    shown = [
        [number, who, day.strftime(DATE_STYLES[dates]), MONEY_STYLES[money](f"{cents / 100:,.2f}")]
        for number, who, day, cents in sales
    ]
    above = draw(
        st.sampled_from([[], [["Pardavimai"]], [["Pardavimai", "", "", ""], ["", "", "", ""]], [["2025"], [""]]])
    )
    total = MONEY_STYLES[money](f"{sum(cents for *_, cents in sales) / 100:,.2f}")
    below = draw(
        st.sampled_from([[], [[""], ["Parengė: R. Č."]], [["Iš viso:", "", "", total]], [["", "", "", total]]])
    )
    order = draw(st.permutations(range(4)))
    table = [*above, [HEADER[place] for place in order], *([row[place] for place in order] for row in shown)]
    table += [[row[place] for place in order] if len(row) == 4 else row for row in below]
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "own page"]))
    content = text(table, delimiter, draw(st.sampled_from(["\n", "\r\n"])))
    return content.encode(PAGES[country] if encoding == "own page" else encoding, "replace"), country, sales


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=60
)
@given(exports())
def test_no_export_is_ever_read_wrong(client, export):
    content, country, sales = export
    outcome = frame_or_refusal(client, content, country)
    if isinstance(outcome, IntakeError):
        assert all((outcome.what, outcome.where, outcome.to_do))
    elif b"?" not in content:
        found = zip(outcome["order_id"], outcome["record_id"], outcome["ordered_on"].dt.date, outcome["net_amount"])
        assert list(found) == [(number, who or None, day, cents / 100) for number, who, day, cents in sales]


def frame_or_refusal(client, content: bytes, country: str):
    try:
        return client.read(content, country=country, columns=COLUMNS).frame
    except IntakeError as error:
        return error
