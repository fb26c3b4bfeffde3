"""The family of models in which a customer may stop after each purchase: BG/NBD, MBG/NBD and MBG/CNBD-k.

Assumptions, numbered as they are printed:
1. While alive a customer buys at gaps that are Erlang-k with rate λ (k = 1: at random; larger k: more regularly).
2. Rates differ among customers: λ ~ Gamma(r, α).
3. After a purchase the customer stops for good with probability p: after every purchase including the first
   (`drops_at_first`, the modified models), or only after repeat purchases (BG/NBD).
4. Stopping differs among customers: p ~ Beta(a, b), independent of λ.

With R = r + kx and β = b + x (+ 1 if it can stop at once), u = T − t_x, the likelihood of a row is
    Γ(R)/Γ(r) · α^r (α+T)^−R · B(a, β)/B(a, b) · [C + E],
    C = Σ_{j<k} (R)_j/j! · (u/(α+T))^j        (alive, j of the k hidden steps to the next purchase made)
    E = a/(β−1) · ((α+T)/(α+t_x))^R           (stopped at the last purchase)
so that P(alive) = C/(C+E). Everything is computed in logs.

Fader, Hardie & Lee 2005 (BG/NBD); Batislam, Denizel & Filiztekin 2007 (MBG/NBD); Reutterer, Platzer & Schröder 2021.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, gammaln, psi

from .counting import expected_with_dropout, tail_with_dropout
from .rows import Rows, chunks

NAMES = ("r", "alpha", "a", "b")


@dataclass(frozen=True)
class BetaGeometric:
    """One member of the family: its name, k, and whether a customer can stop right after the first purchase."""

    name: str
    k: int
    drops_at_first: bool

    parameters = NAMES
    scales = (False, True, False, False)  # which parameters are measured in time

    def starts(self, rows: Rows) -> list[list[float]]:
        """Declared starting points, tried in this order."""
        return [[r, self.k * r / rows.rate, a, b] for r, a, b in ((0.5, 0.8, 2.5), (1.0, 0.3, 3.0), (0.25, 1.5, 1.5))]

    def log_likelihood(self, theta: np.ndarray, rows: Rows) -> tuple[float, np.ndarray]:
        """Weighted log-likelihood of all rows and its gradient in the logs of the parameters.

        Terms that depend on the data and k alone are in `timing_constant`.
        """
        r, alpha, a, b = theta
        _, x, n_x = rows.by_x
        _, T, n_T, sum_x_T = rows.by_T
        R, beta = r + self.k * x, self._beta(b, x)
        value = n_x @ (gammaln(R) + betaln(a, beta)) - n_x.sum() * (gammaln(r) - r * np.log(alpha) + betaln(a, b))
        value -= (r * n_T + self.k * sum_x_T) @ np.log(alpha + T)
        psi_ab = psi(a + b) - n_x @ psi(a + beta) / n_x.sum()
        gradient = np.array(
            [
                n_x @ psi(R) - n_x.sum() * (psi(r) - np.log(alpha)) - n_T @ np.log(alpha + T),
                n_x.sum() * r / alpha - (r * n_T + self.k * sum_x_T) @ (1 / (alpha + T)),
                n_x.sum() * psi_ab,
                n_x @ psi(beta) - n_x.sum() * psi(b) + n_x.sum() * psi_ab,
            ]
        )
        more, more_gradient = self._state_terms(theta, rows)
        return value + more, (gradient + more_gradient) * theta

    def timing_constant(self, rows: Rows) -> float:
        """What the moment of the last purchase adds to the log-likelihood, given k: needed only to compare k."""
        return erlang_constant(rows, self.k)

    def states(self, theta, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Probability of being alive with j of k hidden steps made, one column per j; rows sum to P(alive)."""
        r, alpha, a, b = theta
        C, log_E = self._alive_and_stopped(r, alpha, a, b, x, t_x, T)
        total = np.sum(C, axis=0)
        alive = expit(np.log(total) - log_E)
        return np.stack([c / total * alive for c in C], axis=1)

    def orders_if_alive(self, theta, x, T, horizon: float, state: int) -> np.ndarray:
        """Expected purchases in (T, T + horizon] of a customer alive at T in hidden state j."""
        r, alpha, a, b = theta
        R, z = r + self.k * x + state, horizon / (alpha + T + horizon)
        return expected_with_dropout(R, z, a, self._beta(b, x), self.k, state)

    def tail_if_alive(self, theta, x, T, horizon: float, state: int, n) -> np.ndarray:
        """P(at least n ≥ 1 purchases in (T, T + horizon]) of a customer alive at T in state j; arrays broadcast."""
        r, alpha, a, b = theta
        R, z = r + self.k * x + state, horizon / (alpha + T + horizon)
        return tail_with_dropout(R, z, a, self._beta(b, x), self.k, state, n)

    def drawn_orders(self, theta, x, T, horizon: float, state, rng: np.random.Generator) -> np.ndarray:
        """One simulated number of purchases in (T, T + horizon] for each customer alive at T in the given states."""
        r, alpha, a, b = theta
        rate = rng.standard_gamma(r + self.k * x + state) / (alpha + T)
        steps = rng.poisson(np.minimum(rate * horizon, 1e15))
        made = (steps + state) // self.k
        before_stop = drawn_geometric(a, self._beta(b, x), rng)
        return np.minimum(made, before_stop)

    def first_gaps(self, theta, x: np.ndarray, t_x: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
        """Gap to the next purchase as it stood at the last one: k, and shape and scale of the rate (if not stopped)."""
        r, alpha, _, _ = theta
        return self.k, r + self.k * x, alpha + t_x

    def expected_of_new(self, theta, horizon: np.ndarray) -> np.ndarray:
        """Expected repeat purchases of a customer within `horizon` after the first purchase."""
        r, alpha, a, b = theta
        zero = np.zeros_like(horizon)
        stay = b / (a + b) if self.drops_at_first else 1.0
        z = horizon / (alpha + horizon)
        return stay * expected_with_dropout(r + zero, z, a, self._beta(b, zero), self.k, 0)

    def _beta(self, b: float, x: np.ndarray) -> np.ndarray:
        return b + x + (1.0 if self.drops_at_first else 0.0)

    def _alive_and_stopped(self, r, alpha, a, b, x, t_x, T):
        R = r + self.k * x
        C = phases(R, (T - t_x) / (alpha + T), self.k)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_E = np.log(a) - np.log(self._beta(b, x) - 1) + R * (np.log(alpha + T) - np.log(alpha + t_x))
        return C, log_E if self.drops_at_first else np.where(x > 0, log_E, -np.inf)

    def _state_terms(self, theta, rows: Rows) -> tuple[float, np.ndarray]:
        """Σ w log(C + E) and its gradient in (r, α, a, b); one pass over the rows, chunk by chunk."""
        r, alpha, a, b = theta
        x_of, x, _ = rows.by_x
        T_of, T, _, _ = rows.by_T
        t_of, t_x = rows.by_t_x
        log_T, log_t = np.log(alpha + T), np.log(alpha + t_x)
        inverse_T, inverse_t = 1 / (alpha + T), 1 / (alpha + t_x)
        can_stop = x >= (0 if self.drops_at_first else 1)
        beta_1 = np.where(can_stop, self._beta(b, x) - 1, 1.0)
        log_odds = np.where(can_stop, np.log(a) - np.log(beta_1), -np.inf)
        stopped_at = np.zeros(len(x))
        value, d_r, d_alpha = 0.0, 0.0, 0.0
        for part in chunks(len(rows.x)):
            code, at_T, at_t, w = x_of[part], T_of[part], t_of[part], rows.w[part]
            R = r + self.k * rows.x[part]
            apart = log_T[at_T] - log_t[at_t]
            log_E = log_odds[code] + R * apart
            if self.k == 1:
                small = np.exp(-np.abs(log_E))
                value += w @ (np.maximum(log_E, 0) + np.log1p(small))
                stopped = w * np.where(log_E > 0, 1.0, small) / (1 + small)
            else:
                step = (rows.T[part] - rows.t_x[part]) * inverse_T[at_T]
                C, C_r, C_alpha = phase_slopes(R, step, inverse_T[at_T], self.k)
                log_C = np.log(C)
                value += w @ np.logaddexp(log_C, log_E)
                share = expit(log_E - log_C)
                stopped = w * share
                still = w * (1 - share) / C
                d_r += still @ C_r
                d_alpha += still @ C_alpha
            d_r += stopped @ apart
            d_alpha += (stopped * R) @ (inverse_T[at_T] - inverse_t[at_t])
            stopped_at += np.bincount(code, stopped, len(x))
        return value, np.array([d_r, d_alpha, stopped_at.sum() / a, -(stopped_at / beta_1).sum()])


def phases(R, step, k: int) -> list[np.ndarray]:
    """(R)_j/j! · step^j for j < k: relative weight of having made j hidden steps since the last purchase."""
    C = [np.ones_like(step)]
    for j in range(1, k):
        C.append(C[-1] * (R + j - 1) / j * step)
    return C


def phase_slopes(R, step, inverse_T, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum of the phases, its derivative in r and its derivative in α (step = (T − t_x)/(α + T))."""
    C, harmonic = phases(R, step, k), np.zeros_like(step)
    total, slope_r, slope_alpha = C[0].copy(), np.zeros_like(step), np.zeros_like(step)
    for j in range(1, k):
        harmonic += 1 / (R + j - 1)
        total += C[j]
        slope_r += C[j] * harmonic
        slope_alpha -= j * C[j] * inverse_T
    return total, slope_r, slope_alpha


def erlang_constant(rows: Rows, k: int) -> float:
    """Σ log of what depends on k and the data alone, relative to k = 1; regular gaps make a large k likely.

    Of each gap Δ the Erlang-k density has the factor Δ^(k−1)/(k−1)!. Where only their sum t_x is known, that has the
    density of x gaps together, with the factor t_x^(kx−1)/Γ(kx); it tells k less sharply.
    """
    again = rows.x > 0
    x, t_x, w = rows.x[again], rows.t_x[again], rows.w[again]
    if rows.log_gaps is not None:
        return float((k - 1) * rows.log_gaps - w @ x * gammaln(k))
    shortest = t_x[t_x > 0].min(initial=np.inf)  # stands for spans of no length, which distinct days do not have
    return float(w @ ((k - 1) * x * np.log(np.maximum(t_x, min(shortest, 1.0))) - gammaln(k * x) + gammaln(x)))


def drawn_geometric(a: float, beta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Purchases made until the customer stops (1, 2, …), with p ~ Beta(a, β) drawn for each."""
    p = rng.beta(a, beta)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.ceil(np.log(rng.random(len(p))) / np.log1p(-p))
    return np.where(p > 0, np.clip(drawn, 1, 1e15), 1e15).astype(np.int64)
