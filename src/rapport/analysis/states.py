"""Where each customer stands by its own rhythm, and whether it buys more and more often (DEF6, HU-09)."""

import numpy as np
import pandas as pd

from ..foundation.contracts import STATES
from ..foundation.finding import Finding, not_available

TOO_SHORT = "known less than a year"
WINDOW_GAPS = 2  # usual gaps that the active window should hold (DEF4)


def states(history: pd.DataFrame, purchase_days: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Each customer's state: customer_id, state, gap_used_days, gap_is_own.

    In: `history`, `purchase_days`. Silence up to state.lapsing_gaps own median gaps is active, up to state.lost_gaps
    lapsing, beyond that lost. With two purchase days the base's median gap stands in (gap_is_own false). A one-time
    buyer is `too_early` until the state.too_early_quantile of the times to a second purchase seen in the base, then
    `lost_one_timer`; gap_used_days is then that time. No purchase at all: `no_purchase`.
    Cases: a base in which nobody came back judges nobody by gaps: all are `too_early` within data.active_window_days.
    Only customers with value above zero speak for the base. Reference: DEF6, HU-03; never one fixed number of days.
    """
    days, silent = history["purchase_days"].to_numpy(), history["silent_days"].to_numpy()
    own = history["gap_days"].to_numpy()
    is_own = ~np.isnan(own)
    patience = one_timer_patience(history, purchase_days, settings=settings)
    base = np.full(len(history), base_gap(history))
    shared = np.where(np.isnan(base), history["span_days"].to_numpy(), base)
    gap = np.select([days == 0, days == 1, is_own], [np.nan, patience, own], default=shared)
    lapsing, lost = settings.state.lapsing_gaps, settings.state.lost_gaps
    state = np.select(
        [days == 0, (days == 1) & (silent <= gap), days == 1, silent <= lapsing * gap, silent <= lost * gap],
        ["no_purchase", "too_early", "lost_one_timer", "active", "lapsing"],
        default="lost",
    )
    return pd.DataFrame(
        {
            "customer_id": history["customer_id"].to_numpy(),
            "state": state.astype(object),
            "gap_used_days": gap,
            "gap_is_own": is_own,
        }
    )


def base_gap(history: pd.DataFrame) -> float:
    """The base's median gap (days): of the customers' own median gaps, or of the only gap where nobody has three days.

    NaN when nobody with value above zero bought on two days.
    """
    valued = history[history["net_total"] > 0]
    own = valued["gap_days"].dropna()
    if own.empty:
        own = valued.loc[valued["purchase_days"] == 2, "span_days"]
    return float(own.median())


def window(history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding state.window: how many of the base's usual gaps the active window holds; unit ratio (DEF4).

    In: `history`. parts: window, gap_days (`base_gap`), is_short. Fewer than two make it indicative: customers who are
    not due yet would count as inactive. Cases: nobody bought on two days is not available.
    """
    days, gap = settings.data.active_window_days, base_gap(history)
    head = {"id": "state.window", "unit": "ratio", "as_of": str(as_of.date()), "n": len(history)}
    head["basis"] = "median gap between purchases, of customers with value"
    if np.isnan(gap):
        return not_available(because="transactions: nobody bought on two days", **head)
    parts = {"window": days, "gap_days": gap, "is_short": days < WINDOW_GAPS * gap}
    found = Finding(value=days / max(gap, 1.0), parts=parts, **head)
    short = f"the active window holds fewer than {WINDOW_GAPS} usual gaps"
    return found.as_indicative(short) if parts["is_short"] else found


def one_timer_patience(history: pd.DataFrame, purchase_days: pd.DataFrame, *, settings) -> float:
    """Days a one-time buyer is waited for: the state.too_early_quantile of observed times to the second purchase.

    Customers of unknown birth (`is_truncated`) are left out where others are known: their first purchase seen is not
    their first. Cases: nobody came back: data.active_window_days. Reference: DEF6.
    """
    waited = second_purchase_days(purchase_days)
    valued = history[(history["net_total"] > 0) & (history["purchase_days"] > 1)]
    clean = valued[~valued["is_truncated"]]
    speaking = clean if len(clean) else valued
    waited = waited.reindex(speaking["customer_id"]).dropna()
    if waited.empty:
        return float(settings.data.active_window_days)
    return float(waited.quantile(settings.state.too_early_quantile))


def second_purchase_days(purchase_days: pd.DataFrame) -> pd.Series:
    """Days from the first to the second purchase day, by customer_id; only those who came back."""
    row, names, day, _ = _in_order(purchase_days)
    starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]]) if len(row) else np.array([], int)
    came_back = np.diff(np.r_[starts, len(row)]) > 1
    first = starts[came_back]
    return pd.Series((day[first + 1] - day[first]).astype(float), index=names[row[first]], name="days")


def _in_order(purchase_days: pd.DataFrame) -> tuple[np.ndarray, pd.Index, np.ndarray, np.ndarray]:
    """Each purchase day's customer (a position in the second), day (a number) and net, in order of customer and day."""
    row, names = pd.factorize(purchase_days["customer_id"], sort=False)
    day = purchase_days["ordered_on"].to_numpy("datetime64[D]").astype("int64")
    net = purchase_days["net"].to_numpy()
    if not np.all((row[1:] > row[:-1]) | ((row[1:] == row[:-1]) & (day[1:] > day[:-1]))):
        order = np.lexsort((day, row))
        row, day, net = row[order], day[order], net[order]
    return row, pd.Index(names), day, net


def by_state(history: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """How many customers stand where, and with what: one row per state that occurs.

    In: `history`, `classes` (state, abc). Out: state, customers, customer_share, best (customers of class A or B), net
    (money, all history), net_recent, net_before (money, last active window and the one before). Reference: DEF6.
    """
    both = classes[["customer_id", "state", "abc"]].merge(
        history[["customer_id", "net_total", "net_recent", "net_before"]], on="customer_id", how="left"
    )
    both["best"] = both["abc"].isin(["A", "B"])
    by = both.groupby("state")
    table = by[["best", "net_total", "net_recent", "net_before"]].sum().rename(columns={"net_total": "net"})
    table.insert(0, "customers", by.size())
    table.insert(1, "customer_share", table["customers"] / max(len(both), 1))
    return table.reindex([state for state in STATES if state in table.index]).rename_axis("state").reset_index()


def by_trend(history: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Who buys more and more often, and who less, by class of value: one row per trend that occurs.

    In: `history`, `classes` (trend, abc). Out: trend (more, same, less, or "known less than a year"),
    customers, A, B, C (of them, by class), net_recent, net_before (money). Reference: HU-09.
    """
    both = classes[["customer_id", "trend", "abc"]].merge(
        history[["customer_id", "net_recent", "net_before"]], on="customer_id"
    )
    both["trend"] = both["trend"].fillna(TOO_SHORT)
    by = both.groupby("trend")
    table = by[["net_recent", "net_before"]].sum()
    table.insert(0, "customers", by.size())
    for place, letter in enumerate("ABC", start=1):
        table.insert(place, letter, both["abc"].eq(letter).groupby(both["trend"]).sum())
    order = [trend for trend in ("more", "same", "less", TOO_SHORT) if trend in table.index]
    return table.reindex(order).rename_axis("trend").reset_index()


def trends(history: pd.DataFrame, purchase_days: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Whether each customer buys more and more often: the last six months against the six before.

    In: `history`, `purchase_days` (net per purchase day). Out: customer_id, net_last, net_previous (money), gap_last,
    gap_previous (mean days between purchases, for gaps that end in the half), trend: `more` where value is up and gaps
    are shorter, `less` where value is down and gaps are longer or no purchase came, else `same`.
    Cases: first purchase less than twelve months ago, or nothing bought in the twelve months: empty. Reference: HU-09.
    """
    middle, start = as_of - pd.DateOffset(months=6), as_of - pd.DateOffset(months=12)
    row, names, day, net = _in_order(purchase_days)
    gap = np.where(np.r_[False, row[1:] == row[:-1]], np.diff(day, prepend=0), np.nan)
    seen = pd.DataFrame(index=names)
    for half, after, upto in (("last", middle, as_of), ("previous", start, middle)):
        inside = (day > _number(after)) & (day <= _number(upto))
        seen[f"net_{half}"] = np.bincount(row[inside], net[inside], minlength=len(names))
        ended = inside & ~np.isnan(gap)
        gaps = np.bincount(row[ended], minlength=len(names))
        seen[f"gap_{half}"] = np.bincount(row[ended], gap[ended], minlength=len(names)) / np.where(
            gaps > 0, gaps, np.nan
        )
        seen[f"days_{half}"] = np.bincount(row[inside], minlength=len(names))
    table = seen.reindex(history["customer_id"])
    judged = (history["first_order_on"] <= start).to_numpy() & (
        table["days_last"] + table["days_previous"] > 0
    ).to_numpy()
    table["trend"] = np.where(judged, _trend(table), None)
    columns = ["net_last", "net_previous", "gap_last", "gap_previous", "trend"]
    return table[columns].fillna({"net_last": 0.0, "net_previous": 0.0}).rename_axis("customer_id").reset_index()


def _trend(table: pd.DataFrame) -> np.ndarray:
    up = (table["net_last"] > table["net_previous"]) & (table["gap_last"] < table["gap_previous"])
    slower = (table["gap_last"] > table["gap_previous"]) | (table["days_last"] == 0)
    down = (table["net_last"] < table["net_previous"]) & slower
    return np.select([up, down], ["more", "less"], "same")


def _number(day: pd.Timestamp) -> int:
    return int(np.datetime64(day, "D").astype("int64"))
