"""Source: how one file (or folder, sheet, query, bank statement) of the client is read, as engagement.yml says it.

Everything about encoding, dialect and formats may be left out: it is then detected, and what was found is reported.
Unknown keys are refused.
"""

import re
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ..contracts import INPUTS
from ..settings import Strict, key

CANONICAL = {table.name: table for table in INPUTS}
PAYER_TABLES = ("transactions", "records")


class Declared(Strict):
    """A strict model whose text fields also take numbers written without quotes in YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, populate_by_name=True)


def _many(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else (value,)


def rate_of(value: Any) -> float:
    """A rate as a number, from one or from a fraction as it is written in words: `1/1.95583`. Raises ValueError."""
    try:
        top, _, bottom = str(value).partition("/")
        rate = float(Fraction(top.strip()) / Fraction(bottom.strip() or "1"))
    except (ValueError, ZeroDivisionError):
        raise ValueError("a rate is a number such as 0.92, or a fraction such as 1/1.95583") from None
    if rate <= 0:
        raise ValueError("a rate is above zero: how many units of the engagement's currency one unit is worth")
    return rate


Texts = Annotated[tuple[str, ...], BeforeValidator(_many)]
Rate = Annotated[float, BeforeValidator(rate_of)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Condition(Declared):
    """What must hold in one column; everything given must hold. Text is compared as the file has it."""

    among: Texts | None = key("One of these texts, capitals aside.", "in: [Anuliuota, Storno]", None, alias="in")
    not_in: Texts | None = key("None of these texts, capitals aside.", "not_in: [EUR]", None)
    starts_with: Texts | None = key("The text begins with one of these.", "starts_with: [C, KR-]", None)
    matches: str | None = key("A regular expression found anywhere in the text.", 'matches: "^9[0-9]{3}$"', None)
    below: float | str | None = key("The amount is lower, or the day earlier; a mapped column.", "below: 0", None)
    above: float | str | None = key(
        "The amount is higher, or the day later; a mapped column.", "above: 2026-01-31", None
    )
    empty: bool | None = key("Whether the cell is empty.", "empty: true", None)

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

    when: dict[str, Condition] = key(
        "The columns (ours, or the file's own) and what must hold in each; all of them must.",
        "when: {net_amount: {below: 0}}",
        min_length=1,
    )
    then: Literal["drop", "return", "unidentified"] = key(
        "The rows are left out, taken as returns (negative, whatever their sign), or taken as nobody's.", "then: return"
    )
    why: str = key("The reason, as the report prints it.", "why: credit notes", min_length=3)


class Join(Declared):
    """Another file (or sheet) whose columns are added before mapping: `on` is {our column: its column}."""

    file: str = key("The other file, in the engagement's folder.", "file: raw/order_heads.csv")
    sheet: str | None = key("Its sheet, where it is a workbook with several.", "sheet: Heads", None)
    encoding: str | None = key("As for a source.", "encoding: cp1257", None)
    delimiter: str | None = key("As for a source.", 'delimiter: ";"', None)
    header_row: int | None = key("As for a source.", "header_row: 3", None, ge=0)
    on: dict[str, str] = key(
        "The columns whose values must be equal, `the source's: the other file's`; a row may match one row only.",
        "on: {OrderID: Id}",
        min_length=1,
    )


class Payer(Declared):
    """The columns of an account export that say who paid, in place of a customer number."""

    name: str | None = key("The column with the payer's name.", "name: Mokėtojas", None)
    account: str | None = key("The column with the payer's account.", "account: Mokėtojo sąskaita", None)

    @model_validator(mode="after")
    def _says_who(self) -> "Payer":
        if not (self.name or self.account):
            raise ValueError("payer needs one of: name, account (columns of the file)")
        return self


class Source(Declared):
    """One entry under `sources:` in engagement.yml.

    `questionnaire` says that the file is a form filled in: its questions and words stand for `columns` and `values`.
    """

    table: Literal[tuple(CANONICAL)] = key(
        "The table of the kit the source gives; several sources may give one table. They are in [tables.md](tables.md).",
        "table: transactions",
    )
    file: str | tuple[str, ...] | None = key(
        "The file, a folder, a pattern for several files of one kind, or a list of files, in the engagement's folder.",
        "file: raw/sales_*.csv",
        None,
    )
    url: str | None = key(
        "A database instead of a file; a path after sqlite:/// or duckdb:/// is relative to the engagement's folder.",
        "url: duckdb:///raw/shop.duckdb",
        None,
    )
    query: str | None = key("What is read from the database at `url`.", "query: SELECT * FROM orders", None)
    pasted: str | None = key(
        "A small table written here instead of a file, header first.", 'pasted: "customer;total\\n17;500"', None
    )
    sheet: str | tuple[str, ...] | None = key(
        "The sheet of a workbook, a list of sheets, or `*` for every visible one; without it, the only one that fits.",
        "sheet: Klientai",
        None,
    )
    records: str | None = key(
        "The source whose customer numbers `record_id` uses: one of the table records, or sales that number their customers"
        " themselves; without it, the source's own. Payers of bank statements are matched to its records.",
        "records: crm",
        None,
    )
    payer: Payer | None = key(
        "In an account export, the columns that say who paid, instead of `record_id`; matched to `records`.",
        "payer: {name: Mokėtojas, account: Mokėtojo sąskaita}",
        None,
    )
    questionnaire: str | None = key(
        "The form the file is, filled in: its questions and words stand for `columns` and `values`.",
        "questionnaire: leavers_survey",
        None,
    )
    encoding: str | None = key(
        "The encoding of a text file, where the one detected is wrong.", "encoding: cp1257", None
    )
    delimiter: str | None = key("The sign between the columns of a text file.", 'delimiter: ";"', None, min_length=1)
    header_row: int | None = key(
        "The line (or the row of the sheet) with the names of the columns; 0 where there is none.",
        "header_row: 4",
        None,
        ge=0,
    )
    short_rows: Literal["refuse", "pad", "drop", "split"] = key(
        "Lines with fewer values than the header: refused, filled with empty values at their end, left out, or split where one"
        " value holds several columns.",
        "short_rows: pad",
        "refuse",
    )
    decimal: Literal[",", "."] | None = key(
        "The decimal sign, where the amounts do not prove it.", 'decimal: ","', None
    )
    thousands: str | None = key(
        "The one sign between thousands; without it blanks, apostrophes, and of dot and comma the one not decimal.",
        'thousands: "."',
        None,
    )
    date_format: str | dict[str, str] | None = key(
        "How days are written, by the signs of strptime; one for all columns, or one for each.",
        'date_format: {ordered_on: "%d.%m.%Y"}',
        None,
    )
    currency: Currency | None = key(
        "The currency of the amounts, where it is not the engagement's.", "currency: BGN", None
    )
    currency_before: dict[str, Currency] = key(
        "The currency of rows before a day, for files that changed it without a column.",
        "currency_before: {2026-01-01: BGN}",
        {},
    )
    rates: dict[Currency, Rate] = key(
        "What one unit of another currency is worth in the engagement's; one against an irrevocable rate is refused.",
        "rates: {BGN: 1/1.95583}",
        {},
    )
    columns: dict[str, str | tuple[str, ...]] = key(
        "The columns, `ours: theirs`; several of theirs are joined by a blank.",
        "columns: {ordered_on: Data, net_amount: Suma be PVM, record_id: [Serija, Nr.]}",
        {},
    )
    constants: dict[str, str] = key("Columns of ours with one value in every row.", "constants: {channel: web}", {})
    values: dict[str, dict[str, str]] = key(
        "The client's words of a column put into ours, `ours: {theirs: ours}`; empty quotes empty a cell, and stand for one.",
        "values: {is_return: {Taip: true, Ne: false}}",
        {},
    )
    rules: tuple[Rule, ...] = key(
        "Policies for some of the rows, the first one first.",
        "rules: [{when: {order_id: {starts_with: C}}, then: return, why: cancelled orders}]",
        (),
    )
    duplicates: Literal["drop", "keep"] = key(
        "Rows equal to an earlier one in every column: left out or kept; undeclared they are kept, with a caution.",
        "duplicates: drop",
        "keep",
    )
    unreadable: dict[str, Literal["empty"]] = key(
        "Columns whose cells are left empty, and reported, where they cannot be read; undeclared the file is refused."
        " Never for what the table needs, nor for money.",
        "unreadable: {born_on: empty}",
        {},
    )
    compute: dict[str, str] = key(
        "Columns of ours computed from theirs by + - * / and brackets; names with blanks stand in back quotes.",
        'compute: {margin: "`Suma be PVM` - Savikaina"}',
        {},
    )
    joins: tuple[Join, ...] = key(
        "Other files whose columns are put beside those of the source before anything is mapped.",
        "joins: [{file: raw/order_heads.csv, on: {OrderID: Id}}]",
        (),
    )

    @field_validator(
        "columns",
        "constants",
        "values",
        "compute",
        "rates",
        "currency_before",
        "rules",
        "joins",
        "unreadable",
        mode="before",
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
        for part in ("columns", "constants", "values", "compute", "unreadable"):
            unknown = sorted(set(getattr(self, part)) - known)
            if unknown:
                listed = ", ".join(sorted(known))
                raise ValueError(f"{part}: table '{self.table}' has no column '{unknown[0]}'; its columns are {listed}")
        twice = [name for name in self.columns if name in self.constants or name in self.compute]
        if twice:
            raise ValueError(f"'{twice[0]}' is given twice: in columns and in constants or compute")
        if self.payer and (self.table not in PAYER_TABLES or "record_id" in {**self.columns, **self.compute}):
            raise ValueError("payer stands in place of record_id, in sales and records: take one of the two out")
        needed = [name for name in self.unreadable if not self.may_be_emptied(name)]
        if needed:
            raise ValueError(f"unreadable: '{needed[0]}' cannot be left empty: the table needs it, or it is money")
        return self

    @property
    def column_names(self) -> tuple[str, ...]:
        """Every column of the client that `columns:` and `payer:` name."""
        payer = [name for name in (self.payer.name, self.payer.account) if name] if self.payer else []
        return tuple(dict.fromkeys([*(name for theirs in self.columns.values() for name in parts_of(theirs)), *payer]))

    @property
    def money_columns(self) -> tuple[str, ...]:
        """Columns of the canonical table that hold money."""
        return tuple(name for name, column in CANONICAL[self.table].columns.items() if column.unit == "money")

    def may_be_emptied(self, column: str) -> bool:
        """Whether the table can do without a cell of this column: it is neither needed nor money."""
        table = CANONICAL[self.table]
        found = table.columns.get(column)
        return found is not None and found.nullable and found.unit != "money" and column not in table.required

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
