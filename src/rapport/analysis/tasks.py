"""Steps of tasks given to managers: whether they are done, and done in time (HU-16)."""

import pandas as pd

from ..foundation.finding import Finding
from .intervals import proportion

NO_TASKS = "no table 'tasks'"


def due(tasks: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The steps that fell due in the last active window, with is_done (by as_of), is_late (done after the day) and
    is_overdue (not done yet).
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    rows = tasks[tasks["due_on"].between(start, as_of, inclusive="right")]
    is_done = rows["done_on"] <= as_of
    return rows.assign(is_done=is_done, is_late=is_done & (rows["done_on"] > rows["due_on"]), is_overdue=~is_done)


def done(tasks: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding tasks.done_share (share, Wilson 95 %): of the steps that fell due in the last active window, those done.

    In: `tasks`, or None. Parts: late (done after the day), overdue (not done; counts). Test cell: 3 of 5 steps → 60 %.
    Reference: HU-16.
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    basis = f"steps of tasks due after {start.date()} to {as_of.date()}"
    rest = {"settings": settings, "basis": basis, "as_of": as_of}
    if tasks is None:
        return proportion("tasks.done_share", 0, 0, because=NO_TASKS, **rest)
    rows = due(tasks, settings=settings, as_of=as_of)
    parts = {"late": int(rows["is_late"].sum()), "overdue": int(rows["is_overdue"].sum())}
    why = "no step fell due in the active window"
    return proportion("tasks.done_share", int(rows["is_done"].sum()), len(rows), because=why, parts=parts, **rest)
