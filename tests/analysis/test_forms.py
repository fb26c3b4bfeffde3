import pandas as pd

from rapport.analysis import forms
from rapport.foundation.contracts import TABLES

AS_OF = pd.Timestamp("2026-09-30")


def firm():
    names = ["call", "left", "no", "dear", "slow"]
    lost = TABLES["lost"].complete(
        pd.DataFrame(
            {
                "customer_id": names,
                "state": ["lost", "lost", "lost", "lost_one_timer", "lapsing"],
                "outlook": ["permanent", "permanent", "refused", None, "temporary"],
                "winback_value": [9.0, 8.0, None, -1.0, 7.0],
                "arm": ["treated", "control", None, None, "treated"],
                "play_id": ["pull-up-lapsed"] * 5,
            }
        )
    )
    customers = pd.DataFrame({"customer_id": names, "name": [name.title() for name in names]})
    links = pd.DataFrame({"source": "crm", "record_id": [name.upper() for name in names], "customer_id": names})
    return lost, customers, links


def test_each_form_holds_those_it_is_for():
    """Left alone by lot or refused for good: neither called nor asked. Lapsing ones are called, but have not left."""
    found = forms.forms(*firm(), as_of=AS_OF)
    assert list(found) == ["experiments", "winback_log", "leavers_survey"]
    assert found["experiments"]["record_id"].tolist() == ["CALL", "LEFT", "SLOW"]
    assert found["winback_log"]["name"].tolist() == ["Call", "Slow"]
    assert set(found["winback_log"]["status"]) == {"to_contact"}
    assert found["leavers_survey"]["record_id"].tolist() == ["CALL", "DEAR"]
    assert found["leavers_survey"]["reason_code"].isna().all()


def test_who_is_listed_already_is_not_listed_again():
    log = pd.DataFrame({"customer_id": ["slow", None]})
    survey = pd.DataFrame({"customer_id": ["call", "dear"]})
    found = forms.forms(*firm(), winback_log=log, leavers_survey=survey, as_of=AS_OF)
    assert found["winback_log"]["name"].tolist() == ["Call"]
    assert "leavers_survey" not in found


def test_reasons_without_an_answer_stand_ready_for_one():
    register = pd.DataFrame(
        {"reason": ["price", "late", "rare"], "must_answer": [True, True, False], "is_answered": [True, False, False]}
    )
    found = forms.forms(*firm(), register=register, as_of=AS_OF)["corrective_actions"]
    assert found[["reason_code", "status"]].to_numpy().tolist() == [["late", "open"]]
    assert list(found.columns) == list(TABLES["corrective_actions"].columns)


def test_who_buys_may_be_asked_and_the_latest_buyer_comes_first():
    lost, customers, links = firm()
    names = [*customers["customer_id"], "new", "old", "nameless"]
    history = pd.DataFrame({"customer_id": names, "last_order_on": pd.Timestamp("2026-01-01")})
    history.loc[history["customer_id"].eq("new"), "last_order_on"] = AS_OF
    more = pd.DataFrame({"customer_id": ["new", "old"], "name": ["New", "Old"]})
    numbers = pd.DataFrame({"source": ["web", "crm", "crm"], "record_id": ["9", "1", "2"], "customer_id": names[-3:]})
    asked = forms.to_ask(pd.concat([customers, more]), pd.concat([links, numbers]), lost, history)
    assert asked["record_id"].tolist() == ["9", "2", "1"]
    assert asked["record_source"].tolist() == ["web", "crm", "crm"]
    assert asked["name"].fillna("").tolist() == ["New", "", "Old"]
