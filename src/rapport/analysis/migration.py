"""Who moved between two dates, from which class to which, and with what money (ET-04, HU-05)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..foundation.contracts import RUNGS
from ..foundation.finding import Finding, not_available
from .abcxyz import NOTHING
from .segments import SEGMENTS

ORDERS = {
    "abc": ("A", "B", "C", NOTHING),
    "xyz": ("X", "Y", "Z", "N"),
    "state": ("active", "too_early", "lapsing", "lost", "lost_one_timer", "no_purchase"),
    "rung": RUNGS[::-1],
    "segment": tuple(one.name for one in SEGMENTS),
}
WORSE = {"lost_one_timer": "lost"}  # classes of equal standing: moving between them is neither up nor down
ABSENT = "not there"
NEVER_BOUGHT = ("no_purchase", "prospect")  # set up since, without a purchase: no customer has joined
HIGHER = ("adherent", "advocate")  # rungs that cannot be told without the wallet
DIRECTIONS = ("up", "same", "moved", "down", "joined", "gone")


def moves(
    classes_before: pd.DataFrame,
    classes: pd.DataFrame,
    history_before: pd.DataFrame,
    history: pd.DataFrame,
    *,
    of: str,
) -> pd.DataFrame:
    """Every customer's class at two dates, the largest change first.

    Out: customer_id, before, after, direction, net_before, net_after, change (money). In: `classes` and `history` as
    they were at the earlier date and as they are (for abc, rather `abcxyz.abc_of_window` than classes over the whole
    history); of, one of `ORDERS`. Money is the net of the active window at each date, so that over all customers the
    change is that of the firm. direction: up, down, same, joined (not there at the earlier date), gone (not there any
    more, such as merged), moved (no up or down: segments, xyz from or to N, and the two highest rungs where it was
    unknown at either date whether the customer buys elsewhere too).
    Cases: a customer without a class at a date counts as not there; who brought nothing at both dates, or was set up
    since without buying, is left out. Reference: ET-04.
    """
    both = pd.merge(
        _labelled(classes_before, history_before, of).rename(columns={of: "before", "net_recent": "net_before"}),
        _labelled(classes, history, of).rename(columns={of: "after", "net_recent": "net_after"}),
        on="customer_id",
        how="outer",
        suffixes=("_before", "_after"),
    )
    both[["net_before", "net_after"]] = both[["net_before", "net_after"]].fillna(0.0)
    both[["before", "after"]] = both[["before", "after"]].fillna(ABSENT)
    is_there = (both["before"] != ABSENT) | ~both["after"].isin([ABSENT, *NEVER_BOUGHT])
    is_idle = both[["before", "after"]].eq(NOTHING).all(axis=1) & both[["net_before", "net_after"]].eq(0).all(axis=1)
    both = both[is_there & ~is_idle]
    both["direction"] = _direction(both["before"], both["after"], of)
    if of == "rung":
        both.loc[_untold(both), "direction"] = "moved"
    both["change"] = both["net_after"] - both["net_before"]
    both = both.assign(size=both["change"].abs()).sort_values(
        ["size", "customer_id"], ascending=[False, True], ignore_index=True
    )
    return both[["customer_id", "before", "after", "direction", "net_before", "net_after", "change"]]


def _labelled(classes: pd.DataFrame, history: pd.DataFrame, of: str) -> pd.DataFrame:
    columns = ["customer_id", of, *["rung_note"] * (of == "rung" and "rung_note" in classes)]
    return classes[columns].merge(history[["customer_id", "net_recent"]], on="customer_id", how="left")


def _untold(both: pd.DataFrame) -> pd.Series:
    """Regular at one date and higher at the other, while at the first nobody knew whether it buys elsewhere too."""
    untold = pd.Series(False, index=both.index)
    for side, other in (("before", "after"), ("after", "before")):
        if f"rung_note_{side}" in both:
            is_unknown = both[f"rung_note_{side}"].fillna("").str.endswith("exclusivity unknown")
            untold |= both[side].eq("regular") & is_unknown & both[other].isin(HIGHER)
    return untold


def _direction(before: pd.Series, after: pd.Series, of: str) -> np.ndarray:
    ranks = {name: place for place, name in enumerate(ORDERS[of])}
    old, new = (side.replace(WORSE).map(ranks) for side in (before, after))
    has_no_order = of == "segment" or ((before == "N") | (after == "N"))
    return np.select(
        [before == ABSENT, after == ABSENT, before == after, has_no_order, new < old, new > old],
        ["joined", "gone", "same", "moved", "up", "down"],
        default="same",
    )


def directions(moves: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Promotions and demotions with their money, for several kinds of class: one row per kind and direction.

    In: `moves` by what they are of, such as {"abc": …, "state": …}. Out: of, direction, customers, net_before,
    net_after, change (money). Directions that did not occur are left out. The changes of one kind add up to the change
    of the firm's net sales. Reference: ET-04, HU-05.
    """
    rows = []
    for of, each in moves.items():
        by = each.groupby("direction")
        table = by[["net_before", "net_after", "change"]].sum().assign(customers=by.size(), of=of)
        rows.append(table.reindex([name for name in DIRECTIONS if name in table.index]).reset_index())
    columns = ["of", "direction", "customers", "net_before", "net_after", "change"]
    return pd.concat(rows, ignore_index=True)[columns]


def flows(moves: pd.DataFrame, *, of: str) -> pd.DataFrame:
    """The moves added up, one row per pair of classes that occurs: the matrix as a list, and the bands of an alluvial.

    In: `moves`. Out, in the order of the classes: before, after, direction, customers, share (of those who were in
    `before`), net_before, net_after, change (money). Shares of one `before` sum to 1. Reference: ET-04.
    """
    by = moves.groupby(["before", "after", "direction"], as_index=False)
    table = by.agg(
        customers=("customer_id", "size"),
        net_before=("net_before", "sum"),
        net_after=("net_after", "sum"),
        change=("change", "sum"),
    )
    table["share"] = table["customers"] / table.groupby("before")["customers"].transform("sum")
    place = {name: number for number, name in enumerate((*ORDERS[of], ABSENT))}
    table = table.sort_values(["before", "after"], key=lambda side: side.map(place), ignore_index=True)
    return table[["before", "after", "direction", "customers", "share", "net_before", "net_after", "change"]]


def matrix(flows: pd.DataFrame, *, of: str) -> pd.DataFrame:
    """Customers by class before (rows) and after (columns), every class of either date, zero where nobody moved."""
    table = flows.pivot_table(index="before", columns="after", values="customers", aggfunc="sum", fill_value=0)
    order = [name for name in (*ORDERS[of], ABSENT) if name in table.index or name in table.columns]
    return table.reindex(index=order, columns=order, fill_value=0).astype("int64")


def migration(moves: pd.DataFrame, *, of: str, as_of_before: pd.Timestamp, as_of: pd.Timestamp) -> Finding:
    """Finding migration.<of>: promotions less demotions between two dates; unit count (may be negative).

    In: `moves`. parts: up, down, same, joined, gone (customers), up_change, down_change (money), from_on, to_on.
    Cases: nobody classed at both dates is not available. Reference: ET-04, HU-05.
    """
    head = {"id": f"migration.{of}", "unit": "count", "as_of": str(as_of.date())}
    head["basis"] = f"customers classed on {as_of_before.date()} and on {as_of.date()}; net sales of the active window"
    by = moves.groupby("direction")
    counts, change = by.size(), by["change"].sum()
    n = int(counts.reindex(["up", "down", "same", "moved"]).fillna(0).sum())
    if not n:
        return not_available(because=f"no customer has a class on {as_of_before.date()}", **head)
    parts = {name: int(counts.get(name, 0)) for name in ("up", "down", "same", "moved", "joined", "gone")}
    parts |= {f"{name}_change": float(change.get(name, 0.0)) for name in ("up", "down")}
    parts |= {"from_on": str(as_of_before.date()), "to_on": str(as_of.date())}
    return Finding(value=parts["up"] - parts["down"], n=n, parts=parts, **head)


def label_age(*, made_on: pd.Timestamp, as_of: pd.Timestamp, settings) -> Finding:
    """Finding classes.label_age: days since the classes were made; indicative beyond plan.label_life_days (stale).

    parts: limit, is_stale, made_on, until (the last day they hold). Customers change, so a class has a date of expiry.
    Reference: ET-04.
    """
    age, limit = (as_of - made_on).days, settings.plan.label_life_days
    until = str((made_on + pd.Timedelta(days=limit)).date())
    parts = {"limit": limit, "is_stale": age > limit, "made_on": str(made_on.date()), "until": until}
    found = Finding(
        id="classes.label_age", unit="days", value=age, n=1, basis="classes", as_of=str(as_of.date()), parts=parts
    )
    return found.as_indicative(f"classes of {made_on.date()} are older than {limit} days") if age > limit else found
