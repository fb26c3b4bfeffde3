"""Recovery and coverage: firms simulated from each model, fitted, and compared with their truth and their future.

    nice python benchmarks/recovery.py [--firms 200] [--customers 10000] [--models bg_nbd,mbg_nbd,…]

Writes benchmarks/results/recovery.md. What is asked: bias of each parameter within its Monte-Carlo error; 90 % intervals
of parameters cover 86–94 %; 90 % intervals of the total of orders and of money over the coming year cover 85–95 %;
per customer, 80 % intervals cover at least 78 % and the randomised probability integral transform departs from uniform
by at most .02 on average.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from heading import heading
from scipy.special import ndtri

from rapport.analysis import value
from rapport.analysis.models import LAWS, FitRefused, Forecast, fit, spend
from rapport.analysis.models.simulation import patterns_of, simulated_purchases
from rapport.foundation.settings import settings as make_settings

AS_OF = pd.Timestamp("2025-12-31")
DAYS = 1095.0
TRUTH = {  # days; law k and parameters
    "bg_nbd": (1, (0.6, 40.0, 0.8, 2.4)),
    "mbg_nbd": (1, (0.8, 45.0, 0.9, 1.8)),
    "pareto_nbd": (1, (0.8, 60.0, 0.8, 120.0)),
    "mbg_cnbd_k": (3, (1.5, 15.0, 0.6, 2.5)),
    "nbd": (1, (0.9, 60.0)),
}
SPENDING = (6.0, 4.0, 15.0)
SPENDING_NAMES = ("p", "q", "gamma")


def firm(model: str, customers: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """History at as_of, and what each customer bought and spent in the year after."""
    k, theta = TRUTH[model]
    law = next(one for one in LAWS[model] if one.k == k)
    births = np.floor(rng.uniform(0, DAYS - 30, customers))
    who, when = simulated_purchases(law, theta, births, DAYS + 365, rng)
    p, q, gamma = SPENDING
    own = rng.gamma(q, 1 / gamma, customers)
    paid = rng.gamma(p, 1 / own[who])
    table = patterns_of(who, when, DAYS)
    past = when <= DAYS
    total = np.bincount(who[past], paid[past], customers)
    first_value = paid[:customers]  # the first purchases come first
    x = table["repeat_days"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (total - first_value) / x
    history = table.assign(
        customer_id=table["who"].astype(str), purchase_days=x + 1, mean_repeat_value=np.where(x > 0, mean, np.nan),
        gross_total=total, net_total=total, margin_total=np.nan, is_truncated=False,
    )  # fmt: skip
    later = pd.DataFrame(
        {
            "orders": np.bincount(who[~past], minlength=customers),
            "paid": np.bincount(who[~past], paid[~past], customers),
        }
    )
    return history, later


def one_firm(model: str, customers: int, seed: int, settings) -> dict | None:
    """What one firm says: errors of the parameters in standard errors, and what was inside its interval."""
    rng = np.random.default_rng([seed, customers, list(TRUTH).index(model)])
    history, later = firm(model, customers, rng)
    try:
        found = fit(history, model=model, settings=settings)
    except FitRefused as refusal:
        return {"refused": str(refusal)}
    out = {"k": found.law.k}
    if found.law.k == TRUTH[model][0]:
        error = np.log(found.theta) - np.log(TRUTH[model][1])
        deviation = np.sqrt(np.diag(found.covariance))
        for name, off, width in zip(found.parameters, error, deviation):
            out[f"error {name}"], out[f"inside {name}"] = off, abs(off) <= ndtri(0.95) * width
    spending = spend(history, settings=settings)
    for name, off, width in zip(
        SPENDING_NAMES, np.log(spending.theta[0] / SPENDING), np.sqrt(np.diag(spending.covariances[0]))
    ):
        out[f"error {name}"], out[f"inside {name}"] = off, abs(off) <= ndtri(0.95) * width
    total = value.totals(history, Forecast(found, AS_OF), spending, settings=settings, as_of=AS_OF).iloc[0]
    out["total orders"] = total["orders_low"] <= later["orders"].sum() <= total["orders_high"]
    out["total money"] = total["value_low"] <= later["paid"].sum() <= total["value_high"]
    out["bias of total orders"] = total["orders"] / later["orders"].sum() - 1
    low, high = found.order_range(history, horizon=365.0, level=0.8)
    actual = later["orders"].to_numpy()
    out["customers"] = ((actual >= low) & (actual <= high)).mean()
    upper = found.orders_at_most(history, horizon=365.0, counts=actual)
    lower = found.orders_at_most(history, horizon=365.0, counts=actual - 1)
    place = np.sort(lower + rng.random(len(actual)) * (upper - lower))
    out["transform"] = np.abs(place - (np.arange(len(place)) + 0.5) / len(place)).mean()
    return out


def summary(model: str, table: pd.DataFrame) -> list[tuple]:
    """Rows of the table: model, measure, value, asked, met; spending is told once, over the firms of all models."""
    refused = int(table["refused"].notna().sum()) if "refused" in table else 0
    rows = [(model, "firms refused", f"{refused} of {len(table)}", "", "")]
    rows.append((model, f"k = {TRUTH[model][0]} found", f"{(table['k'] == TRUTH[model][0]).mean():.1%}", "", ""))
    rows += of_parameters(model, table, LAWS[model][0].parameters)
    for what in ("total orders", "total money"):
        inside = table[what].dropna().mean()
        rows.append((model, f"90 % interval of {what}", f"{inside:.1%}", "85–95 %", 0.85 <= inside <= 0.95))
    rows.append((model, "bias of total orders", f"{table['bias of total orders'].mean():+.2%}", "", ""))
    inside, apart = table["customers"].mean(), table["transform"].mean()
    rows.append((model, "80 % interval of a customer", f"{inside:.1%}", "at least 78 %", inside >= 0.78))
    rows.append((model, "departure of the transform", f"{apart:.4f}", "at most .02", apart <= 0.02))
    return rows


def of_parameters(model: str, table: pd.DataFrame, names) -> list[tuple]:
    """Bias and coverage of each parameter."""
    rows = []
    for name in names:
        error = table[f"error {name}"].dropna()
        noise = error.std() / np.sqrt(len(error))
        rows.append(
            (model, f"bias of {name}", f"{error.mean():+.2%} (Monte-Carlo error {noise:.2%})", "within 2 errors",
             abs(error.mean()) <= 2 * noise)
        )  # fmt: skip
        inside = table[f"inside {name}"].dropna().mean()
        rows.append((model, f"90 % interval of {name}", f"{inside:.1%}", "86–94 %", 0.86 <= inside <= 0.94))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--firms", type=int, default=200)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--models", default=",".join(TRUTH))
    chosen = parser.parse_args()
    settings = make_settings({"value.discount_rate": 0.0, "value.draws": 300})
    lines = [
        *heading("Recovery and coverage"),
        f"{chosen.firms} simulated firms per model, {chosen.customers:,} customers each, three years of purchases, one year"
        " ahead. Bias is of the log of the parameter.",
        "",
        "| model | measure | found | asked | met |",
        "|---|---|---|---|---|",
    ]
    every = []
    for model in chosen.models.split(","):
        table = pd.DataFrame([one_firm(model, chosen.customers, seed, settings) for seed in range(chosen.firms)])
        every.append(table)
        lines += written(summary(model, table))
    lines += written(of_parameters("gamma_gamma", pd.concat(every), SPENDING_NAMES))
    place = Path(__file__).parent / "results" / "recovery.md"
    place.parent.mkdir(exist_ok=True)
    place.write_text("\n".join(lines) + "\n", "utf-8")


def written(rows: list[tuple]) -> list[str]:
    """Lines of the table, printed as they come."""
    lines = []
    for *cells, met in rows:
        word = "" if met == "" else "yes" if met else "**no**"
        lines.append(f"| {' | '.join(map(str, cells))} | {word} |")
        print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    main()
