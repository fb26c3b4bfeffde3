"""One row per segment: everything known of it, and the vocabulary of plays that apply to segments."""

import pandas as pd

from ..foundation.contracts import TABLES


def profile(
    classes: pd.DataFrame,
    history: pd.DataFrame,
    values: pd.DataFrame | None = None,
    lost: pd.DataFrame | None = None,
    contacts: pd.DataFrame | None = None,
    customers: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """The `profile` table: one row per segment of `classes`, largest net value first; money, days and shares of 0–1.

    Cases: a table that is not given leaves its columns empty, never 0 (DEF10). Money of the active window is
    `history.net_recent`; its contribution is each customer's own margin rate over all of its sales, times that, and
    empty when the margin of any customer that bought is unknown. Shares of net count customers with a negative net as
    0, so that they lie in 0–1 and sum to 1 (DEF3). `retention_cohort` is, of the customers that bought in the window
    before the last, the share that bought in the last: segments are judged today, so it describes who is in the
    segment and is no test of it. Customers without a row in `history` count as customers with no sales. Reference:
    house.md §2, requirements RU-18, HU-10.
    """
    if classes.empty:
        return TABLES["profile"].empty()
    one = classes[["customer_id", "segment"]].assign(
        active=classes["state"].eq("active").astype(float),
        lost=classes["state"].isin(["lost", "lost_one_timer"]).astype(float),
    )
    for part in (
        _sales(history),
        _worth(values),
        _risk(lost, one),
        _contacted(contacts, one, settings, as_of),
        _consent(customers),
    ):
        one = one.merge(part, on="customer_id", how="left")
    rows = one.groupby("segment", sort=True).apply(_row, include_groups=False).reset_index()
    rows["customer_share"] = rows["customers"] / len(one)
    positive = rows.pop("positive_net")
    rows["net_share"] = positive / positive.sum() if positive.sum() > 0 else float("nan")
    rows = rows.sort_values(["net_total", "segment"], ascending=[False, True])
    return TABLES["profile"].check(rows, "analysis.profile")


def _row(group: pd.DataFrame) -> pd.Series:
    before = group["net_before"] > 0
    unsold = group["net_recent"].isna().map({True: 0.0, False: float("nan")})
    stayed = (before & (group["orders_recent"] > 0)).sum()
    return pd.Series(
        {
            "customers": len(group),
            "net_total": group["net_recent"].sum(),
            "positive_net": group["net_recent"].clip(lower=0).sum(),
            "margin_total": group["margin_recent"].fillna(unsold).sum(skipna=False),
            "mean_value": group["net_recent"].fillna(0).mean(),
            "median_gap_days": group["gap_days"].dropna().median(),
            "active_share": group["active"].mean(),
            "lost_share": group["lost"].mean(),
            "one_timer_share": group["purchase_days"].eq(1).mean(),
            "retention_cohort": stayed / before.sum() if before.any() else float("nan"),
            "clv_total": group["clv"].sum(min_count=1),
            "clv_mean": group["clv"].mean(),
            "value_at_risk": group["value_at_risk"].sum(min_count=1),
            "contacted_share": group["contacted"].mean(),
            "consent_share": group["consent"].mean(),
        }
    )


def _sales(history: pd.DataFrame) -> pd.DataFrame:
    taken = ["customer_id", "net_recent", "net_before", "orders_recent", "gap_days", "purchase_days"]
    rate = history["margin_total"] / history["net_total"].where(history["net_total"] != 0)
    bought = history["net_recent"] != 0
    return history[taken].assign(margin_recent=(rate * history["net_recent"]).where(bought, 0.0))


def _worth(values: pd.DataFrame | None) -> pd.DataFrame:
    return _empty("clv") if values is None else values[["customer_id", "clv"]]


def _risk(lost: pd.DataFrame | None, one: pd.DataFrame) -> pd.DataFrame:
    if lost is None:
        return _empty("value_at_risk")
    known = lost.set_index("customer_id")["value_at_risk"].reindex(one["customer_id"])
    return known.fillna(0.0).reset_index()


def _contacted(contacts: pd.DataFrame | None, one: pd.DataFrame, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    if contacts is None or contacts.empty:
        return _empty("contacted")
    since = as_of - pd.Timedelta(days=settings.data.active_window_days)
    recent = contacts[
        contacts["direction"].eq("out") & contacts["contacted_on"].between(since, as_of, inclusive="right")
    ]
    return pd.DataFrame(
        {"customer_id": one["customer_id"], "contacted": one["customer_id"].isin(recent["customer_id"]).astype(float)}
    )


def _consent(customers: pd.DataFrame | None) -> pd.DataFrame:
    if customers is None or customers["consent_marketing"].isna().all():
        return _empty("consent")
    agreed = customers["consent_marketing"].astype("boolean").fillna(False).astype(float)
    return pd.DataFrame({"customer_id": customers["customer_id"], "consent": agreed})


def _empty(column: str) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": pd.Series(dtype=object), column: pd.Series(dtype=float)})
