"""Who is who, as a person decided it: the change log `decisions.csv` of an engagement, and the lists it leads to.

The log is written by the kit when a filled-in review sheet comes back, one row per decision, and never shortened by it.
What `merge:` and `split:` of engagement.yml say holds until a later decision takes it back.
"""

from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path

import pandas as pd

from .errors import SettingsError
from .runs import write_atomically

FILE = "decisions.csv"
COLUMNS = ("decided_on", "record_a", "record_b", "decision", "before", "change", "note", "sheet")
Lists = Sequence[Sequence[str]]


def read_log(folder: Path) -> pd.DataFrame:
    """Every decision taken so far, one row each, the oldest first; all text. Raises SettingsError for another file."""
    path = folder / FILE
    if not path.exists():
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    log = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = [column for column in COLUMNS if column not in log.columns]
    if absent:
        raise SettingsError(
            f"column '{absent[0]}' is missing from the log of decisions.", str(path), f"it has {', '.join(COLUMNS)}."
        )
    return log[list(COLUMNS)]


def add_to_log(folder: Path, log: pd.DataFrame, *, sheet: str) -> None:
    """The rows of `log` (columns of the log but `sheet`) put below those already there; `sheet` says where from."""
    added = log.assign(sheet=sheet, decided_on=log["decided_on"].dt.strftime("%Y-%m-%d"))
    together = pd.concat([read_log(folder), added[list(COLUMNS)]], ignore_index=True)
    write_atomically(folder / FILE, lambda draft: together.to_csv(draft, index=False))


def overrides(log: pd.DataFrame, *, merge: Lists = (), split: Lists = ()) -> tuple[Lists, Lists]:
    """The merge and split lists after the decisions of a log; later decisions win over earlier ones.

    In: record_a, record_b and decision ("same" or "different"), one row per decision in the order they were taken.
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


def contradiction(merge: Lists, split: Lists) -> tuple[str, str] | None:
    """The first two records that are to be apart although a chain of merges makes them one; None when there are none."""
    group: dict[str, str] = {}

    def root(record: str) -> str:
        while group.get(record, record) != record:
            record = group[record]
        return record

    for records in merge:
        for one, other in pairwise(records):
            group[root(one)] = root(other)
    pairs = (pair for records in split for pair in combinations(records, 2))
    return next(((one, other) for one, other in pairs if root(one) == root(other)), None)


def _without_pair(records: tuple[str, ...], pair: tuple[str, str]) -> list[tuple[str, ...]]:
    """The list, or all its other pairs where it holds this one."""
    if not set(pair) <= set(records):
        return [records]
    return [other for other in combinations(records, 2) if set(other) != set(pair)]


def _without_record(records: tuple[str, ...], pair: tuple[str, str]) -> list[tuple[str, ...]]:
    """The list, without the pair's second record where it holds both; nothing where only one record is left."""
    kept = tuple(one for one in records if one != pair[1]) if set(pair) <= set(records) else records
    return [kept] if len(kept) > 1 else []
