"""Retention: who was kept, who joined, who came back — by the formula and by name — and what becomes of each cohort."""

from itertools import pairwise

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available
from .intervals import LEVEL, labelled, proportion, wilson

DAY = pd.Timedelta(days=1)


def retention(purchase_days: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Each complete period's customers: active at both ends, joined, returned, kept; retention by formula and cohort.

    In: `purchase_days`, customer and purchase day. Out: `retention`, one row per period of data.period. Active at a
    date means a purchase within data.active_window_days up to it (DEF4), so the table begins where a full window and
    the truncation days of unknown birth lie before it; a shorter history gives no rows. For every row
    active_end = kept + joined_kept + returned.
    Cases: nobody active at the start leaves both shares empty; the formula exceeds 1 where customers returned.
    Reference: HU-10, DEF4, DEF5.
    """
    bought = _Bought(purchase_days, as_of)
    ends = _period_ends(bought.began, as_of, settings.data.period)
    lead = max(settings.data.active_window_days, settings.data.truncation_days)
    ends = ends[ends >= bought.began + pd.Timedelta(days=lead - 1)]
    rows = [bought.bridge(start, end, settings.data.active_window_days) for start, end in pairwise(ends)]
    return TABLES["retention"].check(pd.DataFrame(rows, columns=list(TABLES["retention"].columns)), "retain.retention")


def rolling(purchase_days: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Retention over the same length of time as `retained`, at the end of every period: one row per end of a period.

    In: `purchase_days`. Out: columns of `retention`, each row's period being the months before its end, and low, high
    (95 % Wilson interval of retention_cohort). The last row is the year that `retained` tells of when as_of ends a
    period. Cases: no period with a full active window before it gives no rows. Reference: HU-10, DEF4, DEF7.
    """
    window = settings.data.active_window_days
    bought = _Bought(purchase_days, as_of)
    months, reason = _longest(bought.began, as_of, window)
    ends = [] if reason else _period_ends(bought.began, as_of, settings.data.period)
    starts = {end: end - pd.DateOffset(months=months) for end in ends}
    whole = bought.began + pd.Timedelta(days=window - 1)
    rows = [bought.bridge(start, end, window) for end, start in starts.items() if start >= whole]
    table = pd.DataFrame(rows, columns=list(TABLES["retention"].columns)).astype({"retention_cohort": float})
    ends = [wilson(kept, n) if n else (np.nan, np.nan) for kept, n in zip(table["kept"], table["active_start"])]
    return table.assign(low=[low for low, _ in ends], high=[high for _, high in ends])


def retained(purchase_days: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """Retention over the last year: by formula, by cohort, churn, by the month and by the year, and base growth.

    In: `purchase_days`. Out: Findings retention.formula, .cohort, .churn, .monthly, .annual (both compounded from the
    cohort share) and .base_growth, of unit share, n the customers active at the start. The period is the longest of
    12, 6, 3 and 1 months with a full active window before its start (parts: months).
    Cases: where none has, the longest with any purchase before its start, and all are indicative; no such period is
    not available; why formula and cohort differ stands in `because`. Reference: HU-10, BG-01, C4; template 2.
    """
    window, day = settings.data.active_window_days, str(as_of.date())
    bought = _Bought(purchase_days, as_of)
    months, reason = _longest(bought.began, as_of, window)
    if not months:
        ids = ("formula", "cohort", "churn", "monthly", "annual", "base_growth")
        return tuple(not_available(f"retention.{id}", reason, unit="share", as_of=day) for id in ids)
    row = bought.bridge(as_of - pd.DateOffset(months=months), as_of, window)
    found = (labelled(finding, settings) for finding in _retained(row, months, window, settings, as_of))
    return tuple(
        finding.as_indicative("; ".join(filter(None, [finding.because, reason]))) if reason else finding
        for finding in found
    )


def _longest(began: pd.Timestamp, as_of: pd.Timestamp, window: int) -> tuple[int, str]:
    starts = {months: as_of - pd.DateOffset(months=months) for months in (12, 6, 3, 1)}
    for months, start in starts.items():
        if began <= start - pd.Timedelta(days=window - 1):
            return months, ""
    for months, start in starts.items():
        if began <= start:
            return months, f"the data begin on {began.date()}, within the window that says who was active at the start"
    return 0, f"the data begin on {began.date()}, less than a month before their end"


def _retained(row: dict, months: int, window: int, settings, as_of) -> tuple[Finding, ...]:
    n, kept, start, day = row["active_start"], row["kept"], row["period_on"] - DAY, str(as_of.date())
    basis = f"customers with a purchase in the {window} days up to {start.date()} and up to {day}"
    ids = ("formula", "cohort", "churn", "monthly", "annual", "base_growth")
    common = {"unit": "share", "n": n, "basis": basis, "as_of": day}
    if not n:
        why = f"nobody was active on {start.date()}"
        return tuple(not_available(f"retention.{id}", why, **common) for id in ids)
    parts = {
        "crr": row["retention_formula"],
        "coh": row["retention_cohort"],
        "r": row["returned"],
        "m": row["joined"] - row["joined_kept"],
        "start": n,
        "end": row["active_end"],
        "joined": row["joined"],
        "months": months,
    }
    ends = wilson(kept, n)
    shares = {"settings": settings, "basis": basis, "as_of": as_of, "parts": parts}
    return (
        Finding(id="retention.formula", value=row["retention_formula"], because=_flags(row), parts=parts, **common),
        proportion("retention.cohort", kept, n, **shares),
        proportion("retention.churn", n - kept, n, **shares),
        *(
            _compounded(f"retention.{id}", kept / n, ends, length / months, parts, common)
            for id, length in (("monthly", 1), ("annual", 12))
        ),
        Finding(id="retention.base_growth", value=row["active_end"] / n - 1, parts=parts, **common),
    )


def _compounded(id: str, share: float, ends: tuple, periods: float, parts: dict, common: dict) -> Finding:
    low, high = (compounded(end, periods) for end in ends)
    return Finding(id=id, value=compounded(share, periods), low=low, high=high, level=LEVEL, parts=parts, **common)


def _flags(row: dict) -> str:
    flags = []
    if row["returned"]:
        flags.append(f"{row['returned']} customers who came back count as kept by the formula")
    if row["joined"] > row["joined_kept"]:
        flags.append(f"{row['joined'] - row['joined_kept']} who joined and left in the period lower the formula")
    if row["retention_formula"] > 1:
        flags.append("more than 100 % because of those who came back")
    return "; ".join(flags)


def compounded(share: float, periods: float) -> float:
    """The share still there after `periods` periods, when `share` of them stays in each (0.98 a month → 0.80 a year).

    `periods` may be a fraction: compounded(0.80, 1 / 12) is the monthly share of a yearly 80 %, 0.9816. HU-10.
    """
    return float(share) ** periods


def cohorts(purchase_days: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """What became of the customers of each period of first purchase, period by period.

    In: `purchase_days`. Out: `cohorts`, one row per cohort and age in periods of data.period, a zero where nobody
    bought; age 0 is the cohort's own period, with share 1.
    Cases: a period that ends after as_of is not complete; cohorts that begin within data.truncation_days of the first
    day of the data hold customers of unknown birth (is_truncated). Reference: HU-10, HU-22, DEF5.
    """
    frequency = settings.data.period
    known = purchase_days[purchase_days["ordered_on"] <= as_of]
    if known.empty:
        return TABLES["cohorts"].empty()
    period = known["ordered_on"].dt.to_period(frequency)
    first = period.groupby(known["customer_id"]).transform("min")
    cells = known.assign(cohort=_ordinal(first), age=_ordinal(period) - _ordinal(first)).groupby(["cohort", "age"])
    found = cells.agg(buyers=("customer_id", "nunique"), net=("net", "sum"))
    last = as_of.to_period(frequency).ordinal
    grid = pd.MultiIndex.from_tuples(
        [(cohort, age) for cohort in range(_ordinal(first).min(), last + 1) for age in range(last - cohort + 1)],
        names=["cohort", "age"],
    )
    out = found.reindex(grid, fill_value=0).reset_index()
    out["customers"] = out.groupby("cohort")["buyers"].transform("first")
    out = out[out["customers"] > 0]
    ends = pd.PeriodIndex.from_ordinals(out["cohort"] + out["age"], freq=frequency).end_time.normalize()
    cohort_on = pd.PeriodIndex.from_ordinals(out["cohort"], freq=frequency).start_time
    known_from = known["ordered_on"].min() + pd.Timedelta(days=settings.data.truncation_days)
    out = out.assign(
        cohort_on=cohort_on,
        share=out["buyers"] / out["customers"],
        is_complete=ends <= as_of,
        is_truncated=cohort_on < known_from if settings.data.truncation_days else False,
    )
    return TABLES["cohorts"].check(out.drop(columns="cohort"), "retain.cohorts")


def repeat_revenue(purchase_days: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """Share of the last active window's net sales made by customers who had bought before, and how steady it is.

    In: `purchase_days`. Out: Findings retention.repeat_revenue_share (unit share) and, by month, retention.repeat_cv
    and retention.new_cv (coefficient of variation, unit ratio; population form).
    Cases: no sales, or fewer than three whole months, are not available. Reference: BG-06.
    """
    window = settings.data.active_window_days
    day, start = str(as_of.date()), as_of - pd.Timedelta(days=window)
    first = purchase_days.groupby("customer_id")["ordered_on"].transform("min")
    recent = purchase_days.assign(is_repeat=purchase_days["ordered_on"] > first)
    recent = recent[(recent["ordered_on"] > start) & (recent["ordered_on"] <= as_of)]
    total, repeat = recent["net"].sum(), recent.loc[recent["is_repeat"], "net"].sum()
    common = {
        "n": int(recent["customer_id"].nunique()),
        "basis": f"net sales after {start.date()} to {day}",
        "as_of": day,
    }
    if not total > 0:
        units = {"repeat_revenue_share": "share", "repeat_cv": "ratio", "new_cv": "ratio"}
        why = "no net sales in the window"
        return tuple(not_available(f"retention.{id}", why, unit=unit, **common) for id, unit in units.items())
    share = Finding(
        id="retention.repeat_revenue_share",
        unit="share",
        value=float(repeat / total),
        parts={"repeat": float(repeat), "total": float(total)},
        **common,
    )
    months = recent.assign(month=recent["ordered_on"].dt.to_period("M"))
    months = months[months["month"].dt.start_time > start]
    months = months[months["month"].dt.end_time.dt.normalize() <= as_of]
    by_month = months.pivot_table(index="month", columns="is_repeat", values="net", aggfunc="sum", fill_value=0)
    return share, *(_steadiness(id, by_month, kind, common) for id, kind in (("repeat", True), ("new", False)))


def _steadiness(id: str, by_month: pd.DataFrame, is_repeat: bool, common: dict) -> Finding:
    series = by_month[is_repeat] if is_repeat in by_month else pd.Series(dtype=float)
    if len(series) < 3 or not series.mean() > 0:
        why = "fewer than three whole months with such sales"
        return not_available(f"retention.{id}_cv", why, unit="ratio", **common)
    value = float(series.std(ddof=0) / series.mean())
    return Finding(id=f"retention.{id}_cv", unit="ratio", value=value, parts={"months": len(series)}, **common)


def breadth(history: pd.DataFrame, products: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Of the categories offered, the share an active customer buys, on average: the second half of retention.

    In: `history` (categories bought in the active window), `products` (category). Out: Finding retention.breadth
    (share); parts: categories offered, bought (mean count).
    Cases: no products table, or one category only, is not available. Reference: LT-02.
    """
    day, basis = str(as_of.date()), f"customers with a purchase in the {settings.data.active_window_days} days before"
    offered = 0 if products is None else products["category"].nunique()
    active = history.loc[history["orders_recent"] > 0, "categories"]
    if offered < 2 or active.empty:
        why = "no table 'products'" if products is None else "fewer than two categories are offered"
        why = why if len(active) or products is None else "nobody bought in the window"
        return not_available("retention.breadth", why, unit="share", as_of=day, basis=basis, n=len(active))
    parts = {"offered": int(offered), "bought": float(active.mean())}
    value = float((active / offered).clip(upper=1).mean())
    found = Finding(
        id="retention.breadth", unit="share", value=value, n=len(active), basis=basis, as_of=day, parts=parts
    )
    return labelled(found, settings)


class _Bought:
    """Purchase days in order of date, as numbers, so that who was active at a date is one slice."""

    def __init__(self, purchase_days: pd.DataFrame, as_of: pd.Timestamp):
        known = purchase_days[purchase_days["ordered_on"] <= as_of].sort_values("ordered_on")
        self.dates = known["ordered_on"].to_numpy("datetime64[D]")
        self.customers, _ = pd.factorize(known["customer_id"])
        self.began = pd.Timestamp(self.dates[0]) if len(known) else as_of
        self.count = int(self.customers.max()) + 1 if len(known) else 0

    def active(self, at: pd.Timestamp, window: int) -> np.ndarray:
        return self.between(at - pd.Timedelta(days=window), at)

    def between(self, after: pd.Timestamp, to: pd.Timestamp) -> np.ndarray:
        low, high = np.searchsorted(self.dates, np.array([after, to], "datetime64[D]"), side="right")
        seen = np.zeros(self.count, bool)
        seen[self.customers[low:high]] = True
        return seen

    def bridge(self, start: pd.Timestamp, end: pd.Timestamp, window: int) -> dict:
        at_start, at_end = self.active(start, window), self.active(end, window)
        known = self.between(self.began - DAY, start)
        joined = self.between(start, end) & ~known
        kept, joined_kept = int((at_start & at_end).sum()), int((joined & at_end).sum())
        n = int(at_start.sum())
        return {
            "period_on": start + DAY,
            "period_end_on": end,
            "active_start": n,
            "joined": int(joined.sum()),
            "returned": int((at_end & ~at_start & known).sum()),
            "kept": kept,
            "joined_kept": joined_kept,
            "active_end": int(at_end.sum()),
            "retention_formula": (int(at_end.sum()) - int(joined.sum())) / n if n else None,
            "retention_cohort": kept / n if n else None,
        }


def _period_ends(began: pd.Timestamp, as_of: pd.Timestamp, frequency: str) -> pd.DatetimeIndex:
    ends = pd.period_range(began, as_of, freq=frequency).end_time.normalize()
    return ends[ends <= as_of]


def _ordinal(periods: pd.Series) -> pd.Series:
    return pd.Series(pd.PeriodIndex(periods).asi8, index=periods.index)
