"""What a customer is worth for ranking: by which column, and who comes before whom (DEF3, DEF9)."""

import math
from decimal import Decimal

import pandas as pd

from ..foundation.errors import SettingsError

COLUMNS = {"revenue_net": "net_total", "contribution": "margin_total"}
WORDS = {"revenue_net": "net sales", "contribution": "contribution"}
EDGE = 1e-9  # money is a float here: a cumulative share this close to a cut has reached it


def worth(history: pd.DataFrame, *, basis: str) -> pd.Series:
    """The value of each customer (money), indexed by customer_id in the order of `history`.

    In: `history`; basis, revenue_net or contribution (DEF3). Cases: a customer whose costs are unknown has no value
    (NaN) by contribution. Raises SettingsError when contribution is asked for and no margin is known at all.
    """
    value = history.set_index("customer_id")[COLUMNS[basis]]
    if len(value) and value.isna().all():
        raise SettingsError(
            f"value by {basis} is asked for, but no customer has a margin.",
            "parameter data.value_basis",
            "map the column of cost or margin under `sources`, or set data.value_basis to revenue_net.",
        )
    return value


def has_margins(history: pd.DataFrame) -> bool:
    """Whether the contribution of at least one customer is known."""
    return bool(history["margin_total"].notna().any())


def ranked(history: pd.DataFrame, *, basis: str) -> pd.Series:
    """Values above zero (money), the largest first, indexed by customer_id; equal values in order of customer_id.

    Customers with a value of zero or less, or unknown, are left out (DEF3): the curve would exceed 100 %.
    """
    value = worth(history, basis=basis)
    return ordered(value[value > 0])


def ordered(value: pd.Series) -> pd.Series:
    """The values, the largest first, equal ones in order of their index (DEF9)."""
    by_name = value if value.index.is_monotonic_increasing else value.sort_index(kind="stable")
    return by_name.sort_values(ascending=False, kind="stable")


def missing_window(history: pd.DataFrame, *, settings) -> str:
    """What keeps the last active window from being compared with the one before: empty when the data reach far enough.

    A data history shorter than two windows (a tenth of one is forgiven) makes everybody look as if growing.
    """
    reach, window = history["observed_days"].max(), settings.data.active_window_days
    if reach >= 1.9 * window:
        return ""
    begin = 0 if pd.isna(reach) else int(reach)
    return f"transactions reach back {begin} days; two windows of {window} days are compared"


def headcount(share: float, n: int) -> int:
    """The smallest whole number of customers that is at least this share of n, in decimal arithmetic (DEF9)."""
    return math.ceil(Decimal(str(share)) * n)
