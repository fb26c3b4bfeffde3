"""The ten prominent kinds of customers: overlapping tags, shown by evidence or only claimed (RU-08 to RU-14, C26)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .grid import quantiles
from .intervals import labelled
from .traits import is_tagged, missing
from .worth import EDGE, headcount, ordered

NONE = "none of ten"


@dataclass(frozen=True)
class Kind:
    """One type: its number in the source, its name, the rule in words, and the traits it cannot be told without."""

    number: int
    name: str
    rule: str
    needs: tuple[str, ...] = ()
    tag: str = ""


KINDS = (
    Kind(6, "large", "quantity bought in the top twentieth, at least one customer", ("quantity",)),
    Kind(1, "loyal", "rung 3 or higher, active, no open complaint"),
    Kind(7, "future", "lifetime value in the top fifth, not in the Pareto group", ("clv",)),
    Kind(10, "inspirer", "at least one accepted suggestion; claimed when only tagged", ("accepted_ideas",), "inspirer"),
    Kind(
        8,
        "benchmark",
        "at least one recommended customer who bought; claimed when only tagged",
        ("recommended_bought",),
        "benchmark",
    ),
    Kind(
        9,
        "door_opener",
        "first customer of a sector or country in which at least two followed; claimed when only tagged",
        (),
        "door opener",
    ),
    Kind(2, "discount", "nearly all orders at a discount, at least three orders"),
    Kind(
        4,
        "need_based",
        "nearly all spend in at most two categories, no discount dependence, at least three orders",
        ("focus_share",),
    ),
    Kind(
        3,
        "impulsive",
        "widest mix of categories, uneven gaps, discounts below half, at least four orders",
        ("entropy",),
    ),
    Kind(5, "wanderer", "three or more inbound contacts, at most one purchase", ("inbound_contacts",)),
)
FOLLOWERS = 2  # customers that must follow a door opener (RU-13)
MANY_CATEGORIES = 3  # with fewer categories in the firm everybody is "need-based"


def shown(people: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Which customer shows the evidence of which type: one boolean column per name in `KINDS`, rows as in people.

    In: people, one row per customer: columns of `history`, of `traits`, of `classes` so far (state, rung, is_pareto)
    and sector, country of `customers`; customers who never bought have empty history. Types overlap; all are
    observations, not causes. Cases: a fact unknown for a customer shows nothing. Reference: RU-08 to RU-14.
    """
    valued = people["net_total"] > 0
    orders = people["orders"].fillna(0)
    discounted = people["discounted_share"]
    is_discount = is_discount_buyer(people, settings=settings)
    rules = {
        "large": _large(people["quantity"], valued, settings.types.large_quantile),
        "loyal": people["rung"].isin(["regular", "adherent", "advocate"])
        & people["state"].eq("active")
        & ~(people["open_complaints"] > 0),
        "future": _future(people, settings.types.future_share) & ~people["is_pareto"],
        "inspirer": people["accepted_ideas"] >= 1,
        "benchmark": people["recommended_bought"] >= 1,
        "door_opener": _opens(people, "sector", valued) | _opens(people, "country", valued),
        "discount": is_discount,
        "need_based": (people["focus_share"] >= settings.types.focus_share - EDGE)
        & ~is_discount
        & (orders >= 3)
        & has_choice(people),
        "impulsive": _wide(people["entropy"], valued)
        & (people["gap_cv"] > settings.types.impulsive_cv)
        & ~(discounted >= 0.5)
        & (orders >= 4),
        "wanderer": (people["inbound_contacts"] >= settings.types.wanderer_contacts)
        & (people["purchase_days"].fillna(0) <= 1),
    }
    return pd.DataFrame({kind.name: np.asarray(rules[kind.name], bool) for kind in KINDS}, index=people.index)


def is_discount_buyer(history: pd.DataFrame, *, settings) -> pd.Series:
    """Whether at least types.discounted_share of three or more orders were discounted (RU-09); unknown is no."""
    return (history["discounted_share"] >= settings.types.discounted_share - EDGE) & (history["orders"] >= 3)


def claimed(people: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Which customer is tagged as a type without showing its evidence; columns and rows as `shown` (RU-13)."""
    tagged = {kind.name: is_tagged(people["tags"], kind.tag) if kind.tag else False for kind in KINDS}
    return pd.DataFrame(tagged, index=people.index) & ~shown


def labels(shown: pd.DataFrame, claimed: pd.DataFrame) -> pd.DataFrame:
    """The tags in words: types (in the order of `KINDS`, separated by ;, claimed ones marked) and primary_type.

    The primary type is the first shown in the order of `KINDS`, else the first claimed, else "none of ten".
    Reference: RU-14.
    """
    words = [kind.name for kind in KINDS] + [f"{kind.name} (claimed)" for kind in KINDS]
    flags = np.hstack([shown.to_numpy(), claimed.to_numpy()])
    code = flags @ (1 << np.arange(len(words)))
    unique, where = np.unique(code, return_inverse=True)
    names = [[word for bit, word in enumerate(words) if number >> bit & 1] for number in unique.tolist()]
    return pd.DataFrame(
        {
            "types": np.array([";".join(name) for name in names], dtype=object)[where],
            "primary_type": np.array([name[0] if name else NONE for name in names], dtype=object)[where],
        },
        index=shown.index,
    )


def _large(quantity: pd.Series, valued: pd.Series, share: float) -> pd.Series:
    """From the quantile of quantity on, so never fewer than the largest one (RU-12)."""
    known = quantity[valued].dropna()
    return valued & (quantity >= (quantiles(known, (share,))[0] if len(known) else np.inf))


def has_choice(people: pd.DataFrame) -> bool:
    """Whether anybody with value buys in enough categories for a focus on two to say anything."""
    return bool((people.loc[people["net_total"] > 0, "categories"] >= MANY_CATEGORIES).any())


def _future(people: pd.DataFrame, share: float) -> pd.Series:
    if people["clv"].isna().all():
        return pd.Series(False, index=people.index)
    clv = people.set_index("customer_id")["clv"].dropna()
    top = ordered(clv[clv > 0]).index[: headcount(share, len(clv))]
    return people["customer_id"].isin(top)


def of_the_future(classes: pd.DataFrame, values: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Customers whose lifetime value is in the top types.future_share while they are not in the Pareto group (type 7).

    In: `classes`, `values` (clv). Out: customer_id, clv (money), abc, rung, trend; the most valuable first. The
    classes are made before anybody's future is known, so this type is told where the values are. Cases: no lifetime
    value, no rows. Reference: RU-12.
    """
    people = classes.merge(values[["customer_id", "clv"]], on="customer_id", how="left")
    found = people[_future(people, settings.types.future_share) & ~people["is_pareto"]]
    found = found.sort_values(["clv", "customer_id"], ascending=[False, True], ignore_index=True)
    return found[["customer_id", "clv", "abc", "rung", "trend"]]


def _opens(people: pd.DataFrame, column: str, valued: pd.Series) -> pd.Series:
    """The first customer of a sector or country (alone on its day, birth known) whom at least two others followed."""
    entered = people[people[column].notna() & valued]
    by = entered.groupby(column)["first_order_on"]
    first = entered["first_order_on"] == by.transform("min")
    alone = first.groupby(entered[column]).transform("sum") == 1
    followed = by.transform("size") > FOLLOWERS
    opens = first & alone & followed & ~entered["is_truncated"].astype(bool)
    return opens.reindex(people.index, fill_value=False)


def _wide(entropy: pd.Series, valued: pd.Series) -> pd.Series:
    """In the top quarter by the mix of categories."""
    known = entropy[valued].dropna()
    return (entropy >= (quantiles(known, (0.75,))[0] - EDGE if len(known) else np.inf)) & (entropy > EDGE)


def kinds(history: pd.DataFrame, classes: pd.DataFrame, traits: pd.DataFrame) -> pd.DataFrame:
    """The ten types, one row each in the order that settles the primary type: how many, how much, and what shows it.

    In: `history`, `classes` (types), `traits`. Out: number (in the source), type, customers (who show it),
    customer_share, net (money), net_share, primary (customers whose primary type it is), claimed (tagged only), missing
    (the table or column without which it cannot be told; customers is then empty, not 0), rule.
    Types overlap, so customers need not add up to the base. Reference: RU-08 to RU-14, DEF10.
    """
    both = classes[["customer_id", "types", "primary_type"]].merge(
        history[["customer_id", "net_total"]], on="customer_id", how="left"
    )
    net, base = both["net_total"].clip(lower=0).sum(), max(len(both), 1)
    rows = []
    for kind in KINDS:
        has = _holds(both["types"], kind.name)
        lacks = missing(traits, *kind.needs)
        of_them = both["net_total"][has]
        figures = [
            float(has.sum()),
            has.sum() / base,
            of_them.sum(),
            of_them.clip(lower=0).sum() / net if net else np.nan,
        ]
        primary = int((both["primary_type"] == kind.name).sum())
        tagged = int(_holds(both["types"], f"{kind.name} (claimed)").sum())
        figures = [np.nan] * len(figures) if lacks else figures
        rows.append((kind.number, kind.name, *figures, primary, tagged, lacks, kind.rule))
    columns = ["number", "type", "customers", "customer_share", "net", "net_share"]
    return pd.DataFrame(rows, columns=[*columns, "primary", "claimed", "missing", "rule"])


def _holds(types: pd.Series, name: str) -> np.ndarray:
    """Whether each customer's types hold this one."""
    place, texts = pd.factorize(types)
    return np.array([name in text.split(";") for text in texts], dtype=bool)[place]


def evidence(history: pd.DataFrame, classes: pd.DataFrame, traits: pd.DataFrame, *, of: str) -> pd.DataFrame:
    """The customers of one type with what shows it, the largest net first.

    Out: customer_id, status (shown, behavioural, claimed), evidence, net_total (money). In: `history`, `classes`,
    `traits`; of, a name in `KINDS`. Loyal without a satisfaction answer is `behavioural`: full satisfaction is not
    known. Reference: RU-08, RU-13.
    """
    has, is_claimed = _holds(classes["types"], of), _holds(classes["types"], f"{of} (claimed)")
    rows = classes[["customer_id", "rung", "xyz"]].assign(status=np.where(has, "shown", "claimed"))[has | is_claimed]
    rows = rows.merge(traits, on="customer_id").merge(history, on="customer_id", how="left")
    rows = rows.fillna({"purchase_days": 0, "orders": 0})
    if of == "loyal":
        rows["status"] = np.where(rows["satisfaction_score"].isna(), "behavioural", rows["status"])
    told = [EVIDENCE[of](row) for row in rows.to_dict("records")]
    rows["evidence"] = np.where(rows["status"] == "claimed", "tagged by the client; no evidence in the data", told)
    rows = rows.sort_values(["net_total", "customer_id"], ascending=[False, True], ignore_index=True)
    return rows[["customer_id", "status", "evidence", "net_total"]]


def examples(history: pd.DataFrame, classes: pd.DataFrame, traits: pd.DataFrame, *, each: int = 3) -> pd.DataFrame:
    """The largest customers of every type with what shows it: type, customer_id, standing, evidence, net_total (money).

    In: `history`, `classes`, `traits`; each, at most so many of a type; standing as `evidence` has its status. Types that nobody shows or claims have no row.
    """
    told = [evidence(history, classes, traits, of=kind.name).head(each).assign(type=kind.name) for kind in KINDS]
    columns = ["type", "customer_id", "standing", "evidence", "net_total"]
    rows = pd.concat([one for one in told if len(one)] or told[:1], ignore_index=True)
    return rows.rename(columns={"status": "standing"})[columns]


EVIDENCE = {
    "large": lambda row: f"{row['quantity']:,.0f} units",
    "loyal": lambda row: f"{row['purchase_days']:.0f} purchase days, {row['rung']}, regularity {row['xyz']}, active",
    "future": lambda row: f"lifetime value {row['clv']:,.2f}, outside the Pareto group",
    "inspirer": lambda row: f"accepted suggestions: {row['accepted_ideas']:.0f}",
    "benchmark": lambda row: f"recommended customers who bought: {row['recommended_bought']:.0f}",
    "door_opener": lambda row: f"first of its sector or country, on {row['first_order_on']:%Y-%m-%d}; others followed",
    "discount": lambda row: f"{row['discounted_share']:.0%} of {row['orders']:.0f} orders at a discount",
    "need_based": lambda row: f"{row['focus_share']:.0%} of spend in at most two categories",
    "impulsive": lambda row: f"mix of categories {row['entropy']:.2f} nats, variation of gaps {row['gap_cv']:.2f}",
    "wanderer": lambda row: f"inbound contacts: {row['inbound_contacts']:.0f}, purchases: {row['purchase_days']:.0f}",
}


def discount_profit(history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding types.discount_profit: whether discount buyers bring a fair part of profit, a claim of the source; text.

    In: `history` (margin after discount). Value: supported when their contribution is above zero and its share at least
    their share of customers, else not supported. parts: customers, customer_share, contribution, contribution_share.
    Cases: no margins, no discounts recorded, or no discount buyer is not available. Reference: RU-09, C19.
    """
    head = {
        "id": "types.discount_profit",
        "unit": "text",
        "as_of": str(as_of.date()),
        "basis": "contribution since the first purchase",
    }
    known = history[history["margin_total"].notna()]
    unrecorded = "transactions.discount_share" if known["discounted_share"].isna().all() else ""
    lacks = "transactions.margin" if known.empty else unrecorded
    buyers = known[is_discount_buyer(known, settings=settings)]
    if lacks or buyers.empty:
        return not_available(because=lacks or "no discount buyer with known margin", **head)
    total, own = float(known["margin_total"].sum()), float(buyers["margin_total"].sum())
    share, part = len(buyers) / len(known), own / total if total > 0 else None
    value = "supported" if own > 0 and part is not None and part >= share - EDGE else "not supported"
    parts = {"customers": len(buyers), "customer_share": share, "contribution": own, "contribution_share": part}
    return labelled(Finding(value=value, n=len(buyers), parts=parts, **head), settings)
