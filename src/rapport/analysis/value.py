"""What customers are worth: expected orders, their margin, discounted, with intervals — per customer and in total.

Value of a customer = Σ over the months of the horizon of (expected purchases in the month) × (expected value of a
purchase day) × (margin share) ÷ (1 + rate)^(years to the middle of the month); months are those of the calendar from
`as_of`. Costs of serving and of keeping are not in it. Fader, Hardie & Lee 2005; requirements C5, §7.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import gamma

from ..foundation.contracts import TABLES
from .backtest import grade, horizon_days
from .models.hiatus import alive_by_hiatus
from .next_order import next_orders

LEVEL = 0.8  # of the interval of one customer
TOTAL_LEVEL = 0.9  # of the interval of a total
REPRESENTATIVES = 20_000  # above this many customers, those alike share their simulated futures
AGES, CHANCES = 24, 20  # steps of age and of the probability of being alive within which customers are alike
MOST_SIMULATED = 5_000  # customers of a group whose futures are simulated; of a larger group a sample
FEWER_DRAWS = 80  # futures of a sample: only its variance is needed
YEAR = 365.25
TOTALS = (
    "group", "customers", "horizon_months", "orders", "orders_low", "orders_high", "value", "value_low", "value_high",
)  # fmt: skip
SEEN = ["customer_id", "repeat_days", "span_days", "observed_days", "is_truncated", "mean_repeat_value"]


@dataclass(frozen=True)
class Margin:
    """Contribution per unit of sales before returns, and in words what it rests on."""

    share: float
    basis: str
    is_margin: bool


def margin(history: pd.DataFrame, *, settings) -> Margin:
    """What part of a sale is contribution, as a ratio of sums over all customers whose costs are known.

    From `history` (margin_total ÷ gross_total, so that returns count); else settings.value.margin_share times the part
    of sales that is not returned; else values are net sales, and say so.
    """
    gross = history["gross_total"].sum()
    kept = history["net_total"].sum() / gross if gross > 0 else 1.0
    known = history["margin_total"].notna() & (history["gross_total"] > 0)
    if known.any():
        share = history.loc[known, "margin_total"].sum() / history.loc[known, "gross_total"].sum()
        part = history.loc[known, "gross_total"].sum() / gross
        return Margin(share, f"contribution, from the costs of {part:.0%} of sales", True)
    if settings.value.margin_share is not None:
        return Margin(
            settings.value.margin_share * kept, f"contribution of {settings.value.margin_share:.0%} as given", True
        )
    return Margin(kept, "net sales: margins are unknown", False)


def values(
    history: pd.DataFrame, forecast, spend, model_scores: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> pd.DataFrame:
    """The `values` table: one row per customer of `history`, over settings.value.horizon_months.

    `forecast` is that of `backtest.forecast`, or None where there are too few customers for any model: then the rule
    says what it can (own rhythm × own mean value of customers who are not silent too long) and leaves the rest empty.
    Customers without a purchase have no forecast. Money is contribution, or net sales where margins are unknown (see
    `margin`); the interval is predictive: it holds one customer's own luck, which is far wider than that of a total.
    Reference: models.md §2; HU-27 for the rule.
    """
    bought = (history["purchase_days"] > 0).to_numpy()
    known = history[bought]
    frame = pd.DataFrame({"customer_id": history["customer_id"]})
    figures = (
        _by_rule(known, settings, as_of) if forecast is None else _by_model(known, forecast, spend, settings, as_of)
    )
    for column, column_values in figures.items():
        frame[column] = np.nan
        frame.loc[bought, column] = column_values
    frame = frame.assign(**next_orders(history, forecast, settings=settings, as_of=as_of))
    method = "rule" if forecast is None else f"{forecast.model}, {spend.method}"
    frame["method"] = np.where(bought, f"{method}; {margin(history, settings=settings).basis}", "no purchase")
    horizon = horizon_days(settings, as_of)
    frame["grade"] = None if forecast is None else grade(model_scores, forecast.model, horizon=horizon)
    return TABLES["values"].check(TABLES["values"].complete(frame), "analysis.value.values")


def totals(
    history: pd.DataFrame, forecast, spend, groups: pd.Series | None = None, *, settings, as_of: pd.Timestamp,
    horizon_months: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Expected orders and value of the whole base and of each group, with the 90 % interval of the total.

    In: `groups`, one name per row of `history` (its index), or None. Out: one row per group, the base first as "all":
    group, customers, horizon_months, orders, orders_low, orders_high, value, value_low, value_high (money as in
    `values`). The interval holds both the uncertainty of the parameters and the customers' own luck. Cases: no
    forecast (too few customers for any model) gives no rows.
    """
    if forecast is None:
        return pd.DataFrame(columns=list(TOTALS))
    months = horizon_months or settings.value.horizon_months
    known = history.loc[history["purchase_days"] > 0, SEEN]
    edges, factors = month_edges(as_of, months, settings.value.discount_rate)
    share = margin(history, settings=settings).share
    orders = forecast.expected_orders(known, horizon=edges[-1])
    value = forecast.discounted_orders(known, edges=edges, factors=factors) * spend.expected_value(known) * share
    names, places = ["all"], [np.arange(len(known))]
    if groups is not None:
        code, labels = pd.factorize(groups.loc[known.index], sort=True)
        names += list(labels)
        places += [np.flatnonzero(code == number) for number in range(len(labels))]
    rng = np.random.default_rng(settings.value.seed)
    rows, draws = [], settings.value.draws
    together = _drawn_together(known, places, forecast, spend, edges[-1], draws, rng)
    for number, (name, at) in enumerate(zip(names, places)):
        drawn = together[number] if together else _drawn_totals(known.iloc[at], forecast, spend, edges[-1], draws, rng)
        row = {"group": name, "customers": len(at), "horizon_months": months}
        for column, (what, expected) in enumerate({"orders": orders[at].sum(), "value": value[at].sum()}.items()):
            low, high = _ends(*drawn, column, expected)
            row |= {what: expected, f"{what}_low": low, f"{what}_high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def month_edges(as_of: pd.Timestamp, months: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the coming calendar months in days from `as_of`, and the discount factor of each month's middle."""
    edges = np.array([float((as_of + pd.DateOffset(months=month) - as_of).days) for month in range(1, months + 1)])
    middles = (edges + np.append(0.0, edges[:-1])) / 2
    return edges, (1 + rate) ** (-middles / YEAR)


def _by_model(known, forecast, spend, settings, as_of) -> dict:
    edges, factors = month_edges(as_of, settings.value.horizon_months, settings.value.discount_rate)
    share = margin(known, settings=settings).share
    alive, orders = forecast.alive_prob(known), forecast.expected_orders(known, horizon=edges[-1])
    discounted = forecast.discounted_orders(known, edges=edges, factors=factors)
    low, high = forecast.order_range(known, horizon=edges[-1], level=LEVEL)
    value = spend.expected_value(known) * share
    rng = np.random.default_rng(settings.value.seed)
    present = np.where(orders > 0, discounted / np.where(orders > 0, orders, 1), 1.0)
    clv_low, clv_high = _value_range(known, forecast, spend, alive, edges[-1], settings.value.draws, rng)
    return {
        "alive_prob": alive,
        "expected_orders": orders,
        "orders_low": low,
        "orders_high": high,
        "expected_value": value,
        "clv": discounted * value,
        "clv_low": clv_low * value * present,
        "clv_high": clv_high * value * present,
    }


def _value_range(known, forecast, spend, alive, horizon, draws, rng) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the predictive interval of spending over the horizon, in units of the expected value of a purchase day.

    By simulation of each customer; of a large base, of one customer for all that are alike in purchases made, time
    observed and probability of being alive: in these units their futures have the same distribution.
    """
    rows = np.arange(len(known))
    code = rows
    if len(known) > REPRESENTATIVES:
        age = np.round(known["observed_days"].to_numpy(float) / max(known["observed_days"].max(), 1) * AGES)
        chance = np.round(np.clip(alive, 0, 1) * CHANCES)
        code, _ = pd.factorize(pd.MultiIndex.from_arrays([known["repeat_days"], age, chance]))
        rows = np.empty(code.max() + 1, dtype=np.int64)
        rows[code[::-1]] = np.arange(len(code))[::-1]
    slim = known[SEEN]
    low, high = np.empty(len(rows)), np.empty(len(rows))
    step = max(1, 4_000_000 // draws)
    for start in range(0, len(rows), step):
        some = slim.iloc[rows[start : start + step]]
        repeated = some.iloc[np.repeat(np.arange(len(some)), draws)]
        orders = forecast.simulated_orders(repeated, horizon=horizon, rng=rng)
        spent = spend.simulated_value(repeated, orders, rng).reshape(len(some), draws)
        ends = np.quantile(spent, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
        unit = spend.expected_value(some)
        low[start : start + step], high[start : start + step] = ends / unit
    return low[code], high[code]


def _drawn_together(known, places, forecast, spend, horizon, draws, rng) -> list[tuple] | None:
    """The simulated totals of every group from the same futures, as `_drawn_totals` gives them; None of a large base."""
    if len(known) > MOST_SIMULATED:
        return None
    was = np.empty((len(places), draws, 2))
    for draw in range(draws):
        bought = forecast.drawn(rng).simulated_orders(known, horizon=horizon, rng=rng)
        money = spend.drawn(rng).simulated_value(known, bought, rng)
        for number, at in enumerate(places):
            was[number, draw] = bought[at].sum(), money[at].sum()
    return [(totals, np.broadcast_to(totals.mean(axis=0), totals.shape), 1.0) for totals in was]


def _drawn_totals(part, forecast, spend, horizon, draws, rng) -> tuple[np.ndarray, np.ndarray, float]:
    """Simulated totals of a group, and what was foreseen under the parameters of each draw.

    Two columns, orders and spending before margin and discount; one row per draw. Of a large group a sample is
    simulated; the last number is the group's size over that of the sample. Where all were simulated, the mean of the
    totals stands in for what was foreseen.
    """
    size = max(1.0, len(part) / MOST_SIMULATED)
    if size > 1:
        part, draws = part.iloc[rng.choice(len(part), MOST_SIMULATED, replace=False)], min(draws, FEWER_DRAWS)
    was, foreseen = np.empty((draws, 2)), np.empty((draws, 2))
    for draw in range(draws):
        model, money = forecast.drawn(rng), spend.drawn(rng)
        bought = model.simulated_orders(part, horizon=horizon, rng=rng)
        was[draw] = bought.sum(), money.simulated_value(part, bought, rng).sum()
        if size > 1:
            orders = model.expected_orders(part, horizon=horizon)
            foreseen[draw] = orders.sum(), orders @ money.expected_value(part)
    return was, foreseen if size > 1 else np.broadcast_to(was.mean(axis=0), was.shape), size


def _ends(was: np.ndarray, foreseen: np.ndarray, size: float, column: int, expected: float) -> tuple[float, float]:
    """Ends of the interval of a group's total whose expectation is `expected` (margin and discount in it).

    When all its customers were simulated, quantiles of the totals. Else the variance of the sample is carried to the
    whole: that of what is foreseen grows with the square of the size, the customers' own luck with the size; with that
    variance the total is taken as gamma distributed.
    """
    was, foreseen = was[:, column], foreseen[:, column]
    mean = foreseen.mean()
    if expected <= 0 or mean <= 0:
        return 0.0, 0.0
    low, high = (1 - TOTAL_LEVEL) / 2, (1 + TOTAL_LEVEL) / 2
    if size == 1:
        return tuple(float(end) for end in np.quantile(was, [low, high]) * expected / mean)
    spread = (foreseen.var(ddof=1) + (was - foreseen).var(ddof=1) / size) / mean**2  # relative variance
    return tuple(float(gamma.ppf(q, 1 / spread, scale=spread * expected)) for q in (low, high))


def _by_rule(known, settings, as_of) -> dict:
    """What the rule can say of few customers: own rhythm goes on while it is kept; a single order says nothing."""
    edges, factors = month_edges(as_of, settings.value.horizon_months, settings.value.discount_rate)
    x = known["repeat_days"].to_numpy(float)
    alive = alive_by_hiatus(
        known, lost_gaps=settings.state.lost_gaps, too_early_quantile=settings.state.too_early_quantile
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(x > 0, x / known["span_days"].to_numpy(float), np.nan)
    rate = np.where(alive | (x == 0), rate, 0.0)
    value = known["gross_total"].to_numpy(float) / known["purchase_days"].to_numpy(float)
    value = value * margin(known, settings=settings).share
    widths = np.diff(edges, prepend=0.0)
    return {"expected_orders": rate * edges[-1], "expected_value": value, "clv": rate * (widths @ factors) * value}
