"""nbconvert's door: executed pages become one self-contained HTML file, the report.

Kept of a page: its markdown, and what its cells displayed (findings, charts, tables, banners). Dropped: code, streams,
bare results, warnings, cells tagged `workbench`. Cells tagged `summary` are lifted to the front, cells tagged `detail`
are folded away. Nothing in the file runs, and nothing is loaded from outside.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import nbformat
import pandas as pd
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import clean_html
from nbformat import NotebookNode

from ..foundation.errors import ReportError
from . import tables
from .display import MARK
from .formats import Locale, speaking, spoken
from .picture import picture
from .prose import Heading, Prose, slug
from .words import said

_FOLDER = files("rapport.present")
_SHOWN = ("display_data",)
_KINDS = ["image/svg+xml", "image/png", "text/html", "text/markdown"]


@dataclass(frozen=True)
class Section:
    """One section of the report: its anchor, its title and headings as HTML, and its body as HTML."""

    id: str
    title_html: str
    headings: tuple[Heading, ...]
    body_html: str


def compile_report(
    pages: Sequence[Path],
    out: Path,
    *,
    title: str,
    client: str,
    as_of: str,
    language: str = "en",
    currency: str = "EUR",
    manifest: Mapping[str, Any] | None = None,
    draft: bool = True,
) -> Path:
    """Writes the executed notebooks `pages`, in their order, as one HTML file to `out`, and returns its path.

    manifest  what the cover and the last section print, all optional: `kit` (name and version), `period` (first and
              last day), `approved_by`, `approved_on`, `inputs` (a list of mappings: name, rows, sha256),
              `versions` (library → version), `notes` (Markdown: decisions and approvals, a section of their own),
              `left_out` (the pages of the chain that are not in it)

    The file is written beside its place and moved there when it is complete. Raises ReportError for no pages, a page
    that did not finish, or a picture without alt text.
    """
    if not pages:
        raise ReportError("there are no pages to make a report of.", str(out), "run the chain first: rapport run")
    with speaking(Locale(language, currency)):
        notebooks = [(Path(page), _kept(nbformat.read(page, as_version=4), Path(page))) for page in pages]
        summary = [cell for _, notebook in notebooks for cell in notebook.cells if _is(cell, "summary")]
        sections = [_summary(summary)] if summary else []
        sections += [_section(path.stem, _without(notebook, "summary")) for path, notebook in notebooks]
        sections += [*_notes((manifest or {}).get("notes", "")), _made(manifest or {})]
        template = _exporter(Prose(""), "").environment.get_template("report.html.j2")
        html = template.render(
            language=language,
            title=title,
            client=client,
            sections=[section for section in sections if section.body_html],
            css="\n".join(_FOLDER.joinpath(f"template/{name}.css").read_text("utf-8") for name in ("report", "parts")),
            facts=_facts(as_of, manifest or {}),
            state=_state(manifest or {}, draft),
            draft=draft,
            said=said,
            foot=said("report.foot", title=title, client=client, as_of=as_of),
        )
    return _write(out, html)


def _kept(notebook: NotebookNode, page: Path) -> NotebookNode:
    """The notebook with only what a reader sees; raises where the page did not finish."""
    kept = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and any(output.output_type == "error" for output in cell.outputs):
            raise ReportError(
                f"page {page.stem} did not finish: {_error(cell)}",
                f"{page}, cell {number}",
                "repair the page and run it again.",
            )
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type in _SHOWN and not _is_style(output)]
        if not _is(cell, "workbench") and cell.cell_type in ("markdown", "code") and cell.get("outputs", True):
            kept.append(cell)
    return _folded(NotebookNode(notebook, cells=_without_empty_headings(kept)))


def _without_empty_headings(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells without headings that have nothing below them, such as that of checks which all held."""
    kept: list[NotebookNode] = []
    for cell in reversed(cells):
        is_alone = _heads(cell) and _level(cell) > 1 and "\n" not in cell.source.strip()
        follower = kept[-1] if kept else None
        has_nothing = follower is None or (_heads(follower) and _level(follower) <= _level(cell))
        if not (is_alone and has_nothing):
            kept.append(cell)
    return kept[::-1]


def _folded(notebook: NotebookNode) -> NotebookNode:
    """The notebook with the ends of every run of cells tagged `detail` marked, so that the template can fold it.

    A heading inside a run starts a fold of its own.
    """
    inside = False
    for cell, after in zip_longest(notebook.cells, notebook.cells[1:]):
        opens = _is(cell, "detail") and (not inside or _heads(cell))
        if opens:
            cell.metadata.detail_opens = True
        inside = _is(cell, "detail")
        if inside and (after is None or not _is(after, "detail") or _heads(after)):
            cell.metadata.detail_closes = True
    return notebook


def _summary(cells: list[NotebookNode]) -> Section:
    return _section("summary", nbformat.v4.new_notebook(cells=cells), title=said("report.summary"))


def _section(name: str, notebook: NotebookNode, title: str = "") -> Section:
    prose = Prose(slug(name))
    body, _ = _exporter(prose, name).from_notebook_node(notebook)
    tops = [heading for heading in prose.headings if heading.level == 2]
    if not tops:
        tops = [Heading(slug(name), 2, escape(title or name.lstrip("0123456789_ ").replace("_", " ").capitalize()))]
        body = f'<h2 id="{tops[0].id}">{tops[0].html}</h2>\n{body}'
    return Section(tops[0].id, tops[0].html, tuple(heading for heading in prose.headings if heading.level == 3), body)


def _notes(text: str) -> list[Section]:
    """The engagement's notes as a section; none where nothing was written."""
    return [_section("notes", nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]))] if text else []


def _made(manifest: Mapping[str, Any]) -> Section:
    parts = []
    inputs = pd.DataFrame(manifest.get("inputs", []))
    if len(inputs):
        parts.append(tables.html(inputs, caption=said("report.inputs_caption"), rows=len(inputs)))
    versions = pd.DataFrame(list(dict(manifest.get("versions", {})).items()), columns=["part", "version"])
    if len(versions):
        parts.append(tables.html(versions, caption=said("report.versions"), rows=len(versions)))
    title = escape(said("report.made"))
    body = f'<h2 id="made">{title}</h2>{"".join(parts)}' if parts else ""
    return Section("made", title, (), body)


def _facts(as_of: str, manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    locale, facts = spoken(), []
    if manifest.get("period"):
        start, end = manifest["period"]
        facts.append((said("report.period"), said("report.period_range", start=start, end=end)))
    facts.append((said("report.as_of"), locale.date(as_of)))
    if manifest.get("left_out"):
        facts.append((said("report.left_out"), str(manifest["left_out"])))
    if manifest.get("kit"):
        facts.append((said("report.kit"), str(manifest["kit"])))
    return facts


def _state(manifest: Mapping[str, Any], draft: bool) -> str:
    if draft or not manifest.get("approved_by"):
        return said("report.draft")
    if manifest.get("approved_on"):
        return said("report.approved_on", by=manifest["approved_by"], on=manifest["approved_on"])
    return said("report.approved", by=manifest["approved_by"])


def _exporter(prose: Prose, page: str) -> TemplateExporter:
    def shown(output: NotebookNode, mime: str) -> str:
        return picture(output.data[mime], mime, output.metadata.get(mime, {}), page)

    def markup(output: NotebookNode) -> str:
        made_here = output.metadata.get("text/html", {}).get(MARK)
        return output.data["text/html"] if made_here else clean_html(output.data["text/html"])

    exporter = TemplateExporter(
        template_file="page.html.j2",
        extra_template_paths=[str(_FOLDER / "template")],
        filters={"prose": prose.html, "opening": prose.opening, "rest": prose.rest, "picture": shown, "markup": markup},
    )
    exporter.display_data_priority = _KINDS
    return exporter


def _write(out: Path, html: str) -> Path:
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", encoding="utf-8", dir=out.parent, suffix=".part", delete=False) as file:
        file.write(html)
    os.chmod(file.name, 0o644)
    os.replace(file.name, out)
    return out


def _without(notebook: NotebookNode, tag: str) -> NotebookNode:
    return NotebookNode(notebook, cells=[cell for cell in notebook.cells if not _is(cell, tag)])


def _is(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def _heads(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and cell.source.lstrip().startswith("#")


def _level(cell: NotebookNode) -> int:
    text = cell.source.lstrip()
    return len(text) - len(text.lstrip("#"))


def _is_style(output: NotebookNode) -> bool:
    return output.metadata.get("text/html", {}).get("role") == "style"


def _error(cell: NotebookNode) -> str:
    output = next(output for output in cell.outputs if output.output_type == "error")
    return f"{output.ename}: {output.evalue}".splitlines()[0]
