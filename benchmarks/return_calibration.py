"""The calibrated line held against what happened: of the silent at a past date, how many came back by themselves?

    python benchmarks/return_calibration.py [ONLINE_RETAIL.parquet]

At each past date the model sees only what was known then; per band of silence its forecast, with the 90 % interval of
the outcome, is compared with the share that bought within the horizon. CDNOW (23,570 customers, one entry cohort, from
the package lifetimes) always; Online Retail (UCI 352) when its file is named. Writes results/return_calibration.md.
"""

import sys
import time
from importlib.resources import files
from pathlib import Path

import pandas as pd
from heading import heading

from rapport.analysis import comebacks, silence
from rapport.foundation.settings import settings

RESULT = Path(__file__).parent / "results" / "return_calibration.md"
EDGES = [-1, 14, 30, 60, 90, 120, 180, 270, 365]
LEAST = 30  # customers in a band
SEASON = (
    "Online Retail begins with customers of unknown age (the data start in the middle of the firm's life) and rises to "
    "Christmas: its first months say little of the rest, which shows in the width of the intervals."
)


def cdnow() -> pd.DataFrame:
    rows = pd.read_csv(
        str(files("lifetimes").joinpath("datasets/CDNOW_master.txt")),
        sep=r"\s+",
        header=0,
        names=["customer_id", "day", "quantity", "net"],
        dtype={"customer_id": str, "day": str},
    )
    return _days(rows.assign(ordered_on=pd.to_datetime(rows["day"], format="%Y%m%d")))


def online_retail(path: Path) -> pd.DataFrame:
    rows = pd.read_parquet(path).dropna(subset=["CustomerID"])
    day = pd.to_datetime(rows["InvoiceDate"]).dt.normalize()
    return _days(
        rows.assign(
            customer_id=rows["CustomerID"].astype(str), ordered_on=day, net=rows["Quantity"] * rows["UnitPrice"]
        )
    )


def _days(rows: pd.DataFrame) -> pd.DataFrame:
    sold = rows[rows["net"] > 0]
    return sold.groupby(["customer_id", "ordered_on"], as_index=False)["net"].sum()


def bands(purchase_days: pd.DataFrame, origin: pd.Timestamp, horizon: int) -> pd.DataFrame:
    known = purchase_days[purchase_days["ordered_on"] <= origin]
    rows = silence.episodes(known, as_of=origin)
    silent = rows[~rows["is_returned"]].reset_index(drop=True)
    silent["band"] = pd.cut(silent["silent_days"], EDGES)
    asked = settings({"recover.return_horizon_days": horizon})
    table = comebacks.return_bands(known, silent, by="band", settings=asked, as_of=origin)
    until = origin + pd.Timedelta(days=horizon)
    later = purchase_days[(purchase_days["ordered_on"] > origin) & (purchase_days["ordered_on"] <= until)]
    came = silent["customer_id"].isin(later["customer_id"]).groupby(silent["band"], observed=True).mean()
    table["happened"] = table["band"].map(came).astype(float)
    table["inside"] = table["happened"].between(table["low"], table["high"])
    return table[table["customers"] >= LEAST].assign(origin=origin.date(), horizon=horizon)


def report(name: str, purchase_days: pd.DataFrame, origins: list[str], horizons: tuple[int, ...]) -> list[str]:
    start = time.perf_counter()
    table = pd.concat([bands(purchase_days, pd.Timestamp(day), days) for days in horizons for day in origins])
    seconds = time.perf_counter() - start
    lines = [f"## {name}", ""]
    for days, part in table.groupby("horizon"):
        error = (part["share"] - part["happened"]).abs()
        lines += [
            f"Horizon {days} days, {part['origin'].nunique()} past dates: inside the 90 % interval in "
            f"**{part['inside'].sum()} of {len(part)} bands ({part['inside'].mean():.0%})**; mean absolute error "
            f"{100 * error.mean():.1f} points.",
            "",
            "| date | silent days | customers | forecast | 90 % interval | happened | inside |",
            "|---|---|---:|---:|---|---:|---|",
            *(
                f"| {row.origin} | {int(row.band.left) + 1}–{int(row.band.right)} | {row.customers:,} "
                f"| {row.share:.1%} | {row.low:.1%}–{row.high:.1%} | {row.happened:.1%} "
                f"| {'yes' if row.inside else 'no'} |"
                for row in part.itertuples()
            ),
            "",
        ]
    return [*lines, f"{len(table)} bands in {seconds:.1f} s.", ""]


def main() -> None:
    lines = [
        *heading("What share of the silent comes back by itself: forecast and outcome"),
    ]
    month_ends = [f"1997-{month}" for month in ("05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31")]
    lines += report("CDNOW", cdnow(), month_ends, (90, 180))
    if len(sys.argv) > 1:
        dates = ["2011-03-31", "2011-04-30", "2011-05-31", "2011-06-12"]
        lines += [*report("Online Retail", online_retail(Path(sys.argv[1])), dates, (90, 180)), SEASON, ""]
    RESULT.write_text("\n".join(lines), "utf-8")
    print("\n".join(line for line in lines if line.startswith(("#", "Horizon")) or " bands in " in line))


if __name__ == "__main__":
    main()
