"""Speed of the intake: a million lines of a client's CSV → canonical transactions in Parquet (target: 15 s, 2 cores).

    python benchmarks/intake_speed.py [LINES]

The file is as an accounting program writes it: semicolons, decimal commas, blanks between thousands, dd.mm.yyyy,
cp1257. Timed: reading, detection, conversion, policies, the contract check and the Parquet file. Writes
results/intake_speed.json.
"""

import json
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from rapport.foundation.contracts import TABLES
from rapport.foundation.intake import Source, read_source

RESULT = Path(__file__).parent / "results" / "intake_speed.json"
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


def measured(lines: int) -> dict:
    """Seconds of each step, and the peak memory of the process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sales.csv"
        write_sales(path, lines)
        size = path.stat().st_size
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        intake = read_source("sales", SOURCE, folder, country="LT", currency="EUR")
        read = time.perf_counter()
        frame = TABLES["transactions"].check(intake.frame, "benchmark")
        checked = time.perf_counter()
        frame.to_parquet(Path(folder) / "transactions.parquet", index=False)
        written = time.perf_counter()
    assert intake.rows_in == lines
    return {
        "lines": lines,
        "megabytes": round(size / 1e6, 1),
        "read_seconds": round(read - start, 2),
        "check_seconds": round(checked - read, 2),
        "parquet_seconds": round(written - checked, 2),
        "total_seconds": round(written - start, 2),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "peak_before_megabytes": round(before / 1024),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    result = measured(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(result, indent=2))
