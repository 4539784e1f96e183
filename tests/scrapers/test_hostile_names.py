"""Names that lead to the private side, and names that turn to it once they are judged.

The child crawls the real web, its guard in place; only the resolver is made up. A
listener on loopback counts who connects: nobody may.
"""

import socket
import threading
from pathlib import Path

import polars as pl

from scrapers.landing import read_visits
from tests.scrapers.conftest import MONDAY, crawled, write_accounts

# 127.0.0.2 stands for a public address, and nothing else of loopback does.
_CHILD = """
import socket
import sys
from collections import Counter
from dataclasses import replace

real = socket.getaddrinfo
asked = Counter()
ADDRESSES = {addresses!r}


def mapped(host, port, *args, **kwargs):
    name = (host.decode() if isinstance(host, bytes) else host).rstrip(".")
    if not name.endswith(".example"):
        return real(host, port, *args, **kwargs)
    answers = ADDRESSES[name.split(".")[0]]
    turn = answers[min(asked[name], len(answers) - 1)]
    asked[name] += 1
    found = []
    for address in turn:
        found += real(address, port, *args, **kwargs)
    return found


socket.getaddrinfo = mapped
import scrapers.addresses as addresses
import scrapers.run as run

load, judge = run.load_source, addresses.refused_ip
run.load_source = lambda name: replace(load(name), download_delay_s=0.0)
addresses.refused_ip = lambda ip: None if ip == "127.0.0.2" else judge(ip)
settings = run.scrapy_settings


def few_retries(job, day):
    made = settings(job, day)
    made.set("RETRY_TIMES", 0)
    made.set("DNSCACHE_ENABLED", {is_cached})
    return made


run.scrapy_settings = few_retries
sys.exit(run.main())
"""
# By name: the answers of the resolver, one after the other; each may hold several.
TURNS = {
    "loopback": [["127.0.0.1"]],
    "loopback6": [["::1"]],
    "mapped": [["::ffff:127.0.0.1"]],
    "ten": [["10.0.0.1"]],
    "metadata": [["169.254.169.254"]],
    "unspecified": [["0.0.0.0"]],
    "both": [["127.0.0.2", "127.0.0.1"]],
    "behind": [["127.0.0.1", "127.0.0.2"]],
    "turns": [["127.0.0.2"], ["127.0.0.1"]],
    "turnslater": [["127.0.0.2"], ["127.0.0.2"], ["127.0.0.1"]],
}


class Listener:
    """Counts connections to a port of an address, and answers each with a page."""

    def __init__(self, address: str, port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._server = socket.create_server((address, port), family=family)
        self.port = int(self._server.getsockname()[1])
        self.connections = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return  # closed
            self.connections += 1
            with connection:
                connection.recv(65_536)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                    b"Content-Length: 12\r\nConnection: close\r\n\r\n<p>hemmelig "
                )

    def close(self) -> None:
        self._server.close()


def test_no_name_leads_to_the_private_side(tmp_path: Path) -> None:
    inside = Listener("127.0.0.1")
    listeners = [
        inside,
        Listener("::1", inside.port),
        Listener("127.0.0.2", inside.port),
    ]
    try:
        outcomes = {}
        for is_cached in (True, False):
            home = tmp_path / str(is_cached)
            home.mkdir()
            program = home / "names.py"
            program.write_text(_CHILD.format(addresses=TURNS, is_cached=is_cached))
            write_accounts(
                home, {name: (f"{name}.example:{inside.port}",) for name in TURNS}
            )
            done = crawled(home, (MONDAY,), None, str(program), LYTTEPOST_TIMEOUT_S="3")
            assert done.code == 0, done.err
            visits = read_visits(home, "company_pages")
            homes = visits.filter(
                (pl.col("scope") == "home") & pl.col("url").str.starts_with("https:")
            )
            outcomes = dict(homes.select("account_id", "outcome").iter_rows())
            for name in set(TURNS) - {"turns", "turnslater"}:
                assert outcomes[name] == "refused_address", name
            assert set(outcomes) == set(TURNS)
        assert [listener.connections for listener in listeners[:2]] == [0, 0]
        # The names that turn were public at first, so there was something to turn from.
        assert listeners[2].connections > 0
    finally:
        for listener in listeners:
            listener.close()
