"""Bank cards and passports never come in; other personal columns are named (HU-N1)."""

import random

import pandas as pd
import pytest

from rapport.foundation.errors import IntakeError
from rapport.foundation.intake.guard import holds_cards, passes_luhn
from rapport.foundation.intake.received import column_of_cells

from .conftest import row

PEOPLE = {"record_id": "id", "name": "name", "phone": "phone"}


def column(*cells) -> pd.Series:
    return pd.Series(column_of_cells(list(cells)))


@pytest.mark.parametrize(
    "cell",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "5500-0000-0000-0004",
        "340000000000009",
        "card 6011000000000004, Anna",
        4111111111111111,
    ],
)
def test_card_numbers_are_seen(cell):
    assert len(holds_cards(column("Anna", cell))) == 1


@pytest.mark.parametrize(
    "cell",
    ["4006381333931", "5901234123457", "4276****1234", "+370 612 34567", "LT121000011101001000", "4111111111111112"],
)
def test_other_long_numbers_are_not(cell):
    assert len(holds_cards(column("Anna", cell))) == 0


def test_order_numbers_that_look_like_cards_are_no_cards():
    numbers = random.Random(1)
    orders = [f"4{numbers.randrange(10**15):015d}" for _ in range(500)]
    assert 20 < sum(map(passes_luhn, orders)) < 100  # one in ten passes by chance
    assert len(holds_cards(column(*orders))) == 0


def test_a_used_column_with_cards_is_refused_and_not_shown(client):
    lines = "id,name,phone\n1,Anna,4111111111111111\n2,Ona,861234567\n"
    with pytest.raises(IntakeError, match=r"'phone' \(mapped to phone\) holds bank-card numbers") as error:
        client.read(lines, table="records", columns=PEOPLE)
    assert "4111111111111111" not in str(error.value)
    assert "1111" in error.value.what


def test_a_used_passport_column_is_refused(client):
    lines = "id,name,Паспорт\n1,Anna,AB123\n"
    with pytest.raises(IntakeError, match="passport numbers"):
        client.read(lines, table="records", columns={"record_id": "id", "name": "name", "tax_id": "Паспорт"})


def test_an_unused_one_is_left_out_and_named(client):
    lines = "id,name,phone,card,Asmens kodas,Gender\n1,Anna,5,4111111111111111,38001010000,F\n"
    intake = client.read(lines, table="records", columns=PEOPLE)
    assert row(intake, "column 'card': bank-card numbers")["treatment"] == "not read"
    assert row(intake, "personal column 'Asmens kodas'")["treatment"] == "not read"
    assert row(intake, "personal column 'Gender'")["rows"] == 1
