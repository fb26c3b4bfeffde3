"""Identity on public data with known duplicates, with the kit's default settings (no tuning to labels)."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from rapport.analysis import identity
from rapport.foundation.settings import settings

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import labelled  # noqa: E402
import plain_splink  # noqa: E402
from people import people  # noqa: E402

needs_shared_data = pytest.mark.skipif(
    not labelled.FOLDER.exists(), reason="the labelled sets are in no folder DUPLICATES, nor beside the repository"
)


def quality_of(records: pd.DataFrame, truth: pd.Series) -> tuple[float, float]:
    links = identity.links(records, identity.pairs(records, settings=settings()), settings=settings())
    of = links.set_index(["source", "record_id"])["customer_id"]
    found = of.loc[pd.MultiIndex.from_frame(records[["source", "record_id"]])]
    return labelled.precision_and_recall(found, truth)


@needs_shared_data
def test_febrl_dataset1():
    precision, recall = quality_of(*labelled.febrl())
    assert precision >= 0.99
    assert recall >= 0.98


@needs_shared_data
def test_fake_1000_is_not_below_plain_splink():
    precision, recall = quality_of(*labelled.fake_1000())
    plain_precision, plain_recall = plain_splink.quick_start(labelled.fake_1000_as_received())
    assert precision >= plain_precision
    assert recall >= plain_recall


def test_made_up_customers_in_three_sources_are_found_again():
    precision, recall = quality_of(*people(1500))
    assert precision >= 0.99
    assert recall >= 0.95
