"""Who gets a play: those who qualify, less those who did not agree to it, would cost more than they are expected to
bring, are contacted enough already, or find no manager with time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..foundation.finding import Finding
from ..foundation.play import PHASES, Play
from .attention import attention
from .conditions import Subjects, Verdict, subjects, verdict
from .evidence import evidence, proven
from .firm import firm_facts
from .stakes import Stake, stake

CUSTOMERS = ("customer", "key_account")
STATUSES = ("validated", "promising", "unproven")


@dataclass(frozen=True)
class Allotment:
    """A play and the subjects it was given: their places among the subjects, who is treated, what is at stake with
    each.

    `left_out` counts, by reason, those who qualified and were not given the play.
    """

    play: Play
    known: Subjects
    judged: Verdict
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    treated: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    at_stake: np.ndarray = field(default_factory=lambda: np.zeros(0))
    stake: Stake | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def cost(self) -> np.ndarray:
        """Cost of each subject: its own and an equal part of the fixed cost; 0 for those held out."""
        each = self.play.cost.per_customer + self.play.cost.fixed / max(self.treated.sum(), 1)
        return np.where(self.treated, each, 0.0)

    def gain(self, case: str) -> np.ndarray:
        """Expected gain of each subject after cost (case low, mid or high); 0 for those held out, missing where
        unpriced.
        """
        effect, unit = getattr(self.play.effect, case), self.play.effect.unit
        gross = np.full(len(self.rows), effect if unit == "money" else np.nan)
        if unit == "share" and self.stake.is_margin:
            gross = effect * self.at_stake
        return np.where(self.treated | np.isnan(gross), gross - self.cost, 0.0)


def allotments(
    plays: Iterable[Play],
    tables: Mapping[str, pd.DataFrame],
    *,
    facts: Iterable[Finding],
    settings,
    as_of: pd.Timestamp,
) -> list[Allotment]:
    """One Allotment per play, in the order retain → recover → acquire and then by id, whatever the order of `plays`.

    Scarce marketing contacts go by the declared priority: phase, then evidence (validated, promising, unproven), then
    expected gain a subject, then id. Reference: LT-01, LT-10, LT-17.
    """
    given = _with_attention({name: frame for name, frame in tables.items() if frame is not None}, settings, as_of)
    tried = given.get("outcomes", given.get("experiments"))
    shown = None if tried is None else evidence(tried, settings=settings)
    plays = proven([_in_currency(play, settings.plan.cost_level) for play in plays], shown, settings=settings)
    known = subjects(given, [*firm_facts(given, plays, settings=settings, as_of=as_of), *facts])
    willing = [_willing(play, known[play.applies_to], settings) for play in plays]
    contacts = np.zeros(len(known["customer"].ids), np.int32)
    done = []
    for one in sorted(willing, key=_priority):
        chosen = _feasible(one, contacts, settings)
        if chosen.play.consent == "marketing":
            contacts[chosen.rows[chosen.treated]] += chosen.play.contacts
        done.append(chosen)
    return sorted(done, key=lambda one: (PHASES.index(one.play.phase), one.play.id))


def _in_currency(play: Play, level: float) -> Play:
    """The play with kit-default money, which is in euro, in the engagement's currency; the client's own stays."""
    changed: dict = {}
    if play.cost.source == "kit-default":
        fields = {"per_customer": play.cost.per_customer * level, "fixed": play.cost.fixed * level}
        changed["cost"] = play.cost.model_copy(update=fields)
    if play.effect.unit == "money" and play.effect.source == "kit-default":
        fields = {case: getattr(play.effect, case) * level for case in ("low", "mid", "high")}
        changed["effect"] = play.effect.model_copy(update=fields)
    return play.model_copy(update=changed)


def _with_attention(given: dict[str, pd.DataFrame], settings, as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """The tables with `attention` computed from `contacts`, where contacts were given and it was not."""
    ids = Subjects("customer", given, {}).ids
    if "attention" in given or "contacts" not in given or not len(ids):
        return given
    return given | {"attention": attention(given["contacts"], ids, settings=settings, as_of=as_of)}


def _willing(play: Play, known: Subjects, settings) -> Allotment:
    """Those who meet the conditions and, for marketing, are known to agree; all of them treated so far."""
    judged = Verdict() if play.is_off else verdict(play, known)
    if play.is_off or judged.missing:
        return Allotment(play, known, judged)
    rows, left_out = np.flatnonzero(judged.holds), {}
    if play.consent == "marketing":
        agrees = known.column("consent_marketing").astype("boolean").fillna(False).to_numpy(bool)[rows]
        left_out["not known to agree to marketing"] = int((~agrees).sum())
        rows = rows[agrees]
    at = stake(play, known, settings)
    pays = _pays(play, at, rows)
    if not pays.all():
        left_out["not expected to bring back their own cost"] = int((~pays).sum())
    rows = rows[pays]
    return Allotment(play, known, judged, rows, np.ones(len(rows), bool), at.money[rows], at, left_out)


def _pays(play: Play, at: Stake, rows: np.ndarray) -> np.ndarray:
    """Where the middle effect covers the subject's own cost; key customers, the firm and unpriced plays always pass."""
    priced = play.effect.unit == "share" and play.effect.mid > 0 and at.is_margin
    if not priced or play.applies_to in ("key_account", "firm"):
        return np.ones(len(rows), bool)
    return ~(play.effect.mid * at.money[rows] < play.cost.per_customer)


def _priority(one: Allotment) -> tuple:
    gain = one.gain("mid") if len(one.rows) else np.zeros(0)
    mean = float(np.nanmean(gain)) if np.isfinite(gain).any() else -np.inf
    return PHASES.index(one.play.phase), STATUSES.index(one.play.status), -mean, one.play.id


def _feasible(one: Allotment, contacts: np.ndarray, settings) -> Allotment:
    """Those left after the contact cap and the managers' capacity, parted into treated and held out."""
    if not len(one.rows):
        return one
    play, left_out, keep = one.play, dict(one.left_out), np.ones(len(one.rows), bool)
    if play.consent == "marketing" and play.contacts:
        keep = contacts[one.rows] + play.contacts <= settings.plan.contact_cap
        left_out["at the contact cap"] = int((~keep).sum())
    if play.per_manager is not None and play.applies_to in CUSTOMERS:
        fits = _within_capacity(one, keep)
        left_out[f"beyond {play.per_manager} a manager"] = int((keep & ~fits).sum())
        keep = fits
    rows = one.rows[keep]
    held_out = _held_out(play, one.known, rows, settings.value.seed)
    return replace(one, rows=rows, treated=~held_out, at_stake=one.at_stake[keep], left_out=left_out)


def _within_capacity(one: Allotment, keep: np.ndarray) -> np.ndarray:
    """Of those kept, the `per_manager` with most at stake for each manager; ties go to the earlier id."""
    kept = np.flatnonzero(keep)
    order = kept[np.lexsort((one.known.place[one.rows[kept]], np.nan_to_num(-one.at_stake[kept], nan=np.inf)))]
    manager = pd.Series(one.known.managers.codes[one.rows[order]])
    fits = np.zeros(len(keep), bool)
    fits[order[manager.groupby(manager).cumcount().to_numpy() < one.play.per_manager]] = True
    return fits


def _held_out(play: Play, known: Subjects, rows: np.ndarray, seed: int) -> np.ndarray:
    """Who is left alone: within each segment the customers with the lowest hash of seed, play and id.

    The hash of a customer never changes, so a later run holds out the same customers but for a few at the margin. Those
    held out by the win-back experiment stay held out of every recovery play that has a holdout.
    """
    if not play.holdout_share or play.applies_to not in (*CUSTOMERS, "prospect"):
        return np.zeros(len(rows), bool)
    if play.phase == "recover" and play.applies_to in CUSTOMERS and "lost" in known.tables and not known.lacks("arm"):
        return known.column("arm").eq("control").to_numpy()[rows]
    strata = np.zeros(len(rows), int)
    if play.applies_to in CUSTOMERS and not known.lacks("segment"):
        strata = known.codes("segment")[0][rows]
    lots = _mixed(known.hashes[rows] ^ pd.util.hash_array(np.array([f"{seed}:{play.id}"], object))[0])
    order = np.lexsort((lots, strata))
    sizes = np.bincount(strata + 1)
    ends = np.floor(np.cumsum(sizes) * play.holdout_share + 0.5).astype(int)
    quota = np.diff(ends, prepend=0)
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(rows)) - starts[strata[order] + 1]
    held = np.zeros(len(rows), bool)
    held[order[place < quota[strata[order] + 1]]] = True
    return held


def _mixed(lots: np.ndarray) -> np.ndarray:
    """The finalizer of splitmix64: every bit of the input changes about half of the bits of the output."""
    lots = (lots ^ (lots >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    lots = (lots ^ (lots >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return lots ^ (lots >> np.uint64(31))
