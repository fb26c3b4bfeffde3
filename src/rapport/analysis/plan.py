"""The money plan: what the plays cost and may bring, by phase; who answers for what; when it is reviewed; what is
asked.

Gains of several plays on one customer do not add up without limit: see `money_plan`.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from ..foundation.play import PHASES, Play

CASES = ("gain_low", "gain_mid", "gain_high")
TOTAL, OVERLAP = "total", "overlap"
DAYS_AHEAD, QUARTER_DAYS = 365, 91
NAMED = 3  # people named in full beside a play; of more, their number is given


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
        parts={"plays": len(plays), "unpriced": len(unpriced), "unpriced_cost": float(unpriced["cost"].sum())},
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


def reviews(plays: Iterable[Play], assignments: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """The plan of the next twelve months: one row per assigned play, person who answers for it, and review date.

    Columns: due_on, phase, play_id, title, owner, owner_name (empty where unknown), subjects (of that person), measure,
    direction, review (1, 2 …). The first review is after review_days, further ones follow as far apart, but not closer
    than a quarter, up to as_of + 365 days. Sorted by date, then phase.
    """
    by_id = {play.id: play for play in plays}
    people = _people(assignments)
    rows = []
    for row in people.to_dict("records"):
        play = by_id[row["play_id"]]
        for review, days in enumerate(_review_days(play.goal.review_days), start=1):
            due = as_of + pd.Timedelta(days=days)
            rows.append(
                row | {"due_on": due, "review": review, "measure": play.goal.measure, "direction": play.goal.direction}
            )
    columns = [
        "due_on",
        "phase",
        "play_id",
        "title",
        "owner",
        "owner_name",
        "subjects",
        "measure",
        "direction",
        "review",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(order=frame["phase"].map(PHASES.index)).sort_values(
        ["due_on", "order", "play_id", "owner_name"], ignore_index=True, na_position="last"
    )[columns]


def _review_days(first: int) -> list[int]:
    return [first, *range(first + max(first, QUARTER_DAYS), DAYS_AHEAD + 1, max(first, QUARTER_DAYS))]


def _people(assignments: pd.DataFrame) -> pd.DataFrame:
    keys = ["phase", "play_id", "title", "owner", "owner_name"]
    return assignments.groupby(keys, dropna=False, sort=False).size().rename("subjects").reset_index()


def owners(plays: Iterable[Play], assignments: pd.DataFrame, play_gates: pd.DataFrame) -> pd.DataFrame:
    """Who answers for each assigned play, one row a play: phase, play_id, title, accountable (role), names, involved,
    measure, approval, subjects, cost, gain_mid (money), due_on (first review), status (evidence for the play).

    Exactly one role is accountable (BG-10). Up to three people are named, of more their number; `assignments` names
    each.
    """
    given = play_gates[play_gates["verdict"].eq("assigned")]
    names = assignments.dropna(subset="owner_name").groupby("play_id")["owner_name"].agg(_listed)
    due = assignments.groupby("play_id")["due_on"].min()
    status = assignments.groupby("play_id")["status"].first()
    by_id = {play.id: play for play in plays}
    each = [by_id[id] for id in given["play_id"]]
    return pd.DataFrame(
        {
            "phase": given["phase"].to_numpy(),
            "play_id": given["play_id"].to_numpy(),
            "title": given["title"].to_numpy(),
            "accountable": given["owner"].to_numpy(),
            "names": given["play_id"].map(names).fillna("").to_numpy(),
            "involved": [", ".join(play.involves) for play in each],
            "measure": [play.goal.measure for play in each],
            "approval": [play.approval for play in each],
            "subjects": given["subjects"].to_numpy(),
            "cost": given["cost"].to_numpy(),
            "gain_mid": given["gain_mid"].to_numpy(),
            "due_on": given["play_id"].map(due).to_numpy(),
            "status": given["play_id"].map(status).to_numpy(),
        }
    )


def _listed(people: pd.Series) -> str:
    """The people by name, or how many there are where they are more than NAMED."""
    names = sorted(set(people))
    return ", ".join(names) if len(names) <= NAMED else f"{len(names)} people, each for their own customers"


def mandates(plays: Iterable[Play], play_gates: pd.DataFrame) -> pd.DataFrame:
    """Who may ask what of which unit: owner (who asks), unit_asked, plays (titles), count. Draft for approval.

    From the units that assigned plays involve; to be approved by management before it binds anybody (BG-15).
    """
    given = set(play_gates.loc[play_gates["verdict"].eq("assigned"), "play_id"])
    rows = [
        {"owner": play.owner, "unit_asked": unit, "plays": play.title}
        for play in plays
        if play.id in given
        for unit in play.involves
    ]
    frame = pd.DataFrame(rows, columns=["owner", "unit_asked", "plays"])
    grouped = frame.groupby(["owner", "unit_asked"])["plays"]
    return pd.DataFrame({"plays": grouped.agg("; ".join), "count": grouped.size()}).reset_index()


def decisions(money_plan: pd.DataFrame, owners: pd.DataFrame) -> pd.DataFrame:
    """The decisions asked of management, one a phase: the assigned play with the highest expected gain.

    Columns: phase, play_id, title, accountable, names, subjects, cost, gain_low, gain_mid, gain_high, value_at_stake,
    approval, due_on, status, chosen_by. Cases: where no play of a phase is expected to gain, one without a priced gain is asked for,
    first one that needs approval, then by value at stake; where all are priced and lose, the one that loses least, and
    chosen_by says so.
    """
    plays = money_plan[~money_plan["play_id"].isin([TOTAL, OVERLAP])]
    plays = plays.merge(
        owners[["play_id", "accountable", "names", "approval", "due_on", "status"]], on="play_id", how="left"
    )
    rows = [_decision(own) for phase in PHASES if len(own := plays[plays["phase"].eq(phase)])]
    columns = [
        "phase",
        "play_id",
        "title",
        "accountable",
        "names",
        "subjects",
        "cost",
        *CASES,
        "value_at_stake",
        "approval",
        "due_on",
        "status",
        "chosen_by",
    ]
    return pd.DataFrame(rows, columns=columns)


def _decision(own: pd.DataFrame) -> dict:
    best = own.sort_values(["gain_mid", "play_id"], ascending=[False, True], na_position="last").iloc[0]
    if best["gain_mid"] > 0:
        return best.to_dict() | {"chosen_by": "highest expected gain"}
    unpriced = own[own["gain_mid"].isna()]
    if unpriced.empty:
        return best.to_dict() | {
            "chosen_by": "no play of this phase is expected to bring back its cost; this one loses least"
        }
    order = unpriced.assign(asked=unpriced["approval"].eq("management"))
    best = order.sort_values(
        ["asked", "value_at_stake", "play_id"], ascending=[False, False, True], na_position="last"
    ).iloc[0]
    return best.to_dict() | {"chosen_by": "no gain can be priced; chosen by need of approval and value at stake"}
