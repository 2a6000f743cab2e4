"""Damaged sheets, by the thousand, through `refsheet plan --offline`.

    tests/fuzz.sh [-n 10000] [--seed 1] [--jobs 2] [--extra DIR …] [--only INDEX] [--go-on] [BINARY]

Mutants are made from the sheets of this repository and from those of the folders given with --extra. Which mutant is
made depends on the seed and its index alone, as long as the sheets are the same; --only makes one again.

Each must end with exit code 0, 1 or 3, without a panic, within 10 s and 1 GiB. The first that does not ends the run
with exit code 1 and is kept in target/fuzz. What takes longer than 10 s is run again, and then it is the time of the
processor that counts: the machine may have been busy. Needs Python 3.9 and Linux or macOS; nothing else.
"""

import argparse
import collections
import multiprocessing
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import mutants
import seeds

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CODES = {0, 1, 3}
SECONDS_MAX = 10.0
# After so long even a busy machine has had its 10 s.
PATIENCE_SECONDS = 60.0
BYTES_MAX = 1 << 30
# ru_maxrss is in KiB on Linux and in bytes on macOS.
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
STDERR_SHOWN = 2000

# How the sheet is read. The first is taken half of the time.
OPTIONS = [
    ["--ignore-unknown-columns"],
    [],
    ["--ignore-unknown-columns", "--decimal", "comma", "--date-format", "dmy", "--time-zone", "Europe/Berlin"],
    ["--ignore-unknown-columns", "--decimal", "point", "--date-format", "mdy", "--time-zone", "America/New_York"],
    ["--ignore-unknown-columns", "--rows", "2-50"],
    ["--map", "Name=Deal name", "--map", "Close date=Closing date", "--ignore-unknown-columns"],
]
# Where the outcome is written to. Mostly nowhere: reading is what is tested.
REPORTS = ["report.xlsx", "report.csv", "report.jsonl"]

Outcome = collections.namedtuple("Outcome", "code seconds cpu bytes stderr")
Run = collections.namedtuple("Run", ("index", "source", "mutation", "options", "size", *Outcome._fields, "wrong"))


def begin(arguments, sources):
    """What every process of the pool knows."""
    global GIVEN, SOURCES
    GIVEN, SOURCES = arguments, sources


def one(index):
    """Makes a mutant, runs the program on it, and judges."""
    arguments, sources = GIVEN, SOURCES
    chance = random.Random(f"{arguments.seed}-{index}")
    source = seeds.chosen(sources, chance)
    mutation, data = mutants.of(source, sources, chance)
    options = list(OPTIONS[0] if chance.random() < 0.5 else chance.choice(OPTIONS))
    report = chance.choice(REPORTS) if chance.random() < 0.1 else None
    with tempfile.TemporaryDirectory(prefix="refsheet-fuzz-") as folder:
        folder = pathlib.Path(folder)
        sheet = folder / f"mutant-{index}{source.ending}"
        sheet.write_bytes(data)
        size = len(data)
        del data
        options += ["--report", str(folder / report)] if report else ["--no-report"]
        options += ["--patches", str(folder / "patches.jsonl")] if report else []
        command = [str(arguments.binary), "plan", "--offline", "--state-dir", str(folder / "state"), *options, str(sheet)]
        outcome = outcome_of(command, folder, SECONDS_MAX)
        if outcome.seconds > SECONDS_MAX:
            outcome = outcome_of(command, folder, PATIENCE_SECONDS)
        run = Run(index, source.name, mutation, options, size, *outcome, wrong_with(outcome))
        if run.wrong:
            arguments.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(sheet, arguments.keep)
    return run


def wrong_with(outcome):
    """What may not be, in words; none if all is well."""
    if outcome.cpu > SECONDS_MAX or outcome.seconds > PATIENCE_SECONDS:
        return f"took more than {SECONDS_MAX:.0f} s"
    if outcome.code not in CODES:
        return f"ended with {outcome.code}"
    if "panicked at" in outcome.stderr:
        return "panicked"
    if outcome.bytes > BYTES_MAX:
        return f"took {outcome.bytes >> 20} MiB"
    return None


def outcome_of(command, folder, seconds_max):
    """Exit code (negative for a signal), seconds, seconds of CPU, peak of memory, standard error."""
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with open(folder / "stderr", "w+b") as stderr:
        start = time.monotonic()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr, env=environment,
            cwd=folder, preexec_fn=limited,
        )
        deadline = threading.Timer(seconds_max + 1, process.kill)
        deadline.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        deadline.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        stderr.seek(0)
        text = stderr.read(1 << 20).decode("utf-8", "replace")
    return Outcome(process.returncode, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * MAXRSS_BYTES, text)


def limited():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "darwin":
        # Also what is asked for and never used.
        resource.setrlimit(resource.RLIMIT_AS, (BYTES_MAX, BYTES_MAX))


def table(runs, in_detail):
    """Outcomes by kind of file, and in detail by mutation; then the slowest and the largest."""
    lines = []
    kinds = [("format", lambda run: pathlib.Path(run.source).suffix), ("mutation", lambda run: run.mutation)]
    for title, of in kinds if in_detail else kinds[:1]:
        groups = collections.defaultdict(list)
        for run in runs:
            groups[of(run)].append(run)
        lines.append(f"{title:<34} {'mutants':>8} {'exit 0':>8} {'exit 1':>8} {'exit 3':>8} {'other':>6} {'s, most':>8} {'MiB, most':>10}")
        groups = sorted(groups.items()) + [("all", runs)]
        for name, group in groups:
            codes = collections.Counter(run.code if run.code in CODES else None for run in group)
            slowest, largest = max(run.seconds for run in group), max(run.bytes for run in group) >> 20
            lines.append(
                f"{name:<34} {len(group):>8} {codes[0]:>8} {codes[1]:>8} {codes[3]:>8} {codes[None]:>6} {slowest:>8.2f} {largest:>10}"
            )
        lines.append("")
    for title, key, unit in [
        ("slowest", lambda run: run.seconds, lambda run: f"{run.seconds:.2f} s ({run.cpu:.2f} s of CPU)"),
        ("largest", lambda run: run.bytes, lambda run: f"{run.bytes >> 20} MiB"),
    ]:
        lines.append(title)
        for run in sorted(runs, key=key, reverse=True)[:5]:
            lines.append(f"  {unit(run):<28} mutant {run.index}, {run.size} bytes: {run.source}, {run.mutation}")
    return "\n".join(lines)


def complaint(run):
    said = run.stderr[:STDERR_SHOWN].strip()
    return f"mutant {run.index} {run.wrong}: {run.source}, {run.mutation}\n  plan {' '.join(run.options)}\n{said}\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=10_000, help="how many mutants")
    parser.add_argument("--first", type=int, default=0, help="the index of the first")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="programs that run at once")
    parser.add_argument("--extra", type=pathlib.Path, action="append", default=[], help="a folder of more sheets")
    parser.add_argument("--only", type=int, help="the index of one mutant, to make and keep it again")
    parser.add_argument("--go-on", action="store_true", help="do not end at the first mutant that goes wrong")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each mutation, too")
    parser.add_argument("--keep", type=pathlib.Path, default=REPOSITORY / "target" / "fuzz", help="where mutants that go wrong are kept")
    parser.add_argument("binary", type=pathlib.Path, nargs="?", default=REPOSITORY / "target" / "release" / "refsheet")
    given = parser.parse_args()
    given.binary = given.binary.resolve()
    return given


def main():
    given = arguments()
    sources = seeds.all_of(REPOSITORY, given.extra)
    indices = range(given.first, given.first + given.n) if given.only is None else [given.only]
    started, runs, wrong = time.monotonic(), [], 0
    with multiprocessing.Pool(given.jobs, begin, (given, sources), maxtasksperchild=500) as pool:
        for run in pool.imap(one, indices):
            runs.append(run)
            if run.wrong:
                wrong += 1
                print(complaint(run), file=sys.stderr, flush=True)
                if not given.go_on:
                    pool.terminate()
                    break
            if len(runs) % 1000 == 0:
                print(f"{len(runs)} of {len(indices)} after {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    print(f"{len(runs)} mutants of {len(sources)} sheets, seed {given.seed}, {time.monotonic() - started:.0f} s, {wrong} wrong\n")
    print(table(runs, given.verbose))
    if given.only is not None:
        print(complaint(runs[0]))
    if wrong:
        print(f"\nmutants that went wrong are in {given.keep}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
