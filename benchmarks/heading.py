"""The head of every file of results: what was run, when, on how many cores."""

import os
import platform
import sys
from datetime import date
from pathlib import Path


def heading(title: str) -> list[str]:
    """Title, the command as it was given, the day and the machine; without paths."""
    said = [Path(word).name if "/" in word else word for word in sys.argv[1:]]
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *said])
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return [f"# {title}", "", f"`{command}`, {date.today().isoformat()}, {machine}.", ""]
