"""The pace as a server sees it: how many requests come in any second, and how much of the rate is used.

    python3 benches/pace.py [RATE …]        60/m 5/s 50/s 500/s 2000/s 5000/s if nothing is said

For each rate, refsheet applies a made-up sheet (`--check none --concurrency 64`) to a server of our own in this process,
which takes down when each request comes and answers at once; with --latency MS that much later, with --pause it answers one
request in the middle with 503 and `Retry-After: 2`. Needs a release build (REFSHEET=…); uvloop is used where it is installed.

Each request has two moments. One is told by the kernel, when the last packet of it came; the other is when this server
came to read it, later by however long it had to wait for a processor. The bound is the service's, so it is judged by the
kernel's; on a quiet machine both are the same. Where the kernel tells nothing, the server's moment stands alone.
"""

import argparse
import asyncio
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

RATES = ["60/m", "5/s", "50/s", "500/s", "2000/s", "5000/s"]
SO_TIMESTAMPNS = 35
DONE = b"HTTP/1.1 204 No Content\r\nETag: \"1\"\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"


class Server:
    """Takes down when requests come. One request a connection at a time, as HTTP/1.1 clients send them."""

    def __init__(self, latency, busy_at):
        self.latency, self.busy_at = latency, busy_at
        self.read_at, self.came_at, self.untold = [], [], 0

    async def listen(self):
        self.loop = asyncio.get_running_loop()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.socket.setblocking(False)
        # Lines inherit it; set on a line itself, it could be too late for what came with it.
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.loop.add_reader(self.socket.fileno(), self.accept)
        return self.socket.getsockname()[1]

    def accept(self):
        line, _ = self.socket.accept()
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.loop.add_reader(line.fileno(), self.read, line, bytearray())

    def read(self, line, waiting):
        try:
            data, notes, _, _ = line.recvmsg(65536, 128)
        except OSError:
            data, notes = b"", []
        now, of_day = time.monotonic(), time.time()
        if not data:
            self.loop.remove_reader(line.fileno())
            line.close()
            return
        waiting += data
        head = waiting.find(b"\r\n\r\n")
        if head < 0:
            return
        length = next((int(field[15:]) for field in waiting[:head].lower().split(b"\r\n") if field.startswith(b"content-length:")), 0)
        if len(waiting) < head + 4 + length:
            return
        del waiting[: head + 4 + length]
        self.read_at.append(now)
        times = [struct.unpack("qq", note[:16]) for _, kind, note in notes if kind == SO_TIMESTAMPNS and len(note) >= 16]
        # The kernel tells the time of day, which may be set meanwhile.
        waited = [of_day - seconds - nanoseconds / 1e9 for seconds, nanoseconds in times]
        self.came_at.append(now - max(waited, default=0.0))
        self.untold += not waited
        answer = BUSY if len(self.read_at) == self.busy_at else DONE
        if self.latency:
            self.loop.call_later(self.latency, self.answer, line, answer)
        else:
            self.answer(line, answer)

    @staticmethod
    def answer(line, answer):
        try:
            line.send(answer)
        except OSError:
            pass


def per_second(rate):
    number, unit = rate.split("/")
    return float(number) / {"s": 1, "m": 60, "h": 3600}[unit]


def most_in_a_second(moments):
    """The most moments in any window of one second."""
    moments, most, first = sorted(moments), 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def measured(program, rate, seconds, latency, pause):
    rows = max(4, round(per_second(rate) * seconds))
    server = Server(latency, rows // 2 if pause else None)
    port = await server.listen()
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "sheet.csv"
        with sheet.open("w") as file:
            file.write("id,Notes\n")
            file.writelines(f"{uuid.uuid5(uuid.NAMESPACE_OID, str(row))},note {row}\n" for row in range(rows))
        command = [program, "apply", str(sheet), "--check", "none", "--rate", rate, "--concurrency", "64", "--yes", "--quiet"]
        command += ["--no-report", "--state-dir", folder, "--base-url", f"http://127.0.0.1:{port}/v1.0/engagements"]
        environment = {"REFSHEET_TOKEN": "a-token-of-the-bench-only", "HOME": folder, "PATH": os.environ["PATH"]}
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
        if await process.wait() != 0:
            sys.exit(f"exit code {process.returncode}: {' '.join(command)}")
    read_at, came_at = server.read_at, server.came_at
    moments = came_at
    if server.untold:
        print(f"the kernel did not tell when {server.untold} of {len(read_at)} came", file=sys.stderr)
    pauses = 2.0 if pause else 0.0
    used = (len(moments) - 1) / (max(moments) - min(moments) - pauses) / per_second(rate)
    late = max(read - came for read, came in zip(read_at, came_at))
    return len(read_at), most_in_a_second(moments), most_in_a_second(read_at), used, late


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rates", nargs="*", default=RATES)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--latency", type=float, default=0, metavar="MS")
    parser.add_argument("--pause", action="store_true")
    options = parser.parse_args()
    program = os.environ.get("REFSHEET") or str(Path(__file__).parent.parent / "target/release/refsheet")
    print("| rate | requests | most in a second | as the server read them | used | server late by, ms |")
    print("|---|---|---|---|---|---|")
    for rate in options.rates:
        requests, most, most_read, used, late = await measured(
            program, rate, options.seconds, options.latency / 1000, options.pause
        )
        broken = " **too many**" if most > max(1, per_second(rate)) else ""
        print(f"| {rate} | {requests} | {most}{broken} | {most_read} | {used:.1%} | {late * 1000:.1f} |", flush=True)


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(main())
    except ImportError:
        asyncio.run(main())
