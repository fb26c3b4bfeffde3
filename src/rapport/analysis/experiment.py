"""Experiment in a box: who is left alone by lot, what could be seen, the log to keep, and the read-out (LT-17)."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available
from ..foundation.play import Play
from .evidence import evidence
from .followup import RETURN_DAYS
from .intervals import LEVEL, labelled

POWER = 0.8
TREATED, CONTROL = "treated", "control"
LOG, PURCHASES, TOO_EARLY, NOBODY = TABLES["outcomes"].columns["read_from"].options
NO_PLAY = "win-back"  # what is tried on customers whom no play is for


def holdout(
    lost: pd.DataFrame, classes: pd.DataFrame, outcomes: pd.DataFrame | None = None, *, settings
) -> pd.DataFrame:
    """The table `lost` with arm filled for the customers whom a contact pays: treated, or left alone by lot.

    In: `lost`, `classes` (abc, key_scope), `outcomes`. recover.holdout_share of them are drawn as control, evenly over
    state, class and script (systematically along a list shuffled within these strata), by the seed value.seed: the same
    table gives the same arms. Customers of an experiment that still runs keep the arm they have, whatever else changed.
    Out: `lost`; customers whom a contact does not pay, and key customers, always contacted, have no arm.
    Cases: a share of 0 leaves everybody treated. Reference: LT-17, HU-45.
    """
    known = lost[["customer_id", "state", "play_id", "winback_value"]].merge(
        classes[["customer_id", "abc", "key_scope"]], on="customer_id", how="left"
    )
    kept = lost["customer_id"].map(_running(outcomes))
    is_in = (known["winback_value"] > 0) & known["key_scope"].fillna("").eq("") & kept.isna().to_numpy()
    drawn = known[is_in].sort_values("customer_id").fillna({"abc": "", "play_id": ""})
    rng = np.random.default_rng(settings.value.seed)
    drawn = drawn.assign(lot=rng.random(len(drawn))).sort_values(["state", "abc", "play_id", "lot"])
    turns = np.floor(np.arange(len(drawn) + 1) * settings.recover.holdout_share + rng.random())
    arms = np.where(np.diff(turns) > 0, CONTROL, TREATED)
    lots = lost["customer_id"].map(pd.Series(arms, index=drawn["customer_id"], dtype=object))
    return lost.assign(arm=kept.where(kept.notna(), lots))


def _running(outcomes: pd.DataFrame | None) -> pd.Series:
    """The arm of every customer whose experiment still runs, the latest where there are several."""
    if outcomes is None:
        return pd.Series(dtype=object)
    rows = outcomes[outcomes["read_from"] == TOO_EARLY].sort_values("started_on", kind="stable")
    return rows.drop_duplicates("customer_id", keep="last").set_index("customer_id")["arm"]


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


def power(lost: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """What the drawn arms could show: "with 180 customers you can see an uplift of 9 points or more".

    In: `lost` with arms. Out: Finding experiment.power (share points, the smallest effect seen 4 times in 5); parts:
    treated, control, base_share (mean share that returns by itself), seed (by which the arms were drawn), half (the
    same were half of them left alone). Cases: no arms, or arms too small to show any effect, is not available.
    Reference: LT-17.
    """
    arms, day = lost["arm"].value_counts(), str(as_of.date())
    treated, control = int(arms.get(TREATED, 0)), int(arms.get(CONTROL, 0))
    base = float(lost.loc[lost["arm"].notna(), "return_prob"].mean()) if len(arms) else float("nan")
    effect = None if np.isnan(base) else smallest_effect(treated, control, base)
    parts = {"treated": treated, "control": control, "seed": str(settings.value.seed)}
    common = {
        "unit": "share",
        "n": treated + control,
        "as_of": day,
        "basis": "customers of the win-back list with an arm",
    }
    if effect is None:
        why = f"{treated} treated and {control} left alone are too few to show any effect"
        return not_available("experiment.power", why, **parts, **common)
    half = (treated + control) // 2
    parts |= {"base_share": base, "half": smallest_effect(treated + control - half, half, base)}
    return Finding(id="experiment.power", value=effect, parts=parts, **common)


def log(lost: pd.DataFrame, links: pd.DataFrame, outcomes: pd.DataFrame | None = None, *, as_of: pd.Timestamp):
    """The log of an experiment to keep: one row per customer drawn today, to be given back as table `experiments`.

    In: `lost` with arms and scripts, `links`, `outcomes`. Out: the columns of `experiments`: one experiment a day of
    drawing (`winback-2026-09-30`), the play of the customer's script ("win-back" where it has none), one record of the
    customer by which the next run knows it again, started_on as_of, succeeded empty: what came of it is read from the
    purchases. Customers of an experiment that still runs are in the log of that one. Reference: LT-17.
    """
    new = lost["arm"].notna() & ~lost["customer_id"].isin(_running(outcomes).index)
    rows = lost.loc[new, ["customer_id", "arm", "play_id"]].reset_index(drop=True)
    first = first_records(links)
    rows = rows.assign(
        record_source=rows["customer_id"].map(first["source"]),
        record_id=rows["customer_id"].map(first["record_id"]),
        experiment_id=f"winback-{as_of.date()}",
        play_id=rows["play_id"].fillna(NO_PLAY),
        started_on=as_of,
    )
    return TABLES["experiments"].check(TABLES["experiments"].complete(rows), "experiment.log")


def first_records(links: pd.DataFrame) -> pd.DataFrame:
    """One record of every customer, the first by source and number, indexed by customer_id: source, record_id."""
    ordered = links.sort_values(["source", "record_id"]).drop_duplicates("customer_id")
    return ordered.set_index("customer_id")[["source", "record_id"]]


def outcomes(
    experiments: pd.DataFrame | None,
    purchase_days: pd.DataFrame,
    plays: Iterable[Play] = (),
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """What came of every customer in an experiment: as the client's log says, or read from the purchases.

    In: `experiments`, `purchase_days`; plays, whose review_days say within how many days after the start a purchase is
    a success (90 for a play that is not in the book). Out: `outcomes`. An experiment whose log says of every customer
    whether it succeeded is taken by its word. Where anything is left empty both arms are read alike from the purchases,
    once the review day has come, so that nobody is judged by the caller's word in one arm and by the till in the other.
    Everybody counts in the arm drawn, whether reached or not.
    Cases: no table gives no rows; a record that is no known customer's cannot be read. Reference: LT-17.
    """
    if experiments is None or experiments.empty:
        return TABLES["outcomes"].empty()
    rows = experiments.drop(columns=["record_source", "record_id"], errors="ignore").reset_index(drop=True)
    days = rows["play_id"].map({play.id: play.goal.review_days for play in plays}).fillna(RETURN_DAYS)
    rows = rows.assign(review_on=rows["started_on"] + pd.to_timedelta(days, unit="D"))
    told = rows["succeeded"].notna().groupby(rows["experiment_id"]).transform("all")
    is_due = rows["started_on"].notna() & (rows["review_on"] <= as_of)
    bought = purchase_days[["customer_id", "ordered_on"]].merge(
        rows[["customer_id", "started_on", "review_on"]].reset_index(), on="customer_id"
    )
    after = (bought["ordered_on"] > bought["started_on"]) & (bought["ordered_on"] <= bought["review_on"])
    came = pd.Series(rows.index.isin(bought.loc[after, "index"]), dtype="boolean")
    source = np.select([told, rows["customer_id"].isna(), ~is_due], [LOG, NOBODY, TOO_EARLY], PURCHASES)
    success = rows["succeeded"].astype("boolean").where(told, came.where(source == PURCHASES))
    out = rows.assign(read_from=source, succeeded=success)
    return TABLES["outcomes"].check(TABLES["outcomes"].complete(out), "experiment.outcomes")


def read_out(outcomes: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """The read-out of each play tried: success of the treated minus success of those left alone, and what it proves.

    In: `outcomes`. Out: one Finding experiment.<play_id> each (share points, Newcombe 95 %); parts: verdict "validated"
    (interval above 0 and evidence.min_arm in both arms), "promising" (80 % interval above 0) or "unproven".
    Cases: nothing known yet gives one Finding experiment.none, not available; it says when the first can be read.
    Reference: LT-17.
    """
    day = str(as_of.date())
    if outcomes is None or outcomes.empty:
        why = "no table 'experiments': nothing was tried against a control group"
        return (not_available("experiment.none", why, unit="share", as_of=day),)
    known = outcomes.dropna(subset=["succeeded"])
    if known.empty:
        first = outcomes["review_on"].min()
        why = "no outcome is known yet" + ("" if pd.isna(first) else f"; the first can be read on {first.date()}")
        return (not_available("experiment.none", why, unit="share", as_of=day),)
    return tuple(_read(row, settings, day) for row in evidence(known, settings=settings).to_dict("records"))


def waiting(outcomes: pd.DataFrame, *, as_of: pd.Timestamp) -> Finding:
    """How many customers are in an experiment that still runs, and the day on which the first of them can be read.

    In: `outcomes`. Out: Finding experiment.waiting (count); parts: treated, control, first_on. Cases: none is
    not available. Reference: LT-17.
    """
    rows = outcomes[outcomes["read_from"] == TOO_EARLY]
    common = {
        "unit": "count",
        "as_of": str(as_of.date()),
        "basis": "customers of experiments whose review day is ahead",
    }
    if rows.empty:
        return not_available("experiment.waiting", "no experiment is running", **common)
    arms = rows["arm"].value_counts()
    parts = {arm: int(arms.get(arm, 0)) for arm in (TREATED, CONTROL)} | {
        "first_on": str(rows["review_on"].min().date())
    }
    return Finding(id="experiment.waiting", value=len(rows), n=len(rows), parts=parts, **common)


def _read(row: dict, settings, day: str) -> Finding:
    id, parts = f"experiment.{row['play_id']}", {"verdict": row["status"]}
    parts |= {name: int(row[name]) for name in ("treated", "treated_successes", "control", "control_successes")}
    n, basis = min(parts["treated"], parts["control"]), "customers drawn by lot, treated against left alone"
    if not n:
        return not_available(id, "one arm has no customers", unit="share", as_of=day, basis=basis, **parts)
    ends = {"low": row["low"], "high": row["high"], "level": LEVEL}
    found = Finding(id=id, unit="share", value=row["difference"], n=n, basis=basis, as_of=day, parts=parts, **ends)
    return labelled(found, settings)
