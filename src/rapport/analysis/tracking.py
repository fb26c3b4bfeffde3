"""How close the chosen forecast came: week by week, by tenth of customers, and for the chance of being alive.

Everything here looks at the last holdout of the back-test: the forecast made at its start, from what was known then.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from .backtest import Past, holdouts
from .intervals import wilson
from .models.forecast import Forecast
from .models.hiatus import alive_by_hiatus

LEVEL = 0.9
FUTURES = 100  # simulated to learn how far a total strays
MOST_CUSTOMERS = 5_000  # of whom futures are simulated; of a larger base a sample
TENTHS = 10


@dataclass(frozen=True, eq=False)
class Holdout:
    """The last holdout: the forecast made at its start, and what every customer known then did.

    customers   one row per customer known at the start: customer_id, repeat_days, span_days, observed_days (as of the
                start), is_truncated, alive_prob, buys_prob (of at least one purchase), expected, actual (purchase days)
    """

    customers: pd.DataFrame
    forecast: Forecast
    origin_on: pd.Timestamp
    horizon: float
    bought_on: np.ndarray  # days from the start of every purchase of these customers in the holdout
    alive_by_rule: np.ndarray


def holdout(
    purchase_days: pd.DataFrame, history: pd.DataFrame, model_scores: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> Holdout | None:
    """The last holdout under the chosen model; None when there was no back-test.

    In: as `backtest.tournament`, and its table.
    """
    chosen = model_scores[model_scores["is_chosen"].astype(bool)]
    if chosen.empty:
        return None
    past = Past(purchase_days, history, as_of)
    horizon, origins = holdouts(past, settings)
    origin = origins[-1]
    known, bought = past.known(origin), past.bought
    foreseen = past.forecaster(chosen["model"].iloc[0], origin, horizon, settings)
    inside = (bought.day > origin) & (bought.day <= origin + horizon)
    inside &= np.isin(bought.who, known["who"])
    customers = known.drop(columns="who").assign(
        alive_prob=foreseen.alive_prob(known),
        buys_prob=1 - foreseen.orders_at_most(known, horizon=horizon, counts=np.zeros(len(known))),
        expected=foreseen.expected_orders(known, horizon=horizon),
        actual=bought.bought(origin, origin + horizon)[known["who"]],
    )
    by_rule = alive_by_hiatus(
        known, lost_gaps=settings.state.lost_gaps, too_early_quantile=settings.state.too_early_quantile
    )
    origin_on = bought.begin + pd.Timedelta(days=origin)
    return Holdout(customers, foreseen, origin_on, horizon, bought.day[inside] - origin, by_rule)


def tracking(holdout: Holdout, *, settings) -> pd.DataFrame:
    """Purchase days by week of the holdout: what happened beside what was foreseen, each week and cumulated.

    Out: one row per week: week_on (its last day), actual, expected, low, high, and the same cumulated (actual_total,
    expected_total, low_total, high_total); the band holds 90 % of what the model thinks possible, parameters and
    customers' luck together. New customers of the holdout are not in it: the model did not know them.
    """
    edges = np.arange(7.0, max(holdout.horizon, 7.0) + 1e-9, 7.0)  # whole weeks: a part of one would look like a fall
    expected_total = holdout.forecast.total_orders(holdout.customers, edges=edges)
    actual_total = np.searchsorted(np.sort(holdout.bought_on), edges, side="right").astype(float)
    scatter = _scatter(holdout, settings)
    table = pd.DataFrame({"week_on": holdout.origin_on + pd.to_timedelta(edges, unit="D")})
    weekly = (np.diff(actual_total, prepend=0.0), np.diff(expected_total, prepend=0.0))
    for end, (actual, expected) in {"": weekly, "_total": (actual_total, expected_total)}.items():
        # purchases are Poisson given the customers' rates: variance = mean + mean² × relative scatter of the rates
        half = norm.ppf((1 + LEVEL) / 2) * np.sqrt(expected + scatter * expected**2)
        table[f"actual{end}"], table[f"expected{end}"] = actual, expected
        table[f"low{end}"], table[f"high{end}"] = np.maximum(expected - half, 0.0), expected + half
    return table


def calibration(holdout: Holdout) -> pd.DataFrame:
    """Customers in tenths by what was foreseen of them: mean foreseen and mean actual purchase days.

    Out: one row per tenth, the lowest first: tenth, customers, expected, actual, low, high (90 % interval of the mean
    actual). Equal forecasts stay together where tenths would part them, so that tenths can differ in size.
    """
    customers = holdout.customers
    rank = customers["expected"].rank(method="average", pct=True)
    tenth = np.clip(np.ceil(rank * TENTHS), 1, TENTHS).astype(int)
    table = customers.groupby(tenth.rename("tenth")).agg(
        customers=("actual", "size"), expected=("expected", "mean"), actual=("actual", "mean"), spread=("actual", "std")
    )
    half = norm.ppf((1 + LEVEL) / 2) * table.pop("spread").fillna(0.0) / np.sqrt(table["customers"])
    table["low"], table["high"] = (table["actual"] - half).clip(lower=0), table["actual"] + half
    return table.reset_index()


def alive_calibration(holdout: Holdout) -> pd.DataFrame:
    """Customers by their chance of being alive, with the share foreseen to buy and the share that bought.

    Out: one row per band of a tenth of probability with customers in it: from_prob, to_prob, customers, alive_prob
    (mean), buys_prob (share foreseen to buy in the holdout), bought_share with low and high (Wilson 95 %), and
    rule_alive_share (alive by the hiatus rule). Being alive is not buying within the holdout, so buys_prob is what
    bought_share is to be compared with.
    """
    customers = holdout.customers
    band = np.minimum((customers["alive_prob"] * TENTHS).astype(int), TENTHS - 1)
    table = (
        customers.assign(bought=customers["actual"] > 0, by_rule=holdout.alive_by_rule)
        .groupby(band.rename("band"))
        .agg(
            customers=("bought", "size"),
            alive_prob=("alive_prob", "mean"),
            buys_prob=("buys_prob", "mean"),
            buyers=("bought", "sum"),
            rule_alive_share=("by_rule", "mean"),
        )
        .reset_index()
    )
    table.insert(0, "from_prob", table["band"] / TENTHS)
    table.insert(1, "to_prob", (table.pop("band") + 1) / TENTHS)
    low, high = wilson(table["buyers"], table["customers"])
    table.insert(5, "bought_share", table.pop("buyers") / table["customers"])
    table.insert(6, "low", low)
    table.insert(7, "high", high)
    return table


def rule_against_model(holdout: Holdout) -> pd.DataFrame:
    """The hiatus rule beside the model: who was right about which customers would buy in the holdout.

    Out: two rows, method rule and model: said_active (share called buyers), right_share (calls that came true),
    caught_share (of those who bought, called so), true_share (of those called so, bought). The model calls a customer
    a buyer when its chance to buy is above one half. Reference: Wübben & Wangenheim 2008.
    """
    bought = holdout.customers["actual"].to_numpy() > 0
    calls = {"rule": holdout.alive_by_rule, "model": holdout.customers["buys_prob"].to_numpy() > 0.5}
    rows = [
        {
            "method": method,
            "said_active": said.mean(),
            "right_share": (said == bought).mean(),
            "caught_share": said[bought].mean() if bought.any() else np.nan,
            "true_share": bought[said].mean() if said.any() else np.nan,
        }
        for method, said in calls.items()
    ]
    return pd.DataFrame(rows)


def _scatter(holdout: Holdout, settings) -> float:
    """Relative variance of the rates behind the total: (variance − mean) / mean² over simulated futures.

    Of a large base a sample is simulated: what its customers do beyond their expectation evens out in the whole.
    """
    rng = np.random.default_rng(settings.value.seed)
    size = max(1.0, len(holdout.customers) / MOST_CUSTOMERS)
    part = holdout.customers.sample(min(MOST_CUSTOMERS, len(holdout.customers)), random_state=rng)
    was, foreseen = np.empty(FUTURES), np.zeros(FUTURES)
    for future in range(FUTURES):
        model = holdout.forecast.drawn(rng)
        was[future] = model.simulated_orders(part, horizon=holdout.horizon, rng=rng).sum()
        if size > 1:  # where all are simulated, what was foreseen need not be told from what happened
            foreseen[future] = model.expected_orders(part, horizon=holdout.horizon).sum()
    mean = was.mean()
    if mean <= 0:
        return 0.0
    return max(0.0, (foreseen.var(ddof=1) + (was - foreseen).var(ddof=1) / size) / mean**2 - 1 / (mean * size))
