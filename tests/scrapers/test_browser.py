"""A page that is empty without JavaScript, read through the system's Chromium.

Skipped without playwright or Chromium. What a shell is, is tested in tests/extract.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scrapers.extract.depth import DEEPEST, WIDEST, is_too_deep, is_too_wide
from scrapers.landing import read_payload, read_visits
from tests.scrapers.conftest import (
    HTML,
    MONDAY,
    NOT_FOUND,
    Asked,
    Given,
    crawled,
    write_accounts,
)

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
SHELL = (
    "<!DOCTYPE html><html><head><title>App</title></head><body>"
    '<div id="root"></div><noscript>Slå på JavaScript.</noscript>'
    '<script src="/app.js"></script></body></html>'
)
APP = """
const show = text => { document.getElementById("root").innerHTML += text; };
show("<nav><a href='/ledelse'>Ledelse</a></nav>");
fetch("/api/people").then(r => r.json()).then(p => show("<h1>" + p.name + "</h1>"));
for (const url of ["http://169.254.169.254/latest/", "http://127.0.0.1:%PORT%/inside",
                   "/hemmelig/x", "http://gone.example/x"])
  fetch(url).then(r => r.text()).then(t => show("LEAK " + t)).catch(() => {});
fetch("/api/people", {method: "POST"}).then(() => show("POSTED")).catch(() => {});
"""
PARAGRAPH = "<p>" + "Vi bygger bruer og kaier i hele landet. " * 10 + "</p>"


def test_depth_is_told_from_length() -> None:
    assert is_too_deep("<div>" * (DEEPEST + 5_000))
    assert is_too_deep("<b>" * 9_000 + "</b>" * 9_000)
    assert not is_too_deep("<div>" * DEEPEST + "</div>" * DEEPEST)
    assert not is_too_deep("<li><a href='/'>x</a>" * 20_000)
    assert not is_too_deep("<br><img src=x>" * 20_000)
    assert not is_too_deep("<div><p>x</p></div>" * 20_000)


def test_elements_without_an_end_of_attributes_are_too_wide() -> None:
    many = "".join(f" a{n}" for n in range(2 * WIDEST))
    assert is_too_wide(f"<div{many}>")
    assert is_too_wide(f'<div x" {many}>')
    assert is_too_wide("<div" + " a=\">\"b='<'" * WIDEST + ">")
    assert is_too_wide("<select>" + "<Option>x" * 3 * WIDEST)
    assert not is_too_wide(f'<div title="{many}">' + "<p class=a id=b>x</p>" * 20_000)
    # Takes time in proportion to its length.
    assert not is_too_wide(("<a " * (WIDEST // 2) + ">") * 300)


def _site(asked: Asked) -> Given:
    port = asked.headers.get("Host", "")
    files = {
        "/": Given(SHELL.encode(), headers={**HTML, "ETag": '"shell"'}),
        "/app.js": Given(
            APP.replace("%PORT%", port).encode(),
            headers={"Content-Type": "text/javascript"},
        ),
        "/api/people": Given(
            b'{"name": "Kari Eksempel leder"}',
            headers={"Content-Type": "application/json"},
        ),
        "/ledelse": Given(f"<h1>Ledelse</h1>{PARAGRAPH}".encode()),
        "/hemmelig/x": Given(b"secret"),
        "/robots.txt": Given(b"User-agent: *\nDisallow: /hemmelig\n"),
    }
    return files.get(asked.path, NOT_FOUND)


@pytest.mark.skipif(
    CHROMIUM is None or find_spec("playwright") is None,
    reason="needs Chromium and the extra `browser`",
)
def test_a_shell_is_read_as_a_browser_shows_it(serve_web: Any, tmp_path: Path) -> None:
    write_accounts(tmp_path, {"app": ("app.example",)})
    web = serve_web({"app.example": _site})
    assert CHROMIUM is not None
    done = crawled(tmp_path, (MONDAY,), web.proxy, LYTTEPOST_BROWSER=CHROMIUM)
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "company_pages")
    by_path = {
        row["url"].removeprefix("http://app.example"): row
        for row in visits.iter_rows(named=True)
    }
    body = read_payload(tmp_path, "company_pages", by_path["/"]).decode()
    assert "<h1>Kari Eksempel leder</h1>" in body
    assert "LEAK" not in body
    assert "POSTED" not in body
    # Links that only the browser saw are followed; what it asked for is no visit.
    assert by_path["/ledelse"]["outcome"] == "ok"
    assert not {"/app.js", "/api/people"} & set(by_path)
    # A shell that is the same says nothing of what it shows.
    assert by_path["/"]["etag"] is None
    asked = web.urls()
    assert "http://app.example/api/people" in asked
    assert not [u for u in asked if "hemmelig" in u or "169.254" in u or "127.0" in u]
    assert {a.headers["User-Agent"] for a in web.asked} == {
        web.asked[0].headers["User-Agent"]
    }
    warc = next(tmp_path.rglob("*.warc.gz"))
    from fastwarc.warc import ArchiveIterator

    with warc.open("rb") as stream:
        rendered = [
            record.headers["WARC-Target-URI"]
            for record in ArchiveIterator(stream)
            if record.http_headers and "Lyttepost-Rendered" in record.http_headers
        ]
    assert rendered == ["http://app.example/"]


def test_without_a_browser_a_shell_stays_a_shell(
    serve_web: Any, tmp_path: Path
) -> None:
    write_accounts(tmp_path, {"app": ("app.example",)})
    web = serve_web({"app.example": _site})
    done = crawled(tmp_path, (MONDAY,), web.proxy, LYTTEPOST_BROWSER="")
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "company_pages").filter(pl.col("scope") == "home")
    (row,) = visits.iter_rows(named=True)
    assert read_payload(tmp_path, "company_pages", row) == SHELL.encode()
    assert not [url for url in web.urls() if url.endswith("app.js")]
