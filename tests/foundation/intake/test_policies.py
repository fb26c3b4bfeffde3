"""Declared policies, each in rows and in money; nothing disappears unreported."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.foundation.errors import IntakeError
from rapport.foundation.intake import Source

from .conftest import SALES, row

LINES = """order,customer,date,product,amount
A1,k1,2026-01-10,BEANS,100.00
A2,k2,2026-01-11,POST,5.00
CA3,k1,2026-01-12,BEANS,40.00
A4,CASH,2026-01-13,BEANS,7.50
A4,CASH,2026-01-13,BEANS,7.50
A5,k3,2026-01-14,BEANS,-10.00
A6,k3,2026-01-15,BEANS,0.00
"""
COLUMNS = {**SALES, "product_id": "product"}


def test_a_rule_drops_rows_and_says_how_many_and_how_much(sales):
    rule = {"when": {"product_id": {"in": ["POST", "FEE"]}}, "then": "drop", "why": "postage, not goods"}
    intake = sales(LINES, columns=COLUMNS, rules=[rule])
    dropped = row(intake, "rule: postage, not goods")
    assert (dropped["rows"], dropped["amount"], dropped["treatment"]) == (1, 5.0, "dropped")
    assert (intake.rows_in, intake.rows_out) == (7, 6)
    assert (intake.money_in, intake.money_out) == (150.0, 145.0)


def test_a_return_is_negative_however_it_is_written(sales):
    rule = {"when": {"order_id": {"starts_with": "C"}}, "then": "return", "why": "cancellation"}
    intake = sales(LINES, columns=COLUMNS, rules=[rule])
    cancelled = intake.frame.set_index("order_id").loc["CA3"]
    assert (cancelled["net_amount"], cancelled["is_return"]) == (-40.0, True)
    assert row(intake, "rule: cancellation")["amount"] == -40.0
    assert row(intake, "returns and cancellations")["rows"] == 2  # the negative row is a return too


def test_an_unidentified_sale_keeps_its_money_and_loses_its_customer(sales):
    rule = {"when": {"record_id": {"in": "CASH"}}, "then": "unidentified", "why": "till"}
    intake = sales(LINES, columns=COLUMNS, rules=[rule])
    assert intake.frame["record_id"].isna().sum() == 2
    assert intake.frame["record_source"].isna().sum() == 2
    assert intake.money_out == 150.0
    assert row(intake, "sales that name no customer")["amount"] == 15.0


@pytest.mark.parametrize(("policy", "rows", "money"), [("drop", 6, 142.5), ("keep", 7, 150.0), (None, 7, 150.0)])
def test_exact_duplicates_are_reported_whatever_is_done(sales, policy, rows, money):
    intake = sales(LINES, columns=COLUMNS, **({"duplicates": policy} if policy else {}))
    assert (intake.rows_out, intake.money_out) == (rows, money)
    found = row(intake, "exact duplicate rows")
    assert (found["rows"], found["amount"]) == (1, 7.5)
    assert found["severity"] == ("caution" if policy is None else "note")


@pytest.mark.parametrize(
    ("condition", "orders"),
    [
        ({"net_amount": {"below": 0}}, ["A5"]),
        ({"net_amount": {"above": 40}}, ["A1"]),
        ({"ordered_on": {"above": "2026-01-14"}}, ["A6"]),
        ({"order_id": {"matches": "^CA"}}, ["CA3"]),
        ({"product": {"in": "post"}}, ["A2"]),
        ({"order_id": {"starts_with": ["CA", "A5"]}}, ["CA3", "A5"]),
        ({"order_id": {"in": ["A1", "A2"]}, "product_id": {"in": ["POST"]}}, ["A2"]),
        ({"order_id": {"not_in": ["a1", "A2", "CA3", "A4"]}}, ["A5", "A6"]),
    ],
)
def test_conditions(sales, condition, orders):
    intake = sales(LINES, columns=COLUMNS, rules=[{"when": condition, "then": "drop", "why": "test"}])
    assert set(orders) == {"A1", "A2", "CA3", "A4", "A5", "A6"} - set(intake.frame["order_id"])


def test_empty_cells_are_a_condition(sales):
    lines = "order,customer,date,amount\n1,a,2026-01-01,5\n2,,2026-01-01,7\n"
    rule = {"when": {"customer": {"empty": True}}, "then": "drop", "why": "nobody"}
    assert sales(lines, rules=[rule]).frame["order_id"].tolist() == ["1"]


def test_an_empty_cell_is_none_of_the_named_ones(sales):
    lines = "order,customer,date,amount\n1,a,2026-01-01,5\n2,,2026-01-01,7\n3,b,2026-01-01,9\n"
    rule = {"when": {"customer": {"not_in": ["b"]}}, "then": "drop", "why": "others"}
    assert sales(lines, rules=[rule]).frame["order_id"].tolist() == ["3"]


def test_a_rule_sees_what_is_computed(client):
    rule = {"when": {"net_amount": {"below": 0}}, "then": "drop", "why": "paid out"}
    lines = "date,in,out\n2026-01-01,5,1\n2026-01-02,1,2\n"
    intake = client.read(lines, columns={"ordered_on": "date"}, compute={"net_amount": "`in` - out"}, rules=[rule])
    assert row(intake, "rule: paid out")[["rows", "amount"]].tolist() == [1, -1.0]
    assert intake.money_out == 4.0


def test_a_rule_saves_a_row_from_being_unreadable(sales):
    lines = "order,customer,date,amount\n1,a,2026-01-01,5.00\ntest,a,2026-01-01,free\n"
    with pytest.raises(IntakeError, match="no amount in 1 of 2 rows: 'free'"):
        sales(lines)
    rule = {"when": {"order_id": {"in": "test"}}, "then": "drop", "why": "test order"}
    assert sales(lines, rules=[rule]).rows_out == 1


def test_a_rule_that_names_no_column_is_refused(sales):
    with pytest.raises(IntakeError, match="names the column 'prodct'") as error:
        sales(LINES, columns=COLUMNS, rules=[{"when": {"prodct": {"in": "POST"}}, "then": "drop", "why": "typo"}])
    assert "did you mean 'product'" in error.value.to_do


def test_below_needs_numbers_or_days(sales):
    rule = {"when": {"order_id": {"below": 5}}, "then": "drop", "why": "test"}
    with pytest.raises(IntakeError, match="need an amount or a day"):
        sales(LINES, columns=COLUMNS, rules=[rule])


def test_totals_rows_are_set_aside(sales):
    lines = (
        "order,customer,date,amount\n1,a,2026-01-01,5.50\n2,b,2026-01-01,7.00\nIš viso:,,,12.50\n"
        "3,a,2026-01-02,1.00\nTotal,,2026-01-02,1.00\n,,,13.50\n"
    )
    intake = sales(lines)
    assert (intake.rows_out, intake.money_out) == (3, 13.5)
    assert (row(intake, "totals rows")["rows"], row(intake, "totals rows")["amount"]) == (2, 13.5)
    assert row(intake, "rows without ordered_on")["amount"] == 13.5


def test_a_customer_called_total_is_no_total(sales):
    intake = sales("order,customer,date,amount\n1,Total,2026-01-01,5.50\n2,b,2026-01-01,7.00\n")
    assert intake.rows_out == 2


def test_rows_after_as_of_are_never_used(sales):
    lines = "order,customer,date,amount\n1,a,2026-01-01,5\n2,b,2026-03-01,7\n3,b,2099-03-01,9\n"
    intake = sales(lines, as_of="2026-02-01")
    assert intake.frame["order_id"].tolist() == ["1"]
    late = row(intake, "future")
    assert (late["rows"], late["amount"], late["treatment"], late["severity"]) == (2, 16.0, "set aside", "caution")


def test_orders_without_a_number_are_customer_and_day(client):
    lines = "customer,date,amount\na,2026-01-01,5\na,2026-01-01,7\nb,2026-01-01,1\n,2026-01-01,2\n,2026-01-01,3\n"
    intake = client.read(lines, columns={"record_id": "customer", "ordered_on": "date", "net_amount": "amount"})
    assert intake.frame["order_id"].nunique() == 4
    assert intake.frame["order_id"].tolist()[:2] == ["shop:a:2026-01-01"] * 2
    assert (
        row(intake, "orders without a number")["why"]
        == "the source numbers no orders: what a customer buys on one day is one order"
    )


def test_one_row_per_key_the_last_one_used(client):
    lines = "id,name,city\n1,Anna,Riga\n2,Ieva,Vilnius\n1,Anna,Riga\n2,Ieva,Kaunas\n"
    intake = client.read(lines, table="records", columns={"record_id": "id", "name": "name", "city": "city"})
    assert intake.frame[["record_id", "city"]].values.tolist() == [["1", "Riga"], ["2", "Kaunas"]]
    assert row(intake, "rows equal in everything that is mapped")["rows"] == 1
    assert row(intake, "rows with the record_id of a later row")["severity"] == "caution"


def test_a_file_with_nothing_left_is_refused(sales):
    with pytest.raises(IntakeError, match=r"no row is left to use: rule: all \(7\)"):
        sales(LINES, columns=COLUMNS, rules=[{"when": {"order_id": {"matches": "."}}, "then": "drop", "why": "all"}])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from("abCD"), st.sampled_from(["x", "y", ""]), st.integers(1, 28), st.integers(-9999, 99999)
        ),
        min_size=1,
        max_size=30,
    ),
    duplicates=st.sampled_from(["drop", "keep"]),
)
def test_every_row_and_every_cent_is_accounted_for(sales, rows, duplicates):
    lines = ["order,customer,date,amount", "keep,k,2026-01-01,1.00"]
    lines += [f"{order},{who},2026-02-{day:02d},{cents / 100:.2f}" for order, who, day, cents in rows]
    rules = [
        {"when": {"order_id": {"in": "a"}}, "then": "drop", "why": "test a"},
        {"when": {"record_id": {"in": "x"}}, "then": "unidentified", "why": "test x"},
    ]
    intake = sales("\n".join(lines) + "\n", rules=rules, duplicates=duplicates, as_of="2026-02-20")
    aside = intake.quality[intake.quality["treatment"].isin(["dropped", "set aside"])]
    assert intake.rows_in == intake.rows_out + aside["rows"].sum()
    assert round(intake.money_in, 2) == round(intake.money_out + aside["amount"].sum(), 2)
    assert round(intake.money_in, 2) == round(1 + sum(cents for *_, cents in rows) / 100, 2)


BORN = "id,name,born\n1,Ona,1980-02-03\n2,Jonas,19371233\n3,Rasa,never\n4,Petras,\n5,Asta,never\n"
PERSON = {"record_id": "id", "name": "name", "born_on": "born"}


def test_a_cell_that_cannot_be_read_is_refused_and_the_policy_named(client):
    with pytest.raises(IntakeError, match="born_on is no day in 3 of 5 rows: '19371233', 'never'") as error:
        client.read(BORN, table="records", columns=PERSON)
    assert "`unreadable: {born_on: empty}`" in error.value.to_do


def test_unreadable_cells_are_left_empty_where_it_is_declared(client):
    intake = client.read(BORN, table="records", columns=PERSON, unreadable={"born_on": "empty"})
    assert intake.frame["born_on"].notna().tolist() == [True, False, False, False, False]
    assert intake.frame["name"].tolist() == ["Ona", "Jonas", "Rasa", "Petras", "Asta"]
    left = row(intake, "born_on that is no day")
    assert (left["rows"], left["treatment"], left["severity"]) == (3, "left empty", "caution")
    assert "'19371233', 'never'" in left["why"]


def test_numbers_answers_and_choices_may_be_left_empty_too(client):
    lines = "id,kind,consent\n1,person,yes\n2,thing,perhaps\n"
    columns = {"record_id": "id", "kind": "kind", "consent_marketing": "consent"}
    declared = {"kind": "empty", "consent_marketing": "empty"}
    frame = client.read(lines, table="records", columns=columns, unreadable=declared).frame
    assert frame["kind"].tolist() == ["person", None]
    assert frame["consent_marketing"].isna().tolist() == [False, True]
    sold = "order,customer,date,amount,units\n1,a,2026-01-01,5,2\n2,a,2026-01-02,5,many\n"
    quantity = client.read(sold, columns={**SALES, "quantity": "units"}, unreadable={"quantity": "empty"}).frame[
        "quantity"
    ]
    assert quantity.isna().tolist() == [False, True]


def test_a_rule_still_holds_beside_cells_left_empty(client):
    sold = "order,customer,date,amount,units\nC1,a,2026-01-01,5,2\n2,a,2026-01-02,5,many\n"
    rule = {"when": {"order_id": {"starts_with": "C"}}, "then": "return", "why": "cancellation"}
    columns = {**SALES, "quantity": "units"}
    frame = client.read(sold, columns=columns, rules=[rule], unreadable={"quantity": "empty"}).frame
    assert frame["quantity"].fillna(0).tolist() == [-2, 0]


@pytest.mark.parametrize("column", ["ordered_on", "net_amount", "margin", "is_return"])
def test_what_is_needed_or_money_is_never_left_empty(column):
    with pytest.raises(ValueError, match=f"'{column}' cannot be left empty"):
        Source(table="transactions", file="raw/sales.csv", unreadable={column: "empty"})


def test_for_money_the_policy_is_not_offered(sales):
    with pytest.raises(IntakeError, match="net_amount is no amount") as error:
        sales(LINES.replace("7.50", "free"))
    assert "unreadable:" not in error.value.to_do
