"""How far the firm depends on one client, and what it would take to depend less (HU-42, HU-43)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .keys import groups, sales_basis
from .worth import EDGE

BANDS = ("normal", "key", "watch", "act", "urgent", "critical")
TOP = 10


def group_shares(sales_by_unit: pd.DataFrame, customers: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Each client's share of the firm's sales in the active window, holdings taken as one, with its dependency band.

    In: `sales_by_unit`; `customers` (parent_group, name). Out, the largest first: group_id, name (of the holding, or of
    the only member), members, largest_member_share, net, margin (money; empty when any cost is unknown), share, band
    (normal, key, watch, act, urgent, critical, or mono for the only client). Customers with net of zero or less do not
    count, so merging customers never lowers a band. Edges are strict: exactly 50 % is urgent.
    Reference: HU-43, C9.
    """
    sold = sales_by_unit.groupby("customer_id")
    per = pd.DataFrame(
        {"net": sold["net"].sum(), "margin": sold["margin"].sum().where(sold["margin"].count() == sold.size())}
    )
    per = per[per["net"] > 0]
    group = per.index.to_series().map(groups(customers))
    per["group_id"] = group.where(group.notna(), per.index.to_series())
    by = per.groupby("group_id")
    table = pd.DataFrame({"members": by.size(), "largest": by["net"].max(), "net": by["net"].sum()})
    table["margin"] = by["margin"].sum().where(by["margin"].count() == by.size())
    total = table["net"].sum()
    table["share"], table["largest_member_share"] = table["net"] / total, table["largest"] / total
    table["band"] = bands(table["share"], edges=settings.key.dependency_bands)
    table["name"] = _names(per["group_id"], table["members"], customers)
    columns = ["name", "members", "largest_member_share", "net", "margin", "share", "band"]
    table = table[columns].reset_index().sort_values(["net", "group_id"], ascending=[False, True], ignore_index=True)
    return table


def bands(share: pd.Series, *, edges: tuple[float, ...]) -> pd.Series:
    """The dependency band of each share: above the k-th edge (strictly) is the k-th band; a single client is `mono`."""
    if len(share) == 1:
        return pd.Series(["mono"], index=share.index, dtype=object)
    step = np.searchsorted(np.asarray(edges) + EDGE, share.to_numpy(), side="left")
    return pd.Series(np.array(BANDS, dtype=object)[step], index=share.index)


def _names(group: pd.Series, members: pd.Series, customers: pd.DataFrame) -> pd.Series:
    """A holding's id as received, a single customer's name (its id when it has none)."""
    name = customers.set_index("customer_id")["name"]
    single = group[group.map(members) == 1]
    own = pd.Series(single.index.map(name), index=single.to_numpy())
    shown = members.index.to_series()
    return own.reindex(members.index).where(own.reindex(members.index).notna(), shown)


def dependency(group_shares: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """Findings dependency.band and .dilution, concentration.largest and .top10_share: how much hangs on one client.

    In: `group_shares`. All carry parts for template 3: name, share, unit, band, target, x (extra sales to others that
    bring the client to key.dilution_target), members, largest_member_share, band_alone (had the holding been left in
    pieces), next_name, next_share. Cases: no sales in the window is not available.
    Reference: HU-43, C9, C10; narrative template 3.
    """
    day, basis = str(as_of.date()), sales_basis(settings, as_of)
    ids = {
        "dependency.band": "text",
        "concentration.largest": "share",
        "concentration.top10_share": "share",
        "dependency.dilution": "money",
    }
    if group_shares.empty:
        why = "transactions: no sales in the active window"
        return tuple(not_available(id, why, unit=unit, as_of=day, basis=basis) for id, unit in ids.items())
    first, n = group_shares.iloc[0], len(group_shares)
    alone = pd.Series([first["largest_member_share"], 0.0])
    parts = {
        "name": first["name"],
        "share": float(first["share"]),
        "unit": "company",
        "band": first["band"],
        "target": settings.key.dilution_target,
        "x": dilution(float(first["net"]), float(group_shares["net"].sum()), target=settings.key.dilution_target),
        "members": int(first["members"]),
        "largest_member_share": float(first["largest_member_share"]),
        "band_alone": bands(alone, edges=settings.key.dependency_bands).iloc[0],
        "clients": n,
    }
    if n > 1:
        parts |= {"next_name": group_shares["name"].iloc[1], "next_share": float(group_shares["share"].iloc[1])}
    values = (first["band"], float(first["share"]), float(group_shares["share"].head(TOP).sum()), parts["x"])
    told = zip(ids.items(), values)
    return tuple(Finding(id=id, unit=unit, value=v, n=n, basis=basis, as_of=day, parts=parts) for (id, unit), v in told)


def unit_dependency(
    unit_shares: pd.DataFrame, customers: pd.DataFrame, *, settings, as_of: pd.Timestamp, level: str = "department"
) -> Finding:
    """Finding dependency.department (or .manager): the unit that hangs most on one client, and its band; text.

    In: `unit_shares`, `customers` (names); level, department or manager. Only units of at least key.min_customers
    customers count. parts for template 3: name, share, unit, band, target, x, members, and units (of that level),
    critical (units whose band is critical). Cases: no unit known, or all too small, is not available. Reference:
    HU-32, HU-43.
    """
    of = unit_shares[(unit_shares["level"] == level) & unit_shares["is_informative"]]
    head = {
        "id": f"dependency.{level}",
        "unit": "text",
        "as_of": str(as_of.date()),
        "basis": sales_basis(settings, as_of),
    }
    if of.empty:
        known = (unit_shares["level"] == level).any()
        why = f"no {level} has {settings.key.min_customers} customers" if known else f"transactions.{level}_id"
        return not_available(because=why, **head)
    step = bands(of["share"], edges=settings.key.dependency_bands)
    worst = of["share"].idxmax()
    first, target = of.loc[worst], settings.key.dilution_target
    single = customers.set_index("customer_id")["name"].get(first["group_id"])
    parts = {
        "name": single if isinstance(single, str) and single else first["group_id"],
        "share": float(first["share"]),
        "unit": first["unit"],
        "band": step[worst],
        "target": target,
        "x": dilution(float(first["net"]), float(first["unit_net"]), target=target),
        "members": int(first["members"]),
        "units": int(of["unit"].nunique()),
        "critical": sorted(of.loc[step == "critical", "unit"]),
    }
    return Finding(value=parts["band"], n=int(first["unit_customers"]), parts=parts, **head)


def dilution(net: float, total: float, *, target: float) -> float:
    """Extra sales to others (money) at which a client of `net` in `total` falls to the target share: K/target − total.

    Zero when it is there already. Reference: HU-43.
    """
    return max(0.0, net / target - total)
