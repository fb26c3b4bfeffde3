"""What the report would say if records were merged more strictly or more loosely, and which merges matter in money."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..states import states
from .links import links
from .normal import uids
from .pairs import CERTAIN, open_pairs

SCENARIOS = {
    "strict": "shared keys that nothing contradicts, and the client's own merges",
    "likely": "and pairs that the estimated weights make likely (what this report uses)",
    "loose": "and every other pair that is possible and that no tax number or birth date forbids",
}
MERGES = (
    "decided", "names", "net_moved", "rule", "match_prob", "agrees", "differs", "records", "net_total", "customer_id",
)  # fmt: skip
_LOST = ("lost", "lost_one_timer")


def record_days(transactions: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Sales by record and day: source, record_id, ordered_on, sold (before returns) and net (money), from
    `transactions`; nobody's sales left out.

    net is what later pages count as value: returns are taken off under the policy `net` (`data.returns_policy`) and
    left out otherwise. A day with returns only has sold 0.
    """
    known = transactions.dropna(subset=["record_source", "record_id"])
    if settings.data.returns_policy != "net":
        known = known[~known["is_return"]]
    known = known.assign(sold=known["net_amount"].where(~known["is_return"], 0.0))
    keys = ["record_source", "record_id", "ordered_on"]
    days = known.groupby(keys, observed=True, as_index=False)[["sold", "net_amount"]].sum()
    return days.set_axis(["source", "record_id", "ordered_on", "sold", "net"], axis=1)


def record_values(record_days: pd.DataFrame) -> pd.DataFrame:
    """Money of each record that bought: source, record_id, net_total; what `ambiguous` takes as `values`."""
    return (
        record_days.groupby(["source", "record_id"], as_index=False)["net"].sum().rename(columns={"net": "net_total"})
    )


def merging_scenarios(
    records: pd.DataFrame,
    pairs: pd.DataFrame,
    record_days: pd.DataFrame,
    *,
    settings,
    as_of: pd.Timestamp,
    merge: Sequence[Sequence[str]] = (),
    split: Sequence[Sequence[str]] = (),
) -> pd.DataFrame:
    """The main figures under strict, likely and loose merging, one row per scenario.

    In: `records`, their `pairs`, `record_days`. Out: scenario, means (text), customers, buyers (counts), top10_share
    (of net value held by the ten largest, returns as `record_days` has them), repeat_share (of buyers, bought on two
    days or more), lost_share (of buyers, by own rhythm, DEF6). Where the three rows agree, merging does not decide the conclusion. Cases: nobody
    bought: shares empty.
    """
    decisions = {"settings": settings, "merge": merge, "split": split}
    rows = []
    for scenario, means in SCENARIOS.items():
        found = links(records, accepted_pairs(pairs, scenario), **decisions)
        customer = pd.Series(found["customer_id"].to_numpy(), index=uids(found))
        figures = _figures(record_days, customer, settings=settings, as_of=as_of)
        rows.append({"scenario": scenario, "means": means, "customers": int(customer.nunique())} | figures)
    return pd.DataFrame(rows)


def accepted_pairs(pairs: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """The `pairs` as `links` must see them to merge strictly, likely or loosely."""
    if scenario == "strict":
        return pairs[pairs["rule"].isin(CERTAIN)]
    if scenario == "likely":
        return pairs
    return pairs.assign(match_prob=pairs["match_prob"].where(pairs["is_opposed"], 1.0))


def biggest_merges(
    records: pd.DataFrame, pairs: pd.DataFrame, links: pd.DataFrame, values: pd.DataFrame, *, most: int = 10
) -> pd.DataFrame:
    """The merges that move the most money, done or left open, one row per group of records that may be one customer.

    In: `values`, source, record_id and net_total (money) of the records that bought. Out: decided ("merged" or "left
    open"), names (distinct, as received), net_moved (net_total without the largest record or customer: what the
    decision changes), rule, match_prob (the weakest that holds the group together), agrees, differs, records (count),
    net_total, customer_id (both, where open). Cases: merges without a sale on both sides move nothing and are left
    out.
    """
    customer = pd.Series(links["customer_id"].to_numpy(), index=uids(links))
    by_record = values["net_total"].groupby(uids(values).to_numpy()).sum()
    names = pd.Series(records["name"].to_numpy(), index=uids(records))
    made = pd.concat(
        [_done(pairs, links, by_record, names), _open(pairs, customer, by_record, names)], ignore_index=True
    )
    made = made[made["net_moved"] > 0][list(MERGES)]
    return made.sort_values(["net_moved", "customer_id"], ascending=[False, True]).head(most).reset_index(drop=True)


def _figures(days: pd.DataFrame, customer: pd.Series, *, settings, as_of: pd.Timestamp) -> dict:
    owned = days[days["ordered_on"] <= as_of]
    owned = owned.assign(customer_id=uids(owned).map(customer)).dropna(subset="customer_id")
    owned = owned.groupby(["customer_id", "ordered_on"], as_index=False)[["sold", "net"]].sum()
    net = owned.groupby("customer_id")["net"].sum()
    bought = owned[owned["sold"] > 0]
    history = _rhythm(bought, net, settings=settings, as_of=as_of)
    if history.empty or net.sum() <= 0:
        return {"buyers": len(history), "top10_share": np.nan, "repeat_share": np.nan, "lost_share": np.nan}
    state = states(history, bought, settings=settings)["state"]
    return {
        "buyers": len(history),
        "top10_share": float(net.nlargest(10).sum() / net[net > 0].sum()),
        "repeat_share": float((history["purchase_days"] > 1).mean()),
        "lost_share": float(state.isin(_LOST).mean()),
    }


def _rhythm(bought: pd.DataFrame, net: pd.Series, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The columns of `history` that states rest on, from purchase days alone."""
    ordered = bought.sort_values(["customer_id", "ordered_on"])
    gap = ordered.groupby("customer_id")["ordered_on"].diff().dt.days
    by = ordered.groupby("customer_id")["ordered_on"]
    made = pd.DataFrame({"first": by.min(), "last": by.max(), "purchase_days": by.size()})
    made["gap_days"] = gap.groupby(ordered["customer_id"]).median().where(made["purchase_days"] >= 3)
    made["span_days"] = (made["last"] - made["first"]).dt.days.astype("float64")
    made["silent_days"] = (as_of - made["last"]).dt.days.astype("float64")
    made["net_total"] = net.reindex(made.index)
    early = bought["ordered_on"].min() + pd.Timedelta(days=settings.data.truncation_days)
    return made.assign(is_truncated=made["first"] < early).rename_axis("customer_id").reset_index()


def _done(pairs: pd.DataFrame, links: pd.DataFrame, by_record: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Customers made of several records."""
    rows = links.assign(uid=uids(links)).assign(net=lambda frame: frame["uid"].map(by_record).fillna(0.0))
    rows = rows[rows.groupby("customer_id")["uid"].transform("size") > 1]
    rows = rows.assign(name=rows["uid"].map(names))
    rows = rows.assign(is_alone=rows["rule"].eq("alone"))
    rows = rows.sort_values(["customer_id", "is_alone", "match_prob"], kind="stable")
    by = rows.groupby("customer_id")
    made = by.agg(names=("name", _distinct), records=("uid", "size"), net_total=("net", "sum"), largest=("net", "max"))
    weakest = by[["rule", "match_prob"]].first()
    evidence = _evidence(pairs, rows.set_index("uid")["customer_id"])
    made = made.join(weakest).join(evidence).reset_index()
    made["net_moved"] = made["net_total"] - made["largest"]
    return made.drop(columns="largest").assign(decided="merged")


def _open(pairs: pd.DataFrame, customer: pd.Series, by_record: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Pairs of customers that are not merged."""
    found = open_pairs(pairs, customer)
    ends = np.sort(np.column_stack([found[uid].map(customer).astype(object) for uid in ("uid_a", "uid_b")]), axis=1)
    low, high = (pd.Series(end, index=found.index, dtype=object) for end in ends.reshape(-1, 2).T)
    money = by_record.groupby(by_record.index.map(customer)).sum()
    both = pd.DataFrame({"a": low.map(money).fillna(0.0), "b": high.map(money).fillna(0.0)})
    made = pd.DataFrame(
        {
            "customer_id": low + " / " + high,
            "names": [_distinct(pair) for pair in zip(found["uid_a"].map(names), found["uid_b"].map(names))],
            "records": 2,
            "net_total": both.sum(axis=1),
            "net_moved": both.min(axis=1),
            "decided": "left open",
            **{column: found[column] for column in ("rule", "match_prob", "agrees", "differs")},
        }
    )
    return made.sort_values("match_prob", ascending=False, kind="stable").drop_duplicates("customer_id")


def _evidence(pairs: pd.DataFrame, customer: pd.Series) -> pd.DataFrame:
    """What agrees and differs in the weakest pair inside each customer."""
    inside = pairs.assign(customer_id=pairs["uid_a"].map(customer), other=pairs["uid_b"].map(customer))
    inside = inside[inside["customer_id"].eq(inside["other"])]
    return inside.sort_values("match_prob", kind="stable").groupby("customer_id")[["agrees", "differs"]].first()


def _distinct(names) -> str:
    return " · ".join(dict.fromkeys(str(name) for name in names if not pd.isna(name)))
