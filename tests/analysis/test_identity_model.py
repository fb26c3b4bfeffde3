"""The estimated weights: when there are none, odd data, and the same answer every time."""

import numpy as np
import pandas as pd

from rapport.analysis.identity.model import scored_pairs
from rapport.analysis.identity.normal import normal
from rapport.foundation.contracts import TABLES

CONTRACT = TABLES["records"]
SEED = 20260930


def scored(rows: list[dict]) -> pd.DataFrame | None:
    numbered = [{"source": "crm", "record_id": f"{n:05d}"} | row for n, row in enumerate(rows)]
    frame = CONTRACT.check(CONTRACT.complete(pd.DataFrame(numbered)), "test")
    return scored_pairs(normal(frame), least_prob=0.01, seed=SEED)


def persons(count: int) -> list[dict]:
    rng = np.random.default_rng(5)
    letters = np.array(list("abdegiklmnorstuv"))
    words = ["".join(rng.choice(letters, 7)) for _ in range(2 * count)]
    return [
        {
            "name": f"{words[2 * n]} {words[2 * n + 1]}",
            "phone": f"+370 6{rng.integers(10_000_000, 99_999_999)}",
            "born_on": pd.Timestamp("1950-01-01") + pd.Timedelta(days=int(rng.integers(0, 20_000))),
            "city": str(rng.choice(["Vilnius", "Kaunas", "Tartu"])),
        }
        for n in range(count)
    ]


def test_too_few_records_or_fields_give_no_weights():
    assert scored(persons(99)) is None
    assert scored([{"name": row["name"]} for row in persons(150)]) is None
    assert scored([{} for _ in range(150)]) is None


def test_a_copy_with_a_slip_is_found_and_strangers_are_not():
    people = persons(150)
    copies = [row | {"name": row["name"][1:], "phone": None} for row in people[:60]]
    found = scored(people + copies)
    likely = found[found["match_prob"] >= 0.95]
    pairs = set(zip(likely["a"], likely["b"]))
    assert pairs <= {(n, 150 + n) for n in range(60)}
    assert len(pairs) >= 58


def test_a_namesake_who_differs_in_everything_does_not_stop_the_estimate():
    people = persons(150)
    stranger = people[0] | {"phone": "+370 699999999", "born_on": pd.Timestamp("1999-12-31"), "city": "Rīga"}
    found = scored([*people, *people[1:60], stranger])
    of_stranger = found[found["b"] == 150 + 59]
    assert of_stranger.empty or of_stranger["match_prob"].max() < 0.5
    assert (found["match_prob"] >= 0.95).sum() == 59


def test_one_name_for_everybody_stays_small():
    rows = [row | {"name": "Kovács"} for row in persons(400)]
    found = scored(rows)
    assert len(found) < 60 * len(rows)


def test_the_same_records_give_the_same_probabilities():
    people = persons(150) + persons(60)
    pd.testing.assert_frame_equal(
        *(scored(people).sort_values(["a", "b"], ignore_index=True) for _ in range(2)), rtol=1e-9
    )
