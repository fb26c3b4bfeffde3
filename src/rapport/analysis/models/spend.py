"""Spend: what one purchase day of each customer is expected to bring, before returns, in the engagement's currency."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from .estimator import FitRefused
from .gamma_gamma import fitted_spending

BANDS = (1.0, 2.0, 4.0, 8.0)  # lower ends of the bands of repeat days when spending goes with frequency
LEAST_Q = 1.02  # of a drawn q: the mean value is finite above 1


@dataclass(frozen=True, eq=False)
class Spend:
    """A fitted model of spending.

    method        "gamma_gamma", "gamma_gamma by frequency band" or "own mean drawn to the base's"
    lowest        repeat days from which each band counts (one band: 0)
    theta         p, q, γ (money) of each band, one row per band
    covariances   of (log p, log q, log γ), one per band; empty where nothing was estimated
    customers     fitted on, per band
    log_likelihood   of each band; NaN where nothing was estimated
    correlation   Spearman's, of repeat days and mean value
    note          why this method
    """

    method: str
    lowest: np.ndarray
    theta: np.ndarray
    covariances: tuple[np.ndarray, ...]
    customers: tuple[int, ...]
    log_likelihood: tuple[float, ...]
    correlation: float
    note: str

    @property
    def parameters(self) -> pd.DataFrame:
        """One row per band: from_repeat_days, p, q, gamma, customers, log_likelihood."""
        table = pd.DataFrame(self.theta, columns=["p", "q", "gamma"])
        table.insert(0, "from_repeat_days", self.lowest)
        return table.assign(customers=self.customers, log_likelihood=self.log_likelihood)

    def expected_value(self, history: pd.DataFrame) -> np.ndarray:
        """Expected value of one further purchase day of each customer; one-time buyers get the mean of their band."""
        shape, scale, p = self._posterior(history)
        return p * scale / (shape - 1)

    def simulated_value(self, history: pd.DataFrame, orders: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Simulated value of `orders` further purchase days of each customer (0 for none)."""
        shape, scale, p = self._posterior(history)
        out = np.zeros(len(orders))
        some = np.flatnonzero(orders > 0)
        own = rng.standard_gamma(shape[some]) / scale[some]
        out[some] = rng.standard_gamma(p[some] * orders[some]) / own
        return out

    def drawn(self, rng: np.random.Generator) -> "Spend":
        """The same model with parameters drawn from their uncertainty (Laplace in logs; the mean stays finite)."""
        if not self.covariances:
            return self
        logs = [
            rng.multivariate_normal(np.log(theta), covariance, method="eigh")
            for theta, covariance in zip(self.theta, self.covariances)
        ]
        theta = np.exp(logs)
        theta[:, 1] = np.maximum(theta[:, 1], LEAST_Q)
        return replace(self, theta=theta)

    def _posterior(self, history: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Shape and scale of each customer's ν, and its p."""
        x, m = _values(history)
        band = np.clip(np.searchsorted(self.lowest, x, side="right") - 1, 0, None)
        p, q, gamma = self.theta[band].T
        return p * x + q, gamma + x * m, p


def spend(history: pd.DataFrame, *, settings) -> Spend:
    """The spend model of the customers with repeat purchases, by Gamma-Gamma where it fits.

    In: `history` (repeat_days, mean_repeat_value in money). Customers whose mean repeat value is not positive are left
    out of the fit. When frequency and value go together more than settings.value.max_correlation, one model does not
    fit all: each band of frequency gets its own. Where Gamma-Gamma is refused (too few repeaters, all alike, infinite
    mean), each customer's own mean is drawn to the base's with the weight of one purchase day; the note says so.
    Reference: `gamma_gamma`; Fader, Hardie & Lee 2005 on the independence of frequency and value.
    """
    x, m = _values(history)
    used = (x >= 1) & (m > 0)
    x, m = x[used], m[used]
    correlation = float(spearmanr(x, m).statistic) if len(x) > 2 and np.ptp(x) > 0 and np.ptp(m) > 0 else 0.0
    if len(x) < settings.value.min_repeaters:
        return _by_own_mean(history, correlation, f"{len(x)} customers with a repeat purchase are too few for a model")
    if abs(correlation) > settings.value.max_correlation:
        reason = f"frequency and value go together (rank correlation {correlation:.2f})"
        return _by_band(history, x, m, correlation, reason, settings.value.min_repeaters)
    try:
        end = fitted_spending(x, m)
    except FitRefused as refusal:
        return _by_own_mean(history, correlation, refusal.what)
    return _fitted("gamma_gamma", [(0.0, end, len(x))], correlation, "it fits")


def _by_band(history, x, m, correlation, reason, fewest) -> Spend:
    rows, high = [], np.inf
    for low in _bands(x, fewest):
        inside = (x >= low) & (x < high)
        try:
            rows.append((low, fitted_spending(x[inside], m[inside]), int(inside.sum())))
        except FitRefused as refusal:
            return _by_own_mean(history, correlation, f"{reason}, and {refusal.what}")
        high = low
    return _fitted("gamma_gamma by frequency band", rows[::-1], correlation, reason)


def _bands(x, fewest) -> list[float]:
    """Lower ends of the bands, the highest first, each with at least `fewest` customers; the last begins at 0."""
    kept, high = [], np.inf
    for low in BANDS[::-1]:
        if ((x >= low) & (x < high)).sum() >= fewest:
            kept.append(low)
            high = low
    return [*kept[:-1], 0.0]


def _by_own_mean(history, correlation, reason) -> Spend:
    """Own mean with weight x/(x + 1): the Gamma-Gamma formula with p = 1, q = 2 and the base's mean."""
    days = history["purchase_days"].sum() if "purchase_days" in history else 0
    mean = history["gross_total"].sum() / days if days else 0.0
    theta = np.array([[1.0, 2.0, max(mean, 1e-9)]])
    return Spend(
        "own mean drawn to the base's", np.zeros(1), theta, (), (len(history),), (np.nan,), correlation, reason
    )


def _fitted(method, rows, correlation, note) -> Spend:
    lowest, ends, customers = zip(*rows)
    theta = np.exp([end.logs for end in ends])
    covariances, likelihoods = tuple(end.covariance for end in ends), tuple(end.value for end in ends)
    return Spend(method, np.array(lowest), theta, covariances, customers, likelihoods, correlation, note)


def _values(history: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    m = history["mean_repeat_value"].to_numpy(float)
    x = np.where(np.isfinite(m) & (m > 0), history["repeat_days"].to_numpy(float), 0.0)
    return x, np.where(x > 0, m, 0.0)
