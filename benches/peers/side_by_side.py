"""Runs commands one after the other, several rounds of all of them, and prints a table in Markdown.

    python side_by_side.py ROUNDS "group, name=command" …

The first command of each group is the one that the others of the group are compared with, round by round. Processor
time is shown beside the time on the wall, because that is what other work on the machine disturbs.
"""

import os
import shlex
import statistics
import subprocess
import sys
import time


def measured(command):
    """Seconds on the wall, seconds of the processor, and megabytes at most."""
    started = time.monotonic()
    process = subprocess.Popen(shlex.split(command), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"exit code {process.returncode}: {command}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


rounds = int(sys.argv[1])
commands = [argument.split("=", 1) for argument in sys.argv[2:]]
results = {name: [] for name, _ in commands}
for _ in range(rounds):
    for name, command in commands:
        results[name].append(measured(command))

print("| | seconds | times refsheet | processor seconds | peak MB |")
print("|---|---|---|---|---|")
first = {}
for name, _ in commands:
    of_first = results[first.setdefault(name.split(",")[0], name)]
    ratio = statistics.median(mine[0] / its[0] for mine, its in zip(results[name], of_first))
    wall, cpu = (statistics.median(run[at] for run in results[name]) for at in (0, 1))
    peak = max(run[2] for run in results[name])
    print(f"| {name} | {wall:.2f} | {ratio:.1f} | {cpu:.2f} | {peak:.0f} |")
