"""The whole chain on real data: files in, report out, with the figures a reader checks first.

    nice python benchmarks/real_data.py --data ../shared/data

CDNOW comes with `lifetimes` and is set up by `rapport new` alone; the others lie in the folder given and are read as
benchmarks/real/*.yml declares. Each run is a process of its own, timed whole. Writes results/real_data.md.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
RAPPORT = Path(sys.executable).with_name("rapport")
CDNOW = Path(find_spec("lifetimes").submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"
RAW = {
    "online_retail": "online_retail/online_retail.parquet",
    "superstore": "superstore/Sample - Superstore.xls",
    "northwind": "northwind/northwind.sqlite",
}
SHOWN = ("pareto.top_share", "pareto.smallest_group", "retention.cohort", "value.equity", "lost.share", "plan.cost")


def engagement(name: str, data: Path, folder: Path) -> Path:
    """The engagement `name` in `folder`, its raw file copied in; CDNOW's is proposed by the kit."""
    made = folder / name
    if name == "cdnow":
        command = [RAPPORT, "new", made, "--from", CDNOW, "--country", "US", "--currency", "USD"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return made
    source = data / RAW[name]
    (made / "raw").mkdir(parents=True)
    shutil.copy(source, made / "raw" / f"{name}{source.suffix}")
    shutil.copy(HERE / "real" / f"{name}.yml", made / "engagement.yml")
    return made


def told(name: str, made: Path, seconds: float) -> str:
    """One data set in Markdown: time by page, what was done with which rows, and the first findings."""
    run = (made / "latest").resolve()
    pages = json.loads((run / "manifest.json").read_text("utf-8"))["pages"]
    quality = pd.read_parquet(run / "results" / "quality.parquet")
    kept = {one["id"]: one for path in (run / "findings").glob("*.json") for one in json.loads(path.read_text("utf-8"))}
    lines = [
        f"## {name}",
        "",
        f"{seconds:.0f} s in all: " + ", ".join(f"{p} {v['seconds']:.1f}" for p, v in pages.items()),
    ]
    size = (run / "report" / "index.html").stat().st_size / 1e6
    lines += ["", f"report {size:.2f} MB", "", "| check | rows | amount | treatment |", "|---|---|---|---|"]
    for row in quality.sort_values("amount", key=abs, ascending=False, na_position="last").head(12).itertuples():
        lines.append(f"| {row.check} | {row.rows:,} | {row.amount:,.2f} | {row.treatment} |")
    lines += ["", "| finding | value | low | high | n | grade |", "|---|---|---|---|---|---|"]
    for one in (kept[id] for id in SHOWN if id in kept):
        ends = [f"{one[end]:,.4g}" if one.get(end) is not None else "" for end in ("low", "high")]
        value = f"{one['value']:,.4f}" if isinstance(one["value"], float) else one["value"]
        lines.append(f"| {one['id']} | {value} | {' | '.join(ends)} | {one['n']:,} | {one.get('grade') or ''} |")
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--only", nargs="*", default=["cdnow", *RAW], help="data sets to run")
    parser.add_argument("--keep", type=Path, help="keep the engagements in this folder")
    chosen = parser.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="rapport-real-"))
    parts = ["# Real data, from files to report", "", "`python benchmarks/real_data.py --data DATA`, 2 cores.", ""]
    for name in chosen.only:
        made = engagement(name, chosen.data, folder)
        began = time.perf_counter()
        subprocess.run([RAPPORT, "run", made], check=True)
        parts.append(told(name, made, time.perf_counter() - began))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    parts.append(f"Largest process of all runs: {peak:.2f} GB.\n")
    (HERE / "results" / "real_data.md").write_text("\n".join(parts), "utf-8")
    print("\n".join(parts))


if __name__ == "__main__":
    main()
