"""The five signs of a key customer side by side: share, potential, reputation, innovation, demand (HU-32 to HU-36)."""

import numpy as np
import pandas as pd

from .grid import quantiles
from .orientation import complaint_rate
from .traits import is_tagged, missing
from .worth import headcount

TOP_DECILE = 0.9  # of complaints per order, from which an active customer may be demanding (HU-36)
LAUNCHES = 2  # launches below which nobody can be called an innovator (HU-35)
FAMOUS, ALLOWED = ("reference", "well known", "reputation"), ("reference permission",)


def key_signs(
    history: pd.DataFrame,
    classes: pd.DataFrame,
    customers: pd.DataFrame,
    traits: pd.DataFrame,
    product_sales: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Every customer with at least one sign of a key customer, the most signs first.

    In: `history`, `classes` (key_scope, state), `customers` (tags), `traits`; `product_sales` (customer_id,
    product_id, first_on) and `products` for innovators. Out: customer_id, net_recent (money), key_scope (1, by
    share), potential (2; money, empty when unknown), has_potential, reputation (3; usable, no permission, empty),
    is_innovator (4), demanding (5; accepted ideas, complaints, empty), signs (how many). Only sign 1 makes a key
    customer here; the others are candidates, for the client to decide. Flags are empty (NA) where their table is
    missing: see `unknown`.
    Reference: HU-32 to HU-37.
    """
    people = classes[["customer_id", "key_scope", "state"]].merge(history, on="customer_id", how="left")
    people = people.merge(traits, on="customer_id").merge(
        customers[["customer_id", "tags"]], on="customer_id", how="left"
    )
    table = people[["customer_id", "net_recent", "key_scope"]].copy()
    table["potential"] = potential(people, settings=settings)
    typical = people.loc[people["key_scope"] != "", "net_recent"].median()
    table["has_potential"] = (
        (table["potential"] >= typical).astype("boolean").where(table["potential"].notna() & pd.notna(typical))
    )
    table["reputation"] = _reputation(people["tags"])
    found = innovators(history, product_sales, products, settings=settings, as_of=as_of)
    innovative = people["customer_id"].isin(found.loc[found["is_innovator"], "customer_id"]).astype("boolean")
    table["is_innovator"] = innovative if len(found) else pd.array([pd.NA] * len(table), dtype="boolean")
    table["demanding"] = demanding(people)
    table["signs"] = (
        (table["key_scope"] != "").astype(int)
        + table["has_potential"].fillna(False).astype(int)
        + (table["reputation"] == "usable").astype(int)
        + table["is_innovator"].fillna(False).astype(int)
        + (table["demanding"] != "").astype(int)
    )
    table = table[(table["signs"] > 0) | (table["reputation"] != "")]
    return table.sort_values(["signs", "net_recent", "customer_id"], ascending=[False, False, True], ignore_index=True)


def unknown(traits: pd.DataFrame, key_signs: pd.DataFrame) -> pd.DataFrame:
    """The signs that cannot be told, and for want of what: sign, missing. No rows when all five can (DEF10)."""
    rows = [
        ("potential", missing(traits, "wallet_sourced")),
        ("innovator", "products.launched_on (two launches at least)" if key_signs["is_innovator"].isna().all() else ""),
        ("demanding", missing(traits, "complaints") and missing(traits, "accepted_ideas")),
    ]
    return pd.DataFrame([row for row in rows if row[1]], columns=["sign", "missing"])


def potential(people: pd.DataFrame, *, settings) -> pd.Series:
    """What a customer could add in a year: wallet × key.attainable_share − own net of the window, at least 0 (money).

    In: people, one row per customer: wallet_sourced (only figures whose source is named count), net_recent.
    Cases: wallet unknown or without source is empty. Reference: HU-33.
    """
    return (people["wallet_sourced"] * settings.key.attainable_share - people["net_recent"].fillna(0.0)).clip(lower=0)


def _reputation(tags: pd.Series) -> np.ndarray:
    """usable: tagged as a name to refer to, with permission; no permission: without it, so not to be used (HU-34)."""
    famous = is_tagged(tags, *FAMOUS)
    return np.select([famous & is_tagged(tags, *ALLOWED), famous], ["usable", "no permission"], "").astype(object)


def demanding(people: pd.DataFrame) -> np.ndarray:
    """How a customer forces quality: "accepted ideas", "complaints" (a candidate), or empty, as an array of text.

    In: people, one row per customer: complaints, accepted_ideas (of `traits`), orders, net_total, state. An accepted
    idea shows it; the top tenth by complaints per order while active is a candidate. Reference: HU-36.
    """
    rate = complaint_rate(people)
    known = rate[people["net_total"] > 0].dropna()
    edge = quantiles(known, (TOP_DECILE,))[0] if len(known) else np.inf
    complains = (rate >= edge) & (rate > 0) & (people["state"] == "active")
    return np.select([people["accepted_ideas"] >= 1, complains], ["accepted ideas", "complaints"], "").astype(object)


def innovators(
    history: pd.DataFrame,
    product_sales: pd.DataFrame | None,
    products: pd.DataFrame | None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Who took up launches first, the best rank first.

    Out: customer_id, launches (taken up), mean_rank (1 the first), is_innovator. In: `history`; `product_sales`
    (customer_id, product_id, first_on); `products` (launched_on; launches before the data begin do not count). The
    rank is the place by first purchase of each launch, equal days sharing the better place; who did not take a launch
    up ranks behind all who did. Innovators are the best key.innovator_share of the customers with value above zero,
    at least one, among those who took up two launches. A definition (Rogers), not a finding.
    Cases: fewer than two launches gives no rows: not available. Reference: HU-35, C20.
    """
    taken = _taken_up(history, product_sales, products, as_of)
    if taken["product_id"].nunique() < LAUNCHES:
        return pd.DataFrame(
            {"customer_id": [], "launches": [], "mean_rank": [], "is_innovator": pd.array([], dtype=bool)}
        )
    taken["rank"] = taken.groupby("product_id")["first_on"].rank(method="min")
    behind = taken.groupby("product_id")["customer_id"].transform("size") + 1
    by = taken.assign(gained=behind - taken["rank"]).groupby("customer_id")
    all_behind = (taken.groupby("product_id").size() + 1).sum()
    table = pd.DataFrame(
        {"launches": by.size(), "mean_rank": (all_behind - by["gained"].sum()) / taken["product_id"].nunique()}
    )
    table = table.reset_index().sort_values(["mean_rank", "customer_id"], ignore_index=True)
    places = max(1, headcount(settings.key.innovator_share, int((history["net_total"] > 0).sum())))
    able = table["launches"] >= LAUNCHES
    table["is_innovator"] = able & (able.cumsum() <= places)
    return table


def _taken_up(history, product_sales, products, as_of) -> pd.DataFrame:
    columns = ["customer_id", "product_id", "first_on"]
    if product_sales is None or products is None:
        return pd.DataFrame(columns=columns)
    begin = history["first_order_on"].min()
    launched = products[(products["launched_on"] >= begin) & (products["launched_on"] <= as_of)]
    buyers = history.loc[history["net_total"] > 0, "customer_id"]
    taken = product_sales[product_sales["customer_id"].isin(buyers)].merge(
        launched[["product_id", "launched_on"]], on="product_id"
    )
    return taken[(taken["first_on"] >= taken["launched_on"]) & (taken["first_on"] <= as_of)][columns].copy()
