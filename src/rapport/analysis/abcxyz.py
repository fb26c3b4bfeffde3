"""ABC by cumulative value, XYZ by regularity, and the grid of both (HU-09)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available
from .intervals import labelled, proportion
from .worth import EDGE, ordered, ranked

PERIOD_DAYS = {"W": 7, "M": 30.44, "Q": 91.31}
SLACK = 1.25  # a rhythm up to this many times the period still fits it: months are uneven, and nobody buys to the day
NOTHING = "nothing"  # class of who brought nothing in the window
NEARLY_OVER = 0.9  # a last period of which less than this has passed is too short to hold a zero against anybody

READINGS = {
    "longer_period": "steadier rhythm than value, and longer than the period: judge by a longer period",
    "uneven_amounts": "steadier rhythm than value: uneven amounts",
    "uneven_rhythm": "steadier value per period than rhythm",
}
ACTIONS = {
    "AX": "look after: agree volumes, never run out of their goods",
    "AY": "look after: learn the season, offer before the peak",
    "AZ": "a named person: find out what sets each purchase off",
    "BX": "raise: one category more to a steady buyer",
    "BY": "raise: offer ahead of the next usual order",
    "BZ": "ask when they need it next, remind then",
    "CX": "serve cheaply: standing order, web shop",
    "CY": "serve cheaply: bundle, minimum order",
    "CZ": "serve on request only",
    "AN": "new and already large: welcome in person",
    "BN": "new: make the second and third order easy",
    "CN": "new: welcome series",
}


def abc(history: pd.DataFrame, *, cuts: tuple[float, float], basis: str) -> pd.DataFrame:
    """Each customer's class by cumulative value: customer_id, abc (A, B, C; empty without value above zero).

    In: `history`; cuts, e.g. (0.8, 0.95); basis (DEF3). A while the share of value before the customer is below the
    first cut, B below the second, else C; so the largest is always A, also with 100 %.
    Cases: equal values are parted by customer_id (`ties`). Reference: HU-09; the cuts are a kit default.
    """
    classed = _by_value(ranked(history, basis=basis), cuts).reindex(history["customer_id"])
    return pd.DataFrame({"customer_id": history["customer_id"].to_numpy(), "abc": classed.to_numpy()})


def abc_of_window(history: pd.DataFrame, *, cuts: tuple[float, float]) -> pd.DataFrame:
    """Each customer's class by net sales of the active window alone: customer_id, abc (A, B, C, nothing).

    In: `history`; cuts as `abc`. For comparing two dates: value over the whole history only grows, so that by it hardly
    anybody could ever come down. Cases: net sales of zero or less in the window are `nothing`. Reference: ET-04.
    """
    net = history.set_index("customer_id")["net_recent"]
    classed = _by_value(ordered(net[net > 0]), cuts).reindex(history["customer_id"]).fillna(NOTHING)
    return pd.DataFrame({"customer_id": history["customer_id"].to_numpy(), "abc": classed.to_numpy()})


def _by_value(value: pd.Series, cuts: tuple[float, float]) -> pd.Series:
    """The letter of each value above zero, the largest first."""
    ended = np.cumsum(value.to_numpy())
    before = np.concatenate([[0.0], ended])[:-1]
    reached = (np.asarray(cuts) - EDGE) * (ended[-1] if len(ended) else 0.0)
    letters = np.array(list("ABC"), dtype=object)[np.searchsorted(reached, before, side="right")]
    return pd.Series(letters, index=value.index, dtype=object)


def ties(history: pd.DataFrame, *, cuts: tuple[float, float], basis: str) -> pd.DataFrame:
    """Values that stand on both sides of an ABC cut: value (money), customers, classes (such as "A/B").

    There customer_id alone decided (DEF9). Usually no rows.
    """
    classed = abc(history, cuts=cuts, basis=basis).set_index("customer_id")["abc"]
    value = ranked(history, basis=basis)
    by = classed.reindex(value.index).groupby(value)
    table = pd.DataFrame({"customers": by.size(), "classes": by.agg(lambda letters: "/".join(sorted(set(letters))))})
    table = table[table["classes"].str.len() > 1]
    return table.rename_axis("value").reset_index()


def regularity(
    history: pd.DataFrame, periods: pd.DataFrame, *, settings, as_of: pd.Timestamp, period: str | None = None
) -> pd.DataFrame:
    """Each customer's regularity of value: customer_id, n_periods, value_cv (ratio), xyz (X, Y, Z, N).

    In: `history`, `periods` (only periods with orders; those between the first purchase and `as_of` count as zero);
    period W, M or Q, else `period_used`, and not finer than the periods given (a week counts where it begins). The coefficient of variation is the
    population one (ddof 0). A last period that is not nearly over is left out.
    Cases: fewer than xyz.min_periods periods, or no value, give N. Reference: HU-09.
    """
    period = period or period_used(history, settings=settings)
    last = _last_period(as_of, period)
    return _regularity(history, periods, np.full(len(history), last), settings, period)


def _own_gaps(history: pd.DataFrame) -> pd.Series:
    """The gaps of customers with value above zero, who alone speak for the base."""
    return history.loc[history["net_total"] > 0, "gap_days"].dropna()


def former_regularity(
    history: pd.DataFrame, periods: pd.DataFrame, *, settings, period: str | None = None
) -> pd.DataFrame:
    """Regularity as it was at each customer's last purchase; columns as `regularity`.

    Silence since then does not count: a regular buyer who left was a regular buyer.
    """
    period = period or period_used(history, settings=settings)
    return _regularity(history, periods, _ordinal(history["last_order_on"], period), settings, period)


def period_used(history: pd.DataFrame, *, settings) -> str:
    """W, M or Q, by which regularity is judged: data.period, made longer to fit the base's median gap (xyz.fit_period).

    A month in which a regular buyer is not due yet would count as a zero against it. Cases: nobody bought on three
    days: data.period; a gap longer than a quarter: Q.
    """
    gap = _own_gaps(history).median()
    if not settings.xyz.fit_period or np.isnan(gap):
        return settings.data.period
    names = list(PERIOD_DAYS)
    longer = names[names.index(settings.data.period) :]
    return next((name for name in longer if gap <= SLACK * PERIOD_DAYS[name]), names[-1])


def _regularity(history, periods, last: np.ndarray, settings, period: str) -> pd.DataFrame:
    names = pd.Index(history["customer_id"])
    first = _ordinal(history["first_order_on"], period)
    bought = history["purchase_days"].to_numpy() > 0
    n = np.where(bought, last - first + 1, 0).clip(min=0)
    row, net = _per_period(names, periods, period, last, is_summed=period == settings.data.period)
    total = np.bincount(row, net, minlength=len(names))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        spread = np.bincount(row, (net - mean[row]) ** 2, minlength=len(names))
        empty = n - np.bincount(row, minlength=len(names))
        cv = np.sqrt((spread + empty * mean**2) / n) / mean
    judged = (n >= settings.xyz.min_periods) & (total > 0)
    cv = np.where((n > 0) & (total > 0), cv, np.nan)
    return pd.DataFrame(
        {
            "customer_id": names.to_numpy(),
            "n_periods": n.astype("int64"),
            "value_cv": cv,
            "xyz": np.where(judged, letters(cv, cuts=settings.xyz.cuts), "N"),
        }
    )


def letters(cv: np.ndarray, *, cuts: tuple[float, float]) -> np.ndarray:
    """X up to the first cut, Y up to the second, Z above; N where the coefficient of variation is unknown."""
    cv = np.asarray(cv, float)
    grade = np.array(list("XYZ"), dtype=object)[
        np.searchsorted(np.asarray(cuts) + EDGE, np.nan_to_num(cv), side="left")
    ]
    return np.where(np.isnan(cv), "N", grade)


def _per_period(
    names: pd.Index, periods: pd.DataFrame, period: str, last: np.ndarray, *, is_summed: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Position of the customer and net value of each customer and period up to the customer's last.

    is_summed: the periods given are those asked for, one row each; else they are added up.
    """
    row = names.get_indexer(periods["customer_id"])
    ordinal = _ordinal(periods["period_on"], period)
    counts = (row >= 0) & (ordinal <= last[row])
    row, net = row[counts], periods["net"].to_numpy()[counts]
    if is_summed:
        return row, net
    per = pd.DataFrame({"row": row, "ordinal": ordinal[counts], "net": net})
    summed = per.groupby(["row", "ordinal"], sort=False)["net"].sum()
    return summed.index.get_level_values("row").to_numpy(), summed.to_numpy()


def _ordinal(days: pd.Series, period: str) -> np.ndarray:
    """Number of the period each day lies in; weeks begin on Monday. A missing day gives a number far in the past."""
    days = days.to_numpy("datetime64[D]")
    if period == "W":
        return (days.astype("int64") + 3) // 7
    months = days.astype("datetime64[M]").astype("int64")
    return months if period == "M" else months // 3


def _last_period(as_of: pd.Timestamp, period: str) -> int:
    """The period of `as_of`, or the one before when less than `NEARLY_OVER` of it has passed."""
    current = as_of.to_period({"W": "W-SUN", "M": "M", "Q": "Q-DEC"}[period])
    length = (current.end_time.normalize() - current.start_time).days + 1
    passed = (as_of.normalize() - current.start_time).days + 1
    number = int(_ordinal(pd.Series([as_of]), period)[0])
    return number if passed >= NEARLY_OVER * length else number - 1


def disagreements(history: pd.DataFrame, classes: pd.DataFrame, *, settings) -> pd.DataFrame:
    """Customers whose value per period and whose gaps disagree about their regularity.

    Those who only look irregular, since they buy at a steady rhythm longer than the period, come first; then uneven
    amounts, then uneven rhythm; within each the largest first.

    In: `history`, `classes`. Out: customer_id, xyz and value_cv (value per period), gap_xyz and gap_cv (days between
    purchases, same cuts), gap_days, net_total (money), reading (what the difference usually means).
    Cases: unknown on either side is no disagreement. Reference: HU-09: a perfectly regular quarterly buyer has a
    monthly CV of 1.41, which is Z, while its gaps are X.
    """
    both = classes[["customer_id", "xyz", "value_cv"]].merge(
        history[["customer_id", "gap_cv", "gap_days", "net_total"]], on="customer_id"
    )
    both["gap_xyz"] = letters(both["gap_cv"], cuts=settings.xyz.cuts)
    known = (both["xyz"] != "N") & (both["gap_xyz"] != "N")
    found = both[known & (both["xyz"] != both["gap_xyz"])].copy()
    found["reading"] = np.where(
        found["gap_xyz"] < found["xyz"],
        np.where(
            found["gap_days"] > SLACK * PERIOD_DAYS[period_used(history, settings=settings)],
            READINGS["longer_period"],
            READINGS["uneven_amounts"],
        ),
        READINGS["uneven_rhythm"],
    )
    columns = ["customer_id", "xyz", "value_cv", "gap_xyz", "gap_cv", "gap_days", "net_total", "reading"]
    order = found["reading"].map({words: place for place, words in enumerate(READINGS.values())})
    found = found.assign(order=order).sort_values(["order", "net_total", "customer_id"], ascending=[True, False, True])
    return found[columns].reset_index(drop=True)


def grid(history: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """The ABC × XYZ grid, every cell, also the empty ones: what is in it and what to do.

    In: `history`, `classes`. Out: abc, xyz (N: too short to judge, shown when anybody is there), customers,
    customer_share (of all with an ABC class), net (money), net_share, action.
    Reference: HU-09.
    """
    both = classes[["customer_id", "abc", "xyz"]].merge(history[["customer_id", "net_total"]], on="customer_id")
    both = both[both["abc"].notna()]
    columns = list("XYZ") + ["N"] * bool((both["xyz"] == "N").any())
    cells = pd.MultiIndex.from_product([list("ABC"), columns], names=["abc", "xyz"])
    by = both.groupby(["abc", "xyz"])["net_total"]
    table = pd.DataFrame({"customers": by.size(), "net": by.sum()}).reindex(cells).fillna(0)
    table["customers"] = table["customers"].astype("int64")
    table.insert(1, "customer_share", table["customers"] / max(len(both), 1))
    table["net_share"] = table["net"] / (table["net"].sum() or np.nan)
    table = table.reset_index()
    table["action"] = [ACTIONS[a + x] for a, x in zip(table["abc"], table["xyz"])]
    return table


def fitting_period(history: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding xyz.period: the shortest of week, month and quarter that the base's median gap fits; text.

    In: `history`. parts: gap_days (median of the customers' own gaps), used (`period_used`), is_used, is_fit (the
    period used is not shorter than the gap). A period shorter than the rhythm makes regular buyers look irregular.
    Cases: nobody bought on three days is not available. Reference: HU-09.
    """
    gaps = _own_gaps(history)
    head = {"id": "xyz.period", "unit": "text", "as_of": str(as_of.date()), "n": len(gaps)}
    head["basis"] = "median days between purchases, of customers with three purchase days"
    if gaps.empty:
        return not_available(because="transactions: nobody bought on three days", **head)
    gap, used = float(gaps.median()), period_used(history, settings=settings)
    value = next((name for name, days in PERIOD_DAYS.items() if gap <= SLACK * days), "Q")
    parts = {"gap_days": gap, "used": used, "is_used": value == used, "is_fit": gap <= SLACK * PERIOD_DAYS[used]}
    return labelled(Finding(value=value, parts=parts, **head), settings)


def disagreement(
    disagreements: pd.DataFrame, history: pd.DataFrame, classes: pd.DataFrame, *, settings, as_of: pd.Timestamp
) -> Finding:
    """Finding xyz.disagreements: share of the customers judged both ways whose value and gaps disagree, with interval.

    In: `disagreements`, `history` (gap_cv), `classes` (xyz). parts: count, n, and customers by reading (longer_period,
    uneven_amounts, uneven_rhythm). Cases: nobody judged both ways is not available. Reference: HU-09.
    """
    gaps = history.set_index("customer_id")["gap_cv"].reindex(classes["customer_id"]).notna().to_numpy()
    readings = disagreements["reading"].value_counts()
    return proportion(
        "xyz.disagreements",
        len(disagreements),
        int((gaps & (classes["xyz"] != "N").to_numpy()).sum()),
        settings=settings,
        basis="customers whose value per period and whose gaps can both be judged",
        as_of=as_of,
        because="transactions: nobody's value and gaps can both be judged",
        parts={name: int(readings.get(words, 0)) for name, words in READINGS.items()},
    )
