"""Feeds and their dates, as they are written and as they must not be read."""

from datetime import datetime

import pytest

from scrapers.extract.feeds import canonical_url, feed_instant, read_feed
from scrapers.extract.refusal import ParseRefused

MORNING = datetime(2026, 11, 26, 9, 0)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Thu, 26 Nov 2026 10:00:00 +0100", MORNING),
        ("Thu, 26 Nov 2026 10:00 CET", MORNING),
        ("26 November 2026 09:00:00 GMT", MORNING),
        ("tor, 26 nov 2026 10:00:00 +0100", MORNING),
        ("to., 26. nov. 2026 10:00:00 +01:00", MORNING),
        ("Thu, 26 Nov 2026 10:00:00 GMT+1", MORNING),
        ("Thu, 26 Nov 2026 10:00:00", MORNING),
        ("Thu, 26 Nov 26 04:00:00 EST", MORNING),
        ("26 Nov 2026 09:00 AM UTC", MORNING),
        ("2026-11-26T10:00:00+01:00", MORNING),
        ("2026-11-26 10:00:00 +0100", MORNING),
        ("2026-11-26T09:00:00Z", MORNING),
        ("Thu, 26 Nov 2026 09:00:00 Mars/Olympus", MORNING),
        ("26. november 2026", datetime(2026, 11, 26)),
        ("26.11.2026", datetime(2026, 11, 26)),
        ("2026-11-26", datetime(2026, 11, 26)),
        ("Thu, 31 Nov 2026 10:00:00 GMT", None),
        ("Thu, 26 Nov 2026 25:00:00 GMT", None),
        ("i går", None),
        ("", None),
        (None, None),
        (20261126, None),
    ],
)
def test_dates(text: object, moment: datetime | None) -> None:
    assert feed_instant(text) == moment


def rss(items: str, head: str = "") -> bytes:
    return f"{head}<rss version='2.0'><channel>{items}</channel></rss>".encode()


def titles(body: bytes, content_type: str | None = None) -> list[str | None]:
    feed = read_feed(body, content_type, "https://made-up.example/feed")
    return [item.title for item in feed.items]


def test_the_same_guid_or_address_is_the_same_item() -> None:
    body = rss(
        "<item><guid>1</guid><title>A</title></item>"
        "<item><guid>1</guid><title>B</title></item>"
        "<item><link>https://www.made-up.example/c/?utm_source=x</link>"
        "<title>C</title></item>"
        "<item><link>http://made-up.example/c#top</link><title>D</title></item>"
        "<item><link>https://made-up.example/c?page=2</link><title>E</title></item>"
        "<item><title>Neither id nor address</title></item>"
    )
    assert titles(body) == ["A", "C", "E"]


def test_html_entities_and_bare_ampersands_are_read() -> None:
    body = rss("<item><guid>1</guid><title>&Oslash;l & br&oslash;d</title></item>")
    assert titles(body) == ["Øl & brød"]


def test_a_document_type_without_entities_is_passed_by() -> None:
    head = '<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://192.0.2.1/rss.dtd">'
    assert titles(rss("<item><guid>1</guid><title>A</title></item>", head)) == ["A"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"not a feed",
        b"<html><body>Logg inn</body></html>",
        b"<opml><body/></opml>",
        b'{"version": "1"}',
        b"[1, 2]",
        b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>",
        b"<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
        b"<rss><channel><item><title>&a;</title></item></channel></rss>",
    ],
)
def test_what_is_no_feed_is_refused_in_one_sentence(body: bytes) -> None:
    with pytest.raises(ParseRefused, match=r"made-up\.example/feed.*\.$"):
        titles(body)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_the_bytes_decide_the_encoding(encoding: str) -> None:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><rss><channel><item><guid>1</guid>'
        "<title>Årsmøte på Hønefoss</title></item></channel></rss>"
    )
    assert titles(text.encode(encoding), "text/xml; charset=utf-8") == [
        "Årsmøte på Hønefoss"
    ]


def test_canonical_addresses() -> None:
    one = canonical_url("http://WWW.Made-Up.example/a/?b=1&utm_medium=x&a=2#c")
    assert one == canonical_url("https://made-up.example/a?a=2&b=1")
    assert one != canonical_url("https://made-up.example/a?a=2&b=3")
    assert canonical_url("https://[broken") == "https://[broken"
