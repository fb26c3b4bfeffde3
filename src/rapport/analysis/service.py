"""Perks by segment with their uptake and cost, and service standards against what was measured (RU-05, RU-06)."""

import numpy as np
import pandas as pd

from .intervals import wilson


def perk_menu(perks: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Who was offered which perk, who took it, and what it cost: one row per perk and segment, the most offered first.

    In: perks, one row per offer: customer_id, perk (text), is_used (bool), cost (money, of the use); `classes`
    (segment). Out: perk, segment, offered, used, uptake_share, low, high (Wilson 95 %), cost, cost_each (per use, empty
    when none). Offers to customers without a class are left out. Reference: RU-05, DEF7.
    """
    offers = perks.merge(classes[["customer_id", "segment"]], on="customer_id")
    by = offers.groupby(["perk", "segment"])
    table = pd.DataFrame({"offered": by.size(), "used": by["is_used"].sum(), "cost": by["cost"].sum()}).reset_index()
    table["used"] = table["used"].astype("int64")
    table["uptake_share"] = table["used"] / table["offered"]
    table["low"], table["high"] = wilson(table["used"], table["offered"])
    table["cost_each"] = table["cost"] / table["used"].where(table["used"] > 0)
    columns = ["perk", "segment", "offered", "used", "uptake_share", "low", "high", "cost", "cost_each"]
    return table.sort_values(["offered", "perk", "segment"], ascending=[False, True, True], ignore_index=True)[columns]


def standards(service_standards: pd.DataFrame) -> pd.DataFrame:
    """Each service standard with what was measured: ok, missed, or not measured, in the order given.

    In: service_standards: standard (text), target, measured (numbers in one unit; empty when not measured), better
    ("lower" such as hours to reply, "higher" such as share of staff trained). Out: the same with verdict. Meeting the
    target exactly is ok. Reference: RU-06.
    """
    is_lower = service_standards["better"] == "lower"
    measured, target = service_standards["measured"], service_standards["target"]
    is_met = np.where(is_lower, measured <= target, measured >= target)
    return service_standards.assign(verdict=np.select([measured.isna(), is_met], ["not measured", "ok"], "missed"))
