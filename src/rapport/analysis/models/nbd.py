"""NBD: nobody stops within the time observed. The honest model where dropout runs to nothing.

Assumptions, numbered as they are printed:
1. A customer buys at gaps that are Erlang-k with rate λ (k = 1: at random), k chosen by likelihood, and never stops.
2. Rates differ among customers: λ ~ Gamma(r, α).

The likelihood of a row is Γ(R)/Γ(r) · α^r (α+T)^−R · C with R and C as in `beta_geometric`. Ehrenberg 1959; the limit
of every other model here when dropout goes to zero.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaln, psi

from .beta_geometric import erlang_constant, phase_slopes, phases
from .counting import expected_with_dropout
from .rows import Rows

NEVER = (1e-12, 2.0)  # Beta parameters of a dropout that does not happen


@dataclass(frozen=True)
class Nbd:
    """The negative binomial model with Erlang-k gaps."""

    k: int

    name = "nbd"
    parameters = ("r", "alpha")
    scales = (False, True)

    def starts(self, rows: Rows) -> list[list[float]]:
        """Declared starting points, tried in this order."""
        return [[r, self.k * r / rows.rate] for r in (0.6, 3.0, 0.1)]

    def timing_constant(self, rows: Rows) -> float:
        """What the moment of the last purchase adds to the log-likelihood, given k: needed only to compare k."""
        return erlang_constant(rows, self.k)

    def log_likelihood(self, theta: np.ndarray, rows: Rows) -> tuple[float, np.ndarray]:
        """Weighted log-likelihood of all rows and its gradient in the logs of the parameters."""
        r, alpha = theta
        _, x, n_x = rows.by_x
        _, T, n_T, sum_x_T = rows.by_T
        n, R_T = n_x.sum(), r * n_T + self.k * sum_x_T
        value = n_x @ gammaln(r + self.k * x) - n * (gammaln(r) - r * np.log(alpha)) - R_T @ np.log(alpha + T)
        slope_r = n_x @ psi(r + self.k * x) - n * (psi(r) - np.log(alpha)) - n_T @ np.log(alpha + T)
        slope_alpha = n * r / alpha - R_T @ (1 / (alpha + T))
        if self.k > 1:
            inverse = 1 / (alpha + rows.T)
            C, C_r, C_alpha = phase_slopes(r + self.k * rows.x, (rows.T - rows.t_x) * inverse, inverse, self.k)
            value += rows.w @ np.log(C)
            slope_r += rows.w @ (C_r / C)
            slope_alpha += rows.w @ (C_alpha / C)
        return value, np.array([slope_r, slope_alpha]) * theta

    def states(self, theta, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Probability of having made j of k hidden steps, one column per j; rows sum to 1, since nobody stops."""
        r, alpha = theta
        C = np.stack(phases(r + self.k * x, (T - t_x) / (alpha + T), self.k), axis=1)
        return C / C.sum(axis=1, keepdims=True)

    def orders_if_alive(self, theta, x, T, horizon: float, state: int) -> np.ndarray:
        """Expected purchases in (T, T + horizon] of a customer in hidden state j."""
        r, alpha = theta
        R = r + self.k * x + state
        if self.k == 1:
            return R * horizon / (alpha + T)
        a, beta = NEVER
        return expected_with_dropout(R, horizon / (alpha + T + horizon), a, beta, self.k, state)

    def tail_if_alive(self, theta, x, T, horizon: float, state: int, n) -> np.ndarray:
        """P(at least n ≥ 1 purchases in (T, T + horizon]) of a customer in state j; arrays broadcast."""
        r, alpha = theta
        return betainc(self.k * n - state, r + self.k * x + state, horizon / (alpha + T + horizon))

    def drawn_orders(self, theta, x, T, horizon: float, state, rng: np.random.Generator) -> np.ndarray:
        """One simulated number of purchases in (T, T + horizon] for each customer in the given states."""
        r, alpha = theta
        rate = rng.standard_gamma(r + self.k * x + state) / (alpha + T)
        return (rng.poisson(np.minimum(rate * horizon, 1e15)) + state) // self.k

    def first_gaps(self, theta, x: np.ndarray, t_x: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
        """Gap to the next purchase as it stood at the last one: k, and shape and scale of the rate."""
        r, alpha = theta
        return self.k, r + self.k * x, alpha + t_x

    def expected_of_new(self, theta, horizon: np.ndarray) -> np.ndarray:
        """Expected repeat purchases of a customer within `horizon` after the first purchase."""
        zero = np.zeros_like(horizon)
        return self.orders_if_alive(theta, zero, zero, horizon, 0)
