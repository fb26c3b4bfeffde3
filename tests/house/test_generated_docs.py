"""Generated documents are current, and what the README promises exists."""

from pathlib import Path

import typer

from rapport.cli import app
from rapport.reference import documents

ROOT = Path(__file__).resolve().parents[2]


def test_generated_documents_are_current():
    stale = [path.name for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]
    assert stale == [], "run: make docs"


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in typer.main.get_command(app).commands if f"rapport {name}" not in readme] == []
