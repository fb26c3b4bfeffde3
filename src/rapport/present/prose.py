"""The markdown of a page as HTML: headings one level down and with anchors; raw HTML is printed, never obeyed."""

import re
import unicodedata
from dataclasses import dataclass
from html import escape

import mistune
from nbformat import NotebookNode

from .words import said

_HEADING = re.compile(r"\A\s*(#{1,6})\s+(.+?)\s*#*\s*(?:\n|\Z)")


@dataclass(frozen=True)
class Heading:
    """A heading of the report: anchor, level in the report (2 is a page's title), text as HTML."""

    id: str
    level: int
    html: str


class Prose:
    """The markdown of one page, cell by cell; remembers its headings for the contents list.

    A heading `#` becomes `<h2>`, the report's title being the only `<h1>`. Anchors start with `prefix`. HTML in the
    text is shown as text, pictures as their alt text, links that would run something are made harmless.
    """

    def __init__(self, prefix: str):
        self.headings: list[Heading] = []
        self._prefix = prefix
        self._markdown = mistune.create_markdown(renderer=_Renderer(self), plugins=["table"])

    def html(self, text: str) -> str:
        """The text as HTML."""
        return self._markdown(text)

    def opening(self, cell: NotebookNode) -> str:
        """What the `<summary>` of a fold says, as HTML: the heading its first cell opens with, else the title of the
        first thing that cell shows, else "Detail".
        """
        opening = _HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        if opening:
            return self._markdown(f"{opening[1]} {opening[2]}").strip()
        shown = [about.get("title") for output in cell.get("outputs", []) for about in output.metadata.values()]
        title = next(filter(None, shown), None)
        return escape(said("report.detail_of", title=title) if title else said("report.detail"))

    def rest(self, cell: NotebookNode) -> str:
        """The markdown of a cell after the heading that `opening` took."""
        return self.html(_HEADING.sub("", cell.source, count=1))

    def heading(self, html: str, level: int) -> str:
        """A heading of the page as HTML, with its anchor; notes it for the contents."""
        plain = re.sub(r"<[^>]*>|&\w+;", "", html)
        anchor = f"{self._prefix}-{slug(plain)}"
        used, count = {heading.id for heading in self.headings}, 1
        while (unique := anchor if count == 1 else f"{anchor}-{count}") in used:
            count += 1
        made = Heading(unique, min(level + 1, 6), html)
        self.headings.append(made)
        return f'<h{made.level} id="{made.id}">{html}</h{made.level}>\n'


class _Renderer(mistune.HTMLRenderer):
    def __init__(self, prose: Prose):
        super().__init__(escape=True)
        self._prose = prose

    def heading(self, text, level, **attrs):
        return self._prose.heading(text, level)

    def image(self, text, url, title=None):
        return text

    def table(self, text):
        return f'<div class="scroll" tabindex="0"><table class="plain">\n{text}</table></div>\n'

    def table_cell(self, text, align=None, head=False):
        return f'<th scope="col">{text}</th>\n' if head else f"<td>{text}</td>\n"


def slug(text: str) -> str:
    """The text as an anchor: letters, digits and hyphens, in any script."""
    plain = unicodedata.normalize("NFC", text).lower()
    return re.sub(r"[^\w]+", "-", plain).strip("-_") or "part"
