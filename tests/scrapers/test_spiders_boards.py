"""What the spiders of employers' own boards ask for."""

import json
import logging
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import Request

from scrapers.account import Account, Place
from scrapers.source import load_spider
from tests.scrapers.driving import Answer, Web, account, context, drive, known, scopes

FIRST = {
    "greenhouse_jobs": (
        "eksempel",
        "https://boards-api.greenhouse.io/v1/boards/eksempel/jobs?content=true",
    ),
    "lever_jobs": (
        "eksempel",
        "https://api.lever.co/v0/postings/eksempel?mode=json",
    ),
    "ashby_jobs": (
        "eksempel as",
        "https://api.ashbyhq.com/posting-api/job-board/eksempel%20as",
    ),
    "workable_jobs": (
        "eksempel",
        "https://apply.workable.com/api/v1/widget/accounts/eksempel?details=true",
    ),
    "recruitee_jobs": ("eksempel", "https://eksempel.recruitee.com/api/offers/"),
    "teamtailor_jobs": (
        "karriere.eksempel.example",
        "https://karriere.eksempel.example/jobs.rss?per_page=100&offset=0",
    ),
    "personio_jobs": (
        "eksempel.jobs.personio.de",
        "https://eksempel.jobs.personio.de/xml?language=en",
    ),
    "jobylon_jobs": (
        "0123456789abcdef",
        "https://feed.jobylon.com/feeds/0123456789abcdef/?format=json",
    ),
    "workday_jobs": (
        "eksempel.wd3.myworkdayjobs.com/eksempel/Karriere",
        "https://eksempel.wd3.myworkdayjobs.com/wday/cxs/eksempel/Karriere/jobs",
    ),
}


def at(source: str, *addresses: str, account_id: str = "a1") -> Account:
    places = tuple(Place(source, address) for address in addresses)
    return replace(account(account_id), places=places)


def ask(source: str, web: Web, *accounts: Account, **other: object) -> list[Request]:
    return drive(load_spider(source)(context(source, *accounts, **other)), web)


def nothing(request: Request) -> Answer:
    return Answer("[]")


@pytest.mark.parametrize("source", FIRST)
def test_a_board_is_asked_for_its_account(source: str) -> None:
    address, first = FIRST[source]
    accounts = (at(source, address), account("a2", "Uten tavle AS"))
    asked = ask(source, nothing, *accounts)
    assert [request.url.partition("#")[0] for request in asked] == [first]
    assert asked[0].meta["scope"] == "board"
    assert asked[0].meta["account_id"] == "a1"


@pytest.mark.parametrize("source", FIRST)
@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/", "../../etc", "a b\nc", "", "eksempel?x=1"]
)
def test_a_place_that_is_not_understood_is_passed_by(
    source: str, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert ask(source, nothing, at(source, address)) == []
    assert "is not understood" in caplog.text


@pytest.mark.parametrize("source", FIRST)
@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_said_by_name_and_not_followed_up(
    source: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    address, _ = FIRST[source]
    with caplog.at_level(logging.WARNING):
        asked = ask(source, lambda _: Answer("no", status), at(source, address))
    assert len(asked) == 1
    assert source in caplog.text
    assert f"status {status}" in caplog.text


def test_recruitee_says_that_the_token_is_the_employers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        ask("recruitee_jobs", lambda _: Answer("", 401), at("recruitee_jobs", "x"))
    assert "the employer's own token" in caplog.text


# Lever


LEVER = "https://api.lever.co/v0/postings/eksempel?mode=json"
LEVER_EU = "https://api.eu.lever.co/v0/postings/eksempel?mode=json"


def test_the_european_host_is_tried_when_the_other_has_no_site() -> None:
    def web(request: Request) -> Answer:
        return Answer("[]", 200 if request.url == LEVER_EU else 404)

    source = "lever_jobs"
    assert list(scopes(ask(source, web, at(source, "eksempel")))) == [LEVER, LEVER_EU]
    visits = (
        known(LEVER, "board", outcome="http_error"),
        known(LEVER_EU, "board"),
    )
    again = ask(source, web, at(source, "eksempel"), visits=visits)
    assert list(scopes(again)) == [LEVER_EU]
    assert list(scopes(ask(source, web, at(source, "eu:eksempel")))) == [LEVER_EU]


# Teamtailor


def rss(count: int) -> str:
    return f"<rss><channel>{'<item></item>' * count}</channel></rss>"


def test_teamtailor_is_paged_until_a_page_is_not_full() -> None:
    def web(request: Request) -> Answer:
        offset = int(parse_qs(urlsplit(request.url).query)["offset"][0])
        return Answer(rss(100 if offset < 200 else 3))

    asked = ask(
        "teamtailor_jobs", web, at("teamtailor_jobs", "eksempel.teamtailor.com")
    )
    offsets = [parse_qs(urlsplit(r.url).query)["offset"][0] for r in asked]
    assert offsets == ["0", "100", "200"]


def test_a_site_without_rss_is_read_as_json_feed() -> None:
    host = "eksempel.teamtailor.com"
    json_feed = f"https://{host}/jobs.json"

    def web(request: Request) -> Answer:
        return Answer("{}", 200 if request.url == json_feed else 404)

    asked = ask("teamtailor_jobs", web, at("teamtailor_jobs", host))
    assert [r.url for r in asked][1:] == [json_feed]
    visits = (known(json_feed, "board"),)
    again = ask("teamtailor_jobs", web, at("teamtailor_jobs", host), visits=visits)
    assert [r.url for r in again] == [json_feed]


# Workday

SITE = "eksempel.wd3.myworkdayjobs.com/eksempel/Karriere"
API = "https://eksempel.wd3.myworkdayjobs.com/wday/cxs/eksempel/Karriere"


def workday(total: int, *, says_total: bool = True) -> Web:
    """A site of so many ads, whose total is only on the first page."""

    def web(request: Request) -> Answer:
        if request.method == "GET":
            return Answer(json.dumps({"jobPostingInfo": {"title": "x"}}))
        question = json.loads(request.body)
        offset, limit = question["offset"], question["limit"]
        assert limit == 20
        shown = range(offset, min(total, offset + limit))
        return Answer(
            json.dumps(
                {
                    "total": total if offset == 0 and says_total else 0,
                    "jobPostings": [
                        {"externalPath": f"/job/Oslo/X_R{n}"} for n in shown
                    ],
                }
            )
        )

    return web


@pytest.mark.parametrize("says_total", [True, False])
@pytest.mark.parametrize(("total", "pages"), [(0, 1), (20, 1), (41, 3)])
def test_workday_is_paged_by_twenty(total: int, pages: int, says_total: bool) -> None:
    asked = ask(
        "workday_jobs", workday(total, says_total=says_total), at("workday_jobs", SITE)
    )
    lists = [r for r in asked if r.meta["scope"] == "board"]
    assert {r.method for r in lists} == {"POST"}
    # Without a total a full page may be followed by an empty one.
    assert len(lists) in (pages, pages if says_total else pages + 1)
    ads = [r for r in asked if r.meta["scope"] == "board_ad"]
    assert len(ads) == min(total, 40)
    assert {r.method for r in ads} <= {"GET"}


def test_workday_stops_where_no_more_can_be_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        asked = ask("workday_jobs", workday(5000), at("workday_jobs", SITE))
    lists = [json.loads(r.body) for r in asked if r.meta["scope"] == "board"]
    assert max(question["offset"] for question in lists) == 2000
    assert "lists 5000 ads, of which 2020 can be read" in caplog.text


def test_workday_reads_the_page_of_an_ad_once() -> None:
    visits = (known(f"{API}/job/Oslo/X_R0", "board_ad"),)
    asked = ask("workday_jobs", workday(2), at("workday_jobs", SITE), visits=visits)
    ads = [r.url for r in asked if r.meta["scope"] == "board_ad"]
    assert ads == [f"{API}/job/Oslo/X_R1"]
