"""Sales that stand in two sources: the same order line exported twice, and counted twice."""

import pandas as pd

from .rows import row, table

AGAIN = "order lines that stand in another source too"


def repeat_checks(transactions: pd.DataFrame) -> pd.DataFrame:
    """`quality` rows, by source: its lines that an earlier source has as well, in rows and in money.

    In: `transactions` (columns source, order_id, record_id, ordered_on, net_amount). A line is the same when day,
    customer number, amount in cents and order number are; where a source numbers no orders, customer and day are the
    order. Nothing is taken out. Cases: lines that repeat within one source are no matter of this check; nobody's sale
    without an order number can be told from no other.
    """
    made = _lines(transactions)
    first = made.groupby(_KEY, dropna=False, sort=False)["source"].transform("first")
    again = made.assign(first=first)[made["source"] != first]
    return table(
        [
            row(
                AGAIN, str(source), len(lines), float(lines["net_amount"].sum()), "kept",
                f"same day, customer number, amount and order number as in {', '.join(map(str, lines['first'].unique()))}",
                "caution",
            )
            for source, lines in again.groupby("source", sort=True)
        ]
    )  # fmt: skip


_KEY = ["ordered_on", "record_id", "order", "cents"]


def _lines(transactions: pd.DataFrame) -> pd.DataFrame:
    """The lines with the order as the client numbers it; the kit's own numbers begin with the name of their source."""
    source, order = (transactions[name].astype(str) for name in ("source", "order_id"))
    made_up = [number.startswith(f"{name}:") for name, number in zip(source, order)]
    numbers = [number.removeprefix(f"{name}:") for name, number in zip(source, order)]
    lines = transactions[["ordered_on", "record_id", "net_amount"]].assign(
        source=source, order=numbers, cents=(transactions["net_amount"] * 100).round()
    )
    return lines[~(pd.Series(made_up, index=lines.index) & lines["record_id"].isna())]
