"""What must not come in: bank-card numbers and passports are refused, personal columns beyond need are named (HU-N1).

One number in ten passes the check digit of cards by chance, and order numbers or EAN codes are as long. So a column
holds cards only when most of its numbers that begin and measure like a card also pass the check.
"""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import IntakeError
from .canonical import Reading
from .converted import cells_of, is_text
from .received import Note
from .vocabulary import own_words, plain_name, plain_words

CARD = re.compile(
    r"(?<![\d*])(?:"
    r"4\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}"
    r"|(?:5[1-5]\d{2}|2[2-7]\d{2}|6011|65\d{2}|64[4-9]\d|35\d{2}|62\d{2}|5018|5020|5038|5893|6304|6759|676[1-3])"
    r"([ -]?)\d{4}\2\d{4}\2\d{4}"
    r"|3[47]\d{2}([ -]?)\d{6}\3\d{5}"
    r"|3(?:0[0-5]|[68]\d)\d([ -]?)\d{6}\4\d{4}"
    r")(?![\d*])"
)
LIKELY = r"\d{4}[ -]?\d{4,6}[ -]?\d{4}"
CARD_SHARE = 0.5
NEEDED = ("account",)  # payers are matched by it


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a card number is right."""
    digits = [int(sign) for sign in reversed(number) if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def holds_cards(column: pd.Series) -> np.ndarray:
    """The distinct cells with a card number; none when passing the check looks like chance."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        if not pd.api.types.is_integer_dtype(column):
            return np.array([], dtype=object)
        column = pd.Series(pd.Categorical(column.dropna().astype("int64").astype(str)))
    cells, _ = cells_of(column)
    texts = pa.array(cells if is_text(cells).all() else [str(cell) for cell in cells], pa.string())
    likely = texts.filter(pc.match_substring_regex(texts, LIKELY)).to_pylist()
    found = [(text, match[0]) for text in likely if (match := CARD.search(text))]
    passed = [text for text, number in found if passes_luhn(number)]
    return np.array(passed if found and len(passed) >= CARD_SHARE * len(found) else [], dtype=object)


def refuse_cards_and_passports(reading: Reading) -> list[Note]:
    """Notes on personal columns that are not needed. Raises IntakeError when a used column holds cards or passports."""
    received = reading.received
    used = {name: ours for ours, theirs in reading.theirs.items() for name in theirs.split(" + ")}
    notes = []
    for name in map(str, received.frame.columns):
        ours, plain = used.get(name), plain_name(name)
        cards = holds_cards(received.frame[name])
        is_passport = plain in plain_words("personal", "passport")
        is_card = len(cards) > 0 or plain in plain_words("personal", "card")
        kind = "bank-card numbers" if is_card else "passport numbers" if is_passport else None
        if kind and ours and (len(cards) or is_passport):
            raise _refused(kind, name, ours, cards, reading)
        rows = int(received.frame[name].notna().sum())
        if kind and not ours:
            note = Note(
                f"column '{name}': {kind}", rows, "not read", "never needed: ask for an export without it", "caution"
            )
            notes.append(note)
        elif (
            plain in plain_words("personal", "beyond_need")
            and ours not in NEEDED
            and plain not in own_words(reading.source.table, ours or "")
        ):
            treatment = "read" if ours else "not read"
            notes.append(Note(f"personal column '{name}'", rows, treatment, "beyond need: leave it out of the export"))
    return notes


def _refused(kind: str, name: str, ours: str, cards: np.ndarray, reading: Reading) -> IntakeError:
    masked = f": such as {re.sub(r'[0-9](?=(?:[^0-9]*[0-9]){4})', '•', CARD.search(cards[0])[0])}" if len(cards) else ""
    return IntakeError(
        f"the column '{name}' (mapped to {ours}) holds {kind}{masked}.",
        reading.received.where,
        f"take {ours} out of `columns:`, and ask the client for an export without this column.",
    )
