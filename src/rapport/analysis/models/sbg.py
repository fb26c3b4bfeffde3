"""Shifted beta-geometric: how long customers under contract stay, from how many renewed each time.

Assumptions, numbered as they are printed:
1. At each renewal a customer leaves with its own probability θ, which does not change.
2. θ differs among customers: θ ~ Beta(α, β).

Share still there after t renewals: S(t) = B(α, β + t) / B(α, β). Retention rises with t because those likely to leave
have left. Fader & Hardie 2007, "How to Project Customer Retention", Journal of Interactive Marketing 21.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, psi

from .estimator import FitRefused, maximum

LONGEST = 10_000  # renewals over which remaining ones are summed


@dataclass(frozen=True, eq=False)
class Contracts:
    """A fitted model of renewals: alpha, beta, covariance of their logs, log-likelihood, customers."""

    alpha: float
    beta: float
    covariance: np.ndarray
    log_likelihood: float
    customers: int

    def survival(self, renewals: np.ndarray) -> np.ndarray:
        """Share of customers still there after each number of renewals."""
        return np.exp(betaln(self.alpha, self.beta + np.asarray(renewals, float)) - betaln(self.alpha, self.beta))

    def retention(self, renewals: np.ndarray) -> np.ndarray:
        """Share of those who came to the t-th renewal that renew, t = 1, 2, …: (β + t − 1)/(α + β + t − 1)."""
        t = np.asarray(renewals, float)
        return (self.beta + t - 1) / (self.alpha + self.beta + t - 1)

    def renewals_ahead(self, *, renewals_made: np.ndarray, periods: int, rate: float) -> np.ndarray:
        """Expected renewals in the coming `periods` of customers that have renewed so often, discounted at `rate` each."""
        made, ahead = np.asarray(renewals_made, float)[:, None], np.arange(1, periods + 1)
        still = self.survival(made + ahead) / self.survival(made)
        return (still * (1 + rate) ** -ahead.astype(float)).sum(axis=1)

    def discounted_renewals(self, *, renewals_made: float, rate: float) -> float:
        """Expected further periods of a customer that has renewed so often, discounted at `rate` a period.

        Fader & Hardie 2010, "Customer-Base Valuation in a Contractual Setting": the next renewal is at the end of the
        running period. With a rate of 0 the sum is cut after 10,000 periods.
        """
        t = np.arange(1, LONGEST + 1)
        still = self.survival(renewals_made + t) / self.survival(renewals_made)
        return float(np.sum(still * (1 + rate) ** -t.astype(float)))


def contracts(still_there: np.ndarray) -> Contracts:
    """The model fitted to one cohort: customers at the start and still there after each renewal, e.g. [1000, 869, 743].

    Raises FitRefused for counts that rise, fewer than two renewals, nobody or everybody leaving, or no maximum.
    """
    counts = np.asarray(still_there, float)
    if len(counts) < 3 or np.any(np.diff(counts) > 0) or counts[-1] < 0 or not np.all(np.isfinite(counts)):
        raise FitRefused(
            "a cohort under contract needs customers at the start and after two renewals, never more than before.",
            "still_there",
            "count one cohort, without customers who joined later.",
        )
    lost = -np.diff(counts)
    return _fitted(lost, np.append(np.zeros(len(lost)), counts[-1]), "still_there")


def contracts_of(renewals: np.ndarray, has_left: np.ndarray) -> Contracts:
    """The model fitted to customers who joined at different times.

    In: for each customer the renewals made so far, and whether it then left instead of renewing once more (else it is
    still there, its next renewal to come). Raises FitRefused where nobody or everybody left, or without a maximum.
    """
    made, gone = np.asarray(renewals, int), np.asarray(has_left, bool)
    length = int(made.max(initial=0)) + 1
    lost = np.bincount(made[gone], minlength=length).astype(float)
    return _fitted(lost, np.bincount(made[~gone], minlength=length + 1).astype(float), "subscriptions")


def _fitted(lost: np.ndarray, left: np.ndarray, where: str) -> Contracts:
    if lost.sum() == 0 or left.sum() == 0:
        raise FitRefused("nobody, or everybody, left: there is nothing to tell apart.", where, "wait.")
    cohort = _Cohort(lost, left)
    end = maximum(_Law(), cohort, cohort)
    alpha, beta = np.exp(end.logs)
    return Contracts(float(alpha), float(beta), end.covariance, end.value, round(cohort.customers))


@dataclass(frozen=True)
class _Cohort:
    lost: np.ndarray  # left after 0, 1, 2 … renewals
    left: np.ndarray  # still there after 0, 1, 2 … renewals, the next to come

    @property
    def customers(self) -> float:
        return float(self.lost.sum() + self.left.sum())


class _Law:
    name = "sbg"
    parameters = ("alpha", "beta")
    scales = (False, False)

    def starts(self, cohort: _Cohort) -> list[list[float]]:
        return [[1.0, 3.0], [0.5, 0.5], [5.0, 20.0]]

    def log_likelihood(self, theta, cohort: _Cohort) -> tuple[float, np.ndarray]:
        a, b = theta
        t, still = np.arange(len(cohort.lost), dtype=float), np.arange(len(cohort.left), dtype=float)
        n, base = cohort.customers, betaln(a, b)
        value = cohort.lost @ betaln(a + 1, b + t) + cohort.left @ betaln(a, b + still) - n * base
        both = cohort.lost @ psi(a + b + 1 + t) + cohort.left @ psi(a + b + still) - n * psi(a + b)
        slope_a = cohort.lost.sum() * psi(a + 1) + cohort.left.sum() * psi(a) - n * psi(a) - both
        slope_b = cohort.lost @ psi(b + t) + cohort.left @ psi(b + still) - n * psi(b) - both
        return value, np.array([slope_a, slope_b]) * theta
