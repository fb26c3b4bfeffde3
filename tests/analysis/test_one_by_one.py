"""Few customers, each in words: which of the rule's cases it is."""

import numpy as np
import pandas as pd

from rapport.analysis import one_by_one
from rapport.foundation.settings import settings as make_settings
from rapport.present.words import words

AS_OF = pd.Timestamp("2026-06-30")
SETTINGS = make_settings()


def firm():
    """(name, purchase days, first to last, silent): gaps of 30 days, lost after three of them, overdue after two."""
    rows = [("steady", 11, 300, 20), ("late", 11, 300, 70), ("gone", 11, 300, 91), ("once", 1, 0, 30), ("old", 1, 0, 31),
            ("returned", 0, np.nan, np.nan)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["customer_id", "purchase_days", "span_days", "silent_days"])
    last = AS_OF - pd.to_timedelta(table["silent_days"], unit="D")
    history = table.assign(
        repeat_days=(table["purchase_days"] - 1).clip(lower=0), observed_days=table["span_days"] + table["silent_days"],
        gross_total=table["purchase_days"] * 10.0, net_total=table["purchase_days"] * 10.0 - [0, 1, 2, 0, 1, 5],
    )  # fmt: skip
    values = pd.DataFrame(
        {
            "customer_id": table["customer_id"],
            "expected_orders": [12.2, 12.2, 0.0, np.nan, np.nan, np.nan],
            "next_from_on": last + pd.Timedelta(days=15),
            "next_to_on": last + pd.Timedelta(days=60),
            "is_overdue": table["silent_days"] > 60,
        }
    )
    return history, values


def test_each_customer_is_one_case():
    found = one_by_one.one_by_one(*firm(), settings=SETTINGS).set_index("customer_id")
    assert found["case"].to_dict() == {
        "steady": "in_rhythm", "late": "overdue", "gone": "lost", "once": "once_lately", "old": "once_long_ago",
        "returned": "returns_only",
    }  # fmt: skip
    assert list(found.index) == ["steady", "late", "gone", "once", "old", "returned"]  # by net so far
    assert found.loc["steady", ["gap_days", "day_value", "expected_orders"]].tolist() == [30, 10, 12.2]
    assert found.loc["once", ["gap_days"]].isna().all()
    assert np.isnan(found.loc["returned", "day_value"])


def test_every_case_has_its_sentence():
    assert all(words("en").has(f"one_by_one.{case}") for case in one_by_one.CASES)
