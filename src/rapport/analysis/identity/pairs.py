"""Pairs of records that may be one customer: found by shared keys and by the model, explained, and listed where
open.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...foundation.contracts import TABLES
from .compare import comparison
from .exact import KEYS, certain_rule, key_pairs, shared_keys
from .model import scored_pairs
from .normal import normal, uids

_UNLIKELY = 0.01  # less than this is not told apart


def pairs(records: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Every pair of records that may be one customer, the strongest first; nothing is merged yet.

    Grain in: `records`. Out, one row per pair: uid_a, uid_b ("source:record_id", uid_a < uid_b), rule (what makes it
    one customer beyond doubt; "model" where only the estimated weights speak; "shared key" and "same name" where
    something agrees that proves nothing), match_prob (1 where a rule is certain; `identity.possible_prob` where no
    weights could be estimated), agrees, differs, would_settle (texts), is_opposed (two tax numbers or birth dates no
    slip explains), is_rival (the names have plainly different words, "Anna Kovács" and "Péter Kovács", and no tax
    number or birth date vouches for them), is_contested (rival, or opposed and not of the very same name: never merged
    by weights alone), is_named (beyond doubt, and the names agree). End users (`end_user_of`)
    belong to their payer and are never compared (RU-07). Row order of `records` does not matter.
    """
    rows = normal(records, country=settings.identity.country, unit=settings.identity.unit)
    rows = rows[rows["payer"].isna()].reset_index(drop=True)
    keyed = key_pairs(rows, shared_keys(rows, most_names=settings.identity.shared_names))
    scored = scored_pairs(rows, least_prob=_UNLIKELY, seed=settings.value.seed)
    found = _together(keyed, scored, least_prob=settings.identity.possible_prob)
    found = found.join(comparison(found, rows))
    certain = certain_rule(found, rows)
    is_key = found[list(KEYS)].any(axis=1)
    is_probable = found["match_prob"] > settings.identity.possible_prob
    weak = np.select([is_probable, is_key], ["model", "shared key"], "same name")
    made = pd.DataFrame(
        {
            "uid_a": rows["uid"].to_numpy()[found["a"]],
            "uid_b": rows["uid"].to_numpy()[found["b"]],
            "rule": certain.where(certain.notna(), weak),
            "match_prob": found["match_prob"].where(certain.isna(), 1.0),
            **{column: found[column] for column in ("agrees", "differs", "would_settle", "is_opposed")},
            "is_rival": found["is_rival"] & certain.isna(),
            "is_contested": found["is_contested"] & certain.isna(),
            "is_named": found["names"].isin(["same", "compatible"]) & certain.notna(),
        }
    )
    order = certain.map({rule: rank for rank, rule in enumerate(CERTAIN)}).fillna(len(CERTAIN))
    ranked = made.assign(order=order).sort_values(
        ["order", "match_prob", "uid_a", "uid_b"], ascending=[True, False, True, True]
    )
    return ranked.drop(columns="order").reset_index(drop=True)


def _together(keyed: pd.DataFrame, scored: pd.DataFrame | None, *, least_prob: float) -> pd.DataFrame:
    """Pairs that share a key or a name, and those the model finds possible, each once."""
    flags = [*KEYS, "name"]
    if scored is None:
        return keyed.assign(match_prob=least_prob)
    found = keyed.merge(scored, on=["a", "b"], how="outer")
    found[flags] = found[flags].eq(True)
    found["match_prob"] = found["match_prob"].fillna(_UNLIKELY)
    return found[found[flags].any(axis=1) | (found["match_prob"] >= least_prob)].reset_index(drop=True)


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
    """The `ambiguous` table: pairs that may be one customer and are not merged, one row per two customers, the most money
    at stake (money times probability) first.

    `values` (source, record_id, net_total in money, of each record that bought) orders the list; without it the money
    is empty and the most probable come first. Pairs the client has decided by `split` are settled and not listed.
    """
    customer = pd.Series(links["customer_id"].to_numpy(), index=uids(links))
    open_ = open_pairs(pairs, customer, split=split)
    ends = open_[["uid_a", "uid_b"]].apply(lambda uid: uid.map(customer))
    open_ = open_.assign(low=ends.min(axis=1), high=ends.max(axis=1))
    open_ = open_.sort_values("match_prob", ascending=False, kind="stable").drop_duplicates(["low", "high"])
    facts = records.set_index(uids(records))
    money = _money(values, customer)
    made = pd.DataFrame(
        {
            **{f"source_{side}": open_[f"uid_{side}"].map(facts["source"]) for side in "ab"},
            **{f"record_{side}": open_[f"uid_{side}"].map(facts["record_id"]) for side in "ab"},
            **{f"name_{side}": open_[f"uid_{side}"].map(facts["name"]) for side in "ab"},
            **{column: open_[column] for column in ("match_prob", "agrees", "differs", "would_settle")},
            "net_total": open_["low"].map(money) + open_["high"].map(money),
        }
    )
    made = made.assign(doubt=(made["net_total"] * made["match_prob"]).fillna(0.0))
    made = made.sort_values(
        ["doubt", "match_prob", "source_a", "record_a", "source_b", "record_b"],
        ascending=[False, False, True, True, True, True],
    ).drop(columns="doubt")
    return TABLES["ambiguous"].check(made, "identity.ambiguous")


def told(ambiguous: pd.DataFrame, *, with_names: bool) -> pd.DataFrame:
    """The `ambiguous` table as a page lists it: both records as source:record_id, with their names where these may be
    shown, what agrees, differs and would settle it, and the money.
    """
    both = {f"record_{side}": ambiguous[f"source_{side}"] + ":" + ambiguous[f"record_{side}"] for side in "ab"}
    names = ["name_a", "name_b"] if with_names else []
    order = [*(column for side in "ab" for column in (f"record_{side}", f"name_{side}") if column in (*both, *names))]
    return ambiguous.assign(**both)[[*order, "match_prob", "agrees", "differs", "would_settle", "net_total"]]


def open_pairs(pairs: pd.DataFrame, customer: pd.Series, *, split: Sequence[Sequence[str]] = ()) -> pd.DataFrame:
    """The pairs whose records belong to different customers (`customer`: uid → customer_id) and that `split` leaves
    open.
    """
    is_apart = pairs["uid_a"].map(customer).to_numpy() != pairs["uid_b"].map(customer).to_numpy()
    decided = {tuple(sorted((a, b))) for uids in split for a in uids for b in uids if a != b}
    is_decided = (
        pd.MultiIndex.from_frame(pairs[["uid_a", "uid_b"]]).isin(decided) if decided else np.zeros(len(pairs), bool)
    )
    return pairs[is_apart & ~is_decided]


def _money(values: pd.DataFrame | None, customer: pd.Series) -> pd.Series:
    """Money of each customer; empty for all where no values were given."""
    if values is None:
        return pd.Series(np.nan, index=customer.unique())
    owner = pd.Series(uids(values).map(customer).to_numpy(), index=values.index)
    return values["net_total"].groupby(owner).sum().reindex(customer.unique(), fill_value=0.0)
