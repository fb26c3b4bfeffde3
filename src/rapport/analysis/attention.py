"""Who heard from us: contacts of the active window by customer (BG-12, BG-13, HU-17)."""

import numpy as np
import pandas as pd


def attention(contacts: pd.DataFrame, customer_ids: pd.Index, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The `attention` table: for every customer named, contacts in and out of the active window (counts), and silence
    in days.

    In: `contacts`; customer_ids, who is asked about. Cases: a customer without a logged contact has 0, not empty,
    since the log was given; contacts after as_of and contacts with nobody known are left out. Reference: BG-12, BG-13.
    """
    n = len(customer_ids)
    place = pd.Index(customer_ids).get_indexer(contacts["customer_id"])
    known = contacts.assign(place=place)[(place >= 0) & (contacts["contacted_on"] <= as_of)]
    recent = known[known["contacted_on"] > as_of - pd.Timedelta(days=settings.data.active_window_days)]
    counts = {way: np.bincount(recent.loc[recent["direction"].eq(way), "place"], minlength=n) for way in ("out", "in")}
    last = known[known["direction"].eq("out")].groupby("place")["contacted_on"].max().reindex(range(n))
    frame = pd.DataFrame(
        {
            "customer_id": customer_ids,
            "outbound_recent": counts["out"],
            "inbound_recent": counts["in"],
            "unheard_days": (as_of - last).dt.days.to_numpy(),
        }
    )
    return frame
