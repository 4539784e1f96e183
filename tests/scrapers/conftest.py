"""A web that behaves badly on purpose, and crawls of it in a child process.

The web is a forward proxy on loopback that speaks the replay headers; a host is a
function from what was asked to an answer. Every request is kept with its headers.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest

PROJECT = Path(__file__).parents[2]
MONDAY, TUESDAY = date(2025, 3, 3), date(2025, 3, 4)
HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire."""

    day: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def host(self) -> str:
        """Host and port asked for."""
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        """Path asked for, without the query."""
        return urlsplit(self.url).path


@dataclass(frozen=True)
class Given:
    """An answer; `length` lies about the body, None sends the body in chunks.

    `body` may be an iterable of parts, sent as they come. `raw` is all that is sent,
    whatever HTTP would have before it; then the connection is closed.
    """

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: HTML)
    length: int | None = -1
    wait_s: float = 0.0
    raw: bytes | Iterable[bytes] | None = None


Host = Callable[[Asked], Given]
NOT_FOUND = Given(b"<p>Siden finnes ikke.</p>", 404)


@dataclass
class BadWeb:
    """The proxy: what its hosts do, and what was asked of it."""

    hosts: dict[str, Host]
    asked: list[Asked] = field(default_factory=list)
    proxy: str = ""
    port: int = 0

    def urls(self, day: date | None = None) -> list[str]:
        """Addresses asked for, of one day or all, in order."""
        return [a.url for a in self.asked if day is None or a.day == day.isoformat()]

    def answer(self, asked: Asked) -> Given:
        """What the host answers; a host that is not there is a DNS error."""
        host = self.hosts.get(asked.host)
        if host is None:
            headers = {"Lyttepost-Replay-Error": "dns_error"}
            return Given(b"no such host", 502, headers)
        return host(asked)


def _handler(web: BadWeb) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = self.path
            if url.startswith("/"):
                url = f"http://{self.headers['Host']}{url}"
            day = self.headers.get("Lyttepost-Replay-Day", "")
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else b""
            asked = Asked(day, url, dict(self.headers.items()), body)
            web.asked.append(asked)
            # A crawler that has had enough closes the connection.
            with suppress(ConnectionError):
                self._give(web.answer(asked))

        def do_POST(self) -> None:
            self.do_GET()

        def _give(self, given: Given) -> None:
            time.sleep(given.wait_s)
            if given.raw is not None:
                parts = [given.raw] if isinstance(given.raw, bytes) else given.raw
                for part in parts:
                    self.wfile.write(part)
                self.close_connection = True
                return
            self.send_response_only(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            if isinstance(given.body, bytes) and given.length is not None:
                is_lie = given.length >= 0
                length = given.length if is_lie else len(given.body)
                if given.status != 304:
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(given.body)
                self.close_connection = self.close_connection or is_lie
                return
            parts = [given.body] if isinstance(given.body, bytes) else given.body
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in parts:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A crawler that was killed leaves broken connections behind."""


@pytest.fixture(scope="session")
def serve_web() -> Iterator[Callable[[dict[str, Host]], BadWeb]]:
    """A function that serves hosts until the session ends."""
    servers: list[_Server] = []

    def serve(hosts: dict[str, Host]) -> BadWeb:
        web = BadWeb(hosts)
        server = _Server(("127.0.0.1", 0), _handler(web))
        web.port = server.server_address[1]
        web.proxy = f"http://127.0.0.1:{web.port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return web

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def write_accounts(home: Path, domains: Mapping[str, tuple[str, ...]]) -> Path:
    """Write the watch list of a home folder: made-up accounts with those domains."""
    file = home / "accounts" / "accounts.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = ("org_number", "country", "parent_account_id", "segment", "owner")
    pl.DataFrame(
        [
            {"account_id": name, "name": f"{name} AS", "domains": list(hosts)}
            for name, hosts in domains.items()
        ],
        schema={
            "account_id": pl.String,
            "name": pl.String,
            "domains": pl.List(pl.String),
            **dict.fromkeys(text, pl.String),
            "crm_ids": pl.List(pl.String),
            "employees": pl.Int64,
        },
    ).write_parquet(file)
    return file


def crawl_command(
    home: Path,
    days: Iterable[date],
    proxy: str | None,
    *program: str,
    source: str = "company_pages",
) -> list[str]:
    """The command of a crawl; the program is scrapers.run unless another is given."""
    command = [
        sys.executable,
        *(program or ("-m", "scrapers.run")),
        *("--source", source),
        *("--home", str(home)),
        *("--accounts", str(home / "accounts" / "accounts.parquet")),
        *("--days", ",".join(day.isoformat() for day in days)),
        *("--stats", str(home / "stats.json")),
    ]
    return [*command, "--replay-proxy", proxy] if proxy else command


@dataclass(frozen=True)
class Crawled:
    """A finished crawl: exit code, output, stats, and its peak memory in MB."""

    code: int
    out: str
    err: str
    stats: dict[str, Any]
    peak_mb: float


def crawl_environment(**settings: str) -> dict[str, str]:
    """This environment with the project importable and the settings given."""
    inherited = dict(os.environ)
    return inherited | {"PYTHONPATH": str(PROJECT)} | settings


def crawled(
    home: Path,
    days: Iterable[date],
    proxy: str | None,
    *program: str,
    source: str = "company_pages",
    **settings: str,
) -> Crawled:
    """Run a crawl to its end, with settings in its environment."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "stats.json").unlink(missing_ok=True)
    with (home / "out").open("w+") as out, (home / "err").open("w+") as err:
        child = subprocess.Popen(
            crawl_command(home, days, proxy, *program, source=source),
            env=crawl_environment(**settings),
            stdout=out,
            stderr=err,
        )
        child.wait()
    file = home / "stats.json"
    stats = json.loads(file.read_text()) if file.exists() else {}
    return Crawled(
        child.returncode,
        (home / "out").read_text(),
        (home / "err").read_text(),
        stats,
        float(stats.get("peak_mb", 0)),
    )


def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
