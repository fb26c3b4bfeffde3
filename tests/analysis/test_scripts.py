import pandas as pd
import pytest

from rapport.analysis import scripts
from rapport.foundation.contracts import TABLES
from rapport.foundation.playbook import load
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


@pytest.fixture(scope="module")
def plays():
    from rapport.foundation.library import library_folder

    return load(library_folder("playbook"))


def firm(*rows):
    """(customer, state, abc, key_scope, reason, manager) rows as `lost` and the tables a script looks at."""
    names = ["customer_id", "state", "abc", "key_scope", "reason", "manager_id"]
    frame = pd.DataFrame(rows, columns=names)
    least = {"is_disputed": False, "silent_days": 200.0, "silent_gaps": 5.0, "remaining_value": 500.0}
    least |= {"value_at_risk": 300.0, "value_basis": "x", "return_prob": 0.05, "rank": range(1, len(rows) + 1)}
    lost = TABLES["lost"].complete(frame.drop(columns=["abc", "key_scope"]).assign(**least))
    tables = {"classes": frame[["customer_id", "state", "abc", "key_scope"]]}
    tables |= {name: frame[["customer_id"]].copy() for name in ("history", "values")}
    tables["customers"] = frame[["customer_id", "manager_id"]]
    return lost, tables


LOST, TABLES_OF = firm(
    ("key", "lost", "A", "company", "price", "m1"),
    ("price", "lost", "C", "", "price", "m1"),
    ("late", "lost", "A", "", "late_delivery", "m1"),
    ("done", "lost_one_timer", "C", "", "need_gone", "m2"),
    ("mute", "lost", "B", "", None, "m2"),
    ("none", "lost_one_timer", "C", "", None, None),
)


def test_the_script_is_the_closest_play_a_customer_meets(plays):
    """Key accounts first, then the customer's own reason, then the largest middle effect; a questionnaire wins nobody."""
    table = scripts.scripts(LOST, plays, TABLES_OF, settings=DEFAULT, as_of=AS_OF).set_index("customer_id")
    assert table["play_id"].fillna("").to_dict() == {
        "key": "key-fast-rescue",
        "price": "what-if-better-terms",
        "late": "service-repair",
        "done": "need-gone-introduction",
        "mute": "pull-up-lapsed",
        "none": "",
    }


def test_nobody_called_them_goes_before_the_plain_call(plays):
    contacts = pd.DataFrame({"customer_id": ["late"], "contacted_on": [AS_OF], "direction": ["out"]})
    given = TABLES_OF | {"contacts": contacts}
    table = scripts.scripts(LOST, plays, given, settings=DEFAULT, as_of=AS_OF).set_index("customer_id")
    assert table.loc["mute", "play_id"] == "attention-reconnect"


def test_the_owner_is_the_manager_the_holder_of_the_role_or_the_role(plays):
    managers = pd.DataFrame({"manager_id": ["m1", "m9"], "name": ["Ona", "Jonas"], "role": ["sales", "Head"]})
    given = TABLES_OF | {"managers": managers}
    table = scripts.scripts(LOST, plays, given, settings=DEFAULT, as_of=AS_OF).set_index("customer_id")
    assert table["owner"].fillna("").to_dict() == {
        "key": "director",
        "price": "Jonas",
        "late": "service",
        "done": "m2",
        "mute": "m2",
        "none": "",
    }


def test_who_refused_for_good_is_only_parted_from_well(plays):
    """HU-47: a lost customer of class A or B that refused gets the goodbye; one of class C no script at all."""
    refused = LOST.assign(outlook="refused")
    table = scripts.scripts(refused, plays, TABLES_OF, settings=DEFAULT, as_of=AS_OF).set_index("customer_id")
    assert table["play_id"].fillna("").to_dict() == {
        "key": "good-goodbye",
        "price": "",
        "late": "good-goodbye",
        "done": "",
        "mute": "good-goodbye",
        "none": "",
    }
