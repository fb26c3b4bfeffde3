"""Where records of one customer say different things, which word is used, and how often (HU-N2): never in silence."""

import pandas as pd

from ...foundation.contracts import TABLES
from ...foundation.finding import Finding, not_available
from .customers import by_rank
from .normal import normal, uids

FIELDS = {
    "name": "name",
    "email": "email",
    "phone": "phone",
    "tax_id": "tax",
    "born_on": "born_on",
    "address": "address",
    "postcode": "postcode",
    "city": "city",
}  # field of the card → its form in which spellings do not count


def conflicts(
    records: pd.DataFrame, links: pd.DataFrame, *, on_conflict: str = "report", country: str = ""
) -> pd.DataFrame:
    """The `conflicts` table: one row per customer, field and record whose word differs from the one that is used.

    Words are compared in normal form (read with the habits of `country` where records name none), so that another
    spelling of one telephone is no conflict. With
    `on_conflict="keep"` nothing is listed: the analyst has declared the first source to be right.
    """
    contract = TABLES["conflicts"]
    several = links[links.groupby("customer_id")["record_id"].transform("size") > 1]
    if on_conflict == "keep" or several.empty:
        return contract.empty()
    rows = by_rank(records, several, on_conflict=on_conflict)
    rows = rows.assign(uid=uids(rows))
    plain = normal(records, country=country).set_index("uid")
    parts = []
    for field, form in FIELDS.items():
        said = rows[["customer_id", "uid", field]].assign(form=rows["uid"].map(plain[form])).dropna(subset=["form"])
        used = said.drop_duplicates("customer_id")
        both = said.merge(used, on="customer_id", suffixes=("_other", "_used"))
        both = both[both["form_other"] != both["form_used"]]
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": both["customer_id"],
                    "field": field,
                    "used": _text(both[f"{field}_used"]),
                    "used_from": both["uid_used"],
                    "other": _text(both[f"{field}_other"]),
                    "other_from": both["uid_other"],
                }
            )
        )
    made = pd.concat(parts, ignore_index=True).sort_values(["customer_id", "field", "other_from"], kind="stable")
    return contract.check(made.reset_index(drop=True), "identity.conflicts")


def conflicting(conflicts: pd.DataFrame, links: pd.DataFrame, *, as_of: pd.Timestamp) -> Finding:
    """Finding identity.conflicts: customers whose records differ in a field; n are the customers of several records.

    parts: differences, the rows of `conflicts`. Not available where no customer is made of several records.
    """
    sizes = links.groupby("customer_id").size()
    several = int((sizes > 1).sum())
    common = {"unit": "count", "basis": "customers made of several records", "as_of": f"{as_of:%Y-%m-%d}"}
    if not several:
        return not_available("identity.conflicts", "no customer is made of several records", **common)
    value, parts = int(conflicts["customer_id"].nunique()), {"differences": len(conflicts)}
    return Finding(id="identity.conflicts", value=value, n=several, parts=parts, **common)


def conflicts_by_field(conflicts: pd.DataFrame) -> pd.DataFrame:
    """How often each field differs, by the source whose word is used and the source that says otherwise: field,
    used_source, other_source, customers (count), the most first.
    """
    rows = conflicts.assign(
        used_source=conflicts["used_from"].str.split(":", n=1).str[0],
        other_source=conflicts["other_from"].str.split(":", n=1).str[0],
    )
    by = rows.groupby(["field", "used_source", "other_source"], as_index=False)["customer_id"].nunique()
    made = by.rename(columns={"customer_id": "customers"})
    return made.sort_values(["customers", "field"], ascending=[False, True], kind="stable").reset_index(drop=True)


def _text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d")
    return values.astype(str)
