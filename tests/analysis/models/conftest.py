"""The CDNOW data that come with `lifetimes`, read without importing it, and simulated firms."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rapport.foundation.settings import settings as make_settings

DATA = Path(find_spec("lifetimes").submodule_search_locations[0]) / "datasets"
CALIBRATED_TO = pd.Timestamp("1997-09-30")


def purchase_days(name: str) -> pd.DataFrame:
    """CDNOW_sample or CDNOW_master as one row per customer and day: customer_id, ordered_on, net."""
    if name == "CDNOW_sample":
        columns, skip = ["master_id", "customer_id", "ordered_on", "cds", "net"], 0
    else:
        columns, skip = ["customer_id", "ordered_on", "cds", "net"], 1
    rows = pd.read_csv(DATA / f"{name}.txt", sep=r"\s+", names=columns, skiprows=skip, dtype=str)
    rows["ordered_on"] = pd.to_datetime(rows["ordered_on"], format="%Y%m%d")
    rows["net"] = rows["net"].astype(float)
    return rows.groupby(["customer_id", "ordered_on"], as_index=False)["net"].sum()


def in_weeks(days: pd.DataFrame) -> pd.DataFrame:
    """One row per customer at the end of the calibration, in weeks, with what it bought in the 39 weeks after."""
    before = days[days["ordered_on"] <= CALIBRATED_TO]
    own = before.groupby("customer_id")
    first, last = own["ordered_on"].min(), own["ordered_on"].max()
    table = pd.DataFrame(
        {
            "repeat_days": own.size() - 1,
            "span_days": (last - first).dt.days / 7,
            "observed_days": (CALIBRATED_TO - first).dt.days / 7,
        }
    )
    repeats = before[before["ordered_on"] > before["customer_id"].map(first)]
    table["mean_repeat_value"] = repeats.groupby("customer_id")["net"].mean()
    later = days[(days["ordered_on"] > CALIBRATED_TO) & (days["ordered_on"] <= CALIBRATED_TO + pd.Timedelta(weeks=39))]
    table["bought_after"] = later.groupby("customer_id").size()
    return table.fillna({"bought_after": 0}).reset_index()


@pytest.fixture(scope="session")
def cdnow() -> pd.DataFrame:
    """The CDNOW sample (one customer in ten) at the end of the calibration, in weeks."""
    return in_weeks(purchase_days("CDNOW_sample"))


@pytest.fixture(scope="session")
def cdnow_master() -> pd.DataFrame:
    """All CDNOW customers at the end of the calibration, in weeks."""
    return in_weeks(purchase_days("CDNOW_master"))


@pytest.fixture(scope="session")
def settings():
    """The kit's parameters."""
    return make_settings()


@pytest.fixture
def rng():
    """A generator that always starts alike."""
    return np.random.default_rng(20260930)
