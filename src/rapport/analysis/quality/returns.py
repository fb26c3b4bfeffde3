"""Returns: what the declared policy does with them, in rows and in money, and returns that the sales do not hold (HU-24)."""

import pandas as pd

from .rows import row, severity, table

_TREATED = {"net": "taken off sales", "separate": "not taken off sales, kept beside them", "drop": "left out"}
_TAKEN_BACK = ("return", "cancel")


def returns_checks(
    transactions: pd.DataFrame, returns_complaints: pd.DataFrame | None = None, *, settings
) -> pd.DataFrame:
    """`quality` rows on returns: by source, what later pages count under `data.returns_policy`; and returns that stand
    in `returns_complaints` only, of which net sales are gross.

    rows and amount: of returns among the sales, their rows and net_amount (negative); of a table of their own, its
    returns and cancellations with what they say came back, or where they give no amount the net sales of the order
    they name (money, an order once). Cases: sales that hold any return or negative amount are taken to hold them all.
    """
    entries = [
        _of_source(str(source), sold, settings.data.returns_policy)
        for source, sold in transactions.groupby("source", observed=True, sort=True)
    ]
    holds_none = not (transactions["is_return"] | (transactions["net_amount"] < 0)).any()
    if returns_complaints is not None and holds_none:
        entries.append(_apart(transactions, returns_complaints))
    return table(entries)


def _of_source(source: str, sold: pd.DataFrame, policy: str) -> dict:
    returned = sold["is_return"]
    before, after = sold.loc[~returned, "net_amount"].sum(), sold["net_amount"].sum()
    used = (
        f"after returns: {after:,.0f} of this source, {before:,.0f} before them"
        if policy == "net"
        else f"before returns: {before:,.0f} of this source, {after:,.0f} after them; amounts in this table are as received"
    )
    why = f"data.returns_policy is {policy}: later pages use sales {used}"
    back = after - before
    return row("returns", source, returned.sum(), back, _TREATED[policy], why, severity(returned.mean()))


def _apart(transactions: pd.DataFrame, returns_complaints: pd.DataFrame) -> dict:
    back = returns_complaints[returns_complaints["kind"].isin(_TAKEN_BACK)]
    by_order = transactions.groupby("order_id", observed=True)["net_amount"].sum()
    told = back["amount"].notna()
    named = back.loc[~told & ~back["order_id"].isin(back.loc[told, "order_id"]), "order_id"].dropna().drop_duplicates()
    amount = float(back.loc[told, "amount"].sum() + by_order.reindex(named).fillna(0.0).sum())
    total = transactions["net_amount"].sum()
    share = amount / total if total > 0 else 0.0
    why = (
        f"the sales hold no return, so net sales are before these: {share:.1%} of them, "
        f"{int(told.sum())} by the amount given, {int(named.isin(by_order.index).sum())} orders by their whole sale"
    )
    check = "returns stand in a table of their own"
    return row(check, "returns_complaints", len(back), amount, "not taken off sales", why, severity(share))
