"""engagement_yaml: proposals → the text of an engagement.yml to confirm; what is sure, likely or open as comments."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..contracts import INPUTS
from .converted import SAMPLES
from .mapping import CERTAIN, LIKELY, Match
from .proposals import Proposal, default_currency

PLAIN = re.compile(r"^(?!(?:true|false|null|yes|no|on|off|~)$)[^\W\d_][^\W]*(?:[ ./-][^\W]+)*$", re.IGNORECASE)
WIDTH = 44


def engagement_yaml(
    proposals: Sequence[Proposal],
    *,
    client: str,
    country: str,
    currency: str | None = None,
    language: str = "en",
) -> str:
    """The text of engagement.yml: every proposal as a source, its confidence and open questions as comments.

    A source that cannot be read as proposed is written with the question in front of it; a file that was not recognised
    is written as a comment. Tables nobody gave are listed with what their absence costs.
    """
    lines = [
        "# Proposed by rapport from the files it was given. Confirm what is marked 'likely' or 'guess', answer what is",
        "# marked '?', then run: rapport check",
        "",
        f"client: {scalar(client)}",
        _noted(f"currency: {currency or default_currency(country)}", "the one currency of the report"),
        f"country: {country}",
        f"language: {language}",
        _noted(_as_of(proposals), "no row after this day is used; left out: the last transaction"),
        "",
        "sources:",
    ]
    given = [proposal for proposal in proposals if proposal.source and proposal.is_active]
    if not given:
        lines[-1] = "sources: {}"
    for proposal in given:
        lines += ["", *_source_lines(proposal)]
    for proposal in proposals:
        if proposal.source and not proposal.is_active:
            lines += ["", *(f"  # {line[2:]}" for line in _source_lines(proposal))]
        elif not proposal.source:
            lines += ["", *_unknown_lines(proposal)]
    return "\n".join([*lines, "", *_absent_lines(given), ""])


def _as_of(proposals: Sequence[Proposal]) -> str:
    """The last day for which transactions were read, as the day to report at."""
    read = [proposal.intake for proposal in proposals if proposal.is_active and proposal.intake is not None]
    days = [intake.last_on for intake in read if intake.table == "transactions" and intake.last_on is not None]
    return f"as_of: {max(days):%Y-%m-%d}" if days else "# as_of: 2026-09-30"


def scalar(value: Any) -> str:
    """A YAML scalar that reads back as the same text."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(scalar(entry) for entry in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {scalar(entry)}" for key, entry in value.items()) + "}"
    text = str(value)
    if isinstance(value, int):
        return text
    return text if PLAIN.match(text) else json.dumps(text, ensure_ascii=False)


def _source_lines(proposal: Proposal) -> list[str]:
    table = proposal.source["table"]
    read = f", read: {proposal.intake.rows_out:,} used" if proposal.intake else ""
    lines = [_noted(f"  {proposal.name}:", f"{proposal.rows:,} rows in {proposal.where}{read}")]
    lines += [f"    # {comment}" for comment in proposal.comments]
    lines += _problem_lines(proposal)
    for key, value in proposal.source.items():
        if key == "columns":
            lines += ["    columns:", *(_column_line(ours, theirs, proposal) for ours, theirs in value.items())]
            lines += [_guess_line(ours, match) for ours, match in proposal.confidence.items() if ours not in value]
        elif key in ("values", "compute", "constants", "rates"):
            lines += [f"    {key}:", *(f"      {scalar(name)}: {scalar(entry)}" for name, entry in value.items())]
        elif key in ("joins", "rules"):
            lines += [f"    {key}:", *(f"      - {scalar(entry)}" for entry in value)]
        else:
            lines.append(f"    {key}: {scalar(value)}")
    if proposal.missing:
        named = ", ".join(proposal.missing)
        lines.append(
            f"    # ? needed and not found: {named}. Add under columns, constants or compute; {table} needs it."
        )
    if proposal.unused:
        lines.append(f"    # not used: {', '.join(proposal.unused)}")
    return lines + _sample_lines(proposal)


def _column_line(ours: str, theirs: str | tuple[str, ...], proposal: Proposal) -> str:
    match = proposal.confidence.get(ours, Match(theirs, 1.0, ""))
    sure = "sure" if match.confidence >= CERTAIN else "likely" if match.confidence >= LIKELY else "guess"
    return _noted(f"      {ours}: {scalar(theirs)}", f"{sure}: {match.because}" if match.because else sure)


def _guess_line(ours: str, match: Match) -> str:
    """A guess, which is not used until the sign before it is taken away."""
    return _noted(
        f"      # ? {ours}: {scalar(match.theirs)}", f"guess: {match.because}; take `# ?` away if it is right"
    )


def _problem_lines(proposal: Proposal) -> list[str]:
    if proposal.problem is None or proposal.missing:
        return []
    parts = (proposal.problem.what, f"at {proposal.problem.where}", f"answer: {proposal.problem.to_do}")
    return [f"    # ? {' '.join(part.split())}" for part in parts]


def _sample_lines(proposal: Proposal) -> list[str]:
    """One line per converted column: how it was read, and up to five samples."""
    if proposal.intake is None:
        return []
    lines = []
    for file in proposal.intake.files[:1]:
        facts = [
            file.encoding,
            file.delimiter and f"{file.delimiter}-separated",
            file.header_row and f"header in row {file.header_row}",
        ]
        told = ", ".join(fact for fact in facts if fact)
        words = f"; reads {', '.join(file.samples[:3])}" if file.samples else ""
        lines += [f"    # detected: {told}{words}"] if told else []
    for (column, how), group in proposal.intake.evidence.groupby(["column", "how"], sort=False):
        shown = ", ".join(
            f"'{before}' → {after}" for before, after in zip(group["before"][:SAMPLES], group["after"][:SAMPLES])
        )
        lines.append(f"    # {column}: {how}: {shown}")
    return lines


def _unknown_lines(proposal: Proposal) -> list[str]:
    lines = [f"  # {proposal.name}: {proposal.where} was not recognised and is left out"]
    if proposal.unused:
        lines.append(f"  #   its columns: {', '.join(proposal.unused)}")
    lines += [f"  #   {comment}" for comment in proposal.comments]
    if proposal.problem is not None:
        lines += [f"  #   {' '.join(part.split())}" for part in (proposal.problem.what, proposal.problem.to_do)]
    return lines


def _absent_lines(given: list[Proposal]) -> list[str]:
    tables = {proposal.source["table"] for proposal in given}
    absent = [table for table in INPUTS if table.name not in tables and table.costs]
    return (
        ["# Not given, and what that costs:", *(f"#   {table.name}: {table.costs}" for table in absent)]
        if absent
        else []
    )


def _noted(text: str, note: str) -> str:
    return f"{text:<{WIDTH}}  # {note}"
