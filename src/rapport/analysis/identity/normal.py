"""Normal forms of a record for matching: name words, legal form, e-mail, telephone, tax number, address, birth date."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .letters import name_parts, spelling

SHARED_MAILBOXES = {  # local parts that name a post, not a person
    "info", "office", "sales", "admin", "contact", "kontakt", "kontaktai", "mail", "post", "hello", "shop", "order",
    "orders", "service", "support", "reception", "accounting", "invoice", "invoices", "buh", "buhalterija", "faktura",
    "iroda", "titkarsag", "zakaz", "pasts", "uzsakymai", "pardavimai", "myyk", "raamatupidamine", "prodazhi", "ofis",
    "firma", "company", "team", "noreply", "no-reply", "webshop", "eshop",
}  # fmt: skip
_COUNTRIES = """
LT 370 0|8, LV 371, EE 372, PL 48, HU 36 06, BG 359 0, RU 7 8, KZ 7 8, UA 380 0, BY 375 80, RO 40 0, CZ 420, SK 421 0,
DE 49 0, AT 43 0, CH 41 0, GB 44 0, IE 353 0, FR 33 0, BE 32 0, NL 31 0, IT 39, ES 34, PT 351, GR 30, SE 46 0, NO 47,
DK 45, FI 358 0, RS 381 0, HR 385 0, SI 386 0, TR 90 0, US 1 1, CA 1 1, AU 61 0, NZ 64 0, BR 55 0
"""  # country, calling code, trunk prefix dialled inside the country
_CALLING = {
    country: (code, "".join(trunk)) for country, code, *trunk in (entry.split() for entry in _COUNTRIES.split(","))
}
_EMAIL = re.compile(r"[^\s@;,<>]+@[^\s@;,<>]+\.[^\s@;,<>]+")
_NO_ADDRESS = re.compile(
    r"^(?:no|none|na|n/a|test|nomail|noemail|no-?email|nera|net|nincs)@|@(?:example|none|na|test|no)\."
)
_FEWEST_PHONE_DIGITS, _FEWEST_TAX_SIGNS = 6, 5


def normal(records: pd.DataFrame, *, country: str = "", unit: str = "payer") -> pd.DataFrame:
    """The records in the form in which they are compared: one row per record, sorted by `uid`.

    Grain in: `records`; `country` (ISO) whose habits read the telephones and tax numbers of records that name none,
    where fewer than half do; `unit` as for `facts`. Out: the columns of `facts`, and words (tuple), name (words in alphabetical order), form (legal
    form), kind, email, is_post (a mailbox such as info@), phone, address, city, postcode; a missing or placeholder
    value is None. Row order of the input does not matter.
    """
    rows = _sorted(records)
    parts = _each(_with_kind(rows), _name)
    form = parts.map(lambda part: part[1] or None if part else None)
    words = parts.map(lambda part: part[0] if part else ())
    emails = _each(rows["email"], email)
    kind = rows["kind"].astype(object)
    return facts(records, country=country, unit=unit).assign(
        words=words,
        name=words.map(lambda found: " ".join(sorted(found)) or None),
        form=form,
        kind=kind.where(kind.notna(), np.where(form.notna(), "company", None)),
        email=emails,
        is_post=emails.map(is_post).astype(bool),
        phone=_each(_pairs(rows["phone"], _country(rows["country"], country)), lambda pair: phone(*pair)),
        address=_each(rows["address"], _words),
        city=_each(rows["city"], _words),
        postcode=_each(rows["postcode"], _joined),
    )


def facts(records: pd.DataFrame, *, country: str = "", unit: str = "payer") -> pd.DataFrame:
    """What a customer has one of, one row per record, sorted by `uid`: uid ("source:record_id"), source, record_id, tax
    (number in normal form), born_on, payer (uid of the payer when the record only uses the goods, RU-07; empty for all
    where the `unit` is user).
    """
    rows = _sorted(records)
    return pd.DataFrame(
        {
            "uid": rows["uid"],
            "source": rows["source"],
            "record_id": rows["record_id"],
            "tax": _each(_pairs(rows["tax_id"], _country(rows["country"], country)), lambda pair: tax(*pair)),
            "born_on": pd.to_datetime(rows["born_on"]),
            "payer": (rows["source"] + ":" + rows["end_user_of"]).where(
                rows["end_user_of"].notna() & (unit == "payer"), None
            ),
        }
    )


def _sorted(records: pd.DataFrame) -> pd.DataFrame:
    return records.assign(uid=uids(records)).sort_values("uid", kind="stable").reset_index(drop=True)


def uids(records: pd.DataFrame) -> pd.Series:
    """The name by which merge and split lists call each record: "source:record_id"."""
    return records["source"].astype(str) + ":" + records["record_id"].astype(str)


def email(text: str) -> str | None:
    """The first address in the text in lower case, without "+tag" (and without dots at Gmail); None for
    placeholders.
    """
    found = _EMAIL.search(text.casefold())
    if found is None or _NO_ADDRESS.search(found[0]):
        return None
    local, domain = found[0].strip(".").rsplit("@", 1)
    local = local.split("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def is_post(address: str | None) -> bool:
    """Whether an e-mail address names a post (info@, sales@) rather than a person."""
    return bool(address) and address.split("@")[0] in SHARED_MAILBOXES


def phone(text: str, country: str | None = None) -> str | None:
    """The number as calling code and national number ("370-61234567"), read with the country's dialling habits.

    Extensions are dropped; numbers that are too short or of one digit only are placeholders: None.
    """
    written = re.split(r"(?:ext|доб|vid)\b|[;/,xх]", text.casefold())[0]
    digits = re.sub(r"\D", "", written)
    is_international = written.strip().startswith("+") or digits.startswith("00")
    digits = re.sub(r"^00", "", digits)
    code, trunk = _CALLING.get(country or "", ("", ""))
    if is_international:
        own = [known for known, _ in _CALLING.values() if digits.startswith(known)]
        code = max(own, key=len, default="")
        digits = digits[len(code) :]
    elif code and digits.startswith(code) and len(digits) - len(code) >= 8:
        digits = digits[len(code) :]
    elif trunk:
        digits = re.sub(f"^(?:{trunk})", "", digits) if len(digits) > 8 else digits
    if is_international and digits.startswith("0"):
        digits = digits[1:]  # +44 (0)20 …
    is_placeholder = len(digits) < _FEWEST_PHONE_DIGITS or len(set(digits)) == 1 or digits in "0123456789"
    return None if is_placeholder else f"{code}-{digits}"


def tax(text: str, country: str | None = None) -> str | None:
    """The tax or company number as country and signs ("LT-100001234"); None for placeholders."""
    signs = re.sub(r"[\W_]", "", text.upper())
    prefix = re.match(r"([A-Z]{2})(?=\d)", signs)
    if prefix:
        country, signs = prefix[1], signs[2:]
    is_placeholder = len(signs) < _FEWEST_TAX_SIGNS or len(set(signs)) == 1 or signs in "0123456789"
    return None if is_placeholder else f"{country or ''}-{signs}"


def _name(given: tuple[str, str]) -> tuple[tuple[str, ...], str]:
    return name_parts(given[0], is_person=given[1] == "person")


def _words(text: str) -> str | None:
    return spelling(text) or None


def _joined(text: str) -> str | None:
    return spelling(text).replace(" ", "") or None


def _country(country: pd.Series, default: str) -> pd.Series:
    """The country of each record; where unknown, the one most records name (alphabetical first on a tie) if half of the
    records name one, or where there is no `default`; else the default.
    """
    named = country.astype(object).where(country.notna(), None)
    seen = Counter(value for value in named if value)
    usual = min(seen, key=lambda value: (-seen[value], value)) if seen else ""
    if default and seen.total() < len(named) / 2:
        usual = default
    return named.map(lambda value: (value or usual).upper()[:2])


def _with_kind(rows: pd.DataFrame) -> pd.Series:
    return _pairs(rows["name"], rows["kind"].astype(object).where(rows["kind"].notna(), ""))


def _pairs(texts: pd.Series, beside: pd.Series) -> pd.Series:
    """(text, value beside it), None where there is no text."""
    pairs = [
        None if pd.isna(text) or not str(text).strip() else (str(text), other) for text, other in zip(texts, beside)
    ]
    return pd.Series(pairs, index=texts.index, dtype=object)


def _each(values: pd.Series, form: Callable[[Any], Any]) -> pd.Series:
    """`form` of each value, computed once for each distinct one; a missing value stays None."""
    filled = values.astype(object).where(values.notna(), None)
    forms = {None: None} | {value: form(value) for value in filled.unique() if value is not None}
    return pd.Series([forms[value] for value in filled], index=values.index, dtype=object)
