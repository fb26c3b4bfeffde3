"""The rules of the house that imports can break: imports go down, and each guest library has one door."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "rapport"
MODULES = sorted(SOURCE.rglob("*.py"))
FLOORS = {"foundation": 0, "analysis": 1, "present": 2}
ROOF = 3

DOORS = {
    "babel": ("present/formats.py",),
    "ibis": ("foundation/warehouse.py", "analysis/history.py", "analysis/baskets.py"),
    "lifelines": ("analysis/survival.py",),
    "lifetimes": ("analysis/models/",),
    "matplotlib": ("present/style.py", "present/charts/"),
    "mt940": ("foundation/intake/bank.py",),
    "nbconvert": ("present/report.py",),
    "pandera": ("foundation/contracts/columns.py",),
    "papermill": ("runner.py",),
    "psycopg": ("foundation/warehouse.py",),
    "pycamt": ("foundation/intake/bank.py",),
    "python_calamine": ("foundation/intake/",),
    "rich": ("cli.py", "progress.py"),
    "seaborn": ("present/charts/", "present/style.py"),
    "splink": ("analysis/identity/model.py",),
    "typer": ("cli.py", "reference.py"),
    "xlsxwriter": ("present/workbook.py",),
}
FORBIDDEN_IN_ANALYSIS = {"open", "print", "input"}
CLOCKS = {"now", "today", "utcnow", "time", "perf_counter", "getenv"}


def floor_of(module: Path) -> int:
    return FLOORS.get(module.relative_to(SOURCE).parts[0], ROOF)


def imports_of(module: Path) -> list[tuple[int, str]]:
    """Every import as (line, absolute dotted name)."""
    package = ["rapport", *module.relative_to(SOURCE).parts[:-1]]
    found = []
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{stem}.{alias.name}" if node.level else stem) for alias in node.names]
    return found


def test_imports_go_down_only():
    upward = [
        f"{module.relative_to(ROOT)}:{line} imports {name}"
        for module in MODULES
        for line, name in imports_of(module)
        if name.startswith("rapport.") and FLOORS.get(name.split(".")[1], ROOF) > floor_of(module)
    ]
    assert upward == []


def test_each_guest_enters_by_its_door():
    strayed = []
    for module in MODULES:
        place = module.relative_to(SOURCE).as_posix()
        for line, name in imports_of(module):
            doors = DOORS.get(name.split(".")[0])
            if doors and not any(place == door or (door.endswith("/") and place.startswith(door)) for door in doors):
                strayed.append(f"{place}:{line} imports {name}; its door is {', '.join(doors)}")
    assert strayed == []


def test_importing_the_kit_changes_nothing_global():
    import subprocess
    import sys

    code = (
        "import warnings, pandas as pd; before = (list(warnings.filters), pd.get_option('display.max_rows'));"
        "import rapport; assert (list(warnings.filters), pd.get_option('display.max_rows')) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("module", [one for one in MODULES if floor_of(one) == 1], ids=lambda one: one.stem)
def test_analysis_is_pure(module):
    """No file, no clock, no print, no environment on floor 1."""
    impure = []
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            owner = (
                node.func.value.id
                if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
                else ""
            )
            if isinstance(node.func, ast.Name) and name in FORBIDDEN_IN_ANALYSIS:
                impure.append(f"line {node.lineno}: {name}()")
            if name in CLOCKS and owner in ("datetime", "date", "time", "os", "Timestamp", "pd"):
                impure.append(f"line {node.lineno}: {owner}.{name}()")
        if isinstance(node, ast.Attribute) and node.attr == "environ":
            impure.append(f"line {node.lineno}: os.environ")
    assert impure == []


def test_no_room_is_called_by_a_name_that_says_nothing():
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert [module for module in MODULES if module.stem in vague or module.parent.name in vague] == []
