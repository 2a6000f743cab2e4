"""Makes the workbooks that tests/sheets.rs reads, with the programs whose files people send.

Run it here: python3 make.py. It needs openpyxl 3.1 and LibreOffice (soffice). The results are committed; making them
again changes time stamps in them but nothing that a test looks at.
"""

import datetime as dt
import pathlib
import shutil
import subprocess
import tempfile

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

HERE = pathlib.Path(__file__).parent


def libreoffice(source, kind, target, filter_name=None):
    """Lets LibreOffice open a file and save it as another."""
    with tempfile.TemporaryDirectory() as folder:
        to = f"{kind}:{filter_name}" if filter_name else kind
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile"]
        command += ["--convert-to", to, "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True)
        shutil.move(pathlib.Path(folder) / f"{source.stem}.{kind.split(':')[0]}", HERE / target)


def kinds():
    """Every kind of cell once, the same in each format."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Referrals"
    sheet.append(["Id", "Name", "Deal value", "Close date", "Active", "Postal code", "Note", "When", "Effort", "Check"])
    sheet.append(["007", "Zürich & Söhne <AG>", 12500.5, dt.date(2026, 3, 4), True, "98052", "one\ntwo", dt.time(14, 30), dt.timedelta(hours=36), "end"])
    sheet.append([8, "  spaces  ", 1e15, dt.datetime(2026, 3, 4, 14, 0), False, 98052, "2026-03-04", None, None, "#N/A"])
    sheet["J3"].data_type = "e"
    sheet["D2"].number_format = "d. mmm yy"
    sheet["I2"].number_format = "[h]:mm:ss"
    sheet.append([])
    sheet.append(["€ 1", None, -0.1, dt.datetime(2026, 12, 31, 23, 59, 59), None, None, "over two", None, None, 0])
    sheet.merge_cells("G5:H5")
    sheet["A7"] = "last"
    book.save(HERE / "kinds.xlsx")
    for kind, target in [("ods", "kinds.ods"), ("xls", "kinds.xls"), ("xlsx", "kinds.libreoffice.xlsx")]:
        libreoffice(HERE / "kinds.xlsx", kind, target)


def formulas():
    """openpyxl stores no results; LibreOffice computes them."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Id", "Sum", "Text", "Empty text", "Error", "Date", "Flag", "Zero"])
    sheet.append(["1", "=1+2", '="a"&"b"', '=""', "=NA()", "=DATE(2026,3,4)", "=1=1", "=1-1"])
    sheet["F2"].number_format = "yyyy-mm-dd"
    book.save(HERE / "formulas.xlsx")
    for kind, target in [("ods", "formulas.ods"), ("xls", "formulas.xls"), ("xlsx", "formulas.libreoffice.xlsx")]:
        libreoffice(HERE / "formulas.xlsx", kind, target)


def since_1904():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.append(["Id", "Close date"])
    sheet.append(["1", dt.datetime(2026, 3, 4, 14, 0)])
    sheet.append(["2", dt.date(1904, 1, 2)])
    book.save(HERE / "since_1904.xlsx")
    libreoffice(HERE / "since_1904.xlsx", "xls", "since_1904.xls")


def far():
    """Two filled cells, as far apart as Excel allows."""
    book = openpyxl.Workbook()
    book.active["A1"] = "Id"
    book.active["XFD1048576"] = "far"
    book.save(HERE / "far.xlsx")
    libreoffice(HERE / "far.xlsx", "ods", "far.ods")


def worksheets():
    """Titles above the headings, a hidden worksheet, a chart's worksheet, and the right one in between."""
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "Notes"
    notes.append(["Please fill in the other worksheet"])
    hidden = book.create_sheet("Base")
    hidden.append(["Id", "Name"])
    hidden.sheet_state = "hidden"
    book.create_chartsheet("Chart")
    data = book.create_sheet("Data 2026")
    data["A2"] = "Referrals of May"
    data["A3"] = "as of"
    data["B3"] = dt.date(2026, 5, 31)
    for column, text in enumerate(["Id", None, "Name", "Colour"], start=1):
        data.cell(5, column, text)
    for column, text in enumerate(["1", "under no heading", "Anna", "red"], start=1):
        data.cell(7, column, text)
    book.save(HERE / "worksheets.xlsx")
    libreoffice(HERE / "worksheets.xlsx", "ods", "worksheets.ods")


def rich():
    """Text in pieces."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Id", "Name"])
    sheet.append(["1", CellRichText("plain ", TextBlock(InlineFont(b=True), "bold"), " plain")])
    book.save(HERE / "rich.xlsx")


def headings_only():
    book = openpyxl.Workbook()
    book.active.append(["Id", "Name"])
    book.save(HERE / "headings_only.xlsx")
    book = openpyxl.Workbook()
    book.save(HERE / "nothing.xlsx")


def password():
    """The same behind the password `secret`. Needs LibreOffice's own Python bridge (python3-uno)."""
    script = HERE / "password.py"
    subprocess.run(["python3", str(script)], check=True)


if __name__ == "__main__":
    kinds()
    formulas()
    since_1904()
    far()
    worksheets()
    rich()
    headings_only()
