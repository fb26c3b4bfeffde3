import numpy as np
import pandas as pd
import pytest

from rapport.analysis import drivers, survival
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-12-31")
DEFAULT = settings()


def on(*days: int) -> pd.DatetimeIndex:
    """Days of the year before as_of, counted from its first."""
    return pd.DatetimeIndex([pd.Timestamp("2026-01-01") + pd.Timedelta(days=day) for day in days])


ORDERS = pd.DataFrame({"order_id": ["1", "2", "3"], "customer_id": ["a", "a", "b"], "ordered_on": on(0, 30, 0)})


def test_signs_name_what_happened_and_the_order_it_belongs_to():
    raised = pd.DataFrame(
        {
            "customer_id": ["a", "b", None],
            "order_id": ["1", None, None],
            "happened_on": on(40, 9, 9),
            "kind": ["complaint", "return", "return"],
        }
    )
    sent = pd.DataFrame(
        {
            "order_id": ["1", "2", "3", "9"],
            "promised_on": on(5, 35, 5, 5),
            "delivered_on": [on(5)[0], on(36)[0], on(50)[0], pd.NaT],
            "is_force_majeure": [False, False, True, False],
        }
    )
    warned = pd.DataFrame(
        {"customer_id": ["b", "b"], "happened_on": [on(20)[0], pd.Timestamp("2027-01-05")], "kind": " Tender"}
    )
    table = drivers.signs(ORDERS, raised, sent, warned, as_of=AS_OF)
    found = {(row.customer_id, row.sign): row.ordered_on for row in table.itertuples()}
    assert found[("a", "complaint")] == on(0)[0]
    assert found[("b", "return")] == on(9)[0]
    assert found[("a", "late delivery")] == on(30)[0]
    assert pd.isna(found[("b", "tender")])
    assert len(table) == 4


def test_a_return_without_a_day_has_that_of_its_order():
    raised = pd.DataFrame({"customer_id": ["a", "a"], "order_id": ["2", None], "happened_on": pd.NaT, "kind": "return"})
    table = drivers.signs(ORDERS, raised, as_of=AS_OF)
    assert table[["happened_on", "ordered_on"]].to_numpy().tolist() == [[on(30)[0].value] * 2]


def test_signs_of_the_sales_stand_beside_the_recorded_ones():
    """A price rise told by somebody and one seen in the sales are one sign."""
    told = pd.DataFrame({"customer_id": ["b"], "happened_on": on(20), "kind": "Price rise"})
    seen = pd.DataFrame({"customer_id": ["a"], "happened_on": on(30), "sign": "price rise", "ordered_on": on(30)})
    table = drivers.signs(ORDERS, events=told, sales=seen, as_of=AS_OF)
    assert table["sign"].unique().tolist() == ["price rise"]
    assert table.set_index("customer_id")["ordered_on"].notna().to_dict() == {"b": False, "a": True}


def test_a_recorded_handover_is_a_change_of_manager(make_table):
    """Whoever left before buying under the new manager shows none in the sales, but in the list of assignments."""
    hands = make_table(
        "account_managers", customer_id="a", manager_id=["m1", "m2"], from_on=["2024-01-01", on(50)[0]], to_on=None
    )
    table = drivers.signs(ORDERS, account_managers=hands, as_of=AS_OF)
    assert table.values.tolist() == [["a", on(50)[0], "change of manager", pd.NaT]]


def four_steps():
    """a buys on days 0, 30, 60 and is lost; b buys on 0, 30, 60, 90 … 300 and goes on."""
    days = {"a": [0, 30, 60], "b": list(range(0, 331, 30))}
    bought = pd.DataFrame([(name, on(day)[0], 10.0) for name in days for day in days[name]])
    bought.columns = ["customer_id", "ordered_on", "net"]
    history = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "purchase_days": [3, 12],
            "span_days": [60.0, 330.0],
            "net_total": [30.0, 120.0],
            "is_truncated": False,
        }
    )
    classes = pd.DataFrame({"customer_id": ["a", "b"], "state": ["lost", "active"], "gap_used_days": 30.0})
    return bought, history, classes


def sign(name: str, customer: str, day: int, order_day: int | None = None) -> pd.DataFrame:
    ordered = pd.NaT if order_day is None else on(order_day)[0]
    return pd.DataFrame({"customer_id": [customer], "happened_on": on(day), "sign": [name], "ordered_on": [ordered]})


def test_a_sign_belongs_to_its_order_or_to_the_gap_it_fell_in():
    signs = pd.concat(
        [
            sign("complaint", "b", 75, order_day=30),
            sign("late delivery", "a", 65, order_day=60),
            sign("price rise", "a", 70),
        ]
    )
    table = drivers.steps(*four_steps(), signs, settings=DEFAULT, as_of=AS_OF).set_index(["customer_id", "purchases"])
    assert table.loc[("b", 2), "complaint"]
    assert table["complaint"].sum() == 1
    assert table.loc[("a", 3), ["late delivery", "price rise", "is_lost"]].all()
    assert table["price rise"].sum() == 1
    assert table["is_lost"].sum() == 1


def test_customers_are_compared_with_their_like_and_only_if_they_were_worth_something():
    bought, history, classes = four_steps()
    people = pd.DataFrame({"customer_id": ["b"], "kind": ["person"]})
    shared = {"settings": DEFAULT, "as_of": AS_OF}
    table = drivers.steps(bought, history, classes, sign("x", "a", 65), None, people, **shared)
    strata = table.groupby("customer_id")["stratum"].unique().explode().to_dict()
    assert strata == {"a": "birth known, kind unknown", "b": "birth known, person"}
    sent_back = history.assign(net_total=[0.0, 120.0])
    assert set(drivers.steps(bought, sent_back, classes, sign("x", "a", 65), **shared)["customer_id"]) == {"b"}


def test_purchases_too_young_to_judge_are_left_out():
    """b's last purchase is open, and those within three gaps before as_of are not old enough."""
    table = drivers.steps(*four_steps(), sign("x", "a", 65), settings=DEFAULT, as_of=AS_OF)
    assert table.loc[table["customer_id"] == "b", "started_on"].max() == on(270)[0]


def test_no_contact_is_judged_only_from_the_first_logged_contact_on():
    contacts = pd.DataFrame(
        {"customer_id": ["b", "b", "a"], "contacted_on": on(100, 145, 100), "direction": ["out", "out", "in"]}
    )
    table = drivers.steps(*four_steps(), sign("x", "a", 65), contacts, settings=DEFAULT, as_of=AS_OF)
    uncalled = table[table["customer_id"] == "b"].set_index("purchases")[drivers.NO_CONTACT]
    assert not uncalled.loc[:5].any()  # up to day 120 the log did not cover a whole gap before
    assert uncalled.loc[6:].tolist() == [False, True, True, True, True]  # day 150 was called on day 145


def test_holm():
    """.01, .04, .03 of three: .03, .06, .06; an unjudged sign does not count."""
    raised = drivers.holm(pd.Series([0.01, 0.04, np.nan, 0.03]))
    assert raised.fillna(-1).tolist() == pytest.approx([0.03, 0.06, -1, 0.06])


def planted(seed: int, customers: int = 900) -> pd.DataFrame:
    """Steps in which a complaint makes leaving three times as likely and a newsletter does nothing."""
    rng = np.random.default_rng(seed)
    rows = []
    for name in range(customers):
        for purchase in range(1, 12):
            complaint, newsletter = rng.random(2) < (0.1, 0.2)
            is_lost = rng.random() < 1 - np.exp(-0.08 * 3**complaint)
            rows.append((str(name), purchase, AS_OF, "old" if name % 5 else "new", is_lost, complaint, newsletter))
            if is_lost:
                break
    return pd.DataFrame(rows, columns=[*drivers.STEP_COLUMNS, "complaint", "newsletter"])


def test_planted_drivers_are_found_and_a_null_is_not():
    table = drivers.drivers(planted(3), settings=DEFAULT).set_index("term")
    complaint, newsletter = table.loc["complaint"], table.loc["newsletter"]
    assert complaint["low"] < 3 < complaint["high"]
    assert (complaint["verdict"], complaint["is_shown"], newsletter["is_shown"]) == (drivers.MORE, True, False)
    assert newsletter["low"] < 1 < newsletter["high"]
    assert newsletter["verdict"] == drivers.NOT_SHOWN
    assert complaint["proportional_p"] > 0.01
    found = drivers.strongest(table.reset_index(), settings=DEFAULT, as_of=AS_OF)
    assert (found.parts["term"], found.parts["signs"], found.because) == ("complaint", 2, "association, not cause")


def test_a_ratio_that_fades_along_the_clock_fails_the_check():
    rng = np.random.default_rng(1)
    rows = planted(5, 2500)
    fading = np.where(rows["purchases"] == 1, 6.0, 1.0) ** rows["complaint"]
    rows["is_lost"] = rng.random(len(rows)) < 1 - np.exp(-0.08 * fading)
    assert drivers.drivers(rows, settings=DEFAULT).set_index("term").loc["complaint", "proportional_p"] < 0.01


def test_summing_equal_returns_changes_nothing():
    rows = planted(7, 150)
    terms = ["complaint", "newsletter"]
    summed = survival.hazard_ratios(drivers._counting(rows, terms), terms)
    one_by_one = (
        rows[terms]
        .astype(int)
        .assign(
            stratum=pd.factorize(rows["stratum"])[0],
            start=rows["purchases"] - 1.0,
            stop=rows["purchases"].astype(float),
            happened=rows["is_lost"],
            weight=1.0,
        )
    )
    pd.testing.assert_frame_equal(summed, survival.hazard_ratios(one_by_one, terms), rtol=1e-6)


def test_too_few_losses_are_said_to_be_too_few():
    rows = planted(2, 40)
    rows["complaint"] = rows["complaint"] & ~rows["is_lost"]
    table = drivers.drivers(rows, settings=DEFAULT).set_index("term")
    assert table.loc["complaint", "verdict"] == drivers.TOO_FEW
    assert pd.isna(table.loc["complaint", "ratio"])
    none = drivers.strongest(drivers.drivers(rows[rows["complaint"]], settings=DEFAULT), settings=DEFAULT, as_of=AS_OF)
    assert (none.status, none.because) == ("not_available", drivers.TOO_FEW)
    assert drivers.strongest(None, settings=DEFAULT, as_of=AS_OF).status == "not_available"
