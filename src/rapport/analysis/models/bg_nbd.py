"""BG/NBD: dropout only after repeat purchases, so that P(alive) = 1 for every one-time buyer.

The first simple model of its kind, kept as the common reference; for one-time buyers the kit prefers its modified
form. Fader, Hardie & Lee 2005, "Counting Your Customers the Easy Way", Marketing Science 24. See `beta_geometric`.
"""

from .beta_geometric import BetaGeometric

BG_NBD = BetaGeometric("bg_nbd", k=1, drops_at_first=False)
