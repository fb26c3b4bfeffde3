"""Simulated firms: customers that follow a buying model exactly, from their first purchase on.

For trying estimators on a known truth, and for a twin of a client's firm that holds nobody's data.
"""

import numpy as np
import pandas as pd

NEVER = 1e12


def simulated_purchases(law, theta, births: np.ndarray, end: float, rng: np.random.Generator):
    """(customer, time) of every purchase from birth to `end`, the first one included, in continuous time.

    In: law, a value of models.LAWS (say `LAWS["mbg_nbd"][0]`), and its parameters; births, the time of each customer's
    first purchase. Out: two arrays of equal length, ordered by the number of the purchase.
    """
    births = np.asarray(births, float)
    rate, stops_at, most = _traits(law, theta, births, rng)
    active, now, made = np.arange(len(births)), births.copy(), 1
    who, when = [active], [births]
    while len(active):
        active = active[most[active] > made]
        coming = now[active] + rng.standard_gamma(law.k, len(active)) / rate[active]
        inside = (coming <= end) & (coming <= stops_at[active])
        active, made = active[inside], made + 1
        now[active] = coming[inside]
        who.append(active)
        when.append(coming[inside])
    return np.concatenate(who), np.concatenate(when)


def patterns_of(who: np.ndarray, when: np.ndarray, as_of: float) -> pd.DataFrame:
    """What is known of each customer at `as_of`, one row each.

    who (its number), repeat_days, span_days, observed_days, log_gaps (sum of the logs of its gaps).
    """
    known = when <= as_of
    order = np.lexsort((when[known], who[known]))
    who, when = who[known][order], when[known][order]
    first = np.flatnonzero(np.diff(who, prepend=-1))
    last = np.append(first[1:], len(who))[: len(first)] - 1
    is_first = np.diff(who, prepend=-1) != 0
    log_gap = np.log(np.where(is_first, 1.0, np.diff(when, prepend=0.0)))
    return pd.DataFrame(
        {
            "who": who[first],
            "repeat_days": last - first,
            "span_days": when[last] - when[first],
            "observed_days": as_of - when[first],
            "log_gaps": np.add.reduceat(log_gap, first) if len(first) else when,
        }
    )


def _traits(law, theta, births, rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rate of hidden steps, time of stopping and most purchases of each customer."""
    n = len(births)
    rate = np.maximum(rng.standard_gamma(theta[0], n) / theta[1], 1e-300)
    ever = np.full(n, NEVER)
    if law.name == "pareto_nbd":
        stay = rng.standard_exponential(n) / np.maximum(rng.standard_gamma(theta[2], n) / theta[3], 1e-300)
        return rate, births + stay, ever
    if law.name == "nbd":
        return rate, ever, ever
    p = np.clip(rng.beta(theta[2], theta[3], n), 1e-300, 1 - 1e-16)
    stops_after = np.maximum(np.ceil(np.log(rng.random(n)) / np.log1p(-p)), 1)
    return rate, ever, stops_after + (0 if law.drops_at_first else 1)
