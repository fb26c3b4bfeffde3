"""What the client's own experiments say of a play: the difference between arms, its interval, and the status it
earns.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..foundation.play import Effect, Play
from .intervals import newcombe

PROMISING_LEVEL = 0.80
COLUMNS = (
    "play_id",
    "experiments",
    "treated",
    "treated_successes",
    "control",
    "control_successes",
    "difference",
    "low",
    "high",
    "status",
)


def evidence(experiments: pd.DataFrame, *, settings) -> pd.DataFrame:
    """One row per play tried: customers and successes of both arms (counts), difference of success shares and its 95 %
    Newcombe interval (−1 to 1), and status.

    In: `outcomes`, or `experiments` as the client gave them; rows whose success is not known do not count.
    Columns: play_id, experiments (ids joined by ;), treated, treated_successes, control, control_successes, difference,
    low, high, status. Experiments of one play are pooled. Status: validated when both arms have evidence.min_arm
    customers and the lower end lies above 0; promising when the lower end of the 80 % interval does; else unproven.
    Cases: an arm without customers leaves the difference empty and the play unproven. Reference: LT-17.
    """
    experiments = experiments.dropna(subset=["succeeded"])
    if experiments.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    arms = experiments.assign(n=1, hits=experiments["succeeded"].astype(int)).pivot_table(
        index="play_id", columns="arm", values=["n", "hits"], aggfunc="sum", fill_value=0
    )
    arms = arms.reindex(columns=pd.MultiIndex.from_product([["n", "hits"], ["treated", "control"]]), fill_value=0)
    n, other_n = arms["n", "treated"].to_numpy(), arms["n", "control"].to_numpy()
    hits, other_hits = arms["hits", "treated"].to_numpy(), arms["hits", "control"].to_numpy()
    low, high = newcombe(hits, n, other_hits, other_n)
    early, _ = newcombe(hits, n, other_hits, other_n, PROMISING_LEVEL)
    enough = np.minimum(n, other_n) >= settings.evidence.min_arm
    status = np.select([enough & (low > 0), enough & (early > 0)], ["validated", "promising"], "unproven")
    both = (n > 0) & (other_n > 0)
    share = np.divide(hits, n, out=np.full(len(n), np.nan), where=both)
    other = np.divide(other_hits, other_n, out=np.full(len(n), np.nan), where=both)
    ids = (
        experiments.groupby("play_id")["experiment_id"].agg(lambda one: ";".join(sorted(set(one)))).reindex(arms.index)
    )
    columns = (arms.index, ids, n, hits, other_n, other_hits, share - other, low, high, status)
    frame = pd.DataFrame({name: np.asarray(values) for name, values in zip(COLUMNS, columns)})
    return frame.assign(low=frame["low"].where(both), high=frame["high"].where(both))


def proven(plays: Iterable[Play], shown: pd.DataFrame | None, *, settings) -> tuple[Play, ...]:
    """The plays with status and effect replaced by what the client's experiments showed; unchanged where none was run.

    The effect (of unit share) is replaced when the experiment is clear: both arms have evidence.min_arm customers and
    the interval lies above 0, or wholly below it; low, mid and high become the lower end, the difference and the upper
    end. An experiment that shows nothing clear leaves the assumption, since its difference is mostly chance.
    Reference: LT-17.
    """
    if shown is None or shown.empty:
        return tuple(plays)
    rows = {row["play_id"]: row for row in shown.to_dict("records")}
    return tuple(_proven(play, rows[play.id], settings) if play.id in rows else play for play in plays)


def _proven(play: Play, row: dict, settings) -> Play:
    changed: dict = {"status": row["status"]}
    is_large = min(row["treated"], row["control"]) >= settings.evidence.min_arm
    if is_large and (row["low"] > 0 or row["high"] < 0) and play.effect.unit == "share":
        changed["effect"] = Effect(
            low=row["low"],
            mid=row["difference"],
            high=row["high"],
            unit="share",
            source=f"experiment:{row['experiments']}",
        )
    return play.model_copy(update=changed)
