"""Returns, cancellations and complaints: how often, whose, and whether those who had one leave more often (HU-24)."""

import pandas as pd

from ..foundation.finding import Finding, not_available
from .intervals import difference, proportion, wilson

NONE = "no table 'returns_complaints'"
AFTER = {"return": "complaints.lost_after_return", "complaint": "complaints.lost_after"}


def return_rate(returns_complaints: pd.DataFrame | None, orders: int, *, settings, as_of: pd.Timestamp) -> Finding:
    """Share of the orders that were returned.

    In: `returns_complaints`, orders (count of all orders up to as_of). Out: Finding complaints.return_share (share);
    parts: complaints, cancels (counts). An order returned in parts counts once. Reference: HU-24.
    """
    basis = f"orders up to {as_of.date()}"
    if returns_complaints is None:
        return proportion("complaints.return_share", 0, 0, settings=settings, basis=basis, as_of=as_of, because=NONE)
    until = returns_complaints[~(returns_complaints["happened_on"] > as_of)]
    kinds = until["kind"].value_counts()
    returned = until[until["kind"] == "return"]
    count = returned["order_id"].nunique() + int(returned["order_id"].isna().sum())
    parts = {"complaints": int(kinds.get("complaint", 0)), "cancels": int(kinds.get("cancel", 0))}
    return proportion(
        "complaints.return_share", min(count, orders), orders, settings=settings, basis=basis, as_of=as_of, parts=parts
    )


def rates(returns_complaints: pd.DataFrame | None, order_units: pd.DataFrame, *, kind: str = "return") -> pd.DataFrame:
    """Share of the orders of each product category, manager or department that were returned, cancelled or complained of.

    In: `returns_complaints`; order_units, the table of `baskets.order_units` (order_id, unit); kind, which of the three.
    Out: one row per unit, the highest share first: unit ("unknown" where none is named), orders, concerned, share, low,
    high (Wilson 95 %). An order with several categories counts in each; one returned in parts counts once.
    Cases: no table, or nothing of the kind in it, gives no rows: not recorded is not zero. Reference: HU-24.
    """
    if returns_complaints is None or not (returns_complaints["kind"] == kind).any():
        return pd.DataFrame(columns=["unit", "orders", "concerned", "share", "low", "high"])
    hit = returns_complaints.loc[returns_complaints["kind"] == kind, "order_id"].dropna()
    rows = order_units.assign(unit=order_units["unit"].fillna("unknown"), concerned=order_units["order_id"].isin(hit))
    out = rows.groupby("unit").agg(orders=("order_id", "size"), concerned=("concerned", "sum")).reset_index()
    low, high = wilson(out["concerned"], out["orders"])
    out = out.assign(share=out["concerned"] / out["orders"], low=low, high=high)
    return out.sort_values(["share", "unit"], ascending=[False, True], ignore_index=True)


def lost_after(steps: pd.DataFrame | None, sign: str, *, settings, as_of: pd.Timestamp) -> Finding:
    """Share of purchases after which the customer was lost, with the sign minus without it.

    In: the table of `drivers.steps`, or None; sign, complaint or return. Out: Finding complaints.lost_after, or
    complaints.lost_after_return (share points, Newcombe 95 %), n the smaller number of purchases; parts: sign, share,
    other_share. Purchases are compared, not customers: who buys longer also complains sooner or later. It is an
    association, not a cause. Cases: no such sign is not available. Reference: HU-24, HU-30, C26.
    """
    id, basis = AFTER[sign], "purchases old enough to judge, the customer lost after them"
    if steps is None or sign not in steps:
        why = f"nothing of the kind '{sign}' was given"
        return not_available(id, why, unit="share", as_of=str(as_of.date()), basis=basis, sign=sign)
    had = steps[sign]
    counts = [int(part) for rows in (steps[had], steps[~had]) for part in (rows["is_lost"].sum(), len(rows))]
    return difference(id, *counts, settings=settings, basis=basis, as_of=as_of, parts={"sign": sign})
