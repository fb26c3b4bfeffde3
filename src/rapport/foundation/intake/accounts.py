"""A bank account exported as a table: which column is the day, the amount and its side, who paid; what is no sale in it.

Only payments received are sales (HU-12). Balances, payments not booked yet and payments made are proposed to be dropped
by rules that engagement.yml shows; whose payments they are is asked where no column names the payer.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .mapping import CERTAIN, LIKELY, POSSIBLE, Mapping, Match
from .shapes import Shape
from .vocabulary import plain_name, plain_words, vocabulary

MADE = "payments made: only payments received are sales"
BALANCES = "balances and turnovers: they are no payments"
PENDING = "payments not booked yet: they may never be"
NOBODY = "? no column names the customer: no sale has a customer yet, and nothing can be said of customers"
GOODS = ("quantity", "unit_price")
MINUS = ("-", "−", "(")
FITS: dict[str, Callable[[Shape], bool]] = {
    "booked_on": lambda shape: shape.days > 0.5,  # balances and turnovers may stand among the days
    **dict.fromkeys(("amount", "account_amount", "credit", "debit"), lambda shape: shape.numbers > 0.9),
    **dict.fromkeys(("currency", "account_currency"), lambda shape: shape.currencies > 0.9),
    "payer": lambda shape: shape.numbers < 0.9,
    "payer_account": lambda shape: shape.distinct > 1,  # one for all rows is the client's own
}


@dataclass(frozen=True)
class Account:
    """The client's columns by the part they play; `amount` is signed unless there is a `side`, or credit and debit."""

    booked_on: str
    amount: str | None = None
    credit: str | None = None
    debit: str | None = None
    side: str | None = None
    currency: str | None = None
    payer: str | None = None
    payer_account: str | None = None
    text: str | None = None
    status: str | None = None

    @property
    def customer(self) -> str | None:
        """What tells payers apart: their account, else their name."""
        return self.payer_account or self.payer


def account_of(shapes: dict[str, Shape]) -> Account | None:
    """The table as a bank account's export; None when it is none.

    It is one when it has a day and a text or a payer, and an amount whose direction is told: by a column of sides, by
    separate columns of credits and debits, or by its sign, beside a column that only banks have and none of customers.
    """
    found = {part: theirs for part in vocabulary()["account"] if (theirs := _named(part, shapes)) is not None}
    side = side_of(shapes)
    plain = {plain_name(name) for name in shapes}
    goods = frozenset().union(*(plain_words("columns", "transactions", ours) for ours in GOODS))
    if "booked_on" not in found or not {"text", "payer"} & set(found) or plain & goods:
        return None
    names = {part: found.get(part) for part in ("booked_on", "payer", "payer_account", "text", "status")}
    if names["payer_account"] and names["payer"] and _filled(names, shapes, "payer_account", "payer") < 0.9:
        names["payer_account"] = None
    if "credit" in found and "debit" in found and side is None:
        currency = found.get("account_currency") or found.get("currency")
        return Account(**names, credit=found["credit"], debit=found["debit"], currency=currency)
    of_account = "account_amount" in found
    amount = found.get("account_amount") or found.get("amount")
    currency = found.get("account_currency") if of_account else found.get("currency")
    is_bank = plain & plain_words("account", "marks") and not _names_customers(shapes)
    if amount is None or (side is None and not is_bank):
        return None
    return Account(**names, amount=amount, side=side, currency=currency)


def side_of(shapes: dict[str, Shape]) -> str | None:
    """The column that says for every row whether it is a debit or a credit."""
    for name, shape in shapes.items():
        plain = [plain_name(cell) for cell in shape.cells]
        debits = [word for word in plain if word in plain_words("rows", "debit")]
        credits = [word for word in plain if word in plain_words("rows", "credit")]
        told = plain and len(debits) + len(credits) == shape.distinct
        is_named = plain_name(name) in plain_words("rows", "side")
        if told and (is_named or (debits and credits and min(map(len, plain)) > 2)):
            return name
    return None


def mapping_of_account(account: Account, shapes: dict[str, Shape]) -> Mapping:
    """The account as transactions: credits less debits where they stand apart; a text only may hold the payer."""
    matches = {"ordered_on": Match(account.booked_on, CERTAIN, f"named '{account.booked_on}'")}
    compute = {}
    if account.amount:
        matches["net_amount"] = Match(account.amount, CERTAIN, f"named '{account.amount}'")
    else:
        sign = "+" if _is_negative(shapes[account.debit]) else "-"
        compute["net_amount"] = f"or_zero(`{account.credit}`) {sign} or_zero(`{account.debit}`)"
    if account.customer:
        matches["record_id"] = Match(account.customer, LIKELY, "the other party of the account")
    else:
        matches["record_id"] = Match(account.text, POSSIBLE, "no column names the payer, and this text may")
    if account.currency:
        matches["currency"] = Match(account.currency, CERTAIN, f"named '{account.currency}'")
    return Mapping("transactions", matches, 10.0, compute)


def rules_of_account(account: Account, frame: pd.DataFrame, table: str = "transactions") -> list[dict]:
    """Rules to confirm: balances, payments not booked yet and payments made are dropped, in terms a `table` can use."""
    rules = []
    for name in map(str, frame.columns):
        balances = [cell for cell in _cells(frame, name) if _without_day(cell) in plain_words("rows", "balance")]
        rules += [_dropped({name: {"in": balances}}, BALANCES)] if balances else []
    if account.status:
        cells = _cells(frame, account.status)
        pending = [cell for cell in cells if plain_name(cell) in plain_words("rows", "pending")]
        rules += [_dropped({account.status: {"in": pending}}, PENDING)] if pending else []
    return rules + [_dropped(when, MADE) for when in _made(account, frame, table)]


def _made(account: Account, frame: pd.DataFrame, table: str) -> Iterator[dict]:
    """What tells payments made, be there any yet or not: their side; a negative amount, or a minus before it."""
    if account.side:
        debits = [cell for cell in _cells(frame, account.side) if plain_name(cell) in plain_words("rows", "debit")]
        yield {account.side: {"in": debits or vocabulary()["rows"]["debit"]}}
    elif table == "transactions":
        yield {"net_amount": {"below": 0}}
    elif account.amount:
        yield {account.amount: {"starts_with": list(MINUS)}}
    else:
        zeros = [str(cell) for cell in frame[account.credit].dropna().unique() if not re.search("[1-9]", str(cell))]
        if frame[account.credit].isna().any():
            yield {account.credit: {"empty": True}}
        if zeros:
            yield {account.credit: {"in": zeros}}


def payments_received(account: Account, frame: pd.DataFrame) -> np.ndarray:
    """Rows of money that came in: no balance, booked, and not paid out."""
    left_out = _paid_out(account, frame)
    for rule in rules_of_account(account, frame):
        for name, condition in rule["when"].items():
            if "in" in condition:
                left_out |= frame[name].isin(condition["in"]).to_numpy()
    return ~left_out


def questions_of_account(account: Account, frame: pd.DataFrame, currency: str) -> tuple[str, ...]:
    """What the file cannot tell: its currency, the payer, and whether money went back to somebody who also paid."""
    return tuple(_questions(account, frame, currency))


def _questions(account: Account, frame: pd.DataFrame, currency: str) -> Iterator[str]:
    if account.currency is None:
        yield f"? no column says which currency the account is in: taken as {currency}; if not, set `currency:` and `rates:`"
    if account.customer is None:
        yield NOBODY.replace("customer:", "payer:")
        return
    out = _paid_out(account, frame)
    whose = frame[account.customer].astype(object)
    both = sorted(set(whose[out].dropna()) & set(whose[payments_received(account, frame)].dropna()), key=str)
    if both:
        rows = int((out & whose.isin(both).to_numpy()).sum())
        kept = f"{account.customer}: {{not_in: [{', '.join(map(str, both[:5]))}]}}"
        unsigned = (
            f", and give the same rows a rule `then: return`, {account.side} being unsigned" if account.side else ""
        )
        yield f"? {rows:,} payments made went to somebody who also paid: refunds? Then add `{kept}` to the last rule{unsigned}"


def _named(part: str, shapes: dict[str, Shape]) -> str | None:
    """The column called by the first word of a part whose values can be what the part means."""
    fits = FITS.get(part, lambda shape: True)
    for word in vocabulary()["account"][part]:
        for name, shape in shapes.items():
            if plain_name(name) == plain_name(word) and shape.filled and fits(shape):
                return name
    return None


def _names_customers(shapes: dict[str, Shape]) -> bool:
    """Whether a column is called as sales call the customer, and not as banks call the other party."""
    words = plain_words("columns", "transactions", "record_id")
    words -= plain_words("account", "payer") | plain_words("account", "payer_account") | plain_words("personal", "card")
    return any(plain_name(name) in words and shape.filled for name, shape in shapes.items())


def _filled(names: dict[str, str | None], shapes: dict[str, Shape], part: str, other: str) -> float:
    return shapes[names[part]].filled / shapes[names[other]].filled


def _cells(frame: pd.DataFrame, name: str) -> list[str]:
    return [str(cell) for cell in frame[name].dropna().unique() if isinstance(cell, str)]


def _without_day(cell: str) -> str:
    """`Likutis 2026-01-31` is the balance, whatever day it is of."""
    return " ".join(word for word in plain_name(cell).split() if not word.isdigit())


def _is_negative(shape: Shape) -> bool:
    """Whether debits are written with a minus."""
    return any(cell.strip().startswith(MINUS) for cell in shape.cells)


def _paid_out(account: Account, frame: pd.DataFrame) -> np.ndarray:
    """Rows of money that left the account."""
    name = account.side or account.amount or account.debit
    texts = frame[name].astype(object).map(lambda cell: str(cell).strip(), na_action="ignore").fillna("").astype(str)
    if account.side:
        return texts.map(lambda cell: plain_name(cell) in plain_words("rows", "debit")).to_numpy(dtype=bool)
    minus = texts.str.startswith(MINUS)
    return (minus if account.amount else texts.str.contains(r"[1-9]")).to_numpy(dtype=bool)


def _dropped(when: dict, why: str) -> dict:
    return {"when": when, "then": "drop", "why": why}
