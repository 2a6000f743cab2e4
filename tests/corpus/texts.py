"""Sheets of text: delimiters, encodings, line ends, quotes, shapes."""

import codecs
import csv
import io

import openpyxl
import pandas

from writers import HERE, id, libreoffice, raw, rows, save, sheet

HEAD = "id,Deal value,Notes"
ONE = f"{id(1)},12500.50,Budget confirmed"
TWO = f"{id(2)},9000,Pilot agreed"

# ---- delimiters ---------------------------------------------------------------------------------------------------

rows("text/comma.csv", HEAD, f'{id(1)},12500.50,"Budget confirmed, kick-off in May"', TWO)
rows("text/semicolon.csv", "id;Deal value;Notes", f"{id(1)};12500.50;first, second, third, fourth", f"{id(2)};9000;a, b")
rows("text/tab.tsv", "id\tDeal value\tNotes", f"{id(1)}\t12500.50\tfirst, second; third", f"{id(2)}\t9000\tPilot | agreed")
rows("text/pipe.txt", "id|Deal value|Notes", f"{id(1)}|12500.50|first, second; third")
rows("text/sep-line.csv", "sep=^", "id^Deal value^Notes", f"{id(1)}^12500.50^first, second; third")
rows("text/decimal-comma.csv", "id;Deal value;Notes", f"{id(1)};12500,50;Budget confirmed", f"{id(2)};1.234.567,89;Pilot agreed")

# ---- encodings ----------------------------------------------------------------------------------------------------

UMLAUTS = f"id,Notes\r\n{id(1)},Größe für Müller: 5 € – 日本 🙂\r\n"
raw("text/utf-8.csv", UMLAUTS)
raw("text/utf-8-mark.csv", UMLAUTS, "utf-8-sig")
raw("text/utf-8-two-marks.csv", codecs.BOM_UTF8 + UMLAUTS.encode("utf-8-sig"))
raw("text/utf-16-le.csv", codecs.BOM_UTF16_LE + UMLAUTS.replace(",", "\t").encode("utf-16-le"))
raw("text/utf-16-be.csv", codecs.BOM_UTF16_BE + UMLAUTS.encode("utf-16-be"))
raw("text/utf-16-no-mark.csv", UMLAUTS.encode("utf-16-le"))
rows("text/windows-1252.csv", "id;Notes", f"{id(1)};Größe für Müller & Söhne: 5 €", end="\r\n", encoding="cp1252")
rows("text/windows-1252-quotes.csv", "id,Notes", f"{id(1)},“Offer” – it’s final…", end="\r\n", encoding="cp1252")
raw("text/two-encodings.csv", f"id,Notes\n{id(1)},Müller\n".encode() + f"{id(2)},Söhne\n".encode("cp1252"))
raw("text/nul-bytes.csv", f"{HEAD}\n{id(1)},12500.50,Budget\0confirmed\n")

# ---- line ends ----------------------------------------------------------------------------------------------------

rows("text/crlf.csv", HEAD, ONE, TWO, end="\r\n")
rows("text/cr.csv", HEAD, ONE, TWO, end="\r")
raw("text/mixed-line-ends.csv", f"{HEAD}\r\n{ONE}\n{TWO}\r{id(3)},1,third\r\n{id(4)},2,fourth")
raw("text/no-final-line-end.csv", f"{HEAD}\n{ONE}\n{TWO}")
raw("text/quoted-line-ends.csv", f'{HEAD}\r\n{id(1)},1,"Budget confirmed\nkick-off in May"\r\n{id(2)},2,"one\r\ntwo\r\n\r\nthree"\r\n{id(3)},3,last\r\n')

# ---- quotes -------------------------------------------------------------------------------------------------------

rows("text/doubled-quotes.csv", HEAD, f'{id(1)},1,"They said ""yes"""', f'{id(2)},2,""""', f'{id(3)},3,""')
rows("text/quote-in-plain-cell.csv", HEAD, f'{id(1)},1,5" pipe and 3" pipe', TWO)
rows("text/text-after-quote.csv", HEAD, f'{id(1)},1,"Budget" confirmed', TWO)
rows("text/backslash-quotes.csv", HEAD, f'{id(1)},1,"They said \\"yes, please\\" today"', TWO)
rows("text/unclosed-quote.csv", HEAD, ONE, f'{id(2)},9000,"Pilot agreed', f"{id(3)},1,third")
rows("text/quoted-ids.csv", HEAD, f'" {id(1)} ",1,Budget confirmed', f"' {id(2)},2,an apostrophe in front")


@sheet("text/everything-quoted.csv")
def everything_quoted(path):
    made = io.StringIO()
    writer = csv.writer(made, quoting=csv.QUOTE_ALL)
    writer.writerows([HEAD.split(","), ONE.split(","), [id(2), "", ""]])
    path.write_text(made.getvalue(), newline="")


# ---- what spreadsheet programs put into cells ---------------------------------------------------------------------

rows("text/text-formulas.csv", "id,CRM ID,Campaign ID", f'{id(1)},="007","=""0042"""')
rows("text/guarded-formulas.csv", "id,CRM ID,Notes", f"{id(1)},'+49-30-5550123,'=1+1", f"{id(2)},-,'quoted'")
rows("text/etags.csv", "id,eTag,Notes", f'{id(1)},"""2500ec5a-0000-0000-0000-5bf4967d0000""",x', f"{id(2)},2500ec5a-0000-0000-0000-5bf4967d0000,x", f'{id(3)},"W/""1""",x', f"{id(4)},*,x", f"{id(5)},,x")
rows("text/errors.csv", "id,Deal value,Notes,# mine", f"{id(1)},#N/A,x,", f"{id(2)},1,#REF!,", f"{id(3)},1,#1 in the market,#N/A", "#VALUE!,1,x,")


@sheet("text/pandas-index.csv")
def pandas_index(path):
    pandas.DataFrame({"id": [id(1), id(2)], "Deal value": [12500.5, 9000]}).to_csv(path)


@sheet("text/pandas-floats.csv")
def pandas_floats(path):
    """One missing number makes a column of whole numbers one of floats; one missing date makes it say NaT."""
    made = pandas.DataFrame({"id": [id(1), id(2), id(3)], "CRM ID": [98052, None, 98053], "Deal value": [5000, 7.1, None]})
    made["Closing date"] = pandas.to_datetime(["2026-12-31", None, "2027-01-31"])
    made.to_csv(path, index=False)


@sheet("text/pandas-nan.csv")
def pandas_nan(path):
    made = pandas.DataFrame({"id": [id(1), id(2)], "Deal value": [5000, None], "Notes": ["x", None]})
    made.to_csv(path, index=False, na_rep="NaN")


@sheet("text/libreoffice.csv")
def libreoffice_csv(path):
    """Numbers and dates as their cells show them."""
    book = openpyxl.Workbook()
    book.active.append(["id", "Deal value", "Closing date", "Share with Microsoft sellers", "CRM ID"])
    book.active.append([id(1), 12500.5, None, True, "007"])
    book.active["B2"].number_format = '#,##0.00 [$€-407]'
    book.active["C2"] = "=DATE(2026,12,31)"
    book.active["C2"].number_format = "dd.mm.yyyy"
    source = HERE / "text/libreoffice.source.xlsx"
    save(book, source)
    libreoffice(source, path, "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,true")
    source.unlink()


# ---- shapes -------------------------------------------------------------------------------------------------------

rows("text/short-rows.csv", HEAD, ONE, f"{id(2)},9000", id(3))
rows("text/long-rows.csv", HEAD, ONE, f"{id(2)},9,000,Pilot agreed", f"{id(3)},1,x,,,")
rows("text/trailing-delimiters.csv", "id;Deal value;Notes;;", f"{id(1)};12500.50;Budget confirmed;;", f"{id(2)};9000;Pilot agreed;;")
raw("text/blank-lines.csv", f"\n\n{HEAD}\n\n{ONE}\n\n   \n{TWO}\n\n\n")
rows("text/empty-rows.csv", HEAD, ",,", ONE, ' ,"",', TWO, ",,", ",,")
rows("text/empty-columns.csv", "id,,Deal value,,,Notes", f"{id(1)},,12500.50,,,Budget confirmed")
rows("text/column-without-heading.csv", "id,Deal value,,Notes", f"{id(1)},12500.50,call Ann first,Budget confirmed")
rows("text/title-rows.csv", "Open referrals,,", "as of,2026-11-02,", ",,", HEAD, ONE)
rows("text/total-row.csv", "id;Deal value;Notes", f"{id(1)};100;x", f"{id(2)};200;y", "Total;300;")
rows("text/comment-columns.csv", "id,# owner,_row,Notes", f"{id(1)},Ann,1,Budget confirmed")
rows("text/ids-only.csv", "id", id(1), id(2))
rows("text/headings-only.csv", HEAD)
raw("text/empty.csv", "")
raw("text/blank.csv", " \r\n;;;\r\n\t\r\n")
