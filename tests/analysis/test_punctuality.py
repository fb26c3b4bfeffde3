import pandas as pd
import pytest

from rapport.analysis import punctuality
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = {"settings": settings(), "as_of": AS_OF}


def deliveries(*rows) -> pd.DataFrame:
    """(promised, delivered or None, force majeure)"""
    frame = pd.DataFrame(rows, columns=["promised_on", "delivered_on", "is_force_majeure"])
    days = {name: pd.to_datetime(frame[name]) for name in ("promised_on", "delivered_on")}
    return frame.assign(order_id=frame.index.astype(str), **days)


def test_five_late_of_fifty_of_which_one_was_nobodys_fault():
    """HU-30: 45 of 49 on time, 91.8 %."""
    rows = [("2026-08-10", "2026-08-12", number == 0) for number in range(5)]
    rows += [("2026-08-10", "2026-08-10", False)] * 44 + [("2026-08-10", "2026-08-01", False)]
    found = punctuality.on_time(deliveries(*rows), **DEFAULT)
    assert found.value == pytest.approx(45 / 49)
    assert (found.n, found.parts["late"]) == (49, 4)
    assert found.low < found.value < found.high


def test_what_never_came_is_late_and_what_is_not_yet_due_is_not_counted():
    found = punctuality.on_time(deliveries(("2026-09-30", None, False), ("2026-10-01", None, False)), **DEFAULT)
    assert (found.value, found.n, found.status) == (0.0, 1, "indicative")


def test_nothing_given_and_nothing_due_are_not_available():
    assert punctuality.on_time(None, **DEFAULT).because == "no table 'deliveries'"
    long_ago = punctuality.on_time(deliveries(("2024-01-01", "2024-01-01", False)), **DEFAULT)
    assert long_ago.because == "no delivery was promised in the active window"


def test_by_month_the_whole_period_is_told():
    rows = [("2024-01-05", "2024-01-05", False), ("2024-01-06", "2024-01-09", False), ("2024-03-01", None, False)]
    table = punctuality.by_month(deliveries(*rows), as_of=AS_OF)
    assert table["month_on"].dt.strftime("%Y-%m").tolist() == ["2024-01", "2024-03"]
    assert table[["promised", "late", "on_time_share"]].values.tolist() == [[2, 1, 0.5], [1, 1, 0.0]]
    assert punctuality.by_month(deliveries().iloc[:0], as_of=AS_OF).empty


def test_one_of_twenty_orders_was_changed_without_a_yes():
    """HU-31: 5 %; what was agreed is no surprise, and a change of which the yes is not known counts as none given."""
    rows = deliveries(*[("2026-09-01", "2026-09-01", False)] * 22)
    changed = [True, True, *[False] * 18, None, None]
    agreed = [True, None, *[None] * 20]
    rows = rows.assign(changed=pd.array(changed, "boolean"), change_approved=pd.array(agreed, "boolean"))
    found = punctuality.unapproved(rows, **DEFAULT)
    assert (found.value, found.n) == (0.05, 20)
    assert (found.parts["changed"], found.parts["unknown"]) == (2, 1)
    assert "deliveries.changed is empty" in punctuality.unapproved(rows.iloc[-2:], **DEFAULT).because
    assert punctuality.unapproved(None, **DEFAULT).because == "no table 'deliveries'"
