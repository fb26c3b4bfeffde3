"""What is at stake with a subject: the money a play is to protect, regain or win, and on what that figure rests."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..foundation.play import Play
from .conditions import FIRM, Subjects

DEFAULTS = {
    ("retain", "customer"): ("clv", "net_recent"),
    ("recover", "customer"): ("remaining_value", "clv", "net_before"),
    ("acquire", "customer"): ("clv", "net_recent"),
    ("retain", "segment"): ("clv_total", "net_total"),
    ("recover", "segment"): ("value_at_risk", "clv_total"),
    ("acquire", "segment"): ("clv_total", "net_total"),
    ("retain", "prospect"): ("expected_value",),
    ("recover", "prospect"): ("expected_value",),
    ("acquire", "prospect"): ("expected_value",),
}
SALES = ("net_recent", "net_before", "net_total", "gross_total", "mean_value", "mean_repeat_value")
WORDS = {
    "clv": "expected value over the horizon (CLV)",
    "clv_total": "expected value of the segment over the horizon (CLV)",
    "net_recent": "net sales of the last active window",
    "net_before": "net sales of the window before the last",
    "net_total": "net sales",
    "remaining_value": "what the customer would be worth over the horizon if it came back",
    "value_at_risk": "remaining value that silence puts at risk",
    "expected_value": "conversion × expected contribution of the prospect",
}


@dataclass(frozen=True)
class Stake:
    """Money at stake for each subject, what it is in words, and whether it is margin (costs may be taken off)."""

    money: np.ndarray
    basis: str
    is_margin: bool


def stake(play: Play, known: Subjects, settings) -> Stake:
    """The value at stake of every subject of the play's grain: money, one a subject in the order of `known.ids`.

    The column is the play's own `stake`, else the first of these that this run has: retain, CLV, else the net sales of
    the last active window; recover, the remaining value if the customer came back, else CLV; prospects, their expected
    value; segments, the sum of their customers; the firm, the sum over all customers (or prospects, for acquire).
    Cases: net sales become margin by the customer's own rate, else the base's, else value.margin_share; where no margin
    is known at all, every figure of value is in sales, and no gain is computed from it (DEF10).
    """
    if play.applies_to == FIRM:
        return _firm(play, known, settings)
    grain = "customer" if play.applies_to == "key_account" else play.applies_to
    wanted = (play.stake,) if play.stake else DEFAULTS[play.phase, grain]
    name = next((name for name in wanted if not known.lacks(name)), None)
    if name is None:
        return Stake(np.full(len(known.ids), np.nan), f"no value at stake: {known.lacks(wanted[0])}", False)
    money, words = known.numbers(name), WORDS.get(name, name.replace("_", " "))
    if name == "remaining_value" and not known.lacks("return_prob"):
        alone = known.numbers("return_prob")
        money, words = (
            money * (1 - np.where(np.isnan(alone), 0.0, alone)),
            f"{words}, less the chance that it does alone",
        )
    if not _has_margins(known, settings):
        return Stake(
            money, f"{words}, in sales; no gain is computed, the margin is unknown: set value.margin_share", False
        )
    if name in SALES:
        return Stake(money * _margin_rate(known, settings), f"{words} × margin", True)
    return Stake(money, words, True)


def _has_margins(known: Subjects, settings) -> bool:
    history = known.tables.get("history")
    return settings.value.margin_share is not None or (history is not None and history["margin_total"].notna().any())


def _margin_rate(known: Subjects, settings) -> np.ndarray | float:
    """Contribution per unit of net sales of each subject; the ratio of sums where its own is unknown."""
    if "margin_total" not in known.words or known.lacks("margin_total"):
        return settings.value.margin_share if settings.value.margin_share is not None else np.nan
    net, margin = known.numbers("net_total"), known.numbers("margin_total")
    sold = np.isfinite(margin) & (net > 0)
    own = np.divide(margin, net, out=np.full(len(net), np.nan), where=sold)
    return np.where(np.isnan(own), margin[sold].sum() / net[sold].sum() if sold.any() else np.nan, own)


def _firm(play: Play, known: Subjects, settings) -> Stake:
    if play.effect.unit == "none" and not play.stake:
        return Stake(np.array([np.nan]), "no gain is priced; what it brings is read from its measure", False)
    if play.stake:
        return Stake(known.numbers(play.stake), play.stake.replace(".", ": "), True)
    grain = "prospect" if play.phase == "acquire" else "customer"
    each = stake(play.model_copy(update={"applies_to": grain}), Subjects(grain, known.tables, known.facts), settings)
    total = float(pd.Series(each.money).sum(min_count=1))
    return Stake(np.array([total]), f"{each.basis}, all {grain}s together", each.is_margin)
