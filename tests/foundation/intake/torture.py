"""The torture folder: files as clients really send them, each with what must come of it.

    python tests/foundation/intake/torture.py FOLDER     writes the files, to be looked at

Every file holds the same five sales in some dialect or plight. It is either read to exactly these, or refused with an
error that has the words given here. Nothing in between.
"""

import io
import itertools
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

NAMES = {
    "LT": ("Žilvinas Šimkus", "UAB „Ąžuolas“", "Kęstutis Ūsas", "Įmonė ir Ko", "Rūta Čepaitė"),
    "BG": ("Иван Петров", "Ъглова ООД", "София Щърбанова", "Ямбол ЕТ", "Жулиета"),
    "RU": ("Пётр Иванов", "ООО Ромашка", "Эльвира Щукина", "Съезд", "Юлия"),
    "EE": ("Jüri Tõnisson", "Põder OÜ", "Ülle Õunapuu", "Äri AS", "Ööbik"),
    "HU": ("Kovács Győző", "Szűcs Ödön Kft.", "Bíró Ágnes", "Őze Bt.", "Fűzfa Ábel"),
    "GB": ("O’Neill & Co", "Zoë Brontë", "Smith, John", 'The "Old" Inn', "Müller Ltd"),
}
DAYS = (date(2025, 1, 31), date(2025, 2, 3), date(2025, 2, 13), date(2025, 12, 1), date(2025, 12, 24))
CENTS = (129950, -2000, 99, 1234567, 50000)
NUMBERS = ("00017", "00018", "00019", "00020", "00021")
HEADER = ("Nr", "Klientas", "Data", "Suma")
COLUMNS = {"order_id": "Nr", "record_id": "Klientas", "ordered_on": "Data", "net_amount": "Suma"}
PAGES = {"LT": "cp1257", "EE": "cp1257", "BG": "cp1251", "RU": "cp1251", "HU": "cp1250", "GB": "cp1252"}

Row = list[Any]
DATE_STYLES = {
    "iso": "%Y-%m-%d", "dots": "%d.%m.%Y", "dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y",
    "dashes": "%d-%m-%Y", "compact": "%Y%m%d",
    "times": "%Y-%m-%d 14:05:00", "hungarian": "%Y. %m. %d.", "short": "%d.%m.%y",
}  # fmt: skip
MONEY_STYLES: dict[str, Callable[[str], str]] = {
    "point": lambda text: text.replace(",", ""),
    "comma": lambda text: text.replace(",", "").replace(".", ","),
    "blank comma": lambda text: text.replace(",", " ").replace(".", ","),
    "nbsp comma": lambda text: text.replace(",", "\u00a0").replace(".", ","),
    "dot comma": lambda text: text.replace(",", "_").replace(".", ",").replace("_", "."),
    "comma point": lambda text: text,
    "apostrophe": lambda text: text.replace(",", "’"),
    "euro": lambda text: f"{text.replace(',', ' ').replace('.', ',')} €",
    "accounting": lambda text: f"({text[1:]})" if text.startswith("-") else text,
    "minus behind": lambda text: f"{text[1:]}-" if text.startswith("-") else text,
}


@dataclass(frozen=True)
class Case:
    """One file: its bytes, how engagement.yml declares it, and the words of its refusal (None: it is read)."""

    name: str
    content: bytes
    country: str = "LT"
    source: dict[str, Any] = field(default_factory=dict)
    refused: str | None = None


def rows(country: str = "LT", dates: str = "iso", money: str = "point") -> list[list[str]]:
    """The five sales as texts, without a header."""
    shown = (MONEY_STYLES[money](f"{cents / 100:,.2f}") for cents in CENTS)
    days = (day.strftime(DATE_STYLES[dates]) for day in DAYS)
    return [list(row) for row in zip(NUMBERS, NAMES[country], days, shown)]


def text(table: list[list[str]], delimiter: str = ";", end: str = "\r\n") -> str:
    """The table as delimited text; values that hold a delimiter, a quote or a line break are quoted."""

    def quoted(value: str) -> str:
        special = any(mark in value for mark in (delimiter, '"', "\n", "\r"))
        return '"' + value.replace('"', '""') + '"' if special else value

    return "".join(delimiter.join(map(quoted, row)) + end for row in table)


def csv(table: list[list[str]], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    """The table under its header, encoded."""
    return text([list(HEADER), *table], delimiter).encode(encoding)


def dialects() -> Iterator[Case]:
    """Encodings × delimiters × decimal and date styles: every style meets every other kind of style somewhere."""
    countries = itertools.cycle(NAMES)
    dates, delimiters = itertools.cycle(DATE_STYLES), itertools.cycle([";", ",", "\t", "|"])
    encodings = itertools.cycle(["utf-8", "utf-8-sig", "utf-16", "own page", "utf-16-le"])
    for place, money in enumerate(list(MONEY_STYLES) * 5):
        country, style, delimiter, encoding = next(countries), next(dates), next(delimiters), next(encodings)
        if place % len(DATE_STYLES) == 0:
            next(delimiters)
        page = PAGES[country] if encoding == "own page" else encoding
        if page.startswith("cp12") and money == "euro" and country in ("RU", "BG"):
            page = "utf-8"
        name = f"dialect {place:02d} {country} {page} {money} {style} {delimiter!r}.csv"
        content = csv(rows(country, style, money), delimiter, page)
        yield Case(name.replace("/", "-").replace("\\", ""), content, country)


def plights() -> Iterator[Case]:
    """Text files in which something stands above, below, between or inside the rows, and is still read right."""
    sales, header = rows(money="comma", dates="dots"), list(HEADER)
    yield Case("title rows.csv", text([["Pardavimai 2025"], ["Spausdinta 2026-01-05"], [""], header, *sales]).encode())
    yield Case(
        "title rows as wide.csv", text([["Pardavimai", "", "", ""], ["2025", "", "", "5"], header, *sales]).encode()
    )
    yield Case("sep line.csv", ("sep=;\r\n" + text([header, *sales])).encode())
    yield Case("mark of excel.csv", b"\xef\xbb\xbf" + csv(sales))
    yield Case("empty header.csv", text([[*header, ""], *([*row, "x"] for row in sales)]).encode())
    yield Case(
        "duplicate header.csv", text([[*header, "Pastaba", "Pastaba"], *([*row, "a", "b"] for row in sales)]).encode()
    )
    yield Case("header on two lines.csv", text([["Nr", "Kli\nentas", "Data", "Suma"], *sales]).encode(), source={
        "columns": COLUMNS | {"record_id": "Kli entas"}})  # fmt: skip
    yield Case("blanks around header.csv", text([[f" {name} " for name in header], *sales]).encode())
    yield Case("capitals in header.csv", text([[name.upper() for name in header], *sales]).encode())
    yield Case(
        "invisible signs.csv",
        text([["\u200bNr", *header[1:]], *([f"\u200b{row[0]} ", *row[1:]] for row in sales)]).encode(),
    )
    yield Case("total below.csv", text([header, *sales, ["Iš viso:", "", "", "13 626,16"]]).encode())
    yield Case("total without a word.csv", text([header, *sales, ["", "", "", "13 626,16"]]).encode())
    yield Case("subtotals between.csv", text([header, *sales[:2], ["Total", "", "", "1 279,50"], *sales[2:],
                                              ["Grand total", "", "", "13626,16"]]).encode())  # fmt: skip
    total = ["Total", "", sales[0][2], sales[0][3]]
    yield Case("total of a day with its date.csv", text([header, sales[0], total, *sales[1:]]).encode())
    yield Case("remark below.csv", text([header, *sales, [""], ["Parengė: V. Pavardenis"]]).encode())
    yield Case("header on every page.csv", text([header, *sales[:2], header, *sales[2:3], header, *sales[3:]]).encode())
    yield Case(
        "blank lines.csv",
        text([header, sales[0], [""], *sales[1:3], ["", "", "", ""], *sales[3:], [""], [""]]).encode(),
    )
    yield Case("unix ends.csv", text([header, *sales], end="\n").encode())
    yield Case("old mac ends.csv", text([header, *sales], end="\r").encode())
    yield Case("no end at the last line.csv", text([header, *sales]).rstrip().encode())
    yield Case("ctrl z.csv", csv(sales) + b"\x1a")
    yield Case("delimiter behind every line.csv", text([[*header, ""], *([*row, ""] for row in sales)]).encode())
    yield Case("delimiter behind the data.csv", text([header, *([*row, ""] for row in sales)]).encode())
    inn = [[*row[:3], row[3]] for row in sales]
    inn[0][1] = "Žilvinas Šimkus"
    yield Case("delimiter inside quotes.csv", text([[*header, "Pastaba"], *([*row, "a; b"] for row in inn)]).encode())
    yield Case(
        "line break inside quotes.csv", text([[*header, "Pastaba"], *([*row, "a\nb;\r\nc"] for row in inn)]).encode()
    )
    all_quoted = "".join(";".join(f'"{value}"' for value in row) + "\r\n" for row in [header, *sales])
    yield Case("all quoted.csv", all_quoted.encode())
    careless = all_quoted.replace("UAB „Ąžuolas“", 'UAB "Ąžuolas"')
    oak = {"values": {"record_id": {'UAB "Ąžuolas"': "UAB „Ąžuolas“"}}}
    yield Case("quotes not doubled.csv", careless.encode(), source=oak)
    inches = [[*row, '5" vamzdis'] for row in sales]
    plain = "".join("\t".join(row) + "\n" for row in [[*header, "Prekė"], *inches])
    yield Case("inch signs without quoting.txt", plain.encode())
    blanks = [[row[0], f"K{place}", row[2], row[3].replace(" ", "")] for place, row in enumerate(rows(money="comma"))]
    columns = "\n".join("   ".join(row) for row in [header, *blanks])
    named = {f"K{place}": name for place, name in enumerate(NAMES["LT"])}
    yield Case("laid out with blanks.txt", columns.encode(), source={"values": {"record_id": named}})
    bare = {"columns": {ours: f"column_{place}" for place, ours in enumerate(COLUMNS, start=1)}}
    yield Case("no header.csv", text(sales).encode(), source=bare)
    yield Case("no header, declared.csv", text(sales).encode(), source=bare | {"header_row": 0})
    yield Case(
        "header row declared.csv", text([["a", "b", "c", "d"], header, *sales]).encode(), source={"header_row": 2}
    )
    short = [[*header, "Pastaba"], *sales[:2], *([*row, "x"] for row in sales[2:])]
    yield Case("short lines padded.csv", text(short).encode(), source={"short_rows": "pad"})
    joined = [[row[0], f"{row[1]},{row[2]}", row[3]] for row in rows()]
    yield Case("two columns in one value.csv", text([header, *joined], ",").encode(), source={"short_rows": "split"})
    yield Case("ambiguous days declared.csv", csv(rows(dates="mdy")), source={"date_format": "%m/%d/%Y"})
    yield Case("columns permuted.csv", text([[*header[::-1]], *(row[::-1] for row in sales)]).encode())
    yield Case("numbers with zeros in front.csv", csv(sales))
    yield Case("declared against the country.csv", csv(rows("RU"), encoding="koi8-r"), "RU", {"encoding": "koi8-r"})
    yield Case("ends in a table of another kind.csv", text([header, *sales, ["Viso eilučių: 5"]]).encode())
    words = ("sausio 31", "vasario 3", "vasario 13", "gruodžio 1", "gruodžio 24")
    months = [[*row[:2], f"2025 m. {day} d.", row[3]] for row, day in zip(sales, words)]
    yield Case("months in words.csv", csv(months))
    serials = [[*row[:2], str((day - date(1899, 12, 30)).days), row[3]] for row, day in zip(sales, DAYS)]
    yield Case("days as serial numbers.csv", csv(serials))


def refusals() -> Iterator[Case]:
    """Files that cannot be read without guessing."""
    sales, header = rows(), list(HEADER)

    def changed(row: int, column: int, value: str, table: list[list[str]] = sales) -> list[list[str]]:
        copied = [list(one) for one in table]
        copied[row][column] = value
        return copied

    split = {"short_rows": "split"}
    twice = [[f"{row[0]},x", f"{row[1]},{row[2]}", row[3]] for row in sales]
    missing = text([header, *(row[:3] for row in sales)], ",").encode()
    yield Case("two values that may be parted.csv", text([header, *twice], ",").encode(), source=split,
               refused="several values may hold the missing ones")  # fmt: skip
    yield Case("no value to part.csv", missing, source=split, refused="no value holds the missing ones")
    yield Case("empty.csv", b"", refused="the file is empty")
    yield Case("blanks only.csv", b" \r\n \r\n", refused="the file is empty")
    yield Case("header only.csv", csv([]), refused="no rows below the header")
    yield Case("header and a total of nothing.csv", csv([["Iš viso", "", "", "0,00"]]), refused="no row is left")
    yield Case(
        "no such column.csv", text([["Nr", "Klientas", "Data", "Kaina"], *sales]).encode(), refused="no column 'Suma'"
    )
    yield Case(
        "text in amounts.csv", csv(changed(2, 3, "keturi")), refused="net_amount is no amount in 1 of 5 rows: 'keturi'"
    )
    yield Case("two amounts in a cell.csv", csv(changed(2, 3, "10-20")), refused="no amount")
    yield Case(
        "no such day.csv", csv(changed(1, 2, "2025-02-30")), refused="ordered_on is no day in 1 of 5 rows: '2025-02-30'"
    )
    yield Case("a day in the future.csv", csv(changed(1, 2, "2052-02-03")), refused="lies in the future in 1 of 5 rows")
    yield Case("a day of nobody.csv", csv(changed(1, 2, "1900-01-01")), refused="lies before 1980-01-01 in 1 of 5 rows")
    both = [*rows(dates="dmy")[:3], ["00020", "Įmonė", "12/24/2025", "5.00"]]
    yield Case("days in two orders.csv", csv(both), refused="days are written in two orders")
    open_ = [
        [*row[:2], day, row[3]]
        for row, day in zip(sales, ("01/02/2025", "03/02/2025", "04/02/2025", "05/02/2025", "06/02/2025"))
    ]
    yield Case("days with two readings.csv", csv(open_), refused="'01/02/2025' may be read as")
    short = [
        [*row[:2], day, row[3]] for row, day in zip(sales, ("01.02.03", "03.02.05", "04.02.05", "05.02.05", "06.02.05"))
    ]
    yield Case("short years with two readings.csv", csv(short), refused="'01.02.03' may be read as")
    thousands = [[*row[:3], f"{place}.299"] for place, row in enumerate(sales, start=1)]
    yield Case("amounts with two readings.csv", csv(thousands), refused="'1.299' may be 1299 or 1.299")
    yield Case("two decimal signs.csv", csv(changed(1, 3, "20,00")), refused="decimal signs are mixed")
    yield Case("thousands not in threes.csv", csv(changed(1, 3, "1,29,00.00")), refused="no amount")
    yield Case("two currencies.csv", csv([[*row[:3], f"{sign}{row[3]}"] for row, sign in zip(sales, "€€$€€")]),
               refused="several currencies")  # fmt: skip
    yield Case(
        "another currency.csv", csv([[*row[:3], f"{row[3]} USD"] for row in sales]), refused="another currency than EUR"
    )
    yield Case(
        "line too long.csv",
        csv([*sales[:2], [*sales[2], "x"], *sales[3:]]),
        refused="a line has 5 values, more than the 4",
    )
    broken = text([header, *sales]).replace("Kęstutis Ūsas", "Kęstutis\r\nŪsas")
    yield Case("line broken in two.csv", broken.encode(), refused="fewer values than the 4")
    yield Case(
        "delimiter not quoted.csv",
        text([header, *sales]).replace("Kęstutis", "Kęstutis;").encode(),
        refused="more than the 4",
    )
    decimals = "\r\n".join(",".join(row) for row in [header, *rows(money="comma")])
    yield Case("decimal comma between commas.csv", decimals.encode(), refused="more than the 4")
    noted = text([[*header, "Pastaba"], *([*row, "a; b"] for row in sales)])
    unclosed = noted.replace("Kęstutis Ūsas", '"Kęstutis Ūsas')
    yield Case("quote never closed.csv", unclosed.encode(), refused="quotation marks")
    yield Case("dos page.csv", csv(rows(), encoding="cp775"), refused="does not read as cp1257")
    yield Case("russian file in lithuania.csv", csv(rows("RU"), encoding="cp1251"), refused="does not read as cp1257")
    yield Case("koi8.csv", csv(rows("RU"), encoding="koi8-r"), "RU", refused="does not read as cp1251")
    yield Case("hungarian dos page.csv", csv(rows("HU"), encoding="cp852"), "HU", refused="does not read as cp1250")
    yield Case(
        "wrong encoding declared.csv",
        csv(sales, encoding="cp1257"),
        source={"encoding": "utf-8"},
        refused="are not utf-8",
    )
    twice = csv(rows("HU")).decode("utf-8").encode("utf-8").decode("cp1252", "replace").encode("utf-8")
    yield Case("encoded twice.csv", twice, "HU", refused="does not read as utf-8")
    cut = [[f"1.2345{place}E+12", *row[1:]] for place, row in enumerate(sales)]
    yield Case("numbers cut by a spreadsheet.csv", csv(cut), refused="order_id is a number cut by a spreadsheet")
    same = text([[*header, "Suma"], *([*row, "1.00"] for row in sales)]).encode()
    yield Case("amount twice.csv", same, refused="occurs more than once")
    yield Case("header row beyond the end.csv", csv(sales), source={"header_row": 50}, refused="lies beyond the end")
    cards = [[row[0], "4111 1111 1111 1111", *row[2:]] for row in sales]
    yield Case("card numbers.csv", csv(cards), refused="holds bank-card numbers")
    yield Case("pdf.csv", b"%PDF-1.7\n%abc", refused="a PDF")
    yield Case("web page.xls", b"<html><body><table></table></body></html>", refused="a web page")
    yield Case("zipped.csv", b"\x1f\x8b\x08\x00\x00", refused="compressed")


def workbook(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    """An .xlsx made by `fill` from a workbook with one sheet."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(out)
    return out.getvalue()


def sheet_rows(as_text: bool = False) -> list[Row]:
    """The five sales as a workbook holds them: numbers as text with zeros, days as days, amounts as numbers."""
    if as_text:
        return [list(row) for row in rows(dates="dots", money="comma")]
    days = (datetime(day.year, day.month, day.day) for day in DAYS)
    return [list(row) for row in zip(NUMBERS, NAMES["LT"], days, (cents / 100 for cents in CENTS))]


def workbooks() -> Iterator[Case]:
    """Workbooks: title rows, merged cells, hidden sheets, formulas, text among numbers."""

    def filled(*above: Row, table: list[Row] | None = None, below: tuple[Row, ...] = ()) -> bytes:
        def fill(book: openpyxl.Workbook) -> None:
            for row in [*above, list(HEADER), *(sheet_rows() if table is None else table), *below]:
                book.active.append(row)

        return workbook(fill)

    yield Case("plain.xlsx", filled())
    yield Case("all text.xlsx", filled(table=sheet_rows(as_text=True)))
    yield Case("title rows.xlsx", filled(["Pardavimai 2025 m."], [], ["Sukurta", datetime(2026, 1, 5)], []))
    yield Case("total below.xlsx", filled(below=([], ["Iš viso", None, None, 13626.16])))
    yield Case("remark below.xlsx", filled(below=([], ["Parengė: apskaita"])))
    serials = [[*row[:2], (day - date(1899, 12, 30)).days, row[3]] for row, day in zip(sheet_rows(), DAYS)]
    yield Case("days as numbers.xlsx", filled(table=serials))
    text_days = [[*row[:2], day.strftime("%Y-%m-%d"), row[3]] for row, day in zip(sheet_rows(), DAYS)]
    yield Case("days as text.xlsx", filled(table=text_days))
    mixed = [
        [*row[:3], f"{row[3]:.2f}".replace(".", ",") if place % 2 else row[3]] for place, row in enumerate(sheet_rows())
    ]
    yield Case("amounts partly text.xlsx", filled(table=mixed))
    yield Case("called csv.csv", filled())

    def merged_title(book: openpyxl.Workbook) -> None:
        book.active.append(["Pardavimai"])
        book.active.merge_cells("A1:D1")
        for row in [list(HEADER), *sheet_rows()]:
            book.active.append(row)

    yield Case("merged title.xlsx", workbook(merged_title))

    def shifted(book: openpyxl.Workbook) -> None:
        for number, row in enumerate([list(HEADER), *sheet_rows()], start=5):
            for column, value in enumerate(row, start=3):
                book.active.cell(number, column, value)

    yield Case("table away from the corner.xlsx", workbook(shifted))

    def hidden(book: openpyxl.Workbook) -> None:
        for row in [list(HEADER), *sheet_rows()]:
            book.active.append(row)
        old = book.create_sheet("senas", 0)
        for row in [list(HEADER), ["99", "Kitas", datetime(2025, 1, 1), 1.0]]:
            old.append(row)
        old.sheet_state = "hidden"

    yield Case("hidden sheet in front.xlsx", workbook(hidden))

    def several(book: openpyxl.Workbook) -> None:
        book.active.title = "Pastabos"
        book.active.append(["Tema", "Tekstas"])
        book.active.append(["a", "b"])
        sales = book.create_sheet("Pardavimai")
        for row in [list(HEADER), *sheet_rows()]:
            sales.append(row)

    yield Case("sheet that fits.xlsx", workbook(several))
    yield Case("sheet declared.xlsx", workbook(several), source={"sheet": "Pardavimai"})
    yield Case(
        "sheet that is not there.xlsx", workbook(several), source={"sheet": "Sales"}, refused="no visible sheet 'Sales'"
    )

    def monthly(book: openpyxl.Workbook) -> None:
        book.active.title = "I"
        for row in [list(HEADER), *sheet_rows()[:2]]:
            book.active.append(row)
        second = book.create_sheet("II")
        for row in [list(HEADER), *sheet_rows()[2:]]:
            second.append(row)

    yield Case("a sheet a month.xlsx", workbook(monthly), source={"sheet": "*"})
    yield Case("two sheets that fit.xlsx", workbook(monthly), refused="2 filled sheets")

    def merged_down(book: openpyxl.Workbook) -> None:
        same = [
            [number, NAMES["LT"][place], *row[2:]] for place, (number, row) in enumerate(zip(NUMBERS, sheet_rows()))
        ]
        for row in [list(HEADER), *same]:
            book.active.append(row)
        book.active["E1"] = "Regionas"
        book.active["E2"] = "Vilnius"
        book.active.merge_cells("E2:E6")

    yield Case("merged downwards.xlsx", workbook(merged_down), source={
        "columns": COLUMNS | {"department_id": "Regionas"}, "constants": {}})  # fmt: skip

    def formulas(book: openpyxl.Workbook) -> None:
        for row in [list(HEADER), *sheet_rows()]:
            book.active.append(row)
        book.active["D3"] = "=D2*2"

    yield Case("formula without a result.xlsx", workbook(formulas), refused="formula without a result")

    def calculated() -> bytes:
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet()
        for place, row in enumerate([list(HEADER), *sheet_rows()]):
            sheet.write_row(place, 0, row)
            if place:
                sheet.write_formula(place, 3, f"=1*{row[3]}", None, row[3])
        book.close()
        return out.getvalue()

    yield Case("formulas with results.xlsx", calculated())

    def errors(book: openpyxl.Workbook) -> None:
        for row in [list(HEADER), *sheet_rows()]:
            book.active.append(row)
        book.active["D3"] = "#DIV/0!"

    yield Case("error in a cell.xlsx", workbook(errors), refused="#DIV/0!")
    swapped = [[*row[:2], day, row[3]] for row, day in zip(sheet_rows(), (
        "31/01/2025", datetime(2025, 3, 2), "13/02/2025", datetime(2025, 1, 12), "24/12/2025"))]  # fmt: skip
    yield Case("days swapped by a spreadsheet.xlsx", filled(table=swapped), refused="days are written in two orders")
    long = [[4_000_000_000_000_000 + place, *row[1:]] for place, row in enumerate(sheet_rows())]
    yield Case("numbers too long for a workbook.xlsx", filled(table=long), refused="cut by a spreadsheet")
    yield Case("empty.xlsx", workbook(lambda book: None), refused="the workbook is empty")
    yield Case("header only.xlsx", filled(table=[]), refused="no rows below the header")
    yield Case("cut off.xlsx", filled()[:900], refused="cannot be opened")


def open_document(table: list[Row]) -> bytes:
    """The smallest .ods with one sheet: text, days and numbers as OpenDocument writes them."""

    def cell(value) -> str:
        kind = "office:value-type"
        if isinstance(value, datetime):
            return f'<table:table-cell {kind}="date" office:date-value="{value:%Y-%m-%d}"/>'
        if isinstance(value, (int, float)):
            return f'<table:table-cell {kind}="float" office:value="{value}"/>'
        return f'<table:table-cell {kind}="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in table)
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = f"<office:document-content{spaces}><office:body><office:spreadsheet>"
    content += f'<table:table table:name="Pardavimai">{rows}</table:table>'
    content += "</office:spreadsheet></office:body></office:document-content>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        book.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{manifest}"/>')
        book.writestr("content.xml", '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return out.getvalue()


def binary(table: list[Row], broken: tuple[int, int] | None = None) -> bytes:
    """The smallest .xlsb with one sheet: shared strings, a style for days, and the three ways Excel writes a number.

    Every record is its type and its length, in groups of seven bits, and its content; `broken` is a cell with #DIV/0!.
    """

    def number(value: int) -> bytes:
        return bytes([value & 127 | (128 if value > 127 else 0)]) + (number(value >> 7) if value > 127 else b"")

    def record(kind: int, content: bytes = b"") -> bytes:
        return number(kind) + number(len(content)) + content

    def wide(words: str) -> bytes:
        return struct.pack("<I", len(words)) + words.encode("utf-16-le")

    strings: list[str] = []

    def cell(row: int, column: int, value: Any) -> bytes:
        at = struct.pack("<II", column, isinstance(value, datetime))
        if (row, column) == broken:
            return record(3, at + b"\x07")
        if isinstance(value, str):
            strings.append(value)
            return record(7, at + struct.pack("<I", len(strings) - 1))
        if isinstance(value, datetime):
            value = (value - datetime(1899, 12, 30)).days
        if row % 3 == 0:  # in 30 bits, here as hundredths
            return record(2, at + struct.pack("<i", round(value * 100) << 2 | 3))
        if row % 3 == 1:
            return record(5, at + struct.pack("<d", value))
        return record(9, at + struct.pack("<dHIBHI", value, 0, 3, 0x1E, 1, 0))  # a formula (=1) and its last result

    rows = b"".join(
        record(0, struct.pack("<IIHHBI", place, 0, 300, 0, 0, 0))
        + b"".join(cell(place, column, value) for column, value in enumerate(row))
        for place, row in enumerate(table)
    )
    size = struct.pack("<IIII", 0, len(table) - 1, 0, max(map(len, table)) - 1)
    sheet = record(0x81) + record(0x94, size) + record(0x91) + rows + record(0x92) + record(0x82)
    bundle = record(0x9C, struct.pack("<II", 0, 1) + wide("rId1") + wide("Pardavimai"))
    formats = b"".join(record(0x2F, struct.pack("<HH12x", 0, code)) for code in (0, 14))  # plain, and a day
    styles = record(0x116) + record(0x269, struct.pack("<I", 2)) + formats + record(0x26A) + record(0x117)
    items = b"".join(record(0x13, b"\0" + wide(words)) for words in strings)
    shared = record(0x9F, struct.pack("<II", len(strings), len(strings))) + items + record(0xA0)
    space, kind = "http://schemas.openxmlformats.org/package/2006", "application/vnd.ms-excel"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def links(*targets: tuple[str, str]) -> str:
        listed = (
            f'<Relationship Id="rId{place}" Type="{office}/{name}" Target="{target}"/>'
            for place, (name, target) in enumerate(targets, start=1)
        )
        return f'<Relationships xmlns="{space}/relationships">{"".join(listed)}</Relationships>'

    parts = {"workbook": "sheet.binary.macroEnabled.main", "worksheets/sheet1": "worksheet", "styles": "styles",
             "sharedStrings": "sharedStrings"}  # fmt: skip
    types = "".join(
        f'<Override PartName="/xl/{part}.bin" ContentType="{kind}.{name}"/>' for part, name in parts.items()
    )
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("[Content_Types].xml", f'<Types xmlns="{space}/content-types">{rels}{types}</Types>')
        book.writestr("_rels/.rels", links(("officeDocument", "xl/workbook.bin")))
        book.writestr("xl/workbook.bin", record(0x83) + record(0x8F) + bundle + record(0x90) + record(0x84))
        inner = (
            ("worksheet", "worksheets/sheet1.bin"),
            ("styles", "styles.bin"),
            ("sharedStrings", "sharedStrings.bin"),
        )
        book.writestr("xl/_rels/workbook.bin.rels", links(*inner))
        for part, content in (("worksheets/sheet1", sheet), ("styles", styles), ("sharedStrings", shared)):
            book.writestr(f"xl/{part}.bin", content)
    return out.getvalue()


def documents() -> Iterator[Case]:
    titled = [["Pardavimai 2025 m."], [], list(HEADER), *sheet_rows()]
    yield Case("plain.ods", open_document([list(HEADER), *sheet_rows()]))
    yield Case("title rows.ods", open_document(titled))
    yield Case("cut off.ods", open_document(titled)[:200], refused="cannot be opened")
    yield Case("plain.xlsb", binary([list(HEADER), *sheet_rows()]))
    yield Case("title rows.xlsb", binary(titled))
    broken = binary([list(HEADER), *sheet_rows()], broken=(2, 3))
    yield Case("error in a cell.xlsb", broken, refused="net_amount is no amount in 1 of 5 rows: '#DIV/0!'")
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    yield Case("password.xlsb", locked, refused="protected by a password")
    yield Case("cut off.xlsb", binary(titled)[:900], refused="cannot be opened")


def cases() -> list[Case]:
    """The whole folder."""
    return [*dialects(), *plights(), *refusals(), *workbooks(), *documents()]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases():
        (folder / case.name).write_bytes(case.content)
    print(f"{len(cases())} files in {folder}")
