"""The part of the sample that says who looks after whom, and how: persons at the clients, hands, steps, problems, projects.

Each table has a stream of chance of its own, so that a table more changes no other file.
"""

import numpy as np
import pandas as pd
from sample_firm import AS_OF, SEED, WINDOW, WORDS

ROLES = ("buyer", "owner", "CEO", "accountant", "staff")
GIVEN_UP, HANDED_OVER, MISNAMED = 4, 9, 3
STEPS_DONE = 0.6
CHANGED_EVERY, ASKED_OF_FOUR = 40, 3


def service(people: pd.DataFrame, deliveries: pd.DataFrame, key_roles: dict[int, tuple]) -> dict[str, pd.DataFrame]:
    """The tables by source: contact_persons, departments, account_managers, tasks, issues, projects, watchlist.

    In: one row per customer (`people`), the deliveries, and the roles known at those customers of whom a fact says so.
    `deliveries` gets its columns changed and change_approved in place.
    """
    known = people[people["crm"].notna()]
    _mark_changes(deliveries)
    departments = pd.DataFrame(WORDS["departments"], columns=["department_id", "name", "head_id"])
    return {
        "contact_persons": _persons(_rng(1), known, key_roles),
        "departments": departments,
        "account_managers": _hands(_rng(2), known),
        "tasks": _tasks(_rng(3), known),
        "issues": _issues(_rng(4), known, departments),
        "projects": _projects(_rng(5), known),
        "watchlist": pd.DataFrame(WORDS["watchlist"], columns=["signal", "source", "noted_on", "effect", "review_on"]),
    }


def _rng(number: int) -> np.random.Generator:
    return np.random.default_rng([SEED, number])


def _mark_changes(deliveries: pd.DataFrame) -> None:
    """Every fortieth order was changed; of four changes three were asked about."""
    place = np.arange(len(deliveries))
    changed = place % CHANGED_EVERY == 0
    asked = (place // CHANGED_EVERY) % 4 < ASKED_OF_FOUR
    deliveries["changed"] = changed
    deliveries["change_approved"] = pd.Series(np.where(changed, asked, None), index=deliveries.index, dtype=object)


def _persons(rng, known: pd.DataFrame, key_roles: dict[int, tuple]) -> pd.DataFrame:
    """One to three persons a firm that bought in the last year; of all, every fifth without a telephone.

    Eight have preferences noted, five of them with consent.
    """
    firms = known[known["type"].isin(["shop", "cafe", "export", "firm"]) & (known["last"] > WINDOW)]
    rows = []
    for one in firms.itertuples():
        roles = key_roles.get(one.Index, ROLES[: 1 + int(rng.integers(0, 3))])
        rows += [{"record_id": one.crm, "role": role} for role in roles]
    frame = pd.DataFrame(rows)
    place = np.arange(len(frame))
    age = rng.integers(10, 900, len(frame))
    likes = pd.Series(None, index=frame.index, dtype=object)
    likes.iloc[3 : 3 + 8 * 7 : 7] = WORDS["likes"]
    consent = pd.Series(np.where(place % 3 == 0, True, None), index=frame.index, dtype=object)
    consent[likes.notna()] = [True] * 5 + [False] * 3
    return frame.assign(
        person_id=[f"A{number:04d}" for number in place],
        phone=[f"+370 6{30 + number % 60} {10000 + number}" if number % 5 else "" for number in place],
        updated_on=AS_OF - pd.to_timedelta(age, unit="D"),
        consent=consent,
        preferences=likes,
    )


def _hands(rng, known: pd.DataFrame) -> pd.DataFrame:
    """Who has whom since the first purchase; nine handed over in the last year, four given up, three misnamed."""
    bought = known[known["last"] > WINDOW]
    frame = bought[["crm", "manager_id", "first"]].set_axis(["record_id", "manager_id", "from_on"], axis=1)
    frame = frame.assign(to_on=pd.NaT, drop_reason=None).sort_values("record_id").reset_index(drop=True)
    ordinary = bought[~bought["is_large"] & (bought["first"] < WINDOW) & bought["part"].eq("")]
    chosen = sorted(rng.choice(ordinary["crm"], HANDED_OVER + GIVEN_UP + MISNAMED, replace=False))
    rng.shuffle(chosen)
    handed, given_up = chosen[:HANDED_OVER], chosen[HANDED_OVER : HANDED_OVER + GIVEN_UP]
    misnamed = chosen[HANDED_OVER + GIVEN_UP :]
    others = {"V02": "V03", "V03": "V02", "V05": "V06", "V06": "V05"}
    place = frame.set_index("record_id").index
    before = frame[place.isin(handed)].assign(drop_reason="another region")
    changed_on = pd.Timestamp("2026-01-12") + pd.to_timedelta(np.arange(len(before)) * 20, unit="D")
    before = before.assign(manager_id=before["manager_id"].map(lambda one: others.get(one, "V02")))
    before["to_on"] = changed_on - pd.Timedelta(days=1)
    frame.loc[place.isin(handed), "from_on"] = changed_on.to_numpy()
    frame.loc[place.isin(given_up), ["to_on", "drop_reason"]] = [pd.Timestamp("2026-07-01"), "no order foreseen"]
    frame.loc[place.isin(misnamed), "manager_id"] = frame.loc[place.isin(misnamed), "manager_id"].map(
        lambda one: others.get(one, "V02")
    )
    return pd.concat([frame, before]).sort_values(["record_id", "from_on"], kind="stable").reset_index(drop=True)


def _tasks(rng, known: pd.DataFrame) -> pd.DataFrame:
    """A group task of spring: five regulars a manager, three steps each; three of five steps are done, some late."""
    rows = []
    for manager, own in known[known["is_active"] & ~known["is_large"]].groupby("manager_id"):
        for record in sorted(rng.choice(own["crm"], min(5, len(own)), replace=False)):
            for number, step in enumerate(WORDS["steps"]):
                due = pd.Timestamp("2026-04-13") + pd.Timedelta(days=14 * number)
                rows.append({"record_id": record, "manager_id": manager, "step": step, "due_on": due})
    frame = pd.DataFrame(rows).assign(task_id="2026-spring")
    is_done = rng.permutation(len(frame)) % 5 < STEPS_DONE * 5
    delay = pd.to_timedelta(rng.integers(-5, 4, len(frame)), unit="D")
    return frame.assign(done_on=(frame["due_on"] + delay).where(is_done))


def _issues(rng, known: pd.DataFrame, departments: pd.DataFrame) -> pd.DataFrame:
    """Forty problems of the last year: of the thirty-two the customer knows of, twenty-four were told first; the
    retail department lets three lie for more than a month.
    """
    count, customers = 40, known[known["is_active"]]["crm"]
    opened = WINDOW + pd.to_timedelta(np.sort(rng.integers(5, 320, count)), unit="D")
    frame = pd.DataFrame({"record_id": rng.choice(customers, count), "opened_on": opened})
    place = np.arange(count)
    frame["department_id"] = departments["department_id"].to_numpy()[place % len(departments)]
    frame["kind"] = np.array(WORDS["problems"])[rng.integers(0, len(WORDS["problems"]), count)]
    told, raised = place % 5 < 3, place % 5 == 3  # of five: three told first, one raised by the customer, one silent
    frame["told_on"] = (frame["opened_on"] + pd.to_timedelta(rng.integers(0, 5, count), unit="D")).where(told)
    frame["complained_on"] = (frame["opened_on"] + pd.to_timedelta(rng.integers(1, 9, count), unit="D")).where(raised)
    closed = frame["opened_on"] + pd.to_timedelta(rng.integers(1, 13, count), unit="D")
    lies = frame.index[frame["department_id"].eq("MAZ")][-3:]
    return frame.assign(closed_on=closed.where(~frame.index.isin(lies)))


def _projects(rng, known: pd.DataFrame) -> pd.DataFrame:
    """Twelve cafés equipped: four done, eight under way, three of them without news for more than a month."""
    cafes = sorted(rng.choice(known.loc[known["type"].eq("cafe") & known["is_active"], "crm"], 12, replace=False))
    quiet = [45, 70, None, 4, 9, 13, 20, 27]
    updated = [AS_OF - pd.Timedelta(days=days) if days else pd.NaT for days in quiet] + [pd.NaT] * 4
    closed = [pd.NaT] * 8 + [AS_OF - pd.Timedelta(days=days) for days in (20, 60, 130, 200)]
    managers = known.set_index("crm")["manager_id"]
    stages = [WORDS["stages"][number % 3] for number in range(8)] + [WORDS["stages"][-1]] * 4
    return pd.DataFrame(
        {
            "project_id": [f"P{number:02d}" for number in range(1, 13)],
            "record_id": cafes,
            "manager_id": [managers[one] for one in cafes],
            "stage": stages,
            "updated_on": updated,
            "closed_on": closed,
        }
    )
