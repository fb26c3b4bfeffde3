"""Which customer each record belongs to."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...foundation.contracts import TABLES
from .clusters import clusters
from .normal import facts
from .pairs import open_pairs


def with_buyers(records: pd.DataFrame, buyers: pd.DataFrame) -> pd.DataFrame:
    """The `records` table completed by a bare record for each buyer that has none.

    `buyers`: distinct source and record_id of the transactions (record_source there). Whoever buys is a customer,
    known or not; a row without record_id is nobody and is passed over.
    """
    seen = buyers[["source", "record_id"]].dropna().astype(str).drop_duplicates()
    known = pd.MultiIndex.from_frame(records[["source", "record_id"]].astype(str))
    bare = seen[~pd.MultiIndex.from_frame(seen).isin(known)]
    if bare.empty:
        return records
    contract = TABLES["records"]
    return contract.check(
        pd.concat([records, contract.complete(bare).astype(contract.empty().dtypes)], ignore_index=True),
        "identity.with_buyers",
    )


def links(
    records: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    settings,
    merge: Sequence[Sequence[str]] = (),
    split: Sequence[Sequence[str]] = (),
) -> pd.DataFrame:
    """The `links` table: the customer of each record, what joined it, and whether another customer may be the same.

    Joined are pairs that a rule makes certain and pairs whose probability reaches `identity.likely_prob`; never two
    tax numbers or two birth dates that no comparison has weighed, never two names with plainly different words.
    `merge` and `split` (lists of "source:record_id") are honoured over everything. An end user (`end_user_of`) is
    linked to its payer's customer, so that the value counts there, and joins no payers. A customer's id is its first
    record's: sources in alphabetical order, shorter numbers first ("9" before "10"); it carries the source's name
    ("crm:9") when records come from several sources.
    """
    rows = facts(records, country=settings.identity.country, unit=settings.identity.unit)
    payer = rows["payer"].where(rows["payer"].isin(rows["uid"]), None)
    row = pd.Series(np.arange(len(rows)), index=rows["uid"])
    accepted = pairs[(pairs["match_prob"] >= settings.identity.likely_prob) & ~pairs["is_contested"]]
    edges, rivals = _rows(accepted, row), _rows(pairs[pairs["is_rival"]], row)
    edges["is_named"] = accepted["is_named"].to_numpy()
    group = clusters(rows, edges, rivals, merge=merge, split=split)
    group = group[_payers(payer, row)]
    ids = _customer_ids(rows, group, is_user=payer.notna().to_numpy())
    customer = pd.Series(ids, index=rows["uid"])
    rule, prob = _reasons(rows, accepted, customer, merge)
    doubtful = open_pairs(pairs, customer, split=split)
    is_user = payer.notna().to_numpy()
    made = pd.DataFrame(
        {
            "source": rows["source"],
            "record_id": rows["record_id"],
            "customer_id": ids,
            "match_prob": np.where(is_user, 1.0, prob),
            "rule": np.where(is_user, "end user of its payer", rule),
            "is_ambiguous": rows["uid"].isin(doubtful[["uid_a", "uid_b"]].to_numpy().ravel()).to_numpy(),
        }
    )
    return TABLES["links"].check(made, "identity.links")


def _rows(pairs: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({side: pairs[f"uid_{side}"].map(row).to_numpy("int64") for side in "ab"})


def _payers(payer: pd.Series, row: pd.Series) -> np.ndarray:
    """The row that stands for each row: itself, or its payer (followed up to the last payer)."""
    stands = np.arange(len(payer))
    users = np.flatnonzero(payer.notna())
    for user in users:
        seen, at = {user}, user
        while pd.notna(payer[at]) and row[payer[at]] not in seen:
            at = row[payer[at]]
            seen.add(at)
        stands[user] = at
    return stands


def _customer_ids(rows: pd.DataFrame, group: np.ndarray, *, is_user: np.ndarray) -> np.ndarray:
    several = rows["source"].nunique() > 1
    order = pd.DataFrame(
        {
            "group": group,
            "is_user": is_user,
            "source": rows["source"],
            "length": rows["record_id"].str.len(),
            "record_id": rows["record_id"],
        }
    )
    first = (
        order.sort_values(["group", "is_user", "source", "length", "record_id"])
        .drop_duplicates("group")
        .set_index("group")
    )
    label = first["source"] + ":" + first["record_id"] if several else first["record_id"]
    return label.reindex(group).to_numpy()


def _reasons(rows: pd.DataFrame, accepted: pd.DataFrame, customer: pd.Series, merge) -> tuple[np.ndarray, np.ndarray]:
    """The strongest reason why each record is with its customer: the client's word, else the best accepted pair."""
    inside = accepted[accepted["uid_a"].map(customer).to_numpy() == accepted["uid_b"].map(customer).to_numpy()]
    ends = pd.concat([inside.assign(uid=inside["uid_a"]), inside.assign(uid=inside["uid_b"])]).sort_index(kind="stable")
    best = ends.drop_duplicates("uid").set_index("uid")
    by_user = rows["uid"].isin([uid for uids in merge for uid in uids]).to_numpy()
    rule = rows["uid"].map(best["rule"]).fillna("alone").to_numpy(dtype=object)
    prob = rows["uid"].map(best["match_prob"]).fillna(1.0).to_numpy()
    return np.where(by_user, "user", rule), np.where(by_user, 1.0, prob)
