"""forecaster: any candidate of the tournament, fitted on what was known at a day."""

import pandas as pd

from .cell_averages import cell_averages
from .days import Days
from .estimator import FitRefused
from .fitted import Fit
from .fitting import fit
from .forecast import Forecast
from .naive import naive
from .season import season

SIMPLEST = "nbd"  # tried for customers of unknown birth where the model itself does not fit them


def forecaster(bought: Days, known: pd.DataFrame, *, model: str, origin: float, horizon: float, settings) -> Forecast:
    """The forecast of `model` at `origin` (days since the beginning): it answers for any customer known then.

    In: `bought`, all purchase days (later ones are not looked at); `known`, `history_at` the origin with is_truncated.
    Parametric models are fitted on customers of known birth, and again on those of unknown birth alone; where these are
    too few, they are foreseen by the first fit, and where those are too few, all are fitted together; the note says so.
    Cell averages and naive need no birth.
    Raises FitRefused when the model does not fit.
    """
    start = bought.begin + pd.Timedelta(days=origin)
    learned = f"Learned over {horizon:,.0f} days; beyond them the mean rate goes on."
    if model == "naive":
        return Forecast(naive(bought, as_of=origin, horizon=horizon), start, note=learned)
    if model == "cell_averages":
        return Forecast(cell_averages(bought, as_of=origin, horizon=horizon, settings=settings), start, note=learned)
    months = season(bought, until=origin)
    notes = [months.note] if months.note else []
    unknown = known["is_truncated"].to_numpy(bool)
    patterns = known[["repeat_days", "span_days", "observed_days", "log_gaps"]]
    other = None
    if not _is_enough(known[~unknown], settings):
        notes += ["All customers were fitted together, unknown births included."] if unknown.any() else []
        one = fit(patterns, model=model, settings=settings)
    else:
        one = fit(patterns[~unknown], model=model, settings=settings)
        if _is_enough(known[unknown], settings):
            other = _of_unknown(patterns[unknown], model, settings)
            by = "the same model" if other.model == model else "a model in which nobody stops"
            notes += [f"{unknown.sum():,} customers of unknown birth apart, by {by}.", other.note]
        elif unknown.any():
            notes += [f"{unknown.sum():,} customers of unknown birth were not used to fit."]
    note = " ".join(part for part in (one.note, *notes) if part)
    return Forecast(one, start, unknown=other, season=months if months.differs else None, note=note)


def _is_enough(customers: pd.DataFrame, settings) -> bool:
    repeaters = (customers["repeat_days"] > 0).sum()
    return len(customers) >= settings.value.min_customers and repeaters >= settings.value.min_repeaters


def _of_unknown(patterns: pd.DataFrame, model: str, settings) -> Fit:
    try:
        return fit(patterns, model=model, settings=settings)
    except FitRefused:
        return fit(patterns, model=SIMPLEST, settings=settings)
