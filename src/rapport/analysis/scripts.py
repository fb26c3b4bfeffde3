"""Which play gives the script for calling a lost customer, and who calls: by the plays' own conditions (HU-45–HU-47)."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ..foundation.play import Play
from .assign import OWN_MANAGER, ROLES
from .attention import attention
from .conditions import subjects, verdict
from .lost import REFUSED

CALLS = ("customer", "key_account")


def scripts(
    lost: pd.DataFrame,
    plays: Iterable[Play],
    tables: Mapping[str, pd.DataFrame | None],
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """The table `lost` with play_id, whose words and steps are the script, and owner, who calls.

    In: `lost`; plays, the playbook; tables, by name: `classes`, `history`, `values`, `customers`, and `contacts` and
    `managers` where given. Of the recovery plays that win customers back and whose conditions a customer meets, the
    script is that of a play for key accounts; else of one that asks for its reason; else of the one with the largest
    middle effect; ties go to the earlier id. The owner is the customer's manager for the roles that sell, else the only
    holder of the role the play names, else that role.
    Cases: a customer whom no play is for has none, and its manager calls; for one that refused for good only a play
    that asks for the outlook will do. Reference: HU-45, HU-46, HU-47, HU-09.
    """
    known = subjects(_given(lost, tables, settings, as_of), [])
    wanted = [play for play in plays if play.phase == "recover" and play.applies_to in CALLS and _wins(play)]
    found = pd.Series(None, index=lost["customer_id"], dtype=object)
    refused = lost["outlook"].fillna("").eq(REFUSED).to_numpy()
    for play in sorted(wanted, key=_closeness, reverse=True):
        ids = known[play.applies_to].ids
        judged = verdict(play, known[play.applies_to])
        meets = found.index.isin(ids[judged.holds] if not judged.missing else ids[:0])
        found[meets & ("outlook" in play.when or ~refused)] = play.id
    roles = {play.id: play.owner for play in wanted}
    owner = _owners(lost["manager_id"], found.map(roles).set_axis(lost.index), tables.get("managers"))
    return lost.assign(play_id=found.to_numpy(), owner=owner)


def _wins(play: Play) -> bool:
    """Whether the play is expected to bring customers back, unlike a questionnaire."""
    return not play.is_off and play.effect.unit == "share" and play.effect.mid > 0


def _closeness(play: Play) -> tuple:
    return play.applies_to != "key_account", "reason" not in play.when, -play.effect.mid, play.id


def _given(lost, tables, settings, as_of) -> dict[str, pd.DataFrame]:
    given = {name: table for name, table in tables.items() if table is not None} | {"lost": lost}
    if "contacts" in given:
        ids = pd.Index(given["classes"]["customer_id"])
        given["attention"] = attention(given["contacts"], ids, settings=settings, as_of=as_of)
    return given


def _owners(manager_id: pd.Series, role: pd.Series, managers: pd.DataFrame | None) -> np.ndarray:
    names, holders = pd.Series(dtype=object), {}
    if managers is not None:
        names = managers.set_index("manager_id")["name"]
        of_role = managers.dropna(subset=["name"]).groupby(managers["role"].fillna("").str.casefold())["name"]
        holders = {name: part.iloc[0] for name, part in of_role if len(part) == 1}
    named = manager_id.map(names)
    own = named.where(named.notna(), manager_id)
    other = role.map(lambda one: holders.get(ROLES.get(one, str(one).casefold()), one), na_action="ignore")
    owner = own.where(role.isna() | role.isin(OWN_MANAGER), other)
    return owner.where(owner.notna(), other).to_numpy(object)
