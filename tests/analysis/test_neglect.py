import pandas as pd
import pytest

from rapport.analysis import neglect
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-07-20")  # day 200 of the year, for days counted from 2026-01-01
DEFAULT = settings()


def on(day: int) -> pd.Timestamp:
    return AS_OF - pd.Timedelta(days=200 - day)


def firm(**changes) -> dict:
    history = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "purchase_days": 3,
            "orders": 3,
            "first_order_on": on(-200),
            "last_order_on": on(5),
            "manager_id": "m1",
            "net_total": [100.0, 50.0],
        }
    )
    classes = pd.DataFrame({"customer_id": ["a", "b"], "gap_used_days": 30.0, "state": "lost"})
    values = pd.DataFrame({"customer_id": ["a", "b"], "expected_orders": 2.0, "clv": 10.0})
    customers = pd.DataFrame({"customer_id": ["a", "b"], "manager_id": ["m2", None], "drop_reason": None})
    contacts = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "contacted_on": [on(12), on(150)],
            "direction": "out",
            "purpose": "sale",
        }
    )
    return {
        "history": history,
        "classes": classes,
        "values": values,
        "customers": customers,
        "contacts": contacts,
    } | changes


def test_a_complaint_before_the_last_contact_is_suspected():
    """BG-12: complaint on day 10, last contact on day 12, as_of on day 200 → suspected (3)."""
    complaints = pd.DataFrame({"customer_id": ["a"], "happened_on": [on(10)], "kind": ["complaint"]})
    table = neglect.neglected(**firm(), returns_complaints=complaints, settings=DEFAULT, as_of=AS_OF)
    assert table["customer_id"].tolist() == ["a"]
    row = table.iloc[0]
    assert (row["manager_id"], row["quiet_days"]) == ("m2", 188)
    assert row["suspected"] == "returned or complained shortly before"


def test_long_gaps_are_given_more_patience():
    slow = firm()["classes"].assign(gap_used_days=100.0)
    assert neglect.neglected(**firm(classes=slow), settings=DEFAULT, as_of=AS_OF).empty


def test_each_suspicion_is_named():
    contacts = pd.concat(
        [
            firm()["contacts"],
            pd.DataFrame(
                {
                    "customer_id": ["a"] * 8,
                    "contacted_on": [on(4)] * 8,
                    "direction": "out",
                    "purpose": "Dunning",
                }
            ),
        ]
    )
    values = firm()["values"].assign(expected_orders=0.1)
    table = neglect.neglected(**firm(contacts=contacts, values=values), settings=DEFAULT, as_of=AS_OF)
    assert table.loc[0, "suspected"].split("; ") == [
        "no further purchase foreseen",
        "pressed for payment shortly before",
        "took many contacts for each order",
    ]


def test_a_recorded_reason_stands_and_a_late_payment_is_a_suspicion():
    """BG-12: overdue by more than 30 days before the silence; the manager's own word takes its place."""
    contacts = firm()["contacts"].iloc[:1]
    payments = pd.DataFrame({"customer_id": ["a", "b"], "due_on": [on(-40), on(-40)], "paid_on": [pd.NaT, on(-15)]})
    told = {"contacts": contacts, "payments": payments, "settings": DEFAULT, "as_of": AS_OF}
    table = neglect.neglected(**firm() | told).set_index("customer_id")
    assert table.loc["a", "suspected"] == "pressed for payment shortly before"
    assert table.loc["b", "suspected"] == ""  # paid 25 days late
    recorded = firm()["customers"].assign(drop_reason=["we quarrelled", None])
    table = neglect.neglected(**firm(customers=recorded) | told).set_index("customer_id")
    assert table.loc["a", ["drop_reason", "suspected"]].tolist() == ["we quarrelled", ""]


def leavers(lack: int, n: int) -> pd.DataFrame:
    return pd.DataFrame({"reason_code": ["lack_of_attention"] * lack + ["price"] * (n - lack) + [None] * 5})


@pytest.mark.parametrize(
    ("lack", "n", "low", "high", "verdict"),
    [
        (12, 20, 38.7, 78.1, "not distinguishable from half"),
        (60, 100, 50.2, 69.1, "more than half"),
        (20, 100, 13.3, 28.9, "fewer than half"),
    ],
)
def test_stated_want_of_attention_against_one_half(lack, n, low, high, verdict):
    """HU-17: 12/20 = 60 % [38.7, 78.1] → not distinguishable; 60/100 [50.2, 69.1] → more than half."""
    found = neglect.stated(leavers(lack, n), settings=DEFAULT, as_of=AS_OF)
    assert found.value == lack / n
    assert [round(100 * end, 1) for end in (found.low, found.high)] == [low, high]
    assert found.parts["verdict"] == verdict


def test_without_a_survey_or_contacts_the_test_is_not_available():
    assert neglect.stated(None, settings=DEFAULT, as_of=AS_OF).because == "no table 'leavers_survey'"
    uncoded = neglect.stated(leavers(0, 30), settings=DEFAULT, as_of=AS_OF)
    assert (uncoded.status, uncoded.because) == ("not_available", "no answer is coded 'lack_of_attention'")
    history, classes = firm()["history"], firm()["classes"]
    found = neglect.behaviour(history, classes, None, settings=DEFAULT, as_of=AS_OF)
    assert (found.status, found.because) == ("not_available", "no table 'contacts'")


def test_behaviour_counts_the_lost_nobody_called_in_two_gaps_before_they_were_due():
    """Both were due on day 35; a was called on day 12, b on day 150, which is after."""
    history, classes, contacts = (firm()[name] for name in ("history", "classes", "contacts"))
    found = neglect.behaviour(history, classes, contacts, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n, found.parts["active_n"]) == (0.5, 2, 0)
    stayed = classes.assign(state=["lost", "active"])
    found = neglect.behaviour(history, stayed, contacts, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.parts["active_share"]) == (0.0, 1.0)


def test_the_lost_are_held_against_those_who_stayed():
    """20 lost of whom 15 were left alone, 40 active of whom 30: no difference; of none of the active: more often."""
    names = [f"l{i}" for i in range(20)] + [f"a{i}" for i in range(40)]
    history = pd.DataFrame({"customer_id": names, "last_order_on": on(100)})
    classes = pd.DataFrame({"customer_id": names, "gap_used_days": 20.0, "state": ["lost"] * 20 + ["active"] * 40})
    called = pd.DataFrame({"customer_id": names, "contacted_on": on(95), "direction": "out"})
    given = {"settings": DEFAULT, "as_of": AS_OF}
    same = neglect.compared(history, classes, called.iloc[[*range(5), *range(20, 30)]], **given)
    assert (same.value, same.parts["verdict"]) == (0.0, "no difference is shown")
    more = neglect.compared(history, classes, called.iloc[[*range(5), *range(20, 60)]], **given)
    assert (more.value, more.parts["verdict"]) == (0.75, "the lost were left alone more often")
    assert neglect.compared(history, classes, None, **given).because == "no table 'contacts'"
    alone = classes.assign(state="lost")
    assert neglect.compared(history, alone, called, **given).status == "not_available"


def test_contacts_for_each_active_customer():
    classes = firm()["classes"].assign(state=["active", "lost"])
    found = neglect.contact_rate(classes, firm()["contacts"], settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n) == (1.0, 1)
