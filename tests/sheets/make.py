"""Makes the workbooks that tests/sheets.rs reads, with the programs whose files people send.

Run it here: python3 make.py. It needs openpyxl 3.1 and LibreOffice (soffice). The results are committed; making them
again changes time stamps in them but nothing that a test looks at.
"""

import datetime as dt
import pathlib
import shutil
import struct
import subprocess
import tempfile
import zipfile

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.filters import FilterColumn, Filters

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
    # Semicolons, every text quoted, UTF-8; and the Windows-1252 of an old Excel.
    libreoffice(HERE / "kinds.xlsx", "csv", "kinds.csv", "Text - txt - csv (StarCalc):59,34,76,1,,0,true")
    libreoffice(HERE / "kinds.xlsx", "csv", "kinds.western.csv", "Text - txt - csv (StarCalc):59,34,1")


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


def hidden():
    """A filter that shows every other row, a row hidden by hand below, and merged cells above, across and down."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Referrals of May"])
    sheet.append(["Id", "Name", "Deal value"])
    for number in range(1, 7):
        sheet.append([f"{number}", "odd" if number % 2 else "even", number * 100])
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A4:A5")
    sheet.merge_cells("B7:C7")
    sheet.merge_cells("C3:C4")
    sheet.auto_filter.ref = "A2:C8"
    sheet.auto_filter.filterColumn.append(FilterColumn(colId=1, filters=Filters(filter=["even"])))
    for row in [3, 5, 7, 20]:
        sheet.row_dimensions[row].hidden = True
    book.save(HERE / "hidden.xlsx")
    for kind, target in [("ods", "hidden.ods"), ("xls", "hidden.xls")]:
        libreoffice(HERE / "hidden.xlsx", kind, target)


def rich():
    """Text in pieces."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Id", "Name"])
    sheet.append(["1", CellRichText("plain ", TextBlock(InlineFont(b=True), "bold"), " plain")])
    book.save(HERE / "rich.xlsx")


def new_errors():
    """Errors that Excel got after 2007, which the reading library does not know."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Id", "Name"])
    for row in [["1", "a"], ["2", "#SPILL!"], ["3", "b"], ["4", "c"]]:
        sheet.append(row)
    sheet["B3"].data_type = "e"
    book.save(HERE / "new_errors.xlsx")


def headings_only():
    book = openpyxl.Workbook()
    book.active.append(["Id", "Name"])
    book.save(HERE / "headings_only.xlsx")
    libreoffice(HERE / "headings_only.xlsx", "ods", "headings_only.ods")
    openpyxl.Workbook().save(HERE / "nothing.xlsx")


def password():
    """What a password leaves to see: LibreOffice sets none without a screen, so these two are built by hand.

    A protected .xlsx is a compound file (the container of .xls) with a stream `EncryptedPackage`; a protected .ods is
    a zip archive whose manifest says how its entries are encrypted.
    """
    end, free, fat_sector = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD

    def entry(name, kind, start, size, child=free):
        text = (name + "\0").encode("utf-16le")
        head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
        return head + bytes(36) + struct.pack("<IQ", start, size)

    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0) + b"\xff" * 432
    fat = struct.pack("<128I", fat_sector, end, *range(3, 10), end, *[free] * 118)
    entries = entry("Root Entry", 5, end, 0, child=1) + entry("EncryptedPackage", 2, 2, 4096)
    directory = entries + entry("", 0, 0, 0) * 2
    (HERE / "password.xlsx").write_bytes(header + fat + directory + b"\xa5" * 4096)

    with zipfile.ZipFile(HERE / "headings_only.ods") as plain, zipfile.ZipFile(HERE / "password.ods", "w") as target:
        for name in ["mimetype", "content.xml"]:
            target.writestr(name, plain.read(name) if name == "mimetype" else b"\xa5" * 600)
        target.writestr("META-INF/manifest.xml", MANIFEST)
    (HERE / "headings_only.ods").unlink()


MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
 <manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml" manifest:size="4000">
  <manifest:encryption-data manifest:checksum-type="SHA1/1K" manifest:checksum="AAAA"/>
 </manifest:file-entry>
</manifest:manifest>
"""


def binary():
    """An .xlsb, by hand because nothing here writes any: one text, number, boolean and date, and a formula's result
    of each kind, an error among them."""

    def record(number, data=b""):
        kind = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
        return kind + bytes([len(data) & 0x7F | 0x80, len(data) >> 7] if len(data) > 127 else [len(data)]) + data

    def wide(text):
        return struct.pack("<I", len(text)) + text.encode("utf-16le")

    def formula(tokens):
        return struct.pack("<HI", 0, len(tokens)) + tokens + struct.pack("<I", 0)

    def row(number, *cells):
        at = [struct.pack("<II", column, style) for column, (_, style, _) in enumerate(cells)]
        records = [record(kind, place + data) for place, (kind, _, data) in zip(at, cells)]
        return record(0, struct.pack("<I", number) + bytes(13)) + b"".join(records)

    one = b"\x1e\x01\x00"
    headings = [(6, 0, wide(text)) for text in ["Id", "Name", "Deal value", "Close date", "Active", "Sum", "Check"]]
    values = [(6, 0, wide("007")), (8, 0, wide("Zürich") + formula(b"\x17\x01\x00a\x00")), (5, 0, struct.pack("<d", 12500.5))]
    values += [(5, 1, struct.pack("<d", 46085)), (4, 0, b"\x01"), (9, 0, struct.pack("<d", 1) + formula(one))]
    values += [(11, 0, b"\x2a" + formula(b"\x1c\x2a"))]
    sheet = record(129) + record(148, struct.pack("<IIII", 0, 1, 0, 6)) + record(145)
    sheet += row(0, *headings) + row(1, *values) + record(146) + record(130)
    tab = struct.pack("<II", 0, 1) + wide("rId1") + wide("Referrals")
    book = record(131) + record(153, bytes(8)) + record(143) + record(156, tab) + record(144) + record(132)
    formats = [struct.pack("<HHHHHBBH", 0xFFFF, number, 0, 0, 0, 0, 0, 0) for number in [0, 14]]
    styles = record(278) + record(617, struct.pack("<I", 2)) + b"".join(record(47, one) for one in formats)
    styles += record(618) + record(279)
    relation = '<Relationship Id="{}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/>'
    package = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    with zipfile.ZipFile(HERE / "by_hand.xlsb", "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", types)
        target.writestr("_rels/.rels", package.format(relation.format("rId1", "officeDocument", "xl/workbook.bin")))
        target.writestr("xl/workbook.bin", book)
        inner = relation.format("rId1", "worksheet", "worksheets/sheet1.bin") + relation.format("rId2", "styles", "styles.bin")
        target.writestr("xl/_rels/workbook.bin.rels", package.format(inner))
        target.writestr("xl/styles.bin", styles)
        target.writestr("xl/worksheets/sheet1.bin", sheet)


if __name__ == "__main__":
    kinds()
    formulas()
    since_1904()
    far()
    worksheets()
    hidden()
    rich()
    new_errors()
    headings_only()
    password()
    binary()
