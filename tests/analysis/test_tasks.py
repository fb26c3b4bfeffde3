import pandas as pd

from rapport.analysis import tasks
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")
DEFAULT = {"settings": settings(), "as_of": AS_OF}


def test_three_of_five_steps_are_done(make_table):
    """HU-16: 60 %; one of them late, and one done only after as_of is not done yet."""
    table = make_table(
        "tasks",
        manager_id="m1",
        due_on=["2026-09-01", "2026-09-02", "2026-09-03", "2026-09-04", "2026-09-30", "2026-10-01", "2024-01-01"],
        done_on=["2026-09-01", "2026-08-01", "2026-09-09", None, "2026-10-02", None, None],
    )
    found = tasks.done(table, **DEFAULT)
    assert (found.value, found.n) == (0.6, 5)
    assert (found.parts["late"], found.parts["overdue"]) == (1, 2)


def test_no_table_and_nothing_due_are_said(make_table):
    assert tasks.done(None, **DEFAULT).because == "no table 'tasks'"
    later = make_table("tasks", due_on=["2026-12-01"])
    assert tasks.done(later, **DEFAULT).because == "no step fell due in the active window"
