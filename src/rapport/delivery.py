"""What leaves the house: the executed pages as one HTML report, the tables as one workbook, past the privacy gate."""

import re
from collections.abc import Sequence
from pathlib import Path

from .foundation.engagement import Engagement
from .foundation.errors import RunError
from .foundation.runs import write_atomically
from .log_sheets import write_logs
from .present.gate import leaks
from .present.report import compile_report
from .present.tables import IN_WORKBOOK
from .present.workbook import write_workbook
from .review_sheet import write_review
from .stages import STAGES

NOTES = "notes.md"  # decisions and approvals, kept by whoever does the work
TITLE = "Customer strategy: retain, recover, acquire"
_MAY_BE_A_NAME = re.compile(r"[^\W\d_].*\s|\s.*[^\W\d_]|@|^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$")


def deliver(firm: Engagement, left_out: Sequence[str] = ()) -> Path:
    """Write the report into the engagement's run, with the workbook, the review sheet and the logs; returns its path.

    `left_out` are the pages the run does not hold, by their short names; the cover of the report says so.
    With `names: hide` the finished HTML is searched for the client's customers by name (also where the name serves as
    their number) and for e-mails, telephones, IBANs and cards; a find raises RunError and leaves the report that was there.
    """
    folder = firm.run.folder / "report"
    report = write_atomically(folder / "index.html", lambda draft: _checked_report(firm, draft, left_out))
    sheets = {table: frame for table in IN_WORKBOOK if (frame := firm.read_if_given(table)) is not None and len(frame)}
    write_workbook(sheets, folder / "actions.xlsx", title=TITLE, client=firm.file.client, as_of=_day(firm))
    write_review(firm)
    write_logs(firm)
    return report


def _checked_report(firm: Engagement, draft: Path, left_out: Sequence[str]) -> None:
    compile_report(
        [firm.run.folder / "pages" / one.notebook for one in STAGES if one.short not in left_out],
        draft,
        title=TITLE,
        client=firm.file.client,
        as_of=_day(firm),
        language=firm.file.language,
        currency=firm.file.currency,
        manifest=_facts(firm) | {"left_out": ", ".join(left_out)},
        draft=firm.read_or_empty("approvals").empty,
    )
    if firm.file.names == "hide":
        own = {firm.file.client, *firm.file.allow, *_own_people(firm)}
        found = leaks(draft, names=_customers(firm), allowed=own)
        if found:
            raise RunError(
                f"the report shows {len(found):,} personal details although names are hidden, first: {found[0]}.",
                str(firm.run.folder / "pages"),
                "show customers through firm.named(…) on that page; list what may be shown under `allow:` in "
                "engagement.yml; or set `names: show` for an internal copy.",
            )


def _customers(firm: Engagement) -> set[str]:
    """The customers by name, and by number where the number may be a name: it holds a letter and a blank (a payer on a
    bank statement), an @, or looks like an account. Plain codes are no names: a word of the report may look like one.
    """
    customers, records = firm.read("customers"), firm.read_or_empty("records")
    numbers = {*customers["customer_id"], *records["record_id"]}
    return {*customers["name"].dropna(), *(number for number in numbers if _MAY_BE_A_NAME.search(number))}


def _own_people(firm: Engagement) -> set[str]:
    """The firm's own people, by the names and codes the client uses for them: they may be customers as well."""
    managers = firm.read_or_empty("managers")
    sellers = firm.transactions().manager_id.name("seller").as_table().distinct().to_pandas()["seller"]
    return {str(one) for column in (managers["name"], managers["manager_id"], sellers) for one in column.dropna()}


def _facts(firm: Engagement) -> dict:
    """What the cover and the last section of the report print of the run."""
    manifest = firm.run.manifest
    approvals = firm.read_or_empty("approvals").tail(1).to_dict("records")
    days = firm.transactions().ordered_on
    notes = firm.folder / NOTES
    return {
        "notes": notes.read_text("utf-8") if notes.exists() else "",
        "kit": f"rapport {manifest['packages']['rapport']}",
        "period": (f"{days.min().to_pandas():%Y-%m-%d}", _day(firm)),
        "approved_by": approvals[0]["approved_by"] if approvals else None,
        "approved_on": approvals[0]["approved_on"] if approvals else None,
        "inputs": [{"name": name, **facts} for name, facts in manifest["inputs"].items()],
        "versions": manifest["packages"],
    }


def _day(firm: Engagement) -> str:
    return f"{firm.as_of:%Y-%m-%d}"
