import pandas as pd

from rapport.analysis import complaints
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()
RAISED = pd.DataFrame(
    {
        "customer_id": ["a", "a", "b", "c"],
        "order_id": ["1", "1", "2", None],
        "kind": ["return", "return", "return", "complaint"],
        "happened_on": pd.to_datetime(["2026-01-05", "2026-01-06", None, "2026-02-01"]),
    }
)


def test_two_of_ten_orders_were_returned():
    """HU-24: 2 of 10 orders returned → 20 %."""
    found = complaints.return_rate(RAISED, 10, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.parts["complaints"]) == (0.2, 1)
    missing = complaints.return_rate(None, 10, settings=DEFAULT, as_of=AS_OF)
    assert (missing.status, missing.because) == ("not_available", "no table 'returns_complaints'")


def test_rates_of_each_unit():
    """HU-24: 2 of 10 orders returned → 20 %. Order 2 holds both categories and counts in each."""
    units = [(str(number), "tea") for number in range(1, 11)] + [("2", "cups"), ("11", None)]
    orders = pd.DataFrame(units, columns=["order_id", "unit"])
    table = complaints.rates(RAISED, orders).set_index("unit")
    assert table[["orders", "concerned"]].to_numpy().tolist() == [[1, 1], [10, 2], [1, 0]]
    assert table["share"].to_dict() == {"cups": 1.0, "tea": 0.2, "unknown": 0.0}
    assert table.loc["tea", "low"] < 0.2 < table.loc["tea", "high"]
    assert complaints.rates(RAISED, orders, kind="complaint")["concerned"].sum() == 0  # it names no order


def test_what_is_not_recorded_has_no_rate():
    orders = pd.DataFrame({"order_id": ["1"], "unit": ["tea"]})
    assert complaints.rates(None, orders).empty
    assert complaints.rates(RAISED, orders, kind="cancel").empty


def test_share_lost_after_a_purchase_with_and_without_a_complaint():
    steps = pd.DataFrame({"is_lost": [True, True, False, True, *[False] * 3], "complaint": [True] * 3 + [False] * 4})
    found = complaints.lost_after(steps, "complaint", settings=DEFAULT, as_of=AS_OF)
    assert found.value == 2 / 3 - 1 / 4
    assert (found.n, found.parts["sign"], found.parts["other_n"]) == (3, "complaint", 4)
    missing = complaints.lost_after(steps, "return", settings=DEFAULT, as_of=AS_OF)
    assert (missing.status, missing.because) == ("not_available", "nothing of the kind 'return' was given")
    assert complaints.lost_after(None, "return", settings=DEFAULT, as_of=AS_OF).status == "not_available"
