"""Which later analyses the data allow: ready, with caution, or not possible — and why. Later pages obey it."""

from collections.abc import Mapping

import pandas as pd

from ...foundation.contracts import TABLES
from .rows import CAUTION_SHARE

_FEWEST_MONTHS = 12  # §10: a warning below a year of history
_MOST_UNIDENTIFIED = 0.05  # §10
_FEWEST_FINANCE = 6  # months of finance below which one unusual month decides
ANALYSES = (
    "classify", "value_model", "margins", "retention", "recover_list", "recover_reasons", "attention", "cac",
    "prospects", "key_accounts", "finance", "plays",
)  # fmt: skip
FINDINGS = {
    "classify": ("pareto.", "xyz.", "ladder.", "migration.", "classes.", "concentration.", "dependency.", "key."),
    "retention": tuple(f"retention.{id}" for id in ("formula", "cohort", "churn", "monthly", "annual", "base_growth")),
    "recover_reasons": ("reasons.", "lost.top_reason", "lost.top_reason_share", "attention.stated"),
    "attention": (
        "attention.contact_rate", "attention.behaviour", "second_order.contacted_share", "forgotten.count",
        "balance.attention_index",
    ),
    "cac": ("acquire.cac", "saturation.", "balance.cost_ratio", "balance.break_even", "balance.tilt"),
    "prospects": ("acquire.duplicates", "acquire.market_size", "acquire.market_count"),
    "finance": ("dependency.stress", "value.survival_floor"),
}  # fmt: skip
_MONEY = ("value_model", "margins", "cac", "finance")
_RHYTHM = ("value_model", "retention", "recover_list")
TOUCHED = {
    "amounts may include VAT": _MONEY,
    "orders above the ledger": ("finance",),
    "orders below the ledger": ("finance",),
    "ledger total differs": ("finance",),
    "returns stand in a table of their own": ("classify", *_MONEY),
    "numbering may have changed": (*_RHYTHM, "cac"),
    "every customer bought once": _RHYTHM,
    "months without a row": _RHYTHM,
    "source stops mid-period": ("retention", "recover_list"),
    "dates on the first of the month": ("value_model", "recover_list"),
}  # beginning of a check of `quality` → the analyses that rest on what it doubts


def readiness(
    transactions: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    quality: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """The `readiness` table: one row per later analysis, with its verdict and the reason.

    In: `transactions` with customer_id resolved; `tables`, the client's other tables by name (absent or empty = not
    given); `quality`, what was found, each check with the analyses it touches (TOUCHED). What is a stop, and what is a
    caution over more than 5 % of net sales, calls for caution in those, with its reason; it never lifts a verdict.
    """
    sold = transactions[
        transactions["customer_id"].notna() & (transactions["net_amount"] > 0) & ~transactions["is_return"]
    ]
    facts = _Facts(transactions, sold, tables, settings, as_of)
    doubts = _doubts(transactions, quality)
    verdicts = {name: _doubted(*getattr(facts, name)(), doubts.get(name, [])) for name in ANALYSES}
    made = pd.DataFrame(
        [{"analysis": name, "verdict": verdict, "because": because} for name, (verdict, because) in verdicts.items()]
    )
    return TABLES["readiness"].check(made, "quality.readiness")


def _doubts(transactions: pd.DataFrame, quality: pd.DataFrame | None) -> dict[str, list[str]]:
    """What `quality` says against each analysis."""
    doubts: dict[str, list[str]] = {}
    if quality is None:
        return doubts
    least = CAUTION_SHARE * abs(transactions["net_amount"].sum())
    weighs = (quality["severity"] == "stop") | ((quality["severity"] == "caution") & (quality["amount"].abs() > least))
    for found in quality[weighs].itertuples():
        for start, analyses in TOUCHED.items():
            for name in analyses if found.check.startswith(start) else ():
                of = "" if found.source == "all" else f" ({found.source})"
                doubts.setdefault(name, []).append(f"{found.check}{of}: {found.why}")
    return doubts


def _doubted(verdict: str, because: str, doubts: list[str]) -> tuple[str, str]:
    """The verdict with its doubts; what is not possible stays so, and needs no further reason."""
    if verdict == "not_possible" or not doubts:
        return verdict, because
    return "caution", "; ".join([*([because] if verdict == "caution" else []), *doubts])


def withheld(readiness: pd.DataFrame) -> dict[str, str]:
    """The findings of every analysis that is not possible, by id (or subject with a dot), with the reason.

    An analysis that has a second way when its data are lacking (values by rules instead of a model, value as revenue
    instead of margin) withholds nothing: its page says which way was taken.
    """
    barred = readiness[readiness["verdict"] == "not_possible"]
    return {
        finding: because
        for name, because in zip(barred["analysis"], barred["because"])
        for finding in FINDINGS.get(name, ())
    }


class _Facts:
    """What the verdicts rest on, each computed once; one method per analysis."""

    def __init__(self, transactions, sold, tables, settings, as_of):
        self.tables, self.settings = tables, settings
        days = sold[["customer_id", "ordered_on"]].drop_duplicates()
        per_customer = days.groupby("customer_id", observed=True)["ordered_on"].agg(["min", "max", "size"])
        self.customers = len(per_customer)
        self.repeaters = int((per_customer["size"] > 1).sum())
        start = sold["ordered_on"].min()
        self.months = (as_of - start).days / 30.44 if self.customers else 0.0
        truncated = per_customer["min"] < start + pd.Timedelta(days=settings.data.truncation_days)
        self.known_age = int((~truncated).sum())
        self.known_repeaters = int((~truncated & (per_customer["size"] > 1)).sum())
        self.unidentified = float(transactions["customer_id"].isna().mean()) if len(transactions) else 0.0
        self.margin_share = float(transactions["margin"].notna().mean()) if "margin" in transactions else 0.0
        self.manager_share = float(transactions["manager_id"].notna().mean()) if "manager_id" in transactions else 0.0

    def given(self, table: str) -> bool:
        return self.tables.get(table) is not None and len(self.tables[table]) > 0

    def classify(self):
        if not self.customers:
            return "not_possible", "no sale names a customer"
        if self.unidentified > _MOST_UNIDENTIFIED:
            return "caution", f"{self.unidentified:.1%} of sales rows name no customer: shares are of the known part"
        if self.months < _FEWEST_MONTHS:
            return "caution", f"{self.months:.0f} months of history: regularity and loss are judged on less than a year"
        return "ready", f"{self.customers:,} customers over {self.months:.0f} months"

    def value_model(self):
        value = self.settings.value
        counted = f"{self.known_age:,} customers of known age, {self.known_repeaters:,} of them with a repeat purchase"
        if self.known_age < value.min_customers or self.known_repeaters < value.min_repeaters:
            least = f"at least {value.min_customers} and {value.min_repeaters} are needed"
            return "not_possible", f"{counted}; {least}: rules are used instead"
        if self.months < 2 * _FEWEST_MONTHS:
            return "caution", f"{counted}; {self.months:.0f} months do not show a season twice"
        return "ready", counted

    def margins(self):
        if self.margin_share >= 1 - _MOST_UNIDENTIFIED:
            return "ready", f"{self.margin_share:.0%} of sales rows have a margin"
        if self.margin_share > 0:
            return "caution", f"only {self.margin_share:.0%} of sales rows have a margin"
        if self.settings.value.margin_share is not None:
            return (
                "caution",
                f"one margin of {self.settings.value.margin_share:.0%} is applied to all sales (value.margin_share)",
            )
        return "not_possible", "transactions.margin is empty and value.margin_share is not set: value is revenue"

    def retention(self):
        window = self.settings.data.active_window_days / 30.44
        if self.months < window:
            return (
                "not_possible",
                f"{self.months:.0f} months of history are less than one active window ({window:.0f} months)",
            )
        if self.months < 2 * window:
            return (
                "caution",
                f"{self.months:.0f} months of history hold less than two active windows ({window:.0f} months each)",
            )
        return "ready", f"{self.months:.0f} months of history"

    def recover_list(self):
        if self.repeaters < self.settings.value.min_repeaters:
            return "caution", f"{self.repeaters} customers bought again: what silence means is uncertain"
        return "ready", f"{self.repeaters:,} customers bought more than once"

    def recover_reasons(self):
        return self._by_tables("leavers_survey", "returns_complaints")

    def attention(self):
        return self._by_tables("contacts")

    def cac(self):
        return self._by_tables("spend")

    def prospects(self):
        return self._by_tables("prospects")

    def finance(self):
        verdict, because = self._by_tables("finance")
        months = len(self.tables["finance"]) if verdict == "ready" else 0
        if 0 < months < _FEWEST_FINANCE:
            return "caution", f"{because}: fewer than {_FEWEST_FINANCE} months, so one unusual month decides"
        return verdict, because

    def key_accounts(self):
        if self.manager_share == 0:
            return "caution", "transactions.manager_id is empty: key customers at the level of the firm only"
        return "ready", f"{self.manager_share:.0%} of sales rows name a manager"

    def plays(self):
        verdict, because = self.classify()
        if verdict == "not_possible":
            return verdict, because
        absent = [name for name in ("contacts", "spend", "experiments") if not self.given(name)]
        if absent:
            return "caution", f"plays that need {', '.join(absent)} cannot be judged"
        return "ready", "every table plays may ask for was given"

    def _by_tables(self, first: str, *others: str):
        if self.given(first):
            return "ready", f"{len(self.tables[first]):,} rows of {first}"
        stands_in = next((name for name in others if self.given(name)), None)
        if stands_in:
            return (
                "caution",
                f"{first} was not given; {len(self.tables[stands_in]):,} rows of {stands_in} give signs only",
            )
        return "not_possible", f"{first} was not given: {TABLES[first].costs}"
