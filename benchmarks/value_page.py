"""The whole computing of the value page for a large firm: tournament, forecast, values, totals, tracking.

    nice python benchmarks/value_page.py [--customers 1000000]

`history` and the purchase days are given (they come from the engine). Writes benchmarks/results/value_page.md.
"""

import argparse
import resource
import time
from pathlib import Path

import pandas as pd
from heading import heading
from simulated import BEGIN, history, purchase_days

from rapport.analysis import backtest, births, equity, ltv, models, predictable, tracking, value
from rapport.foundation.settings import settings as make_settings

LENGTH = 1460
THETA = (0.52, 43.0, 0.89, 1.61)
SETTINGS = make_settings()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    chosen = parser.parse_args()
    days = purchase_days("mbg_nbd", THETA, chosen.customers, length=LENGTH)
    past, as_of = history(days, length=LENGTH), BEGIN + pd.Timedelta(days=LENGTH)
    groups = past["repeat_days"].clip(upper=8).astype(str)
    laps, begun, at = [], time.perf_counter(), time.process_time()
    start = (begun, at)

    def lap(step, result):
        nonlocal begun, at
        laps.append((step, time.perf_counter() - begun, time.process_time() - at))
        begun, at = time.perf_counter(), time.process_time()
        return result

    given = {"settings": SETTINGS, "as_of": as_of}
    scores = lap("tournament", backtest.tournament(days, past, **given))
    forecast = lap("forecast", backtest.forecast(days, past, scores, **given))
    spend = lap("spend", models.spend(past, settings=SETTINGS))
    lap("values with intervals", value.values(past, forecast, spend, scores, **given))
    totals = lap("totals of the base and 9 groups", value.totals(past, forecast, spend, groups, **given))
    lap("totals by 3 classes", value.totals(past, forecast, spend, groups.map(lambda x: "ABC"[int(x) % 3]), **given))
    lap("value over 24 and 36 months", equity.horizons(past, forecast, spend, totals, **given))
    lap("predictability", predictable.predictability(days, past, scores, **given))
    held = lap("holdout", tracking.holdout(days, past, scores, **given))
    lap("tracking and calibration", (tracking.tracking(held, settings=SETTINGS), tracking.calibration(held),
                                     tracking.alive_calibration(held), tracking.rule_against_model(held)))  # fmt: skip
    lap("unknown births", births.unknown_births(past, forecast, spend, **given))
    lap("LTV and levers", ltv.levers(ltv.ltv_table(past, groups, settings=SETTINGS)))
    patterns = past[["repeat_days", "span_days", "observed_days", "is_truncated"]]
    lap("second opinion of lifetimes", models.opinion(patterns, forecast, settings=SETTINGS))
    laps.append(("all", time.perf_counter() - start[0], time.process_time() - start[1]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    lines = heading("The computing of the value page")
    size = f"{len(past):,} customers, {len(days):,} purchase days, chosen: {forecast.model}"
    lines += [f"{size}; peak memory {memory:.1f} GB. Asked: 60 s and 4 GB.", ""]
    lines += ["| step | seconds by the clock | of the processor |", "|---|---|---|"]
    lines += [f"| {step} | {wall:.1f} | {cpu:.1f} |" for step, wall, cpu in laps]
    print("\n".join(lines))
    (Path(__file__).parent / "results" / "value_page.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
