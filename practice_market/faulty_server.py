"""A fake behind an address on loopback: answers late, cuts the line, or sends.

What a fake answers does not belong here.
"""

import json
import socket
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

# Status, body (text is CSV unless headers say otherwise, anything else JSON), headers,
# and what to do with the connection: `send`, `drop` (cut it) or `slow` (wait first).
Answer = tuple[int, Any, dict[str, str], str]


class Slow(Protocol):
    """How long a slow answer takes, in seconds."""

    slow_s: float


class Fake(Protocol):
    """What is served."""

    @property
    def faults(self) -> Slow:
        """Its faults, which a test may change on the way."""

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        """The answer to one request."""


class Served:
    """A fake behind an address on loopback, in a thread of this process."""

    def __init__(self, fake: Fake) -> None:
        outer, served = fake, self
        self._at_once = self.most_at_once = 0
        self._lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # The answer goes out in one piece; without it each waits for 40 ms.
            disable_nagle_algorithm = True
            wbufsize = -1

            def _take(self) -> None:
                served.count(1)
                try:
                    self._answer()
                finally:
                    served.count(-1)

            def _answer(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {k.lower(): v for k, v in self.headers.items()}
                status, said, more, how = outer.answer(
                    self.command, self.path, headers, raw
                )
                if how == "drop":
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                if how == "slow":
                    time.sleep(outer.faults.slow_s)
                is_text = isinstance(said, str)
                content = (said if is_text else json.dumps(said)).encode()
                if status == 204:
                    content = b""
                try:
                    self.send_response(status)
                    kind = "text/csv" if is_text else "application/json"
                    more = {"Content-Type": kind} | more
                    self.send_header("Content-Length", str(len(content)))
                    for name, value in more.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                    self.wfile.flush()
                except OSError:
                    # Whoever asked has hung up; that is what `slow` is for.
                    self.close_connection = True

            do_GET = do_POST = do_PATCH = do_PUT = _take  # noqa: N815

            def log_message(self, *args: object) -> None:
                """Say nothing: a fault test asks thousands of times."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *args: object) -> None:
                """A connection that was cut on purpose is no fault of the server."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            daemon=True,
        )

    def count(self, n: int) -> None:
        """Note that a request came (1), or was answered (-1)."""
        with self._lock:
            self._at_once += n
            self.most_at_once = max(self.most_at_once, self._at_once)

    def __enter__(self) -> "Served":
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
