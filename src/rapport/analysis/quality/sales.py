"""What is wrong with the transactions themselves: unidentified, odd signs, giants, repeated lines, odd dates.

No sentence carries an order number: where a source has none, the number is made of the customer's and the day.
"""

import numpy as np
import pandas as pd

from .rows import row, severity, table

_GIANT_SPREADS = 5.0  # robust standard deviations above the median, on the log scale
_FEWEST_ORDERS = 100  # below, no order can be called a giant
_FIRST_OF_MONTH = 0.9


def sales_checks(transactions: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """`quality` rows on the transactions, by source, in rows and in money (net_amount in the engagement's currency).

    In: `transactions` with customer_id resolved (columns order_id, source, record_id, customer_id, ordered_on,
    net_amount, is_return; further ones are used where present). Nothing is changed: each row says how later pages
    treat what it names. Cases: one row per check and source; a check that concerns no row is left out.
    """
    sources = transactions.groupby("source", observed=True, sort=True)
    return table([entry for source, sold in sources for entry in _of_source(str(source), sold, as_of)])


def giants(transactions: pd.DataFrame) -> pd.DataFrame:
    """Orders so large that they decide averages: source, order_id, customer_id, ordered_on, net (money), the largest
    first.

    An order is a giant when the logarithm of its net value lies more than five robust standard deviations (1.4826 × the
    median absolute deviation) above the median of its source. Cases: an order taken back in full, by lines of its own
    or by a later credit of the same customer and amount, is none; fewer than 100 orders, or orders all alike: none.
    """
    keys = ["source", "order_id"]
    orders = transactions.groupby(keys, observed=True, as_index=False).agg(
        customer_id=("customer_id", "first"), ordered_on=("ordered_on", "min"), net=("net_amount", "sum")
    )
    credits, orders = orders[orders["net"] < 0], orders[orders["net"] > 0]
    logs = np.log(orders["net"])
    by_source = logs.groupby(orders["source"], observed=True)
    middle = by_source.transform("median")
    spread = 1.4826 * (logs - middle).abs().groupby(orders["source"], observed=True).transform("median")
    enough = by_source.transform("size") >= _FEWEST_ORDERS
    is_giant = enough & (spread > 0) & (logs > middle + _GIANT_SPREADS * spread)
    standing = _without_taken_back(orders[is_giant], credits)
    return standing.sort_values(["net", *keys], ascending=[False, True, True]).reset_index(drop=True)


def _without_taken_back(orders: pd.DataFrame, credits: pd.DataFrame) -> pd.DataFrame:
    """The orders without those a credit of the same source, customer and amount (to the cent), on the day or later,
    takes back; one credit takes back one order, the earliest."""
    left = credits.dropna(subset="customer_id").sort_values("ordered_on", kind="stable")
    left, taken = left.assign(net=-left["net"].round(2)), []
    for order in orders.sort_values("ordered_on", kind="stable").itertuples():
        same = (left["source"] == order.source) & (left["customer_id"] == order.customer_id)
        same &= (left["net"] == round(order.net, 2)) & (left["ordered_on"] >= order.ordered_on)
        if same.any():
            left = left.drop(same.idxmax())
            taken.append(order.Index)
    return orders.drop(taken)


def _of_source(source: str, sold: pd.DataFrame, as_of: pd.Timestamp) -> list[dict]:
    amount, returned = sold["net_amount"], sold["is_return"]
    masks = {
        "sales without a customer": sold["customer_id"].isna(),
        "dated after the cut-off day": sold["ordered_on"] > as_of,
        "negative amounts not marked as returns": (amount < 0) & ~returned,
        "positive amounts marked as returns": (amount > 0) & returned,
        "lines of zero value": amount == 0,
        "orders of several customers": _several(sold, "customer_id"),
        "orders over several days": _several(sold, "ordered_on"),
    }
    why = {
        "sales without a customer": f"{masks['sales without a customer'].mean():.1%} of rows name nobody we know",
        "dated after the cut-off day": f"no row after {as_of:%Y-%m-%d} is used",
    }
    grade = {"sales without a customer": severity(masks["sales without a customer"].mean())}
    entries = []
    for check, mask in masks.items():
        treatment, rule, usual = _TREATED[check]
        said = (treatment, why.get(check, rule), grade.get(check, usual))
        entries.append(row(check, source, mask.sum(), float(amount[mask].sum()), *said))
    return [*entries, *_giants(source, sold), *_dates(source, sold)]


_TREATED = {
    "sales without a customer": ("in totals only", "", ""),
    "dated after the cut-off day": ("not used", "", "caution"),
    "negative amounts not marked as returns": (
        "subtracted within their order",
        "they are no returns; an order that comes to nothing or less is no purchase, and later pages leave it out",
        "caution",
    ),
    "positive amounts marked as returns": ("kept as received", "a return should be negative: ask", "caution"),
    "lines of zero value": ("kept", "no purchase by themselves", "note"),
    "orders of several customers": ("counted for each", "an order number should belong to one customer", "caution"),
    "orders over several days": ("dated by their first line", "an order is one purchase", "note"),
}  # treatment, rule, severity; "" where it depends on the data


def _several(sold: pd.DataFrame, column: str) -> pd.Series:
    known = sold[["order_id", column]].dropna().drop_duplicates()
    counts = known["order_id"].value_counts()
    return sold["order_id"].isin(counts.index[counts > 1])


def _giants(source: str, sold: pd.DataFrame) -> list[dict]:
    found, total = giants(sold), sold["net_amount"].sum()
    share = found["net"].sum() / total if total > 0 else 0.0
    largest = f"the largest is of {found['ordered_on'].iloc[0]:%Y-%m-%d}" if len(found) else ""
    why = f"far above the usual size of an order; together {share:.1%} of net sales; {largest}"
    return [row("giant orders", source, len(found), float(found["net"].sum()), "kept", why, severity(share))]


def _dates(source: str, sold: pd.DataFrame) -> list[dict]:
    first = (sold["ordered_on"].dt.day == 1).mean()
    if first < _FIRST_OF_MONTH or sold["ordered_on"].nunique() < 2:
        return []
    why = (
        f"{first:.0%} of dates are the first of a month: orders booked by month, so days between purchases mean little"
    )
    return [
        row(
            "dates on the first of the month",
            source,
            len(sold),
            float(sold["net_amount"].sum()),
            "kept",
            why,
            "caution",
        )
    ]
