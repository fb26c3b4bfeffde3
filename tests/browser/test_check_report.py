"""The browser check itself: it passes a clean page and names every fault of a bad one."""

import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

SCRIPT = Path(__file__).with_name("check_report.py")
HEAD = "<meta name='viewport' content='width=device-width'><link rel='icon' href='data:,'><title>t</title>"
CLEAN = f"<!DOCTYPE html><html lang='en'>{HEAD}<h1>t</h1></html>"
BAD = CLEAN.replace(
    "<h1>t</h1>",
    "<script>console.error('oops')</script><img src='https://example.invalid/x.png'><p style='width:2000px'>wide</p>",
)
AXE = """window.axe = {run: async () => ({passes: [], testEngine: {version: 'stub'}, violations:
  [...document.querySelectorAll('img:not([alt])')].map(node => ({id: 'image-alt', impact: 'critical', help: 'alt text',
    nodes: [{html: node.outerHTML}]}))})}"""

pytestmark = pytest.mark.skipif(
    not any(map(which, ("chromium", "chromium-browser", "google-chrome"))), reason="no Chromium on this machine"
)


@pytest.fixture
def check(tmp_path):
    """A function that checks an HTML text in the browser: exit code and what was printed."""

    def run(html: str, *more: str) -> tuple[int, str]:
        page, axe, shots = tmp_path / "index.html", tmp_path / "axe.js", tmp_path / "shots"
        page.write_text(html, "utf-8")
        axe.write_text(AXE, "utf-8")
        command = [sys.executable, str(SCRIPT), str(page), "--axe", str(axe), "--screenshots", str(shots), *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_clean_page_passes_and_leaves_pictures(check, tmp_path):
    code, told = check(CLEAN)
    assert (code, told.splitlines()[-1]) == (0, "0 faults")
    made = sorted(path.name for path in (tmp_path / "shots").iterdir())
    assert made == ["desktop-1.png", "phone-1.png", "print.pdf"]


def test_every_fault_of_a_bad_page_is_named(check):
    code, told = check(BAD, "--most-bytes", "10")
    assert code == 1
    for fault in ("bytes, more than 10", "console error: oops", "request to https://example.invalid/x.png",
                  "axe image-alt (critical)", "pixels wide on a screen of 390"):  # fmt: skip
        assert fault in told
