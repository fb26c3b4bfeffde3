"""Win-back: what a silent customer would still be worth, what contacting adds, and where it stops paying."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from ..foundation.play import Play
from .intervals import newcombe
from .status import CONTINUOUS, knows_loss

YEAR_DAYS = 365.25
FORECAST, IN_SALES = "remaining lifetime value", "net sales"


def at_risk(rows: pd.DataFrame, *, settings) -> pd.DataFrame:
    """What each silent customer would be worth if it came back, and how much of that its silence puts at risk.

    In: rows with the columns of `history`, `values` and gap_used_days, return_prob. Out, in the order of rows:
    remaining_value (money over value.horizon_months if it came back), value_at_risk (that, times the chance that it is
    gone), value_basis (what it rests on).
    The remaining value is CLV / P(alive); without a forecast it is the customer's former pace: its contribution (net
    sales where costs are unknown) over the time it bought, at least one active window, stretched to the horizon.
    The chance that it is gone is 1 − P(alive), else 1 − the share that returns by itself: without a forecast, and with
    one that takes every customer for alive (the NBD), which says nothing of loss.
    Reference: BG-17, ET-06.
    """
    alive = rows["alive_prob"].where(rows["alive_prob"] > 0)
    forecast = rows["clv"] / alive
    pace, pace_basis = _pace(rows, settings)
    remaining = forecast.fillna(pace).clip(lower=0)
    speaks = knows_loss(rows["alive_prob"])
    back = rows["return_prob"] if not speaks else rows["alive_prob"].fillna(rows["return_prob"])
    gone = "P(alive)" if speaks else "the share that returns by itself"
    knows_margin = settings.value.margin_share is not None or rows["margin_total"].notna().any()
    worth = FORECAST if knows_margin else f"{FORECAST} in {IN_SALES}"
    basis = np.where(forecast.notna(), f"{worth}, times 1 − {gone}", pace_basis)
    return pd.DataFrame(
        {"remaining_value": remaining, "value_at_risk": remaining * (1 - back.fillna(0)), "value_basis": basis},
        index=rows.index,
    )


def _pace(rows: pd.DataFrame, settings) -> tuple[pd.Series, np.ndarray]:
    margin = rows["margin_total"]
    if settings.value.margin_share is not None:
        margin = margin.fillna(rows["net_total"] * settings.value.margin_share)
    horizon = settings.value.horizon_months / 12 * YEAR_DAYS
    lived = rows["span_days"].clip(lower=settings.data.active_window_days)
    basis = np.where(margin.notna(), "contribution at its former pace", "net sales at its former pace")
    return margin.fillna(rows["net_total"]) * horizon / lived, basis


def trials(experiments: pd.DataFrame | None, plays: Iterable[Play]) -> pd.DataFrame | None:
    """The experiments with plays of the phase recover: only they say what contacting a lost customer adds.

    In: `experiments`; plays, the playbook. Out: rows of `experiments`, or None without the table. Reference: LT-17.
    """
    if experiments is None:
        return None
    return experiments[experiments["play_id"].isin([play.id for play in plays if play.phase == "recover"])]


def uplift(experiments: pd.DataFrame | None, *, settings) -> dict:
    """Of those who would not return by themselves, the share that returns when contacted: low, mid, high, and source.

    In: `experiments` of win-back plays (see `trials`) whose outcome is known, pooled. Out: low, mid, high (share) and
    source (words). The client's own experiments count once both arms reach evidence.min_arm: the difference of the
    shares that returned (Newcombe 95 % ends) over the share of those left alone that did not return; 30 of 100 against
    15 of 100 is .15 / .85. Else recover.assumed_uplift, labelled an assumption.
    Cases: when all of those left alone returned, nothing can be added: 0. Reference: LT-14, LT-17.
    """
    low, mid, high = settings.recover.assumed_uplift
    assumed = {"low": low, "mid": mid, "high": high, "source": "an assumption: no experiment of the client's own yet"}
    known = None if experiments is None else experiments.dropna(subset=["succeeded"])
    if known is None or known.empty:
        return assumed
    arms = known.assign(succeeded=known["succeeded"].astype(int)).groupby("arm")["succeeded"].agg(["sum", "count"])
    arms = arms.reindex(["treated", "control"], fill_value=0)
    if arms["count"].min() < settings.evidence.min_arm:
        return assumed | {"source": "an assumption: the client's experiments are still too small"}
    (s1, n1), (s0, n0) = arms.to_numpy().tolist()
    left = 1 - s0 / n0
    low, high = newcombe(s1, n1, s0, n0)
    shares = {"low": float(low), "mid": s1 / n1 - s0 / n0, "high": float(high)}
    shares = {end: min(share / left, 1.0) if left else 0.0 for end, share in shares.items()}
    return shares | {"source": f"the client's experiments: {s1} of {n1} treated against {s0} of {n0} left alone"}


def worth(rows: pd.DataFrame, experiments: pd.DataFrame | None, *, settings) -> pd.DataFrame:
    """What contacting each silent customer is expected to add: uplift × remaining value − cost of the contact.

    In: rows with remaining_value and return_prob. Out, in the order of rows: uplift (P(returns if contacted) − P(returns
    alone): the share of `uplift` times the chance that the customer does not return by itself, so that who returns
    anyway gains little), uplift_source, contact_cost, winback_value (money).
    Cases: where no chance of a return is known, the customer is taken as one who does not return.
    Reference: HU-46 (EV = p·CLV − cost, with p the extra chance); LT-14.
    """
    extra = uplift(experiments, settings=settings)
    rows = rows.assign(contact_cost=settings.recover.contact_cost)
    return pd.DataFrame(
        {
            "uplift": _added(rows, extra["mid"]).clip(0, 1),
            "uplift_source": extra["source"],
            "contact_cost": rows["contact_cost"],
            "winback_value": _gain(rows, extra["mid"]),
        },
        index=rows.index,
    )


def _added(rows: pd.DataFrame, share: float) -> pd.Series:
    """The extra chance of a return: a share of the chance that there is none without a contact."""
    return share * (1 - rows["return_prob"].fillna(0))


def _gain(rows: pd.DataFrame, share: float) -> pd.Series:
    return _added(rows, share) * rows["remaining_value"] - rows["contact_cost"]


def expected(
    lost: pd.DataFrame, experiments: pd.DataFrame | None = None, *, settings, as_of: pd.Timestamp
) -> tuple[Finding, ...]:
    """What contacting the customers that pay is expected to bring in all, and how many of them there are.

    In: `lost`, `experiments` of win-back plays. Out: Findings winback.expected (money, after the cost of contacts; low
    and high by the low and high uplift for the same customers) and winback.last_paying (count: the rank of the last
    contact that pays; parts: low and high, the same by the low and the high uplift).
    Cases: nobody to contact is not available. It is an expectation; an assumed uplift is named in `because`; where
    margins are unknown the basis says that values are sales.
    Reference: HU-46, LT-14.
    """
    day, basis = str(as_of.date()), "lapsing and lost customers whose remaining value is known"
    rows = lost.dropna(subset=["winback_value"])
    if rows.empty:
        because = "no lapsing or lost customer with a known value"
        money = not_available("winback.expected", because, unit="money", as_of=day, basis=basis)
        return money, not_available("winback.last_paying", because, unit="count", as_of=day, basis=basis)
    if rows["value_basis"].str.contains(IN_SALES).any():
        basis += "; values are net sales, since margins are unknown: what is left after the cost of goods is less"
    extra = uplift(experiments, settings=settings)
    gains = {end: _gain(rows, extra[end]) for end in ("low", "mid", "high")}
    pays = rows["winback_value"] > 0
    totals = {end: float(gain[pays].sum()) for end, gain in gains.items()}
    counts = {end: int((gain > 0).sum()) for end, gain in gains.items()}
    common = {"n": len(rows), "basis": basis, "as_of": day, "because": extra["source"]}
    value = float(rows.loc[pays, "winback_value"].sum())
    ends = {"low": min(totals["low"], value), "high": max(totals["high"], value)}
    return (
        Finding(id="winback.expected", unit="money", value=value, **ends, parts={"paying": int(pays.sum())}, **common),
        Finding(id="winback.last_paying", unit="count", value=int(pays.sum()), parts=counts, **common),
    )


def gains(lost: pd.DataFrame, experiments: pd.DataFrame | None = None, *, settings) -> pd.DataFrame:
    """What contacting the first customers of the list is expected to bring in all, contact by contact.

    In: `lost`, `experiments` of win-back plays. Out: one row per number of contacts, from 0: contacts, low, mid, high
    (money after the cost of contacts, by the three uplifts, for the same order of customers). The curve of the middle
    case turns down where a further contact no longer pays. Cases: customers without a win-back value are left out.
    """
    rows = lost.dropna(subset=["winback_value"]).sort_values("rank")
    extra = uplift(experiments, settings=settings)
    ends = {end: np.append(0.0, _gain(rows, extra[end]).cumsum()) for end in ("low", "mid", "high")}
    return pd.DataFrame({"contacts": np.arange(len(rows) + 1), **ends})


def pull_up(lost: pd.DataFrame, classes: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """The lapsed customers of class A and B with the level to bring them back to: their own, or that of their class.

    In: `lost`, `classes` (abc, state, gap_used_days), `history`. Out: one row per lapsing or lost customer of class A
    or B who did not refuse for good, in the order of the list: customer_id, abc, state, usual_order (sales on a
    purchase day), gap_used_days, own_year (its own sales in a year while it bought; empty with fewer than three
    purchase days), class_year (the median of active customers of its class), target_year (own_year, else class_year),
    reason, owner, due_on. Money is sales before returns. Reference: HU-09, P-W09.
    """
    pace = classes[["customer_id", "abc", "state", "gap_used_days"]].merge(history, on="customer_id")
    pace = pace.assign(
        usual_order=pace["gross_total"] / pace["purchase_days"].where(pace["purchase_days"] > 0),
        own_year=pace["gross_total"] * YEAR_DAYS / (pace["span_days"] + pace["gap_used_days"]),
    )
    pace["own_year"] = pace["own_year"].where(pace["purchase_days"] >= CONTINUOUS)
    level = pace[pace["state"] == "active"].groupby("abc")["own_year"].median()
    rows = lost[lost["outlook"].fillna("").ne("refused")].drop(columns="state").sort_values("rank")
    rows = rows.merge(pace[pace["abc"].isin(["A", "B"]) & pace["state"].ne("lost_one_timer")], on="customer_id")
    rows = rows.assign(class_year=rows["abc"].map(level))
    rows = rows.assign(target_year=rows["own_year"].fillna(rows["class_year"]))
    columns = ["customer_id", "abc", "state", "usual_order", "gap_used_days", "own_year", "class_year", "target_year"]
    return rows[[*columns, "reason", "owner", "due_on"]].reset_index(drop=True)
