"""Pareto/NBD: a customer may stop at any moment, not only after a purchase.

Assumptions, numbered as they are printed:
1. While alive a customer buys at random with rate λ (Poisson).
2. Rates differ among customers: λ ~ Gamma(r, α).
3. A customer stays for an exponential time with rate μ, then stops for good.
4. Stopping rates differ among customers: μ ~ Gamma(s, β), independent of λ.

The likelihood of a row is Γ(r+x)/Γ(r) · α^r β^s · [A + D] with
    A = (α+T)^−(r+x) (β+T)^−s                                   (alive at T)
    D = s ∫_{t_x}^{T} (α+y)^−(r+x) (β+y)^−(s+1) dy              (stopped in between)
so that P(alive) = A/(A+D). D is a Gauss-Legendre integral in log(m + y), m = min(α, β): the integrand is smooth there,
nothing is a difference of large numbers, and value and gradient come from one pass.

Schmittlein, Morrison & Colombo 1987; Fader & Hardie, notes 009 and 027 (why the ₂F₁ form loses digits).
"""

from functools import cache

import numpy as np
from scipy.special import betainc, expit, gammaln, psi

from .rows import Rows, chunks

# nodes taken for integrands that fall by at most e^-fall over at most `span` in the log of time
RULES = ((4.0, 1.5, 10), (20.0, 4.0, 20), (np.inf, np.inf, 48))
TAIL_NODES = 12  # of the integral over the moment a customer stops, when purchases are counted
DEEPEST = 40.0  # the integrand is followed down to e^-40 of its largest value


class ParetoNbd:
    """The Pareto/NBD model; stateless."""

    name = "pareto_nbd"
    k = 1
    parameters = ("r", "alpha", "s", "beta")
    scales = (False, True, False, True)

    def starts(self, rows: Rows) -> list[list[float]]:
        """Declared starting points, tried in this order."""
        choices = ((0.6, 0.6, 0.5), (1.0, 1.0, 2.0), (0.3, 0.3, 0.2))
        return [[r, r / rows.rate, s, ages * rows.age] for r, s, ages in choices]

    def timing_constant(self, rows: Rows) -> float:
        """Zero: purchases are at random, nothing is compared across k."""
        return 0.0

    def log_likelihood(self, theta: np.ndarray, rows: Rows) -> tuple[float, np.ndarray]:
        """Weighted log-likelihood of all rows and its gradient in the logs of the parameters."""
        r, alpha, s, beta = theta
        _, x, n_x = rows.by_x
        _, T, n_T, sum_x_T = rows.by_T
        n, R_T = n_x.sum(), r * n_T + sum_x_T
        value = n_x @ gammaln(r + x) - n * (gammaln(r) - r * np.log(alpha) - s * np.log(beta))
        value -= R_T @ np.log(alpha + T) + s * n_T @ np.log(beta + T)
        gradient = np.array(
            [
                n_x @ psi(r + x) - n * (psi(r) - np.log(alpha)) - n_T @ np.log(alpha + T),
                n * r / alpha - R_T @ (1 / (alpha + T)),
                n * np.log(beta) - n_T @ np.log(beta + T),
                n * s / beta - s * n_T @ (1 / (beta + T)),
            ]
        )
        for part in chunks(len(rows.x)):
            x, t_x, T, w = rows.x[part], rows.t_x[part], rows.T[part], rows.w[part]
            log_odds, slope = _stopped_odds(theta, x, t_x, T)
            stopped = w * expit(log_odds)
            value += w @ np.logaddexp(0, log_odds)
            gradient += slope @ stopped
        return value, gradient * theta

    def states(self, theta, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Probability of being alive, as the one column."""
        log_odds = np.empty(len(x))
        for part in chunks(len(x)):
            log_odds[part], _ = _stopped_odds(theta, x[part], t_x[part], T[part], gradient=False)
        return expit(-log_odds)[:, None]

    def orders_if_alive(self, theta, x, T, horizon: float, state: int) -> np.ndarray:
        """Expected purchases in (T, T + horizon] of a customer alive at T: mean rate times expected time alive."""
        r, alpha, s, beta = theta
        return (r + x) / (alpha + T) * _time_alive(s, beta + T, horizon)

    def tail_if_alive(self, theta, x, T, horizon: float, state: int, n) -> np.ndarray:
        """P(at least n ≥ 1 purchases in (T, T + horizon]) of a customer alive at T; arrays broadcast.

        The n-th purchase comes at time y with the density of a negative binomial process and counts if the customer
        is still there, (β+T)^s/(β+T+y)^s; by parts this is the tail at the horizon and an integral of tails before it.
        """
        r, alpha, s, beta = theta
        R, A, B = r + x, alpha + T, beta + T
        log_end = np.log1p(horizon / B)
        out = np.exp(-s * log_end) * betainc(n, R, horizon / (A + horizon))
        for node, weight in zip(*_legendre(TAIL_NODES)):
            y = B * np.expm1(node * log_end)
            out += weight * log_end * s * np.exp(-s * node * log_end) * betainc(n, R, y / (A + y))
        return out

    def drawn_orders(self, theta, x, T, horizon: float, state, rng: np.random.Generator) -> np.ndarray:
        """One simulated number of purchases in (T, T + horizon] for each customer alive at T."""
        r, alpha, s, beta = theta
        rate = rng.standard_gamma(r + x) / (alpha + T)
        with np.errstate(divide="ignore"):
            stays = rng.standard_exponential(len(x)) / (rng.standard_gamma(s, len(x)) / (beta + T))
        return rng.poisson(np.minimum(rate * np.minimum(stays, horizon), 1e15))

    def first_gaps(self, theta, x: np.ndarray, t_x: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
        """Gap to the next purchase as it stood at the last one: k, and shape and scale of the rate (if not stopped)."""
        r, alpha, _, _ = theta
        return 1, r + x, alpha + t_x

    def expected_of_new(self, theta, horizon: np.ndarray) -> np.ndarray:
        """Expected repeat purchases of a customer within `horizon` after the first purchase."""
        r, alpha, s, beta = theta
        return r / alpha * _time_alive(s, beta + np.zeros_like(horizon), horizon)


def _time_alive(s: float, B, horizon):
    """∫_0^horizon (B/(B+y))^s dy, without the pole of its closed form at s = 1."""
    grow = np.log1p(horizon / B)
    power = (1 - s) * grow
    with np.errstate(divide="ignore", invalid="ignore"):
        return B * grow * np.where(np.abs(power) > 1e-8, np.expm1(power) / power, 1 + power / 2)


def _stopped_odds(theta, x, t_x, T, gradient=True) -> tuple[np.ndarray, np.ndarray]:
    """log(D/A) of each row, and its gradient in (r, α, s, β) with one row per parameter."""
    r, alpha, s, beta = theta
    least, most = min(alpha, beta), max(alpha, beta)
    near, far = (r + x - 1, s + 1) if alpha <= beta else (s, r + x)  # powers of (least + y) and of (most + y)
    low, high = np.log(least + t_x), np.log(least + T)
    fall = near * (high - low) + far * np.log1p((T - t_x) / (most + t_x))
    steepness = near + far * (least + t_x) / (most + t_x)  # of the integrand at its start; it only grows
    span = np.where(steepness > 0, np.minimum(high - low, DEEPEST / np.maximum(steepness, 1e-9)), high - low)
    log_odds, slope = np.full(len(x), -np.inf), np.zeros((4, len(x)))
    done = ~(high > low)
    for most_fall, most_span, count in RULES:
        rows = np.flatnonzero(~done & (fall <= most_fall) & (span <= most_span))
        done[rows] = True
        if len(rows):
            log_odds[rows], part = _integral(theta, x[rows], low[rows], span[rows], T[rows], count, gradient)
            if gradient:
                slope[:, rows] = part
    return log_odds, slope


def _integral(theta, x, low, span, T, count, gradient):
    r, alpha, s, beta = theta
    nodes, weights = _legendre(count)
    v = low + nodes[:, None] * span  # log of the smaller of α + y and β + y
    near, far = v, np.log(np.exp(v) + abs(alpha - beta))
    log_a, log_b = (near, far) if alpha <= beta else (far, near)
    end_a, end_b = np.log(alpha + T), np.log(beta + T)
    R = r + x
    log_term = v - R * (log_a - end_a) - (s + 1) * (log_b - end_b) - end_b + np.log(weights)[:, None]
    peak = log_term.max(axis=0)
    term = np.exp(log_term - peak)
    total = term.sum(axis=0)
    log_odds = np.log(s * span) + np.log(total) + peak
    if not gradient:
        return log_odds, None
    share = term / total
    mean = lambda values: np.einsum("ij,ij->j", share, values)  # noqa: E731
    return log_odds, np.stack(
        [
            end_a - mean(log_a),
            R * (1 / (alpha + T) - mean(np.exp(-log_a))),
            1 / s + end_b - mean(log_b),
            s / (beta + T) - (s + 1) * mean(np.exp(-log_b)),
        ]
    )


@cache
def _legendre(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and weights on (0, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1) / 2, weights / 2
