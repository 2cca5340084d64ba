"""A second reader of an export: Python alone, and no code of Talon's.

It is given an export's folder and a file with the answers of `talon day` and `talon settlement --totals` of the same days. It
adds up the detail rows of talon.sqlite, and holds them against the answers, the manifest, both kinds of text and the
workbook. Whatever differs by one minor unit is an error.
"""

import csv
import datetime
import hashlib
import json
import pathlib
import sqlite3
import sys
import zipfile
from collections import Counter
from decimal import Decimal
from xml.etree import ElementTree

FOLDER = pathlib.Path(sys.argv[1])
ANSWERS = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
MANIFEST = json.loads((FOLDER / "MANIFEST.json").read_text(encoding="utf-8"))
ACCOUNTS = ["sale", "collected", "suspense", "refund_cash", "refund_rebate", "refund_undivided", "chargeback", "suspense_back"]
PARTS = ["gross", "fee", "tax", "net"]
DECIMALS = {"JPY": 0, "TND": 3}
FORMULA = "=+-@\t\r"

db = sqlite3.connect(FOLDER / "talon.sqlite")
db.row_factory = sqlite3.Row
KINDS = {}
for table, column, kind in db.execute("SELECT table_name, name, kind FROM columns ORDER BY table_name, place"):
    KINDS.setdefault(table, {})[column] = kind


def same(what, found, expected):
    found, expected = [{key: value for key, value in side.items() if value} for side in (found, expected)]
    for key in sorted(set(found) | set(expected), key=str):
        assert found.get(key) == expected.get(key), f"{what} {key}: {found.get(key)} is not {expected.get(key)}"
    return len(found)


def rows(table):
    return db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()


def money(minor, currency):
    return Decimal(minor).scaleb(-DECIMALS.get(currency, 2))


# 1. The manifest names every file by its sum, and each table by its rows and sums.
named = {file["path"]: file for file in MANIFEST["files"]}
there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()} - {"MANIFEST.json"}
assert there == set(named), there ^ set(named)
for path, file in named.items():
    data = (FOLDER / path).read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"]), path
for table in MANIFEST["tables"]:
    held, sums = rows(table["name"]), Counter()
    assert len(held) == table["rows"], table["name"]
    for row in held:
        for column, kind in KINDS[table["name"]].items():
            if kind == "money" and row[column] is not None:
                sums[column, row["currency"]] += row[column]
    same(f"sums of {table['name']}", sums, {(s["column"], s["currency"]): int(s["minorUnits"]) for s in table["sums"]})

# 2. Movements, payments and totals of days come to what `talon day` says of each shop and provider.
told = Counter()
for answer in ANSWERS:
    for line in answer["day"]["lines"]:
        for cell in line["economic"]:
            if cell["figure"] in ACCOUNTS:
                place = (answer["merchant"], str(line["shop"]), line["provider"])
                told[(*place, cell["figure"], cell["currency"])] += int(cell["value"])
moved, totals = Counter(), Counter()
for row in rows("movements"):
    moved[row["merchant"], row["shop"], row["provider"], row["account"], row["currency"]] += row["amount"]
for row in rows("day_totals"):
    for account in ACCOUNTS:
        totals[row["merchant"], row["shop"], row["provider"], account, row["currency"]] += row[account]
figures = same("movements", moved, told)
same("day_totals", totals, told)
sold = Counter()
for row in rows("payments"):
    if row["sold_on"] is not None and MANIFEST["from"] <= row["sold_on"] <= MANIFEST["to"]:
        sold[row["merchant"], row["shop"], row["provider"], "sale", row["currency"]] += row["asked"]
same("payments", sold, {key: value for key, value in told.items() if key[3] == "sale"})

# 3. Lines of settlement come to what `talon settlement --totals` says of each shop, provider and status.
owed, due = Counter(), Counter()
for row in rows("settlement"):
    key = (row["merchant"], row["shop"] or "0", row["provider"], row["status"], row["currency"])
    owed[(*key, "count")] += 1
    owed[(*key, "waived")] += row["waived"]
    for side in ["expected", "booked", "difference"]:
        for part in PARTS:
            owed[(*key, side, part)] += row[f"{side}_{part}"] or 0
for answer in ANSWERS:
    for total in answer["settlement"]["totals"]:
        key = (answer["merchant"], str(total["shop"]), total["provider"], total["status"], total["currency"])
        due[(*key, "count")] += total["count"]
        due[(*key, "waived")] += int(total["waived"])
        for side in ["expected", "booked", "difference"]:
            for part in PARTS:
                due[(*key, side, part)] += int(total[side][part])
lines = same("settlement", owed, due)


# 4. Both kinds of text have the same rows.
def guarded(text):
    """As a text stands where a spreadsheet could compute it."""
    return "'" + text if text[:1] and text[0] in FORMULA else text


def plain(text, kind, currency):
    if text == "":
        return None
    if kind == "money":
        return int(Decimal(text).scaleb(DECIMALS.get(currency, 2)))
    if kind == "count":
        return int(text)
    if kind == "flag":
        return {"false": 0, "true": 1}[text]
    return text


def french(text, kind):
    if kind == "money":
        assert "." not in text, text
        return text.replace(",", ".")
    if kind == "flag":
        return {"": "", "non": "false", "oui": "true"}[text]
    if kind in ("day", "moment") and text:
        day, month, year = text[:10].split("/")
        rest = text[10:].split(" ")
        return f"{year}-{month}-{day}" if kind == "day" else f"{year}-{month}-{day}T{rest[1]}{rest[2]}"
    return text


def read_text(path, encoding, delimiter):
    with open(FOLDER / path, encoding=encoding, newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def bare(value, kind):
    """A moment without what is behind its second; nothing is an empty text."""
    value = "" if value is None else value
    return value[:19] + value[26:] if kind == "moment" and value else value


in_french = {}
for table, kinds in KINDS.items():
    text, words = read_text(f"csv/{table}.csv", "utf-8", ","), read_text(f"csv-fr/{table}.csv", "utf-8-sig", ";")
    assert (FOLDER / f"csv-fr/{table}.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    assert text[0] == list(kinds) and len(text) == len(words)
    in_french[table] = words
    for row, cells, said in zip(rows(table), text[1:], words[1:], strict=True):
        currency = row["currency"] if "currency" in kinds else None
        for (column, kind), cell, word in zip(kinds.items(), cells, said, strict=True):
            if kind in ("text", "day", "moment"):
                assert cell[:1] not in FORMULA or not cell, (table, column, cell)
                assert word[:1] not in FORMULA or not word, (table, column, word)
            value = guarded(row[column]) if kind == "text" and row[column] else row[column]
            assert (plain(cell, kind, currency) or "") == (value or ""), (table, column, cell, row[column])
            if kind != "text":
                assert french(word, kind) == bare(cell, kind), (table, column, cell, word)

# 5. So has the workbook, whose texts are those of the French text, and which computes nothing.
SPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
with zipfile.ZipFile(FOLDER / "talon.xlsx") as book:
    parts = {name: ElementTree.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")}
shared = ["".join(t.text or "" for t in si.iterfind(".//x:t", SPACE)) for si in parts["xl/sharedStrings.xml"]]
sheets = [sheet.get("name") for sheet in parts["xl/workbook.xml"].iterfind("x:sheets/x:sheet", SPACE)]
assert len(sheets) == len(KINDS)


def place(reference):
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(reference[len(letters):]) - 1, column - 1


def clock(serial):
    whole = datetime.datetime(1899, 12, 30) + datetime.timedelta(days=float(serial), microseconds=300)
    return whole.replace(microsecond=0).isoformat()


cells = 0
for number, table in enumerate((table["name"] for table in MANIFEST["tables"]), 1):
    kinds, held = list(KINDS[table].items()), rows(table)
    sheet = parts[f"xl/worksheets/sheet{number}.xml"]
    assert not list(sheet.iterfind(".//x:f", SPACE)), "a formula"
    found = {}
    for cell in sheet.iterfind(".//x:c", SPACE):
        value = cell.find("x:v", SPACE)
        if value is not None:
            found[place(cell.get("r"))] = shared[int(value.text)] if cell.get("t") == "s" else Decimal(value.text)
    assert [guarded(found[0, column]) for column in range(len(kinds))] == in_french[table][0], table
    for line, row in enumerate(held):
        currency = row["currency"] if "currency" in row.keys() else None
        for column, (name, kind) in enumerate(kinds):
            cell, value = found.get((line + 1, column)), row[name]
            cells += cell is not None
            if value is None or value == "":
                assert cell in (None, ""), (table, name, cell)
            elif kind == "money":
                assert cell == money(value, currency), (table, name, cell, value)
            elif kind == "count":
                assert cell == value, (table, name, cell, value)
            elif kind == "flag":
                assert cell == ["non", "oui"][value], (table, name, cell, value)
            elif kind == "text":
                word = in_french[table][line + 1][column]
                assert guarded(cell) == word, (table, name, cell, word)
            else:
                assert clock(cell)[: 10 if kind == "day" else 19] == value[: 10 if kind == "day" else 19], (name, cell, value)

accounts = sorted({key[3] for key in moved})
statuses = sorted({key[3] for key in owed})
print(json.dumps({"figures": figures, "lines": lines, "cells": cells, "accounts": accounts, "statuses": statuses}))
