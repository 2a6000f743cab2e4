"""Nightly jobs, one night after the other, and at last one long run; then what grew.

    python soak.py REFSHEET MINUTES

A night: `export`, some rows edited, `apply --base --resume` (every third night cut short by a signal, and resumed),
`plan` of the same sheet, which must find nothing to send, every second night `undo`, then `runs prune`. The sandbox
loses replies, fails, throttles, lets colleagues change referrals underneath and ends tokens.

Every job is watched while it runs, the sandbox between the nights. Jobs of one kind are of one size, so the first third
of them can be compared with the last.
"""

import csv
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from growth import Findings
from measured import memory_and_files, run
from sandbox import Sandbox

REFERRALS = 1_600
# A throttled client pauses for a second at least, so the limit is met only now and then.
TROUBLE = (
    "--lose-replies 2% --fail 1% --limit 40/s --change-underneath 2% --expire-token-after 150 --seed 5"
).split()
PROFILE = 'rate = "60/s"\nconcurrency = 8\ntoken_command = "echo token-$(date +%s%N)"\n'
EDITS = 60
CUT_SHORT_SECONDS = 0.3
# Ledgers are kept for so many seconds, which stand for ninety days.
KEPT_SECONDS = 10
# How often a scheduler would try again.
TRIES_MAX = 6
LONG_RUN_SECONDS = 60
GLANCE_SECONDS = 0.02
# What a run of the program changes of a referral, and what the sandbox changes by itself.
EDITED = {("details", "notes"), ("details", "dealValue")}
BY_ITSELF = {("eTag",), ("updatedDateTime",), ("lastModifiedVia",), ("favorite",)}


class Soak:
    def __init__(self, refsheet, folder, sandbox):
        self.refsheet, self.folder, self.sandbox = refsheet, folder, sandbox
        self.findings = Findings()
        self.state = folder / "state"
        self.began = {}
        self.before = {one["id"]: one for one in sandbox.state()["referrals"]}
        self.expected = {}
        (folder / "config.toml").write_text(f'[profile.default]\nbase_url = "{sandbox.base_url}"\n{PROFILE}')

    def job(self, kind, *arguments, codes=(0,), every=GLANCE_SECONDS, until=0.0):
        """Runs the program and watches it."""
        command = [self.refsheet, *map(str, arguments), "--quiet", "--state-dir", self.state]
        command += ["--config", self.folder / "config.toml"]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder)}
        taken = run(command, environment, every, until, self.folder)
        if taken["code"] not in codes:
            sys.exit(f"{kind} ended with {taken['code']}\n{taken['out']}{taken['err']}")
        self.findings.note(f"{kind}, peak MB", taken["peak_mb"])
        self.findings.note(f"{kind}, open files", max(files for _, _, files in taken["samples"]))
        return taken

    def run_of(self, taken):
        """The summary of a job; notes when its run was first heard of."""
        summary = json.loads(taken["out"])
        # Who is cut short early has not begun one.
        if summary.get("run"):
            self.began.setdefault(summary["run"], time.time())
        return summary

    def until_done(self, kind, first, again, until=0.0):
        """A job, and again until nothing is left to be done, as a scheduler would."""
        job = f"{kind}, cut short" if until else kind
        summary = self.run_of(self.job(job, *first, codes=(0, 1, 5, 143), until=until))
        for _ in range(TRIES_MAX):
            if summary.get("status") == "finished" and is_well(summary["rows"]):
                return summary["run"]
            summary = self.run_of(self.job(f"{kind}, again", *again(summary.get("run")), codes=(0, 1, 5)))
        sys.exit(f"{kind} is not done after {TRIES_MAX} more tries: {summary}")

    def night(self, number):
        sheet, base = self.folder / "night.csv", self.folder / "base.csv"
        self.job("export", "export", "--out", sheet, "--force")
        shutil.copy(sheet, base)
        edited = self.edit(sheet, random.Random(number), f"night {number}")
        apply = ["apply", sheet, "--base", base, "--resume", "--yes", "--json", "--report", "report.xlsx"]
        until = CUT_SHORT_SECONDS if number % 3 == 2 else 0
        done = self.until_done("apply", apply, lambda _: apply, until)
        planned = json.loads(self.job("plan", "plan", sheet, "--base", base, "--json", "--no-report")["out"])
        if planned["rows"].get("planned", 0) > 0:
            sys.exit(f"night {number}: what was applied would be sent again: {planned}")
        if number % 2:
            undo = ["undo", done, "--yes", "--json", "--no-report"]
            self.until_done("undo", undo, lambda run: ["resume", run, "--json"] if run else undo)
        else:
            self.expected |= edited
        self.prune()

    def edit(self, sheet, chance, note):
        """Edits some rows of an exported sheet: gives each referral's deal value and notes."""
        with sheet.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        open_rows = [row for row in rows if row["Status"] == "Active"]
        edited = {}
        for row in chance.sample(open_rows, min(EDITS, len(open_rows))):
            value = chance.randrange(1_000, 900_000)
            row["Deal value"], row["Notes"] = str(value), f"{note}, {chance.randrange(1_000_000)}"
            edited[row["id"]] = (value, row["Notes"])
        with sheet.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        return edited

    def prune(self):
        self.job("prune", "runs", "prune", "--older-than", f"{KEPT_SECONDS}s")
        pruned_at = time.time()
        for ledger in self.state.rglob("*.db"):
            age = pruned_at - self.began.get(ledger.stem, 0)
            # Runs are heard of when they end, and so began some seconds before.
            if age > KEPT_SECONDS:
                sys.exit(f"the ledger {ledger.stem} is left although its run began {age:.0f} s ago")

    def look_at_sandbox(self):
        # Its side of a connection may take a moment to end.
        time.sleep(0.1)
        memory, files = memory_and_files(self.sandbox.process.pid)
        self.findings.note("sandbox, MB", memory)
        self.findings.note("sandbox, open files", files)
        ledgers = {path.stem for path in self.state.rglob("*.db")}
        beside = [path for path in self.state.rglob("*") if path.is_file() and path.stem not in ledgers]
        self.findings.note("state folder, files of no ledger", len(beside))

    def long_run(self):
        """One run at a low rate, in which nothing may grow either."""
        sheet = self.folder / "long.csv"
        ids = [ident for ident, one in self.before.items() if one["status"] == "Active"]
        with sheet.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "Deal value", "Notes"])
            for number, ident in enumerate(ids):
                self.expected[ident] = (number + 1, f"long run {number}")
                writer.writerow([ident, *self.expected[ident]])
        rate = f"{len(ids) * 60 // LONG_RUN_SECONDS}/m"
        apply = ["apply", sheet, "--yes", "--json", "--report", "long.xlsx", "--rate", rate]
        taken = self.job("long run", *apply, codes=(0, 1), every=0.25)
        long_run = Findings()
        for _, memory, files in taken["samples"]:
            long_run.note("long run, MB", memory)
            long_run.note("long run, open files", files)
        if not is_well(self.run_of(taken)["rows"]):
            self.until_done("long run", [*apply, "--resume"], lambda _: [*apply, "--resume"])
        return long_run

    def check_documents(self):
        """Every referral is as it should be, and nothing else of it has changed."""
        after = {one["id"]: one for one in self.sandbox.state()["referrals"]}
        if after.keys() != self.before.keys():
            sys.exit("there are other referrals than before")
        for ident, before in self.before.items():
            differences = set(differing(before, after[ident])) - BY_ITSELF
            details = after[ident]["details"]
            found = details.get("dealValue"), details.get("notes")
            if ident not in self.expected and differences:
                sys.exit(f"nobody meant to change {ident}: {differences}")
            if ident in self.expected and (found != self.expected[ident] or differences - EDITED):
                sys.exit(f"{ident} has {found} instead of {self.expected[ident]}, and differs in {differences}")


def is_well(rows):
    return all(rows.get(outcome, 0) == 0 for outcome in ("failed", "in_doubt", "not_reached", "refused", "conflict"))


def differing(before, after, path=()):
    """Where two documents differ, as paths of members."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from differing(before.get(name), after.get(name), (*path, name))
    elif before != after:
        yield path


def main():
    refsheet, minutes = Path(sys.argv[1]).resolve(), float(sys.argv[2])
    until = time.monotonic() + minutes * 60 - LONG_RUN_SECONDS
    serving = Sandbox(refsheet, "--referrals", REFERRALS, *TROUBLE)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, serving as sandbox:
        soak = Soak(refsheet, Path(folder), sandbox)
        nights = 0
        while time.monotonic() < until:
            soak.night(nights)
            soak.look_at_sandbox()
            nights += 1
        print(f"{nights} nights, {sandbox.requests():,} requests")
        long_run = soak.long_run()
        soak.check_documents()
        troubles = sandbox.state()["troubles"]
    print(", ".join(f"{name} {count:,}" for name, count in troubles.items()))
    print("every referral is as it should be")
    grown = soak.findings.tell() + long_run.tell()
    sys.exit(f"grew: {', '.join(grown)}" if grown else 0)


if __name__ == "__main__":
    main()
