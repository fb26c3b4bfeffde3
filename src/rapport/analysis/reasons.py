"""Why customers left: what they said, and what only their behaviour suggests (LT-12, LT-15, HU-25, HU-46)."""

import pandas as pd

STATED, SUSPECTED = "survey", "suspected from behaviour"


def by_customer(
    rows: pd.DataFrame, leavers_survey: pd.DataFrame | None = None, signs: pd.DataFrame | None = None, *, settings
) -> pd.DataFrame:
    """The reason of each lost customer: as stated in the latest answered survey, else the last sign before the silence.

    In: rows with customer_id and last_order_on; `leavers_survey`; `signs` (customer_id, happened_on, sign). Out: one
    row per customer of `rows`: customer_id, reason, reason_source ("survey", "suspected from behaviour" or empty).
    Cases: a reason given as an attribution or one of the three answers counts when no code is given. Reference: BG-12.
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
    last = found[near].sort_values(["happened_on", "sign"], kind="stable").drop_duplicates("customer_id", keep="last")
    return last[["customer_id", "sign"]].rename(columns={"sign": "suspected"})
