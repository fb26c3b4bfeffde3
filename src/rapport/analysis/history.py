"""Transactions → what each customer did: one row per customer, per purchase day, per period, per pattern.

Works on a lazy ibis table: the heavy part runs in the engine (DuckDB by default), and only one row per customer or
per purchase day comes back. Money is summed as DECIMAL: in floats a return that cancels a purchase leaves 4e-16, not 0.

A purchase is a distinct order with a positive net value (DEF2); orders of a customer on one day are one purchase day.
The literature's recency t_x is `span_days`, its T is `observed_days`, its frequency x is `repeat_days`;
the marketer's recency is `silent_days`.
"""

import ibis
import numpy as np
import pandas as pd
from ibis import _

from ..foundation.contracts import TABLES

MONEY = "decimal(24, 6)"


def orders(transactions: ibis.Table, *, as_of: pd.Timestamp) -> ibis.Table:
    """Lazy; one row per order of an identified customer up to `as_of`, its lines summed; returns are left out.

    Columns: customer_id, order_key, ordered_on (the first line's day), net, margin (null when any line's is unknown),
    is_discounted (null when no line says), department_id, manager_id. Orders that net to zero or less are no purchase
    and are left out (DEF2).
    """
    sold = transactions.filter(_.customer_id.notnull() & ~_.is_return & (_.ordered_on <= _day(as_of)))
    lines = sold.group_by("customer_id", "source", "order_id").agg(
        ordered_on=_.ordered_on.min(),
        net=_.net_amount.cast(MONEY).sum(),
        margin=ibis.ifelse(_.margin.isnull().any(), ibis.null(MONEY), _.margin.cast(MONEY).sum()),
        is_discounted=(_.discount_share > 0).any(),
        department_id=_.department_id.max(),
        manager_id=_.manager_id.max(),
    )
    return lines.filter(_.net > 0).mutate(order_key=_.source + "|" + _.order_id)


def purchase_days(transactions: ibis.Table, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per customer and day with a purchase: orders, net, margin (money; before returns).

    Sorted by customer and day. Margin is empty on a day on which any order's cost is unknown.
    """
    days = _purchase_days(orders(transactions, as_of=as_of))
    frame = days.order_by("customer_id", "ordered_on").to_pandas()
    return frame.astype({"net": "float64", "margin": "float64", "orders": "int64"})


def history(
    transactions: ibis.Table, *, settings, as_of: pd.Timestamp, customers: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The `history` table: one row per customer with at least one purchase or return up to `as_of`; days and money.

    Cases: a customer with returns only has no first purchase and zero orders; a one-time buyer has span 0 and no gap;
    `gap_days` needs three purchase days (DEF6); `margin_total` is empty when any of the customer's costs is unknown and
    no purchase is counted twice when it has several lines. `is_truncated` marks customers first seen within
    `data.truncation_days` of the first purchase (DEF5; of a customer with value above zero: only such speak for the
    base), unless `customers.created_on` shows that they were set up after the data begin; a customer set up before the
    data begin is always truncated.
    """
    per_order = orders(transactions, as_of=as_of)
    days = _purchase_days(per_order)
    window = pd.Timedelta(days=settings.data.active_window_days)
    windows = {"recent": _.ordered_on > _day(as_of - window)}
    windows["before"] = (_.ordered_on > _day(as_of - 2 * window)) & ~windows["recent"]
    frame = (
        _purchases(per_order, windows)
        .outer_join(_returns(transactions, as_of, windows, settings.data.returns_policy), "customer_id")
        .mutate(customer_id=ibis.coalesce(_.customer_id, _.customer_id_right))
        .drop("customer_id_right")
        .left_join(_rhythm(days), "customer_id")
        .drop("customer_id_right")
        .left_join(_home(per_order), "customer_id")
        .drop("customer_id_right")
        .left_join(_breadth(transactions, as_of, as_of - window), "customer_id")
        .drop("customer_id_right")
        .order_by("customer_id")
        .to_pandas()
    )
    return _finished(frame, settings=settings, as_of=as_of, customers=customers)


def periods(transactions: ibis.Table, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The `periods` table: one row per customer and period with orders (orders; net money before returns).

    The period is `data.period` (week, month, quarter). Periods without an order are not listed: readers fill them with
    zero from the customer's first period to the period of `as_of`.
    """
    per_period = (
        orders(transactions, as_of=as_of)
        .mutate(period_on=_.ordered_on.truncate(settings.data.period))
        .group_by("customer_id", "period_on")
        .agg(orders=_.count(), net=_.net.sum())
        .order_by("customer_id", "period_on")
        .to_pandas()
    )
    return per_period.astype({"net": "float64", "period_on": "datetime64[ns]", "orders": "int64"})


def sales_by_unit(transactions: ibis.Table, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per customer, department and manager with sales in the active window: net, margin (money).

    The manager is the one at the sale, not today's (HU-32). Returns are taken off under the policy `net` only.
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    lines = transactions.filter(_.customer_id.notnull() & (_.ordered_on > _day(start)) & (_.ordered_on <= _day(as_of)))
    if settings.data.returns_policy != "net":
        lines = lines.filter(~_.is_return)
    units = (
        lines.group_by("customer_id", "department_id", "manager_id")
        .agg(
            net=_.net_amount.cast(MONEY).sum(),
            margin=ibis.ifelse(_.margin.isnull().any(), ibis.null(MONEY), _.margin.cast(MONEY).sum()),
        )
        .order_by("customer_id", "department_id", "manager_id")
        .to_pandas()
    )
    return units.astype({"net": "float64", "margin": "float64"})


def firm_sales(transactions: ibis.Table, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row: net and margin (money) of the whole firm in the active window, sales that name nobody among them.

    Returns are taken off under the policy `net` only; margin is empty when any cost is unknown.
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    lines = transactions.filter((_.ordered_on > _day(start)) & (_.ordered_on <= _day(as_of)))
    if settings.data.returns_policy != "net":
        lines = lines.filter(~_.is_return)
    known = ibis.ifelse(_.margin.isnull().any(), ibis.null(MONEY), _.margin.cast(MONEY).sum())
    sold = lines.aggregate(net=_.net_amount.cast(MONEY).sum(), margin=known).to_pandas()
    return sold.astype({"net": "float64", "margin": "float64"})


def patterns(history: pd.DataFrame) -> pd.DataFrame:
    """The `patterns` table: distinct (repeat_days, span_days, observed_days) with the number of customers as weight.

    All that a buying model ever sees of the base. Customers without a purchase are left out.
    """
    bought = history[history["purchase_days"] > 0]
    keys = ["repeat_days", "span_days", "observed_days", "is_truncated"]
    return bought.groupby(keys, as_index=False).size().rename(columns={"size": "customers"})


def _day(day: pd.Timestamp):
    return ibis.literal(day.to_pydatetime())


def _purchase_days(per_order: ibis.Table) -> ibis.Table:
    return per_order.group_by("customer_id", "ordered_on").agg(
        orders=_.count(),
        net=_.net.sum(),
        margin=ibis.ifelse(_.margin.isnull().any(), ibis.null(MONEY), _.margin.sum()),
    )


def _purchases(per_order: ibis.Table, windows: dict) -> ibis.Table:
    return per_order.group_by("customer_id").agg(
        first_order_on=_.ordered_on.min(),
        last_order_on=_.ordered_on.max(),
        orders=_.count(),
        purchase_days=_.ordered_on.nunique(),
        gross_total=_.net.sum(),
        margin_sold=ibis.ifelse(_.margin.isnull().any(), ibis.null(MONEY), _.margin.sum()),
        sold_recent=_.net.sum(where=windows["recent"]),
        sold_before=_.net.sum(where=windows["before"]),
        orders_recent=_.count(where=windows["recent"]),
        discounted_share=_.is_discounted.cast("float64").mean(),
    )


def _returns(transactions: ibis.Table, as_of: pd.Timestamp, windows: dict, policy: str) -> ibis.Table:
    returned = transactions.filter(_.customer_id.notnull() & _.is_return & (_.ordered_on <= _day(as_of)))
    if policy == "drop":
        returned = returned.limit(0)
    return returned.group_by("customer_id").agg(
        returned_total=-_.net_amount.cast(MONEY).sum(),
        returned_recent=-_.net_amount.cast(MONEY).sum(where=windows["recent"]),
        returned_before=-_.net_amount.cast(MONEY).sum(where=windows["before"]),
        margin_returned=ibis.ifelse(_.margin.isnull().any(), ibis.null(MONEY), _.margin.cast(MONEY).sum()),
    )


def _rhythm(days: ibis.Table) -> ibis.Table:
    """Median and variation of the gaps between purchase days, and the mean value of the days after the first."""
    by_day = ibis.window(group_by="customer_id", order_by="ordered_on")
    gaps = days.mutate(previous_on=_.ordered_on.lag().over(by_day)).filter(_.previous_on.notnull())
    gaps = gaps.mutate(gap=_.ordered_on.delta(_.previous_on, unit="day").cast("float64"))
    return gaps.group_by("customer_id").agg(
        gaps=_.count(),
        gap_median=_.gap.median(),
        gap_mean=_.gap.mean(),
        gap_deviation=_.gap.std(how="pop"),
        mean_repeat_value=_.net.sum().cast("float64") / _.count(),
    )


def _home(per_order: ibis.Table) -> ibis.Table:
    """Department of most of the value, and manager at the last sale; ties go to the first in alphabetical order."""
    by_department = per_order.group_by("customer_id", "department_id").agg(net=_.net.sum())
    best = ibis.window(group_by="customer_id", order_by=[ibis.desc("net"), ibis.asc("department_id")])
    department = by_department.mutate(place=ibis.row_number().over(best)).filter(_.place == 0)
    latest = ibis.window(group_by="customer_id", order_by=[ibis.desc("ordered_on"), ibis.desc("order_key")])
    manager = per_order.mutate(place=ibis.row_number().over(latest)).filter(_.place == 0)
    return (
        department.select("customer_id", "department_id")
        .left_join(manager.select("customer_id", "manager_id"), "customer_id")
        .drop("customer_id_right")
    )


def _breadth(transactions: ibis.Table, as_of: pd.Timestamp, start: pd.Timestamp) -> ibis.Table:
    bought = transactions.filter(~_.is_return & (_.ordered_on > _day(start)) & (_.ordered_on <= _day(as_of)))
    return bought.filter(_.customer_id.notnull()).group_by("customer_id").agg(categories=_.category.nunique())


def _finished(frame: pd.DataFrame, *, settings, as_of: pd.Timestamp, customers: pd.DataFrame | None) -> pd.DataFrame:
    money = ["gross_total", "sold_recent", "sold_before", "returned_total", "returned_recent", "returned_before"]
    frame = frame.astype(dict.fromkeys([*money, "margin_sold", "margin_returned"], "float64"))
    frame[money] = frame[money].fillna(0.0)
    for column in ("orders", "purchase_days", "orders_recent", "categories"):
        frame[column] = frame[column].astype("float64").fillna(0).astype("int64")
    for column in ("first_order_on", "last_order_on"):
        frame[column] = pd.to_datetime(frame[column])
    is_netted = settings.data.returns_policy == "net"
    for net, sold, returned in (
        ("net_total", "gross_total", "returned_total"),
        ("net_recent", "sold_recent", "returned_recent"),
        ("net_before", "sold_before", "returned_before"),
    ):
        frame[net] = (frame[sold] - frame[returned] * is_netted).round(6)
    only_returns = frame["purchase_days"] == 0
    sold = frame["margin_sold"].where(~only_returns, 0.0)
    frame["margin_total"] = sold + frame["margin_returned"].where(frame["returned_total"] != 0, 0.0) * is_netted
    frame["repeat_days"] = (frame["purchase_days"] - 1).clip(lower=0)
    frame["span_days"] = (frame["last_order_on"] - frame["first_order_on"]).dt.days.astype("float64")
    frame["observed_days"] = (as_of - frame["first_order_on"]).dt.days.astype("float64")
    frame["silent_days"] = (as_of - frame["last_order_on"]).dt.days.astype("float64")
    has_rhythm = frame["gaps"].astype("float64") >= 2
    frame["gap_days"] = frame["gap_median"].where(has_rhythm)
    frame["gap_cv"] = (frame["gap_deviation"] / frame["gap_mean"]).where(has_rhythm)
    frame["is_truncated"] = _truncated(frame, settings.data.truncation_days, customers)
    return frame[list(TABLES["history"].columns)]


def _truncated(frame: pd.DataFrame, truncation_days: int, customers: pd.DataFrame | None) -> np.ndarray:
    valued = frame["net_total"] > 0
    begin = frame.loc[valued if valued.any() else slice(None), "first_order_on"].min()
    early = (frame["first_order_on"] < begin + pd.Timedelta(days=truncation_days)).to_numpy()
    if customers is None or customers["created_on"].isna().all():
        return early
    created = frame["customer_id"].map(customers.set_index("customer_id")["created_on"])
    known = created.notna().to_numpy()
    return np.where(known, (created < begin).to_numpy(), early)
