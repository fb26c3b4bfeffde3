"""Source: how one file (or folder, sheet, query, bank statement) of the client is read, as engagement.yml says it.

Everything about encoding, dialect and formats may be left out: it is then detected, and what was found is reported.
Unknown keys are refused.
"""

import re
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ..contracts import INPUTS
from ..settings import Strict

CANONICAL = {table.name: table for table in INPUTS}
BANK_TABLES = ("transactions", "records")


class Declared(Strict):
    """A strict model whose text fields also take numbers written without quotes in YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, populate_by_name=True)


def _many(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else (value,)


def _rate(value: Any) -> float:
    """A rate as a number, or as a fraction in words: `1/1.95583`."""
    try:
        top, _, bottom = str(value).partition("/")
        rate = float(Fraction(top.strip()) / Fraction(bottom.strip() or "1"))
    except (ValueError, ZeroDivisionError):
        raise ValueError("a rate is a number such as 0.92, or a fraction such as 1/1.95583") from None
    if rate <= 0:
        raise ValueError("a rate is above zero: how many units of the engagement's currency one unit is worth")
    return rate


Texts = Annotated[tuple[str, ...], BeforeValidator(_many)]
Rate = Annotated[float, BeforeValidator(_rate)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Condition(Declared):
    """What must hold in one column; everything given must hold. Text is compared as the file has it."""

    among: Texts | None = Field(default=None, alias="in")
    not_in: Texts | None = None
    starts_with: Texts | None = None
    matches: str | None = None
    below: float | str | None = None
    above: float | str | None = None
    empty: bool | None = None

    @field_validator("matches")
    @classmethod
    def _is_regex(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"not a regular expression ({error})") from None
        return pattern

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if not self.model_fields_set:
            raise ValueError("a condition needs one of: in, not_in, starts_with, matches, below, above, empty")
        return self


class Rule(Declared):
    """A declared policy: the rows it is for, what becomes of them, and why. Reported in rows and money."""

    when: dict[str, Condition] = Field(min_length=1)
    then: Literal["drop", "return", "unidentified"]
    why: str = Field(min_length=3)


class Join(Declared):
    """Another file (or sheet) whose columns are added before mapping: `on` is {our column: its column}."""

    file: str
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = Field(default=None, ge=0)
    on: dict[str, str] = Field(min_length=1)


class Source(Declared):
    """One entry under `sources:` in engagement.yml."""

    table: Literal[tuple(CANONICAL)]
    file: str | tuple[str, ...] | None = None
    url: str | None = None
    query: str | None = None
    pasted: str | None = None
    sheet: str | tuple[str, ...] | None = None
    records: str | None = None
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1)
    header_row: int | None = Field(default=None, ge=0)
    short_rows: Literal["refuse", "pad", "drop", "split"] = "refuse"
    decimal: Literal[",", "."] | None = None
    thousands: str | None = None
    date_format: str | dict[str, str] | None = None
    currency: Currency | None = None
    currency_before: dict[str, Currency] = {}
    rates: dict[Currency, Rate] = {}
    columns: dict[str, str | tuple[str, ...]] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    rules: tuple[Rule, ...] = ()
    duplicates: Literal["drop", "keep"] = "keep"
    compute: dict[str, str] = {}
    joins: tuple[Join, ...] = ()

    @field_validator(
        "columns", "constants", "values", "compute", "rates", "currency_before", "rules", "joins", mode="before"
    )
    @classmethod
    def _nothing_given(cls, value: Any, info: Any) -> Any:
        empty = () if info.field_name in ("rules", "joins") else {}
        return empty if value is None else value

    @field_validator("values", mode="before")
    @classmethod
    def _answers_as_text(cls, value: Any) -> Any:
        """`true` and `false` written plainly in YAML are the texts true and false here."""
        if not isinstance(value, dict):
            return value
        return {column: _plain_texts(codes) if isinstance(codes, dict) else codes for column, codes in value.items()}

    @model_validator(mode="after")
    def _one_place(self) -> "Source":
        given = [key for key in ("file", "url", "pasted") if getattr(self, key)]
        if len(given) != 1:
            raise ValueError("a source has exactly one of: file, url (with query), pasted")
        if bool(self.url) != bool(self.query):
            raise ValueError("a database is given by url and query together")
        return self

    @model_validator(mode="after")
    def _known_columns(self) -> "Source":
        known = set(CANONICAL[self.table].columns) | ({"currency"} if self.money_columns else set())
        for key in ("columns", "constants", "values", "compute"):
            unknown = sorted(set(getattr(self, key)) - known)
            if unknown:
                listed = ", ".join(sorted(known))
                raise ValueError(f"{key}: table '{self.table}' has no column '{unknown[0]}'; its columns are {listed}")
        twice = [name for name in self.columns if name in self.constants or name in self.compute]
        if twice:
            raise ValueError(f"'{twice[0]}' is given twice: in columns and in constants or compute")
        return self

    @property
    def column_names(self) -> tuple[str, ...]:
        """Every column of the client that `columns:` names."""
        return tuple(dict.fromkeys(name for theirs in self.columns.values() for name in parts_of(theirs)))

    @property
    def money_columns(self) -> tuple[str, ...]:
        """Columns of the canonical table that hold money."""
        return tuple(name for name, column in CANONICAL[self.table].columns.items() if column.unit == "money")

    def format_of(self, column: str) -> str | None:
        """The declared date format of a canonical column."""
        return self.date_format.get(column) if isinstance(self.date_format, dict) else self.date_format


def parts_of(theirs: str | tuple[str, ...]) -> tuple[str, ...]:
    """The client's columns one of ours is made of: one, or several whose texts are joined by a blank."""
    return (theirs,) if isinstance(theirs, str) else tuple(theirs)


def _plain_texts(codes: dict[Any, Any]) -> dict[str, str]:
    plain = {True: "true", False: "false", None: ""}
    return {
        str(plain.get(theirs, theirs) if isinstance(theirs, bool) else theirs): (
            plain[ours] if ours is None or isinstance(ours, bool) else ours
        )
        for theirs, ours in codes.items()
    }
