"""Prospects: which are customers already, whom to call first, how they convert, and how large the market is."""

import numpy as np
import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.finding import Finding, not_available
from .intervals import LEVEL, labelled, wilson

ATTRIBUTES = ("sector", "size", "region")
UNTOUCHED, WON, REFUSED = "identified", "won", "refused"
FEW_OVERLAP = 7  # LT-23
NORMAL = 1.959963984540054
SOURCES = TABLES["prospects"].columns["source_type"].options
NO_PROSPECTS = "no table 'prospects'"


def is_customer(prospects: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Which prospects are customers already: same tax number, same e-mail, or marked as converted.

    In: `prospects`, `customers`. Out: booleans in the order of prospects. Names alone are never taken for the same.
    Reference: LT-21.
    """
    same = pd.Series(False, index=prospects.index)
    for column in ("tax_id", "email"):
        known = _plain(customers[column])
        same |= _plain(prospects[column]).isin(known.dropna())
    return same | prospects["converted_record_id"].notna() | _stage(prospects).eq(WON)


def _plain(texts: pd.Series) -> pd.Series:
    plain = texts.astype("string").str.casefold().str.replace(r"\s+", "", regex=True)
    return plain.where(plain.ne(""))


def _stage(prospects: pd.DataFrame) -> pd.Series:
    return _plain(prospects["stage"]).fillna("").astype(object)


def duplicates(prospects: pd.DataFrame | None, customers: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """How many prospects are customers already and were taken off the list.

    In: `prospects`, `customers`. Out: Finding acquire.duplicates (count), n the prospects. Reference: LT-21.
    """
    common = {"unit": "count", "as_of": str(as_of.date()), "basis": "prospects by tax number, e-mail or conversion"}
    if prospects is None:
        return not_available("acquire.duplicates", NO_PROSPECTS, **common)
    value = int(is_customer(prospects, customers).sum())
    return Finding(id="acquire.duplicates", value=value, n=len(prospects), **common)


def prospects_ranked(
    prospects: pd.DataFrame,
    profile_of_pareto: pd.DataFrame,
    customers: pd.DataFrame,
    history: pd.DataFrame,
    *,
    settings,
) -> pd.DataFrame:
    """The prospects that are not customers yet, those most like our Pareto customers first.

    In: `prospects`, `profile_of_pareto`, `customers`, `history`. Score: the sum of the log-lifts of sector, size and
    region. Out: `prospects_ranked`; expected_value is the conversion (own, else acquire.conversion) times the yearly
    contribution of an active customer, empty when either is unknown; `why` names what raised or lowered the score.
    Cases: an attribute that is missing, or a level no customer has, adds 0 and is named; ties go by prospect_id;
    refused prospects are left out. It describes who stayed with us, not who will convert.
    Reference: LT-18, LT-20, LT-21.
    """
    rows = prospects[~is_customer(prospects, customers) & _stage(prospects).ne(REFUSED)]
    lifts = profile_of_pareto.set_index(["attribute", "attribute_value"])["log_lift"]
    scores, words = zip(*(_lift(rows[name], name, lifts) for name in ATTRIBUTES))
    whys = [", ".join(parts) for parts in zip(*words)]
    rate, contribution = (
        conversion(prospects, settings=settings)["share"],
        yearly_contribution(history, settings=settings),
    )
    value = rate * contribution if rate is not None and contribution is not None else np.nan
    out = rows[["prospect_id", "name", *ATTRIBUTES, "source_type"]].assign(
        score=np.sum(scores, axis=0), expected_value=value, why=whys
    )
    out = out.sort_values(["score", "prospect_id"], ascending=[False, True]).assign(rank=range(1, len(out) + 1))
    return TABLES["prospects_ranked"].check(out, "prospects.prospects_ranked")


def _lift(levels: pd.Series, attribute: str, lifts: pd.Series) -> tuple[np.ndarray, list[str]]:
    known = (
        lifts.xs(attribute, level="attribute")
        if attribute in lifts.index.unique("attribute")
        else pd.Series(dtype=float)
    )
    found = levels.map(known)
    words = [
        f"{attribute} unknown"
        if pd.isna(level)
        else f"no customer in {attribute} {level}"
        if pd.isna(lift)
        else f"{attribute} {level} {lift:+.2f}"
        for level, lift in zip(levels, found)
    ]
    return found.fillna(0.0).to_numpy(float), words


def yearly_contribution(history: pd.DataFrame, *, settings) -> float | None:
    """Mean contribution of an active customer over the last active window, a year's worth; None without margins.

    In: `history`. Reference: LT-19.
    """
    active = history[history["orders_recent"] > 0]
    rate = active["margin_total"].sum(min_count=1) / active["net_total"].sum() if len(active) else np.nan
    if active["margin_total"].isna().any() or not np.isfinite(rate):
        rate = settings.value.margin_share
    if rate is None or active.empty:
        return None
    return float(active["net_recent"].mean() * rate * 365.25 / settings.data.active_window_days)


def conversion(prospects: pd.DataFrame, *, settings) -> dict:
    """The share of the prospects worked on that became customers: share, low, high, n and source (own or assumed).

    In: `prospects`. Worked on: contacted or further; where the file has no stages, all. Cases: no outcome at all gives
    acquire.conversion as an assumption without interval, or None. Reference: LT-19, LT-22.
    """
    worked, won = _outcomes(prospects)
    if won.any():
        low, high = wilson(int(won.sum()), int(worked.sum()))
        share = float(won.sum() / worked.sum())
        return {"share": share, "low": low, "high": high, "n": int(worked.sum()), "source": "own prospects"}
    assumed = settings.acquire.conversion
    source = "an assumption (acquire.conversion)" if assumed is not None else ""
    return {"share": assumed, "low": assumed, "high": assumed, "n": int(worked.sum()), "source": source}


def _outcomes(prospects: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    stage = _stage(prospects)
    won = prospects["converted_record_id"].notna() | stage.eq(WON)
    has_stages = stage.ne("").any()
    return (won | ~stage.isin(["", UNTOUCHED])) if has_stages else pd.Series(True, index=prospects.index), won


def conversions(prospects: pd.DataFrame, spend: pd.DataFrame | None = None) -> pd.DataFrame:
    """How the prospects of each kind of source convert, and what one customer from it cost.

    In: `prospects`, `spend` (whose channel may be a kind of source). Out: one row per kind in the declared order, those
    never used included: source_type, listed, worked, converted, share, low, high (Wilson 95 %; empty when none was
    worked), cost (money a customer; empty when unknown). Reference: LT-22, LT-23.
    """
    worked, won = _outcomes(prospects)
    counts = pd.DataFrame({"listed": 1, "worked": worked, "converted": won}).groupby(prospects["source_type"]).sum()
    out = counts.reindex(SOURCES, fill_value=0).astype(int)
    low, high = wilson(out["converted"], out["worked"])
    is_known = out["worked"] > 0
    out = out.assign(share=(out["converted"] / out["worked"]).where(is_known), low=low, high=high)
    out[["low", "high"]] = out[["low", "high"]].where(is_known, axis=0)
    paid = pd.Series(dtype=float)
    if spend is not None:
        paid = spend[spend["purpose"] == "acquire"].groupby("channel")["amount"].sum()
    out["cost"] = (paid.reindex(SOURCES) / out["converted"]).where(out["converted"] > 0)
    return out.rename_axis("source_type").reset_index()


def market_size(
    prospects: pd.DataFrame | None, customers: pd.DataFrame, history: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> Finding:
    """What the listed market would bring a year: open prospects × conversion × yearly contribution of a customer.

    In: `prospects`, `customers`, `history`. Out: Finding acquire.market_size (money a year), low and high by the
    interval of the conversion; parts: prospects, conversion, contribution, source.
    Cases: no conversion or no margin known is not available, and says which. Reference: LT-19.
    """
    common = {"unit": "money", "as_of": str(as_of.date()), "basis": "prospects neither customers nor refused"}
    if prospects is None:
        return not_available("acquire.market_size", NO_PROSPECTS, **common)
    rate, each = conversion(prospects, settings=settings), yearly_contribution(history, settings=settings)
    if rate["share"] is None:
        return not_available(
            "acquire.market_size", "no prospect has an outcome and acquire.conversion is empty", **common
        )
    if each is None:
        return not_available("acquire.market_size", "no margin: map cost, or set value.margin_share", **common)
    count = int((~is_customer(prospects, customers) & _stage(prospects).ne(REFUSED)).sum())
    low, value, high = (count * rate[end] * each for end in ("low", "share", "high"))
    parts = {"prospects": count, "conversion": rate["share"], "contribution": each, "source": rate["source"]}
    found = Finding(id="acquire.market_size", value=value, low=low, high=high, n=count, parts=parts, **common)
    return labelled(found, settings) if rate["source"] == "own prospects" else found.as_indicative(rate["source"])


def penetration(prospects: pd.DataFrame, customers: pd.DataFrame, *, by: str = "sector") -> pd.DataFrame:
    """Of the firms known in each sector, the share that are customers, the least penetrated first.

    In: `prospects`, `customers`; by, an attribute both have. Out: one row per level: the level, customers, prospects
    (not customers yet), share, low, high (Wilson 95 %). Firms on no list are not counted. Reference: LT-19.
    """
    others = prospects[~is_customer(prospects, customers)]
    counts = pd.DataFrame({"customers": customers[by].value_counts(), "prospects": others[by].value_counts()})
    counts = counts.fillna(0).astype(int)
    known = counts.sum(axis=1)
    low, high = wilson(counts["customers"], known)
    out = counts.assign(share=counts["customers"] / known, low=low, high=high).rename_axis(by).reset_index()
    return out.sort_values(["share", by], ignore_index=True)


def chapman(first: int, second: int, both: int) -> tuple[float, float, float]:
    """How many there are in all, from two lists and their overlap: estimate, low, high (95 %).

    In: counts of the first list, of the second, and of those in both. The lists must be independent of each other.
    Reference: Chapman 1951; variance Seber 1970; LT-23.
    """
    estimate = (first + 1) * (second + 1) / (both + 1) - 1
    spread = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    half = NORMAL * float(np.sqrt(spread))
    return estimate, estimate - half, estimate + half


def market_count(prospects: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """How many prospects there are in all, seen and unseen, from the overlap of the two longest lists.

    In: `prospects` (source, tax_id). Out: Finding acquire.market_count (count, 95 %); parts: first, second, both,
    known (in either). Cases: fewer than two sources with tax numbers is not available; an overlap under 7, which makes
    the estimate too high, is indicative. Lists drawn from each other make it too low. Reference: LT-23.
    """
    common = {"unit": "count", "as_of": str(as_of.date()), "basis": "tax numbers in the two longest prospect lists"}
    if prospects is None:
        return not_available("acquire.market_count", NO_PROSPECTS, **common)
    numbers = prospects.assign(number=_plain(prospects["tax_id"])).dropna(subset=["number", "source"])
    lists = {name: set(rows["number"]) for name, rows in numbers.groupby("source")}
    longest = sorted(lists, key=lambda name: (-len(lists[name]), name))[:2]
    if len(longest) < 2:
        return not_available("acquire.market_count", "fewer than two sources with tax numbers", **common)
    one, other = (lists[name] for name in longest)
    parts = {"first": len(one), "second": len(other), "both": len(one & other), "known": len(one | other)}
    value, low, high = chapman(parts["first"], parts["second"], parts["both"])
    low = max(low, parts["known"])
    found = Finding(
        id="acquire.market_count", value=value, low=low, high=high, level=LEVEL, n=parts["known"], parts=parts, **common
    )
    if parts["both"] < FEW_OVERLAP:
        return found.as_indicative(f"only {parts['both']} are in both lists")
    return labelled(found, settings)
