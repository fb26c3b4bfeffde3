"""Volume × frequency (LT-07) and RFM: equal figures never part, and empty bands stay empty."""

import pandas as pd
import pytest

from rapport.analysis import grid
from rapport.analysis.rfm import rfm, rfm_cuts

FIXED = {"grid.volume_cuts": [1000, 5000], "grid.frequency_cuts": [3, 12]}


def buys(name, value, orders):
    return [(name, day, value / orders) for day in pd.date_range("2026-01-01", periods=orders, freq="3D")]


def test_fixed_cuts(make_firm):
    firm = make_firm(buys("big", 6000, 2) + buys("mid", 5000, 10) + buys("low", 1000, 13), parameters=FIXED)
    found = grid.bands(firm.history, settings=firm.settings).set_index("customer_id")
    assert found.loc["big"].tolist() == ["high", "low"]
    assert found.loc["mid"].tolist() == ["mid", "mid"]
    assert found.loc["low"].tolist() == ["low", "high"]


def test_quantiles_leave_equal_customers_together(make_firm):
    firm = make_firm([row for i in range(10) for row in buys(f"c{i}", 100 if i < 8 else 900, 1 if i < 9 else 4)])
    found = grid.bands(firm.history, settings=firm.settings)
    assert found["volume_band"].tolist() == ["low"] * 8 + ["high"] * 2
    assert found["frequency_band"].tolist() == ["low"] * 9 + ["high"]


def test_every_cell_and_the_newly_set_up_are_on_the_grid(make_firm):
    firm = make_firm(buys("a", 10, 1) + buys("b", 20, 2) + [("r", "2026-01-01", -5)])
    bands = grid.bands(firm.history, settings=firm.settings)
    new = pd.DataFrame([{"customer_id": "n", "volume_band": "new", "frequency_band": "new"}])
    table = grid.volume_frequency(firm.history, pd.concat([bands, new]))
    assert len(table) == 10
    assert table["customers"].sum() == 3
    assert table["customer_share"].sum() == pytest.approx(1)
    assert table["net_share"].sum() == pytest.approx(1)
    assert table.iloc[-1][["volume_band", "customers", "net"]].tolist() == ["new", 1, 0]
    assert bands.set_index("customer_id").loc["r"].isna().tolist() == [False, True]


def test_rfm_scores(make_firm):
    orders = [row for i in range(10) for row in buys(f"c{i}", 10 * (i + 1), i + 1)]
    firm = make_firm(orders)
    table = rfm(firm.history, settings=firm.settings)
    assert table["monetary"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert table["frequency"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert table["recency"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert table["cell"].iloc[0] == "1-1-1"


def test_many_equal_figures_leave_scores_unused_and_say_so(make_firm):
    firm = make_firm([(f"c{i}", "2026-05-01", 10) for i in range(9)] + buys("often", 90, 9))
    table = rfm(firm.history, settings=firm.settings)
    assert table["frequency"].tolist() == [1] * 9 + [5]
    cuts = rfm_cuts(firm.history, settings=firm.settings)
    assert len(cuts) == 15
    often = cuts[cuts["dimension"] == "frequency"].set_index("score")["customers"]
    assert often.to_dict() == {5: 1, 4: 0, 3: 0, 2: 0, 1: 9}
    assert cuts.groupby("dimension")["customers"].sum().tolist() == [10, 10, 10]
    assert cuts.groupby("dimension")["net"].sum().tolist() == pytest.approx([180, 180, 180])
    lowest = cuts[cuts["score"] == 1].set_index("dimension")
    assert lowest["above"].isna().to_dict() == {"frequency": True, "monetary": True, "recency": False}


def test_customers_without_value_move_no_cut(make_firm):
    orders = [row for i in range(10) for row in buys(f"c{i}", 10 * (i + 1), i + 1)]
    returned = [(f"r{i}", f"2026-0{month}-01", sign * 5) for i in range(9) for month in (4, 5) for sign in (1, -1)]
    plain, more = (make_firm(rows) for rows in (orders, orders + returned))
    scores = rfm(more.history, settings=more.settings)
    kept = scores[scores["customer_id"].str.startswith("c")].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, rfm(plain.history, settings=plain.settings))


def test_who_never_bought_has_no_scores(make_firm):
    firm = make_firm([("a", "2026-05-01", 10), ("r", "2026-05-01", -10)])
    assert rfm(firm.history, settings=firm.settings)["customer_id"].tolist() == ["a"]
