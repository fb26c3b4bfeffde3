"""Real reasons for leaving through the reason tables: 1,869 lost customers of a telephone company, 20 reasons.

    python benchmarks/telco_reasons.py [TELCO_CUSTOMER_CHURN.xlsx]

Data: IBM's Telco customer churn sample, read from shared/data/telco_churn beside the repository when no file is named.
Which act or omission a reason names, and by what means a competitor attracted, is our reading of its words
and stands below. Writes results/telco_reasons.md.
"""

import sys
from pathlib import Path

import pandas as pd
from heading import heading

from rapport.analysis import neglect, reasons
from rapport.foundation.settings import settings

FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "telco_churn" / "Telco_customer_churn.xlsx"
RESULT = Path(__file__).parent / "results" / "telco_reasons.md"
AS_OF = pd.Timestamp("2019-09-30")
READ = {  # reason: attribution, means of the competitor, three-way answer
    "Attitude of support person": ("our_action", None, "service"),
    "Attitude of service provider": ("our_action", None, "service"),
    "Network reliability": ("our_omission", None, "service"),
    "Product dissatisfaction": ("our_omission", None, "service"),
    "Service dissatisfaction": ("our_omission", None, "service"),
    "Lack of self-service on Website": ("our_omission", None, "service"),
    "Limited range of services": ("our_omission", None, "service"),
    "Poor expertise of phone support": ("our_omission", None, "service"),
    "Poor expertise of online support": ("our_omission", None, "service"),
    "Lack of affordable download/upload speed": ("our_omission", None, "terms"),
    "Price too high": ("our_action", None, "terms"),
    "Extra data charges": ("our_action", None, "terms"),
    "Long distance charges": ("our_action", None, "terms"),
    "Competitor offered higher download speeds": ("competitor", "product", "terms"),
    "Competitor offered more data": ("competitor", "terms", "terms"),
    "Competitor made better offer": ("competitor", "price", "terms"),
    "Competitor had better devices": ("competitor", "product", "terms"),
    "Moved": ("external", None, "need_gone"),
    "Deceased": ("external", None, "need_gone"),
    "Don't know": ("unknown", None, None),
}


def leavers(file: Path = FILE) -> pd.DataFrame:
    """The lost customers as table `leavers_survey`."""
    rows = pd.read_excel(file, engine="calamine")
    left = rows[rows["Churn Label"] == "Yes"].reset_index(drop=True)
    said = left["Churn Reason"].map(READ)
    return pd.DataFrame(
        {
            "customer_id": left["CustomerID"],
            "asked_on": AS_OF,
            "is_answered": left["Churn Reason"] != "Don't know",
            "reason_code": left["Churn Reason"],
            "attribution": said.str[0],
            "competitor_means": said.str[1],
            "three_way": said.str[2],
            "initiator": "customer",
        }
    )


def _share(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.1%}"


def main() -> None:
    survey = leavers(*map(Path, sys.argv[1:2]))
    told = reasons.attribution(survey, settings=settings(), as_of=AS_OF)
    attention = neglect.stated(survey, settings=settings(), as_of=AS_OF)
    lines = [
        *heading("Reasons of 1,869 real leavers"),
        f"Of {told.n:,} leavers with a known reason {told.value:.1%} [{told.low:.1%}–{told.high:.1%}] name the firm's",
        f"own acts or omissions: this {told.parts['verdict']} the majority premise; {told.parts['u']} do not know.",
        f"Want of attention: {attention.because}.",
        "",
        "| rival explanation | leavers | of | share | 95 % interval | verdict |",
        "|---|---:|---:|---:|---|---|",
        *(
            f"| {row.cause} | {row.leavers} | {row.known} | {_share(row.share)} | {_share(row.low)}–{_share(row.high)} "
            f"| {row.verdict} |"
            for row in reasons.hypotheses(survey).itertuples()
        ),
        "",
        "| reason | leavers | share | 95 % interval | read as |",
        "|---|---:|---:|---|---|",
        *(
            f"| {row.reason} | {row.leavers} | {row.share:.1%} | {row.low:.1%}–{row.high:.1%} | {READ[row.reason][0]} |"
            for row in reasons.reason_table(survey).itertuples()
        ),
        "",
    ]
    RESULT.write_text("\n".join(lines), "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
