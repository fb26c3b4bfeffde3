"""What begins something: a new engagement, a page adapted for a client, a new play, an open JupyterLab."""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import nbformat

from .foundation.engagement import FILE, read_file
from .foundation.errors import RunError
from .foundation.intake import engagement_yaml, propose
from .foundation.library import library_folder
from .foundation.playbook import draft
from .foundation.runs import write_atomically
from .renewal import carried, continued, copied
from .stages import stage

NOTES = "# Decisions and approvals\n\nWrite them here with their date; they are printed in the report.\n"


def scaffold(
    path: Path,
    files: list[Path],
    *,
    client: str | None = None,
    country: str | None = None,
    currency: str | None = None,
    like: Path | None = None,
) -> Iterator[str]:
    """Make the engagement folder `path`: the files copied to raw/, and engagement.yml with a proposed mapping.

    `like` is an earlier engagement of the same client: what it declared is carried over where it fits (room `renewal`), and
    client, country and currency are its unless they are given. Nothing that exists is overwritten. Raises RunError when
    `path` is an engagement already or a file is missing.
    """
    if (path / FILE).exists():
        raise RunError(
            "there is an engagement already.", str(path), "choose another folder, or edit its engagement.yml."
        )
    missing = [file for file in files if not file.exists()]
    if missing:
        raise RunError(f"there is no file {missing[0]}.", "--from", "give the paths of the files the client sent.")
    old = read_file(like) if like else None
    client = client or (old.client if old else path.name)
    country = country or (old.country if old else "LT")
    currency = currency or (old.currency if old else "EUR")
    (path / "raw").mkdir(parents=True, exist_ok=True)
    copies = [_copied(file, path.resolve() / "raw") for file in files]
    earlier = old.sources if old else {}
    proposals = propose(copies, country, folder=path.resolve(), currency=currency, earlier=earlier)
    further, lines = "", []
    if old:
        renewed = continued(proposals, earlier, path.resolve(), country=country, currency=currency)
        proposals = renewed.proposals
        further, of_keys = carried(like, proposals, today=date.today())
        lines = [*renewed.lines, *of_keys, *copied(like, path, proposals)]
    language = old.language if old else "en"
    text = engagement_yaml(proposals, client=client, country=country, currency=currency, language=language)
    write_atomically(path / FILE, lambda out: out.write_text("\n".join(filter(None, [text, further])), "utf-8"))
    if not (path / "notes.md").exists():
        write_atomically(path / "notes.md", lambda out: out.write_text(NOTES, "utf-8"))
    for proposal in proposals:
        yield proposal.summary()
    yield from lines
    yield f"\nconfirm the mapping in {path / FILE}, then: rapport check {path}"


def adapted(folder: Path, page: str) -> Path:
    """A copy of the kit's page in the engagement's notebooks/, where your changes win; it opens this client."""
    read_file(folder)
    one = stage(page)
    out = folder / "notebooks" / one.notebook
    if out.exists():
        raise RunError("the page is adapted already.", str(out), "edit it, or delete it to go back to the kit's.")
    notebook = nbformat.read(library_folder("notebooks") / one.notebook, as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace('"../data/sample"', '".."')
    write_atomically(out, lambda draft_path: nbformat.write(notebook, draft_path))
    return out


def new_play(id: str, phase: str | None) -> Path:
    """A new play `id` of a phase in the playbook, begun from the template. Raises when the id is taken."""
    if phase not in ("retain", "recover", "acquire"):
        raise RunError("a play belongs to a phase.", "--phase", "give one of retain, recover, acquire.")
    folder = library_folder("playbook")
    out = folder / phase / f"{id}.md"
    text = draft(folder, id, phase)
    return write_atomically(out, lambda path: path.write_text(text, "utf-8"))


def open_lab(folder: Path | None) -> None:
    """Replace this process by JupyterLab in the notebooks of the kit, or of an engagement; it asks nothing outside."""
    where = library_folder("notebooks") if folder is None else folder / "notebooks"
    if not where.is_dir():
        raise RunError(
            "this engagement has no pages of its own.", str(where), f"adapt one first: rapport adapt {folder} value"
        )
    quiet = ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # containers have no other user
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", str(where), *quiet, *as_root])


def _copied(file: Path, raw: Path) -> Path:
    target = raw / file.name
    if target.exists():
        raise RunError(f"two files are called {file.name}.", str(raw), "rename one of them.")
    if file.is_dir():
        shutil.copytree(file, target)
    else:
        shutil.copy2(file, target)
    return target
