"""What was changed in names so that they can be compared: a report of the changed rows (HU-N4)."""

import re
import unicodedata

import pandas as pd

from ...foundation.contracts import TABLES
from .letters import name_parts, unmixed, without_gender

OTHER_ALPHABET, LOOK_ALIKES = "the rarer alphabet", "letters of two alphabets in one word"
WIDTH, GENDER, LOST = "unusual forms of letters", "gender behind the name", "letters lost before we got it"
_CYRILLIC, _LATIN = re.compile(r"[\u0400-\u04ff]"), re.compile(r"[A-Za-z]")
LOST_LETTERS = re.compile(
    r"\ufffd|(?<=\w)\?(?=\w)|[ÃÄÅÐÑ][\u0080-\u00bf\u2013-\u2122]"
)  # �, K?stutis, UTF-8 read as Latin


def spellings(records: pd.DataFrame) -> pd.DataFrame:
    """The records whose name was changed for comparing beyond case, accents and legal form: the table `spellings`.

    In: `records`. Out: source, record_id, name (as received), compared_as (the words compared), changes (what was done,
    separated by ;): letters of two alphabets in one word made one; unusual forms of letters (full width, ligatures)
    made usual; gender behind the name left out; the rarer alphabet of the firm's records written in the other; letters
    lost before we got the name (shown only: they cannot be restored). Sorted by source and record.
    """
    named = records.loc[records["name"].notna(), ["source", "record_id", "name", "kind"]]
    names = pd.Series(named["name"].unique(), dtype=object)
    is_cyrillic = names.str.contains(_CYRILLIC)
    is_latin = names.str.contains(_LATIN) & ~is_cyrillic
    cyrillic_is_rarer = is_cyrillic.sum() < is_latin.sum()
    flags = {
        LOOK_ALIKES: names.map(unmixed) != names,
        WIDTH: names.map(lambda name: unicodedata.normalize("NFKC", name) != unicodedata.normalize("NFC", name)),
        GENDER: names.map(without_gender) != names,
        OTHER_ALPHABET: is_cyrillic if cyrillic_is_rarer else is_latin & is_cyrillic.any(),
        LOST: names.str.contains(LOST_LETTERS),
    }
    told = pd.DataFrame(flags).astype(bool)
    changes = pd.Series(
        ["; ".join(told.columns[row]) for row in told.to_numpy()], index=pd.Index(names, dtype=object), dtype=object
    )
    rows = named.assign(changes=named["name"].map(changes))
    rows = rows[rows["changes"] != ""]
    compared = [
        " ".join(name_parts(name, is_person=kind == "person")[0]) for name, kind in zip(rows["name"], rows["kind"])
    ]
    made = rows.assign(compared_as=compared).sort_values(["source", "record_id"], ignore_index=True)
    return TABLES["spellings"].check(made[list(TABLES["spellings"].columns)], "identity.spellings")


def by_change(spellings: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """How many records were changed in which way: change, records, share (of the records with a name)."""
    n = int(records["name"].notna().sum())
    counts = spellings["changes"].str.split("; ").explode().value_counts()
    counts = counts.rename_axis("change").rename("records").reset_index()
    made = counts.sort_values(["records", "change"], ascending=[False, True], ignore_index=True)
    return made.assign(share=made["records"] / n if n else None)
