"""LTV = S × C × P × T by ratios of sums, and its levers (HU-06, HU-07, C5).

With S = sales ÷ orders, C = orders ÷ customer-months, P = contribution ÷ sales and T = customer-months ÷ customers the
product is exactly the mean contribution a customer has brought so far. Means of each customer's own averages are not:
they can be wrong threefold. Nothing is discounted, and T is cut off at `as_of` (customers have not finished).
"""

import numpy as np
import pandas as pd

from ..foundation.errors import RapportError
from ..foundation.finding import Finding, not_available
from .models.hiatus import alive_by_hiatus
from .value import margin

MONTH = 365.25 / 12  # days
LIFT = 0.10
GOOD = ("A", "B")
ELSEWHERE = "buys elsewhere too"  # as `ladder` notes it


def ltv_table(history: pd.DataFrame, groups: pd.Series | None = None, *, settings) -> pd.DataFrame:
    """The parts of S × C × P × T for the whole base ("all", first) and for each group.

    In: `history` (money before returns is not used: S rests on net_total); `groups`, one name per row of `history`.
    Out: group, customers, ticket (S, money an order), orders_a_month (C), margin_share (P; empty when unknown),
    months (T, first to last purchase, at least one), ltv (S·C·P·T; with P = 1 when margins are unknown),
    churn_a_month and months_by_churn (1 ÷ churn; empty when nobody was lost): lost customers per customer-month lived,
    lost by the hiatus rule as it reads the whole base, also of a group. Raises RapportError for a margin above 1.
    """
    known = _with_alive(history, settings)
    parts = [("all", known)]
    if groups is not None:
        parts += list(known.groupby(groups.loc[known.index], sort=True))
    return pd.DataFrame([{"group": name} | _parts(part, settings) for name, part in parts])


def ltv(history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """The finding `value.ltv_formula`: S × C × P × T of the whole base, money a customer.

    Not available without a customer that bought. `parts` holds S, C, P, T and the months by churn.
    """
    day = as_of.date().isoformat()
    table = ltv_table(history, settings=settings)
    row = table.iloc[0]
    if not row["customers"]:
        return not_available("value.ltv_formula", "no customer has bought yet", unit="money", as_of=day)
    keys = ("ticket", "orders_a_month", "margin_share", "months", "churn_a_month", "months_by_churn")
    return Finding(
        id="value.ltv_formula",
        value=float(row["ltv"]),
        unit="money",
        n=int(row["customers"]),
        basis=margin(history, settings=settings).basis,
        as_of=day,
        parts={key: None if pd.isna(row[key]) else float(row[key]) for key in keys},
    )


def levers(ltv_parts: pd.DataFrame) -> pd.DataFrame:
    """What +10 % of each part is worth: one row per group and lever, with its estimated value (HU-07).

    In: the table of `ltv_table`. Out: group, lever (ticket, frequency, margin, life), now, then, gain_a_customer,
    gain_total (money). The product is linear in each part, so every lever of one group gains the same; what differs is
    what it costs to pull. A margin that is unknown has no lever; one that would pass 1 stops there.
    """
    columns = {"ticket": "ticket", "frequency": "orders_a_month", "margin": "margin_share", "life": "months"}
    rows = []
    for _, row in ltv_parts.iterrows():
        for lever, column in columns.items():
            now = row[column]
            then = min(now * (1 + LIFT), 1.0) if lever == "margin" else now * (1 + LIFT)
            gain = row["ltv"] * (then / now - 1) if now and pd.notna(now) else np.nan
            rows.append(
                {"group": row["group"], "lever": lever, "now": now, "then": then, "gain_a_customer": gain,
                 "gain_total": gain * row["customers"]}
            )  # fmt: skip
    return pd.DataFrame(rows)


def three_ways(history: pd.DataFrame, classes: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The three ways to raise lifetime value (HU-07), each pulled by a tenth: what it would bring.

    In: `history`, `classes` (abc, rung_note). Out: one row per way: lever, customers (it starts from), more (a tenth of
    them), gain_a_customer, gain_total (money, of a life as long as lives have been so far; not discounted).
    good_leads: a tenth more new customers (of the last active window, birth known), each as good as those of class A or
    B. turned: a tenth of those who bought twice, or are known to buy elsewhere too, becomes as good. larger_ticket: a tenth
    more an order, of everybody. Cases: nobody of class A or B leaves the first two without a gain.
    """
    marks = classes[["customer_id", "abc", "rung_note"]]
    known = _with_alive(history, settings).merge(marks, on="customer_id", how="left")
    is_recent = known["first_order_on"] > as_of - pd.Timedelta(days=settings.data.active_window_days)
    is_new = is_recent & ~known["is_truncated"].astype(bool)
    is_good = known["abc"].isin(GOOD)
    buys_elsewhere = known["rung_note"].fillna("").str.contains(ELSEWHERE)
    is_open = ~is_good & ((known["purchase_days"] == 2) | buys_elsewhere)
    good, undecided, everybody = (_parts(part, settings)["ltv"] for part in (known[is_good], known[is_open], known))
    gains = {
        "good_leads": (is_new.sum(), LIFT, good),
        "turned": (is_open.sum(), LIFT, max(good - undecided, 0.0) if is_open.any() else np.nan),
        "larger_ticket": (len(known), 1.0, everybody * LIFT),
    }
    rows = [
        {
            "lever": way,
            "customers": count,
            "more": count * part,
            "gain_a_customer": gain,
            "gain_total": count * part * gain,
        }
        for way, (count, part, gain) in gains.items()
    ]
    return pd.DataFrame(rows)


def product(*, ticket: float, orders_a_month: float, margin_share: float, months: float) -> float:
    """S × C × P × T of four figures. Raises RapportError when P is not a fraction."""
    _check_fraction(margin_share)
    return ticket * orders_a_month * margin_share * months


def _with_alive(history: pd.DataFrame, settings) -> pd.DataFrame:
    """Customers who bought, with is_alive by the hiatus rule: the limit of one-time buyers comes from all of them."""
    known = history[history["purchase_days"] > 0]
    state = settings.state
    alive = alive_by_hiatus(known, lost_gaps=state.lost_gaps, too_early_quantile=state.too_early_quantile)
    return known.assign(is_alive=alive)


def _parts(part: pd.DataFrame, settings) -> dict:
    customers, orders, sales = len(part), part["orders"].sum(), part["net_total"].sum()
    months = np.maximum(part["span_days"].to_numpy(float) / MONTH, 1.0)
    found = margin(part, settings=settings)
    share = _margin_of_net(part, found)
    _check_fraction(share)
    alive = part["is_alive"].to_numpy(bool)
    lived = np.where(alive, part["observed_days"].to_numpy(float) / MONTH, months)
    churn = (~alive).sum() / np.maximum(lived, 1.0).sum() if customers else np.nan
    ticket, frequency = (sales / orders, orders / months.sum()) if customers else (np.nan, np.nan)
    life = months.mean() if customers else np.nan
    return {
        "customers": customers,
        "ticket": ticket,
        "orders_a_month": frequency,
        "margin_share": share if found.is_margin else np.nan,
        "months": life,
        "ltv": ticket * frequency * (share if found.is_margin else 1.0) * life,
        "churn_a_month": churn,
        "months_by_churn": 1 / churn if churn else np.nan,
    }


def _margin_of_net(part: pd.DataFrame, found) -> float:
    """Contribution ÷ net sales: `margin` counts it per sale before returns."""
    net = part["net_total"].sum()
    return found.share * part["gross_total"].sum() / net if net > 0 else found.share


def _check_fraction(share: float) -> None:
    if share > 1 + 1e-9:
        raise RapportError(
            f"the margin is {share:g} of sales, more than the sales themselves.",
            "margin (P of S × C × P × T)",
            f"write it as a fraction: 20 % is 0.20{f', so {share / 100:g} here' if share <= 100 else ''}.",
        )
