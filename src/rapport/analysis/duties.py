"""Who answers for which play, who may ask what of whom, when it is reviewed, and what management is asked to decide."""

from collections.abc import Iterable

import pandas as pd

from ..foundation.play import PHASES, Play
from .plan import CASES, OVERLAP, TOTAL

DAYS_AHEAD, QUARTER_DAYS = 365, 91
NAMED = 3  # people named in full beside a play; of more, their number is given


def reviews(plays: Iterable[Play], assignments: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """The plan of the next twelve months: one row per assigned play, person who answers for it, and review date.

    Columns: due_on, phase, play_id, title, owner, owner_name (empty where unknown), subjects (of that person), measure,
    direction, review (1, 2 …). The first review is after review_days, further ones follow as far apart, but not closer
    than a quarter, up to as_of + 365 days. Sorted by date, then phase.
    """
    by_id = {play.id: play for play in plays}
    people = _people(assignments)
    rows = []
    for row in people.to_dict("records"):
        play = by_id[row["play_id"]]
        for review, days in enumerate(_review_days(play.goal.review_days), start=1):
            due = as_of + pd.Timedelta(days=days)
            rows.append(
                row | {"due_on": due, "review": review, "measure": play.goal.measure, "direction": play.goal.direction}
            )
    columns = [
        "due_on",
        "phase",
        "play_id",
        "title",
        "owner",
        "owner_name",
        "subjects",
        "measure",
        "direction",
        "review",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(order=frame["phase"].map(PHASES.index)).sort_values(
        ["due_on", "order", "play_id", "owner_name"], ignore_index=True, na_position="last"
    )[columns]


def _review_days(first: int) -> list[int]:
    return [first, *range(first + max(first, QUARTER_DAYS), DAYS_AHEAD + 1, max(first, QUARTER_DAYS))]


def _people(assignments: pd.DataFrame) -> pd.DataFrame:
    keys = ["phase", "play_id", "title", "owner", "owner_name"]
    return assignments.groupby(keys, dropna=False, sort=False).size().rename("subjects").reset_index()


def owners(plays: Iterable[Play], assignments: pd.DataFrame, play_gates: pd.DataFrame) -> pd.DataFrame:
    """Who answers for each assigned play, one row a play: phase, play_id, title, accountable (role), names, involved,
    measure, approval, subjects, cost, gain_mid (money), due_on (first review), status (evidence for the play).

    Exactly one role is accountable (BG-10). Up to three people are named, of more their number; `assignments` names
    each.
    """
    given = play_gates[play_gates["verdict"].eq("assigned")]
    names = assignments.dropna(subset="owner_name").groupby("play_id")["owner_name"].agg(_listed)
    due = assignments.groupby("play_id")["due_on"].min()
    status = assignments.groupby("play_id")["status"].first()
    by_id = {play.id: play for play in plays}
    each = [by_id[id] for id in given["play_id"]]
    return pd.DataFrame(
        {
            "phase": given["phase"].to_numpy(),
            "play_id": given["play_id"].to_numpy(),
            "title": given["title"].to_numpy(),
            "accountable": given["owner"].to_numpy(),
            "names": given["play_id"].map(names).fillna("").to_numpy(),
            "involved": [", ".join(play.involves) for play in each],
            "measure": [play.goal.measure for play in each],
            "approval": [play.approval for play in each],
            "subjects": given["subjects"].to_numpy(),
            "cost": given["cost"].to_numpy(),
            "gain_mid": given["gain_mid"].to_numpy(),
            "due_on": given["play_id"].map(due).to_numpy(),
            "status": given["play_id"].map(status).to_numpy(),
        }
    )


def _listed(people: pd.Series) -> str:
    """The people by name, or how many there are where they are more than NAMED."""
    names = sorted(set(people))
    return ", ".join(names) if len(names) <= NAMED else f"{len(names)} people, each for their own customers"


def mandates(plays: Iterable[Play], play_gates: pd.DataFrame) -> pd.DataFrame:
    """Who may ask what of which unit: owner (who asks), unit_asked, plays (titles), count. Draft for approval.

    From the units that assigned plays involve; to be approved by management before it binds anybody (BG-15).
    """
    given = set(play_gates.loc[play_gates["verdict"].eq("assigned"), "play_id"])
    rows = [
        {"owner": play.owner, "unit_asked": unit, "plays": play.title}
        for play in plays
        if play.id in given
        for unit in play.involves
    ]
    frame = pd.DataFrame(rows, columns=["owner", "unit_asked", "plays"])
    grouped = frame.groupby(["owner", "unit_asked"])["plays"]
    return pd.DataFrame({"plays": grouped.agg("; ".join), "count": grouped.size()}).reset_index()


def decisions(money_plan: pd.DataFrame, owners: pd.DataFrame) -> pd.DataFrame:
    """The decisions asked of management, one a phase: the assigned play with the highest expected gain.

    Columns: phase, play_id, title, accountable, names, subjects, cost, gain_low, gain_mid, gain_high, value_at_stake,
    approval, due_on, status, chosen_by. Cases: where no play of a phase is expected to gain, one without a priced gain is asked for,
    first one that needs approval, then by value at stake; where all are priced and lose, the one that loses least, and
    chosen_by says so.
    """
    plays = money_plan[~money_plan["play_id"].isin([TOTAL, OVERLAP])]
    plays = plays.merge(
        owners[["play_id", "accountable", "names", "approval", "due_on", "status"]], on="play_id", how="left"
    )
    rows = [_decision(own) for phase in PHASES if len(own := plays[plays["phase"].eq(phase)])]
    columns = [
        "phase",
        "play_id",
        "title",
        "accountable",
        "names",
        "subjects",
        "cost",
        *CASES,
        "value_at_stake",
        "approval",
        "due_on",
        "status",
        "chosen_by",
    ]
    return pd.DataFrame(rows, columns=columns)


def _decision(own: pd.DataFrame) -> dict:
    best = own.sort_values(["gain_mid", "play_id"], ascending=[False, True], na_position="last").iloc[0]
    if best["gain_mid"] > 0:
        return best.to_dict() | {"chosen_by": "highest expected gain"}
    unpriced = own[own["gain_mid"].isna()]
    if unpriced.empty:
        return best.to_dict() | {
            "chosen_by": "no play of this phase is expected to bring back its cost; this one loses least"
        }
    order = unpriced.assign(asked=unpriced["approval"].eq("management"))
    best = order.sort_values(
        ["asked", "value_at_stake", "play_id"], ascending=[False, False, True], na_position="last"
    ).iloc[0]
    return best.to_dict() | {"chosen_by": "no gain can be priced; chosen by need of approval and value at stake"}
