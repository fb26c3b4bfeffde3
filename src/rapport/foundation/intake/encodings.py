"""Bytes → text: strict UTF-8, then UTF-16 by its mark, then the country's code page; a misread is refused, not guessed.

A code page decodes almost any bytes, so the result is looked at: letters of two scripts in one word, signs inside
words, capitals after small letters, or accents that no one language has together say that the page was wrong.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from ..errors import IntakeError

CODE_PAGES = {
    **dict.fromkeys(("LT", "LV", "EE"), "cp1257"),
    **dict.fromkeys(("BG", "RU", "UA", "BY", "RS", "MK", "KZ"), "cp1251"),
    **dict.fromkeys(("HU", "PL", "CZ", "SK", "SI", "HR", "RO", "BA"), "cp1250"),
    "GR": "cp1253",
    "TR": "cp1254",
}
OTHER_PAGES = (
    "cp1257",
    "cp1251",
    "cp1250",
    "cp1252",
    "cp775",
    "cp866",
    "cp852",
    "cp850",
    "koi8_r",
    "iso8859_13",
    "iso8859_2",
    "iso8859_5",
)
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
APOSTROPHES = str.maketrans(dict.fromkeys("'’ʼ‘´–—\u00ad\u200b"))
STRANGE_SHARE = 0.2
LOOKED_AT = 400_000

ALPHABETS = tuple(
    frozenset(letters + letters.upper())
    for letters in (
        "ąčęėįšųūž",
        "āčēģīķļņŗōšūž",
        "äöõüšž",
        "ąćęłńóśźż",
        "äöüßé",
        "áéíóöőúüű",
        "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž",
        "ăâîșțşţ",
        "čćđšž",
        "åäöæøéü",
        "àâæçèéêëîïôœùûüÿ",
        "áéíóúüñàçïò",
        "ãáâàçéêíóôõúü",
        "àèéìíîòóùú",
        "çğıİöşüâîû",
    )
)

WORD = re.compile(r"[^\s\d\x00-\x26\x28-\x40\x5b-\x60\x7b-\x7f]+")
EDGES = "'„“”‘’«»‹›–—…•·№°²³ºª§€£¥₽½®™\xa0\u202f\u00ad\u200b"
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
ACCENTED = re.compile(r"[\u0080-\u024f]")
JOINT = re.compile(r"[^\W\d_A-Z][^\W\d_A-Za-z]")


@dataclass(frozen=True)
class Decoded:
    """The text of a file, the encoding it was read with, and five words beyond ASCII to judge it by."""

    text: str
    encoding: str
    samples: tuple[str, ...] = ()


def decoded(content: bytes, *, where: str, country: str | None = None, encoding: str | None = None) -> Decoded:
    """The file's text. `encoding` declared wins; else strict UTF-8, UTF-16, then the code page of `country`.

    Raises IntakeError when the bytes do not fit the encoding, or fit it but plainly read as something else.
    """
    if encoding:
        return _as_declared(content, encoding, where)
    for mark, name in MARKS:
        if content.startswith(mark):
            return _checked(_strict(content, name, where), name, content, where)
    wide = _utf16_without_mark(content)
    if wide:
        return _checked(_strict(content, wide, where), wide, content, where)
    try:
        return _checked(content.decode("utf-8"), "utf-8", content, where)
    except UnicodeDecodeError:
        page = CODE_PAGES.get(country or "", "cp1252")
    try:
        text = content.decode(page)
    except UnicodeDecodeError as error:
        raise _misread(content, page, f"byte {content[error.start]:#04x}", where, _line(content, error.start)) from None
    return _checked(text, page, content, where)


def _as_declared(content: bytes, encoding: str, where: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise IntakeError(
            f"there is no encoding '{encoding}'.",
            where,
            "write one such as utf-8, cp1257, cp1251, cp1250, cp1252, utf-16.",
        ) from None
    if name == "utf-8" and content.startswith(codecs.BOM_UTF8):
        name = "utf-8-sig"
    text = _strict(content, name, where)
    return Decoded(text, encoding, _samples(text))


def _strict(content: bytes, encoding: str, where: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = _line(content, error.start)
        raise IntakeError(
            f"the bytes are not {encoding}: {error.reason}.",
            f"{where}, line {line}",
            _proposal(content, encoding),
        ) from None


def _checked(text: str, encoding: str, content: bytes, where: str) -> Decoded:
    """The text, unless it plainly reads as something else than the words of a client."""
    if "\x00" in text:
        raise IntakeError(
            "the file holds zero bytes: it is not text.", where, "export it again as CSV, Excel or Parquet."
        )
    beyond = _words_beyond_ascii(text)
    strange = [word for word in beyond if _is_strange(word)]
    if strange and len(strange) > STRANGE_SHARE * len(beyond):
        first = text.find(strange[0])
        raise _misread(content, encoding, f"'{strange[0]}'", where, text.count("\n", 0, first) + 1)
    return Decoded(text, encoding, _samples(text))


def _misread(content: bytes, encoding: str, sign: str, where: str, line: int) -> IntakeError:
    return IntakeError(
        f"the file does not read as {encoding}: it shows {sign}.", f"{where}, line {line}", _proposal(content, encoding)
    )


def _proposal(content: bytes, tried: str) -> str:
    """What to set instead, with a word as it would then read."""
    readings = []
    for page in OTHER_PAGES:
        if page == tried:
            continue
        try:
            words = _words_beyond_ascii(content[:LOOKED_AT].decode(page))
        except UnicodeDecodeError:
            continue
        strange = sum(map(_is_strange, words)) / len(words) if words else 1.0
        if strange <= STRANGE_SHARE:
            readings.append((strange, f"`encoding: {page}` (reads '{max(words[:50], key=len)}')"))
    if tried.startswith("utf-8") and not readings:
        return (
            "the letters were broken before the file was saved: ask for a new export, or accept them as they are "
            "with `encoding: utf-8`."
        )
    best = [text for _, text in sorted(readings, key=lambda reading: reading[0])[:3]]
    listed = " or ".join(best) or "`encoding:` for this source (cp1257, cp1251, cp1250, cp1252, cp775, cp866, utf-16 …)"
    return f"set {listed} under this source in engagement.yml."


def _utf16_without_mark(content: bytes) -> str | None:
    """UTF-16 saved without its mark: every second byte names one of few pages."""
    head = content[:2000]
    if len(head) < 4 or b"\x00" not in head:
        return None
    pages = {0, 1, 4, 0x20}  # Latin, its extension, Cyrillic, punctuation
    for name, high, low in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if set(high) <= pages and low.count(0) < 0.05 * len(low):
            return name
    return None


def _words_beyond_ascii(text: str) -> list[str]:
    head = text[:LOOKED_AT]
    if head.isascii():
        head = (
            "\n".join(line for line in text.splitlines() if not line.isascii())[:LOOKED_AT]
            if not text.isascii()
            else ""
        )
    words = (word.strip(EDGES) for word in WORD.findall(head) if not word.isascii())
    return [word for word in words if word and not word.isascii()]


def _is_strange(word: str) -> bool:
    """A word no person would have written: the sign of a wrong code page."""
    word = unicodedata.normalize("NFC", word).translate(APOSTROPHES)
    if not word.isalpha() or any(pair[0].islower() and pair[1].isupper() for pair in JOINT.findall(word)):
        return True
    if CYRILLIC.search(word):
        return bool(LATIN.search(word))
    accents = set(ACCENTED.findall(word))
    if len(word) >= 4 and sum(letter in accents for letter in word) > 0.75 * len(word):
        return True
    return bool(accents) and not any(accents <= alphabet for alphabet in ALPHABETS)


def _samples(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in _words_beyond_ascii(text) if len(word) > 2))[:5]


def _line(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1
