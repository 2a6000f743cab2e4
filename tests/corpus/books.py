"""Workbooks: what cells hold behind what they show, and who wrote them."""

import datetime as dt
import re

import odf.opendocument
import odf.style
import odf.table
import odf.text
import openpyxl
import pandas
import xlsxwriter
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from writers import HERE, edited, id, libreoffice, save, sheet, sheetjs, timeless


def book_of(*lines, title="Referrals"):
    """A workbook of openpyxl with these rows. It is given to who wants to do more with it."""
    book = openpyxl.Workbook()
    book.active.title = title
    for line in lines:
        book.active.append(line)
    return book


def plain(name, *lines, formats=()):
    """A workbook of openpyxl with these rows; some cells with a number format."""

    @sheet(f"workbooks/{name}.xlsx")
    def make(path):
        book = book_of(*lines)
        for cell, number_format in formats:
            book.active[cell].number_format = number_format
        save(book, path)


# ---- dates --------------------------------------------------------------------------------------------------------

DAY = dt.date(2026, 12, 31)
plain(
    "dates", ["id", "Closing date"], *([id(n), DAY] for n in range(1, 7)),
    formats=[("B2", "yyyy-mm-dd"), ("B3", "m/d/yy"), ("B4", "dd.mm.yyyy"), ("B5", "mmm yy"), ("B6", "[$-407]dddd, d. mmmm yyyy"), ("B7", "dd/mm")],
)  # fmt: skip
plain("date-times", ["id", "Closing date"], [id(1), dt.datetime(2026, 12, 31, 14, 30)], [id(2), dt.datetime(2026, 12, 31)], [id(3), dt.datetime(2026, 12, 31, 23, 59, 59)])
plain("date-without-format", ["id", "Closing date", "Notes"], [id(1), 46387, 46387], [id(2), 46387.5, 7])
plain("times-of-day", ["id", "Closing date"], [id(1), dt.time(14, 30)], [id(2), dt.timedelta(hours=36)])
plain("dates-in-wrong-columns", ["id", "CRM ID", "Notes", "Deal value"], [id(1), dt.date(2026, 3, 1), "x", 1], [id(2), "A-7", dt.date(2026, 3, 1), 1], [id(3), "A-7", "x", dt.date(2026, 3, 1)])
plain("dates-as-text", ["id", "Closing date"], [id(1), "2026-12-31"], [id(2), "31.12.2026"], [id(3), "03/04/2026"])


@sheet("workbooks/since-1904.xlsx")
def since_1904(path):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["id", "Closing date"])
    book.active.append([id(1), DAY])
    save(book, path)


@sheet("workbooks/iso-dates.xlsx")
def iso_dates(path):
    """Dates as text inside the file, as the strict form of the format has them."""
    book = book_of(["id", "Closing date"], [id(1), DAY], [id(2), dt.datetime(2026, 12, 31, 14, 30)])
    book.iso_dates = True
    save(book, path)


# ---- numbers ------------------------------------------------------------------------------------------------------

plain(
    "formatted-numbers", ["id", "Deal value"], [id(1), 12500.5], [id(2), 0.5], [id(3), 12500.456], [id(4), 1234567], [id(5), 12500.5],
    formats=[("B2", "#,##0.00 [$€-407]"), ("B3", "0%"), ("B4", "#,##0"), ("B5", '#,##0,"k"'), ("B6", '_("$"* #,##0.00_);_("$"* (#,##0.00)')],
)  # fmt: skip
plain("numbers-as-text", ["id", "Deal value"], [id(1), "12500.50"], [id(2), "12.500,50 €"], [id(3), "1,234"], [id(4), " 9000\u00a0"])
plain("texts-as-numbers", ["id", "CRM ID", "Campaign ID", "Notes"], [id(1), 98052, 7, 2026], [id(2), 98052.5, -7, 0.1])
plain("long-numbers", ["id", "CRM ID", "Deal value"], [id(1), 123456789012345, 1], [id(2), 1234567890123456, 1], [id(3), "1234567890123456", 1], [id(4), "A", 12345678901234567])
plain("scientific", ["id", "CRM ID", "Deal value"], [id(1), 490000000000, 490000000000], [id(2), "4.9E+11", 1], [id(3), "A", 1.5e-7], formats=[("B2", "0.00E+00"), ("C2", "0.00E+00")])
plain("noise-of-doubles", ["id", "Deal value"], [id(1), 0.1 + 0.2], [id(2), 1.1 * 1.1], [id(3), 123456.7 * 3])
plain("negative", ["id", "Deal value"], [id(1), -500], [id(2), 0], formats=[("B2", "#,##0;[Red](#,##0)")])
plain("leading-zeros-lost", ["action", "id", "Type", "Customer name", "Country", "Postal code", "Consent to contact", "Deal value"], ["create", None, "Independent", "Contoso", "US", 1234, False, 1], ["create", None, "Independent", "Contoso", "US", "01234", False, 1], ["create", None, "Independent", "Contoso", "CH", 8001, False, 1], formats=[("F2", "00000")])
plain("booleans", ["id", "Share with Microsoft sellers", "Notes", "Deal value"], [id(1), True, True, 1], [id(2), False, "x", 1], [id(3), 1, "x", 1], [id(4), "WAHR", "x", 1], [id(5), None, "x", True])

# ---- text ---------------------------------------------------------------------------------------------------------

plain("line-breaks", ["id", "Notes"], [id(1), "one\ntwo"], [id(2), "one\r\ntwo"])
plain("spaces", ["id", "CRM ID", "Notes"], [f" {id(1)} ", " A-7\n", "  two  spaces  "], [id(2), "   ", "x"])


@sheet("workbooks/rich-text.xlsx")
def rich_text(path):
    bold = lambda text: TextBlock(InlineFont(b=True), text)
    save(book_of(["id", "Notes"], [id(1), CellRichText("Budget ", bold("confirmed"), ", kick-off ", bold("in May"))]), path)


@sheet("workbooks/apostrophes.xlsx")
def apostrophes(path):
    """An apostrophe typed in front makes a text of a number; Excel keeps it as a style, LibreOffice not at all."""
    book = book_of(["id", "CRM ID", "Notes"], [id(1), "00123", "=not a formula"])
    for cell in book.active[2]:
        cell.data_type, cell.quotePrefix = "s", True
    save(book, path)


@sheet("workbooks/hyperlinks.xlsx")
def hyperlinks(path):
    book = book_of(["id", "team.add.email", "team.add.firstName", "team.add.lastName", "team.add.phoneNumber"], [id(1), "ann@contoso.com", "Ann", "Example", "5550100"])
    book.active["B2"].hyperlink = "mailto:ann.example@contoso.com"
    save(book, path)


# ---- errors and formulas ------------------------------------------------------------------------------------------


@sheet("workbooks/errors.xlsx")
def errors(path):
    lines = [[id(1), "#N/A", "x", None], [id(2), 1, "#REF!", None], [id(3), 1, "x", "#DIV/0!"], ["#NAME?", 1, "x", None]]
    book = book_of(["id", "Deal value", "Notes", "# mine"], *lines)
    for cell in (cell for row in book.active.iter_rows(min_row=2) for cell in row if str(cell.value).startswith("#")):
        cell.data_type = "e"
    save(book, path)


FORMULAS = [
    ["id", "Deal value", "Closing date", "Notes", "CRM ID", "Share with Microsoft sellers"],
    [f'="{id(1)[:9]}"&"{id(1)[9:]}"', "=12500+0.5", "=DATE(2026,12,31)", '="Budget "&"confirmed"', '=""', "=1=1"],
    [id(2), "=1/0", None, "=NA()", None, None],
    [id(3), "=1-1", None, None, None, None],
]


def formulas(path):
    book = book_of(*FORMULAS)
    book.active["C2"].number_format = "yyyy-mm-dd"
    save(book, path)


sheet("workbooks/formulas-openpyxl.xlsx")(formulas)


@sheet("workbooks/formulas-xlsxwriter.xlsx")
def formulas_xlsxwriter(path):
    """It stores 0 as the result of each formula, and asks Excel to compute them on opening."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": dt.datetime(2026, 11, 2, 9)})
    worksheet = book.add_worksheet("Referrals")
    worksheet.write_row(0, 0, ["id", "Deal value", "Notes"])
    worksheet.write_row(1, 0, [id(1), "=12500+0.5", '="Budget "&"confirmed"'])
    worksheet.write_row(2, 0, [id(2), 0, "x"])
    book.close()
    timeless(path)


def converted(name, make, *endings):
    """What LibreOffice makes of a workbook of openpyxl."""

    def registered(ending):
        @sheet(f"workbooks/{name}.{ending}")
        def convert(path):
            source = HERE / f"workbooks/{name}.source.xlsx"
            make(source)
            libreoffice(source, path)
            source.unlink()

    for ending in endings:
        registered(ending)


converted("formulas-libreoffice", formulas, "xlsx", "ods", "xls")

# ---- other writers ------------------------------------------------------------------------------------------------

KINDS = [
    ["id", "Deal value", "Closing date", "Share with Microsoft sellers", "CRM ID", "Notes"],
    [id(1), 12500.5, DAY, True, "007", "Größe für Müller & <Söhne>"],
    [id(2), 1234567, dt.datetime(2026, 12, 31, 14, 30), False, 98052, "one\ntwo"],
]


def kinds(path):
    save(book_of(*KINDS), path)


sheet("workbooks/openpyxl.xlsx")(kinds)
converted("libreoffice", kinds, "xlsx", "ods", "xls")


@sheet("workbooks/xlsxwriter.xlsx")
def by_xlsxwriter(path):
    """Texts are shared, dates are numbers with a format."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yy"})
    book.set_properties({"created": dt.datetime(2026, 11, 2, 9)})
    worksheet = book.add_worksheet("Referrals")
    for number, line in enumerate(KINDS):
        worksheet.write_row(number, 0, line)
    book.close()
    timeless(path)


@sheet("workbooks/xlwt.xls")
def by_xlwt(path):
    book = xlwt.Workbook(encoding="utf-8")
    worksheet = book.add_sheet("Referrals")
    dated = xlwt.easyxf(num_format_str="DD.MM.YYYY HH:MM")
    for number, line in enumerate(KINDS):
        for column, value in enumerate(line):
            worksheet.write(number, column, value, *([dated] if isinstance(value, dt.date) else []))
    book.save(path)


def for_sheetjs():
    serial = lambda moment: (dt.datetime.combine(moment, dt.time()) if not isinstance(moment, dt.datetime) else moment) - dt.datetime(1899, 12, 30)
    cell = lambda value: {"t": "n", "v": serial(value) / dt.timedelta(days=1), "z": "yyyy-mm-dd"} if isinstance(value, dt.date) else value
    return [[cell(value) for value in line] for line in KINDS]


@sheet("workbooks/sheetjs.xlsx")
def by_sheetjs(path):
    sheetjs(for_sheetjs(), path, "xlsx")


@sheet("workbooks/sheetjs.xlsb")
def binary_by_sheetjs(path):
    sheetjs(for_sheetjs(), path, "xlsb")


@sheet("workbooks/excel-95.xls")
def excel_95(path):
    """SheetJS still writes the format of Excel 95."""
    sheetjs(for_sheetjs(), path, "biff5")


def frame():
    made = pandas.DataFrame(KINDS[1:], columns=KINDS[0])
    made["Closing date"] = pandas.to_datetime(made["Closing date"])
    return made


@sheet("workbooks/pandas.xlsx")
def by_pandas(path):
    """With its index, whose heading is blank."""
    frame().to_excel(path, sheet_name="Referrals")
    timeless(path)


@sheet("workbooks/pandas.ods")
def text_document_by_pandas(path):
    frame().to_excel(path, sheet_name="Referrals", index=False, engine="odf")
    timeless(path)


@sheet("workbooks/odfpy.ods")
def by_odfpy(path):
    """Cells of kinds that only this format has: a percentage, an amount with its currency; and repeated blanks."""
    book = odf.opendocument.OpenDocumentSpreadsheet()
    table = odf.table.Table(name="Referrals")
    text = lambda value: {"valuetype": "string", "value_": value}
    money = {"valuetype": "currency", "currency": "EUR", "value": "12500.50"}
    lines = [
        [text("id"), None, text("Deal value"), text("Closing date"), text("Notes")],
        [text(id(1)), None, money, {"valuetype": "date", "datevalue": "2026-12-31"}, text("x")],
        [text(id(2)), None, {"valuetype": "percentage", "value": "0.5"}, {"valuetype": "date", "datevalue": "2026-12-31T14:30:00"}, None],
        [text(id(3)), None, {"valuetype": "float", "value": "7"}, {"valuetype": "time", "timevalue": "PT14H30M00S"}, None],
    ]
    for line in lines:
        row = odf.table.TableRow()
        for cell in line:
            if cell is None:
                row.addElement(odf.table.TableCell(numbercolumnsrepeated=2))
                continue
            shown = cell.pop("value_", None)
            made = odf.table.TableCell(**cell)
            made.addElement(odf.text.P(text=shown or "as shown"))
            row.addElement(made)
        table.addElement(row)
    blank = odf.table.TableRow(numberrowsrepeated=1000)
    blank.addElement(odf.table.TableCell(numbercolumnsrepeated=1000))
    table.addElement(blank)
    book.spreadsheet.addElement(table)
    book.save(str(path))
    timeless(path)


@sheet("workbooks/macros.xlsm")
def macros(path):
    """A workbook with macros says so in its content type; there is no writer of macros here."""
    kinds(path)
    edited(path, "[Content_Types].xml", lambda text: text.replace("spreadsheetml.sheet.main+xml", "MACRO").replace("vnd.openxmlformats-officedocument.MACRO", "vnd.ms-excel.sheet.macroEnabled.main+xml"))


@sheet("workbooks/cells-without-references.xlsx")
def without_references(path):
    """Some exporters leave out where a cell stands: it is the next one then."""
    kinds(path)
    edited(path, "xl/worksheets/sheet1.xml", lambda text: re.sub(r'(<c|<row) r="\w+"', r"\1", text))


@sheet("workbooks/wrong-dimension.xlsx")
def wrong_dimension(path):
    """Some exporters say that the worksheet is one cell."""
    kinds(path)
    edited(path, "xl/worksheets/sheet1.xml", lambda text: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1"', text))
