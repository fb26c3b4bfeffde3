import pandas as pd
import pytest

from rapport.analysis import early_warnings as rooms
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")


@pytest.fixture
def warned():
    """A key customer with two events, an overdue and lapsing one of the Pareto group, a small and a lost one."""
    classes = pd.DataFrame(
        {
            "customer_id": ["key", "slow", "calm", "small", "gone"],
            "key_scope": ["company", "", "", "", "company"],
            "is_pareto": [False, True, True, False, True],
            "state": ["active", "lapsing", "active", "active", "lost"],
        }
    )
    values = pd.DataFrame({"customer_id": classes["customer_id"], "clv": [9.0, 50.0, 7.0, 1.0, 3.0]})
    values["is_overdue"] = pd.array([False, True, False, True, True], dtype="boolean")
    history = pd.DataFrame({"customer_id": classes["customer_id"], "manager_id": "m"})

    def made(*events):
        frame = pd.DataFrame(events, columns=["customer_id", "kind", "happened_on"])
        frame["happened_on"] = pd.to_datetime(frame["happened_on"])
        given = frame if events else None
        table = rooms.early_warnings(classes, values, history, given, settings=settings(), as_of=AS_OF)
        return table, rooms.to_protect(table, given, as_of=AS_OF)

    return made


def test_two_signs_ask_for_protection_and_one_is_watched(warned):
    """HU-44: 2 events → protect."""
    table, found = warned(
        ("key", "Tender ", "2026-08-01"), ("key", "head change", "2026-09-01"), ("calm", "tender", "2026-09-02"),
        ("small", "tender", "2026-09-02"), ("gone", "tender", "2026-09-02"),
    )  # fmt: skip
    assert table["customer_id"].tolist() == ["slow", "key", "calm"]
    assert table["noticed"].tolist() == ["overdue;lapsing", "tender;head change", "tender"]
    assert table["is_to_protect"].tolist() == [True, True, False]
    assert table["last_on"].tolist()[1:] == [pd.Timestamp("2026-09-01"), pd.Timestamp("2026-09-02")]
    assert (found.value, found.n, found.parts["watched"], found.status) == (2, 3, 1, "ok")


def test_the_same_sign_twice_or_long_ago_is_no_second_sign(warned):
    table, _ = warned(("key", "tender", "2026-08-01"), ("key", "tender", "2026-09-01"), ("key", "owner", "2025-08-01"))
    key = table.set_index("customer_id").loc["key"]
    assert (key["noticed"], key["count"], key["is_to_protect"]) == ("tender", 1, False)


def test_without_events_only_the_rhythm_speaks(warned):
    table, found = warned()
    assert table["customer_id"].tolist() == ["slow"]
    assert (found.value, found.status) == (1, "indicative")
    assert "no table 'events'" in found.because
