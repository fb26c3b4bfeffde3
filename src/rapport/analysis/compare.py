"""This run beside an earlier one of the same client: which figures changed, which parameters, which files (LT-24, R12)."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..foundation.finding import Finding

APART, OVERLAP = "intervals apart", "intervals overlap"
GONE, NEW, UNLIKE = "no longer available", "not available before", "measured otherwise"
COLUMNS = ("id", "unit", "before", "now", "change", "verdict")


def changes(before: Mapping[str, Finding], now: Mapping[str, Finding]) -> pd.DataFrame:
    """Every finding that either run could compute and that is not the same in both: one row each, in the order of `now`.

    In: findings by id. Out: id, unit, before, now (values as the findings have them; empty where not available), change
    (now − before, in the finding's unit; empty for words), verdict: for estimates of both runs whether their 95 %
    intervals lie apart or overlap; else what cannot be compared and why; empty for plain counts and sums.
    Cases: a finding whose unit differs is not compared. Apart is no proof that anything was done: it says that chance of
    counting alone does not explain the difference. Reference: LT-24, DEF7.
    """
    ids = [*now, *(id for id in before if id not in now)]
    rows = [_change(id, before.get(id), now.get(id)) for id in ids]
    frame = pd.DataFrame([row for row in rows if row is not None], columns=list(COLUMNS))
    return frame.astype({"before": object, "now": object, "change": "float64"})


def _change(id: str, before: Finding | None, now: Finding | None) -> dict[str, Any] | None:
    was, is_ = (None if one is None else one.value for one in (before, now))
    if was == is_:
        return None
    row = {"id": id, "unit": (now or before).unit, "before": was, "now": is_, "change": None}
    if was is None or is_ is None:
        return row | {"verdict": NEW if was is None else GONE}
    if before.unit != now.unit or isinstance(was, str) != isinstance(is_, str):
        return row | {"verdict": UNLIKE}
    if isinstance(is_, str):
        return row | {"verdict": ""}
    return row | {"change": float(is_) - float(was), "verdict": _verdict(before, now)}


def _verdict(before: Finding, now: Finding) -> str:
    ends = (before.low, before.high, now.low, now.high)
    if any(end is None for end in ends) or before.level is None or now.level is None:
        return ""
    return APART if before.high < now.low or now.high < before.low else OVERLAP


def parameters(before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The parameters that differ: parameter (dotted name), before, now (text; empty where the kit did not know it).

    In: parameters by group and name, as the manifests have them.
    """
    flat = [
        {f"{group}.{name}": _plain(value) for group, values in side.items() for name, value in dict(values).items()}
        for side in (before, now)
    ]
    names = sorted({*flat[0], *flat[1]})
    rows = [(name, flat[0].get(name, ""), flat[1].get(name, "")) for name in names]
    return pd.DataFrame([row for row in rows if row[1] != row[2]], columns=["parameter", "before", "now"])


def files(before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The files that differ: file, what (new, changed, no longer there). In: the inputs of both manifests, with sha256."""
    rows = []
    for name in sorted({*before, *now}):
        if name not in before:
            rows.append((name, "new"))
        elif name not in now:
            rows.append((name, "no longer there"))
        elif before[name].get("sha256") != now[name].get("sha256"):
            rows.append((name, "changed"))
    return pd.DataFrame(rows, columns=["file", "what"])


def _plain(value: Any) -> str:
    return ", ".join(map(_plain, value)) if isinstance(value, list | tuple) else str(value)
