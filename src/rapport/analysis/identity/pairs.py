"""Pairs of records that may be one customer: found by shared keys and by the model, explained, and listed where open."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...foundation.contracts import TABLES
from .compare import comparison
from .exact import KEYS, certain_rule, key_pairs, shared_keys
from .model import scored_pairs
from .normal import normal


def pairs(records: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Every pair of records that may be one customer, the strongest first; nothing is merged yet.

    Grain in: `records`. Out, one row per pair: uid_a, uid_b ("source:record_id", uid_a < uid_b), rule (what makes it one
    customer beyond doubt; "model" where only the estimated weights speak; "shared key" and "same name" where something
    agrees that proves nothing), match_prob (1 where a rule is certain; `identity.possible_prob` where nothing could be
    estimated), agrees, differs, would_settle (texts), is_opposed (two tax numbers or birth dates no slip explains).
    End users (`end_user_of`) belong to their payer and are never compared (RU-07). Row order of `records` does not matter.
    """
    rows = normal(records)
    rows = rows[rows["payer"].isna()].reset_index(drop=True)
    keyed = key_pairs(rows, shared_keys(rows, most_names=settings.identity.shared_names))
    scored = scored_pairs(rows, least_prob=settings.identity.possible_prob, seed=settings.value.seed)
    found = keyed.merge(scored, on=["a", "b"], how="outer")
    flags = [*KEYS, "name"]
    found[flags] = found[flags].eq(True)
    found = found.join(comparison(found, rows))
    certain = certain_rule(found, rows)
    is_key = found[list(KEYS)].any(axis=1)
    probable = found["match_prob"].notna()
    weak = np.select([probable, is_key], ["model", "shared key"], "same name")
    guess = found["match_prob"].fillna(settings.identity.possible_prob)
    made = pd.DataFrame(
        {
            "uid_a": rows["uid"].to_numpy()[found["a"]],
            "uid_b": rows["uid"].to_numpy()[found["b"]],
            "rule": certain.where(certain.notna(), weak),
            "match_prob": guess.where(certain.isna(), 1.0),
            **{column: found[column] for column in ("agrees", "differs", "would_settle", "is_opposed")},
        }
    )
    order = certain.map({rule: rank for rank, rule in enumerate(CERTAIN)}).fillna(len(CERTAIN))
    ranked = made.assign(order=order).sort_values(
        ["order", "match_prob", "uid_a", "uid_b"], ascending=[True, False, True, True]
    )
    return ranked.drop(columns="order").reset_index(drop=True)


CERTAIN = (
    "exact tax_id",
    "exact email",
    "exact phone",
    "exact email and phone",
    "name and birth date",
    "name and address",
)


def ambiguous(
    records: pd.DataFrame,
    pairs: pd.DataFrame,
    links: pd.DataFrame,
    *,
    values: pd.DataFrame | None = None,
    split: Sequence[Sequence[str]] = (),
) -> pd.DataFrame:
    """The `ambiguous` table: pairs that may be one customer and are not merged, one row per two customers, most money first.

    `values` (customer or record frame with source, record_id, net_total in money) orders the list; without it the money is
    empty and the most probable come first. Pairs the client has decided by `split` are settled and not listed.
    """
    resolved = links.assign(uid=links["source"] + ":" + links["record_id"]).set_index("uid")["customer_id"]
    decided = {frozenset((a, b)) for uids in split for a in uids for b in uids if a != b}
    open_ = pairs.assign(customer_a=pairs["uid_a"].map(resolved), customer_b=pairs["uid_b"].map(resolved))
    open_ = open_[open_["customer_a"] != open_["customer_b"]]
    open_ = open_[[frozenset(pair) not in decided for pair in zip(open_["uid_a"], open_["uid_b"])]]
    ends = (
        np.sort(open_[["customer_a", "customer_b"]].astype(str).to_numpy(), axis=1) if len(open_) else np.empty((0, 2))
    )
    open_ = open_.assign(low=ends[:, 0], high=ends[:, 1])
    open_ = open_.sort_values("match_prob", ascending=False, kind="stable").drop_duplicates(["low", "high"])
    facts = records.assign(uid=records["source"] + ":" + records["record_id"]).set_index("uid")
    money = _money(values)
    made = pd.DataFrame(
        {
            **{f"{column}_{side}": open_[f"uid_{side}"].map(facts[column]) for side in "ab" for column in ("source",)},
            **{f"record_{side}": open_[f"uid_{side}"].map(facts["record_id"]) for side in "ab"},
            **{f"name_{side}": open_[f"uid_{side}"].map(facts["name"]) for side in "ab"},
            **{column: open_[column] for column in ("match_prob", "agrees", "differs", "would_settle")},
            "net_total": open_["uid_a"].map(money).fillna(0) + open_["uid_b"].map(money).fillna(0)
            if values is not None
            else np.nan,
        }
    )
    made = made.sort_values(
        ["net_total", "match_prob", "source_a", "record_a", "source_b", "record_b"],
        ascending=[False, False, True, True, True, True],
    )
    return TABLES["ambiguous"].check(made, "identity.ambiguous")


def _money(values: pd.DataFrame | None) -> pd.Series:
    if values is None:
        return pd.Series(dtype="float64")
    return values.assign(uid=values["source"] + ":" + values["record_id"]).groupby("uid")["net_total"].sum()
