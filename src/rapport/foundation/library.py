"""Where the kit's own notebooks and playbook lie: in the checkout, or beside the installed package."""

import sys
from pathlib import Path

from .errors import RunError

_PLACES = (Path(__file__).resolve().parents[3], Path(sys.prefix) / "share" / "rapport")


def library_folder(name: str) -> Path:
    """The folder `notebooks` or `playbook` of the kit. Raises RunError when the installation lacks it."""
    for place in _PLACES:
        if (place / name).is_dir():
            return place / name
    raise RunError(
        f"the kit's folder '{name}' is not there.",
        " or ".join(str(place / name) for place in _PLACES),
        "install from a checkout: pip install -e .",
    )
