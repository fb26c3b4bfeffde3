"""The money plan: what the plays cost and may bring, by phase.

Gains of several plays on one customer do not add up without limit: see `money_plan`.
"""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from ..foundation.play import PHASES

CASES = ("gain_low", "gain_mid", "gain_high")
TOTAL, OVERLAP = "total", "overlap"


def money_plan(assignments: pd.DataFrame, play_gates: pd.DataFrame) -> pd.DataFrame:
    """One row per assigned play, then per phase an `overlap` row where plays meet on one customer, and its `total`.

    Columns: phase, play_id ("overlap" and "total" in the sums), title, owner, subjects, treated, value_at_stake, cost,
    gain_low, gain_mid, gain_high (money), per_cost (gain_mid / cost, ratio; empty in sums that hold a play without a
    priced gain). Phases retain → recover → acquire.
    Overlap: two plays with effects a and b on one customer together save 1 − (1 − a)(1 − b) of the largest value at
    stake, not a + b; the difference is taken off. The total counts each customer once, and the
    largest of what customers, segments and firm have at stake, which is the same money. Cases: a
    play that cannot be priced has empty gains and is left out of the totals of gain; a phase in which nothing is
    priced has none.
    """
    plays = play_gates[play_gates["verdict"].eq("assigned")]
    treated = assignments[assignments["arm"].ne("control")].groupby("play_id").size()
    rows = plays.assign(treated=plays["play_id"].map(treated).fillna(0).astype("int64"))
    parts = []
    for phase in PHASES:
        own = rows[rows["phase"].eq(phase)]
        if own.empty:
            continue
        overlap, total = _sums(phase, own, assignments[assignments["phase"].eq(phase)])
        parts += [own, pd.DataFrame([overlap, total] if overlap else [total])]
    columns = ["phase", "play_id", "title", "owner", "subjects", "treated", "value_at_stake", "cost", *CASES]
    if not parts:
        return pd.DataFrame(columns=[*columns, "per_cost"])
    out = pd.concat([part[columns] for part in parts], ignore_index=True)
    is_unpriced = out["gain_mid"].isna().groupby(out["phase"]).transform("any")
    return out.assign(
        per_cost=(out["gain_mid"] / out["cost"]).where((out["cost"] > 0) & ~(out["play_id"].eq(TOTAL) & is_unpriced))
    )


def _sums(phase: str, own: pd.DataFrame, given: pd.DataFrame) -> tuple[dict, dict]:
    priced = given[given["gain_mid"].notna() & given["arm"].ne("control")]
    base = {"phase": phase, "title": "", "owner": "", "subjects": given["subject"].nunique(), "treated": 0, "cost": 0.0}
    gains = {case: _combined(priced, case) for case in CASES}
    simple = {case: own[case].sum(min_count=1) for case in CASES}
    total = base | {
        "play_id": TOTAL,
        "treated": int(given.loc[given["arm"].ne("control"), "subject"].nunique()),
        "value_at_stake": _once(given),
        "cost": own["cost"].sum(),
        **gains,
    }
    shared = int((priced["subject"].value_counts() > 1).sum())
    overlap = base | {
        "play_id": OVERLAP,
        "subjects": shared,
        "value_at_stake": np.nan,
        **{case: gains[case] - simple[case] for case in CASES},
    }
    return (overlap if shared else {}), total


def _once(given: pd.DataFrame) -> float:
    """Money at stake counted once: customers, segments and firm hold the same money, prospects other money."""
    kind = given["applies_to"].replace({"key_account": "customer"})
    each = given["value_at_stake"].groupby([kind, given["subject"]]).max()
    sums = each.groupby(level=0).sum(min_count=1)
    ours, theirs = sums.drop("prospect", errors="ignore").max(), sums.get("prospect", np.nan)
    return float(pd.Series([ours, theirs]).sum(min_count=1))


def _combined(priced: pd.DataFrame, case: str) -> float:
    """Gain after cost when effects on one subject are combined, not added; shares outside 0–1 are added as they are."""
    if priced.empty:
        return float("nan")
    gross = priced[case] + priced["cost"]
    stake = priced["value_at_stake"]
    effect = (gross / stake.where(stake > 0)).where(lambda share: share.between(0, 0.999))
    plain = effect.isna()
    together = pd.DataFrame({"subject": priced["subject"], "kept": np.log1p(-effect), "stake": stake})[~plain]
    by = together.groupby("subject").agg(kept=("kept", "sum"), stake=("stake", "max"))
    return float(-(np.expm1(by["kept"]) * by["stake"]).sum() + gross[plain].sum() - priced["cost"].sum())


def plan(money_plan: pd.DataFrame, *, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """Findings of the plan as a whole and by phase: plan.cost, plan.gain, plan.subjects, and plan.<phase>_cost, _gain.

    Gains carry the low and high case as ends (no confidence level: they are cases, not an interval); n is the number of
    treated subjects they rest on. Cases: no play assigned, or fewer than half of those with value at stake priced: the
    gain is not available, with the reason (DEF10).
    """
    totals = money_plan[money_plan["play_id"].eq(TOTAL)]
    found = [_cost("plan.cost", totals, as_of), _gain("plan.gain", totals, money_plan, as_of)]
    treated = int(totals["treated"].sum())
    found.append(
        Finding(
            id="plan.subjects",
            unit="count",
            value=treated,
            n=treated,
            as_of=str(as_of.date()),
            basis="customers, segments and prospects treated, each counted once a phase",
        )
    )
    for phase in PHASES:
        own = totals[totals["phase"].eq(phase)]
        rows = money_plan[money_plan["phase"].eq(phase)]
        found += [_cost(f"plan.{phase}_cost", own, as_of), _gain(f"plan.{phase}_gain", own, rows, as_of)]
    return tuple(found)


def _cost(id: str, totals: pd.DataFrame, as_of: pd.Timestamp) -> Finding:
    if totals.empty:
        return not_available(id, "no play of this phase was assigned", unit="money", as_of=str(as_of.date()))
    return Finding(
        id=id,
        unit="money",
        value=float(totals["cost"].sum()),
        n=int(totals["treated"].sum()),
        as_of=str(as_of.date()),
        basis="cost of the assigned plays, fixed and per treated subject",
    )


def _gain(id: str, totals: pd.DataFrame, rows: pd.DataFrame, as_of: pd.Timestamp) -> Finding:
    day = str(as_of.date())
    if totals["gain_mid"].notna().sum() == 0:
        because = "no play of this phase was assigned" if totals.empty else "no assigned play can be priced in margin"
        return not_available(id, because, unit="money", as_of=day)
    plays = rows[~rows["play_id"].isin([TOTAL, OVERLAP])]
    priced, with_stake = int(plays["gain_mid"].notna().sum()), int(plays["value_at_stake"].notna().sum())
    if 2 * priced < with_stake:
        because = f"only {priced} of {with_stake} plays with value at stake can be priced (margins unknown?)"
        return not_available(id, because, unit="money", as_of=day)
    unpriced = plays[plays["gain_mid"].isna()]
    left_out = f"{len(unpriced)} of {len(plays)} plays carry no priced gain; they are in the cost of the plan only"
    return Finding(
        id=id,
        unit="money",
        value=float(totals["gain_mid"].sum()),
        low=float(totals["gain_low"].sum()),
        high=float(totals["gain_high"].sum()),
        n=int(totals["treated"].sum()),
        as_of=day,
        basis="effect of each play × value at stake, less overlaps and cost",
        because=left_out if len(unpriced) else "",
        parts={"plays": len(plays), "unpriced": len(unpriced)},
    )


def returns_by_budget(assignments: pd.DataFrame, *, points: int = 40) -> pd.DataFrame:
    """Money spent in the best order within each phase and what it brings: phase, cost, gain_low, gain_mid, gain_high.

    Treated subjects are taken by gain_mid per cost, the best first, so the curve shows diminishing returns; cumulative,
    thinned to about `points` rows a phase, beginning at 0. Plays that cannot be priced are left out; overlaps are not
    taken off here, so the end may lie above the total of `money_plan`.
    """
    priced = assignments[assignments["gain_mid"].notna() & assignments["arm"].ne("control") & (assignments["cost"] > 0)]
    priced = priced.assign(worth=priced["gain_mid"] / priced["cost"])
    priced = priced.sort_values(["worth", "play_id", "subject"], ascending=[False, True, True], kind="stable")
    parts = []
    for phase in PHASES:
        own = priced.loc[priced["phase"].eq(phase), ["cost", *CASES]]
        if own.empty:
            continue
        curve = pd.concat([pd.DataFrame([dict.fromkeys(own.columns, 0.0)]), own.cumsum()], ignore_index=True)
        kept = np.unique(np.linspace(0, len(curve) - 1, min(points, len(curve))).round().astype(int))
        parts.append(curve.iloc[kept].assign(phase=phase))
    columns = ["phase", "cost", *CASES]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
