import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from rapport.analysis import silence

AS_OF = pd.Timestamp("2026-06-30")


def bought(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_on"])
    return frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]))


def test_every_purchase_day_starts_a_silence():
    rows = silence.episodes(
        bought(("b", "2026-06-10"), ("a", "2026-01-01"), ("a", "2026-02-10"), ("a", "2026-01-11")), as_of=AS_OF
    )
    assert rows["customer_id"].tolist() == ["a", "a", "a", "b"]
    assert rows["silent_days"].tolist() == [10, 30, 140, 20]
    assert rows["is_returned"].tolist() == [True, True, False, False]
    assert rows["purchases"].tolist() == [1, 2, 3, 1]
    assert rows["gap_days"].fillna(-1).tolist() == [-1, 10, 20, -1]
    assert silence.usual_gap(rows) == 20


def test_a_contact_ends_the_watching_so_that_a_won_customer_is_no_return_by_itself():
    log = pd.DataFrame(
        {"customer_id": ["a", None], "contacted_on": [pd.Timestamp("2026-02-01"), pd.Timestamp("2026-01-01")]}
    )
    rows = silence.episodes(bought(("a", "2026-01-01"), ("a", "2026-01-11"), ("a", "2026-03-01")), log, as_of=AS_OF)
    assert rows["silent_days"].tolist() == [10, 21, 121]
    assert rows["is_returned"].tolist() == [True, False, False]


def test_what_was_open_at_a_past_day_looks_as_it_did_then():
    rows = silence.episodes(bought(("a", "2026-01-01"), ("a", "2026-03-02"), ("b", "2026-05-01")), as_of=AS_OF)
    then = silence.open_at(rows, pd.Timestamp("2026-01-31"))
    assert then[["customer_id", "silent_days", "left_days", "is_returned"]].to_numpy().tolist() == [["a", 30, 30, True]]
    now = silence.open_at(rows, AS_OF)
    assert now["customer_id"].tolist() == ["a", "b"]
    assert (now["left_days"] == 0).all()


@runs(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 300)), min_size=1, max_size=30), st.integers(0, 300))
def test_every_customer_has_one_open_silence_at_any_later_day(rows, ago):
    frame = bought(*((name, AS_OF - pd.Timedelta(days=days)) for name, days in set(rows)))
    episodes = silence.episodes(frame, as_of=AS_OF)
    date = AS_OF - pd.Timedelta(days=ago)
    then = silence.open_at(episodes, date)
    assert sorted(then["customer_id"]) == sorted(frame.loc[frame["ordered_on"] <= date, "customer_id"].unique())
    assert np.array_equal(episodes.groupby("customer_id")["silent_days"].sum(), _spans(frame))


def _spans(frame):
    return (AS_OF - frame.groupby("customer_id")["ordered_on"].min()).dt.days.to_numpy()
