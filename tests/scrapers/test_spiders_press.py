"""What the spiders of press, exchange and public money ask for, and recognise."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import Request

from scrapers.account import Place
from scrapers.source import recognised
from scrapers.sources.newsweb_announcements.spider import NewswebAnnouncementsSpider
from scrapers.sources.ntb_releases.spider import NtbReleasesSpider
from scrapers.sources.press_feeds.spider import PressFeedsSpider
from scrapers.sources.public_money_lists.lists import money_lists
from scrapers.sources.public_money_lists.spider import PublicMoneyListsSpider
from tests.scrapers.driving import Answer, account, context, drive, known, scopes

NEWSWEB = "https://api3.oslo.oslobors.no/v1/newsreader"


def placed(source: str, *addresses: str) -> Any:
    places = tuple(Place(source, address) for address in addresses)
    return replace(account(), places=places)


def test_every_feed_of_an_account_is_asked_for() -> None:
    feeds = ("https://a.example/feed/", "https://b.example/atom.xml")
    spider = PressFeedsSpider(context("press_feeds", placed("press_feeds", *feeds)))
    asked = drive(spider, lambda request: Answer("<rss/>"))
    assert scopes(asked) == dict.fromkeys(feeds, "feed")
    assert {request.meta["account_id"] for request in asked} == {"a1"}
    assert b"application/rss+xml" in asked[0].headers[b"Accept"]


def test_a_feed_that_is_not_reached_stops_nothing() -> None:
    one = placed("press_feeds", "https://a.example/feed", "https://b.example/feed")
    spider = PressFeedsSpider(context("press_feeds", one))
    assert len(drive(spider, lambda request: Answer(status=0))) == 2


def test_a_press_room_is_asked_for_by_host_and_publisher() -> None:
    one = placed("ntb_releases", "via.ritzau.dk/42", "kommunikasjon.ntb.no/7")
    spider = NtbReleasesSpider(context("ntb_releases", one))
    assert [r.url for r in drive(spider, lambda request: Answer("<rss/>"))] == [
        "https://via.ritzau.dk/rss/releases/latest?publisherId=42",
        "https://kommunikasjon.ntb.no/rss/releases/latest?publisherId=7",
    ]


def test_every_list_is_asked_for_in_its_own_name() -> None:
    spider = PublicMoneyListsSpider(context("public_money_lists", account()))
    asked = drive(spider, lambda request: Answer("a,b"))
    assert scopes(asked) == {one.url: name for name, one in money_lists().items()}


# NewsWeb


def message(number: int, day: str, category: int = 1005, title: str = "x") -> Any:
    return {
        "messageId": number,
        "issuerId": 9901,
        "title": title,
        "category": [{"id": category, "category_en": "KIND"}],
        "publishedTime": f"{day}T08:00:00.000Z",
        "test": False,
    }


class Newsweb:
    """A made-up exchange that shows at most ``most`` messages at a time."""

    def __init__(self, *messages: Any, most: int = 100) -> None:
        self.messages = messages
        self.most = most

    def __call__(self, request: Request) -> Answer:
        parts = urlsplit(request.url)
        query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
        if parts.path.endswith("/message"):
            return Answer("{}")
        found = [
            one
            for one in self.messages
            if query["fromDate"] <= one["publishedTime"][:10] <= query["toDate"]
            and query.get("category", str(one["category"][0]["id"]))
            == str(one["category"][0]["id"])
        ]
        data = {"messages": found[: self.most], "overflow": len(found) > self.most}
        return Answer(json.dumps({"header": {}, "data": data}))


def texts(asked: list[Request]) -> list[str]:
    return sorted(
        {r.url.partition("=")[2] for r in asked if r.meta["scope"] == "message"}
    )


def newsweb(*visits: Any, **other: Any) -> NewswebAnnouncementsSpider:
    one = placed("newsweb_announcements", "9901")
    name = "newsweb_announcements"
    return NewswebAnnouncementsSpider(context(name, one, visits=visits, **other))


def test_a_year_is_asked_for_first_then_what_is_new() -> None:
    asked = drive(newsweb(), Newsweb())
    assert [r.url for r in asked] == [
        f"{NEWSWEB}/list?category=&issuer=9901&fromDate=2025-03-02&toDate=2026-03-02"
    ]
    assert asked[0].headers[b"Origin"] == b"https://newsweb.oslobors.no"
    before = known(asked[0].url, "list", account_id="a1", fetched_on=date(2026, 2, 20))
    asked = drive(newsweb(before), Newsweb())
    assert "fromDate=2026-02-13&toDate=2026-03-02" in asked[0].url


def test_overflow_is_asked_for_in_halves_and_then_by_kind() -> None:
    few = [message(n, "2026-03-02", 1005 + 2 * (n % 2)) for n in range(10, 16)]
    web = Newsweb(*few, message(9, "2026-02-20"), most=3)
    asked = drive(newsweb(), web)
    assert texts(asked) == ["10", "11", "12", "13", "14", "15", "9"]
    assert any("category=1007" in request.url for request in asked)


@pytest.mark.parametrize("seed", range(5))
def test_the_newest_texts_are_asked_for_in_whatever_order_lists_come(seed: int) -> None:
    days = [f"2026-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 29)]
    both = [message(n, day) for n, day in enumerate(sorted(days * 2), 100)]
    asked = drive(newsweb(), Newsweb(*both, most=10), seed)
    assert texts(asked) == [str(n) for n in range(152, 212)]


def test_a_list_that_was_not_reached_keeps_no_text_of_the_others() -> None:
    web = Newsweb(*[message(n, f"2026-02-{n:02}") for n in range(1, 9)], most=4)
    # The half of the first year that holds none of them.
    lost = "fromDate=2025-03-02&toDate=2025-08-31"

    def answer(request: Request) -> Answer:
        return Answer(status=0) if lost in request.url else web(request)

    asked = drive(newsweb(), answer)
    assert any(lost in request.url for request in asked)
    assert texts(asked) == [str(n) for n in range(1, 9)]


def test_texts_are_asked_for_once_and_not_those_of_private_persons() -> None:
    web = Newsweb(
        message(1, "2026-03-01", title="Planlagt tilbud av aksjer og bruken av dem"),
        message(2, "2026-03-01", title="Contemplated offering and use of the shares"),
        message(3, "2026-03-01", 1102),
        message(4, "2026-03-01", 1006),
        message(5, "2026-03-02"),
        message(7, "2026-03-02") | {"test": True},
    )
    seen = known(f"{NEWSWEB}/message?messageId=5", "message", account_id="a1")
    assert texts(drive(newsweb(), web)) == ["1", "5"]
    assert texts(drive(newsweb(seen), web)) == ["1"]


@pytest.mark.parametrize("body", ["<html>", "{}", '{"data": null}', "[]"])
def test_an_answer_that_is_none_ends_the_list(body: str) -> None:
    assert len(drive(newsweb(), lambda request: Answer(body))) == 1


# Recognised


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://a.example/feed/", ("press_feeds", "https://a.example/feed/")),
        (
            "https://a.example/nyheter/rss",
            ("press_feeds", "https://a.example/nyheter/rss"),
        ),
        (
            "https://a.example/?feed=rss2#x",
            ("press_feeds", "https://a.example/?feed=rss2"),
        ),
        (
            "https://a.example/news-sitemap.xml",
            ("press_feeds", "https://a.example/news-sitemap.xml"),
        ),
        (
            "https://feed.mfn.se/v1/feed/made-up",
            ("press_feeds", "https://feed.mfn.se/v1/feed/made-up"),
        ),
        (
            "https://kommunikasjon.ntb.no/presserom/12345/made-up/r?categories=1",
            ("ntb_releases", "kommunikasjon.ntb.no/12345"),
        ),
        (
            "https://kommunikasjon.ntb.no/pressemelding/1/x?publisherId=12345&lang=no",
            ("ntb_releases", "kommunikasjon.ntb.no/12345"),
        ),
        (
            "https://via.tt.se/rss/releases/latest?publisherId=77",
            ("ntb_releases", "via.tt.se/77"),
        ),
        (
            "https://newsweb.oslobors.no/search?category=&issuer=9901&fromDate=",
            ("newsweb_announcements", "9901"),
        ),
    ],
)
def test_places_are_recognised(url: str, place: tuple[str, str]) -> None:
    assert recognised(url) == (place,)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/comments/feed/",
        "https://a.example/jobs.rss",
        "https://a.example/stillinger/feed",
        "https://a.example/nyheter/",
        "https://a.example/feedback",
        "https://www.youtube.com/feeds/videos.xml",
        "https://kommunikasjon.ntb.no/presserom/made-up",
        "https://newsweb.oslobors.no/message/700001",
        "mailto:presse@a.example",
        "https://[broken/feed",
        "",
    ],
)
def test_other_links_are_not(url: str) -> None:
    names = {"press_feeds", "ntb_releases", "newsweb_announcements"}
    assert not {source for source, _ in recognised(url)} & names
