"""How well and how fast records become customers.

    DUPLICATES=folder python benchmarks/identity.py [RECORDS]

Pairwise precision and recall on public data with known duplicates (FEBRL dataset1, Splink's fake_1000, read from
the folder DUPLICATES; left out where absent) and on made-up customers, over the threshold `identity.likely_prob`;
plain Splink beside it; time and memory on RECORDS made-up records (100,000). Writes results/identity.md.
The settings are the kit's defaults: nothing is tuned to the labels.
"""

import os
import platform
import resource
import sys
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
from labelled import FOLDER, fake_1000, fake_1000_as_received, febrl, precision_and_recall
from people import people
from plain_splink import quick_start

from rapport.analysis import identity
from rapport.foundation.settings import settings

RESULT = Path(__file__).parent / "results" / "identity.md"
THRESHOLDS = (0.5, 0.7, 0.9, 0.95, 0.99, 0.999)
DEFAULT = settings().identity.likely_prob


def found_by(records: pd.DataFrame, pairs: pd.DataFrame, threshold: float) -> pd.Series:
    """The customer of each record, in the order of `records`, with `identity.likely_prob` at `threshold`."""
    links = identity.links(records, pairs, settings=settings({"identity.likely_prob": threshold}))
    of = links.set_index(["source", "record_id"])["customer_id"]
    return of.loc[pd.MultiIndex.from_frame(records[["source", "record_id"]])]


def curve(name: str, records: pd.DataFrame, truth: pd.Series) -> list[str]:
    """Rows of the table of thresholds for one set."""
    pairs = identity.pairs(records, settings=settings())
    rows = []
    for threshold in THRESHOLDS:
        precision, recall = precision_and_recall(found_by(records, pairs, threshold), truth)
        mark = " (default)" if threshold == DEFAULT else ""
        rows.append(f"| {name} | {threshold:g}{mark} | {precision:.4f} | {recall:.4f} |")
    return rows


def speed(count: int) -> list[str]:
    """Seconds of each step, peak memory, and how right the result is."""
    records, truth = people(count)
    began = time.process_time()
    steps = {"start": time.perf_counter()}
    pairs = identity.pairs(records, settings=settings())
    steps["pairs"] = time.perf_counter()
    links = identity.links(records, pairs, settings=settings())
    steps["links"] = time.perf_counter()
    identity.customers(records, links)
    steps["customers"] = time.perf_counter()
    identity.ambiguous(records, pairs, links)
    steps["ambiguous"] = time.perf_counter()
    cpu = time.process_time() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    names = list(steps)
    seconds = {name: steps[name] - steps[before] for before, name in pairwise(names)}
    precision, recall = precision_and_recall(found_by(records, pairs, DEFAULT), truth)
    return [
        f"{len(records):,} made-up records (persons, couples, companies; three sources; 15 % twice):",
        f"**{sum(seconds.values()):.0f} s** ({', '.join(f'{name} {spent:.1f}' for name, spent in seconds.items())}),",
        f"{cpu:.0f} s of the processor, peak memory {used.ru_maxrss / 1e6:.2f} GB; precision {precision:.4f}, recall {recall:.4f}.",
    ]


def main() -> None:
    """Measure everything and write the result."""
    fast = speed(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    rows = curve("made-up, 4,000 records", *people(4000))
    plain = []
    if FOLDER.exists():
        rows += curve("FEBRL dataset1", *febrl())
        rows += curve("FEBRL dataset1 without the personal number", *febrl(with_number=False))
        rows += curve("fake_1000", *fake_1000())
        precision, recall = quick_start(fake_1000_as_received())
        plain = [f"Plain Splink 5 on fake_1000, its own quick start: precision {precision:.4f}, recall {recall:.4f}."]
    text = [
        "# Identity: records into customers",
        "    python benchmarks/identity.py",
        "## Right",
        "\n".join(["| data | `identity.likely_prob` | precision | recall |", "|---|---:|---:|---:|", *rows]),
        *plain,
        "## Fast",
        "\n".join(fast),
        f"{date.today()}, {os.cpu_count()} cores, load while measured {os.getloadavg()[1]:.1f}, Python {platform.python_version()}.",
    ]
    RESULT.write_text("\n\n".join(text) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))


if __name__ == "__main__":
    main()
