"""The kinds of columns a table may have, and the Table that is made of them.

A column's name tells its kind: `_on` a day, `_days` a number of days, `_share` and `_prob` 0–1, `is_` a boolean,
plural nouns counts, money without suffix but with unit "money" (the engagement's currency).
"""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pandera.pandas as pa

from ..errors import ContractError


@dataclass(frozen=True)
class Column:
    """One column: pandas dtype, unit, meaning in one sentence, whether it may be empty, and its checks."""

    dtype: str
    unit: str
    meaning: str
    nullable: bool = False
    at_least: float | None = None
    at_most: float | None = None
    options: tuple[str, ...] | None = None

    def to_pandera(self) -> pa.Column:
        checks = []
        if self.at_least is not None:
            checks.append(pa.Check.ge(self.at_least))
        if self.at_most is not None:
            checks.append(pa.Check.le(self.at_most))
        if self.options:
            checks.append(pa.Check.isin(self.options))
        dtype = object if self.dtype == "str" else self.dtype  # texts are made texts by `check`, a column at a time
        return pa.Column(dtype, checks, nullable=self.nullable, coerce=True)


def as_text(column: pd.Series) -> pd.Series:
    """The column with every filled cell as text; empty cells stay empty."""
    column = column.astype(object)
    if pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
        return column
    return column.where(column.isna(), column.astype(str))


def ident(meaning: str, *, nullable=False) -> Column:
    """An identifier, kept as text so that `00007` stays `00007`."""
    return Column("str", "id", meaning, nullable)


def text(meaning: str, *, nullable=True) -> Column:
    return Column("str", "text", meaning, nullable)


def choice(meaning: str, *options: str, nullable=False) -> Column:
    return Column("str", "text", meaning, nullable, options=options)


def day(meaning: str, *, nullable=False) -> Column:
    return Column("datetime64[ns]", "date", meaning, nullable)


def money(meaning: str, *, nullable=False) -> Column:
    return Column("float64", "money", meaning, nullable)


def number(meaning: str, unit: str, *, nullable=True, at_least=None) -> Column:
    return Column("float64", unit, meaning, nullable, at_least)


def days(meaning: str, *, nullable=False) -> Column:
    return Column("float64", "days", meaning, nullable, at_least=0)


def count(meaning: str) -> Column:
    return Column("int64", "count", meaning, at_least=0)


def share(meaning: str, *, nullable=False) -> Column:
    return Column("float64", "share", meaning, nullable, at_least=0, at_most=1)


def flag(meaning: str) -> Column:
    return Column("bool", "yes/no", meaning)


def answer(meaning: str) -> Column:
    """A boolean that the client may not have told us: true, false or unknown."""
    return Column("boolean", "yes/no", meaning, nullable=True)


@dataclass(frozen=True)
class Table:
    """A table contract: name, what one row is (`grain`), its key, and every column with unit and meaning.

    `required` names the columns without which a client's table is useless (only for tables that come from clients).
    `costs` says what cannot be computed when the client does not give the table.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    required: tuple[str, ...] = ()
    costs: str = ""

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        return pa.DataFrameSchema(
            {name: column.to_pandera() for name, column in self.columns.items()},
            strict=True,
            unique=list(self.key) or None,
            name=self.name,
        )

    def check(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        """The frame with the contract's dtypes and column order. Raises ContractError naming column, rows and cure."""
        unknown = [column for column in frame.columns if column not in self.columns]
        missing = [column for column in self.columns if column not in frame.columns]
        if unknown or missing:
            lists = {"lacks": missing, "has unknown": unknown}
            faults = [f"{words} {', '.join(names)}" for words, names in lists.items() if names]
            raise ContractError(
                f"table '{self.name}' {' and '.join(faults)}.",
                where,
                f"give exactly the columns declared for '{self.name}' (see docs/tables.md).",
            )
        for name, column in self.columns.items():
            if column.dtype == "bool" and frame[name].isna().any():
                raise ContractError(
                    f"{self.name}.{name} is empty in {frame[name].isna().sum():,} of {len(frame):,} rows.",
                    where,
                    f"this column is true or false, never empty ({column.meaning}).",
                )
        texts = {name: as_text(frame[name]) for name, column in self.columns.items() if column.dtype == "str"}
        try:
            return self.schema.validate(frame[list(self.columns)].assign(**texts), lazy=True).reset_index(drop=True)
        except pa.errors.SchemaErrors as error:
            raise ContractError(
                *self._explain(error.failure_cases, len(frame)), self._cure(error.failure_cases)
            ) from None

    def complete(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A copy of the frame in the contract's order; columns it lacks are added as empty, flags (`is_…`) as false."""
        whole = frame.reindex(columns=list(self.columns))
        flags = [name for name, column in self.columns.items() if column.dtype == "bool" and name not in frame.columns]
        whole[flags] = False
        return whole

    def empty(self) -> pd.DataFrame:
        """The table with no rows, in the contract's dtypes."""
        return self.schema.validate(pd.DataFrame({name: [] for name in self.columns}))

    def _explain(self, cases: pd.DataFrame, rows: int) -> tuple[str, str]:
        first = cases.iloc[0]
        column = ", ".join(self.key) if self._is_key_case(first) else first["column"]
        same = cases[(cases["check"] == first["check"]) & (cases["column"] == first["column"])]
        rule = "is not unique" if self._is_key_case(first) else f"fails '{first['check']}'"
        what = f"{self.name}.{column} {rule} in {same['index'].nunique():,} of {rows:,} rows."
        return what, f"first at row {first['index']}: {first['failure_case']}"

    def _cure(self, cases: pd.DataFrame) -> str:
        if self._is_key_case(cases.iloc[0]):
            return f"make {', '.join(self.key)} unique: one row per {self.grain}."
        column = self.columns[cases.iloc[0]["column"]]
        rule = f"one of {', '.join(column.options)}" if column.options else column.dtype
        limits = {"at least": column.at_least, "at most": column.at_most}
        bounds = [f"{words} {limit:g}" for words, limit in limits.items() if limit is not None]
        empties = "may be empty" if column.nullable else "never empty"
        return f"this column is {', '.join([rule, *bounds, empties])} ({column.meaning})."

    @staticmethod
    def _is_key_case(case: pd.Series) -> bool:
        return "uniqueness" in str(case["check"])
