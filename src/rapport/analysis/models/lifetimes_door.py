"""The one door to the library `lifetimes` (archived upstream): an analyst's fitter, and a second opinion on every fit.

Importing it sets a pandas option and silences all FutureWarnings; both are put back. Its parameters of time have other
names (alpha, beta as here; Gamma-Gamma's γ is its v), its likelihoods are per customer, and it has no model for regular
buyers: MBG/CNBD-k can be handed over only when k = 1.
"""

import warnings

import numpy as np
import pandas as pd

from .estimator import FitRefused
from .fitted import Fit
from .fitting import fit
from .rows import symbols

FITTERS = {"bg_nbd": "BetaGeoFitter", "mbg_nbd": "ModifiedBetaGeoFitter", "pareto_nbd": "ParetoNBDFitter"}
SAMPLE = {"bg_nbd": 100_000, "mbg_nbd": 100_000, "pareto_nbd": 1_000}  # patterns it is given: it is slow


def as_lifetimes(fitted: Fit, patterns: pd.DataFrame):
    """Our fit as a fitter of `lifetimes`, as if it had been fitted there: parameters, errors, data, predict.

    In: `patterns` (repeat_days, span_days, observed_days; customers as weight). Covariances are ours: of its own the
    library scales only the columns. Raises FitRefused for a model the library does not have.
    """
    name = _standard(fitted)
    fitter = getattr(_lifetimes(), FITTERS[name])()
    x, t_x, T = symbols(patterns)
    weights = patterns["customers"].to_numpy(float) if "customers" in patterns else np.ones(len(x))
    theta = pd.Series(fitted.parameters)
    fitter.params_ = theta
    fitter.data = pd.DataFrame({"frequency": x.astype(int), "recency": t_x, "T": T, "weights": weights})
    fitter._scale = 1.0 / T.max()
    fitter._negative_log_likelihood_ = -(fitted.log_likelihood + _unit(x, T, weights)) / weights.sum()
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    natural = fitted.covariance * np.outer(theta, theta)
    fitter.variance_matrix_ = pd.DataFrame(natural, index=theta.index, columns=theta.index)
    fitter.standard_errors_ = pd.Series(np.sqrt(np.diag(natural)), index=theta.index)
    half = 1.96 * fitter.standard_errors_
    fitter.confidence_intervals_ = pd.DataFrame({"lower 95% bound": theta - half, "upper 95% bound": theta + half})
    return fitter


def second_opinion(fitted: Fit, patterns: pd.DataFrame, *, settings) -> pd.DataFrame:
    """What `lifetimes` finds when it fits the same model to the same customers (or a sample of them), beside ours.

    Out: one row per parameter and one each for log_likelihood and expected_orders (over as long as the oldest customer
    was observed): name, ours, theirs, difference (relative). Both are fitted on the rows named in `customers`. `theirs`
    is empty when the library fails, and `note` holds its words.
    Raises FitRefused for a model the library does not have.
    """
    name = _standard(fitted)
    clean = patterns[~patterns["is_truncated"].to_numpy(bool)] if "is_truncated" in patterns else patterns
    if len(clean) > SAMPLE[name]:
        clean = clean.sample(SAMPLE[name], random_state=settings.value.seed)
        fitted = fit(clean, model=name, settings=settings)
    x, t_x, T = symbols(clean)
    weights = clean["customers"].to_numpy(float) if "customers" in clean else np.ones(len(x))
    horizon = float(T.max())
    ours = {
        **fitted.parameters,
        "log_likelihood": fitted.log_likelihood,
        "expected_orders": float(fitted.expected_orders(clean, horizon=horizon) @ weights),
    }
    theirs, note = _their_fit(name, x, t_x, T, weights, horizon, settings.value.seed)
    table = pd.DataFrame({"name": list(ours), "ours": list(ours.values())})
    table["theirs"] = table["name"].map(theirs).astype(float)
    table["difference"] = table["theirs"] / table["ours"] - 1
    return table.assign(customers=round(weights.sum()), note=note)


def _their_fit(name, x, t_x, T, weights, horizon, seed) -> tuple[dict, str]:
    state = np.random.get_state()  # its Pareto/NBD starts from the global generator
    try:
        np.random.seed(seed % 2**32)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            fitter = getattr(_lifetimes(), FITTERS[name])()
            fitter.fit(x, t_x, T, weights=weights, verbose=False)
            expected = fitter.conditional_expected_number_of_purchases_up_to_time(horizon, x, t_x, T)
            customers = weights.mean() if name == "pareto_nbd" else weights.sum()
    except Exception as error:  # whatever an archived library raises is its opinion, not our failure
        return {}, f"lifetimes gave no result: {type(error).__name__}"
    finally:
        np.random.set_state(state)
    unanswered = ~np.isfinite(expected)
    note = f"lifetimes has no number for {weights[unanswered].sum():,.0f} customers" if unanswered.any() else ""
    expected_total = float(np.nansum(expected * weights))
    likelihood = -fitter._negative_log_likelihood_ * customers - _unit(x, T, weights)
    return {**fitter.params_.to_dict(), "log_likelihood": likelihood, "expected_orders": expected_total}, note


def _unit(x, T, weights) -> float:
    """What the library's log-likelihood gains by measuring time in units of the longest T."""
    return float(weights @ x * np.log(T.max()))


def _standard(fitted: Fit) -> str:
    name = "mbg_nbd" if fitted.model == "mbg_cnbd_k" and fitted.law.k == 1 else fitted.model
    if name not in FITTERS:
        raise FitRefused(
            f"the library lifetimes has no {fitted.model}.", "models.as_lifetimes", f"hand over {', '.join(FITTERS)}."
        )
    return name


def _lifetimes():
    """The library, imported without its side effects."""
    chained = pd.get_option("mode.chained_assignment")
    with warnings.catch_warnings():
        import lifetimes
    pd.set_option("mode.chained_assignment", chained)
    return lifetimes
