"""The header row of a sheet or a text file: found below title rows, with names that can be told apart."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import IntakeError
from .received import without_invisible

LOOKED_AT = 200
NUMBER_OR_DAY = re.compile(r"^[^\w]*\d[\d\s.,:/'’\-+%TZ]*[^\d\w]*(?:[A-Za-z€$£₽]{1,3}\.?)?$")


def cleaned(cell: Any) -> str:
    """A header cell as one line of text."""
    return " ".join(without_invisible(str(cell)).split()) if cell is not None else ""


def header_position(rows: Sequence[Sequence[Any]], wanted: Iterable[str] = ()) -> int | None:
    """The index of the header among the first rows; None when the table starts with data.

    The header is the row that holds most of the wanted names; without any, the first row that is about as wide as the
    table (the width most of the cells stand in) and whose filled cells are all words.
    """
    looked_at = rows[:LOOKED_AT]
    names = {cleaned(name) for name in wanted}
    if names:
        hits = [len(names & {cleaned(cell) for cell in row}) for row in looked_at]
        if max(hits, default=0) > 0:
            return hits.index(max(hits))
    filled = [sum(cell not in (None, "") for cell in row) for row in looked_at]
    common = Counter(count for count in filled if count > 0)
    if not common:
        return None
    width = max(common, key=lambda count: (count * common[count], count))
    found = None
    for position, row in enumerate(looked_at):
        wide = filled[position] >= max(1, 0.6 * width) if width > 1 else filled[position] == 1
        words = all(is_word(cell) for cell in row if cell not in (None, ""))
        if found is None and wide:
            if words:
                found = position
            elif filled[position] >= width:
                return None
        elif found is not None and filled[found] < filled[position] == width and words and not filled[position - 1]:
            return position  # another table begins below a blank row, and most of the cells stand in it
    return found


def is_word(cell: Any) -> bool:
    """A text that is neither a number nor a day."""
    return isinstance(cell, str) and any(letter.isalpha() for letter in cell) and not NUMBER_OR_DAY.match(cell.strip())


def column_names(cells: Sequence[Any]) -> list[str]:
    """Names for every column: empty ones by position (`column_3`), repeated ones numbered (`Date`, `Date (2)`)."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for position, cell in enumerate(cells, start=1):
        name = cleaned(cell) or f"column_{position}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def declared_position(header_row: int, rows: int, where: str) -> int | None:
    """The index of a declared header row (1-based; 0 says that there is none). Raises IntakeError beyond the file."""
    if header_row > rows:
        raise IntakeError(
            f"`header_row: {header_row}` lies beyond the end: there are {rows} rows.",
            where,
            "correct `header_row`, or leave it out.",
        )
    return header_row - 1 if header_row else None
