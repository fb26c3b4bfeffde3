"""One primary segment per customer: ordered rules, the first that holds wins, with the reason as a sentence (ET-14)."""

from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter

import numpy as np
import pandas as pd

from ..foundation.finding import Finding

BEST, STEADY = ("A", "B"), ("X", "Y")
SILENT = "silent {silent:.0f} days, {gaps:.1f} of {whose} gaps of {gap:.0f} days"
RHYTHM = "active: {silent:.0f} days since the last purchase, {gaps:.1f} of {whose} gaps of {gap:.0f} days"


@dataclass(frozen=True)
class Segment:
    """One rule of the ordered list: name, rule in words, who it takes, the sentence, and where a small one goes."""

    name: str
    rule: str
    takes: Callable[[pd.DataFrame], pd.Series]
    why: str
    merge_into: str | None = None


def _in(column: str, *options: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda people: people[column].isin(options)


def _all(*conditions) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda people: np.logical_and.reduce([condition(people) for condition in conditions])


_active, _best, _steady = _in("state", "active"), _in("abc", *BEST), _in("xyz", *STEADY)

SEGMENTS = (
    Segment(
        "not_yet_bought",
        "set up, no purchase yet",
        lambda people: people["net_total"].isna(),
        "set up, has not bought yet",
    ),
    Segment(
        "no_net_value",
        "no value above zero to rank by: returned as much as bought, or costs unknown",
        lambda people: people["abc"].isna(),
        "no value above zero to rank by; net sales {net:,.2f}",
    ),
    Segment(
        "key",
        "above the key share of the firm, a department or a manager",
        lambda people: people["key_scope"] != "",
        "key customer for {scope}",
    ),
    Segment(
        "slipping_best",
        "lapsing by its own rhythm, class A or B",
        _all(_in("state", "lapsing"), _best),
        "slipping: " + SILENT + "; class {abc} by value",
        "slipping",
    ),
    Segment("slipping", "lapsing by its own rhythm, class C", _in("state", "lapsing"), "slipping: " + SILENT, "lost"),
    Segment(
        "lost_best",
        "lost by its own rhythm, class A or B",
        _all(_in("state", "lost"), _best),
        "lost: " + SILENT + "; class {abc} by value",
        "lost",
    ),
    Segment(
        "lost_one_timers",
        "one purchase, silent longer than a second one is waited for",
        _in("state", "lost_one_timer"),
        "one purchase {silent:.0f} days ago, longer than the {gap:.0f} days a second one is waited for",
        "lost",
    ),
    Segment("lost", "lost by its own rhythm, class C", _in("state", "lost"), "lost: " + SILENT, "small"),
    Segment(
        "newcomers",
        "one purchase, still within the time a second one is waited for",
        _in("state", "too_early"),
        "one purchase {silent:.0f} days ago, within the {gap:.0f} days a second one is waited for",
        "small",
    ),
    Segment(
        "core",
        "active, class A, regular (X or Y)",
        _all(_active, _in("abc", "A"), _steady),
        RHYTHM + "; class A by value, regular ({xyz})",
        "irregular_big",
    ),
    Segment(
        "irregular_big",
        "active, class A, irregular or too short to judge",
        _all(_active, _in("abc", "A")),
        RHYTHM + "; class A by value, not regular ({xyz})",
        "middle",
    ),
    Segment(
        "middle", "active, class B", _all(_active, _in("abc", "B")), RHYTHM + "; class B by value ({xyz})", "small"
    ),
    Segment(
        "discount",
        "active, class C, buys at a discount",
        _all(_active, lambda people: people["is_discount"]),
        RHYTHM + "; class C by value, mostly at a discount",
        "small",
    ),
    Segment(
        "growing",
        "active, class C, more and more often",
        _all(_active, _in("trend", "more")),
        RHYTHM + "; class C by value, value up and gaps shorter",
        "small",
    ),
    Segment("small", "active, class C", _active, RHYTHM + "; class C by value"),
)
PROTECTED = ("not_yet_bought", "no_net_value", "key")


def segments(people: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Each customer's primary segment and why: customer_id, segment, why.

    In: people, one row per customer with state, abc, xyz, trend, key_scope, is_discount (bool), gap_used_days,
    gap_is_own, silent_days, net_total. The rules of `SEGMENTS` are tried in order and the first that holds wins, so
    segments never overlap. A segment with fewer than segment.min_customers customers is merged into the next wider one
    its rule names, and the sentence says so; `PROTECTED` segments are never merged. Reference: HU-09, ET-13, ET-14.
    """
    place = np.select([rule.takes(people) for rule in SEGMENTS], range(len(SEGMENTS)), default=len(SEGMENTS) - 1)
    home = _merged(place, settings.segment.min_customers)
    names = np.array([rule.name for rule in SEGMENTS], dtype=object)
    why = np.empty(len(people), dtype=object)
    for number in np.unique(place):
        rows = np.flatnonzero(place == number)
        why[rows] = _sentences(SEGMENTS[number], people.iloc[rows])
        if home[number] != number:
            small, wider = (names[one].replace("_", " ") for one in (number, home[number]))
            few = f"fewer than {settings.segment.min_customers} customers in '{small}'"
            why[rows] = why[rows] + f"; {few}, merged into '{wider}'"
    return pd.DataFrame({"customer_id": people["customer_id"].to_numpy(), "segment": names[home[place]], "why": why})


def _merged(place: np.ndarray, smallest: int) -> np.ndarray:
    """For each rule's number, the number of the segment its customers end in."""
    number = {rule.name: position for position, rule in enumerate(SEGMENTS)}
    counts = np.bincount(place, minlength=len(SEGMENTS))
    home = np.arange(len(SEGMENTS))
    for position, rule in enumerate(SEGMENTS):
        if rule.merge_into and 0 < counts[position] < smallest:
            target = number[rule.merge_into]
            counts[target] += counts[position]
            counts[position] = 0
            home[home == position] = target
    return home


def _sentences(rule: Segment, people: pd.DataFrame) -> np.ndarray:
    """The rule's sentence for each customer, put together column by column (a million customers take seconds)."""
    told = np.full(len(people), "", dtype=object)
    for plain, field, form, _ in Formatter().parse(rule.why):
        told = told + plain
        if field:
            each, place = np.unique(FIELDS[field](people), return_inverse=True)
            told = told + np.array([format(value, form) for value in each], dtype=object)[place]
    return told


def _gaps(people: pd.DataFrame) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return (people["silent_days"].to_numpy() / people["gap_used_days"].to_numpy()).round(1)


FIELDS = {  # what a sentence may name, each an array with one entry per customer
    "silent": lambda people: people["silent_days"].to_numpy().round(),
    "gaps": _gaps,
    "whose": lambda people: np.where(people["gap_is_own"], "its own", "the base's"),
    "gap": lambda people: people["gap_used_days"].to_numpy().round(),
    "net": lambda people: people["net_total"].to_numpy(),
    "scope": lambda people: people["key_scope"].str.replace(";", ", ").str.replace(":", " ").to_numpy(),
    "abc": lambda people: people["abc"].to_numpy(),
    "xyz": lambda people: people["xyz"].to_numpy(),
}


def rules() -> pd.DataFrame:
    """The segment rules as printed in the appendix, in order: number, segment, rule, merged_into (when too small)."""
    rows = [(number, one.name, one.rule, one.merge_into or "") for number, one in enumerate(SEGMENTS, start=1)]
    return pd.DataFrame(rows, columns=["number", "segment", "rule", "merged_into"])


def sizes(history: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """How large each segment is, in the order of the rules: segment, customers, customer_share, net (money), net_share.

    In: `history`, `classes`. Segments without customers are left out; customers who never bought count with net zero.
    """
    both = classes[["customer_id", "segment"]].merge(
        history[["customer_id", "net_total"]], on="customer_id", how="left"
    )
    by = both.groupby("segment")["net_total"]
    table = pd.DataFrame({"customers": by.size(), "net": by.sum()})
    table = table.reindex([one.name for one in SEGMENTS if one.name in table.index])
    table.insert(1, "customer_share", table["customers"] / max(len(both), 1))
    table["net_share"] = table["net"] / (table["net"].sum() or np.nan)
    return table.rename_axis("segment").reset_index()


def reasons(history: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """The largest customer of every segment and why it is there: segment, customer_id, net_total (money), why.

    In: `history`, `classes`. One row per segment with customers, in the order of the rules.
    """
    both = classes[["customer_id", "segment", "why"]].merge(
        history[["customer_id", "net_total"]], on="customer_id", how="left"
    )
    both = both.sort_values(["net_total", "customer_id"], ascending=[False, True])
    first = both.drop_duplicates("segment").set_index("segment")
    order = [one.name for one in SEGMENTS if one.name in first.index]
    return first.reindex(order).reset_index()[["segment", "customer_id", "net_total", "why"]]


def mode(classes: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding classes.mode: `individual` up to plan.small_n customers, else `segment`; keys are always individual.

    In: `classes`. parts: limit, keys. Reference: ET-13.
    """
    n = len(classes)
    parts = {"limit": settings.plan.small_n, "keys": int((classes["key_scope"] != "").sum())}
    value = "individual" if n <= settings.plan.small_n else "segment"
    return Finding(
        id="classes.mode", unit="text", value=value, n=n, basis="customers", as_of=str(as_of.date()), parts=parts
    )
