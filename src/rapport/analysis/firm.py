"""Facts about the firm as a whole that plays may ask for and no other room computes."""

from collections.abc import Iterable, Mapping

import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available
from ..foundation.play import FACTS, Play
from .punctuality import due

EVENT_KINDS = ("exhibition", "seminar", "presentation", "event")
LAUNCH_DAYS = 183
TALKS = ("contacted", "qualified", "offered")


def firm_facts(
    tables: Mapping[str, pd.DataFrame], plays: Iterable[Play], *, settings, as_of: pd.Timestamp
) -> tuple[Finding, ...]:
    """Findings named as in `foundation.play.FACTS`, from the client's own tables; not available where a table was not
    given.

    In: tables by name; plays with the status their experiments gave them. Out: counts, shares, and money of the active
    window before as_of. Reference: HU-18, HU-30, HU-15, LT-21, LT-23, HU-23, LT-17.
    """
    validated = [play.id for play in plays if play.status == "validated"]
    proven = Finding(
        id="plays.validated",
        unit="count",
        value=len(validated),
        n=len(validated),
        as_of=str(as_of.date()),
        basis="plays whose effect the client's own experiments have shown",
        parts={"plays": ", ".join(validated)},
    )
    window = as_of - pd.Timedelta(days=settings.data.active_window_days)
    return proven, *(_fact(id, tables, window, as_of) for id in MAKERS)


def _fact(id: str, tables: Mapping[str, pd.DataFrame], window: pd.Timestamp, as_of: pd.Timestamp) -> Finding:
    table, maker = MAKERS[id]
    common = {"unit": FACTS[id].unit, "as_of": str(as_of.date())}
    frame = tables.get(table)
    if frame is None or frame.empty:
        return not_available(id, f"table {table} was not given; without it {TABLES[table].costs}", **common)
    value, n, nothing = maker(frame, window, as_of)
    if not n:
        return not_available(id, nothing, **common)
    return Finding(id=id, value=value, n=n, basis=FACTS[id].meaning, **common)


def _stewards(managers, window, as_of):
    return int(managers["role"].fillna("").str.casefold().str.contains("steward").sum()), len(managers), ""


def _on_time(deliveries, window, as_of):
    promised = due(deliveries, until=as_of, after=window)
    share = float(1 - promised["is_late"].mean()) if len(promised) else 0.0
    return share, len(promised), "no delivery was promised in the active window"


def _open_orders(deliveries, window, as_of):
    is_open = deliveries["delivered_on"].isna() | (deliveries["delivered_on"] > as_of)
    return int((is_open & (deliveries["promised_on"] > window)).sum()), len(deliveries), ""


def _launched(products, window, as_of):
    known = products["launched_on"].dropna()
    recent = known.between(as_of - pd.Timedelta(days=LAUNCH_DAYS), as_of)
    return int(recent.sum()), len(known), "products.launched_on is empty for every product"


def _listed(prospects, window, as_of):
    return len(prospects), len(prospects), ""


def _unused_sources(prospects, window, as_of):
    kinds = set(TABLES["prospects"].columns["source_type"].options) - {"other"}
    known = prospects["source_type"].dropna()
    return len(kinds - set(known)), len(known), "prospects.source_type is empty for every prospect"


def _in_talks(prospects, window, as_of):
    known = prospects["stage"].dropna()
    return int(known.isin(TALKS).sum()), len(known), "prospects.stage is empty for every prospect"


def _events(spend, window, as_of):
    recent = spend[spend["spent_on"].between(window, as_of, inclusive="right") & spend["purpose"].eq("acquire")]
    is_event = recent["kind"].isin(EVENT_KINDS)
    return float(recent.loc[is_event, "amount"].sum()), len(recent), "no acquisition spend in the active window"


MAKERS = {
    "managers.stewards": ("managers", _stewards),
    "deliveries.on_time_share": ("deliveries", _on_time),
    "deliveries.open": ("deliveries", _open_orders),
    "products.launched": ("products", _launched),
    "prospects.listed": ("prospects", _listed),
    "prospects.unused_sources": ("prospects", _unused_sources),
    "prospects.in_talks": ("prospects", _in_talks),
    "spend.events": ("spend", _events),
}
