"""rapport: from a firm's customer files to a strategy report — retain, recover, acquire.

This is the table of contents: the names a page may use. Each is imported when it is first asked for.
"""

from importlib import import_module

_CONTENTS = {
    # opening a page and showing things on it
    "open_page": "rapport.pages:open_page",
    "show": "rapport.present.display:show",
    "tiles": "rapport.present.display:tiles",
    "banner": "rapport.present.display:banner",
    "note": "rapport.present.display:note",
    "sentences": "rapport.present.display:sentences",
    "changes_in_words": "rapport.present.display:changes",
    "charts": "rapport.present.charts",
}
_ROOMS = (
    "abcxyz", "acquire", "answers", "assign", "backtest", "balance", "baskets", "births", "care", "classes_at",
    "classify", "comebacks", "compare", "complaints", "concentration", "corrective", "dependency", "drivers", "duties", "early_warnings", "equity",
    "experiment", "first_orders", "floor", "followup", "funnel", "gates", "grid", "headroom", "history",
    "identity", "issues", "key_signs", "keys", "ladder", "loss_cost", "lost", "ltv", "migration", "models", "must_keep",
    "near_pareto", "neglect", "offers", "one_by_one", "orientation", "plan", "portfolios", "predictable", "pressure", "profile", "projects", "prospects", "punctuality", "quality", "reasons", "retain",
    "review", "rfm", "sale_signs", "satisfaction", "saturation", "scenarios", "scripts", "segments", "states", "status", "stress", "subscriptions", "survival", "tasks", "ten_types", "tracking",
    "traits", "value", "watchlist", "winback",
)  # fmt: skip

__all__ = sorted([*_CONTENTS, *_ROOMS])


def __getattr__(name: str):
    place = _CONTENTS.get(name) or (f"rapport.analysis.{name}" if name in _ROOMS else None)
    if place is None:
        raise AttributeError(f"rapport has no '{name}'; a page may use: {', '.join(__all__)}")
    module, _, attribute = place.partition(":")
    found = import_module(module)
    return getattr(found, attribute) if attribute else found


def __dir__() -> list[str]:
    return __all__
