"""A second opinion on every run: the library `lifetimes` fitted to the same customers, beside our fit."""

import pandas as pd

from .estimator import FitRefused
from .fitting import fit
from .lifetimes_door import FITTERS, second_opinion


def opinion(patterns: pd.DataFrame, forecast, *, settings) -> pd.DataFrame:
    """Our fit and that of `lifetimes`, of the model in use, or of BG/NBD where the library lacks it.

    In: `patterns` (customers of unknown birth are left out); `forecast`, None when no model was used. Out: the table of
    `second_opinion` with the model named; one row that says why when nothing could be fitted.
    """
    known = patterns[~patterns["is_truncated"].to_numpy(bool)]
    model = forecast.model if forecast is not None and forecast.model in FITTERS else "bg_nbd"
    try:
        table = second_opinion(fit(known, model=model, settings=settings), known, settings=settings)
    except FitRefused as refusal:
        return pd.DataFrame({"model": [model], "note": [refusal.what]})
    return table.assign(model=model)[["model", *table.columns]]
