"""Who moved between two dates, from which class to which, and with what money (ET-04, HU-05)."""

import numpy as np
import pandas as pd

from ..foundation.contracts import RUNGS
from ..foundation.finding import Finding, not_available
from .segments import SEGMENTS

ORDERS = {
    "abc": ("A", "B", "C"),
    "xyz": ("X", "Y", "Z", "N"),
    "state": ("active", "too_early", "lapsing", "lost", "lost_one_timer", "no_purchase"),
    "rung": RUNGS[::-1],
    "segment": tuple(one.name for one in SEGMENTS),
}
WORSE = {"lost_one_timer": "lost"}  # classes of equal standing: moving between them is neither up nor down
ABSENT = "not there"


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
    they were at the earlier date and as they are; of, one of `ORDERS`. Money is the net of the active window at each
    date. direction: up, down, same, joined (not there at the earlier date), gone (not there any more, such as
    merged), moved (segments, and xyz from or to N, have no up and down). A customer without a class at a date counts
    as not there. Reference: ET-04.
    """
    both = pd.merge(
        _labelled(classes_before, history_before, of).rename(columns={of: "before", "net_recent": "net_before"}),
        _labelled(classes, history, of).rename(columns={of: "after", "net_recent": "net_after"}),
        on="customer_id",
        how="outer",
    )
    both[["net_before", "net_after"]] = both[["net_before", "net_after"]].fillna(0.0)
    both[["before", "after"]] = both[["before", "after"]].fillna(ABSENT)
    both = both[(both["before"] != ABSENT) | (both["after"] != ABSENT)]
    both["direction"] = _direction(both["before"], both["after"], of)
    both["change"] = both["net_after"] - both["net_before"]
    both = both.assign(size=both["change"].abs()).sort_values(
        ["size", "customer_id"], ascending=[False, True], ignore_index=True
    )
    return both[["customer_id", "before", "after", "direction", "net_before", "net_after", "change"]]


def _labelled(classes: pd.DataFrame, history: pd.DataFrame, of: str) -> pd.DataFrame:
    return classes[["customer_id", of]].merge(history[["customer_id", "net_recent"]], on="customer_id", how="left")


def _direction(before: pd.Series, after: pd.Series, of: str) -> np.ndarray:
    ranks = {name: place for place, name in enumerate(ORDERS[of])}
    old, new = (side.replace(WORSE).map(ranks) for side in (before, after))
    has_no_order = of == "segment" or ((before == "N") | (after == "N"))
    return np.select(
        [before == ABSENT, after == ABSENT, before == after, has_no_order, new < old, new > old],
        ["joined", "gone", "same", "moved", "up", "down"],
        default="same",
    )


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

    parts: limit, is_stale. Customers change, so a class has a date of expiry. Reference: ET-04.
    """
    age, limit = (as_of - made_on).days, settings.plan.label_life_days
    parts = {"limit": limit, "is_stale": age > limit, "made_on": str(made_on.date())}
    found = Finding(
        id="classes.label_age", unit="days", value=age, n=1, basis="classes", as_of=str(as_of.date()), parts=parts
    )
    return found.as_indicative(f"classes of {made_on.date()} are older than {limit} days") if age > limit else found
