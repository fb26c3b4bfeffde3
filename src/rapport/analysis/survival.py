"""lifelines' door: how long until something happens, when for many it has not happened yet."""

import warnings

import numpy as np
import pandas as pd
from lifelines import CoxTimeVaryingFitter, KaplanMeierFitter

from ..foundation.contracts import TABLES
from . import silence
from .intervals import LEVEL
from .status import GONE

ALL = "all"
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


def median(curve: pd.DataFrame) -> tuple[float | None, float | None, float | None]:
    """The day by which it has happened to half, with the ends of its interval; None for what was not reached.

    In: one curve as `curve` gives it, or one curve and group of `alive_curves`. Reference: Brookmeyer & Crowley 1982.
    """
    return tuple(_first_day(curve, column) for column in ("share", "low", "high"))


def _first_day(curve: pd.DataFrame, column: str) -> float | None:
    reached = curve.loc[curve[column] <= 0.5, "day"]
    return float(reached.iloc[0]) if len(reached) else None


def share_by(curve: pd.DataFrame, day: float) -> tuple[float, float, float] | None:
    """The share to whom it has happened by that day, with its interval; None when nobody was watched so long."""
    if not len(curve) or day > curve["day"].max():
        return None
    row = curve[curve["day"] <= day].iloc[-1]
    return 1 - row["share"], 1 - row["high"], 1 - row["low"]


def alive_curves(
    purchase_days: pd.DataFrame, history: pd.DataFrame, classes: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> pd.DataFrame:
    """How long until the second purchase, until a silent customer returns, and until a customer is lost.

    In: `purchase_days`, `history`, `classes` (state, gap_used_days). Out: `alive_curves`. Second purchase: days since
    the first one, for customers of known birth (DEF5), together and by year of first purchase. Return after silence:
    days since the silence reached state.lapsing_gaps gaps, by purchases made until then. Staying: days from the first
    purchase to the day a lost customer was due and did not come; one not lost is known to stay until it is due again.
    What had not happened by as_of is censored.
    Cases: groups with fewer than evidence.indicative_below episodes are left out, the groups "all" stay.
    Reference: HU-01; Kaplan & Meier 1958.
    """
    parts = {
        SECOND: _second(purchase_days, history, as_of),
        RETURN: _returning(silence.episodes(purchase_days, as_of=as_of), settings),
        STAYING: _staying(history, classes),
    }
    tables = [_grouped(name, rows, settings.evidence.indicative_below) for name, rows in parts.items()]
    return TABLES["alive_curves"].check(pd.concat(tables, ignore_index=True), "survival.alive_curves")


def _grouped(name: str, rows: pd.DataFrame, least: int) -> pd.DataFrame:
    large = rows["group"].map(rows["group"].value_counts()) >= least
    both = pd.concat([rows.assign(group=ALL), rows[large]])
    counted = both.groupby(["group", "days", "happened"], observed=True).size().rename("episodes").reset_index()
    curves = [
        curve(part["days"], part["happened"], level=LEVEL, weights=part["episodes"]).assign(curve=name, group=group)
        for group, part in counted.groupby("group")
    ]
    return pd.concat(curves, ignore_index=True) if curves else TABLES["alive_curves"].empty()


def _second(purchase_days: pd.DataFrame, history: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    born = history[~history["is_truncated"] & history["first_order_on"].notna()]
    episodes = silence.episodes(purchase_days, as_of=as_of)
    firsts = episodes[(episodes["purchases"] == 1) & episodes["customer_id"].isin(born["customer_id"])]
    year = firsts["started_on"].dt.year.astype(str)
    return pd.DataFrame({"group": year, "days": firsts["silent_days"], "happened": firsts["is_returned"]})


def _returning(episodes: pd.DataFrame, settings) -> pd.DataFrame:
    gap = episodes["gap_days"].where(episodes["purchases"] >= 3, silence.usual_gap(episodes)).clip(lower=1)
    after = np.ceil(gap * settings.state.lapsing_gaps)
    lapsed = episodes["silent_days"] > after
    return pd.DataFrame(
        {
            "group": silence.band(episodes["purchases"]),
            "days": episodes["silent_days"] - after,
            "happened": episodes["is_returned"],
        }
    )[lapsed]


def _staying(history: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    rows = history[~history["is_truncated"] & history["first_order_on"].notna()]
    rows = rows.merge(classes[["customer_id", "state", "gap_used_days"]], on="customer_id")
    gone = rows["state"].isin(GONE)
    due = rows["span_days"] + rows["gap_used_days"].round()
    days = due.where(gone, np.minimum(due, rows["observed_days"]))
    return pd.DataFrame({"group": rows["first_order_on"].dt.year.astype(str), "days": days, "happened": gone})


def hazard_ratios(rows: pd.DataFrame, terms: list[str]) -> pd.DataFrame:
    """Cox's hazard ratios of signs that come and go, with their 95 % intervals and a check of proportionality.

    In: rows of the counting process: start, stop (the clock), happened, weight (how many such rows; rows in which it
    happened have weight 1, so that ties are counted right), stratum, and a 0/1 column for each of terms. Out: one row
    per term, in order: term, ratio, low, high, p (Wald), proportional_p (does the ratio change along the clock?).
    Cases: terms must each have events with and without the sign; the caller sees to that.
    Reference: Cox 1972; Andersen & Gill 1982; ties by Efron 1977.
    """
    fitted = _cox(rows, terms)
    low, high = (np.exp(fitted[end]) for end in ("coef lower 95%", "coef upper 95%"))
    clock = np.log(rows["stop"]) - np.log(rows.loc[rows["happened"], "stop"]).mean()
    moving = [f"{term} along the clock" for term in terms]
    along = rows.assign(**{name: rows[term] * clock for name, term in zip(moving, terms)})
    changes = _cox(along, [*terms, *moving])["p"].reindex(moving).to_numpy() if rows["stop"].nunique() > 1 else np.nan
    return pd.DataFrame(
        {
            "term": terms,
            "ratio": fitted["exp(coef)"].to_numpy(),
            "low": low.to_numpy(),
            "high": high.to_numpy(),
            "p": fitted["p"].to_numpy(),
            "proportional_p": changes,
        }
    )


def _cox(rows: pd.DataFrame, terms: list[str]) -> pd.DataFrame:
    fitter = CoxTimeVaryingFitter()
    frame = rows[["start", "stop", "happened", "weight", "stratum", *terms]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter.fit(frame, event_col="happened", weights_col="weight", strata=["stratum"])
    return fitter.summary.reindex(terms)
