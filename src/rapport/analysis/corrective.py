"""The corrective register: does every reason for loss that matters have an action, an owner and a date? (LT-16)"""

import pandas as pd

from ..foundation.finding import Finding, not_available

SHARE, MOST = 0.10, 3  # LT-16: every reason from 10 % of the known leavers, or the top three


def register(reasons: pd.DataFrame, corrective_actions: pd.DataFrame | None, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Each reason for loss with its corrective action, and whether it is answered.

    In: reasons, the table of `reasons.reason_table`; `corrective_actions`. Out: one row per reason and action, the
    commonest reason first: reason, leavers, share, must_answer (at least 10 % of the leavers with a reason, or among
    the three commonest), action, kind (internal or marketing), owner, due_on, status, is_answered (an action with owner
    and date), is_late (due before as_of and not done).
    Cases: no register leaves every reason unanswered. Reference: LT-16, LT-15.
    """
    columns = ["reason_code", "action", "kind", "owner", "due_on", "status"]
    actions = pd.DataFrame(columns=columns) if corrective_actions is None else corrective_actions[columns]
    rows = reasons[["reason", "leavers", "share"]].reset_index(drop=True)
    rows = rows.assign(must_answer=(rows["share"] >= SHARE) | (rows.index < MOST))
    out = rows.merge(actions, left_on="reason", right_on="reason_code", how="left").drop(columns="reason_code")
    is_done = out["status"].astype("string").str.casefold().eq("done").fillna(False).astype(bool)
    answered = out["action"].notna() & out["owner"].notna() & out["due_on"].notna()
    return out.assign(is_answered=answered, is_late=(pd.to_datetime(out["due_on"]) < as_of) & ~is_done)


def unanswered(register: pd.DataFrame | None, *, as_of: pd.Timestamp) -> Finding:
    """How many reasons that must be answered have no action with an owner and a date; parts: reasons, late.

    In: the table of `register`, or None without a survey. Out: Finding corrective.unanswered (count), n the reasons
    that must be answered. Reference: LT-16.
    """
    common = {
        "unit": "count",
        "as_of": str(as_of.date()),
        "basis": "reasons of 10 % of leavers or more, or the top three",
    }
    if register is None or register.empty:
        return not_available("corrective.unanswered", "no table 'leavers_survey' with reasons", **common)
    must = register[register["must_answer"]].groupby("reason", sort=False)["is_answered"].any()
    open_reasons = list(must[~must].index)
    parts = {"reasons": ", ".join(open_reasons), "late": int(register["is_late"].sum())}
    plain = parts["reasons"].replace("_", " ")
    because = f"no action with owner and date for: {plain}" if open_reasons else ""
    value = len(open_reasons)
    return Finding(id="corrective.unanswered", value=value, n=len(must), because=because, parts=parts, **common)
