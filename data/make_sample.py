"""Writes data/sample: the files of a fictional wholesaler as a client would send them, and the facts planted in them.

    python data/make_sample.py            # writes raw/ and the truths of data/sample again
    python data/make_sample.py FOLDER     # the same into another folder, with engagement.yml and notes.md

The same seed gives the same files, byte for byte. Tables are told in the kit's own words and written backwards through
engagement.yml: its columns, codes and sources say what the client calls them. Every planted fact is checked before it
is written. Words come from sample_words.yml, the prose of the facts from sample_facts.yml.
"""

import shutil
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import sample_firm as world
import sample_service
import xlsxwriter
import yaml
from sample_firm import AS_OF, SEED, START, WINDOW, WORDS, Firm

HERE = Path(__file__).parent
SAMPLE = HERE / "sample"
SPEND_MONTHS = pd.date_range(START, AS_OF, freq="MS")[-18:]
LEDGER_GAP_ON, LEDGER_GAP_OF = pd.Timestamp("2025-11-01"), "V05"
POTENTIAL_WALLET = 480_000.0


@dataclass
class Story:
    """What is told about the firm: one row per customer with the part it plays, and the tables by source."""

    people: pd.DataFrame
    tables: dict[str, pd.DataFrame]

    def played(self, *parts: str) -> pd.Index:
        """The customers who play one of these parts."""
        return self.people.index[self.people["part"].isin(parts)]


def main(folder: Path = SAMPLE) -> None:
    """Write the whole sample into the folder."""
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    firm = world.build()
    story = tell(firm)
    facts = truths(firm, story)
    write_raw(story, folder)
    write_truths(firm, facts, folder)
    if folder.resolve() != SAMPLE.resolve():
        for name in ("engagement.yml", "notes.md"):
            shutil.copy(SAMPLE / name, folder / name)


def tell(firm: Firm) -> Story:
    """All stories, each on customers that no other story needs otherwise."""
    rng = np.random.default_rng(SEED + 2)
    people = _cast(rng, rhythm(firm))
    tables = {"accounting": _accounting(rng, firm), "web_orders": _web_orders(firm)}
    tables |= _trials(rng, people) | {"winback_log": _winback(rng, firm, people), "deliveries": _deliveries(rng, firm)}
    tables["contacts"] = _contacts(rng, people, tables)
    tables |= {
        "crm": _crm(firm, people),
        "web": _web_register(firm),
        "web_mailings": _mailings(firm, people),
        "leavers_survey": _leavers(rng, people),
        "spend": _spend(rng),
        "finance": _finance(rng, tables),
        "prospects": _prospects(rng, firm, people),
        "referrals": _referrals(rng, people),
        "wallet": _wallet(rng, people),
        "events": _events(rng, people),
        "products": firm.products,
        "managers": _managers(people),
        "corrective_actions": _corrective_actions(),
        **_complaints(rng, firm, tables["accounting"]),
    }
    tables["seller_ledger"] = _seller_ledger(tables)
    key_roles = dict(zip(keys_of_v01(people), KEY_ROLES))
    tables |= sample_service.service(people, tables["deliveries"], key_roles)
    return Story(people, tables)


# What each customer did, as anybody with the files could work out -----------------------------------------------------


def rhythm(firm: Firm) -> pd.DataFrame:
    """One row per customer: purchase days, gap, silence, what is clear of its state (DEF6), money, records."""
    bought = firm.orders[firm.orders["customer"] >= 0].drop_duplicates(["customer", "ordered_on"])
    days = bought.groupby("customer")["ordered_on"]
    people = pd.DataFrame({"first": days.min(), "last": days.max(), "days": days.size()})
    people["second"] = bought[bought.groupby("customer").cumcount() == 1].set_index("customer")["ordered_on"]
    people["gap"] = days.diff().dt.days.groupby(bought["customer"]).median().where(people["days"] >= 3)
    people["silent"] = (AS_OF - people["last"]).dt.days
    money = firm.lines[firm.lines["customer"] >= 0]
    people["net"] = money.groupby("customer")["net"].sum().round(2)
    recent = money[money["booked_on"] > WINDOW].groupby("customer")["net"].sum()
    people["recent"] = recent.reindex(people.index, fill_value=0).round(2)
    people["monthly_cv"] = _monthly_cv(money[money["quantity"] > 0], people["first"])
    silence = people["silent"] / people["gap"]
    people["is_active"] = (people["days"] >= 3) & (silence <= 1.7)
    people["is_lost"] = (people["days"] >= 3) & (silence > 3.5) & (people["silent"] >= 60)
    people["is_once"] = people["days"] == 1
    records = firm.records[firm.records["customer"] >= 0]
    is_first_crm = records["twin"].eq("") & records["source"].eq("crm")
    people["crm"] = records[is_first_crm].set_index("customer")["record_id"]
    people["web"] = records[records["source"] == "web"].set_index("customer")["record_id"]
    people["records"] = records.groupby("customer").size()
    told = ["type", "consent", "manager_id", "is_large", "is_quarterly", "joined_on", "parent_group"]
    return people.join(firm.customers[told])


def _monthly_cv(sales: pd.DataFrame, first: pd.Series) -> pd.Series:
    """Coefficient of variation of monthly sales from the first month to as_of, empty months included."""
    month = sales["booked_on"].dt.to_period("M").rename("month")
    table = sales.groupby(["customer", month])["net"].sum().unstack(fill_value=0.0)
    table = table.reindex(columns=pd.period_range(START, AS_OF, freq="M"), fill_value=0.0)
    born = first.dt.to_period("M").to_numpy()
    known = table.where(table.columns.to_numpy()[None, :] >= born[:, None])
    return known.std(axis=1, ddof=0) / known.mean(axis=1)


def _cast(rng, people: pd.DataFrame) -> pd.DataFrame:
    """Who plays which part: one column `part`, at most one part a customer."""
    people = people.assign(part="")
    in_crm, alone = people["crm"].notna(), people["records"] == 1
    is_ordinary = ~people["is_large"] & ~people["is_quarterly"]

    def give(part: str, candidates: pd.Series, count: int, by: str | None = None) -> None:
        pool = people.index[candidates & people["part"].eq("") & is_ordinary]
        ranked = people.loc[pool].sort_values(by, ascending=False).index if by else rng.permutation(pool)
        assert len(ranked) >= count, f"{part}: {len(ranked)} of {count} candidates"
        people.loc[ranked[:count], "part"] = part

    lately = people["is_once"] & alone & people["first"].between(AS_OF - pd.Timedelta(days=730), "2026-07-31")
    give("forgotten", lately & in_crm, 10)
    give("forgotten", lately & ~in_crm, 5)
    give("wanderer", people["is_once"] & in_crm & alone, 4)
    lost, active = people["is_lost"] & in_crm, people["is_active"] & in_crm
    long_gone = (people["silent"] > 5 * people["gap"]) & (people["silent"] > 120) & (people["days"] >= 6)
    give("crm says active", lost & alone & long_gone, 7, by="net")
    give("crm says lost", active & alone & (people["silent"] < people["gap"]), 4)
    answers = {"lack_of_attention": 12, "late_delivery": 3, "price": 2, "need_gone": 2, "assortment": 1, "": 30}
    for reason, count in answers.items():
        give(f"leaver: {reason}", lost & people["last"].between("2024-12-01", "2026-06-30"), count)
    steady = active & alone & (people["days"] >= 12) & (people["silent"] <= 1.5 * people["gap"])
    steady &= (people["monthly_cv"] <= 0.85) & (people["first"] < WINDOW - pd.Timedelta(days=60))
    give("adherent", steady, 8)
    give("advocate", steady, 4)
    give("pressed", active & people["consent"].eq("yes") & people["type"].eq("shop"), 3)
    give("opted out", active & people["consent"].eq("no"), 2)
    give("potential", active & people["recent"].between(400, 1500) & people["type"].eq("firm"), 1)
    return people


# Sales ----------------------------------------------------------------------------------------------------------------


def _goods(firm: Firm, is_web: bool) -> pd.DataFrame:
    """Order lines of the web shop, or of everything else, in the kit's words."""
    lines = firm.lines[firm.orders["is_web"].to_numpy()[firm.lines["order"]] == is_web]
    goods = firm.products.loc[lines["product"], ["product_id", "category"]].set_index(lines.index)
    kept = ["order_id", "record_id", "department_id", "manager_id"]
    order = firm.orders.loc[lines["order"], kept].set_index(lines.index)
    lines = lines.rename(columns={"booked_on": "ordered_on", "net": "net_amount", "discount": "discount_share"})
    lines["quantity"] = lines["quantity"].astype(int)
    return pd.concat([lines, goods, order], axis=1)


def _accounting(rng, firm: Firm) -> pd.DataFrame:
    """Invoices, credit notes, postage, cancelled invoices, and the web shop's monthly total in one line.

    `part` says which; the file does not carry it.
    """
    field = _goods(firm, is_web=False)
    sales = field[field["quantity"] > 0].assign(part="sale", status="Išrašyta")
    credits = field[field["quantity"] < 0].sort_values(["ordered_on", "order"])
    note = credits.groupby(["ordered_on", "order"], sort=False).ngroup() + 1
    credits = credits.assign(part="credit", status="Kreditinė", order_id="KR-" + note.astype(str).str.zfill(5))
    heads = sales.drop_duplicates("order")
    one = {"quantity": 1, "discount_share": 0.0, "status": "Išrašyta"}
    postage = heads[rng.random(len(heads)) < 0.07].assign(
        **one, part="postage", product_id="PRIST", category="Pristatymas", net_amount=4.90, cost=4.10
    )
    cancelled = pd.Series(
        [f"AS-9{number:05d}" for number in range(150)], index=np.sort(rng.permutation(heads["order"])[:150])
    )
    void = sales[sales["order"].isin(cancelled.index)].assign(part="cancelled", status="Anuliuota")
    void["order_id"] = void["order"].map(cancelled)
    rows = pd.concat([sales, credits, postage, void, _web_totals(firm).assign(**one)], ignore_index=True)
    rows = rows.sort_values(["ordered_on", "order_id", "product_id"], kind="stable").reset_index(drop=True)
    documents = rows["order_id"].unique()
    chances = {"0": 0.44, "1": 0.25, "2": 0.11, "3": 0.06, "5": 0.05, "7": 0.03, "9": 0.03, "14": 0.02, "28": 0.01}
    lag = pd.Series(world.drawn(rng, chances, len(documents)).astype(int), index=documents)
    recorded = rows["ordered_on"] + pd.to_timedelta(rows["order_id"].map(lag), unit="D")
    percent = (rows["discount_share"] * 100).round().astype(int).astype(str) + "%"
    return rows.assign(recorded_on=recorded.clip(upper=AS_OF), discount_share=percent)


def _web_totals(firm: Firm) -> pd.DataFrame:
    web = _goods(firm, is_web=True)
    booked = web.groupby(web["ordered_on"].dt.to_period("M"))[["net_amount", "cost"]].sum().round(2)
    lump = {"record_id": "EPARD", "product_id": "EPARD", "category": "El. parduotuvė", "part": "web total"}
    return booked.assign(
        **lump,
        ordered_on=booked.index.to_timestamp(how="end").normalize(),
        order_id=[f"EP-{number:03d}" for number in range(1, len(booked) + 1)],
        department_id="MAZ",
        manager_id="V08",
    )


def _web_orders(firm: Firm) -> pd.DataFrame:
    """Lines of the web shop; refunds are negative lines of their own."""
    rows = _goods(firm, is_web=True)
    rows["order_id"] += np.where(rows["quantity"] < 0, "-R", "")
    return rows.sort_values(["ordered_on", "order_id", "product_id"], kind="stable").reset_index(drop=True)


def _deliveries(rng, firm: Firm) -> pd.DataFrame:
    """Every delivery outside the web shop, promised two working days after the order; `is_late` is not in the file."""
    field = firm.orders[~firm.orders["is_web"]].reset_index(drop=True)
    promised = field["ordered_on"] + pd.offsets.BusinessDay(2)
    early = -(rng.random(len(field)) < 0.2).astype(int)
    delay = np.where(field["is_late"], rng.integers(1, 8, len(field)), early)
    forced = field["is_late"] & (rng.random(len(field)) < 0.06)
    delivered = promised + pd.to_timedelta(delay, unit="D")
    rows = field[["order_id", "is_late"]].assign(promised_on=promised, delivered_on=delivered, is_force_majeure=forced)
    return rows[delivered <= AS_OF]


def _complaints(rng, firm: Firm, accounting: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """One row per credit note, cancelled invoice and complaint; those of web orders in a table of their own."""
    credits = firm.lines[firm.lines["quantity"] < 0]
    back = credits.assign(amount=-credits["net"]).groupby(["order", "booked_on"], as_index=False)["amount"].sum()
    back = back.rename(columns={"booked_on": "happened_on"}).assign(
        kind="return", reason=rng.choice(WORDS["returns"], len(back))
    )
    angry = firm.orders[firm.orders["is_complaint"]]
    reason = np.where(angry["is_late"], "vėluojantis pristatymas", rng.choice(WORDS["complaints"], len(angry)))
    raised = angry["ordered_on"] + pd.to_timedelta(rng.integers(1, 10, len(angry)), unit="D")
    loud = pd.DataFrame({"order": angry.index, "happened_on": raised, "kind": "complaint", "reason": reason})
    rows = pd.concat([back, loud[loud["happened_on"] <= AS_OF]], ignore_index=True)
    rows = rows.join(firm.orders[["order_id", "record_id", "department_id", "is_web"]], on="order")
    closed = rows["happened_on"] + pd.to_timedelta(rng.integers(1, 24, len(rows)), unit="D")
    rows["closed_on"] = closed.where(closed <= AS_OF)
    void = accounting[accounting["part"] == "cancelled"].groupby("order_id", as_index=False)
    void = void.agg({"ordered_on": "first", "record_id": "first", "department_id": "first", "net_amount": "sum"})
    void = void.rename(columns={"ordered_on": "happened_on", "net_amount": "amount"})
    void = void.assign(kind="cancel", reason="klaida sąskaitoje", closed_on=void["happened_on"], is_web=False)
    rows = pd.concat([rows, void], ignore_index=True).sort_values(["happened_on", "order_id"], kind="stable")
    is_web = rows["is_web"].astype(bool)
    return {"returns_complaints": rows[~is_web], "web_returns": rows[is_web]}


# Registers ------------------------------------------------------------------------------------------------------------


def _crm(firm: Firm, people: pd.DataFrame) -> pd.DataFrame:
    """The CRM: its status is right where behaviour is clear, empty where it is not, wrong for eleven customers."""
    crm = firm.records[firm.records["source"] == "crm"].sort_values("record_id")
    is_fresh = (people["days"] < 3) & (people["silent"] <= 45)
    says_active = people["is_active"] | is_fresh | people["is_quarterly"] | people["part"].eq("crm says active")
    says_lost = people["is_lost"] | people["part"].eq("crm says lost")
    says_active &= people["part"] != "crm says lost"
    says_lost &= people["part"] != "crm says active"
    status = pd.Series(np.select([says_active, says_lost], ["active", "lost"], ""), index=people.index)
    shown = crm["customer"].map(status).where(crm["twin"] == "", "").where(crm["customer"] >= 0, "prospect")
    return crm.assign(
        crm_status=shown,
        phone=_spellings(crm["phone"]),
        consent_marketing=crm["consent"].map({"yes": True, "no": False}),
        acquired_channel=crm["channel"],
    )


def _spellings(phones: pd.Series) -> list[str]:
    """Numbers as several people typed them over the years."""
    styles = (
        lambda phone: phone,
        lambda phone: phone.replace(" ", ""),
        lambda phone: "8 " + phone[5:],
        lambda phone: "00370" + phone[4:].replace(" ", ""),
    )
    return [styles[place % 4](phone) if phone.startswith("+370") else phone for place, phone in enumerate(phones)]


def _web_register(firm: Firm) -> pd.DataFrame:
    web = firm.records[firm.records["source"] == "web"].sort_values(["created_on", "record_id"])
    return web.assign(consent_marketing=web["consent"] == "yes", acquired_channel=web["channel"])


def _managers(people: pd.DataFrame) -> pd.DataFrame:
    """The managers, and the customers each would by no means want to lose; nobody is steward of the central file."""
    best = people[people["crm"].notna()].sort_values("recent", ascending=False).groupby("manager_id")["crm"]
    must_keep = {manager: ";".join(numbers.iloc[[0, 1, 4, 7]]) for manager, numbers in best}
    rows = [(number, *entry, 150 if entry[1] == "head" else 120) for number, entry in WORDS["managers"].items()]
    frame = pd.DataFrame(rows, columns=["manager_id", "name", "role", "department_id", "hours_month"])
    return frame.assign(must_keep=frame["manager_id"].map(must_keep))


def _corrective_actions() -> pd.DataFrame:
    """An answer to every reason that a tenth of the leavers name, but none to late deliveries."""
    return pd.DataFrame(WORDS["actions"], columns=["reason_code", "action", "kind", "owner", "due_on", "status"])


# Contacts -------------------------------------------------------------------------------------------------------------

ROLES = ("buyer", "owner", "CEO", "accountant", "staff")
KEY_ROLES = (ROLES, ("buyer", "owner", "accountant"), ("buyer",), ("buyer", "staff"))  # of the four keys of V01
YEARLY_CONTACTS = {"shop": 2.2, "cafe": 2.0, "export": 3.0, "firm": 1.5, "person": 0.7}


def keys_of_v01(people: pd.DataFrame) -> list[int]:
    """The four large customers of manager V01."""
    return list(people.index[people["is_large"] & people["manager_id"].eq("V01")])


def _contacts(rng, people: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The contact log of the CRM: what is usual, less what was neglected, and what the stories need."""
    roles = dict(zip(keys_of_v01(people), KEY_ROLES))
    known = people[people["crm"].notna() & people["part"].ne("forgotten")]
    usual = [row for one in known.itertuples() for row in _usual(rng, one, roles.get(one.Index, ROLES))]
    log = pd.DataFrame(usual)
    neglected = people[people["part"] == "leaver: lack_of_attention"]
    since = log["customer"].map(neglected["last"] - pd.Timedelta(days=240))
    log = log[~(log["direction"].eq("out") & (log["contacted_on"] > since))]
    told = pd.DataFrame([*_visits_of_head(people), *_pressure(people), *_wandering(rng, people), *_reported(tables)])
    log = pd.concat([log, told], ignore_index=True)
    log["by_role"] = log["by_role"].fillna("manager")
    log = log.assign(record_id=log["customer"].map(people["crm"]), manager_id=log["customer"].map(people["manager_id"]))
    return log.drop_duplicates().sort_values(["contacted_on", "record_id"], kind="stable").reset_index(drop=True)


def _contact(customer: int, on, channel: str, direction: str, purpose: str, **more) -> dict:
    told = {"channel": channel, "direction": direction, "purpose": purpose}
    return {"customer": customer, "contacted_on": pd.Timestamp(on), **told, **more}


def _usual(rng, one, roles: tuple[str, ...]) -> list[dict]:
    """Contacts of one customer: one after the only purchase, else some a year until a month after the last."""
    if one.is_once:
        on = one.last + pd.Timedelta(days=min(int(rng.integers(2, 22)), (AS_OF - one.last).days))
        return [
            _contact(one.Index, on, "phone", "out", "service", answered=bool(rng.random() < 0.6), client_role="buyer")
        ]
    length = (min(one.last + pd.Timedelta(days=30), AS_OF) - one.first).days
    yearly = 18.0 if one.is_large else YEARLY_CONTACTS[one.type]
    rows = []
    for day in np.sort(rng.integers(0, length + 1, rng.poisson(yearly * length / 365))):
        on, role = one.first + pd.Timedelta(days=int(day)), str(rng.choice(roles))
        purpose = str(rng.choice(["sale", "service", "marketing"]))
        direction = "out" if rng.random() < 0.78 else "in"
        if purpose == "marketing" and direction == "out" and one.consent == "yes":
            content = "offer" if rng.random() < 0.7 else "useful"
            rows.append(_contact(one.Index, on, "e-mail", "out", purpose, content_type=content, client_role=role))
            continue
        channel = str(rng.choice(["phone", "e-mail", "visit", "event"], p=[0.55, 0.27, 0.14, 0.04]))
        answered = {"answered": bool(rng.random() < 0.45)} if direction == "out" else {}
        purpose = "sale" if purpose == "marketing" else purpose
        rows.append(_contact(one.Index, on, channel, direction, purpose, client_role=role, **answered))
    return rows


def _visits_of_head(people: pd.DataFrame) -> list[dict]:
    """The head visited one key within 180 days, another long ago, and one firm of the holding."""
    first, second, *_ = keys_of_v01(people)
    holding = people.index[people["parent_group"] == world.HOLDING][0]
    visits = ((first, "2026-06-10"), (second, "2025-11-20"), (holding, "2026-07-15"))
    return [_contact(one, on, "visit", "out", "service", client_role="owner", by_role="head") for one, on in visits]


def _pressure(people: pd.DataFrame) -> list[dict]:
    """Three customers get five mailings within 30 days; two get one although they said no."""
    mails = [
        (one, on)
        for one in people.index[people["part"] == "pressed"]
        for on in pd.date_range("2026-05-04", periods=5, freq="6D")
    ]
    mails += [(one, "2026-03-11") for one in people.index[people["part"] == "opted out"]]
    return [_contact(one, on, "e-mail", "out", "marketing", content_type="offer") for one, on in mails]


def _wandering(rng, people: pd.DataFrame) -> list[dict]:
    """Four one-time buyers asked three or four times."""
    rows = []
    for number, one in enumerate(people.index[people["part"] == "wanderer"]):
        start = min(people.at[one, "last"], AS_OF - pd.Timedelta(days=40))
        days = 7 * np.arange(3 + number % 2) + rng.integers(1, 6, 3 + number % 2)
        rows += [
            _contact(one, start + pd.Timedelta(days=int(day)), "phone", "in", "sale", client_role="buyer")
            for day in days
        ]
    return rows


def _reported(tables: dict[str, pd.DataFrame]) -> list[dict]:
    """Calls that the win-back log and the trials speak of."""
    winback, trial = tables["winback_log"].dropna(subset="contacted_on"), tables["experiments_crm"]
    treated = trial[trial["arm"] == "treated"]
    answered = {"answered": True, "client_role": "owner"}
    calls = [
        _contact(one.customer, one.contacted_on, "phone", "out", "winback", **answered) for one in winback.itertuples()
    ]
    return calls + [
        _contact(one.customer, one.started_on, "phone", "out", "service", **answered) for one in treated.itertuples()
    ]


def _mailings(firm: Firm, people: pd.DataFrame) -> pd.DataFrame:
    """E-mails of the web shop: a quarterly newsletter to those who agreed, a note of thanks to one-time buyers."""
    accounts = people[people["web"].notna() & people["part"].ne("forgotten")]
    since = firm.records[firm.records["source"] == "web"].set_index("customer")["created_on"].reindex(accounts.index)
    waves = []
    for number, day in enumerate(pd.date_range("2025-02-11", AS_OF, freq="91D")):
        wave = accounts.loc[accounts["consent"].eq("yes") & (since < day), ["web"]]
        content = "useful" if number % 3 == 2 else "offer"
        opened = (np.arange(len(wave)) + number) % 3 == 0
        waves.append(wave.assign(contacted_on=day, purpose="marketing", content_type=content, answered=opened))
    once = accounts[accounts["is_once"] & accounts["crm"].isna()]
    thanked = (once["last"] + pd.Timedelta(days=3)).clip(upper=AS_OF)
    thanks = once[["web"]].assign(contacted_on=thanked, purpose="service", content_type="useful", answered=True)
    log = pd.concat([*waves, thanks], ignore_index=True).rename(columns={"web": "record_id"})
    return log.sort_values(["contacted_on", "record_id"], kind="stable")


# Leaving and coming back ----------------------------------------------------------------------------------------------


def _leavers(rng, people: pd.DataFrame) -> pd.DataFrame:
    """Fifty lost customers were sent the three questions; twenty answered, twelve of them name a lack of attention."""
    columns = ["attribution", "three_way", "competitor_means", "q1_product", "q2_staff", "q3_sale"]
    rows = []
    for one in people[people["part"].str.startswith("leaver: ")].itertuples():
        reason = one.part.removeprefix("leaver: ")
        wait = min(int(rng.integers(60, 110)), (AS_OF - one.last).days - 5)
        row = {"record_id": one.crm, "asked_on": one.last + pd.Timedelta(days=wait), "is_answered": bool(reason)}
        if reason:
            row |= {"reason_code": reason, **dict(zip(columns, WORDS["reasons"][reason]))}
            is_ours = reason == "lack_of_attention" and rng.random() < 0.3
            row["initiator"] = "our_manager" if is_ours else "customer"
            hope = str(rng.choice(["would_return", "maybe", "lost"], p=[0.4, 0.35, 0.25]))
            row["what_if"] = "lost" if reason == "need_gone" else hope
        rows.append(row)
    return pd.DataFrame(rows).sort_values(["asked_on", "record_id"])


def _winback(rng, firm: Firm, people: pd.DataFrame) -> pd.DataFrame:
    """Twenty lost customers were called, six of whom bought within 90 days; fifteen more wait to be called."""
    bought = firm.orders[firm.orders["customer"] >= 0].drop_duplicates(["customer", "ordered_on"])
    quiet = (bought["ordered_on"] - bought.groupby("customer")["ordered_on"].shift()).dt.days
    is_free = people["crm"].notna() & people["part"].eq("") & ~people["is_large"]
    came_back = bought["customer"].map(is_free) & (quiet > 4 * bought["customer"].map(people["gap"])) & (quiet > 110)
    returned = bought[came_back & (bought["ordered_on"] > "2025-06-01")].drop_duplicates("customer").iloc[:6]
    called = returned["ordered_on"] - pd.to_timedelta(rng.integers(12, 60, 6), unit="D")
    back = returned[["customer"]].assign(status="returned", contacted_on=called, returned_on=returned["ordered_on"])
    lost = people.index[people["is_lost"] & is_free & people["last"].between("2025-01-01", "2026-03-31")].difference(
        returned["customer"]
    )
    outcome = {"contacted": 8, "refused_temporary": 2, "refused_permanent": 2, "unreachable": 2, "to_contact": 15}
    gone = pd.DataFrame({"status": [status for status, count in outcome.items() for _ in range(count)]})
    gone["customer"] = rng.permutation(lost)[: len(gone)]
    calls = gone["customer"].map(people["last"]) + pd.to_timedelta(rng.integers(80, 160, len(gone)), unit="D")
    gone["contacted_on"] = calls.where(gone["status"] != "to_contact")
    log = pd.concat([back, gone], ignore_index=True)
    due = people["last"] + pd.to_timedelta((3 * people["gap"]).round(), unit="D")
    noticed = log["contacted_on"] - pd.Timedelta(days=4)
    log["detected_on"] = noticed.fillna(log["customer"].map(due))
    log["record_id"] = log["customer"].map(people["crm"])
    return log.sort_values(["detected_on", "record_id"])


def _trials(rng, people: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """A follow-up after the first order: 30 of 100 ordered again within 90 days, of 100 left alone 15. A second trial,
    6 of 20 against 3 of 20. Whoever is said to have ordered again after the first order did."""
    started = people["first"] + pd.Timedelta(days=14)
    is_ready = people["joined_on"].notna() & (started + pd.Timedelta(days=90) <= AS_OF)
    waited = (people["second"] - started).dt.days
    again = rng.permutation(people.index[is_ready & waited.between(1, 90)])
    is_forgotten = people["part"].eq("forgotten")
    never = people.index[is_ready & ~(waited <= 90)]
    never = [*rng.permutation(never[~is_forgotten[never]]), *never[is_forgotten[never]]]  # the last were left alone
    assert len(again) >= 45, len(again)
    assert len(never) >= 155, len(never)
    second = {
        "experiment_id": "2024-second-order", "play_id": "second-order-nudge",
        "customer": [*again[:45], *never[:155]], "succeeded": np.repeat([True, False], [45, 155]),
        "arm": np.repeat(["treated", "control", "treated", "control"], [30, 15, 70, 85]),
    }  # fmt: skip
    steady = rng.permutation(people.index[people["is_active"] & people["crm"].notna() & ~people["is_large"]])
    cross = {
        "experiment_id": "2026-cross-sell", "play_id": "cross-sell-breadth", "customer": steady[:40],
        "succeeded": np.repeat([True, False, True, False], [6, 14, 3, 17]),
        "arm": np.repeat(["treated", "control"], 20),
    }  # fmt: skip
    rows = pd.concat([pd.DataFrame(second), pd.DataFrame(cross)], ignore_index=True)
    first_trial = rows["play_id"] == "second-order-nudge"
    rows["started_on"] = rows["customer"].map(started).where(first_trial, pd.Timestamp("2026-02-02"))
    rows = rows.assign(crm=rows["customer"].map(people["crm"]), web=rows["customer"].map(people["web"]))
    rows["record_id"] = rows["crm"].fillna(rows["web"])
    rows = rows.sort_values(["experiment_id", "started_on", "record_id"])
    in_crm = rows["crm"].notna()
    return {"experiments_crm": rows[in_crm], "experiments_web": rows[~in_crm]}


def _events(rng, people: pd.DataFrame) -> pd.DataFrame:
    """Warning signs: two at one key customer of V01, one at the holding, a dozen elsewhere."""
    key, holding = keys_of_v01(people)[1], people.index[people["parent_group"] == world.HOLDING][0]
    rows = [(key, "2026-07-06", "head change"), (key, "2026-08-17", "price query"), (holding, "2026-09-01", "tender")]
    others = people.index[people["crm"].notna() & ~people["is_large"] & people["days"].gt(3)]
    kinds = ("price rise", "discount end", "payment change", "new supplier")
    for place, one in enumerate(rng.permutation(others)[:12]):
        rows.append((one, people.at[one, "last"] - pd.Timedelta(days=20 + 3 * place), kinds[place % 4]))
    frame = pd.DataFrame(rows, columns=["customer", "happened_on", "kind"])
    frame["happened_on"] = pd.to_datetime(frame["happened_on"])
    frame["record_id"] = frame["customer"].map(people["crm"])
    return frame.sort_values(["happened_on", "record_id"])


# Beyond the base ------------------------------------------------------------------------------------------------------


def _referrals(rng, people: pd.DataFrame) -> pd.DataFrame:
    """Who recommended us: the four advocates, and fourteen customers whose exclusivity is not known."""
    in_crm = people["crm"].notna() & people["part"].eq("") & ~people["is_large"] & ~people["is_quarterly"]
    others = rng.permutation(people.index[people["is_active"] & in_crm])[:14]
    referrers = [*people.index[people["part"] == "advocate"], *others]
    joined = people.index[in_crm & people["joined_on"].notna() & people["days"].gt(2)].difference(referrers)
    won = rng.permutation(joined)[:15]
    rows = [
        {"record_id": people.at[one, "crm"], "referred_id": people.at[guest, "crm"], "outcome": "bought",
         "referred_on": people.at[guest, "first"] - pd.Timedelta(days=6)}
        for one, guest in zip(referrers, won)
    ]  # fmt: skip
    rows += [
        {"record_id": people.at[one, "crm"], "outcome": "open", "referred_on": pd.Timestamp("2026-08-03")}
        for one in referrers[15:]
    ]
    return pd.DataFrame(rows).sort_values(["referred_on", "record_id"])


def _wallet(rng, people: pd.DataFrame) -> pd.DataFrame:
    """What customers spend a year on such goods: twelve 97 % and more with us, one hardly anything of a fortune."""
    exclusive = people[people["part"].isin(["adherent", "advocate"])]
    in_crm = people["is_active"] & people["crm"].notna() & people["part"].eq("") & (people["recent"] > 500)
    others = people.loc[np.sort(rng.permutation(people.index[in_crm & ~people["is_large"]])[:90])]
    shares = [*rng.uniform(0.97, 0.995, len(exclusive)), *rng.uniform(0.08, 0.8, len(others))]
    known = pd.concat([exclusive, others])
    rows = pd.DataFrame({"record_id": known["crm"], "total_spend": (known["recent"] / shares).round(2)})
    potential = people.loc[people["part"] == "potential", ["crm"]].set_axis(["record_id"], axis=1)
    rows = pd.concat([rows, potential.assign(total_spend=POTENTIAL_WALLET)])
    source = rng.choice(["apklausa", "vadybininko vertinimas"], len(rows))
    return rows.assign(source=source, known_on=pd.Timestamp("2026-08-31")).sort_values("record_id")


def _spend(rng) -> pd.DataFrame:
    """18 months. Acquisition: 8,400 a month on average, twice that in the last six. Retention and recovery: steady."""
    split = {
        "online ads": ("ad", 0.40, 4), "exhibition": ("exhibition", 0.20, 20), "cold call": ("call", 0.20, 60),
        "social": ("ad", 0.15, 10), "referral": ("reward", 0.05, 2),
    }  # fmt: skip
    wobble = 1 + rng.uniform(-0.05, 0.05, 18)
    wobble /= np.repeat([wobble[:12].mean(), wobble[12:].mean()], [12, 6])
    rows = []
    for month, total in zip(SPEND_MONTHS, np.repeat([8_400, 16_800], [12, 6]) * wobble):
        rows += [
            (month, "acquire", name, kind, round(total * part, 2), hours) for name, (kind, part, hours) in split.items()
        ]
        rows += [
            (month, "retain", "personal", "gift", 2_400 if month.month == 12 else 350, 6),
            (month, "retain", "personal", "promo", 950, 10),
            (month, "retain", "personal", "training", 420, 16),
            (month, "retain", "e-mail", "mailing", 280, 12),
            (month, "recover", "phone", "call", 260, 14),
        ]
    return pd.DataFrame(rows, columns=["spent_on", "purpose", "channel", "kind", "amount", "hours"])


def used(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows of accounting and web shop that are left after the declared rules."""
    accounting = tables["accounting"]
    return pd.concat([accounting[accounting["part"].isin(["sale", "credit"])], tables["web_orders"]], ignore_index=True)


def by_month(rows: pd.DataFrame) -> pd.Series:
    """Net sales by month."""
    return rows.groupby(rows["ordered_on"].dt.to_period("M").dt.start_time)["net_amount"].sum()


def _finance(rng, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Fixed cost, cash and revenue by month in the ledger: within 0.15 % of the orders, but 2 % below in one month."""
    orders = by_month(used(tables))
    ledger = orders * (1 + rng.uniform(-0.0015, 0.0015, len(orders)))
    ledger[LEDGER_GAP_ON] = orders[LEDGER_GAP_ON] * 0.98
    fixed = 58_000.0 + 350 * np.arange(len(orders)) + rng.integers(-900, 900, len(orders))
    cash = 240_000.0 + np.cumsum(rng.integers(-9_000, 16_000, len(orders)))
    return pd.DataFrame(
        {"month_on": orders.index, "fixed_cost": fixed, "cash": cash, "ledger_revenue": ledger.round(2).to_numpy()}
    )


def _seller_ledger(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The ledger of the last year by seller; what one month lacks against the orders is sales of one seller."""
    rows = used(tables)
    rows = rows[rows["ordered_on"] > WINDOW]
    month = rows["ordered_on"].dt.to_period("M").dt.start_time.rename("month_on")
    sold = rows.groupby([month, "manager_id"])["net_amount"].sum().reset_index()
    orders = sold.groupby("month_on")["net_amount"].transform("sum")
    ledger = sold["month_on"].map(tables["finance"].set_index("month_on")["ledger_revenue"])
    is_gap = sold["month_on"] == LEDGER_GAP_ON
    share = (sold["net_amount"] * ledger / orders).where(~is_gap, sold["net_amount"])
    missing = (orders - ledger).where(is_gap & (sold["manager_id"] == LEDGER_GAP_OF), 0.0)
    return sold.assign(ledger_revenue=(share - missing).round(2)).drop(columns="net_amount")


def _prospects(rng, firm: Firm, people: pd.DataFrame) -> pd.DataFrame:
    """A catalogue of 60 and an association's list of 40 that share 20 firms, ten referrals of which two were won,
    25 from a telephone book of which three are customers already, fifteen met in the field, ten from a form."""
    words = world.firm_words(rng, "prospect")[:137]
    sectors = ["café", "restaurant", "hotel", "grocery", "delicatessen", "office", "school"]
    regions = {"East": 0.35, "Centre": 0.22, "West": 0.2, "North": 0.15, "South": 0.08}
    firms = pd.DataFrame({"name": [f"UAB „{word}“" for word in words]})
    firms["tax_id"] = [str(988_000_000 + 11 * number) for number in firms.index]
    firms["sector"], firms["size"] = rng.choice(sectors, 137), world.drawn(rng, WORDS["sizes"], 137)
    firms["region"], firms["wallet"] = world.drawn(rng, regions, 137), rng.lognormal(8.6, 0.8, 137).round(-2)
    traits = ["name", "tax_id", "sector", "size", "region"]
    in_crm = people["crm"].notna() & people["type"].eq("cafe") & people["days"].gt(5)
    known = firm.customers.loc[people.index[in_crm][4:7], traits]
    lists = {
        "catalogue": ("Maisto verslo katalogas 2026", firms[:60]),
        "association": ("Viešbučių ir restoranų sąrašas", firms[40:80]),
        "phone_book": ("Telefonų knyga", pd.concat([firms[80:102], known])),
        "referral": ("Klientų rekomendacijos", firms[102:112]),
        "field": ("Vadybininkų pastabos", firms[112:127]),
        "form": ("Svetainės forma", firms[127:]),
    }
    parts = [rows.assign(source_type=kind, source=source) for kind, (source, rows) in lists.items()]
    frame = pd.concat(parts, ignore_index=True)
    stages = {"identified": 0.45, "contacted": 0.25, "qualified": 0.15, "offered": 0.08, "refused": 0.07}
    frame["stage"] = world.drawn(rng, stages, len(frame)).astype(object)
    frame["listed_on"] = pd.Timestamp("2026-01-12") + pd.to_timedelta(rng.integers(0, 220, len(frame)), unit="D")
    frame["legal_basis"] = np.where(frame["source_type"] == "form", "sutikimas", "teisėtas interesas")
    referred = frame.index[frame["source_type"] == "referral"]
    won = people.index[people["joined_on"].ge("2026-03-01") & people["crm"].notna() & people["days"].gt(1)]
    won = [one for one in won if firm.customers.at[one, "kind"] == "company"][:2]
    frame.loc[referred, "stage"] = ["won"] * 2 + ["contacted"] * 8
    frame.loc[referred[:2], "converted_record_id"] = people.loc[won, "crm"].to_numpy()
    frame.loc[referred[:2], traits] = firm.customers.loc[won, traits].to_numpy()
    frame["email"] = [f"info@{world.plain(world.core_of(name))}.example" for name in frame["name"]]
    return frame.assign(prospect_id=[f"PR{number:04d}" for number in range(1, len(frame) + 1)])


# Files as the client sends them ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dialect:
    """How one of the client's systems writes: separators, encoding, days; columns not asked for; title rows."""

    delimiter: str = ";"
    encoding: str = "utf-8-sig"
    day: str = "%Y-%m-%d"
    decimal: str = ","
    extra: tuple[tuple[str, str], ...] = ()
    titles: tuple[str, ...] = ()
    sheet: str = ""


ENGLISH = Dialect(",", "utf-8", decimal=".")
OLD = Dialect(encoding="cp1257", day="%d.%m.%Y")
DIALECTS = {
    "crm": Dialect(
        sheet="Klientai",
        titles=(
            "UAB „Septynios pelėdos“",
            "Klientų sąrašas: CRM eksportas",
            "Sudaryta 2026-09-30 18:05, visi padaliniai",
        ),
    ),
    "leavers_survey": Dialect(sheet="Apklausa", titles=("Išėjusių klientų apklausa",)),
    "spend": Dialect(sheet="Išlaidos"),
    "accounting": Dialect(encoding="cp1257", day="%d.%m.%Y", extra=(("Savikaina", "cost"), ("Būsena", "status"))),
    "web_orders": Dialect(",", "utf-8", decimal=".", extra=(("unit_price", "list_price"), ("cost_total", "cost"))),
    "products": OLD,
    "finance": OLD,
    **dict.fromkeys(["web", "web_mailings", "web_returns", "experiments_crm", "experiments_web", "watchlist"], ENGLISH),
}


def write_raw(story: Story, folder: Path) -> None:
    """Every file that engagement.yml names, with the columns and codes it declares, in the dialect of its system."""
    sources = yaml.safe_load((SAMPLE / "engagement.yml").read_text("utf-8"))["sources"]
    assert sources.keys() == story.tables.keys(), sources.keys() ^ story.tables.keys()
    for name, source in sources.items():
        dialect = DIALECTS.get(name, Dialect())
        frame = as_sent(story.tables[name], source, dialect)
        if source["file"].endswith(".xlsx"):
            write_workbook(frame, folder / source["file"], dialect)
        else:
            text = frame.apply(written, dialect=dialect)
            write_text(text, folder / source["file"], dialect.delimiter, dialect.encoding)


def as_sent(table: pd.DataFrame, source: dict, dialect: Dialect) -> pd.DataFrame:
    """The table under the client's column names and in the client's codes: engagement.yml read backwards."""
    columns = {}
    for ours, theirs in source["columns"].items():
        codes = {meant: code for code, meant in source.get("values", {}).get(ours, {}).items()}
        columns[theirs] = table[ours].astype(object).replace(codes) if codes else table[ours]
    return pd.DataFrame(columns | {theirs: table[name] for theirs, name in dialect.extra})


def written(column: pd.Series, dialect: Dialect) -> pd.Series:
    """A column as text: 1234.5 as `1 234,50` or `1234.50`, days in the dialect's way, nothing for nothing."""
    if column.dtype.kind == "M":
        return column.dt.strftime(dialect.day).fillna("")
    if column.dtype.kind == "f":
        style = "{:.2f}" if dialect.decimal == "." else "{:,.2f}"
        text = column.map(style.format)
        text = text if dialect.decimal == "." else text.str.replace(",", " ").str.replace(".", ",")
        return text.where(column.notna(), "")
    answers = {True: "yes", False: "no"}
    return column.map(answers if column.dtype.kind == "b" else str).where(column.notna(), "")


def write_text(frame: pd.DataFrame, path: Path, delimiter: str = ",", encoding: str = "utf-8") -> None:
    path.write_bytes(frame.to_csv(index=False, sep=delimiter, lineterminator="\n").encode(encoding))


def write_workbook(frame: pd.DataFrame, path: Path, dialect: Dialect) -> None:
    """Title rows, header, rows with Excel days and numbers; the CRM's also has a total row and a hidden sheet.

    The workbook's own dates are fixed, so that the same cells give the same file.
    """
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime(2026, 9, 30, 18, 5)})
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet = book.add_worksheet(dialect.sheet)
        for place, title in enumerate(dialect.titles):
            sheet.write_string(place, 0, title, bold)
        top = len(dialect.titles)
        sheet.write_row(top, 0, frame.columns, bold)
        for place, row in enumerate(frame.itertuples(index=False), start=top + 1):
            for column, cell in enumerate(row):
                _write_cell(sheet, place, column, cell, day)
        if dialect.sheet == "Klientai":
            sheet.write_row(top + 1 + len(frame), 0, ["Iš viso", len(frame)], bold)
            hidden = book.add_worksheet("Nustatymai")
            hidden.write_row(0, 0, ["Kodas", "Reikšmė"])
            hidden.write_row(1, 0, ["versija", "7.2"])
            hidden.hide()


def _write_cell(sheet, row: int, column: int, cell, day) -> None:
    if pd.isna(cell) or cell == "":
        return
    if isinstance(cell, pd.Timestamp):
        sheet.write_datetime(row, column, cell.to_pydatetime(), day)
    elif isinstance(cell, str) and not (len(cell) == 9 and cell.isdigit() and row % 3 == 0):
        sheet.write_string(row, column, cell)
    else:  # a number; or, in every third row, a company code or bare telephone that Excel took for one
        sheet.write_number(row, column, float(cell))


# The truths -----------------------------------------------------------------------------------------------------------


def truths(firm: Firm, story: Story) -> list[dict]:
    """Every planted fact: the words of sample_facts.yml with the figures of the finished firm."""
    words = yaml.safe_load((HERE / "sample_facts.yml").read_text("utf-8"))
    figures = _figures_of_intake(firm, story) | _figures_of_identity(firm) | _figures_of_classes(firm, story)
    figures |= _figures_of_keys(firm, story) | _figures_of_value(firm, story) | _figures_of_retention(firm, story)
    figures |= _figures_of_loss(firm, story) | _figures_of_acquisition(story) | _figures_of_service(story)
    assert figures.keys() <= words.keys(), figures.keys() - words.keys()
    facts = []
    for name, fact in words.items():
        known = {key: _plain(value) for key, value in figures.get(name, {}).items()}
        expected = fact.pop("expected", {}) | known
        members = {key: expected.pop(key) for key in known if key.startswith("members")}
        head = {key: fact.pop(key) for key in ("planted", "requirements", "page")}
        facts.append({"id": name, **head, "expected": expected, **fact, **members})
    return facts


def _plain(value):
    """The value in plain Python types, shares and money rounded to six decimals."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(entry) for entry in value]
    if isinstance(value, float | np.floating):
        return round(float(value), 6)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return int(value) if isinstance(value, np.integer) else value


def _members(people: pd.DataFrame, chosen) -> list[str]:
    """Customers as source:record_id."""
    rows = people.loc[chosen]
    return sorted(("crm:" + rows["crm"]).fillna("web:" + rows["web"].fillna("")))


def _figures_of_intake(firm: Firm, story: Story) -> dict[str, dict]:
    rows, web = story.tables["accounting"], story.tables["web_orders"]
    sums = rows.groupby("part")["net_amount"].agg(["size", "sum"]).round(2)
    parts = {"postage": "dropped", "web total": "dropped", "cancelled": "dropped", "credit": "netted"}
    policies = {
        f"{part}_{what}".replace(" ", "_"): {"rows": int(sums.loc[part, "size"]), "net": sums.loc[part, "sum"]}
        for part, what in parts.items()
    }
    refunds = web[web["quantity"] < 0]
    policies["web_refund_netted"] = {"rows": len(refunds), "net": refunds["net_amount"].sum().round(2)}
    kept = used(story.tables)
    total = kept["net_amount"].sum()
    year = (kept["ordered_on"] + pd.DateOffset(months=3)).dt.year
    months = by_month(kept)
    gaps = 1 - story.tables["finance"].set_index("month_on")["ledger_revenue"] / months
    guests = web.loc[web["record_id"].isna(), "net_amount"].sum()
    dated = kept.dropna(subset="recorded_on")
    assert abs(gaps[LEDGER_GAP_ON] - 0.02) < 1e-4
    assert (gaps.drop(LEDGER_GAP_ON).abs() < 0.002).all()
    return {
        "size": {
            "customers_with_a_purchase": len(story.people), "orders": len(firm.orders),
            "orders_of_customers": (firm.orders["customer"] >= 0).sum(), "net_total": total.round(2),
            "net_by_year": kept.groupby(year)["net_amount"].sum().round(2).to_dict(),
            "records": firm.records["source"].value_counts().to_dict(), "never_bought": world.NEVER_BOUGHT,
        },
        "declared_policies": policies,
        "ledger_gap": {"month": str(LEDGER_GAP_ON.date()), "difference_share": gaps[LEDGER_GAP_ON]},
        "ledger_gap_of_a_seller": {"difference": (gaps * months)[LEDGER_GAP_ON].round(2)},
        "recording_lag": {"within_7_days_share": ((dated["recorded_on"] - dated["ordered_on"]).dt.days <= 7).mean()},
        "unidentified_web_sales": {
            "orders": (firm.orders["customer"] < 0).sum(), "net": guests.round(2),
            "share_of_web_net": guests / web["net_amount"].sum(), "share_of_all_net": guests / total,
        },
        "no_steward": {"stewards": (story.tables["managers"]["role"] == "steward").sum()},
    }  # fmt: skip


def _figures_of_identity(firm: Firm) -> dict[str, dict]:
    records = firm.records.assign(key=firm.records["source"] + ":" + firm.records["record_id"])
    crm, web = records[records["source"] == "crm"], records[records["source"] == "web"]
    first = crm[crm["twin"] == ""].drop_duplicates("customer").set_index("customer")["key"]

    def twice(shared: str) -> dict:
        second = crm[crm["twin"] == shared].set_index("customer")["key"]
        return {"pairs": len(second), "members": sorted([first[customer], key] for customer, key in second.items())}

    def shared(mark: str) -> list[list[str]]:
        return [sorted(rows["key"]) for name, rows in records.groupby("shared") if name.startswith(mark)]

    return {
        "duplicate_persons_by_email": twice("email"),
        "duplicates_by_tax_number": twice("tax"),
        "duplicates_by_phone": twice("phone"),
        "duplicates_by_name_and_address": twice("name"),
        "web_accounts_of_crm_customers": {
            f"by_{twin}": (web["twin"] == twin).sum() for twin in ("email", "phone", "name")
        },
        "namesakes": {"members": shared("namesake")},
        "shared_mailbox": {"members": shared("mailbox")},
    }


def sales_in_window(firm: Firm) -> pd.DataFrame:
    """Lines booked in the active window with customer, group, department and manager as at the sale."""
    recent = firm.lines[(firm.lines["booked_on"] > WINDOW) & (firm.lines["booked_on"] <= AS_OF)]
    order = firm.orders.loc[recent["order"], ["department_id", "manager_id"]].set_index(recent.index)
    return recent.join(order).assign(group=recent["customer"].map(firm.customers["parent_group"]))


def _figures_of_classes(firm: Firm, story: Story) -> dict[str, dict]:
    people = story.people
    held = people.loc[people["net"] > 0, "net"].sort_values(ascending=False)
    pareto = world.top_share(people["net"])
    regular, returned = people.index[people["is_quarterly"]], people.index[people["net"] <= 0]
    launched = firm.products["launched_on"]
    recent = sales_in_window(firm)
    margin = recent["net"] - recent["cost"]
    finance = story.tables["finance"]
    profit = margin.sum() - finance.loc[finance["month_on"] > WINDOW, "fixed_cost"].sum()
    assert abs(pareto - world.PARETO_SHARE) < 0.002
    assert (people.loc[regular, "monthly_cv"] > 1.0).all()
    assert (people.loc[regular, "silent"] < 91).all()
    assert len(returned) == 3
    return {
        "pareto_20_80": {
            "top_20_percent_share": pareto, "customers_with_positive_net": len(held),
            "prefix_customers": (held.cumsum() < 0.8 * held.sum()).sum() + 1,
        },
        "pareto_active_window": {"top_20_percent_share": world.top_share(people["recent"])},
        "quarterly_buyers": {
            "customers": len(regular), "monthly_cv": people.loc[regular, "monthly_cv"].mean(),
            "members": _members(people, regular),
        },
        "net_not_positive": {"customers": len(returned), "members": _members(people, returned)},
        "adherents_and_advocates": {
            "members_adherents": _members(people, story.played("adherent")),
            "members_advocates": _members(people, story.played("advocate")),
        },
        "hidden_potential": {
            "wallet": POTENTIAL_WALLET, "own": people.loc[story.played("potential"), "recent"].item(),
            "members": _members(people, story.played("potential")),
        },
        "wanderers": {"members": _members(people, story.played("wanderer"))},
        "launches": {"in_12_months": (launched > WINDOW).sum(), "in_36_months": (launched > START).sum()},
        "stress": {
            "revenue": recent["net"].sum(), "contribution": margin.sum(), "profit": profit,
            "profit_without_holding": profit - margin[recent["group"] == world.HOLDING].sum(),
        },
    }  # fmt: skip


def _figures_of_keys(firm: Firm, story: Story) -> dict[str, dict]:
    people, recent = story.people, sales_in_window(firm)
    share = recent.groupby("customer")["net"].sum() / recent["net"].sum()
    of_group = recent.groupby("group")["net"].sum() / recent["net"].sum()
    units = recent.groupby("department_id")["net"].sum()
    of_unit = recent.groupby(["department_id", "customer"])["net"].sum() / units
    holding, export = (people.index[people["parent_group"] == name] for name in (world.HOLDING, world.EXPORT_GROUP))
    keys, large = keys_of_v01(people), people.index[people["is_large"]]
    served = recent[recent["customer"] >= 0].groupby(["manager_id", "customer"])["net"].sum()
    keys_of = {manager: int((own > 0.1 * own.sum()).sum()) for manager, own in served.groupby(level=0)}
    in_export, in_catering = of_unit["EXP"], of_unit["HRC"]
    assert units.idxmin() == "EXP"
    assert share[holding].max() < 0.1 < 0.2 < of_group[world.HOLDING] < 0.3
    assert in_export[export].max() < 0.2
    assert 0.5 < in_export[export].sum() < 0.54
    assert in_catering[keys].min() > 0.1 > share[keys].max()
    assert (served["V01"] > 0).sum() == 124
    assert keys_of["V01"] == 4
    assert sorted(keys_of.values())[-2] <= 3
    return {
        "holding_crosses_a_band": {
            "group": world.HOLDING, "largest_single_share": share[holding].max(),
            "group_share": of_group[world.HOLDING], "members": _members(people, holding),
        },
        "group_critical_for_a_department": {
            "group": world.EXPORT_GROUP, "customers_in_department": (in_export > 0).sum(),
            "largest_single_share": in_export[export].max(), "group_share": in_export[export].sum(),
            "members": _members(people, export),
        },
        "key_in_one_department_only": {
            "share_of_firm": share[keys[0]], "share_of_department": in_catering[keys[0]],
            "members": _members(people, keys[:1]),
        },
        "keys_by_volume": {
            "company": (share.drop(-1) > 0.1).sum(),
            "departments": {unit: int((own > 0.1).sum()) for unit, own in of_unit.groupby(level=0)},
            "members": _members(people, large),
        },
        "manager_with_four_keys": {
            "small_accounts": (served["V01"] > 0).sum() - 4, "above_10_percent_of_the_manager": keys_of,
            "members": _members(people, keys),
        },
        "single_threaded_key": {
            "members": _members(people, keys[2:3]), "members_visited": _members(people, keys[:1]),
        },
    }  # fmt: skip


def _figures_of_value(firm: Firm, story: Story) -> dict[str, dict]:
    joined = firm.customers[firm.customers["joined_on"].notna()]["type"].value_counts()
    process = {
        name: {
            "r": kind.r,
            "alpha_days": kind.alpha,
            "k": kind.k,
            "a": kind.a,
            "b": kind.b,
            "customers_joined": joined[name],
        }
        for name, kind in world.TYPES.items()
    }
    ahead = {days: int((firm.future["ordered_on"] <= AS_OF + pd.Timedelta(days=days)).sum()) for days in (180, 365)}
    is_alive = firm.customers["is_alive"]
    return {
        "buying_process": process,
        "alive": {"customers": is_alive.sum(), "share": is_alive.mean()},
        "future_orders": {f"purchase_days_{days}": count for days, count in ahead.items()},
    }


def _figures_of_retention(firm: Firm, story: Story) -> dict[str, dict]:
    people = story.people
    bought = firm.orders[firm.orders["customer"] >= 0]

    def active(on: pd.Timestamp) -> set[int]:
        return set(bought.loc[bought["ordered_on"].between(on - pd.Timedelta(days=364), on), "customer"])

    start, end = active(WINDOW), active(AS_OF)
    joined = set(people.index[people["first"] > WINDOW])
    forgotten = _unheard(people, story.tables)
    assert set(forgotten) == set(story.played("forgotten"))
    crowded, refused = _pressed(people, story.tables["contacts"])
    assert crowded == set(story.played("pressed"))
    assert refused == set(story.played("opted out"))
    sent = story.tables["deliveries"]
    counted = sent[~sent["is_force_majeure"]]
    return {
        "retention_last_year": {
            "active_start": len(start), "active_end": len(end), "joined": len(joined & end), "kept": len(start & end),
            "returned": len(end - start - joined), "formula": (len(end) - len(joined)) / len(start),
            "cohort": len(start & end) / len(start),
        },
        "forgotten_one_timers": {
            "customers": len(forgotten), "one_timers": people["is_once"].sum(),
            "net": people.loc[forgotten, "net"].sum().round(2), "members": _members(people, forgotten),
        },
        "pressure": {
            "members": _members(people, story.played("pressed")),
            "members_refused": _members(people, story.played("opted out")),
        },
        "deliveries_on_time": {
            "deliveries": len(sent), "force_majeure": sent["is_force_majeure"].sum(),
            "on_time_share": 1 - counted["is_late"].mean(),
        },
        "two_warning_signs": {"members": _members(people, keys_of_v01(people)[1:2])},
    }  # fmt: skip


def _unheard(people: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.Index:
    """One-time buyers without an outbound contact since the purchase."""
    log = tables["contacts"]
    since = log["customer"].map(people["first"])
    heard = log.loc[log["direction"].eq("out") & (log["contacted_on"] >= since), "customer"]
    mailed = people["web"].isin(tables["web_mailings"]["record_id"])
    return people.index[people["is_once"] & ~people.index.isin(heard) & ~mailed]


def _pressed(people: pd.DataFrame, log: pd.DataFrame) -> tuple[set[int], set[int]]:
    """Customers with a fifth marketing contact within 30 days, and those contacted after saying no."""
    mails = log[log["direction"].eq("out") & log["purpose"].eq("marketing")].sort_values(["customer", "contacted_on"])
    span = mails["contacted_on"] - mails.groupby("customer")["contacted_on"].shift(4)
    refused = mails["customer"].map(people["consent"]) == "no"
    return set(mails.loc[span.dt.days < 30, "customer"]), set(mails.loc[refused, "customer"])


def _figures_of_loss(firm: Firm, story: Story) -> dict[str, dict]:
    people, survey, log = story.people, story.tables["leavers_survey"], story.tables["winback_log"]
    answered = survey[survey["is_answered"]]
    ours = answered["attribution"].isin(["our_action", "our_omission"]).sum()
    status = story.tables["crm"].set_index("record_id")["crm_status"].reindex(people["crm"]).to_numpy()
    disputed = people.index[people["is_lost"] & (status == "active")]
    assert set(disputed) == set(story.played("crm says active"))
    assert set(people.index[people["is_active"] & (status == "lost")]) == set(story.played("crm says lost"))
    in_time = ((log["returned_on"] - log["contacted_on"]).dt.days <= 90).sum()
    contacted = log["contacted_on"].notna().sum()
    named = answered["reason_code"].value_counts()
    unanswered = sorted(set(named.index[named >= 2]) - set(story.tables["corrective_actions"]["reason_code"]))
    assert (len(survey), len(answered), named["lack_of_attention"]) == (50, 20, 12)
    assert (contacted, in_time, unanswered) == (20, 6, ["late_delivery"])
    field = firm.orders[(firm.orders["customer"] >= 0) & ~firm.orders["is_web"]]
    flags = {"late": field["is_late"], "on_time": ~field["is_late"], "complaint": field["is_complaint"]}
    return {
        "lack_of_attention": {"asked": len(survey), "answered": len(answered), "named": named["lack_of_attention"]},
        "our_own_doing": {"ours": ours, "known": 20, "share": ours / 20},
        "reason_without_action": {"missing": unanswered, "its_share": named["late_delivery"] / 20},
        "crm_says_active": {"customers": len(disputed), "members": _members(people, disputed)},
        "crm_says_lost": {"members": _members(people, story.played("crm says lost"))},
        "winback_log": {"contacted": contacted, "returned": in_time, "to_contact": len(log) - contacted},
        "drivers_of_loss": {
            **{f"hazard_ratio_{name}": ratio for name, ratio in world.HAZARD_RATIO.items()},
            **{f"leaving_{name}": field.loc[flag, "leaves"].mean() for name, flag in flags.items()},
        },
    }  # fmt: skip


def _figures_of_acquisition(story: Story) -> dict[str, dict]:
    people, spend, prospects = story.people, story.tables["spend"], story.tables["prospects"]
    acquire = spend[spend["purpose"] == "acquire"].groupby("spent_on")["amount"].sum()
    first = people.loc[people["joined_on"].notna(), "first"].dt.to_period("M").dt.start_time
    new = first.value_counts().reindex(acquire.index)
    slope, high = _slope(np.log(acquire.to_numpy()), np.log(new.to_numpy(dtype=float)))
    before, after = acquire.iloc[:12].mean(), acquire.iloc[12:].mean()
    assert (new.iloc[:12].sum(), new.iloc[12:].sum()) == (300, 165)
    assert abs(after / before - 2) < 1e-4
    assert high < 1
    lists = {kind: set(rows["tax_id"]) for kind, rows in prospects.groupby("source_type")}
    n1, n2, both = len(lists["catalogue"]), len(lists["association"]), len(lists["catalogue"] & lists["association"])
    last_year = spend[spend["spent_on"] > WINDOW].groupby("purpose")["amount"].sum().round(2)
    return {
        "acquisition_saturates": {
            "spend_before": before, "spend_after": after, "log_slope": slope, "log_slope_high": high,
        },
        "spend_last_year": last_year.to_dict(),
        "two_overlapping_lists": {
            "n1": n1, "n2": n2, "both": both, "chapman": (n1 + 1) * (n2 + 1) / (both + 1) - 1,
        },
        "prospects_already_customers": {"prospects": len(prospects)},
        "funnel": {"stages": prospects["stage"].value_counts().sort_index().to_dict()},
    }  # fmt: skip


def _figures_of_service(story: Story) -> dict[str, dict]:
    """How customers are looked after: counted in the tables as told, and held against what was meant."""
    tables = {name: story.tables[name] for name in ("deliveries", "issues", "projects", "tasks", "contact_persons")}
    sent = tables["deliveries"]
    recent = sent[sent["delivered_on"].between(WINDOW, AS_OF, inclusive="right")]
    unasked = int((recent["changed"] & recent["change_approved"].ne(True)).sum())
    problems, steps, persons = tables["issues"], tables["tasks"], tables["contact_persons"]
    assert len(problems) == 40
    assert (problems["told_on"].notna().sum(), problems["complained_on"].notna().sum()) == (24, 8)
    lying = problems[problems["closed_on"].isna()]
    assert (lying["department_id"].tolist(), lying["opened_on"].max() < AS_OF - pd.Timedelta(days=30)) == (
        ["MAZ"] * 3,
        True,
    )
    assert abs((persons["phone"] != "").mean() - 0.8) < 0.002
    assert tables["projects"]["closed_on"].isna().sum() == 8
    done = int(steps["done_on"].notna().sum())
    return {
        "orders_changed": {"unapproved": unasked, "orders": len(recent), "unapproved_share": unasked / len(recent)},
        "steps_of_tasks": {"steps": len(steps), "done": done, "done_share": done / len(steps)},
        "persons_on_file": {"persons": len(persons)},
    }


def _slope(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Least-squares slope of y on x, and the upper end of its 95 % interval (Student's t of 18 months)."""
    slope, level = np.polyfit(x, y, 1)
    error = np.sqrt(np.sum((y - level - slope * x) ** 2) / (len(x) - 2) / np.sum((x - x.mean()) ** 2))
    return slope, slope + 2.1199 * error


def write_truths(firm: Firm, facts: list[dict], folder: Path) -> None:
    """truths.yml; which customer every record belongs to; what the generator knows of every customer."""
    told = {
        "as_of": str(AS_OF.date()),
        "window": f"{(WINDOW + pd.Timedelta(days=1)).date()} to {AS_OF.date()} (365 days)",
        "basis": "Figures hold after the rules of engagement.yml, with returns netted and records of one customer "
        "merged as in truth_records.csv. They are exact but for `tolerance` (absolute). Members are source:record_id.",
        "facts": facts,
    }
    text = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=120)
    (folder / "truths.yml").write_bytes(
        ("# Facts planted in the sample. Written by data/make_sample.py.\n" + text).encode()
    )
    records = firm.records.sort_values(["source", "record_id"])
    numbers = [
        f"T{owner:04d}" if owner >= 0 else f"N{name}" for owner, name in zip(records["customer"], records["record_id"])
    ]
    write_text(records[["source", "record_id"]].assign(customer=numbers), folder / "truth_records.csv")
    customers = firm.customers
    known = pd.DataFrame({
        "customer": [f"T{number:04d}" for number in customers.index], "type": customers["type"],
        "is_alive": customers["is_alive"].map({True: "yes", False: "no"}), "gap_days": customers["gap"].round(1),
        "leave_prob": customers["leave_prob"].round(4),
    })  # fmt: skip
    for days in (180, 365):
        ahead = firm.future[firm.future["ordered_on"] <= AS_OF + pd.Timedelta(days=days)].groupby("customer").size()
        known[f"purchase_days_{days}"] = ahead.reindex(customers.index, fill_value=0)
    write_text(known, folder / "truth_customers.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
