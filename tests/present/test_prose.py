"""Markdown of a page: headings one level down, nothing raw."""

from nbformat.v4 import new_code_cell, new_markdown_cell

from rapport.present.prose import Prose, slug


def test_headings_go_one_level_down_and_get_anchors():
    prose = Prose("retain")
    html = prose.html("# Do they stay?\n\n## Where they stop\n\n###### Deep")
    assert '<h2 id="retain-do-they-stay">Do they stay?</h2>' in html
    assert '<h3 id="retain-where-they-stop">' in html
    assert '<h6 id="retain-deep">' in html
    assert [heading.level for heading in prose.headings] == [2, 3, 6]


def test_equal_headings_get_different_anchors():
    prose = Prose("p")
    prose.html("## Checks\n\n## Checks\n\n## Checks")
    assert [heading.id for heading in prose.headings] == ["p-checks", "p-checks-2", "p-checks-3"]


def test_html_in_the_text_is_text():
    html = Prose("p").html("<script>alert(1)</script>\n\nin <b onclick=x>line</b>")
    assert "<script" not in html
    assert "<b" not in html
    assert "&lt;script&gt;" in html


def test_pictures_are_not_fetched_and_harmful_links_do_nothing():
    html = Prose("p").html("![logo](https://example.com/x.png) [go](javascript:alert(1)) [ok](https://example.com)")
    assert "<img" not in html
    assert "logo" in html
    assert "javascript:" not in html
    assert 'href="https://example.com"' in html


def test_a_table_in_markdown_has_scoped_headings():
    html = Prose("p").html("| a | b |\n|---|---|\n| 1 | 2 |")
    assert '<th scope="col">a</th>' in html
    assert 'tabindex="0"' in html


def test_a_fold_takes_the_heading_of_its_first_cell():
    prose, cell = Prose("p"), new_markdown_cell("## More *detail*\n\nThe rest.")
    assert "More <em>detail</em></h3>" in prose.opening(cell)
    assert prose.rest(cell) == "<p>The rest.</p>\n"
    assert prose.opening(new_code_cell("1")) == "Detail"


def test_anchors_in_any_script():
    assert slug("Ką daryti? (1)") == "ką-daryti-1"
    assert slug("Сводка") == "сводка"
    assert slug("?!") == "part"
