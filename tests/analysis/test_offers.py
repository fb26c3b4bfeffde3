"""Offers by declared rules: yes, no, or undetermined (LT-06)."""

import pandas as pd
import pytest

from rapport.analysis import offers
from rapport.foundation.contracts import TABLES
from rapport.foundation.errors import SettingsError
from rapport.foundation.play import Bounds

CONTRACT = TABLES["customers"]


def cards(**columns) -> pd.DataFrame:
    frame = pd.DataFrame(columns).assign(records=1)
    frame["customer_id"] = [f"c{n}" for n in range(len(frame))]
    return CONTRACT.check(CONTRACT.complete(frame), "test")


def judged(frame: pd.DataFrame, net: dict, **conditions) -> pd.DataFrame:
    return offers.eligible_offers(frame, pd.Series(net, dtype="float64"), {"rebate": conditions})


def test_volume_from_a_thousand():
    made = judged(cards(name=["A", "B", "C"]), {"c0": 1200.0, "c1": 800.0}, net_total=Bounds(min=1000))
    assert made["answer"].tolist() == ["yes", "no", "undetermined"]
    assert made["because"].tolist() == ["net total ≥ 1,000", "not: net total ≥ 1,000", "net total ≥ 1,000: not known"]


def test_what_fails_is_no_even_where_something_else_is_missing():
    frame = cards(sector=["café", None, None], region=["East", "East", "West"])
    made = judged(frame, {}, sector=Bounds(**{"in": ("café",)}), region=Bounds(**{"in": ("East",)}))
    assert made["answer"].tolist() == ["yes", "undetermined", "no"]
    assert made["because"].tolist()[1:] == ["sector is café: not known", "not: region is East"]


def test_counts_by_offer():
    made = judged(cards(name=["A", "B", "C"]), {"c0": 1200.0, "c1": 800.0}, net_total=Bounds(min=1000))
    assert offers.offer_counts(made).to_dict("records") == [
        {"offer": "rebate", "eligible": 1, "not_eligible": 1, "undetermined": 1}
    ]


def test_a_column_nobody_has_is_refused_with_the_nearest():
    with pytest.raises(SettingsError, match=r"'sectr'[\s\S]*did you mean 'sector'"):
        judged(cards(name=["A"]), {}, sectr=Bounds(min=1))


def test_without_offers_there_is_nothing():
    assert offers.eligible_offers(cards(name=["A"]), pd.Series(dtype="float64"), {}).empty
