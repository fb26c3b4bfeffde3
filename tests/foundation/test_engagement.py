"""An engagement: one folder, one declared file, strictly read; raw files are never written."""

import hashlib

import pandas as pd
import pytest

from rapport.foundation.engagement import inputs, open_engagement, read_file
from rapport.foundation.errors import RapportError, RunError, SettingsError
from rapport.foundation.finding import Finding
from rapport.foundation.runs import new_run

FILE = """client: Small firm
currency: EUR
country: LT
as_of: 2026-09-30
names: {names}
sources:
  shop:
    table: transactions
    file: raw/orders.csv
    columns: {{order_id: order, record_id: customer, ordered_on: date, net_amount: amount}}
"""


@pytest.fixture
def firm(tmp_path, small_firm_files):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "orders.csv").write_bytes((small_firm_files / "orders.csv").read_bytes())
    (tmp_path / "engagement.yml").write_text(FILE.format(names="hide"), "utf-8")
    return tmp_path


def changed(firm, old: str, new: str):
    path = firm / "engagement.yml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_what_came_in_is_the_canonical_table(firm):
    received = open_engagement(firm).receive()
    assert received["transactions"]["net_amount"].sum() == sum(10 * (number + 1) for number in range(12))
    assert received["records"].empty
    assert received.overview()["rows"].tolist() == [12]
    assert "records" in received.absent()["table"].tolist()


def test_raw_files_are_not_touched(firm):
    before = hashlib.sha256((firm / "raw" / "orders.csv").read_bytes()).hexdigest()
    open_engagement(firm).receive()
    assert inputs(firm)["raw/orders.csv"]["sha256"] == before


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("country: LT", "country: LT\nlangauge: en", "did you mean 'language'?"),
        ("    file: raw", "    fiel: raw", "did you mean 'file'?"),
        ("currency: EUR", "", "'currency' is missing"),
        ("currency: EUR", "currency: euro", "'currency' is 'euro'"),
        ("names: hide", "names: maybe", "'names' is 'maybe'"),
        ("names: hide", "parameters: {abc: {cut: [0.8, 0.9]}}", "did you mean 'abc.cuts'?"),
        ("order_id: order", "order_nr: order", "order_nr"),
    ],
)
def test_a_key_that_is_not_understood_is_refused_with_the_cure(firm, old, new, words):
    changed(firm, old, new)
    with pytest.raises(SettingsError) as error:
        read_file(firm)
    assert words in str(error.value)
    assert "engagement.yml" in str(error.value)


def test_without_as_of_the_last_transaction_counts(firm):
    changed(firm, "as_of: 2026-09-30\n", "")
    assert open_engagement(firm).as_of == pd.Timestamp("2026-09-15")


def test_a_page_opened_before_any_run_is_told_what_to_do(firm):
    with pytest.raises(RunError, match="rapport run"):
        open_engagement(firm).read("history")
    assert open_engagement(firm).read_if_given("wallet") is None


def test_findings_come_back_as_they_were_kept(firm):
    page = open_engagement(firm)
    finding = Finding(id="x.share", unit="share", value=0.5, n=40, basis="b", as_of="2026-09-30", parts={"k": 20})
    page.keep("1_identify", finding)
    assert open_engagement(firm).findings() == {"x.share": finding}


def customers(names):
    from rapport.foundation.contracts import TABLES

    table = TABLES["customers"]
    rows = pd.DataFrame({"customer_id": ["a", "b", "c"], "name": names, "records": 1})
    return table.check(table.complete(rows), "test")


def test_names_are_hidden_by_default_and_the_same_pseudonym_comes_back(firm):
    page = open_engagement(firm)
    page.write(customers=customers(["Ona", "Ona", None]))
    listed = pd.DataFrame({"customer_id": ["a", "b", "c"], "net": [1, 2, 3]})
    hidden = page.named(listed)
    assert hidden["customer"].str.match(r"K-[0-9a-f]{8}$").all()
    assert hidden["customer"].is_unique
    pd.testing.assert_frame_equal(hidden, open_engagement(firm).named(listed))
    assert (firm / ".keys" / "pseudonyms").stat().st_mode & 0o077 == 0


def test_with_names_shown_equal_names_are_told_apart(firm):
    changed(firm, "names: hide", "names: show")
    page = open_engagement(firm)
    page.write(customers=customers(["Ona", "Ona", None]))
    assert page.named(pd.DataFrame({"customer_id": ["a", "b", "c"]}))["customer"].tolist() == [
        "Ona (a)",
        "Ona (b)",
        "c",
    ]


def test_a_broken_file_is_named(firm):
    (firm / "engagement.yml").write_text("client: [", "utf-8")
    with pytest.raises(RapportError, match="not valid YAML"):
        open_engagement(firm)


def test_managers_are_called_by_name_where_it_is_known(firm):
    page = open_engagement(firm)
    page.write(customers=customers(["Ona", "Rasa", None]))
    listed = pd.DataFrame({"customer_id": ["a", "b"], "manager_id": ["m1", "m2"]})
    assert page.named(listed)["manager_id"].tolist() == ["m1", "m2"]
    from rapport.foundation.contracts import TABLES

    managers = TABLES["managers"].complete(pd.DataFrame({"manager_id": ["m1"], "name": ["Jonas"]}))
    page.write(managers=managers)
    assert open_engagement(firm).named(listed)["manager_id"].tolist() == ["Jonas", "m2"]


def test_cuts_come_from_the_engagement_and_from_the_command_line_before_it(firm):
    assert open_engagement(firm).settings.abc.cuts == (0.8, 0.95)
    changed(firm, "names: hide", "names: hide\nparameters: {abc: {cuts: [0.7, 0.9]}, xyz.cuts: [0.4, 0.9]}")
    settings = open_engagement(firm).settings
    assert (settings.abc.cuts, settings.xyz.cuts) == ((0.7, 0.9), (0.4, 0.9))
    run = new_run(firm, as_of="2026-09-15")
    run.note(overrides={"abc.cuts": [0.5, 0.6]})
    settings = open_engagement(firm, run.name).settings
    assert (settings.abc.cuts, settings.xyz.cuts) == ((0.5, 0.6), (0.4, 0.9))


def test_a_total_quoted_from_the_ledger_is_read_and_strictly(firm):
    path = firm / "engagement.yml"
    before = path.read_text("utf-8")
    assert read_file(firm).ledger_total is None
    path.write_text(before + "ledger_total: {from: 2026-01-01, to: 2026-06-30, net: 980}\n", "utf-8")
    quoted = read_file(firm).ledger_total
    assert (str(quoted.since), str(quoted.until), quoted.net) == ("2026-01-01", "2026-06-30", 980.0)
    refused = {
        "{from: 2026-07-01, to: 2026-06-30, net: 980}": "`from` must not lie after `to`",
        "{from: 2026-01-01, to: 2026-06-30, net: 980, nett: 1}": "did you mean 'net'",
        "{from: 2026-01-01, to: 2026-06-30, net: 0}": "greater than 0",
        "{from: 2026-01-01, to: 2026-06-30}": "'ledger_total.net' is missing",
    }
    for total, words in refused.items():
        path.write_text(before + f"ledger_total: {total}\n", "utf-8")
        with pytest.raises(SettingsError) as error:
            read_file(firm)
        assert words in str(error.value), total
