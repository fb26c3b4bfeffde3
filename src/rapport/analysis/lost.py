"""Lost customers: who is silent beyond their own rhythm, what that puts at risk, and whom to call first."""

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from . import comebacks, reasons, status, winback

SILENT = ("lapsing", "lost", "lost_one_timer")
COLUMNS = list(TABLES["lost"].columns)


def lost(
    classes: pd.DataFrame,
    history: pd.DataFrame,
    values: pd.DataFrame,
    purchase_days: pd.DataFrame,
    customers: pd.DataFrame | None = None,
    leavers_survey: pd.DataFrame | None = None,
    experiments: pd.DataFrame | None = None,
    signs: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Every lapsing or lost customer with the value at risk, the chance of a return by itself, and the win-back value.

    In: `classes` (state, gap_used_days, key_scope), `history`, `values`, `purchase_days`; `customers` for the CRM's
    status and the manager in charge; `leavers_survey` for stated reasons; `experiments` for the uplift; `signs` (see
    `drivers.signs`) for suspected ones. Out: `lost`, ranked by win-back value, then by value at risk, then by number.
    Cases: no silent customer gives an empty table; an unknown value leaves win-back value empty and ranks last.
    Reference: LT-13, LT-14, HU-45, HU-46, BG-17, DEF6.
    """
    base = classes.loc[classes["state"].isin(SILENT), ["customer_id", "state", "gap_used_days", "key_scope"]]
    rows = base.merge(history, on="customer_id").merge(values, on="customer_id", how="left", suffixes=("", "_of_value"))
    if rows.empty:
        return TABLES["lost"].empty()
    rows = _with_people(rows, customers, settings)
    rows = rows.merge(_returns(rows, purchase_days, settings, as_of), on="customer_id")
    rows = rows.assign(
        lost_on=rows["last_order_on"] + pd.to_timedelta(rows["gap_used_days"].round(), unit="D"),
        silent_gaps=rows["silent_days"] / rows["gap_used_days"].clip(lower=1),
    )
    rows = rows.join(winback.at_risk(rows, settings=settings))
    rows = rows.join(winback.worth(rows, experiments, settings=settings))
    rows = rows.merge(reasons.by_customer(rows, leavers_survey, signs, settings=settings), on="customer_id")
    rows = rows.assign(due_on=_due(rows["key_scope"], settings, as_of), arm=None)
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


def _returns(rows: pd.DataFrame, purchase_days: pd.DataFrame, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    shares = comebacks.return_shares(purchase_days, _silence(rows), settings=settings, as_of=as_of)
    return shares.drop(columns="at_risk")


def _due(key_scope: pd.Series, settings, as_of: pd.Timestamp) -> np.ndarray:
    soon = np.busday_offset(as_of.date(), settings.key.rescue_working_days, roll="backward")
    later = as_of + pd.Timedelta(days=settings.recover.contact_within_days)
    return np.where(key_scope.fillna("").ne(""), np.datetime64(soon, "ns"), np.datetime64(later, "ns"))


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    order = ["winback_value", "value_at_risk", "customer_id"]
    rows = rows.sort_values(order, ascending=[False, False, True], na_position="last", ignore_index=True)
    return rows.assign(rank=np.arange(1, len(rows) + 1))
