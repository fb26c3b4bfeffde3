"""Splink's door: the probability that two records are one customer, with weights estimated from the data itself.

The model is Fellegi and Sunter's (1969): each field agrees to some degree (m among matches, u among all pairs),
fields count as independent, rare values count more (term frequencies). u is estimated from random pairs, m by
expectation maximisation; no labels are used. Place is one comparison, because street, postcode and town are anything
but independent.
"""

import logging
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial

import duckdb
import numpy as np
import pandas as pd
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator

_FEWEST_RECORDS = 100  # below, weights cannot be estimated and only the exact keys decide
_FEWEST_FILLED = 0.02  # share of records that must have a field for it to be compared
_FEWEST_TRAINING_PAIRS = 20
_LARGEST_BLOCK = 60  # records that may share a blocking value; more common values do not block
_RANDOM_PAIRS = 5e5
_LEAST_M = 0.005  # share of true pairs on any level of agreement, however rare it looks in the data
_UNTAUGHT_M = 0.9  # assumed share of true pairs that agree on a field no block could teach
_CONVERGED = 0.005  # change of a share below which estimation stops
_RECALL_OF_RULES = 0.7  # assumed share of true pairs that the sure rules find (Splink's own example value)


def scored_pairs(normal: pd.DataFrame, *, least_prob: float, seed: int) -> pd.DataFrame | None:
    """Pairs of records with a match probability of at least `least_prob`: a < b (row numbers of `normal`), match_prob.

    None where there are fewer than 100 records or fewer than two comparable fields: then no weights can be estimated.
    """
    if len(normal) < _FEWEST_RECORDS:
        return None
    table = _columns(normal)
    comparisons = _comparisons(table)
    blocks = _blocks(table)
    if len(comparisons) < 2 or blocks.empty:
        return None
    with _quiet(), duckdb.connect() as connection:
        database = DuckDBAPI(connection)
        registered = database.register(pd.concat([table, blocks], axis=1))
        settings = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="row",
            comparisons=list(comparisons.values()),
            blocking_rules_to_generate_predictions=[_equal(name) for name in blocks],
            retain_matching_columns=False,
            em_convergence=_CONVERGED,
        )
        linker_of = partial(Linker, registered, log_level=None)
        linker = linker_of(_trained(linker_of, settings, blocks, seed))
        found = linker.inference.predict(threshold_match_probability=least_prob).as_pandas_dataframe()
    ends = np.sort(found[["row_l", "row_r"]].to_numpy(dtype="int64"), axis=1)
    return pd.DataFrame({"a": ends[:, 0], "b": ends[:, 1], "match_prob": found["match_probability"].astype("float64")})


def _columns(normal: pd.DataFrame) -> pd.DataFrame:
    words = normal["words"]
    return pd.DataFrame(
        {
            "row": np.arange(len(normal)),
            "name": normal["name"],
            "first": words.map(lambda w: w[0] if len(w) > 1 else None),
            "last": words.map(lambda w: w[-1] if w else None),
            "born": normal["born_on"].dt.strftime("%Y-%m-%d").astype(object).where(normal["born_on"].notna(), None),
            **{field: normal[field] for field in ("email", "phone", "tax", "address", "postcode", "city")},
        }
    )


def _comparisons(table: pd.DataFrame) -> dict:
    """The comparisons for which enough records have a value."""
    filled = table.notna().mean() >= _FEWEST_FILLED
    made = {}
    if filled["name"]:
        made["name"] = _name_comparison()
    if filled["born"]:
        made["born"] = compare.DateOfBirthComparison("born", input_is_string=True)
    if filled["email"]:
        made["email"] = compare.EmailComparison("email").configure(term_frequency_adjustments=True)
    for field in ("phone", "tax"):
        if filled[field]:
            made[field] = compare.DamerauLevenshteinAtThresholds(field, [1]).configure(term_frequency_adjustments=True)
    if filled["address"] or filled["postcode"] or filled["city"]:
        made["place"] = _place_comparison(filled)
    return made


def _level(condition: str, label: str, frequency_of: str | None = None) -> dict:
    level = {"sql_condition": condition, "label_for_charts": label}
    return level | ({"tf_adjustment_column": frequency_of, "tf_adjustment_weight": 1.0} if frequency_of else {})


def _null(condition: str) -> dict:
    return {"sql_condition": condition, "label_for_charts": "missing", "is_null_level": True}


def _name_comparison() -> compare.CustomComparison:
    def like(one: str, other: str) -> str:
        return f"jaro_winkler_similarity({one}_l, {other}_r)"

    near = f"{like('name', 'name')} >= 0.92"
    both_near = f"({like('first', 'first')} >= 0.85 and {like('last', 'last')} >= 0.85)"
    within = f"greatest({like('last', 'last')}, {like('last', 'first')}, {like('first', 'last')}) >= 0.9"
    levels = [
        _null("name_l is null or name_r is null"),
        _level("name_l = name_r", "the same words", "name"),
        _level(f"{near} or {both_near}", "nearly the same"),
        _level(f"(first_l is null or first_r is null) and {within}", "one name is part of the other"),
        _level("last_l = last_r", "same last word", "last"),
        _level("first_l = first_r", "same first word", "first"),
        _level(f"{like('last', 'last')} >= 0.85 or {like('first', 'first')} >= 0.85", "one word alike"),
        _level("ELSE", "different"),
    ]
    return compare.CustomComparison(levels, output_column_name="name")


def _place_comparison(filled: pd.Series) -> compare.CustomComparison:
    place = [column for column in ("address", "postcode", "city") if filled[column]]
    known = [f"coalesce({', '.join(f'{column}_{side}' for column in place)}) is null" for side in "lr"]
    near_address, near_city = (
        "jaro_winkler_similarity(address_l, address_r) >= 0.9",
        "jaro_winkler_similarity(city_l, city_r) >= 0.9",
    )
    same_area = "(postcode_l = postcode_r or city_l = city_r)"
    levels = [
        ({"address"}, _level("address_l = address_r", "same address", "address")),
        (
            {"address", "postcode", "city"},
            _level(f"{near_address} and {same_area}", "nearly the same address, same area"),
        ),
        ({"address"}, _level(near_address, "nearly the same address")),
        (
            {"postcode", "city"},
            _level("postcode_l = postcode_r and city_l = city_r", "same postcode and town", "postcode"),
        ),
        ({"postcode"}, _level("postcode_l = postcode_r", "same postcode", "postcode")),
        ({"city"}, _level("city_l = city_r", "same town", "city")),
        ({"city"}, _level(near_city, "nearly the same town")),
    ]
    usable = [level for needed, level in levels if needed <= set(place)]
    return compare.CustomComparison(
        [_null(" or ".join(known)), *usable, _level("ELSE", "elsewhere")], output_column_name="place"
    )


def _blocks(table: pd.DataFrame) -> pd.DataFrame:
    """Columns whose equality makes two records worth comparing, too common values left out: at most 60 records share
    one.
    """
    year = table["born"].str[:4]
    keys = {
        "block_name": table["name"],
        "block_email": table["email"],
        "block_mailbox": table["email"].str.split("@").str[0],
        "block_phone": table["phone"],
        "block_tax": table["tax"],
        "block_born": table["born"],
        "block_address": table["address"],
        "block_last": table["last"],
        "block_first_place": table["first"] + "|" + table["postcode"].fillna(table["city"]),
        "block_last_place": table["last"] + "|" + table["postcode"].fillna(table["city"]),
        "block_first_year": table["first"] + "|" + year,
        "block_last_first": table["last"] + "|" + table["first"].str[0],
        "block_place_year": table["postcode"].fillna(table["city"]) + "|" + year,
    }
    rare = {name: _rare(values) for name, values in keys.items()}
    return pd.DataFrame({name: values for name, values in rare.items() if values.notna().any()})


def _rare(values: pd.Series) -> pd.Series:
    sizes = values.map(values.value_counts())
    return (
        values.where((sizes > 1) & (sizes <= _LARGEST_BLOCK), None)
        .astype(object)
        .where(lambda kept: kept.notna(), None)
    )


def _equal(*columns: str) -> str:
    return " and ".join(f"l.{column} = r.{column}" for column in columns)


def _trained(linker_of: Callable[..., Linker], settings: SettingsCreator, blocks: pd.DataFrame, seed: int) -> dict:
    """The model with its weights: prior from rules that are sure, u from random pairs, m from blocks of every kind.

    Each block trains a linker of its own, and m is the median over the blocks (couples share a telephone, branches an
    e-mail: one block may mislead), never below one in two hundred: where all pairs of a block agree, expectation
    maximisation runs to zero, as if a slip of the pen were impossible. A level no random pair shows weighs nothing.
    """
    linker = linker_of(settings)
    rules = [("block_tax",), *[("block_name", f"block_{field}") for field in ("born", "email", "phone", "address")]]
    sure = [_equal(*rule) for rule in rules if _pair_count(blocks, rule)]
    if sure:
        linker.training.estimate_probability_two_random_records_match(sure, recall=_RECALL_OF_RULES)
    linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=seed)
    model = linker.misc.save_model_to_json()
    taught = [
        _taught_by(field, linker_of, model)
        for field in ("name", "born", "email", "phone", "tax")
        if _pair_count(blocks, (f"block_{field}",)) >= _FEWEST_TRAINING_PAIRS
    ]
    for comparison in model["comparisons"]:
        levels = _levels(comparison)
        name = comparison["output_column_name"]
        lessons = [lesson[name] for lesson in taught if any(lesson.get(name, ()))]
        shares = np.median(lessons, axis=0) if lessons else _untaught(len(levels))
        shares = np.maximum(shares, _LEAST_M)
        for level, m in zip(levels, shares / shares.sum()):
            level |= {"m_probability": float(m), "u_probability": level.get("u_probability") or float(m)}
    return model


def _taught_by(field: str, linker_of: Callable[..., Linker], model: dict) -> dict[str, list[float]]:
    """m of every level of the comparisons that a block on `field` can teach; nothing where Splink refuses an m of 0.

    Naming the field itself beside its block tells Splink that the block says nothing about that field's weights.
    """
    linker = linker_of(model)
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(_equal(field, f"block_{field}"))
    except ValueError:
        return {}
    learned = {one["output_column_name"]: _levels(one) for one in linker.misc.save_model_to_json()["comparisons"]}
    return {name: _shares(levels, "m_probability") for name, levels in learned.items() if name != field}


def _untaught(levels: int) -> np.ndarray:
    return np.array([_UNTAUGHT_M, *[(1 - _UNTAUGHT_M) / (levels - 1)] * (levels - 1)])


def _levels(comparison: dict) -> list[dict]:
    return [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]


def _shares(levels: list[dict], name: str) -> list[float]:
    return [level.get(name, 0.0) for level in levels]


def _pair_count(blocks: pd.DataFrame, columns: tuple[str, ...]) -> int:
    if not set(columns) <= set(blocks.columns):
        return 0
    sizes = blocks.dropna(subset=list(columns)).groupby(list(columns)).size()
    return int((sizes * (sizes - 1) // 2).sum())


@contextmanager
def _quiet():
    """Splink's remarks on untrained levels are for its own users; the level of its logger is put back afterwards."""
    logger = logging.getLogger("splink")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
