"""How complete the customer cards are, and who answers for them (LT-06, HU-18, HU-20)."""

import pandas as pd

from ...foundation.finding import Finding, not_available
from ..identity import normal_email, normal_phone, normal_tax
from ..intervals import wilson

FIELDS = (
    "name", "kind", "email", "phone", "tax_id", "city", "country", "parent_group", "sector", "size", "region",
    "acquired_channel", "created_on", "crm_status", "tags", "consent_marketing", "manager_id",
)  # fmt: skip
_VALID = {"email": normal_email, "phone": normal_phone, "tax_id": normal_tax}


def completeness(customers: pd.DataFrame) -> pd.DataFrame:
    """How many customer cards have each field: one row per field of the card, the emptiest last.

    In: `customers`. Out: field, customers (n), filled, filled_share with low and high (Wilson 95 %), valid (e-mail
    with an @ and a domain, telephone and tax number that are no placeholders; empty for other fields). Test cell:
    telephone missing on 2 of 10 cards → 80 %.
    """
    n = len(customers)
    entries = []
    for field in FIELDS:
        filled = _filled(customers[field])
        low, high = wilson(int(filled.sum()), n)
        entries.append(
            {
                "field": field,
                "customers": n,
                "filled": int(filled.sum()),
                "filled_share": filled.mean() if n else None,
                "low": low,
                "high": high,
                "valid": _valid(field, customers.loc[filled, field]),
            }
        )
    return pd.DataFrame(entries).sort_values("filled_share", ascending=False, kind="stable").reset_index(drop=True)


def stale(records: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Records not touched for longer than the active window, by source: source, records, dated, stale, stale_share
    (HU-20).

    Dated are the records with `updated_on` (or, failing that, `created_on`); the share is of those.
    """
    touched = records["updated_on"].fillna(records["created_on"])
    window = pd.Timedelta(days=settings.data.active_window_days)
    made = records.assign(dated=touched.notna(), stale=touched < as_of - window).groupby("source", sort=True)
    frame = made.agg(records=("record_id", "size"), dated=("dated", "sum"), stale=("stale", "sum")).reset_index()
    return frame.assign(stale_share=frame["stale"] / frame["dated"].where(frame["dated"] > 0))


def stewards(managers: pd.DataFrame | None, *, as_of: pd.Timestamp) -> Finding:
    """Finding quality.stewards: how many managers answer for the customer file (HU-18): "steward" in their role.

    Cases: nobody has the role → 0, a finding in itself; no managers, or no role known →
    not available.
    """
    common = {"unit": "count", "as_of": f"{as_of:%Y-%m-%d}", "basis": "managers with a role"}
    if managers is None or managers.empty:
        return not_available("quality.stewards", "managers", **common)
    known = managers.dropna(subset="role")
    if known.empty:
        return not_available("quality.stewards", "managers.role", **common)
    found = known.loc[known["role"].str.casefold().str.contains("steward"), "manager_id"]
    return Finding(id="quality.stewards", value=len(found), n=len(known), **common)


def _filled(values: pd.Series) -> pd.Series:
    return values.notna() & (values.astype(str).str.strip() != "")


def _valid(field: str, values: pd.Series) -> int | None:
    check = _VALID.get(field)
    return None if check is None else int(sum(check(str(value)) is not None for value in values))
