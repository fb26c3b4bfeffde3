"""What is wrong with the data, in rows and in money (LT-06, LT-09, HU-19, HU-20, DEF1–DEF3, DEF5, §10)."""

import pandas as pd
import pytest

from rapport.analysis import quality
from rapport.analysis.quality.questions import _QUESTIONS
from rapport.analysis.quality.readiness import ANALYSES, TOUCHED
from rapport.foundation.contracts import TABLES
from rapport.foundation.engagement import LedgerTotal
from rapport.foundation.settings import settings

DEFAULT = settings()
AS_OF = pd.Timestamp("2026-09-30")
SALES = TABLES["transactions"]
RECORDS = TABLES["records"]


def sales(*rows: dict, **common) -> pd.DataFrame:
    """Transactions of one shop; every row a sale of 100 by customer 1 on a day of its own unless it says otherwise."""
    made = []
    for number, row in enumerate(rows):
        usual = {
            "order_id": f"o{number}", "source": "shop", "record_source": "shop", "record_id": "1", "customer_id": "1",
            "ordered_on": AS_OF - pd.Timedelta(days=number), "net_amount": 100.0, "is_return": False,
        }  # fmt: skip
        made.append(usual | common | row)
    return SALES.check(SALES.complete(pd.DataFrame(made)), "test")


def found(transactions: pd.DataFrame, records: pd.DataFrame | None = None, **more) -> pd.DataFrame:
    known = pd.DataFrame({"source": "shop", "record_id": transactions["record_id"].dropna().unique()})
    records = RECORDS.check(RECORDS.complete(known), "test") if records is None else records
    return quality.checks(transactions, records, settings=DEFAULT, as_of=AS_OF, **more).set_index("check")


def test_rows_and_money_of_every_oddity():
    frame = sales(
        {},
        {"customer_id": None, "record_id": None, "net_amount": 40.0},
        {"net_amount": -30.0},
        {"net_amount": -20.0, "is_return": True},
        {"net_amount": 5.0, "is_return": True},
        {"net_amount": 0.0},
        {"ordered_on": AS_OF + pd.Timedelta(days=2), "net_amount": 7.0},
        {"order_id": "o0", "customer_id": "2", "net_amount": 9.0, "ordered_on": AS_OF},
    )
    table = found(frame)
    expected = {
        "sales without a customer": (1, 40.0, "caution"),
        "negative amounts not marked as returns": (1, -30.0, "caution"),
        "returns": (2, -15.0, "caution"),
        "positive amounts marked as returns": (1, 5.0, "caution"),
        "lines of zero value": (1, 0.0, "note"),
        "dated after the cut-off day": (1, 7.0, "caution"),
        "orders of several customers": (2, 109.0, "caution"),
    }
    for check, (rows, amount, severity) in expected.items():
        line = table.loc[check]
        assert (line["rows"], line["amount"], line["severity"]) == (rows, pytest.approx(amount), severity), check
    assert "orders over several days" not in table.index


def test_orders_over_days():
    table = found(
        sales(
            {}, {"order_id": "o0", "ordered_on": AS_OF}, {"order_id": "o0", "ordered_on": AS_OF - pd.Timedelta(days=9)}
        )
    )
    assert table.loc["orders over several days", ["rows", "amount"]].tolist() == [3, 300.0]


def test_clean_data_have_no_row_of_trouble():
    days = pd.date_range("2024-01-02", AS_OF, freq="D")
    frame = sales(
        *[{"ordered_on": day, "record_id": str(n % 9), "customer_id": str(n % 9)} for n, day in enumerate(days)]
    )
    table = found(frame)
    assert set(table.index) == {"customers of unknown age"}


def test_what_the_policy_does_with_returns_is_said_in_money():
    """100 sold, 10 returned: later pages count 90 when returns are netted, else 100."""
    frame = sales({}, {"is_return": True, "net_amount": -10.0})
    told = {
        "net": ("taken off sales", "later pages use sales after returns: 90 of this source, 100 before them"),
        "separate": (
            "not taken off sales, kept beside them",
            "later pages use sales before returns: 100 of this source, 90 after them",
        ),
        "drop": ("left out", "later pages use sales before returns: 100 of this source, 90 after them"),
    }
    for policy, (treatment, why) in told.items():
        chosen = settings({"data.returns_policy": policy})
        line = quality.checks(frame, RECORDS.empty(), settings=chosen, as_of=AS_OF).set_index("check").loc["returns"]
        assert (line["rows"], line["amount"], line["treatment"]) == (1, -10.0, treatment)
        assert f"data.returns_policy is {policy}" in line["why"]
        assert why in line["why"]


def returned(*rows: dict) -> pd.DataFrame:
    contract = TABLES["returns_complaints"]
    return contract.check(contract.complete(pd.DataFrame(rows)), "test")


def test_returns_in_a_table_only_are_named_with_the_money_of_their_orders():
    """o1 (100) named twice, o2 by the 30 it gives and once more, o9 unknown, a complaint about o3: 130 of 500."""
    back = returned(
        {"kind": "return", "order_id": "o1"},
        {"kind": "return", "order_id": "o1"},
        {"kind": "cancel", "order_id": "o2", "amount": 30.0},
        {"kind": "return", "order_id": "o2"},
        {"kind": "return", "order_id": "o9"},
        {"kind": "complaint", "order_id": "o3"},
    )
    check = "returns stand in a table of their own"
    frame = sales(*[{} for _ in range(5)])
    line = found(frame, returns_complaints=back).loc[check]
    assert (line["rows"], line["amount"], line["severity"]) == (5, 130.0, "caution")
    assert "26.0% of them, 1 by the amount given, 1 orders by their whole sale" in line["why"]
    with_credits = sales(*[{} for _ in range(5)], {"net_amount": -100.0, "is_return": True})
    assert check not in found(with_credits, returns_complaints=back).index
    assert check not in found(frame, returns_complaints=back.tail(1)).index


def test_a_giant_order_is_named_and_usual_spread_is_not():
    usual = [{"net_amount": 50.0 + 13 * (n % 11)} for n in range(200)]
    assert quality.giants(sales(*usual)).empty
    giants = quality.giants(sales(*usual, {"order_id": "huge", "net_amount": 90_000.0}))
    assert list(giants["order_id"]) == ["huge"]
    assert quality.giants(sales(*usual[:50], {"net_amount": 90_000.0})).empty  # too few orders to say


def test_an_order_taken_back_in_full_is_no_giant():
    usual = [{"net_amount": 50.0 + 13 * (n % 11), "ordered_on": AS_OF} for n in range(200)]
    huge = {"order_id": "huge", "net_amount": 90_000.0, "ordered_on": AS_OF}
    back = huge | {"net_amount": -90_000.0, "is_return": True}
    credit = back | {"order_id": "credit", "ordered_on": AS_OF}
    assert quality.giants(sales(*usual, huge, back)).empty
    assert quality.giants(sales(*usual, huge, credit)).empty
    for other in ({"customer_id": "2"}, {"net_amount": -80_000.0}, {"ordered_on": AS_OF - pd.Timedelta(days=1)}):
        assert list(quality.giants(sales(*usual, huge, credit | other))["order_id"]) == ["huge"], other
    twice = [huge | {"order_id": name} for name in ("huge", "twin")]
    assert len(quality.giants(sales(*usual, *twice, credit))) == 1


def test_no_sentence_of_quality_carries_a_customer_or_an_order():
    """Where a source has no order number, it is made of the customer's: a bank statement's payer is a name."""
    name = "UAB Slaptas Klientas"
    usual = [{"net_amount": 50.0 + 13 * (n % 11), "ordered_on": AS_OF} for n in range(200)]
    huge = {"order_id": f"bank:{name}:2026-09-30", "customer_id": name, "record_id": name, "net_amount": 90_000.0}
    table = found(sales(*usual, huge))
    assert {"giant orders", "one customer above 20% of sales"} <= set(table.index)
    assert not table["why"].str.contains(name).any()


def test_dates_on_the_first_of_the_month():
    months = pd.date_range("2025-01-01", "2026-09-01", freq="MS")
    assert found(sales(*[{"ordered_on": day} for day in months])).loc["dates on the first of the month", "rows"] == 21
    assert "dates on the first of the month" not in found(sales(*[{} for _ in range(60)])).index


def test_lags_of_1_3_and_10_days_are_two_thirds_in_time():
    frame = sales(
        *[{"recorded_on": AS_OF - pd.Timedelta(days=n) + pd.Timedelta(days=lag)} for n, lag in enumerate([1, 3, 10])]
    )
    share = quality.in_time(frame, settings=DEFAULT, as_of=AS_OF)
    assert share.value == pytest.approx(2 / 3)
    assert (share.n, share.status, share.parts["sla"]) == (3, "indicative", 7)
    lag = quality.recording_lag(frame, settings=DEFAULT, as_of=AS_OF).iloc[0]
    assert (lag["median_days"], lag["age_days"], lag["empty_months"]) == (3.0, 0.0, 0)


def test_without_a_day_of_entry_only_age_and_holes_are_told():
    frame = sales({"ordered_on": pd.Timestamp("2026-03-10")}, {"ordered_on": pd.Timestamp("2026-08-31")})
    assert quality.in_time(frame, settings=DEFAULT, as_of=AS_OF).status == "not_available"
    lag = quality.recording_lag(frame, settings=DEFAULT, as_of=AS_OF).iloc[0]
    assert pd.isna(lag["in_time_share"])
    assert (lag["age_days"], lag["empty_months"]) == (30.0, 4)


def test_coverage_shows_every_month_and_source():
    frame = sales(
        {"ordered_on": pd.Timestamp("2026-06-05")},
        {"ordered_on": pd.Timestamp("2026-08-05"), "customer_id": None},
        {"ordered_on": pd.Timestamp("2026-08-06"), "source": "web"},
    )
    strip = quality.coverage(frame).set_index(["month_on", "source"])
    assert len(strip) == 3 * 2
    assert strip.loc[("2026-07-01", "shop"), "rows"] == 0
    assert strip.loc[("2026-08-01", "shop"), "unidentified_share"] == 1.0
    assert strip["net"].sum() == 300.0


def test_holes_late_starts_early_ends_and_a_partial_last_month():
    months = pd.date_range("2025-10-15", "2026-09-15", freq="MS") + pd.Timedelta(days=14)
    steady = [{"ordered_on": day} for day in months if day.month != 4]
    late = [{"ordered_on": day, "source": "web"} for day in months[-3:]]
    gone = [{"ordered_on": day, "source": "fair"} for day in months[:3]]
    frame = sales(*steady, *late, *gone)
    table = quality.coverage_checks(frame, as_of=pd.Timestamp("2026-09-20")).set_index(["check", "source"])
    assert table.loc[("months without a row", "shop"), ["rows", "amount"]].tolist() == [1, 100.0]
    assert "2026-04" in table.loc[("months without a row", "shop"), "why"]
    assert table.loc[("source starts mid-period", "web"), "amount"] == 300.0
    assert table.loc[("source stops mid-period", "fair"), "rows"] == 3
    assert set(table.loc["partial last month"].index) == {"shop", "web"}
    whole = quality.coverage_checks(frame, as_of=pd.Timestamp("2026-09-30"))
    assert "partial last month" not in set(whole["check"])


def ledger(**months: float | None) -> pd.DataFrame:
    contract = TABLES["finance"]
    rows = [
        {"month_on": pd.Timestamp(f"2026-{month[1:]}-01"), "ledger_revenue": value} for month, value in months.items()
    ]
    return contract.check(contract.complete(pd.DataFrame(rows)), "test")


def test_1000_of_orders_against_980_in_the_ledger_is_two_per_cent_and_flagged():
    frame = sales(
        {"ordered_on": pd.Timestamp("2026-08-05"), "net_amount": 1000.0},
        {"ordered_on": pd.Timestamp("2026-07-05"), "net_amount": 500.0},
    )
    books = ledger(m07=500.0, m08=980.0, m06=None)
    months = quality.reconciliation(frame, books, settings=DEFAULT, as_of=AS_OF).set_index("month_on")
    assert len(months) == 2
    august = months.loc["2026-08-01"]
    assert (august["difference"], round(august["difference_share"], 3), august["is_flagged"]) == (20.0, 0.02, True)
    assert not months.loc["2026-07-01", "is_flagged"]
    line = found(frame, finance=books).loc["orders above the ledger"]
    assert (line["rows"], line["amount"]) == (1, 20.0)
    assert line["why"] == "orders are 20 (2.0%) above the ledger in 1 month: 2026-08 20 (2.0%)"
    whole = quality.reconciled(frame, books, settings=DEFAULT, as_of=AS_OF)
    assert (whole.value, whole.n) == (pytest.approx(20 / 1480), 2)
    assert (whole.parts["side"], whole.parts["difference"], whole.parts["flagged"]) == ("above", 20.0, 1)


def test_orders_below_the_ledger_are_a_share_of_the_ledger_too():
    frame = sales({"ordered_on": pd.Timestamp("2026-08-05"), "net_amount": 980.0})
    line = found(frame, finance=ledger(m08=1000.0)).loc["orders below the ledger"]
    assert line["amount"] == -20.0
    assert "orders are 20 (2.0%) below the ledger" in line["why"]
    whole = quality.reconciled(frame, ledger(m08=1000.0), settings=DEFAULT, as_of=AS_OF)
    assert (whole.value, whole.parts["side"]) == (pytest.approx(0.02), "below")


def test_a_month_cut_short_is_not_compared():
    """On 20 September half the month's 100 have come, and the ledger holds all of it; October lies ahead."""
    day = pd.Timestamp("2026-09-20")
    frame = sales({"ordered_on": pd.Timestamp("2026-08-05")}, {"ordered_on": day, "net_amount": 50.0})
    books = ledger(m08=100.0, m09=100.0, m10=100.0)
    months = quality.reconciliation(frame, books, settings=DEFAULT, as_of=day).set_index("month_on")
    assert [f"{month:%m}" for month in months.index] == ["08", "09"]
    assert pd.isna(months.loc["2026-09-01", "difference_share"])
    assert not months["is_flagged"].any()
    whole = quality.reconciled(frame, books, settings=DEFAULT, as_of=day)
    assert (whole.value, whole.n, whole.parts["orders"]) == (0.0, 1, 100.0)
    only = quality.reconciled(frame, ledger(m09=100.0), settings=DEFAULT, as_of=day)
    assert only.because == "`ledger_revenue` covers no whole month of the data"
    assert quality.reconciled(frame, ledger(m09=100.0), settings=DEFAULT, as_of=AS_OF).value == 0.5


def test_many_months_that_differ_are_one_row_and_one_question():
    days = pd.date_range("2026-01-05", "2026-08-05", freq="MS") + pd.Timedelta(days=4)
    frame = sales(*[{"ordered_on": day, "net_amount": 100.0 + day.month} for day in days])
    books = ledger(**{f"m{month:02d}": 50.0 for month in range(2, 9)})
    table = found(frame, finance=books)
    line = table.loc["orders above the ledger"]
    assert (line["rows"], line["amount"]) == (7, 7 * 50.0 + sum(range(2, 9)))
    assert "in 7 months: 2026-08 58 (116.0%), 2026-07 57" in line["why"]
    assert line["why"].endswith(" and 1 more")
    asked = quality.questions(table.reset_index())
    assert (asked["check"] == "orders above the ledger").sum() == 1


def test_a_total_quoted_from_the_ledger():
    """Orders of 1,000 in the period and 70 outside it, against 980 quoted: 20 above, 2.0 %."""
    frame = sales(
        {"ordered_on": pd.Timestamp("2026-01-01"), "net_amount": 600.0},
        {"ordered_on": pd.Timestamp("2026-06-30"), "net_amount": 400.0},
        {"ordered_on": pd.Timestamp("2026-07-01"), "net_amount": 70.0},
    )

    def total(**quoted):
        given = LedgerTotal(**{"from": "2026-01-01", "to": "2026-06-30", "net": 980.0} | quoted)
        return quality.ledger_total(frame, given, settings=DEFAULT, as_of=AS_OF)

    told = total()
    assert (told.value, told.n, told.parts["difference"]) == (pytest.approx(20 / 980), 2, 20.0)
    line = quality.total_checks(told).iloc[0]
    assert (line["check"], line["rows"], line["amount"]) == ("ledger total differs", 2, 20.0)
    assert "2.0% above the total quoted for 2026-01-01 to 2026-06-30" in line["why"]
    assert quality.total_checks(total(net=1005.0)).empty
    assert total(net=1100.0).parts["side"] == "below"
    late = total(to="2026-12-31")
    assert late.because == "the total quoted runs to 2026-12-31, the data to 2026-09-30"
    assert quality.total_checks(late).empty
    nothing = quality.ledger_total(frame, None, settings=DEFAULT, as_of=AS_OF)
    assert nothing.status == "not_available"


def test_a_month_the_ledger_has_and_the_orders_have_not_is_a_whole_difference():
    months = quality.reconciliation(sales({}), ledger(m03=700.0), settings=DEFAULT, as_of=AS_OF)
    assert months["difference"].tolist() == [-700.0]
    assert months["difference_share"].tolist() == [-1.0]


def test_a_constant_ratio_to_the_ledger_smells_of_vat():
    days = pd.date_range("2026-01-05", "2026-08-05", freq="MS") + pd.Timedelta(days=4)
    frame = sales(*[{"ordered_on": day, "net_amount": 121.0} for day in days])
    books = ledger(**{f"m{month:02d}": 100.0 for month in range(2, 9)})
    table = quality.ledger_checks(quality.reconciliation(frame, books, settings=DEFAULT, as_of=AS_OF)).set_index(
        "check"
    )
    assert table.loc["amounts may include VAT", "severity"] == "stop"
    assert "21%" in table.loc["amounts may include VAT", "why"]
    assert "(21.0%) above the ledger in 7 months" in table.loc["orders above the ledger", "why"]
    honest = quality.reconciliation(frame.assign(net_amount=100.0), books, settings=DEFAULT, as_of=AS_OF)
    assert quality.ledger_checks(honest).empty


def test_sellers_whose_orders_are_missing_stand_out():
    rows = [(month, seller) for month in (6, 7, 8) for seller in ("ann", "bob") if (month, seller) != (7, "bob")]
    frame = sales(*[{"ordered_on": pd.Timestamp(2026, month, 3), "manager_id": seller} for month, seller in rows])
    months = quality.sellers(frame).set_index(["month_on", "manager_id"])
    assert months[months["is_missing"]].index.tolist() == [(pd.Timestamp("2026-07-01"), "bob")]
    assert months.loc[("2026-07-01", "bob"), "usual_net"] == 100.0
    flagged = quality.reconciliation(frame, ledger(m06=200.0, m07=200.0), settings=DEFAULT, as_of=AS_OF)
    assert set(quality.sellers(frame, flagged)["month_on"]) == {pd.Timestamp("2026-07-01")}


def cards(phones: list[str | None]) -> pd.DataFrame:
    contract = TABLES["customers"]
    frame = pd.DataFrame({"customer_id": [str(n) for n in range(len(phones))], "phone": phones, "records": 1})
    return contract.check(contract.complete(frame), "test")


def test_telephone_missing_on_2_of_10_cards_is_80_per_cent():
    table = quality.completeness(cards(["+370 612 34567"] * 7 + ["000000"] + [None, " "])).set_index("field")
    phone = table.loc["phone"]
    assert (phone["filled"], phone["filled_share"], phone["valid"]) == (8, 0.8, 7)
    assert phone["low"] < 0.8 < phone["high"]
    assert table.loc["email", "filled_share"] == 0.0
    assert table.index[0] == "phone"


def test_records_nobody_touched_for_a_year_are_stale():
    days = pd.to_datetime(["2024-01-01", "2026-08-01", None, None])
    frame = pd.DataFrame(
        {
            "source": "crm",
            "record_id": list("abcd"),
            "updated_on": days,
            "created_on": pd.to_datetime([None, None, "2020-02-02", None]),
        }
    )
    records = RECORDS.check(RECORDS.complete(frame), "test")
    row = quality.stale(records, settings=DEFAULT, as_of=AS_OF).iloc[0]
    assert (row["records"], row["dated"], row["stale"], row["stale_share"]) == (4, 3, 2, pytest.approx(2 / 3))


def base(new_by_month: list[int], gone_with: dict[int, int] | None = None) -> pd.DataFrame:
    """Customers first seen month after month; each buys again every month until a month in which they vanish."""
    start, rows, number = pd.Timestamp("2025-01-10"), [], 0
    vanish = gone_with or {}
    for month, new in enumerate(new_by_month):
        for _ in range(new):
            number += 1
            last = vanish.get(month, len(new_by_month) - 1)
            for seen in range(month, last + 1):
                rows.append(
                    {
                        "customer_id": f"c{number}",
                        "record_id": f"c{number}",
                        "ordered_on": start + pd.DateOffset(months=seen),
                    }
                )
    return sales(*rows)


def test_customers_of_the_first_window_are_of_unknown_age():
    table = quality.origin_checks(base([10, 5, 5, 5]), settings=DEFAULT).set_index("check")
    assert table.loc["customers of unknown age", "rows"] == 20  # 10 January to 10 March: 59 days
    assert "80.0%" in table.loc["customers of unknown age", "why"]


def test_the_money_of_customers_of_unknown_age_is_net_of_returns():
    frame = sales({}, {"customer_id": "1", "net_amount": -30.0, "is_return": True})
    assert found(frame).loc["customers of unknown age", ["rows", "amount"]].tolist() == [1, 70.0]


def test_a_jump_of_new_customers_is_seen_and_a_new_numbering_named():
    jump = quality.origin_checks(base([10, 4, 4, 4, 4, 4, 4, 40, 4, 4]), settings=DEFAULT)
    row = jump[jump["check"].str.startswith("jump")].iloc[0]
    assert (row["check"], row["rows"]) == ("jump of new customers in 2025-08", 40)
    assert "numbering" in row["why"]
    assert "vanished" not in row["why"]
    moved = quality.origin_checks(base([40, 4, 4, 4, 4, 4, 4, 40, 4, 4], gone_with={0: 6}), settings=DEFAULT)
    assert not moved["check"].str.startswith("jump").any()
    renumbered = moved[moved["check"] == "numbering may have changed in 2025-08"].iloc[0]
    assert "40 customers vanished" in renumbered["why"]
    steady = quality.origin_checks(base([10, 30, 30, 30, 30, 30, 30, 40, 30, 30]), settings=DEFAULT)
    assert not steady["check"].str.startswith("jump").any()
    slowing = quality.origin_checks(base([69, 60, 56, 50, 46, 44, 40, 36, 30, 27, 22, *[7] * 20]), settings=DEFAULT)
    assert not slowing["check"].str.startswith("jump").any()


def test_buyers_without_a_record_and_records_without_a_sale():
    records = RECORDS.check(RECORDS.complete(pd.DataFrame({"source": "shop", "record_id": ["1", "8", "9"]})), "test")
    frame = sales(
        {}, {"record_id": "55", "customer_id": "55", "net_amount": 60.0}, {"record_source": "old", "net_amount": 5.0}
    )
    table = quality.checks(frame, records, settings=DEFAULT, as_of=AS_OF).set_index(["check", "source"])
    assert table.loc[("buyers without a record", "shop"), ["rows", "amount"]].tolist() == [1, 60.0]
    assert table.loc[("buyers without a record", "old"), "rows"] == 1
    assert table.loc[("records without a sale", "shop"), "rows"] == 2


def test_one_customer_above_the_watch_line():
    frame = sales({}, {"customer_id": "2", "record_id": "2", "net_amount": 300.0})
    row = found(frame).loc["one customer above 20% of sales"]
    assert (row["rows"], row["amount"]) == (1, 300.0)
    assert row["why"] == "one customer holds 75.0% of net sales: averages speak of this customer"


def test_a_switchboard_is_reported_without_its_number():
    names = ["Alfa Prekyba", "Beta Statyba", "Gama Logistika", "Delta Medis"]
    frame = pd.DataFrame({"source": "shop", "record_id": list("1234"), "name": names, "phone": "+370 5 2123456"})
    row = found(sales({}), RECORDS.check(RECORDS.complete(frame), "test")).loc["keys shared by many names: phone"]
    assert row["rows"] == 4
    assert "2123456" not in row["why"]


def test_questions_come_by_money_and_only_where_something_is_to_be_asked():
    frame = sales(
        {"net_amount": -30.0}, {"customer_id": None, "record_id": None, "net_amount": 400.0}, {"net_amount": 0.0}, {}
    )
    asked = quality.questions(quality.checks(frame, RECORDS.empty(), settings=DEFAULT, as_of=AS_OF))
    assert asked["rank"].tolist() == list(range(1, len(asked) + 1))
    assert asked["check"][0] == "sales without a customer"
    assert asked["amount"].abs().dropna().is_monotonic_decreasing
    assert "lines of zero value" not in set(asked["check"])
    assert asked["question"].str.endswith("?").all()


def verdicts(frame: pd.DataFrame, parameters: dict | None = None, **tables: pd.DataFrame) -> pd.Series:
    return quality.readiness(frame, tables, settings=settings(parameters), as_of=AS_OF).set_index("analysis")["verdict"]


def test_readiness_without_any_other_table():
    frame = base([60] + [20] * 20)
    told = verdicts(frame)
    assert told["classify"] == "ready"
    for analysis in ("margins", "recover_reasons", "attention", "cac", "prospects", "finance"):
        assert told[analysis] == "not_possible", analysis
    because = quality.readiness(frame, {}, settings=DEFAULT, as_of=AS_OF).set_index("analysis")["because"]
    assert "no literature figure" in because["cac"]


def test_what_is_not_possible_withholds_its_findings_and_a_second_way_withholds_nothing():
    made = quality.readiness(base([20] * 5), {}, settings=DEFAULT, as_of=AS_OF)
    barred = quality.withheld(made)
    assert "no literature figure" in barred["acquire.cac"]
    assert "contacts" in barred["attention.behaviour"]
    assert "value_model" in set(made.loc[made["verdict"] == "not_possible", "analysis"])
    assert not any(finding.startswith("value.clv") or finding == "value.equity" for finding in barred)
    assert quality.withheld(made.assign(verdict="caution")) == {}


def test_a_model_needs_enough_customers_of_known_age_who_came_back():
    assert verdicts(base([60] + [20] * 20))["value_model"] == "caution"  # 21 months do not show a season twice
    assert verdicts(base([300] + [1] * 20))["value_model"] == "not_possible"  # nearly all of unknown age
    assert (
        verdicts(sales(*[{"customer_id": str(n)} for n in range(400)]))["value_model"] == "not_possible"
    )  # nobody came back


def test_tables_that_are_given_lift_the_verdict_and_margins_are_graded():
    spend = pd.DataFrame({"amount": [1.0]})
    returns = pd.DataFrame({"kind": ["return"]})
    told = verdicts(base([60] + [20] * 20), spend=spend, returns_complaints=returns)
    assert (told["cac"], told["recover_reasons"]) == ("ready", "caution")
    assert verdicts(base([5] * 20), {"value.margin_share": 0.3})["margins"] == "caution"
    assert verdicts(base([5] * 20).assign(margin=10.0))["margins"] == "ready"


def test_unidentified_sales_call_for_caution_and_none_identified_makes_it_impossible():
    frame = base([60] + [20] * 20)
    assert (
        verdicts(frame.assign(customer_id=frame["customer_id"].where(frame.index % 10 > 0, None)))["classify"]
        == "caution"
    )
    nobody = verdicts(frame.assign(customer_id=None))
    assert (nobody["classify"], nobody["plays"], nobody["retention"]) == ("not_possible",) * 3


def doubt(frame: pd.DataFrame, check: str, amount: float, severity: str, **tables) -> pd.DataFrame:
    """The verdicts on `frame` when one thing was found wrong with it."""
    entry = {"check": check, "source": "s", "rows": 1, "amount": amount, "treatment": "asked", "why": "so it is"}
    wrong = TABLES["quality"].check(pd.DataFrame([entry | {"severity": severity}]), "test")
    return quality.readiness(frame, tables, wrong, settings=DEFAULT, as_of=AS_OF).set_index("analysis")


def test_what_the_page_found_calls_for_caution_in_what_rests_on_it():
    frame = base([120] + [20] * 25).assign(margin=10.0)
    finance = pd.DataFrame({"month_on": pd.date_range("2025-01-01", periods=12, freq="MS")})
    plain = quality.readiness(frame, {"finance": finance}, settings=DEFAULT, as_of=AS_OF).set_index("analysis")
    assert (plain.loc[["margins", "finance", "recover_list", "classify"], "verdict"] == "ready").all()
    vat = doubt(frame, "amounts may include VAT", 1.0, "stop", finance=finance)
    for analysis in ("margins", "finance", "value_model"):
        assert vat.loc[analysis, "verdict"] == "caution", analysis
        assert "amounts may include VAT (s): so it is" in vat.loc[analysis, "because"]
    assert vat.loc["cac", "verdict"] == "not_possible"  # spend was not given, and stays so
    assert vat.loc["classify", "verdict"] == "ready"  # a constant factor leaves shares as they are
    moved = doubt(frame, "numbering may have changed in 2025-08", 1e6, "caution")
    assert (moved.loc[["retention", "recover_list", "value_model"], "verdict"] == "caution").all()
    assert moved.loc["margins", "verdict"] == "ready"


def test_what_concerns_little_money_or_is_a_note_calls_for_nothing():
    frame = base([120] + [20] * 25)
    total = frame["net_amount"].sum()
    for amount, severity, verdict in (
        (0.06 * total, "caution", "caution"), (0.04 * total, "caution", "ready"), (0.06 * total, "note", "ready"),
    ):  # fmt: skip
        told = doubt(frame, "source stops mid-period", amount, severity)
        assert told.loc["recover_list", "verdict"] == verdict, (amount, severity)


def test_a_caution_keeps_its_reason_beside_what_was_found():
    told = doubt(base([120] + [20] * 20), "numbering may have changed in 2025-08", 1e6, "caution")
    assert "two active windows" in told.loc["retention", "because"]
    assert "so it is" in told.loc["retention", "because"]


def test_every_check_that_touches_an_analysis_is_one_that_is_asked_about():
    assert set(TOUCHED) <= set(_QUESTIONS)
    assert {name for names in TOUCHED.values() for name in names} <= set(ANALYSES)


def test_a_few_months_of_finance_call_for_caution():
    def told(months: int) -> str:
        return verdicts(
            base([5] * 8), finance=pd.DataFrame({"month_on": pd.date_range("2025-01-01", periods=months, freq="MS")})
        )["finance"]

    assert [told(months) for months in (1, 5, 6)] == ["caution", "caution", "ready"]


def test_inputs_are_left_unchanged():
    frame = base([5] * 8)
    before = frame.copy(deep=True)
    found(frame)
    verdicts(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_customers_who_never_came_back_are_asked_about():
    def checked(buyers: int, orders: int) -> pd.DataFrame:
        return found(sales(*({"record_id": f"r{n % buyers}", "customer_id": f"r{n % buyers}"} for n in range(orders))))

    asked = checked(100, 100).loc["every customer bought once"]
    assert (asked["rows"], asked["amount"], asked["severity"]) == (100, 10_000.0, "caution")
    assert "every customer bought once" not in checked(100, 101).index
    assert "every customer bought once" not in checked(50, 50).index


def test_the_steward_of_the_customer_file():
    managers = pd.DataFrame({"manager_id": ["V1", "V2", "V3"], "role": ["key", "Steward of the file", None]})
    found = quality.stewards(managers, as_of=AS_OF)
    assert (found.value, found.n) == (1, 2)
    assert quality.stewards(managers.head(1), as_of=AS_OF).value == 0
    assert quality.stewards(managers.tail(1), as_of=AS_OF).because == "managers.role"
    assert quality.stewards(None, as_of=AS_OF).because == "managers"


def test_what_reading_and_checking_say_alike_stands_once():
    rows = [
        ("sales that name no customer", "a"),
        ("sales without a customer", "a"),
        ("sales that name no customer", "b"),
    ]
    frame = pd.DataFrame(rows, columns=["check", "source"]).assign(
        rows=3, amount=1.0, treatment="kept", why="so", severity="caution"
    )
    found = quality.combined(frame.head(1), frame.tail(2))
    assert set(zip(found["check"], found["source"])) == {rows[1], rows[2]}


def test_how_complete_the_persons_on_file_are(make_table):
    """HU-20: telephone missing on 2 of 10 → 80 %; an entry of more than a year ago is stale."""
    listed = make_table(
        "contact_persons",
        customer_id="1",
        phone=["+370 6"] * 8 + ["", None],
        updated_on=["2024-01-01"] * 3 + ["2026-09-01"] * 6 + [None],
    )
    table = quality.persons(listed, settings=DEFAULT, as_of=AS_OF).set_index("field")
    assert table.loc["phone", ["persons", "filled", "filled_share", "stale"]].tolist() == [10, 8, 0.8, 3]
    assert table.loc["phone", "low"] < 0.8 < table.loc["phone", "high"]
    assert table.loc["role", "filled"] == 0
    undated = quality.persons(listed.assign(updated_on=pd.NaT), settings=DEFAULT, as_of=AS_OF)
    assert undated["stale"].isna().all(), "no day on any entry: what is stale is not known, not zero"


def test_what_a_person_likes_is_kept_only_with_consent(make_table):
    """C24."""
    listed = make_table(
        "contact_persons",
        customer_id=["1", "1", None],
        consent=pd.array([True, False, None], "boolean"),
        preferences=["tea", "chess", "sailing"],
    )
    assert quality.with_consent(listed)["preferences"].fillna("").tolist() == ["tea", "", ""]
    customers = pd.DataFrame({"customer_id": ["1"], "manager_id": ["m1"]})
    hands = make_table(
        "account_managers", customer_id=["1", None], manager_id=["m2", "m3"], from_on="2026-01-01", to_on=None
    )
    checks = quality.person_checks(listed, customers, hands, as_of=AS_OF).set_index("check")["rows"]
    assert checks.to_dict() == {
        "preferences without consent": 2,
        "manager in charge named differently": 1,
        "persons of no known customer": 1,
        "assignments of no known customer": 1,
    }
    assert quality.person_checks(None, customers, None, as_of=AS_OF).empty


def test_names_whose_letters_were_lost_are_asked_about():
    listed = pd.DataFrame({"source": "shop", "record_id": ["1", "2", "3"], "name": ["K?stutis", "Why? Not", "Ona"]})
    checks = found(sales({}), RECORDS.check(RECORDS.complete(listed), "test"))
    assert checks.loc["names with lost letters", ["rows", "severity"]].tolist() == [1, "caution"]
    asked = quality.questions(checks.reset_index())
    assert "Can the customer file be exported once more, in UTF-8?" in set(asked["question"])


def test_the_seller_whose_orders_the_ledger_lacks_is_named(make_table):
    """HU-19: a and b sold 100 each in August; the ledger has 100 of a and 80 of b, and 50 of c, who sold nothing."""
    august = {"ordered_on": pd.Timestamp("2026-08-10")}
    frame = sales({"manager_id": "a"} | august, {"manager_id": "b"} | august, {"manager_id": None} | august)
    books = make_table(
        "seller_ledger",
        month_on=["2026-08-01"] * 3 + ["2026-10-01"],
        manager_id=["a", "b", "c", "a"],
        ledger_revenue=[100.0, 80.0, 50.0, 500.0],
    )
    table = quality.by_seller(frame, books, settings=DEFAULT, as_of=AS_OF)
    assert table[["manager_id", "difference", "is_flagged"]].values.tolist() == [
        ["c", -50.0, True],
        ["b", 20.0, True],
        ["a", 0.0, False],
    ]
    assert table.loc[1, "difference_share"] == pytest.approx(0.25)
    checks = found(frame, seller_ledger=books)
    assert checks.loc["sellers above their ledger", ["rows", "amount"]].tolist() == [1, 20.0]
    assert checks.loc["sellers below their ledger", "why"].endswith("c 2026-08 50 (100.0%)")
