"""The two public sets with known duplicates, as `records`: FEBRL dataset1 and Splink's fake_1000.

They are looked for in the folder `DUPLICATES` of the environment, or else beside the repository.
"""

import itertools
import os
from pathlib import Path

import pandas as pd

from rapport.foundation.contracts import TABLES

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "duplicates"
FOLDER = Path(os.environ.get("DUPLICATES", BESIDE))
CONTRACT = TABLES["records"]


def febrl(*, with_number: bool = True) -> tuple[pd.DataFrame, pd.Series]:
    """FEBRL dataset1 (1,000 records, 500 pairs) mapped as an analyst would, and the person of each record.

    The personal number becomes tax_id, unless left out.
    """
    raw = pd.read_csv(FOLDER / "febrl_dataset1.csv", dtype=str, skipinitialspace=True)
    raw = raw.rename(columns=str.strip).apply(lambda column: column.str.strip())
    made = pd.DataFrame(
        {
            "source": "febrl",
            "record_id": raw["rec_id"],
            "name": _joined(raw, "given_name", "surname"),
            "address": _joined(raw, "street_number", "address_1", "address_2"),
            "city": raw["suburb"],
            "postcode": raw["postcode"],
            "region": raw["state"],
            "born_on": pd.to_datetime(raw["date_of_birth"], format="%Y%m%d", errors="coerce"),
            "tax_id": raw["soc_sec_id"] if with_number else None,
        }
    )
    return CONTRACT.check(CONTRACT.complete(made), "febrl"), raw["rec_id"].str.extract(r"rec-(\d+)-")[0]


def fake_1000() -> tuple[pd.DataFrame, pd.Series]:
    """Splink's fake_1000 (2,031 true pairs) mapped as an analyst would, and the person of each record."""
    raw = fake_1000_as_received()
    made = pd.DataFrame(
        {
            "source": "fake",
            "record_id": raw["unique_id"],
            "name": _joined(raw, "first_name", "surname"),
            "city": raw["city"],
            "email": raw["email"],
            "born_on": pd.to_datetime(raw["dob"], errors="coerce"),
        }
    )
    return CONTRACT.check(CONTRACT.complete(made), "fake_1000"), raw["cluster"]


def fake_1000_as_received() -> pd.DataFrame:
    """The file itself, all text."""
    return pd.read_csv(FOLDER / "fake_1000.csv", dtype=str)


def precision_and_recall(found: pd.Series, truth: pd.Series) -> tuple[float, float]:
    """Pairwise precision and recall of groups `found` against groups `truth`, both by record, in one order."""
    found_pairs, true_pairs = _pairs(found), _pairs(truth)
    both = len(found_pairs & true_pairs)
    return both / max(len(found_pairs), 1), both / len(true_pairs)


def _pairs(group: pd.Series) -> set[tuple[int, int]]:
    rows = pd.Series(range(len(group))).groupby(group.to_numpy())
    return {pair for _, members in rows for pair in itertools.combinations(members, 2)}


def _joined(raw: pd.DataFrame, *columns: str) -> pd.Series:
    text = raw[list(columns)].fillna("").agg(" ".join, axis=1).str.replace(r"\s+", " ", regex=True).str.strip()
    return text.replace("", None)
