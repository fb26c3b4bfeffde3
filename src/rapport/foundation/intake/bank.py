"""Bank statements (MT940, camt.053, LITAS-ESIS) → raw rows, one per credit, with the payer: sales without a CRM (HU-12).

Only credits count as sales; a reversed credit is a return. Debits (fees, salaries, suppliers) are kept beside them: room
`payers` finds refunds among them, and says what is left out. LITAS-ESIS is what Lithuanian banks gave before the euro.
MT940 needs the optional extra `bank`; camt.053 is read here, so that the amount of an entry with several details
is never repeated for each of them.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from ..errors import IntakeError
from .encodings import decoded
from .payers import payer_key
from .received import Received, column_of_cells

COLUMNS = ("booked_on", "valued_on", "amount", "currency", "payer", "payer_account", "payer_key", "text", "reference")
MAPPING = {
    "transactions": {
        "ordered_on": "booked_on",
        "net_amount": "amount",
        "record_id": "payer_key",
        "currency": "currency",
    },
    "records": {"record_id": "payer_key", "name": "payer"},
}
UNIT = "entry"
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
WRAPPED_PAYER = re.compile(r"/NAME/([^/]{2,70})")
PAYER = re.compile(
    r"(?:NAAM: ?|\bOD: |AUFTRAGGEBER: |PAYER: |MOKĖTOJAS: |ПЛАТЕЛЬЩИК: |НАРЕДИТЕЛ: |MAKSJA: )([^/;\n]{2,70})",
    re.IGNORECASE,
)


def is_statement(content: bytes) -> bool:
    """Whether the file is an MT940, camt.053 or LITAS-ESIS statement."""
    head = content[:4000]
    return is_litas(content) or b":camt.05" in head or (b":20:" in head and (b":60F:" in head or b":61:" in head))


def is_litas(content: bytes) -> bool:
    """Whether the file is a LITAS-ESIS statement: a record 000 with the account, then 020 (balances) and 010 (entries)."""
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines()[:2]
    return len(lines) == 2 and lines[0].startswith(b"000\t") and lines[1].startswith((b"010\t", b"020\t"))


def statement(content: bytes, *, file: str, country: str | None, encoding: str | None) -> Received:
    """The credits of a statement as received, one row each (columns in COLUMNS); reversed credits are negative.

    Its debits come along as entries of the same columns, and `line`; amounts positive, those of reversed debits negative.

    Raises IntakeError when the statement cannot be read, or the extra `bank` is not installed.
    """
    if b":camt.05" in content[:4000]:
        entries = list(_camt(content, file))
    elif is_litas(content):
        entries = list(_litas(decoded(content, where=file, country=country or "LT", encoding=encoding).text, file))
    else:
        entries = list(_mt940(decoded(content, where=file, country=country, encoding=encoding).text, file))
    lines = [(line, entry) for line, entry in enumerate(entries, start=1)]
    credits = [(line, entry) for line, entry in lines if entry["kind"] == "credit"]
    debits = tuple(entry | {"line": line} for line, entry in lines if entry["kind"] == "debit")
    frame = pd.DataFrame({name: column_of_cells([entry[name] for _, entry in credits]) for name in COLUMNS})
    numbers = np.array([line for line, _ in credits], dtype=np.int64)
    return Received(frame, numbers, file, unit=UNIT, mapping=MAPPING, payer=("payer", "payer_account"), debits=debits)


def _entry(kind: str, amount: float, account: str | None, name: str | None, **rest: Any) -> dict[str, Any]:
    name = " ".join(name.split()) if name else None
    return {
        "kind": kind,
        "amount": amount,
        "payer": name,
        "payer_account": account,
        "payer_key": payer_key(account, name),
    } | rest


def _mt940(text: str, file: str) -> Iterator[dict[str, Any]]:
    try:
        import mt940
    except ImportError:
        raise IntakeError(
            "reading MT940 statements needs the optional extra `bank`.",
            file,
            "install it: pip install 'rapport[bank]'.",
        ) from None
    try:
        transactions = list(mt940.parse(text))
    except Exception as error:  # the parser raises whatever its regular expressions run into
        raise IntakeError(
            f"the MT940 statement cannot be read: {error or type(error).__name__}.",
            file,
            "ask the bank for camt.053, or for CSV.",
        ) from None
    for transaction in transactions:
        data = transaction.data
        amount = abs(float(data["amount"].amount))
        status = data.get("status", "")
        detail = "\n".join(
            str(data[key]) for key in ("transaction_details", "purpose", "non_swift_text") if data.get(key)
        )
        kind, sign = {"C": ("credit", 1), "RC": ("credit", -1), "RD": ("debit", -1)}.get(status, ("debit", 1))
        yield _entry(
            kind,
            sign * amount,
            data.get("applicant_iban") or _iban(detail),
            data.get("applicant_name") or data.get("non_swift_15") or _payer(detail),
            booked_on=str(data.get("entry_date") or data.get("date") or ""),
            valued_on=str(data.get("date") or ""),
            currency=data.get("currency") or data["amount"].currency,
            text=" ".join(detail.split()),
            reference=_reference(data),
        )


def _reference(data: dict[str, Any]) -> str | None:
    given = [
        str(data.get(key) or "").strip() for key in ("end_to_end_reference", "bank_reference", "customer_reference")
    ]
    return next((text for text in given if text and text not in ("NONREF", "NOTPROVIDED", "N", "X")), None)


def _iban(text: str) -> str | None:
    """The first account number in a text whose check digits are right."""
    for found in IBAN.finditer(text.replace("\n", " ")):
        account = found[0].replace(" ", "")
        if int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1:
            return account
    return None


def _payer(text: str) -> str | None:
    found = WRAPPED_PAYER.search(text.replace("\n", "")) or PAYER.search(text)
    return found[1].strip() if found else None


def _litas(text: str, file: str) -> Iterator[dict[str, Any]]:
    """Entries of a LITAS-ESIS statement: values parted by tabs, days as 20120131, amounts in hundredths."""
    currency = None
    for number, line in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in line.split("\t")] + [""] * 20
        if cells[0] == "000":
            filled = [cell for cell in cells if cell]
            currency = filled[-1] if re.fullmatch("[A-Z]{3}", filled[-1]) else None
        if cells[0] != "010":
            continue
        day, amount, side, reference, purpose, account, name = (cells[place] for place in (2, 4, 6, 10, 13, 16, 17))
        if not re.fullmatch(r"\d{8}", day) or not amount.isdigit() or side not in ("C", "D"):
            raise IntakeError(
                f"an entry has no day (20120131), amount in hundredths or side (C or D): '{day}', '{amount}', '{side}'.",
                f"{file}, line {number}",
                "ask the bank for the statement again, as LITAS-ESIS, camt.053 or CSV.",
            )
        yield _entry(
            "credit" if side == "C" else "debit",
            int(amount) / 100,
            account or None,
            name or None,
            booked_on=day,
            valued_on=day,
            currency=currency,
            text=purpose or None,
            reference=reference or None,
        )


def _camt(content: bytes, file: str) -> Iterator[dict[str, Any]]:
    if b"<!ENTITY" in content:
        raise IntakeError(
            "the statement declares entities, which no bank does.", file, "ask the bank for the file again."
        )
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise IntakeError(
            f"the statement is not sound XML: {error}.", file, "ask the bank for the file again."
        ) from None
    entries = root.findall(".//{*}Ntry")
    if not entries and root.find(".//{*}Stmt") is None:
        raise IntakeError("the XML holds no statement.", file, "ask the bank for a camt.053 file.")
    own = {found.text.strip() for found in root.iterfind(".//{*}Stmt/{*}Acct/{*}Id//*") if found.text}
    for entry in entries:
        status = entry.find("{*}Sts")
        if status is not None and "PDNG" in "".join(status.itertext()):
            continue
        yield from _camt_entry(entry, own)


def _camt_entry(entry: ElementTree.Element, own: set[str]) -> Iterator[dict[str, Any]]:
    amount = entry.find("{*}Amt")
    total = float(amount.text)
    is_credit = _text(entry, "{*}CdtDbtInd") == "CRDT"
    is_reversed = _text(entry, "{*}RvslInd") == "true"
    kind = "credit" if is_credit != is_reversed else "debit"
    sign = -1 if is_reversed else 1
    details = entry.findall(".//{*}TxDtls")
    parts = [_text(detail, "{*}AmtDtls/{*}TxAmt/{*}Amt") or _text(detail, "{*}Amt") for detail in details]
    whole = not all(parts) or abs(sum(map(float, filter(None, parts))) - total) > 0.005
    for detail, part in (
        [(details[0] if len(details) == 1 else entry, total)] if whole else zip(details, map(float, parts))
    ):
        single = detail is not entry
        party = _counterparty(detail, kind, own)
        yield _entry(
            kind,
            sign * part,
            _account(detail, party) if single else None,
            _name(detail, party) if single else None,
            booked_on=(_text(entry, "{*}BookgDt/{*}Dt") or _text(entry, "{*}BookgDt/{*}DtTm") or "")[:10],
            valued_on=(_text(entry, "{*}ValDt/{*}Dt") or _text(entry, "{*}ValDt/{*}DtTm") or "")[:10],
            currency=amount.get("Ccy"),
            text=" ".join(tag.text.strip() for tag in detail.findall(".//{*}Ustrd") if tag.text) or None,
            reference=_text(detail, ".//{*}CdtrRefInf/{*}Ref")
            or _text(detail, ".//{*}EndToEndId")
            or _text(entry, "{*}AcctSvcrRef"),
        )


def _counterparty(detail: ElementTree.Element, kind: str, own: set[str]) -> str:
    """Dbtr for money that came, Cdtr for money that went; Dbtr too where a bank names there whom it went to."""
    if kind == "credit" or _name(detail, "Cdtr") or _account(detail, "Cdtr") or not own:
        return "Dbtr" if kind == "credit" else "Cdtr"
    return "Dbtr" if (_account(detail, "Dbtr") or next(iter(own))) not in own else "Cdtr"


def _name(detail: ElementTree.Element, party: str) -> str | None:
    base = ".//{*}RltdPties/{*}"
    return next((text for role in (party, f"Ultmt{party}") for path in ("{*}Nm", "{*}Pty/{*}Nm")
                 if (text := _text(detail, f"{base}{role}/{path}"))), None)  # fmt: skip


def _account(detail: ElementTree.Element, party: str) -> str | None:
    base = f".//{{*}}RltdPties/{{*}}{party}Acct/{{*}}Id"
    return _text(detail, f"{base}/{{*}}IBAN") or _text(detail, f"{base}/{{*}}Othr/{{*}}Id")


def _text(element: ElementTree.Element, path: str) -> str | None:
    found = element.find(path)
    return found.text.strip() if found is not None and found.text and found.text.strip() else None
