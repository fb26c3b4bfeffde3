"""Every file of the torture folder is read to exactly the five sales, or refused in three parts; none is read wrong."""

import pytest

from rapport.foundation.errors import IntakeError

from .torture import CENTS, COLUMNS, DAYS, NAMES, NUMBERS, Case, cases

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
    return client.read(case.content, file=f"raw/{case.name}", country=case.country, **{"columns": COLUMNS, **case.source})
