"""Problems of customers that departments are to solve: how long they take, and who speaks of them first (BG-14, HU-28, HU-29)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .intervals import LEVEL, bootstrap, labelled, proportion

NO_ISSUES = "no table 'issues'"
DRAWS = 1000


def recent(issues: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The issues opened in the last active window as they stood on as_of: what happened later has not happened yet."""
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    rows = issues[issues["opened_on"].between(start, as_of, inclusive="right")]
    later = ("told_on", "complained_on", "closed_on")
    return rows.assign(**{name: rows[name].where(rows[name] <= as_of) for name in later})


def told_first(issues: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding issues.told_first (share, Wilson 95 %): of the problems the customer knows of, those we told before it
    complained.

    In: `issues`, or None. Parts: untold (problems neither told nor complained of, which do not count: count).
    Test cell: 3 of 4 → 75 %. Cases: on the same day counts as told. Reference: HU-29.
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    basis = f"problems opened after {start.date()} to {as_of.date()} of which the customer knows"
    rest = {"settings": settings, "basis": basis, "as_of": as_of}
    if issues is None:
        return proportion("issues.told_first", 0, 0, because=NO_ISSUES, **rest)
    knows, first = _spoken_of(recent(issues, settings=settings, as_of=as_of))
    why = "of no problem is it known whether the customer was told or complained"
    parts = {"untold": int((~knows).sum())}
    return proportion("issues.told_first", int(first.sum()), int(knows.sum()), because=why, parts=parts, **rest)


def _spoken_of(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Whether the customer knows of each problem, and whether it was we who told it first (on one day: we did)."""
    knows = rows[["told_on", "complained_on"]].notna().any(axis=1)
    return knows, rows["told_on"].notna() & ~(rows["complained_on"] < rows["told_on"])


def days_to_tell(issues: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding issues.days_to_tell (days): the median from our knowing of a problem to the customer's being told.

    In: `issues`, or None. Interval: percentile bootstrap, 95 %. Test cell: problem on day 1, notice on day 3 → 2 days.
    Reference: HU-28.
    """
    day, id = str(as_of.date()), "issues.days_to_tell"
    head = {"unit": "days", "as_of": day, "basis": "problems opened in the last active window and told to the customer"}
    if issues is None:
        return not_available(id, NO_ISSUES, **head)
    rows = recent(issues, settings=settings, as_of=as_of).dropna(subset="told_on")
    if rows.empty:
        return not_available(id, "of no problem is it known when the customer was told", **head)
    days = (rows["told_on"] - rows["opened_on"]).dt.days.clip(lower=0).to_numpy(float)
    low, high = bootstrap(days, np.median, draws=DRAWS, seed=settings.value.seed)
    ends = {"low": low, "high": high, "level": LEVEL} if len(days) > 1 else {}
    return labelled(Finding(id=id, value=float(np.median(days)), n=len(days), **ends, **head), settings)


def by_department(
    issues: pd.DataFrame, departments: pd.DataFrame | None = None, *, settings, as_of: pd.Timestamp
) -> pd.DataFrame:
    """The problems of the last active window by the department that was to solve them, most overdue first.

    In: `issues`; `departments` (head_id), or None. Out: one row per department_id (empty: none named): manager_id (its
    head; only with departments), opened, open, overdue (open longer than service.issue_days; counts), median_days
    (from opening to closing, of those closed; empty where none is), told_first_share (as `told_first`). Test cell:
    opened on day 1, closed on day 11 → 10 days. Reference: BG-14.
    """
    rows = recent(issues, settings=settings, as_of=as_of)
    is_open = rows["closed_on"].isna()
    age = (rows["closed_on"].fillna(as_of) - rows["opened_on"]).dt.days
    knows, first = _spoken_of(rows)
    marked = rows.assign(
        open=is_open,
        overdue=is_open & (age > settings.service.issue_days),
        median_days=age.where(~is_open).astype(float),
        told_first_share=first.astype(float).where(knows),
    )
    grouped = marked.groupby("department_id", dropna=False, sort=True)
    made = grouped.agg(
        opened=("opened_on", "size"),
        open=("open", "sum"),
        overdue=("overdue", "sum"),
        median_days=("median_days", "median"),
        told_first_share=("told_first_share", "mean"),
    ).reset_index()
    if departments is not None:
        heads = departments.set_index("department_id")["head_id"]
        made.insert(1, "manager_id", made["department_id"].map(heads))
    return made.sort_values(["overdue", "open", "opened"], ascending=False, kind="stable", ignore_index=True)


def overdue(issues: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The problems open longer than service.issue_days, the oldest first: customer_id, department_id, kind, opened_on,
    open_days. Reference: BG-14.
    """
    until = issues[(issues["opened_on"] <= as_of) & ~(issues["closed_on"] <= as_of)]
    rows = until.assign(open_days=(as_of - until["opened_on"]).dt.days.astype(float))
    rows = rows[rows["open_days"] > settings.service.issue_days]
    columns = ["customer_id", "department_id", "kind", "opened_on", "open_days"]
    return rows.sort_values(["open_days", "customer_id"], ascending=[False, True], ignore_index=True)[columns]
