"""How far the firm depends on one client, and what it would take to depend less (HU-42, HU-43)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .keys import LEVELS, groups, sales_basis, unit_shares
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


def units(
    sales_by_unit: pd.DataFrame,
    customers: pd.DataFrame,
    managers: pd.DataFrame | None = None,
    departments: pd.DataFrame | None = None,
    *,
    settings,
) -> pd.DataFrame:
    """How far the firm, each department and each manager hangs on its largest client: one row per unit.

    In: `sales_by_unit`; `customers` (parent_group, name); `managers` and `departments` (name). Out, the firm first, then departments and
    managers, within each the largest share first: level, unit (empty for the firm), unit_name, unit_customers, group_id, name, members, net, unit_net (money), share,
    band, share_alone and band_alone (of the largest single customer, had holdings been left in pieces), x (extra sales
    to others that bring the client to key.dilution_target, money), keys and keys_alone (above key.share; holdings
    taken together, and in pieces). Cases: below key.min_customers the largest always exceeds 1/n, so that
    the rule says nothing: no count of keys, and no band but the firm's. Reference: HU-32, HU-43.
    """
    together = unit_shares(sales_by_unit, customers, settings=settings)
    is_any_group = customers["parent_group"].fillna("").ne("").any()
    alone = customers.assign(parent_group=None)
    apart = unit_shares(sales_by_unit, alone, settings=settings) if is_any_group else together
    by = ["level", "unit"]
    table = together.drop_duplicates(by).merge(
        apart.drop_duplicates(by)[[*by, "share"]].rename(columns={"share": "share_alone"}), on=by
    )
    for column, of in (("keys", together), ("keys_alone", apart)):
        counts = of.groupby(by, sort=False)["is_key"].sum().rename(column).reset_index()
        table = table.merge(counts, on=by)
        table[column] = table[column].astype("Int64").where(table["is_informative"])
    is_judged = table["is_informative"] | (table["level"] == "company")
    for share, band, is_only in (
        ("share", "band", table["members"] == table["unit_customers"]),
        ("share_alone", "band_alone", table["unit_customers"] == 1),
    ):
        step = np.searchsorted(np.asarray(settings.key.dependency_bands) + EDGE, table[share], side="left")
        table[band] = pd.Series(np.array(BANDS, dtype=object)[step]).mask(is_only, "mono").where(is_judged, None)
    names = table["group_id"].map(customers.set_index("customer_id")["name"])
    table["name"] = names.where(names.notna() & (names != ""), table["group_id"])
    table["x"] = (table["net"] / settings.key.dilution_target - table["unit_net"]).clip(lower=0)
    table["unit"] = table["unit"].where(table["level"] != "company", "")
    table["unit_name"] = table["unit"]
    for level, given in (("manager", managers), ("department", departments)):
        if given is not None:
            called = table["unit"].map(given.dropna(subset="name").set_index(f"{level}_id")["name"])
            table["unit_name"] = called.where(table["level"] == level).fillna(table["unit_name"])
    columns = [
        "unit_name",
        "unit_customers",
        "group_id",
        "name",
        "members",
        "net",
        "unit_net",
        "share",
        "band",
        "share_alone",
    ]
    order = table["level"].map({level: place for place, level in enumerate(("company", *LEVELS))})
    table = table.assign(order=order).sort_values(["order", "share", "unit"], ascending=[True, False, True])
    return table[[*by, *columns, "band_alone", "x", "keys", "keys_alone"]].reset_index(drop=True)


def unit_dependency(units: pd.DataFrame, *, settings, as_of: pd.Timestamp, level: str = "department") -> Finding:
    """Finding dependency.department (or .manager): the unit that hangs most on one client, and its band; text.

    In: `units`; level, department or manager. Only units with a band count. parts for template 3: name, share, unit,
    band, target, x, members, share_alone, band_alone, and units (judged, of that level), critical (those whose band is
    critical). Cases: no unit known, or all too small, is not available. Reference: HU-32, HU-43.
    """
    of = units[units["level"] == level]
    head = {"id": f"dependency.{level}", "unit": "text", "as_of": str(as_of.date())}
    head["basis"] = sales_basis(settings, as_of)
    judged = of[of["band"].notna()]
    if judged.empty:
        why = f"no {level} has {settings.key.min_customers} customers" if len(of) else f"transactions.{level}_id"
        return not_available(because=why, **head)
    first = judged.iloc[0]
    parts = {name: first[name] for name in ("name", "band", "band_alone")} | {"unit": first["unit_name"]}
    parts |= {name: float(first[name]) for name in ("share", "share_alone", "x")}
    parts |= {
        "target": settings.key.dilution_target,
        "members": int(first["members"]),
        "units": len(judged),
        "critical": sorted(judged.loc[judged["band"] == "critical", "unit"]),
    }
    return Finding(value=parts["band"], n=int(first["unit_customers"]), parts=parts, **head)


def dilution(net: float, total: float, *, target: float) -> float:
    """Extra sales to others (money) at which a client of `net` in `total` falls to the target share: K/target − total.

    Zero when it is there already. Reference: HU-43.
    """
    return max(0.0, net / target - total)
