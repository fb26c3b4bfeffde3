"""The kit's words as data (synonyms.yml), and how the names of columns are compared."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

CAMEL = re.compile(r"(?<=[a-zа-я0-9])(?=[A-ZА-Я])|(?<=[A-Z])(?=[A-Z][a-z])")
LETTERS = str.maketrans({"ё": "е", "ß": "ss", "ı": "i", "ł": "l", "ø": "o", "đ": "d"})


@cache
def vocabulary() -> dict[str, Any]:
    """synonyms.yml: columns, tables and choices in six languages, yes and no, totals, currencies, personal words."""
    return yaml.safe_load(files("rapport.foundation.intake").joinpath("synonyms.yml").read_text("utf-8"))


@lru_cache(maxsize=2**16)
def plain_name(name: str) -> str:
    """A column's name in small letters without accents and signs: `Sąskaitos Nr.` and `saskaitos_nr` are one."""
    apart = CAMEL.sub(" ", unicodedata.normalize("NFC", name)).casefold().translate(LETTERS)
    bare = "".join(sign for sign in unicodedata.normalize("NFD", apart) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w]+|_", " ", bare).split())


@cache
def plain_words(*path: str) -> frozenset[str]:
    """A list of synonyms.yml with its words made plain."""
    entry = vocabulary()
    for key in path:
        entry = entry[key]
    return frozenset(plain_name(word) for word in entry)


@cache
def own_words(table: str, ours: str) -> frozenset[str]:
    """What clients call a column of ours in this table, made plain; nothing where the kit knows no words for it."""
    return frozenset(plain_name(word) for word in vocabulary()["columns"].get(table, {}).get(ours, ()))
