"""Gamma-Gamma: what a customer spends on a purchase day, from what it spent so far.

Assumptions, numbered as they are printed:
1. The values of a customer's purchase days vary around its own mean as Gamma(p, ν).
2. Means differ among customers: ν ~ Gamma(q, γ).
3. Spending is independent of how often a customer buys (tested: see `spend`).

For x repeat purchase days of mean value m the likelihood of a row is
    Γ(px+q) / (Γ(px) Γ(q)) · γ^q m^(px−1) x^(px) / (γ + xm)^(px+q),
and the expected value of a further purchase day p (γ + xm) / (px + q − 1).

Fader & Hardie, note 025; Fader, Hardie & Lee 2005, Journal of Marketing Research 42.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import gammaln, psi

from .estimator import FitRefused, Maximum, maximum

MANY_ROWS = 20_000  # above this the first maximisation runs on averaged rows
BINS_PER_E = 10  # cells per factor e of the mean value then
MOST_SHAPE = 1e3  # a p or q beyond this: the values hardly vary within, or among, customers


@dataclass(frozen=True)
class Spendings:
    """Repeat purchase days x ≥ 1 and their mean value m, as a multiple of `unit`; w customers each."""

    x: np.ndarray
    m: np.ndarray
    w: np.ndarray
    unit: float = 1.0

    @cached_property
    def customers(self) -> float:
        return float(self.w.sum())

    @cached_property
    def by_x(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Code of each row's x, the distinct x, the customers and the summed log m at each."""
        code, values = pd.factorize(self.x)
        return code, values, np.bincount(code, self.w), np.bincount(code, self.w * np.log(self.m))


class GammaGamma:
    """The Gamma-Gamma model of spending; stateless. γ is in units of money."""

    name = "gamma_gamma"
    parameters = ("p", "q", "gamma")
    scales = (False, False, False)  # money is scaled before

    def starts(self, spendings: Spendings) -> list[list[float]]:
        """Declared starting points, tried in this order; each has the observed mean."""
        return [[p, q, (q - 1) / p] for p, q in ((2.0, 3.0), (6.0, 4.0), (1.0, 6.0))]

    def log_likelihood(self, theta: np.ndarray, spendings: Spendings) -> tuple[float, np.ndarray]:
        """Weighted log-likelihood of all rows (of money in units) and its gradient in the logs of the parameters."""
        p, q, g = theta
        code, x, n_x, log_m = spendings.by_x
        n, px = n_x.sum(), p * x
        total = spendings.x * spendings.m + g
        logs = np.bincount(code, spendings.w * np.log(total), len(x))
        inverse = np.bincount(code, spendings.w / total, len(x))
        value = n_x @ (gammaln(px + q) - gammaln(px) + px * np.log(x)) - n * (gammaln(q) - q * np.log(g))
        value += (px - 1) @ log_m - (px + q) @ logs
        psi_all = psi(px + q)
        gradient = [
            (n_x * x) @ (psi_all - psi(px) + np.log(x)) + x @ log_m - x @ logs,
            n_x @ psi_all - n * (psi(q) - np.log(g)) - logs.sum(),
            n * q / g - (px + q) @ inverse,
        ]
        return value, np.array(gradient) * theta


def fitted_spending(x: np.ndarray, m: np.ndarray, w: np.ndarray | None = None) -> Maximum:
    """The maximum-likelihood Gamma-Gamma model of x ≥ 1 repeat days with mean value m > 0; γ in the unit of m.

    Raises FitRefused when the likelihood has no proper maximum or the mean is infinite (q ≤ 1).
    """
    w = np.ones(len(x)) if w is None else np.asarray(w, float)
    unit = float(w @ m / w.sum())
    if not np.ptp(m) > 1e-9 * unit:
        raise FitRefused(
            "gamma_gamma cannot tell anything: all customers spend the same.", "mean_repeat_value", "use it."
        )
    data = Spendings(np.asarray(x, float), m / unit, w, unit)
    end = maximum(GammaGamma(), data, _rough(data))
    p, q, _ = np.exp(end.logs)
    if q <= 1:
        raise FitRefused(
            f"gamma_gamma foresees an infinite mean value (q = {q:.2f}).",
            "mean_repeat_value",
            "look at the largest sums.",
        )
    if max(p, q) > MOST_SHAPE:
        raise FitRefused(
            "gamma_gamma ran to the end of the possible.", "mean_repeat_value", "use the customers' own means."
        )
    logs = end.logs + np.array([0.0, 0.0, np.log(unit)])
    return Maximum(logs, end.value - data.customers * np.log(unit), end.gradient, end.covariance)


def _rough(full: Spendings) -> Spendings:
    """The rows themselves while they are few, else averaged within cells of equal x and nearly equal log m."""
    if len(full.x) <= MANY_ROWS:
        return full
    level = np.floor(np.log(full.m) * BINS_PER_E).astype(np.int64)
    level -= level.min()
    cell, _ = pd.factorize(full.by_x[0] * (level.max() + 1) + level)
    w = np.bincount(cell, full.w)
    at = np.empty(len(w), dtype=np.int64)
    at[cell] = np.arange(len(cell))
    return Spendings(full.x[at], np.bincount(cell, full.w * full.m) / w, w)
