"""Plays × customers, segments, prospects and the firm → who gets which play, why, at what cost and with what expected
gain.

Order is always retain → recover → acquire (LT-01). Who gets a play is settled in `analysis.allot`, what is at stake in
`analysis.stakes`, the conditions in `analysis.conditions`.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding
from ..foundation.play import Play, readable
from .allot import CUSTOMERS, Allotment, allotments
from .conditions import FIRM, nobody, reasons

GROUPS = {"customer": "customers", "key_account": "customers", "segment": "segments", "prospect": "prospects"}
ROLES = {"head of sales": "head", "key manager": "key"}  # owner of a play → role in the managers table
OWN_MANAGER = (
    "sales",
    "account manager",
    "key manager",
)  # roles held by the customer's own manager, where one is known


def assignments(
    plays: Iterable[Play],
    tables: Mapping[str, pd.DataFrame],
    *,
    facts: Iterable[Finding] = (),
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """The `assignments` table: one row per play and subject that got it; money; phases in their fixed order, best
    first.

    In: `tables`, name → frame, of what this run has (classes, history, values, lost, customers, profile,
    prospects_ranked, managers, experiments, and any table a play `needs`); a table not in it was not given. `facts`,
    Findings about the firm as a whole that plays of grain `firm` may ask for (see `foundation.play.FACTS`).
    Money: cost of a treated subject = per_customer + fixed / treated subjects. Gain = effect × value at stake − cost
    for an effect of unit share, effect − cost for unit money; low, mid and high by the three effects of the play, or
    by the difference and its 95 % interval that the client's own experiments showed. Subjects held out cost and gain
    nothing. Limits: a customer not known to agree gets no marketing play; over all plays no customer gets more
    marketing contacts in 30 days than plan.contact_cap; `per_manager` bounds personal plays. Cases: the arm is drawn
    by a hash of value.seed, play and subject within segments, so a rerun gives the same arms; a gain that cannot be
    priced is empty and such rows rank by value at stake; the first review is as_of + review_days. Reference: house.md
    §4, LT-01, LT-10, LT-17, ET-01, BG-10.
    """
    allotted = allotments(plays, tables, facts=facts, settings=settings, as_of=as_of)
    names = _names(tables)
    parts = [_rows(one, names, as_of) for one in allotted if len(one.rows)]
    if not parts:
        return TABLES["assignments"].empty()
    return pd.DataFrame(
        {name: np.concatenate([part[name] for part in parts]) for name in TABLES["assignments"].columns}
    )


def play_gates(
    plays: Iterable[Play],
    tables: Mapping[str, pd.DataFrame],
    *,
    facts: Iterable[Finding] = (),
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """The `play_gates` table: one row per play of the playbook, phases in their fixed order, what became of it and why.

    In: as for `assignments`. Cases: a play that cannot be judged names the table or column it lacks; one that nobody
    qualifies for says how many meet each condition; one assigned says how many were left out for want of consent, by
    the contact cap and by the managers' capacity, who is held out, and on what the value at stake rests. Reference:
    DEF10, LT-10, LT-11.
    """
    allotted = allotments(plays, tables, facts=facts, settings=settings, as_of=as_of)
    if not allotted:
        return TABLES["play_gates"].empty()
    approved = approved_subjects(tables.get("approvals"))
    return pd.DataFrame([_gate(one, approved, settings) for one in allotted])[list(TABLES["play_gates"].columns)]


def approved_subjects(approvals: pd.DataFrame | None) -> set[str]:
    """What management has approved by name, in lower case; a row without a name approves nothing (BG-15)."""
    if approvals is None:
        return set()
    return set(approvals.loc[approvals["approved_by"].fillna("").ne(""), "subject"].str.strip().str.casefold())


def _rows(one: Allotment, names: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, np.ndarray]:
    """The columns of one play's rows, in the order of their rank."""
    play, n = one.play, len(one.rows)
    gains = {f"gain_{case}": one.gain(case) for case in ("low", "mid", "high")}
    worth = np.where(np.isfinite(gains["gain_mid"]), gains["gain_mid"], -np.inf)
    order = np.lexsort((one.known.place[one.rows], np.nan_to_num(-one.at_stake, nan=np.inf), -worth))
    same = {name: getattr(play, name) for name in ("phase", "title", "applies_to", "status", "owner")}
    columns = {
        **{name: np.full(n, value, object) for name, value in (same | {"play_id": play.id}).items()},
        **gains,
        "subject": one.known.ids.to_numpy(object)[one.rows],
        "value_at_stake": one.at_stake,
        "cost": one.cost,
        "owner_name": _owner_names(one, names),
        "due_on": np.full(n, (as_of + pd.Timedelta(days=play.goal.review_days)).to_datetime64(), "datetime64[ns]"),
        "arm": np.where(one.treated, "treated", "control").astype(object) if play.holdout_share else _nothing(n),
        "why": reasons(play, one.known, one.rows),
    }
    return {name: values[order] for name, values in columns.items()} | {"rank": np.arange(1, n + 1)}


def _nothing(n: int) -> np.ndarray:
    return np.full(n, None, object)


def _names(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    managers = tables.get("managers")
    if managers is None:
        managers = TABLES["managers"].empty()
    names = managers.set_index("manager_id")[["name", "role"]]
    return names.assign(role=names["role"].fillna("").str.casefold())


def _owner_names(one: Allotment, names: pd.DataFrame) -> np.ndarray:
    """The customer's own manager for sales roles; for another role the only manager who holds it, if any."""
    role = ROLES.get(one.play.owner, one.play.owner.casefold())
    holders = names.loc[names["role"].eq(role), "name"].dropna()
    holder = holders.iloc[0] if len(holders) == 1 else None
    if one.play.owner not in OWN_MANAGER or one.play.applies_to not in CUSTOMERS:
        return np.full(len(one.rows), holder, object)
    managers = one.known.managers
    by_code = [*(names["name"].get(manager) for manager in managers.categories), None]
    shown = [holder if pd.isna(name) else name for name in by_code]
    return np.array(shown, object)[managers.codes[one.rows]]


def _gate(one: Allotment, approved: set[str], settings) -> dict:
    play = one.play
    row = {"phase": play.phase, "play_id": play.id, "title": play.title, "subjects": len(one.rows), "owner": play.owner}
    empty = dict.fromkeys(("value_at_stake", "cost", "gain_low", "gain_mid", "gain_high"), np.nan)
    if play.is_off:
        return {**row, **empty, "verdict": "switched_off", "because": "switched off for this client in engagement.yml"}
    if one.judged.missing:
        return {**row, **empty, "verdict": "cannot_be_judged", "because": one.judged.missing}
    if not len(one.rows):
        because = nobody(play, one.known, one.judged)
        if one.judged.holds.any():
            because = f"{one.judged.holds.sum():,} meet the conditions and none is given it; {_left_out(one)}"
        return {**row, **empty, "verdict": "nobody_qualifies", "because": because}
    money = {"value_at_stake": pd.Series(one.at_stake).sum(min_count=1), "cost": one.cost.sum()}
    money |= {f"gain_{case}": _total(one.gain(case)) for case in ("low", "mid", "high")}
    return {**row, **money, "verdict": "assigned", "because": _assigned(one, approved, settings)}


def _total(gains: np.ndarray) -> float:
    """Sum over the subjects that could be priced; missing when none could."""
    return float(np.nansum(gains)) if np.isfinite(gains).any() else float("nan")


def _assigned(one: Allotment, approved: set[str], settings) -> str:
    if one.play.applies_to == FIRM:
        told = [reasons(one.play, one.known, one.rows)[0]]
    else:
        told = [f"for {len(one.rows):,} of {len(one.known.ids):,} {GROUPS[one.play.applies_to]}"]
    told.append(_left_out(one))
    held = int((~one.treated).sum())
    few = f" (below {settings.evidence.min_arm}: read only pooled with later rounds)"
    told.append(f"held out of these: {held:,}{few if held < settings.evidence.min_arm else ''}" if held else "")
    told.append(f"at stake: {one.stake.basis}" if one.stake else "")
    unpriced = int(np.isnan(one.at_stake).sum())
    if 0 < unpriced < len(one.rows):
        told.append(f"{unpriced:,} have no figure at stake and are not priced")
    if _total(one.gain("mid")) < 0:
        told.append("in the middle case it does not bring back its cost")
    if one.play.approval == "management" and one.play.id not in approved:
        told.append("nothing is done before management has approved it by name")
    return "; ".join(filter(None, told))


def _left_out(one: Allotment) -> str:
    unknown = {f"with unknown {readable(name)}": count for name, count in one.judged.unknown.items()}
    counts = {**one.left_out, "protected": one.judged.spared, **unknown}
    told = [f"{count:,} {reason}" for reason, count in counts.items() if count]
    return f"left out: {', '.join(told)}" if told else ""
