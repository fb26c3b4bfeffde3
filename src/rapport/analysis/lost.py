"""Lost customers: who is silent beyond their own rhythm, what that puts at risk, and whom to call first."""

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from . import comebacks, reasons, status, winback

SILENT = ("lapsing", "lost", "lost_one_timer")
TEMPORARY, PERMANENT, REFUSED = TABLES["lost"].columns["outlook"].options
COLUMNS = list(TABLES["lost"].columns)
LATER = ("loss_value", "play_id", "owner", "arm")  # filled by the rooms that know them


def lost(
    classes: pd.DataFrame,
    history: pd.DataFrame,
    values: pd.DataFrame,
    purchase_days: pd.DataFrame,
    customers: pd.DataFrame | None = None,
    leavers_survey: pd.DataFrame | None = None,
    experiments: pd.DataFrame | None = None,
    signs: pd.DataFrame | None = None,
    winback_log: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Every lapsing or lost customer with the value at risk, the chance of a return by itself, and the win-back value.

    In: `classes` (state, gap_used_days, key_scope), `history`, `values`, `purchase_days`; `customers` for the CRM's
    status and the manager in charge; `leavers_survey` for stated reasons; `experiments` for the uplift; `signs` (see
    `drivers.signs`) for suspected ones; `winback_log` for what was said when we called. Out: `lost`, ranked by win-back
    value, then by value at risk, then by number; loss_value, play_id, owner and arm are filled by `loss_cost.at_loss`,
    `scripts.scripts` and `experiment.holdout`.
    Outlook: refused when the customer last refused for good; temporary when it refused for now, or when the share that
    returns by itself reaches recover.return_level; permanent below it.
    Cases: no silent customer gives an empty table; an unknown value leaves win-back value empty and ranks last; who
    refused for good is asked nothing more, so it has no win-back value and no day to call (HU-47).
    Reference: LT-13, LT-14, HU-45, HU-46, BG-17, DEF6.
    """
    base = classes.loc[classes["state"].isin(SILENT), ["customer_id", "state", "gap_used_days", "key_scope"]]
    rows = base.merge(history, on="customer_id").merge(values, on="customer_id", how="left", suffixes=("", "_of_value"))
    if rows.empty:
        return TABLES["lost"].empty()
    rows = _with_people(rows, customers, settings)
    rows = rows.merge(_returns(rows, purchase_days, winback_log, settings, as_of), on="customer_id")
    rows = rows.assign(outlook=_outlook(rows, winback_log, settings))
    rows = rows.assign(
        lost_on=rows["last_order_on"] + pd.to_timedelta(rows["gap_used_days"].round(), unit="D"),
        silent_gaps=rows["silent_days"] / rows["gap_used_days"].clip(lower=1),
    )
    rows = rows.join(winback.at_risk(rows, settings=settings))
    rows = rows.join(winback.worth(rows, experiments, settings=settings))
    rows = rows.merge(reasons.by_customer(rows, leavers_survey, signs, settings=settings), on="customer_id")
    rows = rows.assign(due_on=_due(rows["key_scope"], settings, as_of), **dict.fromkeys(LATER))
    is_over = rows["outlook"] == REFUSED
    rows = rows.assign(**{name: rows[name].mask(is_over) for name in ("uplift", "winback_value", "due_on")})
    return TABLES["lost"].check(_ranked(rows)[COLUMNS], "lost.lost")


def silent(classes: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """The silent customers as `comebacks` asks for them: one row per lapsing or lost customer, with its class.

    Out: customer_id, silent_days, purchases (purchase days so far), gap_days (mean; empty for one-time buyers), abc
    ("none" without value), state, gap_used_days.
    """
    rows = classes.loc[classes["state"].isin(SILENT), ["customer_id", "abc", "state", "gap_used_days"]]
    rows = rows.merge(history, on="customer_id")
    return _silence(rows).assign(
        abc=rows["abc"].fillna("none"), state=rows["state"], gap_used_days=rows["gap_used_days"]
    )


def _silence(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["customer_id", "silent_days"]].assign(
        purchases=rows["purchase_days"], gap_days=rows["span_days"] / rows["repeat_days"].where(rows["repeat_days"] > 0)
    )


def _with_people(rows: pd.DataFrame, customers: pd.DataFrame | None, settings) -> pd.DataFrame:
    if customers is None:
        return rows.assign(crm_status=None, is_disputed=False)
    known = customers[["customer_id", "crm_status", "manager_id"]]
    rows = rows.merge(known, on="customer_id", how="left", suffixes=("_of_sale", ""))
    says = status.crm_says(rows["crm_status"], settings=settings)
    return rows.assign(
        manager_id=rows["manager_id"].fillna(rows["manager_id_of_sale"]),
        is_disputed=(says == "active") & (rows["state"] != "lapsing"),
    )


def _returns(rows: pd.DataFrame, purchase_days, winback_log, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    shares = comebacks.return_shares(purchase_days, _silence(rows), winback_log, settings=settings, as_of=as_of)
    return shares.drop(columns="at_risk")


def _outlook(rows: pd.DataFrame, winback_log: pd.DataFrame | None, settings) -> pd.Series:
    comes = rows["return_prob"] >= settings.recover.return_level
    outlook = comes.map({True: TEMPORARY, False: PERMANENT}).where(rows["return_prob"].notna())
    if winback_log is None:
        return outlook
    told = winback_log.dropna(subset=["customer_id"]).sort_values("contacted_on", kind="stable", na_position="first")
    last = told.drop_duplicates("customer_id", keep="last").set_index("customer_id")["status"]
    said = rows["customer_id"].map(last).map({"refused_permanent": REFUSED, "refused_temporary": TEMPORARY})
    return said.where(said.notna(), outlook)


def _due(key_scope: pd.Series, settings, as_of: pd.Timestamp) -> np.ndarray:
    soon = np.busday_offset(as_of.date(), settings.key.rescue_working_days, roll="backward")
    later = as_of + pd.Timedelta(days=settings.recover.contact_within_days)
    return np.where(key_scope.fillna("").ne(""), np.datetime64(soon, "ns"), np.datetime64(later, "ns"))


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    order = ["winback_value", "value_at_risk", "customer_id"]
    rows = rows.sort_values(order, ascending=[False, False, True], na_position="last", ignore_index=True)
    return rows.assign(rank=np.arange(1, len(rows) + 1))
