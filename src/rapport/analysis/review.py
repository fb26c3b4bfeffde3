"""The list on which a person decides which records are one customer, and what the decisions change.

The list leaves as a sheet and comes back filled in; decisions win over every rule and hold in all later runs.
"""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.decisions import Lists
from ..foundation.errors import SettingsError, did_you_mean
from .identity import uids

KNOWN = ("tax_id", "born_on", "phone", "email", "address", "postcode", "city", "country")
DECISIONS = ("same", "different", "unsure")
_LOG = ("record_a", "record_b", "decision", "before", "change", "note", "decided_on")


def review_list(
    records: pd.DataFrame,
    pairs: pd.DataFrame,
    links: pd.DataFrame,
    ambiguous: pd.DataFrame,
    *,
    values: pd.DataFrame,
    merge: Lists = (),
    split: Lists = (),
) -> pd.DataFrame:
    """The `review` table: what to decide, the most money at stake first (money times the chance that the kit is wrong),
    and below it what was decided, to take back if need be.

    In: `values`, source, record_id and net_total (money) of the records that bought; the `merge` and `split` lists in
    force. Open is every pair left open, joined every pair that estimated weights alone joined, decided what the lists
    say (a list of three merged records as its chain of two pairs). Of records nobody knows any more nothing is listed.
    """
    left_open = ambiguous.assign(
        record_a=ambiguous["source_a"] + ":" + ambiguous["record_a"],
        record_b=ambiguous["source_b"] + ":" + ambiguous["record_b"],
        proposal="open",
    )
    decided = _decided(records, links, values, merge, split)
    asked = pd.concat([left_open, _joined(records, pairs, links, values)], ignore_index=True)
    asked = asked[~_pair(asked).isin(set(_pair(decided)))].assign(decision="", note="")
    asked = asked.assign(stake=_stake(asked)).sort_values(
        ["stake", "net_total", "record_a", "record_b"], ascending=[False, False, True, True]
    )
    together = pd.concat([part for part in (asked, decided) if len(part)] or [asked], ignore_index=True)
    known = known_of(records)
    together = together.assign(**{f"known_{side}": together[f"record_{side}"].map(known) for side in "ab"})
    contract = TABLES["review"]
    return contract.check(together[list(contract.columns)], "review_list")


def known_of(records: pd.DataFrame) -> pd.Series:
    """What each record says beside its name, in one text, by source:record_id: what a person needs to decide by."""
    told = pd.DataFrame({field: records[field].astype(object) for field in KNOWN if field != "born_on"})
    told["born_on"] = records["born_on"].dt.strftime("%Y-%m-%d")
    texts = [
        "; ".join(str(value).strip() for value in row if not pd.isna(value) and str(value).strip())
        for row in told[list(KNOWN)].itertuples(index=False)
    ]
    return pd.Series(texts, index=uids(records), dtype=object)


def _stake(asked: pd.DataFrame) -> pd.Series:
    """Money times the chance that what the kit made of the pair is wrong; of pairs without money a little for the order."""
    wrong = asked["match_prob"].where(asked["proposal"] == "open", 1 - asked["match_prob"])
    return (asked["net_total"].fillna(0.0).clip(lower=0.0) + 1e-9) * wrong


def change_log(filled: pd.DataFrame, *, merge: Lists = (), split: Lists = (), decided_on: pd.Timestamp) -> pd.DataFrame:
    """What a filled-in list changes: one row per pair decided "same" or "different", in the order of the list.

    In: a list as `review_list` gives it, decision and note filled in (case and blanks do not matter; empty and "unsure"
    decide nothing), its index the row numbers an error names; the merge and split lists in force. Out: record_a, record_b, decision, before (merged, split or
    undecided by the client), change ("merge added", "split added", "split taken back, merge added", "merge taken back,
    split added", "none"), note, decided_on. Raises SettingsError for another word, or a pair decided both ways.
    """
    answers = _answers(filled)
    before = [_standing(pair, merge, split) for pair in zip(answers["record_a"], answers["record_b"])]
    changes = [_change(was, decision) for was, decision in zip(before, answers["decision"])]
    log = answers.assign(before=before, change=changes, decided_on=pd.Timestamp(decided_on))
    return log[list(_LOG)].reset_index(drop=True)


def _joined(records: pd.DataFrame, pairs: pd.DataFrame, links: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    customer = pd.Series(links["customer_id"].to_numpy(), index=uids(links))
    owner = pairs["uid_a"].map(customer)
    weighed = pairs[pairs["rule"].eq("model") & owner.eq(pairs["uid_b"].map(customer))]
    by_user = set(uids(links)[links["rule"] == "user"])
    weighed = weighed[~(weighed["uid_a"].isin(by_user) & weighed["uid_b"].isin(by_user))]
    names = pd.Series(records["name"].to_numpy(), index=uids(records))
    money = values["net_total"].groupby(uids(values).map(customer).to_numpy()).sum()
    return pd.DataFrame(
        {
            "record_a": weighed["uid_a"],
            "name_a": weighed["uid_a"].map(names),
            "record_b": weighed["uid_b"],
            "name_b": weighed["uid_b"].map(names),
            "proposal": "joined",
            **{column: weighed[column] for column in ("match_prob", "agrees", "differs", "would_settle")},
            "net_total": owner[weighed.index].map(money).fillna(0.0),
        }
    )


def _decided(
    records: pd.DataFrame, links: pd.DataFrame, values: pd.DataFrame, merge: Lists, split: Lists
) -> pd.DataFrame:
    """What the lists in force say, pair by pair, its decision filled in."""
    names = pd.Series(records["name"].to_numpy(), index=uids(records))
    customer = pd.Series(links["customer_id"].to_numpy(), index=uids(links))
    money = values["net_total"].groupby(uids(values).map(customer).to_numpy()).sum()
    told = [(*pair, "same") for one in merge for pair in pairwise(one)]
    told += [(*pair, "different") for one in split for pair in combinations(one, 2)]
    made = pd.DataFrame(told, columns=["record_a", "record_b", "decision"], dtype=object)
    made = made[made["record_a"].isin(names.index) & made["record_b"].isin(names.index)]
    ends = [made[side].map(customer) for side in ("record_a", "record_b")]
    worth = [end.map(money).astype("float64").fillna(0.0) for end in ends]
    return made.assign(
        name_a=made["record_a"].map(names),
        name_b=made["record_b"].map(names),
        proposal="decided",
        match_prob=(made["decision"] == "same").astype("float64"),
        **dict.fromkeys(("agrees", "differs", "would_settle", "note"), ""),
        net_total=worth[0] + worth[1].where(ends[0] != ends[1], 0.0),
    )


def _pair(pairs: pd.DataFrame) -> pd.Series:
    """Both records in one text, whichever stands first."""
    both = np.sort(pairs[["record_a", "record_b"]].astype(str).to_numpy(), axis=1)
    return pd.Series([" + ".join(pair) for pair in both], index=pairs.index, dtype=object)


def _answers(filled: pd.DataFrame) -> pd.DataFrame:
    answers = filled[["record_a", "record_b", "decision", "note"]].copy()
    answers["decision"] = answers["decision"].fillna("").astype(str).str.strip().str.casefold()
    answers["note"] = answers["note"].fillna("").astype(str).str.strip()
    for row, word in answers["decision"].items():
        if word not in ("", *DECISIONS):
            where = f"review list, row {row}, column decision"
            raise SettingsError(f"'{word}' is no decision.", where, did_you_mean(word, list(DECISIONS)))
    answers = answers[answers["decision"].isin(DECISIONS[:2])]
    pair = _pair(answers)
    said = answers["decision"].groupby(pair).transform("nunique")
    if (said > 1).any():
        first = answers[said > 1].iloc[0]
        raise SettingsError(
            f"{first['record_a']} and {first['record_b']} are decided both ways.",
            "review list",
            "keep one of the two answers.",
        )
    return answers[~pair.duplicated()]


def _standing(pair: tuple[str, str], merge: Lists, split: Lists) -> str:
    held = {"merged": merge, "split": split}
    return next((name for name, lists in held.items() if any(set(pair) <= set(one) for one in lists)), "undecided")


def _change(before: str, decision: str) -> str:
    if before == {"same": "merged", "different": "split"}[decision]:
        return "none"
    added = {"same": "merge added", "different": "split added"}[decision]
    taken = {"merged": "merge taken back, ", "split": "split taken back, ", "undecided": ""}[before]
    return taken + added
