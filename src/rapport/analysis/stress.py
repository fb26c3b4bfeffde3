"""If the largest client left: profit without it, and what losing its volume does to buying prices (HU-42)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .keys import groups


def stress(
    group_shares: pd.DataFrame,
    finance: pd.DataFrame | None = None,
    firm_sales: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> Finding:
    """Finding dependency.stress: yearly profit if the largest client left and nothing else changed; unit money.

    In: `group_shares`; `finance` (fixed_cost by month; margin_share where transactions carry no margin); firm_sales,
    net and margin of the active window in any number of rows, sales that name nobody among them (without it, the
    clients known are taken for the firm). Profit is contribution of the active window less fixed cost of the same
    length (mean month of the last twelve). parts for template 4: name, a (profit now), b (profit without), mx (share
    of revenue that can be lost before profit is gone: profit / contribution), contribution, fixed, margin_basis.
    Fixed cost is taken as fixed.
    Cases: no fixed cost or no margin is not available; profit not above zero gives mx 0. Reference: HU-42.
    """
    head = {"id": "dependency.stress", "unit": "money", "as_of": str(as_of.date()), "n": len(group_shares)}
    head["basis"] = f"contribution less fixed cost of the {settings.data.active_window_days} days to {as_of.date()}"
    if group_shares.empty:
        return not_available(because="transactions: no sales in the active window", **head)
    months = _last_year(finance, as_of)
    if months is None or months["fixed_cost"].isna().all():
        return not_available(because="finance.fixed_cost", **head)
    all_sales = group_shares if firm_sales is None else firm_sales
    rate, margin_basis = _margin_share(pd.concat([group_shares, all_sales]), months, settings)
    if margin_basis == "":
        return not_available(because="transactions.margin, finance.margin_share or value.margin_share", **head)
    contribution, own = _contribution(all_sales, rate), _contribution(group_shares.iloc[:1], rate)
    fixed = float(months["fixed_cost"].mean() * 12 * settings.data.active_window_days / 365)
    profit = contribution - fixed
    parts = {
        "name": group_shares["name"].iloc[0],
        "a": profit,
        "b": profit - own,
        "mx": losable(contribution, fixed),
        "contribution": contribution,
        "fixed": fixed,
        "margin_basis": margin_basis,
    }
    found = Finding(value=parts["b"], parts=parts, **head)
    known = int(months["fixed_cost"].notna().sum())
    return found if known >= 12 else found.as_indicative(f"fixed cost is known for {known} of the last 12 months")


def losable(contribution: float, fixed: float) -> float:
    """The share of revenue that can be lost at the mean margin before profit is gone: profit / contribution."""
    return max(0.0, (contribution - fixed) / contribution) if contribution > 0 else 0.0


def _last_year(finance: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.DataFrame | None:
    if finance is None:
        return None
    on = finance["month_on"]
    return finance[(on > as_of - pd.DateOffset(months=12)) & (on <= as_of)]


def _margin_share(sales: pd.DataFrame, months: pd.DataFrame, settings) -> tuple[float | None, str]:
    """The margin share to use (None where every margin is recorded) and where it comes from (empty: nowhere)."""
    if sales["margin"].notna().all():
        return None, "margin of the transactions"
    told = months["margin_share"].mean()
    if pd.notna(told):
        return float(told), "finance.margin_share"
    typed = settings.value.margin_share
    return typed, "" if typed is None else "value.margin_share"


def _contribution(sales: pd.DataFrame, rate: float | None) -> float:
    return float(sales["margin"].sum() if rate is None else sales["net"].sum() * rate)


def cascade(
    supplier_tiers: pd.DataFrame, *, units: float, units_lost: float, price: float, attrition_share: float | None = None
) -> pd.DataFrame:
    """What losing a client's volume does to the supplier's price and so to the others: one row per answer.

    In: `supplier_tiers` (from_units, unit_cost: the cost of every unit from that volume on); units bought of the
    supplier now, units_lost with the client, price at which the others buy (money); attrition_share, the share of the
    others' units lost when the rise is passed on. Out: answer (before, absorb, pass_on), units (of the others),
    unit_cost, price, profit (money, of the others). pass_on raises the price by the rise in cost; its own attrition
    may cost another tier.
    Cases: attrition unknown leaves pass_on empty. Raises ValueError when a volume lies below the lowest tier.
    Reference: HU-42.
    """
    others = units - units_lost
    cost, risen = (_unit_cost(supplier_tiers, volume) for volume in (units, others))
    kept = np.nan if attrition_share is None else others * (1 - attrition_share)
    last = np.nan if attrition_share is None else _unit_cost(supplier_tiers, kept)
    rows = [
        ("before", others, cost, price),
        ("absorb", others, risen, price),
        ("pass_on", kept, last, price + risen - cost if attrition_share is not None else np.nan),
    ]
    table = pd.DataFrame(rows, columns=["answer", "units", "unit_cost", "price"])
    table["profit"] = table["units"] * (table["price"] - table["unit_cost"])
    return table


def cascades(
    category_sales: pd.DataFrame,
    supplier_tiers: pd.DataFrame | None,
    group_shares: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    settings,
) -> pd.DataFrame:
    """The cascade of every category with tiers in which the largest client buys: category, units_lost, and as `cascade`.

    In: `category_sales` (net, quantity, active window); `supplier_tiers` (None where not given: no rows); `group_shares`,
    the largest first; `customers` (parent_group). The others' price is what they paid on average.
    Cases: where they would buy less than the lowest tier the cost is unknown, and so is the profit.
    """
    columns = ["category", "units_lost", "answer", "units", "unit_cost", "price", "profit"]
    sold = category_sales.dropna(subset=["category", "quantity"])
    group = sold["customer_id"].map(groups(customers)).fillna(sold["customer_id"])
    is_own = group.isin(group_shares["group_id"].head(1))
    found = []
    for category, tiers in supplier_tiers.groupby("category") if supplier_tiers is not None else ():
        own, others = (sold[(sold["category"] == category) & which] for which in (is_own, ~is_own))
        lost, left = own["quantity"].sum(), others["quantity"].sum()
        if lost > 0 and left > 0:
            lowest = pd.DataFrame({"from_units": [-np.inf], "unit_cost": [np.nan]})
            told = cascade(
                pd.concat([lowest, tiers[["from_units", "unit_cost"]]]),
                units=lost + left,
                units_lost=lost,
                price=others["net"].sum() / left,
                attrition_share=settings.key.attrition_share,
            )
            found.append(told.assign(category=category, units_lost=lost))
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def cascade_cost(
    cascades: pd.DataFrame,
    supplier_tiers: pd.DataFrame | None,
    group_shares: pd.DataFrame,
    *,
    settings,
    as_of: pd.Timestamp,
) -> Finding:
    """Finding dependency.cascade: yearly profit on the others lost to dearer buying if the largest client left; money.

    In: `cascades`; `supplier_tiers`; `group_shares` (the name of the largest). The rise is absorbed. parts: name, before, absorb, pass_on (profit on the
    others; pass_on empty where key.attrition_share is unknown), categories (that lose a tier), judged (with tiers).
    Cases: no tiers, or none in a category of the client, is not available. Reference: HU-42.
    """
    head = {"id": "dependency.cascade", "unit": "money", "as_of": str(as_of.date())}
    head["basis"] = f"units of the {settings.data.active_window_days} days to {as_of.date()} at the suppliers' tiers"
    if supplier_tiers is None or cascades.empty:
        lacks = "supplier_tiers" if supplier_tiers is None else "supplier_tiers: no category of the largest client"
        return not_available(because=lacks, **head)
    profit = cascades.pivot(index="category", columns="answer", values="profit")
    cost = cascades.pivot(index="category", columns="answer", values="unit_cost")
    if profit[["before", "absorb"]].isna().any(axis=None):
        return not_available(because="supplier_tiers: a volume lies below the lowest tier", **head)
    passed = profit["pass_on"].sum() if profit["pass_on"].notna().all() else None
    parts = {"name": group_shares["name"].iloc[0]}
    parts |= {answer: float(profit[answer].sum()) for answer in ("before", "absorb")}
    parts |= {"pass_on": None if passed is None else float(passed), "judged": len(profit)}
    parts["categories"] = int((cost["absorb"] > cost["before"]).sum())
    return Finding(value=parts["before"] - parts["absorb"], n=len(profit), parts=parts, **head)


def _unit_cost(supplier_tiers: pd.DataFrame, volume: float) -> float:
    tiers = supplier_tiers.sort_values("from_units")
    reached = tiers[tiers["from_units"] <= volume]
    if reached.empty:
        raise ValueError(
            f"no supplier tier covers {volume:g} units; the lowest starts at {tiers['from_units'].min():g}"
        )
    return float(reached["unit_cost"].iloc[-1])
