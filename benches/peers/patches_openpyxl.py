"""A workbook to patches with openpyxl's read-only mode, which does not hold the cells.

    python patches_openpyxl.py SHEET.xlsx PATCHES.jsonl
"""

import sys

from openpyxl import load_workbook

from patch_of import line

HEADINGS = ["id", "Status", "Substatus", "Deal value", "Closing date", "Notes"]

sheet = load_workbook(sys.argv[1], read_only=True, data_only=True).active
rows = sheet.iter_rows(values_only=True)
assert list(next(rows)) == HEADINGS
with open(sys.argv[2], "w", encoding="utf-8") as patches:
    for number, (ident, status, substatus, value, closing, notes) in enumerate(rows, start=2):
        digits = None if value is None else repr(value)
        text, problem = line(number, ident.strip(), status, substatus, digits, closing, notes and notes.strip())
        if problem:
            print(problem, file=sys.stderr)
        else:
            patches.write(text + "\n")
