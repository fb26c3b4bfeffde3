import pandas as pd
import pytest

from rapport.analysis import must_keep

AS_OF = pd.Timestamp("2026-09-30")


def portfolio(named: str | None, alive=(0.5, 0.9, 0.5)):
    managers = pd.DataFrame({"manager_id": ["m1"], "must_keep": [named]})
    links = pd.DataFrame({"record_id": ["7", "8", "9"], "customer_id": ["a", "b", "c"]})
    history = pd.DataFrame({"customer_id": ["a", "b", "c"], "manager_id": "m1"})
    values = pd.DataFrame({"customer_id": ["a", "b", "c"], "clv": [100.0, 10.0, 80.0], "alive_prob": list(alive)})
    customers = pd.DataFrame({"customer_id": ["a", "b", "c"], "manager_id": None})
    return must_keep.must_keep(managers, links, history, values, customers)


def test_named_customers_against_those_with_most_value_at_risk():
    """BG-17: named {a, b}, top 2 {a, c} → 1 of 2, c unnamed."""
    table = portfolio("7; 8").set_index("customer_id")
    assert table["is_named"].to_dict() == {"a": True, "c": False, "b": True}
    assert table["is_top"].to_dict() == {"a": True, "c": True, "b": False}
    found = must_keep.named_rightly(table, as_of=AS_OF)
    assert (found.value, found.n, found.parts["unnamed"]) == (1, 2, 1)


def test_nobody_named_is_not_available():
    assert portfolio(None).empty
    assert must_keep.named_rightly(portfolio(None), as_of=AS_OF).status == "not_available"
    assert must_keep.named_rightly(None, as_of=AS_OF).status == "not_available"


@pytest.mark.parametrize("alive", [(1.0, 1.0, 1.0), (float("nan"),) * 3], ids=["everybody is alive", "no forecast"])
def test_without_a_word_on_who_may_be_lost_the_named_are_not_judged(alive):
    table = portfolio("7; 8", alive)
    assert table["is_named"].all()
    assert not table["is_top"].any()
    assert must_keep.named_rightly(table, as_of=AS_OF).because == "no forecast says who may be lost"
