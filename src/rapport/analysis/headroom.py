"""How much more a customer could take: against its wallet where known, else against its peers' breadth (HU-39)."""

import numpy as np
import pandas as pd

from .grid import quantiles
from .traits import SOURCES

UPPER = 0.75  # the peers' upper quartile of breadth (HU-39)


def headroom(history: pd.DataFrame, customers: pd.DataFrame, traits: pd.DataFrame, *, settings) -> pd.DataFrame:
    """What each buyer of the active window might add in a year, the largest first.

    Out: customer_id, own, headroom (money), categories, peer_categories, peers (count), basis (wallet, peers in its
    sector, all customers, or what is missing). In: `history` (net and categories of the active window), `customers`
    (sector), `traits` (wallet). Where the wallet is known: wallet − own. Else: the peers' upper quartile of
    categories × own spend per category − own: what the customer would buy if it took as many categories as they do,
    at its own spend in each. Peers are the buyers of its sector, all buyers where a sector has fewer than
    acquire.min_sector_customers.
    Cases: at or above its peers is 0; no categories in the data leaves it empty. An upper figure, no forecast.
    Reference: HU-39.
    """
    bought = history[history["net_recent"] > 0][["customer_id", "net_recent", "categories"]]
    table = bought.merge(customers[["customer_id", "sector"]], on="customer_id", how="left")
    table = table.merge(traits[["customer_id", "wallet"]], on="customer_id", how="left").rename(
        columns={"net_recent": "own"}
    )
    size = table.groupby("sector")["customer_id"].transform("size")
    table["peer_group"] = table["sector"].where(size >= settings.acquire.min_sector_customers)
    everybody = quantiles(table["categories"], (UPPER,))[0]
    edges = table.groupby("peer_group")["categories"].agg(lambda peers: quantiles(peers, (UPPER,))[0])
    table["peer_categories"] = table["peer_group"].map(edges).fillna(everybody)
    table["peers"] = size.where(table["peer_group"].notna(), len(table)).astype("int64")
    broad = table["own"] * (table["peer_categories"] / table["categories"].where(table["categories"] > 0) - 1)
    room = (table["wallet"] - table["own"]).where(table["wallet"].notna(), broad)
    table["headroom"] = room.clip(lower=0)
    table["basis"] = np.select(
        [table["wallet"].notna(), table["categories"] == 0, table["peer_group"].notna()],
        ["wallet", f"not available: {SOURCES['entropy']}", "peers in its sector"],
        default="all customers",
    )
    columns = ["customer_id", "own", "headroom", "categories", "peer_categories", "peers", "basis"]
    return table.sort_values(["headroom", "customer_id"], ascending=[False, True], ignore_index=True)[columns]
