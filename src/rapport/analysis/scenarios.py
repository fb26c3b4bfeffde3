"""What keeping more customers would be worth, on the client's own figures and in both readings (BG-04, C2).

With a yearly margin m per customer, a yearly retention r and a discount rate d the value of a customer is
m (1 + d) / (1 + d − r): the margin now and, each year it stays, again. Gupta & Lehmann 2003, "Customers as Assets".
"""

import numpy as np
import pandas as pd

from ..foundation.errors import RapportError
from .value import margin

STEPS = (0.05, 0.10)  # by which churn falls: BG-04
YEAR = 365.25


def retention_scenarios(
    history: pd.DataFrame, *, retention_share: float | None, settings, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Value of an active customer today, and with churn 5 and 10 lower — as per cent of churn, and as points.

    In: `history`; retention_share, the client's yearly retention (cohort form), None when unknown. Out: one row for now
    and one per reading and step: reading (now, relative, points), churn_cut, retention, value (money a customer),
    gain_share, gain_total (money, over all active customers). Margin is contribution of the last active window per
    active customer and year, or net sales where margins are unknown. Churn that falls below nothing stops there.
    Cases: an unknown retention, nobody active, or nobody who leaves gives no rows. Raises RapportError for a retention
    above 1.
    """
    columns = ["reading", "churn_cut", "retention", "value", "gain_share", "gain_total"]
    window = settings.data.active_window_days
    active = history[history["silent_days"] < window]
    if retention_share is None or retention_share == 1 or active.empty:
        return pd.DataFrame(columns=columns)
    found = margin(history, settings=settings)
    kept = history["net_total"].sum() / history["gross_total"].sum()
    yearly = active["net_recent"].sum() / len(active) * found.share / kept * YEAR / window
    rate = settings.value.discount_rate
    now = retained_value(margin=yearly, retention=retention_share, discount_rate=rate)
    rows = [("now", 0.0, retention_share, now)]
    for reading in ("relative", "points"):
        for cut in STEPS:
            churn = 1 - retention_share
            churn = churn * (1 - cut) if reading == "relative" else max(churn - cut, 0.0)
            retention = min(1 - churn, np.nextafter(1.0, 0.0))
            rows.append(
                (reading, cut, retention, retained_value(margin=yearly, retention=retention, discount_rate=rate))
            )
    table = pd.DataFrame(rows, columns=columns[:4])
    table["gain_share"] = table["value"] / now - 1
    table["gain_total"] = (table["value"] - now) * len(active)
    return table


def retained_value(*, margin: float, retention: float, discount_rate: float) -> float:
    """m (1 + d) / (1 + d − r): what a customer is worth that brings m a year and stays with chance r.

    Raises RapportError for r of 1 or more, r below 0, or d of −1 or less: the sum has no end, or no sense.
    """
    if not 0 <= retention < 1 or discount_rate <= -1:
        raise RapportError(
            f"a yearly retention of {retention:g} with a discount rate of {discount_rate:g} has no value.",
            "scenario m (1 + d) / (1 + d − r)",
            "retention is a share from 0 to below 1 (0.8, not 80), the discount rate above −1.",
        )
    return margin * (1 + discount_rate) / (1 + discount_rate - retention)
