"""Everything found, as one table, and the questions it raises for the client."""

import pandas as pd

from ...foundation.contracts import TABLES
from .coverage import coverage_checks
from .ledger import by_seller, ledger_checks, reconciliation, seller_checks
from .origins import origin_checks
from .people import people_checks
from .repeats import repeat_checks
from .returns import returns_checks
from .sales import sales_checks

_QUESTIONS = {
    "sales without a customer": "Who bought where no customer is named? Are these cash sales?",
    "negative amounts not marked as returns": "What are the negative amounts that are not returns?",
    "positive amounts marked as returns": "Why do some returns have a positive amount?",
    "exact duplicate rows": "Are lines that repeat exactly two sales, or one exported twice?",
    "rows that stand in an earlier file too": "Were some sales exported twice, in two files?",
    "order lines that stand in another source too": "Were some sales exported twice, into two sources?",
    "every customer bought once": "Does the customer number stand for the customer, or is it given anew with every order?",
    "orders of several customers": "Can one order number belong to several customers?",
    "giant orders": "Are the largest orders real, and will they come again?",
    "dates on the first of the month": "Are orders booked once a month? Is the true day known elsewhere?",
    "months without a row": "Was nothing sold in the empty months, or is an export missing?",
    "source starts mid-period": "Where are the sales from before this source begins?",
    "source stops mid-period": "Where are the sales since this source stopped?",
    "customers of unknown age": "Since when have the earliest customers been buying? Is there older data?",
    "jump of new customers": "What happened in that month: a campaign, a new system, a new numbering?",
    "numbering may have changed": "Were customers given new numbers in that month? Is there a list of old and new ones?",
    "orders above the ledger": "Why is there more in the orders than in the ledger in these months?",
    "orders below the ledger": "Why is there less in the orders than in the ledger in these months?",
    "sellers above their ledger": "Which of these sellers' orders are not in the ledger?",
    "sellers below their ledger": "Which sales of these sellers are in the ledger and not in the orders?",
    "ledger total differs": "Why do the orders of the period differ from the total the ledger gives?",
    "returns stand in a table of their own": "Are net sales before or after these returns? Can the credit notes be exported?",
    "amounts before": "Are the amounts of before the euro in the old money or in euro?",
    "amounts may include VAT": "Do the amounts include VAT?",
    "names with lost letters": "Can the customer file be exported once more, in UTF-8?",
    "buyers without a record": "Who are the buyers that no customer file lists?",
    "keys shared by many names": "Whose are the telephones and mailboxes that many customers share?",
    "one customer above": "Is the largest customer one buyer, or several under one number?",
    "dated after the cut-off day": "Are sales dated in the future orders on hand, or mistakes?",
}


def checks(
    transactions: pd.DataFrame,
    records: pd.DataFrame,
    *,
    settings,
    as_of: pd.Timestamp,
    finance: pd.DataFrame | None = None,
    seller_ledger: pd.DataFrame | None = None,
    returns_complaints: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The `quality` table of everything that can be seen in the canonical tables, the most severe and the most money
    first.

    In: `transactions` with customer_id resolved, `records` (as received, without the bare records of unknown buyers)
    and, where given, `finance`, `seller_ledger` and `returns_complaints`. What the intake found while reading comes
    from the intake and is put above or below it.
    """
    found = [
        sales_checks(transactions, as_of=as_of),
        returns_checks(transactions, returns_complaints, settings=settings),
        coverage_checks(transactions, as_of=as_of),
        origin_checks(transactions, settings=settings),
        people_checks(transactions, records, settings=settings),
        repeat_checks(transactions),
    ]
    if finance is not None and finance["ledger_revenue"].notna().any():
        found.append(ledger_checks(reconciliation(transactions, finance, settings=settings, as_of=as_of)))
    if seller_ledger is not None:
        found.append(seller_checks(by_seller(transactions, seller_ledger, settings=settings, as_of=as_of)))
    made = pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)
    rank = made["severity"].map({"stop": 0, "caution": 1, "note": 2})
    order = made.assign(rank=rank, size=made["amount"].abs().fillna(0)).sort_values(
        ["rank", "size"], ascending=[True, False], kind="stable"
    )
    return TABLES["quality"].check(order[list(TABLES["quality"].columns)], "quality.checks")


def questions(quality: pd.DataFrame) -> pd.DataFrame:
    """What to ask the client, by money: rank, question, check, source, rows, amount (money), why.

    In: `quality`. Asked is what is a caution or a stop and has a question; the largest absolute amount comes first,
    what has no amount last.
    """
    asked = quality[quality["severity"] != "note"].assign(question=lambda frame: frame["check"].map(_question))
    asked = asked.dropna(subset="question")
    asked = asked.assign(size=asked["amount"].abs()).sort_values(
        ["size", "rows", "check", "source"], ascending=[False, False, True, True]
    )
    asked = asked.assign(rank=range(1, len(asked) + 1))
    return asked[["rank", "question", "check", "source", "rows", "amount", "why"]].reset_index(drop=True)


def _question(check: str) -> str | None:
    return next((question for start, question in _QUESTIONS.items() if check.startswith(start)), None)
