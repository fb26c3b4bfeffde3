"""The chain: which page needs which tables and makes which. Read it top to bottom."""

from dataclasses import dataclass

from .foundation.errors import RunError, did_you_mean


@dataclass(frozen=True)
class Stage:
    """One page: its notebook, the tables it cannot do without, those it makes, and the analyses whose verdict it obeys."""

    name: str
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    obeys: tuple[str, ...] = ()

    @property
    def notebook(self) -> str:
        return f"{self.name}.ipynb"

    @property
    def short(self) -> str:
        """The name without its number, as used on the command line: `value` for `3_value`."""
        return self.name.split("_", 1)[1]


STAGES = (
    Stage(
        "1_identify",
        (),
        (
            "transactions",
            "records",
            "links",
            "ambiguous",
            "review",
            "conflicts",
            "spellings",
            "customers",
            "eligible_offers",
            "quality",
            "readiness",
        ),
    ),
    Stage(
        "2_classify",
        ("transactions", "customers"),
        ("history", "periods", "patterns", "classes"),
        ("classify", "key_accounts", "finance"),
    ),
    Stage(
        "3_value",
        ("transactions", "history", "patterns", "classes"),
        ("values", "model_scores"),
        ("value_model", "margins", "finance"),
    ),
    Stage(
        "4_retain",
        ("transactions", "history", "classes", "values"),
        ("retention", "cohorts", "alive_curves"),
        ("retention", "attention"),
    ),
    Stage(
        "5_recover",
        ("transactions", "history", "classes", "values", "model_scores", "customers", "links"),
        ("lost", "outcomes"),
        ("recover_list", "recover_reasons", "attention"),
    ),
    Stage(
        "6_acquire",
        ("transactions", "history", "classes", "values", "customers"),
        ("acquisition", "prospects_ranked"),
        ("cac", "prospects"),
    ),
    Stage(
        "7_strategy",
        ("customers", "history", "classes", "values", "lost", "retention", "prospects_ranked"),
        ("profile", "assignments", "play_gates"),
        ("plays",),
    ),
)


def stage(name: str) -> Stage:
    """The stage called `name`, with or without its number. Raises RunError with the closest name."""
    for one in STAGES:
        if name in (one.name, one.short):
            return one
    raise RunError(f"there is no page '{name}'.", "rapport run", did_you_mean(name, [one.short for one in STAGES]))
