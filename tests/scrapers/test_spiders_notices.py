"""What the spiders of notices do where their services set traps."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from scrapy.http import Request

from scrapers.account import Place
from scrapers.crawl_context import CrawlStopped, KnownVisit
from scrapers.sources.doffin_notices.spider import DoffinNoticesSpider
from scrapers.sources.ocds_notices.spider import OcdsNoticesSpider
from scrapers.sources.ted_notices.spider import TedNoticesSpider
from tests.scrapers.driving import DAY, Answer, account, context, drive, known, pages

OURS = "999601391"
Question = dict[str, Any]


# TED


class Ted:
    """A made-up search: so many notices on each day, the first of each ours."""

    def __init__(self, per_day: dict[date, int], **quirks: Any) -> None:
        self.hits = [
            {
                "publication-number": f"{day:%j}{n:05d}-{day:%Y}",
                "publication-date": f"{day.isoformat()}+01:00",
                "organisation-identifier-buyer": ["999 601 391" if n == 0 else "1"],
                "links": {"xml": {"MUL": f"https://ted.europa.eu/{day:%Y%m%d}-{n}"}},
            }
            for day, count in sorted(per_day.items(), reverse=True)
            for n in range(count)
        ]
        self.quirks = quirks

    def __call__(self, request: Request) -> Answer:
        if request.method == "GET":
            return Answer("<ContractNotice/>")
        question = json.loads(request.body)
        if "token" in self.quirks and question["paginationMode"] == "ITERATION":
            token = self.quirks["token"]
            return self.answer(self.hits[:250], len(self.hits), token)
        first, last = bounds(question)
        within = [
            hit
            for hit in self.hits
            if first.isoformat() <= hit["publication-date"][:10] <= last.isoformat()
            or self.quirks.get("ignores_dates")
        ]
        begin = (question.get("page", 1) - 1) * question["limit"]
        assert begin + question["limit"] <= 15_000
        return self.answer(within[begin : begin + question["limit"]], len(within))

    def answer(self, hits: list[Any], total: int, token: str | None = None) -> Answer:
        content = {
            "notices": hits,
            "totalNoticeCount": total,
            "iterationNextToken": token,
            "timedOut": self.quirks.get("times_out", False),
        }
        return Answer(json.dumps(content))


def bounds(question: Question) -> tuple[date, date]:
    words = question["query"].split()
    days = [word[4:] for word in words if word[:4] in ("PD>=", "PD<=")]
    first, last = (date.fromisoformat(f"{d[:4]}-{d[4:6]}-{d[6:]}") for d in days)
    return first, last


def look(
    web: Callable[[Request], Answer], *visits: KnownVisit, **other: Any
) -> list[Request]:
    watched = (account(), replace(account("a2", org_number="1"), country="SE"))
    spider = TedNoticesSpider(context("ted_notices", *watched, visits=visits, **other))
    return drive(spider, web)


def questions(asked: list[Request]) -> list[Question]:
    return [json.loads(request.body) for request in asked if request.method == "POST"]


def full(asked: list[Request]) -> list[str]:
    return [r.url.split("/")[-1] for r in asked if r.meta["scope"] == "notice"]


def test_the_dates_and_the_order_stand_in_the_query() -> None:
    asked = look(Ted({date(2026, 1, 5): 300}))
    first, second = questions(asked)
    assert first["query"] == (
        "(buyer-country=NOR OR buyer-country=SWE OR winner-country=NOR OR"
        " winner-country=SWE) AND PD>=20250302 AND PD<=20260302 SORT BY PD DESC"
    )
    assert set(first) == {"query", "fields", "limit", "scope", "paginationMode", "page"}
    assert (first["page"], second["page"]) == (1, 2)
    assert first["limit"] <= 250
    assert "deadline-receipt-tenders" not in first["fields"]
    assert full(asked) == ["20260105-0"]
    # What was asked tells the visits of two questions apart.
    assert len({request.url for request in asked}) == 3


def test_later_days_overlap_and_failed_searches_are_asked_again() -> None:
    before = look(Ted({}))[0].url
    visits = (
        known(before, "search", fetched_on=date(2026, 2, 23)),
        known(before.replace("20250302", "20250401"), "search", outcome="timeout"),
        known("https://ted.europa.eu/20260301-0", "notice"),
    )
    asked = look(Ted({date(2026, 3, 1): 1, date(2026, 2, 20): 1}), *visits)
    windows = [bounds(question) for question in questions(asked)]
    assert windows == [
        (date(2026, 2, 13), DAY),
        (date(2025, 4, 1), DAY),
    ]
    assert full(asked) == ["20260220-0"]


def test_above_the_ceiling_of_pages_the_dates_are_halved() -> None:
    per_day = {DAY - timedelta(days=n): 2_000 for n in range(0, 20)}
    asked = look(Ted(per_day))
    windows = [bounds(q) for q in questions(asked) if q["page"] == 1]
    assert len(set(windows)) == len(windows)
    assert all(q["page"] * q["limit"] <= 15_000 for q in questions(asked))
    assert len(full(asked)) == 20


def test_a_day_above_the_ceiling_goes_on_by_token_until_there_is_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    web = Ted({DAY: 15_250}, token=None)
    asked = look(web, known(look(Ted({}))[0].url, "search", fetched_on=DAY))
    last = questions(asked)[-1]
    assert last["paginationMode"] == "ITERATION"
    assert "page" not in last
    assert "gave no token" in caplog.text
    caplog.clear()
    # A token that comes again leads nowhere either.
    asked = look(Ted({DAY: 15_250}, token="t"), known(asked[0].url, "search"))
    assert [q.get("iterationNextToken") for q in questions(asked)][-2:] == [None, "t"]
    assert "gave no token" in caplog.text


def test_dates_that_are_ignored_stop_the_crawl() -> None:
    with pytest.raises(CrawlStopped, match="2019-01-05 when asked for 2025-03-02"):
        look(Ted({date(2019, 1, 5): 3}, ignores_dates=True))


def test_a_search_that_is_not_understood_stops_the_crawl() -> None:
    said = '{"message": "unsupported value (x), supported are: a, b"}'
    with pytest.raises(CrawlStopped, match=r"unsupported value \(x\)"):
        look(lambda request: Answer(said, 400))


def test_a_search_that_timed_out_there_is_asked_once_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = look(Ted({DAY: 1}, times_out=True))
    assert [request.meta.get("again") for request in asked[:2]] == [0, 1]
    assert "timed out at TED twice" in caplog.text
    assert len(full(asked)) == 1


def test_an_answer_that_is_none_is_left_for_the_next_crawl(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert len(look(lambda request: Answer("<html>", 503))) == 1
    assert "asked again in the next crawl" in caplog.text


def test_addresses_of_full_notices_are_of_ted_only() -> None:
    web = Ted({DAY: 1})
    web.hits[0]["links"] = {"xml": {"MUL": "https://elsewhere.example/x"}}
    asked = look(web)
    number = web.hits[0]["publication-number"]
    assert asked[-1].url == f"https://ted.europa.eu/en/notice/{number}/xml"


def test_without_a_country_nothing_is_asked(caplog: pytest.LogCaptureFixture) -> None:
    nobody = account(org_number=None)
    assert drive(TedNoticesSpider(context("ted_notices", nobody)), Ted({})) == []
    assert "no account" in caplog.text


# Doffin


class Doffin:
    """A made-up search of Doffin that may not know its own parameters."""

    def __init__(self, n: int, day: date, is_heeded: bool, text: str = "") -> None:
        self.n, self.day, self.is_heeded, self.text = n, day, is_heeded, text

    def __call__(self, request: Request) -> Answer:
        if "/download/" in request.url:
            return Answer("<ContractNotice/>")
        query = dict(parse_qsl(urlsplit(request.url).query))
        is_within = query["issueDateFrom"] <= str(self.day) <= query["issueDateTo"]
        total = self.n if is_within or not self.is_heeded else 0
        hit = {
            "id": "2026-000001",
            "heading": self.text,
            "issueDate": f"{self.day}T22:30:00Z",
            "publicationDate": str(self.day + timedelta(days=3)),
            "buyer": [{"organizationId": OURS}],
        }
        found = {
            "numHitsTotal": total,
            "numHitsAccessible": min(total, 1000),
            "hits": [hit] * min(total, 100),
        }
        return Answer(json.dumps(found).replace("\\u0002", "\x02"))


def look_at_doffin(web: Doffin) -> list[Request]:
    return drive(DoffinNoticesSpider(context("doffin_notices", account())), web)


def test_ignored_dates_stop_the_crawl_of_doffin() -> None:
    # The parameters are ignored without a word: everything, newest first, and 200.
    with pytest.raises(CrawlStopped, match="ignores the dates") as stopped:
        look_at_doffin(Doffin(90_000, DAY, is_heeded=False))
    assert "of other days" in str(stopped.value)


def test_halves_that_are_no_smaller_stop_it_too() -> None:
    # Hits without a date cannot be judged by it; their number can.
    class Dateless(Doffin):
        def __call__(self, request: Request) -> Answer:
            answer = super().__call__(request)
            return replace(answer, body=str(answer.body).replace("Date", "When"))

    with pytest.raises(CrawlStopped, match="its halves have 180000 notices"):
        look_at_doffin(Dateless(90_000, DAY, is_heeded=False))


def test_a_notice_published_days_after_its_issue_is_no_fault() -> None:
    asked = look_at_doffin(Doffin(1, DAY, is_heeded=True))
    assert [r.meta["scope"] for r in asked] == ["search", "notice"]


def test_control_characters_in_an_answer_are_read() -> None:
    asked = look_at_doffin(Doffin(1, DAY, is_heeded=True, text="Rot\x02t"))
    assert [r.meta["scope"] for r in asked] == ["search", "notice"]


# OCDS


def package(following: str | None) -> str:
    links = {"links": {"next": following}} if following else {}
    return json.dumps({"releases": [], **links})


def look_at_packages(site: dict[str, str | Answer], *places: str) -> list[str]:
    accounts = [
        replace(account(f"a{n}"), places=(Place("ocds_notices", place),))
        for n, place in enumerate(places)
    ]
    spider = OcdsNoticesSpider(context("ocds_notices", *accounts))
    asked = drive(spider, pages(site))
    assert {request.meta["scope"] for request in asked} <= {"package"}
    return [f"{request.meta['account_id']} {request.url}" for request in asked]


A, B = "https://a.example/releases", "https://b.example/records"


def test_pages_are_followed_and_a_shared_publisher_is_read_once() -> None:
    site: dict[str, str | Answer] = {
        A: package("/releases?cursor=2"),
        f"{A}?cursor=2": package(f"{A}?cursor=3"),
        f"{A}?cursor=3": package(None),
        B: package(""),
    }
    assert look_at_packages(site, A, A, B) == [
        f"a0 {A}",
        f"a2 {B}",
        f"a0 {A}?cursor=2",
        f"a0 {A}?cursor=3",
    ]


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (package("https://elsewhere.example/"), "is elsewhere"),
        (package(A), "was read before"),
        (Answer("busy", 429), "status 429"),
    ],
)
def test_pages_that_lead_astray_are_said(
    second: str | Answer, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    site = {A: package(f"{A}?cursor=2"), f"{A}?cursor=2": second}
    assert look_at_packages(site, A) == [f"a0 {A}", f"a0 {A}?cursor=2"]
    assert reason in caplog.text


def test_pages_without_end_are_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    def web(request: Request) -> Answer:
        number = int(request.url.partition("=")[2] or 0)
        return Answer(package(f"{A}?cursor={number + 1}"))

    one = replace(account(), places=(Place("ocds_notices", A),))
    asked = drive(OcdsNoticesSpider(context("ocds_notices", one)), web)
    assert len(asked) == 200
    assert "200 pages were read and there are more" in caplog.text
