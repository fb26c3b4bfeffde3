"""Potential, reputation, innovators and the demanding, beside the share (HU-33 to HU-36)."""

import pandas as pd
import pytest

from rapport.analysis import key_signs
from rapport.foundation.settings import settings

KIT = settings()
AS_OF = pd.Timestamp("2026-06-30")


def signs_of(make_firm, orders, keys=(), people=(), product_sales=None, products=None, state="active", **tables):
    firm = make_firm(orders, people=people, **tables)
    names = firm.customers["customer_id"]
    classes = pd.DataFrame(
        {"customer_id": names, "key_scope": ["company" if name in keys else "" for name in names], "state": state}
    )
    firm.signs = key_signs.key_signs(
        firm.history,
        classes,
        firm.customers,
        firm.traits,
        product_sales,
        products,
        settings=firm.settings,
        as_of=firm.as_of,
    )
    return firm


def test_a_small_buyer_of_high_potential(make_firm, make_table):
    wallet = make_table(
        "wallet",
        customer_id=["small", "guess", "key"],
        total_spend=[500.0, 500.0, 100.0],
        source=["visit", None, "visit"],
    )
    orders = [("small", "2026-05-01", 10), ("guess", "2026-05-01", 10), ("key", "2026-05-01", 120)]
    firm = signs_of(make_firm, orders, keys=["key"], wallet=wallet)
    table = firm.signs.set_index("customer_id")
    assert table.loc["small", "potential"] == 140
    assert bool(table.loc["small", "has_potential"]) is True
    assert "guess" not in table.index
    assert table.loc["key", ["key_scope", "signs"]].tolist() == ["company", 1]


def test_a_famous_name_without_permission_is_not_usable(make_firm):
    people = [
        {"customer_id": "a", "tags": "Reference"},
        {"customer_id": "b", "tags": "reference; reference_permission"},
    ]
    table = signs_of(make_firm, [("a", "2026-05-01", 5), ("b", "2026-05-01", 5)], people=people).signs.set_index(
        "customer_id"
    )
    assert table["reputation"].to_dict() == {"b": "usable", "a": "no permission"}
    assert table["signs"].to_dict() == {"b": 1, "a": 0}


def complaints(make_table, *names):
    return make_table(
        "returns_complaints",
        customer_id=list(names),
        kind="complaint",
        happened_on="2026-05-01",
        closed_on="2026-05-02",
    )


def test_three_complaints_of_an_active_customer(make_firm, make_table):
    orders = [(f"c{i:02}", day, 5) for i in range(20) for day in ("2026-04-01", "2026-05-01", "2026-06-01")]
    given = {"returns_complaints": complaints(make_table, "c00", "c00", "c00", "c01")}
    table = signs_of(make_firm, orders, **given).signs
    assert table[["customer_id", "demanding"]].values.tolist() == [["c00", "complaints"], ["c01", "complaints"]]
    assert signs_of(make_firm, orders, state="lost", **given).signs.empty
    ideas = make_table("ideas", customer_id=["c05"], is_accepted=[True])
    assert signs_of(make_firm, orders, state="lost", ideas=ideas).signs["demanding"].tolist() == ["accepted ideas"]


def launches(n, places):
    """history of n customers; sales of two launches taken up in the order of places."""
    names = [f"c{i:02}" for i in range(n)]
    history = pd.DataFrame({"customer_id": names, "first_order_on": pd.Timestamp("2025-01-01"), "net_total": 1.0})
    products = pd.DataFrame(
        {"product_id": ["p", "q", "old"], "launched_on": pd.to_datetime(["2025-03-01", "2026-03-01", "2020-01-01"])}
    )
    rows = [
        (name, product, products["launched_on"][number] + pd.Timedelta(days=place))
        for number, product in enumerate(["p", "q"])
        for place, name in enumerate(places[product])
    ]
    return history, pd.DataFrame(rows, columns=["customer_id", "product_id", "first_on"]), products


def innovators_of(n, p, q):
    return key_signs.innovators(*launches(n, {"p": p, "q": q}), settings=KIT, as_of=AS_OF)


@pytest.mark.parametrize(("n", "innovators"), [(80, 2), (41, 2), (40, 1), (3, 1)])
def test_innovators_are_a_cut_by_rank(n, innovators):
    found = innovators_of(n, ["c00", "c01", "c02"], ["c00", "c02", "c01"])
    assert found["is_innovator"].sum() == innovators
    assert found.loc[found["is_innovator"], "customer_id"].tolist() == ["c00", "c01"][:innovators]
    assert found["mean_rank"].tolist() == [1, 2.5, 2.5]


def test_one_launch_taken_up_is_not_enough_to_be_an_innovator():
    found = innovators_of(40, ["c00", "c01"], ["c01"]).set_index("customer_id")
    assert found.loc["c00", ["launches", "mean_rank", "is_innovator"]].tolist() == [1, (1 + 2) / 2, False]
    assert bool(found.loc["c01", "is_innovator"]) is True


def test_fewer_than_two_launches_are_not_available(make_firm, make_table):
    assert innovators_of(40, ["c00"], []).empty
    firm = signs_of(make_firm, [("a", "2026-05-01", 5)], keys=["a"])
    assert firm.signs["is_innovator"].isna().all()
    assert key_signs.unknown(firm.traits, firm.signs)["sign"].tolist() == ["potential", "innovator", "demanding"]
    known = {
        "returns_complaints": complaints(make_table, "a"),
        "wallet": make_table("wallet", customer_id=["a"], total_spend=[9.0], source=["x"]),
    }
    given = signs_of(make_firm, [("a", "2026-05-01", 5)], keys=["a"], **known)
    assert key_signs.unknown(given.traits, given.signs)["sign"].tolist() == ["innovator"]
