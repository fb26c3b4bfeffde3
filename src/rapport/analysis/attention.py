"""Who heard from us: contacts of the active window by customer (BG-12, BG-13, HU-17)."""

import pandas as pd

from ..foundation.contracts import TABLES


def attention(contacts: pd.DataFrame, customer_ids: pd.Index, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The `attention` table: for every customer named, contacts in and out of the active window (counts), and silence
    in days.

    In: `contacts`; customer_ids, who is asked about. Cases: a customer without a logged contact has 0, not empty,
    since the log was given; contacts after as_of and contacts with nobody known are left out. Reference: BG-12, BG-13.
    """
    known = contacts[contacts["customer_id"].isin(customer_ids) & (contacts["contacted_on"] <= as_of)]
    recent = known[known["contacted_on"] > as_of - pd.Timedelta(days=settings.data.active_window_days)]
    counts = recent.groupby(["customer_id", "direction"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=customer_ids, columns=["out", "in"], fill_value=0)
    last = known[known["direction"].eq("out")].groupby("customer_id")["contacted_on"].max().reindex(customer_ids)
    frame = pd.DataFrame(
        {
            "customer_id": customer_ids,
            "outbound_recent": counts["out"].to_numpy(),
            "inbound_recent": counts["in"].to_numpy(),
            "unheard_days": (as_of - last).dt.days.to_numpy(),
        }
    )
    return TABLES["attention"].check(frame, "analysis.attention")
