import pandas as pd
import pytest

from rapport.analysis import pressure
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = {"settings": settings(), "as_of": AS_OF}


def contacts(*rows) -> pd.DataFrame:
    """(customer, days before as_of, direction, purpose, content, answered)"""
    frame = pd.DataFrame(rows, columns=["customer_id", "ago", "direction", "purpose", "content_type", "answered"])
    day = AS_OF - pd.to_timedelta(frame["ago"], unit="D")
    return frame.assign(contacted_on=day, channel="e-mail", answered=frame["answered"].astype("boolean"))


def mailings(customer: str, *ago: int) -> list[tuple]:
    return [(customer, days, "out", "Marketing", "offer", None) for days in ago]


def people(**consent) -> pd.DataFrame:
    agreed = pd.array(list(consent.values()), dtype="boolean")
    return pd.DataFrame({"customer_id": list(consent), "consent_marketing": agreed})


def test_five_in_thirty_days_break_the_cap_of_four():
    """LT-10: 5 in 30 d → breach."""
    sent = contacts(
        *mailings("five", 0, 7, 14, 21, 29), *mailings("four", 0, 7, 14, 21), *mailings("slow", 0, 8, 16, 24, 30)
    )
    table = pressure.over_cap(sent, **DEFAULT)
    assert table["customer_id"].tolist() == ["five"]
    assert table["breaches"].tolist() == [1]


def test_one_after_a_refusal_is_a_violation():
    """LT-10: 1 after opt-out → violation; unknown consent is no refusal, and service is no marketing."""
    sent = contacts(
        *mailings("no", 5), *mailings("unknown", 5), *mailings("yes", 5), ("no", 3, "out", "service", None, None)
    )
    table = pressure.after_refusal(sent, people(no=False, unknown=None, yes=True), **DEFAULT)
    assert table["customer_id"].tolist() == ["no"]


def test_who_starts_answers_and_sells():
    """HU-13: 3 of 4 offers → 75 %."""
    rows = [*mailings("a", 50, 100, 150), ("a", 200, "out", "marketing", "useful", None)]
    rows += [
        ("a", 9, "in", "sale", None, None),
        ("b", 9, "out", "sale", None, True),
        ("b", 8, "out", "sale", None, False),
    ]
    found = {
        one.id: one
        for one in pressure.pressure(contacts(*rows, ("a", 500, "in", "sale", None, None)), people(a=True), **DEFAULT)
    }
    assert found["contacts.offer_share"].value == 0.75
    assert found["contacts.inbound_share"].value == pytest.approx(1 / 7)
    assert found["contacts.answered_share"].value == 0.5
    assert (found["contacts.over_cap"].value, found["contacts.after_refusal"].value) == (0, 0)
    table = pressure.channels(contacts(*rows), **DEFAULT)
    assert table.loc[0, ["channel", "out", "inbound", "answered_share"]].tolist() == ["e-mail", 6, 1, 0.5]


def test_without_contacts_nothing_is_known():
    found = pressure.pressure(None, people(a=True), **DEFAULT)
    assert {one.status for one in found} == {"not_available"}
    assert len(found) == 5
