"""Speed of the intake: a million lines of a client's CSV → canonical transactions in Parquet (target: 15 s, 2 cores).

    python benchmarks/intake_speed.py [LINES]

The file is as an accounting program writes it: semicolons, decimal commas, blanks between thousands, dd.mm.yyyy,
cp1257. Timed: reading, detection, conversion, policies, the contract check and the Parquet file; beside the seconds on
the clock those of the processor, which another program on the machine does not lengthen. Writes
results/intake_speed.md.
"""

import os
import platform
import resource
import sys
import tempfile
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from rapport.foundation.contracts import TABLES
from rapport.foundation.intake import Source, read_source

RESULT = Path(__file__).parent / "results" / "intake_speed.md"
SOURCE = Source(
    table="transactions",
    file="sales.csv",
    columns={
        "order_id": "Sąskaitos Nr.",
        "record_id": "Kliento kodas",
        "ordered_on": "Data",
        "recorded_on": "Įvedimo data",
        "net_amount": "Suma be PVM",
        "quantity": "Kiekis",
        "product_id": "Prekės kodas",
        "category": "Grupė",
        "manager_id": "Vadybininkas",
    },
    rules=({"when": {"product_id": {"in": ["P00007"]}}, "then": "drop", "why": "postage"},),
)


def write_sales(path: Path, lines: int) -> None:
    """A CSV with `lines` order lines over three years."""
    rng = np.random.default_rng(20260930)
    day = np.sort(rng.integers(0, 1096, lines))
    days = pd.Timestamp("2023-10-01") + pd.to_timedelta(day, unit="D")
    recorded = days + pd.to_timedelta(rng.integers(0, 7 * 86400, lines), unit="s")
    cents = rng.integers(-5_000, 500_000, lines)
    euros = pd.Series(np.abs(cents) // 100).map("{:,}".format).str.replace(",", " ")
    amounts = np.where(cents < 0, "-", "") + euros + "," + pd.Series(np.abs(cents) % 100).map("{:02d}".format)
    pd.DataFrame(
        {
            "Sąskaitos Nr.": "SF" + pd.Series(np.arange(lines) // 3).astype(str).str.zfill(8),
            "Kliento kodas": "K" + pd.Series(rng.zipf(1.3, lines) % 50_000).astype(str).str.zfill(6),
            "Data": days.strftime("%d.%m.%Y"),
            "Įvedimo data": recorded.strftime("%d.%m.%Y %H:%M:%S"),
            "Suma be PVM": amounts,
            "Kiekis": rng.integers(1, 100, lines),
            "Prekės kodas": "P" + pd.Series(rng.integers(0, 5_000, lines)).astype(str).str.zfill(5),
            "Prekė": pd.Series(rng.integers(0, 5_000, lines)).map("Ąžuolinė lenta {}".format),
            "Grupė": rng.choice(["Baldai", "Žaislai", "Šviestuvai", "Ūkio prekės"], lines),
            "Vadybininkas": rng.choice(["Ieva Šimkutė", "Jonas Žukas", "Rūta Bražė"], lines),
        }
    ).to_csv(path, sep=";", index=False, encoding="cp1257")


def measured(lines: int) -> str:
    """Seconds of each step on the clock and of the processor, and the peak memory of the process, as a table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sales.csv"
        write_sales(path, lines)
        size = path.stat().st_size
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        clock = [(time.perf_counter(), time.process_time())]
        intake = read_source("sales", SOURCE, folder, country="LT", currency="EUR")
        clock.append((time.perf_counter(), time.process_time()))
        frame = TABLES["transactions"].check(intake.frame, "benchmark")
        clock.append((time.perf_counter(), time.process_time()))
        frame.to_parquet(Path(folder) / "transactions.parquet", index=False)
        clock.append((time.perf_counter(), time.process_time()))
    assert intake.rows_in == lines
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(clock)]
    rows = [*zip(("read, detect, convert, apply policies", "check the contract", "write Parquet"), spent)]
    rows.append(("together", tuple(map(sum, zip(*spent)))))
    return "\n".join(
        [
            "# Intake: a client's CSV to canonical transactions in Parquet",
            "",
            f"    python benchmarks/intake_speed.py {lines}",
            "",
            f"{lines:,} lines, {size / 1e6:.0f} MB, cp1257, decimal commas, blanks between thousands, two columns of days.",
            "",
            "| step | seconds | of the processor |",
            "|---|---:|---:|",
            *(f"| {step} | {clock:.1f} | {cpu:.1f} |" for step, (clock, cpu) in rows),
            "",
            f"Peak memory {peak / 1e6:.2f} GB, of which {before / 1e6:.2f} GB for making the file.",
            f"{date.today()}, {os.cpu_count()} cores, load before {os.getloadavg()[1]:.1f}, Python {platform.python_version()}.",
            "",
        ]
    )


if __name__ == "__main__":
    RESULT.write_text(measured(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000), "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
