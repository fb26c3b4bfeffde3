"""What customers buy: their sales by category and by product, and what changed from one purchase to the next, from the lazy
transactions.
"""

import ibis
import pandas as pd
from ibis import _

from ..foundation.contracts import TABLES

MONEY = "decimal(24, 6)"
NEW_FOR_MONTHS = 12  # RU-17, BG-09: a product is new for twelve months after its launch


def order_days(transactions: ibis.Table, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per order of an identified customer up to `as_of`: order_id, customer_id, ordered_on (its first day)."""
    found = sold(transactions, as_of).group_by("order_id", "customer_id").agg(ordered_on=_.ordered_on.min())
    return found.order_by("customer_id", "ordered_on", "order_id").to_pandas()


def order_units(transactions: ibis.Table, by: str, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per order of an identified customer and unit: order_id, unit (category, manager_id or department_id).

    by names the column. A source that names none leaves the unit empty. Sorted by order and unit.
    """
    found = sold(transactions, as_of).select("order_id", unit=by).distinct()
    return found.order_by("order_id", "unit").to_pandas()


def category_sales(transactions: ibis.Table, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per customer and category bought in the active window: net (money, returns left out), quantity.

    A category the source does not name is empty. Sorted by customer and category.
    """
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    lines = sold(transactions, as_of).filter(_.ordered_on > ibis.literal(start.to_pydatetime()))
    found = lines.group_by("customer_id", "category").agg(net=_.net_amount.cast(MONEY).sum(), quantity=_.quantity.sum())
    return found.order_by("customer_id", "category").to_pandas().astype({"net": "float64", "quantity": "float64"})


def product_sales(
    transactions: ibis.Table, products: pd.DataFrame | None = None, *, as_of: pd.Timestamp
) -> pd.DataFrame | None:
    """One row per customer and product ever bought: first_on, net, quantity, net_new (net within a year of its launch).

    In: `products` for the launch days; without one, net_new is zero. Returns are left out. None when no sale names a
    product. Sorted by customer and product.
    """
    lines = sold(transactions, as_of).filter(_.product_id.notnull())
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


def manager_changes(transactions: ibis.Table, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per customer and day of a first purchase from a manager, after purchases from another: customer_id,
    ordered_on. Sorted.
    """
    firsts = sold(transactions, as_of).filter(_.manager_id.notnull()).group_by("customer_id", "manager_id")
    firsts = firsts.agg(ordered_on=_.ordered_on.min())
    ever = ibis.window(group_by="customer_id")
    later = firsts.mutate(first_on=_.ordered_on.min().over(ever)).filter(_.ordered_on > _.first_on)
    return _days(later)


def price_rises(transactions: ibis.Table, *, least: float, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per customer and day on which what it had bought before cost at least `least` (share) more, before
    discount and at the day's quantities, than when it last bought the same products: customer_id, ordered_on. Sorted.
    """
    off = _.discount_share.fill_null(0.0)
    known = sold(transactions, as_of).filter(_.product_id.notnull(), _.quantity > 0, _.net_amount > 0, off < 1)
    days = known.group_by("customer_id", "product_id", "ordered_on").agg(
        listed=(_.net_amount.cast("float64") / (1 - off)).sum(), quantity=_.quantity.cast("float64").sum()
    )
    same = ibis.window(group_by=["customer_id", "product_id"], order_by="ordered_on")
    days = days.mutate(before=(_.listed / _.quantity).lag().over(same)).filter(_.before.notnull())
    baskets = days.group_by("customer_id", "ordered_on").agg(
        listed=_.listed.sum(), before=(_.before * _.quantity).sum()
    )
    return _days(baskets.filter(_.listed >= _.before * (1 + least)))


def discount_ends(transactions: ibis.Table, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per customer and day without a discount, after a purchase day with one: customer_id, ordered_on. Sorted."""
    days = (
        sold(transactions, as_of).group_by("customer_id", "ordered_on").agg(off=_.discount_share.fill_null(0.0).max())
    )
    own = ibis.window(group_by="customer_id", order_by="ordered_on")
    return _days(days.mutate(before=_.off.lag().over(own)).filter((_.before > 0) & (_.off <= 0)))


def _days(found: ibis.Table) -> pd.DataFrame:
    days = found.select("customer_id", "ordered_on").distinct().order_by("customer_id", "ordered_on")
    return days.to_pandas().astype({"ordered_on": "datetime64[ns]"})


def sold(transactions: ibis.Table, as_of: pd.Timestamp) -> ibis.Table:
    """The sales lines of identified customers up to `as_of`, returns left out; lazy."""
    return transactions.filter(
        _.customer_id.notnull() & ~_.is_return & (_.ordered_on <= ibis.literal(as_of.to_pydatetime()))
    )
