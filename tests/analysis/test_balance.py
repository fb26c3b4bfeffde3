import pandas as pd
import pytest

from rapport.analysis import balance
from rapport.foundation.finding import Finding, not_available
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-12-31")
DEFAULT = settings()


def finding(id: str, value: float, **fields) -> Finding:
    common = {"unit": "share", "n": 200, "basis": "customers", "as_of": "2026-12-31"}
    return Finding(id=id, value=value, **(common | fields))


def firm(new: int, kept: int) -> pd.DataFrame:
    first = ["2026-05-01"] * new + ["2024-05-01"] * kept + ["2024-06-01"]
    history = pd.DataFrame(
        {"customer_id": [f"c{i}" for i in range(len(first))], "first_order_on": pd.to_datetime(first)}
    )
    return history.assign(is_truncated=False, orders_recent=[1] * (new + kept) + [0])


def paid(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["purpose", "amount"]).assign(spent_on=pd.Timestamp("2026-03-01"))
    return frame.assign(hours=None, kind=None)


SPEND = paid(("acquire", 80_000.0), ("retain", 20_000.0))


def test_own_cost_ratio_is_sixteen():
    """BG-03: 80 000/100 = 800; 20 000/400 = 50 → 16×."""
    found = balance.cost_ratio(SPEND, firm(100, 400), settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.parts["cac"], found.parts["crc"]) == (16.0, 800.0, 50.0)


def test_any_zero_makes_the_ratio_unavailable_by_name():
    found = balance.cost_ratio(paid(("acquire", 80.0)), firm(0, 4), settings=DEFAULT, as_of=AS_OF)
    assert found.because == "no new customers, no retention spend in the window"
    assert balance.cost_ratio(None, firm(1, 1), settings=DEFAULT, as_of=AS_OF).because == "no table 'spend'"


def test_customers_to_be_replaced_in_a_year():
    """ET-09: S = 200, CRR 80 % → 40."""
    annual = finding("retention.annual", 0.80, low=0.74, high=0.85, level=0.95)
    found = balance.replacement_need((annual,), settings=DEFAULT, as_of=AS_OF)
    assert found.value == pytest.approx(40)
    assert (found.low, found.high) == (pytest.approx(30), pytest.approx(52))
    missing = (not_available("retention.annual", "too young", unit="share", as_of="2026-12-31"),)
    assert balance.replacement_need(missing, settings=DEFAULT, as_of=AS_OF).because == "too young"


def test_freed_funds_pay_the_programme_for_all():
    """ET-08: 10 × 800 − 400 × 50 = −12 000; break-even 25."""
    assert balance.freed(10, 800, 400 * 50) == -12_000
    found = balance.break_even(balance.cost_ratio(SPEND, firm(100, 400), settings=DEFAULT, as_of=AS_OF), as_of=AS_OF)
    assert found.value == 25
    assert found.parts["share"] == pytest.approx(25 / 400)
    none = balance.break_even(balance.cost_ratio(None, firm(1, 1), settings=DEFAULT, as_of=AS_OF), as_of=AS_OF)
    assert none.status == "not_available"


def test_attention_index_of_existing_customers():
    """BG-11: 40 % of contacts / 90 % of revenue → 0.44."""
    history = firm(1, 1)
    contacts = pd.DataFrame(
        {
            "customer_id": ["c1", "c1", None, None, "c0"],
            "direction": "out",
            "contacted_on": pd.to_datetime(["2026-03-01", "2026-04-01", "2026-03-01", "2026-03-01", "2026-04-01"]),
        }
    )
    share = finding("retention.repeat_revenue_share", 0.9)
    found = balance.attention_index(contacts, history, share, settings=DEFAULT, as_of=AS_OF)
    assert found.value == pytest.approx(0.44, abs=0.005)
    assert (found.n, found.parts["contact_share"]) == (5, 0.4)
    assert balance.attention_index(None, history, share, settings=DEFAULT, as_of=AS_OF).because == "no table 'contacts'"


def test_spending_tilts_to_new_customers_by_fifty_points():
    """HU-02: 80/20 spend against 30/70 contribution → tilt +50 percentage points."""
    share = finding("retention.repeat_revenue_share", 0.7)
    found = balance.tilt(SPEND, firm(100, 400), share, settings=DEFAULT, as_of=AS_OF)
    assert found.value == pytest.approx(0.5)
    none = balance.tilt(paid(("acquire", 5.0)), firm(1, 1), share, settings=DEFAULT, as_of=AS_OF)
    assert none.because == "no resource is spent on loyalty"


def test_time_and_money_on_either_side():
    """HU-23: 10 against 5 events, 80k against 20k."""
    spend = paid(*[("acquire", 8000.0)] * 10, *[("retain", 4000.0)] * 4, ("recover", 4000.0))
    spend.loc[0, ["hours", "kind"]] = [12.0, "exhibition"]
    table = balance.spend_balance(spend, firm(100, 400), settings=DEFAULT, as_of=AS_OF)
    assert table["activities"].tolist() == [10, 5]
    assert table["amount"].tolist() == [80_000, 20_000]
    assert table["cost_each"].tolist() == [800, 50]
    assert table.loc[0, "hours"] == 12
    assert pd.isna(table.loc[1, "hours"])
    kinds = balance.spend_kinds(spend, settings=DEFAULT, as_of=AS_OF)
    assert kinds["amount"].sum() == 100_000
    assert kinds.loc[0, ["side", "kind", "amount"]].tolist() == ["new customers", "not named", 72_000]


def years(months: int) -> pd.DataFrame:
    days = [AS_OF - pd.DateOffset(months=back) for back in range(months + 1)]
    return pd.DataFrame({"customer_id": [f"c{i}" for i in range(len(days))], "ordered_on": days})


def test_stage_of_the_firm():
    """BG-02: repeat share 85 %, growth 1 % → mature."""
    repeat, growth = finding("a.b", 0.85), finding("a.c", 0.01, parts={"months": 12})
    found = balance.stage(years(30), repeat, growth, settings=DEFAULT, as_of=AS_OF)
    assert found.value == "mature"
    assert found.parts["new_trend"] == pytest.approx(0.0, abs=0.1)
    assert balance.stage_of(0.3, 0.5) == "start-up"
    assert balance.stage_of(0.85, 0.2) == "growth"
    assert set(balance.stage_rules()["stage"]) == {"start-up", "growth", "mature"}
    young = balance.stage(years(20), repeat, growth, settings=DEFAULT, as_of=AS_OF)
    assert young.because == "less than 24 months of history"
