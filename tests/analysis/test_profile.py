import numpy as np
import pandas as pd
import pytest

from rapport.analysis.profile import profile
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
IDS = ["a", "b", "c", "d"]


def frame(table, **columns):
    """A table of the contract with the columns given and every other one empty."""
    return TABLES[table].check(TABLES[table].complete(pd.DataFrame(columns)), "test")


CLASSES = frame(
    "classes", customer_id=IDS, segment=["core", "core", "small", "small"],
    state=["active", "lapsing", "lost", "active"], xyz="N", gap_is_own=True, is_pareto=False, rung="buyer", why="x",
)  # fmt: skip
HISTORY = frame(
    "history", customer_id=IDS, net_recent=[300.0, 100.0, 0.0, -50.0], net_before=[200.0, 100.0, 50.0, 0.0],
    net_total=[600.0, 400.0, 50.0, 100.0], margin_total=[300.0, 100.0, np.nan, 10.0],
    gross_total=0.0, returned_total=0.0, orders=1, purchase_days=[4, 3, 1, 1],
    repeat_days=1, orders_recent=[3, 1, 0, 1], categories=1,
    gap_days=[30.0, 50.0, np.nan, np.nan], is_truncated=False,
)  # fmt: skip


def made(**tables):
    rows = profile(CLASSES, HISTORY, **tables, settings=settings(), as_of=AS_OF)
    return TABLES["profile"].check(rows, "test").set_index("segment")


def test_a_segment_is_the_sum_of_its_customers():
    rows = made()
    assert rows.index.tolist() == ["core", "small"]  # largest net value first
    core = rows.loc["core"]
    assert (core["customers"], core["customer_share"], core["net_total"], core["mean_value"]) == (2, 0.5, 400, 200)
    assert core["margin_total"] == 300 * 0.5 + 100 * 0.25
    assert (core["median_gap_days"], core["active_share"], core["lost_share"], core["one_timer_share"]) == (
        40,
        0.5,
        0,
        0,
    )
    assert rows.loc["small", ["active_share", "lost_share", "one_timer_share"]].tolist() == [0.5, 0.5, 1]


def test_retention_counts_those_who_bought_in_the_window_before():
    assert made()["retention_cohort"].tolist() == [1.0, 0.0]  # c bought before and no more; d is new
    silent = HISTORY.assign(net_before=0.0)
    rows = profile(CLASSES, silent, settings=settings(), as_of=AS_OF)
    assert rows["retention_cohort"].isna().all()


def test_shares_of_net_lie_between_0_and_1_though_a_customer_returned_more_than_it_bought():
    shares = made()["net_share"]
    assert shares.tolist() == [1.0, 0.0]
    assert profile(CLASSES, HISTORY.assign(net_recent=-1.0), settings=settings(), as_of=AS_OF)["net_share"].isna().all()


def test_contribution_is_empty_when_a_buying_customer_has_no_margin():
    unknown = HISTORY.assign(margin_total=[300.0, np.nan, np.nan, 10.0])
    rows = profile(CLASSES, unknown, settings=settings(), as_of=AS_OF).set_index("segment")
    assert np.isnan(rows.loc["core", "margin_total"])
    assert rows.loc["small", "margin_total"] == pytest.approx(-5)  # c did not buy: its unknown margin does not matter


def test_tables_not_given_leave_their_columns_empty_and_never_zero():
    rows = made()
    optional = ["clv_total", "clv_mean", "value_at_risk", "contacted_share", "consent_share"]
    assert rows[optional].isna().all(axis=None)


def test_optional_tables_fill_their_columns():
    rows = made(
        values=frame("values", customer_id=IDS[:3], clv=[100.0, 50.0, 8.0], is_overdue=False, method="x"),
        lost=frame(
            "lost", customer_id=["c"], state="lost", is_disputed=False, silent_days=9.0, remaining_value=9.0,
            value_at_risk=7.0, value_basis="x", rank=1,
        ),
        contacts=frame(
            "contacts", record_id=["1", "2", "3"], customer_id=["a", "b", "d"], direction=["out", "in", "out"],
            contacted_on=[AS_OF, AS_OF, AS_OF - pd.Timedelta(days=365)],
        ),
        customers=frame("customers", customer_id=IDS, consent_marketing=[True, None, False, True], records=1),
    )  # fmt: skip
    assert rows["clv_total"].tolist() == [150, 8]
    assert rows["clv_mean"].tolist() == [75, 8]
    assert rows["value_at_risk"].tolist() == [0, 7]
    assert rows["contacted_share"].tolist() == [0.5, 0.0]  # only outbound, only within the window
    assert rows["consent_share"].tolist() == [0.5, 0.5]  # unknown is not agreement


def test_no_customers_give_an_empty_profile():
    rows = profile(CLASSES.iloc[:0], HISTORY.iloc[:0], settings=settings(), as_of=AS_OF)
    assert rows.empty
    assert list(rows.columns) == list(TABLES["profile"].columns)


def test_customers_without_history_count_as_customers_without_sales():
    rows = profile(CLASSES, HISTORY.iloc[:1], settings=settings(), as_of=AS_OF).set_index("segment")
    assert rows.loc["small", ["customers", "net_total", "mean_value"]].tolist() == [2, 0, 0]
