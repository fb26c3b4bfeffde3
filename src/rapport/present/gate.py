"""The privacy gate: what a finished report says that a shared copy must not.

It looks at everything in the file, also at the texts inside pictures. It finds; whether to fail is decided elsewhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\w.,])\d(?:[ -]?\d){12,18}(?![\w.,])")
_PHONE = re.compile(r"(?<![\w.,+])(?:\+\d{1,3}|00\d{1,3})(?:[ ()/.-]{0,2}\d){6,12}(?![\w])")
_HOME = re.compile(r"(?:/home/|/Users/|/root/|[A-Z]:\\Users\\)[\w.-]+")
_STYLE = re.compile(r"<style>.*?</style>|<meta [^>]*>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BREAK = " ¦ "  # between two texts, so that no find spans neighbours such as the ticks of an axis
_AROUND = 40  # characters of context shown with a find
_SHORTEST_NAME = 4  # shorter names are words of the language


@dataclass(frozen=True)
class Leak:
    """Something personal in the report: what kind it is, what was found, and the text around it."""

    kind: str
    found: str
    context: str


def leaks(report: Path, *, names: Iterable[str] = (), allowed: Iterable[str] = ()) -> list[Leak]:
    """What the report shows of e-mails, IBANs, card and telephone numbers, home folders, and the given names.

    names    the client's customers, managers and contacts; whole words, any case; very short ones are not looked for
    allowed  texts that may stand in the report (the firm's own address, for instance)
    """
    text = _visible(report.read_text("utf-8"))
    found = [Leak(kind, match[0], _context(text, match)) for kind, match in _matches(text)]
    found += [Leak("name", match[0], _context(text, match)) for match in _named(text, names)]
    permitted = {entry.casefold() for entry in allowed}
    return [leak for leak in dict.fromkeys(found) if leak.found.casefold() not in permitted]


def _visible(html: str) -> str:
    """Everything a reader or a program can read in the file: texts, attributes, and the texts of pictures."""
    html = unquote(_STYLE.sub(" ", html), errors="replace")
    attributes = _BREAK.join(re.findall(r"(?:alt|title|aria-label)=\"([^\"]*)\"", html))
    return re.sub(r"\s+", " ", unescape(_TAG.sub(_BREAK, html) + _BREAK + attributes))


def _matches(text: str):
    for match in _EMAIL.finditer(text):
        yield "e-mail", match
    for match in _IBAN.finditer(text):
        if _is_iban(match[0]):
            yield "IBAN", match
    for match in _CARD.finditer(text):
        if _is_card(match[0]):
            yield "card number", match
    for match in _PHONE.finditer(text):
        yield "telephone", match
    for match in _HOME.finditer(text):
        yield "home folder", match


def _named(text: str, names: Iterable[str]):
    long_enough = {" ".join(name.split()) for name in names if len(name.strip()) >= _SHORTEST_NAME}
    wanted = sorted(long_enough, key=lambda name: (-len(name), name))
    for start in range(0, len(wanted), 2000):
        either = "|".join(map(re.escape, wanted[start : start + 2000]))
        yield from re.finditer(rf"(?<!\w)(?:{either})(?!\w)", text, re.IGNORECASE)


def _is_iban(text: str) -> bool:
    """ISO 13616: letters as numbers, the first four characters moved to the end, remainder 1 by 97."""
    code = text.replace(" ", "")
    if not 15 <= len(code) <= 34:
        return False
    return int("".join(str(int(sign, 36)) for sign in code[4:] + code[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    """Luhn's check, for 13 to 19 digits that do not all agree."""
    digits = [int(sign) for sign in text if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _context(text: str, match: re.Match) -> str:
    return text[max(match.start() - _AROUND, 0) : match.end() + _AROUND].strip()
