"""The classification of three public firms, from their files to the tables, reconciled to the files' own totals.

    python benchmarks/classify_tables.py DATA [--out benchmarks/results/classify_tables.md]

DATA is a folder with superstore/Orders.csv, classicmodels/classicmodels.sqlite and online_retail/online_retail.parquet.
Each firm goes the way of a client: `rapport new` proposes the mapping, nothing in it is changed, `rapport run` makes
the tables. Customers and net sales by class must add up to the firm, and the firm to the sum of the file as pandas reads
it, cancelled orders left out as the proposed mapping says. Exits with 1 when they do not.
"""

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pandas as pd

from rapport import abcxyz, baskets, segments, states, ten_types, traits
from rapport.foundation.engagement import Engagement, open_engagement
from rapport.runner import run
from rapport.scaffold import scaffold

CENT = 0.01
PERIODS = {"W": "week", "M": "month", "Q": "quarter"}


def superstore(file: Path) -> float:
    return float(pd.read_csv(file)["Sales"].sum())


def classicmodels(file: Path) -> float:
    lines = (
        "select sum(quantityOrdered * priceEach) from orderdetails join orders using (orderNumber)"
        " where status <> 'Cancelled'"
    )
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as base:
        return float(base.execute(lines).fetchone()[0])


def online_retail(file: Path) -> float:
    sold = pd.read_parquet(file, columns=["Quantity", "UnitPrice"])
    return float((sold["Quantity"] * sold["UnitPrice"]).sum())


FIRMS = {
    "Superstore": ("superstore/Orders.csv", "US", "USD", superstore),
    "Classicmodels": ("classicmodels/classicmodels.sqlite", "US", "USD", classicmodels),
    "Online Retail": ("online_retail/online_retail.parquet", "GB", "GBP", online_retail),
}


def made(folder: Path, name: str, file: Path, country: str, currency: str) -> tuple[Engagement, float]:
    """The firm after a complete run with the mapping as proposed, and the seconds the run took."""
    list(scaffold(folder, [file], client=name, country=country, currency=currency))
    start = time.perf_counter()
    done = run(folder)
    return open_engagement(folder, done.name), time.perf_counter() - start


def tables(firm: Engagement) -> dict[str, pd.DataFrame]:
    """Customers and net sales by each kind of class, in one shape: class, customers, net."""
    past, classes = firm.read("history"), firm.read("classes")
    grid = abcxyz.grid(past, classes)
    both = classes.merge(past[["customer_id", "net_total"]], on="customer_id", how="left")
    fits = abcxyz.period_used(past, settings=firm.settings)
    found = {
        f"ABC × XYZ, by {PERIODS[fits]}": grid.assign(name=grid["abc"] + grid["xyz"])[["name", "customers", "net"]],
        "State by own rhythm": states.by_state(past, classes)[["state", "customers", "net"]],
        "Segment": segments.sizes(past, classes)[["segment", "customers", "net"]],
    }
    for title, column in {"ABC": "abc", "XYZ": "xyz", "Rung of the ladder": "rung", "Volume": "volume_band"}.items():
        by = both.fillna({column: "no class"}).groupby(column)["net_total"]
        found[title] = pd.DataFrame({"customers": by.size(), "net": by.sum()}).reset_index()
    return {title: table.set_axis(["class", "customers", "net"], axis=1) for title, table in found.items()}


def overlapping(firm: Engagement) -> pd.DataFrame:
    """The types that can be told; they overlap, so that they need not add up."""
    past, classes, customers = (firm.read(name) for name in ("history", "classes", "customers"))
    given = firm.given("products", "returns_complaints")
    bought = {
        "category_sales": baskets.category_sales(firm.transactions(), settings=firm.settings, as_of=firm.as_of),
        "product_sales": baskets.product_sales(firm.transactions(), given["products"], as_of=firm.as_of),
    }
    kinds = ten_types.kinds(past, classes, traits.traits(past, customers, as_of=firm.as_of, **given, **bought))
    shown = kinds[(kinds["customers"] > 0) | (kinds["primary"] > 0)]
    return shown[["type", "customers", "net"]].set_axis(["class", "customers", "net"], axis=1)


def reconciled(firm: Engagement, found: dict[str, pd.DataFrame], total: float) -> list[tuple[str, float, float]]:
    """What must be equal, as (what, one side, other side)."""
    lines = firm.read("transactions")
    named, nobody = (
        lines.loc[which, "net_amount"].sum() for which in (lines["customer_id"].notna(), lines["customer_id"].isna())
    )
    past, classes = firm.read("history"), firm.read("classes")
    pairs = [
        ("file = sales taken in", total, lines["net_amount"].sum()),
        ("sales taken in = customers + nobody", lines["net_amount"].sum(), past["net_total"].sum() + nobody),
        ("sales with a customer = history", named, past["net_total"].sum()),
    ]
    valued = past[past["net_total"] > 0]
    for title, table in found.items():
        whole = (
            (len(valued), valued["net_total"].sum())
            if title.startswith("ABC ×")
            else (len(classes), past["net_total"].sum())
        )
        pairs += [
            (f"{title}: customers", whole[0], table["customers"].sum()),
            (f"{title}: net sales", whole[1], table["net"].sum()),
        ]
    return pairs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    told = ["# Classification of three public firms", "", "    python benchmarks/classify_tables.py DATA", ""]
    told += [f"{date.today()}, {os.cpu_count()} cores. The seven pages and the report are in the seconds of a run.", ""]
    faults = 0
    for name, (file, country, currency, total_of) in FIRMS.items():
        with tempfile.TemporaryDirectory() as folder:
            firm, seconds = made(Path(folder) / "firm", name, given.data / file, country, currency)
            found, total = tables(firm), total_of(given.data / file)
            pairs = reconciled(firm, found, total)
            types = overlapping(firm)
            size = f"{len(firm.read('classes')):,} customers, as of {firm.as_of:%Y-%m-%d}, {currency}; run in {seconds:.0f} s"
        told += [f"## {name}", "", size + ".", ""]
        for title, table in {**found, "Types (overlapping)": types}.items():
            told += [f"| {title} | customers | net sales |", "|---|---:|---:|"]
            told += [f"| {row[0]} | {row[1]:,.0f} | {row[2]:,.2f} |" for row in table.itertuples(index=False)]
            told += [
                ""
                if title.startswith("Types")
                else f"| **all** | {table['customers'].sum():,.0f} | {table['net'].sum():,.2f} |",
                "",
            ]
        off = [(what, one, other) for what, one, other in pairs if abs(one - other) > CENT]
        faults += len(off)
        told += [
            f"Reconciled to the cent: {len(pairs) - len(off)} of {len(pairs)} sums; the file's own total is {total:,.2f}.",
            "",
        ]
        told += [f"**Off**: {what}: {one:,.2f} against {other:,.2f}" for what, one, other in off]
    text = "\n".join(told)
    print(text)
    if given.out:
        given.out.write_text(text.rstrip() + "\n", "utf-8")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
