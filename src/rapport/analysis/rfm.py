"""RFM: silence, orders and value in five scores each, with cuts that are printed and equal figures that never part."""

import numpy as np
import pandas as pd

from .grid import quantiles
from .worth import worth

MEASURES = ("recency", "frequency", "monetary")


def rfm(history: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Each buyer's scores, 1 the worst to 5 the best: customer_id, recency, frequency, monetary, cell ("5-3-4").

    In: `history`; the cuts are `rfm_cuts`. A score is one more than the number of cuts the figure lies above (for
    silence: below). Cases: equal figures share a score; with many equal figures some scores stay unused rather than
    being renumbered, so a 5 means the same in every run; customers without a purchase or with unknown value are left
    out. Reference: Hughes 1994; issue 4.
    """
    figures = _figures(history, settings)
    cuts = _cuts(figures, settings)
    scores = {
        "recency": len(cuts["recency"]) + 1 - np.searchsorted(cuts["recency"], figures["recency"], side="left"),
        "frequency": 1 + np.searchsorted(cuts["frequency"], figures["frequency"], side="left"),
        "monetary": 1 + np.searchsorted(cuts["monetary"], figures["monetary"], side="left"),
    }
    table = pd.DataFrame({"customer_id": figures["customer_id"].to_numpy(), **scores})
    number = (table["recency"] * 100 + table["frequency"]) * 100 + table["monetary"]
    cells, place = np.unique(number, return_inverse=True)
    names = [f"{cell // 10_000}-{cell // 100 % 100}-{cell % 100}" for cell in cells.tolist()]
    table["cell"] = np.array(names, dtype=object)[place]
    return table


def rfm_cuts(history: pd.DataFrame, *, settings) -> pd.DataFrame:
    """The scores as used: dimension, score, above, upto (days, orders, money), customers, net — every score, also unused.

    In: `history`. Quantiles rfm.quantiles of the customers with value above zero; a cut is a figure that some customer
    has. `above` and `upto` bound the figure; open ends are empty.
    """
    figures, scores = _figures(history, settings), rfm(history, settings=settings)
    rows = []
    for measure, cuts in _cuts(figures, settings).items():
        bounds = [np.nan, *cuts, np.nan]
        for band in range(len(cuts) + 1):
            score = len(cuts) + 1 - band if measure == "recency" else band + 1
            inside = (scores[measure] == score).to_numpy()
            net = figures["net_total"].to_numpy()[inside].sum()
            rows.append((measure, score, bounds[band], bounds[band + 1], int(inside.sum()), float(net)))
    table = pd.DataFrame(rows, columns=["dimension", "score", "above", "upto", "customers", "net"])
    return table.sort_values(["dimension", "score"], ascending=[True, False], ignore_index=True)


def _figures(history: pd.DataFrame, settings) -> pd.DataFrame:
    value = worth(history, basis=settings.data.value_basis).to_numpy()
    judged = (history["purchase_days"].to_numpy() > 0) & ~np.isnan(value)
    figures = history.loc[judged, ["customer_id", "silent_days", "orders", "net_total"]]
    return figures.assign(recency=figures["silent_days"], frequency=figures["orders"], monetary=value[judged])


def _cuts(figures: pd.DataFrame, settings) -> dict[str, tuple[float, ...]]:
    valued = figures[figures["monetary"] > 0]
    return {measure: quantiles(valued[measure], settings.rfm.quantiles) for measure in MEASURES}
