"""Two runs side by side (LT-24)."""

import pytest

from rapport.analysis import compare
from rapport.foundation.finding import Finding, not_available


def found(id, value, low=None, high=None, unit="share", **more) -> Finding:
    ends = {"low": low, "high": high, "level": 0.95} if low is not None else {}
    return Finding(id=id, unit=unit, value=value, n=9, basis="x", as_of="2026-06-30", **ends, **more)


def by_id(*findings):
    return {one.id: one for one in findings}


def test_what_changed_is_told_with_its_verdict():
    gone = not_available("d", "no table", unit="share", as_of="2026-09-30")
    before = by_id(
        found("a", 0.5, 0.4, 0.6), found("b", 0.5, 0.45, 0.55), found("c", "amber", unit="text"), found("d", 0.1)
    )
    before |= by_id(
        found("same", 3, unit="count"), found("sum", 10.0, unit="money"), found("otherwise", 3, unit="count")
    )
    now = by_id(found("a", 0.7, 0.61, 0.8), found("b", 0.52, 0.5, 0.6), found("c", "green", unit="text"), gone)
    now |= by_id(found("same", 3, unit="count"), found("sum", 12.5, unit="money"), found("otherwise", 0.3))
    now |= by_id(found("new", 0.2), found("fell", 0.1, 0.05, 0.2))
    before |= by_id(found("fell", 0.5, 0.4, 0.6))
    table = compare.changes(before, now).set_index("id")
    assert table["verdict"].to_dict() == {
        "a": "intervals apart",
        "b": "intervals overlap",
        "c": "",
        "d": "no longer available",
        "sum": "",
        "otherwise": "measured otherwise",
        "new": "not available before",
        "fell": "intervals apart",
    }
    assert table.loc[["a", "sum"], "change"].tolist() == [pytest.approx(0.2), 2.5]
    assert table.loc["c", ["before", "now"]].tolist() == ["amber", "green"]
    assert compare.changes(now, now).empty


def test_low_and_high_cases_are_no_interval_of_chance():
    before, now = found("a", 1.0, 0.0, 2.0), found("a", 9.0, 8.0, 10.0)
    cases = [Finding(**one.to_dict() | {"level": None}) for one in (before, now)]
    assert compare.changes(by_id(cases[0]), by_id(cases[1]))["verdict"].tolist() == [""]


def test_parameters_and_files_that_differ_are_named():
    before = {"abc": {"cuts": [0.8, 0.95]}, "data": {"period": "M", "old": 1}}
    now = {"abc": {"cuts": (0.7, 0.95)}, "data": {"period": "M", "new": 2}}
    assert compare.parameters(before, now).values.tolist() == [
        ["abc.cuts", "0.8, 0.95", "0.7, 0.95"],
        ["data.new", "", "2"],
        ["data.old", "1", ""],
    ]
    assert compare.parameters(before, before).empty
    were = {"raw/a.csv": {"sha256": "1"}, "raw/b.csv": {"sha256": "2"}, "raw/c.csv": {"sha256": "3"}}
    are = {"raw/a.csv": {"sha256": "1"}, "raw/b.csv": {"sha256": "9"}, "raw/d.csv": {"sha256": "4"}}
    assert compare.files(were, are).values.tolist() == [
        ["raw/b.csv", "changed"], ["raw/c.csv", "no longer there"], ["raw/d.csv", "new"]
    ]  # fmt: skip
