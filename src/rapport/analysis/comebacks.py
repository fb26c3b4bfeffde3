"""The calibrated line: of customers as silent as this one, what share comes back by itself within the horizon.

Kaplan–Meier curves say the same where enough was seen (`survival.alive_curves`); the hazard of `return_hazard` also
speaks of silences as long as nobody's yet, which every young base needs.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from ..foundation.finding import Finding, not_available
from . import silence, survival
from .intervals import labelled, proportion
from .return_hazard import LEVEL, Returning, returning
from .status import GONE

LONGEST_LINE = 3650  # days beyond which no line between lapsing and lost is looked for
LEAST_GAPS = 3  # HU-03: usual gaps the data must span
NORMAL = norm.ppf((1 + LEVEL) / 2)


def return_shares(
    purchase_days: pd.DataFrame,
    silent: pd.DataFrame,
    winback_log: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Of customers as silent as each of `silent`, the share that comes back by itself within the horizon.

    In: `purchase_days` of the firm; `silent`, one row per customer: customer_id, purchases, gap_days (mean),
    silent_days; `winback_log`, so that a return after a contact does not count. Out: one row per customer, in order:
    customer_id, return_prob, return_low, return_high (90 % interval of the share), at_risk (past silences after as
    many purchases, by band, that lasted longer: 0 where nobody was ever watched so long).
    Cases: a firm in which nobody ever came back has no shares (empty). Reference: Ehrenberg 1959; LT-14.
    """
    horizon = settings.recover.return_horizon_days
    episodes = silence.episodes(purchase_days, winback_log, as_of=as_of)
    out = pd.DataFrame({"customer_id": silent["customer_id"], "at_risk": _watched(episodes, silent)})
    model = returning(purchase_days, winback_log, horizon=horizon, as_of=as_of)
    if model is None:
        return out.assign(return_prob=np.nan, return_low=np.nan, return_high=np.nan)
    total, slopes = model.ahead(silent, horizon)
    half = np.hypot(NORMAL * np.sqrt(_spread(slopes, model)), model.swing_over(horizon))
    ends = {"prob": total, "low": total * np.exp(-half), "high": total * np.exp(half)}
    return out.assign(**{f"return_{name}": -np.expm1(-hazard) for name, hazard in ends.items()})


def return_bands(
    purchase_days: pd.DataFrame,
    silent: pd.DataFrame,
    winback_log: pd.DataFrame | None = None,
    *,
    by: str,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """How many of each group of silent customers will come back by themselves within the horizon.

    In: as `return_shares`, and by, the column of `silent` that names the group (class, state, silence band). Out: one
    row per group: the group, customers, share, low, high: the 90 % interval of what will be observed, so that next
    time the outcome can be held against it. Reference: `benchmarks/return_calibration.py`.
    """
    horizon = settings.recover.return_horizon_days
    model = returning(purchase_days, winback_log, horizon=horizon, as_of=as_of)
    columns = [by, "customers", "share", "low", "high"]
    if model is None:
        return pd.DataFrame(columns=columns)
    total, slopes = model.ahead(silent, horizon)
    stay, moved = np.exp(-total), total * np.exp(-total)
    rows = pd.DataFrame(slopes * moved[:, None]).assign(
        group=silent[by].to_numpy(), share=1 - stay, chance=stay * (1 - stay), moved=moved
    )
    mean = rows.groupby("group", observed=True).mean()
    size = rows.groupby("group", observed=True).size()
    spread = _spread(mean[range(slopes.shape[1])].to_numpy(), model) + mean["chance"] / size
    half = np.hypot(NORMAL * np.sqrt(spread), mean["moved"] * model.swing_over(horizon))
    low, high = (mean["share"] - half).clip(lower=0), (mean["share"] + half).clip(upper=1)
    out = pd.DataFrame({"customers": size, "share": mean["share"], "low": low, "high": high})
    return out.rename_axis(by).reset_index()[columns]


def _spread(slopes: np.ndarray, model: Returning) -> np.ndarray:
    """Variance of each row's figure when its slopes in the coefficients are these."""
    return np.einsum("ij,jk,ik->i", slopes, model.covariance, slopes)


def lost_line(
    purchase_days: pd.DataFrame,
    silent: pd.DataFrame,
    winback_log: pd.DataFrame | None = None,
    *,
    by: str = "band",
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """After how long a silence fewer than the declared share still come back by themselves, for typical customers.

    In: `purchase_days`; silent, the table of `lost.silent`; `winback_log`; by, "band" (of purchases) or the column of
    `silent` that names the group (abc). Typical is the median silent customer of each group.
    Out: one row per group: the group, customers, purchases, gap_days (medians; gap_used_days for one purchase),
    line_days and line_gaps (the silence from which the share is under recover.return_level; empty beyond ten years),
    at_risk (past silences, after as many purchases by band, that lasted longer than the line), share_at_rule (the share
    that returns at the silence which the state rule calls lost).
    Cases: nobody ever came back, or nobody is silent, gives no rows. Reference: DEF6, HU-03: never one number of days
    for all.
    """
    horizon = settings.recover.return_horizon_days
    model = returning(purchase_days, winback_log, horizon=horizon, as_of=as_of)
    columns = [by, "customers", "purchases", "gap_days", "line_days", "line_gaps", "at_risk", "share_at_rule"]
    if model is None:
        return pd.DataFrame(columns=columns)
    medians = {name: (name, "median") for name in ("purchases", "gap_days", "gap_used_days")}
    group = silence.band(silent["purchases"]) if by == "band" else silent[by]
    typical = silent.groupby(group).agg(customers=("purchases", "size"), **medians)
    if by == "band":
        typical = typical.reindex([name for name in silence.BAND_WORDS if name in typical.index])
    typical["gap_days"] = typical["gap_days"].fillna(typical["gap_used_days"])
    typical[["line_days", "share_at_rule"]] = np.nan
    days = np.arange(0, LONGEST_LINE, 1.0)
    for name, row in typical.iterrows():
        asked = pd.DataFrame({"purchases": row["purchases"], "gap_days": row["gap_days"], "silent_days": days})
        share = -np.expm1(-model.ahead(asked, horizon)[0])
        above = np.flatnonzero(share >= settings.recover.return_level)
        last = int(above[-1]) + 1 if len(above) else 0
        typical.loc[name, "line_days"] = days[last] if last < len(days) else np.nan
        gaps = settings.state.lost_gaps if row["purchases"] > 1 else 1.0
        typical.loc[name, "share_at_rule"] = np.interp(gaps * row["gap_used_days"], days, share)
    episodes = silence.episodes(purchase_days, winback_log, as_of=as_of)
    at_line = (
        typical[["purchases"]].assign(silent_days=typical["line_days"].fillna(LONGEST_LINE)).reset_index(drop=True)
    )
    typical = typical.assign(line_gaps=typical["line_days"] / typical["gap_days"], at_risk=_watched(episodes, at_line))
    return typical.rename_axis(by).reset_index()[columns]


def came_back(alive_curves: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Of silences that reached the lapsing gaps, the share that a purchase ended within the horizon.

    In: `alive_curves`. Out: Finding comebacks.within (share, 95 % of the Kaplan–Meier curve of all), n the silences;
    parts: horizon_days, at_risk (silences still watched at the horizon).
    Cases: no such silence, or none watched so long, is not available. Reference: LT-14; Kaplan & Meier 1958.
    """
    horizon = settings.recover.return_horizon_days
    rows = alive_curves[(alive_curves["curve"] == survival.RETURN) & (alive_curves["group"] == survival.ALL)]
    common = {
        "unit": "share",
        "as_of": str(as_of.date()),
        "basis": "silences of more than twice the customer's own gap",
    }
    found = survival.share_by(rows, horizon)
    if found is None:
        why = "nobody fell silent" if rows.empty else f"no silence was watched for {horizon} days"
        return not_available("comebacks.within", why, **common)
    share, low, high = found
    left = int(rows.loc[rows["day"] <= horizon, "at_risk"].iloc[-1])
    parts, ends = {"horizon_days": horizon, "at_risk": left}, {"low": low, "high": high, "level": survival.LEVEL}
    n = int(rows["at_risk"].iloc[0])
    return labelled(Finding(id="comebacks.within", value=share, n=n, parts=parts, **ends, **common), settings)


def rhythm_known(purchase_days: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """How many usual gaps the data span, and how many the horizon: whether silence can be told from a long rhythm.

    In: `purchase_days`. Out: Finding comebacks.span (ratio); parts: gap_days (median of silences that a purchase
    ended), horizon_gaps. `because` warns where the data span fewer than three gaps, or the horizon fewer than one.
    Cases: nobody ever bought twice is not available. Reference: HU-03: long deals and long-lived goods.
    """
    common = {
        "unit": "ratio",
        "as_of": str(as_of.date()),
        "basis": "days of data over the median gap between purchases",
    }
    gap = silence.usual_gap(silence.episodes(purchase_days, as_of=as_of))
    if np.isnan(gap):
        return not_available("comebacks.span", "nobody ever bought twice", **common)
    span = (as_of - purchase_days["ordered_on"].min()).days / gap
    horizon = settings.recover.return_horizon_days / gap
    warnings = ["the data span fewer than three usual gaps: who is lost cannot be told yet"] * (span < LEAST_GAPS)
    warnings += ["the horizon is shorter than one usual gap: raise recover.return_horizon_days"] * (horizon < 1)
    parts = {"gap_days": gap, "horizon_gaps": horizon}
    buyers = purchase_days["customer_id"].nunique()
    return Finding(id="comebacks.span", value=span, n=buyers, because="; ".join(warnings), parts=parts, **common)


def too_soon(lost: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Of the customers the state rule calls lost, the share that still comes back often enough not to be called so.

    In: `lost` (state, return_prob). Out: Finding lost.too_soon (share, Wilson 95 %): return_prob at or above
    recover.return_level; parts: level, horizon_days. Cases: no shares known is not available. Reference: DEF6.
    """
    known = lost[lost["state"].isin(GONE)].dropna(subset=["return_prob"])
    level, horizon = settings.recover.return_level, settings.recover.return_horizon_days
    return proportion(
        "lost.too_soon",
        int((known["return_prob"] >= level).sum()),
        len(known),
        settings=settings,
        basis="customers lost by their own rhythm",
        as_of=as_of,
        because="" if len(known) else "nobody is lost, or nobody ever came back",
        parts={"level": level, "horizon_days": horizon},
    )


def _watched(episodes: pd.DataFrame, silent: pd.DataFrame) -> np.ndarray:
    """Past silences, after as many purchases by band, that lasted longer."""
    asked, seen = silence.band(silent["purchases"]), silence.band(episodes["purchases"])
    out = np.zeros(len(silent), int)
    for name in asked.unique():
        lengths, rows = np.sort(episodes.loc[seen == name, "silent_days"]), (asked == name).to_numpy()
        out[rows] = len(lengths) - np.searchsorted(lengths, silent.loc[rows, "silent_days"], side="right")
    return out
