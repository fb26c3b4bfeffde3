"""What a mapping alone does not see: cancelled orders, payments made, customer numbers that are given with each order.

Each hint is a rule to confirm or a question to answer; it stands in engagement.yml beside the source it is about.
"""

from collections.abc import Iterable

import pandas as pd

from .accounts import MADE, rules_of_account, side_of
from .candidate import Candidate
from .mapping import Mapping
from .source import parts_of
from .vocabulary import plain_name, plain_words

FEW_WORDS = 20  # different values up to which a column may be a status
FEWEST_BUYERS = 100
FEWEST_CHANNELS = 2
ONE_ORDER_EACH = 1.005  # orders per buyer up to which a customer's number may be one of the order


def rules_for(candidate: Candidate, mapping: Mapping) -> list[dict]:
    """Rules to confirm for a source: rows its own columns call cancelled, payments made, what of an account is no sale."""
    if candidate.account is not None:
        return rules_of_account(candidate.account, candidate.received.frame, mapping.table)
    if mapping.table != "transactions" or candidate.received.mapping:
        return []
    used = {part for match in mapping.matches.values() for part in parts_of(match.theirs)}
    found = []
    for name, shape in candidate.shapes.items():
        if name in used or not 1 < shape.distinct <= FEW_WORDS:
            continue
        cancelled = [cell for cell in shape.cells if plain_name(cell) in plain_words("rows", "cancelled")]
        if cancelled and len(cancelled) < shape.distinct:
            found.append(_rule(name, cancelled, "cancelled orders"))
    side = side_of({name: shape for name, shape in candidate.shapes.items() if name not in used})
    if side is not None:
        debits = [cell for cell in candidate.shapes[side].cells if plain_name(cell) in plain_words("rows", "debit")]
        found += [_rule(side, debits, MADE)] if debits else []
    return found


def _rule(name: str, cells: list[str], why: str) -> dict:
    return {"when": {name: {"in": cells}}, "then": "drop", "why": why}


def rule_comments(rules: Iterable[dict]) -> tuple[str, ...]:
    """One line to confirm for each proposed rule."""
    return tuple(
        f"likely: rows whose {name} {_told(condition)} are {rule['why'].split(':')[0]} and are dropped, see rules"
        for rule in rules
        for name, condition in rule["when"].items()
    )


def _told(condition: dict) -> str:
    [(way, limit)] = condition.items()
    return {
        "in": lambda: f"is {', '.join(limit)}",
        "starts_with": lambda: f"starts with {' or '.join(limit)}",
        "below": lambda: f"is below {limit}",
        "empty": lambda: "is empty",
    }[way]()


def channels_beside(candidate: Candidate) -> tuple[str, ...]:
    """The question to ask of a table with a column of costs for each channel: `spend` has a row for each."""
    days = [name for name, shape in candidate.shapes.items() if shape.days > 0.9]
    costs = {
        name: channel
        for name, shape in candidate.shapes.items()
        if shape.numbers > 0.9 and (channel := _channel_of(plain_name(name).split()))
    }
    if len(days) != 1 or len(costs) < FEWEST_CHANNELS or not isinstance(candidate.place.get("file"), str):
        return ()
    name, channel = next(iter(costs.items()))
    example = f"{{table: spend, file: {candidate.place['file']}, columns: {{spent_on: {days[0]}, amount: {name}}}, "
    return (
        f"? what was spent on {', '.join(costs)}? Then each is a source of its own, such as {example}"
        f"constants: {{channel: {channel}, purpose: acquire}}}}",
    )


def _channel_of(words: list[str]) -> str | None:
    """`tv_S` and `TV spend` are what was spent on TV; `facebook_I` is not."""
    *channel, last = words or [""]
    named = " ".join(channel)
    return named if named in plain_words("spent", "channels") and last in plain_words("spent", "words") else None


def one_order_each(frame: pd.DataFrame, theirs: str, records: Candidate | None) -> tuple[str, ...]:
    """The question to ask when no customer of the `transactions` ever comes back: is the number one of the order?

    `theirs` is the client's column the numbers come from; columns of the customer file that may be the customer's own
    number are named.
    """
    known = frame.dropna(subset="record_id")[["record_id", "order_id"]].drop_duplicates()
    buyers = known["record_id"].nunique()
    if buyers < FEWEST_BUYERS or len(known) > ONE_ORDER_EACH * buyers:
        return ()
    asked = (
        f"? each of the {buyers:,} values of {theirs} stands in one order only: a number given anew with every order?"
    )
    taken = {part for match in records.mapping.matches.values() for part in parts_of(match.theirs)} if records else ()
    ids = [
        name
        for name, shape in (records.shapes if records else {}).items()
        if name not in taken and shape.filled and 0.3 < shape.uniqueness <= 1 and max(shape.days, shape.emails) < 0.5
    ]
    other = f" {records.name} also has {', '.join(ids[:3])}: join it and map it to record_id." if ids else ""
    return (f"{asked} Then nobody is seen to come back.{other}",)
