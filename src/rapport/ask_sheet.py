"""The forms for what a client has not given: written for it to fill in, and found again when they come back.

ask.xlsx         beside engagement.yml: one sheet a questionnaire, in the client's language
raw/ask.xlsx     the filled-in copy; `rapport check` prints the lines for engagement.yml that read it
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from .analysis.forms import forms, to_ask
from .foundation.engagement import Engagement, EngagementFile, open_engagement, read_file
from .foundation.errors import IntakeError, RunError, SettingsError, did_you_mean
from .foundation.intake.excel import ALL_SHEETS, tables_of_workbook
from .foundation.intake.files import EXCEL_MARKS, files_of
from .foundation.intake.filled_forms import FilledForm, form_in, starred
from .foundation.intake.questionnaire import (
    COUNTRIES,
    ENGLISH,
    Question,
    Questionnaire,
    form_words,
    heading,
    questionnaires,
    said,
)
from .foundation.intake.received import Received
from .foundation.intake.scaffold import scalar
from .foundation.runs import latest_run
from .present.form_sheets import FormColumn, FormGuide, FormSheet, write_forms
from .present.formats import language_name

SHEET = "ask.xlsx"


def ask(folder: Path, only: list[str] | None = None, language: str | None = None) -> Iterator[str]:
    """Write `ask.xlsx`: a form for each table the engagement has not been given, or for the questionnaires of `only`.

    Yields what was written, in which language and why, the terms that language lacks, and the lines that read the forms
    back. Raises SettingsError for a questionnaire or a language that is not known, RunError where `ask.xlsx` holds
    answers already: they are never written over.
    """
    file, known = read_file(folder), questionnaires(folder)
    chosen = _chosen(file, known, only)
    if not chosen:
        yield "every table there is a questionnaire for was given; name one to write it all the same: --only wallet"
        return
    language, because = _language(file, chosen, language)
    _refuse_answers(folder / SHEET, known)
    numbered = _numberings(file)
    listed = {one.id: _listed(folder, one) for one in chosen}
    sheets = [_form(one, listed[one.id], numbered, language) for one in chosen]
    day = f"{pd.Timestamp(file.as_of or pd.Timestamp.today()):%Y-%m-%d}"
    out = folder / SHEET
    write_forms(sheets, out, guide=_guide(file, chosen, language), client=file.client, as_of=day)
    yield f"written: {out}, in {language_name(language)} ({because})"
    for one, sheet in zip(chosen, sheets):
        rows = f", {len(sheet.rows):,} customers listed" if sheet.rows else ""
        yield f"  {one.id:16} sheet '{sheet.name}', {len(sheet.columns)} columns{rows}"
    yield from _missing(chosen, language)
    if file.as_of is not None:
        yield f"answers dated after {day} are not used: move `as_of` when the forms come back"
    lines = "\n".join(source_lines(one, f"raw/{SHEET}", said(one.title, language), file) for one in chosen)
    yield f"\nwhen it comes back: save it as {folder / 'raw' / SHEET}, and add these lines below `sources:`\n{lines}"


def unread_forms(folder: Path) -> Iterator[str]:
    """A line for each filled-in form in raw/ that no source reads, and the lines for engagement.yml that would read it."""
    file, known = read_file(folder), questionnaires(folder)
    read = {
        (path, sheet)
        for source in file.sources.values()
        if source.file
        for path in files_of(source.file, folder)
        for sheet in (source.sheet if isinstance(source.sheet, tuple) else (source.sheet,))
    }
    for path in sorted((folder / "raw").rglob("*.xlsx")):
        place = path.relative_to(folder).as_posix()
        for form, sheet in [] if {(path, None), (path, ALL_SHEETS)} & read else _forms_in(path, known):
            if form.answered(sheet).any() and (path, sheet.sheet) not in read:
                yield f"\n{place}, sheet '{sheet.sheet}' is a filled-in form that nothing reads; add below `sources:`"
                yield source_lines(form.questionnaire, place, sheet.sheet, file)


def source_lines(questionnaire: Questionnaire, place: str, sheet: str, file: EngagementFile) -> str:
    """The lines under `sources:` of engagement.yml by which a filled-in form is read."""
    lines = [
        f"  asked_{questionnaire.id}:",
        f"    table: {questionnaire.table}",
        f"    file: {scalar(place)}",
        f"    sheet: {scalar(sheet)}",
        f"    questionnaire: {questionnaire.id}",
    ]
    numbered = _numberings(file)
    if numbered and any(field.column == "record_source" for field in questionnaire.fields):
        others = f"  # or {', '.join(numbered[1:])}: whose numbers they are" if len(numbered) > 1 else ""
        lines.append(f"    records: {scalar(numbered[0])}{others}")
    return "\n".join(lines)


def _chosen(file: EngagementFile, known: Mapping[str, Questionnaire], only: list[str] | None) -> list[Questionnaire]:
    unknown = [name for name in only or [] if name not in known]
    if unknown:
        cure = did_you_mean(unknown[0], list(known))
        raise SettingsError(f"there is no questionnaire '{unknown[0]}'.", "--only", cure)
    given = {source.table for source in file.sources.values()}
    return [one for one in known.values() if (one.id in only if only else one.table not in given)]


def _language(file: EngagementFile, chosen: list[Questionnaire], wanted: str | None) -> tuple[str, str]:
    """The language of the forms, and why it is that one."""
    spoken = {language for one in chosen for field in one.fields for language in field.question}
    if wanted is not None:
        if wanted not in spoken:
            cure = did_you_mean(wanted, sorted(spoken))
            raise SettingsError(f"no question is asked in '{wanted}'.", "--language", cure)
        return wanted, "as asked for"
    reasons = {
        COUNTRIES.get(file.country): f"the country is {file.country}",
        file.language: "the language of the report",
    }
    found = next((language for language in reasons if language in spoken), ENGLISH)
    return found, reasons.get(found, f"no question is asked in the language of {file.country} or of the report")


def _refuse_answers(out: Path, known: Mapping[str, Questionnaire]) -> None:
    if not out.exists():
        return
    filled = [sheet.sheet for form, sheet in _forms_in(out, known) if form.answered(sheet).any()]
    if filled:
        raise RunError(
            f"the forms are filled in already: {', '.join(filled)}.",
            str(out),
            f"move the file to {out.parent / 'raw'}, where it is read, or delete it; then ask again.",
        )


def _forms_in(path: Path, known: Mapping[str, Questionnaire]) -> list[tuple[FilledForm, Received]]:
    """The sheets of a workbook that are forms; none where it cannot be read, which reading it as a source says."""
    content = path.read_bytes()
    if not content.startswith(EXCEL_MARKS):
        return []
    try:
        wanted = starred(known.values())
        sheets = tables_of_workbook(content, file=path.name, wanted=wanted, sheet=ALL_SHEETS, is_form=True)
    except IntakeError:
        return []
    return [(form, sheet) for sheet in sheets if (form := form_in(sheet, known)) is not None]


def _numberings(file: EngagementFile) -> list[str]:
    """The sources whose customer numbers a form may use: customer files, and sales that number their own."""
    records = [name for name, source in file.sources.items() if source.table == "records"]
    sales = [source.records or name for name, source in file.sources.items() if source.table == "transactions"]
    return list(dict.fromkeys([*records, *sales]))


def _listed(folder: Path, questionnaire: Questionnaire) -> pd.DataFrame | None:
    """The customers a form lists (name, record_source, record_id), by the last run; None without one."""
    last = latest_run(folder)
    if questionnaire.lists is None or last is None:
        return None
    firm = open_engagement(folder, last.name)
    return _leavers(firm) if questionnaire.lists == "leavers" else _buyers(firm)


def _leavers(firm: Engagement) -> pd.DataFrame | None:
    given = firm.given("lost", "customers", "links", "outcomes", "winback_log", "leavers_survey")
    if given["lost"] is None:
        return None
    return forms(**given, as_of=firm.as_of).get("leavers_survey")


def _buyers(firm: Engagement) -> pd.DataFrame | None:
    given = firm.given("customers", "links", "lost", "history")
    return None if any(frame is None for frame in given.values()) else to_ask(**given)


def _form(questionnaire: Questionnaire, listed: pd.DataFrame | None, numbered: list[str], language: str) -> FormSheet:
    """The sheet of a questionnaire: whom it is about first, the customer's name beside it where customers are listed."""
    fields = [field for field in questionnaire.fields if field.column != "record_source" or len(numbered) > 1]
    columns = {field.column: _column(field, numbered, language) for field in fields}
    if listed is not None:
        place = list(columns).index("record_id") + 1
        name = {"name": FormColumn(said(form_words().customer, language))}
        columns = dict([*list(columns.items())[:place], *name.items(), *list(columns.items())[place:]])
    rows = [] if listed is None else listed.reindex(columns=list(columns)).astype(object).to_numpy().tolist()
    return FormSheet(said(questionnaire.title, language), list(columns.values()), rows)


def _column(field: Question, numbered: list[str], language: str) -> FormColumn:
    words = form_words()
    choices = {
        "choice": [said(terms, language) for terms in field.options.values()],
        "yes_no": [said(words.yes, language), said(words.no, language)],
    }.get(field.type, numbered if field.column == "record_source" else ())
    return FormColumn(heading(field, language), field.type, field.required, choices)


def _guide(file: EngagementFile, chosen: list[Questionnaire], language: str) -> FormGuide:
    words = form_words()
    lines = [words.greeting, words.how, words.required, words.lists, words.money, words.privacy, words.afterwards]
    heads = ("sheet", "about", "filled_by", "without_it")
    return FormGuide(
        said(words.read_me, language),
        said(words.title, language),
        [said(line, language).format(client=file.client, currency=file.currency) for line in lines],
        [said(getattr(words, name), language) for name in heads],
        [[said(terms, language) for terms in (one.title, one.about, one.filled_by, one.costs)] for one in chosen],
    )


def _missing(chosen: list[Questionnaire], language: str) -> Iterator[str]:
    """The terms the language lacks, which stand in English in the form."""
    named = {"every form": form_words().missing(language)} | {one.id: one.missing(language) for one in chosen}
    count = sum(map(len, named.values()))
    if count:
        are = "term has" if count == 1 else "terms have"
        yield f"{count} {are} no {language_name(language)} and stand{'s' if count == 1 else ''} in English:"
        for name, terms in named.items():
            if terms:
                yield f"  {name}: {'; '.join(terms)}"
