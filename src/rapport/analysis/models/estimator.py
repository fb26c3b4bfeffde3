"""The estimator: maximum likelihood in the logs of the parameters, with every bad end found and said.

Declared starts; L-BFGS with the analytic gradient (on averaged rows first when there are many), then Newton steps on
all rows until the gradient is nothing; at the end the Hessian must be that of a maximum. A fit that ends at a bound, on
a ridge or nowhere raises FitRefused: it is never returned as numbers.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from ...foundation.errors import RapportError

SHAPE_BOUNDS = (1e-4, 1e4)  # of parameters without a unit
TIME_BOUNDS = (1e-5, 1e4)  # of parameters measured in time, relative to the customers' mean age
WIDEST = 3.0  # standard error of the log of a parameter above which the data do not tell its size
STILL = 1e-10  # gradient per customer at which the maximum is reached
STILL_ENOUGH = 1e-7  # gradient per customer that is accepted when rounding allows no better


class FitRefused(RapportError):
    """A model cannot be fitted to these customers, and why; the kit then uses another, or a rule."""


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
    logs = _climbed(_objective(model, rough), starts, bounds)
    at_bound = [
        name for name, at, (low, high) in zip(model.parameters, logs, bounds) if not low + 0.01 < at < high - 0.01
    ]
    if at_bound:
        raise _refused(model, f"{', '.join(at_bound)} ran to the end of the possible")
    if rough is not rows:
        logs = _newton(_objective(model, rough), logs, STILL_ENOUGH)[0]
    hessian = _hessian(_objective(model, rough), logs)
    logs, gradient = _newton(_objective(model, rows), logs, STILL, hessian)
    if not gradient <= STILL_ENOUGH:
        raise _refused(model, "the likelihood has no maximum that can be reached")
    hessian = _hessian(_objective(model, rough), logs)
    covariance = _covariance(hessian * rows.customers)
    if covariance is None:
        raise _refused(model, "where the likelihood is largest it is flat, or no maximum at all")
    wide = [name for name, error in zip(model.parameters, np.sqrt(np.diag(covariance))) if error > WIDEST]
    if wide:
        raise _refused(model, f"the data do not tell the size of {', '.join(wide)}")
    value, _ = model.log_likelihood(np.exp(logs), rows)
    return Maximum(logs, value, gradient, covariance)


def _objective(model, rows):
    """Minus the log-likelihood per customer and its gradient; where it cannot be computed, very bad."""

    def objective(logs):
        with np.errstate(all="ignore"):
            value, gradient = model.log_likelihood(np.exp(logs), rows)
        if not (np.isfinite(value) and np.all(np.isfinite(gradient))):
            return 1e10, np.zeros_like(logs)
        return -value / rows.customers, -gradient / rows.customers

    return objective


def _climbed(objective, starts, bounds) -> np.ndarray:
    """The best end over the declared starts; the later ones are tried only when an earlier one ends badly."""
    best, best_value = starts[0], np.inf
    for start in starts:
        end = minimize(
            objective, start, jac=True, method="L-BFGS-B", bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7},
        )  # fmt: skip
        if end.fun < best_value:
            best, best_value = end.x, end.fun
        inside = all(low + 0.01 < at < high - 0.01 for at, (low, high) in zip(end.x, bounds))
        if inside and np.abs(end.jac).max() < 1e-4:
            break
    return best


def _newton(objective, logs, still, hessian=None) -> tuple[np.ndarray, float]:
    """Newton steps to a gradient below `still`, halved while they do not help; a Hessian that is slow is renewed."""
    value, gradient = objective(logs)
    size, renewed = np.abs(gradient).max(), hessian is None
    hessian = _hessian(objective, logs) if renewed else hessian
    for _ in range(30):
        if size <= still:
            break
        step = _solved(hessian, gradient)
        for _ in range(12):
            next_value, next_gradient = objective(logs - step)
            next_size = np.abs(next_gradient).max()
            if next_value < value + 1e-12 * abs(value) and (next_size < size or next_value < value - 1e-9):
                break
            step = step / 2
        else:
            if renewed:
                break
            hessian, renewed = _hessian(objective, logs), True
            continue
        slow = next_size > 0.3 * size
        logs, value, gradient, size = logs - step, next_value, next_gradient, next_size
        if slow:
            hessian, renewed = _hessian(objective, logs), True
    return logs, size


def _solved(hessian, gradient) -> np.ndarray:
    """The Newton step, with negative curvature turned round and no step longer than one in any log."""
    values, vectors = np.linalg.eigh(hessian)
    step = vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), 1e-10))
    return step / max(1.0, np.abs(step).max())


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


def _refused(model, why: str) -> FitRefused:
    return FitRefused(
        f"{model.name} does not fit these customers: {why}.",
        "maximum of its likelihood",
        "use another model of the tournament; a longer history or known dates of birth help.",
    )
