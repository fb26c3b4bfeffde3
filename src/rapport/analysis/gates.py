"""May the next phase begin: the gates between retain, recover and acquire, and what management still has to settle."""

from collections.abc import Iterable

import pandas as pd

from ..foundation.finding import Finding, not_available
from ..foundation.play import Play
from .assign import approved_subjects

CURRENT = ("too_early", "active", "lapsing")
STRATEGY = "strategy"  # the subject under which management approves the whole plan
GREEN, AMBER = "green", "amber"


def gates(
    plays: Iterable[Play],
    classes: pd.DataFrame,
    assignments: pd.DataFrame,
    play_gates: pd.DataFrame,
    managers: pd.DataFrame | None = None,
    approvals: pd.DataFrame | None = None,
    departments: pd.DataFrame | None = None,
    *,
    facts: Iterable[Finding] = (),
    settings,
    as_of: pd.Timestamp,
) -> tuple[Finding, ...]:
    """The gates of the plan: gate.retain, .recover, .acquire, .parallel, .non_pareto, .departments and .approval.

    Values are texts: green or amber; for gate.parallel yes or no; for gate.approval approved or draft. `because` names
    what is missing or why it is met; departments go by their names where `departments` has them. `facts` may hold concentration.largest and balance.stage for the exceptions of
    C10. Reference: LT-01, LT-08, LT-11, LT-17, BG-10, BG-15, requirements C10.
    """
    plays = tuple(plays)
    recover = recovery(plays, classes, assignments, as_of=as_of)
    return (
        _retain(play_gates, as_of),
        recover,
        _acquire(assignments, play_gates, recover, as_of),
        _parallel(recover, {found.id: found for found in facts}, settings, as_of),
        _non_pareto(classes, assignments, as_of),
        _departments(assignments, managers, departments, as_of),
        _approval(plays, play_gates, approvals, as_of),
    )


def uncovered(plays: Iterable[Play], classes: pd.DataFrame, assignments: pd.DataFrame) -> pd.DataFrame:
    """Each segment with class-A customers who still buy, and how many of those have a retain play: one row a segment.

    Columns: segment, customers (class A, not lost), covered, plays (ids joined by ", "), is_met (at least one retain
    play with owner, measure and budget reaches the segment). Retain plays always carry owner and measure (the playbook
    refuses others); a budget is a cost above zero. Reference: LT-11.
    """
    best = classes.loc[classes["abc"].eq("A") & classes["state"].isin(CURRENT), ["customer_id", "segment"]]
    budgeted = [play.id for play in plays if play.phase == "retain" and play.cost.per_customer + play.cost.fixed > 0]
    given = assignments.loc[assignments["play_id"].isin(budgeted), ["subject", "play_id", "applies_to"]]
    single = given[given["applies_to"].isin(["customer", "key_account"])]
    whole = given[given["applies_to"].eq("segment")]
    by_customer = best.merge(single, left_on="customer_id", right_on="subject")[["customer_id", "segment", "play_id"]]
    by_segment = best.merge(whole, left_on="segment", right_on="subject")[["customer_id", "segment", "play_id"]]
    both = pd.concat([by_customer, by_segment], ignore_index=True)
    rows = best.groupby("segment")["customer_id"].nunique().rename("customers").to_frame()
    rows["covered"] = both.groupby("segment")["customer_id"].nunique().reindex(rows.index, fill_value=0)
    names = (
        both.drop_duplicates(["segment", "play_id"])
        .groupby("segment")["play_id"]
        .agg(lambda ids: ", ".join(sorted(ids)))
    )
    rows["plays"] = names.reindex(rows.index).fillna("")
    return rows.assign(is_met=rows["plays"].ne("")).reset_index()


def _plainly(codes: list[str]) -> str:
    return ", ".join(code.replace("_", " ") for code in codes)


def _gate(id: str, is_green: bool, because: str, n: int, basis: str, as_of: pd.Timestamp, **parts) -> Finding:
    value = GREEN if is_green else AMBER
    return Finding(
        id=id, unit="text", value=value, n=n, basis=basis, as_of=str(as_of.date()), because=because, parts=parts
    )


def _assigned(play_gates: pd.DataFrame, phase: str) -> pd.DataFrame:
    return play_gates[play_gates["phase"].eq(phase) & play_gates["verdict"].eq("assigned")]


def _retain(play_gates: pd.DataFrame, as_of: pd.Timestamp) -> Finding:
    given = _assigned(play_gates, "retain")
    because = f"{len(given)} retain plays have customers" if len(given) else "no retain play has anybody to work on"
    return _gate(
        "gate.retain", bool(len(given)), because, len(play_gates), "plays of the playbook", as_of, plays=len(given)
    )


def recovery(
    plays: Iterable[Play], classes: pd.DataFrame, assignments: pd.DataFrame, *, as_of: pd.Timestamp
) -> Finding:
    """The gate of recovery alone: does every segment with class-A customers have its retain play?

    In: `classes`, `assignments` (of the retain plays at least). Out: Finding gate.recover, green or amber; `because`
    names the segments without. The same finding is among `gates`. Reference: LT-11.
    """
    rows = uncovered(plays, classes, assignments)
    basis = "segments with customers of class A who still buy"
    if rows.empty:
        because = "no customer of class A still buys; nothing to protect before recovery"
        return _gate("gate.recover", False, because, 0, basis, as_of, segments=0, missing="", covered=0, customers=0)
    missing = rows.loc[~rows["is_met"], "segment"].tolist()
    because = (
        f"every one of {len(rows)} segments with class-A customers has a retain play with owner, measure and budget"
    )
    if missing:
        because = f"no retain play with owner, measure and budget reaches: {_plainly(missing)}"
    counts = {"covered": int(rows["covered"].sum()), "customers": int(rows["customers"].sum())}
    return _gate(
        "gate.recover",
        not missing,
        because,
        len(rows),
        basis,
        as_of,
        segments=len(rows),
        missing=", ".join(missing),
        **counts,
    )


def _acquire(assignments, play_gates, recover: Finding, as_of) -> Finding:
    given = _assigned(play_gates, "recover")
    validated = assignments.loc[assignments["status"].eq("validated"), "title"].unique().tolist()
    lacks = [] if recover.value == GREEN else ["the gate for recovery is amber"]
    if given.empty:
        lacks.append("no recovery play has anybody to work on")
    because = "; ".join(lacks) or f"{len(given)} recovery plays run"
    because += (
        f"; proven and to be carried over: {'; '.join(validated)}"
        if validated
        else "; no play is proven yet, so none is carried over"
    )
    return _gate(
        "gate.acquire", not lacks, because, len(play_gates), "plays of the playbook", as_of, validated=len(validated)
    )


def _parallel(recover: Finding, facts: dict[str, Finding], settings, as_of) -> Finding:
    largest, stage = facts.get("concentration.largest"), facts.get("balance.stage")
    limit = settings.key.dependency_bands[2]
    reasons = []
    if largest is not None and largest.value is not None and largest.value > limit:
        reasons.append(f"the largest customer is {largest.value:.2f} of sales, above {limit:g}")
    if stage is not None and stage.value == "start-up":
        reasons.append("the firm is in its start-up stage")
    if recover.value == GREEN:
        reasons.append("retention is in place: every segment with class-A customers has its play")
    because = "Acquisition may run beside the other phases: " + "; ".join(reasons)
    if not reasons:
        because = (
            "Acquisition waits: no customer is above the limit, the firm is no start-up, and retention is not in place"
        )
    return Finding(
        id="gate.parallel",
        unit="text",
        value="yes" if reasons else "no",
        n=recover.n,
        basis="the largest customer, the stage of the firm and the gate for recovery",
        as_of=str(as_of.date()),
        because=because,
        parts={"reasons": "; ".join(reasons)},
    )


def _non_pareto(classes: pd.DataFrame, assignments: pd.DataFrame, as_of) -> Finding:
    others = classes.loc[~classes["is_pareto"], "customer_id"]
    single = assignments[assignments["applies_to"].isin(["customer", "key_account"])]
    found = single.loc[single["subject"].isin(others) & single["phase"].ne("acquire")]
    count = int(found["play_id"].nunique())
    because = (
        f"{count} plays are for customers outside the Pareto group"
        if count
        else "no play is for customers outside the Pareto group"
    )
    return _gate(
        "gate.non_pareto",
        count > 0,
        because,
        len(others),
        "customers outside the Pareto group",
        as_of,
        plays=count,
        customers=int(found["subject"].nunique()),
    )


def _departments(
    assignments: pd.DataFrame, managers: pd.DataFrame | None, departments: pd.DataFrame | None, as_of
) -> Finding:
    if managers is None or managers["department_id"].isna().all():
        return not_available(
            "gate.departments", "table managers with department_id was not given", unit="text", as_of=str(as_of.date())
        )
    answerable = managers[managers["name"].isin(assignments["owner_name"].dropna().unique())]
    every = managers["department_id"].dropna().unique()
    idle = sorted(set(every) - set(answerable["department_id"].dropna()))
    if departments is not None:
        names = departments.set_index("department_id")["name"]
        idle = sorted(names.get(code, code) for code in idle)
    because = (
        f"nobody in {', '.join(idle)} answers for a play" if idle else "every department answers for at least one play"
    )
    return _gate("gate.departments", not idle, because, len(every), "departments", as_of, idle=", ".join(idle))


def _approval(plays, play_gates: pd.DataFrame, approvals: pd.DataFrame | None, as_of) -> Finding:
    approved = approved_subjects(approvals)
    given = set(play_gates.loc[play_gates["verdict"].eq("assigned"), "play_id"])
    waiting = [play for play in plays if play.approval == "management" and play.id in given - approved]
    parts = {"waiting": ", ".join(sorted(play.id for play in waiting)), "approved_by": "", "approved_on": ""}
    if STRATEGY in approved:
        row = approvals[
            approvals["subject"].str.strip().str.casefold().eq(STRATEGY) & approvals["approved_by"].notna()
        ].iloc[-1]
        parts |= {
            "approved_by": row["approved_by"],
            "approved_on": "" if pd.isna(row["approved_on"]) else str(row["approved_on"].date()),
        }
    because = f"approved by {parts['approved_by']}" if STRATEGY in approved else "management has not approved it yet"
    if waiting:
        because += f"; waiting for approval by name: {'; '.join(sorted(play.title for play in waiting))}"
    return Finding(
        id="gate.approval",
        unit="text",
        value="approved" if STRATEGY in approved else "draft",
        n=len(plays),
        basis="approvals by management, plays of the playbook",
        as_of=str(as_of.date()),
        because=because,
        parts=parts,
    )
