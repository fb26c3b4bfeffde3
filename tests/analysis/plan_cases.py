"""Assignments and verdicts written small, for the rooms of the plan."""

from pathlib import Path

import numpy as np
import pandas as pd

from rapport.foundation.contracts import TABLES
from rapport.foundation.playbook import load

AS_OF = pd.Timestamp("2026-09-30")
GOOD = {play.id: play for play in load(Path(__file__).resolve().parents[1] / "plays" / "good")}
GAINS = ["gain_low", "gain_mid", "gain_high"]


def given(*rows):
    """Assignments written as (play, subject, at stake, cost, effect) with effects of 0, effect and twice the effect."""
    lines = []
    for play_id, subject, stake, cost, effect in rows:
        play = GOOD[play_id]
        gains = {name: np.nan if effect is None else times * effect * stake - cost for times, name in enumerate(GAINS)}
        lines.append(
            {
                "phase": play.phase, "play_id": play_id, "title": play.title, "subject": subject, "owner": play.owner,
                "applies_to": play.applies_to, "status": "unproven", "value_at_stake": stake, "cost": cost, **gains,
                "due_on": AS_OF + pd.Timedelta(days=90), "rank": 1, "why": "x", "owner_name": "Rasa",
            }
        )  # fmt: skip
    frame = TABLES["assignments"].complete(pd.DataFrame(lines))
    return TABLES["assignments"].check(frame, "test")


def judged(assignments):
    sums = assignments.groupby("play_id", sort=False)
    rows = sums.agg(
        phase=("phase", "first"), title=("title", "first"), owner=("owner", "first"), subjects=("subject", "size")
    )
    for name in ("value_at_stake", "cost", *GAINS):
        rows[name] = sums[name].sum(min_count=1)
    rows = rows.reset_index().assign(verdict="assigned", because="x")
    return TABLES["play_gates"].check(rows, "test")
