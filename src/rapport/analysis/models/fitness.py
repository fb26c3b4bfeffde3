"""What was fitted, with how much uncertainty: every parameter of the forecast and of spending, with its interval."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ...foundation.finding import Finding, not_available
from .fitted import Fit

LEVEL = 0.9
SPENDING = ("p", "q", "gamma")
COLUMNS = ["of", "model", "parameter", "value", "low", "high", "customers", "log_likelihood"]


def parameters(forecast, spend) -> pd.DataFrame:
    """One row per parameter: of (known_birth, unknown_birth, spending), model, parameter, value, low, high (90 %).

    customers: those it was fitted on; log_likelihood of the whole fit. Times are in days, γ is in money. In: the forecast
    in use (None when there is none) and the spend model. Cases: naive and cell averages have no parameters; where
    spending was not fitted the intervals are empty; a band of frequency stands behind the name of its model.
    """
    rows = []
    parts = {} if forecast is None else {"known_birth": forecast.known, "unknown_birth": forecast.unknown}
    for of, fit in parts.items():
        if isinstance(fit, Fit):
            about = {"of": of, "model": fit.model, "customers": fit.customers, "log_likelihood": fit.log_likelihood}
            rows += [about | dict(row) for row in fit.intervals(LEVEL).to_dict("records")]
    for band, (lowest, theta) in enumerate(zip(spend.lowest, spend.theta)):
        known = band < len(spend.covariances)
        error = np.sqrt(np.diag(spend.covariances[band])) if known else np.full(len(theta), np.nan)
        half = ndtri((1 + LEVEL) / 2) * error
        model = spend.method if len(spend.lowest) == 1 else f"{spend.method}, from {lowest:g} repeat days"
        about = {"of": "spending", "model": model, "customers": spend.customers[band],
                 "log_likelihood": spend.log_likelihood[band]}  # fmt: skip
        for name, figure, width in zip(SPENDING, theta, half):
            ends = {"low": figure * np.exp(-width), "high": figure * np.exp(width)}
            rows.append(about | {"parameter": name, "value": figure} | ends)
    return pd.DataFrame(rows, columns=COLUMNS)


def independence(spend, *, settings, as_of: pd.Timestamp) -> Finding:
    """The finding value.independence: rank correlation of how often customers buy and what they spend on a day.

    One model of spending asks for little of it. parts: method, note (why this method), most (the limit beyond which
    bands of frequency are fitted apart). Not available without repeat customers.
    """
    day, n = as_of.date().isoformat(), int(sum(spend.customers))
    if not n:
        return not_available("value.independence", "no customer has bought again", unit="ratio", as_of=day)
    return Finding(
        id="value.independence", value=spend.correlation, unit="ratio", n=n, as_of=day,
        basis="customers with a repeat purchase", because="" if spend.method == "gamma_gamma" else spend.note,
        parts={"method": spend.method, "most": settings.value.max_correlation},
    )  # fmt: skip
