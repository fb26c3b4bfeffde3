"""What the client's other tables say of each customer, in one frame: one row per customer, one column a fact.

Empty (NaN) means unknown, zero means known to be none. A column that is empty for everybody says that its table was not
given; `SOURCES` names it, so that a finding can say what is missing (DEF10).
"""

import numpy as np
import pandas as pd

SOURCES = {
    "wallet": "wallet.total_spend",
    "wallet_sourced": "wallet.source",
    "recommendations": "referrals",
    "recommended_bought": "referrals.outcome",
    "inbound_contacts": "contacts",
    "complaints": "returns_complaints",
    "open_complaints": "returns_complaints",
    "orientation_declared": "satisfaction.orientation",
    "satisfaction_score": "satisfaction.score",
    "quantity": "transactions.quantity",
    "entropy": "transactions.category",
    "focus_share": "transactions.category",
    "price_index": "transactions.product_id and quantity",
    "new_share": "products.launched_on",
    "launches": "products.launched_on",
    "late_share": "payments",
    "clv": "values, made on the page 3_value",
    "accepted_ideas": "ideas",
}


def traits(
    history: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    wallet: pd.DataFrame | None = None,
    referrals: pd.DataFrame | None = None,
    contacts: pd.DataFrame | None = None,
    returns_complaints: pd.DataFrame | None = None,
    satisfaction: pd.DataFrame | None = None,
    category_sales: pd.DataFrame | None = None,
    product_sales: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
    payments: pd.DataFrame | None = None,
    values: pd.DataFrame | None = None,
    ideas: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per customer of `history` or `customers`, sorted by customer_id, with every column of `SOURCES`.

    In: the client's tables as the contracts declare them, None where there is none; rows after `as_of` are left out.
    category_sales: customer_id, category, net, quantity. product_sales: customer_id, product_id, first_on, net,
    quantity, net_new (net within twelve months after the product's launch). Out: counts, shares and money as floats; `orientation_declared` is text. wallet:
    the yearly spend with everybody (money); wallet_sourced: the part of it whose source is named. entropy: of net
    over categories (nats). focus_share: net in the two largest categories. price_index: paid against the firm's mean
    price of the same products. late_share: of payments.
    Cases: a customer that a given table does not name has zero of what is counted, and unknown of what is measured.
    """
    names = pd.Index(customers["customer_id"], name="customer_id").union(pd.Index(history["customer_id"]))
    names = names if names.is_monotonic_increasing else names.sort_values()
    parts = [
        _wallet(wallet, as_of),
        _referrals(referrals, names, as_of),
        _contacts(contacts, names, as_of),
        _complaints(returns_complaints, names, as_of),
        _satisfaction(satisfaction, as_of),
        _breadth(category_sales),
        _prices(product_sales),
        _novelty(product_sales, products),
        _payments(payments, as_of),
        _lifetime(values),
        _ideas(ideas, names, as_of),
    ]
    table = (
        pd.concat([part.reindex(names) for part in parts if part is not None], axis=1)
        if any(part is not None for part in parts)
        else pd.DataFrame(index=names)
    )
    table = table.reindex(columns=list(SOURCES))
    numbers = [name for name in SOURCES if name != "orientation_declared"]
    table[numbers] = table[numbers].astype("float64")
    return table.reset_index()


def is_tagged(tags: pd.Series, *words: str) -> np.ndarray:
    """Whether each customer's tags (separated by ;) hold one of the words; case, _ and - do not matter."""
    place, texts = pd.factorize(tags.fillna(""))
    plain = [{tag.strip() for tag in text.lower().replace("_", " ").replace("-", " ").split(";")} for text in texts]
    return np.array([not tag.isdisjoint(words) for tag in plain], dtype=bool)[place]


def missing(traits: pd.DataFrame, *columns: str) -> str:
    """The table or column whose absence leaves any of these traits unknown for everybody; empty when all are known."""
    return next((SOURCES[name] for name in columns if traits[name].isna().all()), "")


def _until(table: pd.DataFrame, column: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Rows of an identified customer that are not dated after `as_of`."""
    return table[table["customer_id"].notna() & ~(table[column] > as_of)]


def _wallet(wallet, as_of):
    if wallet is None:
        return None
    known = _until(wallet, "known_on", as_of)
    is_sourced = known["source"].fillna("").str.strip() != ""
    return pd.DataFrame(
        {
            "wallet": known.groupby("customer_id")["total_spend"].sum(),
            "wallet_sourced": known[is_sourced].groupby("customer_id")["total_spend"].sum(),
        }
    )


def _referrals(referrals, names, as_of):
    if referrals is None:
        return None
    made = _until(referrals, "referred_on", as_of)
    bought = made[made["outcome"].eq("bought")]
    counts = {"recommendations": made, "recommended_bought": bought}
    return (
        pd.DataFrame({name: rows.groupby("customer_id").size() for name, rows in counts.items()})
        .reindex(names)
        .fillna(0)
    )


def _contacts(contacts, names, as_of):
    if contacts is None:
        return None
    inbound = _until(contacts, "contacted_on", as_of).query("direction == 'in'")
    return inbound.groupby("customer_id").size().rename("inbound_contacts").to_frame().reindex(names).fillna(0)


def _complaints(returns_complaints, names, as_of):
    if returns_complaints is None:
        return None
    raised = _until(returns_complaints, "happened_on", as_of).query("kind == 'complaint'")
    is_open = raised["closed_on"].isna() | (raised["closed_on"] > as_of)
    counts = {"complaints": raised, "open_complaints": raised[is_open]}
    return (
        pd.DataFrame({name: rows.groupby("customer_id").size() for name, rows in counts.items()})
        .reindex(names)
        .fillna(0)
    )


def _satisfaction(satisfaction, as_of):
    if satisfaction is None:
        return None
    latest = _until(satisfaction, "answered_on", as_of).sort_values("answered_on", kind="stable").groupby("customer_id")
    return latest[["orientation", "score"]].last().set_axis(["orientation_declared", "satisfaction_score"], axis=1)


def _breadth(category_sales):
    if category_sales is None:
        return None
    sold = category_sales.dropna(subset=["customer_id", "category"]).query("net > 0")
    share = sold["net"] / sold.groupby("customer_id")["net"].transform("sum")
    name = sold["customer_id"]
    largest = share.sort_values(ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "entropy": (-share * np.log(share)).groupby(name).sum(),
            "focus_share": share[largest.index][largest.groupby(name).cumcount() < 2].groupby(name).sum().clip(upper=1),
            "quantity": category_sales.groupby("customer_id")["quantity"].sum(min_count=1),
        }
    )


def _prices(product_sales):
    if product_sales is None:
        return None
    sold = product_sales.query("net > 0 and quantity > 0")
    by = sold.groupby("product_id")
    mean = (by["net"].sum() / by["quantity"].sum())[by["customer_id"].nunique() > 1]
    usual = sold["quantity"] * sold["product_id"].map(mean)
    compared = sold[usual.notna()]
    of = compared["customer_id"]
    return (compared["net"].groupby(of).sum() / usual.dropna().groupby(of).sum()).rename("price_index").to_frame()


def _novelty(product_sales, products):
    if product_sales is None or products is None or products["launched_on"].isna().all():
        return None
    sold = product_sales.query("net > 0")
    launched = sold["product_id"].map(products.set_index("product_id")["launched_on"])
    new = sold["net_new"].where(launched.notna(), 0.0)
    total = sold.groupby("customer_id")["net"].sum()
    launches = (new > 0).groupby(sold["customer_id"]).sum()
    return pd.DataFrame({"new_share": new.groupby(sold["customer_id"]).sum() / total, "launches": launches})


def _payments(payments, as_of):
    if payments is None:
        return None
    due = payments[payments["customer_id"].notna() & (payments["due_on"] <= as_of)]
    paid_on = due["paid_on"].where(due["paid_on"] <= as_of)
    is_late = (paid_on > due["due_on"]) | (paid_on.isna() & (due["due_on"] < as_of))
    return is_late.groupby(due["customer_id"]).mean().rename("late_share").to_frame()


def _lifetime(values):
    return None if values is None else values.set_index("customer_id")[["clv"]]


def _ideas(ideas, names, as_of):
    if ideas is None:
        return None
    made = _until(ideas, "suggested_on", as_of)
    accepted = made[made["is_accepted"].fillna(False).astype(bool)]
    return accepted.groupby("customer_id").size().rename("accepted_ideas").to_frame().reindex(names).fillna(0)
