"""Days from numbers, from serial numbers of workbooks, and from words: `5 января 2024 г.`, `2024 m. sausio 5 d.`."""

import re
from functools import cache

import numpy as np

NO_DAY = np.datetime64("NaT", "D")
SERIALS = (18264, 62091)  # 1950 to 2069 in days since 1899-12-30
STEMS = {
    1: ("jan", "saus", "ян", "jaan"),
    2: ("feb", "vasar", "фев", "veebr"),
    3: ("mar", "kov", "мар", "märts", "márc"),
    4: ("apr", "balan", "апр", "ápr"),
    5: ("may", "mai", "máj", "geg", "май", "мая", "maj"),
    6: ("jun", "birž", "июн", "юни", "juun", "jún"),
    7: ("jul", "liep", "июл", "юли", "juul", "júl"),
    8: ("aug", "rugp", "авг"),
    9: ("sep", "rugs", "сен", "сеп", "szept"),
    10: ("oct", "okt", "spal", "окт"),
    11: ("nov", "lapkr", "ноя", "ное"),
    12: ("dec", "gruod", "дек", "det"),
}
FILLERS = frozenset(
    [
        "m",
        "d",
        "г",
        "g",
        "year",
        "y",
        "th",
        "st",
        "nd",
        "rd",
        "of",
        "a",
        "год",
        "года",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    ]
)
TOKEN = re.compile(r"\d+|[^\W\d_]+")


def days_of_numbers(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Days of the calendar; NaT where there is no such day."""
    sound = (year >= 1800) & (year <= 2261) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(sound, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    built = months.astype("datetime64[D]") + np.where(sound, day - 1, 0)
    return np.where(sound & (built.astype("datetime64[M]") == months), built, NO_DAY)


def days_of_serials(numbers: np.ndarray) -> np.ndarray:
    """Days counted from 1899-12-30, as workbooks do; NaT outside 1950 to 2069."""
    sound = (numbers >= SERIALS[0]) & (numbers <= SERIALS[1])
    counted = np.datetime64("1899-12-30", "D") + np.where(sound, numbers, 0).astype(np.int64)
    return np.where(sound, counted, NO_DAY)


@cache
def _month(word: str) -> int | None:
    stems = sorted(((stem, month) for month, stems in STEMS.items() for stem in stems), key=lambda pair: -len(pair[0]))
    return next((month for stem, month in stems if word.startswith(stem)), None)


def day_of_words(text: str, *, months_only: bool) -> np.datetime64:
    """The day a text with a month's name stands for; NaT when it is none or may be read two ways."""
    tokens = [token for token in TOKEN.findall(text.lower()) if token not in FILLERS]
    words = [token for token in tokens if not token.isdigit()]
    numbers = [token for token in tokens if token.isdigit()]
    month = _month(words[0]) if len(words) == 1 else None
    if month is None:
        return NO_DAY
    years = [number for number in numbers if len(number) == 4]
    if len(numbers) == 1 and years and months_only:
        return _day(int(years[0]), month, 1)
    if len(numbers) != 2 or (not years and tokens[-1] != numbers[-1]):
        return NO_DAY
    year = years[0] if years else numbers[-1]
    day = numbers[1] if numbers[0] == year else numbers[0]
    return _day(int(year) if years else 2000 + int(year), month, int(day))


def _day(year: int, month: int, day: int) -> np.datetime64:
    try:
        return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D")
    except ValueError:
        return NO_DAY
