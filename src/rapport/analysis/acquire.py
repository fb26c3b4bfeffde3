"""Acquisition: what a new customer cost by month and channel, when it pays back, whom the best customers are like."""

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available

ALL = "all"
MONTH_DAYS = 30.4375
ATTRIBUTES = ("sector", "size", "region", "country", "kind", "acquired_channel")


def acquisition(
    purchase_days: pd.DataFrame,
    history: pd.DataFrame,
    customers: pd.DataFrame | None = None,
    spend: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """New customers, spend, cost of a new customer and its payback, by month and channel, with `all` for the total.

    In: `purchase_days`, `history`; `customers` for the channel a customer came by; `spend` with purpose acquire. Out:
    `acquisition`, from the first whole month after the truncation days to the month of as_of.
    Cases: spend is empty (unknown, not zero) for a channel that `spend` never names and in months before or after those
    it covers; a channel known from spend only has zero new customers and no cac;
    marginal_cac is empty where spend did not rise, and where it rose without more customers (no finite cost).
    Reference: BG-07, BG-03, HU-06, DEF5.
    """
    new = _new_customers(history, customers)
    months = _months(history, settings, as_of)
    paid = _paid(spend, as_of)
    channels = sorted({ALL, *new["channel"], *paid["channel"]})
    grid = pd.MultiIndex.from_product([months, channels], names=["month_on", "channel"])
    counts = _with_total(new.assign(new_customers=1), "new_customers").reindex(grid, fill_value=0)
    amounts = _with_total(paid, "amount").reindex(grid)
    amounts = amounts.where(~_was_paid(paid, grid), amounts.fillna(0.0))
    out = pd.DataFrame({"spend": amounts, "new_customers": counts}).reset_index()
    out["cac"] = (out["spend"] / out["new_customers"]).where(out["new_customers"] > 0)
    before = out.groupby("channel")[["spend", "new_customers"]].shift()
    out["marginal_cac"] = marginal_cac(out["spend"] - before["spend"], out["new_customers"] - before["new_customers"])
    out["marginal_cac"] = out["marginal_cac"].replace(np.inf, np.nan)
    curves = _margin_curves(purchase_days, new, settings, as_of)
    out["payback_months"] = [_payback(curves.get(name), cac) for name, cac in zip(out["channel"], out["cac"])]
    return TABLES["acquisition"].check(out.sort_values(["month_on", "channel"]), "acquire.acquisition")


def cac(acquisition: pd.DataFrame, *, as_of: pd.Timestamp) -> Finding:
    """Finding acquire.cac: spend over new customers of the last twelve months with spend, all channels (money).

    In: `acquisition`. parts: spend, months, payback_months (of the latest month; None when unknown). An average: the
    next customer may cost more, see `saturation`. Not available without spend or without a new customer. BG-03.
    """
    day, basis = str(as_of.date()), "new customers of the last twelve months with acquisition spend, all channels"
    paid = acquisition[(acquisition["channel"] == ALL) & acquisition["spend"].notna()].tail(12)
    spent, new = paid["spend"].sum(), int(paid["new_customers"].sum())
    if paid.empty or new == 0:
        because = "no table 'spend' with purpose acquire" if paid.empty else "no new customer in these months"
        return not_available("acquire.cac", because, unit="money", as_of=day, basis=basis)
    payback = paid["payback_months"].dropna()
    parts = {"spend": spent, "months": len(paid), "payback_months": None if payback.empty else payback.iloc[-1]}
    return Finding(id="acquire.cac", unit="money", value=spent / new, n=new, basis=basis, as_of=day, parts=parts)


def marginal_cac(extra_spend, extra_customers) -> np.ndarray:
    """Extra spend over extra new customers; infinite where spend rose without more customers, empty where it did not.

    In: changes against the period before, numbers or arrays. Out: money a customer. Reference: BG-07.
    """
    extra_spend, extra_customers = np.asarray(extra_spend, float), np.asarray(extra_customers, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(extra_customers > 0, extra_spend / extra_customers, np.inf)
    return np.where(extra_spend > 0, ratio, np.nan)


def _new_customers(history: pd.DataFrame, customers: pd.DataFrame | None) -> pd.DataFrame:
    new = history.loc[~history["is_truncated"] & history["first_order_on"].notna(), ["customer_id", "first_order_on"]]
    channel = pd.Series(dtype=object) if customers is None else customers.set_index("customer_id")["acquired_channel"]
    return pd.DataFrame(
        {
            "customer_id": new["customer_id"],
            "first_order_on": new["first_order_on"],
            "month_on": new["first_order_on"].dt.to_period("M").dt.start_time,
            "channel": new["customer_id"].map(channel).fillna("unknown"),
        }
    )


def _months(history: pd.DataFrame, settings, as_of: pd.Timestamp) -> pd.DatetimeIndex:
    known_from = history["first_order_on"].min() + pd.Timedelta(days=settings.data.truncation_days)
    if pd.isna(known_from):
        return pd.DatetimeIndex([])
    return pd.date_range(known_from.normalize(), as_of, freq="MS")


def _paid(spend: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.DataFrame:
    if spend is None:
        return pd.DataFrame({"month_on": [], "channel": [], "amount": []})
    paid = spend[(spend["purpose"] == "acquire") & (spend["spent_on"] <= as_of)]
    return pd.DataFrame(
        {
            "month_on": paid["spent_on"].dt.to_period("M").dt.start_time,
            "channel": paid["channel"].fillna("unknown"),
            "amount": paid["amount"],
        }
    )


def _was_paid(paid: pd.DataFrame, grid: pd.MultiIndex) -> np.ndarray:
    """Where an absent row means that nothing was spent: within the months and channels that `spend` covers."""
    months, channels = grid.get_level_values("month_on"), grid.get_level_values("channel")
    if paid.empty:
        return np.zeros(len(grid), bool)
    within = (months >= paid["month_on"].min()) & (months <= paid["month_on"].max())
    return within & channels.isin([ALL, *paid["channel"].unique()])


def _with_total(rows: pd.DataFrame, column: str) -> pd.Series:
    both = pd.concat([rows, rows.assign(channel=ALL)])
    return both.groupby(["month_on", "channel"])[column].sum()


def _margin_curves(purchase_days: pd.DataFrame, new: pd.DataFrame, settings, as_of: pd.Timestamp) -> dict:
    """By channel: cumulative mean margin of a new customer by whole months since the first purchase."""
    margin = purchase_days["margin"]
    if settings.value.margin_share is not None:
        margin = margin.fillna(purchase_days["net"] * settings.value.margin_share)
    if new.empty or margin.isna().any():
        return {}
    watched = new.assign(months=_whole_months(as_of - new["first_order_on"]))
    bought = purchase_days.assign(margin=margin).merge(watched, on="customer_id")
    bought["age"] = _whole_months(bought["ordered_on"] - bought["first_order_on"])
    bought = bought[bought["age"] < bought["months"]]
    everyone = pd.concat([watched, watched.assign(channel=ALL)])
    sums = _with_total(bought.rename(columns={"month_on": "won_on", "age": "month_on"}), "margin")
    return {name: _margin_curve(sums, name, rows["months"]) for name, rows in everyone.groupby("channel")}


def _margin_curve(sums: pd.Series, channel: str, months: pd.Series) -> np.ndarray:
    ages = np.arange(months.max())
    watched = np.array([(months > age).sum() for age in ages])
    earned = sums.xs(channel, level="channel") if channel in sums.index.unique("channel") else pd.Series(dtype=float)
    return np.cumsum(earned.reindex(ages, fill_value=0.0).to_numpy() / watched)


def _whole_months(lengths: pd.Series) -> pd.Series:
    return (lengths.dt.days // MONTH_DAYS).astype(int)


def _payback(curve: np.ndarray | None, cac: float) -> float:
    if curve is None or pd.isna(cac) or not (curve >= cac).any():
        return np.nan
    return float(np.argmax(curve >= cac) + 1)


def profile_of_pareto(customers: pd.DataFrame, classes: pd.DataFrame, *, settings) -> pd.DataFrame:
    """How the Pareto customers differ from all customers: every attribute's levels with their lift.

    In: `customers`, `classes` (is_pareto). Out: one row per attribute and level: attribute, attribute_value, customers, pareto
    (counts), share_of_all, share_of_pareto, lift (their ratio, unsmoothed), log_lift (smoothed), is_indicative; the
    largest log-lift first. Smoothing adds acquire.smoothing customers spread as all customers are, so that a level
    without a Pareto customer is not minus infinity and a rare level stays near zero.
    Cases: a customer without the attribute is not counted for it; an attribute nobody has is left out; levels with
    fewer than acquire.min_sector_customers customers are indicative. It describes who stayed, not who will convert.
    Reference: LT-18, LT-20.
    """
    rows = customers.merge(classes[["customer_id", "is_pareto"]], on="customer_id")
    found = [_lifts(rows, attribute, settings) for attribute in ATTRIBUTES]
    out = pd.concat(found, ignore_index=True)
    return out.sort_values(
        ["log_lift", "attribute", "attribute_value"], ascending=[False, True, True], ignore_index=True
    )


def _lifts(rows: pd.DataFrame, attribute: str, settings) -> pd.DataFrame:
    known = rows[rows[attribute].notna()]
    out = (
        known.groupby(attribute)["is_pareto"]
        .agg(customers="size", pareto="sum")
        .rename_axis("attribute_value")
        .reset_index()
    )
    n, best, smoothing = len(known), int(known["is_pareto"].sum()), settings.acquire.smoothing
    of_all = out["customers"] / max(n, 1)
    of_pareto = (out["pareto"] / best) if best else out["pareto"] * np.nan
    smoothed = (out["pareto"] + smoothing * of_all) / (best + smoothing) if best + smoothing else of_pareto
    with np.errstate(divide="ignore"):
        log_lift = np.log(smoothed / of_all)
    return out.assign(
        attribute=attribute,
        share_of_all=of_all,
        share_of_pareto=of_pareto,
        lift=of_pareto / of_all,
        log_lift=log_lift,
        is_indicative=out["customers"] < settings.acquire.min_sector_customers,
    )[
        [
            "attribute",
            "attribute_value",
            "customers",
            "pareto",
            "share_of_all",
            "share_of_pareto",
            "lift",
            "log_lift",
            "is_indicative",
        ]
    ]
