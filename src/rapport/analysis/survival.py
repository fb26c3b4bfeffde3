"""lifelines' door: how long until something happens, when for many it has not happened yet."""

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter

SECOND, RETURN, STAYING = "second purchase", "return after silence", "staying"


def curve(durations, happened, *, level: float, weights=None, entries=None) -> pd.DataFrame:
    """The Kaplan–Meier share to whom it has not happened yet, by day.

    In: durations (days, any number ≥ 0) and happened (True, or False where observation ended first), one entry per
    episode; weights, how many episodes an entry stands for; entries, the duration at which watching began.
    Out: `day` (0 first), `share`, `low`, `high` (at `level`), `at_risk` (episodes watched just before that day).
    Cases: no episodes give an empty table; where the share is 1 or 0 the interval is that point.
    Reference: Kaplan & Meier 1958; interval: exponential Greenwood (log–log).
    """
    durations = np.asarray(durations, float)
    if not len(durations):
        return pd.DataFrame(columns=["day", "share", "low", "high", "at_risk"])
    fitter = KaplanMeierFitter(alpha=1 - level)
    fitter.fit(durations, np.asarray(happened, bool), weights=weights, entry=entries)
    bounds = fitter.confidence_interval_
    share = fitter.survival_function_.iloc[:, 0]
    out = pd.DataFrame(
        {
            "day": share.index,
            "share": share.to_numpy(),
            "low": bounds.iloc[:, 0].to_numpy(),
            "high": bounds.iloc[:, 1].to_numpy(),
            "at_risk": fitter.event_table["at_risk"].reindex(share.index).to_numpy(),
        }
    )
    return out.assign(low=out["low"].fillna(out["share"]), high=out["high"].fillna(out["share"]))
