"""Silences: how long customers stayed away after each purchase, and whether a purchase ended it."""

import numpy as np
import pandas as pd

BANDS = (0, 1, 2, 5, np.inf)
BAND_WORDS = ("1 purchase", "2 purchases", "3–5 purchases", "6 and more purchases")
COLUMNS = ("customer_id", "started_on", "purchases", "gap_days", "silent_days", "is_returned")


def episodes(
    purchase_days: pd.DataFrame, winback_log: pd.DataFrame | None = None, *, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Every silence after a purchase day: how long it lasted, and whether the customer ended it by itself.

    In: `purchase_days`, customer and purchase day; `winback_log`, whose first contact ends the watching of a silence.
    Out: one row per customer and purchase day up to as_of, sorted: customer_id, started_on, purchases (purchase days
    so far, this one included), gap_days (mean days between purchases so far; empty at the first), silent_days (to the
    next purchase, to the contact or to as_of), is_returned (a purchase ended it).
    Cases: a purchase on as_of gives a silence of 0 days that has not ended. Reference: DEF2, DEF6, LT-14.
    """
    known = purchase_days.loc[purchase_days["ordered_on"] <= as_of, ["customer_id", "ordered_on"]]
    codes, _ = pd.factorize(known["customer_id"], sort=True)
    known = known.iloc[np.lexsort((known["ordered_on"], codes))].reset_index(drop=True)
    codes, date = np.sort(codes), known["ordered_on"].to_numpy("datetime64[D]")
    is_last = np.append(codes[1:] != codes[:-1], True) if len(codes) else np.zeros(0, bool)
    starts = np.flatnonzero(np.append(True, is_last[:-1])) if len(codes) else np.zeros(0, int)
    lengths = np.diff(np.append(starts, len(known)))
    purchases = np.arange(len(known)) - np.repeat(starts, lengths) + 1
    span = (date - np.repeat(date[starts], lengths)).astype(float)
    ended = np.where(is_last, np.datetime64(as_of, "D"), np.roll(date, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        gaps = np.where(purchases > 1, span / (purchases - 1), np.nan)
    out = pd.DataFrame(
        {
            "customer_id": known["customer_id"],
            "started_on": known["ordered_on"],
            "purchases": purchases,
            "gap_days": gaps,
            "silent_days": (ended - date).astype(float),
            "is_returned": ~is_last,
        }
    )
    return out if winback_log is None else _until_contact(out, winback_log)


def _until_contact(rows: pd.DataFrame, winback_log: pd.DataFrame) -> pd.DataFrame:
    contacted = winback_log.dropna(subset=["customer_id", "contacted_on"]).groupby("customer_id")["contacted_on"].min()
    until = (rows["customer_id"].map(contacted) - rows["started_on"]).dt.days
    is_cut = until.ge(0) & until.lt(rows["silent_days"])
    return rows.assign(silent_days=rows["silent_days"].where(~is_cut, until), is_returned=rows["is_returned"] & ~is_cut)


def open_at(rows: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """The silences of `episodes` still running at the end of a day, as they looked then.

    Out: one row per customer seen by that day, with silent_days up to it, and left_days, how long the silence went on
    afterwards (is_returned says whether a purchase ended it).
    """
    then = (date - rows["started_on"]).dt.days.astype(float)
    is_open = (then >= 0) & ((rows["silent_days"] > then) | (~rows["is_returned"] & (rows["silent_days"] >= then)))
    return rows[is_open].assign(silent_days=then[is_open], left_days=(rows["silent_days"] - then)[is_open])


def usual_gap(rows: pd.DataFrame) -> float:
    """Median days of the silences that a purchase ended; empty (nan) when no customer ever came back."""
    return float(rows.loc[rows["is_returned"], "silent_days"].median())


def band(purchases: pd.Series) -> pd.Series:
    """The group of a customer by purchase days so far: 1, 2, 3–5, 6 and more (known at the time, unlike its class)."""
    return pd.cut(purchases, BANDS, labels=BAND_WORDS).astype(str)
