"""The three answers of a leaving customer, what would change them, and how to part (HU-46, HU-47)."""

import pandas as pd

from ..foundation.contracts import TABLES

WAYS = TABLES["leavers_survey"].columns["three_way"].options
IFS = TABLES["leavers_survey"].columns["what_if"].options
CHECK_IN_MONTHS = (6, 12)  # HU-47


def three_ways(leavers_survey: pd.DataFrame) -> pd.DataFrame:
    """Better terms elsewhere, dissatisfied with service, or no longer needed — by what if we could mend or match it.

    In: `leavers_survey` (three_way, what_if). Out: one row per answer in the declared order: three_way, leavers, then a
    count for each outcome of the what-if (would_return, maybe, lost) and unknown. Cases: nobody answered gives no rows.
    Reference: HU-46.
    """
    known = leavers_survey[leavers_survey["three_way"].notna()]
    table = pd.crosstab(known["three_way"], known["what_if"].fillna("unknown"))
    table = table.reindex(index=WAYS if len(known) else [], columns=[*IFS, "unknown"], fill_value=0).rename_axis(
        columns=None
    )
    table.insert(0, "leavers", table.sum(axis=1))
    return table.rename_axis("three_way").reset_index()


def shrunk(returned, contacted, overall: float, weight: float):
    """The share returning of each reason, drawn to the overall share as if `weight` more customers had shown it.

    In: counts, as numbers or arrays. Out: share. 1 of 3 with an overall share of .25 and weight 8 gives 27.3 %.
    Reference: HU-46 (mean of a Beta posterior with prior weight·overall and weight·(1 − overall)).
    """
    return (returned + overall * weight) / (contacted + weight)


def expected_gain(share, value, cost):
    """What a contact is worth: share that returns × remaining value − cost (money). HU-46: .25 × 2000 − 150 = 350."""
    return share * value - cost


def returns_by_reason(
    winback_log: pd.DataFrame, leavers_survey: pd.DataFrame, lost: pd.DataFrame | None = None, *, settings
) -> pd.DataFrame:
    """Of the customers we contacted, the share that returned by the answer they had given, and a contact's worth.

    In: `winback_log`, `leavers_survey` (three_way), `lost` (remaining_value). Out: one row per answer in the declared
    order: three_way, contacted, returned, return_share (drawn to the overall share with recover.reason_prior_weight),
    mean_value (money; empty without `lost`), expected_gain (money for each contact).
    Cases: nobody contacted yet gives no rows; an answer none of the contacted gave has no share. The share is of the
    treated, without a comparison. Reference: HU-46.
    """
    tried = winback_log[~winback_log["status"].isin(["to_contact"])]
    if tried.empty:
        return pd.DataFrame(
            columns=["three_way", "contacted", "returned", "return_share", "mean_value", "expected_gain"]
        )
    answers = leavers_survey.dropna(subset=["three_way"]).drop_duplicates("customer_id", keep="last")
    rows = tried.merge(answers[["customer_id", "three_way"]], on="customer_id")
    rows = rows.assign(is_back=rows["status"] == "returned")
    out = rows.groupby("three_way")["is_back"].agg(contacted="size", returned="sum").reindex(WAYS, fill_value=0)
    overall = float((tried["status"] == "returned").mean())
    drawn = shrunk(out["returned"], out["contacted"], overall, settings.recover.reason_prior_weight)
    out["return_share"] = drawn.where(out["contacted"] > 0)
    out["mean_value"] = float("nan")
    if lost is not None:
        told = answers.merge(lost[["customer_id", "remaining_value"]], on="customer_id")
        out["mean_value"] = told.groupby("three_way")["remaining_value"].mean().reindex(WAYS)
    out["expected_gain"] = expected_gain(out["return_share"], out["mean_value"], settings.recover.contact_cost)
    return out.rename_axis("three_way").reset_index()


def goodbyes(
    winback_log: pd.DataFrame,
    purchase_days: pd.DataFrame,
    leavers_survey: pd.DataFrame | None = None,
    referrals: pd.DataFrame | None = None,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Customers who refused for good: how to part, when to look in again, and whether they came back or advised others.

    In: `winback_log` (refused_permanent), `purchase_days`, `leavers_survey` (three_way), `referrals`. Out: one row per
    customer: customer_id, refused_on (day of contact), three_way, ask_introduction (only when the need is gone; else
    ask nothing), next_check_on (6, then 12 months after; empty later), is_back (bought since), referrals (made since).
    Reference: HU-47, C16.
    """
    refused = winback_log.loc[winback_log["status"] == "refused_permanent", ["customer_id", "contacted_on"]]
    out = refused.rename(columns={"contacted_on": "refused_on"}).reset_index(drop=True)
    answers = pd.Series(dtype=object)
    if leavers_survey is not None:
        answers = leavers_survey.dropna(subset=["three_way"]).drop_duplicates("customer_id", keep="last")
        answers = answers.set_index("customer_id")["three_way"]
    checks = pd.concat([out["refused_on"] + pd.DateOffset(months=months) for months in CHECK_IN_MONTHS], axis=1)
    last = out["customer_id"].map(purchase_days.groupby("customer_id")["ordered_on"].max())
    reason = out["customer_id"].map(answers)
    return out.assign(
        three_way=reason,
        ask_introduction=reason == "need_gone",
        next_check_on=checks.where(checks > as_of).min(axis=1),
        is_back=last > out["refused_on"],
        referrals=_advised(out, referrals),
    )


def _advised(refused: pd.DataFrame, referrals: pd.DataFrame | None) -> pd.Series:
    if referrals is None:
        return pd.Series(0, index=refused.index)
    made = referrals.merge(refused, on="customer_id")
    since = made[made["referred_on"] > made["refused_on"]]
    return refused["customer_id"].map(since["customer_id"].value_counts()).fillna(0).astype(int)
