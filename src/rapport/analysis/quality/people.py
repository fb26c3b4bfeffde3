"""Do the customer files and the sales speak of the same people?"""

import pandas as pd

from ..identity import normal, shared_keys
from ..identity.spellings import LOST_LETTERS
from .rows import row, severity, table

_FEWEST_BUYERS = 100  # below, a shop that has just opened may well have no second order


def people_checks(transactions: pd.DataFrame, records: pd.DataFrame, *, settings) -> pd.DataFrame:
    """`quality` rows: buyers no file lists, records that never bought, names with lost letters, keys shared by many
    names, one customer above all, no customer who ever came back.

    rows: buyers, records, keys or sales rows; amount: the money of those buyers (empty for records without a sale).
    """
    return table(
        [
            *_unknown_buyers(transactions, records),
            *_never_bought(transactions, records),
            *_lost_letters(records),
            *_shared(records, settings),
            *_largest(transactions, settings),
            *_once(transactions),
        ]
    )


def _buyers(transactions: pd.DataFrame) -> pd.DataFrame:
    named = transactions.dropna(subset=["record_source", "record_id"])
    return named.groupby(["record_source", "record_id"], observed=True, as_index=False)["net_amount"].sum()


def _unknown_buyers(transactions: pd.DataFrame, records: pd.DataFrame) -> list[dict]:
    buyers = _buyers(transactions)
    known = pd.MultiIndex.from_frame(records[["source", "record_id"]])
    unknown = buyers[~pd.MultiIndex.from_frame(buyers[["record_source", "record_id"]]).isin(known)]
    share = len(unknown) / len(buyers) if len(buyers) else 0.0
    why = f"in sales, but in no customer file ({share:.1%} of buyers)"
    by_source = unknown.groupby("record_source", observed=True)["net_amount"].agg(["size", "sum"])
    return [
        row(
            "buyers without a record",
            str(source),
            part["size"],
            part["sum"],
            "kept as bare customers",
            why,
            severity(share),
        )
        for source, part in by_source.iterrows()
    ]


def _never_bought(transactions: pd.DataFrame, records: pd.DataFrame) -> list[dict]:
    buyers = pd.MultiIndex.from_frame(_buyers(transactions)[["record_source", "record_id"]])
    idle = records[~pd.MultiIndex.from_frame(records[["source", "record_id"]]).isin(buyers)]
    why = "in a customer file, but without a sale in the data"
    return [
        row("records without a sale", str(source), len(part), None, "kept as customers who have bought nothing", why)
        for source, part in idle.groupby("source")
    ]


def _lost_letters(records: pd.DataFrame) -> list[dict]:
    is_lost = records["name"].astype("string").str.contains(LOST_LETTERS).fillna(False)
    why = "letters of the name were lost before the file reached us (�, a question mark, or UTF-8 read as another code page)"
    return [
        row("names with lost letters", str(source), int(hit.sum()), None, "kept as they are", why, "caution")
        for source, hit in is_lost.groupby(records["source"])
    ]


def _shared(records: pd.DataFrame, settings) -> list[dict]:
    shared = shared_keys(normal(records, country=settings.identity.country), most_names=settings.identity.shared_names)
    most = settings.identity.shared_names
    entries = []
    for key, part in shared.groupby("key"):
        used = f"{len(part)} used by more than {most} unrelated names, up to {part['names'].max()}"
        why, check = f"{used}: a switchboard or a shared mailbox", f"keys shared by many names: {key}"
        entries.append(row(check, "records", part["records"].sum(), None, "not used to join records", why, "caution"))
    return entries


def _once(transactions: pd.DataFrame) -> list[dict]:
    """No customer of a source with a hundred buyers has a second order: the number is probably one of the order."""
    known = transactions.dropna(subset="record_id")[["record_source", "record_id", "order_id"]].drop_duplicates()
    orders = known.groupby(["record_source", "record_id"], observed=True).size()
    money = transactions.groupby("record_source", observed=True)["net_amount"].sum()
    by_source = orders.groupby("record_source", observed=True).agg(["size", "sum"])
    why = (
        "nobody has a second order: the number may be given anew with every order, and then nobody is seen to come back"
    )
    return [
        row("every customer bought once", str(source), one["size"], float(money[source]), "asked", why, "caution")
        for source, one in by_source.iterrows()
        if one["size"] >= _FEWEST_BUYERS and one["sum"] == one["size"]
    ]


def _largest(transactions: pd.DataFrame, settings) -> list[dict]:
    by_customer = transactions.groupby("customer_id", observed=True)["net_amount"].agg(["sum", "size"])
    total = transactions["net_amount"].sum()
    if by_customer.empty or total <= 0:
        return []
    largest = by_customer["sum"].idxmax()
    share = by_customer["sum"].max() / total
    watch = settings.key.dependency_bands[1]
    if share <= watch:
        return []
    why = f"one customer holds {share:.1%} of net sales: averages speak of this customer"
    rows, amount = int(by_customer.loc[largest, "size"]), float(by_customer.loc[largest, "sum"])
    return [row(f"one customer above {watch:.0%} of sales", "all", rows, amount, "kept", why, "caution")]
