"""Speed beside `lifetimes` 0.11.3, in one run, on the same rows: fitting, and 12-month lifetime value.

    nice python benchmarks/speed.py [--customers 1000000] [--pareto 100000] [--long]

Both get the same arrays, one row per customer. `lifetimes` runs with its own defaults. `--long` also times its
Pareto/NBD value on all customers. Writes benchmarks/results/speed.md.
"""

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from heading import heading
from simulated import history, purchase_days

from rapport.analysis.models import fit
from rapport.analysis.models.gamma_gamma import fitted_spending
from rapport.analysis.models.lifetimes_door import _lifetimes, as_lifetimes
from rapport.analysis.models.spend import spend
from rapport.foundation.settings import settings as make_settings

SETTINGS = make_settings()
LENGTH = 730
THETA = {"bg_nbd": (0.243, 30.9, 0.793, 2.426), "pareto_nbd": (0.553, 74.0, 0.606, 81.6)}
ASKED = {
    ("fit bg_nbd", 1_000_000): "40", ("fit gamma_gamma", 1_000_000): "20", ("fit pareto_nbd", 10_000): "30",
    ("fit pareto_nbd", 100_000): "100", ("12-month value, bg_nbd", 1_000_000): "8",
    ("12-month value, pareto_nbd", 1_000_000): "20",
}  # fmt: skip
FITTER = {"bg_nbd": "BetaGeoFitter", "pareto_nbd": "ParetoNBDFitter"}


def timed(work, repeats: int = 1):
    """Least (seconds by the clock, seconds of the processor) over the repeats, and the last result."""
    best, result = (np.inf, np.inf), None
    for _ in range(repeats):
        start, busy = time.perf_counter(), time.process_time()
        result = work()
        best = min(best, (time.perf_counter() - start, time.process_time() - busy))
    return best, result


def columns(table: pd.DataFrame):
    return [table[name] for name in ("repeat_days", "span_days", "observed_days")]


def fitting(model: str, customers: int) -> list[dict]:
    table = history(purchase_days(model, THETA[model], customers, length=LENGTH), length=LENGTH, truncation_days=-1)
    ours, found = timed(lambda: fit(table[[c.name for c in columns(table)]], model=model, settings=SETTINGS), 3)
    np.random.seed(1)
    fitter = getattr(_lifetimes(), FITTER[model])()
    theirs, _ = timed(lambda: fitter.fit(*columns(table)))
    return [
        {"what": f"fit {model}", "customers": len(table), "ours": ours, "theirs": theirs,
         "note": f"gradient at the end {found.gradient:.0e} per customer"}
    ], table, found  # fmt: skip


def spending(table: pd.DataFrame) -> dict:
    again = table[table["repeat_days"] > 0]
    x, m = again["repeat_days"], again["mean_repeat_value"]
    ours, end = timed(lambda: fitted_spending(x.to_numpy(float), m.to_numpy(float)), 3)
    theirs, fitter = timed(lambda: _lifetimes().GammaGammaFitter().fit(x, m))
    apart = np.abs(np.exp(end.logs) / fitter.params_.to_numpy() - 1).max()
    note = f"{len(again):,} repeat buyers; parameters {apart:.0e} apart; gradient {end.gradient:.0e}"
    return {"what": "fit gamma_gamma", "customers": len(table), "ours": ours, "theirs": theirs, "note": note}


def value(model: str, table: pd.DataFrame, found) -> dict:
    """12 months of 30 days at 1 % a month, as the library counts them; values of all customers."""
    spent = spend(table, settings=SETTINGS)
    edges, factors = 30.0 * np.arange(1, 13), 1.01 ** -np.arange(1.0, 13)
    fresh = lambda: found.with_parameters(found.theta)  # noqa: E731  (nothing remembered)
    ours, clv = timed(
        lambda: fresh().discounted_orders(table, edges=edges, factors=factors) * spent.expected_value(table), 3
    )
    library = _lifetimes()
    fitter = as_lifetimes(found, table)
    money = library.GammaGammaFitter()
    money.params_ = pd.Series(spent.theta[0], index=["p", "q", "v"])
    mean = table["mean_repeat_value"].fillna(0.0)
    theirs, other = timed(
        lambda: money.customer_lifetime_value(fitter, *columns(table), mean, time=12, discount_rate=0.01, freq="D")
    )
    finite = np.isfinite(other.to_numpy())
    apart = np.abs(clv[finite] / other.to_numpy()[finite] - 1).max()
    note = f"{apart:.0e} apart where theirs is finite; not finite: theirs {np.sum(~finite)}, ours {np.sum(~np.isfinite(clv))}"
    return {"what": f"12-month value, {model}", "customers": len(table), "ours": ours, "theirs": theirs, "note": note}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--pareto", type=int, default=100_000)
    parser.add_argument("--long", action="store_true")
    chosen = parser.parse_args()
    rows = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        fitted, table, found = fitting("bg_nbd", chosen.customers)
        rows += fitted
        rows.append(spending(table))
        rows.append(value("bg_nbd", table, found))
        for customers in (10_000, chosen.pareto):
            fitted, table, found = fitting("pareto_nbd", customers)
            rows += fitted
        if chosen.long:
            table = history(
                purchase_days("pareto_nbd", THETA["pareto_nbd"], chosen.customers, length=LENGTH), length=LENGTH
            )
        rows.append(value("pareto_nbd", table, found))
    lines = heading("Speed beside lifetimes 0.11.3")
    lines += [
        "Both on the same rows in one run; ours the best of three. Seconds by the clock, and of the processor in",
        "",
    ]
    lines[-2] += " brackets; the ratio is of the clock, in brackets of the processor."
    lines += [
        "| what | customers | lifetimes | rapport | times faster | asked | note |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        (clock, busy), (our_clock, our_busy) = row["theirs"], row["ours"]
        lines.append(
            f"| {row['what']} | {row['customers']:,} | {clock:.2f} ({busy:.2f}) | {our_clock:.3f} ({our_busy:.3f}) | "
            f"{clock / our_clock:.0f} ({busy / our_busy:.0f}) | {ASKED.get((row['what'], row['customers']), '')} | {row['note']} |"
        )
    print("\n".join(lines))
    (Path(__file__).parent / "results" / "speed.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
