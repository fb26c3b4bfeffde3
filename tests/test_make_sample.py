"""The sample firm: the generator gives the committed files again, and what truths.yml says stands in the files.

The figures are worked out here a second time, from the raw files as they lie, with plain pandas: neither the kit nor
the generator's own tables are used.
"""

import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from python_calamine import CalamineWorkbook, SheetVisibleEnum

DATA = Path(__file__).resolve().parents[1] / "data"
SAMPLE = DATA / "sample"
RAW = SAMPLE / "raw"
AS_OF, WINDOW = pd.Timestamp("2026-09-30"), pd.Timestamp("2025-09-30")
FACTS = {fact["id"]: fact for fact in yaml.safe_load((SAMPLE / "truths.yml").read_text("utf-8"))["facts"]}


@pytest.fixture(scope="module")
def made_again(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    sys.path.insert(0, str(DATA))
    try:
        import make_sample

        make_sample.main(folder)
    finally:
        sys.path.remove(str(DATA))
    return folder


def text(name: str, **how) -> pd.DataFrame:
    return pd.read_csv(RAW / name, dtype=str, keep_default_na=False, **({"sep": ";", "encoding": "utf-8-sig"} | how))


def workbook(path: Path) -> dict[str, list[list]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def table(rows: list[list], header: int) -> pd.DataFrame:
    return pd.DataFrame(rows[header + 1 :], columns=rows[header])


def euros(column: pd.Series) -> pd.Series:
    return column.str.replace(" ", "").str.replace(",", ".").astype(float)


def owners() -> pd.Series:
    """The true customer of every record, by source:record_id."""
    records = pd.read_csv(SAMPLE / "truth_records.csv", dtype=str)
    return pd.Series(records["customer"].to_numpy(), index=records["source"] + ":" + records["record_id"])


def members(fact: str, key: str = "members") -> set[str]:
    return set(owners().loc[FACTS[fact][key]])


def agrees(fact: str, **found) -> bool:
    """Whether every figure found is the expected one, within the fact's tolerance."""
    expected, tolerance = FACTS[fact]["expected"], FACTS[fact].get("tolerance", {})
    return all(value == pytest.approx(expected[name], abs=tolerance.get(name, 1e-6)) for name, value in found.items())


@pytest.fixture(scope="module")
def invoices() -> pd.DataFrame:
    rows = text("accounting_sales.csv", encoding="cp1257")
    for ours, theirs in {"net": "Suma be PVM", "cost": "Savikaina"}.items():
        rows[ours] = euros(rows[theirs])
    for ours, theirs in {"on": "Data", "recorded": "Įvesta"}.items():
        rows[ours] = pd.to_datetime(rows[theirs], format="%d.%m.%Y")
    return rows


@pytest.fixture(scope="module")
def web() -> pd.DataFrame:
    rows = text("web_orders.csv", sep=",", encoding="utf-8")
    rows["net"], rows["cost"] = rows["net_total"].astype(float), rows["cost_total"].astype(float)
    return rows.assign(on=pd.to_datetime(rows["order_date"]))


@pytest.fixture(scope="module")
def lines(invoices, web) -> pd.DataFrame:
    """Lines left after the declared rules: order, on, net, cost, customer (none for guests), unit, manager, is_sale."""
    kept = invoices[
        invoices["Būsena"].ne("Anuliuota") & invoices["Prekės kodas"].ne("PRIST") & invoices["Kliento Nr."].ne("EPARD")
    ]
    field = kept[["on", "net", "cost"]].assign(
        order=kept["Sąskaitos Nr."], key="crm:" + kept["Kliento Nr."], unit=kept["Padalinys"], manager=kept["Vadyb."]
    )
    shop = web[["on", "net", "cost"]].assign(
        order=web["order_no"], key="web:" + web["customer"], unit="MAZ", manager="V08"
    )
    both = pd.concat([field, shop], ignore_index=True)
    return both.assign(customer=both["key"].map(owners()), is_sale=both["net"] > 0)


@pytest.fixture(scope="module")
def people(lines) -> pd.DataFrame:
    """One row per true customer: first, last, days, gap, silent, net, recent."""
    bought = lines[lines["is_sale"]].drop_duplicates(["customer", "on"]).dropna(subset="customer")
    bought = bought.sort_values(["customer", "on"])
    days = bought.groupby("customer")["on"]
    frame = pd.DataFrame({"first": days.min(), "last": days.max(), "days": days.size()})
    gaps = days.diff().dt.days.groupby(bought["customer"])
    frame["gap"], frame["gap_std"] = gaps.median().where(frame["days"] >= 3), gaps.std(ddof=0)
    frame["silent"] = (AS_OF - frame["last"]).dt.days
    frame["net"] = lines.groupby("customer")["net"].sum().round(2)
    recent = lines[lines["on"] > WINDOW].groupby("customer")["net"].sum()
    return frame.assign(recent=recent.reindex(frame.index, fill_value=0))


@pytest.fixture(scope="module")
def crm() -> pd.DataFrame:
    """The CRM export below its title rows and above its total row, with the true customer."""
    frame = table(workbook(RAW / "crm_export.xlsx")["Klientai"], header=3).iloc[:-1]
    for column in ("Įmonės kodas", "Telefonas"):  # Excel holds some of them as numbers
        frame[column] = frame[column].map(lambda cell: cell if isinstance(cell, str) else str(int(cell)))
    return frame.assign(customer=("crm:" + frame["Kliento Nr."]).map(owners()))


@pytest.fixture(scope="module")
def contacts() -> pd.DataFrame:
    """Outbound and inbound contacts of both logs: customer, on, direction, purpose, role, by."""
    log = text("contacts.csv")
    calls = pd.DataFrame({
        "key": "crm:" + log["Kliento Nr."], "on": log["Data"], "direction": log["Kryptis"], "purpose": log["Tikslas"],
        "role": log["Asmuo"], "by": log["Iš mūsų"], "channel": log["Kanalas"],
    })  # fmt: skip
    mail = text("web_mailings.csv", sep=",", encoding="utf-8")
    mails = pd.DataFrame({"key": "web:" + mail["login"], "on": mail["sent_at"], "direction": "Išeinantis"})
    mails["purpose"] = mail["kind"].map({"newsletter": "Rinkodara", "thank-you": "Aptarnavimas"})
    both = pd.concat([calls, mails], ignore_index=True)
    return both.assign(customer=both["key"].map(owners()), on=pd.to_datetime(both["on"]))


# The files ------------------------------------------------------------------------------------------------------------


def test_the_generator_gives_the_committed_files_again(made_again):
    committed = sorted(path.name for path in RAW.iterdir())
    assert sorted(path.name for path in (made_again / "raw").iterdir()) == committed
    for name in committed:
        if name.endswith(".xlsx"):
            assert workbook(made_again / "raw" / name) == workbook(RAW / name), name
        else:
            again = (made_again / "raw" / name).read_bytes()
            assert again == (RAW / name).read_bytes().replace(b"\r\n", b"\n"), name


@pytest.mark.parametrize(
    "name", ["truths.yml", "truth_records.csv", "truth_customers.csv", "engagement.yml", "notes.md"]
)
def test_truths_and_decisions_come_with_the_files(made_again, name):
    assert (made_again / name).read_text("utf-8") == (SAMPLE / name).read_text("utf-8")


def test_the_sample_stays_small_and_names_nobody_real():
    assert sum(path.stat().st_size for path in SAMPLE.glob("raw/*")) < 8 * 2**20
    for frame, column in (
        (text("web_customers.csv", sep=",", encoding="utf-8"), "email"),
        (text("prospects.csv"), "El. paštas"),
    ):
        assert frame[column].str.lower().str.endswith(".example").all()


def test_every_fact_says_what_it_is_and_who_will_see_it():
    pages = {"1_identify", "2_classify", "3_value", "4_retain", "5_recover", "6_acquire", "7_strategy"}
    for fact in FACTS.values():
        assert fact["planted"]
        assert fact["requirements"]
        assert fact["page"] in pages
        assert fact["expected"]
        assert set(fact.get("tolerance", {})) <= set(fact["expected"])


def test_files_look_as_clients_send_them(crm):
    sheets = CalamineWorkbook.from_path(RAW / "crm_export.xlsx").sheets_metadata
    assert [sheet.visible for sheet in sheets] == [SheetVisibleEnum.Visible, SheetVisibleEnum.Hidden]
    rows = workbook(RAW / "crm_export.xlsx")["Klientai"]
    assert rows[3][0] == "Kliento Nr."
    assert rows[-1][:2] == ["Iš viso", len(crm)]
    with pytest.raises(UnicodeDecodeError):
        (RAW / "accounting_sales.csv").read_text("utf-8")
    header = (RAW / "accounting_sales.csv").read_text("cp1257").splitlines()[0]
    assert "Sąskaitos Nr.;Data;Įvesta" in header
    assert any(
        " " in amount and "," in amount for amount in text("accounting_sales.csv", encoding="cp1257")["Suma be PVM"]
    )


# What came in ---------------------------------------------------------------------------------------------------------


def test_size(lines, people, crm):
    assert agrees("size", customers_with_a_purchase=len(people), net_total=lines["net"].sum())
    sales = lines[lines["is_sale"]]
    assert agrees("size", orders=sales["order"].nunique(), orders_of_customers=sales.dropna()["order"].nunique())
    shop = text("web_customers.csv", sep=",", encoding="utf-8")
    assert FACTS["size"]["expected"]["records"] == {"crm": len(crm), "web": len(shop)}
    assert crm["customer"].str.startswith("N").sum() == FACTS["size"]["expected"]["never_bought"]


def test_declared_policies(invoices, web):
    found = {
        "postage_dropped": invoices[invoices["Prekės kodas"] == "PRIST"],
        "web_total_dropped": invoices[invoices["Kliento Nr."] == "EPARD"],
        "cancelled_dropped": invoices[invoices["Būsena"] == "Anuliuota"],
        "credit_netted": invoices[invoices["net"] < 0],
        "web_refund_netted": web[web["net"] < 0],
    }
    expected = FACTS["declared_policies"]["expected"]
    assert {name: (len(rows), round(rows["net"].sum(), 2)) for name, rows in found.items()} == {
        name: (fact["rows"], fact["net"]) for name, fact in expected.items()
    }
    assert expected["web_total_dropped"]["net"] == pytest.approx(web["net"].sum())  # the shop is not counted twice


def test_ledger_is_two_percent_below_the_orders_in_one_month(lines):
    ledger = text("finance.csv", encoding="cp1257")
    booked = pd.Series(
        euros(ledger["Pajamos pagal DK"]).to_numpy(), index=pd.to_datetime(ledger["Mėnuo"], format="%d.%m.%Y")
    )
    gap = 1 - booked / lines.groupby(lines["on"].dt.to_period("M").dt.start_time)["net"].sum()
    assert list(gap.index[gap.abs() > 0.01].strftime("%Y-%m-%d")) == [FACTS["ledger_gap"]["expected"]["month"]]
    assert agrees("ledger_gap", difference_share=gap.max(), flagged_months=1)


def test_recording_lag_and_unidentified_sales(invoices, web, lines):
    kept = invoices[invoices["Sąskaitos Nr."].isin(lines["order"]) & invoices["Prekės kodas"].ne("PRIST")]
    assert agrees("recording_lag", within_7_days_share=((kept["recorded"] - kept["on"]).dt.days <= 7).mean())
    assert (kept["recorded"] >= kept["on"]).all()
    guests = web.loc[web["customer"] == "", "net"].sum()
    assert agrees(
        "unidentified_web_sales",
        share_of_web_net=guests / web["net"].sum(),
        share_of_all_net=guests / lines["net"].sum(),
    )


# Who is who -----------------------------------------------------------------------------------------------------------


def test_duplicates_stand_in_the_crm_as_said(crm):
    by_number = crm.set_index("Kliento Nr.")
    shared = {
        "duplicate_persons_by_email": by_number["El. paštas"].str.lower(),
        "duplicates_by_tax_number": by_number["Įmonės kodas"],
        "duplicates_by_phone": by_number["Telefonas"]
        .str.replace(" ", "")
        .str.replace(r"^(8|\+370|00370)", "", regex=True),
        "duplicates_by_name_and_address": by_number["Pavadinimas"] + by_number["Adresas"],
    }
    for fact, column in shared.items():
        pairs = FACTS[fact]["members"]
        assert len(pairs) == FACTS[fact]["expected"]["pairs"]
        for first, second in pairs:
            assert column[first[4:]] == column[second[4:]] != "", (fact, first, second)
            assert owners()[first] == owners()[second]
    assert set(
        by_number.loc[[key[4:] for pair in FACTS["duplicate_persons_by_email"]["members"] for key in pair], "Tipas"]
    ) == {"Fizinis asmuo"}


@pytest.mark.parametrize(("fact", "same", "other"), [
    ("namesakes", ["Pavadinimas", "Miestas"], ["El. paštas", "Telefonas"]),
    ("shared_mailbox", ["El. paštas"], ["Įmonės kodas", "Pavadinimas"]),
])  # fmt: skip
def test_look_alikes_are_not_one(crm, fact, same, other):
    by_number = crm.set_index("Kliento Nr.")
    assert len(FACTS[fact]["members"]) == 2
    for pair in FACTS[fact]["members"]:
        first, second = (by_number.loc[key[4:]] for key in pair)
        assert (first[same] == second[same]).all()
        assert (first[other] != second[other]).all()
        assert owners()[pair[0]] != owners()[pair[1]]


def test_no_other_two_people_share_a_name(crm):
    people = crm[crm["Tipas"] == "Fizinis asmuo"]
    alike = people.groupby("Pavadinimas")["customer"].nunique()
    assert set(alike.index[alike > 1]) == {"Ona Petrauskienė", "Jonas Vasiliauskas"}


# Concentration and keys -----------------------------------------------------------------------------------------------


def top_fifth(net: pd.Series) -> float:
    held = np.sort(net[net > 0])[::-1]
    return held[: -(-len(held) // 5)].sum() / held.sum()


def test_pareto(people):
    assert agrees(
        "pareto_20_80",
        top_20_percent_share=top_fifth(people["net"]),
        customers_with_positive_net=(people["net"] > 0).sum(),
    )
    assert abs(top_fifth(people["net"]) - 0.8) <= 0.005
    assert agrees("pareto_active_window", top_20_percent_share=top_fifth(people["recent"]))
    assert set(people.index[people["net"] <= 0]) == members("net_not_positive")


def test_groups_cross_bands_only_together(lines, crm):
    recent = lines[lines["on"] > WINDOW]
    group = crm[crm["Grupė"] != ""].set_index("customer")["Grupė"]
    for fact, rows in (
        ("holding_crosses_a_band", recent),
        ("group_critical_for_a_department", recent[recent["unit"] == "EXP"]),
    ):
        share = rows.groupby("customer")["net"].sum() / rows["net"].sum()
        together = share[share.index.map(group) == FACTS[fact]["expected"]["group"]]
        assert set(together.index) == members(fact)
        assert agrees(fact, largest_single_share=together.max(), group_share=together.sum())
    units = recent.groupby("unit")["net"].sum()
    assert units.idxmin() == "EXP"
    assert FACTS["holding_crosses_a_band"]["expected"]["largest_single_share"] < 0.1
    assert 0.2 < FACTS["holding_crosses_a_band"]["expected"]["group_share"] < 0.3
    assert FACTS["group_critical_for_a_department"]["expected"]["group_share"] > 0.5


def test_key_customers_by_unit_and_manager(lines):
    recent = lines[lines["on"] > WINDOW]
    of_firm = recent.groupby("customer")["net"].sum() / recent["net"].sum()
    of_unit = recent.groupby(["unit", "customer"])["net"].sum() / recent.groupby("unit")["net"].sum()
    (key,) = members("key_in_one_department_only")
    assert agrees("key_in_one_department_only", share_of_firm=of_firm[key], share_of_department=of_unit["HRC", key])
    assert of_firm.max() < 0.1
    assert {unit: int((own > 0.1).sum()) for unit, own in of_unit.groupby(level=0)} == FACTS["keys_by_volume"][
        "expected"
    ]["departments"]
    assert set(of_unit[of_unit > 0.1].index.get_level_values("customer")) == members("keys_by_volume")
    served = recent.dropna().groupby(["manager", "customer"])["net"].sum()
    keys = {manager: int((own > 0.1 * own.sum()).sum()) for manager, own in served.groupby(level=0)}
    assert keys == FACTS["manager_with_four_keys"]["expected"]["above_10_percent_of_the_manager"]
    assert [manager for manager, count in keys.items() if count > 3] == ["V01"]
    own = served["V01"]
    assert set(own.index[own > 0.1 * own.sum()]) == members("manager_with_four_keys")
    assert agrees("manager_with_four_keys", small_accounts=(own > 0).sum() - 4)


def test_care_of_the_keys(contacts):
    roles = contacts[contacts["role"].fillna("") != ""].groupby("customer")["role"].nunique()
    keys = sorted(members("manager_with_four_keys"))
    assert set(roles[keys].index[roles[keys] == 1]) == members("single_threaded_key")
    visits = contacts[contacts["by"].eq("direktorius") & (contacts["on"] > AS_OF - timedelta(days=180))]
    assert set(visits["customer"]) & set(keys) == members("single_threaded_key", "members_visited")


def test_stress(lines):
    recent = lines[lines["on"] > WINDOW]
    margin = recent["net"] - recent["cost"]
    ledger = text("finance.csv", encoding="cp1257")
    fixed = euros(ledger["Pastovios sąnaudos"])[pd.to_datetime(ledger["Mėnuo"], format="%d.%m.%Y") > WINDOW].sum()
    of_holding = margin[recent["customer"].isin(members("holding_crosses_a_band"))].sum()
    profit = margin.sum() - fixed
    assert agrees("stress", contribution=margin.sum(), profit=profit, profit_without_holding=profit - of_holding)


# Rhythm ---------------------------------------------------------------------------------------------------------------


def test_quarterly_buyers_are_perfectly_regular(lines, people):
    regular = people.loc[sorted(members("quarterly_buyers"))]
    assert len(regular) == 8
    assert (regular["gap"] == 91).all()
    assert (regular["gap_std"] == 0).all()
    assert (regular["silent"] <= 2 * 91).all()
    bought = lines[lines["customer"].isin(regular.index)]
    for period, low, high in (("Q", 0, 1e-9), ("M", 1.0, 1.5)):
        sums = bought.groupby(["customer", bought["on"].dt.to_period(period)])["net"].sum().unstack(fill_value=0)
        sums = sums.reindex(columns=pd.period_range("2023-10-01", AS_OF, freq=period), fill_value=0)
        cv = sums.std(axis=1, ddof=0) / sums.mean(axis=1)
        assert cv.between(low, high).all()
    assert agrees("quarterly_buyers", monthly_cv=cv.mean())


def test_crm_and_behaviour_disagree_as_said(people, crm):
    status = crm[crm["Statusas"] != ""].drop_duplicates("customer").set_index("customer")["Statusas"]
    silence = people["silent"] / people["gap"]
    says = people.index.map(status)
    for lost_from in (3.0, 3.5):  # wherever the line is drawn, within reason
        assert set(people.index[(silence > lost_from) & (says == "Aktyvus")]) == members("crm_says_active")
    assert set(people.index[(silence <= 2) & (says == "Prarastas")]) == members("crm_says_lost")


def test_forgotten_one_time_buyers(people, contacts):
    once = people[people["days"] == 1]
    outbound = contacts[contacts["direction"] == "Išeinantis"]
    heard = outbound[outbound["on"] >= outbound["customer"].map(people["first"])]["customer"]
    forgotten = once.index.difference(heard)
    assert set(forgotten) == members("forgotten_one_timers")
    assert not set(forgotten) & set(outbound["customer"])
    assert (people.loc[forgotten, "first"] > AS_OF - pd.DateOffset(years=2)).all()
    assert agrees(
        "forgotten_one_timers", customers=len(forgotten), one_timers=len(once), net=people.loc[forgotten, "net"].sum()
    )


def test_wanderers_only_ask(people, contacts):
    asked = contacts[contacts["direction"] == "Gaunamas"].groupby("customer").size()
    seldom = people.index[people["days"] <= 1]
    assert set(asked.index[asked >= 3]) & set(seldom) == members("wanderers")


def test_pressure_and_contacts_after_refusal(crm, contacts):
    mails = contacts[contacts["purpose"].eq("Rinkodara") & contacts["direction"].eq("Išeinantis")].sort_values(
        ["customer", "on"]
    )
    fifth = mails["on"] - mails.groupby("customer")["on"].shift(4)
    assert set(mails.loc[fifth < pd.Timedelta(days=30), "customer"]) == members("pressure")
    refused = set(crm.loc[crm["Sutikimas"] == "Ne", "customer"])
    assert set(mails["customer"]) & refused == members("pressure", "members_refused")
    assert mails["customer"].isin(refused).sum() == FACTS["pressure"]["expected"]["contacts_after_refusal"]


def test_retention_of_the_last_year(lines, people):
    bought = lines[lines["is_sale"]]
    start = set(bought.loc[bought["on"].between(WINDOW - timedelta(days=364), WINDOW), "customer"].dropna())
    end = set(bought.loc[bought["on"].between(AS_OF - timedelta(days=364), AS_OF), "customer"].dropna())
    joined = set(people.index[people["first"] > WINDOW])
    assert agrees(
        "retention_last_year", active_start=len(start), active_end=len(end), joined=len(joined), kept=len(start & end)
    )
    assert agrees(
        "retention_last_year", formula=(len(end) - len(joined)) / len(start), cohort=len(start & end) / len(start)
    )


# Exclusive, promising, leaving ----------------------------------------------------------------------------------------


def test_adherents_advocates_and_potential(people):
    wallet = text("wallet.csv")
    wallet = wallet.assign(
        customer=("crm:" + wallet["Kliento Nr."]).map(owners()), total=euros(wallet["Metinės išlaidos iš viso"])
    )
    share = people["recent"].reindex(wallet["customer"]).to_numpy() / wallet["total"]
    exclusive = set(wallet.loc[share >= 0.95, "customer"])
    assert exclusive == members("adherents_and_advocates", "members_adherents") | members(
        "adherents_and_advocates", "members_advocates"
    )
    recommends = set(("crm:" + text("referrals.csv")["Rekomendavo"]).map(owners()))
    assert exclusive & recommends == members("adherents_and_advocates", "members_advocates")
    own = people.loc[sorted(exclusive)]
    assert (own["silent"] <= 2 * own["gap"]).all()
    (hidden,) = members("hidden_potential")
    assert agrees(
        "hidden_potential", wallet=wallet.set_index("customer")["total"][hidden], own=people["recent"][hidden]
    )


def test_leavers_survey():
    survey = table(workbook(RAW / "leavers_survey.xlsx")["Apklausa"], header=1)
    answered = survey[survey["Atsakė"] == "Taip"]
    named = answered["Kodas"].value_counts()
    assert agrees("lack_of_attention", asked=len(survey), answered=len(answered), named=named["lack_of_attention"])
    assert (len(survey), len(answered), named["lack_of_attention"]) == (50, 20, 12)
    ours = answered["Kieno kaltė"].isin(["our_action", "our_omission"]).sum()
    assert agrees("our_own_doing", ours=ours, known=len(answered))
    answers = set(text("corrective_actions.csv")["Priežastis"])
    assert (
        sorted(set(named.index[named >= 0.1 * len(answered)]) - answers)
        == FACTS["reason_without_action"]["expected"]["missing"]
    )


def test_winback_log_agrees_with_the_purchases(lines):
    log = text("winback_log.csv")
    log = log.assign(customer=("crm:" + log["Kliento Nr."]).map(owners()), called=pd.to_datetime(log["Susisiekta"]))
    called = log.dropna(subset="called")
    bought = lines[lines["is_sale"]].merge(called, on="customer")
    days = (bought["on"] - bought["called"]).dt.days
    came_back = set(bought.loc[days.between(0, 90), "customer"])
    assert came_back == set(called.loc[called["Būsena"] == "Grįžo", "customer"])
    assert agrees("winback_log", contacted=len(called), returned=len(came_back), to_contact=len(log) - len(called))


def test_late_deliveries_go_with_leaving(lines, people):
    """The planted ratio is 2.5 on true leaving; seen through silence it must still be clearly above one."""
    sent = text("deliveries.csv")
    late = pd.Series(sent["Pristatyta"].to_numpy() > sent["Pažadėta"].to_numpy(), index=sent["Sąskaitos Nr."])
    forced = (sent["Force majeure"] == "Taip").to_numpy()
    assert agrees("deliveries_on_time", deliveries=len(sent), on_time_share=1 - late[~forced].mean())
    orders = lines[lines["is_sale"] & lines["order"].isin(late.index)].drop_duplicates("order").dropna()
    orders = orders.join(people[["last", "days", "gap", "silent"]], on="customer").query("days >= 3")
    is_final = (orders["on"] == orders["last"]) & (orders["silent"] > 3 * orders["gap"]) & (orders["silent"] > 60)
    is_late = orders["order"].map(late)
    pace = pd.qcut(orders["gap"], 5, labels=False)
    n = pd.crosstab(pace, is_late)
    events = pd.crosstab(pace[is_final], is_late[is_final])
    ratio = (events[True] * n[False] / n.sum(axis=1)).sum() / (events[False] * n[True] / n.sum(axis=1)).sum()
    assert 1.5 < ratio < 3.5


# Acquisition and trials -----------------------------------------------------------------------------------------------


def test_acquisition_saturates(people, crm):
    spend = table(workbook(RAW / "spend.xlsx")["Išlaidos"], header=0)
    spend["Mėnuo"] = pd.to_datetime(spend["Mėnuo"])
    by_month = spend[spend["Paskirtis"] == "Pritraukimas"].groupby("Mėnuo")["Suma, EUR"].sum()
    assert len(by_month) == 18
    assert by_month.iloc[12:].mean() / by_month.iloc[:12].mean() == pytest.approx(2, abs=1e-3)
    new = people["first"].dt.to_period("M").dt.start_time.value_counts().reindex(by_month.index)
    assert (new.iloc[:12].sum(), new.iloc[12:].sum()) == (300, 165)
    assert agrees("acquisition_saturates", log_slope=np.polyfit(np.log(by_month), np.log(new.astype(float)), 1)[0])
    named = {"Pritraukimas": "acquire", "Išlaikymas": "retain", "Susigrąžinimas": "recover"}
    last = spend[spend["Mėnuo"] > WINDOW].groupby("Paskirtis")["Suma, EUR"].sum().rename(index=named)
    assert agrees("spend_last_year", **last.to_dict())


@pytest.mark.parametrize("fact", ["validated_play", "unproven_play"])
def test_trials(fact):
    trials = pd.concat([text(f"experiments_{register}.csv", sep=",") for register in ("crm", "web")])
    own = trials[trials["play"] == FACTS[fact]["expected"]["play"]]
    for arm in ("treated", "control"):
        rows = own[own["arm"] == arm]
        assert [(rows["ordered_again"] == "yes").sum(), len(rows)] == FACTS[fact]["expected"][arm]


def test_second_orders_of_the_trial_happened(lines):
    trials = pd.concat([text(f"experiments_{name}.csv", sep=",").assign(source=name) for name in ("crm", "web")])
    own = trials[trials["play"] == "second-order-nudge"]
    own = own.assign(
        customer=(own["source"] + ":" + own["customer"]).map(owners()), started=pd.to_datetime(own["started"])
    )
    bought = lines[lines["is_sale"]].merge(own, on="customer", suffixes=("", "_trial"))
    within = (bought["on"] - bought["started"]).dt.days.between(1, 90)
    assert set(bought.loc[within, "customer"]) == set(own.loc[own["ordered_again"] == "yes", "customer"])


def test_prospects(crm):
    prospects = text("prospects.csv")
    lists = {kind: set(rows["Įmonės kodas"]) for kind, rows in prospects.groupby("Šaltinio tipas")}
    n1, n2, both = len(lists["catalogue"]), len(lists["association"]), len(lists["catalogue"] & lists["association"])
    assert agrees("two_overlapping_lists", n1=n1, n2=n2, both=both, chapman=(n1 + 1) * (n2 + 1) / (both + 1) - 1)
    referred = prospects[prospects["Šaltinio tipas"] == "referral"]
    assert agrees("referral_conversion", won=(referred["Tapo klientu"] != "").sum(), of=len(referred))
    known = prospects[prospects["Įmonės kodas"].isin(set(crm["Įmonės kodas"]) - {""})]
    won = (known["Tapo klientu"] != "").sum()
    assert agrees("prospects_already_customers", excluded=len(known), already_won=won, prospects=len(prospects))
    assert prospects["Etapas"].value_counts().to_dict() == FACTS["funnel"]["expected"]["stages"]


def test_smaller_facts(people):
    assert "steward" not in set(text("managers.csv")["Pareigos"])
    assert not [path.name for path in RAW.iterdir() if path.stem.startswith(("satisfaction", "approvals"))]
    launched = pd.to_datetime(text("products.csv", encoding="cp1257")["Prekyboje nuo"], format="%d.%m.%Y")
    assert agrees("launches", in_12_months=(launched > WINDOW).sum(), in_36_months=(launched > "2023-10-01").sum())
    events = ("crm:" + text("events.csv")["Kliento Nr."]).map(owners()).value_counts()
    assert set(events.index[events >= 2]) == members("two_warning_signs")


def test_what_only_the_generator_knows(people):
    known = pd.read_csv(SAMPLE / "truth_customers.csv").set_index("customer")
    assert set(known.index) == set(people.index)
    alive = known["is_alive"] == "yes"
    assert agrees("alive", customers=alive.sum(), share=alive.mean())
    assert agrees(
        "future_orders",
        purchase_days_180=known["purchase_days_180"].sum(),
        purchase_days_365=known["purchase_days_365"].sum(),
    )
    assert known.loc[~alive, "purchase_days_365"].eq(0).all()
    joined = known[people["first"].reindex(known.index) > "2024-01-01"]
    for name, process in FACTS["buying_process"]["expected"].items():
        gone = joined.loc[joined["type"] == name, "leave_prob"].mean()
        assert gone == pytest.approx(process["a"] / (process["a"] + process["b"]), abs=0.05)
