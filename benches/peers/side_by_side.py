"""Runs commands one after the other, several rounds of all of them, and prints a table in Markdown.

    python side_by_side.py ROUNDS "group, name=command" …

The first command of each group is the one that the others of the group are compared with, round by round. Processor
time is shown beside the time on the wall, because that is what other work on the machine disturbs.
"""

import shlex
import statistics
import sys

from measured import run


def measured(command):
    """Seconds on the wall, seconds of the processor, and megabytes at most."""
    taken = run(shlex.split(command))
    if taken["code"] != 0:
        sys.exit(f"exit code {taken['code']}: {command}\n{taken['err']}")
    return taken["wall"], taken["cpu"], taken["peak_mb"]


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
    wall, cpu = (statistics.median(one[at] for one in results[name]) for at in (0, 1))
    peak = max(one[2] for one in results[name])
    print(f"| {name} | {wall:.2f} | {ratio:.1f} | {cpu:.2f} | {peak:.0f} |")
