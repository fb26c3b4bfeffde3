"""The estimator: maximum likelihood in the logs of the parameters, with every bad end found and said.

Declared starts; quasi-Newton steps with the analytic gradient (on averaged rows first when there are many), then Newton
steps on all rows until the gradient is nothing; at the end the Hessian must be that of a maximum. A fit that ends at a
bound, on a ridge or nowhere raises FitRefused: it is never returned as numbers.
"""

from dataclasses import dataclass

import numpy as np

from ...foundation.errors import RapportError

SHAPE_BOUNDS = (1e-4, 1e4)  # of parameters without a unit
TIME_BOUNDS = (1e-5, 1e4)  # of parameters measured in time, relative to the customers' mean age
WIDEST = 3.0  # standard error of the log of a parameter above which the data do not tell its size
CLIMBED = 1e-6  # gradient per customer at which the first climb may stop
MOST_STEPS = 150
LONGEST = 2.0  # longest step, in the log of a parameter
STILL = 5e-10  # gradient per customer at which the maximum is reached
STILL_ENOUGH = 1e-7  # gradient per customer that is accepted when rounding allows no better


class FitRefused(RapportError):
    """A model cannot be fitted to these customers, and why; the kit then uses another, or a rule.

    `likelihood` is the log-likelihood where the fit ended badly, None where it never began.
    """

    likelihood: float | None = None


@dataclass(frozen=True)
class Maximum:
    """Where the likelihood is largest: logs of the parameters, its value, gradient per customer, covariance."""

    logs: np.ndarray
    value: float
    gradient: float
    covariance: np.ndarray


def maximum(model, rows, rough) -> Maximum:
    """The maximum of `model.log_likelihood` over `rows`. Raises FitRefused at a bound, on a ridge, without a maximum.

    `rough` is a smaller set of rows with nearly the same likelihood, or `rows` itself: the climb and the curvature are
    taken there, the end is reached on `rows`.
    """
    starts = [np.log(start) for start in model.starts(rows)]
    bounds = [np.log(TIME_BOUNDS) + np.log(rows.age) if timed else np.log(SHAPE_BOUNDS) for timed in model.scales]
    logs, at_bound = _climbed(_objective(model, rough), starts, bounds)
    if at_bound.any():
        names = ", ".join(name for name, ended in zip(model.parameters, at_bound) if ended)
        raise _refused(model, rows, logs, f"{names} ran to the end of the possible")
    hessian = _hessian(_objective(model, rough), logs)
    logs, gradient, value = _newton(_objective(model, rows), logs, STILL, hessian)
    if not gradient <= STILL_ENOUGH:
        raise _refused(model, rows, logs, "the likelihood has no maximum that can be reached")
    hessian = _hessian(_objective(model, rough), logs)
    covariance = _covariance(hessian * rows.customers)
    if covariance is None:
        raise _refused(model, rows, logs, "where the likelihood is largest it is flat, or no maximum at all")
    wide = [name for name, error in zip(model.parameters, np.sqrt(np.diag(covariance))) if error > WIDEST]
    if wide:
        raise _refused(model, rows, logs, f"the data do not tell the size of {', '.join(wide)}")
    return Maximum(logs, -value * rows.customers, gradient, covariance)


def _objective(model, rows):
    """Minus the log-likelihood per customer and its gradient; where it cannot be computed, very bad."""

    def objective(logs):
        with np.errstate(all="ignore"):
            value, gradient = model.log_likelihood(np.exp(logs), rows)
        if not (np.isfinite(value) and np.all(np.isfinite(gradient))):
            return 1e10, np.zeros_like(logs)
        return -value / rows.customers, -gradient / rows.customers

    return objective


def _climbed(objective, starts, bounds) -> tuple[np.ndarray, np.ndarray]:
    """Where the climb ends, and which parameters ended at a bound; later starts only after a bad end."""
    low, high = np.array(bounds).T
    best, best_value, best_outside = None, np.inf, None
    for start in starts:
        logs, value, gradient = _bfgs(objective, start, low, high)
        outside = (logs <= low) | (logs >= high)
        good = not outside.any() and np.abs(gradient).max() < CLIMBED * 10
        if best is None or good or value < best_value - 1e-9:
            best, best_value, best_outside = logs, value, outside
        if good:
            break
    return best, best_outside


def _bfgs(objective, logs, low, high) -> tuple[np.ndarray, float, np.ndarray]:
    """Quasi-Newton descent (BFGS) from a true Hessian, halving steps that do not help; it stops at the bounds.

    With two to four parameters the whole matrix is kept; scipy's L-BFGS-B spends longer in its own calls than in the
    likelihood when other processes share the machine.
    """
    value, gradient = objective(logs)
    inverse = _inverse_of_positive(_hessian(objective, logs))
    for _ in range(MOST_STEPS):
        if np.abs(gradient).max() < CLIMBED:
            break
        step = -inverse @ gradient
        step *= min(1.0, LONGEST / np.abs(step).max())
        slope = gradient @ step
        for _ in range(20):
            ahead = np.clip(logs + step, low, high)
            next_value, next_gradient = objective(ahead)
            if next_value <= value + 1e-4 * min(slope, 0.0) + 1e-14 * abs(value):
                break
            step, slope = step / 2, slope / 2
        else:
            break
        inverse = _learned(inverse, ahead - logs, next_gradient - gradient)
        logs, value, gradient = ahead, next_value, next_gradient
        if np.any((logs <= low) | (logs >= high)):
            break
    return logs, value, gradient


def _newton(objective, logs, still, hessian=None) -> tuple[np.ndarray, float, float]:
    """Newton steps to a gradient below `still`; the inverse Hessian learns from each step, and is renewed when slow.

    Out: where it ends, the gradient and the objective there.
    """
    value, gradient = objective(logs)
    size, renewed = np.abs(gradient).max(), hessian is None
    inverse = _inverse_of_positive(_hessian(objective, logs) if renewed else hessian)
    for _ in range(30):
        if size <= still:
            break
        step = -inverse @ gradient
        step *= min(1.0, 1.0 / np.abs(step).max())
        for _ in range(12):
            next_value, next_gradient = objective(logs + step)
            next_size = np.abs(next_gradient).max()
            if next_value < value + 1e-12 * abs(value) and (next_size < size or next_value < value - 1e-9):
                break
            step = step / 2
        else:
            if renewed:
                break
            inverse, renewed = _inverse_of_positive(_hessian(objective, logs)), True
            continue
        slow = next_size > 0.3 * size
        inverse = _learned(inverse, step, next_gradient - gradient)
        logs, value, gradient, size = logs + step, next_value, next_gradient, next_size
        if slow:
            inverse, renewed = _inverse_of_positive(_hessian(objective, logs)), True
    return logs, size, value


def _learned(inverse, moved, turned) -> np.ndarray:
    """The BFGS update: the inverse Hessian that agrees with how far the gradient turned along the last step."""
    along = moved @ turned
    if along <= 1e-12 * np.abs(moved).max() * np.abs(turned).max():
        return inverse
    fold = np.eye(len(moved)) - np.outer(moved, turned) / along
    return fold @ inverse @ fold.T + np.outer(moved, moved) / along


def _inverse_of_positive(hessian) -> np.ndarray:
    values, vectors = np.linalg.eigh(hessian)
    return (vectors / np.maximum(np.abs(values), 1e-8)) @ vectors.T


def _hessian(objective, logs, width=1e-4) -> np.ndarray:
    """Second derivatives by central differences of the analytic gradient."""
    shifts = np.eye(len(logs)) * width
    columns = [(objective(logs + shift)[1] - objective(logs - shift)[1]) / (2 * width) for shift in shifts]
    return (np.array(columns) + np.array(columns).T) / 2


def _covariance(information) -> np.ndarray | None:
    values, vectors = np.linalg.eigh(information)
    if values.min() <= 1e-12 * values.max() or values.min() <= 0:
        return None
    return vectors @ np.diag(1 / values) @ vectors.T


def _refused(model, rows, logs, why: str) -> FitRefused:
    refusal = FitRefused(
        f"{model.name} does not fit these customers: {why}.",
        "maximum of its likelihood",
        "use another model of the tournament; a longer history or known dates of birth help.",
    )
    refusal.likelihood = -_objective(model, rows)(logs)[0] * rows.customers
    return refusal
