"""Buying models: how often a customer will buy, is it still one, and what will it spend.

fit(patterns, model="mbg_nbd", settings=…)  → Fit           what each parametric model foresees
cell_averages(…), naive(…)                   → forecasts without parameters, with the same questions answered
spend(history, settings=…)                   → Spend         value of one purchase day
as_lifetimes(fit, patterns), second_opinion  → the library `lifetimes`, behind its one door
"""

from .estimator import FitRefused
from .fitted import Fit
from .fitting import LAWS, fit
from .spend import Spend, spend

__all__ = ["LAWS", "Fit", "FitRefused", "Spend", "fit", "spend"]
