"""Reads the sheet of shops out of a morning's workbook, and holds it against what `talon day` and `talon settlement` say.

Standard library alone. Arguments: the workbook, then for each merchant the JSON of its day by shop and of its settlement.
"""

import json
import sys
import xml.etree.ElementTree as tree
import zipfile
from decimal import Decimal

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet(path, number):
    """The rows of a sheet: texts as they are, numbers as whole cents."""
    with zipfile.ZipFile(path) as book:
        shared = [
            "".join(part.text or "" for part in text.iter(f"{MAIN}t"))
            for text in tree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        rows = tree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{MAIN}row")
        for row in rows:
            cells = {}
            for cell in row.iter(f"{MAIN}c"):
                column = "".join(letter for letter in cell.get("r") if letter.isalpha())
                value = cell.find(f"{MAIN}v")
                if value is None:
                    continue
                cells[column] = shared[int(value.text)] if cell.get("t") == "s" else Decimal(value.text)
            yield cells


def figure(line, name):
    """What a figure of a day comes to in the economic reading, over all plans."""
    return sum(int(of["value"]) for of in line["economic"] if of["figure"] == name and of["currency"] == "EUR")


def cents(cell):
    return 0 if cell is None else int(cell * 100)


def main():
    book, *views = sys.argv[1:]
    rows = list(sheet(book, 2))
    heads, lines = rows[0], rows[1:]
    column = {head: letter for letter, head in heads.items()}
    told = {}
    for line in lines:
        get = lambda head: line.get(column[head])
        told[get("SIREN"), get("NIC") or "0"] = {
            "sold": cents(get("Vendu")),
            "back": cents(get("Remboursé")),
            "booked": cents(get("Prestataire")),
            "waiting": cents(get("Pas encore comptabilisé")),
            "difference": cents(get("Écart")),
        }
    checked, owed = 0, 0
    for day_path, owed_path in zip(views[::2], views[1::2]):
        day, settled = (json.load(open(path, encoding="utf-8")) for path in (day_path, owed_path))
        merchant = day["merchant"]
        for line in day["lines"]:
            sale = figure(line, "sale")
            back = sum(figure(line, name) for name in ("refund_cash", "refund_rebate", "refund_undivided"))
            if sale == back == 0:
                continue
            own = told[merchant, str(line["shop"])]
            assert (own["sold"], own["back"]) == (sale, back), (merchant, line)
            checked += 1
        sums = {}
        for line in settled["lines"]:
            if line["happenedOn"] != "2026-11-24" or line["what"] not in ("payment", "refund"):
                continue
            shop = str(line.get("shop") or 0)
            of = sums.setdefault(shop, {"booked": 0, "waiting": 0, "difference": 0})
            booked, expected = line["booked"], line["expected"]
            gross = booked and booked["gross"]
            wanted = expected and expected["gross"]
            if gross is not None and booked:
                of["booked"] += int(gross)
                of["difference"] += int(gross) - int(wanted or 0)
            elif wanted is not None:
                of["waiting"] += int(wanted)
            owed += 1
        for shop, of in sums.items():
            own = told[merchant, shop]
            for name, value in of.items():
                assert own[name] == value, (merchant, shop, name, own[name], value)
    print(f"{checked} shops, {owed} lines: the same to the cent")


if __name__ == "__main__":
    main()
