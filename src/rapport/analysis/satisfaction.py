"""What customers say of us: how satisfied they are, why they stay, what more they would buy, and whether a low score was
followed up (BG-14, ET-10, HU-08).
"""

import pandas as pd

from ..foundation.finding import Finding, not_available
from .intervals import proportion, wilson

NO_ANSWERS = "no table 'satisfaction'"
PROMOTER, PASSIVE = 9, 7  # of 0 to 10: from 9 on a promoter, below 7 a detractor (Reichheld 2003)
TOP = 5  # where no score is above this, the scale is hardly 0 to 10


def latest(satisfaction: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """The last answer of each customer up to as_of, column by column: customer_id, answered_on, score, stay_reason,
    more_from_us. An answer without a day counts as the oldest.
    """
    rows = satisfaction[~(satisfaction["answered_on"] > as_of)].dropna(subset="customer_id")
    rows = rows.sort_values("answered_on", na_position="first", kind="stable")
    columns = ["answered_on", "score", "stay_reason", "more_from_us"]
    return rows.groupby("customer_id")[columns].last().reset_index()


def scores(satisfaction: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> tuple[Finding, Finding]:
    """Findings satisfaction.promoters and satisfaction.detractors: shares of the customers who gave a score of 9 or 10,
    and of 6 or less (of 0 to 10; Wilson 95 %). Their difference is the net promoter score, part nps of the first.

    In: `satisfaction`, or None. Cases: scores that never exceed 5 are hardly of 0 to 10: not available, with the cure.
    Those who answer are not everybody. Reference: BG-14, RU-08.
    """
    ids = ("satisfaction.promoters", "satisfaction.detractors")
    basis = "customers by their last score, 0 to 10"
    rest = {"settings": settings, "basis": basis, "as_of": as_of}
    known = None if satisfaction is None else latest(satisfaction, as_of=as_of)["score"].dropna()
    why = ""
    if known is None or known.empty:
        why = NO_ANSWERS if known is None else "satisfaction.score is empty"
    elif known.max() <= TOP:
        why = f"no score is above {known.max():g}: give scores of 0 to 10, for example `compute: {{score: 2 * Score}}`"
    if why:
        return tuple(not_available(id, why, unit="share", as_of=str(as_of.date()), basis=basis) for id in ids)
    high, low, n = int((known >= PROMOTER).sum()), int((known < PASSIVE).sum()), len(known)
    nps = round(100 * (high - low) / n)
    return (
        proportion(ids[0], high, n, parts={"nps": nps}, **rest),
        proportion(ids[1], low, n, **rest),
    )


def counted(satisfaction: pd.DataFrame, column: str, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """What customers answered in `column` (stay_reason or more_from_us), by their last answer: answer, customers, share,
    low, high (Wilson 95 %), the commonest first. Written alike but for case and blanks counts as one answer.
    """
    told = latest(satisfaction, as_of=as_of)[column].dropna()
    told = told.str.split().str.join(" ").str.casefold()
    told = told[told != ""]
    counts = told.value_counts().rename_axis("answer").reset_index(name="customers")
    low, high = wilson(counts["customers"], len(told)) if len(counts) else ([], [])
    made = counts.assign(share=counts["customers"] / max(len(told), 1), low=low, high=high)
    return made.sort_values(["customers", "answer"], ascending=[False, True], ignore_index=True)


def left_alone(satisfaction: pd.DataFrame, contacts: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Customers whose last score was low and whom nobody reached out to within service.follow_up_days: customer_id,
    answered_on, score, days (since the answer), the lowest score first. Scores younger than that are not judged yet.

    In: `satisfaction`, `contacts` (outbound). Reference: BG-14.
    """
    rows = latest(satisfaction, as_of=as_of).dropna(subset=["score", "answered_on"])
    days = (as_of - rows["answered_on"]).dt.days
    low = rows[(rows["score"] < PASSIVE) & (days > settings.service.follow_up_days)].assign(days=days.astype(float))
    sent = contacts.loc[contacts["direction"] == "out", ["customer_id", "contacted_on"]]
    both = low.merge(sent, on="customer_id")
    after = (both["contacted_on"] - both["answered_on"]).dt.days
    heard = both.loc[after.between(0, settings.service.follow_up_days), "customer_id"]
    columns = ["customer_id", "answered_on", "score", "days"]
    alone = low[~low["customer_id"].isin(heard)]
    return alone.sort_values(["score", "customer_id"], ignore_index=True)[columns]
