"""What one part of an engagement calls by name in another, and what happens where nobody is called so.

A misspelt source under `records:` or a record nobody has under `merge:` would change nothing and say nothing: both are
refused. A payer (`end_user_of`) who is not there is a fault of the client's data: it is taken out, and reported.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd

from .errors import SettingsError, did_you_mean
from .intake.fates import quality
from .intake.received import Note
from .intake.source import Source

NUMBERS = {"records": ("source", "record_id"), "transactions": ("record_source", "record_id")}
FEW, MANY = 5, 20_000  # records named in an error, records compared to find the one that was meant


def refuse_unknown_sources(sources: Mapping[str, Source], where: str) -> None:
    """Raises SettingsError for a `records:` that names no source with customer numbers of its own, and names the nearest.

    Such are sources of the table records, sales that number their customers themselves, and always the source itself.
    """
    own = {
        name
        for name, source in sources.items()
        if source.table == "records" or (source.table == "transactions" and source.records in (None, name))
    }
    for name, source in sources.items():
        if source.records not in (None, name, *own):
            known = sorted(own) or ["records"]
            raise SettingsError(
                f"source '{name}' is to use the customer numbers of '{source.records}', which is no source of records.",
                f"{where}, sources.{name}.records",
                did_you_mean(source.records, known),
            )


def refuse_unknown_record_sources(
    table: pd.DataFrame, name: str, source: Source, known: Sequence[str], where: str
) -> None:
    """Raises SettingsError when `record_source` of source `name`, mapped or asked for by a form, holds no source's name."""
    if source.questionnaire is None and "record_source" not in {*source.columns, *source.constants}:
        return
    unknown = sorted(set(table.get("record_source", pd.Series(dtype=object)).dropna().unique()) - set(known))
    if unknown:
        raise SettingsError(
            f"record_source of source '{name}' holds '{unknown[0]}', which is the name of no source.",
            f"{where}, sources.{name}",
            did_you_mean(unknown[0], list(known)) + " Other words can be put into these under `values:`.",
        )


def known_records(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Every customer number there is, as "source:record_id": those of the table records, and of whoever buys."""
    parts = [
        table[list(key)].drop_duplicates() for name, key in NUMBERS.items() if (table := tables.get(name)) is not None
    ]
    return {f"{source}:{number}" for part in parts for source, number in part.dropna().itertuples(index=False)}


def refuse_unknown_records(lists: Mapping[str, Sequence[Sequence[str]]], known: set[str], where: str) -> None:
    """Raises SettingsError for the first record under `merge:` or `split:` (the keys of `lists`) that nobody has."""
    for key, groups in lists.items():
        for record in (record for group in groups for record in group):
            if record not in known:
                raise SettingsError(
                    f"'{record}' under `{key}:` is the record of nobody.",
                    f"{where}, {key}",
                    did_you_mean(record, records_like(record, known)),
                )


def records_like(record: str, known: set[str]) -> list[str]:
    """The record that was probably meant, or a few to see how they are written: of the same source where there is one."""
    same = sorted(one for one in known if one.split(":")[0] == record.split(":")[0]) or sorted(known)
    return get_close_matches(record, same[:MANY], n=1) or same[:FEW]


def true_payers(records: pd.DataFrame, known: set[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table `records` with `end_user_of` only where it leads to a payer, and `quality` rows on what was taken out.

    Taken out is a payer nobody knows (`known` as `known_records` gives it), the record itself, and payers that name each
    other in a circle: such records are customers of their own.
    """
    own = records["source"].astype(str) + ":" + records["record_id"].astype(str)
    payer = (records["source"].astype(str) + ":" + records["end_user_of"]).where(records["end_user_of"].notna(), None)
    given = payer.notna()
    itself = given & (payer == own)
    unknown = given & ~payer.isin(known)
    circle = given & ~itself & own.isin(_in_circles(dict(zip(own[given & ~itself], payer[given & ~itself]))))
    faults = {
        "end users of a payer nobody knows": (unknown, "end_user_of names no record of this source and no buyer"),
        "end users of themselves": (itself, "end_user_of names the record it stands in"),
        "end users in a circle": (circle, "by end_user_of each of them pays for another of them"),
    }
    rows = [
        quality([Note(check, count, "taken as customers of their own", why, "caution")], source)
        for check, (found, why) in faults.items()
        for source, count in records[found]["source"].value_counts(sort=False).items()
    ]
    kept = np.where(unknown | itself | circle, None, records["end_user_of"].astype(object))
    return records.assign(end_user_of=kept), pd.concat(rows, ignore_index=True) if rows else quality([], "")


def _in_circles(payer: Mapping[str, str]) -> set[str]:
    """The records that come back to themselves when each is followed to its payer."""
    circles: set[str] = set()
    done: set[str] = set()
    for start in payer:
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in done:
            done.add(at)
            path.append(at)
            at = payer.get(at)
        if at in path:
            circles.update(path[path.index(at) :])
    return circles
