"""Contracts: every table declared once, checked with errors that teach."""

import pandas as pd
import pytest

from rapport.foundation.contracts import INPUTS, RESULTS, TABLES
from rapport.foundation.errors import ContractError

LINKS = pd.DataFrame(
    {
        "source": ["crm", "web"],
        "record_id": ["0007", "9"],
        "customer_id": ["crm:0007", "crm:0007"],
        "match_prob": [1.0, 0.97],
        "rule": ["alone", "exact email"],
        "is_ambiguous": [False, False],
    }
)


def test_a_good_table_keeps_its_leading_zeros_and_gets_the_contracts_order():
    checked = TABLES["links"].check(LINKS[LINKS.columns[::-1]], "here")
    assert list(checked.columns) == list(TABLES["links"].columns)
    assert checked["record_id"].tolist() == ["0007", "9"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda links: links.drop(columns="rule"), "lacks rule"),
        (lambda links: links.assign(extra=1), "has unknown extra"),
        (lambda links: links.assign(match_prob=[1.0, 1.2]), "links.match_prob fails"),
        (lambda links: links.assign(record_id=["1", "1"], source=["a", "a"]), "make source, record_id unique"),
        (lambda links: links.assign(is_ambiguous=[True, None]), "links.is_ambiguous is empty in 1 of 2 rows"),
        (lambda links: links.assign(rule=[None, "x"]), "never empty"),
    ],
)
def test_a_broken_table_is_refused_with_what_where_and_what_to_do(change, words):
    with pytest.raises(ContractError) as error:
        TABLES["links"].check(change(LINKS), "links.parquet")
    assert words in str(error.value)
    assert "where:" in str(error.value)
    assert "what to do:" in str(error.value)


def test_the_first_bad_row_is_shown():
    with pytest.raises(ContractError, match=r"in 1 of 2 rows\.\n  where:      first at row 1: 1\.2"):
        TABLES["links"].check(LINKS.assign(match_prob=[1.0, 1.2]), "links.parquet")


def test_check_leaves_its_input_alone():
    before = LINKS.copy(deep=True)
    TABLES["links"].check(LINKS, "here")
    pd.testing.assert_frame_equal(LINKS, before)


def test_complete_adds_what_is_missing_and_never_a_true_flag():
    whole = TABLES["transactions"].complete(pd.DataFrame({"order_id": ["1"], "net_amount": [5.0]}))
    assert whole["is_return"].tolist() == [False]
    assert whole["margin"].isna().all()


def test_every_table_is_described_and_can_be_empty():
    assert len(TABLES) == len(INPUTS) + len(RESULTS), "two tables of one name"
    for name, table in TABLES.items():
        assert table.grain, name
        assert set(table.key) | set(table.required) <= set(table.columns), name
        assert all(column.meaning for column in table.columns.values()), name
        assert len(table.empty()) == 0


def test_every_clients_table_says_what_its_absence_costs():
    assert all(table.costs for table in INPUTS)


def test_names_tell_the_unit():
    for table in TABLES.values():
        for name, column in table.columns.items():
            if name.endswith("_on"):
                assert column.unit == "date", f"{table.name}.{name}"
            if name.endswith("_days") and column.dtype == "float64":
                assert column.unit == "days", f"{table.name}.{name}"
            if name.startswith("is_"):
                assert column.dtype == "bool", f"{table.name}.{name}"
            if name.endswith("_prob"):
                assert (column.at_least, column.at_most) == (0, 1), f"{table.name}.{name}"
