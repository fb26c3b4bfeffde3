"""Spelling of names made comparable: one alphabet, one case, no accents, no legal forms, no titles (HU-N4).

For matching only: what a reader sees is always the text as received. Surname and given name need not be told apart:
names are compared as words in any order.
"""

import re
import unicodedata
from functools import lru_cache

from ...foundation.legal_forms import without_form

_LETTERS = """
а=a б=b в=v г=g д=d е=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=c ч=ch ш=sh щ=sht ъ=a
ы=i ь= э=e ю=iu я=ia і=i ї=i є=ie ґ=g ў=u ј=i љ=li њ=ni ћ=ch ђ=d џ=dzh ß=ss ł=l ø=o đ=d ð=d
þ=th æ=ae œ=oe ı=i š=sh č=ch ž=zh
"""
_SPELLED = str.maketrans(dict(letter.split("=") for letter in _LETTERS.split()))
_RUSSIAN_HARD_SIGN = re.compile(
    r"(?<=[бвгджзйклмнпрстфхцчшщ])ъ(?=[еюяё])|ъ\b"
)  # silent in Russian; a vowel in Bulgarian
_WITHIN = re.compile(r"(?<=\b\w)[./](?=\w\b)|['’`.]")  # signs inside a word: s.r.o., O'Neil, A/S
_INITIAL = re.compile(r"(?<!\w)([^\W\d_])\.(?=[^\W\d_])")  # the S. of S.Petrov and of S.A.
_BETWEEN = re.compile(r"[\W_]+")
_ONE_SOUND = (
    ("shch", "sht"), ("sch", "s"), ("tch", "c"), ("sh", "s"), ("ch", "c"), ("zh", "z"), ("kh", "h"), ("tz", "c"),
    ("ts", "c"), ("ph", "f"), ("ck", "k"), ("w", "v"), ("x", "ks"), ("j", "i"), ("y", "i"), ("iie", "ie"), ("ii", "i"),
)  # fmt: skip

_UMLAUT = re.compile(r"(?<![aeiou])([aou])e(?=[^aeiou]|$)")  # Mueller is Müller, but Bauer is not Baur

_TITLES = {
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "ing",
    "mag",
    "hr",
    "herr",
    "frau",
    "dipl",
    "pan",
    "pani",
    "ponas",
    "ponia",
}

_LATIN_LOOKS, _CYRILLIC_LOOKS = "ABEKMHOPCTYXaeopcyxi", "АВЕКМНОРСТУХаеорсухі"  # letters that look alike
_TO_CYRILLIC = str.maketrans(_LATIN_LOOKS, _CYRILLIC_LOOKS)
_TO_LATIN = str.maketrans(_CYRILLIC_LOOKS, _LATIN_LOOKS)
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W\d_]+")
_GENDER = re.compile(
    r"\s*[,;/(\[]\s*(?:m|f|male|female|vyr|vyras|mot|moteris|м|ж|муж|жен|мужчина|женщина|мъж|жена|mees|naine|férfi|nő)"
    r"\.?\s*[)\]]?\s*$",
    re.IGNORECASE,
)


def unmixed(text: str) -> str:
    """The text with every word in one alphabet: a Latin `a` typed in a Cyrillic word becomes Cyrillic, and the reverse.

    Only letters that look the same in both are changed, and only in words that hold letters of both.
    """
    if text.isascii() or not _CYRILLIC.search(text) or not _LATIN.search(text):
        return text
    return _WORD.sub(lambda word: _in_one_alphabet(word[0]), text)


def _in_one_alphabet(word: str) -> str:
    cyrillic, latin = _CYRILLIC.findall(word), _LATIN.findall(word)
    if not cyrillic or not latin:
        return word
    may_be = {"cyrillic": set(latin) <= set(_LATIN_LOOKS), "latin": set(cyrillic) <= set(_CYRILLIC_LOOKS)}
    if may_be["cyrillic"] and (not may_be["latin"] or len(cyrillic) >= len(latin)):
        return word.translate(_TO_CYRILLIC)
    return word.translate(_TO_LATIN) if may_be["latin"] else word


def without_gender(name: str) -> str:
    """The name without a gender written behind it: "Ivanova Anna, f" → "Ivanova Anna"; what is not needed is not used."""
    return _GENDER.sub("", name) or name


def spelling(text: str) -> str:
    """The text in one alphabet, one case and without accents or punctuation: "Щербакова, Ю." → "sterbakova iu"."""
    text = unmixed(text).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
        text = _RUSSIAN_HARD_SIGN.sub("", text).translate(_SPELLED)
        text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    text = _BETWEEN.sub(" ", _WITHIN.sub("", text)).strip()
    return " ".join(_sounded(word) for word in text.split(" "))


@lru_cache(maxsize=2**16)
def _sounded(word: str) -> str:
    """The word with what sounds alike written alike; an initial stays the letter it is."""
    if len(word) == 1:
        return word
    for spelled, sound in _ONE_SOUND:
        word = word.replace(spelled, sound)
    return _UMLAUT.sub(r"\1", word)


def name_parts(name: str, *, is_person: bool = False) -> tuple[tuple[str, ...], str]:
    """The words of a name without titles and legal form, and the legal form ("" when none), in matching spelling.

    Initials are words of one letter ("S.A. Petrov" → petrov, s, a). `is_person` keeps words that look like legal forms
    ("As", "Sa") as parts of the name. A name that is nothing but a legal form keeps it as its word.
    """
    name, form = without_gender(name), ""
    if not is_person:
        name, form = without_form(unmixed(name))
    words = tuple(spelling(_INITIAL.sub(r"\1 ", name)).split())
    if not form:
        words = tuple(word for word in words if word not in _TITLES) or words
    return words, spelling(form).replace(" ", "")
