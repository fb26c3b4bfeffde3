"""The list on which a person decides which records are one customer, and what the decisions change.

The list leaves as a sheet and comes back filled in; decisions win over every rule and hold in all later runs.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from ..foundation.errors import SettingsError, did_you_mean
from .identity import uids

DECISIONS = ("same", "different", "unsure")
COLUMNS = (
    "record_a", "name_a", "record_b", "name_b", "proposal", "match_prob", "agrees", "differs", "would_settle",
    "net_total", "decision", "note",
)  # fmt: skip
_LOG = ("record_a", "record_b", "decision", "before", "change", "note", "decided_on")
Lists = Sequence[Sequence[str]]


def review_list(
    records: pd.DataFrame, pairs: pd.DataFrame, links: pd.DataFrame, ambiguous: pd.DataFrame, *, values: pd.DataFrame
) -> pd.DataFrame:
    """What to decide, the most money first: every pair left open, and every pair joined by estimated weights alone.

    In: `values`, source, record_id and net_total (money) of the records that bought. Out: record_a and record_b
    ("source:record_id"), their names, proposal ("open" or "joined"), match_prob, agrees, differs, would_settle,
    net_total (of both customers; of the one they were joined to), and two empty columns to fill in: decision (same,
    different or unsure) and note.
    """
    left_open = ambiguous.assign(
        record_a=ambiguous["source_a"] + ":" + ambiguous["record_a"],
        record_b=ambiguous["source_b"] + ":" + ambiguous["record_b"],
        proposal="open",
    )
    both = pd.concat([left_open, _joined(records, pairs, links, values)], ignore_index=True)
    both = both.assign(decision="", note="")
    order = both.sort_values(["net_total", "match_prob", "record_a", "record_b"], ascending=[False, True, True, True])
    return order[list(COLUMNS)].reset_index(drop=True)


def change_log(filled: pd.DataFrame, *, merge: Lists = (), split: Lists = (), decided_on: pd.Timestamp) -> pd.DataFrame:
    """What a filled-in list changes: one row per pair decided "same" or "different", in the order of the list.

    In: a list as `review_list` gives it, decision and note filled in (case and blanks do not matter; empty and "unsure"
    decide nothing); the merge and split lists in force. Out: record_a, record_b, decision, before (merged, split or
    undecided by the client), change ("merge added", "split added", "split taken back, merge added", "merge taken back,
    split added", "none"), note, decided_on. Raises SettingsError for another word, or a pair decided both ways.
    """
    answers = _answers(filled)
    before = [_standing(pair, merge, split) for pair in zip(answers["record_a"], answers["record_b"])]
    changes = [_change(was, decision) for was, decision in zip(before, answers["decision"])]
    log = answers.assign(before=before, change=changes, decided_on=pd.Timestamp(decided_on))
    return log[list(_LOG)].reset_index(drop=True)


def overrides(log: pd.DataFrame, *, merge: Lists = (), split: Lists = ()) -> tuple[Lists, Lists]:
    """The merge and split lists after the decisions of a `change_log`; later decisions win over earlier ones.

    "same" adds the pair to merge and takes it out of split (a list of three keeps its other pairs); "different" adds it
    to split and takes its second record out of merge lists that hold both. A log applied twice changes nothing more.
    """
    merges, splits = [tuple(one) for one in merge], [tuple(one) for one in split]
    for row in log.itertuples():
        pair = (row.record_a, row.record_b)
        if row.decision == "same":
            splits = [kept for one in splits for kept in _without_pair(one, pair)]
            wanted = merges
        else:
            merges = [kept for one in merges for kept in _without_record(one, pair)]
            wanted = splits
        if not any(set(pair) <= set(one) for one in wanted):
            wanted.append(pair)
    return tuple(merges), tuple(splits)


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


def _answers(filled: pd.DataFrame) -> pd.DataFrame:
    answers = filled[["record_a", "record_b", "decision", "note"]].copy()
    answers["decision"] = answers["decision"].fillna("").astype(str).str.strip().str.casefold()
    answers["note"] = answers["note"].fillna("").astype(str).str.strip()
    for number, word in enumerate(answers["decision"], start=1):
        if word not in ("", *DECISIONS):
            where = f"review list, row {number}, column decision"
            raise SettingsError(f"'{word}' is no decision.", where, did_you_mean(word, list(DECISIONS)))
    answers = answers[answers["decision"].isin(DECISIONS[:2])]
    pair = pd.DataFrame(np.sort(answers[["record_a", "record_b"]].astype(str).to_numpy(), axis=1), index=answers.index)
    said = answers["decision"].groupby([pair[0], pair[1]]).transform("nunique")
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


def _without_pair(records: tuple[str, ...], pair: tuple[str, str]) -> list[tuple[str, ...]]:
    """The list, or all its other pairs where it holds this one."""
    if not set(pair) <= set(records):
        return [records]
    return [other for other in combinations(records, 2) if set(other) != set(pair)]


def _without_record(records: tuple[str, ...], pair: tuple[str, str]) -> list[tuple[str, ...]]:
    """The list, without the pair's second record where it holds both; nothing where only one record is left."""
    kept = tuple(one for one in records if one != pair[1]) if set(pair) <= set(records) else records
    return [kept] if len(kept) > 1 else []
