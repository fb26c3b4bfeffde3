"""Uptake of perks and service standards, with the figures of RU-05 and RU-06."""

import pandas as pd

from rapport.analysis import service


def test_five_of_twenty_took_the_perk_up():
    names = [f"c{i:02}" for i in range(20)]
    perks = pd.DataFrame(
        {
            "customer_id": [*names, "gone"],
            "perk": "parking",
            "is_used": [True] * 5 + [False] * 16,
            "cost": [2.0] * 5 + [0.0] * 16,
        }
    )
    classes = pd.DataFrame({"customer_id": names, "segment": "core"})
    row = service.perk_menu(perks, classes).iloc[0]
    assert row[["offered", "used", "uptake_share", "cost", "cost_each"]].tolist() == [20, 5, 0.25, 10, 2]
    assert row["low"] < 0.25 < row["high"]


def test_unused_perks_have_no_cost_of_a_use():
    perks = pd.DataFrame({"customer_id": ["a"], "perk": ["parking"], "is_used": [False], "cost": [0.0]})
    classes = pd.DataFrame({"customer_id": ["a"], "segment": ["core"]})
    assert service.perk_menu(perks, classes)["cost_each"].isna().all()


def test_standards():
    table = pd.DataFrame(
        {
            "standard": ["hours to reply", "hours to reply", "staff trained", "staff trained", "mystery visit"],
            "target": [4, 4, 0.8, 0.8, 7],
            "measured": [3, 5, 0.8, 0.79, None],
            "better": ["lower", "lower", "higher", "higher", "higher"],
        }
    )
    assert service.standards(table)["verdict"].tolist() == ["ok", "missed", "ok", "missed", "not measured"]
