"""When the data speak: months by source, holes in them, and how late sales were entered (LT-09)."""

import pandas as pd

from ...foundation.finding import Finding, not_available
from ..intervals import proportion
from .rows import row, table


def coverage(transactions: pd.DataFrame) -> pd.DataFrame:
    """Rows and money by month and source, months without a row included between the first and the last of all data.

    Out: month_on (first day), source, rows, orders, customers (distinct, identified), net (money), unidentified_share
    (of rows; empty in a month without rows). Grain of the coverage strip.
    """
    sold = transactions.assign(
        month_on=_month(transactions["ordered_on"]), is_nobody=transactions["customer_id"].isna()
    )
    made = sold.groupby(["month_on", "source"], observed=True).agg(
        rows=("order_id", "size"), orders=("order_id", "nunique"), customers=("customer_id", "nunique"),
        net=("net_amount", "sum"), unidentified_share=("is_nobody", "mean"),
    )  # fmt: skip
    months = pd.date_range(sold["month_on"].min(), sold["month_on"].max(), freq="MS")
    every = pd.MultiIndex.from_product([months, sorted(sold["source"].dropna().unique())], names=["month_on", "source"])
    filled = made.reindex(every)
    counts = ["rows", "orders", "customers"]
    filled[counts] = filled[counts].fillna(0).astype("int64")
    return filled.fillna({"net": 0.0}).reset_index()


def coverage_checks(transactions: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """`quality` rows on time: months without sales, a source that starts or stops mid-period, a partial last month.

    rows and amount: of a start or stop, what the source holds; of a partial month, what it holds so far; of a hole, the
    number of months, with the money a usual month (median) of that source would have held.
    """
    strip = coverage(transactions)
    first, last = strip["month_on"].min(), strip["month_on"].max()
    entries = []
    for source, months in strip.groupby("source"):
        seen = months[months["rows"] > 0]
        begins, ends = seen["month_on"].min(), seen["month_on"].max()
        held, net = int(seen["rows"].sum()), float(seen["net"].sum())
        holes = months[months["month_on"].between(begins, ends) & (months["rows"] == 0)]["month_on"]
        if len(holes):
            named = ", ".join(f"{month:%Y-%m}" for month in holes[:6])
            usual = float(seen["net"].median() * len(holes))
            entries.append(
                row("months without a row", source, len(holes), usual, "kept empty", f"no row in {named}", "caution")
            )
        if begins > first:
            why = (
                f"first row in {begins:%Y-%m}, the data begin in {first:%Y-%m}: a new shop, or older sales are missing"
            )
            entries.append(row("source starts mid-period", source, held, net, "kept", why, "caution"))
        if ends < last:
            why = f"last row in {ends:%Y-%m}, the data end in {last:%Y-%m}: closed, or later sales are missing"
            entries.append(row("source stops mid-period", source, held, net, "kept", why, "caution"))
        if ends == last and as_of < last + pd.offsets.MonthEnd(0):
            current = months[months["month_on"] == last]
            why = f"{last:%Y-%m} is seen up to {as_of:%Y-%m-%d} only: it is not compared with whole months"
            entries.append(
                row("partial last month", source, int(current["rows"].sum()), float(current["net"].sum()), "kept", why)
            )
    return table(entries)


def recording_lag(transactions: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """How late sales are entered, by source: one row per source.

    Out: source, rows (with recorded_on), median_days and p90_days (recorded_on − ordered_on), in_time_share (entered
    within `data.recording_sla_days`), last_row_on and age_days (last sale to as_of), empty_months. Without
    recorded_on the lag columns are empty, the age and the holes are not (LT-09).
    """
    strip = coverage(transactions)
    entries = []
    for source, sold in transactions.groupby("source", observed=True, sort=True):
        lag = _lag(sold)
        seen = strip[(strip["source"] == source) & (strip["rows"] > 0)]["month_on"]
        span = (strip["source"] == source) & strip["month_on"].between(seen.min(), seen.max())
        last = sold["ordered_on"].max()
        entries.append(
            {
                "source": str(source),
                "rows": len(lag),
                "median_days": lag.median(),
                "p90_days": lag.quantile(0.9),
                "in_time_share": (lag <= settings.data.recording_sla_days).mean() if len(lag) else None,
                "last_row_on": last,
                "age_days": float((as_of - last).days),
                "empty_months": int((strip.loc[span, "rows"] == 0).sum()),
            }
        )
    return pd.DataFrame(entries)


def in_time(transactions: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Share of sales entered within `data.recording_sla_days`, with its Wilson interval (LT-09).

    Test cell: lags of 1, 3 and 10 days → 66.7 % within 7. Not available without recorded_on.
    """
    lag, sla = _lag(transactions), settings.data.recording_sla_days
    if not len(lag):
        return not_available(
            "quality.in_time",
            "transactions.recorded_on was not given",
            unit="share",
            as_of=str(as_of.date()),
            basis="sales rows",
        )
    basis = f"{len(lag):,} sales rows with a day of entry; in time is within {sla} days"
    return proportion(
        "quality.in_time",
        int((lag <= sla).sum()),
        len(lag),
        settings=settings,
        basis=basis,
        as_of=as_of,
        parts={"sla": sla},
    )


def _lag(sold: pd.DataFrame) -> pd.Series:
    if "recorded_on" not in sold:
        return pd.Series(dtype="float64")
    return (sold["recorded_on"] - sold["ordered_on"]).dt.days.dropna().clip(lower=0)


def _month(days: pd.Series) -> pd.Series:
    return days.dt.to_period("M").dt.to_timestamp()
