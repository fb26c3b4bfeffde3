"""The command line: bad input gets what · where · what to do, exit code 1 (2 for wrong usage), and changes nothing."""

import hashlib
import sys
from pathlib import Path

import openpyxl
import pytest

from rapport.cli import main

ENGAGEMENT = """client: Small firm
currency: EUR
country: LT
as_of: 2026-09-30
sources:
  shop:
    table: transactions
    file: raw/orders.csv
    columns: {order_id: order, record_id: customer, ordered_on: date, net_amount: amount}
"""
ORDERS = """order,customer,date,amount
1,a,2026-01-15,10.00
2,b,2026-02-15,20.00
3,a,2026-03-15,30.50
"""


@pytest.fixture
def firm(tmp_path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "orders.csv").write_text(ORDERS, "utf-8")
    (tmp_path / "engagement.yml").write_text(ENGAGEMENT, "utf-8")
    return tmp_path


def call(monkeypatch, capsys, *arguments: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    monkeypatch.setattr(sys, "argv", ["rapport", *arguments])
    try:
        main()
        code = 0
    except SystemExit as stop:
        code = stop.code or 0
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def fingerprint(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def empty_file(firm):
    (firm / "raw" / "orders.csv").write_bytes(b"")


def missing_column(firm):
    replaced(firm / "raw" / "orders.csv", "order,customer,date,amount", "order,customer,date,total")


def wrong_encoding(firm):
    replaced(firm / "engagement.yml", "file: raw/orders.csv", "file: raw/orders.csv\n    encoding: utf-8")
    (firm / "raw" / "orders.csv").write_bytes(ORDERS.replace("1,a", "1,Šarūnas").encode("cp1257"))


def text_in_amounts(firm):
    replaced(firm / "raw" / "orders.csv", "20.00", "twenty")


def future_dates(firm):
    replaced(firm / "raw" / "orders.csv", "2026-02-15", "2999-02-15")
    replaced(firm / "engagement.yml", "as_of: 2026-09-30\n", "")


def two_currencies(firm):
    replaced(firm / "engagement.yml", "net_amount: amount}", "net_amount: amount, currency: currency}")
    (firm / "raw" / "orders.csv").write_text(
        "order,customer,date,amount,currency\n1,a,2026-01-15,10.00,EUR\n2,b,2026-02-15,20.00,USD\n", "utf-8"
    )


def unknown_key(firm):
    replaced(firm / "engagement.yml", "currency: EUR", "currency: EUR\ncurency: EUR")


def unknown_parameter(firm):
    replaced(firm / "engagement.yml", "sources:", "parameters: {abc: {cutz: [0.8, 0.9]}}\nsources:")


def play_with_unknown_key(firm):
    replaced(firm / "engagement.yml", "sources:", "plays: {pareto-care: {ownr: me}}\nsources:")


def misspelt_records(firm):
    replaced(firm / "engagement.yml", "file: raw/orders.csv", "file: raw/orders.csv\n    records: shpo")


def merge_of_nobody(firm):
    replaced(firm / "engagement.yml", "sources:", "merge: [[shop:a, shop:bb]]\nsources:")


def rate_turned_round(firm):
    replaced(firm / "engagement.yml", "file: raw/orders.csv", "file: raw/orders.csv\n    rates: {BGN: 1.95583}")


BAD = {
    empty_file: "orders.csv",
    missing_column: "amount",
    wrong_encoding: "encoding",
    text_in_amounts: "twenty",
    future_dates: "2999",
    two_currencies: "USD",
    unknown_key: "did you mean 'currency'?",
    unknown_parameter: "did you mean 'abc.cuts'?",
    play_with_unknown_key: "did you mean 'owner'?",
    misspelt_records: "'shpo', which is no source of records",
    merge_of_nobody: "did you mean 'shop:b'?",
    rate_turned_round: "rates: {BGN: 1/1.95583}",
}


RUN = (empty_file, future_dates, unknown_key)  # refused on page 1, by the day of the data, and before anything is read
CASES = [("check", *case) for case in BAD.items()] + [("run", spoil, BAD[spoil]) for spoil in RUN]


@pytest.mark.parametrize(("command", "spoil", "words"), CASES, ids=lambda one: getattr(one, "__name__", ""))
def test_bad_input_teaches_and_changes_nothing(firm, monkeypatch, capsys, command, spoil, words):
    spoil(firm)
    before = fingerprint(firm)
    code, printed = call(monkeypatch, capsys, command, str(firm))
    assert code == 1
    assert "where:" in printed
    assert "what to do:" in printed
    assert words in printed
    assert "Traceback" not in printed
    assert fingerprint(firm) == before


@pytest.mark.parametrize(
    "arguments",
    [["nosuch"], ["run"], ["run", ".", "--nosuch"], ["explain"], ["run", ".", "-p", "abc.cuts"]],
    ids=["command", "argument missing", "option", "nothing to explain", "no value"],
)
def test_wrong_usage_exits_with_two(firm, monkeypatch, capsys, arguments):
    code, printed = call(monkeypatch, capsys, *arguments)
    assert code == 2
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-p", "abc.cutz=[0.8, 0.9]"], "did you mean 'abc.cuts'?"),
        (["-p", "value.discount_rate=7"], "0 to 1"),
        (["--only", "clasify"], "did you mean 'classify'?"),
        (["--from-page", "value"], "no complete run"),
    ],
)
def test_a_run_asked_for_in_a_way_that_cannot_be_is_refused(firm, monkeypatch, capsys, arguments, words):
    before = fingerprint(firm)
    code, printed = call(monkeypatch, capsys, "run", str(firm), *arguments)
    assert code == 1
    assert words in printed
    assert fingerprint(firm) == before


def test_check_says_what_came_in(firm, monkeypatch, capsys):
    code, printed = call(monkeypatch, capsys, "check", str(firm))
    assert code == 0
    assert "3 read, 3 used" in printed
    assert "60.50" in printed


def test_explain_says_meaning_range_and_provenance(monkeypatch, capsys):
    code, printed = call(monkeypatch, capsys, "explain", "abc.cuts")
    assert code == 0
    assert "Default: [0.8, 0.95]" in printed
    assert "Provenance" in printed


def test_plays_lists_the_playbook_by_phase(monkeypatch, capsys):
    code, printed = call(monkeypatch, capsys, "plays", "--phase", "recover")
    assert code == 0
    lines = [line for line in printed.splitlines() if line.strip()]
    assert len(lines) >= 5
    assert all(line.startswith("recover") for line in lines)


def test_new_makes_an_engagement_that_check_can_read(tmp_path, firm, monkeypatch, capsys):
    path = tmp_path / "acme"
    files = str(firm / "raw" / "orders.csv")
    code, printed = call(monkeypatch, capsys, "new", str(path), "--from", files)
    assert code == 0, printed
    text = (path / "engagement.yml").read_text("utf-8")
    assert "net_amount: amount" in text
    assert (path / "raw" / "orders.csv").read_text("utf-8") == ORDERS
    code, printed = call(monkeypatch, capsys, "check", str(path))
    assert code == 0, printed
    assert "3 read, 3 used" in printed


def test_new_never_overwrites(firm, monkeypatch, capsys):
    before = fingerprint(firm)
    code, printed = call(monkeypatch, capsys, "new", str(firm), "--from", str(firm / "raw" / "orders.csv"))
    assert code == 1
    assert "already" in printed
    assert fingerprint(firm) == before


def test_ask_writes_forms_and_never_writes_over_answers(firm, monkeypatch, capsys):
    code, printed = call(monkeypatch, capsys, "ask", str(firm), "--only", "wallet", "--language", "et")
    assert code == 0, printed
    assert "in Estonian (as asked for)" in printed
    assert "questionnaire: wallet" in printed
    book = openpyxl.load_workbook(firm / "ask.xlsx")
    book["Klientide ostud kokku"].append(["a", None, 100])
    book.save(firm / "ask.xlsx")
    before = fingerprint(firm)
    code, printed = call(monkeypatch, capsys, "ask", str(firm))
    assert code == 1
    assert "filled in already: Klientide ostud kokku" in printed
    assert "what to do:" in printed
    assert fingerprint(firm) == before


def test_adapt_copies_a_page_that_opens_this_client(firm, monkeypatch, capsys):
    code, _ = call(monkeypatch, capsys, "adapt", str(firm), "value")
    assert code == 0
    page = (firm / "notebooks" / "3_value.ipynb").read_text("utf-8")
    assert 'engagement: str = \\"..\\"' in page
    code, printed = call(monkeypatch, capsys, "adapt", str(firm), "value")
    assert code == 1
    assert "already" in printed


def test_debug_shows_the_traceback(firm, monkeypatch, capsys):
    unknown_key(firm)
    monkeypatch.setattr(sys, "argv", ["rapport", "--debug", "check", str(firm)])
    with pytest.raises(Exception, match="unknown key"):
        main()
