"""Buying models: how often a customer will buy, is it still one, and what will it spend.

    fit(patterns, model="mbg_nbd", settings=…)      → Fit, one parametric model
    spend(history, settings=…)                       → Spend, value of one purchase day
    contracts([1000, 869, 743, …])                   → Contracts, customers who renew (one cohort)
    contracts_of(renewals, has_left)                 → the same, from customers who joined at different times
    alive_by_hiatus(history, …)                      → the plain rule
    parameters(forecast, spend)                      → every parameter with its interval
    as_lifetimes(fit, patterns), opinion(…)          → the library `lifetimes`, behind its one door

Which model to use is settled by `analysis.backtest`, which also knows cell averages and the naive forecast.
"""

from .estimator import FitRefused
from .fitness import independence, parameters
from .fitted import Fit
from .fitting import LAWS, fit
from .forecast import Forecast
from .hiatus import alive_by_hiatus
from .lifetimes_door import as_lifetimes, second_opinion
from .opinion import opinion
from .sbg import Contracts, contracts, contracts_of
from .spend import Spend, spend

__all__ = [
    "LAWS", "Contracts", "Fit", "FitRefused", "Forecast", "Spend", "alive_by_hiatus", "as_lifetimes", "contracts",
    "contracts_of", "fit", "independence", "opinion", "parameters", "second_opinion", "spend",
]  # fmt: skip
