"""Holdings and families: one label for each, and who belongs to it (HU-43)."""

import pandas as pd

from .letters import spelling


def one_label(parent_group: pd.Series) -> pd.Series:
    """The labels with those that differ in case, accents or signs only ("Rimi", "RIMI") written alike: as most records
    write it, the first in the alphabet on a tie. Blank labels are missing. Other spellings ("Rimi group") stay.
    """
    text = parent_group.astype(object).where(parent_group.notna(), None)
    text = text.map(lambda label: str(label).strip() or None, na_action="ignore")
    counts = text.dropna().value_counts().rename_axis("label").reset_index(name="records")
    counts = counts.assign(key=counts["label"].map(spelling)).sort_values(
        ["records", "label"], ascending=[False, True], kind="stable"
    )
    usual = counts.drop_duplicates("key").set_index("key")["label"]
    label_of = dict(zip(counts["label"], counts["key"].map(usual)))
    made = text.map(label_of, na_action="ignore").astype(object)
    return made.where(made.notna(), None)


def parent_groups(customers: pd.DataFrame, net_totals: pd.Series) -> pd.DataFrame:
    """The groups that customers belong to, the most money first: name, customers (count), net_total (money; empty where
    none bought).

    In: `customers` (parent_group); net_totals, money by customer_id. A group of one customer is listed too: perhaps its
    others are written differently.
    """
    named = customers.dropna(subset="parent_group")
    made = (
        named.assign(net=named["customer_id"].map(net_totals))
        .groupby("parent_group")
        .agg(customers=("customer_id", "size"), net_total=("net", lambda net: net.sum(min_count=1)))
    )
    made = made.rename_axis("name").reset_index()
    return made.sort_values(["net_total", "name"], ascending=[False, True], ignore_index=True)
