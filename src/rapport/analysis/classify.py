"""The `classes` table: every room's answer about each customer side by side, and one primary segment with its why."""

import pandas as pd

from ..foundation.contracts import TABLES
from ..foundation.errors import SettingsError
from .abcxyz import abc, former_regularity, period_used, regularity
from .concentration import smallest_group_size
from .grid import bands
from .key_signs import demanding
from .keys import key_scopes, unit_shares
from .ladder import rungs
from .orientation import orientations
from .segments import segments
from .states import states, trends
from .ten_types import claimed, is_discount_buyer, labels, shown
from .worth import ranked

TWO_CUTS = (
    "abc.cuts",
    "xyz.cuts",
    *(f"grid.{what}_{kind}" for what in ("volume", "frequency") for kind in ("cuts", "quantiles")),
)
NEVER_BOUGHT = {
    "state": "no_purchase",
    "gap_is_own": False,
    "xyz": "N",
    "is_pareto": False,
    "volume_band": "new",
    "frequency_band": "new",
    "rung": "prospect",
    "rung_note": "",
}


def classes(
    history: pd.DataFrame,
    periods: pd.DataFrame,
    customers: pd.DataFrame,
    purchase_days: pd.DataFrame,
    sales_by_unit: pd.DataFrame,
    traits: pd.DataFrame,
    *,
    settings,
    as_of: pd.Timestamp,
    period: str | None = None,
) -> pd.DataFrame:
    """The `classes` table: one row per customer, sorted by customer_id, those who have not bought yet among them.

    In: `history`, `periods` (only periods with orders), `customers`, `purchase_days`, `sales_by_unit`; `traits`, what
    the client's optional tables say of each customer (unknown is empty). Classes by value use data.value_basis;
    regularity is judged by period (W, M, Q), else by `abcxyz.period_used`.
    Cases: value of zero or less has no ABC class and changes nobody else's; equal values are parted by customer_id;
    neither the order of rows nor the currency changes a class. Raises SettingsError for cuts that are not two.
    Reference: HU-04, HU-09, HU-32, LT-03, LT-07, RU-08 to RU-17, DEF6.
    """
    checked(settings)
    history = history.sort_values("customer_id", kind="stable", ignore_index=True)
    period = period or period_used(history, settings=settings)
    table = _of_buyers(history, periods, purchase_days, traits, settings, as_of, period)
    people = _everybody(table, history, customers, traits)
    found = shown(people, settings=settings)
    people[["types", "primary_type"]] = labels(found, claimed(people, found))
    people["types"] = _with_demanding(people)
    people["orientation"] = orientations(people, settings=settings)
    scopes = key_scopes(unit_shares(sales_by_unit, customers, settings=settings), customers)
    people["key_scope"] = people["customer_id"].map(scopes).fillna("")
    people["is_discount"] = is_discount_buyer(people, settings=settings)
    people[["segment", "why"]] = segments(people, settings=settings)[["segment", "why"]]
    return TABLES["classes"].check(people[list(TABLES["classes"].columns)], "classify.classes")


def _with_demanding(people: pd.DataFrame) -> pd.Series:
    """The types with "demanding" added: a sign of a key customer, none of the ten, that protects like one (HU-36)."""
    types, tagged = people["types"].copy(), demanding(people) != ""
    types[tagged] = (types[tagged] + ";demanding").str.strip(";")
    return types


def _of_buyers(history, periods, purchase_days, traits, settings, as_of, period) -> pd.DataFrame:
    """The rooms' answers about the customers of `history`, one row each, in its order."""
    known = traits.set_index("customer_id").reindex(history["customer_id"])
    state = states(history, purchase_days, settings=settings)
    steady = regularity(history, periods, settings=settings, as_of=as_of, period=period)
    former = former_regularity(history, periods, settings=settings, period=period)
    rung = rungs(history, state, steady, former, known, settings=settings)
    value = ranked(history, basis=settings.data.value_basis)
    top = value.index[: smallest_group_size(value, value_share=settings.pareto.value_share)]
    rooms = [
        state,
        abc(history, cuts=settings.abc.cuts, basis=settings.data.value_basis),
        steady[["customer_id", "xyz", "value_cv"]],
        bands(history, settings=settings),
        rung,
        trends(history, purchase_days, as_of=as_of)[["customer_id", "trend"]],
    ]
    table = pd.concat([room.drop(columns="customer_id") for room in rooms], axis=1)
    table.insert(0, "customer_id", history["customer_id"])
    table["is_pareto"] = history["customer_id"].isin(top)
    return table


def _everybody(table, history, customers, traits) -> pd.DataFrame:
    """Buyers and those set up who have not bought, with all that is known of each; one row per customer of `traits`."""
    people = traits.sort_values("customer_id", kind="stable").merge(table, on="customer_id", how="left")
    people = people.merge(history, on="customer_id", how="left")
    about = customers[["customer_id", "sector", "country", "tags"]]
    people = people.merge(about, on="customer_id", how="left")
    is_new = people["state"].isna()
    for column, value in NEVER_BOUGHT.items():
        people[column] = people[column].where(~is_new, value).infer_objects()
    people["is_pareto"] = people["is_pareto"].astype(bool)
    people["gap_is_own"] = people["gap_is_own"].astype(bool)
    return people


def checked(settings) -> None:
    """Raises SettingsError unless every parameter that holds two cuts holds two, the smaller first."""
    for name in TWO_CUTS:
        group, key = name.split(".")
        cuts = getattr(getattr(settings, group), key)
        if cuts and (len(cuts) != 2 or cuts[0] > cuts[1]):
            raise SettingsError(f"{name} is {list(cuts)}.", "parameters", "give two cuts, the smaller first.")
