"""Records become customers: exact keys, safeguards, the client's decisions, stable ids (HU-N1, HU-N4, RU-07)."""

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rapport.analysis import identity
from rapport.foundation.contracts import TABLES
from rapport.foundation.errors import SettingsError
from rapport.foundation.settings import settings

DEFAULT = settings()
CONTRACT = TABLES["records"]
AT_HOME = {"address": "Gedimino 1"}
BORN = {"born_on": "1980-01-02"}


def records(*rows: dict) -> pd.DataFrame:
    numbered = [{"source": "crm", "record_id": str(number + 1)} | row for number, row in enumerate(rows)]
    return CONTRACT.check(CONTRACT.complete(pd.DataFrame(numbered)), "test")


def resolved(frame: pd.DataFrame, **decisions):
    pairs = identity.pairs(frame, settings=DEFAULT)
    links = identity.links(frame, pairs, settings=DEFAULT, **decisions)
    return pairs, links


def groups(links: pd.DataFrame) -> set[frozenset[str]]:
    uids = links["source"] + ":" + links["record_id"]
    return {frozenset(members) for _, members in uids.groupby(links["customer_id"])}


def customer_of(links: pd.DataFrame) -> dict[str, str]:
    return dict(zip(links["record_id"], links["customer_id"]))


def listed(frame: pd.DataFrame, pairs: pd.DataFrame, links: pd.DataFrame, **more) -> list[tuple[str, str]]:
    open_ = identity.ambiguous(frame, pairs, links, **more)
    return list(zip(open_["record_a"], open_["record_b"]))


@pytest.mark.parametrize(
    ("a", "b", "rule"),
    [
        ({"tax_id": "LT 100001234"}, {"tax_id": "100001234", "country": "LT"}, "exact tax_id"),
        ({"email": "Jonas@Firma.LT "}, {"email": "jonas+shop@firma.lt"}, "exact email"),
        ({"phone": "8 612 34567", "country": "LT"}, {"phone": "+370 612 34567"}, "exact phone"),
        ({"name": "UAB „Baltija“"} | AT_HOME, {"name": "Baltija, uab"} | AT_HOME, "name and address"),
        ({"name": "Jonas Petraitis"} | BORN, {"name": "PETRAITIS Jonas"} | BORN, "name and birth date"),
    ],
)  # fmt: skip
def test_an_exact_key_makes_one_customer(a, b, rule):
    _, links = resolved(records(a, b))
    assert links["customer_id"].nunique() == 1
    assert set(links["rule"]) == {rule}


def test_five_duplicates_by_email_are_merged_and_two_of_one_surname_are_ambiguous():
    doubles = [{"name": f"Person {letter}arius", "email": f"p{letter}@x.lt"} for letter in "abcde"]
    namesakes = [{"name": "Kovács", "born_on": "1970-05-05"}, {"name": "Kovács", "born_on": "1991-09-17"}]
    frame = records(*doubles, *[row | {"email": row["email"].upper()} for row in doubles], *namesakes)
    pairs, links = resolved(frame)
    assert links["customer_id"].nunique() == 5 + 2
    assert listed(frame, pairs, links) == [("11", "12")]
    assert links.set_index("record_id")["is_ambiguous"].to_dict()["11"]


def test_two_kovacs_with_different_birth_dates_are_listed_with_what_would_settle_them():
    frame = records({"name": "Kovács", "born_on": "1970-05-05"}, {"name": "Kovács", "born_on": "1991-09-17"})
    pairs, links = resolved(frame)
    row = identity.ambiguous(frame, pairs, links).iloc[0]
    assert links["customer_id"].nunique() == 2
    assert (row["agrees"], row["differs"]) == ("name", "date of birth")
    assert row["would_settle"] == "which date of birth is right; tax or company number; e-mail; telephone; address"


def test_companies_are_not_asked_for_a_birth_date_nor_persons_for_a_company_number():
    frame = records({"name": "UAB Vega"}, {"name": "UAB Vega"}, {"name": "Ona", "kind": "person"}, {"name": "Ona"})
    open_ = identity.ambiguous(frame, *resolved(frame)).set_index("record_a")["would_settle"]
    assert "date of birth" not in open_["1"]
    assert "company number" not in open_["3"]


def test_telephones_and_tax_numbers_are_read_with_the_habits_of_the_engagements_country():
    """No record names a country: that of the engagement counts; where most name one, theirs does."""
    home = settings({"identity.country": "LT"})
    frame = records(
        {"name": "Ona", "phone": "+370 612 34567"},
        {"name": "Ona", "phone": "8 612 34567"},
        {"name": "Vilkas", "tax_id": "LT302345678"},
        {"name": "Vilkas", "tax_id": "302345678"},
    )
    pairs = identity.pairs(frame, settings=home)
    links = identity.links(frame, pairs, settings=home)
    assert groups(links) == {frozenset({"crm:1", "crm:2"}), frozenset({"crm:3", "crm:4"})}
    abroad = frame.assign(country="PL", phone=["+48 612 345 678", "612 345 678", None, None])
    apart = identity.pairs(abroad, settings=home)
    assert "exact phone" in set(apart["rule"])
    one_abroad = frame.assign(country=["PL", None, None, None], phone=[None, "8 612 34567", "+370 612 34567", None])
    assert identity.normal(one_abroad, country="LT")["phone"].tolist()[1] == "370-61234567"
    most_abroad = frame.assign(country=["PL", "PL", "PL", None], phone=[None, None, None, "612 345 678"])
    assert identity.normal(most_abroad, country="LT")["phone"].tolist()[3] == "48-612345678"


def test_initials_tell_members_of_a_family_apart():
    home = {"address": "Fő utca 1", "city": "Budapest", "email": "csalad@x.hu"}
    names = ("J. Kovács", "I. Kovács", "Y. Kovács", "Петров С.А.", "Петров И.П.")
    frame = records(*[{"name": name} | home for name in names])
    pairs, links = resolved(frame)
    assert len(groups(links)) == 5
    assert set(pairs.loc[pairs["uid_a"].eq("crm:1") & pairs["uid_b"].eq("crm:2"), "differs"]) == {"name"}


def test_a_person_with_an_initial_and_the_same_mailbox_is_one():
    frame = records(
        {"name": "Jonas Petraitis", "kind": "person", "email": "jonas2@gmail.com"},
        {"name": "J. Petraitis", "email": "jonas2@gmail.com"},
    )
    assert len(groups(resolved(frame)[1])) == 1


def test_where_users_are_the_customers_nobody_counts_with_its_payer():
    """RU-07: payer A, user B: value to A, unless the users are asked about."""
    frame = records({"name": "Mother"}, {"name": "Child", "end_user_of": "1"})
    by_user = settings({"identity.unit": "user"})
    pairs = identity.pairs(frame, settings=by_user)
    assert len(groups(identity.links(frame, pairs, settings=by_user))) == 2
    assert len(groups(resolved(frame)[1])) == 1


def test_group_labels_that_differ_in_writing_only_are_one_holding():
    labels = pd.Series(["Rimi", "RIMI", "Rimi", " rimi ", "Rimi grupė", "", None])
    assert identity.one_label(labels).tolist() == ["Rimi", "Rimi", "Rimi", "Rimi", "Rimi grupė", None, None]
    customers = pd.DataFrame({"customer_id": ["a", "b", "c"], "parent_group": ["Rimi", "Rimi", None]})
    table = identity.parent_groups(customers, pd.Series({"a": 5.0, "c": 9.0}))
    assert table.values.tolist() == [["Rimi", 2, 5.0]]


def test_pairs_are_listed_by_source_and_record_and_by_name_where_names_may_be_shown():
    frame = records({"name": "Kovács"}, {"name": "Kovács"})
    pairs, links = resolved(frame)
    found = identity.ambiguous(frame, pairs, links)
    assert identity.told(found, with_names=False).columns.tolist()[:3] == ["record_a", "record_b", "net_total"]
    shown = identity.told(found, with_names=True)
    assert shown.iloc[0][["record_a", "name_a", "record_b", "name_b"]].tolist() == [
        "crm:1",
        "Kovács",
        "crm:2",
        "Kovács",
    ]


def test_a_surname_alone_never_merges():
    frame = records({"name": "Kovács"}, {"name": "Kovács"}, {"name": "Kovács Anna"})
    pairs, links = resolved(frame)
    assert links["customer_id"].nunique() == 3
    assert len(listed(frame, pairs, links)) == 3


def test_ivanov_in_two_alphabets_with_one_telephone_is_one_candidate():
    frame = records({"name": "Иванов", "phone": "+7 495 123-45-67"}, {"name": "Ivanov", "phone": "+7 (495) 1234567"})
    pairs, links = resolved(frame)
    assert len(pairs) == 1
    assert "name; telephone" in pairs["agrees"][0]
    assert links["customer_id"].nunique() == 1


def test_another_given_name_on_one_telephone_is_asked_about_not_merged():
    frame = records(
        {"name": "Anna Kovács", "phone": "+36 30 123 4567"},
        {"name": "Péter Kovács", "phone": "06 30 123 4567", "country": "HU"},
    )
    pairs, links = resolved(frame)
    assert links["customer_id"].nunique() == 2
    assert listed(frame, pairs, links) == [("1", "2")]


def test_a_couple_is_not_joined_by_telephone_and_e_mail_together():
    home = {"phone": "+36 30 123 4567", "email": "kovacsek@x.hu", "address": "Fő u. 1"}
    frame = records({"name": "Anna Kovács"} | home, {"name": "Péter Kovács"} | home, home)
    pairs, links = resolved(frame)
    of = customer_of(links)
    assert of["1"] != of["2"]
    assert len(listed(frame, pairs, links)) == 1


def test_one_birth_date_vouches_for_a_new_name():
    born = {"born_on": "1980-01-02", "email": "anna@x.hu"}
    pairs, _ = resolved(records({"name": "Anna Kovács"} | born, {"name": "Anna Szabó"} | born))
    assert not pairs["is_rival"][0]
    pairs, _ = resolved(
        records({"name": "Anna Kovács", "email": "anna@x.hu"}, {"name": "Anna Szabó", "email": "anna@x.hu"})
    )
    assert pairs["is_rival"][0]


def test_like_names_with_two_birth_dates_are_contested_and_weights_cannot_merge_them():
    home = {"phone": "+36 30 123 4567", "address": "Fő u. 1"}
    frame = records(
        {"name": "Jaan Kask", "born_on": "1964-03-28"} | home, {"name": "Jan Kask", "born_on": "1941-01-19"} | home
    )
    pairs, _ = resolved(frame)
    assert pairs["is_contested"][0]
    sure = pairs.assign(match_prob=0.999, rule="model")
    assert identity.links(frame, sure, settings=DEFAULT)["customer_id"].nunique() == 2
    sure = sure.assign(is_contested=False)
    assert identity.links(frame, sure, settings=DEFAULT)["customer_id"].nunique() == 1


def test_a_switchboard_joins_nobody():
    names = ["Alfa Prekyba", "Beta Statyba", "Gama Logistika", "Delta Medis", "Vega Spauda"]
    frame = records(*[{"name": name, "phone": "+370 5 2123456", "email": "info@verslocentras.lt"} for name in names])
    pairs, links = resolved(frame)
    assert links["customer_id"].nunique() == 5
    assert listed(frame, pairs, links) == []
    shared = identity.shared_keys(identity.normal(frame), most_names=DEFAULT.identity.shared_names)
    assert dict(zip(shared["key"], shared["names"])) == {"email": 5, "phone": 5}


def test_one_name_on_a_switchboard_is_still_one_customer():
    names = ["Alfa Prekyba", "Beta Statyba", "Gama Logistika", "Delta Medis", "Vega Spauda", "UAB Vega Spauda"]
    _, links = resolved(records(*[{"name": name, "phone": "+370 5 2123456"} for name in names]))
    assert groups(links) == {frozenset({f"crm:{n}"}) for n in range(1, 5)} | {frozenset({"crm:5", "crm:6"})}


def test_branches_of_one_legal_entity_share_a_tax_number_and_are_one_customer():
    towns = ["Vilnius", "Kaunas", "Klaipėda", "Šiauliai", "Panevėžys"]
    _, links = resolved(records(*[{"name": f"UAB Rima {town}", "tax_id": "302223334"} for town in towns]))
    assert links["customer_id"].nunique() == 1


@pytest.mark.parametrize(
    "value", [{"tax_id": "000000000"}, {"phone": "000000"}, {"email": "none@none.lt"}, {"tax_id": "-"}]
)
def test_placeholders_are_no_keys(value):
    _, links = resolved(records({"name": "Alfa"} | value, {"name": "Beta"} | value))
    assert links["customer_id"].nunique() == 2


def test_two_tax_numbers_never_meet_through_a_third_record():
    common = {"name": "UAB Vega", "email": "vega@vega.lt"}
    frame = records(common | {"tax_id": "301111111"}, common | {"tax_id": "309876543"}, common)
    pairs, links = resolved(frame)
    of = customer_of(links)
    assert of["1"] != of["2"]
    assert len(listed(frame, pairs, links)) == 1
    assert links["is_ambiguous"].all()


def test_another_legal_form_is_another_company_until_somebody_says_so():
    frame = records({"name": "UAB Vega", "phone": "+370 612 34567"}, {"name": "AB Vega", "phone": "+370 612 34567"})
    pairs, links = resolved(frame)
    assert links["customer_id"].nunique() == 2
    assert "legal form" in identity.ambiguous(frame, pairs, links)["differs"][0]


def test_one_user_with_two_payers_merges_nobody_and_the_value_goes_to_the_payer():
    child = {"name": "Liis Tamm", "email": "liis@tamm.ee"}
    frame = records(
        {"name": "Mari Tamm"}, {"name": "Jaan Kask"}, child | {"end_user_of": "1"}, child | {"end_user_of": "2"}
    )
    _, links = resolved(frame)
    assert customer_of(links) == {"1": "1", "2": "2", "3": "1", "4": "2"}
    card = identity.customers(frame, links).set_index("customer_id")
    assert card["name"].to_dict() == {"1": "Mari Tamm", "2": "Jaan Kask"}
    assert card["records"].to_dict() == {"1": 1, "2": 1}
    assert card["email"].isna().all()


def test_a_payer_who_is_a_user_too_is_followed_and_a_circle_ends():
    chain = records({"name": "A"}, {"name": "B", "end_user_of": "1"}, {"name": "C", "end_user_of": "2"})
    assert set(customer_of(resolved(chain)[1]).values()) == {"1"}
    circle = records({"name": "A", "end_user_of": "2"}, {"name": "B", "end_user_of": "1"})
    assert len(resolved(circle)[1]) == 2


def test_a_group_is_not_a_customer():
    frame = records({"name": "Alfa", "parent_group": "Holding"}, {"name": "Beta", "parent_group": "Holding"})
    _, links = resolved(frame)
    card = identity.customers(frame, links)
    assert list(card["parent_group"]) == ["Holding", "Holding"]


def test_overrides_win_over_everything():
    frame = records(
        {"name": "Jonas Petraitis", "email": "j@p.lt", "born_on": "1980-01-01"},
        {"name": "Jonas Petraitis", "email": "j@p.lt", "born_on": "1980-01-01"},
        {"name": "Ona Kazlauskienė", "born_on": "1955-03-03"},
    )
    pairs, links = resolved(frame, merge=[["crm:1", "crm:3"]], split=[["crm:1", "crm:2"]])
    assert groups(links) == {frozenset({"crm:1", "crm:3"}), frozenset({"crm:2"})}
    assert set(links.loc[links["record_id"] != "2", "rule"]) == {"user"}
    assert listed(frame, pairs, links, split=[["crm:1", "crm:2"]]) == []


def test_contradictory_overrides_are_refused_by_name():
    frame = records({"name": "A"}, {"name": "B"}, {"name": "C"})
    with pytest.raises(SettingsError, match=r"crm:\d and crm:\d are to be merged and to be split"):
        resolved(frame, merge=[["crm:1", "crm:2"], ["crm:2", "crm:3"]], split=[["crm:1", "crm:3"]])


def test_customer_ids_are_readable_and_name_the_source_only_when_there_are_several():
    one = records({"record_id": "10", "email": "a@b.lt"}, {"record_id": "9", "email": "a@b.lt"})
    assert set(resolved(one)[1]["customer_id"]) == {"9"}
    several = records(
        {"source": "web", "email": "a@b.lt"}, {"source": "crm", "email": "a@b.lt"}, {"source": "web", "record_id": "77"}
    )
    assert set(resolved(several)[1]["customer_id"]) == {"crm:2", "web:77"}


def test_survivorship_takes_the_latest_word_that_is_not_empty():
    frame = records(
        {
            "email": "a@b.lt",
            "name": "Old Name",
            "city": "Kaunas",
            "created_on": "2019-01-01",
            "updated_on": "2020-01-01",
        },
        {"email": "a@b.lt", "name": "Old Name Jr", "city": " ", "created_on": "2021-01-01", "updated_on": "2024-01-01"},
        {"email": "a@b.lt", "region": "South", "consent_marketing": False},
    )
    _, links = resolved(frame)
    card = identity.customers(frame, links).iloc[0]
    assert (card["name"], card["city"], card["region"]) == ("Old Name Jr", "Kaunas", "South")
    assert card["created_on"] == pd.Timestamp("2019-01-01")
    assert card["records"] == 3


def test_who_only_appears_in_sales_becomes_a_customer_too():
    frame = records({"name": "Known"})
    buyers = pd.DataFrame({"source": ["crm", "crm", "web", "web"], "record_id": ["1", "55", "1", None]})
    full = identity.with_buyers(frame, buyers)
    _, links = resolved(full)
    assert set(links["customer_id"]) == {"crm:1", "crm:55", "web:1"}
    assert identity.customers(full, links)["name"].notna().sum() == 1


def test_money_of_both_orders_the_list():
    frame = records(*[{"name": name} for name in ("Kovács", "Kovács", "Nagy", "Nagy")])
    pairs, links = resolved(frame)
    values = pd.DataFrame({"source": "crm", "record_id": ["1", "3", "4"], "net_total": [10.0, 40.0, 2.0]})
    open_ = identity.ambiguous(frame, pairs, links, values=values)
    assert list(open_["net_total"]) == [42.0, 10.0]
    assert list(open_["name_a"]) == ["Nagy", "Kovács"]


def test_no_records_and_one_record():
    empty = CONTRACT.empty()
    pairs, links = resolved(empty)
    assert (
        len(pairs)
        == len(links)
        == len(identity.ambiguous(empty, pairs, links))
        == len(identity.customers(empty, links))
        == 0
    )
    assert resolved(records({"name": "Alone"}))[1]["rule"].tolist() == ["alone"]


def test_inputs_are_left_unchanged():
    frame = records({"name": "A", "email": "a@b.lt"}, {"name": "A", "email": "a@b.lt"})
    before = frame.copy(deep=True)
    _, links = resolved(frame)
    identity.customers(frame, links)
    pd.testing.assert_frame_equal(frame, before)


def people() -> st.SearchStrategy[list[dict]]:
    some = lambda *values: st.sampled_from([None, *values])  # noqa: E731
    row = st.fixed_dictionaries(
        {
            "source": st.sampled_from(["crm", "web"]),
            "name": some("Kovács", "Kovács Anna", "Péter Kovács", "UAB Vega", "Вега ООО", "Nagy"),
            "email": some("a@x.lt", "b@x.lt", "info@x.lt"),
            "phone": some("+370 612 34567", "+370 612 99999"),
            "tax_id": some("301111111", "309876543"),
            "born_on": some("1970-05-05", "1991-09-17"),
            "address": some("Gedimino 1", "Vilniaus 2"),
        }
    )
    return st.lists(row, min_size=1, max_size=9)


@examples(max_examples=25, deadline=None)
@given(people(), st.randoms(use_true_random=False))
def test_row_order_does_not_change_the_partition(rows, random):
    frame = records(*rows)
    mixed = frame.sample(frac=1, random_state=random.randrange(1000))
    one, other = resolved(frame)[1], resolved(mixed)[1]
    pd.testing.assert_frame_equal(one, other)


@examples(max_examples=25, deadline=None)
@given(people(), st.data())
def test_overrides_always_hold(rows, data):
    frame = records(*rows)
    uids = list(frame["source"] + ":" + frame["record_id"])
    merge = (
        data.draw(st.lists(st.lists(st.sampled_from(uids), min_size=2, max_size=3, unique=True), max_size=2))
        if len(uids) > 2
        else []
    )
    split = (
        data.draw(st.lists(st.lists(st.sampled_from(uids), min_size=2, max_size=2, unique=True), max_size=2))
        if len(uids) > 2
        else []
    )
    try:
        links = resolved(frame, merge=merge, split=split)[1]
    except SettingsError:
        return
    of = dict(zip(links["source"] + ":" + links["record_id"], links["customer_id"]))
    assert all(len({of[uid] for uid in together}) == 1 for together in merge)
    assert all(len({of[uid] for uid in apart}) == len(apart) for apart in split)


@examples(max_examples=25, deadline=None)
@given(people())
def test_no_conflict_on_an_exact_key_is_lost(rows):
    frame = records(*rows)
    normal = identity.normal(frame)
    pairs, links = resolved(frame)
    of = dict(zip(links["source"] + ":" + links["record_id"], links["customer_id"]))
    open_ = identity.ambiguous(frame, pairs, links)
    listed_customers = {
        frozenset((of[f"{row.source_a}:{row.record_a}"], of[f"{row.source_b}:{row.record_b}"]))
        for row in open_.itertuples()
    }
    shared = identity.shared_keys(normal, most_names=DEFAULT.identity.shared_names)
    for key in ("tax", "email", "phone"):
        generic = set(shared.loc[shared["key"] == key, "value"])
        for value, members in normal.groupby(key)["uid"]:
            for a, b in itertools.combinations(members, 2):
                assert value in generic or of[a] == of[b] or frozenset((of[a], of[b])) in listed_customers


def test_a_returned_order_without_a_customer_gets_the_one_of_the_order():
    sales = TABLES["transactions"].empty().reindex(range(4)).assign(
        source="shop", record_source="shop", order_id=["o1", "o1", "o2", "o2"], record_id=["1", "1", "2", "3"]
    )  # fmt: skip
    returns = TABLES["returns_complaints"].empty().reindex(range(3)).assign(order_id=["o1", "o2", "o9"], kind="return")
    links = pd.DataFrame({"source": "shop", "record_id": ["1", "2", "3"], "customer_id": ["A", "B", "C"]})
    made = identity.resolved_tables({"transactions": sales, "returns_complaints": returns}, links)
    assert made["returns_complaints"]["customer_id"].tolist()[0] == "A"
    assert made["returns_complaints"]["customer_id"].isna().tolist() == [False, True, True]


def test_a_mailbox_of_two_firms_is_asked_about_and_joins_nobody():
    firms = [
        {"name": "UAB Slėnio logistika", "kind": "company", "tax_id": "997538116", "email": "books@x.example"},
        {"name": "UAB Kalno klinika", "kind": "company", "tax_id": "995551170", "email": "books@x.example"},
    ]
    rows = pd.DataFrame([{"source": "crm", "record_id": str(n)} | firm for n, firm in enumerate(firms)])
    records = CONTRACT.check(CONTRACT.complete(rows), "test")
    pairs = identity.pairs(records, settings=DEFAULT)
    links = identity.links(records, pairs, settings=DEFAULT)
    [asked] = identity.ambiguous(records, pairs, links).to_dict("records")
    assert links["customer_id"].nunique() == 2
    assert "whose e-mail they share" in asked["would_settle"]


class TestConflicts:
    """HU-N2: two sources say different things of one customer."""

    CRM = {"source": "crm", "email": "a@b.lt", "phone": "+370 612 34567", "city": "Vilnius", "updated_on": "2020-01-01"}
    WEB = {"source": "web", "email": "A@B.LT", "phone": "+370 699 99999", "city": "Vilnius", "updated_on": "2026-01-01"}

    def made(self, on_conflict: str) -> tuple[str, pd.DataFrame]:
        frame = records(self.CRM, self.WEB)
        _, links = resolved(frame)
        card = identity.customers(frame, links, on_conflict=on_conflict).iloc[0]
        return card["phone"], identity.conflicts(frame, links, on_conflict=on_conflict)

    def test_by_default_the_first_source_stays_and_the_difference_is_listed(self):
        phone, listed = self.made("report")
        assert phone == self.CRM["phone"]
        [row] = listed.to_dict("records")
        assert (row["field"], row["used"], row["other"]) == ("phone", self.CRM["phone"], self.WEB["phone"])
        assert (row["used_from"], row["other_from"]) == ("crm:1", "web:2")

    def test_overwritten_by_the_latest_word_and_listed(self):
        phone, listed = self.made("overwrite")
        assert phone == self.WEB["phone"]
        assert listed["other"].tolist() == [self.CRM["phone"]]

    def test_kept_without_a_list(self):
        phone, listed = self.made("keep")
        assert phone == self.CRM["phone"]
        assert listed.empty

    def test_counted_by_field_and_as_a_finding(self):
        frame = records(self.CRM, self.WEB, {"source": "crm", "name": "Alone"})
        _, links = resolved(frame)
        listed = identity.conflicts(frame, links)
        found = identity.conflicting(listed, links, as_of=pd.Timestamp("2026-09-30"))
        assert (found.value, found.n, found.parts["differences"]) == (1, 1, 1)
        alone = identity.conflicting(listed.head(0), links.tail(1), as_of=pd.Timestamp("2026-09-30"))
        assert alone.status == "not_available"
        [row] = identity.conflicts_by_field(listed).to_dict("records")
        assert row == {"field": "phone", "used_source": "crm", "other_source": "web", "customers": 1}

    def test_consent_is_the_latest_word_whatever_the_policy(self):
        frame = records(self.CRM | {"consent_marketing": True}, self.WEB | {"consent_marketing": False})
        _, links = resolved(frame)
        assert not identity.customers(frame, links, on_conflict="report")["consent_marketing"][0]
