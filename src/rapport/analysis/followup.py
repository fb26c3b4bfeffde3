"""What came of the win-back list: how fast we called, who returned, and who would have anyway (LT-14, HU-45)."""

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available
from .intervals import difference, labelled, proportion

RETURN_DAYS = 90  # LT-14: a purchase within 90 days of the contact is a return
WAITING = "to_contact"
STATUSES = TABLES["winback_log"].columns["status"].options
NO_LOG = "no table 'winback_log'"


def returned(
    winback_log: pd.DataFrame | None, purchase_days: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> tuple[Finding, ...]:
    """Share of the contacted who bought within 90 days, beside the share of the uncontacted who did so by themselves.

    In: `winback_log`, `purchase_days`. The uncontacted are watched for 90 days from the day the loss was noticed. Out:
    Findings winback.returned, winback.spontaneous (shares, Wilson 95 %) and winback.difference (Newcombe 95 %; parts:
    verdict "better than leaving alone", "worse" or "unproven"). Only customers watched for the full 90 days count.
    Who was contacted was not drawn by lot, so the difference is an association; an experiment decides (LT-17).
    Cases: no log is not available. Reference: LT-14.
    """
    shared = {"settings": settings, "as_of": as_of, "basis": f"win-back list, {RETURN_DAYS} days watched"}
    if winback_log is None:
        ids = ("returned", "spontaneous", "difference")
        common = {"unit": "share", "as_of": str(as_of.date()), "basis": shared["basis"]}
        return tuple(not_available(f"winback.{id}", NO_LOG, **common) for id in ids)
    waits = winback_log["status"] == WAITING
    start = winback_log["contacted_on"].where(~waits, winback_log["detected_on"])
    rows = winback_log.assign(waits=waits, start=start)
    rows = rows[(as_of - rows["start"]).dt.days >= RETURN_DAYS]
    back, other_n = _is_back(rows, purchase_days), int(rows["waits"].sum())
    n, hits, other_hits = len(rows) - other_n, int((back & ~rows["waits"]).sum()), int((back & rows["waits"]).sum())
    both = difference("winback.difference", hits, n, other_hits, other_n, **shared)
    if both.status != "not_available":
        verdict = "better than leaving alone" if both.low > 0 else "worse" if both.high < 0 else "unproven"
        both = difference("winback.difference", hits, n, other_hits, other_n, parts={"verdict": verdict}, **shared)
    return (
        proportion("winback.returned", hits, n, because="" if n else "nobody was contacted 90 days ago", **shared),
        proportion(
            "winback.spontaneous", other_hits, other_n, because="" if other_n else "all were contacted", **shared
        ),
        both,
    )


def _is_back(rows: pd.DataFrame, purchase_days: pd.DataFrame) -> pd.Series:
    bought = purchase_days[["customer_id", "ordered_on"]].merge(rows[["customer_id", "start"]], on="customer_id")
    within = (bought["ordered_on"] - bought["start"]).dt.days.between(1, RETURN_DAYS)
    logged = (rows["returned_on"] - rows["start"]).dt.days.between(0, RETURN_DAYS)
    return rows["customer_id"].isin(bought.loc[within, "customer_id"]) | logged


def statuses(winback_log: pd.DataFrame) -> pd.DataFrame:
    """Where the customers of the win-back list stand: still to contact, back, refused for now or for good.

    In: `winback_log`. Out: one row per status in the declared order: status, customers, share (of the list).
    Reference: LT-14 (temporary and permanent losses told apart).
    """
    counts = winback_log["status"].value_counts().reindex(STATUSES, fill_value=0)
    out = counts.rename("customers").rename_axis("status").reset_index()
    return out.assign(share=out["customers"] / max(len(winback_log), 1))


def speed(winback_log: pd.DataFrame, classes: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Working days from noticing a loss to the first contact, the slowest first; keys against their deadline.

    In: `winback_log`, `classes` (key_scope). Out: one row per customer with a day of detection: customer_id, is_key,
    detected_on, contacted_on (empty: not yet), working_days (to the contact, or to as_of), is_late (a key customer
    beyond key.rescue_working_days). Weekends do not count; public holidays do. Reference: HU-45.
    """
    rows = winback_log.dropna(subset=["detected_on"])[["customer_id", "detected_on", "contacted_on"]]
    keys = classes.loc[classes["key_scope"].fillna("").ne(""), "customer_id"]
    until = rows["contacted_on"].fillna(as_of).clip(lower=rows["detected_on"])
    days = np.busday_count(rows["detected_on"].to_numpy("datetime64[D]"), until.to_numpy("datetime64[D]"))
    rows = rows.assign(is_key=rows["customer_id"].isin(keys), working_days=days)
    rows["is_late"] = rows["is_key"] & (rows["working_days"] > settings.key.rescue_working_days)
    columns = ["customer_id", "is_key", "detected_on", "contacted_on", "working_days", "is_late"]
    return rows[columns].sort_values(["is_key", "working_days"], ascending=[False, False], ignore_index=True)


def late_rescues(speed: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """How many silent key customers were not contacted in time; parts: median working days.

    In: the table of `speed`, or None without a log. Out: Finding winback.late_keys (count), n the key customers.
    Reference: HU-45.
    """
    basis = f"key customers noticed silent, {settings.key.rescue_working_days} working days allowed"
    common = {"unit": "count", "as_of": str(as_of.date()), "basis": basis}
    keys = pd.DataFrame() if speed is None else speed[speed["is_key"]]
    if keys.empty:
        return not_available("winback.late_keys", NO_LOG if speed is None else "no key customer in the log", **common)
    parts = {"median_days": float(keys["working_days"].median())}
    late = int(keys["is_late"].sum())
    return labelled(Finding(id="winback.late_keys", value=late, n=len(keys), parts=parts, **common), settings)
