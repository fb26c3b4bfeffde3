"""Projects for customers: how long ago each was told where it stands (HU-28)."""

import pandas as pd

from ..foundation.finding import Finding, not_available

NO_PROJECTS = "no table 'projects'"


def waiting(projects: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """The projects that run on as_of, those longest without news first: project_id, customer_id, manager_id, stage,
    updated_on, quiet_days (since the customer last heard; empty where it never did, and these stand first).

    In: `projects`. News of after as_of counts as none.
    """
    rows = projects[~(projects["closed_on"] <= as_of)]
    rows = rows.assign(updated_on=rows["updated_on"].where(rows["updated_on"] <= as_of))
    rows["quiet_days"] = (as_of - rows["updated_on"]).dt.days.astype(float)
    columns = ["project_id", "customer_id", "manager_id", "stage", "updated_on", "quiet_days"]
    by = ["quiet_days", "project_id"]
    return rows.sort_values(by, ascending=[False, True], na_position="first", ignore_index=True)[columns]


def news(projects: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Finding projects.without_news (count): running projects of which the customer has not heard for longer than
    service.news_days, or never; n the running ones.

    In: `projects`, or None. Parts: days (service.news_days), never (count), median_days (since the last news, of those
    that had any; empty where none had). Cases: no project running is not available. Reference: HU-28.
    """
    id = "projects.without_news"
    head = {"unit": "count", "as_of": str(as_of.date()), "basis": "projects that run"}
    if projects is None:
        return not_available(id, NO_PROJECTS, **head)
    rows = waiting(projects, as_of=as_of)
    if rows.empty:
        return not_available(id, "no project is running", **head)
    never, quiet = int(rows["quiet_days"].isna().sum()), rows["quiet_days"].dropna()
    late = never + int((quiet > settings.service.news_days).sum())
    parts = {"days": settings.service.news_days, "never": never}
    parts["median_days"] = float(quiet.median()) if len(quiet) else None
    return Finding(id=id, value=late, n=len(rows), parts=parts, **head)
