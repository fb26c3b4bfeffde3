"""Every error a user can meet, each in three parts: what is wrong, where, and what to do.

    RapportError
    ├── SettingsError    engagement.yml or a parameter is not what the kit understands
    ├── IntakeError      a file the client sent cannot be read as declared
    ├── ContractError    a table breaks the contract declared for it
    ├── PlayError        a play in the playbook is not written to the format
    ├── RunError         a page of the chain failed, or the chain cannot be run
    └── ReportError      the report, a sentence or the workbook cannot be written as asked

What the command line prints is `str(error)`; a traceback appears only with `--debug`.
"""

from difflib import get_close_matches


class RapportError(Exception):
    """An error that teaches: `what` happened, `where`, and what `to_do` about it (all plain sentences)."""

    def __init__(self, what: str, where: str, to_do: str):
        super().__init__(what, where, to_do)
        self.what, self.where, self.to_do = what, where, to_do

    def __str__(self) -> str:
        return f"{self.what}\n  where:      {self.where}\n  what to do: {self.to_do}"


class SettingsError(RapportError):
    """engagement.yml, a parameter or a command-line override is not what the kit understands."""


class IntakeError(RapportError):
    """A file the client sent cannot be read as declared."""


class ContractError(RapportError):
    """A table breaks the contract declared for it in `foundation.contracts`."""


class PlayError(RapportError):
    """A play in the playbook is not written to the format of `playbook/_template.md`."""


class RunError(RapportError):
    """A page of the chain failed, or the chain cannot be run."""


class ReportError(RapportError):
    """The report, a sentence or the workbook cannot be written as asked."""


def did_you_mean(name: str, known: list[str]) -> str:
    """A sentence naming the closest known name, or listing what is known when nothing is close."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"known names: {', '.join(sorted(known))}."
