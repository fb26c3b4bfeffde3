import numpy as np
import pandas as pd
import pytest

from rapport.analysis import acquire
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-06-30")
DEFAULT = settings({"data.truncation_days": 31})


def firsts(*rows) -> pd.DataFrame:
    """(customer, first purchase) as the columns of `history` that acquisition reads; one in January is truncated."""
    frame = pd.DataFrame([("old", "2026-01-01"), *rows], columns=["customer_id", "first_order_on"])
    frame["first_order_on"] = pd.to_datetime(frame["first_order_on"])
    return frame.assign(is_truncated=frame["customer_id"] == "old")


def paid(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["spent_on", "channel", "amount"]).assign(purpose="acquire")
    return frame.assign(spent_on=pd.to_datetime(frame["spent_on"]))


def people(**channels) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": list(channels), "acquired_channel": list(channels.values())})


def bought(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "margin"])
    return frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]), net=frame["margin"] * 2)


HISTORY = firsts(("a", "2026-02-03"), ("b", "2026-02-20"), ("c", "2026-03-05"))
DAYS = bought(
    ("old", "2026-01-01", 1),
    ("a", "2026-02-03", 30),
    ("a", "2026-03-20", 30),
    ("b", "2026-02-20", 10),
    ("c", "2026-03-05", 50),
)


def test_cost_of_a_new_customer_by_month_and_channel():
    spend = paid(("2026-02-01", "web", 100), ("2026-03-10", "web", 150), ("2026-03-11", "fair", 90))
    channels = people(a="web", b="fair", c="web")
    table = acquire.acquisition(DAYS, HISTORY, channels, spend, settings=DEFAULT, as_of=AS_OF)
    table = table.set_index(["month_on", "channel"])
    assert table.index.get_level_values("month_on").unique().strftime("%m").tolist() == ["02", "03", "04", "05", "06"]
    assert table.loc[("2026-02-01", "web"), "cac"] == 100
    assert table.loc[("2026-02-01", "all"), ["new_customers", "cac"]].tolist() == [2, 50]
    assert table.loc[("2026-03-01", "fair"), "new_customers"] == 0
    assert np.isnan(table.loc[("2026-03-01", "fair"), "cac"])
    assert table.loc[("2026-03-01", "all"), "cac"] == 240


def test_without_spend_cost_is_unknown_and_customers_are_still_counted():
    table = acquire.acquisition(DAYS, HISTORY, None, None, settings=DEFAULT, as_of=AS_OF)
    assert table[["spend", "cac", "marginal_cac", "payback_months"]].isna().all().all()
    assert table.groupby("channel")["new_customers"].sum().to_dict() == {"all": 3, "unknown": 3}


def test_spend_is_zero_within_the_months_it_covers_and_unknown_elsewhere():
    spend = paid(("2026-02-01", "web", 100), ("2026-04-01", "web", 100))
    table = acquire.acquisition(DAYS, HISTORY, people(a="web", b="fair", c="web"), spend, settings=DEFAULT, as_of=AS_OF)
    amounts = table.set_index(["month_on", "channel"])["spend"].unstack()
    assert amounts["web"].fillna(-1).tolist() == [100, 0, 100, -1, -1]
    assert amounts["all"].fillna(-1).tolist() == [100, 0, 100, -1, -1]
    assert amounts["fair"].isna().all()


def test_marginal_cost_of_the_last_customers():
    """BG-07: spend 10, 20, 30, 40; new 10, 16, 20, 22 → 1.67, 2.50, 5.00; no more customers → infinite."""
    assert acquire.marginal_cac([10, 10, 10], [6, 4, 2]) == pytest.approx([1.6667, 2.5, 5.0], abs=1e-4)
    assert acquire.marginal_cac(10, 0) == np.inf
    assert np.isnan(acquire.marginal_cac(-10, 3))


def test_payback_counts_months_of_margin_of_new_customers():
    """a earns 30 in its first month and 30 in its second, b 10, c 50: 30 a customer, 40 after two months."""
    table = acquire.acquisition(DAYS, HISTORY, None, paid(("2026-02-01", "web", 80)), settings=DEFAULT, as_of=AS_OF)
    table = table.set_index(["month_on", "channel"])
    assert table.loc[("2026-02-01", "all"), ["cac", "payback_months"]].tolist() == [40, 2]
    dear = acquire.acquisition(DAYS, HISTORY, None, paid(("2026-02-01", "web", 90)), settings=DEFAULT, as_of=AS_OF)
    assert dear["payback_months"].isna().all()


def pareto_firm():
    """100 customers, 10 of them Pareto; sector X holds 20 of all and 6 of the Pareto customers."""
    sector = ["X"] * 20 + ["Y"] * 80
    frame = pd.DataFrame({"customer_id": [f"c{i:03d}" for i in range(100)], "sector": sector})
    for attribute in acquire.ATTRIBUTES[1:]:
        frame[attribute] = None
    best = [f"c{i:03d}" for i in (*range(6), *range(20, 24))]
    return frame, pd.DataFrame({"customer_id": frame["customer_id"], "is_pareto": frame["customer_id"].isin(best)})


def test_lift_of_a_sector_among_pareto_customers():
    """LT-18, LT-20: sector X 6/10 Pareto, 20/100 all → unsmoothed lift 3.0."""
    profile = acquire.profile_of_pareto(*pareto_firm(), settings=DEFAULT).set_index("attribute_value")
    assert profile.loc["X", "lift"] == pytest.approx(3.0)
    assert profile.loc["X", "log_lift"] == pytest.approx(np.log((6.2 / 11) / 0.2))
    assert profile.loc["Y", "lift"] == pytest.approx(0.5)


def test_a_level_without_pareto_customers_has_a_finite_negative_log_lift():
    customers, classes = pareto_firm()
    customers.loc[99, "sector"] = "Z"
    profile = acquire.profile_of_pareto(customers, classes, settings=DEFAULT).set_index("attribute_value")
    assert profile.loc["Z", "log_lift"] == pytest.approx(np.log(1 / 11))
    assert profile.loc["Z", "is_indicative"]


def test_lifts_average_to_one_over_the_base():
    profile = acquire.profile_of_pareto(*pareto_firm(), settings=DEFAULT)
    assert (profile["lift"] * profile["share_of_all"]).sum() == pytest.approx(1.0)
