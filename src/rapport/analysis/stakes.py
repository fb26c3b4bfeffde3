"""What is at stake with a subject: the money a play is to protect, regain or win, and on what that figure rests."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..foundation.play import Play
from .conditions import FIRM, Subjects

DEFAULTS = {
    ("retain", "customer"): ("clv", "net_recent"),
    ("recover", "customer"): ("value_at_risk", "clv", "net_before"),
    ("acquire", "customer"): ("clv", "net_recent"),
    ("retain", "segment"): ("clv_total", "net_total"),
    ("recover", "segment"): ("value_at_risk", "clv_total"),
    ("acquire", "segment"): ("clv_total", "net_total"),
    ("retain", "prospect"): ("expected_value",),
    ("recover", "prospect"): ("expected_value",),
    ("acquire", "prospect"): ("expected_value",),
}
SALES = ("net_recent", "net_before", "net_total", "gross_total", "mean_value", "mean_repeat_value", "spend.events")
WORDS = {
    "clv": "expected margin over the horizon (CLV)",
    "clv_total": "expected margin of the segment over the horizon (CLV)",
    "net_recent": "net sales of the last active window",
    "net_before": "net sales of the window before the last",
    "net_total": "net sales",
    "value_at_risk": "remaining value that silence puts at risk",
    "expected_value": "conversion × expected contribution of the prospect",
}


@dataclass(frozen=True)
class Stake:
    """Money at stake for each subject, in words what it is, and whether it is margin (so that a cost may be taken off
    it).
    """

    money: np.ndarray
    basis: str
    is_margin: bool


def stake(play: Play, known: Subjects, settings) -> Stake:
    """The value at stake of every subject of the play's grain: money, one a subject in the order of `known.ids`.

    The column is the play's own `stake`, else the first of these that this run has: retain, CLV, else the net sales of
    the last active window; recover, the value at risk, else CLV; prospects, their expected value; segments, the sum of
    their customers; the firm, the sum over all customers (or prospects, for acquire). Sales become margin by the
    customer's own margin rate, else by value.margin_share; where neither is known they stay sales, and no gain is
    computed (DEF10).
    """
    if play.applies_to == FIRM:
        return _firm(play, known, settings)
    return _grain(play, known, settings)


def _grain(play: Play, known: Subjects, settings) -> Stake:
    grain = "customer" if play.applies_to == "key_account" else play.applies_to
    wanted = (play.stake,) if play.stake else DEFAULTS[play.phase, grain]
    name = next((name for name in wanted if not known.lacks(name)), None)
    if name is None:
        return Stake(np.full(len(known.ids), np.nan), f"no value at stake: {known.lacks(wanted[0])}", False)
    money = known.numbers(name)
    words = WORDS.get(name, name.replace("_", " "))
    if name not in SALES:
        return Stake(money, words, True)
    rate, source = _margin_rate(known, settings)
    if rate is None:
        return Stake(
            money, f"{words}; no gain is computed, since the margin is unknown (set value.margin_share)", False
        )
    return Stake(money * rate, f"{words} × margin ({source})", True)


def _margin_rate(known: Subjects, settings) -> tuple[np.ndarray | float | None, str]:
    if "margin_total" in known.words and not known.lacks("margin_total") and not known.lacks("net_total"):
        net = known.numbers("net_total")
        margin = known.numbers("margin_total")
        own = np.divide(margin, net, out=np.full(len(net), np.nan), where=net > 0)
        if settings.value.margin_share is not None:
            own = np.where(np.isnan(own), settings.value.margin_share, own)
        return own, "their own rate"
    if settings.value.margin_share is not None:
        return settings.value.margin_share, "value.margin_share"
    return None, ""


def _firm(play: Play, known: Subjects, settings) -> Stake:
    if play.effect.unit == "none" and not play.stake:
        return Stake(np.array([np.nan]), "no gain is priced; what it brings is read from its measure", False)
    if play.stake:
        found = known.facts.get(play.stake)
        money = np.nan if found is None or found.value is None else float(found.value)
        return Stake(np.array([money]), play.stake.replace(".", ": "), play.stake not in SALES)
    grain = "prospect" if play.phase == "acquire" else "customer"
    everybody = Subjects(grain, known.tables, known.facts)
    each = _grain(play.model_copy(update={"applies_to": grain}), everybody, settings)
    total = float(pd.Series(each.money).sum(min_count=1))
    return Stake(np.array([total]), f"{each.basis}, all {grain}s together", each.is_margin)
