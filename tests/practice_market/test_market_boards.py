"""Boards of the market: linked from careers pages, and read to what is true."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from urllib.parse import urldefrag

import pytest
from lxml import html
from market_asking import Ask, asking
from scrapy.http import Request as CrawlRequest

from practice_market.answer import Answer, Request
from practice_market.board_places import (
    MORE_SYSTEMS,
    SYSTEMS,
    Board,
    boards_of,
    place_rows,
)
from practice_market.boards import ad_id
from practice_market.company import Market
from practice_market.site import Site
from practice_market.truth import rows
from practice_market.world import World
from scrapers.account import Place
from scrapers.envelope import Envelope
from scrapers.extract.html import parse_html
from scrapers.extract.job_lists import job_ads
from scrapers.records.job_ads import JobAd
from scrapers.source import load_parser, load_spider, recognised
from tests.scrapers import driving

DAYS = (0, 90, 200)


@pytest.fixture(scope="module")
def boards_world() -> World:
    return World(Market(calm=True, companies=120, days=201))


@pytest.fixture(scope="module")
def world_of_all() -> World:
    return World(Market(calm=True, companies=18, days=201, every_source=True))


def with_board(world: World, source: str) -> list[Site]:
    return [s for s in world.sites if s.board and s.board.source == source]


def read(world: World, site: Site, board: Board, day: int) -> list[JobAd]:
    """The ads of a board, by the product's own spider and parser."""
    found: dict[tuple[str, bool], JobAd] = {}

    def web(request: CrawlRequest) -> driving.Answer:
        host, _, target = urldefrag(request.url)[0].partition("://")[2].partition("/")
        path, _, query = target.partition("?")
        asked = Request(request.method, host, f"/{path}", query, {}, day, request.body)
        answer: Answer = world.answer(asked)
        if answer.status == 200:
            envelope = Envelope(
                board.source, request.url, request.meta["scope"], None, 200
            )
            for ad in load_parser(board.source).parse(answer.body, envelope):
                found[ad.ad_id, ad.is_listing] = ad
        return driving.Answer(answer.body, answer.status)

    places = (Place(board.source, board.address),)
    account = replace(driving.account(), places=places)
    driving.drive(
        load_spider(board.source)(driving.context(board.source, account)), web
    )
    return list(found.values())


@pytest.mark.parametrize("source", SYSTEMS + MORE_SYSTEMS)
def test_ads_of_a_board_are_those_that_are_true(
    boards_world: World, world_of_all: World, source: str
) -> None:
    world = boards_world if source in SYSTEMS else world_of_all
    found = [
        (site, board)
        for site in world.sites
        for board in boards_of(world.market, site.one)
        if board.source == source
    ]
    assert len(found) >= 2
    n_ads = 0
    for site, board in found:
        for day in DAYS:
            ads = read(world, site, board, day)
            listed = {ad.ad_id: ad for ad in ads if ad.is_listing}
            in_full = {ad.ad_id: ad for ad in ads if not ad.is_listing}
            jobs = {ad_id(board, job): job for job in site.open_jobs(day)}
            assert set(listed) == set(jobs)
            if source == "workday_jobs":
                assert set(in_full) == set(jobs)
            for number, job in jobs.items():
                told, n_ads = in_full.get(number, listed[number]), n_ads + 1
                opened = world.market.date_of(job.opened)
                city = site.one.city.split()[0].capitalize()
                assert listed[number].title == told.title == job.title
                assert told.place is not None
                assert told.place.split(",")[0] == city
                assert isinstance(told.posted_at, datetime)
                assert told.posted_at.date() == opened
                assert told.ad_url
                assert told.employer_name in (site.one.name, None)
                intro, tasks, wanted = site.job_text(job)
                for words in (intro, *tasks, *wanted):
                    assert words in (told.description or "")
    assert n_ads > 10


def test_odd_boards_are_among_them(boards_world: World) -> None:
    odd = Counter(
        (site.board.source, site.board.is_odd)
        for site in boards_world.sites
        if site.board
    )
    for source in SYSTEMS[:3]:
        assert odd[source, True] > 0
        assert odd[source, False] > 0


def test_a_careers_page_leads_to_the_board_and_keeps_its_ads(
    boards_world: World,
) -> None:
    ask: Ask = asking(boards_world)
    for site in boards_world.sites:
        url = f"https://{site.one.domain}{site.paths(0)['careers']}"
        body = ask(url, 0).body
        tree = html.fromstring(
            body.decode((site.odd.is_latin1 and "latin-1") or "utf-8")
        )
        links = [*tree.xpath("//iframe/@src"), *tree.xpath("//main//a/@href")]
        links += tree.xpath('//*[@role="main" or @id="main"]//a/@href')
        found = {place for link in links for place in recognised(link)}
        board = site.board
        assert found == ({(board.source, board.address)} if board else set())
        ads = list(job_ads(parse_html(body, "text/html"), url, "careers", "nb"))
        shown = site.open_jobs(0)[:6]
        assert {ad.title for ad in ads} <= {job.title for job in shown}


def test_truth_and_places_tell_of_the_boards(boards_world: World) -> None:
    told = {
        (row["account_id"], row["board_source"], row["board_address"])
        for row in rows(boards_world, "sites")
        if row["board_source"]
    }
    places = {tuple(row.values()) for row in place_rows(boards_world.market)}
    assert told == places
    assert 0.1 < len(places) / len(boards_world.sites) < 0.5


def test_a_market_of_every_source_leads_to_every_system(world_of_all: World) -> None:
    market = world_of_all.market
    boards = [boards_of(market, site.one) for site in world_of_all.sites[:9]]
    assert {found[0].source for found in boards} == set(SYSTEMS + MORE_SYSTEMS)
    assert any(len(found) == 2 for found in boards)
    for found in boards:
        assert (found[0].source, found[0].address) in recognised(found[0].link)


def test_workday_refuses_what_workday_refuses(boards_world: World) -> None:
    board = with_board(boards_world, "workday_jobs")[0].board
    assert board is not None
    host, tenant, name = board.address.split("/")

    def ask(method: str, **question: int) -> Answer:
        body = json.dumps(question).encode()
        path = f"/wday/cxs/{tenant}/{name}/jobs"
        return boards_world.answer(Request(method, host, path, "", {}, 90, body))

    assert ask("GET").status == 400
    assert ask("POST", limit=21, offset=0).status == 400
    assert ask("POST", limit=20, offset=2020).status == 400
    assert json.loads(ask("POST", limit=20, offset=20).body)["total"] == 0


def test_a_greenhouse_board_is_touched_without_a_change(boards_world: World) -> None:
    ask = asking(boards_world)
    site = with_board(boards_world, "greenhouse_jobs")[0]
    assert site.board is not None
    url = f"https://boards-api.greenhouse.io/v1/boards/{site.board.token}/jobs"
    for day in range(60, 120, 10):
        jobs = json.loads(ask(url, day).body)["jobs"]
        if any(job["updated_at"] != job["first_published"] for job in jobs):
            assert "content" not in jobs[0]
            return
    pytest.fail("no ad was touched")


def test_boards_fail_as_other_hosts_do() -> None:
    world = World(Market(companies=60, days=120))
    ask = asking(world)
    site = with_board(world, "greenhouse_jobs")[0]
    assert site.board is not None
    url = f"https://boards-api.greenhouse.io/v1/boards/{site.board.token}/jobs"
    statuses = Counter(ask(url, day).status for day in range(120))
    assert statuses[200] > 90
    assert sum(n for status, n in statuses.items() if status != 200) > 0
    assert re.fullmatch(r"[a-z0-9-]+", site.board.token)
