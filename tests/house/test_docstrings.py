"""Every public function of the house says what comes back."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "rapport"
MODULES = sorted(SOURCE.rglob("*.py"))


def public(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    return [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.relative_to(SOURCE).as_posix())
def test_public_names_have_docstrings(module):
    tree = ast.parse(module.read_text("utf-8"))
    kinds = {"ident", "text", "choice", "day", "money", "number", "days", "count", "share", "flag"}
    silent = [
        node.name
        for node in public(tree)
        if not ast.get_docstring(node) and not (module.stem == "columns" and node.name in kinds)
    ]
    assert silent == []


@pytest.mark.parametrize(
    "module",
    [one for one in MODULES if one.parent.name == "analysis"],
    ids=lambda one: one.relative_to(SOURCE).as_posix(),
)
def test_modules_of_the_analysis_floor_are_described(module):
    assert module.name == "__init__.py" or ast.get_docstring(ast.parse(module.read_text("utf-8")))
