"""Opens a morning's workbook with openpyxl, and what LibreOffice makes of it, and holds both against what it has to be.

Argument: the workbook, in French. Ends with 1, and says what is wrong, if an id is a number, an amount is a text, a cell is a
formula, or the two programs read different rows.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

# Heads of columns that hold ids, however much these look like numbers.
IDS = {"N°", "SIREN", "NIC", "TPE", "Paiement", "Virement"}
AMOUNTS = {"Montant", "Vendu", "Registre", "Prestataire", "Écart", "Brut", "Net", "Pas encore comptabilisé"}


# Commas, quotes, UTF-8, values as they are shown, every sheet.
SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def main():
    path = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        words = ["soffice", "--headless", "--norestore", profile, "--convert-to", SHEETS, "--outdir", folder, path]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        compare(path, Path(folder))


def compare(path, folder):
    book = openpyxl.load_workbook(path)
    cells = 0
    for sheet in book:
        rows = list(sheet.iter_rows())
        heads = [cell.value for cell in rows[0]]
        assert sheet.freeze_panes == "A2", f"{sheet.title}: the heads are not frozen"
        for row in rows[1:]:
            for head, cell in zip(heads, row):
                where = f"{sheet.title}!{cell.coordinate} ({head})"
                assert cell.data_type != "f", f"{where} is a formula"
                if cell.value is None:
                    continue
                cells += 1
                if head in IDS:
                    assert isinstance(cell.value, str), f"{where} is no text: {cell.value!r}"
                elif head in AMOUNTS and sheet.title != "À traiter" or head == "Montant":
                    is_text = isinstance(cell.value, str)
                    assert not is_text or head == "Prestataire", f"{where} is no number: {cell.value!r}"
                    assert is_text or "0.00" in cell.number_format, f"{where}: {cell.number_format}"
        read = folder / f"{path.stem}-{sheet.title}.csv"
        with read.open(encoding="utf-8", newline="") as file:
            other = list(csv.reader(file))
        assert len(other) == len(rows), f"{sheet.title}: {len(rows)} rows here, {len(other)} in LibreOffice"
        assert other[0] == [str(head) for head in heads], f"{sheet.title}: other heads in LibreOffice"
        for here, there in zip(rows[1:], other[1:]):
            for head, cell, text in zip(heads, here, there):
                if head in IDS:
                    assert (cell.value or "") == text, f"{sheet.title}: {cell.value!r} is {text!r} in LibreOffice"
    print(f"{path.name}: {len(book.sheetnames)} sheets, {cells} cells, the same in two programs")


if __name__ == "__main__":
    main()
