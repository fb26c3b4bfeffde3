"""Pictures as <img>, with their data inside."""

from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from rapport.foundation.errors import ReportError
from rapport.present.picture import picture

SVG = '<svg viewBox="0 0 547.2 310.5" xmlns="http://www.w3.org/2000/svg">\n<text>Ąžuolas & \'Co\' 50% #1</text></svg>'


def source(html: str) -> str:
    found = {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag == "img":
                found.update(attrs)

    Reader().feed(html)
    return found["src"]


def test_an_svg_comes_back_as_it_was_but_for_its_line_breaks():
    html = picture(SVG, "image/svg+xml", {"alt": "A tree"}, "page")
    assert unquote(source(html).removeprefix("data:image/svg+xml,")) == SVG.replace("\n", " ")


def test_nothing_in_the_svg_is_markup_of_the_page():
    html = picture(SVG.replace("<text>", "<script>alert('1')</script><text>"), "image/svg+xml", {"alt": "A"}, "page")
    assert "<script" not in html
    assert "<text" not in html


def test_alt_caption_and_size():
    html = picture(SVG, "image/svg+xml", {"alt": 'A "tree"', "caption": "<i>read</i> it"}, "page")
    assert 'alt="A &quot;tree&quot;"' in html
    assert "<figcaption>&lt;i&gt;read&lt;/i&gt; it</figcaption>" in html
    assert 'width="547" height="310"' in html


def test_a_png_is_base64():
    assert "data:image/png;base64,QUJD" in picture("QUJD\n", "image/png", {"alt": "dots"}, "page")


def test_a_picture_without_alt_text_is_refused_with_its_page():
    with pytest.raises(ReportError, match="no alt text[\\s\\S]*page 4_retain"):
        picture(SVG, "image/svg+xml", {"alt": " "}, "4_retain")
