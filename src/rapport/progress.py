"""How a run shows where it is: a bar on a terminal, a plain line a page elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def bar(console: Console) -> Iterator:
    """A bar with the page at work, its number and the time passed."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as shown:
        task = shown.add_task("starting")

        def tell(number: int, total: int, name: str, seconds: float | None) -> None:
            done = number if seconds is not None else number - 1
            shown.update(task, total=total, completed=done, description=name)
            if seconds is not None:
                console.print(f"{number}/{total} {name} … {seconds:.1f} s")

        yield tell


@contextmanager
def lines(console: Console) -> Iterator:
    """One line a page, printed when it is done."""

    def tell(number: int, total: int, name: str, seconds: float | None) -> None:
        if seconds is not None:
            console.print(f"{number}/{total} {name} … {seconds:.1f} s")

    yield tell
