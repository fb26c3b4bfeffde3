"""Key customers by share of sales of the firm, a department, a manager; and who serves how many (HU-32, HU-37)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .worth import EDGE

LEVELS = {"department": "department_id", "manager": "manager_id"}


def groups(customers: pd.DataFrame) -> pd.Series:
    """The group each customer belongs to (its holding or family, else itself), indexed by customer_id."""
    named = customers.set_index("customer_id")["parent_group"]
    return named.where(named.notna() & (named != ""), named.index.to_series())


def unit_shares(sales_by_unit: pd.DataFrame, customers: pd.DataFrame, *, settings) -> pd.DataFrame:
    """What each group of customers holds of each unit's sales in the active window, holdings taken together.

    In: `sales_by_unit`; `customers` (parent_group). Out, largest first within level and unit: level (company,
    department, manager), unit, group_id, members, net, unit_net (money), share, unit_customers, is_informative, is_key.
    Only customers with net above zero in the unit count, so shares of a unit sum to 1. `is_key` needs more than
    key.share (or that share, when key.is_strict is off) in a unit of at least key.min_customers customers; below that
    the largest always exceeds 1/n and the rule says nothing. The manager is the one at the sale.
    Cases: sales without department or manager count for the company only. Reference: HU-32, C8.
    """
    who, names = pd.factorize(sales_by_unit["customer_id"])
    grouped = customers[customers["parent_group"].notna() & (customers["parent_group"] != "")]
    of = pd.Series(names, dtype=object)
    of = of.map(groups(grouped)).fillna(of) if len(grouped) else of
    group, group_names = pd.factorize(of, sort=True)
    sold = pd.DataFrame({"who": who, "net": sales_by_unit["net"].to_numpy()})
    units = {
        "company": np.full(len(sold), "company", dtype=object),
        **{level: sales_by_unit[name] for level, name in LEVELS.items()},
    }
    levels = [_shares(sold, level, unit, group, group_names) for level, unit in units.items()]
    table = pd.concat(levels, ignore_index=True)
    table["is_informative"] = table["unit_customers"] >= settings.key.min_customers
    reaches = exceeds(table["share"], settings.key.share, is_strict=settings.key.is_strict)
    table["is_key"] = table["is_informative"] & reaches
    return table


def exceeds(share, cut: float, *, is_strict: bool):
    """Whether a share exceeds a cut (strict), or reaches it; a share within float error of the cut is equal to it."""
    return share > cut + EDGE if is_strict else share >= cut - EDGE


def _shares(sold: pd.DataFrame, level: str, unit, group: np.ndarray, group_names) -> pd.DataFrame:
    """Shares of one level's units; sold and unit row by row, `group` a place in group_names by that of the customer."""
    place, unit_names = pd.factorize(unit, sort=True)
    per = sold.assign(unit=place)[place >= 0].groupby(["unit", "who"], as_index=False, sort=False)["net"].sum()
    per = per[per["net"] > 0]
    per["group"] = group[per["who"]]
    table = per.groupby(["unit", "group"], as_index=False, sort=False).agg(members=("net", "size"), net=("net", "sum"))
    table["unit_net"] = table.groupby("unit")["net"].transform("sum")
    table["share"] = table["net"] / table["unit_net"]
    table["unit_customers"] = table["unit"].map(per["unit"].value_counts())
    table = table.iloc[np.lexsort((table["group"], -table["net"], table["unit"]))]
    named = {
        "level": level,
        "unit": np.asarray(unit_names)[table["unit"]],
        "group_id": np.asarray(group_names)[table["group"]],
    }
    return table.drop(columns="group").assign(**named)[["level", "unit", "group_id", *table.columns[2:]]]


def key_scopes(unit_shares: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """The levels at which each customer's group is key, indexed by customer_id; only customers that are key somewhere.

    Text such as "company;department:B;manager:M1".
    """
    found = unit_shares[unit_shares["is_key"]]
    place = np.where(found["level"] == "company", "company", found["level"] + ":" + found["unit"])
    scopes = pd.Series(place, index=found["group_id"], dtype=object).groupby(level=0, sort=True).agg(";".join)
    group = groups(customers)
    return group[group.isin(scopes.index)].map(scopes).rename("key_scope")


def company_keys(unit_shares: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding key.company: how many groups exceed key.share of the firm's sales; unit count.

    In: `unit_shares`. parts: share (the cut), is_strict, most_possible (with "more than" one in ten 9 at most, with
    "or more" 10), by level the number of keys, uninformative (units too small to judge), department_only (groups key
    in a department but not for the firm). Cases: no sales in the window, or a firm of fewer than key.min_customers
    customers, is not available. Reference: HU-32, HU-37, C8.
    """
    company = unit_shares[unit_shares["level"] == "company"]
    head = {"id": "key.company", "unit": "count", "as_of": str(as_of.date()), "basis": sales_basis(settings, as_of)}
    if company.empty:
        return not_available(because="transactions: no sales in the active window", **head)
    n = int(company["unit_customers"].iloc[0])
    if n < settings.key.min_customers:
        few = f"{n} customers: in a unit below {settings.key.min_customers} the largest always exceeds one {n}th"
        return not_available(because=few, n=n, **head)
    keys = unit_shares[unit_shares["is_key"]]
    firm = set(keys.loc[keys["level"] == "company", "group_id"])
    units = unit_shares.drop_duplicates(["level", "unit"])
    parts = {
        "share": settings.key.share,
        "is_strict": settings.key.is_strict,
        "most_possible": most_possible(settings.key.share, is_strict=settings.key.is_strict),
        "at_department": int(keys.loc[keys["level"] == "department", "group_id"].nunique()),
        "at_manager": int(keys.loc[keys["level"] == "manager", "group_id"].nunique()),
        "department_only": sorted(set(keys.loc[keys["level"] == "department", "group_id"]) - firm),
        "uninformative": int((~units["is_informative"]).sum()),
        "units": len(units),
    }
    return Finding(value=len(firm), n=n, parts=parts, **head)


def most_possible(share: float, *, is_strict: bool) -> int:
    """How many customers can be key at once by share alone: 9 with more than 10 %, 10 with 10 % or more (HU-37)."""
    whole = int(1 / share + EDGE)
    return whole - 1 if is_strict and abs(whole * share - 1) < EDGE else whole


def sales_basis(settings, as_of: pd.Timestamp) -> str:
    """What shares of sales rest on, in words."""
    window = f"{settings.data.active_window_days} days to {as_of.date()}"
    return f"net sales to known customers in the {window}, holdings taken together"


def manager_loads(history: pd.DataFrame, classes: pd.DataFrame, customers: pd.DataFrame, *, settings) -> pd.DataFrame:
    """How many key and other customers each manager serves: one row per manager, the most loaded first.

    In: `history` (manager at the last sale), `classes` (key_scope), `customers` (manager in charge today, which goes
    before). Out: manager_id, keys, key_groups (holdings counted once), others (customers that are not key and bought
    in the active window), key_net, other_net (money, active window), is_breach (more keys than key.per_manager),
    is_mixed (keys and small accounts in one hand, the third mistake). Cases: customers without manager are left out.
    Reference: HU-37, HU-40.
    """
    both = classes[["customer_id", "key_scope"]].merge(
        history[["customer_id", "manager_id", "net_recent", "orders_recent"]], on="customer_id", how="left"
    )
    today = both["customer_id"].map(customers.set_index("customer_id")["manager_id"])
    both["manager_id"] = today.where(today.notna(), both["manager_id"])
    both = both[both["manager_id"].notna()]
    both["group_id"] = both["customer_id"].map(groups(customers)).fillna(both["customer_id"])
    is_key = both["key_scope"] != ""
    others = both[~is_key & (both["orders_recent"] > 0)].groupby("manager_id")
    keys = both[is_key].groupby("manager_id")
    table = pd.DataFrame(
        {
            "keys": keys.size(),
            "key_groups": keys["group_id"].nunique(),
            "others": others.size(),
            "key_net": keys["net_recent"].sum(),
            "other_net": others["net_recent"].sum(),
        },
        index=pd.Index(sorted(both["manager_id"].unique()), name="manager_id"),
    ).fillna(0)
    table = table.astype({"keys": "int64", "key_groups": "int64", "others": "int64"})
    table["is_breach"] = table["keys"] > settings.key.per_manager
    table["is_mixed"] = (table["keys"] > 0) & (table["others"] > 0)
    return table.reset_index().sort_values(
        ["keys", "others", "manager_id"], ascending=[False, False, True], ignore_index=True
    )


def keys_per_manager(manager_loads: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding key.per_manager: the most key customers served by one manager; unit count.

    In: `manager_loads`. parts: m (the manager), k, rule (key.per_manager), breaches (managers over it), keys (all),
    needed = ⌈keys / rule⌉ managers, others (small accounts of that manager), mixed (managers with both).
    Cases: no manager known is not available. Reference: HU-37, HU-40; template 7.
    """
    head = {"id": "key.per_manager", "unit": "count", "as_of": str(as_of.date()), "basis": "key customers by manager"}
    if manager_loads.empty:
        return not_available(because="transactions.manager_id", **head)
    first, rule, total = manager_loads.iloc[0], settings.key.per_manager, int(manager_loads["keys"].sum())
    parts = {
        "m": first["manager_id"],
        "k": int(first["keys"]),
        "rule": rule,
        "breaches": manager_loads.loc[manager_loads["is_breach"], "manager_id"].tolist(),
        "keys": total,
        "needed": -(-total // rule),
        "others": int(first["others"]),
        "mixed": manager_loads.loc[manager_loads["is_mixed"], "manager_id"].tolist(),
    }
    return Finding(value=int(first["keys"]), n=len(manager_loads), parts=parts, **head)
