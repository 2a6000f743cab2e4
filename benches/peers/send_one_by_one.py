"""A sheet to the service, as most scripts do it: one request after the other, a workbook at the end.

    TOKEN=… python send_one_by_one.py SHEET.csv BASE_URL REPORT.xlsx
"""

import csv
import os
import sys
import time

import requests
from openpyxl import Workbook

from patch_of import HEADINGS_OF_REPORT, body_of, patch_of

session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['TOKEN']}"
session.headers["Content-Type"] = "application/json-patch+json"
report = Workbook()
report.active.append(HEADINGS_OF_REPORT)
applied = 0
with open(sys.argv[1], newline="", encoding="utf-8-sig") as sheet:
    for number, row in enumerate(csv.DictReader(sheet), start=2):
        patch, problem = patch_of(number, row)
        if problem:
            report.active.append([number, row["id"], problem])
            continue
        body = body_of(patch)
        started = time.monotonic()
        answer = session.patch(f"{sys.argv[2]}/referrals/{row['id']}", data=body.encode())
        took = round((time.monotonic() - started) * 1000)
        outcome = "applied" if answer.ok else "refused"
        applied += answer.ok
        request_id, etag = answer.headers.get("Request-ID"), answer.headers.get("ETag")
        report.active.append([number, row["id"], outcome, answer.status_code, request_id, took, etag, body])
report.save(sys.argv[3])
print(applied)
