"""The privacy gate finds what a shared copy must not say."""

import pytest

from rapport.present.gate import leaks
from rapport.present.picture import picture


@pytest.fixture
def found(tmp_path):
    """A function from the body of a report to the kinds and texts that were found in it."""

    def look(body: str, **more) -> list[tuple[str, str]]:
        path = tmp_path / "index.html"
        path.write_text(f"<html><style>a{{}}</style><body>{body}</body></html>", "utf-8")
        return [(leak.kind, leak.found) for leak in leaks(path, **more)]

    return look


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("write to ona.petraite@example.lt today", "e-mail", "ona.petraite@example.lt"),
        ("pay to LT12 1000 0111 0100 1000", "IBAN", "LT12 1000 0111 0100 1000"),
        ("card 4111 1111 1111 1111", "card number", "4111 1111 1111 1111"),
        ("call +370 612 34567", "telephone", "+370 612 34567"),
        ("read from /home/ona/export.csv", "home folder", "/home/ona"),
    ],
)  # fmt: skip
def test_each_kind_is_found(found, body, kind, text):
    assert (kind, text) in found(f"<p>{body}</p>")


@pytest.mark.parametrize(
    "body",
    ["€1,234,567", "12,345 customers", "2023-10-01 to 2026-09-30", "n = 1204; 4111 1111 1111 1112",
     "LT99 1000 0111 0100 1000", "<p>100</p><p>200</p><p>300</p><p>400</p><p>500</p>",
     "sha256 0123456789abcdef0123456789abcdef"],
)  # fmt: skip
def test_plain_figures_are_no_find(found, body):
    assert found(f"<p>{body}</p>") == []


def test_names_are_found_whole_in_any_case_and_short_ones_are_left(found):
    body = "<p>ŽALGIRIO PREKYBA and Onavičius, Ona</p>"
    assert found(body, names=["Žalgirio prekyba", "Ona", "Petras"]) == [("name", "ŽALGIRIO PREKYBA")]


def test_names_are_found_in_pictures_and_their_alt_texts(found):
    svg = '<svg viewBox="0 0 1 1"><text>Šaltinis UAB</text></svg>'
    body = picture(svg, "image/svg+xml", {"alt": "Bars of Ąžuolas AB and others"}, "page")
    assert {text for _, text in found(body, names=["Šaltinis UAB", "Ąžuolas AB"])} == {"Šaltinis UAB", "Ąžuolas AB"}


def test_what_is_allowed_is_no_find(found):
    assert found("<p>info@acme.lt</p>", allowed=["INFO@acme.lt"]) == []


def test_a_find_comes_once_with_its_surroundings(tmp_path):
    path = tmp_path / "index.html"
    path.write_text("<p>call +370 612 34567 now</p>", "utf-8")
    (leak,) = leaks(path)
    assert "call +370 612 34567 now" in leak.context
