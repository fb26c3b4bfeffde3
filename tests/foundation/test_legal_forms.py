"""The legal form in a name; what it does to matching is tested with the names of identity and of payers."""

import pytest

from rapport.foundation.legal_forms import is_form, without_form


@pytest.mark.parametrize(
    ("name", "bare", "form"),
    [
        ("UAB „Baltija“", "Baltija", "UAB"),
        ("Müller GmbH & Co. KG", "Müller", "GmbH & Co. KG"),
        ("Ромашка ЕООД", "Ромашка", "ЕООД"),
        ("Петров С.А.", "Петров С.А.", ""),
        ("UAB", "UAB", ""),
    ],
)
def test_the_form_is_taken_off_either_end(name, bare, form):
    assert without_form(name) == (bare, form)


def test_a_form_alone_names_nobody():
    assert is_form("UAB")
    assert is_form("gmbh & co. kg")
    assert not is_form("UAB Baltija")
