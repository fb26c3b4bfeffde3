import pandas as pd
import pytest

from rapport.analysis import reasons
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = settings()


def survey(**columns) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    base = dict.fromkeys(
        [
            "customer_id",
            "attribution",
            "reason_code",
            "three_way",
            "competitor_means",
            "initiator",
            "q1_product",
            "q2_staff",
            "q3_sale",
        ]
    )
    return frame.assign(**{name: None for name in base if name not in frame}, is_answered=True)


TWENTY = survey(
    attribution=["our_action"] * 5 + ["our_omission"] * 3 + ["competitor"] * 5 + ["need_gone"] * 3 + [None] * 4
)


def test_attribution_of_known_and_of_all():
    """LT-12: 20 leavers, 8 ours / 5 competitor / 3 need / 4 unknown → 50 % of known [28–72 %], 40 % of all."""
    found = reasons.attribution(TWENTY, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.n) == (0.5, 16)
    assert [round(100 * end) for end in (found.low, found.high)] == [28, 72]
    assert (found.parts["all_share"], found.parts["verdict"], found.parts["u"]) == (0.4, "does not show", 4)


def test_attribution_table_keeps_unknown_out_of_the_known():
    table = reasons.attributions(TWENTY).set_index("attribution")
    assert table["leavers"].sum() == 20
    assert table["known_share"].sum() == pytest.approx(1.0)
    assert pd.isna(table.loc["unknown", "known_share"])
    assert table.loc["unknown", "share"] == 0.2
    assert reasons.attributions(TWENTY.head(0)).empty


@pytest.mark.parametrize(("ours", "verdict"), [(80, "supports"), (20, "speaks against")])
def test_the_premise_is_judged_by_its_interval(ours, verdict):
    said = survey(attribution=["our_action"] * ours + ["competitor"] * (100 - ours))
    assert reasons.attribution(said, settings=DEFAULT, as_of=AS_OF).parts["verdict"] == verdict


def test_no_survey_and_no_answer_are_not_available():
    assert reasons.attribution(None, settings=DEFAULT, as_of=AS_OF).because == "no table 'leavers_survey'"
    silent = survey(attribution=[None, None])
    assert reasons.attribution(silent, settings=DEFAULT, as_of=AS_OF).because == "no leaver named a reason"


def test_reason_table_counts_codes_persons_and_value():
    said = survey(customer_id=["a", "b", "c", "d"], reason_code=["price", "price; service", "unmet_want", None])
    lost = pd.DataFrame({"customer_id": ["a", "b"], "remaining_value": [100.0, 50.0]})
    table = reasons.reason_table(said, lost).set_index("reason")
    assert table["leavers"].to_dict() == {"price": 2, "service": 1, "unmet_want": 1}
    assert table.loc["price", "share"] == pytest.approx(2 / 3)
    assert table.loc["price", "value_lost"] == 150
    assert pd.isna(table.loc["unmet_want", "value_lost"])
    assert ((table["low"] < table["share"]) & (table["share"] < table["high"])).all()


def test_both_buckets_count_each_and_every_person_once():
    """LT-15: both codes given → counted in each, unique total once."""
    said = survey(
        attribution=["our_action", "our_omission", "competitor"],
        reason_code=["late", "rude", None],
        competitor_means=["price", None, "terms"],
    )
    table = reasons.buckets(said)
    assert table.groupby("bucket")["leavers"].sum().to_dict() == {"our own defects": 2, "competitors' means": 2}
    found = reasons.both_buckets(said, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.parts["both"]) == (3, 1)


def test_initiator_by_reason():
    """BG-16: 3 customer, 1 manager → 75/25."""
    said = survey(
        initiator=["customer"] * 3 + ["our_manager"], attribution=["competitor", None, "our_action", "our_action"]
    )
    table = reasons.initiators(said).set_index("initiator")
    assert table["share"].to_dict() == {"customer": 0.75, "our_manager": 0.25}
    assert table.loc["customer", ["competitor", "unknown", "our_action"]].tolist() == [1, 1, 1]


def test_response_of_the_refusers():
    """HU-25: 20 sent, 8 back → 40 %."""
    asked = survey(customer_id=[str(i) for i in range(20)]).assign(is_answered=[i < 8 for i in range(20)])
    found = reasons.response(asked, settings=DEFAULT, as_of=AS_OF)
    assert (found.value, found.parts["silent"]) == (0.4, 12)
    items = reasons.items(survey(q1_product=["size", None], q2_staff=["rude", "rude"]))
    assert items.set_index("item")["leavers"].to_dict() == {"product or service": 1, "work of staff": 2}


def test_top_reason_as_text_and_share():
    text, share = reasons.top_reason(
        survey(reason_code=["price", "price", "service", None]), settings=DEFAULT, as_of=AS_OF
    )
    assert (text.value, share.value, share.n) == ("price", pytest.approx(2 / 3), 3)
    missing, _ = reasons.top_reason(None, settings=DEFAULT, as_of=AS_OF)
    assert missing.status == "not_available"


def test_rival_explanations_on_the_same_answers():
    """C7: ours 8 of 16, want of attention 60 of 100 [50.2, 69.1] most, competitor 5 of 16 not shown, external 0 of 16."""
    table = reasons.hypotheses(TWENTY).set_index("cause")
    assert table.loc["our own acts or omissions", ["leavers", "known", "verdict"]].tolist() == [8, 16, "not shown"]
    assert table.loc["want of attention", "verdict"] == "not asked or not coded"
    assert table.loc["want of attention", ["share", "low", "high"]].isna().all()
    assert reasons.hypotheses(survey(attribution=[None, "unknown"])).empty
    assert table.loc["outside anybody's control", "verdict"] == "not most"
    coded = survey(attribution=["our_omission"] * 100, reason_code=["lack_of_attention"] * 60 + ["price"] * 40)
    row = reasons.hypotheses(coded).set_index("cause").loc["want of attention"]
    assert [round(100 * row[end], 1) for end in ("low", "high")] == [50.2, 69.1]
    assert row["verdict"] == "most"


def test_an_unmet_want_is_a_reason_like_any_other():
    """ET-02: counted under its code, its words kept."""
    said = survey(reason_code=["unmet_want", "unmet_want", "price"], q1_product=["no oat milk", None, None])
    assert reasons.reason_table(said).set_index("reason").loc["unmet_want", "leavers"] == 2
    assert reasons.items(said)["reason"].tolist() == ["no oat milk"]


def test_a_form_nobody_filled_in_is_no_question_asked():
    rows = pd.DataFrame({"asked_on": pd.to_datetime(["2026-01-05", None, None]), "is_answered": [False, True, False]})
    assert reasons.asked(rows).index.tolist() == [0, 1]
    assert reasons.asked(rows)["is_answered"].tolist() == [False, True]
    assert len(reasons.asked(rows.assign(asked_on=pd.NaT))) == 3
    assert reasons.asked(rows.assign(asked_on=pd.NaT, is_answered=False)).empty
    assert reasons.asked(None) is None
