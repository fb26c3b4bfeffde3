"""What people fill in after a run and give back before the next: whom to call, whom to ask why, what to do about it.

Each form has the columns of the client's table that it comes back as, and the customer's name beside them.
"""

import pandas as pd

from ..foundation.contracts import TABLES
from . import experiment
from .lost import REFUSED
from .status import GONE


def forms(
    lost: pd.DataFrame,
    customers: pd.DataFrame,
    links: pd.DataFrame,
    outcomes: pd.DataFrame | None = None,
    winback_log: pd.DataFrame | None = None,
    leavers_survey: pd.DataFrame | None = None,
    register: pd.DataFrame | None = None,
    *,
    as_of: pd.Timestamp,
) -> dict[str, pd.DataFrame]:
    """The forms by the name of the table they come back as: experiments, winback_log, leavers_survey and
    corrective_actions; one without rows is left out.

    In: `lost` with arms and scripts, `customers` for names, `links`, `outcomes`, the logs as given so far, and the
    table of `corrective.register`. Out: the experiment's log as `experiment.log` gives it; every silent customer worth
    a call as still to contact; every customer who is gone and was not asked yet, with the refuser's three questions
    empty; every reason that must be answered and is not. Whoever is left alone by lot, or refused for good, is in
    neither list: a call or a question is a contact. Reference: LT-14, LT-16, LT-17, HU-25, HU-47.
    """
    names, first = customers.set_index("customer_id")["name"], experiment.first_records(links)
    is_free = lost["arm"].fillna("").ne(experiment.CONTROL) & lost["outlook"].fillna("").ne(REFUSED)
    calls = is_free & (lost["winback_value"] > 0) & ~lost["customer_id"].isin(_listed(winback_log))
    asks = is_free & lost["state"].isin(GONE) & ~lost["customer_id"].isin(_listed(leavers_survey))
    call = lost.loc[calls, ["customer_id"]].assign(status="to_contact", detected_on=as_of)
    parts = {
        "experiments": experiment.log(lost, links, outcomes, as_of=as_of),
        "winback_log": call.assign(**_records(call, first)),
        "leavers_survey": lost.loc[asks, ["customer_id"]].assign(**_records(lost[asks], first)),
    }
    named = {
        table: rows.assign(name=rows["customer_id"].map(names))[["name", *_columns(table)]]
        for table, rows in (
            (table, rows.reindex(columns=["customer_id", *_columns(table)])) for table, rows in parts.items()
        )
    }
    if register is not None:
        open_reasons = register.loc[register["must_answer"] & ~register["is_answered"], ["reason"]].drop_duplicates()
        rows = open_reasons.rename(columns={"reason": "reason_code"}).assign(status="open")
        named["corrective_actions"] = rows.reindex(columns=_columns("corrective_actions"))
    return {table: rows.reset_index(drop=True) for table, rows in named.items() if len(rows)}


def to_ask(customers: pd.DataFrame, links: pd.DataFrame, lost: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """The customers who may be asked about themselves: those who buy and are not silent, the latest buyer first.

    In: `customers`, `links`, `lost`, `history` (last_order_on). Out: name, record_source, record_id. Whoever is silent is
    left out: a question is a contact, and whom to contact among them the lot and the logs decide. Reference: HU-08.
    """
    buying = history.loc[~history["customer_id"].isin(lost["customer_id"])]
    rows = buying.sort_values(["last_order_on", "customer_id"], ascending=[False, True])[["customer_id"]]
    rows = rows.merge(customers[["customer_id", "name"]], on="customer_id", how="left")
    filled = rows.assign(**_records(rows, experiment.first_records(links)))
    return filled[["name", "record_source", "record_id"]].reset_index(drop=True)


def _columns(table: str) -> list[str]:
    return [name for name in TABLES[table].columns if name != "customer_id"]


def _records(rows: pd.DataFrame, first: pd.DataFrame) -> dict[str, pd.Series]:
    names = {"record_source": "source", "record_id": "record_id"}
    return {ours: rows["customer_id"].map(first[theirs]) for ours, theirs in names.items()}


def _listed(table: pd.DataFrame | None) -> pd.Series:
    return pd.Series(dtype=object) if table is None else table["customer_id"].dropna()
