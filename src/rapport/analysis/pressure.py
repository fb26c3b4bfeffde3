"""How we talk with customers, and whether we press them: channels, answers, the cap, and those who said no (LT-10)."""

import pandas as pd

from ..foundation.finding import Finding, not_available
from .intervals import proportion

MARKETING, OFFER = "marketing", "offer"
CAP_DAYS = 30  # LT-10
NO_CONTACTS = "no table 'contacts'"


def channels(contacts: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The contacts of the last active window by channel, the busiest first.

    In: `contacts`. Out: one row per channel: channel, out, inbound (counts), answered_share (of the outbound contacts
    whose answer is known; empty where none is). Reference: LT-10.
    """
    recent = _recent(contacts, settings, as_of).assign(channel=lambda rows: rows["channel"].fillna("not named"))
    counts = recent.groupby(["channel", "direction"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=["out", "in"], fill_value=0).rename(columns={"in": "inbound"})
    sent = recent[(recent["direction"] == "out") & recent["answered"].notna()]
    counts["answered_share"] = sent["answered"].astype(float).groupby(sent["channel"]).mean()
    out = counts.rename_axis(columns=None).reset_index()
    return out.sort_values(["out", "channel"], ascending=[False, True], ignore_index=True)


def over_cap(contacts: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Customers who got more marketing contacts within 30 days than the cap allows, in the last active window.

    In: `contacts` (purpose marketing, outbound). Out: one row per customer: customer_id, breaches (contacts that broke
    the cap), last_on (the latest of them). Reference: LT-10 (plan.contact_cap).
    """
    sent = _marketing(_recent(contacts, settings, as_of)).dropna(subset=["customer_id"])
    sent = sent.sort_values(["customer_id", "contacted_on"])
    before = sent.groupby("customer_id")["contacted_on"].shift(settings.plan.contact_cap)
    broken = sent[(sent["contacted_on"] - before).dt.days < CAP_DAYS]
    out = broken.groupby("customer_id")["contacted_on"].agg(breaches="size", last_on="max").reset_index()
    return out.sort_values(["breaches", "customer_id"], ascending=[False, True], ignore_index=True)


def after_refusal(contacts: pd.DataFrame, customers: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Marketing contacts with customers who do not agree to marketing: there should be none.

    In: `contacts`, `customers` (consent_marketing false). Out: one row per contact of the last active window:
    customer_id, contacted_on, channel. When the customer said no is not known. Reference: LT-10.
    """
    refused = customers.loc[customers["consent_marketing"].eq(False).fillna(False), "customer_id"]
    sent = _marketing(_recent(contacts, settings, as_of))
    rows = sent.loc[sent["customer_id"].isin(refused), ["customer_id", "contacted_on", "channel"]]
    return rows.sort_values(["contacted_on", "customer_id"], ignore_index=True)


def pressure(
    contacts: pd.DataFrame | None, customers: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> tuple[Finding, ...]:
    """How the conversation goes: who starts it, who answers, and who was pressed, in the last active window.

    In: `contacts`, `customers`. Out: Findings contacts.inbound_share, contacts.answered_share and contacts.offer_share
    (of the marketing contacts whose content is known; above a half more is sold than told), contacts.over_cap and
    contacts.after_refusal (counts). Cases: no contacts table is not available. Reference: LT-10, HU-13.
    """
    counted = ("over_cap", "after_refusal")
    shares = ("inbound_share", "answered_share", "offer_share")
    day, start = str(as_of.date()), as_of - pd.Timedelta(days=settings.data.active_window_days)
    common = {"as_of": day, "basis": f"contacts after {start.date()} to {day}"}
    if contacts is None:
        units = dict.fromkeys(shares, "share") | dict.fromkeys(counted, "count")
        return tuple(not_available(f"contacts.{id}", NO_CONTACTS, unit=unit, **common) for id, unit in units.items())
    recent = _recent(contacts, settings, as_of)
    sent, posted = recent[recent["direction"] == "out"], _marketing(recent)
    parts = {
        "inbound_share": recent["direction"].eq("in"),
        "answered_share": sent["answered"].dropna().astype(bool),
        "offer_share": posted["content_type"].dropna().eq(OFFER),
    }
    rest = {"settings": settings, "basis": common["basis"], "as_of": as_of}
    pressed = over_cap(contacts, settings=settings, as_of=as_of)
    refused = after_refusal(contacts, customers, settings=settings, as_of=as_of)
    n = len(posted)
    return (
        *(
            proportion(f"contacts.{id}", int(hit.sum()), len(hit), because="" if len(hit) else "none is known", **rest)
            for id, hit in parts.items()
        ),
        Finding(id="contacts.over_cap", unit="count", value=len(pressed), n=n, **common),
        Finding(id="contacts.after_refusal", unit="count", value=len(refused), n=n, **common),
    )


def _recent(contacts: pd.DataFrame, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    return contacts[contacts["contacted_on"].between(start, as_of, inclusive="right")]


def _marketing(contacts: pd.DataFrame) -> pd.DataFrame:
    purpose = contacts["purpose"].astype("string").str.strip().str.casefold()
    return contacts[(contacts["direction"] == "out") & purpose.eq(MARKETING).fillna(False)]
