"""Declared policies of a source: which rows a rule is for."""

import numpy as np
import pandas as pd

from ..errors import IntakeError, did_you_mean
from .answers import translated
from .converted import cells_of, spread
from .received import Received
from .source import Condition, Rule


def rows_of_rule(rule: Rule, raw: dict[str, pd.Series], read: dict[str, np.ndarray], received: Received) -> np.ndarray:
    """The rows in which every condition of the rule holds.

    `raw` are cells as received by our column name, `read` the converted values. A name that is no column of ours is
    looked up among the client's. Raises IntakeError when neither has it.
    """
    holds = np.ones(len(received.frame), dtype=bool)
    for name, condition in rule.when.items():
        column = raw.get(name, received.frame.get(name))
        if column is None and name in read:  # computed
            column = pd.Series(pd.Categorical(read[name]))
        if column is None:
            known = [*raw, *map(str, received.frame.columns)]
            raise IntakeError(
                f"a rule ('{rule.why}') names the column '{name}', which is neither ours nor the file's.",
                f"{received.where}, rules",
                did_you_mean(name, known),
            )
        holds &= rows_of_condition(condition, column, read.get(name), f"{received.where}, rules: {rule.why}")
    return holds


def rows_of_condition(condition: Condition, column: pd.Series, values: np.ndarray | None, where: str) -> np.ndarray:
    """The rows of one column that meet a condition; an empty cell meets only `empty: true` and `not_in`."""
    column = translated(column, {})
    cells, codes = cells_of(column)
    texts = pd.Series([str(cell) for cell in cells], dtype=object)
    holds = np.ones(len(cells), dtype=bool)
    if condition.among is not None:
        wanted = {text.strip().lower() for text in condition.among}
        holds &= texts.str.lower().isin(wanted).to_numpy()
    if condition.not_in is not None:
        unwanted = {text.strip().lower() for text in condition.not_in}
        holds &= ~texts.str.lower().isin(unwanted).to_numpy()
    if condition.starts_with is not None:
        holds &= texts.str.startswith(tuple(condition.starts_with)).to_numpy(dtype=bool) if len(cells) else holds
    if condition.matches is not None:
        holds &= texts.str.contains(condition.matches, regex=True).to_numpy(dtype=bool) if len(cells) else holds
    empty = condition.model_fields_set == {"not_in"}  # an empty cell is none of the named ones
    rows = spread(holds, codes, empty) if len(cells) else np.full(len(codes), empty)
    if condition.empty is not None:
        rows = (codes < 0) if condition.empty else rows & (codes >= 0)
    for limit, compare in ((condition.below, np.less), (condition.above, np.greater)):
        if limit is not None:
            rows &= _beyond(limit, compare, values, where)
    return rows


def _beyond(limit: float | str, compare: np.ufunc, values: np.ndarray | None, where: str) -> np.ndarray:
    if values is None or values.dtype == object:
        raise IntakeError(
            "`below` and `above` need an amount or a day.", where, "use them on a mapped column of numbers or days."
        )
    try:
        bound = np.datetime64(pd.Timestamp(str(limit)), "D") if values.dtype.kind == "M" else float(limit)
    except ValueError:
        raise IntakeError(
            f"'{limit}' is no limit for this column.", where, "write a number, or a day as 2025-01-31."
        ) from None
    with np.errstate(invalid="ignore"):
        return compare(values, bound)
