"""Few customers: no model, but each looked at by itself, by the plain rule of its own rhythm (HU-27)."""

import numpy as np
import pandas as pd

from .models.hiatus import alive_by_hiatus

CASES = ("returns_only", "once_lately", "once_long_ago", "in_rhythm", "overdue", "lost")  # as words/<language>.yml says


def one_by_one(history: pd.DataFrame, values: pd.DataFrame, *, settings) -> pd.DataFrame:
    """What the rule can say of each customer, one row each, the most valuable so far first.

    In: `history`, `values` as made without a model. Out: customer_id, case (a key of the sentences `one_by_one`),
    net_total (money), purchase_days, gap_days (mean days between purchases, empty for one-time buyers), silent_days,
    day_value (money before returns a purchase day), expected_orders, next_from_on, next_to_on.
    Cases: silent longer than the window of the next order is overdue; silent for more than state.lost_gaps mean gaps is
    lost; one-time buyers are judged by the gaps of the others. Reference: HU-27, DEF6.
    """
    x = history["repeat_days"].to_numpy(float)
    bought = history["purchase_days"].to_numpy(float) > 0
    state = settings.state
    alive = np.zeros(len(history), bool)
    alive[bought] = alive_by_hiatus(
        history[bought], lost_gaps=state.lost_gaps, too_early_quantile=state.too_early_quantile
    )
    own = values.set_index("customer_id").loc[history["customer_id"]]
    conditions = (~bought, (x == 0) & alive, x == 0, ~alive, own["is_overdue"].to_numpy(bool))
    names = ("returns_only", "once_lately", "once_long_ago", "lost", "overdue")
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.where(x > 0, history["span_days"].to_numpy(float) / x, np.nan)
        day_value = np.where(bought, history["gross_total"] / history["purchase_days"], np.nan)
    table = pd.DataFrame(
        {
            "customer_id": history["customer_id"].to_numpy(),
            "case": np.select(conditions, names, default="in_rhythm"),
            "net_total": history["net_total"].to_numpy(),
            "purchase_days": history["purchase_days"].to_numpy(),
            "gap_days": gap,
            "silent_days": history["silent_days"].to_numpy(),
            "day_value": day_value,
            **{name: own[name].to_numpy() for name in ("expected_orders", "next_from_on", "next_to_on")},
        }
    )
    return table.sort_values(["net_total", "customer_id"], ascending=[False, True], ignore_index=True)
