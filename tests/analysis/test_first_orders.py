import numpy as np
import pandas as pd
import pytest

from rapport.analysis import first_orders, survival
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-12-31")
DEFAULT = settings()


def new(**firsts) -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": list(firsts), "first_order_on": pd.to_datetime(list(firsts.values()))})
    return frame.assign(is_truncated=False, purchase_days=1, net_total=100.0, manager_id="m1", silent_days=10.0)


def calls(*rows, direction="out") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "contacted_on"]).assign(direction=direction)
    return frame.assign(contacted_on=pd.to_datetime(frame["contacted_on"]))


def test_two_of_four_new_customers_were_called_within_thirty_days():
    """HU-01: 2 of 4 contacted → 50 %."""
    history = new(a="2026-05-01", b="2026-06-01", c="2026-07-01", d="2026-08-01", fresh="2026-12-20", old="2024-05-01")
    out = calls(("a", "2026-05-10"), ("b", "2026-07-01"), ("c", "2026-09-01"), ("fresh", "2026-12-21"))
    inbound = calls(("d", "2026-08-02"), direction="in")
    contacts = pd.concat([out, inbound])
    found = first_orders.followed_up(history, contacts, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n, found.status) == (0.5, 4, "indicative")
    missing = first_orders.followed_up(history, None, settings=DEFAULT, as_of=AS_OF)
    assert (missing.status, missing.because) == ("not_available", "no table 'contacts'")


def test_a_one_time_buyer_without_contact_is_forgotten():
    """BG-13: 1 order, 0 contacts → listed."""
    history = new(once="2026-05-01", called="2026-05-01", before="2026-05-01", twice="2026-05-01")
    history.loc[history["customer_id"] == "twice", "purchase_days"] = 2
    contacts = calls(("called", "2026-06-01"), ("before", "2026-04-01"))
    assert first_orders.forgotten(history, contacts, as_of=AS_OF)["customer_id"].tolist() == ["before", "once"]
    found = first_orders.forgotten_value(history, contacts, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.parts["value"], found.parts["of"]) == (2, 200.0, 3)
    assert first_orders.forgotten_value(history, None, settings=DEFAULT, as_of=AS_OF).status == "not_available"


def quarters(*regular_of_twenty):
    """Twenty new customers a quarter from 2025, so many of whom buy on three days within the year."""
    firsts, rows = {}, []
    for quarter, regulars in enumerate(regular_of_twenty):
        for number in range(20):
            name, first = f"{quarter}-{number}", pd.Timestamp("2024-01-10") + pd.DateOffset(months=3 * quarter)
            firsts[name] = first
            days = (0, 30, 60) if number < regulars else (0, 30, 400)
            rows += [(name, first + pd.Timedelta(days=day)) for day in days]
    return pd.DataFrame(rows, columns=["customer_id", "ordered_on"]), new(**firsts)


def test_conversion_to_regular_rises_by_five_points_a_quarter():
    """HU-22: cohorts 10, 15, 20 % → +5 percentage points a quarter."""
    table = first_orders.conversions(*quarters(2, 3, 4), as_of=AS_OF)
    assert table["share"].tolist() == pytest.approx([0.10, 0.15, 0.20])
    found = first_orders.conversion_trend(table, settings=DEFAULT, as_of=AS_OF)
    assert found.value == pytest.approx(0.05)
    assert found.n == 60
    assert first_orders.conversion_trend(table.head(2), settings=DEFAULT, as_of=AS_OF).status == "not_available"


def test_a_quarter_not_watched_for_a_year_is_left_out():
    table = first_orders.conversions(*quarters(2, 3, 4), as_of=pd.Timestamp("2025-07-31"))
    assert len(table) == 2


def second_purchase_curve(share_after: float, days: int) -> pd.DataFrame:
    count = 100
    happened = np.arange(count) < share_after * count
    rows = survival.curve(np.where(happened, 30, days), happened, level=0.95)
    return rows.assign(curve=survival.SECOND, group=survival.ALL)


def test_median_days_to_the_second_order_or_not_reached():
    reached, within = first_orders.second_order(second_purchase_curve(0.6, 400), settings=DEFAULT, as_of=AS_OF)
    assert (reached.value, reached.unit, reached.n) == (30, "days", 100)
    assert within.value == pytest.approx(0.6)
    never, unknown = first_orders.second_order(second_purchase_curve(0.3, 300), settings=DEFAULT, as_of=AS_OF)
    assert (never.value, never.unit) == ("not reached", "text")
    assert never.because == "fewer than half bought again in up to 300 days"
    assert never.parts["share"] == pytest.approx(0.3)
    assert unknown.status == "not_available"
