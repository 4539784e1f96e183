"""Responses a second of the practice market on one core, over real HTTP on loopback.

Run: python benchmarks/market_rate.py [--weeks 4]
The client is a bare pipelining socket on this core's neighbour, so that what is
measured is the server. Prints one line per pass: first sight of every page, then again.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from practice_market.company import Market
from practice_market.world import World

_BATCH = 32


def requests_of(weeks: int) -> list[bytes]:
    """Every page of every site for that many weekly visits, as raw requests."""
    market = Market()
    world = World(market)
    raw = []
    for week in range(weeks):
        day = market.date_of(7 * week).isoformat()
        for site in world.sites:
            for path in ("/robots.txt", "/sitemap.xml", *site.paths(7 * week).values()):
                raw.append(
                    f"GET http://{site.one.domain}{path} HTTP/1.1\r\n"
                    f"Host: {site.one.domain}\r\nLyttepost-Replay-Day: {day}\r\n\r\n"
                )
    return [text.encode() for text in raw]


def _read_responses(stream: "socket.SocketIO", count: int) -> int:
    """Read so many responses; the bytes of their bodies."""
    total = 0
    for _ in range(count):
        length = 0
        stream.readline()
        while (line := stream.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        stream.read(length)
        total += length
    return total


def timed(port: int, raw: list[bytes]) -> tuple[float, int]:
    """Seconds and body bytes of all requests on one connection."""
    started, total = time.perf_counter(), 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        stream = connection.makefile("rb", buffering=1 << 20)
        for first in range(0, len(raw), _BATCH):
            batch = raw[first : first + _BATCH]
            connection.sendall(b"".join(batch))
            total += _read_responses(stream, len(batch))  # type: ignore[arg-type]
    return time.perf_counter() - started, total


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Start a market, ask for everything twice, print the rates."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--weeks", type=int, default=6)
    raw = requests_of(parser.parse_args().weeks)
    command = [sys.executable, "-m", "practice_market", "serve"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        ready = json.loads(server.stdout.readline())
        port = urlsplit(ready["proxy"]).port or 0
        for name in ("first", "again"):
            before = cpu_seconds(server.pid)
            seconds, size = timed(port, raw)
            busy = cpu_seconds(server.pid) - before
            print(
                f"{name}: {len(raw)} responses, {size / 1e6:.1f} MB, {seconds:.2f} s, "
                f"{len(raw) / seconds:.0f} responses/s; the server's own time "
                f"{busy:.2f} s, {len(raw) / busy:.0f} responses/s of one core"
            )
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
