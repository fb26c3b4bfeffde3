"""Pairs of records that share a key, and which of them are one customer beyond doubt.

A key that many different names share (a switchboard, info@, a placeholder number) proves nothing: see `shared_keys`.
"""

from collections import defaultdict

import numpy as np
import pandas as pd

KEYS = {"tax": "tax_id", "email": "email", "phone": "phone"}  # column of the normal form → name of the rule
_LARGE = 12  # records on one key up to which every pair is looked at; above it neighbours of one name only
_COMMON = 20  # records of one name up to which bare namesakes are listed


def shared_keys(normal: pd.DataFrame, *, most_names: int) -> pd.DataFrame:
    """Keys used by more than `most_names` unrelated names: they identify a place, not a customer.

    Grain out: key and value, with records and names (counts). Names that have a word in common ("Rimi Vilnius", "Rimi
    Kaunas") count as one.
    """
    found = []
    for key in KEYS:
        sizes = normal.groupby(key)["name"].nunique()
        for value in sizes.index[sizes > most_names]:
            words = normal.loc[normal[key] == value, "words"]
            names = _unrelated(words)
            if names > most_names:
                found.append({"key": key, "value": value, "records": len(words), "names": names})
    return pd.DataFrame(found, columns=["key", "value", "records", "names"])


def key_pairs(normal: pd.DataFrame, shared: pd.DataFrame) -> pd.DataFrame:
    """Pairs of records that share a key or a full name: a < b (row numbers), and a flag for each key and `name` that
    agrees.

    Pairs on one of the `shared` keys are kept only where the names are the same too. Grows with the number of records,
    not with its square: large groups are linked neighbour to neighbour.
    """
    joined = {}
    for key in KEYS:
        is_shared = normal[key].isin(shared.loc[shared["key"] == key, "value"])
        joined[key] = pd.concat(
            [_pairs_within(normal[key].where(~is_shared, None), normal), _neighbours(normal, key, "name")]
        )
    joined["name"] = _namesakes(normal)
    flags = [*KEYS, "name"]
    found = pd.concat([pairs.assign(**{flag: flag == name for flag in flags}) for name, pairs in joined.items()])
    return found.astype({"a": "int64", "b": "int64"}).groupby(["a", "b"], as_index=False)[flags].any()


def certain_rule(pairs: pd.DataFrame, normal: pd.DataFrame) -> pd.Series:
    """The rule that makes a pair one customer beyond doubt, or None.

    tax: the same tax number, unless name and birth date both differ. email, phone: the same, and neither name, legal
    form, kind nor tax number contradicts; a mailbox of the firm (info@) needs agreeing names. Both e-mail and
    telephone: names may agree in part. name: the same full name (two words or more, or a company) with the same birth
    date, or with the same address and no differing town. Two birth dates or two tax numbers (is_opposed) forbid the
    others.
    """
    side = {column: (normal[column].to_numpy()[pairs["a"]], normal[column].to_numpy()[pairs["b"]]) for column in normal}
    both = {column: ~(pd.isna(left) | pd.isna(right)) for column, (left, right) in side.items() if column != "words"}
    same = {column: known & (side[column][0] == side[column][1]) for column, known in both.items()}
    other = {column: known & ~same[column] for column, known in both.items()}
    is_free = ~pairs["is_opposed"]
    no_quarrel = is_free & ~other["tax"] & ~other["form"] & ~other["kind"]
    named = pairs["names"].isin(["same", "compatible"])
    nameless = pairs["names"].eq("unknown")
    is_full = np.array([len(words) > 1 for words in side["words"][0]], dtype=bool) | (side["kind"][0] == "company")
    same_full = pairs["names"].eq("same") & is_full & no_quarrel
    same_place = same["address"] & ~other["city"] & ~other["postcode"]
    rules = {
        "exact tax_id": pairs["tax"] & (is_free | named | nameless),
        "exact email": pairs["email"] & no_quarrel & (named | (nameless & ~side["is_post"][0])),
        "exact phone": pairs["phone"] & no_quarrel & (named | nameless),
        "exact email and phone": pairs["email"] & pairs["phone"] & no_quarrel & pairs["names"].eq("partial"),
        "name and birth date": same_full & same["born_on"],
        "name and address": same_full & same_place,
    }
    return pd.Series(np.select(list(rules.values()), list(rules), None), index=pairs.index, dtype=object)


def _pairs_within(values: pd.Series, normal: pd.DataFrame) -> pd.DataFrame:
    """Every pair of records with the same value, in groups small enough for that; else neighbours of different
    names.
    """
    rows = pd.DataFrame(
        {"value": values.to_numpy(), "row": np.arange(len(values)), "name": normal["name"].to_numpy()}
    ).dropna(subset="value")
    size = rows.groupby("value")["row"].transform("size")
    small = rows[(size > 1) & (size <= _LARGE)]
    both = small.merge(small, on="value")
    pairs = both.loc[both["row_x"] < both["row_y"], ["row_x", "row_y"]].set_axis(["a", "b"], axis=1)
    large = rows[size > _LARGE].drop_duplicates(["value", "name"]).sort_values(["value", "row"])
    return pd.concat([pairs, _linked(large, ["value"])])


def _neighbours(normal: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Records equal in all `columns`, linked each to the next."""
    rows = normal[list(columns)].assign(row=np.arange(len(normal))).dropna()
    return _linked(rows.sort_values([*columns, "row"]), list(columns))


def _linked(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    following = rows.groupby(columns)["row"].shift(-1) if len(rows) else rows["row"]
    linked = pd.DataFrame({"a": rows["row"], "b": following}).dropna().astype("int64")
    return pd.DataFrame({"a": linked.min(axis=1), "b": linked.max(axis=1)})


def _namesakes(normal: pd.DataFrame) -> pd.DataFrame:
    """Records of one name, and single names ("Kovács") with the fuller ones that contain them, unless very common."""
    rows = pd.DataFrame({"name": normal["name"], "row": np.arange(len(normal))}).dropna()
    size = rows.groupby("name")["row"].transform("size")
    rare = rows[size <= _COMMON]
    same = rare.merge(rare, on="name")
    words = normal["words"].explode().dropna().rename("name")
    words = words[words.str.len() > 1]
    words = words[words.map(words.value_counts()) <= _COMMON]
    wide = pd.DataFrame({"name": words.to_numpy(), "row": words.index})
    inside = rare.merge(wide, on="name")
    both = pd.concat([same, inside])
    both = pd.DataFrame({"a": both[["row_x", "row_y"]].min(axis=1), "b": both[["row_x", "row_y"]].max(axis=1)})
    agreeing = [_neighbours(normal, "name", field) for field in ("born_on", "address")]
    return pd.concat([both[both["a"] < both["b"]], *agreeing]).drop_duplicates()


def _unrelated(names: pd.Series) -> int:
    """Groups of names without a common word of three letters or more."""
    groups: dict[int, set[str]] = {}
    by_word: dict[str, int] = defaultdict(lambda: -1)
    for number, words in enumerate(sorted(set(names))):
        telling = {word for word in words if len(word) > 2} or set(words)
        if not telling:
            continue
        touched = {by_word[word] for word in telling} - {-1}
        for other in touched:
            telling |= groups.pop(other)
        groups[number] = telling
        by_word.update(dict.fromkeys(telling, number))
    return len(groups)
