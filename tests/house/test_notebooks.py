"""The norms of a page (docs/house.md §3): short cells, one import cell, no outputs, no definitions, no paths."""

import ast
import json
import re
import statistics
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))
WORDS = ROOT / "src" / "rapport" / "present" / "words" / "en.yml"
STAGED = [page for page in PAGES if page.name[0].isdigit()]


def cells(page: Path) -> list[dict]:
    return json.loads(page.read_text("utf-8"))["cells"]


def code(page: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(page) if cell["cell_type"] == "code"]


def tagged(page: Path, tag: str) -> list[dict]:
    return [cell for cell in cells(page) if tag in cell["metadata"].get("tags", [])]


def test_there_are_seven_pages_and_a_template():
    assert [page.stem for page in STAGED] == [
        "1_identify",
        "2_classify",
        "3_value",
        "4_retain",
        "5_recover",
        "6_acquire",
        "7_strategy",
    ]
    assert (ROOT / "notebooks" / "_template.ipynb").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
class TestPage:
    def test_is_committed_without_outputs(self, page):
        assert all(
            not cell.get("outputs") and cell.get("execution_count") is None
            for cell in cells(page)
            if cell["cell_type"] == "code"
        )

    def test_cell_ids_are_unique(self, page):
        ids = [cell["id"] for cell in cells(page)]
        assert len(ids) == len(set(ids))

    def test_cells_are_short(self, page):
        lengths = [len(source.strip().splitlines()) for source in code(page)]
        assert max(lengths) <= 8
        assert statistics.median(lengths) <= 3

    def test_has_one_parameters_cell_with_every_default_explained(self, page):
        (cell,) = tagged(page, "parameters")
        lines = [line for line in "".join(cell["source"]).splitlines() if line.strip()]
        assert all(":" in line.split("=")[0] and "#" in line for line in lines)
        assert lines[0].startswith("engagement: str")

    def test_has_one_import_cell_and_imports_from_the_kit_only(self, page):
        importing = [source for source in code(page) if "import " in source]
        assert len(importing) == 1
        for node in ast.parse(importing[0]).body:
            assert isinstance(node, ast.ImportFrom)
            assert node.module.split(".")[0] == "rapport"

    def test_defines_nothing_and_knows_no_path(self, page):
        for source in code(page):
            assert "%" not in source.split("\n")[0][:1], "no magics"
            for node in ast.walk(ast.parse(source)):
                assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    assert not node.value.startswith(("/", "~", "C:"))

    def test_chains_no_more_than_two_calls(self, page):
        for source in code(page):
            for node in ast.walk(ast.parse(source)):
                depth, at = 0, node
                while isinstance(at, ast.Call) and isinstance(at.func, ast.Attribute):
                    depth, at = depth + 1, at.func.value
                assert depth <= 2, f"a chain of {depth} calls: {source}"


@pytest.mark.parametrize("page", STAGED, ids=lambda page: page.stem)
def test_every_page_opens_with_a_question_and_ends_with_its_limits(page):
    prose = ["".join(cell["source"]) for cell in cells(page) if cell["cell_type"] == "markdown"]
    assert prose[0].startswith("# ")
    assert "?" in prose[0]
    assert any("What this does not say" in text for text in prose)
    assert any(source.lstrip().startswith("assert ") for source in code(page)), "no checks a reader understands"


CAUSAL = re.compile(
    r"\b(because|caus(es?|ed|ing)|due to|leads? to|led to|thanks to|results? in|drives|driven by)\b", re.I
)
RECOVERY = ("attention", "comebacks", "complaints", "corrective", "drivers", "experiment", "lost", "reasons", "winback")


def test_recovery_names_no_causes_without_an_experiment():
    """C26: what customers did and what went before is told as an association, on the page and in its sentences."""
    page = next(page for page in PAGES if page.stem == "5_recover")
    told = ["".join(cell["source"]) for cell in cells(page) if cell["cell_type"] == "markdown"]
    findings = yaml.safe_load(WORDS.read_text("utf-8"))["findings"]
    told += [str(text) for id, texts in findings.items() if id.split(".")[0] in RECOVERY for text in texts.values()]
    assert len(told) > 60
    named = [text for text in told if CAUSAL.search(re.sub(r"{because}|not (a |to )?causes?|no cause", "", text))]
    assert named == []
