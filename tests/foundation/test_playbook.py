import re
from pathlib import Path

import pytest

from rapport.foundation.contracts import TABLES
from rapport.foundation.errors import PlayError
from rapport.foundation.play import FACTS, GRAINS, PHASES, condition, vocabulary
from rapport.foundation.playbook import draft, index, load, read_play

TESTS = Path(__file__).resolve().parents[1]
GOOD, BAD = TESTS / "plays" / "good", sorted((TESTS / "plays" / "bad").glob("*.md"))
LIBRARY = TESTS.parent / "playbook"
PLAYS = load(LIBRARY)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_play_raises_the_error_it_is_named_after(path):
    with pytest.raises(PlayError) as caught:
        read_play(path)
    said = re.sub(r"[_.'’]", "-", caught.value.what.lower())
    assert all(word in said for word in path.stem.split("-")), caught.value.what
    assert path.name in caught.value.where
    assert len(caught.value.to_do) > 8


def test_an_error_names_the_line_and_the_nearest_known_word():
    with pytest.raises(PlayError) as caught:
        read_play(TESTS / "plays" / "bad" / "unknown-column.md")
    assert caught.value.where.endswith("line 8")
    assert caught.value.to_do == "did you mean 'silent_days'?"


def test_load_gives_the_phases_in_their_fixed_order():
    plays = load(GOOD)
    assert [play.id for play in plays] == [
        "call-buyers", "visit-keys",
        "weak-segments", "write-all", "end-kindly", "fix-terms", "call-prospects", "others",
    ]  # fmt: skip
    assert plays[0].body.do_this == ("First.", "Second.", "Third.")
    assert plays[0].when["silent_days"].max == 180
    assert plays[0].cost.source == "kit-default"


def test_a_play_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        load(GOOD)[0].owner = "somebody else"


def test_the_client_changes_a_play_without_touching_the_library():
    change = {
        "call-buyers": {"cost": {"per_customer": 9}, "when": {"silent_days": {"max": 90}}, "owner": "Rasa"},
        "others": {"off": True},
    }
    plays = {play.id: play for play in load(GOOD, change)}
    changed = plays["call-buyers"]
    assert (changed.cost.per_customer, changed.cost.fixed, changed.cost.source) == (9, 100, "client")
    assert (changed.when["silent_days"].max, changed.when["silent_days"].min) == (90, None)
    assert changed.when["rung"].among == ("buyer",)
    assert changed.owner == "Rasa"
    assert plays["others"].is_off
    assert load(GOOD)[0].cost.per_customer == 2


@pytest.mark.parametrize(
    ("change", "what", "to_do"),
    [
        ({"call-buyer": {}}, "unknown play 'call-buyer'", "call-buyers"),
        ({"call-buyers": {"costs": {}}}, "unknown key 'costs'", "cost"),
        ({"call-buyers": {"title": "x"}}, "unknown key 'title'", "off"),
        ({"call-buyers": {"cost": {"per_client": 1}}}, "unknown key 'cost.per_client'", "per_customer"),
        ({"call-buyers": {"when": {"silent_day": {"max": 1}}}}, "unknown column 'silent_day'", "silent_days"),
        ({"call-buyers": {"effect": {"low": 0.5}}}, "effects are out of order", "order"),
        ({"call-buyers": {"off": "yes"}}, "wrong value for off", "true"),
        ({"call-buyers": True}, "no mapping", "keys such as"),
        ({"call-buyers": {"holdout_share": 0.7}}, "wrong value for holdout_share", "0.5"),
    ],
)
def test_a_wrong_change_is_refused_with_the_place_in_engagement_yml(change, what, to_do):
    with pytest.raises(PlayError) as caught:
        load(GOOD, change)
    assert what in caught.value.what
    assert to_do in caught.value.to_do
    assert caught.value.where.startswith("engagement.yml, plays")


def test_plays_in_a_wrong_place_are_refused_and_not_skipped(tmp_path):
    source = (GOOD / "retain" / "call-buyers.md").read_text("utf-8")
    with pytest.raises(PlayError, match="holds no play"):
        load(tmp_path)
    for folder, message in (("retian", "lies in no phase"), ("recover", "wrong folder for phase")):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "call-buyers.md"
        path.write_text(source, "utf-8")
        with pytest.raises(PlayError, match=message):
            load(tmp_path)
        path.unlink()
    for phase in ("retain", "acquire"):
        (tmp_path / phase).mkdir()
        (tmp_path / phase / "call-buyers.md").write_text(source, "utf-8")
    with pytest.raises(PlayError, match="two plays have the id"):
        load(tmp_path)


def test_conditions_may_use_only_columns_that_exist_at_their_grain():
    assert vocabulary("customer")["state"][0] == "classes"
    assert vocabulary("customer")["value_at_risk"][0] == "lost"
    assert vocabulary("segment")["value_at_risk"][0] == "profile"
    assert set(vocabulary("firm")) == set(FACTS)
    for grain, tables in GRAINS.items():
        words = vocabulary(grain).items()
        assert {table for _, (table, _) in words} <= {*tables, "facts"}
        assert all(name in TABLES[table].columns for name, (table, _) in words if table in TABLES)


def test_a_condition_reads_as_words():
    shown = {play.id: [condition(*item) for item in play.when.items()] for play in load(GOOD)}
    assert shown["call-buyers"] == ["rung of the ladder is buyer", "7 ≤ silent days ≤ 180"]
    assert shown["weak-segments"] == ["retention ≤ 0.6"]
    assert shown["write-all"] == ["state is active or lapsing"]


def test_a_drafted_play_is_a_valid_play_once_saved(tmp_path):
    (tmp_path / "recover").mkdir()
    path = tmp_path / "recover" / "new-idea.md"
    path.write_text(draft(LIBRARY, "new-idea", "recover"), "utf-8")
    play = load(tmp_path)[0]
    assert (play.id, play.phase) == ("new-idea", "recover")
    with pytest.raises(PlayError, match="unknown phase"):
        draft(LIBRARY, "new-idea", "recovery")
    with pytest.raises(PlayError, match="badly written id"):
        draft(LIBRARY, "New idea", "recover")
    with pytest.raises(PlayError, match="already"):
        draft(LIBRARY, "pareto-care", "recover")


def test_the_index_of_the_library_is_current():
    assert (LIBRARY / "README.md").read_text("utf-8") == index(PLAYS), (
        "write playbook.index(load(…)) to playbook/README.md"
    )


@pytest.mark.parametrize("phase", PHASES)
def test_the_library_has_plays_in_every_phase(phase):
    assert sum(play.phase == phase for play in PLAYS) == {"retain": 27, "recover": 10, "acquire": 12}[phase]


NUMBERED = {f"P-{letter}{n:02d}" for letter, last in (("R", 27), ("W", 10), ("A", 12)) for n in range(1, last + 1)}


def test_every_play_asked_for_is_there_once():
    numbers = [reference for play in PLAYS for reference in play.references if reference.startswith("P-")]
    assert sorted(numbers) == sorted(NUMBERED)


CAUSAL = re.compile(
    r"\b(will (increase|raise|boost|reduce|cut|double|bring back)|guarantee[sd]?|proven to|always works)\b", re.I
)
PRESSURE = re.compile(r"\b(last chance|only today|act now|hurry|secretly|without (them|the customer) noticing)\b", re.I)


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.id)
def test_a_play_of_the_library_is_worth_reading(play):
    body = play.body
    assert 4 <= len(body.do_this) <= 10
    assert all(len(step.split()) >= 6 for step in body.do_this), "a step says who does what"
    assert len(body.why_it_works.split()) >= 30
    assert body.words_to_use.count('"') >= 2, "words are quoted as they are said"
    assert all(len(text.split()) >= 8 for text in (body.how_we_will_know, body.stop_if, body.sources))
    prose = " ".join([body.why_it_works, *body.do_this, body.words_to_use, body.how_we_will_know, body.stop_if])
    assert not CAUSAL.search(prose)
    assert not PRESSURE.search(prose)
    assert len(play.title.split()) <= 11


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.id)
def test_a_play_of_the_library_is_honest(play):
    assert play.status == "unproven"
    assert play.effect.source == play.cost.source == "kit-default"
    assert "kit default" in " ".join(play.body.sources.split())
    if play.effect.unit == "share" and play.applies_to != "prospect":  # a prospect not asked seldom comes by itself
        assert play.effect.low <= 0.02, "the low case says that it may do nothing"
        assert play.effect.mid < 0.1, "a kit default is a small shift"
    seeds = [reference for reference in play.references if not reference.startswith("P-")]
    assert seeds, "name the requirement the play comes from"
    if re.search(r"\bgift\b", " ".join(play.body.do_this)):
        assert 0 < play.gift_limit <= 100  # C15
    if play.consent == "marketing":
        assert 1 <= play.contacts <= 4  # LT-10
    if play.applies_to == "key_account":
        assert play.holdout_share == 0, "a handful of key customers is no experiment"


def test_the_play_that_ends_a_relation_spares_the_protected_and_needs_approval():
    ending = [play for play in PLAYS if "P-R20" in play.references]
    assert ending[0].approval == "management"  # C17
    assert {"benchmark", "door_opener", "inspirer", "demanding"} <= set(ending[0].never_for["types"])
    assert set(ending[0].never_for["key_scope"]) == {"company", "department", "manager"}


def test_some_plays_are_for_customers_outside_the_top_group():
    others = [
        play for play in PLAYS if play.when.get("is_pareto") is not None and play.when["is_pareto"].among == (False,)
    ]
    assert others  # LT-08
