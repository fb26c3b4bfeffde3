"""Questionnaires: what a client is asked for where it has no file to send, as data in every language (HU-N6).

One YAML file each, in `questionnaires/` beside this room or in `questionnaires/` of an engagement. A questionnaire fills
one canonical table: its fields are columns of that table's contract, with the question as it is asked and the words of
each option. `_form.yml` holds the words every form has.
"""

import re
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from ..contracts import Column
from ..errors import SettingsError, did_you_mean
from ..settings import Strict, read_yaml
from .source import CANONICAL
from .vocabulary import plain_name

FOLDER = "questionnaires"
FORM = "_form.yml"
ENGLISH = "en"
COUNTRIES = {"LT": "lt", "RU": "ru", "BG": "bg", "EE": "et", "HU": "hu"}  # whose language the kit's questionnaires have
TITLE_LENGTH = 31  # Excel's limit for the name of a sheet
BY_US = ("customer_id",)  # columns the kit fills in


def _english_first(terms: dict[str, str]) -> dict[str, str]:
    if ENGLISH not in terms:
        raise ValueError("give the English: what a language lacks is shown in it")
    return _spoken(terms)


def _spoken(terms: dict[str, str]) -> dict[str, str]:
    for language, term in terms.items():
        if not re.fullmatch(r"[a-z]{2}", language):
            raise ValueError(f"'{language}' is no language: two small letters, such as lt")
        if not term.strip():
            raise ValueError(f"the term in '{language}' is empty: leave the language out, it is then listed as missing")
    return terms


Terms = Annotated[dict[str, str], AfterValidator(_english_first)]


class Question(Strict):
    """One column of the form: the canonical column it fills, what may be written there, and the question as asked."""

    column: str
    type: Literal["text", "number", "money", "share", "day", "choice", "yes_no"]
    required: bool = False
    question: Terms
    options: dict[str, Terms] = {}

    @model_validator(mode="after")
    def _options_where_one_chooses(self) -> "Question":
        if bool(self.options) != (self.type == "choice"):
            raise ValueError(f"'{self.column}': a choice has options, and nothing else has")
        _refuse_shared(
            f"'{self.column}': the option", {code: [code, *said.values()] for code, said in self.options.items()}
        )
        return self

    @property
    def terms(self) -> dict[str, Terms]:
        """Everything that is said in words, by what it is."""
        return {self.column: self.question} | {f"{self.column} = {code}": said for code, said in self.options.items()}


class Questionnaire(Strict):
    """One form: the table it fills, what it is for, who fills it in, and its questions in order.

    lists      whom a run can list in it: `customers` who still buy, or `leavers` nobody has asked yet
    without_it what its absence costs, in languages other than English; the English stands in the table's contract
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    table: Literal[tuple(CANONICAL)]
    lists: Literal["customers", "leavers"] | None = None
    title: Terms
    about: Terms
    filled_by: Terms
    without_it: Annotated[dict[str, str], AfterValidator(_spoken)] = {}
    fields: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _as_the_contract_says(self) -> "Questionnaire":
        columns = {name: column for name, column in CANONICAL[self.table].columns.items() if name not in BY_US}
        for field in self.fields:
            if field.column not in columns:
                cure = did_you_mean(field.column, list(columns))
                raise ValueError(f"table '{self.table}' asks nobody for a column '{field.column}'; {cure}")
            _refuse_other_kind(field, columns[field.column])
        required = {field.column for field in self.fields if field.required}
        left = [name for name in CANONICAL[self.table].required if name not in required]
        if left:
            raise ValueError(f"table '{self.table}' needs {', '.join(left)}: ask for it, with `required: true`")
        return self

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> "Questionnaire":
        columns = [field.column for field in self.fields]
        if len(set(columns)) < len(columns):
            raise ValueError("a column is asked for twice")
        _refuse_shared("the question of", {field.column: field.question.values() for field in self.fields})
        long = [title for title in self.title.values() if len(title) > TITLE_LENGTH or set(title) & set("[]:*?/\\")]
        if long:
            raise ValueError(f"'{long[0]}' cannot name a sheet: up to {TITLE_LENGTH} characters, none of []:*?/\\")
        return self

    @cached_property
    def terms(self) -> dict[str, Mapping[str, str]]:
        """Every term of the form by what it is: title, about, filled_by, without_it, questions, options."""
        own = {"title": self.title, "about": self.about, "filled_by": self.filled_by, "without_it": self.costs}
        return own | {name: said for field in self.fields for name, said in field.terms.items()}

    @property
    def costs(self) -> dict[str, str]:
        """What the absence of the table costs, in every language it is said in."""
        return {ENGLISH: CANONICAL[self.table].costs} | self.without_it

    @property
    def identifying(self) -> frozenset[str]:
        """Columns that say whom or what a row is about, and answer nothing by themselves."""
        return frozenset({"record_source", "record_id", *CANONICAL[self.table].key})

    def missing(self, language: str) -> tuple[str, ...]:
        """The terms that have no word in a language, and are shown in English."""
        return tuple(name for name, said in self.terms.items() if language not in said)

    def speaks(self, language: str) -> bool:
        """Whether any question is asked in the language."""
        return any(language in field.question for field in self.fields)


class FormWords(Strict):
    """The words every form has, whatever it asks for."""

    read_me: Terms
    title: Terms
    greeting: Terms
    how: Terms
    required: Terms
    lists: Terms
    money: Terms
    privacy: Terms
    afterwards: Terms
    sheet: Terms
    about: Terms
    filled_by: Terms
    without_it: Terms
    customer: Terms
    yes: Terms
    no: Terms

    def missing(self, language: str) -> tuple[str, ...]:
        """The words that a language lacks, and that are shown in English."""
        return tuple(name for name, said in self if language not in said)


def said(terms: Mapping[str, str], language: str) -> str:
    """The term in a language, in English where the language has none."""
    return terms.get(language, terms[ENGLISH])


def heading(field: Question, language: str) -> str:
    """The heading of a column of the form: the question, with a star where an answer is required."""
    return said(field.question, language) + (" *" if field.required else "")


@cache
def form_words() -> FormWords:
    """The words of `_form.yml`."""
    path = _kit() / FORM
    try:
        return FormWords(**read_yaml(path))
    except ValidationError as error:
        raise _explained(error, path, FormWords) from None


def questionnaires(folder: Path | None = None) -> dict[str, Questionnaire]:
    """Every questionnaire by id: the kit's, and those in `questionnaires/` of the engagement `folder`, which win.

    Raises SettingsError naming file, key and cure for one that is not to the format or not to its table's contract.
    """
    own = sorted((folder / FOLDER).glob("*.yml")) if folder else []
    return _of_kit() | {path.stem: read_questionnaire(path) for path in own}


def read_questionnaire(path: Path) -> Questionnaire:
    """One questionnaire from its file, whose name is its id. Raises SettingsError."""
    entries = read_yaml(path)
    if not isinstance(entries, dict):
        raise SettingsError(
            "the questionnaire is empty.", str(path), "write id, table, title, about, filled_by, fields."
        )
    try:
        made = Questionnaire(**entries)
    except ValidationError as error:
        raise _explained(error, path, Questionnaire) from None
    if made.id != path.stem:
        raise SettingsError(
            f"the id '{made.id}' is not the file's name.", str(path), f"call one as the other: {path.stem}."
        )
    return made


@cache
def _of_kit() -> dict[str, Questionnaire]:
    return {path.stem: read_questionnaire(path) for path in sorted(_kit().glob("*.yml")) if path.name != FORM}


def _kit() -> Path:
    return Path(str(files("rapport.foundation.intake"))) / FOLDER


def _refuse_other_kind(field: Question, column: Column) -> None:
    kind = _kind(column)
    fits = {"text": ("text",), "choice": ("text", "choice")}.get(field.type, (field.type,))
    if kind not in fits:
        raise ValueError(f"'{field.column}' is no {field.type}: its type is {kind}")
    other = [code for code in field.options if column.options and code not in column.options]
    if other:
        raise ValueError(f"'{other[0]}' is no option of {field.column}; its options are {', '.join(column.options)}")


def _kind(column: Column) -> str:
    """The type of question that fills a column of a contract."""
    if column.options:
        return "choice"
    by_unit = {"date": "day", "money": "money", "share": "share", "yes/no": "yes_no"}
    return by_unit.get(column.unit, "number" if column.dtype == "float64" else "text")


def _refuse_shared(what: str, words: Mapping[str, Any]) -> None:
    """Raises ValueError where one word, in whichever language, would stand for two things."""
    taken: dict[str, str] = {}
    for name, said_so in words.items():
        for word in said_so:
            if taken.setdefault(plain_name(word), name) != name:
                raise ValueError(f"{what} '{name}' and '{taken[plain_name(word)]}' are both called '{word}'")


def _explained(error: ValidationError, path: Path, model: type[Strict]) -> SettingsError:
    first = min(
        error.errors(), key=lambda one: one["type"] != "extra_forbidden"
    )  # a misspelt key before what it leaves out
    where = ", ".join([str(path), ".".join(map(str, first["loc"]))]).removesuffix(", ")
    if first["type"] == "extra_forbidden":
        known = Question if "fields" in first["loc"] else model
        cure = did_you_mean(str(first["loc"][-1]), list(known.model_fields))
        return SettingsError(f"unknown key '{first['loc'][-1]}'.", where, cure)
    if first["type"] == "missing":
        return SettingsError(f"'{first['loc'][-1]}' is missing.", where, f"add the key '{first['loc'][-1]}'.")
    return SettingsError(f"{first['msg'].removeprefix('Value error, ')}.", where, "correct the questionnaire.")
