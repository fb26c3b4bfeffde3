"""Days written with the name of a month, in the languages of the kit: `5 января 2024 г.`, `2024 m. sausio 5 d.`, `Jan 5, 2024`."""

import re
from functools import cache

import numpy as np

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
FILLERS = {"m", "d", "г", "г.", "year", "y", "th", "st", "nd", "rd", "of", "a", "год", "года", "mon", "tue", "wed", "thu", "fri",
           "sat", "sun"}  # fmt: skip
TOKEN = re.compile(r"\d+|[^\W\d_]+")
TIME = re.compile(r"[T ,]+\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT)?$")
NO_DAY = np.datetime64("NaT", "D")


@cache
def _month(word: str) -> int | None:
    stems = sorted(((stem, month) for month, stems in STEMS.items() for stem in stems), key=lambda pair: -len(pair[0]))
    return next((month for stem, month in stems if word.startswith(stem)), None)


def day_of_words(text: str, months_only: bool = False) -> np.datetime64:
    """The day a text with a month's name stands for; NaT when it is none or may be read two ways."""
    tokens = [token for token in TOKEN.findall(TIME.sub("", text.lower())) if token not in FILLERS]
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
