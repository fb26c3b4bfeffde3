"""How key customers are looked after, and the four mistakes made with them (HU-38, HU-40)."""

import numpy as np
import pandas as pd

from ..foundation.finding import Finding, not_available

OWNERS = ("owner", "ceo", "director", "managing director")
HEADS = ("head", "director", "managing director", "ceo")
LAUNCH_PURPOSES = ("launch", "preview", "first offer")
PROFILE = ("kind", "email", "phone", "tax_id", "city", "sector", "size", "region", "manager_id")
EQUAL = 1.5  # class A hears from us at most this many times as often as class C: all customers are treated as equal
THIN = 0.6  # below this share of profile fields filled, no information was gathered (HU-41: 12 of 20)


def care(
    classes: pd.DataFrame,
    customers: pd.DataFrame,
    manager_loads: pd.DataFrame,
    contacts: pd.DataFrame | None = None,
    managers: pd.DataFrame | None = None,
    contact_persons: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """One row per key customer: who looks after it, on how many floors we are known, and whether the head came.

    In: `classes` (key_scope), `customers` (manager in charge), `manager_loads`, `contacts`, `managers` (role),
    `contact_persons` (role). Out: customer_id, name, key_scope, manager_id, is_dedicated (its manager has the role
    "key", or no small accounts), roles (distinct roles at the client, of the contacts and of the persons on file),
    knows_owner, head_visit_on, is_visited (within key.head_visit_days), is_offered_first (a contact about a launch),
    verdict: red with one role or none, or without a manager; green when a dedicated manager, key.min_roles roles with
    the owner among them and a visit in time; else amber; unknown with neither contacts nor persons. Flags are empty
    (NA) when their table or column is missing. Reference: HU-38.
    """
    keys = classes.loc[classes["key_scope"] != "", ["customer_id", "key_scope"]]
    table = keys.merge(customers[["customer_id", "name", "manager_id"]], on="customer_id", how="left")
    table["is_dedicated"] = _dedicated(table["manager_id"], manager_loads, managers)
    floors = _floors(table["customer_id"], contacts, contact_persons, as_of)
    table = pd.concat([table, floors, _visits(table["customer_id"], contacts, settings, as_of)], axis=1)
    is_single = table["roles"] <= 1
    is_cared = (
        table["is_dedicated"] & (table["roles"] >= settings.key.min_roles) & table["knows_owner"] & table["is_visited"]
    )
    unknown = table["roles"].isna()
    table["verdict"] = np.select(
        [unknown, (is_single | table["manager_id"].isna()).fillna(False), is_cared.fillna(False)],
        ["unknown", "red", "green"],
        "amber",
    )
    columns = ["customer_id", "name", "key_scope", "manager_id", "is_dedicated", "roles", "knows_owner"]
    return table[[*columns, "head_visit_on", "is_visited", "is_offered_first", "verdict"]]


def _dedicated(manager: pd.Series, manager_loads: pd.DataFrame, managers: pd.DataFrame | None) -> pd.Series:
    is_mixed = manager.map(manager_loads.set_index("manager_id")["is_mixed"])
    dedicated = (~is_mixed.astype("boolean")).where(manager.notna())
    if managers is None:
        return dedicated
    return dedicated | manager.map(managers.set_index("manager_id")["role"]).eq("key")


def _floors(names: pd.Series, contacts, contact_persons, as_of: pd.Timestamp) -> pd.DataFrame:
    """On how many floors each customer knows us, and whether its owner does; empty with neither table."""
    parts = []
    if contacts is not None:
        until = contacts[contacts["contacted_on"] <= as_of]
        parts.append(until[["customer_id", "client_role"]].set_axis(["customer_id", "role"], axis=1))
    if contact_persons is not None:
        parts.append(contact_persons[["customer_id", "role"]])
    if not parts:
        unknown = pd.array([pd.NA] * len(names), dtype="boolean")
        return pd.DataFrame({"roles": np.nan, "knows_owner": unknown}, index=names.index)
    met = pd.concat(parts, ignore_index=True)
    met = met[met["customer_id"].isin(names)]
    role = _plain(met["role"])
    counts = role[role != ""].groupby(met["customer_id"]).nunique()
    owners = met.loc[role.isin(OWNERS), "customer_id"]
    return pd.DataFrame({"roles": names.map(counts).fillna(0.0), "knows_owner": names.isin(owners).astype("boolean")})


def _visits(names: pd.Series, contacts: pd.DataFrame | None, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """Whether the head came and new goods were offered, by the contacts; all empty without."""
    unknown = pd.array([pd.NA] * len(names), dtype="boolean")
    if contacts is None:
        flags = dict.fromkeys(["is_visited", "is_offered_first"], unknown)
        return pd.DataFrame({"head_visit_on": pd.NaT, **flags}, index=names.index)
    made = contacts[contacts["customer_id"].isin(names) & (contacts["contacted_on"] <= as_of)]
    is_head = _plain(made["by_role"]).isin(HEADS)
    visit = made[is_head & made["channel"].eq("visit")].groupby("customer_id")["contacted_on"].max()
    offered = made.loc[_plain(made["purpose"]).isin(LAUNCH_PURPOSES), "customer_id"]
    head_visit_on = names.map(visit)
    in_time = (as_of - head_visit_on).dt.days <= settings.key.head_visit_days
    return pd.DataFrame(
        {
            "head_visit_on": head_visit_on,
            "is_visited": in_time.astype("boolean"),
            "is_offered_first": names.isin(offered).astype("boolean") if len(offered) else unknown,
        }
    )


def _plain(words: pd.Series) -> pd.Series:
    return words.fillna("").str.casefold().str.strip()


def single_threaded(care: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding key.single_threaded: key customers known through one role or none; unit count.

    In: `care`. parts: keys (all), visited (by the head in time), days (key.head_visit_days), unmanaged (without a
    manager). Cases: neither contacts nor contact_persons is not available; no key customer is not available either.
    Reference: HU-38, HU-40.
    """
    head = {"id": "key.single_threaded", "unit": "count", "as_of": str(as_of.date())}
    head["basis"] = "roles at the client, in the contacts and among the persons on file"
    if care.empty or care["roles"].isna().all():
        why = "neither contacts nor contact_persons was given"
        return not_available(because="no key customer" if care.empty else why, **head)
    parts = {
        "keys": len(care),
        "visited": int(care["is_visited"].fillna(False).sum()),
        "days": settings.key.head_visit_days,
        "unmanaged": int(care["manager_id"].isna().sum()),
    }
    return Finding(value=int((care["roles"] <= 1).sum()), n=len(care), parts=parts, **head)


def mistakes(
    classes: pd.DataFrame,
    customers: pd.DataFrame,
    care: pd.DataFrame,
    manager_loads: pd.DataFrame,
    contacts: pd.DataFrame | None = None,
    *,
    settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """The four mistakes with key customers, one row each: number, mistake, answer (yes, no, unknown), evidence.

    In: `classes`, `customers`, `care`, `manager_loads`, `contacts`. 1 all customers are treated alike; 2 the head
    does not meet the clients' owners (fewer than half visited); 3 one person does small accounts and key ones; 4 no
    information is gathered.
    Cases: no key customer leaves 2 to 4 unknown; no contacts leaves 1 and 2 unknown. Reference: HU-40.
    """
    answers = [
        ("all customers are treated alike", *_alike(classes, contacts, settings, as_of)),
        ("the head does not meet the owners", *_unmet(care, settings)),
        ("one person does small and key accounts", *_mixed(manager_loads)),
        ("no information is gathered", *_thin(customers, care)),
    ]
    table = pd.DataFrame(answers, columns=["mistake", "answer", "evidence"])
    table.insert(0, "number", range(1, 5))
    return table


def _alike(classes, contacts, settings, as_of) -> tuple[str, str]:
    if contacts is None:
        return "unknown", "no table contacts"
    start = as_of - pd.Timedelta(days=settings.data.active_window_days)
    on = contacts["contacted_on"]
    out = contacts[contacts["direction"].eq("out") & (on > start) & (on <= as_of)].groupby("customer_id").size()
    heard = classes["customer_id"].map(out).fillna(0).groupby(classes["abc"]).mean()
    if not {"A", "C"} <= set(heard.index) or not heard.sum():
        return "unknown", "no outbound contacts, or no classes A and C to compare"
    told = f"outbound contacts a customer: class A {heard['A']:.1f}, class C {heard['C']:.1f}"
    return ("yes" if heard["A"] <= EQUAL * heard["C"] else "no"), told


def _unmet(care, settings) -> tuple[str, str]:
    if care.empty or care["is_visited"].isna().all():
        return "unknown", "no key customer" if care.empty else "no table contacts"
    visited = int(care["is_visited"].fillna(False).sum())
    told = f"{visited} of {len(care)} key customers visited within {settings.key.head_visit_days} days"
    return ("yes" if visited < len(care) / 2 else "no"), told


def _mixed(manager_loads) -> tuple[str, str]:
    with_keys = manager_loads[manager_loads["keys"] > 0]
    if with_keys.empty:
        return "unknown", "no key customer with a known manager"
    mixed = with_keys[with_keys["is_mixed"]]
    if mixed.empty:
        return "no", "no manager of key customers has small accounts"
    rows = zip(mixed["manager_id"], mixed["keys"], mixed["others"])
    return "yes", "; ".join(f"{name}: {keys} key and {others} small accounts" for name, keys, others in rows)


def _thin(customers, care) -> tuple[str, str]:
    if care.empty:
        return "unknown", "no key customer"
    fields = customers[customers["customer_id"].isin(care["customer_id"])][list(PROFILE)]
    filled = float((fields.notna() & (fields != "")).to_numpy().mean())
    return ("yes" if filled < THIN else "no"), f"{filled:.0%} of {len(PROFILE)} profile fields filled for key customers"
