"""What the spiders of the job feed and the notices ask for."""

import asyncio
import json
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from scrapy.http import Request

from scrapers.crawl_context import CrawlStopped, KnownVisit
from scrapers.sources.doffin_notices.spider import DoffinNoticesSpider
from scrapers.sources.nav_jobs.spider import NavJobsSpider
from tests.scrapers.driving import (
    DAY,
    Answer,
    account,
    context,
    drive,
    known,
    pages,
    scopes,
)

NAV = "https://pam-stilling-feed.nav.no"
DOFFIN = "https://api.doffin.no/public/v2"


# The job feed


def item(
    uuid: str,
    name: str = "Eksempel AS",
    status: str = "ACTIVE",
    at: str = "2026-03-02T08:00:00+01:00",
) -> dict[str, Any]:
    entry = {"uuid": uuid, "businessName": name, "status": status, "sistEndret": at}
    return {"id": uuid, "date_modified": at, "_feed_entry": entry}


class Feed:
    """A made-up job feed: items in pages, and a token that must be right."""

    def __init__(self, *feed_pages: list[dict[str, Any]], token: str = "1") -> None:
        self.pages = feed_pages
        self.token = token
        self.given = token
        self.broken: dict[str, Answer] = {}

    def body(self, number: int) -> str:
        is_last = number + 1 == len(self.pages)
        following = None if is_last else f"/api/v1/feed/p{number + 1}"
        return json.dumps({"items": self.pages[number], "next_url": following})

    def __call__(self, request: Request) -> Answer:
        path = urlsplit(request.url).path
        if path == "/api/publicToken":
            given, self.given = self.given, self.token
            return Answer(f"Current public token:\neyJ.eyJ{given}.abc")
        if (
            request.headers[b"Authorization"]
            != f"Bearer eyJ.eyJ{self.token}.abc".encode()
        ):
            return Answer('{"title": "Unauthorized", "status": 401}', 401)
        if path in self.broken:
            return self.broken[path]
        if path.startswith("/api/v1/feedentry/"):
            return Answer("{}")
        number = path.removeprefix("/api/v1/feed").removeprefix("/p") or "0"
        if int(number) >= len(self.pages):
            return Answer("{}", 404)
        return Answer(self.body(int(number)))

    def archive(self) -> dict[str, bytes]:
        pages = {f"{NAV}/api/v1/feed": self.body(0).encode()}
        for number in range(1, len(self.pages)):
            pages[f"{NAV}/api/v1/feed/p{number}"] = self.body(number).encode()
        return pages


def read_feed(feed: Feed, *visits: KnownVisit, **other: Any) -> list[Request]:
    spider = NavJobsSpider(context("nav_jobs", account(), visits=visits, **other))
    return drive(spider, feed)


def paths(asked: list[Request]) -> list[str]:
    return [urlsplit(request.url).path.removeprefix("/api/") for request in asked]


def test_the_first_day_reads_the_feed_from_its_start() -> None:
    feed = Feed(
        [item("a"), item("b", "Annet AS"), item("c", status="INACTIVE")],
        [item("c"), item("d", "EKSEMPEL A/S"), item("a", status="INACTIVE")],
        [item("e", "Eksempel AS avd Bodø")],
    )
    asked = read_feed(feed)
    # The last item of an advertisement wins: a has been taken down, c came back.
    assert paths(asked) == [
        "publicToken",
        *("v1/feed", "v1/feed/p1", "v1/feed/p2"),
        *("v1/feedentry/c", "v1/feedentry/d", "v1/feedentry/e"),
    ]
    scope_of = scopes(asked)
    assert scope_of[f"{NAV}/api/publicToken"] == "token"
    assert scope_of[f"{NAV}/api/v1/feed/p2"] == "feed_page"
    assert scope_of[f"{NAV}/api/v1/feedentry/c"] == "feed_entry"
    assert {request.meta["account_id"] for request in asked} == {None}
    tips = [request for request in asked if request.meta["scope"] == "feed_page"]
    assert all(request.meta["unconditional"] for request in tips)


def test_later_days_go_on_from_the_page_still_to_be_read() -> None:
    feed = Feed([item("a")], [item("b")], [item("c")])
    archive = feed.archive() | {f"{NAV}/api/v1/feed/p1": b'{"next_url": null}'}
    visits = [known(f"{NAV}/api/v1/feed{p}", "feed_page") for p in ("", "/p1")]
    asked = read_feed(feed, *visits, archive=archive)
    assert paths(asked)[:3] == ["publicToken", "v1/feed/p1", "v1/feed/p2"]
    assert paths(asked)[3:] == ["v1/feedentry/b", "v1/feedentry/c"]


def test_a_feed_that_broke_off_goes_on_where_it_did() -> None:
    feed = Feed([item("a")], [item("b")], [item("c")])
    feed.broken["/api/v1/feed/p1"] = Answer(status=0)
    # What was read before is not lost.
    assert paths(read_feed(feed)) == [
        *("publicToken", "v1/feed", "v1/feed/p1", "v1/feedentry/a")
    ]
    feed.broken.clear()
    visits = [
        known(f"{NAV}/api/v1/feed", "feed_page"),
        known(f"{NAV}/api/v1/feed/p1", "feed_page", outcome="timeout"),
    ]
    again = read_feed(feed, *visits, archive=feed.archive())
    assert paths(again)[:3] == ["publicToken", "v1/feed/p1", "v1/feed/p2"]


def test_a_tip_at_the_entrance_of_the_feed_is_read_again_by_its_own_address() -> None:
    feed = Feed([item("a")], [item("b")])
    entrance = f"{NAV}/api/v1/feed?pageSize=1000"
    archive = {entrance: b'{"next_url": null, "id": "p1"}'}
    asked = read_feed(feed, known(entrance, "feed_page"), archive=archive)
    assert paths(asked)[1] == "v1/feed/p1"


@pytest.mark.parametrize(
    "tip",
    [
        Answer(status=304),
        Answer(" "),
        Answer('{"next_url": "/api/v1/feed/p2"}', flags=("not_modified",)),
    ],
)
def test_an_unchanged_tip_is_no_fault(tip: Answer) -> None:
    feed = Feed([item("a")], [item("b")])
    feed.broken["/api/v1/feed/p1"] = tip
    assert paths(read_feed(feed)) == [
        *("publicToken", "v1/feed", "v1/feed/p1", "v1/feedentry/a")
    ]


def test_a_page_that_is_no_more_starts_the_feed_anew_from_what_was_read() -> None:
    feed = Feed([item("z")])
    gone = f"{NAV}/api/v1/feed/p7"
    archive = {gone: b'{"next_url": null}'}
    asked = read_feed(feed, known(gone, "feed_page"), archive=archive)
    assert paths(asked) == [*("publicToken", "v1/feed/p7", "v1/feed", "v1/feedentry/z")]
    assert asked[2].url == f"{NAV}/api/v1/feed?pageSize=1000"
    since = asked[2].headers[b"If-Modified-Since"]
    assert since == b"Sat, 28 Feb 2026 00:00:00 GMT"


def test_a_token_that_ran_out_is_asked_for_once_more() -> None:
    feed = Feed([item("a")])
    feed.given = "old"
    assert paths(read_feed(feed)) == [
        *("publicToken", "v1/feed", "publicToken", "v1/feed", "v1/feedentry/a")
    ]
    feed.given = feed.token = "old"
    feed.broken["/api/v1/feed"] = Answer("{}", 401)
    assert paths(read_feed(feed)) == [
        *("publicToken", "v1/feed", "publicToken", "v1/feed")
    ]


def test_without_a_token_the_crawl_stops() -> None:
    with pytest.raises(CrawlStopped, match="gave no token"):
        drive(
            NavJobsSpider(context("nav_jobs", account())),
            lambda request: Answer("We are away."),
        )
    with pytest.raises(CrawlStopped, match="not reached"):
        drive(
            NavJobsSpider(context("nav_jobs", account())),
            lambda request: Answer(status=0),
        )


def test_entries_are_fetched_when_new_or_changed() -> None:
    feed = Feed(
        [
            item("same", at="2026-02-20T08:00:00+01:00"),
            item("changed", at="2026-03-01T08:00:00+01:00"),
            item("masked", name="", status="INACTIVE"),
            item("failed", at="2026-02-20T08:00:00+01:00"),
            item("never ours", "Annet AS"),
        ]
    )
    visits = [
        known(f"{NAV}/api/v1/feedentry/{uuid}", "feed_entry")
        for uuid in ("same", "changed", "masked", "not in the feed")
    ] + [known(f"{NAV}/api/v1/feedentry/failed", "feed_entry", outcome="timeout")]
    assert paths(read_feed(feed, *visits))[2:] == [
        *("v1/feedentry/changed", "v1/feedentry/failed", "v1/feedentry/masked")
    ]


# The notices


class Notices:
    """A made-up notice search: so many notices on each day, at most 1,000 shown."""

    def __init__(self, per_day: dict[date, int], ceiling: int = 1000) -> None:
        self.ceiling = ceiling
        self.hits = [
            {
                "id": f"{day:%Y}-{day:%m%d}{n:04d}",
                "day": day.isoformat(),
                "buyer": [{"organizationId": "111111111"}],
                "lots": [{"winner": [{"organizationId": "NO 999 601 391 MVA"}]}]
                if n == 0
                else [],
            }
            for day, count in sorted(per_day.items(), reverse=True)
            for n in range(count)
        ]

    def __call__(self, request: Request) -> Answer:
        assert request.headers[b"Ocp-Apim-Subscription-Key"] == b"replay"
        if "/download/" in request.url:
            return Answer("<ContractAwardNotice/>")
        query = dict(parse_qsl(urlsplit(request.url).query))
        first, size = int(query["page"]) - 1, int(query["numHitsPerPage"])
        within = [
            hit
            for hit in self.hits
            if query["issueDateFrom"] <= str(hit["day"]) <= query["issueDateTo"]
        ]
        assert (first + 1) * size <= self.ceiling
        found = {
            "numHitsTotal": len(within),
            "numHitsAccessible": min(len(within), self.ceiling),
            "hits": within[first * size : (first + 1) * size],
        }
        return Answer(json.dumps(found))


def searched(asked: list[Request]) -> list[tuple[str, str, int]]:
    queries = [
        dict(parse_qsl(urlsplit(request.url).query))
        for request in asked
        if request.meta["scope"] == "search"
    ]
    return [(q["issueDateFrom"], q["issueDateTo"], int(q["page"])) for q in queries]


def search_url(first: str, last: str, page: int) -> str:
    query = {
        "numHitsPerPage": 100,
        "page": page,
        "sortBy": "PUBLICATION_DATE_DESC",
        "issueDateFrom": first,
        "issueDateTo": last,
    }
    return f"{DOFFIN}/search?{urlencode(query)}"


def look(web: Notices, *visits: KnownVisit, **other: Any) -> list[Request]:
    spider = DoffinNoticesSpider(
        context("doffin_notices", account(), visits=visits, **other)
    )
    return drive(spider, web)


def test_the_first_day_looks_a_year_back_and_reads_every_page() -> None:
    asked = look(Notices({date(2026, 1, 5): 250}))
    window = ("2025-03-02", "2026-03-02")
    assert searched(asked) == [(*window, 1), (*window, 2), (*window, 3)]
    notices = [request for request in asked if request.meta["scope"] == "notice"]
    assert [r.url for r in notices] == [f"{DOFFIN}/download/2026-01050000"]
    assert notices[0].meta["account_id"] is None


def test_later_days_overlap_and_catch_up_with_days_without_a_crawl() -> None:
    url = search_url("2026-02-01", "2026-02-11", 1)
    held = f"{DOFFIN}/download/2026-03010000"
    lost = f"{DOFFIN}/download/2026-02280000"
    web = Notices({date(2026, 3, 1): 1, date(2026, 2, 28): 1, date(2026, 2, 20): 1})
    visits = (
        known(url, "search", fetched_on=date(2026, 2, 23)),
        known(held, "notice"),
        known(lost, "notice", outcome="timeout"),
    )
    asked = look(web, *visits)
    assert searched(asked) == [("2026-02-13", "2026-03-02", 1)]
    assert [request.url for request in asked[1:]] == [
        lost,
        f"{DOFFIN}/download/2026-02200000",
    ]


def test_a_search_that_failed_is_asked_again() -> None:
    visits = (
        known(search_url("2025-03-01", "2026-03-01", 1), "search"),
        known(search_url("2025-03-01", "2026-03-01", 2), "search", outcome="timeout"),
    )
    asked = look(Notices({date(2025, 6, 1): 250}), *visits)
    assert searched(asked) == [
        ("2026-02-19", "2026-03-02", 1),
        ("2025-03-01", "2026-03-01", 2),
        ("2025-03-01", "2026-03-01", 3),
    ]


def test_a_window_above_the_ceiling_is_halved_down_to_a_day() -> None:
    per_day = {date(2026, 2, 20): 3, date(2026, 2, 21): 900, date(2026, 2, 28): 150}
    url = search_url("2026-02-01", "2026-02-11", 1)
    asked = look(Notices(per_day), known(url, "search", fetched_on=DAY))
    windows = searched(asked)
    assert windows[0] == ("2026-02-20", "2026-03-02", 1)
    assert len(windows) == len(set(windows))
    notices = {r.url[-12:] for r in asked if r.meta["scope"] == "notice"}
    assert notices == {"026-02200000", "026-02210000", "026-02280000"}
    # A day above the ceiling is read as far as it can be.
    full = look(Notices({DAY: 1200}), known(url, "search", fetched_on=DAY))
    assert [page for first, _, page in searched(full) if first == "2026-03-02"] == list(
        range(1, 11)
    )


def test_without_a_key_or_with_a_wrong_one_the_crawl_stops() -> None:
    live = DoffinNoticesSpider(context("doffin_notices", account(), is_replay=False))
    with pytest.raises(CrawlStopped, match="LYTTEPOST_DOFFIN_KEY"):
        asyncio.run(anext_of(live))
    keyed = context("doffin_notices", account(), is_replay=False, secret="x")
    with pytest.raises(CrawlStopped, match="refuses the subscription key"):
        drive(DoffinNoticesSpider(keyed), lambda request: Answer("{}", 401))
    given = drive(DoffinNoticesSpider(keyed), pages({}))
    assert given[0].headers[b"Ocp-Apim-Subscription-Key"] == b"x"


async def anext_of(spider: DoffinNoticesSpider) -> Request:
    return await anext(aiter(spider.start()))
