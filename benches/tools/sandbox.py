"""`refsheet sandbox` as a process of its own, and what it tells at its door `/sandbox/state`."""

import http.client
import json
import re
import subprocess
from urllib.parse import urlsplit


class Sandbox:
    """Serves from its making to `close`. Options as on its command line."""

    def __init__(self, refsheet, *options):
        command = [refsheet, "sandbox", "--port", "0", *map(str, options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        # It says where it is once it listens.
        self.base_url = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def state(self):
        """All that it holds and has counted."""
        return json.loads(b"".join(self._state()))

    def requests(self):
        """The requests that came so far, looks at its door not counted."""
        # Only the end is kept: the counts stand there, behind all the referrals.
        tail = b""
        for chunk in self._state():
            tail = (tail + chunk)[-20_000:]
        return int(re.search(rb'"troubles":\{"requests":(\d+)', tail)[1])

    def _state(self):
        connection = http.client.HTTPConnection(urlsplit(self.base_url).netloc)
        connection.request("GET", "/sandbox/state")
        answer = connection.getresponse()
        while chunk := answer.read(1 << 20):
            yield chunk
        connection.close()
