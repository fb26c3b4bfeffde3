"""How key customers are looked after, and the four mistakes (HU-38, HU-40)."""

import pandas as pd
import pytest

from rapport.analysis import care
from rapport.foundation.settings import settings

KIT = settings()
AS_OF = pd.Timestamp("2026-06-30")


@pytest.fixture
def keys(make_table):
    names = ["good", "single", "loose"]
    customers = make_table(
        "customers", customer_id=names, name=names, manager_id=["m1", "m1", None], sector=["x", None, None]
    )
    classes = pd.DataFrame({"customer_id": names, "key_scope": "company", "abc": "A"})
    loads = pd.DataFrame({"manager_id": ["m1"], "keys": [2], "others": [0], "is_mixed": [False]})
    return classes, customers, loads


@pytest.fixture
def contacts(make_table):
    return make_table(
        "contacts",
        customer_id=["good"] * 4 + ["single"],
        contacted_on=["2026-05-01", "2026-05-02", "2026-05-03", "2026-02-01", "2026-05-01"],
        client_role=["Owner", "buyer", "accountant", "owner", "buyer"],
        by_role=["manager", "manager", "manager", "head", "manager"],
        channel=["phone", "phone", "phone", "visit", "phone"],
        purpose=["launch", None, None, None, None],
        direction="out",
    )


def test_the_matrix_of_care(keys, contacts):
    table = care.care(*keys, contacts, settings=KIT, as_of=AS_OF).set_index("customer_id")
    assert table["verdict"].to_dict() == {"good": "green", "single": "red", "loose": "red"}
    assert table["roles"].tolist() == [3, 1, 0]
    assert table.loc["good", ["is_dedicated", "knows_owner", "is_visited", "is_offered_first"]].tolist() == [True] * 4
    assert table.loc["single", ["knows_owner", "is_visited", "is_offered_first"]].tolist() == [False] * 3
    assert pd.isna(table.loc["loose", "is_dedicated"])
    late = care.care(*keys, contacts, settings=KIT, as_of=AS_OF + pd.Timedelta(days=60)).set_index("customer_id")
    assert late.loc["good", "verdict"] == "amber"


def test_who_is_known_through_one_role_only(keys, contacts):
    found = care.single_threaded(care.care(*keys, contacts, settings=KIT, as_of=AS_OF), settings=KIT, as_of=AS_OF)
    assert (found.value, found.n) == (2, 3)
    assert (found.parts["visited"], found.parts["unmanaged"]) == (1, 1)
    none = care.care(*keys, contacts, settings=KIT, as_of=AS_OF).iloc[:0]
    assert care.single_threaded(none, settings=KIT, as_of=AS_OF).because == "no key customer"


def test_without_contacts_care_is_unknown(keys):
    table = care.care(*keys, settings=KIT, as_of=AS_OF)
    found = care.single_threaded(table, settings=KIT, as_of=AS_OF)
    assert found.because == "neither contacts nor contact_persons was given"
    assert set(table["verdict"]) == {"unknown"}
    assert table[["roles", "knows_owner", "is_visited"]].isna().all().all()


def test_persons_on_file_count_as_floors_beside_the_contacts(keys, contacts, make_table):
    persons = make_table(
        "contact_persons", customer_id=["single"] * 3 + ["loose"], role=["Buyer ", "owner", "staff", None]
    )
    table = care.care(*keys, contacts, contact_persons=persons, settings=KIT, as_of=AS_OF).set_index("customer_id")
    assert table["roles"].tolist() == [3, 3, 0]
    assert table["knows_owner"].tolist() == [True, True, False]
    alone = care.care(*keys, contact_persons=persons, settings=KIT, as_of=AS_OF).set_index("customer_id")
    assert alone["roles"].tolist() == [0, 3, 0]
    assert alone["is_visited"].isna().all(), "who came is known from the contacts only"
    assert alone["verdict"].to_dict() == {"good": "red", "single": "amber", "loose": "red"}


def test_a_key_manager_is_dedicated_by_role(keys, make_table):
    classes, customers, loads = keys
    mixed = loads.assign(is_mixed=True, others=9)
    assert not care.care(classes, customers, mixed, settings=KIT, as_of=AS_OF)["is_dedicated"].iloc[0]
    managers = make_table("managers", manager_id=["m1"], role=["key"])
    assert care.care(classes, customers, mixed, managers=managers, settings=KIT, as_of=AS_OF)["is_dedicated"].iloc[0]


def mistakes_of(keys, contacts=None, loads=None):
    classes, customers, usual = keys
    loads = usual if loads is None else loads
    matrix = care.care(classes, customers, loads, contacts, settings=KIT, as_of=AS_OF)
    return care.mistakes(classes, customers, matrix, loads, contacts, settings=KIT, as_of=AS_OF)


def test_a_key_manager_with_120_small_accounts(keys):
    loads = pd.DataFrame({"manager_id": ["M1"], "keys": [4], "others": [120], "is_mixed": [True]})
    table = mistakes_of(keys, loads=loads)
    assert table["answer"].tolist() == ["unknown", "unknown", "yes", "yes"]
    assert table["evidence"].iloc[2] == "M1: 4 key and 120 small accounts"


def test_the_mistakes_that_contacts_show(keys, contacts):
    classes, customers, loads = keys
    classes = classes.assign(abc=["A", "C", "C"])
    answers = mistakes_of((classes, customers, loads), contacts)["answer"].tolist()
    assert answers[:3] == ["no", "yes", "no"]
    both = pd.concat([contacts, contacts[contacts["by_role"] == "head"].assign(customer_id="single")])
    assert mistakes_of((classes, customers, loads), both)["answer"].iloc[1] == "no"
    alike = contacts[contacts["customer_id"].eq("single") | contacts["by_role"].eq("head")]
    assert mistakes_of((classes, customers, loads), alike)["answer"].iloc[0] == "no"
    assert mistakes_of((classes, customers, loads), alike.iloc[1:])["answer"].tolist()[:2] == ["yes", "yes"]


def test_without_key_customers_most_is_unknown(keys):
    classes, customers, loads = keys
    table = mistakes_of((classes.assign(key_scope=""), customers, loads.assign(keys=0)))
    assert table["answer"].tolist() == ["unknown"] * 4
