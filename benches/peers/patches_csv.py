"""A CSV file to patches, as a careful Python user writes it: row by row with the csv module.

    python patches_csv.py SHEET.csv PATCHES.jsonl
"""

import csv
import sys

from patch_of import line

with open(sys.argv[1], newline="", encoding="utf-8-sig") as sheet, open(sys.argv[2], "w", encoding="utf-8") as patches:
    reader = csv.reader(sheet)
    column = {heading: at for at, heading in enumerate(next(reader))}
    ident, status, substatus = column["id"], column["Status"], column["Substatus"]
    value, closing, notes = column["Deal value"], column["Closing date"], column["Notes"]
    for number, row in enumerate(reader, start=2):
        cells = [cell.strip() for cell in row]
        text, problem = line(
            number, cells[ident], cells[status], cells[substatus], cells[value], cells[closing], cells[notes]
        )
        if problem:
            print(problem, file=sys.stderr)
        else:
            patches.write(text + "\n")
