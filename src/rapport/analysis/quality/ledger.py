"""Orders against the books (HU-19): by month, by seller within the months that differ, and against a total quoted."""

import numpy as np
import pandas as pd

from ...foundation.finding import Finding, not_available
from .rows import row, table

_VAT = (0.17, 0.18, 0.19, 0.20, 0.21, 0.22, 0.23, 0.24, 0.25, 0.27)  # standard rates in Europe
_VAT_WITHIN = 0.004
_NAMED = 6  # months a sentence names, the most money first
_COLUMNS = [
    "month_on", "orders_net", "ledger", "difference", "difference_share", "is_flagged", "unidentified_net",
    "unidentified_rows",
]  # fmt: skip


def reconciliation(transactions: pd.DataFrame, finance: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Net sales of the orders against `finance.ledger_revenue`, one row per month up to `as_of` for which the ledger
    has a figure.

    Out: month_on, orders_net, ledger, difference (orders − ledger, money), difference_share (of the ledger, with its
    sign: orders of 121 against 100 are 0.21 above it), is_flagged (above `data.reconcile_tolerance` either way),
    unidentified_net and unidentified_rows (sales without a customer). A month the ledger has and the orders have not
    counts with 0. Cases: a month that `as_of` cuts short is not compared: no difference, no flag; a ledger of 0 has no
    share and is flagged when there are orders. Test cell: 1000 against 980 → 2.0 %, flagged.
    """
    sold = transactions.assign(month_on=transactions["ordered_on"].dt.to_period("M").dt.to_timestamp())
    nobody = sold[sold["customer_id"].isna()].groupby("month_on")["net_amount"].agg(["sum", "size"])
    books = finance[finance["month_on"] <= as_of].dropna(subset="ledger_revenue").set_index("month_on")
    made = books["ledger_revenue"].rename("ledger").sort_index().to_frame()
    made["orders_net"] = sold.groupby("month_on")["net_amount"].sum().reindex(made.index).fillna(0.0)
    is_whole = made.index + pd.offsets.MonthEnd(0) <= as_of
    made = _compared(made, is_whole, settings)
    made["unidentified_net"] = nobody["sum"].reindex(made.index).fillna(0.0)
    made["unidentified_rows"] = nobody["size"].reindex(made.index).fillna(0).astype("int64")
    return made.reset_index()[_COLUMNS]


def _compared(made: pd.DataFrame, is_whole, settings) -> pd.DataFrame:
    """Rows of orders_net and ledger with difference, difference_share and is_flagged; none where the month is not whole."""
    difference, size = (made["orders_net"] - made["ledger"]).where(is_whole), made["ledger"].abs()
    return made.assign(
        difference=difference,
        difference_share=difference / size.where(size > 0),
        is_flagged=difference.abs() > settings.data.reconcile_tolerance * size,
    )


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


def by_seller(
    transactions: pd.DataFrame, seller_ledger: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Net sales of each seller against the ledger of the seller, one row per month and seller that the ledger has, the
    largest difference first.

    Out: month_on, manager_id, orders_net, ledger, difference (orders − ledger, money), difference_share (of the ledger),
    is_flagged, as in `reconciliation`. A seller without a sale in a month counts with 0; a month `as_of` cuts short is
    left out. Sales that name no seller are in no row. Reference: HU-19.
    """
    sold = transactions.assign(month_on=transactions["ordered_on"].dt.to_period("M").dt.to_timestamp())
    net = sold.groupby(["month_on", "manager_id"], observed=True)["net_amount"].sum().rename("orders_net")
    books = seller_ledger[seller_ledger["month_on"] + pd.offsets.MonthEnd(0) <= as_of]
    made = books.merge(net.reset_index(), on=["month_on", "manager_id"], how="left")
    made = made.rename(columns={"ledger_revenue": "ledger"}).fillna({"orders_net": 0.0})
    made = _compared(made, made["ledger"].notna(), settings)
    columns = ["month_on", "manager_id", "orders_net", "ledger", "difference", "difference_share", "is_flagged"]
    return made.sort_values("difference", key=abs, ascending=False, kind="stable", ignore_index=True)[columns]


def seller_checks(by_seller: pd.DataFrame) -> pd.DataFrame:
    """`quality` rows on sellers whose sales differ from their ledger: one for all above, one for all below; rows are
    months of sellers, amount their difference (money).
    """
    entries = []
    flagged = by_seller[by_seller["is_flagged"]]
    for side, rows in (("above", flagged[flagged["difference"] > 0]), ("below", flagged[flagged["difference"] < 0])):
        each = [f"{one.manager_id} {one.month_on:%Y-%m} {_by(one.difference, one.ledger)}" for one in rows.itertuples()]
        more = f" and {len(each) - _NAMED} more" if len(each) > _NAMED else ""
        why = f"orders of sellers lie {side} their ledger: {', '.join(each[:_NAMED])}{more}"
        total = float(rows["difference"].sum())
        entries.append(row(f"sellers {side} their ledger", "seller_ledger", len(rows), total, "asked", why, "caution"))
    return table(entries)


def ledger_checks(reconciliation: pd.DataFrame) -> pd.DataFrame:
    """`quality` rows on the reconciliation: the months in which orders lie above the ledger, those in which they lie
    below, and a constant ratio that smells of VAT; rows are months, amount their difference (money).
    """
    entries = []
    flagged = reconciliation[reconciliation["is_flagged"]]
    for side, months in (("above", flagged[flagged["difference"] > 0]), ("below", flagged[flagged["difference"] < 0])):
        total = float(months["difference"].sum())
        entry = row(
            f"orders {side} the ledger", "finance", len(months), total, "asked", _named(months, side), "caution"
        )
        entries.append(entry)
    rate = _vat(reconciliation)
    if rate:
        why = f"orders are {rate:.0%} above the ledger month after month: amounts probably include VAT"
        total = float(reconciliation["difference"].sum())
        entries.append(row("amounts may include VAT", "finance", len(reconciliation), total, "asked", why, "stop"))
    return table(entries)


def _named(months: pd.DataFrame, side: str) -> str:
    """How far the months differ together, and each of the largest with its share."""
    largest = months.sort_values("difference", key=abs, ascending=False).head(_NAMED)
    each = [f"{month.month_on:%Y-%m} {_by(month.difference, month.ledger)}" for month in largest.itertuples()]
    more = f" and {len(months) - _NAMED} more" if len(months) > _NAMED else ""
    together = _by(months["difference"].sum(), months["ledger"].sum())
    return f"orders are {together} {side} the ledger in {len(months)} {'month' if len(months) == 1 else 'months'}: {', '.join(each)}{more}"


def _by(difference: float, ledger: float) -> str:
    return f"{abs(difference):,.0f} ({abs(difference / ledger):.1%})" if ledger else f"{abs(difference):,.0f}"


def _vat(reconciliation: pd.DataFrame) -> float | None:
    ratio = reconciliation.loc[reconciliation["ledger"] > 0, "difference_share"].dropna()
    if len(ratio) < 3:
        return None
    close = [rate for rate in _VAT if np.mean(abs(ratio - rate) < _VAT_WITHIN) >= 0.8]
    return close[0] if close else None


def reconciled(transactions: pd.DataFrame, finance: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding quality.reconciled: how far the orders lie above or below the ledger, as a share of it, over all whole
    months the ledger covers (HU-19).

    `parts`: side (above or below), orders, ledger, difference (money, without its sign), months, flagged (months above
    `data.reconcile_tolerance`), tolerance. Not available without `finance.ledger_revenue`, or where it covers no whole
    month or sums to nothing.
    """
    common = {"unit": "share", "as_of": f"{as_of:%Y-%m-%d}", "basis": "whole months of orders against the ledger"}
    if finance is None or finance["ledger_revenue"].isna().all():
        because = "no table `finance` with `ledger_revenue` was given"
        return not_available("quality.reconciled", because, **common)
    months = reconciliation(transactions, finance, settings=settings, as_of=as_of).dropna(subset="difference")
    apart = _apart(months["orders_net"].sum(), months["ledger"].sum(), settings)
    if apart is None:
        return not_available("quality.reconciled", "`ledger_revenue` covers no whole month of the data", **common)
    value, parts = apart
    parts |= {"months": len(months), "flagged": int(months["is_flagged"].sum())}
    return Finding(id="quality.reconciled", value=value, n=len(months), parts=parts, **common)


def ledger_total(transactions: pd.DataFrame, quoted, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding quality.ledger_total: how far the orders of a period lie above or below the total the client quotes from
    the ledger, as a share of it (HU-19).

    In: `quoted`, `ledger_total` of engagement.yml (since, until, both counted, and net, money without VAT), or None.
    `parts`: as of quality.reconciled, with since and until (days) for the months. Not available where nothing was
    quoted, or where the data end before the period does.
    """
    common = {"unit": "share", "as_of": f"{as_of:%Y-%m-%d}", "basis": "rows of sales in the period quoted"}
    if quoted is None:
        because = "engagement.yml quotes no `ledger_total`"
        return not_available("quality.ledger_total", because, **common)
    if pd.Timestamp(quoted.until) > as_of:
        because = f"the total quoted runs to {quoted.until}, the data to {as_of:%Y-%m-%d}"
        return not_available("quality.ledger_total", because, **common)
    inside = transactions["ordered_on"].between(pd.Timestamp(quoted.since), pd.Timestamp(quoted.until))
    value, parts = _apart(transactions.loc[inside, "net_amount"].sum(), quoted.net, settings)
    parts |= {"since": str(quoted.since), "until": str(quoted.until)}
    return Finding(id="quality.ledger_total", value=value, n=int(inside.sum()), parts=parts, **common)


def total_checks(ledger_total: Finding) -> pd.DataFrame:
    """The `quality` row on the total quoted from the ledger, where the orders differ from it by more than the tolerance."""
    parts = ledger_total.parts
    if ledger_total.value is None or ledger_total.value <= parts["tolerance"]:
        return table([])
    why = (
        f"orders are {ledger_total.value:.1%} {parts['side']} the total quoted for {parts['since']} to {parts['until']}"
    )
    difference = parts["orders"] - parts["ledger"]
    return table([row("ledger total differs", "engagement.yml", ledger_total.n, difference, "asked", why, "caution")])


def _apart(orders: float, ledger: float, settings) -> tuple[float, dict] | None:
    """The difference as a share of the ledger, and its parts; None for a ledger of nothing."""
    if ledger == 0:
        return None
    side = "above" if orders >= ledger else "below"
    money = {"orders": float(orders), "ledger": float(ledger), "difference": abs(float(orders - ledger))}
    tolerance = settings.data.reconcile_tolerance
    return abs(orders - ledger) / abs(ledger), {"side": side, **money, "tolerance": tolerance}
