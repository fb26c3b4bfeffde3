"""Generated documents are current, and what the README promises exists."""

from pathlib import Path

import pytest
import typer
import yaml
from pydantic import ValidationError

from rapport.cli import app
from rapport.foundation.engagement import EngagementFile, LedgerTotal
from rapport.foundation.intake.source import Join, Rule, Source
from rapport.foundation.settings import PlainLoader
from rapport.reference import MODELS, documents

ROOT = Path(__file__).resolve().parents[2]


def test_generated_documents_are_current():
    stale = [path.name for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]
    assert stale == [], "run: make docs"


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in typer.main.get_command(app).commands if f"rapport {name}" not in readme] == []


KEYS = [(model, name) for model in MODELS.values() for name in model.model_fields]
ENOUGH = {  # what a key needs beside it
    EngagementFile: ({"client": "A", "currency": "EUR", "country": "LT", "sources": {}},),
    Source: (
        {"table": "transactions", "file": "raw/a.csv"}, {"table": "records", "file": "raw/a.csv"},
        {"table": "records", "url": "duckdb:///a", "query": "SELECT 1"}, {"table": "records"},
    ),
    LedgerTotal: ({"from": "2026-01-01", "to": "2026-06-30", "net": 1},),
    Rule: ({"when": {"net_amount": {"below": 0}}, "then": "drop", "why": "some reason"},),
    Join: ({"file": "raw/a.csv", "on": {"a": "b"}},),
}  # fmt: skip


def accepted(model, keys: dict) -> bool:
    """Whether the model takes these keys as they stand."""
    try:
        return model(**keys) is not None
    except ValidationError:
        return False


@pytest.mark.parametrize(("model", "name"), KEYS, ids=[f"{model.__name__}.{name}" for model, name in KEYS])
def test_every_key_of_engagement_yml_has_a_sentence_and_an_example_that_works(model, name):
    field = model.model_fields[name]
    assert field.description.endswith(".")
    [example] = field.examples
    given = yaml.load(example, Loader=PlainLoader)
    assert list(given) == [field.alias or name]
    assert any(accepted(model, beside | given) for beside in ENOUGH.get(model, ({},)))
    text = documents()[ROOT / "docs" / "engagement.md"]
    assert f"| `{field.alias or name}` | {field.description}" in text
    assert example in text
