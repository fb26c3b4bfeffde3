"""Whether what was promised came on the day, and as it was ordered (HU-30, HU-31)."""

import pandas as pd

from ..foundation.finding import Finding, not_available
from .intervals import proportion, wilson

NO_DELIVERIES = "no table 'deliveries'"


def due(deliveries: pd.DataFrame, *, until: pd.Timestamp, after: pd.Timestamp | None = None) -> pd.DataFrame:
    """Deliveries promised after `after` and up to `until`, with is_late: they came after the day, or not at all.

    In: `deliveries`. Force majeure is left out; a delivery before the day, or on it, is on time. Reference: HU-30.
    """
    rows = deliveries[deliveries["promised_on"].le(until) & ~deliveries["is_force_majeure"]]
    rows = rows if after is None else rows[rows["promised_on"].gt(after)]
    return rows.assign(is_late=rows["delivered_on"].isna() | (rows["delivered_on"] > rows["promised_on"]))


def on_time(deliveries: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding deliveries.on_time (share, Wilson 95 %): of the deliveries due in the last active window, those on time.

    Parts: late (count). Cases: no table, or nothing due, is not available. Reference: HU-30, DEF7.
    """
    day, start = str(as_of.date()), as_of - pd.Timedelta(days=settings.data.active_window_days)
    basis = f"deliveries promised after {start.date()} to {day}, force majeure left out"
    if deliveries is None:
        return not_available("deliveries.on_time", NO_DELIVERIES, unit="share", as_of=day, basis=basis)
    rows = due(deliveries, until=as_of, after=start)
    late = int(rows["is_late"].sum())
    because = "" if len(rows) else "no delivery was promised in the active window"
    rest = {"settings": settings, "basis": basis, "as_of": as_of, "because": because, "parts": {"late": late}}
    return proportion("deliveries.on_time", len(rows) - late, len(rows), **rest)


def unapproved(deliveries: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding deliveries.unapproved_changes (share, Wilson 95 %): of the orders delivered in the last active window,
    those in which something was changed without the customer's yes beforehand.

    In: `deliveries` (changed, change_approved), or None. Parts: changed (count), unknown (changed, and not known whether
    the customer agreed: they do not count as approved). Test cell: 1 of 20 → 5 %. Cases: `changed` empty everywhere is
    not available. Reference: HU-31.
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    basis = f"orders delivered after {start.date()} to {as_of.date()} of which it is known whether they were changed"
    rest = {"settings": settings, "basis": basis, "as_of": as_of}
    if deliveries is None:
        return proportion("deliveries.unapproved_changes", 0, 0, because=NO_DELIVERIES, **rest)
    came = deliveries["delivered_on"].between(start, as_of, inclusive="right")
    rows = deliveries[came & deliveries["changed"].notna()]
    changed = rows[rows["changed"].astype(bool)]
    agreed = changed["change_approved"].fillna(False).astype(bool)
    parts = {"changed": len(changed), "unknown": int(changed["change_approved"].isna().sum())}
    why = "deliveries.changed is empty for every delivery of the active window"
    id, count = "deliveries.unapproved_changes", int((~agreed).sum())
    return proportion(id, count, len(rows), because=why, parts=parts, **rest)


def by_month(deliveries: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Deliveries by the month they were promised for: month_on, promised, late (counts), on_time_share, low, high.

    In: `deliveries`, the whole period up to as_of. Wilson 95 %. Reference: HU-30.
    """
    rows = due(deliveries, until=as_of)
    month = rows["promised_on"].dt.to_period("M").dt.start_time.rename("month_on")
    table = rows.groupby(month)["is_late"].agg(promised="size", late="sum").reset_index()
    on_time = table["promised"] - table["late"]
    low, high = wilson(on_time, table["promised"])
    return table.assign(on_time_share=on_time / table["promised"], low=low, high=high)
