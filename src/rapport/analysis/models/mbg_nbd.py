"""MBG/NBD: as BG/NBD, but a customer may also stop right after the first purchase.

Batislam, Denizel & Filiztekin 2007, Int. Journal of Research in Marketing 24. See `beta_geometric`.
"""

from .beta_geometric import BetaGeometric

MBG_NBD = BetaGeometric("mbg_nbd", k=1, drops_at_first=True)
