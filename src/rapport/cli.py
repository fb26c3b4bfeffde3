"""The command line. Each command calls one function of the house and prints what it says."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .foundation.errors import RapportError

app = typer.Typer(
    help="From a firm's customer files to a strategy report: retain, recover, acquire.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
say = Console(highlight=False, soft_wrap=True)

Folder = Annotated[Path, typer.Argument(help="The engagement's folder.")]
Assignments = Annotated[
    list[str] | None, typer.Option("-p", "--parameter", help="NAME=VALUE for this run only; refused when unknown.")
]


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    """Options that go before every command."""


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="Folder to make.")],
    files: Annotated[list[Path], typer.Option("--from", help="The client's files; several after one --from are fine.")],
    more: Annotated[list[Path] | None, typer.Argument(help="Further files.")] = None,
    client: Annotated[
        str | None, typer.Option(help="The client's name; without it, the one of --like or the folder's.")
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(help="ISO country code, decides the code page of old files; without it, of --like or LT."),
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="ISO currency code of the report; without it, of --like or EUR.")
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option(help="An earlier engagement of this client: what it declared is carried over where it fits."),
    ] = None,
) -> None:
    """Make an engagement from the client's files, with a proposed mapping to confirm."""
    from .scaffold import scaffold

    given = [*files, *(more or [])]
    for line in scaffold(path, given, client=client, country=country, currency=currency, like=like):
        say.print(line, markup=False)


@app.command()
def check(folder: Folder) -> None:
    """Read every source as declared and say what came in, what was set aside and what is missing."""
    from .console import checked

    for line in checked(folder):
        say.print(line, markup=False)


@app.command()
def ask(
    folder: Folder,
    only: Annotated[list[str] | None, typer.Option(help="Ask with this questionnaire only; may be repeated.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of the forms, such as lt; else the country's, the report's, English.")
    ] = None,
) -> None:
    """Write forms for the client to fill in: one for each table it has not given that there is a questionnaire for."""
    from .ask_sheet import ask as written

    for line in written(folder, only, language):
        say.print(line, markup=False)


@app.command()
def run(
    folder: Folder,
    only: Annotated[
        list[str] | None, typer.Option(help="Run this page only; later pages it no longer agrees with are left out.")
    ] = None,
    from_page: Annotated[str | None, typer.Option(help="Run from this page on, on a copy of the latest run.")] = None,
    parameter: Assignments = None,
) -> None:
    """Run the pages and compile the report; the last complete run stays untouched if anything fails.

    The first page needs no other: with --only identify it is there in seconds. The others start from a copy of the
    latest run. A report that lacks pages is a partial run, and latest does not move to it.
    """
    from .console import finished
    from .runner import run as run_chain

    with _progress() as progress:
        made = run_chain(folder, only=only, from_page=from_page, assignments=_pairs(parameter), progress=progress)
    for line in finished(folder, made.folder / "report"):
        say.print(line, markup=False)


@app.command()
def report(folder: Folder) -> None:
    """Compile the report and the workbook of the latest complete run again."""
    from .delivery import deliver
    from .foundation.engagement import latest, open_engagement

    say.print(f"report: {deliver(open_engagement(folder, latest(folder).name))}", markup=False)


@app.command()
def compare(
    folder: Folder,
    before: Annotated[
        str | None, typer.Argument(help="The earlier run; without it, the last of an earlier day.")
    ] = None,
    now: Annotated[str | None, typer.Argument(help="The later run; without it, the latest.")] = None,
) -> None:
    """Say what differs between two complete runs: figures, parameters, files."""
    from .console import compared

    for line in compared(folder, before, now):
        say.print(line, markup=False)


@app.command()
def plays(
    phase: Annotated[str | None, typer.Option(help="retain, recover or acquire.")] = None,
    new: Annotated[str | None, typer.Option("--new", help="Start a play with this id from the template.")] = None,
) -> None:
    """List the playbook, or start a new play."""
    if new:
        from .scaffold import new_play

        say.print(f"write it here: {new_play(new, phase)}", markup=False)
        return
    from .console import listed_plays

    for line in listed_plays(phase):
        say.print(line, markup=False)


@app.command()
def explain(parameter: Annotated[str, typer.Argument(help="Dotted name, such as abc.cuts.")]) -> None:
    """Say what a parameter means, its default, its range and where it comes from."""
    from .foundation.settings import explain as explained

    say.print(explained(parameter), markup=False)


@app.command()
def adapt(folder: Folder, page: Annotated[str, typer.Argument(help="The page, such as value.")]) -> None:
    """Copy a page into the engagement, where your changes to it win over the kit's."""
    from .scaffold import adapted

    say.print(f"adapt it here: {adapted(folder, page)}", markup=False)


@app.command()
def purge(
    folder: Folder,
    yes: Annotated[bool, typer.Option("--yes", help="Really delete; without it, say what would be.")] = False,
) -> None:
    """Delete the client's data once retain_until has passed; reports, notes and a log of what went stay."""
    from .purge import purge as purged

    for line in purged(folder, today=date.today(), really=yes):
        say.print(line, markup=False)


@app.command()
def lab(
    folder: Annotated[Path | None, typer.Argument(help="Open this engagement's notebooks instead.")] = None,
) -> None:
    """Open the pages in JupyterLab (news and update checks off)."""
    from .scaffold import open_lab

    open_lab(folder)


def _pairs(assignments: list[str] | None) -> dict[str, str]:
    pairs = dict(one.partition("=")[::2] for one in assignments or [])
    for name in pairs:
        if not any(one.startswith(f"{name}=") for one in assignments):
            raise typer.BadParameter(f"'{name}' has no value; write -p {name}=VALUE")
    return pairs


def _progress():
    from .progress import bar, lines

    return bar(say) if say.is_terminal else lines(say)


def main() -> None:
    """Entry point: errors of the kit print their three parts and exit with 1, wrong usage with 2."""
    try:
        app()
    except RapportError as error:
        if "--debug" in sys.argv:
            raise
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"error: {error}", markup=False)
        sys.exit(1)
