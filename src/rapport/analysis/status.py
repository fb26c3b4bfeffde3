"""What the client's CRM says of a customer against what the customer does (LT-13)."""

import pandas as pd

GONE = ("lost", "lost_one_timer")


def crm_says(crm_status: pd.Series, *, settings) -> pd.Series:
    """ "active", "lost" or empty for each CRM status: lost when it is one of recover.crm_lost_words, in any case.

    In: text as the client's CRM has it. Cases: an empty status stays empty. Reference: LT-13.
    """
    words = {word.casefold() for word in settings.recover.crm_lost_words}
    plain = crm_status.astype("string").str.strip().str.casefold()
    known = plain.notna() & plain.ne("")
    return plain.isin(words).map({True: "lost", False: "active"}).where(known)
