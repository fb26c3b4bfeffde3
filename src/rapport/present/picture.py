"""A picture of the report as HTML: an `<img>` with its data inside, alt text and caption."""

import re
from collections.abc import Mapping
from html import escape

from ..foundation.errors import ReportError

_DATA_URI = str.maketrans({"%": "%25", "#": "%23", "'": "%27", "&": "%26", "<": "%3C", ">": "%3E", "\n": " "})


def picture(data: str, mime: str, about: Mapping[str, str], page: str) -> str:
    """`<figure>` with the picture, whose `about` must hold `alt` and may hold `caption`.

    An SVG is a data URI in an `<img>`, where no script in it can run. Raises ReportError where the alt text is missing.
    """
    alt = about.get("alt", "").strip()
    if not alt:
        raise ReportError(
            "a picture has no alt text, so readers who cannot see it learn nothing.",
            f"page {page}",
            "draw it with a function of rapport.present.charts, or give metadata with 'alt' to display().",
        )
    caption = about.get("caption", "")
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    label = escape(about.get("title") or alt, quote=True)
    return (
        f'<figure><div class="scroll" tabindex="0" role="group" aria-label="{label}">'
        f"<img alt=\"{escape(alt, quote=True)}\" src='{_source(data, mime)}'{_size(data, mime)}></div>{below}</figure>"
    )


def _source(data: str, mime: str) -> str:
    if mime == "image/svg+xml":
        return f"data:{mime},{data.translate(_DATA_URI)}"
    return f"data:{mime};base64,{data.replace(chr(10), '')}"


def _size(data: str, mime: str) -> str:
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', data) if mime == "image/svg+xml" else None
    return f' width="{float(box[1]):.0f}" height="{float(box[2]):.0f}"' if box else ""
