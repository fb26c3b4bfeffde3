"""What show() sends to the page."""

import pandas as pd
import pytest

from rapport.foundation.errors import ReportError
from rapport.foundation.finding import Finding, not_available
from rapport.present import charts, display
from rapport.present.formats import Locale, speaking, spoken

DAY = "2026-09-30"


def finding(value=0.523, unit="share", id="made.some_share", **more) -> Finding:
    return Finding(id=id, value=value, unit=unit, n=214, basis="214 customers", as_of=DAY, **more)


@pytest.fixture
def sent(monkeypatch):
    """What was displayed, as (mime, data, metadata), in order."""
    outputs = []

    def record(data, raw, metadata):
        (mime, body), *_ = data.items()
        outputs.append((mime, body, metadata[mime]))

    monkeypatch.setattr(display, "display", record)
    return outputs


def test_a_finding_is_a_card_with_everything_needed_to_judge_it(sent):
    display.show(finding(low=0.48, high=0.56, level=0.95, grade="B"))
    ((mime, html, about),) = sent
    assert mime == "text/html"
    assert about[display.MARK]
    for part in ("52%", "95% interval 48%", "n = 214", "214 customers", "30 September 2026", "Grade B"):
        assert part in html.replace("\N{NO-BREAK SPACE}", " ")


def test_an_indicative_finding_says_so_and_why():
    html = display.card(finding().as_indicative("only 12 observations"))
    assert "Indicative" in html
    assert "only 12 observations" in html


def test_a_finding_that_is_not_available_shows_no_number_but_what_would_allow_it():
    html = display.card(not_available("made.some_share", "wallet.total_spend", unit="share", as_of=DAY))
    assert "not available (the column wallet.total_spend was not supplied)" in html
    assert 'class="figure"' not in html


def test_a_gate_is_a_banner():
    html = display.card(finding("amber", "text", id="gate.recover", because="no retain play reaches: key"))
    assert 'class="rapport banner amber"' in html
    assert "Caution." in html
    assert "no retain play reaches: key" in html


def test_a_text_in_place_of_a_number_is_its_own_headline():
    assert display.headline(finding("not reached", "days")) == "not reached"
    assert display.headline(finding(1_234_567.0, "money")) == "€1.2M"
    assert display.headline(finding(12_345, "count")) == "12.3K"


def test_whatever_a_finding_says_is_escaped():
    bad = Finding(id="made.up", value="<b>", unit="text", n=1, basis="<i>", as_of=DAY, because='"><img src=x>')
    html = display.card(bad)
    assert "<b>" not in html
    assert "<i>" not in html
    assert "<img" not in html


def test_tiles_stand_side_by_side_and_bear_what_is_missing(sent):
    display.tiles(finding(), not_available("made.other", "no table 'spend'", unit="money", as_of=DAY))
    ((_, html, _),) = sent
    assert html.count('class="tile ') == 2
    assert "n = " in html
    assert "Not available" in html


def test_a_chart_brings_its_alt_text(sent):
    steps = pd.DataFrame({"label": ["a", "b"], "amount": [5.0, -1.0], "is_total": [True, False]})
    display.show(charts.waterfall(steps, name="plan_bridge", unit="money"))
    ((mime, svg, about),) = sent
    assert mime == "image/svg+xml"
    assert svg.startswith("<svg")
    assert about["alt"].startswith("From cost to expected gain")


def test_a_chart_without_anything_to_draw_is_one_line(sent):
    empty = pd.DataFrame({"label": [], "amount": [], "is_total": []})
    display.show(charts.waterfall(empty, name="plan_bridge", unit="money"))
    ((mime, html, _),) = sent
    assert mime == "text/html"
    assert "From cost to expected gain, phase by phase: nothing to draw yet" in html


def test_a_table_needs_a_caption(sent):
    with pytest.raises(TypeError, match="caption"):
        display.show(pd.DataFrame({"a": [1]}))
    display.show(pd.DataFrame({"a": [1]}), caption="A table")
    assert "<caption><span>A table</span></caption>" in sent[0][1]


def test_what_cannot_be_shown_is_refused_with_what_can():
    with pytest.raises(ReportError, match="cannot show a dict"):
        display.show({})


def test_banners_and_notes_are_escaped(sent):
    display.banner("<x>", "red")
    display.note("<y>")
    assert "&lt;x&gt;" in sent[0][1]
    assert "&lt;y&gt;" in sent[1][1]


def test_a_page_starts_with_its_language_and_a_style_for_the_notebook_only(sent):
    with speaking(Locale()):
        display.start_page(language="hu", currency="HUF")
        assert spoken() == Locale("hu", "HUF")
    ((_, style, about),) = sent
    assert style.startswith("<style>")
    assert about["role"] == "style"


def test_tiles_can_say_of_which_phase_they_speak(sent):
    display.tiles(finding(), of="retain")
    assert '<p class="of">Retain</p>' in sent[0][1]


def test_a_tile_writes_money_short_and_words_smaller(sent):
    display.tiles(finding(95_300.0, "money", low=-55_400.0, high=286_000.0), finding("lack of attention", "text"))
    html = sent[0][1]
    assert "low to high case -€55.4K – €286K" in html.replace("\N{NO-BREAK SPACE}", " ")
    assert '<p class="figure words">lack of attention</p>' in html
    assert '<p class="figure">€95.3K</p>' in html


def test_changes_are_written_with_their_sign_and_those_too_small_to_see_are_left_out():
    frame = pd.DataFrame(
        [
            ("retention.cohort", "share", 0.5, 0.62, 0.12, "intervals apart"),
            ("value.equity", "money", 1000.0, 900.0, -100.0, ""),
            ("pareto.gini", "ratio", 0.791, 0.7912, 0.0002, ""),
            ("dependency.band", "text", "watch", "act", None, ""),
            ("lost.count", "count", None, 7, None, "not available before"),
        ],
        columns=["id", "unit", "before", "now", "change", "verdict"],
    )
    with speaking(Locale("en", "EUR")):
        table = display.changes(frame)
    assert table[["before", "now", "change", "verdict"]].values.tolist() == [
        ["50%", "62%", "+12.0 points", "intervals apart"],
        ["€1,000", "€900", "-€100", ""],
        ["watch", "act", "", ""],
        ["–", "7", "", "not available before"],
    ]
