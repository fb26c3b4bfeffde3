"""The legal form of a firm, found in its name as written: UAB, OÜ, Kft., ООО, GmbH & Co. KG, S.A.

A form is looked for at either end of the name and in its own alphabet: "Петров С.А." has initials, "Banco S.A." a form.
Two letters are a form only where they are written as forms are ("AS", not "As" in "As Jonas").
"""

import re
import unicodedata

_FORMS = """
UAB = uždaroji akcinė bendrovė | AB = akcinė bendrovė | MB = mažoji bendrija | IĮ = individuali įmonė | TŪB | KŪB | ŽŪB
VšĮ = viešoji įstaiga | VĮ | SĮ | OÜ = osaühing | AS = aktsiaselts = akciju sabiedrība = A/S | TÜ | UÜ | MTÜ | FIE
SIA = sabiedrība ar ierobežotu atbildību | IK | ZS | Kft = korlátolt felelősségű társaság | Rt = részvénytársaság
Zrt = zártkörűen működő részvénytársaság | Nyrt = nyilvánosan működő részvénytársaság | Bt = betéti társaság | Kkt
e.v. = egyéni vállalkozó | ООД = OOD = дружество с ограничена отговорност | ЕТ = ET = едноличен търговец
ЕАД = EAD | СД | КД | ЕООД = EOOD = еднолично дружество с ограничена отговорност | АД = AD = акционерно дружество | ДЗЗД
ООО = OOO = общество с ограниченной ответственностью | ОАО = OAO | ЗАО = ZAO | ФГУП | ПАО = PAO = публичное акционерное общество
АО = акционерное общество | ИП = индивидуальный предприниматель | ЧП | ТОО | ТОВ | sp. z o.o. = spółka z o.o. | sp.j. | sp.k.
GmbH | GmbH & Co. KG | mbH | AG | KG | OHG | e.K. | UG | GbR | SE | PLC | LLP | LP | LLC = L.L.C. | Oy | Oyj | ASA | ApS
Ltd = Limited = Co. Ltd = Company Limited = Pty Ltd = Pty | Inc = Incorporated | Corp = Corporation | Co = Company
S.A. = SA | SARL | SAS | SASU | EURL | SpA | SRL = S.r.l. | SL | SLU | B.V. = BV | N.V. = NV | s.r.o. | d.o.o.
"""
_TOKEN = re.compile(r"[^\s,;:„“”«»‚‘’\"()\[\]]+")
_SIGNS = re.compile(r"[./&'’`+-]")
_SINGLE_LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?\.?")


def _plain(token: str) -> str:
    """A token without case, signs and width: its alphabet and accents stay."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", token).casefold())


def _bare(text: str) -> str:
    """The text without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def _listed() -> dict[tuple[str, ...], tuple[str, tuple[str, ...]]]:
    """Words of a form, plain → its short form, and how it is written."""
    groups = [group.split("=") for line in _FORMS.strip().splitlines() for group in line.split("|")]
    found = {}
    for first, *others in groups:
        for form in (first, *others):
            words = tuple(filter(None, map(_plain, _TOKEN.findall(form))))
            found[words] = (first.strip(), (*found.get(words, ("", ()))[1], form.strip()))
    return found


_LISTED = _listed()
_WITHOUT_ACCENTS = {tuple(map(_bare, words)): about for words, about in _LISTED.items() if len("".join(words)) > 2}
_LONGEST = max(map(len, _LISTED))
SHORT_FORMS = frozenset(short for short, _ in _LISTED.values())


def without_form(name: str) -> tuple[str, str]:
    """The name without its legal form, and the form's short writing ("" when there is none): "UAB „Baltija“" →
    ("„Baltija“", "UAB"). A name that is nothing but a form keeps it.
    """
    tokens = [found for found in _TOKEN.finditer(name) if _plain(found[0])]
    for size in range(min(_LONGEST, len(tokens) - 1), 0, -1):
        for part, rest in ((tokens[-size:], tokens[:-size]), (tokens[:size], tokens[size:])):
            short = _form_of([found[0] for found in part], name)
            if short:
                return name[rest[0].start() : rest[-1].end()], short
    return name, ""


def is_form(name: str) -> bool:
    """Whether the name is nothing but a legal form, and names nobody."""
    return tuple(filter(None, map(_plain, _TOKEN.findall(name)))) in _LISTED


def _form_of(tokens: list[str], name: str) -> str | None:
    words = tuple(map(_plain, tokens))
    about = _LISTED.get(words) or _WITHOUT_ACCENTS.get(tuple(map(_bare, words)))
    if about is None:
        return None
    short, writings = about
    if len("".join(words)) > 2:
        return short
    written = "".join(tokens)
    if _SINGLE_LETTERS.fullmatch(written) and "." in written:
        return short if "." in "".join(writings) else None  # initials, but for forms that are written with dots
    in_one_case = name in (name.lower(), name.upper())
    usual = {*(_SIGNS.sub("", one) for one in writings), words[0].upper()}
    return short if in_one_case or _SIGNS.sub("", written) in usual else None
