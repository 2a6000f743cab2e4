"""A sheet to the service, as fast as we know how to write it in Python: aiohttp on uvloop, 64 workers with a connection
each, bodies made as they are needed, the report written as answers come.

    TOKEN=… python send_async.py SHEET.csv BASE_URL REPORT.xlsx [--look]

With `--look`, each referral is read first, only what differs is sent, and `If-Match` guards it.
"""

import asyncio
import csv
import json
import os
import sys
import time

import aiohttp
import uvloop
from openpyxl import Workbook

from patch_of import HEADINGS_OF_REPORT, body_of, differing, patch_of

WORKERS = 64


async def main(path, base_url, report_path, looks):
    book = Workbook(write_only=True)
    report = book.create_sheet("Results")
    report.append(HEADINGS_OF_REPORT)
    headers = {
        "Authorization": f"Bearer {os.environ['TOKEN']}",
        "Content-Type": "application/json-patch+json",
    }
    applied = 0

    async def looked_at(session, url, patch):
        async with session.get(url) as answer:
            referral = json.loads(await answer.read())
        if answer.status != 200:
            return [], None
        return differing(patch, referral), {"If-Match": referral["eTag"]}

    async def work(session, rows):
        nonlocal applied
        # One iterator for all: each worker takes the next row when it is free.
        for number, row in rows:
            patch, problem = patch_of(number, row)
            if problem:
                report.append([number, row["id"], problem])
                continue
            url = f"{base_url}/referrals/{row['id']}"
            started = time.monotonic()
            guard = None
            if looks:
                patch, guard = await looked_at(session, url, patch)
                if not patch:
                    report.append([number, row["id"], "unchanged or not there"])
                    continue
            body = body_of(patch)
            async with session.patch(url, data=body.encode(), headers=guard) as answer:
                await answer.read()
            took = round((time.monotonic() - started) * 1000)
            outcome = "applied" if answer.ok else "refused"
            applied += answer.ok
            request_id, etag = answer.headers.get("Request-ID"), answer.headers.get("ETag")
            report.append([number, row["id"], outcome, answer.status, request_id, took, etag, body])

    connector = aiohttp.TCPConnector(limit=WORKERS)
    with open(path, newline="", encoding="utf-8-sig") as sheet:
        rows = enumerate(csv.DictReader(sheet), start=2)
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            await asyncio.gather(*(work(session, rows) for _ in range(WORKERS)))
    book.save(report_path)
    print(applied)


uvloop.run(main(*sys.argv[1:4], looks="--look" in sys.argv))
