"""Who is close to the Pareto group, and how many orders away: the others are not left alone (LT-08)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .worth import EDGE, WORDS, missing_window, worth


def near_pareto(history: pd.DataFrame, classes: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Customers that can be lifted into the Pareto group, the fewest orders first.

    In: `history`, `classes` (is_pareto). Out: customer_id, value, threshold (value of the last Pareto customer), gap,
    mean_order (money), orders_needed (count, ⌈gap / mean order⌉, at least 1), net_recent, net_before (money).
    Candidates have at least pareto.near_share of the threshold, bought in the active window, and did not bring less
    than in the window before. Cases: nobody with value gives no rows; data shorter than two windows cannot show a fall,
    so nobody is left out for one. Reference: LT-08.
    """
    table = classes[["customer_id", "is_pareto"]].merge(history, on="customer_id")
    table["value"] = worth(table, basis=settings.data.value_basis).to_numpy()
    threshold = table.loc[table["is_pareto"], "value"].min()
    is_near = ~table["is_pareto"] & (table["value"] >= (settings.pareto.near_share - EDGE) * threshold)
    falls = (table["net_recent"] < table["net_before"]) & (missing_window(history, settings=settings) == "")
    is_steady = (table["net_recent"] > 0) & ~falls
    near = table[is_near & is_steady].assign(threshold=threshold)
    near["gap"] = near["threshold"] - near["value"]
    near["mean_order"] = near["value"] / near["orders"]
    near["orders_needed"] = np.ceil(near["gap"] / near["mean_order"] - EDGE).clip(lower=1).astype("int64")
    columns = ["value", "threshold", "gap", "mean_order", "orders_needed", "net_recent", "net_before"]
    near = near.sort_values(["orders_needed", "value", "customer_id"], ascending=[True, False, True], ignore_index=True)
    return near[["customer_id", *columns]]


def within_reach(near_pareto: pd.DataFrame, history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding classes.near_pareto: how many candidates need at most pareto.near_orders more orders; unit count.

    In: `near_pareto`, `history`. parts: n, o (orders), candidates (all), gap (money of those within reach), threshold.
    Cases: a base without value is not available; data shorter than two windows
    make it indicative. Reference: LT-08; template 10.
    """
    basis = f"{WORDS[settings.data.value_basis]} of {len(history):,} customers, first purchase to {as_of.date()}"
    head = {"id": "classes.near_pareto", "unit": "count", "n": len(history), "basis": basis, "as_of": str(as_of.date())}
    if not (worth(history, basis=settings.data.value_basis) > 0).any():
        return not_available(because="transactions: no customer has value above zero", **head)
    reached = near_pareto[near_pareto["orders_needed"] <= settings.pareto.near_orders]
    parts = {
        "n": len(reached),
        "o": settings.pareto.near_orders,
        "candidates": len(near_pareto),
        "gap": float(reached["gap"].sum()),
    }
    found = Finding(value=len(reached), parts=parts, **head)
    lacks = missing_window(history, settings=settings)
    return found.as_indicative(f"{lacks}, so that no one's fall shows") if lacks else found
