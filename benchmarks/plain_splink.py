"""Splink 5 alone on fake_1000, with the settings of its own quick start: the mark to beat."""

import logging

import pandas as pd
import splink.comparison_library as compare
from labelled import precision_and_recall
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.95  # of the quick start


def quick_start(raw: pd.DataFrame) -> tuple[float, float]:
    """Pairwise precision and recall of the quick start's clusters against the column `cluster`."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compare.JaroWinklerAtThresholds("first_name", [0.9, 0.7]),
            compare.JaroAtThresholds("surname", [0.9, 0.7]),
            compare.DateOfBirthComparison(
                "dob", input_is_string=False, datetime_metrics=["year", "month"], datetime_thresholds=[1, 1]
            ),
            compare.ExactMatch("city").configure(term_frequency_adjustments=True),
            compare.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[block_on("first_name"), block_on("surname")],
    )
    dated = raw.assign(dob=pd.to_datetime(raw["dob"], errors="coerce").dt.date)
    linker = Linker(DuckDBAPI().register(dated), settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("first_name", "surname")], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=1e6)
    training.estimate_parameters_using_expectation_maximisation(block_on("first_name", "surname"))
    training.estimate_parameters_using_expectation_maximisation(block_on("dob"))
    pairs = linker.inference.predict(threshold_match_weight=-10)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, THRESHOLD).as_pandas_dataframe()
    found = clusters.set_index("unique_id")["cluster_id"].loc[raw["unique_id"]]
    return precision_and_recall(found, raw["cluster"])
