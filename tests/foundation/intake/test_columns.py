"""Mapping as declared: columns, constants, values, formulas, joins, currencies."""

import pytest

from rapport.foundation.contracts import TABLES
from rapport.foundation.errors import IntakeError
from rapport.foundation.intake.arithmetic import Formula
from rapport.foundation.intake.source import CANONICAL

from .conftest import SALES, row

LINES = "order,customer,date,amount\n0007,a,2026-01-01,5.10\n0008,b,2026-01-02,7.20\n"


def test_numbers_stay_texts_and_columns_may_stand_in_any_order(sales):
    mixed = "amount,date,order,customer\n5.10,2026-01-01,0007,a\n7.20,2026-01-02,0008,b\n"
    first, second = sales(LINES), sales(mixed)
    assert first.frame["order_id"].tolist() == ["0007", "0008"]
    assert first.frame.equals(second.frame)


def test_every_column_of_the_contract_is_there_and_says_where_it_comes_from(sales):
    frame = sales(LINES, records="crm").frame
    assert set(frame["source"]) == {"shop"}
    assert set(frame["record_source"]) == {"crm"}
    assert frame["customer_id"].isna().all()
    assert not frame["is_return"].any()


@pytest.mark.parametrize("table", sorted(CANONICAL))
def test_every_table_comes_out_as_its_contract_says(client, table):
    """Each table read from a file that gives all of its columns, and from one that gives only what is required."""
    contract = CANONICAL[table]
    cells = {"date": "2026-01-05", "money": "12.50", "share": "0.5", "yes/no": "yes"}
    given = {name: column for name, column in contract.columns.items() if name not in ("record_source", "customer_id")}
    values = {
        name: column.options[0] if column.options else cells.get(column.unit, "7") for name, column in given.items()
    }
    for names in (list(given), list(contract.required)):
        lines = ",".join(names) + "\n" + ",".join(values[name] for name in names) + "\n"
        intake = client.read(lines, table=table, columns={name: name for name in names})
        assert contract.check(intake.frame, "test").equals(intake.frame)
        assert TABLES["quality"].check(intake.quality, "test").equals(intake.quality)
        assert len(intake.frame) == 1


def test_a_file_may_say_itself_whose_numbers_it_uses(client):
    """The kit's own logs name customers of several sources; where a row says nothing, the declared source holds."""
    lines = "system,id,state\ncrm,1,contacted\nweb,1,returned\n,2,to_contact\nweb,,contacted\n"
    names = {"record_source": "system", "record_id": "id", "status": "state"}
    frame = client.read(lines, table="winback_log", columns=names, records="shop").frame
    assert frame["record_source"].tolist() == ["crm", "web", "shop"]
    assert frame["record_id"].tolist() == ["1", "1", "2"]


def test_unused_columns_are_named(sales):
    assert sales("order,customer,date,amount,colour\n1,a,2026-01-01,5,red\n").unused == ("colour",)


def test_constants_and_values(client):
    lines = "id,when,what\n1,2026-01-01,Reklamacija\n2,2026-01-02,GRĄŽINIMAS\n3,2026-01-03,cancel\n"
    intake = client.read(
        lines,
        table="returns_complaints",
        columns={"record_id": "id", "happened_on": "when", "kind": "what"},
        values={"kind": {"Reklamacija": "complaint", "Grąžinimas": "return"}},
        constants={"department_id": "WEB"},
    )
    assert intake.frame["kind"].tolist() == ["complaint", "return", "cancel"]
    assert set(intake.frame["department_id"]) == {"WEB"}


def test_a_word_nobody_declared_is_asked_about(client):
    with pytest.raises(IntakeError, match=r"is none of return, cancel, complaint in 1 of 1 rows: 'Skundas'") as error:
        client.read("id,what\n1,Skundas\n", table="returns_complaints", columns={"record_id": "id", "kind": "what"})
    assert "`values: {kind: {'Skundas': return}}`" in error.value.to_do


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("Taip", True),
        ("ne", False),
        ("да", True),
        ("нет", False),
        ("jah", True),
        ("igen", True),
        ("nem", False),
        ("0", False),
    ],
)
def test_yes_and_no_in_six_languages(client, word, answer):
    columns = {"record_id": "id", "consent_marketing": "ok"}
    intake = client.read(f"id,ok\n1,{word}\n2,\n", table="records", columns=columns)
    assert intake.frame["consent_marketing"].tolist()[0] is answer
    assert intake.frame["consent_marketing"].isna()[1]


def test_names_in_two_columns_are_joined_by_a_blank(client):
    columns = {"record_id": "id", "name": ["first", "last"]}
    intake = client.read("id,first,last\n1,Anna,Bērziņa\n2,,Ozols\n", table="records", columns=columns)
    assert intake.frame["name"].tolist() == ["Anna Bērziņa", "Ozols"]


def test_a_column_that_is_not_there_is_named_with_the_nearest(sales):
    with pytest.raises(IntakeError, match="there is no column 'amout'") as error:
        sales(LINES, columns={**SALES, "net_amount": "amout"})
    assert "did you mean 'amount'" in error.value.to_do
    assert "raw/sales.csv" in error.value.where


def test_a_required_column_nobody_mapped_is_named(client):
    with pytest.raises(IntakeError, match="table 'transactions' needs net_amount") as error:
        client.read(LINES, columns={"order_id": "order", "ordered_on": "date"})
    assert "order, customer, date, amount" in error.value.where


def test_a_column_that_occurs_twice_must_be_told_apart(sales):
    lines = "order,customer,date,amount,amount\n1,a,2026-01-01,5.00,6.00\n"
    with pytest.raises(IntakeError, match="occurs more than once"):
        sales(lines)
    assert sales(lines, columns={**SALES, "net_amount": "amount (1)"}).money_out == 5
    assert sales(lines, columns={**SALES, "net_amount": "amount (2)"}).money_out == 6


class TestFormulas:
    def test_they_compute_from_their_columns_without_dust(self, client):
        lines = 'date,Unit Price,Qty,Disc\n2026-01-01,2.55,6,0\n2026-01-02,"1.10",3,0.5\n'
        intake = client.read(
            lines, columns={"ordered_on": "date"}, compute={"net_amount": "`Unit Price` * Qty * (1 - Disc)"}
        )
        assert intake.frame["net_amount"].tolist() == [15.3, 1.65]

    @pytest.mark.parametrize(
        "text",
        [
            "__import__('os')",
            "a.b",
            "a ** 2",
            "f(a)",
            "or_zero(a, b)",
            "or_zero()",
            "a if a else 1",
            "[a]",
            "'x'",
            "a <",
            "a and b",
            "True",
        ],
    )
    def test_nothing_but_arithmetic(self, text):
        with pytest.raises(IntakeError) as error:
            Formula(text, "raw/f.csv")
        assert error.value.where == "raw/f.csv, compute"

    def test_an_unknown_column_is_named(self, client):
        with pytest.raises(IntakeError, match="'Prise', which is no column") as error:
            client.read(
                "date,Price\n2026-01-01,5\n", columns={"ordered_on": "date"}, compute={"net_amount": "Prise * 1"}
            )
        assert "did you mean 'Price'" in str(error.value)

    def test_division_by_nothing_is_empty(self):
        assert str(Formula("a / b", "f")({"a": 1.0, "b": 0.0})) == "nan"

    def test_an_empty_value_counts_as_nothing_only_where_that_is_said(self, client):
        lines = "date,in,out\n2026-01-01,5,\n2026-01-02,,2\n2026-01-03,7,3\n"
        columns, said = {"ordered_on": "date"}, "or_zero(`in`) - or_zero(out)"
        assert client.read(lines, columns=columns, compute={"net_amount": said}).frame["net_amount"].tolist() == [
            5,
            -2,
            4,
        ]
        unsaid = client.read(lines, columns=columns, compute={"net_amount": "`in` - out"})
        assert unsaid.frame["net_amount"].tolist() == [4]


class TestJoins:
    ORDERS = "order,date\n1,2026-01-01\n2,2026-01-02\n"
    COLUMNS = {"order_id": "order", "ordered_on": "date", "net_amount": "amount"}

    def test_columns_of_another_file_come_beside(self, client):
        client.put("days.csv", self.ORDERS)
        intake = client.read(
            "order,amount\n1,5\n1,6\n2,7\n",
            columns=self.COLUMNS,
            joins=[{"file": "raw/days.csv", "on": {"order": "order"}}],
        )
        assert intake.frame["ordered_on"].dt.day.tolist() == [1, 1, 2]
        assert intake.money_out == 18

    def test_a_row_never_becomes_two(self, client):
        client.put("days.csv", self.ORDERS + "1,2026-01-03\n")
        with pytest.raises(IntakeError, match="2 of 3 rows match more than one row of raw/days.csv") as error:
            client.read(
                "order,amount\n1,5\n1,6\n2,7\n",
                columns=self.COLUMNS,
                joins=[{"file": "raw/days.csv", "on": {"order": "order"}}],
            )
        assert "raw/sales.csv, line 2" in error.value.where

    def test_rows_without_a_match_are_counted(self, client):
        client.put("days.csv", self.ORDERS)
        intake = client.read(
            "order,amount\n1,5\n9,6\n", columns=self.COLUMNS, joins=[{"file": "raw/days.csv", "on": {"order": "order"}}]
        )
        assert row(intake, "rows without a match in raw/days.csv")["rows"] == 1
        assert row(intake, "rows without ordered_on")["amount"] == 6

    def test_a_name_both_have_gets_the_files_name_in_front(self, client):
        client.put("days.csv", "order,date,amount\n1,2026-01-01,99\n")
        intake = client.read(
            "order,amount\n1,5\n",
            columns={**self.COLUMNS, "margin": "days.amount"},
            joins=[{"file": "raw/days.csv", "on": {"order": "order"}}],
        )
        assert intake.frame[["net_amount", "margin"]].values.tolist() == [[5, 99]]

    def test_a_key_that_is_not_there_is_named(self, client):
        client.put("days.csv", self.ORDERS)
        with pytest.raises(IntakeError, match="no column 'ordr' to join on"):
            client.read(
                "order,amount\n1,5\n", columns=self.COLUMNS, joins=[{"file": "raw/days.csv", "on": {"order": "ordr"}}]
            )


class TestCurrencies:
    LINES = "order,customer,date,amount,currency\n1,a,2025-12-30,195.583,BGN\n2,b,2026-01-02,100.00,EUR\n"
    COLUMNS = {**SALES, "currency": "currency"}

    def test_two_currencies_without_a_rate_are_an_error(self, sales):
        with pytest.raises(IntakeError, match="several currencies: BGN in 1 rows, EUR in 1 rows") as error:
            sales(self.LINES, columns=self.COLUMNS)
        assert "rates: {BGN: 1/1.95583}" in error.value.to_do

    def test_the_bulgarian_change_to_the_euro(self, sales):
        intake = sales(self.LINES, columns=self.COLUMNS, rates={"BGN": "1/1.95583"})
        assert intake.frame["net_amount"].tolist() == [100.0, 100.0]
        assert row(intake, "amounts in BGN")["rows"] == 1

    def test_a_currency_that_changed_without_a_column(self, sales):
        lines = 'order,customer,date,amount\n1,a,31.12.2025,"195,583"\n2,b,01.01.2026,"100,00"\n'
        intake = sales(lines, currency_before={"2026-01-01": "BGN"}, rates={"BGN": "1/1.95583"})
        assert intake.frame["net_amount"].tolist() == [100.0, 100.0]

    def test_a_source_in_another_currency_needs_a_rate(self, sales):
        with pytest.raises(IntakeError, match="another currency than EUR: USD"):
            sales("order,customer,date,amount\n1,a,2026-01-01,$5.00\n")
        assert sales("order,customer,date,amount\n1,a,2026-01-01,$5.00\n", rates={"USD": 0.9}).money_out == 4.5

    def test_signs_inside_the_amounts_count(self, sales):
        with pytest.raises(IntakeError, match="several currencies"):
            sales("order,customer,date,amount\n1,a,2026-01-01,€5.00\n2,a,2026-01-01,$5.00\n")

    def test_a_currency_nobody_knows_is_named(self, sales):
        with pytest.raises(IntakeError, match="no known currency in 1 of 2 rows: 'EURR'"):
            sales(self.LINES.replace("EUR", "EURR"), columns=self.COLUMNS, rates={"BGN": 0.5})

    @pytest.mark.parametrize(
        ("currency", "rates", "fault", "right"),
        [
            ("EUR", {"BGN": 1.95583}, "is the irrevocable rate turned round", "rates: {BGN: 1/1.95583}"),
            ("EUR", {"BGN": 0.5}, "against the irrevocable rate", "rates: {BGN: 1/1.95583}"),
            ("BGN", {"EUR": 0.5113}, "is the irrevocable rate turned round", "rates: {EUR: 1.95583}"),
            ("EUR", {"LTL": "1/3.4588"}, "against the irrevocable rate", "rates: {LTL: 1/3.45280}"),
        ],
    )
    def test_a_rate_against_the_irrevocable_one_is_refused(self, sales, currency, rates, fault, right):
        with pytest.raises(IntakeError, match=fault) as error:
            sales(self.LINES, columns=self.COLUMNS, currency=currency, rates=rates)
        assert right in error.value.to_do

    @pytest.mark.parametrize("rate", ["1/1.95583", "1/1.956", 0.511, 0.5113])
    def test_the_irrevocable_rate_may_be_rounded(self, sales, rate):
        intake = sales(self.LINES, columns=self.COLUMNS, rates={"BGN": rate})
        assert intake.frame["net_amount"].tolist()[0] == pytest.approx(100, abs=0.1)

    def test_rows_dropped_by_a_rule_need_no_rate(self, sales):
        rule = {"when": {"currency": {"in": "BGN"}}, "then": "drop", "why": "before the euro"}
        assert sales(self.LINES, columns=self.COLUMNS, rules=[rule]).money_out == 100


class TestShares:
    def test_percent_signs_divide_by_a_hundred(self, client):
        columns = {"ordered_on": "date", "net_amount": "amount", "discount_share": "off"}
        intake = client.read("date,amount,off\n2026-01-01,5.00,15%\n2026-01-02,5.00,\n", columns=columns)
        assert intake.frame["discount_share"].tolist()[0] == 0.15

    def test_percent_without_a_sign_is_asked_about(self, client):
        columns = {"ordered_on": "date", "net_amount": "amount", "discount_share": "off"}
        with pytest.raises(IntakeError, match="seems to be in percent") as error:
            client.read("date,amount,off\n2026-01-01,5.00,15\n", columns=columns)
        assert 'discount_share: "Discount / 100"' in error.value.to_do
