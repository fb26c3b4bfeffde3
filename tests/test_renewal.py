"""A second engagement of a client: what the earlier one declared goes on where it fits, and what does not is named."""

import pandas as pd
import pytest

from rapport.foundation.decisions import add_to_log, read_log
from rapport.foundation.engagement import open_engagement, read_file
from rapport.foundation.errors import SettingsError
from rapport.scaffold import adapted, scaffold

EARLIER = """client: ACME
currency: PLN
country: PL
language: hu
as_of: 2025-03-31
names: show
allow: [ACME]
retain_until: 2999-12-31
ledger_total: {from: 2025-01-01, to: 2025-03-31, net: 15.5}
sources:
  crm:
    table: records
    file: raw/customers_q1.csv
    columns: {record_id: id, name: name}
  shop:
    table: transactions
    file: raw/sales_q1.csv
    records: crm
    duplicates: drop
    decimal: "."
    columns: {order_id: order, record_id: customer, ordered_on: date, net_amount: amount}
    rules:
      - {when: {note: {in: [internal]}}, then: drop, why: internal transfers}
  targets:
    table: wallet
    pasted: "customer;total\\n1;500\\n"
    records: crm
    columns: {record_id: customer, total_spend: total}
parameters: {data: {active_window_days: 180}, value.discount_rate: 0.1}
plays: {pareto-care: {owner: the owner}}
offers: {rebate: {net_total: {min: 1000}}}
merge: [[crm:1, crm:2], [crm:1, crm:9]]
split: [[crm:1, crm:3]]
"""
CUSTOMERS = "id,name\n1,Ona\n2,Ona B.\n3,Rasa\n"
SALES = "order,customer,date,amount,note\nA1,1,2025-{0}-15,10.00,\nA2,2,2025-{0}-16,20.00,internal\nA3,3,2025-{0}-17,5.00,\n"


def placed(folder, name: str, content: str):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, "utf-8")
    return folder / name


@pytest.fixture
def earlier(tmp_path):
    folder = tmp_path / "first"
    placed(folder / "raw", "customers_q1.csv", CUSTOMERS + "9,Petras\n")
    placed(folder / "raw", "sales_q1.csv", SALES.format("02"))
    placed(folder, "engagement.yml", EARLIER)
    log = pd.DataFrame(
        {"decided_on": pd.Timestamp("2025-04-01"), "record_a": ["crm:1", "crm:1"], "record_b": ["crm:2", "crm:9"],
         "decision": ["same", "different"], "before": "", "change": "", "note": ""}
    )  # fmt: skip
    add_to_log(folder, log, sheet="x")
    adapted(folder, "value")
    placed(folder / "questionnaires", "leavers.md", "Why?")
    return folder


@pytest.fixture
def sent(tmp_path):
    box = tmp_path / "sent"
    return [placed(box, "sales_q2.csv", SALES.format("05")), placed(box, "customers_q2.csv", CUSTOMERS)]


def test_everything_the_earlier_engagement_declared_goes_on(tmp_path, earlier, sent):
    second = tmp_path / "second"
    said = list(scaffold(second, sent, like=earlier))
    old, new = read_file(earlier), read_file(second)
    for key in (
        "client",
        "currency",
        "country",
        "language",
        "names",
        "allow",
        "retain_until",
        "plays",
        "offers",
        "split",
    ):
        assert getattr(new, key) == getattr(old, key), key
    settings = open_engagement(second).settings
    assert (settings.data.active_window_days, settings.value.discount_rate) == (180, 0.1)
    assert new.merge == (("crm:1", "crm:2"),)
    assert "carried over: offers: rebate" in said
    assert "carried over: parameters: data.active_window_days = 180, value.discount_rate = 0.1" in said
    assert "left behind: merge: [crm:1, crm:9]: 'crm:9' is the record of nobody here" in said
    assert "left behind: ledger_total: from 2025-01-01, to 2025-03-31, net 15.5; it is of the earlier period" in said
    assert new.ledger_total is None
    assert "left behind: as_of: 2025-03-31; it is of the earlier period" in said
    assert str(new.as_of) == "2025-05-17"


def test_sources_keep_their_names_and_get_the_new_files(tmp_path, earlier, sent):
    second = tmp_path / "second"
    said = list(scaffold(second, sent, like=earlier))
    sources = read_file(second).sources
    assert {name: source.file for name, source in sources.items()} == {
        "crm": "raw/customers_q2.csv", "shop": "raw/sales_q2.csv", "targets": None,
    }  # fmt: skip
    assert "carried over: source 'shop' goes on with sales_q2.csv" in said
    old = read_file(earlier).sources["shop"]
    for key in ("records", "duplicates", "decimal", "columns", "rules"):
        assert getattr(sources["shop"], key) == getattr(old, key), key
    received = open_engagement(second).receive()
    assert received["transactions"]["net_amount"].sum() == 15.0  # the internal transfer is left out as before
    assert set(received["transactions"]["record_source"]) == {"crm"}
    assert received["wallet"]["total_spend"].tolist() == [500.0]


def test_decisions_pages_and_questionnaires_are_copied_and_notes_are_not(tmp_path, earlier, sent):
    placed(earlier, "notes.md", "approved")
    second = tmp_path / "second"
    said = list(scaffold(second, sent, like=earlier))
    pd.testing.assert_frame_equal(read_log(second), read_log(earlier))
    assert (second / "notebooks" / "3_value.ipynb").exists()
    assert (second / "questionnaires" / "leavers.md").read_text("utf-8") == "Why?"
    assert "approved" not in (second / "notes.md").read_text("utf-8")
    log = "carried over: decisions.csv: 2 decisions on who is who, 1 of them on records that are not in these files"
    assert log in said
    assert "carried over: notebooks/: 3_value.ipynb (adapted pages)" in said
    assert any(line.startswith("left behind: notes.md") for line in said)


def test_a_source_no_file_fits_is_named_and_left_as_a_comment(tmp_path, earlier, sent):
    second = tmp_path / "second"
    said = list(scaffold(second, sent[:1], like=earlier))
    assert "left behind: source 'crm': no file given fits raw/customers_q1.csv" in said
    text = (second / "engagement.yml").read_text("utf-8")
    assert "  #   file: raw/customers_q1.csv" in text
    assert "? 'crm', whose customer numbers it uses, is not given" in text
    with pytest.raises(SettingsError, match="customer numbers of 'crm'"):
        open_engagement(second).receive()


def test_a_term_that_has_passed_is_left_behind(tmp_path, earlier, sent):
    path = earlier / "engagement.yml"
    path.write_text(path.read_text("utf-8").replace("2999-12-31", "2025-12-31"), "utf-8")
    said = list(scaffold(tmp_path / "second", sent, like=earlier))
    assert any(line.startswith("left behind: retain_until: 2025-12-31 has passed") for line in said)
    assert read_file(tmp_path / "second").retain_until is None


def test_what_is_given_wins_over_the_earlier_engagement(tmp_path, earlier, sent):
    list(scaffold(tmp_path / "second", sent, like=earlier, client="ACME Group", country="LT", currency="EUR"))
    new = read_file(tmp_path / "second")
    assert (new.client, new.country, new.currency) == ("ACME Group", "LT", "EUR")


@pytest.mark.parametrize(
    ("pattern", "other"), [("raw/sales_*.csv", "sales_q3.csv"), ("raw/*sales*.csv", "north_sales.csv")]
)
def test_a_pattern_takes_every_file_it_matches(tmp_path, earlier, sent, pattern, other):
    path = earlier / "engagement.yml"
    path.write_text(path.read_text("utf-8").replace("raw/sales_q1.csv", pattern), "utf-8")
    more = placed(sent[0].parent, other, SALES.format("08").replace("A", "B"))
    second = tmp_path / "second"
    list(scaffold(second, [*sent, more], like=earlier))
    assert list(read_file(second).sources) == ["crm", "shop", "targets"]
    assert read_file(second).sources["shop"].file == pattern
    assert open_engagement(second).receive()["transactions"]["net_amount"].sum() == 30.0


def test_the_source_that_names_most_columns_chooses_first(tmp_path, earlier, sent):
    path = earlier / "engagement.yml"
    goods = "sources:\n  goods: {table: products, file: raw/goods.csv, columns: {product_id: order}}\n"
    path.write_text(path.read_text("utf-8").replace("sources:\n", goods), "utf-8")
    titles = placed(sent[0].parent, "titles.csv", "order,title\nX1,Coffee\nX2,Tea\n")
    list(scaffold(tmp_path / "second", [*sent, titles], like=earlier))
    sources = read_file(tmp_path / "second").sources
    assert (sources["goods"].file, sources["shop"].file) == ("raw/titles.csv", "raw/sales_q2.csv")


def test_a_form_goes_on_with_the_form_of_the_same_questions(tmp_path, earlier, sent):
    path = earlier / "engagement.yml"
    asked = "sources:\n  shares: {table: wallet, file: raw/a.csv, questionnaire: wallet, records: crm}\n"
    path.write_text(path.read_text("utf-8").replace("sources:\n", asked), "utf-8")
    spent = "Kiek klientas per metus tokioms prekėms išleidžia iš viso, pas visus tiekėjus"
    header = f"Kliento numeris;{spent};Iš kur žinoma?;Kurios dienos skaičius"
    form = placed(sent[0].parent, "b.csv", f"{header}\n1;700;Pasakė klientas;2025-05-02\n")
    list(scaffold(tmp_path / "second", [*sent, form], like=earlier))
    assert read_file(tmp_path / "second").sources["shares"].file == "raw/b.csv"
    wallet = open_engagement(tmp_path / "second").receive()["wallet"]
    assert wallet["total_spend"].tolist() == [700.0, 500.0]


def test_a_second_file_of_the_same_columns_goes_on_under_the_same_name(tmp_path, earlier, sent):
    box = sent[0].parent
    other = placed(box, "shop.csv", SALES.format("06").replace("A", "C"))
    second = tmp_path / "second"
    list(scaffold(second, [*sent, other], like=earlier))
    sources = read_file(second).sources
    assert set(sources) == {"crm", "shop", "targets"}
    assert set(sources["shop"].file) == {"raw/sales_q2.csv", "raw/shop.csv"}
    third = tmp_path / "third"
    list(scaffold(third, [*sent, other], like=second))
    assert read_file(third).sources["shop"].file == sources["shop"].file


def test_the_same_files_again_are_read_as_before(tmp_path, earlier):
    files = sorted((earlier / "raw").iterdir())
    list(scaffold(tmp_path / "second", files, like=earlier))
    before, after = (open_engagement(folder).receive() for folder in (earlier, tmp_path / "second"))
    pd.testing.assert_frame_equal(before["transactions"], after["transactions"])
    pd.testing.assert_frame_equal(before["records"], after["records"])
