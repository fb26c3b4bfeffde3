import pandas as pd
import pytest

from rapport.analysis.firm import firm_facts
from rapport.foundation.contracts import TABLES
from rapport.foundation.play import FACTS
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DAY = pd.Timedelta(days=1)


def frame(table, **columns):
    """A table of the contract with the columns given and every other one empty."""
    return TABLES[table].check(TABLES[table].complete(pd.DataFrame(columns)), "test")


def facts(**tables):
    return {one.id: one for one in firm_facts(tables, [], settings=settings(), as_of=AS_OF)}


def test_a_table_not_given_makes_its_facts_not_available_with_the_reason():
    found = facts()
    assert found.pop("plays.validated").value == 0
    assert all(one.status == "not_available" and "was not given" in one.because for one in found.values())
    assert set(found) <= set(FACTS)


def test_lateness_leaves_out_force_majeure_and_counts_what_never_came():
    promised = [AS_OF - 10 * DAY] * 5 + [AS_OF + 5 * DAY, AS_OF - 400 * DAY]
    delivered = [AS_OF - 11 * DAY, AS_OF - 10 * DAY, AS_OF - 9 * DAY, AS_OF - 1 * DAY, None, None, AS_OF]
    deliveries = frame(
        "deliveries", order_id=list("abcdefg"), promised_on=promised, delivered_on=delivered,
        is_force_majeure=[False, False, False, True, False, False, False],
    )  # fmt: skip
    found = facts(deliveries=deliveries)
    assert found["deliveries.on_time_share"].value == pytest.approx(0.5)  # 2 of 4: early, on the day, late, never
    assert found["deliveries.on_time_share"].n == 4
    assert found["deliveries.open"].value == 2


def test_one_late_of_fifty_with_force_majeure_left_out():
    deliveries = frame(
        "deliveries", order_id=[str(i) for i in range(50)], promised_on=AS_OF - 9 * DAY,
        delivered_on=[AS_OF] * 5 + [AS_OF - 9 * DAY] * 45, is_force_majeure=[True] + [False] * 49,
    )  # fmt: skip
    assert facts(deliveries=deliveries)["deliveries.on_time_share"].value == pytest.approx(45 / 49)  # HU-30


def test_prospects_are_counted_by_stage_and_unused_sources():
    prospects = frame(
        "prospects", prospect_id=list("abcd"), source_type=["referral", "field", "referral", "other"],
        stage=["contacted", "won", "offered", None],
    )  # fmt: skip
    found = facts(prospects=prospects)
    assert found["prospects.listed"].value == 4
    assert found["prospects.in_talks"].value == 2
    assert found["prospects.unused_sources"].value == 5  # of seven; "other" is none
    bare = facts(prospects=prospects.assign(source_type=None, stage=None))
    assert "source_type is empty" in bare["prospects.unused_sources"].because


def test_the_steward_launches_and_events_are_found():
    found = facts(
        managers=frame("managers", manager_id=["1", "2"], role=["Steward", None]),
        products=frame("products", product_id=["a", "b", "c"], launched_on=[AS_OF - 30 * DAY, AS_OF - 300 * DAY, None]),
        spend=frame(
            "spend", spent_on=[AS_OF, AS_OF, AS_OF - 400 * DAY, AS_OF],
            purpose=["acquire", "acquire", "acquire", "retain"], kind=["exhibition", "ad", "exhibition", "exhibition"],
            amount=[10.0, 20.0, 40.0, 80.0],
        ),
    )  # fmt: skip
    assert found["managers.stewards"].value == 1
    assert found["products.launched"].value == 1
    assert found["spend.events"].value == 10
