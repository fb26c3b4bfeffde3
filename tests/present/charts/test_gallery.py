"""Every chart on made data, small and nasty: nothing clipped, nothing over anything, the same bytes every time."""

from itertools import product
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from rapport.foundation.finding import Finding, not_available
from rapport.present import charts, style
from rapport.present.formats import Locale, speaking

LONG = "Общество с ограниченной ответственностью „Балтийская гостеприимная группа“ $1 <b>& Co</b> " * 2
DAY = "2026-09-30"


def finding(id: str, value, unit: str, **parts) -> Finding:
    parts = {"n": 214} | parts
    return Finding(id=id, value=value, unit=unit, n=214, basis="net sales of 214 customers", as_of=DAY, parts=parts)


def months(count: int) -> pd.DatetimeIndex:
    return pd.date_range(end="2026-09-01", periods=count, freq="MS")


def lorenz(n: int, steepness: float):
    x = np.linspace(0, 1, n + 1)
    curve = pd.DataFrame({"customers_share": x, "value_share": 1 - (1 - x) ** steepness})
    share = float(np.interp(0.2, x, curve["value_share"]))
    k_share = float(np.interp(0.8, curve["value_share"], x))
    parts = {"headcount_share": 0.2, "value_share": 0.8, "top": n // 5, "top_share": share, "k": 3, "k_share": k_share}
    top, group = (
        finding("pareto.top_share", share, "share", **parts),
        finding("pareto.smallest_group", 3, "count", **parts),
    )
    gini, largest = finding("pareto.gini", 0.5, "ratio"), finding("concentration.largest", 0.09, "share")
    return charts.lorenz(curve, top_share=top, gini=gini, smallest_group=group, top10_share=largest, largest=largest)


def largest_clients(rows: int, name: str):
    shares = pd.DataFrame({"name": [f"{name} {i}" for i in range(rows)], "share": np.linspace(0.5, 0.01, rows)})
    shares["band"] = ["critical", *["normal"] * (rows - 1)]
    band = finding("dependency.band", "critical", "text", name=name, share=0.5, band="critical")
    return charts.largest_clients(shares, band=band)


def abc_xyz(letters: str, customers: int):
    cells = list(product("ABC", letters))
    grid = pd.DataFrame(cells, columns=["abc", "xyz"]).assign(customers=customers, customer_share=0.083)
    grid["net_share"] = np.linspace(0.3, 0.01, len(cells)) if customers else np.nan
    return charts.abc_xyz(grid.assign(action="a named person: find out what sets each purchase off"), basis="made up")


def volume_frequency(customers: int):
    cells = [*product(("high", "mid", "low"), ("low", "mid", "high")), ("new", "new")]
    grid = pd.DataFrame(cells, columns=["volume_band", "frequency_band"])
    share = 0.1 if customers else np.nan
    return charts.volume_frequency(grid.assign(customers=customers, customer_share=0.1, net_share=share))


def skirt(scale: int, prospects: int | None = 160):
    stages = ["reach", "acquisition", "buyer", "customer", "regular", "adherent", "advocate"]
    table = pd.DataFrame({"part": ["funnel"] * 2 + ["ladder"] * 5, "stage": stages})
    table["customers"] = [prospects, prospects, 17 * scale, 8 * scale, scale, 0, np.nan]
    table["step_share"] = [np.nan, 0.54, 17.4, 0.47, 0.13, 0.0, np.nan] if scale else np.nan
    ups, downs = [np.nan] * 2 + [0, 35 * scale, 58, 1, 0], [np.nan] * 2 + [0, 102 * scale, 0, 0, 0]
    return charts.skirt(table.assign(low=0.02, high=0.51, came_up=ups, came_down=downs), basis="made up")


def cohorts(count: int, net: float) -> pd.DataFrame:
    rows = [
        (month, age, 30, 30 / (age + 1), net / (age + 1), 1 / (age + 1), rank + age < count - 1, False)
        for rank, month in enumerate(months(count))
        for age in range(count - rank)
    ]
    names = ["cohort_on", "age", "customers", "buyers", "net", "share", "is_complete", "is_truncated"]
    return pd.DataFrame(rows, columns=names)


def retention_lines(count: int, formula: float):
    table = pd.DataFrame({"period_end_on": months(count), "retention_formula": formula, "retention_cohort": 0.78})
    table = table.assign(low=0.75, high=0.81)
    return charts.retention_lines(table, formula=finding("retention.formula", formula, "share", crr=formula, coh=0.78))


def tracking(weeks: int, scale: float):
    days = pd.date_range(end=DAY, periods=weeks, freq="W")
    actual = scale * (2 + np.sin(np.arange(weeks)))
    table = pd.DataFrame({"week_on": days, "actual": actual, "expected": actual * 1.1})
    table = table.assign(low=actual * 0.9, high=actual * 1.3)
    totals = table.drop(columns="week_on").cumsum().add_suffix("_total")
    return charts.tracking(table.join(totals), error=finding("value.repeat_bias", 0.04, "ratio"))


def calibration(scale: float, tenths: int = 10):
    table = pd.DataFrame({"tenth": range(1, tenths + 1), "expected": scale * np.arange(1, tenths + 1)})
    table = table.assign(actual=table["expected"] * 1.1, low=table["expected"], high=table["expected"] * 1.2)
    return charts.calibration(table, error=finding("value.repeat_bias", -0.04, "ratio"))


def clv_distribution(worth: list[float], *, is_summed: bool = True):
    total = finding("value.equity", float(sum(worth)), "money", months=12, median=1.0, top_from=2.0)
    if not is_summed:
        total = not_available("value.equity", "a forecast of grade C allows no total", unit="money", as_of=DAY)
    median, top_from = np.quantile(worth, [0.5, 0.9]) if worth else (np.nan, np.nan)
    return charts.clv_distribution(pd.DataFrame({"clv": worth}), total=total, median=median, top_from=top_from)


def alive_curves(groups: list[str], days: int):
    day = np.arange(days + 1)
    rows = [
        pd.DataFrame(
            {"curve": "second purchase", "group": group, "day": day, "share": np.exp(-day / 90 / (1 + rank / 50))}
        )
        for rank, group in enumerate(groups)
    ]
    names = ["curve", "group", "day", "share"]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=names)
    table = table.assign(low=table["share"], high=table["share"], at_risk=123_456)
    return charts.alive_curves(
        table, curve="second purchase", finding=finding("second_order.within_year", 0.6, "share")
    )


def alive_by_value(count: int, top: float):
    points = pd.DataFrame({"alive_prob": np.linspace(0, 1, count), "value": np.geomspace(1, top, count)})
    targets = finding("recover.targets", 12, "count")
    return charts.alive_by_value(points, targets=targets, alive_low=0.2, alive_high=0.7, value_from=top / 10)


def reasons(names: list[str]):
    table = pd.DataFrame({"reason": names, "customers": 1_234_567, "share": 0.3, "low": 0.1, "high": 0.99})
    return charts.reasons(
        table, finding=finding("lost.top_reason_share", 0.3, "share", reason=names[0]) if names else None
    )


def forest(names: list[str], spread: float):
    table = pd.DataFrame({"term": names, "ratio": 1.5, "low": 1.5 / spread, "high": 1.5 * spread, "customers": 7})
    return charts.forest(table.assign(is_shown=[place % 2 == 0 for place in range(len(names))]))


def gains(count: int, top: float):
    contacts = np.arange(count + 1)
    mid = top * np.sin(contacts / max(count, 1) * 2.4)
    table = pd.DataFrame({"contacts": contacts, "low": mid / 2 - contacts, "mid": mid, "high": 2 * mid})
    paying = finding("winback.last_paying", 7, "count", low=1, mid=7, high=30)
    return charts.gains(table, paying=paying)


def acquisition(channels: list[str], count: int, cac: float) -> pd.DataFrame:
    rows = product(months(count), ["all", *channels])
    return pd.DataFrame(rows, columns=["month_on", "channel"]).assign(new_customers=3, cac=cac)


def saturation(periods: int, scale: float, slope: float | None = 0.5):
    spend = scale * np.arange(1, periods + 1)
    table = pd.DataFrame({"month_on": months(periods), "spend": spend, "new_customers": np.sqrt(spend)})
    ends = {"slope": slope, "slope_low": 0.1, "slope_high": 0.9}
    return charts.saturation(table, verdict=finding("saturation.verdict", "signs", "text", **ends))


def returns_by_budget(phases: list[str], scale: float):
    rows = [
        {"phase": phase, "cost": scale * k, "gain_low": -scale * k, "gain_mid": scale * k**0.5, "gain_high": scale * k}
        for phase in phases
        for k in range(20)
    ]
    columns = ["phase", "cost", "gain_low", "gain_mid", "gain_high"]
    return charts.returns_by_budget(pd.DataFrame(rows, columns=columns), basis="made up")


def money_plan(titles: list[str], scale: float):
    table = pd.DataFrame(
        {"title": titles, "phase": [("acquire", "retain", "recover")[i % 3] for i in range(len(titles))]}
    )
    table = table.assign(verdict="assigned", cost=scale, gain_low=-scale, gain_mid=2 * scale, gain_high=9 * scale)
    return charts.money_plan(table, gain=finding("plan.gain", 3 * scale, "money"))


def waterfall(labels: list[str], scale: float):
    amounts = scale * np.linspace(5, -1, len(labels))
    steps = pd.DataFrame({"label": labels, "amount": amounts, "is_total": False})
    steps.loc[:0, "is_total"] = True
    return charts.waterfall(steps, name="plan_bridge", unit="money", finding=finding("plan.gain", 3.0, "money"))


def alluvial(classes: list[str], customers: list[int]):
    pairs = list(product(classes, classes))
    rows = [(*pair, "down" if classes.index(pair[1]) > classes.index(pair[0]) else "up") for pair in pairs]
    flows = pd.DataFrame(rows, columns=["before", "after", "direction"])
    flows["customers"] = (customers * (len(rows) // max(len(customers), 1) + 1))[: len(rows)]
    moved = {"from_on": "2025-09-30", "to_on": DAY, "up": 12, "down": 30, "up_change": 4e5, "down_change": -7e6}
    return charts.alluvial(flows, finding=finding("migration.abc", -18, "count", **moved))


def tornado(labels: list[str], scale: float):
    table = pd.DataFrame({"label": labels, "low_label": "10 %", "high_label": "1,250,000 customers"})
    table["low"], table["high"] = scale * 0.5, scale * np.linspace(2, 1.1, len(labels))
    return charts.tornado(table, result=finding("plan.gain", scale, "money"))


def coverage(sources: list[str], count: int, gaps: set[int]):
    rows = [(source, month, 0 if i in gaps else 40) for source in sources for i, month in enumerate(months(count))]
    table = pd.DataFrame(rows, columns=["source", "month_on", "rows"])
    return charts.coverage(table, gaps=finding("coverage.gaps", len(gaps), "count"))


def reconciliation(differences: list[float]):
    table = pd.DataFrame({"month_on": months(len(differences)), "difference_share": differences})
    return charts.reconciliation(table, difference=finding("ledger.difference", 0.004, "share"), tolerance=0.01)


ONCE = finding("ladder.one_timer_share", 0.34, "share", value_share=0.1, is_alert=True)
AGAIN = finding("retention.repeat_revenue_share", 0.82, "share")
CAC = finding("acquire.cac", 84.2, "money")
FEW, MANY = ["price", "service", "need gone"], [f"{LONG} {i}" for i in range(14)]
DRAWINGS = {
    "lorenz": lambda: lorenz(200, 6),
    "lorenz, flat": lambda: lorenz(50, 1.02),
    "lorenz, one customer": lambda: lorenz(1, 1),
    "lorenz, steep": lambda: lorenz(2000, 400),
    "largest_clients": lambda: largest_clients(4, "Šaltinis"),
    "largest_clients, nasty": lambda: largest_clients(40, LONG),
    "largest_clients, one": lambda: largest_clients(1, "A"),
    "abc_xyz": lambda: abc_xyz("XYZ", 20),
    "abc_xyz, huge": lambda: abc_xyz("XYZN", 12_345_678),
    "abc_xyz, empty": lambda: abc_xyz("XYZ", 0),
    "volume_frequency": lambda: volume_frequency(20),
    "volume_frequency, huge": lambda: volume_frequency(12_345_678),
    "volume_frequency, empty": lambda: volume_frequency(0),
    "skirt": lambda: skirt(80),
    "skirt, huge": lambda: skirt(10_000_000),
    "skirt, empty": lambda: skirt(0, None),
    "retention_map": lambda: charts.retention_map(cohorts(12, 1000), within_year=ONCE),
    "retention_map, many": lambda: charts.retention_map(cohorts(60, 1000), within_year=ONCE),
    "retention_map, one": lambda: charts.retention_map(cohorts(1, 1000), within_year=ONCE),
    "retention_map, two": lambda: charts.retention_map(cohorts(2, 1000), within_year=ONCE),
    "revenue_by_cohort": lambda: charts.revenue_by_cohort(cohorts(30, 1000), repeat=AGAIN),
    "revenue_by_cohort, many": lambda: charts.revenue_by_cohort(cohorts(130, 1e12), repeat=AGAIN),
    "revenue_by_cohort, two": lambda: charts.revenue_by_cohort(cohorts(2, 1000), repeat=AGAIN),
    "retention_lines": lambda: retention_lines(18, 0.9),
    "retention_lines, above one": lambda: retention_lines(1, 1.7),
    "retention_lines, none": lambda: retention_lines(0, 0.9),
    "tracking": lambda: tracking(26, 100),
    "tracking, huge": lambda: tracking(104, 1e9),
    "tracking, small": lambda: tracking(30, 0.01),
    "tracking, one week": lambda: tracking(1, 1),
    "tracking, none": lambda: tracking(0, 1),
    "calibration": lambda: calibration(1),
    "calibration, small": lambda: calibration(0.001),
    "calibration, two": lambda: calibration(1000, tenths=2),
    "calibration, none": lambda: calibration(1, tenths=0),
    "clv_distribution": lambda: clv_distribution(list(np.geomspace(1, 10_000, 500))),
    "clv_distribution, for ranking only": lambda: clv_distribution([5.0, 50.0, 500.0], is_summed=False),
    "clv_distribution, one": lambda: clv_distribution([250.0]),
    "clv_distribution, none": lambda: clv_distribution([]),
    "clv_distribution, wide": lambda: clv_distribution([0.0, -5.0, 0.01, 1e12]),
    "alive_curves": lambda: alive_curves(["all"], 365),
    "alive_curves, nasty": lambda: alive_curves([f"{i} {LONG}" for i in range(6)], 3000),
    "alive_curves, none": lambda: alive_curves([], 0),
    "alive_curves, one day": lambda: alive_curves(["all"], 1),
    "alive_by_value": lambda: alive_by_value(300, 1e4),
    "alive_by_value, many": lambda: alive_by_value(5000, 1e12),
    "alive_by_value, none": lambda: alive_by_value(0, 100),
    "reasons": lambda: reasons(FEW),
    "reasons, nasty": lambda: reasons(MANY),
    "reasons, none": lambda: reasons([]),
    "forest": lambda: forest(FEW, 1.3),
    "forest, nasty": lambda: forest(MANY, 50),
    "gains": lambda: gains(90, 2000),
    "gains, huge": lambda: gains(100_000, 1e11),
    "gains, one": lambda: gains(1, 5),
    "gains, none": lambda: gains(0, 1),
    "cac_by_month": lambda: charts.cac_by_month(acquisition([], 18, 84), cac=CAC),
    "cac_by_month, no spend": lambda: charts.cac_by_month(acquisition([], 60, np.nan), cac=CAC),
    "cac_by_month, none": lambda: charts.cac_by_month(acquisition([], 0, 1), cac=CAC),
    "cac_by_channel": lambda: charts.cac_by_channel(acquisition(["web", "fair"], 12, 84), cac=CAC),
    "cac_by_channel, nasty": lambda: charts.cac_by_channel(acquisition(MANY, 40, 1e10), cac=CAC),
    "cac_by_channel, none": lambda: charts.cac_by_channel(acquisition([], 3, 1), cac=CAC),
    "saturation": lambda: saturation(12, 1000),
    "saturation, huge": lambda: saturation(40, 1e10),
    "saturation, one level": lambda: saturation(3, 1000, slope=None),
    "saturation, none": lambda: saturation(0, 1),
    "money_plan": lambda: money_plan(["Second order", "Rescue", "Referral"], 1000),
    "money_plan, nasty": lambda: money_plan([f"{i} {LONG}" for i in range(30)], 1e12),
    "money_plan, none": lambda: money_plan([], 1),
    "returns_by_budget": lambda: returns_by_budget(["retain", "recover", "acquire"], 1000),
    "returns_by_budget, huge": lambda: returns_by_budget(["acquire"], 1e12),
    "returns_by_budget, none": lambda: returns_by_budget([], 1),
    "waterfall": lambda: waterfall(["start", "new", "back", "lost"], 100),
    "waterfall, nasty": lambda: waterfall([LONG] * 9, 1e12),
    "waterfall, one": lambda: waterfall(["start"], 100),
    "alluvial": lambda: alluvial(["A", "B", "C"], [50, 20, 5]),
    "alluvial, nasty": lambda: alluvial([f"{i} {LONG}" for i in range(14)], [0, 1, 1_000_000]),
    "alluvial, one": lambda: alluvial(["A"], [7]),
    "alluvial, none": lambda: alluvial(["A", "B"], [0]),
    "tornado": lambda: tornado(FEW, 1000),
    "tornado, nasty": lambda: tornado(MANY, 1e12),
    "coverage": lambda: coverage(["web", "crm"], 36, {4, 5}),
    "coverage, nasty": lambda: coverage(MANY, 150, {4, 5}),
    "coverage, none": lambda: coverage([], 0, set()),
    "reconciliation": lambda: reconciliation([0.001, -0.004, 0.02, 0.0]),
    "reconciliation, huge": lambda: reconciliation([90.0, -1.0, np.nan]),
    "reconciliation, none": lambda: reconciliation([]),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_is_clipped_and_nothing_lies_over_anything(name, faults):
    assert faults(DRAWINGS[name]().figure) == []


@pytest.mark.parametrize("name", [name for name in DRAWINGS if "," not in name])
def test_a_chart_says_what_it_shows_and_is_the_same_every_time(name):
    first, second = DRAWINGS[name](), DRAWINGS[name]()
    svg = first.svg()
    assert svg == second.svg() == first.svg()
    ElementTree.fromstring(svg)
    assert len(svg) < 200_000
    assert first.title.rstrip(".") in first.alt
    assert len(first.alt) > len(first.title) + 20
    assert "{" not in first.title + first.subtitle + first.alt + first.caption


@pytest.mark.parametrize("language", ["lt", "hu", "ru"])
@pytest.mark.parametrize(
    "name", ["lorenz", "money_plan", "clv_distribution", "retention_map", "reconciliation", "skirt, huge"]
)
def test_nothing_is_clipped_in_other_languages(name, language, faults):
    with speaking(Locale(language, "HUF")):
        assert faults(DRAWINGS[name]().figure) == []


def test_every_chart_is_in_the_gallery():
    drawn = {name.split(",")[0] for name in DRAWINGS}
    assert drawn == set(charts.__all__) - {"Chart"}


def test_the_gallery_sees_a_collision_and_a_clipped_text(faults):
    figure = DRAWINGS["skirt"]().figure
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.5, "other")
    figure.text(0.98, 0.5, "beyond the edge")
    assert any("'one' lies over 'other'" in fault for fault in faults(figure))
    assert any("'beyond the edge' is clipped" in fault for fault in faults(figure))


def test_a_finding_that_is_not_available_leaves_the_plain_title():
    missing = not_available("ladder.one_timer_share", "transactions.order_id", unit="share", as_of=DAY)
    assert (
        charts.retention_map(cohorts(12, 1000), within_year=missing).title
        == "How many of each month's new customers bought again"
    )


def test_the_title_carries_the_number_of_the_data():
    assert alive_curves(["all"], 9).title == "60% of new customers bought again within a year"
    told = "The customers are expected to bring €100 over the coming 12 months"
    assert clv_distribution([100.0]).title.startswith(told)
    assert "€" not in clv_distribution([100.0], is_summed=False).title
    assert lorenz(100, 6).title == "The top 20% of customers bring 74% of net sales"
    assert largest_clients(3, "Šaltinis").title == "Šaltinis is 50% of sales: dependency band “critical”"


def test_many_points_are_drawn_as_pixels():
    assert "<image" in alive_by_value(style.RASTER_ABOVE + 1, 1e4).svg()
    assert "<image" not in alive_by_value(50, 1e4).svg()


def test_a_name_with_dollars_and_tags_is_only_text():
    svg = largest_clients(2, "$x^2$ <script>alert(1)</script>").svg()
    assert "<script" not in svg
    assert "$x^2$ &lt;script" in svg
