"""Small firms written as orders, turned into the tables the rooms of classification read, without an engine."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rapport.analysis.traits import traits
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-06-30")


def firm(orders, *, as_of=AS_OF, people=(), parameters=None, **tables):
    """The tables of a firm given as (customer, day, net[, margin[, department, manager]]).

    people: dicts of `customers` columns, for who never bought or has a group, a sector, tags. tables: the client's
    optional tables as `traits` takes them.
    """
    chosen = settings(parameters or {})
    lines = pd.DataFrame([[*row, *[None] * (6 - len(row))] for row in orders])
    lines = lines.reindex(columns=range(6)).set_axis(
        ["customer_id", "ordered_on", "net", "margin", "department_id", "manager_id"], axis=1
    )
    lines["ordered_on"] = pd.to_datetime(lines["ordered_on"])
    lines = lines.astype({"net": "float64", "margin": "float64", "customer_id": "object"})
    named = pd.DataFrame([{"customer_id": name} for name in lines["customer_id"].unique()] + list(people))
    customers = named.groupby("customer_id", as_index=False).last().reindex(columns=list(TABLES["customers"].columns))
    customers["records"] = 1
    window = pd.Timedelta(days=chosen.data.active_window_days)
    recent = lines[lines["ordered_on"] > as_of - window]
    units = recent.groupby(["customer_id", "department_id", "manager_id"], dropna=False, as_index=False)[
        ["net", "margin"]
    ].sum(min_count=1)
    history = _history(lines, as_of, window, chosen)
    return SimpleNamespace(
        settings=chosen,
        as_of=as_of,
        history=history,
        periods=_periods(lines, chosen.data.period),
        purchase_days=_days(lines),
        sales_by_unit=units,
        customers=customers,
        traits=traits(history, customers, as_of=as_of, **tables),
    )


def _days(lines):
    sold = lines[lines["net"] > 0]
    days = sold.groupby(["customer_id", "ordered_on"], as_index=False).agg(
        net=("net", "sum"), margin=("margin", "sum"), orders=("net", "size")
    )
    return days


def _periods(lines, period):
    sold = lines[lines["net"] > 0]
    start = sold["ordered_on"].dt.to_period({"W": "W-SUN", "M": "M", "Q": "Q"}[period]).dt.start_time
    return (
        sold.assign(period_on=start)
        .groupby(["customer_id", "period_on"], as_index=False)
        .agg(orders=("net", "size"), net=("net", "sum"))
    )


def _history(lines, as_of, window, chosen):
    rows = []
    valued = lines[lines.groupby("customer_id")["net"].transform("sum").round(6) > 0]
    begin = (valued if len(valued) else lines).loc[lambda of: of["net"] > 0, "ordered_on"].min()
    for name, own in lines.groupby("customer_id"):
        sold = own[own["net"] > 0]
        days = np.sort(sold["ordered_on"].unique())
        gaps = np.diff(days) / np.timedelta64(1, "D")
        recent = own["ordered_on"] > as_of - window
        before = (own["ordered_on"] > as_of - 2 * window) & ~recent
        first, last = (pd.Timestamp(days[0]), pd.Timestamp(days[-1])) if len(days) else (pd.NaT, pd.NaT)
        rows.append(
            {
                "customer_id": name,
                "first_order_on": first,
                "last_order_on": last,
                "orders": len(sold),
                "purchase_days": len(days),
                "repeat_days": max(len(days) - 1, 0),
                "span_days": (last - first).days,
                "observed_days": (as_of - first).days,
                "silent_days": (as_of - last).days,
                "gap_days": np.median(gaps) if len(gaps) > 1 else np.nan,
                "gap_cv": np.std(gaps) / np.mean(gaps) if len(gaps) > 1 else np.nan,
                "mean_repeat_value": np.nan,
                "gross_total": sold["net"].sum(),
                "returned_total": -own.loc[own["net"] < 0, "net"].sum(),
                "net_total": own["net"].sum(),
                "margin_total": own["margin"].sum() if own["margin"].notna().all() else np.nan,
                "net_recent": own.loc[recent, "net"].sum(),
                "net_before": own.loc[before, "net"].sum(),
                "orders_recent": int((recent & (own["net"] > 0)).sum()),
                "categories": 0,
                "discounted_share": np.nan,
                "department_id": None,
                "manager_id": own["manager_id"].iloc[-1],
                "is_truncated": bool(len(days)) and first < begin + pd.Timedelta(days=chosen.data.truncation_days),
            }
        )
    return TABLES["history"].check(pd.DataFrame(rows), "test")


def client_table(table_name, /, **columns):
    """A table the client gave, from the columns that matter; the rest is empty, days are days."""
    table = TABLES[table_name].complete(pd.DataFrame(columns))
    days = [column for column, about in TABLES[table_name].columns.items() if about.unit == "date"]
    return table.astype(dict.fromkeys(days, "datetime64[ns]"))


@pytest.fixture(scope="session")
def make_table():
    """The function `client_table`, which writes a client's optional table by the columns that matter."""
    return client_table


@pytest.fixture(scope="session")
def make_firm():
    """The function `firm`, which turns orders into tables."""
    return firm
