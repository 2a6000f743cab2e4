"""Sends the same rows to the same service in several ways, one after the other in each round, and prints a table in
Markdown: medians of the rounds, ratios taken within each round.

    python sending.py REFSHEET ROWS ROUNDS FOLDER

Each contender meets a sandbox of its own, just started with the same seed: so all find the same referrals, none finds
its work done already (which refsheet would see, and send nothing), and what the sandbox counts is one contender's. With
`BASE_URL` and `TOKEN` in the environment all go to that service instead, each with notes of its own, and nobody asks it
what it counted.

Measured is the whole process, from its start to its end, and nothing of the sandbox. Only wrk is taken at its own word,
since it runs for a time and not for a number of rows.
"""

import csv
import datetime
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from measured import run
from sandbox import Sandbox

from patch_of import body_of, patch_of

HERE = Path(__file__).parent
HEADINGS = ["id", "Deal value", "Closing date", "Notes"]
CUSTOMERS = ["Contoso", "Fabrikam", "Northwind", "Adatum", "Müller & Söhne", "Łódź Systems"]
# Four of five made-up referrals are open and take changes.
REFERRALS_PER_ROW = 1.3
# newman sends some twenty rows a second: these are enough to know its rate.
NEWMAN_ROWS = 200
# wrk runs for whole seconds, about as long as it needs for the rows, but not so short that its start counts.
WRK_ROWS_PER_SECOND = 20_000
WRK_SECONDS_MIN = 4


class Service:
    """Where requests go: a sandbox of one's own, or what BASE_URL names."""

    def __init__(self, refsheet, rows):
        self.base_url = os.environ.get("BASE_URL")
        self.sandbox = None
        if not self.base_url:
            referrals = int(rows * REFERRALS_PER_ROW) + 50
            self.sandbox = Sandbox(refsheet, "--referrals", referrals)
            self.base_url = self.sandbox.base_url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.sandbox:
            self.sandbox.close()

    def requests(self):
        return self.sandbox and self.sandbox.requests()


class Job:
    """The sheet of one contender, and what is made of it."""

    def __init__(self, folder, ids, mark):
        self.sheet, self.report, self.state = folder / "sheet.csv", folder / "report.xlsx", folder / "state"
        self.bodies, self.data = folder / "bodies.tsv", folder / "data.json"
        self.rows = len(ids)
        shutil.rmtree(self.state, ignore_errors=True)
        self.report.unlink(missing_ok=True)
        patches = list(self._write_sheet(ids, mark))
        with self.bodies.open("w", encoding="utf-8") as file:
            file.writelines(f"{ident}\t{body}\n" for ident, body in patches)
        few = [{"id": ident, "body": body} for ident, body in patches[:NEWMAN_ROWS]]
        self.data.write_text(json.dumps(few), encoding="utf-8")

    def _write_sheet(self, ids, mark):
        chance = random.Random(7)
        with self.sheet.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            for number, ident in enumerate(ids, start=2):
                # No zero at the end: refsheet would send it as it stands, Python does not know it any more.
                value = f"{chance.randrange(500, 900_000)}.{chance.randrange(10)}{chance.randrange(1, 10)}"
                day = datetime.date(2027, 1, 1) + datetime.timedelta(days=chance.randrange(700))
                note = f'{chance.choice(CUSTOMERS)} wants "{chance.randrange(5, 900)} seats", offer {mark}-{number}'
                row = dict(zip(HEADINGS, [ident, value, day.isoformat(), note]))
                writer.writerow(row.values())
                yield ident, body_of(patch_of(number, row)[0])


def refsheet_apply(refsheet, check):
    def start(job, service):
        command = [refsheet, "apply", job.sheet, "--check", check, "--rate", "none", "--concurrency", "64", "--yes"]
        command += ["--json", "--quiet", "--report", job.report, "--state-dir", job.state]
        taken = run([*command, "--base-url", service.base_url], environment(REFSHEET_TOKEN=token()))
        taken["rows"] = json.loads(taken["out"])["rows"]["applied"]
        return taken

    return start


def python_script(name, *options):
    def start(job, service):
        command = [sys.executable, HERE / name, job.sheet, service.base_url, job.report, *options]
        taken = run(command, environment(TOKEN=token()))
        taken["rows"] = int(taken["out"] or 0)
        return taken

    return start


def newman(job, service):
    command = [os.environ["NEWMAN"], "run", HERE / "newman.json", "-d", job.data, "-r", "json"]
    command += ["--reporter-json-export", job.report.with_suffix(".json"), "--env-var", f"base_url={service.base_url}"]
    taken = run([*command, "--env-var", f"token={token()}"], environment())
    taken["rows"] = min(job.rows, NEWMAN_ROWS)
    return taken


def wrk(job, service):
    seconds = max(WRK_SECONDS_MIN, job.rows // WRK_ROWS_PER_SECOND)
    command = ["wrk", "-t", "2", "-c", "64", "-d", f"{seconds}s", "-s", HERE / "send.lua", service.base_url]
    taken = run([*command, "--", job.bodies], environment(TOKEN=token()))
    sent = [line.split()[1:] for line in taken["out"].splitlines() if line.startswith("sent ")]
    if sent:
        taken["rows"], taken["wall"] = int(sent[0][0]) - int(sent[0][2]), float(sent[0][1])
    return taken


def environment(**variables):
    """Nothing of the user's own settings."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ["FOLDER"], **variables}


def token():
    return os.environ.get("TOKEN", "any")


def ids(refsheet, rows, folder):
    """The ids of referrals that take changes."""
    sheet = folder / "export.csv"
    with Service(refsheet, rows) as service:
        command = [refsheet, "export", "--status", "New,Active", "--fields", "Status", "--out", sheet, "--force"]
        command += ["--base-url", service.base_url, "--rate", "none", "--quiet"]
        subprocess.run(command, env=environment(REFSHEET_TOKEN=token()), check=True)
    with sheet.open(newline="", encoding="utf-8-sig") as file:
        return [row["id"] for row in csv.DictReader(file)][:rows]


def check_bodies(refsheet, job):
    """Ends it all if the contenders do not send the same."""
    patches = job.sheet.with_name("patches.jsonl")
    command = [refsheet, "plan", job.sheet, "--offline", "--no-report", "--quiet", "--patches", patches]
    subprocess.run(command, env=environment(), check=True, stdout=subprocess.DEVNULL)
    with job.bodies.open(encoding="utf-8") as ours, patches.open(encoding="utf-8") as theirs:
        for line, planned in zip(ours, theirs, strict=True):
            ident, body = line.rstrip("\n").split("\t")
            if f'"id":"{ident}"' not in planned or f'"patch":{body}}}' not in planned:
                sys.exit(f"not the same is sent:\n{line}{planned}")


def measure(contender, job, service):
    before = service.requests()
    taken = contender(job, service)
    if taken["code"] != 0 or taken.get("rows", 0) == 0:
        sys.exit(f"exit code {taken['code']}\n{taken['out']}{taken['err']}")
    after = service.requests()
    taken["requests"] = None if before is None else (after - before) / taken["rows"]
    return taken


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def ratio(results, name, to):
    """Rates side by side, round by round."""
    pairs = zip(results.get(name, []), results.get(to, []))
    return median(rate(one) / rate(other) for one, other in pairs)


def rate(taken):
    return taken["rows"] / taken["wall"]


def shown(number, digits):
    return "–" if number is None else f"{number:,.{digits}f}"


def main():
    refsheet, rows, rounds, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    folder.mkdir(parents=True, exist_ok=True)
    contenders = {
        "refsheet, `--check none`": refsheet_apply(refsheet, "none"),
        "refsheet, `--check live`": refsheet_apply(refsheet, "live"),
        "Python, one by one": python_script("send_one_by_one.py"),
        "Python, asynchronous": python_script("send_async.py"),
        "Python, asynchronous, GET and `If-Match`": python_script("send_async.py", "--look"),
        "newman": newman if os.environ.get("NEWMAN") else None,
        "wrk": wrk if shutil.which("wrk") else None,
    }
    for name in [name for name, contender in contenders.items() if contender is None]:
        print(f"{name} is not there and left out", file=sys.stderr)
        del contenders[name]
    referrals = ids(refsheet, rows, folder)
    check_bodies(refsheet, Job(folder, referrals, "0-0"))
    results = {name: [] for name in contenders}
    for turn in range(rounds):
        for number, (name, contender) in enumerate(contenders.items()):
            job = Job(folder, referrals, f"{turn}-{number}" if os.environ.get("BASE_URL") else "0-0")
            with Service(refsheet, rows) as service:
                results[name].append(measure(contender, job, service))
            print(f"round {turn + 1}, {name}: {rate(results[name][-1]):,.0f} rows/s", file=sys.stderr)

    heads = ["rows a second", "times one by one", "of wrk", "requests a row", "processor a row, µs", "peak memory, MB"]
    print(f"| {len(referrals):,} rows | {' | '.join(heads)} |")
    print(f"|---|{'---|' * len(heads)}")
    for name, runs in results.items():
        cells = [
            shown(median(rate(one) for one in runs), 0),
            shown(ratio(results, name, "Python, one by one"), 2),
            shown(ratio(results, name, "wrk"), 3),
            shown(median(one["requests"] for one in runs) if name != "wrk" else None, 3),
            shown(median(one["cpu"] / one["rows"] * 1e6 for one in runs), 0),
            shown(max(one["peak_mb"] for one in runs), 0),
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    best = ratio(results, "refsheet, `--check none`", "Python, asynchronous")
    look = ratio(results, "refsheet, `--check live`", "Python, asynchronous, GET and `If-Match`")
    print(f"\nrefsheet beside the asynchronous script: {shown(best, 2)} times its rate, both looking first {shown(look, 2)}.")


if __name__ == "__main__":
    main()
