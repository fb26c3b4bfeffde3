"""MBG/CNBD-k: as MBG/NBD, with purchases more regular than at random (Erlang-k gaps), k chosen by likelihood.

Reutterer, Platzer & Schröder 2021, Journal of Interactive Marketing 54. The conditional expectation is exact here
(see `counting`), where the authors' own package scales that of k = 1. See `beta_geometric`.
"""

from .beta_geometric import BetaGeometric

MOST_REGULAR = 6
MBG_CNBD = tuple(BetaGeometric("mbg_cnbd_k", k=k, drops_at_first=True) for k in range(1, MOST_REGULAR + 1))
