"""A CSV file or a workbook to patches with polars: the table as a whole, then row by row.

    python patches_polars.py SHEET PATCHES.jsonl
"""

import sys

import polars

from patch_of import line

HEADINGS = ["id", "Status", "Substatus", "Deal value", "Closing date", "Notes"]

if sys.argv[1].endswith(".csv"):
    table = polars.read_csv(sys.argv[1], infer_schema=False)
else:
    table = polars.read_excel(sys.argv[1], engine="calamine")
table = table.select(HEADINGS).with_columns(polars.col(polars.String).str.strip_chars())
with open(sys.argv[2], "w", encoding="utf-8") as patches:
    for number, (ident, status, substatus, value, closing, notes) in enumerate(table.iter_rows(), start=2):
        digits = value if value is None or isinstance(value, str) else repr(value)
        text, problem = line(number, ident, status, substatus, digits, closing, notes)
        if problem:
            print(problem, file=sys.stderr)
        else:
            patches.write(text + "\n")
