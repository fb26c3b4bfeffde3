"""The ten overlapping types with their evidence, and orientations, with the figures of RU-08 to RU-17."""

import numpy as np
import pandas as pd
import pytest

from rapport.analysis import orientation, ten_types
from rapport.analysis.orientation import orientations
from rapport.analysis.traits import SOURCES
from rapport.foundation.settings import settings

KIT = settings()
KNOWN = {
    "net_total": 100.0, "orders": 5, "purchase_days": 5, "discounted_share": np.nan, "gap_cv": 0.2, "categories": 3,
    "observed_days": 400.0, "rung": "customer", "state": "active", "xyz": "Z", "is_pareto": False,
    "is_truncated": False,
    "first_order_on": pd.Timestamp("2025-06-01"), "sector": None, "country": None, "tags": None, "margin_total": np.nan,
}  # fmt: skip


def people(*rows):
    """One row per dict given, nothing unusual in what it does not say, every trait unknown."""
    table = pd.DataFrame([{**dict.fromkeys(SOURCES, np.nan), **KNOWN, **row} for row in rows])
    table.insert(0, "customer_id", [f"c{i:02}" for i in range(len(rows))])
    return table.astype({"orientation_declared": object, "tags": object, "sector": object, "country": object})


def found(*rows):
    table = people(*rows)
    shown = ten_types.shown(table, settings=KIT)
    return ten_types.labels(shown, ten_types.claimed(table, shown))


def types(*rows):
    return found(*rows)["types"].tolist()


def test_loyal_needs_the_third_rung_and_no_open_complaint():
    assert types(
        {"rung": "regular"}, {"rung": "regular", "open_complaints": 1}, {"rung": "regular", "state": "lapsing"}
    ) == ["loyal", "", ""]


def test_four_of_five_orders_discounted():
    assert types({"discounted_share": 0.8}, {"discounted_share": 0.79}, {"discounted_share": 1.0, "orders": 2}) == [
        "discount",
        "",
        "",
    ]


def test_the_claim_that_discount_buyers_bring_profit_is_tested():
    as_of = pd.Timestamp("2026-06-30")
    base = people({"discounted_share": 0.9, "margin_total": -2.0}, {"discounted_share": 0.0, "margin_total": 10.0})
    told = ten_types.discount_profit(base, settings=KIT, as_of=as_of)
    assert (told.value, told.parts["contribution"]) == ("not supported", -2)
    base["margin_total"] = [10.0, 10.0]
    assert ten_types.discount_profit(base, settings=KIT, as_of=as_of).value == "supported"
    assert (
        ten_types.discount_profit(base.assign(margin_total=np.nan), settings=KIT, as_of=as_of).because
        == "transactions.margin"
    )
    unknown = base.assign(discounted_share=np.nan)
    assert ten_types.discount_profit(unknown, settings=KIT, as_of=as_of).because == "transactions.discount_share"


def test_impulsive_buys_widely_and_unevenly():
    wide = {"entropy": 1.3, "gap_cv": 1.2}
    rest = [{"entropy": 0.1}] * 3
    assert types(wide, *rest)[0] == "impulsive"
    assert types(wide | {"entropy": 0.0}, *rest)[0] == ""
    assert types(wide | {"gap_cv": 1.0}, *rest)[0] == ""
    assert types(wide | {"discounted_share": 0.5}, *rest)[0] == ""
    assert types(wide | {"orders": 3}, *rest)[0] == ""
    assert types(*[{"entropy": 0.0, "gap_cv": 2.0}] * 4) == [""] * 4


def test_nine_of_ten_in_one_category_is_need_based():
    assert types({"focus_share": 0.9}, {"focus_share": 0.89}, {"focus_share": 0.9, "discounted_share": 0.9}) == [
        "need_based",
        "",
        "discount",
    ]


def test_in_a_firm_of_few_categories_nobody_is_need_based():
    assert types({"focus_share": 1.0, "categories": 2}) == [""]


def test_four_visits_and_no_order_is_a_wanderer():
    assert types({"inbound_contacts": 4, "orders": 0, "purchase_days": 0, "net_total": np.nan}) == ["wanderer"]
    assert types({"inbound_contacts": 4, "purchase_days": 2}, {"inbound_contacts": 2, "purchase_days": 1}) == ["", ""]


def test_large_is_the_top_twentieth_and_never_nobody():
    assert types(*[{"quantity": i} for i in range(1, 41)]).count("large") == 3
    assert types({"quantity": 5}, {"quantity": 4}) == ["large", ""]


def test_high_future_value_outside_the_pareto_group():
    rows = [{"clv": 100.0 - i} for i in range(10)]
    rows[0]["is_pareto"] = True
    assert types(*rows) == ["", "future", *[""] * 8]


def test_first_of_a_sector_whom_two_followed():
    later = {"sector": "bakery", "first_order_on": pd.Timestamp("2026-01-01")}
    assert types({"sector": "bakery"}, later, later) == ["door_opener", "", ""]
    assert types({"sector": "bakery"}, later) == ["", ""]
    assert types({"sector": "bakery", "is_truncated": True}, later, later) == ["", "", ""]
    assert types({"country": "EE"}, {**later, "country": "EE"}, {**later, "country": "EE"})[0] == "door_opener"


def test_a_tag_without_evidence_is_a_claim():
    told = found(
        {"tags": "VIP; Door-Opener;benchmark"}, {"tags": "benchmark", "recommended_bought": 1}, {"accepted_ideas": 1}
    )
    assert told["types"].tolist() == ["benchmark (claimed);door_opener (claimed)", "benchmark", "inspirer"]
    assert told["primary_type"].tolist() == ["benchmark (claimed)", "benchmark", "inspirer"]


def test_types_overlap_and_one_is_primary():
    told = found({"rung": "regular", "discounted_share": 1.0}, {})
    assert told["types"].tolist() == ["loyal;discount", ""]
    assert told["primary_type"].tolist() == ["loyal", "none of ten"]


def test_the_table_of_types_says_what_is_missing():
    table = people({"rung": "regular", "tags": "benchmark"}, {"discounted_share": 1.0})
    classes = pd.concat(
        [
            table[["customer_id", "rung", "xyz"]],
            found({"rung": "regular", "tags": "benchmark"}, {"discounted_share": 1.0}),
        ],
        axis=1,
    )
    history = table[
        ["customer_id", "net_total", "purchase_days", "orders", "discounted_share", "first_order_on", "gap_cv"]
    ]
    traits = table[["customer_id", *SOURCES]]
    kinds = ten_types.kinds(history, classes, traits).set_index("type")
    assert len(kinds) == 10
    assert sorted(kinds["number"]) == list(range(1, 11))
    assert kinds.loc["loyal", ["customers", "customer_share", "net", "net_share", "missing"]].tolist() == [
        1,
        0.5,
        100,
        0.5,
        "",
    ]
    assert np.isnan(kinds.loc["wanderer", "customers"])
    assert kinds.loc["wanderer", "missing"] == "contacts"
    assert kinds.loc["benchmark", "claimed"] == 1
    told = ten_types.evidence(history, classes, traits, of="loyal")
    assert told[["status", "evidence"]].values.tolist() == [
        ["behavioural", "5 purchase days, regular, regularity Z, active"]
    ]
    assert ten_types.evidence(history, classes, traits, of="benchmark")["status"].tolist() == ["claimed"]


@pytest.mark.parametrize("kind", [one.name for one in ten_types.KINDS])
def test_every_type_has_its_sentence(kind):
    row = {**dict.fromkeys(SOURCES, 1.0), **KNOWN, "discounted_share": 0.9}
    assert ten_types.EVIDENCE[kind](row)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"price_index": 0.85, "late_share": 0.3, "complaints": 0}, "cost"),
        ({"price_index": 0.85, "complaints": 1}, "cost"),
        ({"price_index": 0.85, "late_share": 0.2, "complaints": 0}, None),
        ({"price_index": 0.91, "late_share": 0.3}, None),
        ({"price_index": 1.2, "observed_days": 36 * 30.5, "complaints": 0}, "value"),
        ({"price_index": 1.2, "observed_days": 23 * 30.4, "complaints": 0}, None),
        ({"price_index": 1.2, "observed_days": 36 * 30.5}, None),
        ({"new_share": 0.6, "launches": 2}, "technology"),
        ({"new_share": 0.6, "launches": 1}, None),
        ({"price_index": 0.85, "late_share": 0.3, "orientation_declared": "value"}, "value"),
    ],
)
def test_orientations(row, expected):
    told = orientations(people(row, *[{"new_share": 0.1, "complaints": 0}] * 3), settings=KIT)
    assert told.iloc[0] == expected


def test_orientations_with_what_cannot_be_told():
    table = people(
        {"price_index": 0.85, "complaints": 1}, {"orientation_declared": "value", "complaints": 0}, {"complaints": 0}
    )
    classes = table[["customer_id"]].assign(orientation=orientations(table, settings=KIT))
    kinds = orientation.kinds(table[["customer_id", "net_total"]], classes, table[["customer_id", *SOURCES]])
    kinds = kinds.set_index("orientation")
    assert kinds.index.tolist() == ["technology", "cost", "value", "unclassified"]
    assert kinds["customers"].tolist() == [0, 1, 1, 1]
    assert kinds["declared"].tolist() == [0, 0, 1, 0]
    assert kinds["customer_share"].sum() == pytest.approx(1)
    assert kinds["missing"].tolist() == ["products.launched_on", "payments", "", ""]


def test_the_largest_of_each_type_with_what_shows_it():
    rows = [{"inbound_contacts": 4.0, "purchase_days": 1, "net_total": float(i)} for i in range(1, 6)]
    table = people(*rows, {"tags": "benchmark"})
    classes = pd.concat([table[["customer_id", "rung", "xyz"]], found(*rows, {"tags": "benchmark"})], axis=1)
    history = table.drop(columns=[*SOURCES, "rung", "xyz", "state", "is_pareto", "tags", "sector", "country"])
    told = ten_types.examples(history, classes, table[["customer_id", *SOURCES]], each=2)
    assert told["customer_id"].tolist() == ["c05", "c04", "c03"]
    assert told["standing"].tolist() == ["claimed", "shown", "shown"]
    assert told["evidence"].iloc[1] == "inbound contacts: 4, purchases: 1"


def test_those_of_the_future_are_worth_much_and_carry_little_yet(make_firm):
    """RU-12: lifetime value in the top fifth, not in the Pareto set."""
    classes = pd.DataFrame(
        {
            "customer_id": list("abcdefghij"),
            "is_pareto": [True] + [False] * 9,
            "abc": "B",
            "rung": "regular",
            "trend": None,
        }
    )
    values = pd.DataFrame({"customer_id": list("abcdefghij"), "clv": [90.0, 80, *range(8)]})
    settings = make_firm([("a", "2026-01-01", 1)]).settings
    assert ten_types.of_the_future(classes, values, settings=settings)["customer_id"].tolist() == ["b"]
    unknown = values.assign(clv=float("nan"))
    assert ten_types.of_the_future(classes, unknown, settings=settings).empty
