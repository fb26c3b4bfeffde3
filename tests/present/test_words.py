"""Sentences: filled, in the right plural, with an error for what is not there."""

import ast
from pathlib import Path

import pytest

import rapport
from rapport.foundation.errors import ReportError
from rapport.foundation.finding import Finding, not_available
from rapport.present.formats import LANGUAGES, Locale, speaking
from rapport.present.words import placeholders, said, words

MAKERS = ("not_available", "proportion", "difference", "_facts")
SOURCE = Path(rapport.__file__).parent


def finding(id="made.up", value=0.523, unit="share", **more) -> Finding:
    return Finding(id=id, value=value, unit=unit, **{"n": 214, "basis": "214 customers", "as_of": "2026-09-30"} | more)


@pytest.fixture
def folder(tmp_path):
    """A folder of words with English and a little Lithuanian."""
    english = """
nouns:
  customer: {one: "# customer", other: "# customers"}
terms: {watch: on watch}
findings:
  generic: {ok: "{name}: {value}.", indicative: "{name}: {value}.", not_available: "{name}: none, {because}."}
  pareto.top: {ok: "{k:customer} bring {value} and {gap:money}; {band:term}."}
report: {foot: "as of {as_of:date}", skip: skip}
"""
    lithuanian = """
nouns:
  customer: {one: "# klientas", few: "# klientai", many: "# kliento", other: "# klientų"}
report: {foot: "{as_of:date} duomenys"}
"""
    (tmp_path / "en.yml").write_text(english, "utf-8")
    (tmp_path / "lt.yml").write_text(lithuanian, "utf-8")
    return tmp_path


def test_a_sentence_with_its_parts(folder):
    top = finding("pareto.top", parts={"k": 1, "gap": 1200.0, "band": "watch"})
    assert words("en", folder).sentence(top) == "1 customer bring 52% and €1,200; on watch."


def test_a_code_may_have_a_sentence_of_its_own(folder):
    text = (folder / "en.yml").read_text("utf-8")
    text = text.replace("  pareto.top:", '  made.band: {ok: "on {value}.", normal: nothing to fear.}\n  pareto.top:')
    (folder / "en.yml").write_text(text, "utf-8")
    told = [words("en", folder).sentence(finding("made.band", value=band, unit="text")) for band in ("normal", "watch")]
    assert told == ["nothing to fear.", "on on watch."]


def test_plurals_of_the_language(folder):
    with speaking(Locale("lt")):
        speech = words("lt", folder)
        written = [speech.fill("{k:customer}", "test", {"k": k}) for k in (1, 2, 10, 21, 1.5)]
    assert written == ["1 klientas", "2 klientai", "10 klientų", "21 klientas", "1,5 kliento"]


def test_a_missing_text_is_english_and_is_listed(folder):
    speech = words("lt", folder)
    assert speech.text("report.skip") == "skip"
    assert "report.skip" in speech.missing
    assert "report.foot" not in speech.missing
    assert words("en", folder).missing == ()


def test_a_language_without_a_file_is_english_throughout(folder):
    assert words("hu", folder).text("report.skip") == "skip"
    assert "report.skip" in words("hu", folder).missing


def test_a_text_that_english_has_not_is_refused(folder):
    (folder / "et.yml").write_text("report: {skipp: x}", "utf-8")
    with pytest.raises(ReportError, match="did you mean 'report.skip'"):
        words("et", folder)


def test_an_unknown_placeholder_names_the_sentence_and_the_closest_value(folder):
    with pytest.raises(ReportError, match=r"'findings.pareto.top.*' asks for \{gap\}[\s\S]*did you mean 'gap2'"):
        words("en", folder).sentence(finding("pareto.top", parts={"k": 1, "gap2": 1.0, "band": "watch"}))


def test_an_unknown_form_is_refused(folder):
    with pytest.raises(ReportError, match="asks for the form 'percentt'[\\s\\S]*did you mean 'percent'"):
        words("en", folder).fill("{k:percentt}", "test", {"k": 1})


def test_an_unknown_text_is_refused():
    with pytest.raises(ReportError, match="there is no text 'report.skipp'[\\s\\S]*did you mean 'report.skip'"):
        said("report.skipp")


def test_a_finding_without_a_sentence_gets_the_generic_one():
    assert words().sentence(finding("subject.some_measure")) == "Some measure: 52%."
    assert words().sentence(finding("subject.some_measure").as_indicative("few")) == "Some measure: 52%."


@pytest.mark.parametrize(
    ("because", "told"),
    [("transactions.margin", "the column transactions.margin was not supplied"),
     ("wallet", "the table wallet was not supplied"),
     ("the data begin on 2026-05-01", "the data begin on 1 May 2026"), ("nobody bought.", "nobody bought")],
)  # fmt: skip
def test_why_a_finding_is_not_available(because, told):
    missing = not_available("subject.some_measure", because, unit="share", as_of="2026-09-30")
    assert words().sentence(missing) == f"Some measure: not available ({told})."


def test_a_value_is_written_in_its_own_unit_unless_the_sentence_asks_otherwise():
    speech = words()
    assert speech.about("findings.generic.ok", finding(value=1234.0, unit="money")) == "Up: €1,234."
    assert speech.fill("{value:percent}", "test", {"value": 0.1}) == "10%"


def test_a_column_without_words_gets_a_plain_heading():
    assert words().heading("some_new_column_days") == "Some new column days"
    assert words().heading("first_order_on") == "First order"


def test_every_language_file_has_the_placeholders_of_english():
    english = words("en").entries
    for language in LANGUAGES:
        speech = words(language)
        for key in set(english) - set(speech.missing):
            if not key.startswith("nouns."):
                assert placeholders(speech.entries[key]) == placeholders(english[key]), f"{language}: {key}"


def test_every_noun_has_every_plural_form_of_its_language():
    for language in LANGUAGES:
        speech = words(language)
        if any(not key.startswith("nouns.") for key in set(speech.entries) - set(speech.missing)) or language == "en":
            nouns = {key.split(".")[1] for key in speech.entries if key.startswith("nouns.")}
            for noun in nouns if language == "en" else ():
                assert {f"nouns.{noun}.{form}" for form in Locale(language).plural_forms()} <= set(speech.entries)


def finding_ids() -> set[str]:
    """Every id of a Finding that is written out in the analysis rooms, as `id=…` or first argument."""
    found = set()
    for path in (SOURCE / "analysis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "id":
                found |= {leaf.value for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant)}
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "not_available",
                "proportion",
                "_facts",
            ):
                found |= {leaf.value for leaf in node.args[:1] if isinstance(leaf, ast.Constant)}
    return {id for id in found if isinstance(id, str) and id.count(".") == 1 and not id.endswith(".")}


def test_every_finding_of_the_analysis_has_its_sentence():
    speech = words("en")
    silent = sorted(id for id in finding_ids() if not speech.has(f"findings.{id}.ok"))
    assert silent == []


def test_no_sentence_claims_a_cause():
    told = {key: text for key, text in words("en").entries.items() if key.startswith("findings.")}
    causal = ("because of", "due to", "caused by", "leads to", "led to", "drives", "thanks to", "results in")
    assert [key for key, text in told.items() if any(claim in text.lower() for claim in causal)] == []
