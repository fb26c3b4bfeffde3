"""Customers nobody looks after: neglected, and why perhaps; and whether want of attention is what loses customers."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .intervals import difference, proportion
from .reasons import LACK
from .status import GONE

QUIET_DAYS = 90  # BG-12
OVERDUE_DAYS = 30  # BG-12
FEW_EXPECTED = 0.1  # purchases in six months below which none is foreseen (BG-12)
EFFORT_QUANTILE = 0.9  # contacts per order above which a customer took much effort (BG-12)
HALF = 0.5  # HU-17
SUSPICIONS = {
    "none_foreseen": "no further purchase foreseen",
    "payment": "pressed for payment shortly before",
    "disappointed": "returned or complained shortly before",
    "effort": "took many contacts for each order",
}


def neglected(
    history: pd.DataFrame,
    classes: pd.DataFrame,
    values: pd.DataFrame,
    customers: pd.DataFrame,
    contacts: pd.DataFrame,
    returns_complaints: pd.DataFrame | None = None,
    payments: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Customers with a manager whom nobody has reached out to for 90 days or two of their gaps, whichever is longer.

    In: `history`, `classes` (gap_used_days), `values`, `customers` (drop_reason), `contacts`, `returns_complaints`,
    `payments`. Out: one row per customer, the most valuable first: customer_id, manager_id, last_contact_on (empty:
    never), quiet_days (since that contact, or since the first order), net_total, clv, drop_reason (as recorded),
    suspected (where none is recorded: why the manager may have dropped it, separated by ;; always a suspicion from
    behaviour, never a finding).
    Cases: without returns_complaints disappointment is not looked for; pressing for payment is a contact with purpose
    dunning, or a payment more than OVERDUE_DAYS late, before the silence. Reference: BG-12.
    """
    rows = history[history["purchase_days"] > 0].merge(classes[["customer_id", "gap_used_days"]], on="customer_id")
    rows = rows.merge(values[["customer_id", "expected_orders", "clv"]], on="customer_id", how="left")
    manager = rows["customer_id"].map(customers.set_index("customer_id")["manager_id"])
    sent = contacts[(contacts["direction"] == "out") & (contacts["contacted_on"] <= as_of)]
    last = rows["customer_id"].map(sent.groupby("customer_id")["contacted_on"].max())
    rows = rows.assign(
        manager_id=manager.where(manager.notna(), rows["manager_id"]),
        last_contact_on=last,
        quiet_days=(as_of - last.fillna(rows["first_order_on"])).dt.days.astype(float),
    )
    patience = (2 * rows["gap_used_days"]).clip(lower=QUIET_DAYS).fillna(QUIET_DAYS)
    rows = rows[rows["manager_id"].notna() & (rows["quiet_days"] > patience)]
    recorded = rows["customer_id"].map(customers.set_index("customer_id")["drop_reason"])
    suspected = _suspected(rows, sent, history, returns_complaints, _overdue(payments, as_of), settings)
    rows = rows.assign(drop_reason=recorded, suspected=np.where(recorded.isna(), suspected, ""))
    columns = [
        "customer_id",
        "manager_id",
        "last_contact_on",
        "quiet_days",
        "net_total",
        "clv",
        "drop_reason",
        "suspected",
    ]
    return rows[columns].sort_values(["net_total", "customer_id"], ascending=[False, True], ignore_index=True)


def _overdue(payments: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.DataFrame:
    """The payments that were more than OVERDUE_DAYS late, on the day they became so: customer_id, happened_on."""
    if payments is None:
        return pd.DataFrame({"customer_id": pd.Series(dtype=object), "happened_on": pd.Series(dtype="datetime64[ns]")})
    late_on = payments["due_on"] + pd.Timedelta(days=OVERDUE_DAYS)
    is_late = payments["paid_on"].fillna(as_of) > late_on
    return payments.assign(happened_on=late_on).loc[is_late, ["customer_id", "happened_on"]]


def _suspected(rows, sent, history, returns_complaints, overdue, settings) -> np.ndarray:
    per_order = sent["customer_id"].value_counts() / history.set_index("customer_id")["orders"]
    effort = rows["customer_id"].map(per_order)
    dunned = sent[sent["purpose"].astype("string").str.casefold() == "dunning"]
    dunned = dunned.rename(columns={"contacted_on": "happened_on"})[["customer_id", "happened_on"]]
    flags = {
        "none_foreseen": rows["expected_orders"] * 6 / settings.value.horizon_months < FEW_EXPECTED,
        "payment": _near(rows, dunned, settings) | _near(rows, overdue, settings),
        "disappointed": _near(rows, returns_complaints, settings),
        "effort": effort > per_order.quantile(EFFORT_QUANTILE),
    }
    words = np.column_stack([np.where(flags[name], word, "") for name, word in SUSPICIONS.items()])
    return np.array(["; ".join(filter(None, row)) for row in words], dtype=object)


def _near(rows: pd.DataFrame, what: pd.DataFrame | None, settings) -> pd.Series:
    """Whether it happened to the customer within recover.sign_days before the last contact (or the last order)."""
    if what is None:
        return pd.Series(False, index=rows.index)
    until = rows.set_index("customer_id")["last_contact_on"].fillna(rows.set_index("customer_id")["last_order_on"])
    known = what[what["customer_id"].isin(until.index)]
    before = (known["customer_id"].map(until) - known["happened_on"]).dt.days
    near = known.loc[before.between(-QUIET_DAYS, settings.recover.sign_days), "customer_id"]
    return rows["customer_id"].isin(near)


def contact_rate(classes: pd.DataFrame, contacts: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Outbound contacts of the last active window for each customer active by its own rhythm.

    In: `classes` (state), `contacts`. Out: Finding attention.contact_rate (ratio). Reference: HU-22.
    """
    start, day = as_of - pd.Timedelta(days=settings.data.active_window_days), str(as_of.date())
    common = {"basis": f"outbound contacts from {start.date()} to {day} with customers now active", "as_of": day}
    if contacts is None:
        return not_available("attention.contact_rate", "no table 'contacts'", unit="ratio", **common)
    active = classes.loc[classes["state"] == "active", "customer_id"]
    if active.empty:
        return not_available("attention.contact_rate", "nobody is active", unit="ratio", **common)
    recent = contacts["contacted_on"].between(start, as_of, inclusive="right") & (contacts["direction"] == "out")
    count = int(contacts.loc[recent, "customer_id"].isin(active).sum())
    return Finding(id="attention.contact_rate", unit="ratio", value=count / len(active), n=len(active), **common)


def stated(leavers_survey: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Share of the answering leavers who say they left for want of attention, held against "more than half".

    In: `leavers_survey` (reason_code lack_of_attention). Out: Finding attention.stated (share); parts: verdict ("more
    than half", "fewer than half", "not distinguishable from half"). Only those who answered with a reason count; who
    does not answer may have left for other reasons.
    Cases: a survey in which nobody has that code did not offer it: not available. Reference: HU-17, C7.
    """
    codes = pd.Series(dtype=object) if leavers_survey is None else leavers_survey["reason_code"].dropna()
    count, n = int((codes == LACK).sum()), len(codes)
    why = "no table 'leavers_survey'" if leavers_survey is None else f"no answer is coded '{LACK}'"
    basis = "leavers who gave a reason"
    return _against_half("attention.stated", count, n if count else 0, basis, why, settings, as_of)


def behaviour(
    history: pd.DataFrame, classes: pd.DataFrame, contacts: pd.DataFrame | None, *, settings, as_of: pd.Timestamp
) -> Finding:
    """Share of the lost whom nobody had reached out to in the two gaps before they were due, held against one half.

    In: `history`, `classes` (state, gap_used_days), `contacts`. Out: Finding attention.behaviour (share); parts:
    verdict, and active_share: the same among customers still active, before their last purchase, without which the
    share of the lost says nothing of a difference. It is an association, not a cause.
    Cases: no contacts table is not available. Reference: HU-17, C7, C26.
    """
    basis = "lost customers, two of their own gaps before the day they were due"
    if contacts is None:
        return _against_half("attention.behaviour", 0, 0, basis, "no table 'contacts'", settings, as_of)
    gone, active, due = _sides(history, classes)
    without = ~_called(gone, due, contacts)
    without_active = ~_called(active, active["last_order_on"], contacts)
    parts = {"active_share": float(without_active.mean()) if len(active) else None, "active_n": len(active)}
    return _against_half(
        "attention.behaviour", int(without.sum()), len(gone), basis, "nobody is lost", settings, as_of, parts
    )


def compared(
    history: pd.DataFrame, classes: pd.DataFrame, contacts: pd.DataFrame | None, *, settings, as_of: pd.Timestamp
) -> Finding:
    """Were the lost left alone more often than customers who stayed? Share not contacted, lost minus active.

    In: as `behaviour`: the lost in the two gaps before they were due, customers still active in the two gaps before
    their last purchase. Out: Finding attention.difference (share points, Newcombe 95 %); parts: share, other_share,
    verdict. A high share among the lost says nothing where those who stayed were not called either.
    Cases: no contacts, nobody lost or nobody active is not available. Reference: HU-17, C7, C26.
    """
    id, basis = (
        "attention.difference",
        "lost and active customers, two of their own gaps before they were due or bought",
    )
    if contacts is None:
        return not_available(id, "no table 'contacts'", unit="share", basis=basis, as_of=str(as_of.date()))
    gone, active, due = _sides(history, classes)
    counts = [int((~_called(gone, due, contacts)).sum()), len(gone)]
    counts += [int((~_called(active, active["last_order_on"], contacts)).sum()), len(active)]
    found = difference(id, *counts, settings=settings, basis=basis, as_of=as_of)
    if found.status == "not_available":
        return found
    verdict = "no difference is shown"
    if found.low > 0 or found.high < 0:
        verdict = f"the lost were left alone {'more' if found.low > 0 else 'less'} often"
    return difference(id, *counts, settings=settings, basis=basis, as_of=as_of, parts={"verdict": verdict})


def _sides(history: pd.DataFrame, classes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """The lost and the active customers, and the day each of the lost was due."""
    rows = history.merge(classes[["customer_id", "state", "gap_used_days"]], on="customer_id")
    gone, active = rows[rows["state"].isin(GONE)], rows[rows["state"] == "active"]
    return gone, active, gone["last_order_on"] + pd.to_timedelta(gone["gap_used_days"], unit="D")


def _called(rows: pd.DataFrame, until: pd.Series, contacts: pd.DataFrame) -> pd.Series:
    window = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "until": until,
            "since": until - pd.to_timedelta(2 * rows["gap_used_days"], unit="D"),
        }
    )
    sent = contacts.loc[contacts["direction"] == "out", ["customer_id", "contacted_on"]].merge(window, on="customer_id")
    within = sent["contacted_on"].between(sent["since"], sent["until"])
    return rows["customer_id"].isin(sent.loc[within, "customer_id"])


def _against_half(id, count, n, basis, why, settings, as_of, parts=None) -> Finding:
    found = proportion(id, count, n, settings=settings, basis=basis, as_of=as_of, because=why if not n else "")
    if found.status == "not_available":
        return found
    verdict = "not distinguishable from half"
    if found.low > HALF:
        verdict = "more than half"
    elif found.high < HALF:
        verdict = "fewer than half"
    return proportion(
        id, count, n, settings=settings, basis=basis, as_of=as_of, parts={"verdict": verdict} | (parts or {})
    )
