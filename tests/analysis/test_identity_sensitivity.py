"""Strict, likely and loose merging side by side, and the merges that matter in money."""

import pandas as pd
import pytest

from rapport.analysis import identity
from rapport.analysis.identity.sensitivity import accepted_pairs
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings

DEFAULT = settings()
AS_OF = pd.Timestamp("2026-09-30")


def firm() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Twelve buyers of 10; records 1 and 2 share an e-mail (30 + 20), 3 and 4 only a name (50 + 40), 5 and 6 a name and
    two birth dates (70 + 60)."""
    rows = [
        {"name": "Ona Jankutė", "email": "ona@x.lt"},
        {"name": "Ona Jankutė", "email": "ona@x.lt"},
        {"name": "Kovács"},
        {"name": "Kovács"},
        {"name": "Nagy", "born_on": "1960-01-01"},
        {"name": "Nagy", "born_on": "1999-12-24"},
        *[{} for _ in range(12)],
    ]
    contract = TABLES["records"]
    frame = pd.DataFrame([{"source": "crm", "record_id": str(n)} | row for n, row in enumerate(rows, start=1)])
    net = [30, 20, 50, 40, 70, 60, *[10] * 12]
    days = pd.DataFrame(
        {"source": "crm", "record_id": frame["record_id"], "ordered_on": AS_OF, "sold": net, "net": net}
    )
    return contract.check(contract.complete(frame), "test"), days.astype({"sold": "float64", "net": "float64"})


def test_scenarios_differ_by_what_they_merge():
    records, days = firm()
    pairs = identity.pairs(records, settings=DEFAULT)
    shown = identity.merging_scenarios(records, pairs, days, settings=DEFAULT, as_of=AS_OF).set_index("scenario")
    assert list(shown.index) == ["strict", "likely", "loose"]
    assert shown["customers"].to_dict() == {"strict": 17, "likely": 17, "loose": 16}
    assert shown["buyers"].to_dict() == {"strict": 17, "likely": 17, "loose": 16}
    total = 270 + 120
    assert shown.loc["strict", "top10_share"] == pytest.approx((270 + 5 * 10) / total)
    assert shown.loc["loose", "top10_share"] == pytest.approx((270 + 6 * 10) / total)


def test_loose_takes_what_likely_takes_and_more():
    """Two birth dates that no slip explains do not keep weights from joining what is likely; loose keeps it joined."""
    pairs = pd.DataFrame(
        {
            "uid_a": ["crm:1", "crm:3", "crm:5"],
            "uid_b": ["crm:2", "crm:4", "crm:6"],
            "rule": ["model", "model", "same name"],
            "match_prob": [0.99, 0.2, 0.2],
            "is_opposed": [True, True, False],
        }
    )
    loose = accepted_pairs(pairs, "loose")
    assert loose["match_prob"].tolist() == [0.99, 0.2, 1.0]


def test_two_customers_left_open_stand_once_however_the_pairs_are_written():
    records, days = firm()
    records, days = records.iloc[2:4], days.iloc[2:4]
    pairs = identity.pairs(records, settings=DEFAULT)
    links = identity.links(records, pairs, settings=DEFAULT)
    twice = pd.concat([pairs, pairs.rename(columns={"uid_a": "uid_b", "uid_b": "uid_a"})], ignore_index=True)
    found = identity.biggest_merges(records, twice, links, identity.record_values(days))
    assert found["customer_id"].tolist() == ["3 / 4"]
    assert found.columns.tolist()[:3] == ["decided", "names", "net_moved"]


def test_a_user_counted_with_its_payer_is_no_merge_by_nothing():
    records, days = firm()
    records = records.head(2).assign(end_user_of=[None, "1"], email=None)
    pairs = identity.pairs(records, settings=DEFAULT)
    links = identity.links(records, pairs, settings=DEFAULT)
    found = identity.biggest_merges(records, pairs, links, identity.record_values(days.head(2)))
    assert found["rule"].tolist() == ["end user of its payer"]


def test_a_merge_can_make_a_repeat_buyer_and_undo_a_loss():
    records, days = firm()
    records, days = records.head(2), days.head(2)
    days.loc[0, "ordered_on"] = AS_OF - pd.Timedelta(days=900)
    pairs = identity.pairs(records, settings=DEFAULT)
    merged = identity.merging_scenarios(records, pairs, days, settings=DEFAULT, as_of=AS_OF)
    apart = identity.merging_scenarios(records, pairs, days, settings=DEFAULT, as_of=AS_OF, split=[["crm:1", "crm:2"]])
    assert set(merged["repeat_share"]) == {1.0}
    assert set(apart["repeat_share"]) == {0.0}
    assert set(merged["lost_share"]) == {0.0}
    assert set(apart["lost_share"]) == {0.5}


def test_sales_after_the_cut_off_day_are_not_used():
    records, days = firm()
    pairs = identity.pairs(records, settings=DEFAULT)
    shown = identity.merging_scenarios(records, pairs, days, settings=DEFAULT, as_of=AS_OF - pd.Timedelta(days=1))
    assert set(shown["buyers"]) == {0}
    assert shown["top10_share"].isna().all()


def test_the_merges_that_matter_most_come_first():
    records, days = firm()
    pairs = identity.pairs(records, settings=DEFAULT)
    links = identity.links(records, pairs, settings=DEFAULT)
    found = identity.biggest_merges(records, pairs, links, identity.record_values(days))
    assert list(found["net_moved"]) == [60.0, 40.0, 20.0]
    assert list(found["decided"]) == ["left open", "left open", "merged"]
    assert found["names"][2] == "Ona Jankutė"
    assert found["rule"][2] == "exact email"
    assert found["differs"][0] == "date of birth"
    assert len(identity.biggest_merges(records, pairs, links, identity.record_values(days), most=1)) == 1


def test_record_days_add_up_a_day_and_leave_nobody_out():
    sales = pd.DataFrame(
        {
            "record_source": ["crm", "crm", "crm", None],
            "record_id": ["1", "1", "2", None],
            "ordered_on": AS_OF,
            "net_amount": [5.0, 7.0, 1.0, 100.0],
            "is_return": False,
        }
    )
    days = identity.record_days(sales, settings=DEFAULT)
    assert dict(zip(days["record_id"], days["net"])) == {"1": 12.0, "2": 1.0}


def test_returns_enter_the_scenarios_as_later_pages_count_them():
    """A sale of 100 fully returned on its day, and one of 50: bought twice, worth 50 net of returns, 150 before them."""
    sales = pd.DataFrame(
        {
            "record_source": "crm",
            "record_id": "1",
            "ordered_on": [AS_OF, AS_OF, AS_OF - pd.Timedelta(days=9)],
            "net_amount": [100.0, -100.0, 50.0],
            "is_return": [False, True, False],
        }
    )
    worth = {"net": 50.0, "separate": 150.0, "drop": 150.0}
    for policy, value in worth.items():
        days = identity.record_days(sales, settings=settings({"data.returns_policy": policy}))
        assert identity.record_values(days)["net_total"].tolist() == [value], policy
        assert days["sold"].tolist() == [50.0, 100.0]
    records = TABLES["records"].complete(pd.DataFrame({"source": ["crm"], "record_id": ["1"]}))
    records = TABLES["records"].check(records, "test")
    pairs = identity.pairs(records, settings=DEFAULT)
    days = identity.record_days(sales, settings=DEFAULT)
    shown = identity.merging_scenarios(records, pairs, days, settings=DEFAULT, as_of=AS_OF)
    assert set(shown["repeat_share"]) == {1.0}


def test_a_firm_that_names_no_customer_has_no_merges():
    nothing = TABLES["records"].empty()
    pairs = identity.pairs(nothing, settings=DEFAULT)
    links = identity.links(nothing, pairs, settings=DEFAULT)
    days = identity.record_days(TABLES["transactions"].empty(), settings=DEFAULT)
    assert identity.biggest_merges(nothing, pairs, links, identity.record_values(days)).empty
