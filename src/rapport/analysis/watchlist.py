"""What is watched in the market and in policy, and what was not looked at for too long (RU-20)."""

import pandas as pd

from ..foundation.finding import Finding, not_available


def watched(watchlist: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The signs on the list, those longest not looked at first: signal, source, effect, noted_on, review_on, is_stale.

    In: `watchlist`. Stale is what was noted more than plan.watch_days ago, or should have been reviewed by as_of. Test
    cell: noted 200 days ago → stale. Reference: RU-20.
    """
    rows = watchlist[watchlist["noted_on"] <= as_of]
    age = (as_of - rows["noted_on"]).dt.days
    rows = rows.assign(is_stale=(age > settings.plan.watch_days) | (rows["review_on"] < as_of))
    columns = ["signal", "source", "effect", "noted_on", "review_on", "is_stale"]
    return rows.sort_values(["noted_on", "signal"], kind="stable", ignore_index=True)[columns]


def stale(watchlist: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding watchlist.stale (count): signs on the watch list that nobody looked at in time; n all signs.

    In: `watchlist`, or None. Parts: days (plan.watch_days). Cases: no table, or nothing noted, is not available.
    """
    head = {"unit": "count", "as_of": str(as_of.date()), "basis": "signs on the watch list"}
    rows = None if watchlist is None else watched(watchlist, settings=settings, as_of=as_of)
    if rows is None or rows.empty:
        why = "no table 'watchlist'" if rows is None else "nothing is noted"
        return not_available("watchlist.stale", why, **head)
    parts = {"days": settings.plan.watch_days}
    return Finding(id="watchlist.stale", value=int(rows["is_stale"].sum()), n=len(rows), parts=parts, **head)
