"""Play: one tactic of the playbook as strict data, and the words its conditions may use.

A condition names a column of a table that exists at the grain the play applies to, or, for the firm as a whole, a fact.
Only `min`, `max` and `in` compare; there is no code in a play, so that the report can print why it was assigned.
"""

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .contracts import TABLES
from .contracts.columns import Column, money, number, share, text
from .contracts.results import ATTENTION

ID = "^[a-z0-9]+(-[a-z0-9]+)*$"
PHASES = ("retain", "recover", "acquire")
GRAINS = {
    "customer": ("classes", "history", "values", "lost", "customers", "attention"),
    "key_account": ("classes", "history", "values", "lost", "customers", "attention"),
    "segment": ("profile",),
    "prospect": ("prospects_ranked",),
    "firm": (),
}
LISTS = ("types", "key_scope", "tags")  # text columns that hold several values, separated by ;
EMPTY_MEANS_NONE = (*LISTS, "primary_type", "former_rung")  # in other columns an empty cell means "unknown"

FACTS: dict[str, Column] = {
    "retention.cohort": share("of the customers active a window ago, the share still active"),
    "ladder.one_timer_share": share("share of customers with exactly one purchase day"),
    "pareto.top_share": share("share of value held by the top fifth of customers"),
    "concentration.largest": share("share of sales of the largest customer or group"),
    "dependency.band": Column(
        "str",
        "text",
        "how far the firm depends on its largest customer",
        options=("normal", "key", "watch", "act", "urgent", "critical"),
    ),
    "saturation.verdict": Column(
        "str",
        "text",
        "does acquisition money still buy customers at the old price",
        options=("no evidence", "signs", "saturating"),
    ),
    "plays.validated": number("plays that the client's own experiments have validated", "count"),
    "managers.stewards": number("managers whose role is steward of the customer file", "count"),
    "deliveries.on_time_share": share("orders delivered by the promised day, force majeure left out"),
    "deliveries.open": number("orders promised and not yet delivered", "count"),
    "products.launched": number("products launched in the last half-year", "count"),
    "prospects.listed": number("prospects in the prospect file", "count"),
    "prospects.unused_sources": number("kinds of prospect source not used yet, of the seven the kit knows", "count"),
    "prospects.in_talks": number("prospects contacted, qualified or offered, and neither won nor refused", "count"),
    "spend.events": money("acquisition money spent on exhibitions, seminars and presentations in the last window"),
    "lost.top_reason_share": share("share of the commonest known reason among leavers with a known reason"),
    "lost.top_reason": text("the commonest known reason among leavers"),
}


LABELS = {
    "is_pareto": "in the Pareto group",
    "is_overdue": "order overdue",
    "is_disputed": "CRM and behaviour disagree",
    "abc": "class by value",
    "xyz": "class by regularity",
    "clv": "CLV",
    "rung": "rung of the ladder",
    "former_rung": "rung before going quiet",
    "outbound_recent": "contacts from us in the window",
    "categories": "categories bought",
    "silent_gaps": "silence in own gaps",
    "return_prob": "chance of coming back alone",
    "score": "look-alike score",
    "retention_cohort": "retention",
    "net_share": "share of net sales",
    "margin_total": "contribution",
    "concentration.largest": "share of the largest customer",
    "saturation.verdict": "saturation of acquisition",
    "plays.validated": "proven plays",
    "managers.stewards": "stewards of the customer file",
    "deliveries.on_time_share": "share delivered on time",
    "deliveries.open": "open orders",
    "products.launched": "goods launched in the half-year",
    "prospects.listed": "prospects listed",
    "prospects.unused_sources": "kinds of source not used",
    "prospects.in_talks": "prospects in talks",
    "spend.events": "spent on events",
    "lost.top_reason_share": "share of leavers naming the first reason",
}  # other names read well enough as they are


class Strict(BaseModel):
    """Frozen, no unknown keys, no silent conversion of one type into another."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Text = Annotated[str, Field(min_length=1)]
Many = Field(default=(), strict=False)  # a YAML list may fill a tuple; what is in it stays strict


class Bounds(Strict):
    """What a column must be: between `min` and `max` (both ends included), or one of the values `in`."""

    min: float | None = None
    max: float | None = None
    among: tuple[str | bool, ...] | None = Field(default=None, alias="in", strict=False)


class Goal(Strict):
    """How success is measured: the measure, which way it should move, and days until the first review (ET-01)."""

    measure: Text
    direction: Literal["up", "down"]
    review_days: int = Field(ge=7, le=366)


class Cost(Strict):
    """Money for one treated subject and for setting the play up, and whose figures these are."""

    per_customer: float = Field(ge=0)
    fixed: float = Field(ge=0)
    source: str = Field(default="kit-default", pattern="^(kit-default|client)$")


class Effect(Strict):
    """Expected effect: a share of the value at stake, or money for one treated subject; never a literature figure.

    Unit "none" (with three zeros) says openly that no gain is put on the play; what it brings is read from its measure.
    """

    low: float
    mid: float
    high: float
    unit: Literal["share", "money", "none"]
    source: str = Field(pattern="^(kit-default|client|experiment:.+)$")


class Body(Strict):
    """The prose of a play, section by section, as Markdown; the numbered steps apart."""

    why_it_works: Text
    do_this: tuple[Text, ...]
    words_to_use: Text
    how_we_will_know: Text
    stop_if: Text
    sources: Text


class Play(Strict):
    """One play: what house.md §4 declares, plus optional limits that keep it honest and feasible.

    never_for     column → values that keep a subject out even when every condition holds (protected customers, C17)
    contacts      marketing contacts a subject gets from this play within 30 days; counts against plan.contact_cap
    per_manager   most subjects one manager can serve; those with most at stake come first
    stake         the money column the effect is taken of, instead of the default of its phase
    involves      other units it needs; the table of mandates is built from this (BG-15)
    approval      "management": nothing is done before management approved it by name (C17)
    gift_limit    most a gift may cost, in money; 0 means no gifts (C15)
    """

    id: str = Field(pattern=ID)
    title: Text
    phase: Literal[PHASES]
    status: Literal["unproven", "promising", "validated"]
    applies_to: Literal[tuple(GRAINS)]
    when: dict[str, Bounds] = Field(min_length=1)
    never_for: dict[str, Annotated[tuple[str, ...], Field(strict=False)]] = {}
    needs: tuple[str, ...] = Many
    goal: Goal
    channel: tuple[Text, ...] = Field(min_length=1, strict=False)
    owner: Text
    involves: tuple[Text, ...] = Many
    cost: Cost
    effect: Effect
    stake: str | None = None
    holdout_share: float = Field(ge=0, le=0.5)
    consent: Literal["none", "marketing"]
    contacts: int = Field(default=1, ge=0, le=30)
    per_manager: int | None = Field(default=None, ge=1)
    approval: Literal["none", "management"] = "none"
    gift_limit: float = Field(default=0, ge=0)
    misleads_when: tuple[Text, ...] = Field(min_length=1, strict=False)
    references: tuple[Annotated[str, Field(pattern="^[A-Z]{1,3}-?[A-Z]?[0-9]{1,2}$")], ...] = Field(
        min_length=1, strict=False
    )
    added: Annotated[datetime.date, Field(strict=False)]
    body: Body
    is_off: bool = False


def vocabulary(applies_to: str) -> dict[str, tuple[str, Column]]:
    """The words a condition may use at a grain: name → (table, column); for the firm the table is "facts".

    A column declared by several tables is taken from the first of them in the order of GRAINS.
    """
    if applies_to == "firm":
        return {name: ("facts", column) for name, column in FACTS.items()}
    words: dict[str, tuple[str, Column]] = {}
    for table in GRAINS[applies_to]:
        columns = ATTENTION.columns if table == ATTENTION.name else TABLES[table].columns
        for name, column in columns.items():
            words.setdefault(name, (table, column))
    return words


def condition(column: str, bounds: Bounds) -> str:
    """A condition in words: "silent days ≤ 180", "state is lapsing or lost", "0.2 ≤ share ≤ 0.4"."""
    name = readable(column)
    if bounds.among is not None:
        return f"{name}{joint(bounds)}{' or '.join(_plain(value) for value in bounds.among)}"
    if bounds.min is not None and bounds.max is not None:
        return f"{bounds.min:,g} ≤ {name} ≤ {bounds.max:,g}"
    return f"{name} ≥ {bounds.min:,g}" if bounds.min is not None else f"{name} ≤ {bounds.max:,g}"


def readable(column: str) -> str:
    """A column's or a fact's name as words of a sentence."""
    return LABELS.get(column) or column.removeprefix("is_").replace("_", " ").replace(".", ": ")


def joint(bounds: Bounds) -> str:
    """What stands between a column and its value: "state is active", "disputed: yes"."""
    return ": " if isinstance(bounds.among[0], bool) else " is "


def _plain(value: str | bool) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value.replace("_", " ")
