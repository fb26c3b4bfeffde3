"""forecaster: any candidate of the tournament, fitted on what was known at a day."""

import pandas as pd

from .apart import Apart
from .cell_averages import cell_averages
from .days import Days
from .estimator import FitRefused
from .fitting import fit
from .naive import naive

SIMPLEST = "nbd"  # tried for customers of unknown birth where the model itself does not fit them


def forecaster(bought: Days, known: pd.DataFrame, *, model: str, origin: float, horizon: float, settings):
    """The forecast of `model` at `origin` (days since the beginning): it answers for any customer known then.

    In: `bought`, all purchase days (later ones are not looked at); `known`, `history_at` the origin with is_truncated.
    Parametric models are fitted on customers of known birth, and again on those of unknown birth alone (see `apart`);
    where either group is too small for that, on all together, and the note says so.
    Raises FitRefused when the model does not fit.
    """
    if model == "naive":
        return naive(bought, as_of=origin, horizon=horizon)
    if model == "cell_averages":
        return cell_averages(bought, as_of=origin, horizon=horizon, settings=settings)
    unknown = known["is_truncated"].to_numpy(bool)
    patterns = known[["repeat_days", "span_days", "observed_days"]]
    if not unknown.any() or unknown.all():
        return fit(patterns, model=model, settings=settings)
    if not (_is_enough(known[unknown], settings) and _is_enough(known[~unknown], settings)):
        return fit(patterns, model=model, settings=settings).noted("All customers together, unknown births included.")
    return Apart(
        fit(patterns[~unknown], model=model, settings=settings), _of_unknown(patterns[unknown], model, settings)
    )


def _is_enough(customers: pd.DataFrame, settings) -> bool:
    repeaters = (customers["repeat_days"] > 0).sum()
    return len(customers) >= settings.value.min_customers and repeaters >= settings.value.min_repeaters


def _of_unknown(patterns: pd.DataFrame, model: str, settings):
    try:
        return fit(patterns, model=model, settings=settings)
    except FitRefused:
        return fit(patterns, model=SIMPLEST, settings=settings)
