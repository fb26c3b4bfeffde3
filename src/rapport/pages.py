"""How a page opens: the engagement, the language and currency of the page, and what the data allow it to say."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from .analysis.quality import withheld
from .analysis.quality.readiness import FINDINGS
from .foundation.engagement import FILE, Engagement, open_engagement
from .foundation.errors import RunError
from .foundation.runs import LAB
from .present.display import banner, start_page
from .present.words import said
from .stages import stage

LEVELS = {"not_possible": "red", "caution": "amber"}


def open_page(engagement: str | Path, run: str = LAB, page: str | None = None) -> Engagement:
    """The engagement in the folder `engagement`, reading and writing `run`; the page speaks its language from here on.

    `run` is "lab" when a page is worked on in JupyterLab, or the name of a run, given by the runner. `page` is the
    page's own name in the chain ("retain"): it then obeys the verdicts of the first page. What may be done with caution
    only is announced by a banner; findings and charts of what is not possible give way to the reason, on the page and
    in what it stores. Raises RunError when the first page found no customer at all: no later page can say anything.
    """
    firm = open_engagement(engagement, run)
    verdicts = firm.read_or_empty("readiness") if page else pd.DataFrame(columns=["analysis", "verdict", "because"])
    _refuse_without_customers(firm, verdicts)
    barred = withheld(verdicts)
    start_page(language=firm.file.language, currency=firm.file.currency, withheld=barred)
    ours = verdicts[verdicts["analysis"].isin(stage(page).obeys if page else ())]
    has_second_way = (ours["verdict"] == "not_possible") & ~ours["analysis"].isin(FINDINGS)
    ours = ours.assign(verdict=ours["verdict"].mask(has_second_way, "caution"))
    for verdict, level in LEVELS.items():
        told = ours[ours["verdict"] == verdict]
        if len(told):
            listed = [said("readiness.one", **row) for row in told[["analysis", "because"]].to_dict("records")]
            banner(said(f"readiness.{verdict}", analyses="; ".join(listed)), level)
    return replace(firm, withheld=barred)


def _refuse_without_customers(firm: Engagement, verdicts: pd.DataFrame) -> None:
    barred = verdicts[(verdicts["analysis"] == "classify") & (verdicts["verdict"] == "not_possible")]
    for because in barred["because"]:
        raise RunError(
            f"nothing can be said of customers: {because}.",
            str(firm.folder / FILE),
            "map the customer's number (`record_id`) of a source of transactions, or give a source that has one.",
        )
