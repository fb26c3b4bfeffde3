"""Tables as HTML: escaped, with headings in words and numbers in their units."""

from html.parser import HTMLParser

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from rapport.present import tables
from rapport.present.formats import Locale, speaking


def lost() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": ["007", "8"],
            "state": ["lost_one_timer", "lapsing"],
            "is_disputed": [True, False],
            "lost_on": pd.to_datetime(["2026-01-31", None]),
            "silent_days": [3.0, 400.0],
            "value_at_risk": [1234.4, np.nan],
            "return_prob": [0.12345, 0.5],
        }
    )


class Cells(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.texts, self.tags = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


def test_values_are_written_by_their_units_and_codes_in_words():
    texts = Cells(tables.html(lost(), caption="Lost", of="lost")).texts
    for cell in ("007", "lost one-time buyer", "lapsing", "yes", "no", "31 Jan 2026", "400", "€1,234", "12.3%", "–"):
        assert cell in texts


def test_headings_are_words_and_numbers_stand_right():
    html = tables.html(lost(), caption="Lost", of="lost")
    assert '<th scope="col" class="number">Value at risk</th>' in html
    assert '<td class="number">€1,234</td>' in html
    assert '<th scope="row" class="whole">007</th>' in html


def test_a_cut_table_says_so_and_names_the_workbook_only_where_it_is_whole_there():
    html = tables.html(lost(), caption="Lost", rows=1)
    assert "First 1 of 2 rows." in html
    assert "actions.xlsx" not in html
    assert "all of them are in actions.xlsx" in tables.html(lost(), caption="Lost", of="lost", rows=1)
    assert "First" not in tables.html(lost(), caption="Lost", of="lost")


def test_short_texts_are_not_broken_over_lines():
    html = tables.html(pd.DataFrame({"customer": ["K-4deba299"], "about": ["long enough to wrap"]}), caption="Names")
    assert '<th scope="row" class="whole">K-4deba299</th>' in html
    assert '<td class="phrase">long enough to wrap</td>' in html


def test_the_table_scrolls_by_itself_and_can_be_reached_by_keyboard():
    tags = Cells(tables.html(lost(), caption='The "lost" & others')).tags
    region = next(attrs for tag, attrs in tags if attrs.get("role") == "group")
    assert region["tabindex"] == "0"
    assert region["aria-label"] == 'Table: The "lost" & others'


def test_it_says_how_many_rows_are_not_shown():
    frame = pd.DataFrame({"orders": range(100)})
    assert "First 5 of 100 rows" in tables.html(frame, caption="Orders", rows=5)
    assert "First 100 of 2,500 rows" in tables.html(frame, caption="Orders", rows=100, total=2500)
    assert "First" not in tables.html(frame, caption="Orders", rows=100)
    assert "Orders: no rows." in tables.html(frame.head(0), caption="Orders")


def test_units_and_headings_can_be_given():
    html = tables.html(pd.DataFrame({"x": [0.5]}), caption="X", units={"x": "share"}, headings={"x": "Share of X"})
    assert "50.0%" in html
    assert "Share of X" in html


def test_a_unit_is_found_by_contract_then_name_then_dtype():
    frame = pd.DataFrame({"net_total": [1.0], "made_up_share": [0.1], "n": [1], "y": [0.5], "name": ["A"], "b": [True]})
    units = [tables.unit(name, frame[name]) for name in frame]
    assert units == ["money", "share", "count", "number", "text", "yes/no"]


def test_numbers_of_one_column_have_the_same_decimals():
    assert tables.column(pd.Series([12.5, 3.25]), "money") == ["€12.50", "€3.25"]
    assert tables.column(pd.Series([12.5, 1200.0]), "money") == ["€12", "€1,200"]
    with speaking(Locale("lt")):
        assert tables.column(pd.Series([0.5]), "share") == ["50,0\N{NO-BREAK SPACE}%"]


def test_client_text_is_never_taken_for_a_code():
    html = tables.html(pd.DataFrame({"name": ["lost_one_timer"]}), caption="Names")
    assert "lost_one_timer" in html


@given(st.text(min_size=1), st.text())
def test_whatever_a_client_wrote_is_text(name, value):
    html = tables.html(pd.DataFrame({name: [value, "<script>alert(1)</script>"]}), caption=name)
    tags = {tag for tag, _ in Cells(html).tags}
    assert tags <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "span"}
