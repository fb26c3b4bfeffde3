"""Does acquisition money still buy customers at the old price? (BG-05, BG-07, RU-19)"""

import numpy as np
import pandas as pd
from scipy.stats import linregress, norm, t

from ..foundation.finding import Finding, not_available
from .acquire import ALL, marginal_cac
from .intervals import LEVEL

LEAST_CHANNEL_PERIODS = 6  # RU-19
SEASON_CORRELATION = 0.5
NO_SPEND = "no table 'spend' with purpose acquire"


def paid_months(acquisition: pd.DataFrame, *, settings, as_of: pd.Timestamp) -> pd.DataFrame:
    """The whole months with known spend: what was spent and how many customers it brought, all channels together.

    In: `acquisition`. Out: one row per month: month_on, spend, new_customers (of the month acquire.lag_months later),
    cac, marginal_cac (empty where spend did not rise, infinite where it rose without more customers), is_today (the
    last month).
    Reference: BG-07.
    """
    rows = acquisition[(acquisition["channel"] == ALL)].sort_values("month_on", ignore_index=True)
    rows = rows[rows["month_on"] + pd.offsets.MonthEnd(0) <= as_of]
    new = rows["new_customers"].shift(-settings.acquire.lag_months)
    rows = rows[["month_on", "spend"]].assign(new_customers=new).dropna().reset_index(drop=True)
    change = rows[["spend", "new_customers"]].diff()
    return rows.assign(
        cac=(rows["spend"] / rows["new_customers"]).where(rows["new_customers"] > 0),
        marginal_cac=marginal_cac(change["spend"], change["new_customers"]),
        is_today=rows.index == len(rows) - 1,
    )


def saturation(acquisition: pd.DataFrame | None, *, settings, as_of: pd.Timestamp) -> Finding:
    """Whether each further customer costs more: "saturating", "signs" or "no evidence".

    In: `acquisition`. Out: Finding saturation.verdict (text), n the months; parts: slope (of log customers on log
    spend, with slope_low and slope_high, 95 %), last_spend and last_customers (what the last six months, or half of
    them, had more of than those before), last_marginal (their ratio; None where it is not a cost), last_months.
    Saturating: the slope's upper end is below 1 on acquire.min_periods months or more. Signs: the last two marginal
    costs each rose. Cases: spend that follows the season is warned of in `because`; no spend, or fewer than three
    months of it, is not available. Reference: BG-07; template 9.
    """
    day, basis = str(as_of.date()), "whole months with acquisition spend, all channels"
    rows = pd.DataFrame() if acquisition is None else paid_months(acquisition, settings=settings, as_of=as_of)
    usable = rows[(rows["spend"] > 0) & (rows["new_customers"] > 0)] if len(rows) else rows
    if len(usable) < 3:
        why = NO_SPEND if rows.empty else f"only {len(usable)} months have both spend and new customers"
        return not_available("saturation.verdict", why, unit="text", as_of=day, basis=basis)
    parts = _slope(usable)
    rises = rows["marginal_cac"].dropna().to_numpy()
    verdict = "no evidence"
    if len(usable) >= settings.acquire.min_periods and parts["slope"] is not None and parts["slope_high"] < 1:
        verdict = "saturating"
    elif len(rises) > 2 and (rises[-2:] > rises[-3:-1]).all():
        verdict = "signs"
    because = (
        "spend follows the season, and so do customers: part of the slope is the season's" if _seasonal(rows) else ""
    )
    parts |= _last_rise(rows)
    return Finding(
        id="saturation.verdict",
        unit="text",
        value=verdict,
        n=len(usable),
        basis=basis,
        as_of=day,
        because=because,
        parts=parts,
    )


def _slope(rows: pd.DataFrame) -> dict:
    x, y = np.log(rows["spend"]), np.log(rows["new_customers"])
    if np.ptp(x) == 0:
        return {"slope": None, "slope_low": None, "slope_high": None}
    line = linregress(x, y)
    half = t.ppf((1 + LEVEL) / 2, len(rows) - 2) * line.stderr
    return {"slope": float(line.slope), "slope_low": float(line.slope - half), "slope_high": float(line.slope + half)}


def curve(paid_months: pd.DataFrame, *, points: int = 60) -> pd.DataFrame:
    """The customers that spend brings by the fitted slope, from the least that was tried to a third beyond the most.

    In: the table of `paid_months`. Out: one row per point: spend, new_customers, low, high (95 %, of the mean),
    is_extrapolated (beyond what was tried). Cases: fewer than three months, or one amount only, give no rows.
    Reference: BG-07.
    """
    rows = paid_months[(paid_months["spend"] > 0) & (paid_months["new_customers"] > 0)]
    x, y = np.log(rows["spend"].to_numpy(float)), np.log(rows["new_customers"].to_numpy(float))
    if len(rows) < 3 or np.ptp(x) == 0:
        return pd.DataFrame(columns=["spend", "new_customers", "low", "high", "is_extrapolated"])
    line = linregress(x, y)
    spend = np.linspace(rows["spend"].min(), rows["spend"].max() * 4 / 3, points)
    middle, off = line.intercept + line.slope * np.log(spend), np.log(spend) - x.mean()
    noise = np.sqrt(((y - line.intercept - line.slope * x) ** 2).sum() / (len(x) - 2))
    half = t.ppf((1 + LEVEL) / 2, len(x) - 2) * noise * np.sqrt(1 / len(x) + off**2 / ((x - x.mean()) ** 2).sum())
    ends = {"low": np.exp(middle - half), "high": np.exp(middle + half)}
    is_extrapolated = spend > rows["spend"].max()
    return pd.DataFrame({"spend": spend, "new_customers": np.exp(middle), **ends, "is_extrapolated": is_extrapolated})


def _last_rise(rows: pd.DataFrame) -> dict:
    """What the last half-year's spend (at most half of the months) was above the one before, and what that brought."""
    many = min(6, len(rows) // 2)
    later, before = (part[["spend", "new_customers"]].sum() for part in (rows[-many:], rows[-2 * many : -many]))
    spend, new = later - before
    marginal = float(spend / new) if spend > 0 and new > 0 else None
    return {"last_spend": float(spend), "last_customers": int(new), "last_marginal": marginal, "last_months": many}


def _seasonal(rows: pd.DataFrame) -> bool:
    spend = rows.set_index(rows["month_on"].dt.to_period("M"))["spend"]
    before = spend.set_axis(spend.index + 12)
    both = pd.concat([spend, before], axis=1, join="inner")
    return len(both) >= 12 and both.iloc[:, 0].corr(both.iloc[:, 1]) > SEASON_CORRELATION


def unit_costs(acquisition: pd.DataFrame, retention: pd.DataFrame, spend: pd.DataFrame) -> pd.DataFrame:
    """What a new customer and a kept one cost in each period: is keeping stably cheap, as is said?

    In: `acquisition`, `retention`, `spend`. Out: one row per period of `retention` within the months that `spend`
    covers: period_on, acquire_spend, new_customers, cac, retain_spend, kept, retention_cost (money a kept customer).
    Reference: BG-05.
    """
    new = acquisition[acquisition["channel"] == ALL]
    covered = retention["period_on"].between(spend["spent_on"].min().to_period("M").start_time, spend["spent_on"].max())
    rows = [_unit_cost(row, new, spend) for row in retention[covered].itertuples()]
    columns = ["period_on", "acquire_spend", "new_customers", "retain_spend", "kept"]
    out = pd.DataFrame(rows, columns=columns)
    return out.assign(
        cac=(out["acquire_spend"] / out["new_customers"]).where(out["new_customers"] > 0),
        retention_cost=(out["retain_spend"] / out["kept"]).where(out["kept"] > 0),
    )


def _unit_cost(row, new: pd.DataFrame, spend: pd.DataFrame) -> tuple:
    paid = spend[spend["spent_on"].between(row.period_on, row.period_end_on)].groupby("purpose")["amount"].sum()
    joined = new.loc[new["month_on"].between(row.period_on, row.period_end_on), "new_customers"].sum()
    return row.period_on, float(paid.get("acquire", 0)), int(joined), float(paid.get("retain", 0)), row.kept


def unit_cost_trends(unit_costs: pd.DataFrame | None, *, as_of: pd.Timestamp) -> tuple[Finding, ...]:
    """By how much the cost of a new customer and of a kept one changes from period to period.

    In: the table of `unit_costs`, or None without spend. Out: Findings saturation.cac_slope and
    saturation.retention_cost_slope (money a period, 95 %), n the periods; parts: verdict "rising", "falling" or "no
    trend shown". Cases: fewer than three periods with a cost is not available. Reference: BG-05.
    """
    ids = {"saturation.cac_slope": "cac", "saturation.retention_cost_slope": "retention_cost"}
    return tuple(_trend(id, None if unit_costs is None else unit_costs[column], as_of) for id, column in ids.items())


def _trend(id: str, costs: pd.Series | None, as_of: pd.Timestamp) -> Finding:
    common = {"unit": "money", "as_of": str(as_of.date()), "basis": "periods with spend"}
    known = pd.Series(dtype=float) if costs is None else costs.dropna()
    if len(known) < 3:
        why = "no table 'spend'" if costs is None else f"only {len(known)} periods have a cost"
        return not_available(id, why, **common)
    line = linregress(known.index, known)
    half = t.ppf((1 + LEVEL) / 2, len(known) - 2) * line.stderr
    low, high = float(line.slope - half), float(line.slope + half)
    verdict = "rising" if low > 0 else "falling" if high < 0 else "no trend shown"
    parts = {"verdict": verdict, "first": float(known.iloc[0]), "last": float(known.iloc[-1])}
    found = Finding(
        id=id, value=float(line.slope), low=low, high=high, level=LEVEL, n=len(known), parts=parts, **common
    )
    return found


def channel_decay(acquisition: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Whether a channel brings fewer customers for its money in the second half of its life than in the first.

    In: `acquisition`. Out: one row per channel with six whole months of spend or more, the steepest fall first:
    channel, months, first_rate and second_rate (customers per 1,000 of money), change (share; −0.4 is 40 % fewer), low,
    high (95 %, customers counted as Poisson), verdict ("wearing out", "improving", "no change shown").
    Cases: a half without customers has no change. Reference: RU-19.
    """
    rows = acquisition[(acquisition["channel"] != ALL) & (acquisition["spend"] > 0)]
    rows = rows[rows["month_on"] + pd.offsets.MonthEnd(0) <= as_of].sort_values("month_on")
    found = [_decay(name, part) for name, part in rows.groupby("channel") if len(part) >= LEAST_CHANNEL_PERIODS]
    columns = ["channel", "months", "first_rate", "second_rate", "change", "low", "high", "verdict"]
    out = pd.DataFrame(found, columns=columns)
    return out.sort_values(["change", "channel"], ignore_index=True)


def _decay(channel: str, rows: pd.DataFrame) -> tuple:
    middle = len(rows) // 2
    (spend, new), (later_spend, later_new) = (
        half[["spend", "new_customers"]].sum() for half in (rows.iloc[:middle], rows.iloc[len(rows) - middle :])
    )
    rate, later = new / spend, later_new / later_spend
    if not new or not later_new:
        return channel, len(rows), 1000 * rate, 1000 * later, np.nan, np.nan, np.nan, "no change shown"
    half = norm.ppf((1 + LEVEL) / 2) * np.sqrt(1 / new + 1 / later_new)
    change, low, high = (np.exp(np.log(later / rate) + shift) - 1 for shift in (0, -half, half))
    verdict = "wearing out" if high < 0 else "improving" if low > 0 else "no change shown"
    return channel, len(rows), 1000 * rate, 1000 * later, change, low, high, verdict
