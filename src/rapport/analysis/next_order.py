"""When the next order is to be expected, and who is overdue."""

import numpy as np
import pandas as pd

WINDOW = (0.1, 0.9)  # ends of the window: quantiles of the time from the last purchase to the next
FARTHEST = 5 * 365.25  # days beyond which an end of the window says nothing


def next_orders(history: pd.DataFrame, forecast, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """next_from_on, next_to_on and is_overdue of each customer, in the order of `history`.

    The window holds the next order of 8 in 10 customers who still buy, counted from the last order: from the fitted
    model where it tells times, else by rule from half the own mean gap to settings.state.lapsing_gaps gaps. Overdue:
    the window has passed. No window for one-time buyers by rule, nor where its end lies more than five years after the
    last order. `forecast` may be None (rule).
    Reference: issue "when is the next purchase" (lifetimes#284); DEF6.
    """
    bought = history["last_order_on"].notna().to_numpy()
    known = history[bought]
    ends = [None if forecast is None else forecast.gap_quantile(known, level=level) for level in WINDOW]
    if ends[0] is None:
        x = known["repeat_days"].to_numpy(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = np.where(x > 0, known["span_days"].to_numpy(float) / x, np.nan)
        ends = [0.5 * gap, settings.state.lapsing_gaps * gap]
    first, last = (np.full(len(history), np.nan) for _ in WINDOW)
    first[bought], last[bought] = ends
    first[~(last <= FARTHEST)] = np.nan
    last[~(last <= FARTHEST)] = np.nan
    return pd.DataFrame(
        {
            "next_from_on": history["last_order_on"] + pd.to_timedelta(np.round(first), unit="D"),
            "next_to_on": history["last_order_on"] + pd.to_timedelta(np.ceil(last), unit="D"),
            "is_overdue": np.nan_to_num(history["silent_days"].to_numpy(float), nan=0.0)
            > np.nan_to_num(last, nan=np.inf),
        },
        index=history.index,
    )
