"""Columns computed from the client's own numeric columns: + - * / and parentheses, and or_zero(); nothing else.

A column name with blanks or signs is written in backticks: "`Unit Price` * Quantity * (1 - Discount)". An empty value
makes the result empty, unless it is said to count as nothing: "or_zero(Credit) - or_zero(Debit)". The result is
rounded to six decimals, which takes the dust off sums and products of decimal numbers.
"""

import ast
import re

import numpy as np

from ..errors import IntakeError, did_you_mean

QUOTED = re.compile(r"`([^`]+)`")
DECIMALS = 6
OR_ZERO = "or_zero"
OPERATIONS = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide}


class Formula:
    """A parsed formula: `names` are the client's columns it needs; calling it with their values gives the result."""

    def __init__(self, text: str, where: str):
        self.text, self.where = text, where
        self._quoted: dict[str, str] = {}
        try:
            self._tree = ast.parse(QUOTED.sub(self._placeholder, text).strip(), mode="eval").body
        except SyntaxError:
            raise self._error(f"'{text}' is no formula") from None
        self.names = tuple(dict.fromkeys(self._names(self._tree)))

    def __call__(self, columns: dict[str, np.ndarray]) -> np.ndarray:
        """The value of every row, rounded to six decimals; empty where a needed value is empty or a divisor is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.asarray(self._value(self._tree, columns), dtype=float)
        return np.where(np.isfinite(value), np.round(value, DECIMALS), np.nan) + 0.0

    def check_names(self, known: list[str]) -> None:
        """Raises IntakeError when the formula names a column the file does not have."""
        for name in self.names:
            if name not in known:
                raise self._error(
                    f"the formula names '{name}', which is no column of the file: {did_you_mean(name, known)}"
                )

    def _placeholder(self, match: re.Match) -> str:
        name = f"_column_{len(self._quoted)}"
        self._quoted[name] = match[1]
        return name

    def _names(self, node: ast.AST) -> list[str]:
        if isinstance(node, ast.Name):
            return [self._quoted.get(node.id, node.id)]
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return []
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            return self._names(node.operand)
        if _is_or_zero(node):
            return self._names(node.args[0])
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
            return self._names(node.left) + self._names(node.right)
        raise self._error(f"'{self.text}' holds more than columns, numbers, + - * /, parentheses and or_zero()")

    def _value(self, node: ast.AST, columns: dict[str, np.ndarray]) -> np.ndarray | float:
        if isinstance(node, ast.Name):
            return columns[self._quoted.get(node.id, node.id)]
        if isinstance(node, ast.Constant):
            return float(node.value)
        if isinstance(node, ast.UnaryOp):
            value = self._value(node.operand, columns)
            return np.negative(value) if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.Call):
            return np.nan_to_num(self._value(node.args[0], columns), nan=0.0)
        return OPERATIONS[type(node.op)](self._value(node.left, columns), self._value(node.right, columns))

    def _error(self, what: str) -> IntakeError:
        return IntakeError(
            f"{what}.", f"{self.where}, compute", 'write for example: "Quantity * `Unit Price` * (1 - Discount)".'
        )


def _is_or_zero(node: ast.AST) -> bool:
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == OR_ZERO
    return named and len(node.args) == 1 and not node.keywords
