"""The funnel of five phases and the ladder under it: from reach to advocate in one table (RU-04, HU-05)."""

import numpy as np
import pandas as pd

from .intervals import wilson
from .traits import missing

PHASES = ("reach", "acquisition", "conversion", "retention", "inspiration")
UNTOUCHED = ("", "identified")  # stages of a prospect nobody has spoken to yet


def funnel(
    history: pd.DataFrame,
    classes: pd.DataFrame,
    traits: pd.DataFrame,
    prospects: pd.DataFrame | None = None,
    *,
    as_of: pd.Timestamp,
    since: pd.Timestamp | None = None,
    reach: int | None = None,
    acquisition: int | None = None,
) -> pd.DataFrame:
    """The five phases, one row each, all counted on the same base: those who came in from `since` (or ever) to `as_of`.

    In: `history`, `classes`, `traits`, `prospects`; reach and acquisition, counts the client gives instead (they go
    before). Out: phase, customers (empty when unknown), step_share (of the phase before), low, high (Wilson 95 %),
    note. reach: prospects listed. acquisition: prospects spoken to. conversion: first purchase in the period.
    retention: of those, two purchase days or more and active. inspiration: of those, exclusive or recommending.
    Cases: no `prospects` and no counts leaves reach and acquisition empty; a step above 1 keeps its share, has no
    interval, and its note warns of the data. Reference: RU-04.
    """
    listed = _listed(prospects, since, as_of)
    came = history[
        (history["purchase_days"] > 0) & ((history["first_order_on"] >= since) if since is not None else True)
    ]
    own = came[["customer_id", "purchase_days"]].merge(classes[["customer_id", "state", "rung"]], on="customer_id")
    own = own.merge(traits[["customer_id", "recommendations"]], on="customer_id")
    stays = own[(own["purchase_days"] >= 2) & (own["state"] == "active")]
    inspired = stays["rung"].isin(["adherent", "advocate"]) | (stays["recommendations"] >= 1)
    is_known = not (missing(traits, "wallet") and missing(traits, "recommendations"))
    spoken = None if listed is None else int((~listed["stage"].fillna("").isin(UNTOUCHED)).sum())
    counts = [
        reach if reach is not None else (None if listed is None else len(listed)),
        acquisition if acquisition is not None else spoken,
        len(own),
        len(stays),
        int(inspired.sum()) if is_known else None,
    ]
    return steps(pd.Series(counts, index=PHASES, dtype="float64"))


def steps(counts: pd.Series) -> pd.DataFrame:
    """Counts by phase, in order, with the rate of every step: phase, customers, step_share, low, high, note.

    Cases: an unknown or empty phase before leaves the step empty; a step above 1 is noted as a fault of the data.
    """
    before = counts.shift()
    share = (counts / before.where(before > 0)).to_numpy()
    is_rate = share <= 1
    low, high = wilson(counts.where(is_rate, 0), before.where(is_rate, 0))
    table = pd.DataFrame({"phase": counts.index, "customers": counts.to_numpy(), "step_share": share})
    table["low"], table["high"] = np.where(is_rate, low, np.nan), np.where(is_rate, high, np.nan)
    unknown = table["customers"].isna()
    table["note"] = np.select(
        [unknown, share > 1], ["not available", "more than in the phase before: check the data"], ""
    )
    return table


def _listed(prospects: pd.DataFrame | None, since: pd.Timestamp | None, as_of: pd.Timestamp) -> pd.DataFrame | None:
    """Prospects listed in the period; one without a date counts only when no period is asked for."""
    if prospects is None or not len(prospects):
        return None
    on = prospects["listed_on"]
    return prospects[~(on > as_of) & ((on >= since) if since is not None else True)]


def skirt(funnel: pd.DataFrame, ladder: pd.DataFrame, flows: pd.DataFrame | None = None) -> pd.DataFrame:
    """The funnel's upper part and the ladder joined, top to bottom.

    Out: part, stage, customers, step_share, low, high (Wilson 95 %), came_up, came_down. In: `funnel`; `ladder`
    (customers on a rung or higher); `flows` of rungs between two dates, for who came up to a rung or down to it. The
    first rung is the funnel's conversion over all history. Reference: HU-05.
    """
    rates = ["step_share", "low", "high"]
    upper = funnel[funnel["phase"].isin(PHASES[:3])].rename(columns={"phase": "stage"}).set_index("stage")
    lower = ladder.rename(columns={"rung": "stage"}).drop(columns="customers").rename(columns={"at_least": "customers"})
    first = steps(upper["customers"].where(upper.index != PHASES[2], lower["customers"].iloc[0])).iloc[2]
    lower.loc[lower["stage"] == "buyer", rates] = first[rates].to_numpy(float)
    upper = upper.iloc[:2].reset_index()
    table = pd.concat(
        [
            part[["stage", "customers", *rates]].assign(part=name)
            for part, name in ((upper, "funnel"), (lower, "ladder"))
        ],
        ignore_index=True,
    )
    for direction in ("up", "down"):
        moved = None if flows is None else flows[flows["direction"] == direction].groupby("after")["customers"].sum()
        came = np.nan if moved is None else table["stage"].map(moved).fillna(0).where(table["part"] == "ladder")
        table[f"came_{direction}"] = came
    return table[["part", "stage", "customers", *rates, "came_up", "came_down"]]
