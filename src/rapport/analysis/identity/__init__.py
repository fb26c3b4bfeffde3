"""Records from several sources → customers: exact keys, then estimated weights, then the client's own decisions.

records = identity.with_buyers(records, identity.buyers(transactions))   # whoever buys is a customer
pairs = identity.pairs(records, settings=settings)                     # everything that may be one customer
links = identity.links(records, pairs, settings=settings, merge=…, split=…)
customers = identity.customers(records, links)
ambiguous = identity.ambiguous(records, pairs, links, values=…, split=…)
tables = identity.resolved_tables(tables, links)                       # customer_id wherever a customer is named
"""

from .conflicts import conflicting, conflicts, conflicts_by_field
from .customers import customers
from .exact import shared_keys
from .groups import one_label, parent_groups
from .links import links, with_buyers
from .merged import merged
from .normal import email as normal_email
from .normal import normal, uids
from .normal import phone as normal_phone
from .normal import tax as normal_tax
from .pairs import ambiguous, pairs, told
from .resolve import buyers, resolved, resolved_tables
from .sensitivity import biggest_merges, merging_scenarios, record_days, record_values
from .spellings import by_change, spellings

__all__ = [
    "ambiguous",
    "biggest_merges",
    "buyers",
    "by_change",
    "conflicting",
    "conflicts",
    "conflicts_by_field",
    "customers",
    "links",
    "merged",
    "merging_scenarios",
    "normal",
    "normal_email",
    "normal_phone",
    "normal_tax",
    "one_label",
    "pairs",
    "parent_groups",
    "record_days",
    "record_values",
    "resolved",
    "resolved_tables",
    "shared_keys",
    "spellings",
    "told",
    "uids",
    "with_buyers",
]
