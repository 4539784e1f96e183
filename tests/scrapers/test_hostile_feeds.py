"""Feeds that lead to the private side, or that are bombs: made up, served on loopback.

A feed's addresses are shown and never asked for; whatever a publisher writes where the
next page, the site, the picture or the hub of a feed stands, nobody goes there.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from scrapers.account import PLACES_SCHEMA
from scrapers.landing import read_visits
from scrapers.parsed import parse_days, parsed_folder
from tests.scrapers.conftest import (
    MONDAY,
    NOT_FOUND,
    Given,
    Host,
    crawled,
    write_accounts,
)
from tests.scrapers.test_hostile_answers import PRIVATE

INSIDE = [f"http://{host}/hemmelig" for host in PRIVATE if "@" not in host]
_LAUGHS = "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' if n else '<!ENTITY e0 "haha">'
    for n in range(12)
)
_OUTSIDE = (
    '<!ENTITY file SYSTEM "file:///etc/passwd">'
    '<!ENTITY net SYSTEM "http://127.0.0.1/hemmelig">'
    '<!ENTITY % dtd SYSTEM "http://[::1]/hemmelig.dtd"> %dtd;'
)


def _rss(doctype: str = "", text: str = "Nytt kontor") -> str:
    items = "".join(
        f"<item><title>{text} {n}</title><link>{url}</link><guid>{url}</guid>"
        f'<enclosure url="{url}"/><comments>{url}</comments><pubDate>Mon, 03 Mar 2025 '
        "08:00:00 GMT</pubDate></item>"
        for n, url in enumerate(INSIDE)
    )
    return (
        f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>Nytt</title>'
        f"<link>{INSIDE[0]}</link><docs>{INSIDE[0]}</docs>{items}</channel></rss>"
    )


def _atom() -> str:
    links = "".join(
        f'<link rel="{rel}" href="{url}"/>'
        for rel in ("next", "self", "hub", "via", "alternate")
        for url in INSIDE
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://127.0.0.1/">'
        f"<title>Nytt</title>{links}<entry><title>Nytt kontor</title>{links}"
        '<content src="http://127.0.0.1/hemmelig"/></entry></feed>'
    )


def _json_feed() -> str:
    urls = ", ".join(f'{{"id": "{u}", "url": "{u}", "title": "Nytt"}}' for u in INSIDE)
    return (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Nytt", "title": "A",'
        f'"next_url": "{INSIDE[0]}", "icon": "{INSIDE[1]}", "items": [{urls}]}}'
    )


FEEDS = {
    "rss": _rss(),
    "atom": _atom(),
    "jsonfeed": _json_feed(),
    "laughs": _rss(f"<!DOCTYPE rss [{_LAUGHS}]>", "&e11;"),
    "outside": _rss(f"<!DOCTYPE rss [{_OUTSIDE}]>", "&file;&net;"),
    "dtd": _rss('<!DOCTYPE rss SYSTEM "http://127.0.0.1/hemmelig.dtd">'),
    "style": '<?xml-stylesheet href="http://127.0.0.1/hemmelig.xsl"?>' + _rss()[21:],
    "include": _rss(text='<xi:include href="http://127.0.0.1/hemmelig"/>'),
}


def _feed(text: str) -> Host:
    kind = "application/json" if text.startswith("{") else "application/xml"
    answer = Given(text.encode(), headers={"Content-Type": kind})
    return lambda asked: answer if asked.path == "/feed" else NOT_FOUND


def test_no_feed_leads_to_the_private_side(serve_web: Any, tmp_path: Path) -> None:
    web = serve_web({f"{name}.example": _feed(text) for name, text in FEEDS.items()})
    file = write_accounts(tmp_path, {name: (f"{name}.example",) for name in FEEDS})
    # The last two are places that somebody wrote, or that a page was taken for.
    places = {name: f"http://{name}.example/feed" for name in FEEDS}
    places |= {"rss2": INSIDE[0], "atom2": "http://[::1]/feed"}
    rows = [
        {"account_id": name.rstrip("2"), "source": "press_feeds", "address": address}
        for name, address in places.items()
    ]
    pl.DataFrame(rows, schema=PLACES_SCHEMA).write_parquet(
        file.with_name("places.parquet")
    )
    done = crawled(tmp_path, (MONDAY,), web.proxy, source="press_feeds")
    assert done.code == 0, done.err
    assert done.peak_mb < 330
    assert {urlsplit(url).hostname for url in web.urls()} == {
        f"{name}.example" for name in FEEDS
    }
    feeds = read_visits(tmp_path, "press_feeds").filter(pl.col("scope") == "feed")
    outcomes = dict(feeds.select("url", "outcome").iter_rows())
    assert {url for url, outcome in outcomes.items() if outcome == "ok"} == {
        f"http://{name}.example/feed" for name in FEEDS
    }
    assert set(outcomes.values()) == {"ok", "refused_address"}
    summary = parse_days(tmp_path, "press_feeds", (MONDAY,), workers=1)
    assert not [e for e in summary.errors if "The parser failed" in e], summary.errors
    folder = parsed_folder(tmp_path, "press_feeds", MONDAY)
    said = str(pl.read_parquet(folder / "announcements.parquet").to_dicts())
    assert "root:" not in said
    assert "hahahaha" not in said
