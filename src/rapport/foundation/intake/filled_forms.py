"""Forms that come back filled in: recognised by their questions, read by their words, refused where an answer is none.

A questionnaire knows its questions and options in every language, so nothing here is a guess: a heading or an answer is
one of its words or it is not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import IntakeError, did_you_mean
from .answers import answers
from .canonical import Reading
from .converted import cells_of, spread
from .questionnaire import Question, Questionnaire, form_words, heading, questionnaires, said
from .received import Received
from .source import Source
from .vocabulary import plain_name

LEAST_SHARE = 0.5  # of its questions that a sheet must hold, the required ones among them, to be called the form
ROWS_NAMED = 8
HIDDEN = "hidden sheets"  # a form hides its own drop-down lists: nothing of the client's


@dataclass(frozen=True)
class FilledForm:
    """A sheet that is a form: the questionnaire, the language it is in, and its headings by our column."""

    questionnaire: Questionnaire
    language: str
    headings: dict[str, str]

    def answered(self, received: Received) -> np.ndarray:
        """Rows in which anything is answered, beyond whom or what they are about."""
        asked = [theirs for ours, theirs in self.headings.items() if ours not in self.questionnaire.identifying]
        return received.frame[asked].notna().any(axis=1).to_numpy(dtype=bool)


def form_in(received: Received, known: Mapping[str, Questionnaire]) -> FilledForm | None:
    """The form a sheet is: it holds every required question and half of all; None when it is none of the known."""
    found = [as_form(received, one) for one in known.values()]
    fitting = [form for form in found if _holds_enough(form)]
    return max(fitting, key=lambda form: len(form.headings), default=None)


def as_form(received: Received, questionnaire: Questionnaire) -> FilledForm:
    """The sheet read as this form, however many of its questions it holds."""
    columns = {plain_name(str(name)): str(name) for name in received.frame.columns}
    headings, spoken = {}, []
    for field in questionnaire.fields:
        words = {plain_name(text): language for language, text in field.question.items()}
        theirs = next((word for word in words if word in columns), None)
        if theirs is not None:
            headings[field.column] = columns[theirs]
            spoken += [language for language, text in field.question.items() if plain_name(text) == theirs]
    return FilledForm(questionnaire, max(spoken, key=spoken.count, default="en"), headings)


def starred(known: Iterable[Questionnaire]) -> tuple[str, ...]:
    """The headings of required questions in every language, by which the header of a form is found in a sheet."""
    fields = [field for one in known for field in one.fields if field.required]
    return tuple(dict.fromkeys(heading(field, language) for field in fields for language in field.question))


def is_read_me(received: Received) -> bool:
    """Whether a sheet is the page of a form that says how to fill it in."""
    return received.sheet in form_words().read_me.values()


def questionnaire_of(source: Source, folder: Path, where: str) -> Questionnaire | None:
    """The questionnaire a source declares; None where it declares none. Raises IntakeError for one that is not there."""
    if source.questionnaire is None:
        return None
    known = questionnaires(folder)
    if source.questionnaire not in known:
        cure = did_you_mean(source.questionnaire, list(known))
        raise IntakeError(f"there is no questionnaire '{source.questionnaire}'.", where, cure)
    found = known[source.questionnaire]
    if found.table != source.table:
        raise IntakeError(
            f"the questionnaire '{found.id}' fills the table '{found.table}', not '{source.table}'.",
            where,
            f"write `table: {found.table}`.",
        )
    return found


def with_headings(received: Received, questionnaire: Questionnaire) -> Received:
    """The sheet with its questions as the names of our columns, in whichever language they are asked."""
    notes = tuple(note for note in received.notes if note.check != HIDDEN)
    return replace(received, mapping={questionnaire.table: as_form(received, questionnaire).headings}, notes=notes)


def with_words(source: Source, questionnaire: Questionnaire) -> Source:
    """The source with the words of every option, in every language, put into our codes; its own words go before."""
    words = {
        field.column: {word: code for code, terms in field.options.items() for word in terms.values()}
        for field in questionnaire.fields
        if field.type == "choice"
    }
    merged = {column: codes | source.values.get(column, {}) for column, codes in words.items()}
    return source.model_copy(update={"values": source.values | merged})


def set_aside_unanswered(reading: Reading, questionnaire: Questionnaire) -> None:
    """Rows nobody filled in, and rows without a required answer, set aside and counted; the latter by their lines."""
    form = as_form(reading.received, questionnaire)
    reading.fates.set_aside(
        ~form.answered(reading.received),
        "rows of the form nobody filled in",
        "they only say whom or what the row is about",
        treatment="not used",
    )
    for field in questionnaire.fields:
        if field.required and field.column in reading.raw:
            empty = (cells_of(reading.raw[field.column])[1] < 0) & reading.fates.kept
            reading.fates.set_aside(
                empty,
                f"no answer to '{said(field.question, form.language)}' ({field.column})",
                "the answer is required in every row that is filled in",
                "caution",
                f"set aside: {_rows(reading.received, empty)}",
            )


def refuse_other_answers(reading: Reading, questionnaire: Questionnaire) -> None:
    """Raises IntakeError for the first question with an answer, in a row still used, outside its options."""
    language = as_form(reading.received, questionnaire).language
    for field in questionnaire.fields:
        if field.column in reading.raw and field.type in ("choice", "yes_no"):
            places = np.flatnonzero(_outside(reading.raw[field.column], field) & reading.fates.kept)
            if len(places):
                raise _no_answer(reading, field, language, places)


def _holds_enough(form: FilledForm) -> bool:
    fields = form.questionnaire.fields
    required = {field.column for field in fields if field.required}
    return required <= set(form.headings) and len(form.headings) >= LEAST_SHARE * len(fields)


def _outside(column: pd.Series, field: Question) -> np.ndarray:
    """Rows whose cell is filled and none of the options."""
    if field.type == "yes_no":
        return answers(column).bad
    cells, codes = cells_of(column)
    return spread(np.array([str(cell) not in field.options for cell in cells], dtype=bool), codes, False)


def _no_answer(reading: Reading, field: Question, language: str, places: np.ndarray) -> IntakeError:
    words = form_words()
    asked = [words.yes, words.no] if field.type == "yes_no" else field.options.values()
    given = pd.unique(reading.raw[field.column].iloc[places])
    quoted = ", ".join(f"'{cell}'" for cell in given[:4])
    first = "true" if field.type == "yes_no" else next(iter(field.options))
    return IntakeError(
        f"{quoted} {'is' if len(given) == 1 else 'are'} no answer to '{said(field.question, language)}' "
        f"({field.column}): {_rows(reading.received, places)}.",
        f"{reading.received.place(places[0])}, column '{reading.theirs.get(field.column, field.column)}'",
        f"the answers are: {', '.join(said(terms, language) for terms in asked)}. Correct the form; or say which one "
        f"is meant, `values: {{{field.column}: {{'{given[0]}': {first}}}}}`.",
    )


def _rows(received: Received, rows: np.ndarray) -> str:
    """The lines of some rows in words: row 5, row 9 and 3 more."""
    lines = received.lines[rows]
    more = f" and {len(lines) - ROWS_NAMED:,} more" if len(lines) > ROWS_NAMED else ""
    return ", ".join(f"{received.unit} {line}" for line in lines[:ROWS_NAMED]) + more
