"""Parameters: strict, frozen, explained; engagement.yml is read without YAML's surprises."""

import pytest
from pydantic import ValidationError

from rapport.foundation.errors import SettingsError
from rapport.foundation.settings import explain, flatten, parameters, read_yaml, settings


def test_defaults_are_read_and_frozen():
    chosen = settings()
    assert chosen.abc.cuts == (0.8, 0.95)
    with pytest.raises(ValidationError):
        chosen.abc.cuts = (0.5, 0.6)


def test_an_override_replaces_one_parameter_only():
    chosen = settings({"abc.cuts": [0.7, 0.9]})
    assert chosen.abc.cuts == (0.7, 0.9)
    assert chosen.xyz.cuts == settings().xyz.cuts


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"abc.cut": [0.8, 0.9]}, "did you mean 'abc.cuts'?"),
        ({"data.period": "Y"}, "one of W, M, Q"),
        ({"value.discount_rate": 2}, "0 to 1"),
        ({"pareto.value_share": "most"}, "unable to parse"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_cure(overrides, words):
    with pytest.raises(SettingsError) as error:
        settings(overrides, "engagement.yml")
    assert words in str(error.value)
    assert "where:      engagement.yml" in str(error.value)


def test_every_default_passes_its_own_validation():
    every = {name: one.value for name, one in parameters().items()}
    assert settings(every) == settings()


def test_every_parameter_says_what_it_means_and_where_it_comes_from():
    for name, one in parameters().items():
        assert one.meaning.endswith("."), name
        assert one.source, name
        assert one.unit, name
        assert name in explain(name)


def test_explain_refuses_an_unknown_name():
    with pytest.raises(SettingsError, match="unknown parameter 'abc.cutz'"):
        explain("abc.cutz")


def test_groups_and_dotted_names_say_the_same():
    assert flatten({"abc": {"cuts": [0.7, 0.9]}, "key.share": 0.2}, "x") == {"abc.cuts": [0.7, 0.9], "key.share": 0.2}
    with pytest.raises(SettingsError, match="'abc' is a group"):
        flatten({"abc": 3}, "x")


def test_yaml_keeps_norway_and_dates_as_text(tmp_path):
    path = tmp_path / "engagement.yml"
    path.write_text("country: NO\nas_of: 2026-09-30\nis_on: on\nyes: true\nshare: 0.2\n", "utf-8")
    assert read_yaml(path) == {"country": "NO", "as_of": "2026-09-30", "is_on": "on", "yes": True, "share": 0.2}


def test_broken_yaml_is_named_with_its_line(tmp_path):
    path = tmp_path / "engagement.yml"
    path.write_text("client: x\n  currency: EUR\n", "utf-8")
    with pytest.raises(SettingsError, match="line 2"):
        read_yaml(path)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(SettingsError, match="rapport new"):
        read_yaml(tmp_path / "engagement.yml")


def test_a_key_given_twice_is_refused_where_it_stands_again(tmp_path):
    path = tmp_path / "engagement.yml"
    path.write_text("client: a\nsources: {}\nclient: b\n", "utf-8")
    with pytest.raises(SettingsError) as error:
        read_yaml(path)
    assert "'client' stands twice" in str(error.value)
    assert "line 3" in str(error.value)
