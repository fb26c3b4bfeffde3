"""Customer records made up for measuring identity: persons and companies in three sources, a part of them twice.

One person in ten is half of a couple: one surname, telephone and address, two given names and birth dates.

Every record knows its truth (the `person` column beside the table); nothing here comes from real people.
"""

import numpy as np
import pandas as pd

from rapport.foundation.contracts import TABLES

_WORDS = {
    "given": "Anna Jonas Péter Ieva Tomas Olga Ivan Mari Jaan Zsófia László Elena Dimitar Katrin Marek Ruta Liis",
    "root": "Kov Petr Iva Nagy Tamm Bal Zuk Sto Dim Mik Var Hor Laur Geor Jan Kaz Rim Sab Tot Ver Gal Pod Mel Bog Sil",
    "middle": "al en ar os it ik un ev ad el",
    "end": "ov aitis ienė ács son mets enko ev ski as is us ay er",
    "trade": "Baltic Nord Alfa Prima Terra Vita Nova Delta Medis Statyba Audra Saulė Vega Orion Lux",
    "goods": "Trade Logistics Foods Textile Wood Metal Energy Service Media Garden Print Build",
    "form": "UAB OÜ SIA Kft. ООО ЕООД Ltd GmbH",
    "town": "Vilnius Kaunas Tallinn Tartu Rīga Budapest Sofia Plovdiv Debrecen Klaipėda",
}


def people(n: int, seed: int = 7, twice: float = 0.15) -> tuple[pd.DataFrame, pd.Series]:
    """A `records` table of about n rows and, for each row, the person or company it truly is."""
    rng = np.random.default_rng(seed)
    base = _originals(int(n / (1 + twice)), rng)
    copies = _blurred(base.sample(n - len(base), random_state=seed), rng)
    both = pd.concat([base.assign(source="crm"), copies], ignore_index=True).sample(frac=1, random_state=seed)
    both["record_id"] = [f"{number:06d}" for number in rng.permutation(len(both))]
    contract = TABLES["records"]
    return contract.check(contract.complete(both), "benchmark"), both["person"].reset_index(drop=True)


def _originals(n: int, rng: np.random.Generator) -> pd.DataFrame:
    def pick(kind: str) -> np.ndarray:
        words = np.asarray(_WORDS[kind].split(), dtype=object)
        return words[rng.integers(0, len(words), n)]

    given, family = pick("given"), pick("root") + pick("middle") + pick("middle") + pick("end")
    firm = rng.random(n) < 0.3
    street = family[rng.permutation(n)]
    latin = pd.Series(given + "." + family).str.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii")
    number = (10_000_000 + rng.permutation(80 * n)[:n]).astype(str).astype(object)  # unique
    born = pd.Series(pd.Timestamp("1940-01-01") + pd.to_timedelta(rng.integers(0, 24_000, n), unit="D"))
    company = pick("trade") + " " + family + " " + pick("goods") + ", " + pick("form")
    made = pd.DataFrame(
        {
            "person": np.arange(n),
            "kind": np.where(firm, "company", "person"),
            "name": np.where(firm, company, given + " " + family),
            "email": np.where(rng.random(n) < 0.7, latin.str.lower() + number + "@mail.example", None),
            "phone": np.where(rng.random(n) < 0.8, "+370 6" + number, None),
            "tax_id": np.where(firm & (rng.random(n) < 0.8), "30" + number[rng.permutation(n)], None),
            "address": street + " str. " + rng.integers(1, 120, n).astype(str).astype(object),
            "city": pick("town"),
            "postcode": rng.integers(1000, 9999, n).astype(str).astype(object),
            "born_on": born.where(~firm),
            "updated_on": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 2000, n), unit="D"),
        }
    )  # fmt: skip
    return _with_couples(made, given)


def _with_couples(made: pd.DataFrame, given: np.ndarray, share: float = 0.1) -> pd.DataFrame:
    persons = made.index[made["kind"] == "person"]
    half = int(len(persons) * share / 2)
    one, other = persons[:half], persons[half : 2 * half]
    differ = given[one] != given[other]
    one, other = one[differ], other[differ]
    surname = made.loc[one, "name"].str.split().str[-1].to_numpy()
    made.loc[other, "name"] = given[other] + " " + surname
    for field in ("phone", "address", "city", "postcode"):
        made.loc[other, field] = made.loc[one, field].to_numpy()
    return made


def _blurred(base: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Copies as another source would hold them: fields lost, slips of the pen, words turned round."""
    copies = base.copy()
    for column, lost in {
        "email": 0.5,
        "phone": 0.5,
        "tax_id": 0.5,
        "address": 0.2,
        "born_on": 0.3,
        "postcode": 0.1,
    }.items():
        copies.loc[rng.random(len(copies)) < lost, column] = None
    for column, slips in {"name": 0.3, "address": 0.2, "email": 0.05, "phone": 0.05}.items():
        hit = (rng.random(len(copies)) < slips) & copies[column].notna()
        copies.loc[hit, column] = [_slip(text, rng) for text in copies.loc[hit, column]]
    turned = rng.random(len(copies)) < 0.15
    copies.loc[turned, "name"] = [" ".join(reversed(name.split())) for name in copies.loc[turned, "name"]]
    return copies.assign(source=np.where(rng.random(len(copies)) < 0.5, "web", "accounting"))


def _slip(text: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(0, len(text) - 1))
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :] if rng.random() < 0.5 else text[:at] + text[at + 1 :]
