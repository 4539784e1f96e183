"""What else a server may answer to do harm: each answer ends in a word of its own.

One crawl of one day. A host is one behaviour; together with test_hostile.py and
test_crawl.py they are counted below, and there are more than a hundred. Everything
goes through the proxy of the replay, so it sees every request there is: none may be to
the private side, however that is written. Names that turn to the private side after
they were judged stand in test_hostile_names.py.
"""

import gzip
import json
import random
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import polars as pl
import pytest
from backports import zstd

from scrapers.landing import read_visits
from scrapers.parsed import parse_days
from scrapers.visit import OUTCOMES
from tests.scrapers import test_crawl, test_hostile
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

SENTENCE = "Bedriften på Ås bygger bruer og kaier i hele landet, hele året."
TEXT = {"Content-Type": "text/plain"}
XML = {"Content-Type": "application/xml"}
JSON = {"Content-Type": "application/json"}


def _page(title: str, body: str = "", head: str = "") -> bytes:
    return (
        f'<!DOCTYPE html><html lang="nb"><head><title>{title}</title>{head}</head>'
        f"<body><main><h1>{title}</h1><p>{SENTENCE}</p>{body}</main></body></html>"
    ).encode()


PAGE = _page("Side")


def _at(path: str, given: Given, home: Given | None = None) -> Host:
    """A host that answers with harm at a path, with a page at its front."""
    files = {"/": home or Given(PAGE), path: given}
    return lambda asked: files.get(asked.path, NOT_FOUND)


def _home(given: Given) -> Host:
    return _at("/", given, given)


def _to(location: str, status: int = 302) -> Host:
    # Over the wire go the bytes of UTF-8.
    location = location.encode().decode("latin-1")
    return _home(Given(b"", status, {"Location": location}))


def _raw(*lines: bytes, body: bytes = b"") -> Host:
    return _home(Given(raw=b"\r\n".join(lines) + b"\r\n\r\n" + body))


def _headed(**headers: str) -> Host:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _home(Given(PAGE, headers={**HTML, **named}))


def _coded(coding: str, body: bytes) -> Host:
    return _home(Given(body, headers={**HTML, "Content-Encoding": coding}))


@cache
def _brotli_bomb() -> bytes:
    return brotli.compress(bytes(200_000_000), quality=1)


@cache
def _deflate_bomb() -> bytes:
    return zlib.compress(bytes(200_000_000), 1)


@cache
def _gzip_twice() -> bytes:
    return gzip.compress(gzip.compress(bytes(50_000_000), 1))


@cache
def _gzip_thrice_in_brotli() -> bytes:
    return brotli.compress(gzip.compress(_gzip_twice()), quality=1)


@cache
def _zstd_bomb() -> bytes:
    return zstd.compress(bytes(200_000_000))


def _events() -> Iterator[bytes]:
    """What a browser would listen to for ever."""
    while True:
        yield b"data: {}\n\n"
        time.sleep(0.05)


def _growing(asked: Asked) -> Given:
    """Every redirect leads to an address longer by a kilobyte."""
    if asked.path in ("/robots.txt", "/sitemap.xml") or "well-known" in asked.path:
        return NOT_FOUND
    return Given(b"", 302, {"Location": f"{asked.path}{'a' * 1000}"})


def _schemes(asked: Asked) -> Given:
    """The page by http is at https, and there it is at http."""
    if asked.path != "/":
        return NOT_FOUND
    return Given(b"", 301, {"Location": f"https://{asked.host}/"})


def _endless_names(asked: Asked) -> Given:
    """A front page that is always somewhere else, on ever new names."""
    if asked.path != "/":
        return NOT_FOUND
    deeper = f"a.{asked.host}"
    return Given(b"", 302, {"Location": f"http://{deeper}/"})


def _parts(part: bytes, n: int) -> Iterator[bytes]:
    for _ in range(n):
        yield part


@dataclass(frozen=True)
class Endless:
    """A head, and then the same for ever; to whoever asks."""

    head: bytes
    part: bytes
    pause_s: float = 0.002  # whoever else is served has a turn

    def __iter__(self) -> Iterator[bytes]:
        yield self.head
        while True:
            yield self.part
            time.sleep(self.pause_s)


GZIPPED = gzip.compress(PAGE)
WRONG_CRC = GZIPPED[:-8] + b"\0\0\0\0" + GZIPPED[-4:]
WRONG_SIZE = GZIPPED[:-4] + b"\xff\xff\xff\x7f"
NESTED_MAP = b"<urlset>" + b"<url>" * 200_000 + b"<loc>http://xmldeep.example/om-oss"
ARABIC = "\u202eerotkerid\u202c gifted\u200b \u0000\u0007\u001b[31m"
COOKIES = b"".join(
    b"Set-Cookie: c%d=%s; Path=/\r\n" % (n, b"x" * 80) for n in range(2000)
)
OK = b"HTTP/1.1 200 OK"
TYPE = b"Content-Type: text/html; charset=utf-8"
RANDOM = random.Random(7).randbytes(100_000)

# What each host does; the word its front page ends in.
ANSWERS: dict[str, tuple[Host, str]] = {
    # Addresses and redirects.
    "longlink": (
        _home(Given(_page("Lang", f'<a href="/{"a" * 1_000_000}">x</a>'))),
        "ok",
    ),
    "growing": (_growing, "redirect_loop"),
    "schemes": (_schemes, "redirect_loop"),
    "endlessnames": (_endless_names, "dns_error"),
    "nowhere": (_home(Given(b"", 301, {})), "http_error"),
    "emptymove": (_to(""), "redirect_loop"),
    "brokenmove": (_to("http://[half/"), "http_error"),
    "script": (_to("javascript:alert(1)"), "http_error"),
    "data": (_to("data:text/html,<script>alert(1)</script>"), "http_error"),
    "gopher": (_to("gopher://127.0.0.1:70/_x"), "http_error"),
    "ftp": (_to("ftp://127.0.0.1/x"), "http_error"),
    "unix": (_to("unix:///var/run/docker.sock"), "http_error"),
    "file": (_to("file:///etc/passwd"), "http_error"),
    "mailport": (_to("http://harmless.example:25/"), "refused_address"),
    "storeport": (_to("http://harmless.example:6379/"), "refused_address"),
    "noport": (_to("http://harmless.example:99999/"), "http_error"),
    "punycode": (_to("http://xn--a.example/"), "refused_address"),
    "dots": (_to("http://harmless.example../"), "refused_address"),
    # Heads.
    "etag": (_headed(ETag='"' + "e" * 15_000 + '"', Last_Modified="i går"), "ok"),
    "typenul": (
        _home(Given(PAGE, headers={"Content-Type": "text/html\0; x=\x01"})),
        "ok",
    ),
    "longtype": (
        _home(Given(PAGE, headers={"Content-Type": "text/" + "h" * 9_000})),
        "ok",
    ),
    "status999": (_home(Given(PAGE, 999)), "http_error"),
    # Lengths and transfer.
    "partial": (
        _home(Given(PAGE, 206, {**HTML, "Content-Range": "bytes 0-1/9999999"})),
        "ok",
    ),
    "unasked304": (_home(Given(b"", 304)), "http_error"),
    # Codings.
    "brotlibomb": (
        _home(Given(_brotli_bomb(), headers={**HTML, "Content-Encoding": "br"})),
        "too_large",
    ),
    "deflatebomb": (_coded("deflate", _deflate_bomb()), "too_large"),
    "gziptwice": (_coded("gzip, gzip", _gzip_twice()), "too_large"),
    "gzipthrice": (
        _coded("gzip, gzip, gzip, br", _gzip_thrice_in_brotli()),
        "too_large",
    ),
    "twocodings": (_coded("gzip, br", brotli.compress(GZIPPED)), "ok"),
    "turnedcodings": (_coded("br, gzip", brotli.compress(GZIPPED)), "truncated"),
    "zstdbomb": (_coded("zstd", _zstd_bomb()), "too_large"),
    "nothingcoded": (_coded("gzip", b""), "ok"),
    "events": (
        _home(Given(_events(), headers={"Content-Type": "text/event-stream"})),
        "timeout",
    ),
    "wrongcrc": (_coded("gzip", WRONG_CRC), "truncated"),
    "wrongsize": (_coded("gzip", WRONG_SIZE), "truncated"),
    "twomembers": (_coded("gzip", GZIPPED + GZIPPED), "ok"),
    "manymembers": (_coded("gzip", gzip.compress(b"<p>a</p>") * 20_000), "ok"),
    "trailing": (_coded("gzip", GZIPPED + b"skrot" * 100), "ok"),
    "notgzip": (_coded("gzip", PAGE), "truncated"),
    "klingon": (_coded("klingon", PAGE), "ok"),
    "tornbrotli": (_coded("br", brotli.compress(PAGE)[:-20]), "truncated"),
    "tornzstd": (_coded("zstd", b"\x28\xb5\x2f\xfd" + RANDOM[:200]), "truncated"),
    "manycodings": (_coded(", ".join(["gzip"] * 200), GZIPPED), "truncated"),
    # Characters.
    "mixed": (
        _home(Given(PAGE + SENTENCE.encode("cp1252") + SENTENCE.encode("utf-16"))),
        "ok",
    ),
    "falsebom": (_home(Given(b"\xff\xfe" + PAGE)), "ok"),
    "utf7": (
        _home(
            Given(
                b"+ADw-script+AD4-alert(1)+ADw-/script+AD4- " + PAGE,
                headers={"Content-Type": "text/html; charset=utf-7"},
            )
        ),
        "ok",
    ),
    "idna": (
        _home(Given(PAGE, headers={"Content-Type": "text/html; charset=idna"})),
        "ok",
    ),
    "overlong": (
        _home(Given(PAGE.replace(b"bruer", b"\xc0\xaf\xed\xa0\x80\xf8\x88"))),
        "ok",
    ),
    "surrogates": (_home(Given(_page("&#xD800;&#x110000;&#0;&#x1F;"))), "ok"),
    "bidi": (_home(Given(_page(ARABIC, ARABIC * 1000))), "ok"),
    # Documents.
    "json": (_home(Given(b"[" * 500_000, headers=JSON)), "ok"),
    "entity": (
        _home(
            Given(
                b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
                b"<html><body>&b;" + PAGE,
                headers={"Content-Type": "application/xhtml+xml"},
            )
        ),
        "ok",
    ),
    "linkeddata": (
        _home(
            Given(
                _page(
                    "Lenket",
                    head='<script type="application/ld+json">{"@type": "JobPosting", '
                    '"title": "\\ud800", "title": 1, "datePosted": 1e999, "a": '
                    f'{"9" * 9_000}, "b": {"[" * 5_000}</script>',
                )
            )
        ),
        "ok",
    ),
    "formulas": (
        _home(Given(_page("=cmd|'/c calc'!A1", "<p>=HYPERLINK(1)</p>" * 99))),
        "ok",
    ),
    "attributes": (_home(Given(b"<div" + b" a=b" * 500_000 + b">" + PAGE)), "ok"),
    "attribute": (
        _home(Given(b'<div title="' + b"x" * 4_000_000 + b'">' + PAGE)),
        "ok",
    ),
    "links": (_home(Given(_page("Lenker", '<a href="/om-oss">x</a>' * 15_000))), "ok"),
    "comment": (_home(Given(PAGE[:-14] + b"<!--" + b"-" * 1_000_000)), "ok"),
    "openscript": (_home(Given(b"<script>" + b"<!--<script>" * 100_000)), "ok"),
    "plaintext": (_home(Given(b"<plaintext>" + PAGE * 100)), "ok"),
    "table": (_home(Given(b"<table><tr><td>" * 30_000 + PAGE)), "ok"),
    "svg": (_home(Given(b"<svg><foreignObject><math>" * 20_000 + PAGE)), "ok"),
    "select": (_home(Given(_page("Valg", "<select>" + "<option>x" * 200_000))), "ok"),
    "picture": (_home(Given(b"\x89PNG\r\n\x1a\n" + RANDOM)), "ok"),
    "zip": (
        _home(
            Given(b"PK\x03\x04" + RANDOM, headers={"Content-Type": "application/zip"})
        ),
        "ok",
    ),
    "million": (_home(Given(_parts(b"<p>a</p>", 15_000))), "ok"),
    "xmldeep": (_at("/sitemap.xml", Given(NESTED_MAP, headers=XML)), "ok"),
    "mapbomb": (
        _at(
            "/sitemap.xml",
            Given(_deflate_bomb(), headers={**XML, "Content-Encoding": "deflate"}),
        ),
        "ok",
    ),
    "mapmoves": (
        _at("/sitemap.xml", Given(b"", 302, {"Location": "/sitemap.xml?a"})),
        "ok",
    ),
    "rulespage": (_at("/robots.txt", Given(PAGE)), "ok"),
    "rulesnul": (_at("/robots.txt", Given(b"\0\xff\xfe" * 50_000, headers=TEXT)), "ok"),
    "rulesbomb": (
        _at(
            "/robots.txt",
            Given(_deflate_bomb(), headers={**TEXT, "Content-Encoding": "deflate"}),
        ),
        "http_error",
    ),
    "rulesmove": (
        _at("/robots.txt", Given(b"", 302, {"Location": "/robots.txt"})),
        "http_error",
    ),
    "rulesdelay": (
        _at(
            "/robots.txt",
            Given(
                b"User-agent: *\nCrawl-delay: 1e400\n"
                b"Crawl-delay: -9\nCrawl-delay: nan\n",
                headers=TEXT,
            ),
        ),
        "ok",
    ),
    "reservdeep": (
        _at("/.well-known/tdmrep.json", Given(b"[" * 400_000, headers=JSON)),
        "ok",
    ),
    "reservmany": (
        _at(
            "/.well-known/tdmrep.json",
            Given(
                json.dumps(
                    [{"location": "/*" * 200 + "x$", "tdm-reservation": 1}] * 5_000
                ).encode(),
                headers=JSON,
            ),
        ),
        "opted_out",
    ),
    "waits": (_home(Given(b"", 503, {**HTML, "Retry-After": "9" * 400})), "http_error"),
    "waitsback": (_home(Given(b"", 429, {**HTML, "Retry-After": "-1"})), "blocked"),
}

# The same of answers that no HTTP server would give: these hosts are asked directly,
# for the proxy of a replay is trusted to speak HTTP.
DIRECT: dict[str, tuple[Host, str]] = {
    "longmove": (_to(f"/{'a' * 1_000_000}"), "http_error"),
    "crlf": (
        _raw(b"HTTP/1.1 302 Found", b"Location: /a%0d%0aX: y", b"Content-Length: 0"),
        "http_error",
    ),
    "cookies": (
        _raw(OK, TYPE, COOKIES.rstrip(), b"Content-Length: %d" % len(PAGE), body=PAGE),
        "ok",
    ),
    "headernul": (
        _raw(OK, TYPE, b"X-A: a\0b", b"Content-Length: %d" % len(PAGE), body=PAGE),
        "ok",
    ),
    "nocolon": (
        _raw(
            OK, TYPE, b"this is no header", b"Content-Length: %d" % len(PAGE), body=PAGE
        ),
        "ok",
    ),
    "folded": (
        _raw(
            OK,
            TYPE,
            b"X-A: a",
            b"  b" * 100,
            b"Content-Length: %d" % len(PAGE),
            body=PAGE,
        ),
        "ok",
    ),
    "latinhead": (
        _raw(
            OK, TYPE, b"X-A: \xe5\xff\xfe", b"Content-Length: %d" % len(PAGE), body=PAGE
        ),
        "ok",
    ),
    "statustext": (
        _raw(
            b"HTTP/1.1 200 " + b"O" * 10_000,
            TYPE,
            b"Content-Length: %d" % len(PAGE),
            body=PAGE,
        ),
        "ok",
    ),
    "status0": (_raw(b"HTTP/1.1 0 Zero", TYPE, b"Content-Length: 0"), "http_error"),
    "statusword": (_raw(b"HTTP/1.1 OK OK", TYPE, b"Content-Length: 0"), "http_error"),
    "version9": (
        _raw(b"HTTP/9.9 200 OK", TYPE, b"Content-Length: %d" % len(PAGE), body=PAGE),
        "ok",
    ),
    "nostatus": (_home(Given(raw=PAGE)), "http_error"),
    "http2": (
        _home(
            Given(
                raw=b"\0\0\x12\x04\0\0\0\0\0"
                + b"\0\x03\0\0\0\x64" * 3
                + b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08"
            )
        ),
        "http_error",
    ),
    "silent": (_home(Given(raw=b"")), "http_error"),
    "garbage": (_home(Given(raw=RANDOM)), "http_error"),
    "continues": (
        _home(
            Given(
                raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000
                + OK
                + b"\r\n"
                + TYPE
                + b"\r\nContent-Length: 0\r\n\r\n"
            )
        ),
        "ok",
    ),
    "endlesscontinues": (
        _home(Given(raw=Endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500))),
        "too_large or timeout",
    ),
    "endlesschunks": (
        _home(
            Given(
                raw=Endless(
                    OK + b"\r\n" + TYPE + b"\r\nTransfer-Encoding: chunked\r\n\r\n",
                    b"100000\r\n" + b"a" * 0x100000 + b"\r\n",
                )
            )
        ),
        "too_large or timeout",
    ),
    "endlessextension": (
        _home(
            Given(
                raw=Endless(
                    OK + b"\r\nTransfer-Encoding: chunked\r\n\r\n5;", b"a=b;" * 500
                )
            )
        ),
        "truncated",
    ),
    "endlesshints": (
        _home(
            Given(
                raw=Endless(
                    b"",
                    b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
                    * 300,
                )
            )
        ),
        "too_large or timeout",
    ),
    "headdrip": (
        _home(Given(raw=Endless(OK + b"\r\nX-A: ", b"a", 0.05))),
        "timeout",
    ),
    "statusdrip": (_home(Given(raw=Endless(b"HTTP/1.1 2", b"0", 0.05))), "timeout"),
    "chunkdrip": (
        _home(
            Given(
                raw=Endless(
                    OK + b"\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 0.05
                )
            )
        ),
        "timeout",
    ),
    "endlessbody": (
        _home(Given(raw=Endless(OK + b"\r\n" + TYPE + b"\r\n\r\n", b"a" * 500_000))),
        "too_large or timeout",
    ),
    "endlesstrailers": (
        _home(
            Given(
                raw=Endless(
                    OK + b"\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
                    b"X-Trailer: " + b"t" * 1000 + b"\r\n",
                )
            )
        ),
        "truncated",
    ),
    "extension": (
        _raw(
            OK,
            TYPE,
            b"Transfer-Encoding: chunked",
            body=b"5;" + b"a=b;" * 1_000_000 + b"\r\nabcde\r\n0\r\n\r\n",
        ),
        "truncated",
    ),
    "minuschunk": (
        _raw(OK, TYPE, b"Transfer-Encoding: chunked", body=b"-5\r\nabcde\r\n0\r\n\r\n"),
        "truncated",
    ),
    "longerchunk": (
        _raw(OK, TYPE, b"Transfer-Encoding: chunked", body=b"2\r\nabcde\r\n0\r\n\r\n"),
        "truncated",
    ),
    "twochunked": (
        _raw(
            OK,
            TYPE,
            b"Transfer-Encoding: chunked, chunked",
            body=b"5\r\nabcde\r\n0\r\n\r\n",
        ),
        "http_error",
    ),
    "samelengths": (
        _raw(OK, TYPE, b"Content-Length: 5", b"Content-Length: 5", body=b"abcde"),
        "ok",
    ),
    "listedlengths": (_raw(OK, TYPE, b"Content-Length: 5, 5", body=b"abcde"), "ok"),
    "pluslength": (_raw(OK, TYPE, b"Content-Length: +5", body=b"abcde"), "http_error"),
    "hugelength": (
        _raw(OK, TYPE, b"Content-Length: " + b"9" * 30, body=b"abc"),
        "too_large",
    ),
    "longlength": (
        _raw(OK, TYPE, b"Content-Length: " + b"9" * 9_000, body=b"a"),
        "http_error",
    ),
    "spacedlength": (
        _raw(OK, TYPE, b"Content-Length : 5", body=b"abcde"),
        "http_error",
    ),
    "namenul": (
        _raw(OK, TYPE, b"X\0A: b", b"Content-Length: 5", body=b"abcde"),
        "http_error",
    ),
    "returns": (
        _raw(OK, TYPE, b"X-A: a\rLocation: /x\r", b"Content-Length: 5", body=b"abcde"),
        "ok",
    ),
    "newlines": (
        _home(Given(raw=b"HTTP/1.1 200 OK\nContent-Length: 5\n\nabcde")),
        "ok",
    ),
    "leadinglines": (_home(Given(raw=b"\r\n" * 50 + OK + b"\r\n\r\n")), "http_error"),
    "status000": (
        _raw(b"HTTP/1.1 000 Nothing", TYPE, b"Content-Length: 0"),
        "http_error",
    ),
    "statusminus": (
        _raw(b"HTTP/1.1 -200 OK", TYPE, b"Content-Length: 0"),
        "http_error",
    ),
    "statuslong": (
        _raw(b"HTTP/1.1 " + b"2" * 5_000, TYPE, b"Content-Length: 0"),
        "http_error",
    ),
    "halfhead": (_home(Given(raw=OK + b"\r\nX-A")), "http_error"),
    "switching": (_raw(b"HTTP/1.1 101 Switching", b"Upgrade: h2c"), "http_error"),
    "minus": (_raw(OK, TYPE, b"Content-Length: -5", body=PAGE), "http_error"),
    "nolength": (_raw(OK, TYPE, b"Content-Length: mange", body=PAGE), "http_error"),
    "twolengths": (
        _raw(OK, TYPE, b"Content-Length: 5", b"Content-Length: 50", body=PAGE),
        "http_error",
    ),
    "short": (_raw(OK, TYPE, b"Content-Length: 5", body=PAGE), "ok"),
    "both": (
        _raw(
            OK,
            TYPE,
            b"Content-Length: 5",
            b"Transfer-Encoding: chunked",
            body=b"5\r\nabcde\r\n0\r\n\r\n",
        ),
        "ok",
    ),
    "nochunk": (
        _raw(OK, TYPE, b"Transfer-Encoding: chunked", body=b"zz\r\nabc"),
        "truncated",
    ),
    "hugechunk": (
        _raw(OK, TYPE, b"Transfer-Encoding: chunked", body=b"F" * 16 + b"\r\nabc"),
        "truncated",
    ),
    "longchunk": (
        _raw(
            OK,
            TYPE,
            b"Transfer-Encoding: chunked",
            body=b"0" * 200_000 + b"5\r\nabcde\r\n0\r\n\r\n",
        ),
        "truncated",
    ),
    "openchunk": (
        _raw(OK, TYPE, b"Transfer-Encoding: chunked", body=b"5\r\nabcde\r\n"),
        "truncated",
    ),
    "unknowntransfer": (
        _raw(OK, TYPE, b"Transfer-Encoding: klingon", body=PAGE),
        "http_error",
    ),
    "nocontent": (_raw(b"HTTP/1.1 204 No Content", TYPE, body=PAGE), "ok"),
}

# The private side, in every way it can be written in an address.
PRIVATE = (
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0177.0.0.1", "0x7f.0.0.1"),
    *("0x7f000001", "017700000001", "127.0.0.1.", "127.000.000.001", "0", "0.0.0.0"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25eth0]"),
    *("[fd00::1]", "[fec0::1]", "[ff02::1]", "[::ffff:a9fe:a9fe]", "10.1.2.3"),
    *("172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "100.64.0.1"),
    *("[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2001:4860::5efe:7f00:1]"),
    *("[64:ff9b:1::7f00:1]", "[::ffff:0:7f00:1]", "[::1%25lo]", "[::1]:80", "0x7f.1"),
    *("00000177.0.0.1", "0x7f000001.", "127.0.0.1:80", "LocalHost.LocalDomain"),
    *("١٢٧.٠.٠.١", "１２７．１", "ⅼocalhost", "loc\u00adalhost", "localhost%2e"),
    *("168.63.129.16", "198.18.0.1", "224.0.0.1", "255.255.255.255", "3232235777"),
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "printer", "router.lan"),
    *("nas.local", "wiki.internal", "metadata.google.internal", "hjemme.home.arpa"),
    *("%31%32%37.0.0.1", "%6cocalhost", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1"),
    *(
        "good.example@127.0.0.1",
        "good.example%40127.0.0.1",
        "good.example%00.127.0.0.1",
    ),
)
# Whole addresses that readers of addresses disagree about.
TWISTED = (
    "http:\\\\127.0.0.1\\",
    "\\\\127.0.0.1\\",
    "/\\127.0.0.1/",
    "\\/127.0.0.1/",
    "///127.0.0.1/",
    "http:///127.0.0.1/",
    "http:127.0.0.1/",
    "http:/127.0.0.1/",
    "https:/\\127.0.0.1/",
    "http://harmless.example\\@127.0.0.1/",
    "http://127.0.0.1\\@harmless.example/",
    "http://127.0.0.1#@harmless.example/",
    "http://127.0.0.1?@harmless.example/",
    "http://harmless.example:x@127.0.0.1:80/",
    "http://harmless.example@@127.0.0.1/",
    "http://127.0.0.1;harmless.example/",
    "http://127.0.0.1,harmless.example/",
    "http://harmless.example 127.0.0.1/",
    "http://127.0.0.1\t/",
    "ht\ttp://127.0.0.1/",
    "\x00http://127.0.0.1/",
    " http://127.0.0.1/",
    "HTTP://LOCALHOST/",
    "http://127.0.0.1:80:80/",
    "http://127.0.0.1:０/",
    "http://[127.0.0.1]/",
    "http://[::1/",
    "http://[::1]x.example/",
    "http://[v1.127.0.0.1]/",
    "//127.0.0.1",
    "url=http://127.0.0.1/",
    "view-source:http://127.0.0.1/",
    "jar:http://127.0.0.1!/",
    "blob:http://127.0.0.1/x",
)
# Where a page may say so; each is a page with every address.
PLACES: dict[str, str] = {
    "anchors": '<a href="{0}om-oss">Om oss</a>',
    "frames": '<iframe src="{0}"></iframe><frame src="{0}"><object data="{0}">',
    "pictures": '<img src="{0}" srcset="{0} 2x"><video src="{0}"></video>',
    "forms": '<form action="{0}"><input></form>',
    "styles": '<link rel="stylesheet" href="{0}"><link rel="next" href="{0}ledelse">',
    "refreshes": '<meta http-equiv="refresh" content="0; url={0}">',
    "heads": '<link rel="canonical" href="{0}"><link rel="alternate" '
    'type="application/rss+xml" href="{0}feed"><link rel="amphtml" href="{0}om-oss">'
    '<link rel="manifest" href="{0}m.json"><meta property="og:url" content="{0}">',
    "said": '<script type="application/ld+json">{{"@type": "Organization", "url": '
    '"{0}", "sameAs": ["{0}"]}}</script><div data-href="{0}" itemid="{0}"></div>',
    "bases": '<base href="{0}"><a href="ledelse">Ledelse</a>',
    "scripts": '<script src="{0}"></script>',
}


def _addresses(host: str) -> str:
    return f"http://{host}/"


def _private_hosts() -> dict[str, Host]:
    hosts = {f"p{n}": _to(_addresses(host)) for n, host in enumerate(PRIVATE)}
    hosts |= {f"t{n}": _to(location) for n, location in enumerate(TWISTED)}
    hosts |= {f"s{n}": _to(f"//{host}/") for n, host in enumerate(PRIVATE[:6])}
    for name, markup in PLACES.items():
        all_of_them = "".join(markup.format(_addresses(host)) for host in PRIVATE)
        hosts[name] = _home(Given(_page("Innside", all_of_them, all_of_them)))
    located = "".join(f"<url><loc>{_addresses(h)}om-oss</loc></url>" for h in PRIVATE)
    maps = "".join(
        f"<sitemap><loc>{_addresses(h)}sitemap.xml</loc></sitemap>" for h in PRIVATE
    )
    sitemaps = "".join(f"Sitemap: {_addresses(h)}\n" for h in PRIVATE)
    inside = {"Location": _addresses("127.0.0.1")}
    hosts["maplocs"] = _at(
        "/sitemap.xml", Given(f"<urlset>{located}</urlset>".encode(), headers=XML)
    )
    hosts["mapindex"] = _at(
        "/sitemap.xml",
        Given(f"<sitemapindex>{maps}</sitemapindex>".encode(), headers=XML),
    )
    hosts["rulesmaps"] = _at("/robots.txt", Given(sitemaps.encode(), headers=TEXT))
    hosts["rulesinside"] = _at("/robots.txt", Given(b"", 302, inside))
    hosts["mapinside"] = _at("/sitemap.xml", Given(b"", 302, inside))
    hosts["reservinside"] = _at("/.well-known/tdmrep.json", Given(b"", 302, inside))
    headed = {
        "Refresh": f"0; url={_addresses('127.0.0.1')}",
        "Link": f"<{_addresses('127.0.0.1')}>; rel=next",
        "Content-Location": _addresses("127.0.0.1"),
        "Alt-Svc": 'h2="127.0.0.1:80"',
    }
    hosts["headed"] = _home(Given(PAGE, headers={**HTML, **headed}))
    return hosts


SITES: dict[str, Host] = {
    **{f"{name}.example": host for name, (host, _) in ANSWERS.items()},
    **{f"{name}.example": host for name, host in _private_hosts().items()},
}


@pytest.fixture(scope="module")
def crawl(serve_web: Any, tmp_path_factory: Any) -> tuple[Path, BadWeb, Crawled]:
    """A day of it."""
    home = tmp_path_factory.mktemp("answers") / "home"
    write_accounts(home, {host.split(".")[0]: (host,) for host in SITES})
    web = serve_web(SITES)
    done = crawled(home, (MONDAY,), web.proxy, LYTTEPOST_TIMEOUT_S="6")
    return home, web, done


@pytest.fixture(scope="module")
def homes(crawl: Any) -> dict[str, str]:
    """How the front page of each host ended."""
    visits = read_visits(crawl[0], "company_pages").filter(pl.col("scope") == "home")
    return dict(visits.select("account_id", "outcome").iter_rows())


def test_there_are_more_behaviours_than_were_asked_for() -> None:
    n = len(SITES) + len(test_hostile.SITES) + len(test_crawl.HOSTS)
    assert len(ANSWERS) + len(DIRECT) >= 80
    assert n + len(DIRECT) >= 200


def test_a_day_of_it_ends_soon_and_small(crawl: Any) -> None:
    _, _, done = crawl
    assert done.code == 0, done.err
    assert done.stats["days"][0]["callback_faults"] == {}
    assert done.peak_mb < 330, f"{done.peak_mb:.0f} MB"


@pytest.fixture(scope="module")
def direct(serve_web: Any, tmp_path_factory: Any) -> tuple[dict[str, str], Crawled]:
    """How the front page of each host ended that was asked directly, and the crawl."""
    home = tmp_path_factory.mktemp("direct")
    web = serve_web({})
    web.hosts |= {f"{n}.example:{web.port}": host for n, (host, _) in DIRECT.items()}
    write_accounts(home, {name: (f"{name}.example:{web.port}",) for name in DIRECT})
    program = loopback_program(
        home,
        "settings = run.scrapy_settings",
        "def few_retries(job, day):",
        "    made = settings(job, day)",
        "    made.set('RETRY_TIMES', 0)",
        "    return made",
        "run.scrapy_settings = few_retries",
    )
    done = crawled(home, (MONDAY,), None, program, LYTTEPOST_TIMEOUT_S="3")
    assert done.code == 0, done.err
    visits = read_visits(home, "company_pages").filter(
        (pl.col("scope") == "home") & pl.col("url").str.starts_with("http:")
    )
    return dict(visits.select("account_id", "outcome").iter_rows()), done


@pytest.mark.parametrize("name", DIRECT)
def test_an_answer_that_is_no_http_ends_in_its_own_word(direct: Any, name: str) -> None:
    # What has no end ends by its size or its time, whichever comes first.
    assert direct[0][name] in DIRECT[name][1].split(" or ")


def test_answers_that_are_no_http_cost_no_memory(direct: Any) -> None:
    done = direct[1]
    assert done.stats["days"][0]["callback_faults"] == {}
    assert done.peak_mb < 330, f"{done.peak_mb:.0f} MB"


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_ends_in_its_own_word(homes: dict[str, str], name: str) -> None:
    assert homes[name] == ANSWERS[name][1]


@pytest.mark.parametrize("host", PRIVATE)
def test_a_redirect_to_the_private_side_is_refused(
    homes: dict[str, str], host: str
) -> None:
    assert homes[f"p{PRIVATE.index(host)}"] == "refused_address"


@pytest.mark.parametrize("n", range(len(TWISTED)), ids=map(repr, TWISTED))
def test_a_twisted_address_leads_nowhere(homes: dict[str, str], n: int) -> None:
    # Refused, no address at all, a page that is not there, or a name that is not.
    assert homes[f"t{n}"] in ("refused_address", "http_error", "dns_error")


def test_nothing_on_the_private_side_is_asked_for(crawl: Any) -> None:
    home, web, _ = crawl
    hosts = {urlsplit(url).hostname for url in web.urls()}
    assert not {h for h in hosts if not str(h).endswith(".example")}
    visits = read_visits(home, "company_pages")
    asked = visits.filter(~pl.col("outcome").is_in(["refused_address"]))
    assert not asked["url"].str.contains("127|localhost|169.254").any()


def test_every_attempt_has_an_outcome_of_the_list(crawl: Any) -> None:
    visits = read_visits(crawl[0], "company_pages")
    assert set(visits["outcome"]) <= set(OUTCOMES)
    assert not visits.select("account_id", "url").is_duplicated().any()


def test_no_cookie_comes_back(crawl: Any) -> None:
    assert not [a for a in crawl[1].asked if "Cookie" in a.headers]


def test_what_landed_is_parsed(crawl: Any) -> None:
    summary = parse_days(crawl[0], "company_pages", (MONDAY,), workers=1)
    assert summary.n_parsed > 50
    assert not [e for e in summary.errors if "The parser failed" in e], summary.errors
