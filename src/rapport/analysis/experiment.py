"""Experiment in a box: who is left alone by lot, what could be seen, the log to keep, and the read-out (LT-17)."""

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available
from .evidence import evidence
from .intervals import LEVEL, labelled

POWER = 0.8
TREATED, CONTROL = "treated", "control"


def holdout(lost: pd.DataFrame, classes: pd.DataFrame, *, settings) -> pd.DataFrame:
    """The table `lost` with arm filled for the customers whom a contact pays: treated, or left alone by lot.

    In: `lost`, `classes` (abc, key_scope). recover.holdout_share of them are drawn as control, evenly over state and
    class (systematically along a list shuffled within these strata), by the seed value.seed: the same table gives the
    same arms. Out: `lost`; customers whom a contact does not pay, and key customers, always contacted, have no arm.
    Cases: a share of 0 leaves everybody treated. Reference: LT-17, HU-45.
    """
    known = lost[["customer_id", "state", "winback_value"]].merge(
        classes[["customer_id", "abc", "key_scope"]], on="customer_id", how="left"
    )
    is_in = (known["winback_value"] > 0) & known["key_scope"].fillna("").eq("")
    drawn = known[is_in].sort_values("customer_id").fillna({"abc": ""})
    rng = np.random.default_rng(settings.value.seed)
    drawn = drawn.assign(lot=rng.random(len(drawn))).sort_values(["state", "abc", "lot"])
    turns = np.floor(np.arange(len(drawn) + 1) * settings.recover.holdout_share + rng.random())
    arms = np.where(np.diff(turns) > 0, CONTROL, TREATED)
    return lost.assign(arm=lost["customer_id"].map(pd.Series(arms, index=drawn["customer_id"])))


def smallest_effect(treated: int, control: int, base_share: float) -> float | None:
    """The smallest rise over base_share that these arms would show with a probability of 80 %, at the 95 % level.

    In: customers of each arm, the share that returns untreated. Out: share points, or None when no rise could be seen.
    Reference: normal approximation of two proportions (Fleiss, Levin & Paik 2003, ch. 4), without correction.
    """
    if min(treated, control) < 1:
        return None
    z, strength = norm.ppf((1 + LEVEL) / 2), norm.ppf(POWER)

    def short_of(rise: float) -> float:
        share = base_share + rise
        pooled = (treated * share + control * base_share) / (treated + control)
        null = np.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control))
        own = np.sqrt(share * (1 - share) / treated + base_share * (1 - base_share) / control)
        return rise - z * null - strength * own

    most = 1 - base_share
    return float(brentq(short_of, 1e-9, most)) if short_of(most) > 0 else None


def power(lost: pd.DataFrame, *, as_of: pd.Timestamp) -> Finding:
    """What the drawn arms could show: "with 180 customers you can see an uplift of 9 points or more".

    In: `lost` with arms. Out: Finding experiment.power (share points, the smallest effect seen 4 times in 5); parts:
    treated, control, base_share (mean share that returns by itself). Cases: no arms, or arms too small to show any
    effect, is not available. Reference: LT-17.
    """
    arms, day = lost["arm"].value_counts(), str(as_of.date())
    treated, control = int(arms.get(TREATED, 0)), int(arms.get(CONTROL, 0))
    base = float(lost.loc[lost["arm"].notna(), "return_prob"].mean()) if len(arms) else float("nan")
    effect = None if np.isnan(base) else smallest_effect(treated, control, base)
    common = {
        "unit": "share",
        "n": treated + control,
        "as_of": day,
        "basis": "customers of the win-back list with an arm",
    }
    if effect is None:
        why = f"{treated} treated and {control} left alone are too few to show any effect"
        return not_available("experiment.power", why, treated=treated, control=control, **common)
    parts = {"treated": treated, "control": control, "base_share": base}
    return Finding(id="experiment.power", value=effect, parts=parts, **common)


def log(lost: pd.DataFrame, *, experiment_id: str, play_id: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """The log to keep of an experiment: one row per customer with an arm, to be given back as table `experiments`.

    In: `lost` with arms; experiment_id and play_id, how it is called and which play is tried. Out: the columns of
    `experiments`, is_success false until something is known. Reference: LT-17.
    """
    rows = lost.loc[lost["arm"].notna(), ["customer_id", "arm"]].reset_index(drop=True)
    rows = rows.assign(experiment_id=experiment_id, play_id=play_id, started_on=as_of, is_success=False)
    return TABLES["experiments"].check(TABLES["experiments"].complete(rows), "experiment.log")


def outcomes(
    experiments: pd.DataFrame, purchase_days: pd.DataFrame, *, review_days: int, as_of: pd.Timestamp
) -> pd.DataFrame:
    """The experiments whose review day has come, with success read from what the customers bought.

    In: `experiments`, `purchase_days`; review_days, the days after the start within which a purchase is a success. Out:
    `experiments`, only rows whose start lies review_days or more before as_of and whose customer is known; is_success
    is true where the log says so or a purchase fell in the period. Everybody counts in the arm drawn, whether reached
    or not. Reference: LT-17.
    """
    due = experiments[(as_of - experiments["started_on"]).dt.days >= review_days].dropna(subset=["customer_id"])
    due = due.reset_index(drop=True)
    bought = purchase_days[["customer_id", "ordered_on"]].merge(due.reset_index(), on="customer_id")
    within = (bought["ordered_on"] - bought["started_on"]).dt.days.between(1, review_days)
    return due.assign(is_success=due["is_success"] | due.index.isin(bought.loc[within, "index"]))


def read_out(experiments: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """The read-out of each play tried: success of the treated minus success of those left alone, and what it proves.

    In: `experiments` with outcomes. Out: one Finding experiment.<play_id> each (share points, Newcombe 95 %); parts:
    verdict "validated" (interval above 0 and evidence.min_arm in both arms), "promising" (80 % interval above 0) or
    "unproven". Cases: no experiments gives one Finding experiment.none, not available. Reference: LT-17.
    """
    day = str(as_of.date())
    if experiments is None or experiments.empty:
        why = "no table 'experiments': nothing was tried against a control group"
        return (not_available("experiment.none", why, unit="share", as_of=day),)
    return tuple(_read(row, settings, day) for row in evidence(experiments, settings=settings).to_dict("records"))


def _read(row: dict, settings, day: str) -> Finding:
    id, parts = f"experiment.{row['play_id']}", {"verdict": row["status"]}
    parts |= {name: int(row[name]) for name in ("treated", "treated_successes", "control", "control_successes")}
    n, basis = min(parts["treated"], parts["control"]), "customers drawn by lot, treated against left alone"
    if not n:
        return not_available(id, "one arm has no customers", unit="share", as_of=day, basis=basis, **parts)
    ends = {"low": row["low"], "high": row["high"], "level": LEVEL}
    found = Finding(id=id, unit="share", value=row["difference"], n=n, basis=basis, as_of=day, parts=parts, **ends)
    return labelled(found, settings)
