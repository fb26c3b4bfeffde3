"""One row per customer, from the records linked to it."""

import pandas as pd

from ...foundation.contracts import TABLES
from .groups import one_label

_FIRST = ("created_on",)  # the earliest date, not the latest word
_LATEST = ("consent_marketing", "updated_on")  # the latest word, whatever the policy


def customers(records: pd.DataFrame, links: pd.DataFrame, *, on_conflict: str = "report") -> pd.DataFrame:
    """The `customers` table: one row per customer of `links`, its fields taken over from its records.

    Survivorship: the source that stands first in `records` is the master: its most recently updated non-empty value is
    used, else that of the next source; with `on_conflict="overwrite"` the most recently updated value of any source
    (HU-N2). Records without `updated_on` come last, and among equals the first by source and record_id (shorter numbers
    first) wins. `created_on` is the earliest. End users (`end_user_of`) count neither in the fields nor in `records`
    unless the customer has no other record. Consent is true only where the latest word is. Labels of parent groups that
    differ in case, accents or signs only are written alike.
    """
    contract = TABLES["customers"]
    rows = by_rank(records, links, on_conflict=on_conflict)
    fields = [name for name in contract.columns if name not in ("customer_id", "records")]
    made = rows.groupby("customer_id", sort=True)[fields].first()
    for name in _FIRST:
        made[name] = rows.groupby("customer_id")[name].min()
    latest = by_rank(records, links, on_conflict="overwrite").groupby("customer_id", sort=True)
    for name in _LATEST:
        if name in fields:
            made[name] = latest[name].first()
    made["parent_group"] = one_label(made["parent_group"])
    made["records"] = rows.groupby("customer_id").size()
    return contract.check(made.reset_index(), "identity.customers")


def by_rank(records: pd.DataFrame, links: pd.DataFrame, *, on_conflict: str) -> pd.DataFrame:
    """The records that speak for their customer (customer_id beside them), those that win first; blanks are missing."""
    rows = records.merge(
        links[["source", "record_id", "customer_id"]], on=["source", "record_id"], validate="one_to_one"
    )
    place = {source: rank for rank, source in enumerate(dict.fromkeys(records["source"]))}
    rows = rows.assign(
        is_user=rows["end_user_of"].notna(),
        length=rows["record_id"].str.len(),
        rank=0 if on_conflict == "overwrite" else rows["source"].map(place),
    )
    rows = rows.sort_values(
        ["customer_id", "is_user", "rank", "updated_on", "source", "length", "record_id"],
        ascending=[True, True, True, False, True, True, True],
        na_position="last",
    )
    rows = rows[~rows["is_user"] | rows.groupby("customer_id")["is_user"].transform("all")]
    texts = rows.select_dtypes("object").columns
    rows[texts] = rows[texts].where(rows[texts].apply(lambda column: column.astype(str).str.strip() != ""), None)
    return rows.drop(columns=["is_user", "length", "rank"])
