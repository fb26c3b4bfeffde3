"""Every sentence of the report: words/<language>.yml, filled with values as the language writes them.

A placeholder is `{name}` or `{name:form}`. The form is a unit (percent, money, short_money, count, days, months,
date, month, number, ratio, interval …), a noun of the language file (`{k:customer}` → "21 customers", in the right
plural), `term` (`{band:term}` → the word for a code) or the singular of any other group of words that has the value
(`{used:period}` → periods.M). For a Finding, `{value}`, `{low}` and `{high}` take the
finding's own unit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from ..foundation.contracts import TABLES
from ..foundation.errors import ReportError, did_you_mean
from ..foundation.finding import Finding
from ..foundation.settings import PlainLoader
from .formats import Locale, spoken

FOLDER = Path(str(files("rapport.present"))) / "words"
_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_METHODS = (
    "money",
    "short_money",
    "signed_money",
    "percent",
    "signed_percent",
    "count",
    "short_count",
    "number",
    "days",
    "date",
    "month",
    "orders",
)
_UNITS = ("ratio", "months", "weeks", "years", "share", "text", "nats")


@dataclass(frozen=True)
class Words:
    """The texts of one language by dotted key, English where the language has none, and the keys it lacks."""

    language: str
    entries: Mapping[str, str]
    missing: tuple[str, ...]

    def has(self, key: str) -> bool:
        return key in self.entries

    def text(self, key: str, /, **values: Any) -> str:
        """The text under a dotted key with its placeholders filled; ReportError for an unknown key or placeholder."""
        if key not in self.entries:
            raise ReportError(
                f"there is no text '{key}'.", f"words/{self.language}.yml", did_you_mean(key, list(self.entries))
            )
        return self.fill(self.entries[key], key, values)

    def fill(self, text: str, key: str, values: Mapping[str, Any]) -> str:
        """The text with its placeholders filled; `key` names it in an error."""
        return _Filler(self, key).vformat(text, (), values)

    def sentence(self, finding: Finding) -> str:
        """The sentence of a finding, in the variant of its status (ok, indicative, not_available).

        A finding without a sentence of its own gets that of its subject (`findings.<subject>.any`), else the generic
        one. An indicative finding without a variant of its own gets the plain sentence; the card says beside it that it
        is indicative, and why. A value that is a code may have a sentence of its own (`findings.<id>.normal`).
        """
        states = [finding.status, *["ok"] * (finding.status == "indicative")]
        if isinstance(finding.value, str):
            states.insert(0, finding.value)
        subjects = [finding.id, f"{finding.id.split('.')[0]}.any", "generic"]
        keys = [f"findings.{subject}.{state}" for subject in subjects for state in states]
        return self.text(next(key for key in keys if key in self.entries), **self._values(finding))

    def about(self, key: str, finding: Finding | None = None, /, **values: Any) -> str:
        """The text under a dotted key, filled with the values and parts of a finding and with `values`."""
        return self.text(key, **((self._values(finding) if finding is not None else {}) | values))

    def basis(self, finding: Finding) -> str:
        """What a finding rests on: basis, n and date."""
        return self.text("card.basis", basis=self.dated(finding.basis), n=finding.n, as_of=finding.as_of)

    def because(self, finding: Finding) -> str:
        """The reason a finding gives; a bare table or column name becomes a sentence about what was not supplied."""
        reason = finding.because.rstrip(". ")
        if re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", reason) and ("." in reason or reason in TABLES):
            return self.text("card.missing_column" if "." in reason else "card.missing_table", what=reason)
        return self.dated(reason)

    def headline(self, finding: Finding) -> str:
        """The headline that words has for a finding instead of its bare value; nothing where there is none."""
        key = f"findings.{finding.id}.headline"
        return self.about(key, finding) if key in self.entries and finding.value is not None else ""

    def name(self, finding: Finding) -> str:
        """The short name of a finding, as a headline figure carries it."""
        return self.label(finding.id)

    def label(self, id: str) -> str:
        """The short name of the finding called `id`."""
        return self.entries.get(f"findings.{id}.name") or _plain(id.split(".")[-1])

    def term(self, code: Any) -> str:
        """The word for a code (`lost_one_timer` → "lost one-time buyer"); a code without a word is written plainly."""
        plain = str(code).replace("_", " ") if re.fullmatch(r"[a-z0-9_]+", str(code)) else str(code)
        return self.entries.get(f"terms.{code}", plain)

    def heading(self, column: str) -> str:
        """The heading of a column in words."""
        return self.entries.get(f"columns.{column}") or _plain(re.sub(r"^(is|has)_|_(on|id)$", "", column))

    def noun(self, noun: str, value: float, locale: Locale) -> str:
        """A number with its noun in the right plural: "1 customer", "21 klientas"."""
        form = locale.plural(value)
        key = next(key for key in (f"nouns.{noun}.{form}", f"nouns.{noun}.other") if key in self.entries)
        return self.entries[key].replace("#", locale.orders(value))

    @staticmethod
    def dated(text: str) -> str:
        """The text with its ISO dates written as the language writes them."""
        return _ISO_DATE.sub(lambda found: spoken().date(found[0], "medium"), text)

    def _values(self, finding: Finding) -> dict[str, Any]:
        locale, is_text = spoken(), isinstance(finding.value, str)
        absent = [end for end in ("low", "high") if getattr(finding, end) is None]
        own = {
            "value": self.term(finding.value) if is_text else locale.text(finding.value, finding.unit),
            "label": self.name(finding),
            "basis": self.dated(finding.basis),
            "because": self.because(finding),
            "grade": finding.grade or "",
        }
        own |= {end: locale.text(getattr(finding, end), finding.unit) for end in ("low", "high") if end not in absent}
        raw = {"value": finding.value, "low": finding.low, "high": finding.high}
        measure = finding.id.split(".")[-1].replace("-", "_")
        about = {"n": finding.n, "as_of": finding.as_of, "level": finding.level, "measure": self.term(measure)}
        return about | dict(finding.parts) | {name: _Both(text, raw.get(name, text)) for name, text in own.items()}


@dataclass(frozen=True)
class _Both:
    """A value already written in its own unit, beside the raw one for a placeholder that names another form."""

    written: str
    raw: Any


class _Filler(Formatter):
    """Fills placeholders in the language the page speaks, and says which ones it does not know."""

    def __init__(self, words: Words, key: str):
        self.words, self.key, self.locale = words, key, spoken()

    def get_value(self, name, args, values):
        if name not in values:
            raise ReportError(
                f"the sentence '{self.key}' asks for {{{name}}}, which is not among its values.",
                f"words/{self.words.language}.yml",
                did_you_mean(str(name), [str(known) for known in values]),
            )
        return values[name]

    def format_field(self, value, form):
        if isinstance(value, _Both):
            value = value.raw if form else value.written
        if not form:
            return self._plainly(value)
        if form == "term":
            return self.words.term(value)
        if f"{form}s.{value}" in self.words.entries:
            return self.words.entries[f"{form}s.{value}"]
        if form == "interval":
            return self.locale.interval(*value)
        if isinstance(value, str) and form not in ("date", "month"):
            return value
        if form in _METHODS and value is not None:
            return getattr(self.locale, form)(value)
        if form in _UNITS or value is None:
            return self.locale.text(value, form)
        if f"nouns.{form}.other" in self.words.entries:
            return self.words.noun(form, value, self.locale)
        raise ReportError(
            f"the sentence '{self.key}' asks for the form '{form}', which does not exist.",
            f"words/{self.words.language}.yml",
            did_you_mean(form, [*_METHODS, *_UNITS, "term", "interval", *self._nouns()]),
        )

    def _plainly(self, value: Any) -> str:
        if isinstance(value, list | tuple):
            return ", ".join(map(self._plainly, value))
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value)
        return self.locale.number(value, 0 if float(value).is_integer() else 2)

    def _nouns(self) -> list[str]:
        return sorted({key.split(".")[1] for key in self.words.entries if key.startswith("nouns.")})


@cache
def words(language: str = "en", folder: Path = FOLDER) -> Words:
    """The texts of a language; what it lacks is English and is listed in `missing`."""
    english = _read(folder / "en.yml")
    path = folder / f"{language}.yml"
    own = english if language == "en" else (_read(path) if path.exists() else {})
    unknown = sorted(key for key in own if key not in english and not key.startswith("nouns."))
    if unknown:
        raise ReportError(
            f"'{unknown[0]}' is no text of the report.", str(path), did_you_mean(unknown[0], list(english))
        )
    missing = tuple(key for key in english if key not in own and not key.startswith("nouns."))
    return Words(language, english | own, missing)


def placeholders(text: str) -> frozenset[str]:
    """The names of the placeholders of a text."""
    return frozenset(name for name, _ in _PLACEHOLDER.findall(text))


def said(key: str, /, **values: Any) -> str:
    """The text under a dotted key in the language the page speaks."""
    return words(spoken().language).text(key, **values)


def _read(path: Path) -> dict[str, str]:
    return dict(_flat(yaml.load(path.read_text("utf-8"), Loader=PlainLoader) or {}, ""))


def _flat(tree: Mapping[str, Any], prefix: str):
    for key, entry in tree.items():
        if isinstance(entry, Mapping):
            yield from _flat(entry, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(entry)


def _plain(code: str) -> str:
    words_ = code.replace("_", " ").strip()
    return words_[:1].upper() + words_[1:]
