"""fit: a buying model fitted on `patterns`."""

import numpy as np
import pandas as pd

from .bg_nbd import BG_NBD
from .estimator import FitRefused, Maximum, maximum
from .fitted import Fit
from .mbg_cnbd_k import MBG_CNBD, MOST_REGULAR
from .mbg_nbd import MBG_NBD
from .nbd import Nbd
from .pareto_nbd import ParetoNbd
from .rows import Rows, binned_or_same, rows

NBD = tuple(Nbd(k) for k in range(1, MOST_REGULAR + 1))
LAWS = {
    "bg_nbd": (BG_NBD,),
    "mbg_nbd": (MBG_NBD,),
    "pareto_nbd": (ParetoNbd(),),
    "mbg_cnbd_k": MBG_CNBD,
    "nbd": NBD,
}


def fit(patterns: pd.DataFrame, *, model: str, settings) -> Fit:
    """The buying model named `model` (a key of LAWS), fitted by maximum likelihood.

    In: `patterns`, one row per distinct pattern with `customers` as weight (or one row per customer without it), in any
    time unit. Rows with `is_truncated` are left out: their birth is unknown. Where the model has several k, the
    likeliest is taken, from all gaps where the table has `log_gaps` (the sum of the logs of a customer's gaps), else
    from span_days.
    Raises FitRefused below settings.value.min_customers or min_repeaters, and when the likelihood has no maximum.
    """
    clean, note = _clean(patterns)
    data = rows(clean)
    _enough(data, model, settings)
    law, end = _likeliest(LAWS[model], data)
    if len(LAWS[model]) > 1:
        note = f"k = {law.k} chosen by likelihood. {note}".strip()
    return Fit(
        model=model,
        law=law,
        parameters=dict(zip(law.parameters, map(float, np.exp(end.logs)))),
        covariance=end.covariance,
        log_likelihood=float(end.value),
        gradient=float(end.gradient),
        customers=round(data.customers),
        repeaters=round(data.repeaters),
        note=note,
    )


def _likeliest(laws, data: Rows) -> tuple[object, Maximum]:
    """The law under which the data are likeliest, and its maximum; k rises while that helps.

    Raises FitRefused when the likeliest of them ended badly.
    """
    best, best_score = None, -np.inf
    for law in laws:
        constant = law.timing_constant(data) if len(laws) > 1 else 0.0
        try:
            end = maximum(law, data, binned_or_same(data))
            score, found = end.value + constant, (law, end)
        except FitRefused as refusal:
            score, found = refusal.likelihood + constant, refusal
        if score < best_score:
            break
        best, best_score = found, score
    if isinstance(best, FitRefused):
        raise best
    return best


def _clean(patterns: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    known = patterns["repeat_days"].notna() & patterns["observed_days"].notna()
    if "is_truncated" not in patterns:
        return patterns[known], ""
    truncated = patterns["is_truncated"].to_numpy(bool) & known.to_numpy()
    left_out = patterns.loc[truncated, "customers"].sum() if "customers" in patterns else truncated.sum()
    note = f"{left_out:,} customers of unknown birth were left out." if left_out else ""
    return patterns[known & ~truncated], note


def _enough(data: Rows, model: str, settings) -> None:
    if len(data.x) and data.T.max() <= 0:
        raise FitRefused(
            f"{model} needs time after the first purchase.", "patterns.observed_days", "wait for more data."
        )
    for what, have, need in (
        ("customers", data.customers, settings.value.min_customers),
        ("customers with a repeat purchase", data.repeaters, settings.value.min_repeaters),
    ):
        if have < need:
            raise FitRefused(
                f"{model} needs {need:,} {what} and has {have:,.0f}.", "patterns", "use the rule-based values instead."
            )
