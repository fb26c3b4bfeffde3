"""The chain as declared: every page has a notebook, and what it needs is made by an earlier page."""

from rapport.foundation.contracts import RESULTS, TABLES
from rapport.foundation.library import library_folder
from rapport.stages import STAGES, stage


def test_every_need_is_made_earlier():
    made: set[str] = set()
    for one in STAGES:
        assert set(one.needs) <= made, one.name
        made |= set(one.makes)


def test_every_page_has_its_notebook():
    assert all((library_folder("notebooks") / one.notebook).exists() for one in STAGES)


def test_every_table_between_pages_is_made_by_one_page():
    made = [table for one in STAGES for table in one.makes]
    assert len(made) == len(set(made))
    assert set(made) <= set(TABLES)
    inner = {"attention"}  # made while plays are assigned, which ask for its columns
    assert {table.name for table in RESULTS} - inner <= set(made)


def test_a_page_is_found_with_and_without_its_number():
    assert stage("value") is stage("3_value")
