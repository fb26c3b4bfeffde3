"""A finding is a number with its evidence, or the reason why there is none."""

import pytest

from rapport.foundation.finding import Finding, not_available, obedient

SHARE = dict(id="x.share", unit="share", n=40, basis="40 customers", as_of="2026-09-30")


def test_a_value_needs_no_excuse():
    assert Finding(value=0.5, **SHARE).status == "ok"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_missing_value_is_never_passed_as_one(value):
    with pytest.raises(ValueError, match="use not_available"):
        Finding(value=value, **SHARE)


def test_not_available_must_say_why():
    with pytest.raises(ValueError, match="say why"):
        not_available("x.share", "", unit="share", as_of="2026-09-30")
    finding = not_available("x.share", "no table `wallet` was given", unit="share", as_of="2026-09-30")
    assert finding.value is None
    with pytest.raises(ValueError, match="must be None"):
        Finding(value=0, status="not_available", because="x", **SHARE)


def test_indicative_keeps_the_value_and_adds_the_reason():
    finding = Finding(value=0.5, **SHARE).as_indicative("n below 20")
    assert (finding.value, finding.status, finding.because) == (0.5, "indicative", "n below 20")


def test_it_survives_a_round_trip():
    finding = Finding(value=0.5, low=0.3, high=0.7, level=0.95, parts={"k": 20}, **SHARE)
    assert Finding(**finding.to_dict()) == finding


def test_what_is_withheld_gives_way_to_its_reason_by_id_or_by_subject():
    finding = Finding(value=0.5, low=0.3, high=0.7, level=0.95, grade="A", **SHARE)
    for withheld in ({"x.share": "too short"}, {"x.": "too short"}):
        told = obedient(finding, withheld)
        assert (told.status, told.value, told.low, told.grade, told.because) == (
            "not_available", None, None, None, "too short",
        )  # fmt: skip
    assert obedient(finding, {"x.other": "too short", "y.": "too short"}) == finding
    own = not_available("x.share", "its own reason", unit="share", as_of="2026-09-30")
    assert obedient(own, {"x.": "another"}).because == "its own reason"
