"""Finding: a number that can never be shown without its interval, its n, its basis and its date."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Status = Literal["ok", "indicative", "not_available"]
INDICATIVE_BELOW = 20  # DEF7: a share or rate on fewer observations is labelled "indicative"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One number of the report, with everything needed to judge it.

    id       dotted name `<page subject>.<measure>`; the key of its sentence in `present/words/*.yml`
    value    the number (float or int), a text for a verdict, or None when `status` is "not_available"
    unit     share | money | count | days | years | orders | ratio | text | date
    low/high interval at `level` (both None for a plain count or sum of the data, which is no estimate)
    n        number of observations the value rests on
    basis    what was counted, in words ("revenue_net of 1,204 customers, 2025-10-01 to 2026-09-30")
    as_of    ISO date after which no row was used
    grade    A–D for forecasts (see `analysis.backtest`), else None
    because  the reason: why not available, why indicative, or what the verdict rests on
    parts    further values for the sentence, by placeholder name
    """

    id: str
    unit: str
    n: int
    basis: str
    as_of: str
    value: float | int | str | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    status: Status = "ok"
    grade: Literal["A", "B", "C", "D"] | None = None
    because: str = ""
    parts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        missing = self.value is None or (isinstance(self.value, float) and not math.isfinite(self.value))
        if self.status == "not_available":
            if self.value is not None:
                raise ValueError(f"finding {self.id}: a value that is not available must be None, not {self.value!r}")
            if not self.because:
                raise ValueError(f"finding {self.id}: say why it is not available (because=…)")
        elif missing:
            raise ValueError(f"finding {self.id}: value is {self.value!r}; use not_available(…) and say why")

    def as_indicative(self, because: str) -> "Finding":
        """The same finding labelled "indicative", with the reason."""
        return replace(self, status="indicative", because=because)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able mapping, as stored in `findings.json`."""
        return asdict(self) | {"parts": dict(self.parts)}


def obedient(finding: Finding, withheld: Mapping[str, str]) -> Finding:
    """The finding, or the reason in its place where the data do not allow its analysis.

    `withheld` has the reason by finding (`retention.cohort`) or by everything of a subject (`retention.`). A finding
    that is not available anyway keeps its own reason.
    """
    if finding.status == "not_available":
        return finding
    subject = f"{finding.id.split('.')[0]}."
    reason = withheld.get(finding.id) or withheld.get(subject)
    if reason is None:
        return finding
    plain = {"value": None, "low": None, "high": None, "level": None, "grade": None}
    return replace(finding, status="not_available", because=reason, **plain)


def not_available(id: str, because: str, *, unit: str, as_of: str, basis: str = "", n: int = 0, **parts) -> Finding:
    """A finding that could not be computed: no value, and the table or column that would allow it (DEF10)."""
    return Finding(
        id=id, unit=unit, n=n, basis=basis, as_of=as_of, status="not_available", because=because, parts=parts
    )
