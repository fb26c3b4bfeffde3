import pandas as pd

from rapport.analysis import corrective

AS_OF = pd.Timestamp("2026-09-30")
REASONS = pd.DataFrame(
    {
        "reason": ["price", "late", "service", "rude", "rare"],
        "leavers": [40, 25, 15, 12, 8],
        "share": [0.4, 0.25, 0.15, 0.12, 0.08],
    }
)


def actions(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["reason_code", "action", "kind", "owner", "due_on", "status"])
    return frame.assign(due_on=pd.to_datetime(frame["due_on"]))


def test_a_reason_at_a_quarter_without_an_action_fails_by_name():
    """LT-16: reason at 25 % without action → check fails naming it."""
    register = corrective.register(
        REASONS,
        actions(
            ("price", "new terms", "marketing", "Ona", "2026-12-01", "open"),
            ("service", "training", "internal", None, "2026-12-01", "open"),
            ("rude", "training", "internal", "Jonas", "2026-05-01", "open"),
            ("rude", "mystery calls", "internal", "Jonas", "2026-05-01", "Done"),
        ),
        as_of=AS_OF,
    )
    found = corrective.unanswered(register, as_of=AS_OF)
    assert (found.value, found.parts["reasons"], found.n) == (2, "late, service", 4)
    assert "late" in found.because
    assert found.parts["late"] == 1
    assert register.set_index("reason").loc["rare", "must_answer"] == False  # noqa: E712


def test_a_code_is_told_in_plain_words():
    register = corrective.register(REASONS.replace("late", "late_delivery"), None, as_of=AS_OF)
    found = corrective.unanswered(register, as_of=AS_OF)
    assert "late delivery" in found.because
    assert "late_delivery" in found.parts["reasons"]


def test_the_three_commonest_count_even_when_rare():
    few = REASONS.assign(share=0.05)
    register = corrective.register(few, None, as_of=AS_OF)
    assert register["must_answer"].tolist() == [True, True, True, False, False]
    assert corrective.unanswered(register, as_of=AS_OF).value == 3


def test_without_reasons_there_is_nothing_to_answer():
    assert corrective.unanswered(None, as_of=AS_OF).status == "not_available"
