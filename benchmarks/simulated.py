"""Simulated firms of any size as the tables the value page starts from."""

import numpy as np
import pandas as pd

from rapport.analysis.models import LAWS
from rapport.analysis.models.days import days, history_at
from rapport.analysis.models.simulation import simulated_purchases

BEGIN = pd.Timestamp("2022-01-01")


def purchase_days(model: str, theta, customers: int, *, length: int, seed: int = 1) -> pd.DataFrame:
    """Distinct purchase days of customers who follow `model` and Gamma-Gamma, born evenly over `length` days."""
    rng = np.random.default_rng(seed)
    births = np.floor(rng.uniform(0, length - 1, customers))
    who, when = simulated_purchases(LAWS[model][0], theta, births, float(length), rng)
    key = np.unique(who.astype(np.int64) * (length + 1) + when.astype(np.int64))
    who, day = np.divmod(key, length + 1)
    own = rng.gamma(4.0, 1 / 15.0, customers)
    return pd.DataFrame(
        {
            "customer_id": np.char.mod("C%07d", who).astype(object),
            "ordered_on": BEGIN + pd.to_timedelta(day, unit="D"),
            "net": rng.gamma(6.0, 1 / own[who]),
            "margin": np.nan,
        }
    )


def history(purchase_days: pd.DataFrame, *, length: int, truncation_days: float = 60) -> pd.DataFrame:
    """The columns of `history` that the value page reads, at the end of the data."""
    bought = days(purchase_days)
    as_of = BEGIN + pd.Timedelta(days=length)
    table = history_at(bought, bought.number(as_of))
    return table.drop(columns="who").assign(
        is_truncated=table["observed_days"] > length - truncation_days,
        orders=table["purchase_days"],
        net_total=table["gross_total"],
        margin_total=table["gross_total"] * 0.3,
        first_order_on=as_of - pd.to_timedelta(table["observed_days"], unit="D"),
        last_order_on=as_of - pd.to_timedelta(table["silent_days"], unit="D"),
    )
