"""Files that are not what they are called, or not what they were."""

import io
import zipfile
from unittest import mock

import msoffcrypto.format.ooxml
import openpyxl
from openpyxl.chart import BarChart

from books import book_of, kinds
from texts import HEAD as TEXT_HEAD
from texts import ONE as TEXT_ONE
from writers import EPOCH, HERE, edited, libreoffice, raw, rows, save, sheet, sheetjs
from worksheets import HEAD, ONE, TWO

rows("files/csv-named.xlsx", TEXT_HEAD, TEXT_ONE)
rows("files/csv-named.xls", TEXT_HEAD.replace(",", "\t"), TEXT_ONE.replace(",", "\t"), encoding="utf-16")
sheet("files/xlsx-named.csv")(kinds)
raw("files/web-page.xls", f"<html>\r\n<head><meta charset=utf-8></head><body><table><tr><th>id</th></tr><tr><td>{TEXT_ONE}</td></tr></table></body></html>")
raw("files/picture.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
raw("files/json.csv", '[{"id": "%s", "Notes": "x"}]' % TEXT_ONE[:36])


def from_workbook(name, kind):
    """What LibreOffice makes of a good workbook."""

    @sheet(f"files/{name}")
    def make(path):
        source = HERE / "files/source.xlsx"
        save(book_of(HEAD, ONE), source)
        libreoffice(source, path, kind)
        source.unlink()


from_workbook("flat.fods", "fods")


@sheet("files/excel-2003.xml")
def excel_2003(path):
    """SheetJS writes the XML of Excel 2003."""
    sheetjs([HEAD, ONE], path, "xlml")


@sheet("files/printed.pdf")
def printed(path):
    """Only its beginning: what LibreOffice prints has the time of day in it."""
    source = HERE / "files/source.xlsx"
    save(book_of(HEAD, ONE), source)
    libreoffice(source, path, "pdf")
    source.unlink()
    path.write_bytes(path.read_bytes()[:600])


def archive(name, entries):
    @sheet(f"files/{name}")
    def make(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for entry, content in entries.items():
                target.writestr(zipfile.ZipInfo(entry, EPOCH), content)


archive("letter.docx", {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"})
archive("zipped-csv.zip", {"referrals.csv": f"{TEXT_HEAD}\n{TEXT_ONE}\n"})


@sheet("files/chart-only.xlsx")
def chart_only(path):
    book = openpyxl.Workbook()
    book.create_chartsheet("Chart").add_chart(BarChart())
    book.remove(book["Sheet"])
    save(book, path)


@sheet("files/nothing.xlsx")
def nothing(path):
    save(openpyxl.Workbook(), path)


@sheet("files/headings-only.xlsx")
def headings_only(path):
    save(book_of(HEAD), path)


@sheet("files/password.xlsx")
def password(path):
    save(book_of(HEAD, ONE), path)
    made = io.BytesIO(path.read_bytes())
    # The same salt and the same moment each time, so that the file is the same each time.
    salt = mock.patch("secrets.token_bytes", lambda count: b"\xa5" * count)
    moment = mock.patch("msoffcrypto.method.container.ecma376_encrypted.datetime2filetime", lambda moment: 0)
    with path.open("wb") as target, salt, moment:
        msoffcrypto.format.ooxml.OOXMLFile(made).encrypt("secret", target)


@sheet("files/cut-off.xlsx")
def cut_off(path):
    save(book_of(HEAD, ONE, TWO), path)
    path.write_bytes(path.read_bytes()[:-700])


@sheet("files/cut-off.xls")
def cut_off_xls(path):
    source = HERE / "files/source.xlsx"
    save(book_of(HEAD, ONE, TWO), source)
    libreoffice(source, path)
    source.unlink()
    path.write_bytes(path.read_bytes()[:3000])


@sheet("files/flipped-bit.xlsx")
def flipped_bit(path):
    """One bit of the worksheet's data is another one: 12500.5 has become 12500.7."""
    save(book_of(HEAD, ONE), path)
    made = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        for entry in source.namelist():
            target.writestr(zipfile.ZipInfo(entry, EPOCH), source.read(entry))
    content = path.read_bytes()
    assert content.count(b"12500.5") == 1
    path.write_bytes(content.replace(b"12500.5", b"12500.7"))


@sheet("files/half-a-worksheet.xlsx")
def half_a_worksheet(path):
    """A whole archive around a worksheet that breaks off."""
    save(book_of(HEAD, ONE, TWO), path)
    edited(path, "xl/worksheets/sheet1.xml", lambda text: text[: text.index("Pilot")])
