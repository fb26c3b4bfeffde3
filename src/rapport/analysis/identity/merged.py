"""How many customers the records turned out to be."""

import pandas as pd

from ...foundation.finding import Finding


def merged(links: pd.DataFrame, ambiguous: pd.DataFrame, *, as_of: pd.Timestamp) -> tuple[Finding, Finding]:
    """Findings identity.customers (customers behind the records) and identity.ambiguous (pairs left open); counts.

    From `links` and `ambiguous`. `parts` of the first: records, sources, joined (records that share their customer with
    another record).
    """
    sizes = links.groupby("customer_id").size()
    joined = int(sizes[sizes > 1].sum())
    sources = links["source"].nunique()
    basis = f"{len(links):,} records of {sources} {'source' if sources == 1 else 'sources'}"
    day = f"{as_of:%Y-%m-%d}"
    parts = {"records": len(links), "sources": sources, "joined": joined}
    return (
        Finding(
            id="identity.customers", unit="count", value=len(sizes), n=len(links), basis=basis, as_of=day, parts=parts
        ),
        Finding(id="identity.ambiguous", unit="count", value=len(ambiguous), n=len(links), basis=basis, as_of=day),
    )
