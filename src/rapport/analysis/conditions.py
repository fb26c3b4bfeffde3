"""Who a play is for: its conditions judged on all subjects of a grain at once, and the sentences that say why.

A subject is a customer, a segment, a prospect or the firm. What cannot be judged is never skipped: it is named.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding
from ..foundation.play import EMPTY_MEANS_NONE, GRAINS, LISTS, Bounds, Play, condition, joint, readable, vocabulary

FIRM = "firm"
NOBODY_MAY_HAVE = ("key_scope", "former_rung")  # computed for everybody, and rightly empty for all in some firms
KEYS = {"customer": "customer_id", "key_account": "customer_id", "segment": "segment", "prospect": "prospect_id"}


@dataclass(frozen=True)
class Verdict:
    """What became of a play's conditions: `missing` says what keeps them from being judged, else `holds` is one flag a
    subject.

    `counts` is how many subjects each condition holds for; `unknown` how many could not be judged for want of that
    value; `spared` how many are protected by `never_for`.
    """

    missing: str = ""
    holds: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    counts: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    spared: int = 0


class Subjects:
    """The subjects of one grain with every column known of them, aligned to one order of ids on first use and kept."""

    def __init__(self, applies_to: str, tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Finding]):
        self.applies_to, self.tables, self.facts = applies_to, tables, facts
        self.words = vocabulary(applies_to)
        self._kept: dict[tuple[str, str], Any] = {}

    def _once(self, kind: str, name: str, make: Callable[[], Any]) -> Any:
        if (kind, name) not in self._kept:
            self._kept[kind, name] = make()
        return self._kept[kind, name]

    @cached_property
    def ids(self) -> pd.Index:
        """One id a subject, in the order of the first table given; empty when no table names a subject."""
        if self.applies_to == FIRM:
            return pd.Index([FIRM])
        for name in GRAINS[self.applies_to]:
            if name in self.tables and name != "lost":
                return pd.Index(self.tables[name][KEYS[self.applies_to]], name="subject")
        return pd.Index([], dtype=object, name="subject")

    @cached_property
    def place(self) -> np.ndarray:
        """The place of each subject when ids are sorted as text: settles ties."""
        return pd.Series(self.ids.astype(str)).rank(method="first").to_numpy()

    @cached_property
    def hashes(self) -> np.ndarray:
        """A fixed 64-bit hash of each subject's id, from which arms are drawn."""
        return pd.util.hash_array(self.ids.to_numpy(object), categorize=False)

    @cached_property
    def managers(self) -> pd.Categorical:
        """The manager of each customer: in charge today, else at the last sale; empty where unknown."""
        found = pd.Series([None] * len(self.ids), dtype=object)
        for table in ("history", "customers"):
            if table in self.tables:
                known = self.aligned(table, "manager_id").astype(object)
                found = known.where(known.notna(), found)
        return pd.Categorical(found)

    def column(self, name: str) -> pd.Series:
        """Values of a column or fact, one a subject in the order of `ids`; missing where the subject has no row."""
        return self._once("column", name, lambda: self._word(name))

    def numbers(self, name: str) -> np.ndarray:
        """A column as floats, NaN where missing."""
        return self._once("numbers", name, lambda: self.column(name).to_numpy(dtype=float, na_value=np.nan))

    def codes(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A column as codes into its distinct values; −1 where missing."""
        return self._once("codes", name, lambda: pd.factorize(self.column(name)))

    def _word(self, name: str) -> pd.Series:
        table, _ = self.words[name]
        if table == "facts":
            return pd.Series([self.facts[name].value])
        return self.aligned(table, name)

    def aligned(self, table: str, name: str) -> pd.Series:
        """A column of a given table, one value a subject in the order of `ids`; missing where there is no row."""
        places = self._once("places", table, lambda: self._places(table))
        values = self.tables[table][name].reset_index(drop=True)
        return values if places is None else values.reindex(places).reset_index(drop=True)

    def _places(self, table: str) -> np.ndarray | None:
        """Where each subject stands in a table (−1: nowhere); None when the table is in the order of `ids`."""
        keys = self.tables[table][KEYS[self.applies_to]]
        if len(keys) == len(self.ids) and np.array_equal(keys.to_numpy(object), self.ids.to_numpy(object)):
            return None
        return pd.Index(keys).get_indexer(self.ids)

    def unknown(self, name: str) -> np.ndarray:
        """Where a value is missing although the subject is listed: whoever has no row in `lost` is not lost."""
        if name in EMPTY_MEANS_NONE:
            return np.zeros(len(self.ids), bool)
        return self._once("unknown", name, lambda: self._unknown(name))

    def _unknown(self, name: str) -> np.ndarray:
        table, missing = self.words[name][0], self.column(name).isna().to_numpy()
        places = self._once("places", table, lambda: self._places(table)) if table == "lost" else None
        return missing if places is None else missing & (places >= 0)

    def lacks(self, name: str) -> str:
        """Why a word of the vocabulary cannot be judged; empty when it can."""
        return self._once("lacks", name, lambda: self._lacks(name))

    def _lacks(self, name: str) -> str:
        table, column = self.words[name]
        if table == "facts":
            found = self.facts.get(name)
            if found is None:
                return f"{name} was not computed ({column.meaning})"
            return f"{name} is not available: {found.because}" if found.value is None else ""
        if table not in self.tables:
            return f"table {table} is missing"
        frame = self.tables[table]
        if name not in frame or (len(frame) and name not in NOBODY_MAY_HAVE and frame[name].isna().all()):
            return f"{table}.{name} is empty for everybody ({column.meaning})"
        return ""


def subjects(tables: Mapping[str, pd.DataFrame], facts: Iterable[Finding]) -> dict[str, Subjects]:
    """The subjects of each grain a play may apply to, from the tables that are given."""
    by_id = {found.id: found for found in facts}
    by_grain = {grain: Subjects(grain, tables, by_id) for grain in GRAINS if grain != "key_account"}
    return by_grain | {"key_account": by_grain["customer"]}


def verdict(play: Play, known: Subjects) -> Verdict:
    """The conditions of a play judged for every subject of its grain at once.

    Cases: a table or column that is absent, or empty for everybody, or an input named in `needs` that was not given,
    leaves the play unjudged and is named; a subject whose value is empty does not qualify and is counted as unknown.
    A text column holding several values separated by ; meets `in` when any of them does; `department:B` also counts as
    `department`, a type that is only claimed as that type. A column of `never_for` that is empty spares nobody.
    Reference: house.md §4, DEF10, C17.
    """
    missing = _missing(play, known)
    if missing:
        return Verdict(missing=missing)
    holds, counts = np.ones(len(known.ids), bool), {}
    if play.applies_to == "key_account":
        codes, seen = known.codes("key_scope")
        holds = np.array([scope != "" for scope in seen] + [False])[codes]
    within, possible = holds.copy(), holds.copy()
    for name, bounds in play.when.items():
        meets = _meets(known, bounds, name)
        counts[name] = int((meets & within).sum())
        holds &= meets
        possible &= meets | known.unknown(name)
    protected = np.zeros(len(holds), bool)
    for name, values in play.never_for.items():
        protected |= _meets(known, Bounds.model_validate({"in": values}), name)
    spared = int((holds & protected).sum())
    unsure = {name: int((possible & ~holds & known.unknown(name)).sum()) for name in play.when}
    return Verdict(holds=holds & ~protected, counts=counts, unknown=unsure, spared=spared)


def _missing(play: Play, known: Subjects) -> str:
    for table in play.needs:
        if table not in known.tables or known.tables[table].empty:
            return f"table {table} was not given; without it {TABLES[table].costs or 'this play has no figures'}"
    if not len(known.ids):
        return f"no table names a {play.applies_to.replace('_', ' ')} ({', '.join(GRAINS[play.applies_to])})"
    tables = {known.words[name][0] for name in play.never_for} - set(known.tables)
    if tables:
        return f"table {min(tables)} is missing: nobody knows who is to be spared"
    needed = list(play.when)
    if play.applies_to == "key_account":
        needed.append("key_scope")
    if play.consent == "marketing":
        needed.append("consent_marketing")
    return next(filter(None, map(known.lacks, needed)), "")


def _meets(known: Subjects, bounds: Bounds, name: str) -> np.ndarray:
    if bounds.among is None:
        numbers = known.numbers(name)
        low = -np.inf if bounds.min is None else bounds.min
        high = np.inf if bounds.max is None else bounds.max
        return (numbers >= low) & (numbers <= high)
    codes, seen = known.codes(name)
    wanted = set(bounds.among)
    return np.array([not wanted.isdisjoint(_parts(value, name)) for value in seen] + [False], dtype=bool)[codes]


def _parts(value, name: str) -> set:
    if name not in LISTS:
        return {bool(value) if isinstance(value, np.bool_) else value}
    parts = {part.strip().removesuffix(" (claimed)") for part in str(value).split(";")}
    return parts | {part.split(":")[0] for part in parts}


def reasons(play: Play, known: Subjects, rows: np.ndarray) -> np.ndarray:
    """Why each of the subjects at `rows` was assigned the play: its conditions with the subject's own figures."""
    out = np.full(len(rows), "assigned because ", dtype=object)
    for place, (name, bounds) in enumerate(play.when.items()):
        link = " and " if place else ""
        values = known.column(name).iloc[rows]
        if bounds.among is not None:
            out = out + (link + readable(name) + joint(bounds)) + texts(values)
            continue
        column = known.words[name][1]
        is_between = bounds.min is not None and bounds.max is not None
        before = f"{bounds.min:,g} ≤ {readable(name)}" if is_between else readable(name)
        after = f"≤ {bounds.max:,g}" if bounds.max is not None else f"≥ {bounds.min:,g}"
        out = out + f"{link}{before} " + figures(values, column.unit) + f" {after}"
    return out + _sizes(play, known, rows)


def _sizes(play: Play, known: Subjects, rows: np.ndarray) -> np.ndarray | str:
    if play.applies_to == FIRM:
        found = known.facts[next(iter(play.when))]
        named = f": {found.parts['plays']}" if found.parts.get("plays") else ""
        return f" (n = {found.n:,}){named}"
    if known.applies_to != "segment":
        return ""
    return " (n = " + figures(known.column("customers").iloc[rows], "count") + ")"


def nobody(play: Play, known: Subjects, judged: Verdict) -> str:
    """Why a play has no subjects: each condition with how many meet it, and the nearest figure where none does."""
    told = [_told(play, known, judged, name, bounds) for name, bounds in play.when.items()]
    together = ", together for none" if len(told) > 1 and all(judged.counts.values()) else ""
    spared = f"; {judged.spared:,} met them and are protected" if judged.spared else ""
    start = "not met" if play.applies_to == FIRM else "nobody qualifies"
    return f"{start}: {'; '.join(filter(None, told))}{together}{spared}"


def _told(play: Play, known: Subjects, judged: Verdict, name: str, bounds: Bounds) -> str:
    words, met = condition(name, bounds), judged.counts[name]
    nearest = _nearest(known, name, bounds)
    if play.applies_to == FIRM:
        return "" if met else f"{readable(name)} is {nearest} (n = {known.facts[name].n:,}), needed: {words}"
    if met:
        return f"{words} holds for {met:,} of {len(known.ids):,}"
    beside = f" (nearest {nearest})" if bounds.among is None else ""
    return f"{words} holds for none of {len(known.ids):,}{beside}"


def _nearest(known: Subjects, name: str, bounds: Bounds) -> str:
    values = known.column(name).dropna()
    if not len(values):
        return "unknown"
    if bounds.among is not None:
        return str(values.iloc[0])
    numbers = values.to_numpy(dtype=float)
    low = -np.inf if bounds.min is None else bounds.min
    high = np.inf if bounds.max is None else bounds.max
    nearest = numbers[np.maximum(low - numbers, numbers - high).argmin()]
    return figures(pd.Series([nearest]), known.words[name][1].unit)[0]


def figures(values: pd.Series, unit: str) -> np.ndarray:
    """Numbers as short text, formatted once per distinct rounded value: shares with two decimals, days and counts
    whole.
    """
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    whole = unit in ("days", "count", "orders") or unit == "money"
    rounded = np.round(numbers, 0 if whole else 2)
    codes, seen = pd.factorize(rounded, use_na_sentinel=False)
    shown = np.array(["unknown" if np.isnan(x) else f"{x:,.0f}" if whole else f"{x:,.2f}" for x in seen], dtype=object)
    return shown[codes]


def texts(values: pd.Series) -> np.ndarray:
    """Values as text, once per distinct value; yes and no for booleans, "none" where empty."""
    codes, seen = pd.factorize(values)
    shown = [
        {True: "yes", False: "no"}[bool(x)] if isinstance(x, (bool, np.bool_)) else str(x).replace("_", " ")
        for x in seen
    ]
    return np.array([*shown, "none"], dtype=object)[codes]
