"""environment.yml, pyproject.toml and the lock say the same; client work cannot be committed."""

import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
CONDA_NAMES = {"duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}


def parted(requirement: str) -> tuple[str, str]:
    """`ibis-framework[duckdb]>=12,<13` as (name, range)."""
    name, _, bounds = re.fullmatch(r"([A-Za-z0-9_.-]+)(\[[^\]]*\])?(.*)", requirement.strip()).groups()
    return name.lower(), bounds.replace(" ", "")


def declared() -> dict[str, str]:
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    return dict(parted(one) for one in wanted)


def test_environment_equals_pyproject():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    conda = dict(parted(one) for one in entries if isinstance(one, str))
    pip = dict(
        parted(one) for one in next(one for one in entries if isinstance(one, dict))["pip"] if not one.startswith("-e")
    )
    back = {conda_name: name for name, conda_name in CONDA_NAMES.items()}
    given = {back.get(name, name): bounds for name, bounds in (conda | pip).items()}
    assert given.pop("python") == PROJECT["requires-python"].replace(" ", "")
    given.pop("pip")
    assert given == declared()


def test_the_lock_pins_every_requirement_with_hashes():
    pinned = set(re.findall(r"^([a-z0-9_.-]+)==", LOCK, flags=re.MULTILINE))
    extras = {parted(one)[0] for extra in PROJECT["optional-dependencies"].values() for one in extra}
    assert {name.replace("_", "-") for name in {*declared(), *extras}} <= pinned
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK)
    assert all("--hash=sha256:" in block for block in blocks if re.match(r"^[a-z0-9_.-]+==", block))


def test_lifelines_is_the_one_whose_survival_plot_works():
    assert version("lifelines") == "0.30.3"


@pytest.mark.parametrize(
    "path",
    ["engagements/acme/raw/orders.csv", "data/sample/runs/x/manifest.json", "data/sample/latest", "x/.keys/pseudonyms"],
)
def test_client_work_is_ignored_by_git(path):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing could be committed")
    assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT).returncode == 0
