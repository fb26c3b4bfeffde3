import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from rapport.analysis import retain
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-12-31")
YEAR = settings({"data.truncation_days": 0})


def bought(*rows) -> pd.DataFrame:
    """(customer, day, net=100) rows as purchase days."""
    rows = [(*row, 100.0)[:3] for row in rows]
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "net"])
    return frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]), margin=float("nan"), orders=1)


def year_of(start: str, end: str, before: str = ""):
    """Who bought in 2025 (the start), in 2026 (the end) and in 2024 only matters as earlier history."""
    return bought(
        *((name, "2024-02-01") for name in before),
        *((name, "2025-06-01") for name in start),
        *((name, "2026-06-01") for name in end),
    )


def by_id(findings):
    return {found.id.split(".", 1)[1]: found for found in findings}


def test_formula_and_cohort_differ_by_those_who_came_back():
    """HU-10: S = {a,b,c,d}, E = {a, b, new, reactivated} → 75 % against 50 %."""
    found = by_id(retain.retained(year_of("abcd", "abnr", before="r"), settings=YEAR, as_of=AS_OF))
    assert found["formula"].value == 0.75
    assert found["cohort"].value == 0.50
    assert found["formula"].parts["r"] == 1
    assert "1 customers who came back" in found["formula"].because


def test_each_point_over_time_looks_back_as_far_as_the_figure_of_the_year():
    """S = {a,b,c,d} in 2025, E = {a, b, new, reactivated} in 2026: the last point is 75 % and 50 % [15, 85]."""
    frame = year_of("abcd", "abnr", before="r")
    over_time = retain.rolling(frame, settings=YEAR, as_of=AS_OF)
    last = over_time.iloc[-1]
    assert (last["period_end_on"], last["active_start"]) == (AS_OF, 4)
    assert (last["retention_formula"], last["retention_cohort"]) == (0.75, 0.50)
    assert (last["low"], last["high"]) == pytest.approx((0.150, 0.850), abs=0.001)
    assert over_time["period_end_on"].iloc[0] == pd.Timestamp("2026-01-31")  # a full window before a full year
    assert retain.rolling(frame[frame["ordered_on"] >= "2026-01-01"], settings=YEAR, as_of=AS_OF).empty


def test_formula_is_low_when_the_new_leave_at_once():
    """HU-10: S = 10, 8 kept, 5 joined of which 2 gone: E = 11 → 60 % against 80 %."""
    frame = bought(
        ("old", "2024-01-01"),
        *((f"s{i}", "2025-11-15") for i in range(10)),
        *((f"s{i}", "2026-11-15") for i in range(8)),
        *((f"n{i}", "2026-02-01") for i in range(2)),
        *((f"n{i}", "2026-12-01") for i in range(2, 5)),
    )
    short = settings({"data.truncation_days": 0, "data.active_window_days": 100})
    found = by_id(retain.retained(frame, settings=short, as_of=AS_OF))
    assert found["formula"].value == pytest.approx(0.60)
    assert found["cohort"].value == pytest.approx(0.80)
    assert found["formula"].parts["m"] == 2
    assert found["annual"].value == pytest.approx(0.80)
    assert found["base_growth"].value == pytest.approx(0.1)
    assert found["cohort"].status == "indicative"


def test_all_in_use_two_hundred_to_one_hundred_and_ninety():
    """HU-10 and BG-01: S = 200, E = 190, N = 30 → 80 % by the formula and −5 % growth."""
    frame = bought(
        *((f"s{i}", "2025-06-01") for i in range(200)),
        *((f"s{i}", "2026-06-01") for i in range(160)),
        *((f"n{i}", "2026-07-01") for i in range(30)),
        ("s0", "2024-01-01"),
    )
    found = by_id(retain.retained(frame, settings=YEAR, as_of=AS_OF))
    assert found["formula"].value == pytest.approx(0.80)
    assert found["base_growth"].value == pytest.approx(-0.05)
    assert found["churn"].value == pytest.approx(0.20)
    assert found["cohort"].low == pytest.approx(0.7390, abs=5e-4)
    assert found["monthly"].value == pytest.approx(0.9816, abs=5e-5)


def test_returning_customers_can_lift_the_formula_over_one():
    found = by_id(retain.retained(year_of("a", "abc", before="bc"), settings=YEAR, as_of=AS_OF))
    assert found["formula"].value == 3.0
    assert "more than 100 %" in found["formula"].because


def test_nobody_at_the_start_is_not_available_and_a_young_firm_is_indicative():
    lapsed = bought(("a", "2023-01-01"), ("b", "2026-06-01"))
    assert all(found.status == "not_available" for found in retain.retained(lapsed, settings=YEAR, as_of=AS_OF))
    young = bought(*((f"c{i}", "2025-12-20") for i in range(40)), ("c0", "2026-12-01"))
    found = by_id(retain.retained(young, settings=YEAR, as_of=AS_OF))["formula"]
    assert (found.status, found.parts["months"]) == ("indicative", 12)
    new = retain.retained(bought(("a", "2026-12-20")), settings=YEAR, as_of=AS_OF)
    assert {found.status for found in new} == {"not_available"}


def test_compounding_between_year_and_month():
    assert retain.compounded(0.80, 1 / 12) == pytest.approx(0.9816, abs=5e-5)
    assert retain.compounded(retain.compounded(0.80, 1 / 12), 12) == pytest.approx(0.80)


purchases = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 900)), min_size=1, max_size=80)


@runs(deadline=None, max_examples=40)
@given(purchases, st.sampled_from([30, 90, 200]), st.sampled_from(["M", "Q", "W"]))
def test_every_customer_of_a_period_is_accounted_for(rows, window, period):
    frame = bought(*((name, AS_OF - pd.Timedelta(days=ago)) for name, ago in rows)).drop_duplicates(
        ["customer_id", "ordered_on"]
    )
    narrow = settings({"data.active_window_days": window, "data.truncation_days": 30, "data.period": period})
    table = retain.retention(frame, settings=narrow, as_of=AS_OF)
    assert (table["active_end"] == table["kept"] + table["joined_kept"] + table["returned"]).all()
    lost = table["active_start"] - table["kept"]
    bridge = table["active_start"] - lost + table["joined_kept"] + table["returned"]
    assert (bridge == table["active_end"]).all()
    assert (table["active_start"].iloc[1:].to_numpy() == table["active_end"].iloc[:-1].to_numpy()).all()
    assert (table["joined_kept"] <= table["joined"]).all()


def test_retention_table_by_month_starts_after_a_full_window():
    frame = bought(("a", "2026-01-10"), ("a", "2026-03-05"), ("b", "2026-03-25"), ("c", "2026-05-31"))
    narrow = settings({"data.active_window_days": 40, "data.truncation_days": 0})
    table = retain.retention(frame, settings=narrow, as_of=pd.Timestamp("2026-05-31")).set_index("period_on")
    assert list(table.index.strftime("%m-%d")) == ["03-01", "04-01", "05-01"]
    march, april, may = (row for _, row in table.iterrows())
    assert (march["active_start"], march["returned"], march["joined"], march["active_end"]) == (0, 1, 1, 2)
    assert pd.isna(march["retention_cohort"])
    assert (april["active_start"], april["kept"], april["retention_cohort"]) == (2, 1, 0.5)
    assert (may["kept"], may["joined_kept"], may["retention_formula"]) == (0, 1, 0.0)


def test_cohorts_keep_empty_cells_and_flag_what_is_not_over():
    frame = bought(("a", "2026-01-10", 50), ("a", "2026-03-05", 30), ("b", "2026-01-20", 20), ("c", "2026-03-31", 10))
    table = retain.cohorts(frame, settings=settings({"data.truncation_days": 20}), as_of=pd.Timestamp("2026-04-15"))
    january = table[table["cohort_on"] == "2026-01-01"].set_index("age")
    assert january["share"].to_dict() == {0: 1.0, 1: 0.0, 2: 0.5, 3: 0.0}
    assert january["net"].to_dict() == {0: 70.0, 1: 0.0, 2: 30.0, 3: 0.0}
    assert january["is_complete"].to_dict() == {0: True, 1: True, 2: True, 3: False}
    assert january["is_truncated"].all()
    assert not table[table["cohort_on"] == "2026-03-01"]["is_truncated"].any()


@runs(deadline=None, max_examples=40)
@given(purchases)
def test_cohorts_count_every_customer_once_and_every_net_amount(rows):
    frame = bought(*((name, AS_OF - pd.Timedelta(days=ago)) for name, ago in rows)).drop_duplicates(
        ["customer_id", "ordered_on"]
    )
    table = retain.cohorts(frame, settings=YEAR, as_of=AS_OF)
    assert table.loc[table["age"] == 0, "customers"].sum() == frame["customer_id"].nunique()
    assert table["net"].sum() == pytest.approx(frame["net"].sum())


def test_repeat_revenue_share():
    """BG-06: repeat 800 of 1000 → 80 %."""
    frame = bought(("a", "2024-05-01", 1.0), ("a", "2026-05-01", 800.0), ("b", "2026-06-01", 200.0))
    share, steady, new = retain.repeat_revenue(frame, settings=YEAR, as_of=AS_OF)
    assert share.value == pytest.approx(0.80)
    assert (steady.status, new.status) == ("not_available", "not_available")


def test_repeat_revenue_steadiness_is_over_whole_months():
    old = [("a", "2024-05-01", 1.0)]
    frame = bought(*old, *(("a", f"2026-{month:02d}-10", net) for month, net in ((4, 10), (5, 20), (6, 30))))
    _, steady, _ = retain.repeat_revenue(frame, settings=YEAR, as_of=AS_OF)
    assert steady.value == pytest.approx((200 / 3) ** 0.5 / 20)


def test_breadth_is_the_share_of_the_categories_offered():
    """LT-02: catalogue a–d, a customer who bought a, a, b → 0.50."""
    history = pd.DataFrame({"orders_recent": [3, 0], "categories": [2, 0]})
    products = pd.DataFrame({"category": list("abcd")})
    assert retain.breadth(history, products, settings=YEAR, as_of=AS_OF).value == 0.5
    assert retain.breadth(history, products.head(1), settings=YEAR, as_of=AS_OF).status == "not_available"
    assert "products" in retain.breadth(history, None, settings=YEAR, as_of=AS_OF).because
