"""Files and sheets with the same columns as one source: how engagement.yml names them, and their rows together."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import numpy as np
import pandas as pd

from .excel import ALL_SHEETS
from .files import files_of
from .received import Received, column_of_cells


def differ_in_digits(paths: Sequence[Path]) -> bool:
    """Whether names differ in digits only, so that they say themselves that they belong together."""
    return len({(path.parent, _in_digits(path)) for path in paths}) == 1


def place_of(paths: Sequence[Path], folder: Path) -> str | list[str]:
    """What `file:` says of files: the one, a pattern that stands for them and nothing else, or a list of them."""
    if len(paths) == 1:
        return _within(paths[0], folder)
    for pattern in (_in_digits(paths[0]), f"{_start(paths)}*{paths[0].suffix}"):
        if not pattern.startswith("*") and _is_whole(paths, pattern):
            return _within(paths[0].with_name(pattern), folder)
    return [_within(path, folder) for path in paths]


def name_of(paths: Sequence[Path]) -> str:
    """What the names of files have in common; '' where that is nothing."""
    return paths[0].stem if len(paths) == 1 else _start(paths)


def sheets_of(sheets: Sequence[str], filled: int) -> str | list[str]:
    """What `sheet:` says of sheets of one workbook: all of them where it holds no others, else a list."""
    return ALL_SHEETS if len(sheets) == filled else list(sheets)


def under_each_other(tables: Sequence[Received]) -> Received:
    """Tables with the same columns as one, to be judged together; it keeps the name of the first."""
    first = tables[0]
    names = list(first.frame.columns)
    columns = {name: _stacked([table.frame[name] for table in tables]) for name in names}
    lines = np.concatenate([table.lines for table in tables])
    return replace(first, frame=pd.DataFrame(columns, columns=names, copy=False), lines=lines)


def single(files: Iterable[Path]) -> list[Path]:
    """Every file; a folder stands for its files."""
    return [path for given in map(Path, files) for path in ([given] if given.is_file() else files_of(".", given))]


def lines_again(frame: pd.DataFrame, other: pd.DataFrame) -> float:
    """Share of the rows of `frame` that stand in `other` as they are, column by column."""
    mine, theirs = (
        pd.util.hash_pandas_object(one[frame.columns].astype(object).astype(str), index=False) for one in (frame, other)
    )
    return float(mine.isin(theirs).mean()) if len(mine) else 0.0


def _stacked(columns: list[pd.Series]) -> pd.Series | pd.Categorical:
    if any(isinstance(column.dtype, pd.CategoricalDtype) for column in columns):
        return column_of_cells([cell for column in columns for cell in column.astype(object).tolist()])
    return pd.concat(columns, ignore_index=True)


def _in_digits(path: Path) -> str:
    return re.sub(r"\d+", "*", path.name)


def _start(paths: Sequence[Path]) -> str:
    """The words all names begin with: their own names without digits, where they differ in digits only."""
    bare = {re.sub(r"\d+", "", path.stem) for path in paths}
    if len(bare) == 1:
        return bare.pop()
    apart = zip(*(re.split(r"([ _.-]+)", path.stem) for path in paths))
    return "".join(words[0] for words in takewhile(lambda words: len(set(words)) == 1, apart))


def _is_whole(paths: Sequence[Path], pattern: str) -> bool:
    """Whether the pattern would read these files of one folder and no other along with them."""
    return {path.parent for path in paths} == {paths[0].parent} and set(paths[0].parent.glob(pattern)) == set(paths)


def _within(path: Path, folder: Path) -> str:
    return path.resolve().relative_to(folder.resolve()).as_posix()
