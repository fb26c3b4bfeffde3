"""End to end: what was planted in the sample firm is what the pages find. `PENDING` is the honest list of the rest."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from rapport.analysis import (
    abcxyz,
    balance,
    baskets,
    care,
    dependency,
    early_warnings,
    funnel,
    history,
    issues,
    key_signs,
    keys,
    models,
    portfolios,
    pressure,
    prospects,
    punctuality,
    quality,
    traits,
)
from rapport.analysis.models.days import days, history_at

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
FACTS = {fact["id"]: fact for fact in yaml.safe_load((SAMPLE / "truths.yml").read_text("utf-8"))["facts"]}

# Planted facts that no page shows yet, with the page that will: none is left.
PENDING: dict[str, str] = {}


@pytest.fixture(scope="module")
def findings(sample_run):
    return sample_run.findings()


@pytest.fixture(scope="module")
def customer_of(sample_run):
    """customer_id of a member written as source:record_id."""
    links = sample_run.read("links")
    return dict(zip(links["source"] + ":" + links["record_id"], links["customer_id"]))


def expected(fact: str) -> dict:
    return FACTS[fact]["expected"]


def test_every_fact_is_tested_here_or_pending():
    text = Path(__file__).read_text("utf-8").split("def test_every_fact", 1)[1]
    tested = {fact for fact in FACTS if f'"{fact}"' in text}
    assert tested | set(PENDING) == set(FACTS)
    assert not tested & set(PENDING)


def test_size(sample_run, findings):
    history, transactions = sample_run.read("history"), sample_run.read("transactions")
    truth = expected("size")
    assert (history["purchase_days"] > 0).sum() == truth["customers_with_a_purchase"]
    assert history["orders"].sum() == truth["orders_of_customers"]
    assert round(transactions["net_amount"].sum(), 2) == truth["net_total"]
    assert findings["identity.customers"].parts["records"] == sum(truth["records"].values())


def test_ledger(findings):
    truth = expected("ledger_gap")
    assert findings["quality.reconciled"].parts["flagged"] == truth["flagged_months"]


def test_ledger_by_seller(sample_run):
    truth, dates = expected("ledger_gap_of_a_seller"), {"settings": sample_run.settings, "as_of": sample_run.as_of}
    table = quality.by_seller(sample_run.read("transactions"), sample_run.read("seller_ledger"), **dates)
    [found] = table[table["is_flagged"]].to_dict("records")
    assert (f"{found['month_on']:%Y-%m-%d}", found["manager_id"]) == (truth["month"], truth["seller"])
    assert found["difference"] == pytest.approx(truth["difference"], abs=0.02)


def test_lag(findings):
    truth = expected("recording_lag")
    assert findings["quality.in_time"].value == pytest.approx(truth["within_7_days_share"], abs=0.001)


def test_unidentified(sample_run):
    transactions = sample_run.read("transactions")
    nobody = transactions[transactions["customer_id"].isna()]
    truth = expected("unidentified_web_sales")
    assert nobody["order_id"].nunique() == truth["orders"]
    assert round(nobody["net_amount"].sum(), 2) == truth["net"]


@pytest.mark.parametrize(
    "fact",
    [
        "duplicate_persons_by_email",
        "duplicates_by_tax_number",
        "duplicates_by_phone",
        "duplicates_by_name_and_address",
    ],
)
def test_duplicates_are_one_customer(customer_of, fact):
    assert len(FACTS[fact]["members"]) == expected(fact)["pairs"]
    assert all(customer_of[one] == customer_of[other] for one, other in FACTS[fact]["members"])


def test_nobody_is_merged_or_split_wrongly(sample_run):
    """Among them "web_accounts_of_crm_customers"."""
    truth = pd.read_csv(SAMPLE / "truth_records.csv", dtype=str)
    both = sample_run.read("links").merge(truth, on=["source", "record_id"])
    assert len(both) == len(truth)
    assert both.groupby("customer")["customer_id"].nunique().max() == 1, "a customer was split"
    assert both.groupby("customer_id")["customer"].nunique().max() == 1, "two customers were merged"


def test_namesakes_are_asked_about(sample_run, customer_of):
    ambiguous = sample_run.read("ambiguous")
    listed = {frozenset(pair) for pair in zip(ambiguous["record_a"], ambiguous["record_b"])}
    for one, other in FACTS["namesakes"]["members"]:
        assert customer_of[one] != customer_of[other]
        assert frozenset((one.split(":")[1], other.split(":")[1])) in listed


def test_a_shared_mailbox_joins_nobody_and_is_named(sample_run, customer_of):
    asked = sample_run.read("ambiguous")
    pairs = asked["source_a"] + ":" + asked["record_a"], asked["source_b"] + ":" + asked["record_b"]
    settle = dict(zip(map(frozenset, zip(*pairs)), asked["would_settle"]))
    members = FACTS["shared_mailbox"]["members"]
    assert sum(customer_of[a] == customer_of[b] for a, b in members) == expected("shared_mailbox")["merged"]
    assert all("whose e-mail they share" in settle[frozenset(pair)] for pair in members)


def test_declared_policies_are_reported_in_rows_and_money(sample_run):
    quality = sample_run.read("quality").set_index(["source", "check"])
    found = {
        "postage_dropped": quality.loc[("accounting", "rule: postage, not goods")],
        "web_total_dropped": quality.loc["accounting"].filter(like="monthly total", axis="index").iloc[0],
        "cancelled_dropped": quality.loc["accounting"].filter(like="cancelled invoices", axis="index").iloc[0],
        "credit_netted": quality.loc[("accounting", "returns")],
        "web_refund_netted": quality.loc[("web_orders", "returns")],
    }
    truth = expected("declared_policies")
    assert {name: {"rows": one["rows"], "net": round(one["amount"], 2)} for name, one in found.items()} == truth


def test_nobody_is_steward_of_the_customer_file(findings):
    assert findings["quality.stewards"].value == expected("no_steward")["stewards"]


def test_pareto(findings, sample_run):
    truth = expected("pareto_20_80")
    assert findings["pareto.top_share"].value == pytest.approx(truth["top_20_percent_share"], abs=0.005)
    assert findings["pareto.smallest_group"].value == pytest.approx(truth["prefix_customers"], abs=10)
    history = sample_run.read("history")
    assert (history["net_total"] <= 0).sum() == expected("net_not_positive")["customers"]


def test_dependency(findings):
    truth = expected("holding_crosses_a_band")
    assert findings["dependency.band"].value == truth["band_as_group"]
    assert findings["concentration.largest"].value == pytest.approx(truth["group_share"], abs=0.003)
    stress = expected("stress")
    assert findings["dependency.stress"].value == pytest.approx(stress["profit_without_holding"], abs=2)
    assert findings["dependency.stress"].parts["a"] == pytest.approx(stress["profit"], abs=2)


def test_keys(findings, sample_run, customer_of):
    truth = expected("manager_with_four_keys")
    called = sample_run.read("managers").set_index("manager_id")["name"][truth["manager"]]
    assert (findings["key.per_manager"].parts["m"], findings["key.per_manager"].value) == (called, truth["keys"])
    classes = sample_run.read("classes").set_index("customer_id")
    (member,) = FACTS["key_in_one_department_only"]["members"]
    scope = classes.loc[customer_of[member if isinstance(member, str) else member[0]], "key_scope"]
    assert "department:HRC" in scope
    assert "company" not in scope


@pytest.fixture(scope="module")
def classified(sample_run):
    """The tables of the page 2_classify, made by its rooms from what the run has stored."""
    run, told = sample_run, {"settings": sample_run.settings, "as_of": sample_run.as_of}
    classes, past, customers = (run.read(name) for name in ("classes", "history", "customers"))
    given = run.given("wallet", "referrals", "contacts", "products")
    loads = keys.manager_loads(past, classes, customers, settings=run.settings)
    sold = baskets.product_sales(run.transactions(), given["products"], as_of=run.as_of)
    known = traits.traits(past, customers, as_of=run.as_of, product_sales=sold, **given)
    return {
        "history": past,
        "classes": classes,
        "loads": loads.set_index("manager_id"),
        "units": dependency.units(history.sales_by_unit(run.transactions(), **told), customers, settings=run.settings),
        "care": care.care(classes, customers, loads, given["contacts"], run.read("managers"), **told),
        "signs": key_signs.key_signs(past, classes, customers, known, sold, given["products"], **told),
        "innovators": key_signs.innovators(past, sold, given["products"], **told),
        "funnel": funnel.funnel(past, classes, known, run.read("prospects"), as_of=run.as_of),
        "disagreements": abcxyz.disagreements(past, classes, settings=run.settings),
    }


def planted(customer_of, fact, members="members"):
    """The customers of a planted fact."""
    return [customer_of[one] for one in FACTS[fact][members]]


def test_pareto_in_the_last_year(findings):
    truth = expected("pareto_active_window")
    assert findings["pareto.top_share_window"].value == pytest.approx(truth["top_20_percent_share"], abs=0.005)


def test_a_group_is_critical_for_a_department(sample_run, findings):
    truth, found = expected("group_critical_for_a_department"), findings["dependency.department"]
    called = sample_run.read("departments").set_index("department_id")["name"][truth["department"]]
    assert (found.value, found.parts["unit"]) == (truth["band_as_group"], called)
    assert (found.n, found.parts["critical"]) == (truth["customers_in_department"], [truth["department"]])
    assert found.parts["share"] == pytest.approx(truth["group_share"], abs=0.003)
    assert found.parts["share_alone"] == pytest.approx(truth["largest_single_share"], abs=0.003)


def test_keys_by_volume_with_groups_left_apart(classified, sample_run, customer_of):
    truth, units = expected("keys_by_volume"), classified["units"].set_index(["level", "unit"])
    assert units.loc[("company", ""), "keys_alone"] == truth["company"]
    assert units.loc["department", "keys_alone"].to_dict() == truth["departments"]
    of_managers = expected("manager_with_four_keys")["above_10_percent_of_the_manager"]
    assert units.loc["manager", "keys_alone"].to_dict() == of_managers
    keyed = classified["classes"].query("key_scope != ''")["customer_id"]
    assert set(keyed) == set(planted(customer_of, "keys_by_volume"))


def test_a_key_customer_known_to_its_buyer_only(classified, findings, customer_of):
    truth, of = expected("single_threaded_key"), classified["care"].set_index("customer_id")
    keys_of = of[of["manager_id"] == expected("manager_with_four_keys")["manager"]]
    assert (keys_of["roles"] <= 1).sum() == truth["single_threaded"]
    assert keys_of["is_visited"].sum() == truth["visited_by_head_within_180_days"]
    assert of.loc[planted(customer_of, "single_threaded_key"), "verdict"].tolist() == ["red"]
    assert of.loc[planted(customer_of, "single_threaded_key", "members_visited"), "is_visited"].tolist() == [True]
    assert findings["key.single_threaded"].value == (of["roles"] <= 1).sum()
    loads = classified["loads"].loc[expected("manager_with_four_keys")["manager"]]
    assert loads["others"] == expected("manager_with_four_keys")["small_accounts"]


def test_quarterly_buyers_only_look_irregular(classified, sample_run, customer_of):
    truth, names = expected("quarterly_buyers"), planted(customer_of, "quarterly_buyers")
    past, classes = (classified[name].set_index("customer_id").loc[names] for name in ("history", "classes"))
    assert set(classes["state"]) == {truth["state"]}
    assert set(past["gap_days"]) == {truth["gap_days"]}
    assert past["gap_cv"].max() == pytest.approx(truth["gap_cv"])
    assert set(classes["xyz"]) == {truth["xyz_by_month"]}
    assert classes["value_cv"].tolist() == pytest.approx([truth["monthly_cv"]] * truth["customers"], abs=0.02)
    listed = classified["disagreements"].set_index("customer_id").loc[names]
    assert set(listed["reading"]) == {abcxyz.READINGS["longer_period"]}
    told = {"settings": sample_run.settings, "as_of": sample_run.as_of}
    by_quarter = abcxyz.regularity(classified["history"], sample_run.read("periods"), period="Q", **told)
    assert set(by_quarter.set_index("customer_id").loc[names, "xyz"]) == {truth["xyz_by_quarter"]}


def test_adherents_and_advocates(classified, customer_of):
    truth, rungs = expected("adherents_and_advocates"), classified["classes"].set_index("customer_id")["rung"]
    for rung in ("adherent", "advocate"):
        assert (rungs == rung).sum() == truth[f"{rung}s"]
        assert set(rungs.index[rungs == rung]) == set(
            planted(customer_of, "adherents_and_advocates", f"members_{rung}s")
        )


def test_hidden_potential(classified, sample_run, customer_of):
    truth, (name,) = expected("hidden_potential"), planted(customer_of, "hidden_potential")
    sign = classified["signs"].set_index("customer_id").loc[name]
    share = sample_run.settings.key.attainable_share
    assert sign["potential"] == pytest.approx(truth["wallet"] * share - truth["own"], abs=0.01)
    assert sign["has_potential"]


def test_wanderers(classified, customer_of):
    names = classified["classes"].query("types.str.contains('wanderer')")["customer_id"]
    assert len(names) == expected("wanderers")["customers"]
    assert set(names) == set(planted(customer_of, "wanderers"))


def test_launches(classified, sample_run):
    launched = sample_run.read("products")["launched_on"]
    for months in (12, 36):
        since = sample_run.as_of - pd.DateOffset(months=months)
        assert (launched > since).sum() == expected("launches")[f"in_{months}_months"]
    assert classified["innovators"]["launches"].max() == expected("launches")["in_36_months"]
    assert classified["signs"]["is_innovator"].any()


def test_funnel(classified, sample_run):
    stages = expected("funnel")["stages"]
    assert sample_run.read("prospects")["stage"].value_counts().sort_index().to_dict() == stages
    upper = classified["funnel"].set_index("phase")["customers"]
    assert upper["reach"] == sum(stages.values())
    assert upper["acquisition"] == sum(stages.values()) - stages["identified"]


def test_forecast(sample_run):
    values = sample_run.read("values")
    alive = expected("alive")
    assert values["alive_prob"].sum() / len(values) == pytest.approx(
        alive["share"], abs=FACTS["alive"]["tolerance"]["share"]
    )
    foreseen, true = values["expected_orders"].sum(), expected("future_orders")["purchase_days_365"]
    assert foreseen == pytest.approx(true, rel=0.1)


def test_buying_process(sample_run, customer_of):
    """Fitted apart by type, the customers who joined show the regularity and the rates they were given."""
    people = pd.read_csv(SAMPLE / "truth_customers.csv", dtype=str).set_index("customer")["type"]
    records = pd.read_csv(SAMPLE / "truth_records.csv", dtype=str)
    owners = (records["source"] + ":" + records["record_id"]).map(customer_of)
    type_of = dict(zip(owners, records["customer"].map(people)))
    past, as_of = sample_run.read("history").set_index("customer_id"), sample_run.as_of
    bought = days(history.purchase_days(sample_run.transactions(), as_of=as_of))
    known = history_at(bought, bought.number(as_of))
    joined = known[~known["customer_id"].map(past["is_truncated"]).astype(bool)]
    for kind, truth in expected("buying_process").items():
        own = joined[joined["customer_id"].map(type_of) == kind]
        assert len(own) == truth["customers_joined"]
        if len(own) >= sample_run.settings.value.min_customers:
            found = models.fit(own, model="mbg_cnbd_k", settings=sample_run.settings)
            ends = found.intervals(0.99).set_index("parameter")
            assert found.law.k == truth["k"]
            assert ends.loc["r", "low"] < truth["r"] < ends.loc["r", "high"]
            assert ends.loc["alpha", "low"] < truth["alpha_days"] < ends.loc["alpha", "high"]


def test_retention(findings):
    truth, allowed = expected("retention_last_year"), FACTS["retention_last_year"]["tolerance"]
    for name in ("formula", "cohort"):
        assert findings[f"retention.{name}"].value == pytest.approx(truth[name], abs=allowed[name])


def test_forgotten(findings):
    truth = expected("forgotten_one_timers")
    assert findings["forgotten.count"].value == truth["customers"]
    assert findings["forgotten.count"].parts["value"] == pytest.approx(truth["net"], abs=0.01)


def test_attention(findings):
    truth = expected("lack_of_attention")
    stated = findings["attention.stated"]
    assert (stated.value, stated.n, stated.parts["verdict"]) == (truth["share"], truth["answered"], truth["verdict"])
    assert (stated.low, stated.high) == pytest.approx((truth["low"], truth["high"]), abs=0.001)
    assert findings["reasons.response"].value == truth["response_share"]
    assert findings["reasons.attribution"].value == expected("our_own_doing")["share"]


def test_corrective(findings):
    found = findings["corrective.unanswered"]
    assert found.parts["reasons"].split(", ") == expected("reason_without_action")["missing"]
    assert found.value == len(expected("reason_without_action")["missing"])


def test_crm(findings, sample_run, customer_of):
    parts = findings["lost.disputed"].parts
    assert parts["silent"] == expected("crm_says_active")["customers"]
    assert parts["bought"] == expected("crm_says_lost")["customers"]
    lost = sample_run.read("lost")
    silent = set(lost.loc[lost["is_disputed"], "customer_id"])
    assert silent == {customer_of[member] for member in FACTS["crm_says_active"]["members"]}
    assert not {customer_of[member] for member in FACTS["crm_says_lost"]["members"]} & set(lost["customer_id"])


def test_winback(findings, sample_run):
    truth = expected("winback_log")
    assert findings["winback.returned"].n == truth["contacted"]
    assert findings["winback.returned"].value == pytest.approx(truth["returned"] / truth["contacted"])
    waiting = sample_run.read("winback_log")["status"].eq("to_contact")
    assert waiting.sum() == truth["to_contact"]


def test_drivers(findings, sample_run):
    """Late deliveries and complaints go with more losses, and returns are not shown to (their interval holds one)."""
    strongest = findings["drivers.strongest"]
    assert strongest.parts["term"] in ("complaint", "late delivery"), FACTS["drivers_of_loss"]["planted"]
    assert strongest.low > 1
    assert findings["complaints.lost_after"].low > 0
    assert findings["complaints.lost_after_return"].low <= 0 <= findings["complaints.lost_after_return"].high


def test_saturation(findings):
    assert findings["saturation.verdict"].value in expected("acquisition_saturates")["verdict"]


def test_prospects(findings):
    assert findings["acquire.duplicates"].value == expected("prospects_already_customers")["excluded"]
    assert findings["acquire.market_count"].value == pytest.approx(
        expected("two_overlapping_lists")["chapman"], abs=0.1
    )


def test_plays(findings):
    for fact in ("validated_play", "unproven_play"):
        truth = expected(fact)
        read = findings[f"experiment.{truth['play']}"]
        assert read.parts["verdict"] == truth["status"]
        shares = [won / of for won, of in (truth["treated"], truth["control"])]
        assert read.value == pytest.approx(shares[0] - shares[1], abs=1e-6)


def test_pressure(findings, sample_run, customer_of):
    truth = expected("pressure")
    assert findings["contacts.over_cap"].value == truth["customers_over_the_cap"]
    assert findings["contacts.after_refusal"].value == truth["contacts_after_refusal"]
    pressed = pressure.over_cap(sample_run.read("contacts"), settings=sample_run.settings, as_of=sample_run.as_of)
    assert set(pressed["customer_id"]) == {customer_of[one] for one in FACTS["pressure"]["members"]}


def test_deliveries(findings, sample_run):
    """The page tells of the last year, and month by month of all."""
    truth, allowed = expected("deliveries_on_time"), FACTS["deliveries_on_time"]["tolerance"]["on_time_share"]
    deliveries = sample_run.read("deliveries")
    assert (len(deliveries), deliveries["is_force_majeure"].sum()) == (truth["deliveries"], truth["force_majeure"])
    months = punctuality.by_month(deliveries, as_of=sample_run.as_of).set_index("month_on")
    share = 1 - months["late"].sum() / months["promised"].sum()
    assert share == pytest.approx(truth["on_time_share"], abs=allowed)
    assert months["on_time_share"].nsmallest(3).index.min() == pd.Timestamp("2025-11-01")
    assert findings["deliveries.on_time"].low < 0.95


def test_warnings(sample_run, customer_of):
    tables = [sample_run.read(name) for name in ("classes", "values", "history", "events")]
    warned = early_warnings.early_warnings(*tables, settings=sample_run.settings, as_of=sample_run.as_of)
    (member,) = FACTS["two_warning_signs"]["members"]
    one = warned.set_index("customer_id").loc[customer_of[member]]
    assert one["count"] >= expected("two_warning_signs")["events"]
    assert one["is_to_protect"]


def test_spend(sample_run):
    truth, allowed = expected("spend_last_year"), FACTS["spend_last_year"]["tolerance"]
    tables = (sample_run.read("spend"), sample_run.read("history"))
    given = balance.spend_balance(*tables, settings=sample_run.settings, as_of=sample_run.as_of).set_index("side")
    assert given.loc["new customers", "amount"] == pytest.approx(truth["acquire"], abs=allowed["acquire"])
    assert given.loc["existing customers", "amount"] == pytest.approx(truth["retain"] + truth["recover"], abs=0.1)


def test_referrals(sample_run):
    truth = expected("referral_conversion")
    converted = prospects.conversions(sample_run.read("prospects"), sample_run.read("spend"))
    referral = converted.set_index("source_type").loc["referral"]
    assert (referral["converted"], referral["worked"]) == (truth["won"], truth["of"])


def test_absent(sample_run, findings):
    truth = expected("absent_tables")
    given = sample_run.given(*truth["absent"])
    assert given == dict.fromkeys(truth["absent"])
    assert findings["gate.approval"].value == "draft"
    assert set(truth["absent"]) <= set(sample_run.receive().absent()["table"])


def test_persons_on_file(sample_run):
    truth, quality = expected("persons_on_file"), sample_run.read("quality").set_index("check")
    persons = sample_run.read("contact_persons")
    assert len(persons) == truth["persons"]
    assert persons["phone"].notna().mean() == pytest.approx(truth["telephone_share"], abs=0.002)
    assert quality.loc["preferences without consent", "rows"] == truth["preferences_without_consent"]
    assert not (persons["preferences"].notna() & ~persons["consent"].fillna(False)).any(), "kept without consent"


def test_who_has_whom(sample_run):
    quality = sample_run.read("quality").set_index("check")
    named = quality.loc["manager in charge named differently", "rows"]
    assert named == expected("managers_named_differently")["customers"]
    hands = portfolios.handovers(sample_run.read("account_managers"), as_of=sample_run.as_of)
    assert len(hands) == hands["customer_id"].nunique() == expected("handovers")["customers"]


def test_honesty(sample_run, findings):
    told, truth = findings["issues.told_first"], expected("problems_told_first")
    assert (told.value, told.n, told.parts["untold"]) == (truth["told_first_share"], truth["known"], truth["untold"])
    dates = {"settings": sample_run.settings, "as_of": sample_run.as_of}
    departments = issues.by_department(sample_run.read("issues"), **dates)
    assert departments.loc[0, ["department_id", "overdue"]].tolist() == [truth["department"], truth["overdue"]]
    changed, truth = findings["deliveries.unapproved_changes"], expected("orders_changed")
    assert (changed.n, changed.value) == (truth["orders"], pytest.approx(truth["unapproved_share"], abs=1e-6))
    quiet, truth = findings["projects.without_news"], expected("projects_without_news")
    assert (quiet.n, quiet.value, quiet.parts["never"]) == (truth["running"], truth["without_news"], truth["never"])


def test_steps_and_signs(findings):
    steps, truth = findings["tasks.done_share"], expected("steps_of_tasks")
    assert (steps.n, steps.value) == (truth["steps"], pytest.approx(truth["done_share"]))
    signs, truth = findings["watchlist.stale"], expected("stale_signs")
    assert (signs.n, signs.value) == (truth["signs"], truth["stale"])
