import numpy as np
import pandas as pd
import pytest

from rapport.analysis import comebacks, silence
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-06-30")
DEFAULT = settings({"recover.return_horizon_days": 90})


def random_buyers(customers: int, days: int, seed: int, shape=0.6, scale=30.0) -> pd.DataFrame:
    """Purchase days of customers who buy at random times, each at its own rate (the NBD): nobody ever dies."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(shape, 1 / scale, customers)
    first = rng.integers(0, days // 3, customers)
    counts = rng.poisson(rate * (days - first))
    who = np.repeat(np.arange(customers), counts)
    when = np.floor(rng.uniform(first[who], days)).astype(int)
    ago = pd.DataFrame({"customer_id": np.append(np.arange(customers), who), "day": np.append(first, when)})
    ago = ago.drop_duplicates()
    dates = AS_OF - pd.to_timedelta(days - 1 - ago["day"], unit="D")
    return pd.DataFrame({"customer_id": ago["customer_id"].astype(str), "ordered_on": dates})


def open_now(bought: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    rows = silence.episodes(bought, as_of=at)
    return rows[~rows["is_returned"]].reset_index(drop=True)


BOUGHT = random_buyers(3000, 500, seed=4)
PAST = AS_OF - pd.Timedelta(days=90)


def test_shares_forecast_at_a_past_day_are_what_happened_afterwards():
    known = BOUGHT[BOUGHT["ordered_on"] <= PAST]
    silent = open_now(known, PAST)
    silent["band"] = pd.cut(silent["silent_days"], [-1, 14, 30, 60, 120, 240, 600]).astype(str)
    bands = comebacks.return_bands(known, silent, by="band", settings=DEFAULT, as_of=PAST).set_index("band")
    came = silent["customer_id"].isin(BOUGHT.loc[BOUGHT["ordered_on"] > PAST, "customer_id"])
    happened = came.groupby(silent["band"]).mean()
    assert ((happened >= bands["low"]) & (happened <= bands["high"])).mean() >= 5 / 6
    assert (bands["share"] - happened).abs().max() < 0.08
    assert bands["customers"].sum() == len(silent)


def test_the_chance_of_return_of_random_buyers_is_that_of_the_nbd():
    """A one-time buyer silent for 200 days returns within 90 with 1 − ((α + 200) / (α + 290))^r."""
    asked = pd.DataFrame({"customer_id": ["x"], "purchases": [1], "gap_days": [np.nan], "silent_days": [200.0]})
    found = comebacks.return_shares(BOUGHT, asked, settings=DEFAULT, as_of=AS_OF).iloc[0]
    truth = 1 - ((30 + 200) / (30 + 290)) ** 0.6
    assert found["return_prob"] == pytest.approx(truth, abs=0.03)
    assert found["return_low"] < found["return_prob"] < found["return_high"]


def test_longer_silence_and_fewer_purchases_make_a_return_less_likely():
    asked = pd.DataFrame(
        {
            "customer_id": list("abcd"),
            "purchases": [1, 1, 6, 6],
            "gap_days": [np.nan, np.nan, 20, 20],
            "silent_days": [30.0, 300.0, 30.0, 300.0],
        }
    )
    a, b, c, d = comebacks.return_shares(BOUGHT, asked, settings=DEFAULT, as_of=AS_OF)["return_prob"]
    assert a > b
    assert c > d
    assert c > a


def test_at_risk_counts_past_silences_that_lasted_as_long():
    rows = pd.DataFrame(
        {"customer_id": list("aab"), "ordered_on": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-05-01"])}
    )
    asked = pd.DataFrame(
        {"customer_id": ["b", "z"], "purchases": [1, 1], "gap_days": [np.nan] * 2, "silent_days": [30.0, 100.0]}
    )
    found = comebacks.return_shares(rows, asked, settings=DEFAULT, as_of=AS_OF)
    assert found["at_risk"].tolist() == [2, 0]
    assert found["return_prob"].between(0, 1).all()


def test_a_firm_nobody_ever_came_back_to_has_no_shares():
    rows = pd.DataFrame({"customer_id": ["a"], "ordered_on": [pd.Timestamp("2026-01-01")]})
    asked = open_now(rows, AS_OF)
    assert comebacks.return_shares(rows, asked, settings=DEFAULT, as_of=AS_OF)["return_prob"].isna().all()
    assert comebacks.return_bands(rows, asked, by="purchases", settings=DEFAULT, as_of=AS_OF).empty


def test_the_lost_line_lies_where_the_share_falls_under_the_declared_level():
    rows = open_now(BOUGHT, AS_OF).assign(gap_used_days=40.0)
    table = comebacks.lost_line(BOUGHT, rows, settings=DEFAULT, as_of=AS_OF)
    assert table["band"].tolist() == [name for name in silence.BAND_WORDS if name in set(table["band"])]
    assert table["customers"].sum() == len(rows)
    for row in table.dropna(subset=["line_days"]).itertuples():
        asked = pd.DataFrame(
            {
                "customer_id": ["x", "y"],
                "purchases": row.purchases,
                "gap_days": row.gap_days,
                "silent_days": [row.line_days - 2, row.line_days + 1],
            }
        )
        before, after = comebacks.return_shares(BOUGHT, asked, settings=DEFAULT, as_of=AS_OF)["return_prob"]
        assert before > 0.1 > after
    strict = settings({"recover.return_horizon_days": 90, "recover.return_level": 0.3})
    earlier = comebacks.lost_line(BOUGHT, rows, settings=strict, as_of=AS_OF)
    assert (earlier["line_days"].fillna(np.inf) <= table["line_days"].fillna(np.inf)).all()
    assert earlier.loc[0, "line_days"] < table.loc[0, "line_days"]


def test_the_lost_line_of_a_class_and_how_many_were_watched_so_long():
    rows = open_now(BOUGHT, AS_OF).assign(gap_used_days=40.0)
    classes = rows.assign(abc=np.where(rows["purchases"] == 1, "C", "A"))
    table = comebacks.lost_line(BOUGHT, classes, by="abc", settings=DEFAULT, as_of=AS_OF).set_index("abc")
    bands = comebacks.lost_line(BOUGHT, rows, settings=DEFAULT, as_of=AS_OF).set_index("band")
    assert table["customers"].sum() == len(rows)
    assert table.loc["C", "line_days"] == bands.loc["1 purchase", "line_days"]
    firsts = silence.episodes(BOUGHT, as_of=AS_OF).query("purchases == 1")
    assert table.loc["C", "at_risk"] == (firsts["silent_days"] > table.loc["C", "line_days"]).sum()


def test_lost_too_soon_counts_those_who_still_come_back():
    lost = pd.DataFrame({"state": ["lost"] * 4 + ["lapsing"], "return_prob": [0.3, 0.1, 0.05, np.nan, 0.9]})
    found = comebacks.too_soon(lost, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)
    assert comebacks.too_soon(lost.tail(1), settings=DEFAULT, as_of=AS_OF).status == "not_available"


def test_the_share_that_came_back_within_the_horizon_is_read_from_the_curve():
    curve = pd.DataFrame({"day": [0, 40, 90, 91], "share": [1.0, 0.5, 0.4, 0.1], "at_risk": [30, 20, 12, 3]})
    curve = curve.assign(curve="return after silence", group="all", low=curve["share"] - 0.1, high=curve["share"] + 0.1)
    found = comebacks.came_back(curve, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n, found.parts["at_risk"]) == (pytest.approx(0.6), 30, 12)
    assert (found.low, found.high) == (pytest.approx(0.5), pytest.approx(0.7))
    assert "90 days" in comebacks.came_back(curve.head(2), settings=DEFAULT, as_of=AS_OF).because
    assert comebacks.came_back(curve.head(0), settings=DEFAULT, as_of=AS_OF).because == "nobody fell silent"


def test_data_of_fewer_than_three_gaps_are_warned_of():
    """HU-03: a purchase every 200 days over 400 days of data is two gaps; the horizon of 90 days less than one."""
    days = [AS_OF - pd.Timedelta(days=ago) for ago in (400, 200)]
    found = comebacks.rhythm_known(
        pd.DataFrame({"customer_id": "a", "ordered_on": days}), settings=DEFAULT, as_of=AS_OF
    )
    assert (found.value, found.parts["gap_days"], found.parts["horizon_gaps"]) == (2.0, 200, 0.45)
    assert "fewer than three usual gaps" in found.because
    assert "shorter than one usual gap" in found.because
    enough = comebacks.rhythm_known(BOUGHT, settings=DEFAULT, as_of=AS_OF)
    assert (enough.value > 3, enough.because) == (True, "")
    once = pd.DataFrame({"customer_id": ["a"], "ordered_on": [AS_OF]})
    assert comebacks.rhythm_known(once, settings=DEFAULT, as_of=AS_OF).status == "not_available"


def test_the_lost_line_of_a_firm_with_nobody_silent_has_no_rows():
    """Buyers came back here, so that there is a line, but none of today's customers is silent long enough for it."""
    nobody = (
        open_now(BOUGHT, AS_OF).head(0).assign(gap_used_days=pd.Series(dtype="float64"), abc=pd.Series(dtype=object))
    )
    for by in ("band", "abc"):
        table = comebacks.lost_line(BOUGHT, nobody, by=by, settings=DEFAULT, as_of=AS_OF)
        assert table.empty
        assert {by, "line_days", "share_at_rule"} <= set(table.columns)
