"""Makes the sheets that tests/properties reads: the same values in formats that nothing in Rust writes.

Run it here: python3 make.py. It needs openpyxl 3.1, pandas with odfpy, xlwt and LibreOffice (soffice). The results are
committed; making them again changes time stamps in them but no value. `expected.csv` says what each row asks for.
"""

import csv
import datetime as dt
import pathlib
import shutil
import struct
import subprocess
import tempfile
import zipfile

import openpyxl
import pandas
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

HERE = pathlib.Path(__file__).parent
HEADINGS = ["id", "Deal value", "Closing date", "CRM ID", "Notes"]

# What a cell holds, and the amount that it is. Numbers that binary arithmetic has trouble with, the limits of the short
# forms of the old formats, and the limits of what a spreadsheet keeps.
AMOUNTS = [
    (0, "0"), (1, "1"), (100, "100"), (65535, "65535"), (65536, "65536"), (536870911, "536870911"), (536870912, "536870912"),
    (1073741823, "1073741823"), (2147483647, "2147483647"), (2147483648, "2147483648"), (4294967296, "4294967296"),
    (99999999999999, "99999999999999"), (123456789012345, "123456789012345"), (999999999999999, "999999999999999"),
    (0.1, "0.1"), (0.01, "0.01"), (0.07, "0.07"), (1.1, "1.1"), (2.675, "2.675"), (9.99, "9.99"), (19.99, "19.99"), (33.33, "33.33"),
    (99.95, "99.95"), (1234.567, "1234.567"), (12500.5, "12500.5"), (5368709.11, "5368709.11"), (5368709.12, "5368709.12"),
    (42949672.95, "42949672.95"), (123456789.01, "123456789.01"), (999999999999.99, "999999999999.99"),
    (123456789012.345, "123456789012.345"), (0.000001, "0.000001"), (0.1 + 0.2, "0.3"), (1.005, "1.005"),
    (1e15, None), (1234567890123456, None), (1e22, None),
    ("12500.50", "12500.50"), ("€ 12.500,50", "12500.50"), ("$12,500.00", "12500.00"), ("1.234.567", "1234567"), ("0,125", "0.125"),
    ("12 500,50", "12500.50"), ("9,99", "9.99"), ("12345678901234567.89", "12345678901234567.89"), ("007", "7"),
    ("1,234", None), ("1.234", None), ("1.2E+5", None), ("-5", None),
]
DATES = [
    dt.date(1970, 1, 1), dt.date(1999, 12, 31), dt.date(2000, 1, 1), dt.date(2000, 2, 29), dt.date(2024, 2, 29), dt.date(2026, 3, 4),
    dt.date(2026, 3, 29), dt.date(2026, 10, 25), dt.date(2026, 12, 31), dt.date(2038, 1, 19), dt.date(2100, 2, 28), dt.date(2100, 3, 1),
    dt.date(2200, 12, 31), dt.datetime(2026, 3, 4, 14, 0), dt.datetime(2026, 3, 4, 0, 0, 1), dt.datetime(2026, 3, 4, 23, 59, 59),
    dt.datetime(2027, 7, 1, 12, 34, 56), dt.datetime(2099, 1, 1, 6, 0), "2026-12-31", "31.12.2026", "12/31/2026", "2026-12-31 00:00:00",
    "2026-12-31T14:00:00+02:00",
]
TEXT_DATES = {"2026-12-31T14:00:00+02:00": "2026-12-31T12:00:00Z"}
CODES = [("007", "007"), ("00000", "00000"), ("98052.0", "98052"), (10042, "10042"), (123456789012345, "123456789012345"), ("12E5", "12E5"), ("12345678901234567890", "12345678901234567890"), ("=1+1", "=1+1"), ("'7", "'7")]
NOTES = ["Zürich & Söhne <AG>", "one\ntwo", "+1 425 555 0100", "@here", "日本語 😀", "\"quoted\", with; all|signs", "TRUE", "1/2"]


def rows():
    """The cells of each row and what it asks for."""
    for index, (amount, expected) in enumerate(AMOUNTS):
        date = DATES[index % len(DATES)]
        code, code_expected = CODES[index % len(CODES)]
        note = NOTES[index % len(NOTES)]
        if isinstance(date, dt.datetime):
            moment = date.isoformat() + "Z"
        elif isinstance(date, dt.date):
            moment = date.isoformat() + "T00:00:00Z"
        else:
            moment = TEXT_DATES.get(date, "2026-12-31T00:00:00Z")
        identity = f"49d90c72-3326-4f61-aacc-{index:012x}"
        yield [identity, amount, date, code, note], expected and [identity, expected, moment, code_expected, note]


def expected():
    with open(HERE / "expected.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["row", *HEADINGS])
        for number, (_, asked) in enumerate(rows(), start=2):
            writer.writerow([number, *(asked or ["refused", "", "", "", ""])])


def by_openpyxl(name, epoch=None):
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    sheet = book.active
    sheet.append(HEADINGS)
    for cells, _ in rows():
        sheet.append(cells)
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str):
                # Also what begins like a formula.
                cell.data_type = "s"
    book.save(HERE / name)


def by_libreoffice(source, kind, target):
    with tempfile.TemporaryDirectory() as folder:
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", kind]
        subprocess.run([*command, "--outdir", folder, str(HERE / source)], check=True, capture_output=True)
        shutil.move(pathlib.Path(folder) / f"{pathlib.Path(source).stem}.{kind}", HERE / target)


def by_pandas(name):
    frame = pandas.DataFrame([cells for cells, _ in rows()], columns=HEADINGS, dtype=object)
    frame.to_excel(HERE / name, engine="odf", index=False)


def by_xlwt(name):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Referrals")
    looks = {kind: xlwt.easyxf(num_format_str=look) for kind, look in [(dt.date, "dd.mm.yyyy"), (dt.datetime, "yyyy-mm-dd hh:mm:ss")]}
    for column, heading in enumerate(HEADINGS):
        sheet.write(0, column, heading)
    for number, (cells, _) in enumerate(rows(), start=1):
        for column, cell in enumerate(cells):
            sheet.write(number, column, cell, *([looks[type(cell)]] if type(cell) in looks else []))
    book.save(HERE / name)


def by_hand(name):
    """An .xlsb, which nothing here writes: texts in the list of texts or in the cell, numbers short where they can be."""

    def record(number, data=b""):
        kind = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
        length = bytes([len(data) & 0x7F | 0x80, len(data) >> 7]) if len(data) > 127 else bytes([len(data)])
        return kind + length + data

    def wide(text):
        units = text.encode("utf-16-le")
        return struct.pack("<I", len(units) // 2) + units

    texts = []

    def cell(column, value, index):
        if isinstance(value, (dt.date, dt.datetime)):
            whole = dt.datetime.combine(value, dt.time()) if type(value) is dt.date else value
            days = (whole - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
            return number(column, days, 1 if type(value) is dt.date else 2)
        if isinstance(value, str):
            place = struct.pack("<II", column, 0)
            if index % 3 == 0:
                return record(6, place + wide(value))
            texts.append(value)
            return record(7, place + struct.pack("<I", len(texts) - 1))
        return number(column, value, 0)

    def number(column, value, style):
        place = struct.pack("<II", column, style)
        for factor, flag in [(1, 2), (100, 3)]:
            scaled = value * factor
            if scaled == int(scaled) and abs(scaled) < 1 << 29 and scaled / factor == value:
                return record(2, place + struct.pack("<i", int(scaled) << 2 | flag))
        return record(5, place + struct.pack("<d", value))

    lines = [HEADINGS, *(cells for cells, _ in rows())]
    body = b""
    for index, cells in enumerate(lines):
        body += record(0, struct.pack("<I", index) + bytes(13))
        body += b"".join(cell(column, value, index) for column, value in enumerate(cells))
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(lines) - 1, 0, len(HEADINGS) - 1)) + record(145)
    sheet += body + record(146) + record(130)
    list_of_texts = record(159, struct.pack("<II", len(texts), len(texts)))
    list_of_texts += b"".join(record(19, b"\0" + wide(text)) for text in texts) + record(160)
    tab = struct.pack("<II", 0, 1) + wide("rId1") + wide("Referrals")
    book = record(131) + record(153, bytes(8)) + record(143) + record(156, tab) + record(144) + record(132)
    formats = [struct.pack("<HHHHHBBH", 0xFFFF, look, 0, 0, 0, 0, 0, 0) for look in [0, 14, 22]]
    styles = record(278) + record(617, struct.pack("<I", len(formats))) + b"".join(record(47, one) for one in formats)
    styles += record(618) + record(279)
    relation = '<Relationship Id="{}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/>'
    package = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    inner = [("rId1", "worksheet", "worksheets/sheet1.bin"), ("rId2", "styles", "styles.bin"), ("rId3", "sharedStrings", "sharedStrings.bin")]
    with zipfile.ZipFile(HERE / name, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        target.writestr("_rels/.rels", package.format(relation.format("rId1", "officeDocument", "xl/workbook.bin")))
        target.writestr("xl/workbook.bin", book)
        target.writestr("xl/_rels/workbook.bin.rels", package.format("".join(relation.format(*one) for one in inner)))
        target.writestr("xl/styles.bin", styles)
        target.writestr("xl/sharedStrings.bin", list_of_texts)
        target.writestr("xl/worksheets/sheet1.bin", sheet)


if __name__ == "__main__":
    expected()
    by_openpyxl("values.xlsx")
    by_openpyxl("values.1904.xlsx", CALENDAR_MAC_1904)
    for kind in ["ods", "xls", "xlsx"]:
        by_libreoffice("values.xlsx", kind, f"values.libreoffice.{kind}")
    by_libreoffice("values.1904.xlsx", "xls", "values.1904.xls")
    by_pandas("values.pandas.ods")
    by_xlwt("values.xlwt.xls")
    by_hand("values.xlsb")
