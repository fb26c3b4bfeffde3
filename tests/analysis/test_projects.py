import pandas as pd

from rapport.analysis import projects
from rapport.foundation.settings import settings

AS_OF = pd.Timestamp("2026-09-30")


def test_running_projects_without_news_are_counted_and_listed_first(make_table):
    table = make_table(
        "projects",
        project_id=["told", "quiet", "never", "ended", "later"],
        stage="building",
        updated_on=["2026-09-20", "2026-08-01", None, "2025-01-01", "2026-10-05"],
        closed_on=[None, None, None, "2026-09-01", None],
    )
    found = projects.news(table, settings=settings(), as_of=AS_OF)
    assert (found.value, found.n) == (3, 4)
    assert found.parts == {"days": 30, "never": 2, "median_days": 35.0}
    waiting = projects.waiting(table, as_of=AS_OF)
    assert waiting["project_id"].tolist() == ["later", "never", "quiet", "told"]
    assert waiting["quiet_days"].tolist()[2:] == [60, 10]


def test_nothing_given_and_nothing_running_are_said(make_table):
    assert projects.news(None, settings=settings(), as_of=AS_OF).because == "no table 'projects'"
    ended = make_table("projects", project_id=["a"], stage=["done"], closed_on=["2026-09-30"])
    assert projects.news(ended, settings=settings(), as_of=AS_OF).because == "no project is running"
