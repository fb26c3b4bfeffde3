"""What is wrong with the data, in rows and in money, and what may be done with them.

quality.checks(transactions, records, settings=…, as_of=…)      → `quality`
quality.readiness(transactions, tables, settings=…, as_of=…)    → `readiness`
"""

from .cards import completeness, stale, stewards
from .coverage import coverage, coverage_checks, in_time, recording_lag
from .ledger import (
    by_seller,
    ledger_checks,
    ledger_total,
    reconciled,
    reconciliation,
    seller_checks,
    sellers,
    total_checks,
)
from .origins import first_seen, origin_checks
from .persons import person_checks, persons, with_consent
from .questions import checks, questions
from .readiness import readiness, withheld
from .rows import combined, told
from .sales import giants, sales_checks

__all__ = [
    "by_seller",
    "checks",
    "combined",
    "completeness",
    "coverage",
    "coverage_checks",
    "first_seen",
    "giants",
    "in_time",
    "ledger_checks",
    "ledger_total",
    "origin_checks",
    "person_checks",
    "persons",
    "questions",
    "readiness",
    "reconciled",
    "reconciliation",
    "recording_lag",
    "sales_checks",
    "seller_checks",
    "sellers",
    "stale",
    "stewards",
    "told",
    "total_checks",
    "with_consent",
    "withheld",
]  # fmt: skip
