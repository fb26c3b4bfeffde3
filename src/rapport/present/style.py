"""How everything looks: the four colours, the sizes, and matplotlib's settings as a context.

The colours differ by at least ΔE 29 under the three kinds of colour blindness; the pale one is for fills only.
"""

import matplotlib

ACCENT = "#0b5c8a"  # what the chart is about
ALERT = "#c8553d"  # act here, and nothing else
PALE = "#8fa3b0"  # fills of what is only context
INK = "#1f2933"  # text

MUTED = "#52616b"  # text of second rank; 6.4:1 on white
FAINT = "#d9e0e5"  # rules and grids
WASH = "#eef2f5"  # grounds
ALERT_TEXT = "#a63f28"  # ALERT as text; 6.1:1 on white

WIDTH = 7.6  # inches; at the width of a page of the report one point is 1.39 pixels
TITLE, SUBTITLE, LABEL, FOOT = 12.5, 9.5, 9.0, 8.0  # points
FONTS = "'Segoe UI', -apple-system, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"  # what readers see
RASTER_ABOVE = 2000  # points above which a scatter is drawn as pixels inside the SVG

_RC = {
    "font.family": "DejaVu Sans",
    "font.size": LABEL,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": MUTED,
    "axes.labelsize": LABEL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "text.parse_math": False,
    "axes.prop_cycle": matplotlib.cycler(color=[ACCENT, PALE, ALERT, INK]),
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "xtick.labelcolor": MUTED,
    "xtick.labelsize": LABEL - 0.5,
    "xtick.major.size": 3,
    "ytick.color": FAINT,
    "ytick.labelcolor": MUTED,
    "ytick.labelsize": LABEL - 0.5,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0,
    "figure.facecolor": "white",
    "figure.dpi": 100,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "rapport",
    "image.cmap": "Blues",
}


def context():
    """Matplotlib's settings of the report, for the length of a `with` block; nothing outside it changes."""
    return matplotlib.rc_context(_RC)
