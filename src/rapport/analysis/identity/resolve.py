"""Every table that names a customer by a source's number gets the customer's id."""

from collections.abc import Mapping

import pandas as pd

BUYER = ["record_source", "record_id"]


def buyers(transactions: pd.DataFrame) -> pd.DataFrame:
    """The distinct buyers of `transactions` by their sources' numbers: source, record_id; rows without a buyer left
    out.
    """
    named = transactions.loc[transactions["record_id"].notna(), BUYER].drop_duplicates()
    return named.rename(columns={"record_source": "source"}).reset_index(drop=True)


def resolved(table: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """The table with `customer_id` filled from `links` by (record_source, record_id); unknown numbers stay empty.

    Any table of the client that has record_source, record_id and customer_id; its grain and order are unchanged.
    """
    codes = table.groupby(BUYER, dropna=False, sort=False, observed=True).ngroup()
    first = table.loc[~codes.duplicated(), BUYER].assign(code=codes[~codes.duplicated()])
    known = first.merge(
        links[["source", "record_id", "customer_id"]], left_on=BUYER, right_on=["source", "record_id"], how="left"
    )
    return table.assign(customer_id=codes.map(known.set_index("code")["customer_id"]).to_numpy(object))


def resolved_tables(tables: Mapping[str, pd.DataFrame], links: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All tables of the client, by name, those that name customers resolved; `records` is left out.

    A row that names an order but no customer (a list of returned orders) gets the customer of the order, where the
    sales have the order for one customer only.
    """
    made = {
        name: resolved(table, links) if {*BUYER, "customer_id"} <= set(table.columns) else table
        for name, table in tables.items()
        if name != "records"
    }
    sold = made.get("transactions")
    if sold is None:
        return made
    known = sold[["order_id", "customer_id"]].dropna().drop_duplicates()
    of_order = known[~known["order_id"].duplicated(keep=False)].set_index("order_id")["customer_id"]
    return {name: _by_order(table, of_order) if name != "transactions" else table for name, table in made.items()}


def _by_order(table: pd.DataFrame, of_order: pd.Series) -> pd.DataFrame:
    if not {"order_id", "record_id", "customer_id"} <= set(table.columns):
        return table
    nameless = table["record_id"].isna() & table["order_id"].notna()
    found = table["customer_id"].where(~nameless, table["order_id"].map(of_order).astype(object))
    return table.assign(customer_id=found.to_numpy(object))
