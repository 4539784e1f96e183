"""What the spiders of the registers read of the made-up market is its truth."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from scrapy import Spider
from scrapy.http import Request

from practice_market import annual_accounts, registry, truth
from practice_market import companies_house as house
from practice_market.answer import Request as Question
from practice_market.company import Market
from practice_market.registry import Registry
from practice_market.sub_units import sub_units
from practice_market.world import World
from scrapers.account import Account
from scrapers.crawl_context import KnownVisit
from scrapers.envelope import Envelope
from scrapers.extract.refusal import NothingReadable
from scrapers.source import load_parser, load_spider
from scrapers.sources.brreg_registry.updates import FEEDS, Feed, read_updates
from tests.scrapers.driving import Answer, context, drive

DAYS = 100
COMPANIES = 24


@dataclass(frozen=True)
class Read:
    """One answer with its records, on the day it was read."""

    day: int
    url: str
    scope: str
    account_id: str | None
    status: int
    records: tuple[Any, ...]
    body: bytes


@dataclass
class Watching:
    """One source crawled on day after day of a market, as the machinery would."""

    world: World
    source: str
    accounts: tuple[Account, ...]
    known: dict[str, KnownVisit] = field(default_factory=dict)
    archive: dict[str, bytes] = field(default_factory=dict)

    def crawl(self, day: int) -> list[Read]:
        today = self.world.market.date_of(day)
        spider: Spider = load_spider(self.source)(
            context(
                self.source,
                *self.accounts,
                visits=tuple(self.known.values()),
                archive=self.archive,
                day=today,
            )
        )
        answers: dict[str, tuple[int, str | None, bytes]] = {}

        def web(request: Request) -> Answer:
            parts = urlsplit(request.url)
            asked = Question(
                request.method,
                parts.netloc,
                parts.path,
                parts.query,
                {b"authorization": request.headers.get(b"Authorization") or b""},
                day,
            )
            answer = self.world.answer(asked)
            kind = dict(answer.headers)[b"content-type"].decode()
            answers[request.url] = answer.status, kind, answer.body
            return Answer(answer.body, answer.status)

        return [
            self._land(request, day, today, *answers[request.url])
            for request in drive(spider, web)
        ]

    def _land(
        self,
        request: Request,
        day: int,
        today: date,
        status: int,
        kind: str | None,
        body: bytes,
    ) -> Read:
        scope, account_id = request.meta["scope"], request.meta["account_id"]
        is_none = status in request.meta.get("empty_on", ())
        outcome = "ok" if status == 200 else "parse_empty" if is_none else "http_error"
        self.known[request.url] = KnownVisit(
            request.url, scope, account_id, outcome, "sha256:x", today
        )
        records: tuple[Any, ...] = ()
        if outcome != "http_error":
            envelope = Envelope(self.source, request.url, scope, kind, status)
            try:
                records = tuple(load_parser(self.source).parse(body, envelope))
            except NothingReadable:
                assert is_none
        if status == 200:
            self.archive[request.url] = body
        return Read(day, request.url, scope, account_id, status, records, body)


def accounts_of(world: World) -> tuple[Account, ...]:
    ones = [story.company for story in world.stories]
    return tuple(
        Account(one.account_id, one.name, "NO", one.org_number, (one.domain,))
        for one in ones
    )


@pytest.fixture(scope="module")
def world() -> World:
    return World(Market(seed=6, companies=COMPANIES, days=DAYS))


@pytest.fixture(scope="module")
def register(world: World) -> list[list[Read]]:
    watching = Watching(world, "brreg_registry", accounts_of(world))
    return [watching.crawl(day) for day in range(DAYS)]


def held(
    days: list[list[Read]], scope: str, of: Callable[[Read], Any]
) -> Iterator[tuple[int, Read, dict[Any, Read]]]:
    """Each read of a scope, with the newest good read of everything by then."""
    newest: dict[Any, Read] = {}
    for day, reads in enumerate(days):
        for read in reads:
            if read.scope == scope and read.status == 200:
                newest[of(read)] = read
        for read in list(newest.values()):
            yield day, read, newest


def parsed(world: World, url: str, scope: str, document: Any) -> tuple[Any, ...]:
    envelope = Envelope("brreg_registry", url, scope, None, 200)
    body = json.dumps(document).encode()
    return tuple(load_parser("brreg_registry").parse(body, envelope))


@pytest.mark.parametrize(("scope", "shown"), [("entity", "entity"), ("roles", "roles")])
def test_what_is_held_is_what_the_register_holds_that_day(
    world: World, register: list[list[Read]], scope: str, shown: str
) -> None:
    """No change is missed, though a unit is asked for once a week and when named."""
    served = Registry(world.market, world.stories)
    by_account = {story.company.account_id: story for story in world.stories}
    failed = {
        (read.day, read.url)
        for reads in register
        for read in reads
        if read.status not in (200, 404)
    }
    late: Counter[str] = Counter()
    changes: set[tuple[str | None, tuple[Any, ...]]] = set()
    for day, read, _ in held(register, scope, lambda r: r.account_id):
        story = by_account[str(read.account_id)]
        document = getattr(served, shown)(story, day)
        if read.records != parsed(world, read.url, scope, document):
            # Only where the register failed to answer for it that day.
            late[read.url] += 1
            assert any((d, read.url) in failed for d in range(day - 2, day + 1)), day
        changes.add((read.account_id, read.records))
    assert len(changes) > COMPANIES + 3
    assert sum(late.values()) <= 10


def test_a_quiet_day_costs_little(register: list[list[Read]]) -> None:
    first, *others = [len(reads) for reads in register]
    assert first >= 3 + 3 * COMPANIES
    # Three feeds, a seventh of the companies, and what the feeds name.
    assert sum(others) / len(others) < 0.45 * first


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.path)
def test_each_event_is_read_once(
    world: World, register: list[list[Read]], feed: Feed
) -> None:
    def numbers(body: bytes) -> list[int]:
        page = read_updates(json.loads(body), feed, "the feed")
        return [update.number for update in page.updates]

    read = [
        n
        for reads in register
        for r in reads
        if r.scope == feed.scope
        for n in numbers(r.body)
    ]
    whole = f"{feed.since}={world.market.start.isoformat()}T00:00:00.000Z&size=10000"
    path = f"/enhetsregisteret/api/oppdateringer/{feed.path}"
    answer = world.answer(Question("GET", registry.HOST, path, whole, {}, DAYS - 1))
    assert len(read) > 3
    assert read == numbers(answer.body)


def test_sub_units_are_found_closed_and_forgotten(
    world: World, register: list[list[Read]]
) -> None:
    seen: dict[str, int] = {}
    deleted: dict[str, int] = {}
    gone: dict[str, int] = {}
    for reads in register:
        for read in reads:
            for unit in read.records if read.scope.startswith("sub_unit") else ():
                seen.setdefault(unit.org_number, read.day)
                if unit.is_deleted:
                    deleted.setdefault(unit.org_number, read.day)
            if read.status == 410:
                gone.setdefault(read.url.rpartition("/")[2], read.day)
    ended = {"closed": 0, "removed": 0, "opened": 0}
    for story in world.stories:
        for unit in sub_units(world.market, story.company):
            if unit.opened > DAYS - 9:
                continue
            assert unit.number in seen
            if unit.opened > 0:
                ended["opened"] += 1
                assert 0 <= seen[unit.number] - unit.opened <= 8
            for what, end, told in (
                ("closed", unit.closed, deleted),
                ("removed", unit.removed, gone),
            ):
                if end is not None and end < DAYS - 2:
                    ended[what] += 1
                    assert 0 <= told[unit.number] - end <= 1
    assert min(ended.values()) > 0, ended


def test_announcements_are_the_ones_that_were_made(world: World) -> None:
    watching = Watching(world, "brreg_announcements", accounts_of(world))
    reads = [read for day in range(0, DAYS, 9) for read in watching.crawl(day)]
    listed = {
        r.announcement_id: r for x in reads if x.scope == "list" for r in x.records
    }
    details = [x.records for x in reads if x.scope == "detail" and x.records]
    last = world.market.date_of(DAYS - 20)
    made = list(truth.rows(world, "announcements"))
    due = [row for row in made if date.fromisoformat(row["at"]) <= last]
    assert len(due) > 40
    for row in due:
        read = listed[row["id"]]
        assert read.source_type == row["words"]
        assert read.effective_on.isoformat() == row["at"]
        assert read.event_type is not None
    assert set(listed) <= {row["id"] for row in made}
    told = {row["id"]: row for row in made}
    assert any(told[own.announcement_id]["amount"] for own, *_ in details)
    for own, *others in details:
        row = told[own.announcement_id]
        assert own.amount == row["amount"]
        assert [r.party_org_number for r in others] == [row["partner"]] * len(others)
        assert bool(others) == (row["partner"] is not None)


def test_accounts_are_the_latest_that_were_filed() -> None:
    market = Market(seed=11, companies=30, days=240)
    world = World(market)
    watching = Watching(world, "brreg_accounts", accounts_of(world))
    reads = [read for day in range(0, 240, 7) for read in watching.crawl(day)]
    found = {
        (read.account_id, r.period_to.year): r for read in reads for r in read.records
    }
    plans = Counter(read.status for read in reads)
    assert plans[404] > 0
    assert plans[500] > 0
    expected = {
        (row["account_id"], row["year"]): row
        for row in truth.rows(world, "accounts")
        if row["plan"] == "store"
        and date.fromisoformat(row["published"]) <= market.date_of(230)
    }
    assert set(expected) <= set(found)
    assert len({year for _, year in expected}) == 2
    for key, row in expected.items():
        assert found[key].result == row["result"]
    assert {
        annual_accounts.plan(market, s.company)
        for s in world.stories
        if (s.company.account_id, 2023) not in found
    } == {None, "BANK"}


def test_the_british_register_tells_the_same_boards() -> None:
    world = World(Market(seed=6, companies=COMPANIES, days=DAYS))
    accounts = tuple(
        Account(f"gb{n}", "Made Up", "GB", house.company_number(story), ())
        for n, story in enumerate(world.stories)
    )
    watching = Watching(world, "companies_house_registry", accounts)
    reads = [read for day in range(0, DAYS, 16) for read in watching.crawl(day)]
    register = house.CompaniesHouse(world.market, world.stories)
    resigned = 0
    for n, story in enumerate(world.stories):
        own = [r for r in reads if r.account_id == f"gb{n}" and r.status == 200]
        last = max(r.day for r in own if r.scope == "roles")
        roles = {
            (r.holder_key, str(r.appointed_on), r.resigned_on and str(r.resigned_on))
            for read in own
            if read.scope == "roles" and read.day == last
            for r in read.records
        }
        assert roles == {
            (
                item["links"]["officer"]["appointments"].split("/")[2],
                item["appointed_on"],
                item.get("resigned_on"),
            )
            for item in register.officers(story, last)
        }
        resigned += sum(until is not None for *_, until in roles)
        filings = [x.records for x in own if x.scope == "filings"]
        filed = {r.announcement_id for records in filings for r in records}
        day = max(r.day for r in own if r.scope == "filings")
        assert {f["transaction_id"] for f in register.filings(story, day)} <= filed
    assert resigned > 0
