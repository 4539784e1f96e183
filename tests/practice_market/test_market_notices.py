"""The notices of the market, read back by the product's own parsers and spiders."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from market_asking import Ask
from scrapy.http import Request

from practice_market import truth
from practice_market.answer import Request as Question
from practice_market.notices import Notice, Notices, Party
from practice_market.ocds_notices import OcdsNotices
from practice_market.rate_limits import LIMITS, RateLimits
from practice_market.ted_notices import DELAY, FIELDS, TedNotices
from practice_market.world import World
from scrapers.account import Place
from scrapers.envelope import Envelope
from scrapers.records import Notice as Row
from scrapers.sources.doffin_notices.parse import parse as parse_doffin
from scrapers.sources.ocds_notices.parse import parse as parse_ocds
from scrapers.sources.ocds_notices.spider import OcdsNoticesSpider
from scrapers.sources.ted_notices.parse import parse as parse_ted
from scrapers.sources.ted_notices.spider import TedNoticesSpider
from tests.scrapers.driving import Answer, account, context, drive

DAY = 219
SEARCH = "https://api.ted.europa.eu/v3/notices/search"
TYPES = {
    "PRE_ANNOUNCEMENT": "planning",
    "ADVISORY_NOTICE": "market_dialogue",
    "ANNOUNCEMENT_OF_COMPETITION": "competition",
    "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT": "award",
    "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT": "cancelled",
}
# OCDS knows no dialogue with the market: it is a plan there.
OCDS_TYPES = TYPES | {"ADVISORY_NOTICE": "planning"}


@pytest.fixture(scope="module")
def national(world: World) -> Notices:
    return world.notices


@pytest.fixture(scope="module")
def ted(world: World) -> TedNotices:
    return world.ted


def assert_party(row: Row, party: Party) -> None:
    if party.country == "NOR":
        assert row.party_org_number == party.digits
    else:
        assert row.party_org_number is None
        assert row.party_foreign_number == party.number
    assert row.party_name == party.name
    assert row.party_country == party.country


def assert_true(
    rows: list[Row], notice: Notice, types: Mapping[str, str] = TYPES
) -> None:
    """The rows say what is so."""
    by_role = {row.party_role: row for row in rows}
    assert set(by_role) == ({"buyer", "winner"} if notice.winner else {"buyer"})
    for row in rows:
        assert row.title == notice.heading
        assert row.notice_type == types[notice.type]
        assert row.cpv == (notice.cpv,)
        assert row.value == notice.value
        assert (row.corrects_notice is not None) == bool(notice.corrects)
    assert_party(by_role["buyer"], notice.buyer)
    if notice.winner:
        assert_party(by_role["winner"], notice.winner)


def test_eforms_read_back_to_what_is_so(ask: Ask, national: Notices) -> None:
    seen: set[tuple[str, bool, bool]] = set()
    for notice in national.notices[::3]:
        url = f"https://api.doffin.no/public/v2/download/{notice.id}"
        body = ask(url, DAY, ocp_apim_subscription_key="x").body
        rows = list(
            parse_doffin(body, Envelope("doffin_notices", url, "notice", None, 200))
        )
        assert_true(rows, notice)
        first = rows[0]
        assert first.notice_uuid == str(national.uuid_of(notice))
        assert first.procedure_id == notice.procedure
        if notice.type == "ANNOUNCEMENT_OF_COMPETITION":
            assert first.deadline_at is not None
            assert first.deadline_at.date() == notice.deadline
        is_foreign = bool(notice.winner and notice.winner.country != "NOR")
        seen.add((notice.type, bool(notice.corrects), is_foreign))
    assert len(seen) > 5


def search(ask: Ask, day: int, **asked: Any) -> Any:
    question = {
        "query": (
            "(buyer-country=NOR OR winner-country=NOR) AND PD>=20250106 AND "
            "PD<=20250806 SORT BY PD DESC"
        ),
        "fields": sorted(FIELDS),
        "limit": 250,
        "page": 1,
        **asked,
    }
    return ask(SEARCH, day, method="POST", body=json.dumps(question).encode())


def test_ted_has_its_rules(ask: Ask) -> None:
    assert search(ask, DAY).status == 200
    for refused in (
        {"fields": ["deadline-receipt-tenders"]},
        {"limit": 251},
        {"page": 61},
        {"query": "buyer-country=NOR SORT BY PD ASC"},
        {"sortField": "PD"},
    ):
        answer = search(ask, DAY, **refused)
        assert answer.status == 400, refused
        assert json.loads(answer.body)["message"]
    unknown = json.loads(search(ask, DAY, fields=["x"]).body)["message"]
    assert "publication-number" in unknown
    assert ask(SEARCH, DAY).status == 405
    assert ask("https://ted.europa.eu/en/notice/1-2025/xml", DAY).status == 404


def test_hits_of_ted_read_back_to_what_is_so(
    ask: Ask, ted: TedNotices, national: Notices
) -> None:
    envelope = Envelope("ted_notices", SEARCH, "search", "application/json", 200)
    rows: dict[str, list[Row]] = {}
    for page in (1, 2):
        for row in parse_ted(search(ask, DAY, page=page).body, envelope):
            rows.setdefault(row.notice_id, []).append(row)
    shown = [row for row in ted.published if 0 <= row[1] <= min(DAY, 212)]
    assert sorted(rows) == sorted(number for number, _, _ in shown)
    for number, day, notice in shown:
        first = rows[number][0]
        assert first.published_at.date() == ted.market.date_of(day)
        assert first.notice_uuid == str(national.uuid_of(notice))
        # A hit does not know a cancellation from an award, nor what is corrected.
        full = f"https://ted.europa.eu/en/notice/{number}/xml"
        body = ask(full, DAY).body
        found = list(
            parse_ted(body, Envelope("ted_notices", full, "notice", None, 200))
        )
        assert_true(found, notice)
        assert found[0].notice_id == number
        for hit, row in zip(rows[number], found, strict=True):
            assert hit.party_org_number == row.party_org_number
            assert hit.party_foreign_number == row.party_foreign_number
            assert hit.procedure_id == row.procedure_id
            assert hit.title == row.title


def test_the_truth_names_each_notice_of_an_account(
    world: World, national: Notices
) -> None:
    rows = list(truth.rows(world, "notices"))
    numbers = {story.company.org_number for story in world.stories}
    sides = [
        party.digits
        for notice in national.notices
        for party in (notice.buyer, notice.winner)
        if party is not None
    ]
    assert len(rows) == sum(number in numbers for number in sides)
    assert {row["role"] for row in rows} == {"buyer", "winner"}
    for flag in ("is_correction", "on_ted"):
        assert {row[flag] for row in rows} == {True, False}


def test_half_of_the_procedures_are_on_both(ted: TedNotices, national: Notices) -> None:
    all_of_them = {notice.procedure for notice in national.notices}
    there = {notice.procedure for _, _, notice in ted.published}
    assert 0.4 < len(there) / len(all_of_them) < 0.6
    assert all(day == notice.day + DELAY for _, day, notice in ted.published)


def over(ask: Ask, day: int) -> Any:
    def web(request: Request) -> Answer:
        url = request.url.partition("#")[0]
        answer = ask(url, day, method=request.method, body=request.body)
        return Answer(answer.body.decode(), answer.status)

    return web


def test_the_spiders_read_the_market(ask: Ask, ted: TedNotices, world: World) -> None:
    one = max(world.stories, key=lambda story: len(story.tenders)).company
    watched = account(org_number=one.org_number)
    day = world.market.date_of(DAY)
    spider = TedNoticesSpider(context("ted_notices", watched, day=day))
    asked = drive(spider, over(ask, DAY))
    full = {r.url.split("/")[-2] for r in asked if r.meta["scope"] == "notice"}
    assert full == {
        number
        for number, shown, notice in ted.published
        if DAY - 366 < shown <= DAY
        and any(
            party is not None and party.digits == one.org_number
            for party in (notice.buyer, notice.winner)
        )
    }
    assert full


def test_releases_read_back_to_what_is_so(
    ask: Ask, world: World, national: Notices
) -> None:
    place = "https://ocds.practice.example/releases.json"
    placed = replace(account(), places=(Place("ocds_notices", place),))
    asked = drive(OcdsNoticesSpider(context("ocds_notices", placed)), over(ask, DAY))
    rows: dict[str, list[Row]] = {}
    n_repeated = 0
    for request in asked:
        body = ask(request.url, DAY).body
        envelope = Envelope("ocds_notices", request.url, "package", None, 200)
        page: dict[str, list[Row]] = {}
        for row in parse_ocds(body, envelope):
            page.setdefault(row.notice_id, []).append(row)
        n_repeated += len(rows.keys() & page.keys())
        rows |= page
    assert n_repeated == len(asked) - 1 > 3
    publisher = OcdsNotices(world.market, national)
    shown = [notice for notice in national.notices if notice.day <= DAY]
    assert len(rows) == len(shown)
    for notice in shown:
        release = publisher.release(notice)
        found = rows[release["id"]]
        assert_true(found, notice, OCDS_TYPES)
        assert found[0].procedure_id == notice.procedure
        if notice.deadline:
            assert found[0].deadline_at is not None
            assert found[0].deadline_at.date() == notice.deadline
        if notice.corrects:
            assert found[0].corrects_notice in rows


def test_records_amount_to_their_last_release(ask: Ask, national: Notices) -> None:
    url = "https://ocds.practice.example/records.json"
    envelope = Envelope("ocds_notices", url, "package", None, 200)
    rows = list(parse_ocds(ask(url, DAY).body, envelope))
    last = {n.procedure: n for n in national.notices if n.day <= DAY}
    states = {
        row.procedure_id: row.notice_type for row in rows if row.party_role == "buyer"
    }
    assert states == {key: OCDS_TYPES[notice.type] for key, notice in last.items()}
    alone = "https://ocds.practice.example/release/other-5.json"
    known = {notice.key for notice in national.notices}
    assert (ask(alone, DAY).status == 200) == ("other-5" in known)


def test_patience_is_asked_for_and_rewarded() -> None:
    limits = RateLimits()
    every, seconds = LIMITS["api.doffin.no"]
    questions = [
        Question("GET", "api.doffin.no", f"/download/{n}", "", {}, 3)
        for n in range(2 * every)
    ]
    refused = [q for q in questions if limits.refusal(q) is not None]
    assert [q.path for q in refused] == [
        f"/download/{every - 1}",
        f"/download/{2 * every - 1}",
    ]
    for _ in range(2 * every):
        answer = limits.refusal(refused[0])
        assert answer is None
    for _ in range(3 * every):
        other = Question("GET", "data.brreg.no", "/", "", {}, 3)
        assert limits.refusal(other) is None
    fresh = RateLimits()
    answers = [fresh.refusal(q) for q in questions]
    (first,) = {dict(a.headers)[b"retry-after"] for a in answers if a is not None}
    assert first == str(seconds).encode()
