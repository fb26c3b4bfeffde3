"""Whose customer is whose: the manager in charge, handovers, and what each manager has in hand (BG-12, R10.3)."""

import pandas as pd

from . import tasks as steps


def in_charge(customers: pd.DataFrame, account_managers: pd.DataFrame | None, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """`customers` with manager_id and drop_reason filled from the client's own list of assignments, where the
    customer's record says nothing.

    In: `customers`; `account_managers` (customer_id, manager_id, from_on, to_on, drop_reason), or None. In charge is
    whoever has the customer on as_of, of several the one who took over last; the drop reason is that of the last
    period that ended, where nobody has the customer since. Reference: BG-12.
    """
    if account_managers is None:
        return customers
    today = at(account_managers, as_of)
    ended = account_managers[account_managers["to_on"].le(as_of) & ~account_managers["customer_id"].isin(today.index)]
    dropped = ended.sort_values("to_on", kind="stable").groupby("customer_id")["drop_reason"].last()
    filled = {
        "manager_id": customers["manager_id"].fillna(customers["customer_id"].map(today)),
        "drop_reason": customers["drop_reason"].fillna(customers["customer_id"].map(dropped)),
    }
    return customers.assign(
        **{name: column.astype(object).where(column.notna(), None) for name, column in filled.items()}
    )


def at(account_managers: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """manager_id by customer_id: who had each customer on the day, of several the one who took over last."""
    has = ~(account_managers["from_on"] > day) & ~(account_managers["to_on"] < day)
    rows = account_managers[has].dropna(subset="customer_id")
    rows = rows.sort_values(["from_on", "manager_id"], na_position="first", kind="stable")
    return rows.groupby("customer_id")["manager_id"].last()


def handovers(account_managers: pd.DataFrame | None, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Days on which a customer came into other hands: customer_id, happened_on (the new manager's first day).

    In: `account_managers`, or None. A first period is no handover, nor is a period of the manager who had it before.
    """
    if account_managers is None:
        return pd.DataFrame({"customer_id": pd.Series(dtype=object), "happened_on": pd.Series(dtype="datetime64[ns]")})
    rows = account_managers.dropna(subset="customer_id")
    rows = rows.sort_values(["customer_id", "from_on"], na_position="first", kind="stable")
    before = rows.groupby("customer_id")["manager_id"].shift()
    is_new = before.notna() & before.ne(rows["manager_id"]) & rows["from_on"].le(as_of)
    return (
        rows.loc[is_new, ["customer_id", "from_on"]]
        .set_axis(["customer_id", "happened_on"], axis=1)
        .reset_index(drop=True)
    )


def portfolios(
    history: pd.DataFrame,
    classes: pd.DataFrame,
    customers: pd.DataFrame,
    neglected: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """What each manager has in hand: one row per manager, the most sales first.

    In: `history` (manager at the last sale), `classes` (state, key_scope), `customers` (manager in charge, which goes
    before); the table of `neglect.neglected`, or None without contacts; `tasks`, or None. Out: manager_id, customers,
    active (by their own rhythm), keys, net_recent (money, last active window), neglected (count; empty without
    contacts), steps_due, steps_done_share, steps_overdue (of tasks; empty without tasks). Reference: R10.3, HU-37,
    BG-12, HU-16.
    """
    rows = classes[["customer_id", "state", "key_scope"]].merge(
        history[["customer_id", "manager_id", "net_recent"]], on="customer_id", how="left"
    )
    today = rows["customer_id"].map(customers.set_index("customer_id")["manager_id"])
    rows = rows.assign(
        manager_id=today.where(today.notna(), rows["manager_id"]),
        is_active=rows["state"].eq("active"),
        is_key=rows["key_scope"].fillna("").ne(""),
    )
    made = rows.groupby("manager_id").agg(
        customers=("customer_id", "size"),
        active=("is_active", "sum"),
        keys=("is_key", "sum"),
        net_recent=("net_recent", "sum"),
    )
    if neglected is not None:
        made["neglected"] = neglected.groupby("manager_id").size().reindex(made.index, fill_value=0)
    if tasks is not None:
        of = steps.due(tasks, settings=settings, as_of=as_of).groupby("manager_id")
        given = of.agg(
            steps_due=("due_on", "size"), steps_done_share=("is_done", "mean"), steps_overdue=("is_overdue", "sum")
        )
        made = made.join(given, how="outer")
        counts = ["customers", "active", "keys", "steps_due", "steps_overdue", *({"neglected"} & set(made.columns))]
        made[counts] = made[counts].fillna(0).astype("int64")
        made["net_recent"] = made["net_recent"].fillna(0.0)
    return made.reset_index().sort_values(["net_recent", "manager_id"], ascending=[False, True], ignore_index=True)
