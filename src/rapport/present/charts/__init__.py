"""matplotlib's door: one function draws one figure, its title computed from the data."""

from .acquire import cac_by_channel, cac_by_month, saturation
from .balance import money_plan, returns_by_budget, tornado, waterfall
from .canvas import Chart
from .classes import abc_xyz, skirt, volume_frequency
from .cohorts import retention_lines, retention_map, revenue_by_cohort
from .concentration import largest_clients, lorenz
from .identify import coverage, reconciliation
from .moves import alluvial
from .recover import alive_by_value, alive_curves, forest, gains, reasons
from .value import calibration, clv_distribution, tracking

__all__ = [
    "Chart", "abc_xyz", "alive_by_value", "alive_curves", "alluvial", "cac_by_channel", "cac_by_month", "calibration",
    "clv_distribution", "coverage", "forest", "gains", "largest_clients", "lorenz", "money_plan", "reasons",
    "reconciliation", "retention_lines", "retention_map", "returns_by_budget", "revenue_by_cohort", "saturation",
    "skirt", "tornado", "tracking", "volume_frequency", "waterfall",
]  # fmt: skip
