"""Where customers seem to begin but may not: truncation and migration of systems (DEF5)."""

import pandas as pd

from .rows import row, severity, table

_JUMP = 3.0  # times the usual month
_FEWEST_NEW = 20
_FEWEST_MONTHS = 6


def first_seen(transactions: pd.DataFrame) -> pd.DataFrame:
    """Customers by the month in which they were first and last seen buying: month_on, first, last (counts), first_net,
    last_net (money of those customers in all the data, net of returns). Months between without any have 0.
    """
    seen = _seen(transactions)
    first = seen.groupby("first_month")["net"].agg(["size", "sum"])
    last = seen.groupby("last_month")["net"].agg(["size", "sum"])
    months = pd.date_range(seen["first_month"].min(), seen["last_month"].max(), freq="MS")
    made = pd.DataFrame(
        {
            "first": first["size"].reindex(months), "last": last["size"].reindex(months),
            "first_net": first["sum"].reindex(months), "last_net": last["sum"].reindex(months),
        }
    ).fillna(0)  # fmt: skip
    return made.astype({"first": "int64", "last": "int64"}).rename_axis("month_on").reset_index()


def origin_checks(transactions: pd.DataFrame, *, settings) -> pd.DataFrame:
    """`quality` rows: customers of unknown age, and months that look like a change of numbering; rows are customers.

    Unknown age: first seen within `data.truncation_days` of the first sale (DEF5). A jump: at least 20 new customers
    and three times the usual month (median of the three months before and the three after, so that a base which grows
    slower year by year shows no jump; at least six months after the first window); if as many
    old customers vanished in that month or the one before as usually in three, the numbering has probably changed,
    and the row is called so. amount: what those customers hold in all the data, net of returns (money).
    """
    seen = _seen(transactions)
    if seen.empty:
        return table([])
    start, days = seen["first_on"].min(), settings.data.truncation_days
    early = seen["first_on"] < start + pd.Timedelta(days=days)
    share = early.mean()
    seen_early = f"first seen within {days} days of the first sale ({start:%Y-%m-%d})"
    why = f"{seen_early}: {share:.1%} of customers; not counted as new"
    entries = [
        row(
            "customers of unknown age",
            "all",
            early.sum(),
            float(seen.loc[early, "net"].sum()),
            "flagged",
            why,
            severity(share),
        )
    ]
    months = first_seen(transactions)
    later = months[months["month_on"] > start + pd.Timedelta(days=days)]
    if len(later) < _FEWEST_MONTHS:
        return table(entries)
    usual_gone = months["last"].iloc[:-1].median()
    around = later.assign(usual=_around(later["first"]))
    for month in around[(around["first"] >= _FEWEST_NEW) & (around["first"] > _JUMP * around["usual"])].itertuples():
        usual_new = month.usual
        gone = months.loc[month.Index - 1 : month.Index, "last"].max()
        moved = gone >= _FEWEST_NEW and gone > _JUMP * usual_gone
        meaning = (
            f"{gone} customers vanished at the same time: the numbering has probably changed"
            if moved
            else "a campaign, a new source or a new numbering"
        )
        why = f"{month.first} first seen in {month.month_on:%Y-%m}, usually {usual_new:.0f} a month; {meaning}"
        check = "numbering may have changed" if moved else "jump of new customers"
        entries.append(
            row(
                f"{check} in {month.month_on:%Y-%m}",
                "all",
                month.first,
                float(month.first_net),
                "asked",
                why,
                "caution",
            )
        )
    return table(entries)


def _around(counts: pd.Series) -> pd.Series:
    """The median of the up to three months before and the up to three after each month, itself left out."""
    near = pd.concat([counts.shift(step) for step in (-3, -2, -1, 1, 2, 3)], axis=1)
    return near.median(axis=1)


def _seen(transactions: pd.DataFrame) -> pd.DataFrame:
    known = transactions[transactions["customer_id"].notna()]
    bought = known[known["net_amount"] > 0].groupby("customer_id", observed=True)["ordered_on"]
    made = bought.agg(first_on="min", last_on="max")
    made["net"] = known.groupby("customer_id", observed=True)["net_amount"].sum().reindex(made.index)
    for name in ("first", "last"):
        made[f"{name}_month"] = made[f"{name}_on"].dt.to_period("M").dt.to_timestamp()
    return made
