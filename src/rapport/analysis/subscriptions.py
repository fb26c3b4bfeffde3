"""Customers under contract: how many renew each time, how long they will stay, and what that is worth (sBG).

A contract that runs says every day that its customer is still there, and its end says the opposite; nothing has to be
guessed from silence, so that the models of buying are not for them. §7; Fader & Hardie 2007, 2010 (see `models.sbg`).
"""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .intervals import wilson
from .models.estimator import FitRefused
from .models.sbg import Contracts, contracts_of
from .value import margin

SLACK = pd.Timedelta(days=3)  # an end so soon after a period is the end of that period


def renewals(subscriptions: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per contract that had begun by `as_of`: customer_id, renewals (made so far), has_left, period_months, fee.

    In: `subscriptions`. A contract is renewed at the end of each whole period that it outlives. One that ended within a
    period, or with it, was not renewed at that period's end; an end after `as_of` is not known yet.
    """
    begun = subscriptions[subscriptions["started_on"] <= as_of]
    ended = begun["ended_on"].where(begun["ended_on"] <= as_of)
    has_left = ended.notna().to_numpy()
    until = (ended - SLACK).fillna(as_of)
    made = _whole_months(begun["started_on"], until) // begun["period_months"].to_numpy(float)
    return pd.DataFrame(
        {
            "customer_id": begun["customer_id"].to_numpy(),
            "renewals": np.maximum(made, 0).astype(int),
            "has_left": has_left,
            "period_months": begun["period_months"].to_numpy(float),
            "fee": begun["fee"].to_numpy(float),
        }
    )


def _whole_months(start: pd.Series, end: pd.Series) -> np.ndarray:
    """Calendar months from one day to another; a month that begins on the 31st ends on the last of a shorter one."""
    months = (end.dt.year - start.dt.year) * 12 + end.dt.month - start.dt.month
    is_short = end.dt.day < np.minimum(start.dt.day, end.dt.days_in_month)
    return (months - is_short).to_numpy(float)


def renewal_model(renewals: pd.DataFrame, *, settings) -> Contracts | None:
    """The sBG model of all contracts; None below settings.value.min_customers or where it has no answer."""
    if len(renewals) < settings.value.min_customers:
        return None
    try:
        return contracts_of(renewals["renewals"], renewals["has_left"])
    except FitRefused:
        return None


def renewal_table(renewals: pd.DataFrame, model: Contracts | None) -> pd.DataFrame:
    """Retention from renewal to renewal, observed and by the model, and the share that is left.

    Out: one row per renewal that anybody came to: renewal (1, 2, …), contracts (came to it), renewed, renewed_share with
    low and high (Wilson 95 %), model_share and stay_share (still there after it, by the model; empty without one).
    """
    last = int((renewals["renewals"] + renewals["has_left"]).max()) if len(renewals) else 0
    number = np.arange(1, last + 1)
    made, left = renewals["renewals"].to_numpy(), renewals["has_left"].to_numpy(bool)
    renewed = np.array([(made >= t).sum() for t in number], float)
    came = renewed + np.array([(left & (made == t - 1)).sum() for t in number], float)
    low, high = wilson(renewed, came)
    nothing = np.full(len(number), np.nan)
    return pd.DataFrame(
        {
            "renewal": number,
            "contracts": came.astype(int),
            "renewed": renewed.astype(int),
            "renewed_share": renewed / came,
            "low": low,
            "high": high,
            "model_share": model.retention(number) if model else nothing,
            "stay_share": model.survival(number) if model else nothing,
        }
    )


def renewal_value(
    renewals: pd.DataFrame | None, model: Contracts | None, history: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> Finding:
    """The finding subscriptions.value: what the contracts that run are expected to bring over the horizon, discounted.

    Fees of renewals to come × `value.margin`; the fee of the running period is taken as paid. parts: running,
    renewed_share (of the contracts that came to a renewal). Not available without the table, contracts that run, or a model.
    """
    day = as_of.date().isoformat()
    because = _missing(renewals, model)
    if because:
        return not_available("subscriptions.value", because, unit="money", as_of=day)
    run = renewals[~renewals["has_left"]]
    share, months = margin(history, settings=settings), settings.value.horizon_months
    worth = 0.0
    for period, part in run.groupby("period_months"):
        rate = (1 + settings.value.discount_rate) ** (period / 12) - 1
        ahead = model.renewals_ahead(renewals_made=part["renewals"], periods=int(months // period), rate=rate)
        worth += float(ahead @ part["fee"]) * share.share
    came = renewals["renewals"].sum() + renewals["has_left"].sum()
    parts = {"running": len(run), "renewed_share": float(renewals["renewals"].sum() / came), "months": months}
    basis = f"{share.basis}; renewals of {len(run):,} running contracts over {months} months, by sBG"
    return Finding(
        id="subscriptions.value", value=worth, unit="money", n=len(renewals), basis=basis, as_of=day, parts=parts
    )


def _missing(renewals: pd.DataFrame | None, model: Contracts | None) -> str:
    """Why the running contracts cannot be valued; nothing where they can."""
    if renewals is None:
        return "the table subscriptions was not supplied"
    run = renewals[~renewals["has_left"]]
    if run.empty:
        return "no contract is running"
    if model is None:
        return "there are too few contracts, or nobody or everybody has left"
    return "the column subscriptions.fee was not supplied for every contract" if run["fee"].isna().any() else ""
