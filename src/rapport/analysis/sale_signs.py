"""Signs that the sales themselves bear: a new manager, a risen price, a discount that ended (see `drivers`)."""

import pandas as pd

from . import baskets

MANAGER, PRICE, DISCOUNT = "change of manager", "price rise", "discount end"
COLUMNS = ("customer_id", "happened_on", "sign", "ordered_on")


def sale_signs(transactions, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Purchase days on which a customer first bought from another manager, paid more, or lost its discount.

    In: the lazy transactions. Out: as `drivers.signs`: customer_id, happened_on, sign, ordered_on (the same day).
    Change of manager: the first purchase from a manager the customer never bought from, after purchases from another.
    Price rise: what the customer bought before costs at least recover.price_rise_share more, at this day's quantities
    and before discount, than when it last bought the same products. Discount end: no discount, after one on the
    purchase day before.
    Cases: a source without managers, quantities or discounts gives no such sign; whoever left before buying under a new
    manager or price shows none, since only sales are seen. Reference: HU-44; C26.
    """
    least = settings.recover.price_rise_share
    days = {
        MANAGER: baskets.manager_changes(transactions, as_of=as_of),
        PRICE: baskets.price_rises(transactions, least=least, as_of=as_of),
        DISCOUNT: baskets.discount_ends(transactions, as_of=as_of),
    }
    found = pd.concat([rows.assign(sign=name, happened_on=rows["ordered_on"]) for name, rows in days.items()])
    return found.sort_values(["customer_id", "ordered_on", "sign"], ignore_index=True)[list(COLUMNS)]
