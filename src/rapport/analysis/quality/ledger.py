"""Orders against the books (HU-19): by month, and by seller within the months that differ."""

import numpy as np
import pandas as pd

from ...foundation.finding import Finding, not_available
from .rows import row, table

_VAT = (0.17, 0.18, 0.19, 0.20, 0.21, 0.22, 0.23, 0.24, 0.25, 0.27)  # standard rates in Europe
_VAT_WITHIN = 0.004


def reconciliation(transactions: pd.DataFrame, finance: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Net sales of the orders against `finance.ledger_revenue`, one row per month for which the ledger has a figure.

    Out: month_on, orders_net, ledger, difference (orders − ledger, money), difference_share (of the larger of the two),
    is_flagged (above `data.reconcile_tolerance`), unidentified_net and unidentified_rows (sales without a customer).
    A month the ledger has and the orders have not counts with 0. Test cell: 1000 against 980 → 2.0 %, flagged.
    """
    sold = transactions.assign(month_on=transactions["ordered_on"].dt.to_period("M").dt.to_timestamp())
    nobody = sold[sold["customer_id"].isna()].groupby("month_on")["net_amount"].agg(["sum", "size"])
    books = (
        finance.dropna(subset="ledger_revenue").set_index("month_on")["ledger_revenue"].rename("ledger").sort_index()
    )
    made = books.to_frame()
    made["orders_net"] = sold.groupby("month_on")["net_amount"].sum().reindex(made.index).fillna(0.0)
    made["difference"] = made["orders_net"] - made["ledger"]
    larger = made[["orders_net", "ledger"]].abs().max(axis=1)
    made["difference_share"] = (made["difference"].abs() / larger.where(larger > 0)).fillna(0.0)
    made["is_flagged"] = made["difference_share"] > settings.data.reconcile_tolerance
    made["unidentified_net"] = nobody["sum"].reindex(made.index).fillna(0.0)
    made["unidentified_rows"] = nobody["size"].reindex(made.index).fillna(0).astype("int64")
    order = [
        "month_on",
        "orders_net",
        "ledger",
        "difference",
        "difference_share",
        "is_flagged",
        "unidentified_net",
        "unidentified_rows",
    ]
    return made.reset_index()[order]


def sellers(transactions: pd.DataFrame, reconciliation: pd.DataFrame | None = None) -> pd.DataFrame:
    """Net sales by month and seller, beside what the seller usually brings in a month: where to look for what is
    missing.

    Out: month_on, manager_id ("(none)" where no seller is named), orders, net, usual_net (median of the seller's months
    with sales; money), is_missing (no sale in a month between the seller's first and last). With `reconciliation`, only
    the months it flags.
    """
    sold = transactions.assign(
        month_on=transactions["ordered_on"].dt.to_period("M").dt.to_timestamp(),
        manager_id=transactions["manager_id"].fillna("(none)"),
    )
    by = sold.groupby(["month_on", "manager_id"], observed=True).agg(
        orders=("order_id", "nunique"), net=("net_amount", "sum")
    )
    usual = by.groupby("manager_id")["net"].median()
    span = sold.groupby("manager_id")["month_on"].agg(["min", "max"])
    months = sorted(sold["month_on"].unique())
    every = pd.MultiIndex.from_product([months, sorted(span.index)], names=["month_on", "manager_id"])
    made = by.reindex(every).fillna(0).astype({"orders": "int64"}).reset_index()
    inside = made["month_on"].to_numpy() >= span["min"].reindex(made["manager_id"]).to_numpy()
    inside &= made["month_on"].to_numpy() <= span["max"].reindex(made["manager_id"]).to_numpy()
    made["usual_net"] = usual.reindex(made["manager_id"]).to_numpy()
    made["is_missing"] = inside & (made["orders"] == 0)
    made = made[inside]
    if reconciliation is not None:
        made = made[made["month_on"].isin(reconciliation.loc[reconciliation["is_flagged"], "month_on"])]
    return made.reset_index(drop=True)


def ledger_checks(reconciliation: pd.DataFrame) -> pd.DataFrame:
    """`quality` rows on the reconciliation: each month that differs, and a constant ratio that smells of VAT."""
    entries = []
    for month in reconciliation[reconciliation["is_flagged"]].itertuples():
        side = "above" if month.difference > 0 else "below"
        why = f"orders are {month.difference_share:.1%} {side} the ledger in {month.month_on:%Y-%m}"
        entries.append(
            row(
                f"ledger differs in {month.month_on:%Y-%m}",
                "finance",
                1,
                float(month.difference),
                "asked",
                why,
                "caution",
            )
        )
    rate = _vat(reconciliation)
    if rate:
        why = f"orders are {rate:.0%} above the ledger month after month: amounts probably include VAT"
        total = float(reconciliation["difference"].sum())
        entries.append(row("amounts may include VAT", "finance", len(reconciliation), total, "asked", why, "stop"))
    return table(entries)


def _vat(reconciliation: pd.DataFrame) -> float | None:
    months = reconciliation[reconciliation["ledger"] > 0]
    if len(months) < 3:
        return None
    ratio = months["orders_net"] / months["ledger"] - 1
    close = [rate for rate in _VAT if np.mean(abs(ratio - rate) < _VAT_WITHIN) >= 0.8]
    return close[0] if close else None


def reconciled(transactions: pd.DataFrame, finance: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding quality.reconciled: share by which orders and ledger differ over all months the ledger covers (HU-19).

    `parts`: orders, ledger (money), months, flagged (months above `data.reconcile_tolerance`). Not available without
    `finance.ledger_revenue`.
    """
    day = f"{as_of:%Y-%m-%d}"
    if finance is None or finance["ledger_revenue"].isna().all():
        because = "no table `finance` with `ledger_revenue` was given"
        return not_available("quality.reconciled", because, unit="share", as_of=day, basis="orders against the ledger")
    months = reconciliation(transactions, finance, settings=settings)
    orders, ledger = months["orders_net"].sum(), months["ledger"].sum()
    return Finding(
        id="quality.reconciled",
        unit="share",
        value=abs(orders - ledger) / max(abs(orders), abs(ledger)) if orders or ledger else 0.0,
        n=len(months),
        basis="months of orders against the ledger",
        as_of=day,
        parts={
            "orders": orders,
            "ledger": ledger,
            "months": len(months),
            "flagged": int(months["is_flagged"].sum()),
            "tolerance": settings.data.reconcile_tolerance,
        },
    )
