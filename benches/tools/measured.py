"""Runs one command and tells what it took.

    python measured.py RESULT EVERY UNTIL COMMAND…

EVERY so many seconds a sample is taken, and at one of them, UNTIL seconds after its start, it is asked to end (TERM).
0 is never.

It is a small process of its own because Linux takes the memory of whoever starts a process for that process's first:
what is started from here is counted with the few megabytes of this one, not with all that a larger script holds.
`run` starts it.
"""

import os
import signal
import sys
import time


def run(command, environment=None, every=0.0, until=0.0, folder=None):
    """What `command` took, and what it said. `every` seconds there is a sample of its memory and its open files, and
    `until` then it may run."""
    import json
    import subprocess
    import tempfile

    with tempfile.NamedTemporaryFile("r") as result:
        arguments = [sys.executable, "-S", "-E", __file__, result.name, str(every), str(until), *map(str, command)]
        ended = subprocess.run(arguments, env=environment, cwd=folder, capture_output=True, text=True)
        taken = json.load(result)
    return {**taken, "out": ended.stdout, "err": ended.stderr}


def memory_and_files(process):
    """Megabytes in memory and open files of a process, None when it has ended."""
    try:
        with open(f"/proc/{process}/statm") as statm:
            pages = int(statm.read().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(os.listdir(f"/proc/{process}/fd"))
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None


def measured(command, every, until):
    started = time.monotonic()
    process = os.posix_spawnp(command[0], command, os.environ)
    samples = []
    ended = 0
    is_asked = until == 0
    while ended == 0 and every > 0:
        if seen := memory_and_files(process):
            samples.append([round(time.monotonic() - started, 3), *seen])
        if not is_asked and time.monotonic() - started > until:
            os.kill(process, signal.SIGTERM)
            is_asked = True
        time.sleep(every)
        ended, status, usage = os.wait4(process, os.WNOHANG)
    if ended == 0:
        _, status, usage = os.wait4(process, 0)
    wall = time.monotonic() - started
    # 1024 bytes each on Linux.
    peak = usage.ru_maxrss * 1024 / 1e6
    code = os.waitstatus_to_exitcode(status)
    # JSON, by hand: the library would be counted as memory of the command.
    return (
        f'{{"code": {code}, "wall": {wall}, "cpu": {usage.ru_utime + usage.ru_stime}, "peak_mb": {peak},'
        f' "samples": {samples}}}'
    )


if __name__ == "__main__":
    taken = measured(sys.argv[4:], float(sys.argv[2]), float(sys.argv[3]))
    with open(sys.argv[1], "w") as result:
        result.write(taken)
