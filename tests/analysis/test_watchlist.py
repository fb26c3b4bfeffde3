import pandas as pd

from rapport.analysis import watchlist
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = {"settings": settings(), "as_of": AS_OF}


def test_what_was_noted_200_days_ago_is_stale(make_table):
    """RU-20; so is what should have been reviewed."""
    table = make_table(
        "watchlist",
        signal=["old", "fresh", "due", "later"],
        noted_on=[AS_OF - pd.Timedelta(days=days) for days in (200, 180, 10, -1)],
        review_on=[None, None, "2026-09-29", None],
    )
    seen = watchlist.watched(table, **DEFAULT)
    assert seen[["signal", "is_stale"]].values.tolist() == [["old", True], ["fresh", False], ["due", True]]
    found = watchlist.stale(table, **DEFAULT)
    assert (found.value, found.n, found.parts["days"]) == (2, 3, 180)


def test_no_table_and_an_empty_one_are_said(make_table):
    assert watchlist.stale(None, **DEFAULT).because == "no table 'watchlist'"
    assert watchlist.stale(make_table("watchlist", signal=[]), **DEFAULT).because == "nothing is noted"
