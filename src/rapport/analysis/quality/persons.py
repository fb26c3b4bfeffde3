"""The people on both sides: the clients' persons on file, and who of ours has whom (HU-20, BG-12, C24)."""

import pandas as pd

from ..intervals import wilson
from ..portfolios import at
from .rows import row, table

PERSON_FIELDS = ("role", "email", "phone", "updated_on", "consent", "preferences")


def with_consent(contact_persons: pd.DataFrame) -> pd.DataFrame:
    """`contact_persons` with the preferences of everybody taken out who did not agree to their being kept (C24)."""
    agreed = contact_persons["consent"].fillna(False).astype(bool)
    return contact_persons.assign(preferences=contact_persons["preferences"].where(agreed, None))


def persons(contact_persons: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """How complete the clients' persons on file are: field, persons (n), filled, filled_share with low and high (Wilson
    95 %), stale (of the filled, those in entries not changed for longer than the active window; empty where no entry
    has a day).

    In: `contact_persons`. Reference: HU-20.
    """
    n, entries = len(contact_persons), []
    known = contact_persons["updated_on"].notna()
    old = contact_persons["updated_on"] < as_of - pd.Timedelta(days=settings.data.active_window_days)
    for field in PERSON_FIELDS:
        filled = contact_persons[field].notna() & contact_persons[field].astype(str).str.strip().ne("")
        low, high = wilson(int(filled.sum()), n)
        entry = {"field": field, "persons": n, "filled": int(filled.sum())}
        share = {"filled_share": filled.mean() if n else None, "low": low, "high": high}
        entries.append(entry | share | {"stale": int((filled & old).sum()) if known.any() else pd.NA})
    return pd.DataFrame(entries).astype({"stale": "Int64"})


def person_checks(
    contact_persons: pd.DataFrame | None,
    customers: pd.DataFrame,
    account_managers: pd.DataFrame | None,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """`quality` rows on people: persons of nobody known, preferences without consent, managers named differently.

    In: `contact_persons` and `account_managers` as received, with customer_id; `customers` as the records have them.
    """
    entries = []
    if contact_persons is not None:
        nobody = int(contact_persons["customer_id"].isna().sum())
        why = "their customer number is in no customer file and in no sale"
        entries.append(row("persons of no known customer", "contact_persons", nobody, None, "kept apart", why))
        lost = contact_persons["preferences"].notna() & with_consent(contact_persons)["preferences"].isna()
        why = "what a person likes is kept only where the person agreed (consent is true)"
        check = "preferences without consent"
        entries.append(row(check, "contact_persons", int(lost.sum()), None, "not kept", why, "caution"))
    if account_managers is not None:
        nobody = int(account_managers["customer_id"].isna().sum())
        why = "their customer number is in no customer file and in no sale"
        entries.append(row("assignments of no known customer", "account_managers", nobody, None, "not used", why))
        listed = customers["customer_id"].map(at(account_managers, as_of))
        differ = int((listed.notna() & customers["manager_id"].notna() & listed.ne(customers["manager_id"])).sum())
        why = "the customer file names another manager than the list of assignments: ask which holds"
        treatment = "the customer file's is used"
        check = "manager in charge named differently"
        entries.append(row(check, "account_managers", differ, None, treatment, why, "caution"))
    return table(entries)
