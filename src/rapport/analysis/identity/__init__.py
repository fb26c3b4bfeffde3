"""Records from several sources → customers: exact keys, then estimated weights, then the client's own decisions.

pairs = identity.pairs(records, settings=settings)                     # everything that may be one customer
links = identity.links(records, pairs, settings=settings, merge=…, split=…)
customers = identity.customers(records, links)
ambiguous = identity.ambiguous(records, pairs, links, settings=settings, split=…)
"""

from .customers import customers
from .links import links, with_buyers
from .pairs import ambiguous, pairs

__all__ = ["ambiguous", "customers", "links", "pairs", "with_buyers"]
