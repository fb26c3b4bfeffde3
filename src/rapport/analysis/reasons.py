"""Why customers left: what they said, and what only their behaviour suggests (LT-12, LT-15, BG-16, ET-02, HU-25)."""

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available
from .intervals import proportion, wilson

STATED, SUSPECTED = "survey", "suspected from behaviour"
OURS = ("our_action", "our_omission")
CAUSES = {
    "our own acts or omissions": OURS,
    "a competitor": ("competitor",),
    "the need is gone": ("need_gone",),
    "outside anybody's control": ("external",),
}
LACK = "lack_of_attention"  # HU-17
ATTRIBUTIONS = TABLES["leavers_survey"].columns["attribution"].options
ITEMS = {"q1_product": "product or service", "q2_staff": "work of staff", "q3_sale": "time of sale"}
NO_SURVEY = "no table 'leavers_survey'"


def by_customer(
    rows: pd.DataFrame, leavers_survey: pd.DataFrame | None = None, signs: pd.DataFrame | None = None, *, settings
) -> pd.DataFrame:
    """The reason of each lost customer: as stated in the latest answered survey, else the last sign before the silence.

    In: rows with customer_id and last_order_on; `leavers_survey`; `signs` (customer_id, happened_on, sign, ordered_on). Out: one
    row per customer of `rows`: customer_id, reason, reason_source ("survey", "suspected from behaviour" or empty).
    Cases: a reason given as one of the three answers or as an attribution counts when no code is given; a sign counts
    within recover.sign_days of the last purchase, unless it was about an earlier one and the customer bought again after
    it, and is written as a code (late_delivery), as a leaver's own reason
    is. Reference: BG-12.
    """
    out = rows[["customer_id", "last_order_on"]].merge(_stated(leavers_survey), on="customer_id", how="left")
    out = out.merge(_suspected(out, signs, settings.recover.sign_days), on="customer_id", how="left")
    reason = out["stated"].where(out["stated"].notna(), out["suspected"])
    source = out["stated"].notna().map({True: STATED, False: SUSPECTED}).where(reason.notna())
    return pd.DataFrame({"customer_id": out["customer_id"], "reason": reason, "reason_source": source})


def _stated(leavers_survey: pd.DataFrame | None) -> pd.DataFrame:
    if leavers_survey is None:
        return pd.DataFrame({"customer_id": pd.Series(dtype=object), "stated": pd.Series(dtype=object)})
    answers = leavers_survey[leavers_survey["is_answered"]].sort_values("asked_on", kind="stable", na_position="first")
    stated = answers["reason_code"].fillna(answers["three_way"]).fillna(answers["attribution"])
    found = pd.DataFrame({"customer_id": answers["customer_id"], "stated": stated}).dropna()
    return found.drop_duplicates("customer_id", keep="last")


def _suspected(rows: pd.DataFrame, signs: pd.DataFrame | None, within: int) -> pd.DataFrame:
    if signs is None:
        return pd.DataFrame({"customer_id": pd.Series(dtype=object), "suspected": pd.Series(dtype=object)})
    found = signs.merge(rows[["customer_id", "last_order_on"]], on="customer_id")
    near = (found["happened_on"] - found["last_order_on"]).dt.days.between(-within, within)
    before = found["last_order_on"] >= found["happened_on"]
    answered = before & (found["ordered_on"] < found["last_order_on"])
    last = (
        found[near & ~answered]
        .sort_values(["happened_on", "sign"], kind="stable")
        .drop_duplicates("customer_id", keep="last")
    )
    return last[["customer_id"]].assign(suspected=last["sign"].astype("str").str.replace(" ", "_"))


def asked(leavers_survey: pd.DataFrame | None) -> pd.DataFrame | None:
    """The leavers who were asked: rows of a form that nobody filled in are left out.

    In: `leavers_survey`, or None. Out: its rows with a day on which they were asked, or an answer; where no row has a
    day and some have an answer, all of them, since days were not kept then. Reference: HU-25.
    """
    if leavers_survey is None:
        return None
    is_asked = leavers_survey["asked_on"].notna() | leavers_survey["is_answered"]
    if leavers_survey["asked_on"].isna().all() and leavers_survey["is_answered"].any():
        return leavers_survey
    return leavers_survey[is_asked].reset_index(drop=True)


def attributions(leavers_survey: pd.DataFrame) -> pd.DataFrame:
    """Whose act or omission it was, as the leavers say: counts and shares with Wilson 95 % intervals.

    In: `leavers_survey`, one row per leaver asked; an empty attribution is unknown. Out: one row per attribution in the
    declared order: attribution, leavers, share (of all), low, high, known_share (of those with a known one; empty for
    unknown), known_low, known_high. Cases: nobody asked gives no rows. Reference: LT-12, C7.
    """
    said = leavers_survey["attribution"].fillna("unknown")
    out = pd.DataFrame({"leavers": said.value_counts().reindex(ATTRIBUTIONS, fill_value=0)})
    out = out.rename_axis("attribution").reset_index()
    known = out["leavers"].where(out["attribution"] != "unknown")
    out["share"], (out["low"], out["high"]) = out["leavers"] / max(len(said), 1), wilson(out["leavers"], len(said))
    low, high = wilson(known.fillna(0), known.sum())
    out["known_share"] = known / max(known.sum(), 1)
    out = out.assign(known_low=pd.Series(low).where(known.notna()), known_high=pd.Series(high).where(known.notna()))
    return out if len(said) else out.head(0)


def attribution(leavers_survey: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Share of the leavers with a known reason who name our own acts or omissions, held against the premise "most".

    In: `leavers_survey`. Out: Finding reasons.attribution (share of the known, Wilson 95 %); parts: k (known), ours, u
    (unknown), all_share, verdict ("supports", "does not show", "speaks against" the premise that most losses are our
    own doing). Who answers is not who leaves: non-response can bias it. Reference: LT-12, C7; template 5.
    """
    said = pd.Series(dtype=object) if leavers_survey is None else leavers_survey["attribution"].fillna("unknown")
    known, ours = int((said != "unknown").sum()), int(said.isin(OURS).sum())
    why = NO_SURVEY if leavers_survey is None else "no leaver named a reason"
    shared = {"settings": settings, "basis": "leavers asked, with a known reason", "as_of": as_of}
    found = proportion("reasons.attribution", ours, known, because="" if known else why, **shared)
    if not known:
        return found
    verdict = "supports" if found.low > 0.5 else "speaks against" if found.high < 0.5 else "does not show"
    parts = {"k": known, "ours": ours, "u": len(said) - known, "all_share": ours / len(said), "verdict": verdict}
    return proportion("reasons.attribution", ours, known, parts=parts, **shared)


def hypotheses(leavers_survey: pd.DataFrame) -> pd.DataFrame:
    """The rival explanations of why customers leave, each held against "most of them", on the same answers.

    In: `leavers_survey`. Out: one row per explanation: cause, leavers, known (leavers whose attribution, or for want of
    attention whose code, is known), share, low, high (Wilson 95 %), verdict: "most", "not most", or "not shown" where
    the interval holds one half. Explanations may overlap: want of attention is an omission of ours.
    Only those who answered speak. Cases: nobody answered gives no rows; an explanation that was not offered
    (no answer coded so) has no share. Reference: LT-12, HU-17, BG-16, C7.
    """
    said = leavers_survey["attribution"].where(lambda one: one.notna() & one.ne("unknown")).dropna()
    codes = leavers_survey["reason_code"].dropna()
    counts = [(cause, int(said.isin(means).sum()), len(said)) for cause, means in CAUSES.items()]
    unheeded = int((codes == LACK).sum())
    counts.insert(1, ("want of attention", unheeded, len(codes) if unheeded else 0))
    out = pd.DataFrame(counts, columns=["cause", "leavers", "known"])
    low, high = wilson(out["leavers"], out["known"])
    is_known = out["known"] > 0
    ends = {"low": pd.Series(low).where(is_known), "high": pd.Series(high).where(is_known)}
    verdict = np.select([~is_known, low > 0.5, high < 0.5], ["not asked or not coded", "most", "not most"], "not shown")
    out = out.assign(share=out["leavers"] / out["known"].where(is_known), **ends, verdict=verdict)
    return out if is_known.any() else out.head(0)


def reason_table(
    leavers_survey: pd.DataFrame, lost: pd.DataFrame | None = None, *, column: str = "reason_code"
) -> pd.DataFrame:
    """How often each reason was given, with its Wilson 95 % interval, and the value lost with those who gave it.

    In: `leavers_survey`; `lost` (remaining_value); column, which answer: reason_code, attribution, three_way,
    competitor_means, initiator, q1_product, q2_staff or q3_sale. An answer may hold several codes separated by ; and
    counts for each. Out: one row per code, the commonest first: reason, leavers, share (of those who answered this),
    low, high, value_lost (money; empty without `lost`). Reference: LT-12, LT-15, BG-16, ET-02, HU-25.
    """
    given = _codes(leavers_survey, column)
    n = given["leaver"].nunique()
    value = pd.Series(dtype=float) if lost is None else lost.set_index("customer_id")["remaining_value"]
    given = given.assign(value=given["customer_id"].map(value))
    out = given.groupby("reason").agg(leavers=("leaver", "nunique"), value_lost=("value", lambda v: v.sum(min_count=1)))
    out = out.reset_index().sort_values(["leavers", "reason"], ascending=[False, True], ignore_index=True)
    low, high = wilson(out["leavers"], n)
    return out.assign(share=out["leavers"] / max(n, 1), low=low, high=high)[
        ["reason", "leavers", "share", "low", "high", "value_lost"]
    ]


def _codes(leavers_survey: pd.DataFrame, column: str) -> pd.DataFrame:
    answered = leavers_survey[leavers_survey[column].notna()]
    given = pd.DataFrame(
        {
            "leaver": answered.index,
            "customer_id": answered["customer_id"],
            "reason": answered[column].astype(str).str.split(";"),
        }
    ).explode("reason")
    given["reason"] = given["reason"].str.strip()
    return given[given["reason"].ne("")].drop_duplicates(["leaver", "reason"])


def top_reason(leavers_survey: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """The commonest known reason among leavers, as text and as a share.

    In: `leavers_survey`. Out: Findings lost.top_reason (text) and lost.top_reason_share (share, Wilson 95 %).
    Cases: no survey or no reason is not available; of equal reasons the first by name. Reference: LT-16.
    """
    table = pd.DataFrame() if leavers_survey is None else reason_table(leavers_survey)
    day, basis = str(as_of.date()), "leavers who gave a reason"
    if table.empty:
        why = NO_SURVEY if leavers_survey is None else "no leaver gave a reason"
        text = not_available("lost.top_reason", why, unit="text", as_of=day, basis=basis)
        return text, not_available("lost.top_reason_share", why, unit="share", as_of=day, basis=basis)
    n, first = int(leavers_survey["reason_code"].notna().sum()), table.iloc[0]
    share = proportion(
        "lost.top_reason_share",
        int(first["leavers"]),
        n,
        settings=settings,
        basis=basis,
        as_of=as_of,
        parts={"reason": first["reason"]},
    )
    return Finding(id="lost.top_reason", unit="text", value=first["reason"], n=n, basis=basis, as_of=day), share


def buckets(leavers_survey: pd.DataFrame, lost: pd.DataFrame | None = None) -> pd.DataFrame:
    """Our own defects beside the means by which competitors attracted customers, each with its codes.

    In: `leavers_survey`, `lost`. Out: as `reason_table`, with bucket first: "our own defects" (reason codes of leavers
    who name our act or omission) or "competitors' means". Who names both counts in each; `both_buckets` counts persons.
    Reference: LT-15.
    """
    own = leavers_survey[leavers_survey["attribution"].isin(OURS)]
    parts = {"our own defects": (own, "reason_code"), "competitors' means": (leavers_survey, "competitor_means")}
    tables = [reason_table(rows, lost, column=column).assign(bucket=name) for name, (rows, column) in parts.items()]
    out = pd.concat(tables, ignore_index=True)
    return out[["bucket", *out.columns.drop("bucket")]]


def both_buckets(leavers_survey: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Leavers who named a defect of ours, a competitor's means or both, each person once.

    In: `leavers_survey`. Out: Finding reasons.buckets (count); parts: own, competitor, both. Reference: LT-15.
    """
    common = {"unit": "count", "as_of": str(as_of.date()), "basis": "leavers asked"}
    if leavers_survey is None:
        return not_available("reasons.buckets", NO_SURVEY, **common)
    own = leavers_survey["attribution"].isin(OURS) & leavers_survey["reason_code"].notna()
    theirs = leavers_survey["competitor_means"].notna()
    parts = {"own": int(own.sum()), "competitor": int(theirs.sum()), "both": int((own & theirs).sum())}
    value = int((own | theirs).sum())
    return Finding(id="reasons.buckets", value=value, n=len(leavers_survey), parts=parts, **common)


def initiators(leavers_survey: pd.DataFrame) -> pd.DataFrame:
    """Who ended it, by reason: one row per initiator, its leavers and share, and a count for each attribution.

    In: `leavers_survey`. Out: initiator, leavers, share, low, high (Wilson 95 %), then one column per attribution.
    Cases: an empty initiator is unknown. Reference: BG-16.
    """
    who = leavers_survey["initiator"].fillna("unknown")
    crossed = pd.crosstab(who, leavers_survey["attribution"].fillna("unknown")).reindex(
        columns=ATTRIBUTIONS, fill_value=0
    )
    counts = crossed.sum(axis=1)
    low, high = wilson(counts, counts.sum())
    head = pd.DataFrame({"leavers": counts, "share": counts / max(counts.sum(), 1), "low": low, "high": high})
    out = head.join(crossed).rename_axis("initiator").reset_index()
    return out.sort_values(["leavers", "initiator"], ascending=[False, True], ignore_index=True)


def response(leavers_survey: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Share of the leavers asked who answered: how far the reasons can be trusted to speak for all who left.

    In: `leavers_survey`. Out: Finding reasons.response (share, Wilson 95 %); parts: warning. Reference: HU-25.
    """
    n, back = (0, 0) if leavers_survey is None else (len(leavers_survey), int(leavers_survey["is_answered"].sum()))
    why = NO_SURVEY if leavers_survey is None else "nobody was asked"
    return proportion(
        "reasons.response",
        back,
        n,
        settings=settings,
        basis="leavers asked",
        as_of=as_of,
        because="" if n else why,
        parts={"warning": "those who do not answer may have left for other reasons", "silent": n - back},
    )


def items(leavers_survey: pd.DataFrame, lost: pd.DataFrame | None = None) -> pd.DataFrame:
    """The refusers' three answers as coded: what does not fit, what was disliked in staff, what annoyed at the sale.

    In: `leavers_survey` (q1_product, q2_staff, q3_sale, coded), `lost`. Out: as `reason_table`, with item first.
    Reference: HU-25.
    """
    tables = [reason_table(leavers_survey, lost, column=name).assign(item=words) for name, words in ITEMS.items()]
    out = pd.concat(tables, ignore_index=True)
    return out[["item", *out.columns.drop("item")]]
