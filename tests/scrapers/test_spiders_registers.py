"""What the spiders of the registers ask for, over made-up registers."""

import base64
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from scrapy.http import Request

from scrapers.account import Account
from scrapers.crawl_context import CrawlStopped, KnownVisit
from scrapers.sources.brreg_accounts.spider import BrregAccountsSpider
from scrapers.sources.brreg_announcements.spider import BrregAnnouncementsSpider
from scrapers.sources.brreg_registry.spider import BrregRegistrySpider
from scrapers.sources.companies_house_registry.spider import (
    CompaniesHouseRegistrySpider,
)
from tests.scrapers.driving import (
    DAY,
    Answer,
    account,
    context,
    drive,
    known,
    scopes,
)

BRREG = "https://data.brreg.no/enhetsregisteret/api"
ONE, OTHER, UNIT, NEW = "999601391", "974601397", "973000006", "973000014"
YESTERDAY = DAY - timedelta(days=1)


def quiet_day(number: str) -> date:
    """A day that is not the one of the week on which the number is due."""
    days = (DAY + timedelta(days=n) for n in range(7))
    return next(d for d in days if (d.toordinal() + int(number[:8])) % 7)


# The Norwegian register


@dataclass
class Register:
    """A made-up register: events by number, and answers of its units."""

    entities: list[tuple[int, str]] = field(default_factory=list)
    sub_units: list[tuple[int, str]] = field(default_factory=list)
    roles: list[tuple[int, str]] = field(default_factory=list)
    units: tuple[str, ...] = ()
    status: dict[str, int] = field(default_factory=dict)
    cap: int = 2
    per_page: int = 1000

    def __call__(self, request: Request) -> Answer:
        parts = urlsplit(request.url)
        path = parts.path.removeprefix("/enhetsregisteret/api/")
        asked = dict(parse_qsl(parts.query))
        if path in self.status:
            return Answer("{}", self.status[path])
        if path == "oppdateringer/roller":
            first = int(asked.get("afterId", "0")) + 1
            events = [e for e in self.roles if e[0] >= first][: self.cap]
            return Answer(json.dumps([role_event(*e) for e in events]))
        if path.startswith("oppdateringer/"):
            kind = path.rpartition("/")[2]
            held = self.entities if kind == "enheter" else self.sub_units
            first = int(asked.get("oppdateringsid", "0"))
            assert asked.get("oppdateringsid") != "0"
            return Answer(json.dumps(self.page(held, first, kind)))
        if path == "underenheter":
            assert (int(asked["page"]) + 1) * int(asked["size"]) <= 10_000
            return Answer(json.dumps(self.search(int(asked["page"]))))
        return Answer(json.dumps({"organisasjonsnummer": path[-9:], "navn": "X"}))

    def page(
        self, held: list[tuple[int, str]], first: int, kind: str
    ) -> dict[str, Any]:
        left = [e for e in held if e[0] >= first]
        page: dict[str, Any] = {"page": {"totalElements": len(left)}}
        if left:
            key = "oppdaterte" + kind.capitalize()
            page["_embedded"] = {key: [update(*e) for e in left[: self.cap]]}
        return page

    def search(self, number: int) -> dict[str, Any]:
        first = number * self.per_page
        shown = self.units[first : first + self.per_page]
        pages = -(-len(self.units) // self.per_page)
        answer: dict[str, Any] = {"page": {"totalPages": pages}}
        if shown:
            units = [{"organisasjonsnummer": unit} for unit in shown]
            answer["_embedded"] = {"underenheter": units}
        return answer


def update(number: int, org_number: str) -> dict[str, Any]:
    return {
        "oppdateringsid": number,
        "organisasjonsnummer": org_number,
        "endringstype": "Endring",
    }


def role_event(number: int, org_number: str) -> dict[str, Any]:
    return {"id": str(number), "data": {"organisasjonsnummer": org_number}}


def paths(asked: list[Request]) -> list[str]:
    return [request.url.removeprefix(f"{BRREG}/") for request in asked]


def feeds(asked: list[Request], name: str) -> list[str]:
    start = f"oppdateringer/{name}?"
    return [p.removeprefix(start) for p in paths(asked) if p.startswith(start)]


def units_asked(asked: list[Request]) -> list[str]:
    return [p for p in paths(asked) if not p.startswith("oppdateringer/")]


class Crawls:
    """Crawls day after day: what is asked is known, and archived, the day after."""

    def __init__(self, *accounts: Account) -> None:
        self.accounts = accounts
        self.known: dict[str, KnownVisit] = {}
        self.archive: dict[str, bytes] = {}

    def crawl(self, register: Register, day: date, *, is_landed: bool = True) -> list:
        spider = BrregRegistrySpider(
            context(
                "brreg_registry",
                *self.accounts,
                visits=tuple(self.known.values()),
                archive=self.archive,
                day=day,
            )
        )
        landed: list[tuple[Request, Answer]] = []

        def web(request: Request) -> Answer:
            answer = register(request)
            landed.append((request, answer))
            return answer

        asked = drive(spider, web)
        for request, answer in landed if is_landed else ():
            is_ok = answer.status == 200
            self.known[request.url] = known(
                request.url,
                request.meta["scope"],
                account_id=request.meta["account_id"],
                outcome="ok" if is_ok else "http_error",
                fetched_on=day,
            )
            if is_ok:
                self.archive[request.url] = str(answer.body).encode()
        return asked


def test_the_first_day_asks_for_everything_and_never_reads_a_feed_from_0() -> None:
    accounts = (
        account(),
        account("a2", org_number=None),
        Account("gb", "Made Up Ltd", "GB", "01234567", ()),
    )
    asked = Crawls(*accounts).crawl(Register(), DAY)
    assert feeds(asked, "enheter") == ["dato=2026-03-02T00:00:00.000Z&size=5000"]
    assert feeds(asked, "roller") == ["afterTime=2026-03-02T00:00:00.000Z&size=5000"]
    assert units_asked(asked) == [
        f"enheter/{ONE}",
        f"underenheter?overordnetEnhet={ONE}&size=1000&page=0",
        f"enheter/{ONE}/roller",
    ]
    scope_of = scopes(asked)
    assert scope_of[f"{BRREG}/enheter/{ONE}/roller"] == "roles"
    assert all(
        request.meta["account_id"] is None and request.meta["unconditional"]
        for request in asked
        if "oppdateringer" in request.url
    )


def test_an_idle_feed_costs_three_questions() -> None:
    day = quiet_day(ONE)
    crawls = Crawls(account())
    register = Register([(7, OTHER)], [(3, UNIT)], [(5, OTHER)])
    crawls.crawl(register, day - timedelta(days=1))
    asked = crawls.crawl(register, day)
    assert [r.meta["scope"] for r in asked] == [
        "updates_entities",
        "updates_sub_units",
        "updates_roles",
    ]
    assert feeds(asked, "enheter") == ["oppdateringsid=8&size=5000"]
    assert feeds(asked, "roller") == ["afterId=5&size=5000"]
    # The same question again, when nothing had come by then.
    again = crawls.crawl(register, day)
    assert feeds(again, "enheter") == ["oppdateringsid=8&size=5000"]


def test_whom_the_feeds_name_is_asked_for_the_same_day() -> None:
    day = quiet_day(ONE)
    crawls = Crawls(account())
    crawls.crawl(Register(units=(UNIT,)), day - timedelta(days=1))
    entity = crawls.crawl(Register([(1, OTHER), (2, ONE)]), day, is_landed=False)
    assert units_asked(entity) == [f"enheter/{ONE}"]
    roles = crawls.crawl(Register(roles=[(4, ONE)]), day, is_landed=False)
    assert units_asked(roles) == [f"enheter/{ONE}/roller"]
    named = Register(sub_units=[(9, UNIT)], units=(UNIT,))
    assert units_asked(crawls.crawl(named, day, is_landed=False)) == [
        f"underenheter?overordnetEnhet={ONE}&size=1000&page=0",
        f"underenheter/{UNIT}",
    ]


def test_events_are_read_once_with_no_gap_whatever_was_killed() -> None:
    """Every event is in the pages of exactly one crawl that landed."""
    register = Register(cap=2)
    crawls = Crawls(account())
    seen: list[int] = []
    serial = 100
    for n in range(12):
        register.entities += [(serial + i, OTHER) for i in range(n % 6)]
        serial += n % 6
        # Every third crawl is killed and not gone on with: its day never landed.
        is_landed = n % 3 != 1
        asked = crawls.crawl(register, DAY + timedelta(days=n), is_landed=is_landed)
        read = [
            event["oppdateringsid"]
            for request in asked
            if "oppdateringer/enheter" in request.url
            for event in json.loads(str(register(request).body))
            .get("_embedded", {})
            .get("oppdaterteEnheter", [])
        ]
        assert len(read) == len(set(read))
        seen += read if is_landed else []
    crawls.crawl(register, DAY + timedelta(days=12))
    assert seen == [number for number, _ in register.entities]


def test_a_feed_that_does_not_answer_makes_all_it_tells_of_due() -> None:
    day = quiet_day(ONE)
    crawls = Crawls(account())
    crawls.crawl(Register(), day - timedelta(days=1))
    broken = Register(status={"oppdateringer/roller": 500})
    assert units_asked(crawls.crawl(broken, day, is_landed=False)) == [
        f"enheter/{ONE}/roller"
    ]
    silent = Register(status={"oppdateringer/enheter": 0})
    assert units_asked(crawls.crawl(silent, day, is_landed=False)) == [f"enheter/{ONE}"]


def test_a_feed_that_answers_with_what_was_read_ends() -> None:
    day = quiet_day(ONE)
    crawls = Crawls(account())
    crawls.crawl(Register([(7, OTHER)]), day - timedelta(days=1))

    class Stuck(Register):
        def page(
            self, held: list[tuple[int, str]], first: int, kind: str
        ) -> dict[str, Any]:
            answer = super().page(held, 0, kind)
            return {**answer, "page": {"totalElements": 9}}

    asked = crawls.crawl(Stuck([(3, OTHER)]), day)
    assert len(feeds(asked, "enheter")) == 1
    assert f"enheter/{ONE}" in units_asked(asked)


def test_everything_is_asked_for_once_a_week_all_the_same() -> None:
    crawls = Crawls(account())
    crawls.crawl(Register(), DAY)
    days = [
        n
        for n in range(1, 15)
        if units_asked(crawls.crawl(Register(), DAY + timedelta(days=n)))
    ]
    assert len(days) in (2, 3)
    assert max(b - a for a, b in zip([0, *days], [*days, 15], strict=True)) <= 7


def test_what_could_not_be_had_is_asked_for_again() -> None:
    day = quiet_day(ONE)
    crawls = Crawls(account())
    failing = Register(status={f"enheter/{ONE}": 500})
    # The roles are asked for although the entity failed.
    assert f"enheter/{ONE}/roller" in units_asked(
        crawls.crawl(failing, day - timedelta(days=1))
    )
    assert units_asked(crawls.crawl(Register(), day)) == [f"enheter/{ONE}"]


def test_a_sub_unit_on_the_list_is_found_and_known_from_then() -> None:
    day = quiet_day(ONE)
    crawls = Crawls(account())
    register = Register(status={f"enheter/{ONE}": 404})
    first = crawls.crawl(register, day - timedelta(days=1))
    assert f"underenheter/{ONE}" in units_asked(first)
    assert f"enheter/{ONE}/roller" not in units_asked(first)
    assert units_asked(crawls.crawl(register, day)) == []
    register.sub_units = [(5, ONE)]
    assert units_asked(crawls.crawl(register, day)) == [f"underenheter/{ONE}"]


def test_nothing_more_is_asked_of_a_unit_that_was_removed() -> None:
    crawls = Crawls(account())
    asked = crawls.crawl(Register(status={f"enheter/{ONE}": 410}), DAY)
    assert f"enheter/{ONE}/roller" not in units_asked(asked)


def test_a_long_list_of_sub_units_is_read_up_to_the_ceiling() -> None:
    many = tuple(f"{900_000_000 + n}" for n in range(10_500))
    asked = Crawls(account()).crawl(Register(units=many), DAY)
    lists = [p for p in units_asked(asked) if p.startswith("underenheter?")]
    assert len(lists) == 10


def test_a_sub_unit_that_is_not_listed_any_more_says_itself_what_became_of_it() -> None:
    crawls = Crawls(account())
    crawls.crawl(Register(units=(UNIT, NEW)), DAY)
    later = DAY + timedelta(days=7)
    asked = crawls.crawl(Register(units=(NEW,)), later)
    assert f"underenheter/{UNIT}" in units_asked(asked)
    # Once is enough: what it answered holds.
    again = crawls.crawl(Register(units=(NEW,)), later + timedelta(days=7))
    assert f"underenheter/{UNIT}" not in units_asked(again)


# Accounts


def test_accounts_are_asked_for_every_four_weeks_answer_or_none() -> None:
    url = f"https://data.brreg.no/regnskapsregisteret/regnskap/{ONE}"
    day = quiet_day(ONE)

    def asked(*visits: KnownVisit, on: date = day) -> list[str]:
        spider = BrregAccountsSpider(
            context("brreg_accounts", account(), visits=visits, day=on)
        )
        return [r.url for r in drive(spider, lambda request: Answer("{}", 404))]

    assert asked() == [url]
    for outcome in ("ok", "parse_empty"):
        held = known(url, "accounts", outcome=outcome, fetched_on=day)
        assert asked(held) == []
        assert asked(held, on=day + timedelta(days=28)) == [url]
    assert asked(known(url, "accounts", outcome="timeout", fetched_on=day)) == [url]


# Announcements

W2 = "https://w2.brreg.no/kunngjoring"


def announced(*rows: tuple[str, str, str]) -> str:
    cells = "".join(
        f"<tr><td></td><td><p>{day}</p></td><td></td>"
        f"<td><a href='hent_en.jsp?kid={kid}&amp;spraak=nb'>{words}</a></td></tr>"
        for day, kid, words in rows
    )
    return f"<html><body><table>{cells}</table></body></html>"


def test_announcements_that_say_more_than_their_list_are_read() -> None:
    site = announced(
        ("01.03.2026", "20260000000009", "Fusjonsplan"),
        ("", "20260000000008", "Kapitalforhøyelse"),
        ("", "20260000000007", "Styre"),
        ("", "20260000000006", "Rettelse av kapital"),
        ("02.05.2019", "20190000000001", "Kapitalforhøyelse"),
    )
    held = f"{W2}/hent_en.jsp?kid=20260000000008&sokeverdi={ONE}&spraak=nb"

    def ask(*visits: KnownVisit) -> list[str]:
        spider = BrregAnnouncementsSpider(
            context("brreg_announcements", account(), visits=visits)
        )
        asked = drive(
            spider, lambda r: Answer(site if "hent_nr" in r.url else "<p>x</p>")
        )
        assert {r.meta["account_id"] for r in asked} == {"a1"}
        return [r.url.removeprefix(f"{W2}/") for r in asked]

    first, *details = ask(known(held, "detail"))
    assert first == f"hent_nr.jsp?orgnr={ONE}&deleted=true"
    assert details == [
        f"hent_en.jsp?kid=20260000000009&sokeverdi={ONE}&spraak=nb",
        f"hent_en.jsp?kid=20260000000006&sokeverdi={ONE}&spraak=nb",
    ]


# Companies House

CH = "https://api.company-information.service.gov.uk"
GB = Account("gb", "Made Up Ltd", "GB", "01234567", ())


class House:
    """A made-up register of one company; it gives fewer items than it is asked for."""

    def __init__(self, officers: int, filings: list[str], status: int = 200) -> None:
        self.officers = officers
        self.filings = filings
        self.status = status

    def __call__(self, request: Request) -> Answer:
        key = base64.b64encode(b"replay:").decode()
        if request.headers[b"Authorization"] != f"Basic {key}".encode():
            return Answer("{}", 401)
        parts = urlsplit(request.url)
        start = int(dict(parse_qsl(parts.query)).get("start_index", "0"))
        if parts.path.endswith("/officers"):
            items: list[Any] = [{"name": str(n)} for n in range(self.officers)]
            answer = {"items": items[start : start + 35], "total_results": len(items)}
        elif parts.path.endswith("/filing-history"):
            items = [{"date": day} for day in self.filings]
            answer = {"items": items[start : start + 2], "total_count": len(items)}
        else:
            return Answer("{}", self.status)
        return Answer(json.dumps(answer))


def house(web: House, *visits: KnownVisit, **other: Any) -> list[str]:
    spider = CompaniesHouseRegistrySpider(
        context("companies_house_registry", account(), GB, visits=visits, **other)
    )
    asked = drive(spider, web)
    assert {r.meta["account_id"] for r in asked} == {"gb"}
    return [r.url.removeprefix(f"{CH}/company/01234567") for r in asked]


def test_officers_are_read_to_the_last_page_and_filings_to_what_is_known() -> None:
    filings = ["2026-02-27", "2026-02-01", "2025-06-01", "2024-06-01", "2000-01-01"]
    web = House(74, filings)
    assert house(web) == [
        "",
        "/officers?items_per_page=100&start_index=0",
        "/filing-history?items_per_page=100&start_index=0",
        "/officers?items_per_page=100&start_index=35",
        "/filing-history?items_per_page=100&start_index=2",
        "/officers?items_per_page=100&start_index=70",
        "/filing-history?items_per_page=100&start_index=4",
    ]
    known_filings = known(
        f"{CH}/company/01234567/filing-history?items_per_page=100&start_index=0",
        "filings",
        fetched_on=YESTERDAY,
    )
    later = [p for p in house(web, known_filings) if "filing" in p]
    assert later == ["/filing-history?items_per_page=100&start_index=0"]


def test_a_company_that_is_not_there_is_asked_nothing_more() -> None:
    assert house(House(1, [], status=404)) == [""]


def test_without_a_key_or_with_a_wrong_one_the_crawl_stops() -> None:
    with pytest.raises(CrawlStopped, match="LYTTEPOST_COMPANIES_HOUSE_KEY"):
        house(House(1, []), is_replay=False)
    with pytest.raises(CrawlStopped, match="refuses the key"):
        house(House(1, [], status=401))
