"""Silences: how long customers stay away between purchases, and what share of the silent comes back by itself."""

import numpy as np
import pandas as pd
from scipy.stats import norm

RETURN_LEVEL = 0.9  # level of the interval of a share that returns
BANDS = (0, 1, 2, 5, np.inf)  # purchases so far: 1, 2, 3–5, 6 and more


def episodes(purchase_days: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Every silence after a purchase day: how long it lasted, and whether a purchase ended it.

    In: `purchase_days`, customer and purchase day. Out: one row per customer and purchase day up to as_of, sorted:
    customer_id, started_on, purchases (purchase days so far, this one included), gap_days (mean days between purchases
    so far; empty at the first), silent_days (to the next purchase, or to as_of), is_returned (a purchase ended it).
    Cases: a purchase on as_of gives a silence of 0 days that has not ended. Reference: DEF2, DEF6.
    """
    known = purchase_days.loc[purchase_days["ordered_on"] <= as_of, ["customer_id", "ordered_on"]]
    known = known.sort_values(["customer_id", "ordered_on"], ignore_index=True)
    customer, date = known["customer_id"], known["ordered_on"]
    is_last = customer.ne(customer.shift(-1)).to_numpy()
    starts = np.flatnonzero(customer.ne(customer.shift()).to_numpy())
    lengths = np.diff(np.append(starts, len(known)))
    purchases = np.arange(len(known)) - np.repeat(starts, lengths) + 1
    span = (date - np.repeat(date.to_numpy()[starts], lengths)).dt.days.to_numpy()
    ended = np.where(is_last, np.datetime64(as_of), date.shift(-1).to_numpy())
    with np.errstate(invalid="ignore", divide="ignore"):
        gaps = np.where(purchases > 1, span / (purchases - 1), np.nan)
    return pd.DataFrame(
        {
            "customer_id": customer,
            "started_on": date,
            "purchases": purchases,
            "gap_days": gaps,
            "silent_days": (ended - date.to_numpy()) / np.timedelta64(1, "D"),
            "is_returned": ~is_last,
        }
    )


def return_shares(
    episodes: pd.DataFrame, silent: pd.DataFrame, *, settings, level: float = RETURN_LEVEL
) -> pd.DataFrame:
    """Of customers as silent as each of `silent`, the share that came back by itself within the horizon.

    In: `episodes` of the firm; `silent`, one row per customer: customer_id, purchases, gap_days, silent_days. Out:
    one row per customer in the same order: customer_id, return_prob, return_low, return_high (at `level`), at_risk
    (episodes seen to last as long). Silence is measured in gaps: the customer's own from three purchase days, else the
    median gap of the firm; customers are compared with episodes after as many purchases (1, 2, 3–5, 6 and more).
    Cases: a silence longer than any ever seen has no share. Reference: Kaplan & Meier 1958; issue of lost customers.
    """
    usual = usual_gap(episodes)
    seen = _in_gaps(episodes, usual)
    asked = _in_gaps(silent, usual).assign(ahead=lambda rows: settings.recover.return_horizon_days / rows["gap"])
    out = pd.DataFrame(np.nan, index=silent.index, columns=["return_prob", "return_low", "return_high", "at_risk"])
    for band, rows in asked.groupby("band", observed=True):
        out.loc[rows.index] = _conditional(seen[seen["band"] == band], rows, level)
    return out.assign(customer_id=silent["customer_id"])


def usual_gap(episodes: pd.DataFrame) -> float:
    """Median days of the silences that a purchase ended; empty (nan) when no customer ever came back."""
    return float(episodes.loc[episodes["is_returned"], "silent_days"].median())


def _in_gaps(rows: pd.DataFrame, usual: float) -> pd.DataFrame:
    own = rows["gap_days"].where(rows["purchases"] >= 3).fillna(usual).clip(lower=1)
    return rows.assign(gap=own, silent_gaps=rows["silent_days"] / own, band=pd.cut(rows["purchases"], BANDS))


def _conditional(seen: pd.DataFrame, rows: pd.DataFrame, level: float) -> np.ndarray:
    lengths, happened = seen["silent_gaps"].to_numpy(), seen["is_returned"].to_numpy()
    order = np.argsort(lengths)
    lengths, happened = lengths[order], happened[order]
    at_risk = len(lengths) - np.searchsorted(lengths, lengths)
    hazard = np.cumsum(np.where(happened, 1 / at_risk, 0.0))
    spread = np.cumsum(np.where(happened, 1 / at_risk.astype(float) ** 2, 0.0))
    now, then = rows["silent_gaps"].to_numpy(), (rows["silent_gaps"] + rows["ahead"]).to_numpy()
    left = len(lengths) - np.searchsorted(lengths, now, side="right")
    added, noise = (_between(total, lengths, now, then) for total in (hazard, spread))
    half = norm.ppf((1 + level) / 2) * np.sqrt(noise)
    shares = np.column_stack([1 - np.exp(-np.clip(rate, 0, None)) for rate in (added, added - half, added + half)])
    shares[left == 0] = np.nan
    return np.column_stack([shares, left])


def _between(total, lengths, now, then):
    running = np.append(0.0, total)
    return running[np.searchsorted(lengths, then, side="right")] - running[np.searchsorted(lengths, now, side="right")]
