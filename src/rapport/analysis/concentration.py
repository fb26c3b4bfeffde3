"""Who brings the money: Pareto's two answers, the Lorenz curve, Gini, deciles, and the top group a year ago (LT-03)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .worth import EDGE, WORDS, has_margins, headcount, missing_window, ordered, ranked, worth

FEW = 10  # below this many customers a share of the base is a handful of names (LT-03)


def lorenz(history: pd.DataFrame, *, basis: str, points: int = 1000) -> pd.DataFrame:
    """The curve of cumulative value, the largest customer first: customers, customers_share, value_share.

    In: `history`; basis (DEF3); points, at most how many rows come back (a large base is thinned evenly by rank).
    Out: one row per rank, from (0, 0) to (1, 1). Customers without positive value are not on the curve.
    Cases: nobody with positive value gives the starting point only. Reference: Lorenz 1905; LT-03.
    """
    value = ranked(history, basis=basis).to_numpy()
    n = len(value)
    total = np.concatenate([[0.0], np.cumsum(value)])
    rank = np.unique(np.linspace(0, n, min(n, points) + 1).round().astype("int64"))
    return pd.DataFrame(
        {
            "customers": rank,
            "customers_share": rank / max(n, 1),
            "value_share": total[rank] / (total[-1] if n else 1.0),
        }
    )


def smallest_group_size(value: pd.Series, *, value_share: float) -> int:
    """How many of the largest values it takes to reach a share of their sum.

    In: values above zero, the largest first (`worth.ranked`). Out: a count, 0 when there are none. Reference: LT-03.
    """
    if not len(value):
        return 0
    total = np.cumsum(value.to_numpy())
    return int(np.argmax(total >= (value_share - EDGE) * total[-1])) + 1


def pareto(history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """Pareto's two answers, Gini and last year's overlap by data.value_basis; then, where margins exist, the other way.

    Out: Findings pareto.top_share, .smallest_group, .gini, .overlap; the same by the other basis end in `_contribution`
    or `_revenue_net`. Without margins the contribution is not available (DEF10, C6). Reference: LT-03.
    """
    main = settings.data.value_basis
    other = {"revenue_net": "contribution", "contribution": "revenue_net"}[main]
    facts = [_facts(history, settings, as_of, basis) for basis in (main, other)]
    found = [_measured(name, one) for one in facts for name in MEASURES]
    return (*found, overlap(history, settings=settings, as_of=as_of))


def top_share(history: pd.DataFrame, *, settings, as_of: pd.Timestamp, basis: str | None = None) -> Finding:
    """Finding pareto.top_share: share of value held by the top pareto.headcount_share of all customers (LT-03, i).

    In: `history`; basis, else data.value_basis. n counts every customer, also those without value. parts: k, n,
    k_share (the other answer), top, top_share, verdict (steeper, close, flatter), ties at the border, without_value.
    Cases: below 10 customers indicative; total not above zero, or margins unknown, not available.
    """
    return _measured("pareto.top_share", _facts(history, settings, as_of, basis))


def smallest_group(history: pd.DataFrame, *, settings, as_of: pd.Timestamp, basis: str | None = None) -> Finding:
    """Finding pareto.smallest_group: how few customers bring pareto.value_share of value (LT-03, ii); unit count.

    In, parts and cases as `top_share`; parts also carry k_share, the group as a share of all customers.
    """
    return _measured("pareto.smallest_group", _facts(history, settings, as_of, basis))


def gini(history: pd.DataFrame, *, settings, as_of: pd.Timestamp, basis: str | None = None) -> Finding:
    """Finding pareto.gini: 0 when all customers with value bring the same, towards 1 when one brings all; unit ratio.

    In, parts and cases as `top_share`. Reference: Gini 1914, G = Σ(2i − n − 1)·x₍ᵢ₎ / (n·Σx), x ascending.
    """
    return _measured("pareto.gini", _facts(history, settings, as_of, basis))


def gini_of(value: np.ndarray) -> float:
    """The Gini coefficient of values above zero (any order); a single value gives 0."""
    ascending = np.sort(value)
    n = len(ascending)
    weight = 2 * np.arange(1, n + 1) - n - 1
    return float(weight @ ascending / (n * ascending.sum()))


def bases(history: pd.DataFrame) -> tuple[str, ...]:
    """The bases of value that can be told (DEF3): revenue_net, and contribution where margins exist."""
    return ("revenue_net", "contribution") if has_margins(history) else ("revenue_net",)


def window(history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> tuple[Finding, Finding]:
    """Findings pareto.top_share_window and .smallest_group_window: the two answers in the last active window alone.

    In: `history`, net sales of the window (margins are not known by window). n counts the customers who bought or
    returned something in it. parts and cases as `top_share`.
    """
    days, day = settings.data.active_window_days, str(as_of.date())
    there = history[(history["orders_recent"] > 0) | (history["net_recent"] != 0)]
    n = len(there)
    words = f"{WORDS['revenue_net']} of the {days} days to {day}, of the {n:,} customers who bought or returned in them"
    facts = {"head": {"basis": words, "as_of": day, "n": n}, "suffix": "_window"}
    facts |= _valued(ordered(_positive(there, "net_recent")), n, settings, "revenue_net")
    return _measured("pareto.top_share", facts), _measured("pareto.smallest_group", facts)


def _facts(history: pd.DataFrame, settings, as_of: pd.Timestamp, basis: str | None) -> dict:
    """What the Pareto findings of one basis are told from: id suffix, basis, and values and parts or why there are none."""
    basis = basis or settings.data.value_basis
    n, day = len(history), str(as_of.date())
    head = {"basis": f"{WORDS[basis]} of {n:,} customers, first purchase to {day}", "as_of": day, "n": n}
    told = {"head": head, "suffix": "" if basis == settings.data.value_basis else f"_{basis}"}
    if basis == "contribution" and not has_margins(history):
        return told | {"because": "transactions.margin"}
    return told | _valued(ranked(history, basis=basis), n, settings, basis)


def _valued(value: pd.Series, n: int, settings, basis: str) -> dict:
    """Values and parts of n customers, those above zero ranked; or why there are none."""
    if not len(value):
        return {"because": f"no customer has {WORDS[basis]} above zero"}
    return {"value": value.to_numpy(), "parts": _parts(value, n, settings, basis)}


MEASURES = {
    "pareto.top_share": ("share", lambda facts: facts["parts"]["top_share"]),
    "pareto.smallest_group": ("count", lambda facts: facts["parts"]["k"]),
    "pareto.gini": ("ratio", lambda facts: gini_of(facts["value"])),
}


def _measured(name: str, facts: dict) -> Finding:
    unit, value = MEASURES[name]
    head = facts["head"] | {"id": name + facts["suffix"], "unit": unit}
    if "because" in facts:
        return not_available(because=facts["because"], **head)
    found = Finding(value=value(facts), parts=facts["parts"], **head)
    few = f"only {found.n} customers: each is a tenth of the base or more"
    return found if found.n >= FEW else found.as_indicative(few)


def _parts(value: pd.Series, n: int, settings, basis: str) -> dict:
    k = smallest_group_size(value, value_share=settings.pareto.value_share)
    top = headcount(settings.pareto.headcount_share, n)
    share = float(value.iloc[:top].sum() / value.sum())
    away = share - settings.pareto.value_share
    is_close = abs(away) <= settings.pareto.close_within + EDGE
    return {
        "k": k,
        "n": n,
        "k_share": k / n,
        "top": top,
        "top_share": share,
        "headcount_share": settings.pareto.headcount_share,
        "value_share": settings.pareto.value_share,
        "verdict": "close" if is_close else "steeper" if away > 0 else "flatter",
        "ties": _ties(value, k),
        "without_value": n - len(value),
        "value_basis": basis,
    }


def _ties(value: pd.Series, size: int) -> int:
    """Customers with the value of the last one in the group, when some of them are outside it; else 0."""
    if not 0 < size < len(value) or value.iloc[size] != value.iloc[size - 1]:
        return 0
    return int((value == value.iloc[size - 1]).sum())


def overlap(history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding pareto.overlap: share of this window's top group that was in the top group of the window before.

    In: `history`, net value of the last active window and of the one before (net sales; margins are not known by
    window). The top group is the smallest that brings pareto.value_share. parts: group, group_before, stayed, entered,
    left, and net of the entered and of the left now and before. Cases: data shorter than two windows, or no value in
    one of them, is not available.
    """
    now, before = (ordered(_positive(history, column)) for column in ("net_recent", "net_before"))
    window, day = settings.data.active_window_days, str(as_of.date())
    head = {"id": "pareto.overlap", "unit": "share", "as_of": day}
    head["basis"] = f"net sales of the {window} days to {day} and of the {window} days before"
    lacks = missing_window(history, settings=settings)
    if lacks or not len(now) or not len(before):
        return not_available(because=lacks or "transactions: no value in one of the windows", **head)
    top, top_before = (
        set(group.index[: smallest_group_size(group, value_share=settings.pareto.value_share)])
        for group in (now, before)
    )
    entered, left = top - top_before, top_before - top
    net = history.set_index("customer_id")[["net_recent", "net_before"]]
    parts = {
        "group": len(top),
        "group_before": len(top_before),
        "stayed": len(top & top_before),
        "entered": len(entered),
        "left": len(left),
        **_moved(net, entered, "entered"),
        **_moved(net, left, "left"),
    }
    found = Finding(value=len(top & top_before) / len(top), n=len(top), parts=parts, **head)
    return found if len(top) >= FEW else found.as_indicative(f"only {len(top)} customers in the top group")


def _positive(history: pd.DataFrame, column: str) -> pd.Series:
    value = history.set_index("customer_id")[column]
    return value[value > 0]


def _moved(net: pd.DataFrame, names: set, word: str) -> dict:
    who = net.loc[sorted(names)]
    return {f"{word}_net": float(who["net_recent"].sum()), f"{word}_net_before": float(who["net_before"].sum())}


def deciles(history: pd.DataFrame, *, basis: str) -> pd.DataFrame:
    """One row per tenth of the customers, the best first: what they bring, split into orders × ticket × margin.

    In: `history`; basis (DEF3), by which customers are ranked. Out: decile (1 the best), customers, with_value
    (of them, with value above zero), value and net_total (money, of those with value), value_share, cumulative_share,
    orders_each (orders per customer), ticket (net per order), margin_share (contribution / net, empty when unknown).
    Customers with value: net of a tenth = with_value × orders_each × ticket.
    Cases: below ten customers some tenths are empty and left out; ties go by customer_id. Reference: LT-03.
    """
    value = worth(history, basis=basis)
    rest = value[~(value > 0)]
    order = pd.concat([ordered(value[value > 0]), ordered(rest.fillna(-np.inf))]).index
    n = len(order)
    facts = history.set_index("customer_id").reindex(order)
    facts["value"] = value.reindex(order)
    facts["decile"] = np.arange(n) * 10 // max(n, 1) + 1
    table = facts.groupby("decile").size().rename("customers").to_frame()
    table = table.join(_decile_rows(facts[facts["value"] > 0])).fillna(
        {"with_value": 0, "value": 0.0, "net_total": 0.0}
    )
    table["with_value"] = table["with_value"].astype("int64")
    table["value_share"] = table["value"] / table["value"].sum()
    table["cumulative_share"] = table["value_share"].cumsum()
    return table.reset_index()


def _decile_rows(facts: pd.DataFrame) -> pd.DataFrame:
    by = facts.groupby("decile")
    net, orders, margin = by["net_total"].sum(), by["orders"].sum(), by["margin_total"].sum(min_count=1)
    known = by["margin_total"].count() == by.size()
    return pd.DataFrame(
        {
            "with_value": by.size(),
            "value": by["value"].sum(),
            "net_total": net,
            "orders_each": orders / by.size(),
            "ticket": net / orders,
            "margin_share": (margin / net).where(known),
        }
    )
