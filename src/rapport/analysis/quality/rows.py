"""One row of the `quality` table, and how severe a share is."""

import pandas as pd

from ...foundation.contracts import TABLES

CAUTION_SHARE = 0.05  # §10: above 5 % of rows (or money) a fault needs caution


def row(
    check: str, source: str, rows: int, amount: float | None, treatment: str, why: str, severity: str = "note"
) -> dict:
    """A `quality` row as a mapping: what was looked at, rows and money concerned, what was done and why."""
    return {
        "check": check, "source": source, "rows": int(rows), "amount": amount, "treatment": treatment, "why": why,
        "severity": severity,
    }  # fmt: skip


def table(rows: list[dict]) -> pd.DataFrame:
    """The rows that concern anything, as a `quality` table, the most severe and the most money first."""
    contract = TABLES["quality"]
    kept = [entry for entry in rows if entry["rows"]]
    if not kept:
        return contract.empty()
    frame = pd.DataFrame(kept).astype({"amount": "float64"})
    rank = frame["severity"].map({"stop": 0, "caution": 1, "note": 2})
    order = frame.assign(rank=rank, size=frame["amount"].abs().fillna(0))
    order = order.sort_values(["rank", "size", "check", "source"], ascending=[True, False, True, True])
    return contract.check(order[list(contract.columns)], "quality")


def severity(share: float) -> str:
    """ "caution" above 5 %, else "note"."""
    return "caution" if share > CAUTION_SHARE else "note"


def told(quality: pd.DataFrame) -> pd.DataFrame:
    """The `quality` table as a page lists it: severity, check, source, rows, amount, and in one text what was done and
    why.
    """
    texts = quality["treatment"] + ": " + quality["why"]
    return quality.assign(what_was_done=texts)[["severity", "check", "source", "rows", "amount", "what_was_done"]]


_SAME = {
    "sales that name no customer": "sales without a customer",
    "returns and cancellations": "returns",
    "rows of value 0": "lines of zero value",
}  # what reading remarks → the check that says the same of the table


def combined(*tables: pd.DataFrame) -> pd.DataFrame:
    """Several `quality` tables as one, the most severe and the most money first; a check made twice, by one name
    or by two, stands once.
    """
    filled = [one for one in tables if len(one)]
    if not filled:
        return TABLES["quality"].empty()
    together = pd.concat(filled, ignore_index=True).drop_duplicates(["check", "source"])
    told = set(zip(together["check"], together["source"]))
    again = [(_SAME.get(check), source) in told for check, source in zip(together["check"], together["source"])]
    together = together[~pd.Series(again, index=together.index)]
    return table(together.to_dict("records"))
