"""A web of very many small company sites on loopback, as cheap to serve as it can be.

Run: python -m benchmarks.loopback_web [--pages 6] [--kilobytes 12]
Prints one JSON line with `proxy`. Every host that ends in `.example` is a site with a
front page, a sitemap and that many further pages; all pages are made up. What was asked
is counted: `http://asked.benchmark/` answers the number of requests, and
`http://asked.benchmark/again?FILE` how many of the addresses in FILE were asked for
since the last such question.
"""

import argparse
import asyncio
import json
import random
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import uvloop

_PATHS = ("ledelse", "ledige-stillinger", "om-oss", "nyheter", "strategi", "kontakt")
_WORDS = (
    "anlegg bro kai vei kunde avtale drift prosjekt ansvar miljø kvalitet sikkerhet "
    "medarbeider kontor marked leveranse erfaring løsning utvikling samarbeid"
).split()


def _body(title: str, size: int, menu: str) -> bytes:
    draw = random.Random(title)
    paragraphs = []
    length = 0
    while length < size:
        text = " ".join(draw.choice(_WORDS) for _ in range(40))
        paragraphs.append(f'<p class="tekst">{text.capitalize()}.</p>')
        length += len(paragraphs[-1].encode())
    return (
        f'<!DOCTYPE html><html lang="nb"><head><title>{title} @@HOST@@</title></head>'
        f"<body><nav>{menu}</nav><main><h1>{title}</h1>{''.join(paragraphs)}"
        "</main><footer>@@HOST@@</footer></body></html>"
    ).encode()


def answer(status: str, kind: str, body: bytes) -> bytes:
    """An answer as it goes over the wire."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nServer: made-up\r\n\r\n"
    )
    return head.encode() + body


class Web:
    """The pages, and what was asked of them."""

    def __init__(self, pages: int, kilobytes: int) -> None:
        paths = [_PATHS[n] if n < len(_PATHS) else f"side-{n}" for n in range(pages)]
        menu = "".join(f'<a href="/{path}">{path}</a>' for path in paths)
        size = kilobytes * 1024
        self._bodies = {
            f"/{path}".encode(): _body(path or "Hjem", size, menu)
            for path in ("", *paths)
        }
        self._missing = answer("404 Not Found", "text/html", b"<p>Finnes ikke.</p>")
        self.asked: list[bytes] = []
        self._read = 0

    def respond(self, url: bytes) -> bytes:
        """The answer to one address, as it goes over the wire."""
        host, _, path = url.removeprefix(b"http://").partition(b"/")
        if host == b"asked.benchmark":
            return self._told(path)
        self.asked.append(url)
        body = self._bodies.get(b"/" + path)
        if body is None:
            return self._missing
        # Hosts are of one length, so that nothing has to be counted.
        body = body.replace(b"@@HOST@@", host)
        return answer("200 OK", "text/html; charset=utf-8", body)

    def _told(self, path: bytes) -> bytes:
        told = {"requests": len(self.asked)}
        if path.startswith(b"again?"):
            file = Path(unquote(path.removeprefix(b"again?").decode()))
            landed = set(file.read_bytes().split())
            told["again"] = sum(url in landed for url in self.asked[self._read :])
            self._read = len(self.asked)
        return answer("200 OK", "application/json", json.dumps(told).encode())


class _Connection(asyncio.Protocol):
    def __init__(self, respond: Callable[[bytes], bytes]) -> None:
        self._respond = respond
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while b"\r\n\r\n" in self._pending:
            head, _, self._pending = self._pending.partition(b"\r\n\r\n")
            url = head.split(b" ", 2)[1]
            self._transport.write(self._respond(url))  # type: ignore[attr-defined]


async def serve(respond: Callable[[bytes], bytes]) -> None:
    """Answer as a proxy, on a port that is printed, until SIGTERM."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(respond), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"proxy": f"http://127.0.0.1:{port}"}), flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=6)
    parser.add_argument("--kilobytes", type=int, default=12)
    asked = parser.parse_args()
    uvloop.run(serve(Web(asked.pages, asked.kilobytes).respond))


if __name__ == "__main__":
    main()
