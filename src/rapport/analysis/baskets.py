"""What customers buy: their sales by category and by product, from the lazy transactions."""

import ibis
import pandas as pd
from ibis import _

from ..foundation.contracts import TABLES

MONEY = "decimal(24, 6)"
NEW_FOR_MONTHS = 12  # RU-17, BG-09: a product is new for twelve months after its launch


def order_days(transactions: ibis.Table, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per order of an identified customer up to `as_of`: order_id, customer_id, ordered_on (its first day)."""
    found = _sold(transactions, as_of).group_by("order_id", "customer_id").agg(ordered_on=_.ordered_on.min())
    return found.order_by("customer_id", "ordered_on", "order_id").to_pandas()


def category_sales(transactions: ibis.Table, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per customer and category bought in the active window: net (money, returns left out), quantity.

    A category the source does not name is empty. Sorted by customer and category.
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    lines = _sold(transactions, as_of).filter(_.ordered_on > ibis.literal(start.to_pydatetime()))
    found = lines.group_by("customer_id", "category").agg(net=_.net_amount.cast(MONEY).sum(), quantity=_.quantity.sum())
    return found.order_by("customer_id", "category").to_pandas().astype({"net": "float64", "quantity": "float64"})


def product_sales(
    transactions: ibis.Table, products: pd.DataFrame | None = None, *, as_of: pd.Timestamp
) -> pd.DataFrame | None:
    """One row per customer and product ever bought: first_on, net, quantity, net_new (net within a year of its launch).

    In: `products` for the launch days; without one, net_new is zero. Returns are left out. None when no sale names a
    product. Sorted by customer and product.
    """
    lines = _sold(transactions, as_of).filter(_.product_id.notnull())
    launches = (TABLES["products"].empty() if products is None else products)[["product_id", "launched_on"]]
    lines = lines.left_join(ibis.memtable(launches), "product_id").drop("product_id_right")
    age = _.ordered_on.delta(_.launched_on, unit="day")
    is_new = (age >= 0) & (age <= NEW_FOR_MONTHS * 365 / 12)
    found = lines.group_by("customer_id", "product_id").agg(
        first_on=_.ordered_on.min(),
        net=_.net_amount.cast(MONEY).sum(),
        quantity=_.quantity.sum(),
        net_new=_.net_amount.cast(MONEY).sum(where=is_new),
    )
    frame = found.order_by("customer_id", "product_id").to_pandas()
    if frame.empty:
        return None
    return frame.astype({"net": "float64", "quantity": "float64", "net_new": "float64"}).fillna({"net_new": 0.0})


def _sold(transactions: ibis.Table, as_of: pd.Timestamp) -> ibis.Table:
    return transactions.filter(
        _.customer_id.notnull() & ~_.is_return & (_.ordered_on <= ibis.literal(as_of.to_pydatetime()))
    )
