"""One row per customer, from the records linked to it."""

import pandas as pd

from ...foundation.contracts import TABLES

_FIRST = ("created_on",)  # the earliest date, not the latest word


def customers(records: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """The `customers` table: one row per customer of `links`, its fields taken over from its records.

    Survivorship: each field is the most recently updated non-empty value; records without `updated_on` come last, and
    among equals the first by source and record_id (shorter numbers first) wins. `created_on` is the earliest. End
    users (`end_user_of`) count neither in the fields nor in `records` unless the customer has no other record.
    Consent is true only where the latest word is.
    """
    contract = TABLES["customers"]
    rows = records.merge(
        links[["source", "record_id", "customer_id"]], on=["source", "record_id"], validate="one_to_one"
    )
    rows = rows.assign(is_user=rows["end_user_of"].notna(), length=rows["record_id"].str.len())
    rows = rows.sort_values(
        ["customer_id", "is_user", "updated_on", "source", "length", "record_id"],
        ascending=[True, True, False, True, True, True],
        na_position="last",
    )
    rows = rows[~rows["is_user"] | rows.groupby("customer_id")["is_user"].transform("all")]
    fields = [name for name in contract.columns if name not in ("customer_id", "records")]
    texts = rows.select_dtypes("object").columns.intersection(fields)
    rows[texts] = rows[texts].where(rows[texts].apply(lambda column: column.astype(str).str.strip() != ""), None)
    made = rows.groupby("customer_id", sort=True)[fields].first()
    for name in _FIRST:
        made[name] = rows.groupby("customer_id")[name].min()
    made["records"] = rows.groupby("customer_id").size()
    return contract.check(made.reset_index(), "identity.customers")
