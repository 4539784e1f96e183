"""A web that means harm: every attempt ends, in its own word, and harms no other.

All of it is made up and served on loopback. What test_crawl.py has (bombs, endless and
torn bodies, lengths that lie, loops, redirects to the inside) is not tried again here.
"""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scrapers.landing import read_visits
from scrapers.parsed import parse_days
from tests.scrapers.conftest import (
    HTML,
    MONDAY,
    NOT_FOUND,
    Asked,
    BadWeb,
    Crawled,
    Given,
    Host,
    crawled,
    write_accounts,
)
from tests.scrapers.real_web import loopback_program

TIMEOUT_S = 6.0
XML = {"Content-Type": "application/xml"}
TEXT = {"Content-Type": "text/plain"}
SENTENCE = "Bedriften på Ås bygger bruer og kaier i hele landet, hele året."


def _page(title: str, *paths: str, body: str = "") -> bytes:
    links = "".join(f'<a href="{path}">{path}</a>' for path in paths)
    return (
        f'<!DOCTYPE html><html lang="nb"><head><title>{title}</title></head><body>'
        f"<nav>{links}</nav><main><h1>{title}</h1><p>{SENTENCE}</p>{body}</main></body>"
        "</html>"
    ).encode()


def _files(**files: Given) -> Host:
    named = {
        "/"
        if name == "home"
        else f"/{name.replace('__', '.').replace('_', '-')}": given
        for name, given in files.items()
    }
    return lambda asked: named.get(asked.path, NOT_FOUND)


def _drip(asked: Asked) -> Given:
    """A byte now and then, for ever: never silent, never done."""
    if asked.path != "/":
        return NOT_FOUND

    def bytes_now_and_then() -> Iterator[bytes]:
        while True:
            yield b"x"
            time.sleep(0.1)

    return Given(bytes_now_and_then())


def _calendar(asked: Asked) -> Given:
    """Every page of the calendar leads to a hundred others, all under the news."""
    if asked.path in ("/robots.txt", "/sitemap.xml") or "well-known" in asked.path:
        return NOT_FOUND
    seed = sum(asked.path.encode())
    days = [f"/nyheter/kalender/{seed}/{n}/{n * seed % 97}" for n in range(100)]
    return Given(_page("Kalender", "/nyheter", "/ledelse", *days))


ENTITIES = "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' if n else '<!ENTITY e0 "ha">'
    for n in range(12)
)
LAUGHS = (
    f'<?xml version="1.0"?><!DOCTYPE urlset [{ENTITIES}'
    '<!ENTITY inside SYSTEM "file:///etc/passwd">]>'
    "<urlset><url><loc>http://laughs.example/om-oss</loc></url>"
    "<url><loc>http://laughs.example/&e11;</loc></url>"
    "<url><loc>&inside;</loc></url></urlset>"
).encode()
SELF = (
    b"<sitemapindex><sitemap><loc>http://mirror.example/sitemap.xml</loc></sitemap>"
    b"<sitemap><loc>http://mirror.example/sitemap2.xml</loc></sitemap></sitemapindex>"
)
# Rules that a pattern with backtracking would need years for, and megabytes of others.
STARS = b"User-agent: *\nDisallow: /" + b"*a" * 60 + b"$\nDisallow: /ledelse\n"
LONG = STARS + b"".join(b"Disallow: /hemmelig/%07d\n" % n for n in range(100_000))
# Ever deeper, and as deep but closed again.
DEEP = b"<div>" * 200_000 + SENTENCE.encode()
CLOSED = DEEP + b"</div>" * 200_000
FLOOD = {**HTML, **{f"X-Flood-{n}": "x" * 1000 for n in range(2_000)}}
ENCODED = f"<html><head><title>Å</title></head><p>{SENTENCE} {SENTENCE}</p></html>"
LONG_PATH = "/" + "a" * 1500

SITES: dict[str, Host] = {
    "good.example": _files(
        home=Given(_page("God", "/ledelse", "/om-oss")),
        ledelse=Given(_page("Ledelse")),
        om_oss=Given(_page("Om oss")),
    ),
    "drip.example": _drip,
    "calendar.example": _calendar,
    "laughs.example": _files(
        home=Given(_page("Ler")),
        sitemap__xml=Given(LAUGHS, headers=XML),
        om_oss=Given(_page("Om oss")),
    ),
    "mirror.example": _files(
        home=Given(_page("Speil")),
        sitemap__xml=Given(SELF, headers=XML),
        sitemap2__xml=Given(SELF, headers=XML),
    ),
    "broken.example": _files(
        home=Given(_page("Brutt")),
        sitemap__xml=Given(
            b"<urlset><url><loc>http://[</loc><loc>\xff\x00", headers=XML
        ),
    ),
    "rules.example": _files(
        robots__txt=Given(LONG, headers=TEXT),
        home=Given(_page("Regler", "/ledelse", LONG_PATH, "/om-oss")),
        ledelse=Given(_page("Ledelse")),
        om_oss=Given(_page("Om oss")),
    ),
    "deep.example": _files(home=Given(DEEP)),
    "closed.example": _files(home=Given(CLOSED)),
    "toomany.example": _files(
        robots__txt=Given(LONG * 4, headers=TEXT), home=Given(_page("Regler"))
    ),
    "flood.example": _files(home=Given(_page("Flom"), headers=FLOOD)),
    "utf16.example": _files(
        home=Given(ENCODED.encode("utf-16"), headers={"Content-Type": "text/html"})
    ),
    "nocode.example": _files(
        home=Given(
            ENCODED.encode("cp1252"),
            headers={"Content-Type": "text/html; charset=klingon-8"},
        )
    ),
    "nul.example": _files(home=Given(b"\x00\xff\xfe" * 50_000)),
} | {
    f"storm{n}.example": lambda asked: Given(b"", 429, {**HTML, "Retry-After": "5"})
    for n in range(20)
}


@pytest.fixture(scope="module")
def crawl(serve_web: Any, tmp_path_factory: Any) -> tuple[Path, BadWeb, Crawled]:
    """A day of it."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    write_accounts(home, {host.split(".")[0]: (host,) for host in SITES})
    web = serve_web(SITES)
    done = crawled(home, (MONDAY,), web.proxy, LYTTEPOST_TIMEOUT_S=str(TIMEOUT_S))
    return home, web, done


def _outcomes(home: Path, name: str) -> dict[str, str]:
    visits = read_visits(home, "company_pages").filter(
        ~pl.col("scope").is_in(["robots", "reservation"])
    )
    host = f"http://{name}.example"
    return {
        url.removeprefix(host): outcome
        for url, outcome in visits.select("url", "outcome").iter_rows()
        if url.startswith(host)
    }


def test_a_day_of_it_ends_soon_and_small(crawl: Any) -> None:
    _, _, done = crawl
    assert done.code == 0, done.err
    assert done.stats["days"][0]["callback_faults"] == {}
    # Alone the child takes about 150 MB.
    assert done.peak_mb < 330, f"{done.peak_mb:.0f} MB"
    # The drip takes as long as is waited for anyone, and the rest not longer.
    assert done.stats["days"][0]["crawl_seconds"] < 5 * TIMEOUT_S


HOMES = {
    "good": "ok",
    "drip": "timeout",
    "calendar": "ok",
    "laughs": "ok",
    "mirror": "ok",
    "broken": "ok",
    "rules": "ok",
    "deep": "ok",
    "closed": "ok",
    "toomany": "too_large",
    "flood": "too_large",
    "utf16": "ok",
    "nocode": "ok",
    "nul": "ok",
    "storm0": "blocked",
    "storm19": "blocked",
}


@pytest.mark.parametrize("name", HOMES)
def test_a_front_page_ends_in_its_own_word(crawl: Any, name: str) -> None:
    assert _outcomes(crawl[0], name)["/"] == HOMES[name]


def test_a_flood_of_headers_is_not_let_in(crawl: Any) -> None:
    home, _, _ = crawl
    visits = read_visits(home, "company_pages").filter(
        pl.col("url") == "http://flood.example/"
    )
    assert visits["warc_file"].null_count() == 1


def test_who_is_well_is_visited_whole(crawl: Any) -> None:
    assert _outcomes(crawl[0], "good") == {
        "/": "ok",
        "/sitemap.xml": "http_error",
        "/ledelse": "ok",
        "/om-oss": "ok",
    }


def test_a_calendar_without_end_gets_no_more_than_its_budget(crawl: Any) -> None:
    home, web, _ = crawl
    asked = [a.path for a in web.asked if a.host == "calendar.example"]
    assert len(asked) == len(set(asked)) <= 42
    assert _outcomes(home, "calendar")["/ledelse"] == "ok"


def test_sitemaps_that_laugh_or_mirror_are_read_as_text(crawl: Any) -> None:
    home, web, _ = crawl
    assert _outcomes(home, "laughs")["/om-oss"] == "ok"
    asked = [a.path for a in web.asked if a.host == "mirror.example"]
    assert asked.count("/sitemap.xml") == asked.count("/sitemap2.xml") == 1
    assert not [url for url in web.urls() if "passwd" in url or "haha" in url]


def test_megabytes_of_rules_are_obeyed_as_far_as_they_are_read(crawl: Any) -> None:
    home, web, _ = crawl
    assert len(LONG) > 2_500_000
    # More than is let in is no rules at all: nothing is asked of such a site.
    assert len(LONG * 4) > 10_000_000
    assert {a.path for a in web.asked if a.host == "toomany.example"} == {"/robots.txt"}
    asked = {a.path for a in web.asked if a.host == "rules.example"}
    outcomes = _outcomes(home, "rules")
    assert "/ledelse" not in asked
    assert outcomes["/ledelse"] == "robots_denied"
    assert outcomes["/om-oss"] == "ok"


def test_what_landed_is_parsed_without_an_end_of_the_parser(crawl: Any) -> None:
    home = crawl[0]
    summary = parse_days(home, "company_pages", (MONDAY,), workers=1)
    assert summary.n_parsed > 15
    assert not [e for e in summary.errors if "RecursionError" in e]
    folder = home / "parsed" / "company_pages" / f"day={MONDAY}"
    pages = pl.read_parquet(folder / "pages.parquet")
    for name in ("utf16", "nocode"):
        (text,) = pages.filter(pl.col("url") == f"http://{name}.example/")["main_text"]
        assert "på Ås bygger" in text, name
    assert pages.filter(pl.col("main_text").str.contains("hahaha")).is_empty()


# --- TLS, and headers without an end ---------------------------------------------


def _certificate(
    folder: Path, name: str, *, issuer: tuple[Any, Any] | None, days: int = 30
) -> tuple[Any, Any, Path]:
    """A made-up certificate for a name, its key, and the file with both."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signer, signed_by = issuer or (key, subject)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signed_by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(issuer is None, None), True)
        .sign(signer, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return key, subject, file


def _only_http2(connection: socket.socket) -> None:
    """What a server without HTTP/1.1 says: its settings, then GOAWAY and the end."""
    connection.recv(65536)
    settings = b"\0\0\0\4\0\0\0\0\0"
    inadequate = b"\0\0\x08\7\0\0\0\0\0" + b"\0\0\0\0" + b"\0\0\0\x0d"
    connection.sendall(settings + inadequate)


def _http2_resets(connection: socket.socket) -> None:
    """Resets of streams nobody has opened, without end."""
    connection.recv(65536)
    while True:
        connection.sendall(b"\0\0\4\3\0\0\0\0\1\0\0\0\x08" * 1000)


def _serve(talk: Callable[[socket.socket], None], file: Path | None) -> int:
    """Listen on a port and talk to whoever connects; the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = None
    if file is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)

    def meet(connection: socket.socket) -> None:
        try:
            with connection:
                if context is not None:
                    connection = context.wrap_socket(connection, server_side=True)
                talk(connection)
        except OSError:
            # A crawler that does not trust us, or has had enough.
            return

    def listen() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=meet, args=(connection,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    return int(listener.getsockname()[1])


def _small_site(connection: socket.socket) -> None:
    asked = connection.recv(65536)
    is_home = asked.startswith(b"GET / ")
    body = _page("Sikker") if is_home else b"<p>nei</p>"
    status = b"200 OK" if is_home else b"404 Not Found"
    connection.sendall(
        b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n\r\n%s" % (status, len(body), body)
    )


def _headers_without_end(connection: socket.socket) -> None:
    asked = connection.recv(65536)
    if not asked.startswith(b"GET / "):
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    lines = b"X-Flood: " + b"y" * 1000 + b"\r\n"
    while True:
        connection.sendall(lines * 100)


def _one_header_without_end(connection: socket.socket) -> None:
    asked = connection.recv(65536)
    if not asked.startswith(b"GET / "):
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Flood: ")
    while True:
        connection.sendall(b"y" * 100_000)


def test_whom_we_cannot_trust_and_headers_without_end(tmp_path: Path) -> None:
    key, subject, root = _certificate(tmp_path, "root.example", issuer=None)
    issuer = (key, subject)
    files = {
        "trusted": _certificate(tmp_path, "trusted.example", issuer=issuer)[2],
        "expired": _certificate(tmp_path, "expired.example", issuer=issuer, days=-1)[2],
        "http2": _certificate(tmp_path, "http2.example", issuer=issuer)[2],
        "resets": _certificate(tmp_path, "resets.example", issuer=issuer)[2],
        "wronghost": _certificate(tmp_path, "another.example", issuer=issuer)[2],
        "selfsigned": _certificate(tmp_path, "selfsigned.example", issuer=None)[2],
    }
    talks = {"http2": _only_http2, "resets": _http2_resets}
    ports = {
        name: _serve(talks.get(name, _small_site), file) for name, file in files.items()
    }
    ports["plain"] = _serve(_small_site, None)
    ports["flood"] = _serve(_headers_without_end, None)
    ports["line"] = _serve(_one_header_without_end, None)
    accounts = {name: (f"{name}.example:{port}",) for name, port in ports.items()}
    write_accounts(tmp_path, accounts)
    program = loopback_program(
        tmp_path,
        "settings = run.scrapy_settings",
        "def few_retries(job, day):",
        "    made = settings(job, day)",
        "    made.set('RETRY_TIMES', 0)",
        "    return made",
        "run.scrapy_settings = few_retries",
    )
    done = crawled(
        tmp_path,
        (MONDAY,),
        None,
        program,
        SSL_CERT_FILE=str(root),
        LYTTEPOST_TIMEOUT_S="3",
    )
    assert done.code == 0, done.err
    homes = read_visits(tmp_path, "company_pages").filter(pl.col("scope") == "home")
    found = {
        (account_id, url.split(":")[0]): outcome
        for account_id, url, outcome in homes.select(
            "account_id", "url", "outcome"
        ).iter_rows()
    }
    assert found["trusted", "https"] == "ok"
    for name in ("expired", "wronghost", "selfsigned", "plain"):
        assert found[name, "https"] == "tls_error", name
    assert found["plain", "http"] == "ok"
    # The crawler speaks HTTP/1.1 alone.
    assert found["http2", "https"] == "http_error"
    # By its first line or by its time, whichever ends first.
    assert found["resets", "https"] in ("http_error", "timeout")
    assert found["flood", "http"] == "too_large"
    # One line without an end is cut off by Twisted, which does not say why.
    assert found["line", "http"] == "http_error"
    assert done.peak_mb < 330, f"{done.peak_mb:.0f} MB"
