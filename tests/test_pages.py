"""A page obeys the verdicts of the first one: banners, reasons in place of results, nothing withheld is stored."""

from pathlib import Path

import pandas as pd
import pytest

from rapport.analysis.quality.readiness import ANALYSES, FINDINGS
from rapport.foundation.contracts import TABLES
from rapport.foundation.errors import RunError
from rapport.foundation.finding import Finding
from rapport.foundation.library import library_folder
from rapport.pages import open_page
from rapport.present import display
from rapport.present.charts.canvas import Chart
from rapport.stages import STAGES

YAML = """client: Small
currency: EUR
country: LT
as_of: 2026-09-30
sources:
  sales: {table: transactions, file: raw/sales.csv, columns: {record_id: id, ordered_on: day, net_amount: sum}}
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """An engagement whose first page found reasons for loss not possible, and attention to be taken with caution."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "engagement.yml").write_text(YAML, "utf-8")
    rows = [("recover_reasons", "not_possible", "nobody was asked"), ("attention", "caution", "few contacts")]
    rows += [("cac", "ready", "20 rows of spend")]
    frame = pd.DataFrame(rows, columns=list(TABLES["readiness"].columns))
    open_page(tmp_path).write(readiness=TABLES["readiness"].check(frame, "test"))
    return tmp_path


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    """Everything the page shows, as HTML."""
    shown: list[str] = []
    monkeypatch.setattr(display, "display", lambda data, raw, metadata: shown.extend(data.values()))
    return shown


def finding(id: str) -> Finding:
    return Finding(id=id, value=1.0, unit="share", n=40, basis="customers", as_of="2026-09-30")


def test_what_is_not_possible_gives_way_to_its_reason_on_the_page_and_in_the_store(folder, sent):
    firm = open_page(folder, page="recover")
    display.show(finding("reasons.some_share"))
    display.show(finding("made.some_share"))
    assert "nobody was asked" in sent[-2]
    assert "100" not in sent[-2]
    assert "100" in sent[-1]
    firm.keep("5_recover", finding("reasons.some_share"), finding("made.some_share"))
    assert firm.allowed(finding("reasons.some_share")).value is None
    stored = firm.findings()
    assert (stored["reasons.some_share"].value, stored["reasons.some_share"].because) == (None, "nobody was asked")
    assert stored["made.some_share"].value == 1.0


def test_a_chart_drawn_with_a_withheld_finding_is_not_shown(folder, sent):
    open_page(folder, page="recover")
    chart = Chart(None, "t", "s", "a", findings=("reasons.some_share",))
    display.show(chart)
    assert "No chart: nobody was asked." in sent[-1]
    assert "<svg" not in sent[-1]


def test_a_banner_for_each_verdict_that_concerns_the_page_and_for_no_other(folder, sent):
    open_page(folder, page="recover")
    text = " ".join(sent[1:])
    assert "Not possible with the data received" in text
    assert "reasons for loss (nobody was asked)" in text
    assert "With caution" in text
    assert "few contacts" in text
    sent.clear()
    open_page(folder, page="acquire")
    assert not any("With caution" in one or "Not possible" in one for one in sent)


def test_an_analysis_with_a_second_way_is_announced_as_a_caution(folder, sent):
    frame = pd.DataFrame(
        [("value_model", "not_possible", "9 customers: rules are used")], columns=["analysis", "verdict", "because"]
    )
    open_page(folder).write(readiness=frame)
    sent.clear()
    open_page(folder, page="value")
    assert "With caution" in sent[-1]
    assert "rules are used" in sent[-1]
    assert not any("Not possible" in one for one in sent)


def test_a_page_opened_without_its_name_obeys_nothing(folder, sent):
    open_page(folder, page="recover")
    open_page(folder)
    display.show(finding("reasons.some_share"))
    assert "100" in sent[-1]


def test_without_a_customer_every_later_page_stops_with_the_reason(folder):
    frame = pd.DataFrame(
        [("classify", "not_possible", "no sale names a customer")], columns=["analysis", "verdict", "because"]
    )
    open_page(folder).write(readiness=frame)
    with pytest.raises(RunError, match=r"no sale names a customer[\s\S]*record_id"):
        open_page(folder, page="classify")
    assert open_page(folder).as_of == pd.Timestamp("2026-09-30")


def test_every_verdict_is_obeyed_by_a_page_and_every_page_obeys_known_ones():
    obeyed = {name for one in STAGES for name in one.obeys}
    assert obeyed == set(ANALYSES)
    assert set(FINDINGS) <= obeyed


def test_pages_after_the_first_say_their_name_when_they_open():
    for one in STAGES[1:]:
        text = (library_folder("notebooks") / one.notebook).read_text("utf-8")
        assert f'open_page(engagement, run, \\"{one.short}\\")' in text, one.name
