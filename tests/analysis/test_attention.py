import numpy as np
import pandas as pd

from rapport.analysis.attention import attention
from rapport.foundation.contracts import TABLES
from rapport.foundation.contracts.results import ATTENTION
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DAY = pd.Timedelta(days=1)


def test_contacts_are_counted_by_who_began_and_only_in_the_window():
    log = pd.DataFrame(
        [
            ("a", 10, "out"), ("a", 10, "in"), ("a", 364, "out"), ("b", 365, "out"), ("b", 5, "in"),
            ("a", -1, "out"), (None, 1, "out"), ("z", 1, "out"),
        ],
        columns=["customer_id", "ago", "direction"],
    )  # fmt: skip
    log = log.assign(record_id="r", contacted_on=AS_OF - log["ago"] * DAY).drop(columns="ago")
    contacts = TABLES["contacts"].check(TABLES["contacts"].complete(log), "test")
    rows = attention(contacts, pd.Index(["b", "a", "c"]), settings=settings(), as_of=AS_OF)
    rows = ATTENTION.check(rows, "test").set_index("customer_id")
    assert rows["outbound_recent"].to_dict() == {"b": 0, "a": 2, "c": 0}
    assert rows["inbound_recent"].to_dict() == {"b": 1, "a": 1, "c": 0}
    assert rows.loc[["b", "a"], "unheard_days"].tolist() == [365, 10]
    assert np.isnan(rows.loc["c", "unheard_days"])
