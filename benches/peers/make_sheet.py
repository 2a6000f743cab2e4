"""Makes the sheet that the peers plan: the same rows as CSV and as .xlsx, the same bytes each time.

    python make_sheet.py ROWS FOLDER        writes FOLDER/sheet.csv and FOLDER/sheet.xlsx

Six columns, as a CRM exports them: the referral's id, status and substatus, an amount with cents, a date, and a text
that is another one in each row, some with commas, quotes and letters beyond ASCII. The workbook keeps its texts as Excel
does, in a list of their own, and its dates as dates.
"""

import csv
import datetime
import random
import sys
import uuid
from pathlib import Path

import xlsxwriter

HEADINGS = ["id", "Status", "Substatus", "Deal value", "Closing date", "Notes"]
PAIRS = [("New", "Received"), ("New", "Pending"), ("Active", "Accepted"), ("Active", "Accepted"), ("Closed", "Won"), ("Closed", "Lost")]
CUSTOMERS = ["Contoso", "Fabrikam", "Northwind", "Adatum", "Tailspin", "Litware", "Müller & Söhne", "Łódź Systems", "Proseware"]
NOTES = [
    "{customer}: call again about offer {number}",
    "{customer} wants {seats} seats, offer {number}",
    'They call it "phase {seats}", see ticket {number}',
    "Budget confirmed for {seats} seats; {number}",
    "{customer}, {number}",
]
FIRST_DAY = datetime.date(2026, 1, 1)


def rows(count):
    chance = random.Random(7)
    for number in range(count):
        status, substatus = chance.choice(PAIRS)
        cents = chance.choice([0, 0, 50, chance.randrange(100)])
        note = chance.choice(NOTES).format(customer=chance.choice(CUSTOMERS), number=number, seats=chance.randrange(5, 900))
        yield (
            str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            status,
            substatus,
            (chance.randrange(500, 900_000), cents),
            FIRST_DAY + datetime.timedelta(days=chance.randrange(700)),
            note,
        )


def write_csv(path, count):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for ident, status, substatus, (whole, cents), day, note in rows(count):
            amount = f"{whole}.{cents:02}" if cents else str(whole)
            writer.writerow([ident, status, substatus, amount, day.isoformat(), note])


def write_xlsx(path, count):
    workbook = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    workbook.set_properties({"created": datetime.datetime(2026, 1, 1)})
    sheet = workbook.add_worksheet("Referrals")
    sheet.write_row(0, 0, HEADINGS)
    for at, (ident, status, substatus, (whole, cents), day, note) in enumerate(rows(count), start=1):
        sheet.write_string(at, 0, ident)
        sheet.write_string(at, 1, status)
        sheet.write_string(at, 2, substatus)
        sheet.write_number(at, 3, whole + cents / 100)
        sheet.write_datetime(at, 4, day)
        sheet.write_string(at, 5, note)
    workbook.close()


if __name__ == "__main__":
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "sheet.csv", count)
    write_xlsx(folder / "sheet.xlsx", count)
