"""What leaves the house: nobody is named whom the report must not name, and a refused report leaves the last one."""

import shutil
from dataclasses import replace

import nbformat
import pytest

from rapport.delivery import deliver
from rapport.foundation.engagement import open_engagement
from rapport.foundation.errors import RunError


@pytest.fixture
def firm(sample_run, tmp_path):
    """The finished sample in a folder of its own."""
    folder = shutil.copytree(sample_run.folder, tmp_path / "firm", symlinks=True)
    return open_engagement(folder, sample_run.run.folder.name)


def say(firm, text: str) -> None:
    """Add a paragraph to the strategy page."""
    path = firm.run.folder / "pages" / "7_strategy.ipynb"
    page = nbformat.read(path, as_version=4)
    page.cells.append(nbformat.v4.new_markdown_cell(text))
    nbformat.write(page, path)


def test_a_customer_named_in_the_text_stops_the_report_and_leaves_the_last_one(firm):
    name = firm.read("customers")["name"].dropna().iloc[0]
    before = (firm.run.folder / "report" / "index.html").read_bytes()
    say(firm, f"We owe much to {name}.")
    with pytest.raises(RunError, match="although names are hidden") as error:
        deliver(firm)
    assert "`allow:`" in str(error.value)
    assert (firm.run.folder / "report" / "index.html").read_bytes() == before
    assert b"Postage is not goods" in before  # notes.md is printed
    allowed = replace(firm, file=firm.file.model_copy(update={"allow": (name,)}))
    assert name.encode() in deliver(allowed).read_bytes()


def test_the_firms_own_people_may_be_named_even_where_one_is_a_customer(firm):
    manager = firm.read("managers")["name"].iloc[0]
    customers = firm.read("customers")
    customers.loc[0, "name"] = manager
    firm.write(customers=customers)
    say(firm, f"{manager} answers for this.")
    assert manager.encode() in deliver(firm).read_bytes()


def test_numbers_that_may_be_names_stop_the_report(firm):
    """A bank statement knows its payers by name, account or address: that is then their number. Three are found as names,
    two of them as an account and an e-mail too.
    """
    customers = firm.read("customers")
    for row, number in enumerate(("UAB Slaptas Klientas", "LT601010012345678901", "ona@x.lt")):
        customers.loc[row, ["customer_id", "name"]] = [number, None]
        say(firm, f"Much is sold to {number}.")
    firm.write(customers=customers)
    with pytest.raises(RunError, match="shows 5 personal details although names are hidden"):
        deliver(firm)


def test_a_number_that_is_a_plain_code_is_no_name(firm):
    """LT99… is no account either: too short."""
    customers = firm.read("customers")
    for number in ("retail", "K-17", "100 200", "LT99123"):
        customers.loc[0, ["customer_id", "name"]] = [number, None]
        firm.write(customers=customers)
        say(firm, f"We speak of {number}.")
    deliver(firm)
