"""How many purchases a living customer makes: a negative binomial number of hidden steps, cut short by dropout.

Of a customer alive now let the hidden steps N in the horizon be NB(R, z), P(N = m) = (R)_m/m! (1−z)^R z^m; every k-th
step is a purchase, and `state` steps are already made. After each purchase the customer stops with probability p,
p ~ Beta(a, β), so that it is still there after n purchases with probability s_n = B(a, β+n)/B(a, β). Then
    P(at least n purchases) = s_{n−1} · P(N ≥ kn − state),
    E(purchases)            = Σ_m P(N = m) · G(⌊(m + state)/k⌋),  G(M) = s_0 + … + s_{M−1}.
All terms are positive, so nothing cancels. For k = 1 the sum has the closed form with Gauss' ₂F₁ (Fader, Hardie & Lee
2005, eq. 10), which is used wherever it is finite and a is not close to its pole at 1.
"""

import numpy as np
from scipy.special import betainc, betaln, gammaln, hyp2f1

TAIL = 1e-15  # probability beyond which hidden steps are not summed
MOST_TERMS = 4096  # above this many steps the sum is taken in strides
NODES = 32  # Chebyshev nodes between which the sum is interpolated
BLOCK = 2_000_000  # numbers worked on at a time
POLE = 1e-2  # distance from a = 1 within which the closed form loses digits


def expected_with_dropout(R, z, a: float, beta, k: int, state: int) -> np.ndarray:
    """Expected purchases of living customers; R, z, β are arrays, one entry per customer. Finite for all inputs."""
    R, z, beta = np.broadcast_arrays(*(np.asarray(part, float) for part in (R, z, beta)))
    out = np.full(R.shape, np.nan)
    if k == 1 and abs(a - 1) > POLE:
        with np.errstate(all="ignore"):
            apart = 1 - np.exp(R * np.log1p(-z)) * hyp2f1(R, beta, a + beta - 1, z)
            out = (a + beta - 1) / (a - 1) * apart
        out[~(np.abs(apart) > 1e-5)] = np.nan
    rest = np.flatnonzero(~np.isfinite(out))
    out[rest] = _summed(R[rest], z[rest], a, beta[rest], k, state)
    return out


def tail_with_dropout(R, z, a: float, beta, k: int, state: int, n) -> np.ndarray:
    """P(at least n purchases) of living customers; R, z, β and n ≥ 1 are arrays that broadcast against each other."""
    return np.exp(betaln(a, beta + n - 1) - betaln(a, beta)) * betainc(k * n - state, R, z)


def _summed(R, z, a, beta, k, state) -> np.ndarray:
    """The sum for every row; where many rows differ in z only, between Chebyshev nodes in log(1 − z).

    In that variable the expectation is analytic in a strip of half-width π, so that NODES nodes give all digits.
    """
    _, first, code, count = np.unique(R, return_index=True, return_inverse=True, return_counts=True)
    many = (count > 2 * NODES)[code] & (beta == beta[first][code])
    out = np.empty(len(R))
    out[~many] = _direct(R[~many], z[~many], a, beta[~many], k, state)
    if many.any():
        out[many] = _between_nodes(R, np.log1p(-z), a, beta, k, state, np.flatnonzero(many), code)
    return out


def _between_nodes(R, u, a, beta, k, state, rows, code) -> np.ndarray:
    kinds, at = np.unique(code[rows], return_inverse=True)
    low, high = np.full(len(kinds), np.inf), np.full(len(kinds), -np.inf)
    np.minimum.at(low, at, u[rows])
    np.maximum.at(high, at, u[rows])
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1e-12)
    angle = (np.arange(NODES) + 0.5) * np.pi / NODES
    node = middle[:, None] + half[:, None] * np.cos(angle)
    member = np.zeros(len(kinds), dtype=np.int64)
    member[at] = rows
    repeated = np.repeat(member, NODES)
    value = _direct(R[repeated], -np.expm1(node.ravel()), a, beta[repeated], k, state).reshape(node.shape)
    series = value @ np.cos(angle[:, None] * np.arange(NODES)) * 2 / NODES
    series[:, 0] /= 2
    out = np.empty(len(rows))
    for start in range(0, len(rows), BLOCK // NODES):
        part = slice(start, start + BLOCK // NODES)
        place = np.arccos(np.clip((u[rows[part]] - middle[at[part]]) / half[at[part]], -1, 1))
        out[part] = np.einsum("ij,ij->i", series[at[part]], np.cos(place[:, None] * np.arange(NODES)))
    return np.maximum(out, 0.0)


def _direct(R, z, a, beta, k, state) -> np.ndarray:
    out = np.zeros(len(R))
    last = _upper_steps(R, z)
    order = np.argsort(last)
    cuts = np.searchsorted(np.cumsum(last[order] + 1.0), np.arange(BLOCK, (last + 1.0).sum(), BLOCK))
    for part in np.split(order, np.unique(cuts)):
        if len(part):
            most = last[part].max()
            block = _every_step if most <= MOST_TERMS else _in_strides
            out[part] = block(R[part], z[part], a, beta[part], k, state, most)
    return out


def _every_step(R, z, a, beta, k, state, last) -> np.ndarray:
    """Σ P(N = m) G(⌊(m + state)/k⌋) over m = 0 … last, each factor from the one before."""
    m = np.arange(1.0, last + 1)
    log_pmf = np.zeros((len(R), last + 1))
    log_pmf[:, 1:] = np.cumsum(np.log((R[:, None] + (m - 1)) / m * np.maximum(z, 1e-300)[:, None]), axis=1)
    log_pmf += (R * np.log1p(-z))[:, None]
    n = np.arange((last + state) // k)
    stay = np.cumprod((beta[:, None] + n) / (a + beta[:, None] + n), axis=1)
    total = np.zeros((len(R), len(n) + 1))
    if len(n):
        total[:, 1] = 1.0
        total[:, 2:] = 1.0 + np.cumsum(stay[:, :-1], axis=1)
    made = (np.arange(last + 1) + state) // k
    return np.einsum("ij,ij->i", np.exp(log_pmf), total[:, made])


def _in_strides(R, z, a, beta, k, state, last) -> np.ndarray:
    """The same for very many steps: all of the first, then every so many, standing for those around it.

    G(M) by its closed form [a+β−1 − (a+β+M−1) B(a, β+M)/B(a, β)] / (a−1); a is kept off its pole.
    """
    width = -(-(last - MOST_TERMS) // MOST_TERMS)
    later = np.arange(MOST_TERMS, last + width, width, dtype=float)
    m = np.concatenate([np.arange(float(MOST_TERMS)), later + width // 2])
    stands_for = np.concatenate([np.ones(MOST_TERMS), np.full_like(later, width)])
    log_pmf = gammaln(R[:, None] + m) - gammaln(R)[:, None] - gammaln(m + 1)
    log_pmf += (R * np.log1p(-z))[:, None] + m * np.log(np.maximum(z, 1e-300))[:, None]
    weight = stands_for * np.exp(log_pmf)
    weight /= weight.sum(axis=1, keepdims=True)
    a = a if abs(a - 1) > 1e-6 else 1 + 1e-6
    beta, M = beta[:, None], (m + state) // k
    log_ratio = np.log1p(M / (a + beta - 1)) + betaln(a, beta + M) - betaln(a, beta)
    return np.einsum("ij,ij->i", weight, (a + beta - 1) / (1 - a) * np.expm1(log_ratio))


def _upper_steps(R, z) -> np.ndarray:
    mean = R * z / (1 - z)
    sd = np.sqrt(mean / (1 - z))
    tail = np.log(TAIL) / np.log(np.clip(z, 1e-12, 1 - 1e-12))
    return np.ceil(np.clip(np.minimum(mean + 12 * sd, mean + 4 * sd + tail) + 30, 1, 1e9)).astype(np.int64)
