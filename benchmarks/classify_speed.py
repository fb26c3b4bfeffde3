"""How long all classes of a firm of 1 million customers and 10 million transactions take, and how much memory.

    python benchmarks/classify_speed.py [CUSTOMERS]

Writes the frames that the customer history would hand over (simulated, fixed seed), then runs every room of the page
`2_classify` on them. Budget beyond the history: 60 s and 6 GB on two cores. Processor time is printed beside the clock,
which counts other work of the machine too.
"""

import resource
import sys
import time

import numpy as np
import pandas as pd

from rapport.analysis import (
    abcxyz,
    concentration,
    dependency,
    grid,
    headroom,
    keys,
    ladder,
    near_pareto,
    segments,
    states,
    ten_types,
)
from rapport.analysis.classify import classes
from rapport.analysis.migration import flows, moves
from rapport.analysis.rfm import rfm, rfm_cuts
from rapport.analysis.traits import traits
from rapport.foundation.contracts import TABLES
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-06-30")
DAYS = 3 * 365
MEAN_ORDERS = 10


def frames(n: int) -> dict[str, pd.DataFrame]:
    """history, periods, purchase_days, sales_by_unit and customers of a simulated firm of n customers."""
    rng = np.random.default_rng(20260930)
    names = np.array([f"C{i:07}" for i in range(n)], dtype=object)
    orders = rng.geometric(1 / MEAN_ORDERS, n)
    who = np.repeat(np.arange(n), orders)
    day = AS_OF.to_datetime64().astype("datetime64[D]") - rng.integers(0, DAYS, len(who)).astype("timedelta64[D]")
    lines = pd.DataFrame(
        {"who": who, "on": day.astype("datetime64[ns]"), "net": rng.lognormal(3, 1, len(who)).round(2)}
    )
    days = lines.groupby(["who", "on"], as_index=False).agg(net=("net", "sum"), orders=("net", "size"))
    gap = days["on"].diff().dt.days.where(days["who"].eq(days["who"].shift()))
    by, gaps = days.groupby("who"), gap.groupby(days["who"])
    history = pd.DataFrame(
        {
            "customer_id": names,
            "first_order_on": by["on"].min(),
            "last_order_on": by["on"].max(),
            "orders": by["orders"].sum(),
            "purchase_days": by.size(),
            "repeat_days": by.size() - 1,
            "gap_days": gaps.median().where(by.size() > 2),
            "gap_cv": (gaps.std(ddof=0) / gaps.mean()).where(by.size() > 2),
            "net_total": by["net"].sum(),
            "gross_total": by["net"].sum(),
            "returned_total": 0.0,
            "categories": rng.integers(1, 9, n),
            "discounted_share": rng.beta(1, 3, n),
            "department_id": rng.choice(["A", "B", "C"], n),
            "manager_id": rng.choice([f"M{i}" for i in range(200)], n),
        }
    )
    recent = days["on"] > AS_OF - pd.Timedelta(days=365)
    before = (days["on"] > AS_OF - pd.Timedelta(days=730)) & ~recent
    for column, inside in (("net_recent", recent), ("net_before", before)):
        history[column] = days[inside].groupby("who")["net"].sum().reindex(history.index).fillna(0.0)
    history["orders_recent"] = (
        days[recent].groupby("who")["orders"].sum().reindex(history.index).fillna(0).astype("int64")
    )
    history["span_days"] = (history["last_order_on"] - history["first_order_on"]).dt.days
    history["observed_days"] = (AS_OF - history["first_order_on"]).dt.days
    history["silent_days"] = (AS_OF - history["last_order_on"]).dt.days
    history["mean_repeat_value"], history["is_truncated"] = np.nan, history["observed_days"] > DAYS - 60
    history["margin_total"] = history["net_total"] * 0.4
    month = days["on"].to_numpy().astype("datetime64[M]").astype("datetime64[ns]")
    periods = (
        days.assign(period_on=month)
        .groupby(["who", "period_on"], as_index=False)
        .agg(orders=("orders", "sum"), net=("net", "sum"))
    )
    units = history.loc[history["net_recent"] > 0, ["customer_id", "department_id", "manager_id", "net_recent"]]
    customers = TABLES["customers"].complete(
        pd.DataFrame({"customer_id": names, "sector": rng.choice(list("abcdef"), n), "records": 1})
    )
    return {
        "history": TABLES["history"].check(history.reset_index(drop=True), "benchmark"),
        "periods": periods.assign(customer_id=names[periods["who"]]).drop(columns="who"),
        "purchase_days": days.assign(customer_id=names[days["who"]], ordered_on=days["on"], margin=np.nan).drop(
            columns=["who", "on"]
        ),
        "sales_by_unit": units.rename(columns={"net_recent": "net"}).assign(margin=np.nan),
        "customers": customers,
    }


def moved(history: pd.DataFrame, classes_now: pd.DataFrame, kit) -> None:
    """Moves of value, state and rung (between equal dates: who moved does not change the work)."""
    by_sales = abcxyz.abc_of_window(history, cuts=kit.abc.cuts)
    for of, table in (("abc", by_sales), ("state", classes_now), ("rung", classes_now)):
        flows(moves(table, table, history, history, of=of), of=of)


def main(n: int) -> None:
    """Prints the seconds of each step and of all, and the peak memory (the simulated frames included)."""
    kit, given = settings(), frames(n)
    transactions, days = given["history"]["orders"].sum(), len(given["purchase_days"])
    print(f"{n:,} customers, {transactions:,} transactions, {days:,} purchase days")
    history, told = given["history"], {"settings": kit, "as_of": AS_OF}
    spent, made = {}, {}

    def step(name, work):
        start = time.perf_counter(), time.process_time()
        made[name] = work()
        spent[name] = time.perf_counter() - start[0], time.process_time() - start[1]

    step("traits", lambda: traits(history, given["customers"], as_of=AS_OF))
    tables = [given[name] for name in ("periods", "customers", "purchase_days", "sales_by_unit")]
    step("classes", lambda: classes(history, *tables, made["traits"], **told))
    step("pareto", lambda: (concentration.pareto(history, **told), concentration.window(history, **told)))
    step(
        "lorenz, deciles",
        lambda: (
            concentration.lorenz(history, basis="revenue_net"),
            concentration.deciles(history, basis="revenue_net"),
        ),
    )
    step("rfm", lambda: (rfm(history, settings=kit), rfm_cuts(history, settings=kit)))
    step("grids", lambda: (abcxyz.grid(history, made["classes"]), grid.volume_frequency(history, made["classes"])))
    step("disagreements", lambda: abcxyz.disagreements(history, made["classes"], settings=kit))
    step("segments", lambda: (segments.sizes(history, made["classes"]), segments.reasons(history, made["classes"])))
    step("states", lambda: (states.by_state(history, made["classes"]), states.by_trend(history, made["classes"])))
    step(
        "ladder, types",
        lambda: (
            ladder.ladder(history, made["classes"], made["traits"]),
            ten_types.kinds(history, made["classes"], made["traits"]),
        ),
    )
    step("near Pareto", lambda: near_pareto.near_pareto(history, made["classes"], settings=kit))
    step("headroom", lambda: headroom.headroom(history, given["customers"], made["traits"], settings=kit))
    step("keys", lambda: keys.manager_loads(history, made["classes"], given["customers"], settings=kit))
    sold = given["sales_by_unit"], given["customers"]
    step("dependency", lambda: (dependency.group_shares(*sold, settings=kit), dependency.units(*sold, settings=kit)))
    step("migration", lambda: moved(history, made["classes"], kit))
    spent["all"] = tuple(map(sum, zip(*spent.values())))
    for name, (clock, processor) in spent.items():
        print(f"{name:16} {clock:6.1f} s by the clock {processor:6.1f} s of the processor")
    print(f"peak memory      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:6.1f} GB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
