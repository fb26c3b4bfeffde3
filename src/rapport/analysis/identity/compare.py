"""What two records have in common and what speaks against their being one customer."""

from collections.abc import Callable
from difflib import SequenceMatcher

import numpy as np
import pandas as pd

_ALIKE = 0.6  # similarity from which two words may be one word badly written
_FIELDS = {
    "tax": "tax number", "email": "e-mail", "phone": "telephone", "born_on": "date of birth", "form": "legal form",
    "kind": "person or company",
    "address": "address", "postcode": "postcode", "city": "town",
}  # fmt: skip


def name_relation(a: tuple[str, ...], b: tuple[str, ...]) -> str:
    """How two names (as words) stand to each other.

    same: the same words in any order; compatible: each word of the shorter name is found in the longer one, equal, as
    an initial or with one slip of the pen; partial: on both sides words are left that look alike ("Oliver", "Oievr");
    rival: on both sides words are left that have nothing in common ("Anna Kovács", "Péter Kovács"); unknown: one is
    missing.
    """
    if not a or not b:
        return "unknown"
    if sorted(a) == sorted(b):
        return "same"
    left, right = list(a), list(b)
    for agrees in (str.__eq__, _is_slip, _is_initial):
        for word in tuple(left):
            found = next((other for other in right if agrees(word, other)), None)
            if found is not None:
                left.remove(word)
                right.remove(found)
    if not (left and right) or "".join(a) == "".join(b):
        return "compatible"
    return "partial" if any(_similarity(x, y) >= _ALIKE for x in left for y in right) else "rival"


def _is_initial(a: str, b: str) -> bool:
    """One letter, and a longer word that begins with it; J and Y are written I at the beginning of longer words."""
    short, long = sorted((a, b), key=len)
    return len(short) == 1 < len(long) and long.startswith("i" if short in "jy" else short)


def _is_slip(a: str, b: str) -> bool:
    """One letter more, less or other, or two neighbours swapped, in words of at least four letters."""
    return min(len(a), len(b)) >= 4 and is_one_slip(a, b)


def _similarity(a: str, b: str) -> float:
    return SequenceMatcher(None, *sorted((a, b)), autojunk=False).ratio()


def is_one_slip(a: str, b: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours turns one text into the other."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    if len(a) == len(b):
        return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    longer, shorter = (rest_a, rest_b) if len(a) > len(b) else (rest_b, rest_a)
    return longer[1:] == shorter


def is_date_slip(a: pd.Timestamp, b: pd.Timestamp, *, digits: int = 2) -> bool:
    """Whether two birth dates may be one mistyped: few digits differ, or day and month are exchanged."""
    other_digits = sum(x != y for x, y in zip(f"{a:%Y%m%d}", f"{b:%Y%m%d}"))
    return other_digits <= digits or (a.year == b.year and (a.month, a.day) == (b.day, b.month))


def comparison(pairs: pd.DataFrame, normal: pd.DataFrame) -> pd.DataFrame:
    """What agrees, what differs and what would settle each pair.

    Grain in: `pairs` with `a` and `b`, row numbers of `normal`. Out: same rows; names (relation of the names), agrees
    and differs (field names separated by "; "), would_settle, is_opposed (two tax numbers, or two birth dates, that
    no slip of the pen explains), is_rival (rival names, and neither tax number nor birth date vouches for them),
    is_contested (rival, or opposed and not of the very same name).
    """
    left = {column: normal[column].to_numpy()[pairs["a"]] for column in ("words", "kind", *_FIELDS)}
    right = {column: normal[column].to_numpy()[pairs["b"]] for column in ("words", "kind", *_FIELDS)}
    names = np.array([name_relation(a, b) for a, b in zip(left["words"], right["words"])], dtype=object)
    both = {field: ~(pd.isna(left[field]) | pd.isna(right[field])) for field in _FIELDS}
    same = {field: both[field] & (left[field] == right[field]) for field in _FIELDS}
    other = {field: both[field] & ~same[field] for field in _FIELDS}
    tax = _within(is_one_slip, left["tax"], right["tax"], both["tax"])
    born = {n: _within(_born_slip(n), left["born_on"], right["born_on"], both["born_on"]) for n in (1, 2)}
    opposed = (both["tax"] & ~tax) | (both["born_on"] & ~born[2])
    vouched = tax | born[1]
    return pd.DataFrame(
        {
            "names": names,
            "agrees": _listed(
                {"name": np.isin(names, ("same", "compatible")), **{_FIELDS[f]: hit for f, hit in same.items()}}
            ),
            "differs": _listed(
                {"name": np.isin(names, ("partial", "rival")), **{_FIELDS[f]: hit for f, hit in other.items()}}
            ),
            "would_settle": _listed(
                _settling(left["kind"], right["kind"], both, other) | _shared(same, names, other["tax"]),
                fallback="ask the customer",
            ),
            "is_opposed": opposed,
            "is_rival": ~vouched & (names == "rival"),
            "is_contested": ~vouched & ((names == "rival") | (opposed & (names != "same"))),
        },
        index=pairs.index,
    )


def _settling(left: np.ndarray, right: np.ndarray, both: dict, other: dict) -> dict[str, np.ndarray]:
    """What to ask for: what differs and must not, then what one side lacks; companies have no birth date."""
    is_firm, is_person = ((left == kind) | (right == kind) for kind in ("company", "person"))
    return {
        "which tax number is right": other["tax"],
        "which date of birth is right": other["born_on"],
        "tax or company number": ~both["tax"] & ~is_person,
        "date of birth": ~both["born_on"] & ~is_firm,
        **{_FIELDS[field]: ~both[field] for field in ("email", "phone", "address")},
    }


def _shared(same: dict[str, np.ndarray], names: np.ndarray, is_other_tax: np.ndarray) -> dict[str, np.ndarray]:
    """Firms of unlike names and tax numbers that share a mailbox or a telephone, such as a bookkeeper's: whose is it?"""
    strangers = np.isin(names, ("partial", "rival")) & is_other_tax
    return {f"whose {_FIELDS[field]} they share": strangers & same[field] for field in ("email", "phone")}


def _born_slip(digits: int) -> Callable[[np.datetime64, np.datetime64], bool]:
    return lambda a, b: is_date_slip(pd.Timestamp(a), pd.Timestamp(b), digits=digits)


def _within(is_slip: Callable, left: np.ndarray, right: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Where both are known and equal but for a slip."""
    near = np.zeros(len(both), dtype=bool)
    for row in np.flatnonzero(both):
        near[row] = left[row] == right[row] or is_slip(left[row], right[row])
    return near


def _listed(hits: dict[str, np.ndarray], fallback: str = "") -> list[str]:
    labels = list(hits)
    rows = np.column_stack([np.asarray(hit, dtype=bool) for hit in hits.values()])
    known: dict[bytes, str] = {}
    texts = []
    for row in rows:
        mask = row.tobytes()
        if mask not in known:
            known[mask] = "; ".join(label for label, hit in zip(labels, row) if hit) or fallback
        texts.append(known[mask])
    return texts
