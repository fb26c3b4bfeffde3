"""Looks at a finished report in a real browser and says what is wrong with it; exits with 1 when anything is.

    python tests/browser/check_report.py runs/latest/report/index.html --screenshots .ci/screenshots

Checked, on a desktop (1280 pixels wide) and on a phone (390): no violation of axe-core's rules with every fold open, no
message of error or warning in the console, no request to anything but the file itself, no sideways scrolling. Left
behind: pictures of the whole page at both widths, and the printed report as PDF.

Chromium is driven over its DevTools protocol; axe-core comes from a pinned wheel on PyPI, or from `--axe FILE`.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from shutil import which

from websocket import WebSocketTimeoutException, create_connection

AXE_WHEEL = "axe-playwright-python==0.1.8"
AXE_WHEEL_SHA256 = "fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8"
WIDTHS = {"desktop": 1280, "phone": 390}
SLICE = 8000  # pixels; a taller picture is cut into several, since browsers cannot paint it in one
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
    "--remote-allow-origins=*",
]  # fmt: skip


class Browser:
    """A headless Chromium with one open page; notes its console messages and its requests."""

    def __init__(self, folder: Path):
        program = next(filter(None, map(which, BROWSERS)), None)
        if program is None:
            sys.exit("no Chromium found: install the package chromium.")
        command = [program, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = self._port(folder / "DevToolsActivePort")
        self.socket = create_connection(self._page_address(port), timeout=180, suppress_origin=True)
        self.number, self.messages, self.requests = 0, [], []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters):
        """Sends a command and returns its result; events that arrive meanwhile are noted."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self._note(answer)

    def evaluate(self, expression: str):
        """The value of a JavaScript expression in the page, awaited."""
        told = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            sys.exit(f"in the page: {told['exceptionDetails'].get('exception', told)['description']}")
        return told["result"].get("value")

    def open(self, address: str, width: int) -> None:
        """Opens a page at a width and waits until it has loaded and all is quiet."""
        self.messages.clear()
        self.requests.clear()
        is_phone = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=is_phone)
        self.call("Page.navigate", url=address)
        self._listen(until="Page.loadEventFired")
        self.evaluate("document.fonts.ready.then(() => true)")

    def close(self) -> None:
        self.call("Browser.close")
        self.socket.close()
        self.process.wait(timeout=30)

    def _listen(self, until: str) -> None:
        self.socket.settimeout(180)
        while True:
            try:
                event = json.loads(self.socket.recv())
            except WebSocketTimeoutException:
                sys.exit("the page did not finish loading within a minute.")
            self._note(event)
            if event.get("method") == until:
                return

    def _note(self, event: dict) -> None:
        told = event.get("params", {})
        match event.get("method"):
            case "Runtime.consoleAPICalled" if told["type"] in ("error", "warning", "assert"):
                words = [str(part.get("value", part.get("description", ""))) for part in told["args"]]
                self.messages.append(f"{told['type']}: {' '.join(words)}")
            case "Runtime.exceptionThrown":
                self.messages.append(f"exception: {told['exceptionDetails']['text']}")
            case "Log.entryAdded" if told["entry"]["level"] in ("error", "warning"):
                self.messages.append(f"{told['entry']['level']}: {told['entry']['text']}")
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])

    def _port(self, file: Path) -> int:
        for _ in range(300):
            if file.exists() and file.read_text().strip():
                return int(file.read_text().splitlines()[0])
            if self.process.poll() is not None:
                sys.exit(f"the browser ended at once with {self.process.returncode}.")
            time.sleep(0.1)
        sys.exit("the browser did not start within 30 seconds.")

    @staticmethod
    def _page_address(port: int) -> str:
        from urllib.request import urlopen

        with urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            return next(tab["webSocketDebuggerUrl"] for tab in json.load(answer) if tab["type"] == "page")


def axe_source(file: Path | None) -> str:
    """The text of axe-core: of the given file, else from the pinned wheel, whose hash is checked."""
    if file is not None:
        return file.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--only-binary=:all:", "--dest", folder, AXE_WHEEL],
            check=True,
        )  # fmt: skip
        (wheel,) = Path(folder).glob("*.whl")
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != AXE_WHEEL_SHA256:
            sys.exit(f"{wheel.name} is not the wheel that was pinned.")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read("axe_playwright_python/axe.min.js").decode("utf-8")


def faults_of_page(browser: Browser, address: str, width: int, axe: str) -> tuple[list[str], str]:
    """What is wrong with the open page, and one line on what was looked at."""
    asked = [url for url in browser.requests if url != address and not url.startswith("data:")]
    faults = [f"console {message}" for message in browser.messages] + [f"request to {url}" for url in asked]
    reach = browser.evaluate("document.documentElement.scrollWidth")
    if reach > width:
        faults.append(f"the page is {reach} pixels wide on a screen of {width}")
    browser.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    browser.evaluate(axe + ";true")
    options = "{resultTypes: ['violations'], preload: false}"
    found = json.loads(browser.evaluate(f"axe.run(document, {options}).then(JSON.stringify)"))
    for violation in found["violations"]:
        for node in violation["nodes"]:
            faults.append(f"axe {violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:160]}")
    count = "document.querySelectorAll('{}').length".format
    figures, tables, folds = (browser.evaluate(count(tag)) for tag in ("figure", "main table", "details"))
    engine = f"axe-core {found['testEngine']['version']}"
    rules = f"{engine}: {len(found['passes'])} rules passed, {len(found['violations'])} violated"
    told = f"{rules}; {len(browser.requests)} requests; {figures} figures, {tables} tables, {folds} folds"
    return faults, told


def photograph(browser: Browser, folder: Path, name: str, width: int) -> None:
    """Pictures of the whole page, cut where it is taller than a browser can paint at once."""
    height = browser.evaluate("document.documentElement.scrollHeight")
    for number, top in enumerate(range(0, height, SLICE), start=1):
        clip = {"x": 0, "y": top, "width": width, "height": min(SLICE, height - top), "scale": 1}
        picture = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        (folder / f"{name}-{number}.png").write_bytes(base64.b64decode(picture["data"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report", type=Path, help="the finished report, an HTML file")
    parser.add_argument("--screenshots", type=Path, required=True, help="folder for pictures and the printed PDF")
    parser.add_argument("--axe", type=Path, help="axe.min.js, instead of the pinned wheel")
    parser.add_argument("--most-bytes", type=int, default=3_000_000, help="largest size of the report")
    given = parser.parse_args()
    report, axe = given.report.resolve(), axe_source(given.axe)
    given.screenshots.mkdir(parents=True, exist_ok=True)
    faults = []
    size = report.stat().st_size
    if size > given.most_bytes:
        faults.append(f"the report has {size:,} bytes, more than {given.most_bytes:,}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(Path(profile))
        for name, width in WIDTHS.items():
            browser.open(report.as_uri(), width)
            photograph(browser, given.screenshots, name, width)
            found, told = faults_of_page(browser, report.as_uri(), width, axe)
            faults += [f"{name}: {fault}" for fault in found]
            print(f"{name}, {width} pixels: {told}")
        browser.open(report.as_uri(), WIDTHS["desktop"])
        printed = browser.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True, generateTaggedPDF=True)
        (given.screenshots / "print.pdf").write_bytes(base64.b64decode(printed["data"]))
        browser.close()
    print(f"{report.name}: {size:,} bytes; pictures and print.pdf in {given.screenshots}")
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
