"""How a page opens: the engagement, and the language and currency everything on the page is written in."""

from pathlib import Path

from .foundation.engagement import Engagement, open_engagement
from .foundation.runs import LAB
from .present.display import start_page


def open_page(engagement: str | Path, run: str = LAB) -> Engagement:
    """The engagement in the folder `engagement`, reading and writing `run`; the page speaks its language from here on.

    `run` is "lab" when a page is worked on in JupyterLab, or the name of a run, given by the runner.
    """
    firm = open_engagement(engagement, run)
    start_page(language=firm.file.language, currency=firm.file.currency)
    return firm
