"""Volume × frequency: three bands each, equal figures in one band, the newly set up on it from day one (LT-07)."""

import numpy as np
import pandas as pd

from .worth import worth

BANDS = ("low", "mid", "high")


def bands(history: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Each customer's bands: customer_id, volume_band, frequency_band (low, mid, high).

    In: `history`; value by data.value_basis, frequency by orders. Up to the first cut is low, up to the second mid,
    above it high; the cuts are `cuts`. Cases: equal figures share a band; value zero or below is low; value unknown
    (no margin) leaves volume_band empty; a customer without any order has no frequency band. Reference: LT-07.
    """
    used = cuts(history, settings=settings)
    value = worth(history, basis=settings.data.value_basis).to_numpy()
    orders = history["orders"].to_numpy().astype(float)
    return pd.DataFrame(
        {
            "customer_id": history["customer_id"].to_numpy(),
            "volume_band": _band(value, used["volume"]),
            "frequency_band": _band(np.where(orders > 0, orders, np.nan), used["frequency"]),
        }
    )


def cuts(history: pd.DataFrame, *, settings) -> dict[str, tuple[float, ...]]:
    """The cuts in use: volume (money) and frequency (orders), two each.

    The fixed grid.volume_cuts and grid.frequency_cuts where given, else quantiles of the customers with value above
    zero. A quantile is always a figure that some customer has, so equal figures never part.
    """
    value = worth(history, basis=settings.data.value_basis)
    counts = (value > 0).to_numpy()
    return {
        "volume": settings.grid.volume_cuts or quantiles(value[counts], settings.grid.volume_quantiles),
        "frequency": settings.grid.frequency_cuts
        or quantiles(history["orders"][counts], settings.grid.frequency_quantiles),
    }


def quantiles(figures: pd.Series, shares: tuple[float, ...]) -> tuple[float, ...]:
    """The smallest figures that at least these shares of the figures do not exceed; NaN when there are none."""
    if not len(figures):
        return tuple(float("nan") for _ in shares)
    return tuple(float(cut) for cut in np.quantile(figures, shares, method="inverted_cdf"))


def _band(figures: np.ndarray, cuts: tuple[float, ...]) -> np.ndarray:
    band = np.array(BANDS, dtype=object)[np.searchsorted(np.asarray(cuts, float), figures, side="left").clip(max=2)]
    return np.where(np.isnan(figures), None, band)


def volume_frequency(history: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """The 3 × 3 grid and `new`: volume_band, frequency_band, customers, customer_share, net (money), net_share.

    In: `history`, `classes`. Every cell is listed, also the empty ones; `new` are customers set up who have not bought
    yet. Customers without a band (only returns, or margins unknown) are left out. Reference: LT-07.
    """
    both = classes[["customer_id", "volume_band", "frequency_band"]].merge(
        history[["customer_id", "net_total"]], on="customer_id", how="left"
    )
    both = both.dropna(subset=["volume_band", "frequency_band"])
    cells = [(volume, frequency) for volume in reversed(BANDS) for frequency in BANDS] + [("new", "new")]
    by = both.groupby(["volume_band", "frequency_band"])["net_total"]
    index = pd.MultiIndex.from_tuples(cells, names=["volume_band", "frequency_band"])
    table = pd.DataFrame({"customers": by.size(), "net": by.sum()}).reindex(index).fillna(0)
    table["customers"] = table["customers"].astype("int64")
    table.insert(1, "customer_share", table["customers"] / max(len(both), 1))
    table["net_share"] = table["net"] / (table["net"].sum() or np.nan)
    return table.reset_index()
