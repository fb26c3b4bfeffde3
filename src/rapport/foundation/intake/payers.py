"""Who paid: payers of statements and account exports → customers on file, and refunds among the money that went out.

A payer is the customer whose number, account or name it is, in this order; names are compared without signs, accents,
legal forms and order of words. What two records share matches neither. Who is matched to nobody is no customer: the
sale counts for the firm, and the share is told in rows and in money (HU-12).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..errors import IntakeError
from ..legal_forms import is_form, without_form
from .canonical import Reading, found_column
from .fates import money
from .received import Note, Received, column_of_cells
from .source import Payer
from .vocabulary import plain_name

KEY = "payer_key"
MAPPING = {"transactions": {"record_id": KEY}, "records": {"record_id": KEY}}
WHY = {
    "number": "the payer's account or name is the customer's number",
    "account": "the account of one record only",
    "name": "the name of one record only, but for legal form, signs and order of words",
    "values": "declared under `values: {record_id: …}`",
}
MANY = 0.05  # above this share unmatched payers call for caution
REFUND = re.compile(
    r"\b(?:refund|credit note|(?:su)?grazin|kreditine saskaita|atmaks|atgriez|tagasimaks|tagastu|tagastam|kreeditarve"
    r"|visszater|visszautal|visszafiz|storno|sztorno|возврат|возвращен|възстанов|връщане|сторно|кредитно известие)"
)
LOAN = re.compile(r"\b(?:loan|paskol|aizdev|laen|hitel|kolcson|заем|заим|кредита?\b)")


def payer_key(account: str | None, name: str | None) -> str | None:
    """What tells payers apart: the account, else the name in capitals without signs; None when neither is known."""
    if account:
        return _account(account)
    words = re.sub(r"[^\w]+", " ", name or "").split()
    return " ".join(words).upper() or None


def says_refund(text: str | None) -> bool:
    """Whether the text of a payment speaks of money given back, in the kit's languages, and not of a loan paid back."""
    plain = plain_name((text or "").casefold())
    return bool(REFUND.search(plain)) and not LOAN.search(plain)


def with_payers(received: Received, payer: Payer) -> Received:
    """An account export with its payers told apart as those of a statement are: the declared columns → `payer_key`.

    Raises IntakeError when a declared column is not in the file.
    """
    known = list(map(str, received.frame.columns))
    columns = tuple(given and found_column(given, "payer", known, received) for given in (payer.name, payer.account))
    cells = [_texts(received.frame, column) for column in columns]
    keys = [payer_key(account, name) for name, account in zip(*cells)]
    frame = received.frame.assign(**{KEY: column_of_cells(keys)})
    return replace(received, frame=frame, payer=columns, mapping=MAPPING)


class Customers:
    """The customers on file by number, account and name; what two of them share finds neither.

    Built from the table `records` (record_id, name, account).
    """

    def __init__(self, records: pd.DataFrame):
        self.records = records
        self.numbers = set(records["record_id"])

    @cached_property
    def by_account(self) -> dict[str, str]:
        """Account → number of the one record that has it."""
        return _only_ones(self.records, "account", _account)

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Bare name → number of the one record that has it."""
        return _only_ones(self.records, "name", bare_name)

    def find(self, key: str | None, account: str | None, name: str | None) -> tuple[str | None, str | None]:
        """The number of the customer and what it was found by ("number", "account", "name"); None, None for nobody."""
        if key in self.numbers:
            return key, "number"
        if (account := _account(account)) in self.by_account:
            return self.by_account[account], "account"
        if (name := bare_name(name)) in self.by_name:
            return self.by_name[name], "name"
        return None, None


def with_refunds(files: Sequence[Received], customers: Customers | None) -> list[Received]:
    """Statements with refunds among their rows, negative, and notes on the debits that are left out.

    A refund is a debit to somebody who paid in one of these files, or is on file, and whose text says so. Other debits
    to such people are left out but counted by themselves, so that they can be asked about; all else (fees, salaries,
    suppliers) is left out. Files that are no statements come back as they are.
    """
    statements = [file for file in files if file.debits is not None]
    keys = {key for file in statements for key in _texts(file.frame, KEY) if key}
    names: dict[str | None, set[str]] = {}
    for file in statements:
        for key, name in zip(_texts(file.frame, KEY), _texts(file.frame, "payer")):
            names.setdefault(bare_name(name), set()).add(key)
    names.pop(None, None)

    def payer_of(debit: dict[str, Any]) -> str | None:
        key, same = debit[KEY], names.get(bare_name(debit["payer"]), ())
        if key in keys or (customers and customers.find(key, debit["payer_account"], debit["payer"])[0]):
            return key
        return next(iter(same)) if len(same) == 1 else None

    return [file if file.debits is None else _with_refunds(file, payer_of) for file in files]


def matched_payers(received: Received, customers: Customers, said: Sequence[str] = ()) -> Received:
    """The file with `payer_key` put into the customer's number, empty where nobody is matched.

    `said` are payer keys that `values:` translates; they are left as they are. `matches` says by what each was found.
    """
    names, accounts = (_texts(received.frame, column) for column in received.payer)
    keys = _texts(received.frame, KEY)
    lowered = {key.strip().lower() for key in said}
    found = {
        payer: (payer[0], "values") if (payer[0] or "").lower() in lowered else customers.find(*payer)
        for payer in set(zip(keys, accounts, names))
    }
    numbers, by = zip(*(found[payer] for payer in zip(keys, accounts, names))) if keys else ((), ())
    frame = received.frame.assign(**{KEY: column_of_cells(numbers)})
    shown = np.array([key or "(no payer named)" for key in keys], dtype=object)
    return replace(received, frame=frame, matches=np.array(by, dtype=object), payers=shown)


def payer_notes(readings: Sequence[Reading]) -> list[Note]:
    """How many rows, and how much money, were matched to customers by what, and the share that was not."""
    by = np.concatenate([reading.received.matches[reading.fates.kept] for reading in readings])
    has_money = all(reading.amounts is not None for reading in readings)
    amounts = np.concatenate([reading.amounts[reading.fates.kept] for reading in readings]) if has_money else None
    notes = []
    for way in ("number", "account", "name", "values"):
        rows = by == way
        sums = None if amounts is None else money(amounts[rows])
        notes.append(Note(f"payers matched by {way}", int(rows.sum()), "kept", WHY[way], amount=sums))
    nobody = pd.isna(by)
    share = nobody.mean() if len(by) else 0.0
    of_money = 0.0 if amounts is None else _share(amounts[nobody], amounts)
    told = f"{share:.0%} of rows" + ("" if amounts is None else f" and {of_money:.0%} of money")
    severity = "caution" if max(share, of_money) > MANY else "note"
    notes.append(
        Note(
            "payers no record matches",
            int(nobody.sum()),
            "kept as unidentified",
            f"{told}: give records their `account`, or say under `values: {{record_id: …}}` who a payer is",
            severity,
            None if amounts is None else money(amounts[nobody]),
        )
    )
    return [note for note in notes if note.rows]


def unmatched(readings: Sequence[Reading]) -> pd.DataFrame:
    """Payers no record matches, the most money first: payer (key as under `values:`), rows, amount."""
    parts = [
        pd.DataFrame({"payer": reading.received.payers, "amount": reading.amounts})[
            pd.isna(reading.received.matches) & reading.fates.kept
        ]
        for reading in readings
        if reading.received.matches is not None and reading.amounts is not None
    ]
    if not parts:
        return pd.DataFrame({"payer": [], "rows": [], "amount": []})
    grouped = pd.concat(parts).groupby("payer")["amount"].agg(["size", "sum"]).reset_index()
    grouped.columns = ["payer", "rows", "amount"]
    return grouped.sort_values(["amount", "payer"], ascending=[False, True], ignore_index=True)


def refuse_names_as_numbers(readings: Sequence[Reading], customers: Customers) -> None:
    """Raises IntakeError when none of the customer numbers is on file, and some are accounts or names of customers."""
    numbers = {number for reading in readings for number in pd.unique(reading.values.get("record_id", np.array([])))}
    numbers = {number for number in numbers if isinstance(number, str)}
    if not numbers or numbers & customers.numbers:
        return
    found = {number: customers.find(None, number, number)[1] for number in sorted(numbers)}
    hits = [number for number, by in found.items() if by]
    if hits:
        first = readings[0]
        key, column = found[hits[0]], first.theirs.get("record_id", "record_id")
        raise IntakeError(
            f"record_id holds payers ('{hits[0]}' is the {key} of a record), and no customer number of "
            f"'{first.source.records}'.",
            f"{first.received.where}, column '{column}'",
            f"take record_id out of `columns:` and declare `payer: {{{key}: {column}}}` instead: payers are then matched.",
        )


def bare_name(name: str | None) -> str | None:
    """A name for comparing: small letters without accents, signs and legal form, its words in alphabetical order."""
    bare = without_form(name)[0] if name and not is_form(name) else ""
    return " ".join(sorted(plain_name(bare.casefold()).split())) or None


def _account(account: str | None) -> str | None:
    return re.sub(r"[\W_]", "", account or "").upper() or None


def _only_ones(records: pd.DataFrame, column: str, form: Any) -> dict[str, str]:
    """Forms of a column that one record only has → its number."""
    forms = records[column].map(form, na_action="ignore")
    alone = forms.notna() & ~forms.duplicated(keep=False)
    return dict(zip(forms[alone], records.loc[alone, "record_id"]))


def _texts(frame: pd.DataFrame, column: str | None) -> list[str | None]:
    if column is None:
        return [None] * len(frame)
    return [None if pd.isna(cell) else str(cell) for cell in frame[column].astype(object)]


def _share(part: np.ndarray, whole: np.ndarray) -> float:
    total = np.nansum(np.abs(whole))
    return float(np.nansum(np.abs(part)) / total) if total else 0.0


def _with_refunds(file: Received, payer_of: Any) -> Received:
    debits = [debit | {KEY: payer_of(debit) or debit[KEY], "to": payer_of(debit) is not None} for debit in file.debits]
    back = [debit for debit in debits if debit["to"] and says_refund(debit["text"])]
    asked = [debit for debit in debits if debit["to"] and not says_refund(debit["text"])]
    others = [debit for debit in debits if not debit["to"]]
    notes = [
        Note("debits of the bank account", len(others), "left out", "only credits are sales (HU-12)", amount=_sum(others)),
        Note("debits to customers", len(asked), "left out: ask",
             "they paid or are on file, and the text does not call it a refund", "caution", _sum(asked)),
        Note("refunds paid to customers", len(back), "taken as returns", "the text calls it a refund", amount=_sum(back)),
    ]  # fmt: skip
    cells = {
        name: [*file.frame[name].astype(object), *(-debit[name] if name == "amount" else debit[name] for debit in back)]
        for name in file.frame.columns
    }
    lines = np.array([*file.lines, *(debit["line"] for debit in back)], dtype=np.int64)
    frame = pd.DataFrame({name: column_of_cells(column) for name, column in cells.items()})
    order = np.argsort(lines, kind="stable")
    made = replace(file, frame=frame.iloc[order].reset_index(drop=True), lines=lines[order])
    return made.with_notes(*(note for note in notes if note.rows))


def _sum(debits: Sequence[dict[str, Any]]) -> float:
    return -round(sum(debit["amount"] for debit in debits), 6)
