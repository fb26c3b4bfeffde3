"""Who moved between two dates, and with what money (ET-04, HU-05)."""

import pandas as pd
import pytest

from rapport.analysis import migration
from rapport.foundation.settings import settings

THEN, NOW = pd.Timestamp("2025-06-30"), pd.Timestamp("2026-06-30")


def at(labels, net, of="abc"):
    names = [f"c{i}" for i in range(len(labels))]
    return pd.DataFrame({"customer_id": names, of: labels}), pd.DataFrame({"customer_id": names, "net_recent": net})


def moved(before, after, of="abc", net_before=None, net_after=None):
    classes_before, history_before = at(before, net_before or [10.0] * len(before), of)
    classes, history = at(after, net_after or [10.0] * len(after), of)
    return migration.moves(classes_before, classes, history_before, history, of=of)


def test_one_of_four_went_from_a_to_b():
    flows = migration.flows(moved(list("AAAAB"), list("AAABB")), of="abc")
    row = flows.set_index(["before", "after"]).loc[("A", "B")]
    assert (row["customers"], row["share"], row["direction"]) == (1, 0.25, "down")
    assert flows.groupby("before")["share"].sum().tolist() == [1, 1]
    matrix = migration.matrix(flows, of="abc")
    assert matrix.loc["A"].tolist() == [3, 1]
    assert matrix.to_numpy().sum() == 5


def test_three_up_and_one_down_is_two_up_net():
    rungs = moved(
        ["buyer", "customer", "regular", "adherent", "buyer"],
        ["customer", "regular", "adherent", "regular", "buyer"],
        of="rung",
    )
    found = migration.migration(rungs, of="rung", as_of_before=THEN, as_of=NOW)
    assert (found.value, found.parts["up"], found.parts["down"], found.parts["same"], found.n) == (2, 3, 1, 1, 5)


def test_promotions_and_demotions_carry_their_money():
    table = moved(list("BAC"), list("ABC"), net_before=[10.0, 90.0, 1.0], net_after=[70.0, 20.0, 1.0])
    assert table["customer_id"].tolist() == ["c1", "c0", "c2"]
    assert table["direction"].tolist() == ["down", "up", "same"]
    found = migration.migration(table, of="abc", as_of_before=THEN, as_of=NOW)
    assert (found.parts["up_change"], found.parts["down_change"]) == (60, -70)


def test_who_joined_or_is_gone_has_no_direction():
    table = moved(["A", None, "B"], ["A", "C", None]).set_index("customer_id")
    assert table["direction"].to_dict() == {"c0": "same", "c1": "joined", "c2": "gone"}
    more = moved(["A"], ["A", "B"]).set_index("customer_id")
    assert more.loc["c1", ["before", "direction", "net_before"]].tolist() == ["not there", "joined", 0]


@pytest.mark.parametrize(
    ("of", "before", "after", "direction"),
    [
        ("state", "active", "lost", "down"),
        ("state", "lost", "active", "up"),
        ("state", "too_early", "lost_one_timer", "down"),
        ("state", "lost_one_timer", "active", "up"),
        ("xyz", "N", "X", "moved"),
        ("xyz", "Z", "X", "up"),
        ("segment", "core", "small", "moved"),
    ],
)
def test_directions(of, before, after, direction):
    assert moved([before], [after], of=of)["direction"].tolist() == [direction]


def test_nobody_at_the_earlier_date_is_not_available():
    found = migration.migration(moved([None], ["A"]), of="abc", as_of_before=THEN, as_of=NOW)
    assert found.status == "not_available"


@pytest.mark.parametrize(("days", "is_stale"), [(180, False), (181, True)])
def test_classes_have_a_date_of_expiry(days, is_stale):
    found = migration.label_age(made_on=NOW - pd.Timedelta(days=days), as_of=NOW, settings=settings())
    assert (found.value, found.parts["is_stale"], found.status == "indicative") == (days, is_stale, is_stale)


def test_who_bought_nothing_at_both_dates_and_who_was_only_set_up_are_left_out():
    table = moved(
        ["nothing", "nothing", "A"], ["nothing", "C", "nothing"], net_before=[0.0, 0.0, 9.0], net_after=[0.0, 3.0, 0.0]
    )
    assert table.set_index("customer_id")["direction"].to_dict() == {"c1": "up", "c2": "down"}
    assert moved([None, "buyer"], ["prospect", "buyer"], of="rung")["customer_id"].tolist() == ["c1"]


def test_a_rung_that_could_not_be_told_before_is_not_a_climb():
    def side(rungs, notes):
        names = [f"c{i}" for i in range(len(rungs))]
        history = pd.DataFrame({"customer_id": names, "net_recent": 1.0})
        return pd.DataFrame({"customer_id": names, "rung": rungs, "rung_note": notes}), history

    unknown, known = "recommends us; exclusivity unknown", "buys elsewhere too"
    before, history_before = side(["regular", "regular", "customer", "adherent"], [unknown, known, "irregular", ""])
    after, history = side(["adherent", "adherent", "adherent", "regular"], ["", "", "", "exclusivity unknown"])
    table = migration.moves(before, after, history_before, history, of="rung").set_index("customer_id")
    assert table["direction"].to_dict() == {"c0": "moved", "c1": "up", "c2": "up", "c3": "moved"}


def test_directions_add_up_to_the_change_of_the_firm():
    abc = moved(
        [*"BAC", None],
        [*"AB", "nothing", "C"],
        net_before=[10.0, 90.0, 1.0, 0.0],
        net_after=[70.0, 20.0, 0.0, 5.0],
    )
    table = migration.directions({"abc": abc, "state": moved(["lost"], ["active"], of="state", net_after=[12.0])})
    of_abc = table[table["of"] == "abc"].set_index("direction")
    assert of_abc["customers"].to_dict() == {"up": 1, "down": 2, "joined": 1}
    assert of_abc["change"].to_dict() == {"up": 60, "down": -71, "joined": 5}
    assert of_abc["change"].sum() == 95 - 101
    assert table[table["of"] == "state"][["direction", "customers", "change"]].values.tolist() == [["up", 1, 2.0]]
