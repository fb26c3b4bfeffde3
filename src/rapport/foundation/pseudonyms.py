"""Names or pseudonyms: HMAC-SHA256 of the customer id with a key that stays in the engagement, outside every run."""

import hmac
import os
import secrets
from pathlib import Path

import pandas as pd

KEY = ".keys/pseudonyms"
PERSONAL = ("customer_id", "record_id", "record_a", "record_b", "group_id", "name", "name_a",
            "name_b", "names", "email", "phone", "tax_id")  # fmt: skip


def display_names(ids: pd.Series, customers: pd.DataFrame | None, names: str, folder: Path) -> pd.Series:
    """What a reader sees instead of `customer_id`: the name with `names: show`, else a pseudonym such as `K-7f3a9c21`.

    A customer without a name is shown by its id. Two customers of one name get their ids behind it.
    """
    if names == "hide":
        key = _key(folder)
        unique = {one: _pseudonym(one, key) for one in ids.unique()}
        return ids.map(unique)
    if customers is None:
        return ids.copy()
    known = customers.set_index("customer_id")["name"]
    shown = ids.map(known)
    is_shared = ids.map(known.duplicated(keep=False)).fillna(False).astype(bool)
    return (shown + (" (" + ids + ")").where(is_shared, "")).where(shown.notna(), ids)


def masked(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """The frame with everything that names a customer, a record or a group replaced by pseudonyms.

    A group is called by the pseudonym of its id, so that a customer on its own has the one it has everywhere; empty
    cells stay empty.
    """
    key = _key(folder)
    columns = {column: frame[column] for column in PERSONAL if column in frame.columns}
    if {"group_id", "name"} <= set(frame.columns):
        columns |= {"name": frame["group_id"]}
    return frame.assign(
        **{
            column: ids.map(lambda value: _pseudonym(str(value), key), na_action="ignore")
            for column, ids in columns.items()
        }
    )


def _pseudonym(customer_id: str, key: bytes) -> str:
    return "K-" + hmac.new(key, customer_id.encode(), "sha256").hexdigest()[:8]


def _key(folder: Path) -> bytes:
    """The engagement's key, made on first use and readable by its owner only."""
    path = folder / KEY
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return bytes.fromhex(path.read_text())
