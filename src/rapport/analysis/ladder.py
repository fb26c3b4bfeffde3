"""The ladder of five rungs: who stands where, who stood higher before leaving, and the rate of every step (HU-04)."""

import numpy as np
import pandas as pd

from ..foundation.contracts import RUNGS
from ..foundation.finding import Finding, not_available
from .intervals import proportion, wilson
from .traits import SOURCES, missing

NEEDS = {
    "adherent": ("wallet",),
    "advocate": ("wallet", "recommendations"),
}  # traits that tell a rung from the one below
REGULAR_DAYS = 3  # purchase days from which a customer may be regular (HU-04)


def rungs(
    history: pd.DataFrame,
    states: pd.DataFrame,
    regularity: pd.DataFrame,
    former_regularity: pd.DataFrame,
    traits: pd.DataFrame,
    *,
    settings,
) -> pd.DataFrame:
    """Each customer's rung: customer_id, rung, former_rung, rung_note.

    In, row by row the same customers: `history`; `states`; `regularity` to as_of and as at the last purchase; `traits`
    (wallet, recommendations; empty is unknown). 1 buyer: one purchase day; 2 customer: two, or three and more that are
    irregular or no longer active; 3 regular: three and more, X or Y, active; 4 adherent: and share of wallet from
    ladder.exclusive_share; 5 advocate: and at least one recorded recommendation. `former_rung` (only for who is not
    active any more) is the rung at the last purchase. `rung_note` says what is missing or unknown for the next rung.
    Cases: no wallet known: stays regular, "exclusivity unknown"; recommends without being exclusive: stays regular,
    noted; orders of one day are one purchase. Reference: HU-04, C23.
    """
    names, days = history["customer_id"], history["purchase_days"].to_numpy()
    state = states["state"].to_numpy()
    share = wallet_share(history, traits)
    recommends = traits["recommendations"].to_numpy() >= 1
    is_exclusive = share >= settings.ladder.exclusive_share
    steady = np.isin(regularity["xyz"], ["X", "Y"])
    rung = _rung(days, steady & (state == "active"), is_exclusive, recommends)
    former = _rung(days, np.isin(former_regularity["xyz"], ["X", "Y"]), is_exclusive, recommends)
    has_left = np.isin(state, ["lapsing", "lost", "lost_one_timer"])
    notes = _notes(rung, days, state, regularity["xyz"].to_numpy(), share, recommends)
    return pd.DataFrame(
        {
            "customer_id": names.to_numpy(),
            "rung": rung,
            "former_rung": np.where(has_left, former, None),
            "rung_note": notes,
        }
    )


def _rung(days, is_regular, is_exclusive, recommends) -> np.ndarray:
    regular = (days >= REGULAR_DAYS) & is_regular
    step = (
        (days > 0).astype(int) + (days > 1) + regular + (regular & is_exclusive) + (regular & is_exclusive & recommends)
    )
    return np.array(RUNGS, dtype=object)[step]


def _notes(rung, days, state, xyz, share, recommends) -> np.ndarray:
    regular, unknown = rung == "regular", np.isnan(share)
    told = {
        "recommends us; exclusivity unknown": regular & recommends & unknown,
        "exclusivity unknown": regular & unknown,
        "recommends us, buys elsewhere too": regular & recommends,
        "buys elsewhere too": regular,
        "no recommendation recorded": rung == "adherent",
        "no longer active": (days >= REGULAR_DAYS) & (rung == "customer") & (state != "active"),
        "regularity not judged yet": (days >= REGULAR_DAYS) & (rung == "customer") & (xyz == "N"),
        "irregular": (days >= REGULAR_DAYS) & (rung == "customer"),
    }
    return np.select(list(told.values()), list(told), default="").astype(object)


def wallet_share(history: pd.DataFrame, traits: pd.DataFrame) -> np.ndarray:
    """Share of wallet: net of the active window / what the customer spends a year with everybody; NaN when unknown.

    In, row by row the same customers: `history`, `traits`. Out: shares of at least 0 and at most 1.
    """
    wallet = traits["wallet"].to_numpy()
    return np.clip(history["net_recent"].to_numpy() / np.where(wallet > 0, wallet, np.nan), 0, 1)


def ladder(history: pd.DataFrame, classes: pd.DataFrame, traits: pd.DataFrame) -> pd.DataFrame:
    """The five rungs with counts and step rates: one row per rung from buyer to advocate.

    In: `history`, `classes`, `traits`. Out: number (1–5), rung, customers (on it), net (money, all history), at_least
    (on it or higher), step_share (at_least / at_least of the rung below), low, high (Wilson 95 %), left (customers who
    stood on it and are no longer active), missing (the table without which the rung cannot be told: its figures are
    then empty, not 0). Reference: HU-04, DEF7, DEF10.
    """
    both = classes[["customer_id", "rung", "former_rung"]].merge(
        history[["customer_id", "net_total"]], on="customer_id"
    )
    by = both.groupby("rung")["net_total"]
    table = pd.DataFrame({"customers": by.size(), "net": by.sum()}).reindex(RUNGS[1:]).fillna(0.0)
    table["at_least"] = table["customers"][::-1].cumsum()[::-1]
    below = table["at_least"].shift().where(lambda count: count > 0)
    table["step_share"] = table["at_least"] / below
    low, high = wilson(table["at_least"].where(below.notna(), 0), below.fillna(0))
    table["low"], table["high"] = np.where(below.notna(), low, np.nan), np.where(below.notna(), high, np.nan)
    table["left"] = both["former_rung"].value_counts().reindex(table.index).fillna(0.0)
    table["missing"] = [missing(traits, *NEEDS.get(rung, ())) for rung in table.index]
    figures = ["customers", "net", "at_least", "step_share", "low", "high", "left"]
    table[figures] = table[figures].where(table["missing"] == "", np.nan)
    table = table.rename_axis("rung").reset_index()
    table.insert(0, "number", range(1, len(table) + 1))
    return table


def one_timer_share(history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding ladder.one_timer_share: share of customers with exactly one purchase day, with its Wilson interval.

    In: `history` (customers without a purchase are not counted). parts: value_share of the one-timers, is_alert (more
    than plan.one_timer_alert), alert. Reference: HU-26.
    """
    bought = history[history["purchase_days"] > 0]
    once = bought["purchase_days"] == 1
    total = bought["net_total"].clip(lower=0).sum()
    share = float(once.mean()) if len(bought) else 0.0
    return proportion(
        "ladder.one_timer_share",
        int(once.sum()),
        len(bought),
        settings=settings,
        basis=f"customers with a purchase up to {as_of.date()}",
        as_of=as_of,
        because="transactions: nobody bought",
        parts={
            "value_share": float(bought.loc[once, "net_total"].clip(lower=0).sum() / total) if total else None,
            "is_alert": share > settings.plan.one_timer_alert,
            "alert": settings.plan.one_timer_alert,
        },
    )


def penetration(
    history: pd.DataFrame, classes: pd.DataFrame, traits: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> tuple[Finding, ...]:
    """The two things called penetration, kept apart (C22): ladder.regular_share and ladder.wallet_share.

    In: `history`, `classes`, `traits`. regular_share: customers on rung 3 or higher among those with a purchase, with
    its Wilson interval. wallet_share: net of the active window / yearly spend of the customers whose wallet is known.
    Cases: no wallet known: not available.
    """
    regulars = proportion(
        "ladder.regular_share",
        int(classes["rung"].isin(RUNGS[3:]).sum()),
        int((classes["rung"] != "prospect").sum()),
        settings=settings,
        basis="customers with a purchase",
        as_of=as_of,
        because="transactions: nobody bought",
    )
    both = traits[["customer_id", "wallet"]].merge(history[["customer_id", "net_recent"]], on="customer_id")
    both = both[both["wallet"] > 0]
    head = {"id": "ladder.wallet_share", "unit": "share", "as_of": str(as_of.date())}
    head["basis"] = "net sales of the active window over the wallets known"
    if both.empty:
        return regulars, not_available(because=SOURCES["wallet"], **head)
    own = np.clip(both["net_recent"], 0, both["wallet"])
    return regulars, Finding(value=float(own.sum() / both["wallet"].sum()), n=len(both), **head)


def rungs_known(traits: pd.DataFrame, *, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """Findings ladder.adherents_known and ladder.advocates_known: whether rungs 4 and 5 can be told at all (DEF10)."""
    found = []
    for rung, columns in NEEDS.items():
        head = {
            "id": f"ladder.{rung}s_known",
            "unit": "text",
            "as_of": str(as_of.date()),
            "basis": f"traits that show {rung}",
        }
        lacks = missing(traits, *columns)
        n = int(traits[list(columns)].notna().all(axis=1).sum())
        found.append(not_available(because=lacks, **head) if lacks else Finding(value="known", n=n, **head))
    return tuple(found)
