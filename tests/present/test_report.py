"""The report from executed pages: what is kept, what is dropped, and that nothing in it runs."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rapport.foundation.errors import ReportError
from rapport.present.display import MARK
from rapport.present.report import compile_report

SVG = '<svg viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg"><text>x</text></svg>'
VOID = {"meta", "link", "img", "br", "hr"}


def shown(data: str, mime: str = "text/html", **about) -> dict:
    return new_output("display_data", data={mime: data}, metadata={mime: {MARK: True, **about}})


def code(*outputs, tags=()):
    return new_code_cell("some_code()", outputs=list(outputs), metadata={"tags": list(tags)})


def prose(text: str, *tags: str):
    return new_markdown_cell(text, metadata={"tags": list(tags)})


@pytest.fixture
def compiled(tmp_path):
    """A function that writes pages, each a list of cells, and returns the report made of them."""

    def make(*pages: list, **more) -> str:
        paths = []
        for number, cells in enumerate(pages, start=1):
            paths.append(tmp_path / f"{number}_page.ipynb")
            nbformat.write(new_notebook(cells=cells), paths[-1])
        about = {"title": "Strategy", "client": "Acme", "as_of": "2026-09-30"} | more
        return compile_report(paths, tmp_path / "report" / "index.html", **about).read_text("utf-8")

    return make


class Outline(HTMLParser):
    """The tags of a report: ids, headings in order, links, and whether every tag is closed."""

    def __init__(self, html: str):
        super().__init__()
        self.ids, self.headings, self.targets, self.open, self.tags = [], [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.headings += [int(tag[1])] if re.fullmatch(r"h\d", tag) else []
        self.targets += [attrs["href"][1:]] if attrs.get("href", "").startswith("#") else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes nothing"


def test_code_streams_bare_results_and_warnings_are_dropped(compiled):
    noise = [
        new_output("stream", name="stdout", text="printed"),
        new_output("stream", name="stderr", text="UserWarning: x"),
        new_output("execute_result", data={"text/plain": "bare result", "text/html": "<b>bare</b>"}),
    ]
    html = compiled([prose("# Page"), code(*noise, shown("<p>kept</p>"))])
    assert "<p>kept</p>" in html
    for word in ("printed", "UserWarning", "bare", "some_code"):
        assert word not in html


def test_workbench_cells_stay_out(compiled):
    html = compiled([prose("# Page"), prose("scratch", "workbench"), code(shown("<p>scratch</p>"), tags=["workbench"])])
    assert "scratch" not in html


def test_summary_cells_of_any_page_come_first_and_only_once(compiled):
    html = compiled(
        [prose("# One"), prose("of page one")],
        [prose("# Seven"), code(shown("<p>the summary</p>"), tags=["summary"]), prose("of page seven")],
    )
    assert html.count("the summary") == 1
    assert html.index("the summary") < html.index("of page one") < html.index("of page seven")


def test_a_heading_with_nothing_below_it_is_left_out(compiled):
    cells = [
        prose("# Page"),
        prose("## Checks"),
        code(),
        prose("## Limits\n\ntext"),
        prose("## Outlook"),
        prose("### Near"),
    ]
    html = compiled(cells)
    assert "Checks" not in html
    assert "Outlook" not in html
    assert "Limits" in html


def test_cells_tagged_detail_are_folded_and_a_heading_starts_a_fold_of_its_own(compiled):
    html = compiled(
        [
            prose("# Page"),
            prose("## First\n\na", "detail"),
            code(shown("<p>b</p>"), tags=["detail"]),
            prose("## Second\n\nc", "detail"),
            prose("d"),
            code(shown("<p>e</p>"), tags=["detail"]),
        ]
    )
    folds = re.findall(r"<details>(.*?)</details>", html, re.DOTALL)
    assert len(folds) == 3
    assert "First" in folds[0]
    assert "<p>b</p>" in folds[0]
    assert "Second" in folds[1]
    assert "<summary>Detail</summary>" in folds[2]
    assert "<p>d</p>" not in "".join(folds)


def test_one_h1_and_headings_that_never_skip_a_level(compiled):
    html = compiled([prose("# One\n\n## Inside")], [prose("# Two")], manifest={"inputs": [{"name": "a", "rows": 1}]})
    headings = Outline(html).headings
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))


def test_the_contents_lead_to_every_section(compiled):
    outline = Outline(compiled([prose("# One\n\n## Inside")], [prose("# One\n\n## Inside")], [prose("no title here")]))
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.targets) <= set(outline.ids)
    assert len(outline.targets) == 1 + 5
    assert outline.open == []


def test_nothing_runs_and_nothing_is_loaded(compiled):
    page = [
        prose("# Page\n\n<script>alert(1)</script> ![x](https://evil.example/x.png)"),
        code(new_output("display_data", data={"text/html": "<script>alert(2)</script><b onclick='x()'>b</b>"})),
        code(new_output("display_data", data={"application/javascript": "alert(3)", "text/plain": "plain"})),
    ]
    outline = Outline(compiled(page, client="<script>alert(4)</script>", title='"><img src=x onerror=y>'))
    assert "script" not in {tag for tag, _ in outline.tags}
    assert not any(name.startswith("on") for _, attrs in outline.tags for name in attrs)
    loaded = [attrs[name] for _, attrs in outline.tags for name in ("src", "srcset", "data") if name in attrs]
    links = [attrs["href"] for tag, attrs in outline.tags if tag == "link"]
    assert all(address.startswith("data:") for address in loaded + links)
    policy = next(attrs["content"] for _, attrs in outline.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_a_style_for_the_notebook_is_not_repeated(compiled):
    html = compiled([prose("# Page"), code(shown("<style>p {}</style>", role="style"), shown("<p>x</p>"))])
    assert html.count("<style>") == 1


def test_a_picture_is_shown_with_its_alt_text(compiled):
    html = compiled([prose("# Page"), code(shown(SVG, "image/svg+xml", alt="A curve", caption="How to read it"))])
    assert '<img alt="A curve"' in html
    assert "How to read it" in html


def test_a_picture_without_alt_text_stops_the_report(compiled):
    with pytest.raises(ReportError, match="no alt text[\\s\\S]*1_page"):
        compiled([code(new_output("display_data", data={"image/png": "QUJD"}))])


def test_a_page_that_did_not_finish_stops_the_report_and_leaves_the_old_one(compiled, tmp_path):
    before = compiled([prose("# Page")])
    error = new_output("error", ename="KeyError", evalue="'net'", traceback=[])
    with pytest.raises(ReportError, match="1_page did not finish: KeyError: 'net'[\\s\\S]*cell 2"):
        compiled([prose("# Page"), code(error)])
    assert (tmp_path / "report" / "index.html").read_text("utf-8") == before
    assert [path.name for path in (tmp_path / "report").iterdir()] == ["index.html"]


def test_no_pages_no_report(tmp_path):
    with pytest.raises(ReportError, match="no pages"):
        compile_report([], tmp_path / "index.html", title="T", client="C", as_of="2026-09-30")


def test_the_cover_says_what_when_and_whether_it_is_approved(compiled):
    told = {
        "kit": "rapport 0.1.0",
        "period": ("2023-10-01", "2026-09-30"),
        "approved_by": "J. J.",
        "approved_on": "2026-10-02",
    }
    html = compiled([prose("# Page")], manifest=told)
    for part in ("Acme", "Draft, not yet approved", "1 October 2023 to 30 September 2026", "rapport 0.1.0"):
        assert part in html
    assert "Approved by J. J. on 2 October 2026" in compiled([prose("# Page")], manifest=told, draft=False)


def test_notes_are_a_section_of_their_own_in_which_nothing_runs(compiled):
    html = compiled([prose("# Page")], manifest={"notes": "# Decided\n\n- Postage is left out. <script>x</script>"})
    assert Outline(html).headings == [1, 2, 2, 2]
    assert "<li>Postage is left out. &lt;script&gt;" in html
    assert "Decided" not in compiled([prose("# Page")])


def test_the_last_section_says_what_the_report_rests_on(compiled):
    inputs = [{"name": "orders.csv", "rows": 12_345, "sha256": "ab12"}]
    html = compiled([prose("# Page")], manifest={"inputs": inputs, "versions": {"pandas": "2.3.3"}})
    for part in ("orders.csv", "12,345", "ab12", "2.3.3"):
        assert part in html


def test_the_language_of_the_report(compiled):
    html = compiled([prose("# Puslapis")], language="lt")
    assert '<html lang="lt">' in html
    assert "2026 m. rugsėjo 30 d." in html


def test_the_same_pages_give_the_same_bytes(compiled):
    pages = [prose("# Page"), code(shown("<p>x</p>"))]
    assert compiled(pages) == compiled(pages)
