"""The fictional firm behind data/sample: its customers, how they buy and leave, and how they appear in its systems.

`make_sample.py` calls `build()` and writes what comes back; nothing in src imports it.

A customer who joins buys by MBG/CNBD-k in season time: after every purchase, the first included, it leaves with
probability p ~ Beta(a, b); gaps are Erlang-k with rate λ ~ Gamma(r, α) a day; time runs faster in the months in which
the kind of customer buys more. A late delivery or a complaint multiplies the leaving hazard of that purchase; a return
does not.
"""

from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pandas as pd
import yaml

SEED = 20260930
START, AS_OF = pd.Timestamp("2023-10-01"), pd.Timestamp("2026-09-30")
FUTURE = AS_OF + pd.Timedelta(days=365)
WINDOW = AS_OF - pd.Timedelta(days=365)  # the last day before the active window
HAZARD_RATIO = {"late": 2.5, "complaint": 3.0, "return": 1.0}
WORDS = yaml.safe_load((Path(__file__).parent / "sample_words.yml").read_text("utf-8"))


@dataclass(frozen=True)
class Type:
    """A kind of customer: how many, how it buys (gap: days at the mean rate), how it leaves, what an order is worth."""

    base: int
    joining: float
    department: str
    gap: float
    r: float
    k: int
    a: float
    b: float
    value: float
    months: tuple[float, ...]
    sectors: tuple[str, ...]

    @property
    def alpha(self) -> float:
        return self.gap * self.r / self.k


TYPES = {
    "shop": Type(
        200, 0.25, "MAZ", 26, 3.2, 2, 0.40, 14.0, 240.0,
        (0.75, 0.85, 0.95, 1.0, 1.0, 0.95, 0.9, 0.95, 1.0, 1.05, 1.2, 1.5),
        ("grocery", "delicatessen", "gift shop", "filling station"),
    ),
    "cafe": Type(
        175, 0.22, "HRC", 20, 3.2, 2, 0.40, 16.0, 110.0,
        (0.75, 0.8, 0.9, 0.95, 1.05, 1.25, 1.35, 1.3, 1.0, 0.9, 0.9, 1.2),
        ("café", "restaurant", "hotel", "bakery"),
    ),
    "firm": Type(
        110, 0.23, "MAZ", 42, 2.6, 2, 0.45, 7.0, 240.0,
        (1.0, 1.0, 1.05, 1.0, 1.0, 0.85, 0.6, 0.65, 1.1, 1.1, 1.15, 1.5),
        ("office", "school", "clinic", "factory"),
    ),
    "person": Type(
        115, 0.27, "MAZ", 65, 1.8, 1, 0.50, 3.0, 62.0,
        (0.8, 0.85, 0.9, 0.95, 0.9, 0.85, 0.75, 0.8, 0.95, 1.05, 1.3, 1.9),
        ("household",),
    ),
    "export": Type(
        27, 0.03, "EXP", 30, 3.0, 2, 0.40, 12.0, 900.0,
        (0.85, 0.9, 1.0, 1.0, 1.0, 1.0, 0.9, 0.9, 1.0, 1.1, 1.15, 1.2),
        ("wholesaler", "grocery", "café"),
    ),
}  # fmt: skip
DEPARTMENT = {name: kind.department for name, kind in TYPES.items()}

# New customers a month. The last 18 months: 300 in twelve months (25 a month), then 165 in six (27.5: +10 %).
JOINING = (
    *(22, 20, 16, 20, 21, 23, 24, 25, 25, 24, 24, 25, 25, 25, 18, 22, 24, 25),
    *(25, 26, 25, 24, 24, 26, 26, 25, 22, 25, 26, 26),
    *(27, 28, 27, 28, 27, 28),
)

# The large: name, share of the firm's net sales in the active window, mean gap in days, group.
HOLDING, EXPORT_GROUP = "Žaliojo kranto grupė", "Šiaurės žvaigždės grupė"
LARGE = {
    "shop": (
        ("UAB „Žaliojo kranto maistas“", 0.074, 4.0, HOLDING),
        ("UAB „Kranto sandėliai“", 0.070, 4.0, HOLDING),
        ("UAB „Marių vaišės“", 0.065, 4.5, HOLDING),
    ),
    "cafe": (
        ("UAB „Debesų pietūs“", 0.090, 4.0, None),
        ("UAB „Vidurvasario viešbučiai“", 0.0330, 6.0, None),
        ("UAB „Trys samčiai“", 0.0325, 6.0, None),
        ("VšĮ „Skalsos valgyklos“", 0.0320, 7.0, None),
    ),
    "export": (
        ("SIA „Ziemeļzvaigzne“", 0.0145, 12.0, EXPORT_GROUP),
        ("Põhjatäht OÜ", 0.0140, 12.0, EXPORT_GROUP),
        ("Gwiazda Północy Sp. z o.o.", 0.0131, 12.0, EXPORT_GROUP),
    ),
}
LARGE_STAGES = 6  # the large buy nearly like clockwork: Erlang-6
DEPARTMENT_SHARE = {"HRC": 0.30, "EXP": 0.08}
PARETO_SHARE = 0.80
QUARTERLY = 8
HANDOVER_ON = pd.Timestamp("2025-07-01")  # part of V05's customers pass to V06
TWINS = {"email": 5, "tax": 16, "phone": 8, "name": 6}  # second CRM records, by what they share with the first
NEVER_BOUGHT, GUEST_ORDERS = 45, 520


@dataclass
class Firm:
    """Everything the files are written from. `customer` is the true customer, whatever records it has."""

    customers: pd.DataFrame  # one row per true customer
    orders: pd.DataFrame  # one row per order up to as_of; customer -1 for web guests
    lines: pd.DataFrame  # one row per order line, and one per credited line (negative)
    future: pd.DataFrame  # purchase days after as_of, which nobody but the truths knows
    records: pd.DataFrame  # one row per record in the CRM or the web register
    products: pd.DataFrame


def build() -> Firm:
    """The firm, the same on every call."""
    rng = np.random.default_rng(SEED)
    customers = _identities(rng, _people_and_companies(rng))
    customers, purchases = _purchases(rng, customers)
    orders = _with_guests(rng, purchases[purchases["ordered_on"] <= AS_OF])
    orders = orders.sort_values(["ordered_on", "customer"], kind="stable").reset_index(drop=True)
    products = _products()
    lines = _priced(rng, customers, orders, _baskets(rng, customers, orders, products))
    lines["booked_on"] = orders["ordered_on"].to_numpy()[lines["order"]] + pd.to_timedelta(
        lines["after_days"], unit="D"
    )
    customers["manager_id"] = _managers(rng, customers, orders)
    orders["manager_id"] = _manager_at_sale(customers, orders)
    orders["department_id"] = orders["customer"].map(customers["type"]).map(DEPARTMENT).where(~orders["is_web"], "MAZ")
    orders["order_id"] = _numbers(orders)
    records = _records(rng, customers, orders)
    orders["record_id"] = _record_of_order(orders, records)
    future = purchases.loc[purchases["ordered_on"] > AS_OF, ["customer", "ordered_on"]].drop_duplicates()
    return Firm(customers, orders, lines, future, records, products)


def plain(text: str) -> str:
    """Letters without their marks, for e-mail addresses: Žemaitė → zemaite."""
    kept = normalize("NFKD", text.lower().replace("ł", "l")).encode("ascii", "ignore").decode()
    return "".join(letter for letter in kept if letter.isalnum())


def top_share(net: pd.Series) -> float:
    """Share of value held by the top ⌈20 %⌉ of customers with a positive value."""
    held = net[net > 0].sort_values(ascending=False).to_numpy()
    return held[: -(-len(held) // 5)].sum() / held.sum()


def drawn(rng, chances: dict[str, float], size: int) -> np.ndarray:
    """Words drawn with their chances."""
    return rng.choice(list(chances), size, p=list(chances.values()))


# Who they are ---------------------------------------------------------------------------------------------------------


def _people_and_companies(rng) -> pd.DataFrame:
    """One row per customer: type, when it joins (NaT for the base), name, share aimed at, group."""
    rows = []
    for name, kind in TYPES.items():
        large = [dict(zip(("name", "target", "own_gap", "parent_group"), entry)) for entry in LARGE.get(name, ())]
        quarterly = [{"is_quarterly": True}] * (QUARTERLY if name == "firm" else 0)
        ordinary = [{}] * (kind.base - len(large) - len(quarterly))
        rows += [{"type": name, **entry} for entry in [*large, *quarterly, *ordinary]]
    deck = _deck(rng, sum(JOINING))
    for month, joining in zip(pd.date_range(START, periods=len(JOINING), freq="MS"), JOINING):
        days = np.sort(rng.integers(0, 24, joining))
        rows += [{"type": deck.pop(), "joined_on": month + pd.Timedelta(days=int(day))} for day in days]
    frame = pd.DataFrame(rows)
    frame["joined_on"] = pd.to_datetime(frame["joined_on"])
    frame["is_quarterly"] = frame["is_quarterly"].eq(True)
    frame["is_large"] = frame["target"].notna()
    frame["parent_group"] = frame["parent_group"].where(frame["parent_group"].notna(), None)
    frame["country"] = _countries(frame)
    frame["name"] = _names(rng, frame)
    return frame


def _deck(rng, size: int) -> list[str]:
    counts = {name: round(kind.joining * size) for name, kind in TYPES.items()}
    counts["person"] += size - sum(counts.values())
    return list(rng.permutation([name for name, count in counts.items() for _ in range(count)]))


def _countries(frame: pd.DataFrame) -> np.ndarray:
    abroad = pd.Series(np.resize(["LV", "EE", "PL", "LV"], len(frame)))
    for mark, country in (("SIA", "LV"), ("OÜ", "EE"), ("z o.o.", "PL")):
        abroad = abroad.mask(frame["name"].str.contains(mark, regex=False, na=False), country)
    return np.where(frame["type"] == "export", abroad, "LT")


def _names(rng, frame: pd.DataFrame) -> list[str]:
    """A name of its own for everybody who has none yet."""
    pools = {name: firm_words(rng, name) for name in ("shop", "cafe", "firm")}
    pools["person"] = [*rng.permutation(_full_names()), *WORDS["neighbours"]]
    for country, words in WORDS["abroad"].items():
        pairs = rng.permutation([f"{first} {second}" for first in words["first"] for second in words["second"]])
        pools[country] = [words["form"].format(pair) for pair in pairs]
    forms = drawn(rng, WORDS["legal_forms"], len(frame))
    names = []
    for row, form in zip(frame.itertuples(), forms):
        if isinstance(row.name, str):
            names.append(row.name)
        elif row.type in ("person", "export"):
            names.append(str(pools[row.country if row.type == "export" else row.type].pop()))
        else:
            names.append(form.format(pools[row.type].pop()))
    return names


def firm_words(rng, kind: str) -> list[str]:
    """Every pair of a genitive and one of the kind's nouns, shuffled: `Rytmečio kavinė`."""
    return list(
        rng.permutation([f"{first} {noun}" for noun in WORDS["nouns"][kind] for first in WORDS["genitives"].split()])
    )


def _full_names() -> list[str]:
    surnames = WORDS["surnames"].split()
    men = [f"{first} {last}" for first in WORDS["men"].split() for last in surnames]
    women = [f"{first} {name}" for first in WORDS["women"].split() for last in surnames for name in _female(last)]
    return men + women


def _female(surname: str) -> tuple[str, str]:
    """The surname as a married woman and as a daughter bears it."""
    endings = {"ius": "iūtė", "us": "utė", "as": "aitė", "is": "ytė", "ys": "ytė", "a": "aitė"}
    ending = next(ending for ending in endings if surname.endswith(ending))
    stem = surname[: -len(ending)]
    return stem + "ienė", stem + endings[ending]


def _identities(rng, frame: pd.DataFrame) -> pd.DataFrame:
    """The same customers with address, e-mail, telephone, tax number, sector, size, consent and channel."""
    n = len(frame)
    is_person = (frame["type"] == "person").to_numpy()
    towns = {country: (places, [place[2] for place in places]) for country, places in WORDS["cities"].items()}
    chosen = [
        towns[country][0][rng.choice(len(towns[country][0]), p=towns[country][1])] for country in frame["country"]
    ]
    numbers = rng.permutation(90_000)[:n] + 10_000
    consent = drawn(rng, {"yes": 0.62, "no": 0.2, "": 0.18}, n)
    return frame.assign(
        kind=np.where(is_person, "person", "company"),
        city=[place[0] for place in chosen],
        region=[place[1] for place in chosen],
        address=[
            f"{street} g. {house % 97 + 1}"
            for street, house in zip(rng.choice(WORDS["streets"], n), rng.permutation(n))
        ],
        postcode=[f"{number:05d}" for number in rng.integers(1000, 98999, n)],
        phone=[f"+370 600 {number:05d}" for number in numbers],
        tax_id=np.where(is_person, None, (rng.permutation(9_000_000)[:n] + 990_000_000).astype(str)),
        email=[_email(name, person) for name, person in zip(frame["name"], is_person)],
        sector=[str(rng.choice(TYPES[name].sectors)) for name in frame["type"]],
        size=np.select([is_person, frame["is_large"]], [None, "large"], drawn(rng, WORDS["sizes"], n)),
        consent=np.where(frame["is_large"], "yes", consent),
        channel=np.where(frame["joined_on"].isna(), None, drawn(rng, WORDS["channels"], n)),
    )


def _email(name: str, is_person: bool) -> str:
    if is_person:
        first, last = name.split(" ", 1)
        return f"{plain(first)}.{plain(last)}@pastas.example"
    return f"info@{plain(core_of(name))}.example"


def core_of(name: str) -> str:
    """The name of a firm without its legal form."""
    return name.split("„")[1].rstrip("“") if "„" in name else name.removesuffix(" OÜ").removesuffix(" Sp. z o.o.")


# How they buy and leave -----------------------------------------------------------------------------------------------


def _purchases(rng, customers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The customers with rate, leaving probability and whether they are alive; every purchase from START to FUTURE."""
    clocks = {name: _season_clock(kind.months) for name, kind in TYPES.items()}
    customers = _web_habits(rng, customers)
    days = pd.date_range(START, FUTURE)
    late_chance = np.where((days >= "2025-11-10") & (days <= "2026-01-20"), 0.24, 0.07)  # a bad winter
    lives = [_life(rng, customer, clocks[customer.type], late_chance) for customer in customers.itertuples()]
    paths = [path for _, path in lives]
    purchases = pd.DataFrame({flag: np.concatenate([path[flag] for path in paths]) for flag in paths[0]})
    purchases["customer"] = np.repeat(np.arange(len(paths)), [len(path["day"]) for path in paths])
    purchases["ordered_on"] = START + pd.to_timedelta(purchases.pop("day"), unit="D")
    return pd.concat([customers, pd.DataFrame([traits for traits, _ in lives])], axis=1), purchases


def _season_clock(months: tuple[float, ...]) -> np.ndarray:
    """Season time elapsed at the end of each calendar day from START to FUTURE."""
    return np.cumsum((np.array(months) / np.mean(months))[pd.date_range(START, FUTURE).month - 1])


def _web_habits(rng, customers: pd.DataFrame) -> pd.DataFrame:
    """Share of orders through the web shop (1: web only, no CRM record), and the day of START from which it is used."""
    habits = {  # chance of web only, chance of both, share of the web where both
        "person": (0.76, 0.10, 0.5), "firm": (0.05, 0.13, 0.4), "cafe": (0.0, 0.08, 0.3), "shop": (0.0, 0.08, 0.3),
        "export": (0.0, 0.0, 0.0),
    }  # fmt: skip
    only, both, share = np.array([habits[name] for name in customers["type"]]).T
    draw = rng.random(len(customers))
    web_share = np.select([draw < only, draw < only + both], [1.0, share], 0.0)
    is_loyal_to_phone = customers["is_large"] | customers["is_quarterly"]
    return customers.assign(
        web_share=np.where(is_loyal_to_phone, 0.0, web_share), web_from=rng.integers(0, 700, len(customers))
    )


def _life(rng, customer, clock: np.ndarray, late_chance: np.ndarray) -> tuple[dict, dict[str, np.ndarray]]:
    if customer.is_quarterly:
        return _quarterly_life(customer)
    stages = LARGE_STAGES if customer.is_large else TYPES[customer.type].k
    while True:
        rate, leave_prob, begun, tenure = _nature(rng, customer, clock)
        gaps = rng.gamma(stages, 1 / rate, int((clock[-1] - begun) * rate / stages * 1.5 + 40))
        moments = begun + np.concatenate([[0.0], np.cumsum(gaps)])
        day = np.searchsorted(clock, moments[moments < clock[-1]])
        if pd.notna(customer.joined_on) or (len(day) and day[0] <= 300):
            break
    path = _path(rng, customer, _paused(rng, customer, day), late_chance, leave_prob)
    is_gone = bool(path["leaves"][-1]) and path["day"][-1] <= (AS_OF - START).days
    created_on = customer.joined_on if tenure is None else START - pd.Timedelta(days=int(tenure))
    traits = {"gap": stages / rate, "leave_prob": leave_prob, "is_alive": not is_gone, "created_on": created_on}
    return traits, path


def _nature(rng, customer, clock: np.ndarray) -> tuple[float, float, float, int | None]:
    """Rate of Erlang stages a day, leaving probability, season moment of the first purchase seen, tenure in days."""
    kind = TYPES[customer.type]
    if customer.is_large:
        return LARGE_STAGES / customer.own_gap, 0.0, rng.random() * customer.own_gap, rng.integers(1500, 4000)
    if pd.notna(customer.joined_on):
        begun = clock[(customer.joined_on - START).days] - 1e-9
        return rng.gamma(kind.r, 1 / kind.alpha), rng.beta(kind.a, kind.b), begun, None
    while True:  # the base: those who joined in the years before and are still there
        rate, leave_prob = rng.gamma(kind.r, 1 / kind.alpha), rng.beta(kind.a, kind.b)
        tenure = rng.integers(120, 3300)
        if rng.random() < (1 - leave_prob) ** (rate / kind.k * tenure):
            return rate, leave_prob, rng.gamma(kind.k + 1, 1 / rate) * rng.random(), tenure


def _paused(rng, customer, day: np.ndarray) -> np.ndarray:
    """A few customers stop for 150 to 330 days and come back by themselves."""
    if customer.is_large or len(day) < 8 or rng.random() > 0.07:
        return day
    at = rng.integers(4, min(len(day) - 1, 40))
    return np.where(np.arange(len(day)) >= at, day + rng.integers(150, 330), day)


def _path(rng, customer, day: np.ndarray, late_chance: np.ndarray, leave_prob: float) -> dict[str, np.ndarray]:
    """Purchases up to the one after which the customer leaves, by column: the day and what happened."""
    share = customer.web_share
    is_web = (rng.random(len(day)) < share) & ((day >= customer.web_from) | (share == 1))
    is_web[0] = share == 1
    weekday = (day + START.dayofweek) % 7
    day = np.where((weekday > 4) & ~is_web, day + 7 - weekday, day)  # nobody delivers at the weekend
    keep = np.concatenate([[True], np.diff(np.maximum.accumulate(day)) > 0]) & (day < len(late_chance))
    day, is_web = day[keep], is_web[keep]
    late = (rng.random(len(day)) < late_chance[day]) & ~is_web
    complaint = rng.random(len(day)) < np.where(late, 0.05, 0.014)
    returned = rng.random(len(day)) < 0.022
    hazard = HAZARD_RATIO["late"] ** late * HAZARD_RATIO["complaint"] ** complaint
    leaves = rng.random(len(day)) < 1 - (1 - leave_prob) ** hazard
    end = int(np.argmax(leaves)) + 1 if leaves.any() else len(day)
    told = dict(day=day, is_web=is_web, is_late=late, is_complaint=complaint, is_returned=returned, leaves=leaves)
    return {flag: values[:end] for flag, values in told.items()}


def _quarterly_life(customer) -> tuple[dict, dict[str, np.ndarray]]:
    """One order every 91 days, on the same weekday, each in another calendar quarter; never late, never gone."""
    place = customer.Index % QUARTERLY
    day = 8 + place + 2 * (place > 4) + 91 * np.arange((FUTURE - START).days // 91)
    flags = dict.fromkeys(
        ["is_web", "is_late", "is_complaint", "is_returned", "leaves"], np.zeros(len(day), dtype=bool)
    )
    created_on = START - pd.Timedelta(days=700)
    traits = {"gap": 91.0, "leave_prob": 0.0, "is_alive": True, "created_on": created_on}
    return traits, {"day": day, **flags}


def _with_guests(rng, orders: pd.DataFrame) -> pd.DataFrame:
    """The orders, and web orders without an account: nobody can say whose they are (customer −1)."""
    days = np.sort(rng.integers(0, (AS_OF - START).days + 1, GUEST_ORDERS))
    never = dict.fromkeys(["is_late", "is_complaint", "is_returned", "leaves"], False)
    guests = pd.DataFrame(
        {"ordered_on": START + pd.to_timedelta(days, unit="D"), "customer": -1, "is_web": True, **never}
    )
    return pd.concat([orders, guests], ignore_index=True)


# What they buy --------------------------------------------------------------------------------------------------------


def _products() -> pd.DataFrame:
    goods = [
        (category, name, price, entry["cost"])
        for category, entry in WORDS["categories"].items()
        for name, price in entry["goods"].items()
    ]
    products = pd.DataFrame(goods, columns=["category", "name", "price", "cost_share"])
    products["launched_on"] = pd.to_datetime(products["name"].map(WORDS["launched"]).fillna("2019-01-07"))
    products.insert(0, "product_id", [f"P{number:03d}" for number in range(1, len(products) + 1)])
    return products


def _baskets(rng, customers: pd.DataFrame, orders: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """One row per order line without its quantity: order, product, part of the order's worth, discount, list price."""
    tastes = np.array(
        [_taste(rng, kind, products) for kind in [*customers["type"], "person"]]
    )  # the last is the guests'
    owner = orders["customer"].to_numpy()
    chances = tastes[owner] * (products["launched_on"].to_numpy() <= orders["ordered_on"].to_numpy()[:, None])
    reach = np.cumsum(chances, axis=1)
    size = drawn(rng, {"1": 0.62, "2": 0.28, "3": 0.10}, len(orders)).astype(int)
    order = np.repeat(np.arange(len(orders)), size)
    aim = rng.random(len(order)) * reach[order, -1] * (1 - 1e-12)
    lines = pd.DataFrame({"order": order, "product": (reach[order] <= aim[:, None]).sum(axis=1)})
    lines["part"] = rng.gamma(3.0, size=len(lines))
    lines = lines.drop_duplicates(["order", "product"], ignore_index=True)
    worth = rng.gamma(6.0, size=len(orders)) / 6.0
    lines["part"] *= worth[lines["order"]] / lines.groupby("order")["part"].transform("sum")
    lines["customer"] = owner[lines["order"]]
    lines["discount"] = _discounts(rng, customers, owner)[lines["order"]]
    years = ((orders["ordered_on"] - START).dt.days // 365).clip(upper=2).to_numpy()
    lines["list_price"] = (products["price"].to_numpy()[lines["product"]] * 1.03 ** years[lines["order"]]).round(2)
    lines["cost_share"] = products["cost_share"].to_numpy()[lines["product"]]
    return _with_contracts(customers, lines, products)


def _taste(rng, kind: str, products: pd.DataFrame) -> np.ndarray:
    """Chance of each product for one customer: some of its type's categories, a few favourites in them."""
    favourites = WORDS["favourites"][kind]
    liked = rng.permutation(favourites)[: rng.integers(1, len(favourites) + 1)]
    weight = products["category"].isin(liked).to_numpy() * rng.gamma(0.6, size=len(products)) + 1e-9
    return weight / weight.sum()


def _discounts(rng, customers: pd.DataFrame, owner: np.ndarray) -> np.ndarray:
    """Discount of each order: the customer's terms, or a promotion; a few hardly ever buy without one."""
    ordinary = ~customers["is_large"] & ~customers["is_quarterly"]
    hunts = np.append((rng.random(len(customers)) < 0.06) & ordinary, False)
    terms = np.append(rng.choice([0.0, 0.03, 0.05, 0.08], len(customers), p=[0.55, 0.2, 0.15, 0.1]), 0.0)
    promoted = rng.random(len(owner)) < np.where(hunts[owner], 0.9, 0.06)
    promotion = np.where(promoted, rng.choice([0.10, 0.15], len(owner), p=[0.6, 0.4]), 0.0)
    return np.maximum(promotion, terms[owner])


def _with_contracts(customers: pd.DataFrame, lines: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Quarterly buyers have one line, one product and one price for three years."""
    bound = customers.index[customers["is_quarterly"]]
    lines = lines[~(lines["customer"].isin(bound) & lines["order"].duplicated())].reset_index(drop=True)
    contract = lines["customer"].isin(bound)
    product = lines.loc[contract, "customer"] % 10
    lines.loc[contract, "product"] = product
    lines.loc[contract, "list_price"] = products["price"].to_numpy()[product]
    lines.loc[contract, "cost_share"] = products["cost_share"].to_numpy()[product]
    lines.loc[contract, ["part", "discount"]] = [1.0, 0.0]
    return lines


def _priced(rng, customers: pd.DataFrame, orders: pd.DataFrame, baskets: pd.DataFrame) -> pd.DataFrame:
    """Sales and credits with quantity, net and cost, scaled so that the planted shares hold.

    Solved: one factor per large customer and per department for the shares of the active window, and the spread of
    order values for the share that the top 20 % hold over the whole period.
    """
    credited = _credited(rng, orders, baskets)
    typical = customers["type"].map({name: kind.value for name, kind in TYPES.items()}).to_numpy()
    luck = np.clip(rng.standard_normal(len(customers)), -2.2, 2.2)
    low, high = 0.0, 1.5
    for _ in range(16):
        spread = (low + high) / 2
        lines = _scaled(customers, orders, baskets, credited, typical * np.exp(spread * luck))
        net = lines[lines["customer"] >= 0].groupby("customer")["net"].sum()
        low, high = (spread, high) if top_share(net) < PARETO_SHARE else (low, spread)
    return lines


def _credited(rng, orders: pd.DataFrame, baskets: pd.DataFrame) -> pd.DataFrame:
    """Lines credited later: which, what part, how many days after. Three one-time buyers send everything back."""
    has_before = orders["customer"].duplicated()
    has_time = (AS_OF - orders["ordered_on"]).dt.days > 30
    chosen = orders.index[orders["is_returned"] & has_before & has_time]
    lines = baskets[baskets["order"].isin(chosen)].drop_duplicates("order")
    parts = rng.choice([0.1, 0.25, 0.5, 1.0], len(lines), p=[0.3, 0.3, 0.25, 0.15])
    is_only = ~orders["customer"].duplicated(keep=False) & orders["ordered_on"].between("2024-02-01", "2024-08-31")
    whole = baskets[baskets["order"].isin(orders.index[is_only][:3])]
    credited = pd.DataFrame({"line": [*lines.index, *whole.index], "part": [*parts, *np.ones(len(whole))]})
    return credited.assign(after_days=rng.integers(3, 26, len(credited)))


def _scaled(customers, orders, baskets, credited, worth: np.ndarray) -> pd.DataFrame:
    """The lines when the shares of the large and of the departments in the active window are as planned."""
    department = customers["type"].map(DEPARTMENT).mask(customers["is_large"], "large").to_numpy()
    is_recent = (orders["ordered_on"] > WINDOW).to_numpy()
    is_web = orders["is_web"].to_numpy()
    target = customers["target"].fillna(0).to_numpy()
    rest = {
        name: share - target[customers["type"].map(DEPARTMENT) == name].sum()
        for name, share in DEPARTMENT_SHARE.items()
    }
    for _ in range(4):
        lines = _amounts(baskets, credited, worth)
        recent = lines[is_recent[lines["order"]]]
        unit = np.where(is_web[recent["order"]] | (recent["customer"] < 0), "MAZ", department[recent["customer"]])
        sold = recent["net"].groupby(unit).sum()
        total = sold["MAZ"] / (1 - target.sum() - sum(rest.values()))
        for name, share in rest.items():
            worth = np.where(department == name, worth * share * total / sold[name], worth)
        own = recent.groupby("customer")["net"].sum().reindex(customers.index).to_numpy()
        worth = np.where(target > 0, worth * target * total / own, worth)
    return _amounts(baskets, credited, worth)


def _amounts(baskets: pd.DataFrame, credited: pd.DataFrame, worth: np.ndarray) -> pd.DataFrame:
    owner = baskets["customer"].to_numpy()
    value = np.where(owner < 0, TYPES["person"].value, worth[owner]) * baskets["part"].to_numpy()
    price = baskets["list_price"].to_numpy() * (1 - baskets["discount"].to_numpy())
    sales = baskets.drop(columns="part").assign(quantity=np.maximum(1, np.rint(value / price)), after_days=0)
    back = sales.loc[credited["line"]].reset_index(drop=True)
    back["quantity"] = -np.ceil(back["quantity"] * credited["part"])
    back["after_days"] = credited["after_days"]
    lines = pd.concat([sales, back], ignore_index=True)
    lines["net"] = (lines["quantity"] * lines["list_price"] * (1 - lines["discount"])).round(2)
    lines["cost"] = (lines["quantity"] * lines["list_price"] * lines["cost_share"]).round(2)
    return lines


# How they appear in the firm's systems --------------------------------------------------------------------------------


def _managers(rng, customers: pd.DataFrame, orders: pd.DataFrame) -> np.ndarray:
    """Manager in charge today. V01 has the four large ones of HRC and exactly 120 small customers, all active."""
    recent = orders[(orders["ordered_on"] > WINDOW) & ~orders["is_web"]]
    is_cafe, is_large = customers["type"] == "cafe", customers["is_large"]
    small = is_cafe & ~is_large & (customers["web_share"] == 0) & customers.index.isin(recent["customer"])
    of_v01 = customers.index.isin(rng.permutation(customers.index[small])[:120]) | (is_cafe & is_large)
    shops, cafes = (
        rng.choice(["V04", "V05", "V06"], len(customers), p=[0.2, 0.4, 0.4]),
        rng.choice(["V02", "V03"], len(customers)),
    )
    return np.select(
        [of_v01, is_cafe, customers["type"] == "export", customers["web_share"] == 1, is_large],
        ["V01", cafes, "V07", "V08", "V04"],
        shops,
    )


def _manager_at_sale(customers: pd.DataFrame, orders: pd.DataFrame) -> np.ndarray:
    """V08 for the web shop; 60 customers of V06 were with V05 before the handover."""
    today = np.append(customers["manager_id"].to_numpy(), "V08")[orders["customer"]]
    handed_over = customers.index[customers["manager_id"] == "V06"][:60]
    was_before = orders["customer"].isin(handed_over) & (orders["ordered_on"] < HANDOVER_ON)
    return np.where(orders["is_web"], "V08", np.where(was_before, "V05", today))


def _numbers(orders: pd.DataFrame) -> np.ndarray:
    running = orders.groupby("is_web").cumcount() + 1
    return np.where(orders["is_web"], "W" + (100_000 + running).astype(str), "AS-" + running.astype(str).str.zfill(6))


def _records(rng, customers: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """CRM records (one or two a customer), web accounts, and CRM records that never bought (customer −1).

    `twin` says what a second record shares with the first: email, tax, phone or name; empty for a first record.
    """
    customers = customers.assign(customer=customers.index)
    crm = customers[customers["web_share"] < 1].assign(source="crm", twin="")
    web = _web_accounts(customers, orders)
    crm = pd.concat([crm, _second_records(crm, orders), _never_bought(rng, crm)], ignore_index=True)
    crm = crm.sort_values(["created_on", "customer", "twin"], kind="stable").reset_index(drop=True)
    crm["record_id"] = [f"K{number:05d}" for number in range(1, len(crm) + 1)]
    return _shared(pd.concat([crm, web], ignore_index=True).assign(shared=None))


def _second_records(crm: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """A second CRM record of the same customer, in use from the day it was set up again, before 2025-03."""
    bought = orders.groupby("customer")["ordered_on"].agg(["min", "max", "count"])
    busy = crm.join(bought, on="customer")
    lasting = (busy["count"] >= 6) & (busy["min"] < "2024-06-01") & (busy["max"] > "2025-03-01")
    ordinary = ~busy["is_large"] & ~busy["is_quarterly"] & (busy["web_share"] == 0) & (busy["type"] != "export")
    pool = busy[lasting & ordinary]
    people = pool[pool["kind"] == "person"].sample(TWINS["email"], random_state=SEED).assign(twin="email")
    shared = [name for name, count in TWINS.items() if name != "email" for _ in range(count)]
    firms = pool[pool["kind"] == "company"].sample(len(shared), random_state=SEED).assign(twin=shared)
    twins = pd.concat([people, firms], ignore_index=True)
    middle = twins["min"] + (twins["max"].clip(upper=pd.Timestamp("2025-02-15")) - twins["min"]) / 2
    twins = twins.assign(created_on=middle.dt.normalize(), used_from=middle.dt.normalize())
    return _disguised(twins).drop(columns=["min", "max", "count"])


def _disguised(twins: pd.DataFrame) -> pd.DataFrame:
    """The same customer as typed in a second time: another spelling, and only what `twin` says is the same."""
    names = zip(twins["name"], twins["twin"])
    twins["name"] = [name if twin == "name" else _retyped(name, place) for place, (name, twin) in enumerate(names)]
    is_email, is_tax, is_phone = (twins["twin"] == shared for shared in ("email", "tax", "phone"))
    office = "buhalterija@" + twins["email"].str.split("@").str[1]
    twins["email"] = np.select([is_email, is_tax], [twins["email"].str.upper(), office], "")
    twins["phone"] = np.where(is_phone, "8" + twins["phone"].str.replace(" ", "").str[4:], "")
    twins["tax_id"] = twins["tax_id"].where(is_tax, None)
    keeps_address = ~is_email & ~is_phone
    return twins.assign(
        address=twins["address"].where(keeps_address, ""), postcode=twins["postcode"].where(keeps_address, "")
    )


def _retyped(name: str, place: int) -> str:
    if "„" not in name:
        first, last = name.split(" ", 1)
        unmarked = normalize("NFKD", name).encode("ascii", "ignore").decode()
        return (f"{last} {first}", f"{first[0]}. {last}", name.upper(), unmarked, name)[place % 5]
    form, core = name.split(" „")[0], core_of(name)
    return (f"{core}, {form}", f'{form} "{core}"', f"{form} {core}".upper(), f"{core} {form}")[place % 4]


def _web_accounts(customers: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """One account per customer that bought on the web.

    Of those in the CRM too, most share the e-mail, some typed in another case, some only the telephone, seven only name
    and address; their accounts carry no company code.
    """
    named = orders[orders["is_web"] & (orders["customer"] >= 0)]
    used = named.groupby("customer")["ordered_on"].min()
    web = customers.loc[used.index].assign(
        source="web", twin="", created_on=customers["created_on"].where(customers["web_share"] == 1, used)
    )
    both = web.index[web["web_share"] < 1]
    by_phone = both[np.arange(len(both)) % 7 == 3]
    early = both.difference(by_phone)
    often = orders["customer"].value_counts().reindex(early) > 4
    by_name = early[(used[early] < "2025-02-01") & often][:7]
    for twin, chosen in (("email", both), ("phone", by_phone), ("name", by_name)):
        web.loc[chosen, "twin"] = twin
    other_mail = web["name"].map(plain) + "@laiskai.example"
    web["email"] = web["email"].mask(web["twin"].isin(["phone", "name"]), other_mail)
    web["phone"] = web["phone"].mask(web["twin"] == "name", "")
    web["tax_id"] = web["tax_id"].where(web["twin"] == "", None)
    web["record_id"] = web["email"]
    web.loc[both[::3], "email"] = web.loc[both[::3], "email"].str.title()
    return web


def _never_bought(rng, crm: pd.DataFrame) -> pd.DataFrame:
    """Records set up after an enquiry; no order followed."""
    places = range(NEVER_BOUGHT)
    words = firm_words(rng, "idle")[:NEVER_BOUGHT]
    days = np.sort(rng.integers(0, 900, NEVER_BOUGHT))
    blank = {
        "customer": -1,
        "parent_group": None,
        "is_large": False,
        "is_quarterly": False,
        "address": "",
        "postcode": "",
    }
    return crm.sample(NEVER_BOUGHT, random_state=SEED).assign(
        **blank,
        type="idle",
        kind="company",
        name=[f"UAB „{word}“" for word in words],
        email=[f"info@{plain(word)}.example" for word in words],
        tax_id=[str(989_000_000 + 7 * place) for place in places],
        phone=[f"+370 600 09{place:03d}" for place in places],
        created_on=pd.Timestamp("2024-01-08") + pd.to_timedelta(days, unit="D"),
        sector=rng.choice(["office", "café", "clinic"], NEVER_BOUGHT),
        manager_id=rng.choice(["V02", "V05", "V06"], NEVER_BOUGHT),
    )


def _shared(records: pd.DataFrame) -> pd.DataFrame:
    """Two pairs of firms share their bookkeeper's e-mail; two pairs of people share name and town, and nothing else."""
    is_alone = records.groupby("customer")["customer"].transform("size") == 1
    alone = records[is_alone & (records["source"] == "crm") & (records["country"] == "LT") & ~records["is_quarterly"]]
    firms, people = alone.index[alone["type"] == "firm"], alone.index[alone["type"] == "person"]
    for number, pair in enumerate((firms[3:5], firms[7:9]), start=1):
        records.loc[pair, "email"] = f"apskaita@skaiciai{number}.example"
        records.loc[pair, "shared"] = f"mailbox {number}"
    for number, (name, pair) in enumerate(
        (("Ona Petrauskienė", people[2:4]), ("Jonas Vasiliauskas", people[6:8])), start=1
    ):
        records.loc[pair, ["name", "city", "region"]] = [name, "Vilnius", "East"]
        records.loc[pair, "email"] = [f"{plain(name)}{suffix}@pastas.example" for suffix in ("", "77")]
        records.loc[pair, "shared"] = f"namesake {number}"
    return records


def _record_of_order(orders: pd.DataFrame, records: pd.DataFrame) -> pd.Series:
    """The customer number the order carries: the web account, or the CRM record in use on that day."""
    known = records[records["customer"] >= 0].set_index("customer")
    crm, web = known[known["source"] == "crm"], known[known["source"] == "web"]
    first, second = crm[crm["twin"] == ""], crm[crm["twin"] != ""]
    number = orders["customer"].map(first["record_id"])
    is_second = orders["ordered_on"] >= orders["customer"].map(second["used_from"])
    number = number.mask(is_second, orders["customer"].map(second["record_id"]))
    return number.mask(orders["is_web"], orders["customer"].map(web["record_id"]))
