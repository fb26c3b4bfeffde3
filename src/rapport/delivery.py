"""What leaves the house: the executed pages as one HTML report, the tables as one workbook, past the privacy gate."""

from pathlib import Path

from .foundation.engagement import Engagement
from .foundation.errors import RunError
from .present.gate import leaks
from .present.report import compile_report
from .present.workbook import write_workbook
from .stages import STAGES

IN_WORKBOOK = ("assignments", "play_gates", "lost", "classes", "values", "prospects_ranked", "ambiguous", "quality")
CONTACT_COLUMNS = ("name", "email", "phone")


def deliver(firm: Engagement) -> Path:
    """Write `report/index.html` and `report/actions.xlsx` into the engagement's run; returns the report's path.

    With `names: hide` the finished HTML is searched for the client's customers by name, e-mail, phone, IBAN or card;
    a find raises RunError and the report is not left behind.
    """
    folder = firm.run.folder / "report"
    report = compile_report(
        [firm.run.folder / "pages" / one.notebook for one in STAGES],
        folder / "index.html",
        client=firm.file.client,
        as_of=f"{firm.as_of:%Y-%m-%d}",
        language=firm.file.language,
        manifest=firm.run.manifest,
        draft=firm.read_if_given("approvals") is None,
    )
    if firm.file.names == "hide":
        _refuse_leaks(report, firm)
    sheets = {table: frame for table in IN_WORKBOOK if (frame := firm.read_if_given(table)) is not None}
    write_workbook(sheets, folder / "actions.xlsx", client=firm.file.client, as_of=f"{firm.as_of:%Y-%m-%d}")
    return report


def _refuse_leaks(report: Path, firm: Engagement) -> None:
    customers = firm.read("customers")
    found = leaks(report.read_text("utf-8"), names=customers["name"].dropna())
    if found:
        report.unlink()
        raise RunError(
            f"the report shows {len(found)} personal details although names are to be hidden: {found[0]}.",
            str(report),
            "show customers through firm.named(…) on that page, or set `names: show` for an internal copy.",
        )
