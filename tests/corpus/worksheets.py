"""Workbooks: which worksheet, which rows and which columns are meant."""

import datetime as dt

import openpyxl

from books import book_of, plain
from writers import id, save, sheet

HEAD = ["id", "Deal value", "Notes"]
ONE = [id(1), 12500.5, "Budget confirmed"]
TWO = [id(2), 9000, "Pilot agreed"]

# ---- worksheets ---------------------------------------------------------------------------------------------------


def with_first(title, *lines, state="visible"):
    """The referrals on the second worksheet, another one in front of them."""
    book = book_of(*lines, title=title)
    book.active.sheet_state = state
    data = book.create_sheet("Referrals")
    for line in (HEAD, ONE):
        data.append(line)
    book.active = 1
    return book


@sheet("workbooks/second-worksheet.xlsx")
def second_worksheet(path):
    save(with_first("Read me", ["Please fill in the other worksheet"], ["Thank you"]), path)


@sheet("workbooks/hidden-first.xlsx")
def hidden_first(path):
    save(with_first("Old", HEAD, TWO, state="hidden"), path)


@sheet("workbooks/very-hidden-first.xlsx")
def very_hidden_first(path):
    """Excel shows such a worksheet only to macros."""
    save(with_first("Base", HEAD, TWO, state="veryHidden"), path)


@sheet("workbooks/two-worksheets.xlsx")
def two_worksheets(path):
    save(with_first("Mai", HEAD, TWO), path)


@sheet("workbooks/hidden-only.xlsx")
def hidden_only(path):
    """All that is visible is blank."""
    book = book_of(title="Front")
    hidden = book.create_sheet("Referrals")
    for line in (HEAD, ONE):
        hidden.append(line)
    hidden.sheet_state = "hidden"
    save(book, path)


@sheet("workbooks/protected-worksheet.xlsx")
def protected_worksheet(path):
    """Locked against editing, which is no encryption."""
    book = book_of(HEAD, ONE)
    book.active.protection.set_password("secret")
    save(book, path)


# ---- rows and columns ---------------------------------------------------------------------------------------------

plain("title-rows", ["Open referrals of Contoso"], ["as of", dt.date(2026, 11, 2)], [], HEAD, ONE)
plain("empty-rows-and-columns", [], ["", None, *HEAD[:1], None, *HEAD[1:]], [], ["", None, *ONE[:1], None, *ONE[1:]], [], [], ["", None, *TWO[:1], None, *TWO[1:]])


@sheet("workbooks/formatted-far-away.xlsx")
def formatted_far_away(path):
    """Somebody has coloured whole columns, and one cell far below."""
    book = book_of(HEAD, ONE)
    for cell in ("B900", "Z3", "C1048576"):
        book.active[cell].fill = openpyxl.styles.PatternFill("solid", fgColor="FFFF00")
    save(book, path)


@sheet("workbooks/merged-cells.xlsx")
def merged_cells(path):
    """One id over two rows, one note over two rows."""
    book = book_of(HEAD, ONE, [None, 1, None], [id(3), 3, "for both"], [id(4), 4, None])
    book.active.merge_cells("A2:A3")
    book.active.merge_cells("C4:C5")
    save(book, path)


@sheet("workbooks/hidden-rows.xlsx")
def hidden_rows(path):
    book = book_of(HEAD, ONE, TWO, [id(3), 3, "third"])
    book.active.row_dimensions[3].hidden = True
    save(book, path)


@sheet("workbooks/filtered.xlsx")
def filtered(path):
    """A filter shows only the rows with one note."""
    book = book_of(HEAD, ONE, TWO, [id(3), 3, "Budget confirmed"])
    book.active.auto_filter.ref = "A1:C4"
    book.active.auto_filter.add_filter_column(2, ["Budget confirmed"])
    book.active.row_dimensions[3].hidden = True
    save(book, path)


@sheet("workbooks/hidden-column.xlsx")
def hidden_column(path):
    book = book_of(HEAD, ONE)
    book.active.column_dimensions["B"].hidden = True
    save(book, path)


@sheet("workbooks/table-with-totals.xlsx")
def table_with_totals(path):
    """An Excel table whose last row adds up."""
    book = book_of(HEAD, ONE, TWO, ["Total", 21500.5, None])
    table = openpyxl.worksheet.table.Table(displayName="Referrals", ref="A1:C4", totalsRowCount=1)
    book.active.add_table(table)
    save(book, path)
