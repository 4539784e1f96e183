"""Registry, job feed and notice service answer in their real wire formats."""

import json
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

from lxml import etree
from market_asking import Ask, asking

from practice_market.answer import Answer
from practice_market.company import Market
from practice_market.story import Filing
from practice_market.world import World

API = "https://data.brreg.no/enhetsregisteret/api"
FEED = "https://pam-stilling-feed.nav.no"
DOFFIN = "https://api.doffin.no/public/v2"
KEY = {"ocp_apim_subscription_key": "made-up"}
HIT_KEYS = {
    "id",
    "buyer",
    "heading",
    "description",
    "locationId",
    "estimatedValue",
    "type",
    "allTypes",
    "status",
    "issueDate",
    "deadline",
    "publicationDate",
    "receivedTenders",
    "allReceivedTenders",
    "cpvCodes",
    "limitedDataFlag",
    "doffinClassicUrl",
    "lots",
}


def body(answer: Answer) -> Any:
    assert answer.status == 200, answer
    return json.loads(answer.body)


# Registry


def test_an_entity_has_the_shape_of_version_2(ask_calm: Ask, calm_world: World) -> None:
    one = calm_world.stories[3].company
    answer = ask_calm(f"{API}/enheter/{one.org_number}", 0)
    entity = body(answer)
    assert dict(answer.headers)[b"content-type"].startswith(
        b"application/vnd.brreg.enhetsregisteret.enhet.v2+json"
    )
    assert entity["organisasjonsnummer"] == one.org_number
    assert entity["organisasjonsform"]["kode"] in ("AS", "ASA")
    assert set(entity["forretningsadresse"]) == {
        "land",
        "landkode",
        "postnummer",
        "poststed",
        "adresse",
        "kommune",
        "kommunenummer",
    }
    assert re.fullmatch(r"\d\d\.\d{3}", entity["naeringskode1"]["kode"])
    assert entity["konkurs"] is False
    assert None not in entity.values()
    unit = body(ask_calm(f"{API}/underenheter/{one.unit_number}", 0))
    assert unit["overordnetEnhet"] == one.org_number
    assert unit["organisasjonsform"]["kode"] == "BEDR"
    assert ask_calm(f"{API}/enheter/999999999", 0).status == 404
    listed = body(ask_calm(f"{API}/underenheter?overordnetEnhet={one.org_number}", 0))
    assert listed["_embedded"]["underenheter"] == [unit]
    listed = body(ask_calm(f"{API}/enheter?organisasjonsnummer={one.org_number},1", 0))
    assert listed["_embedded"]["enheter"] == [entity]
    nothing = body(ask_calm(f"{API}/enheter?organisasjonsnummer=999999999", 0))
    assert "_embedded" not in nothing


def holder(roles: dict[str, Any], group: str, code: str) -> str:
    for found in roles["rollegrupper"]:
        for role in found["roller"]:
            if found["type"]["kode"] == group and role["type"]["kode"] == code:
                if "enhet" in role:
                    return str(role["enhet"]["navn"][0])
                named = role["person"]["navn"]
                return " ".join(
                    named[part]
                    for part in ("fornavn", "mellomnavn", "etternavn")
                    if part in named
                )
    raise AssertionError(f"no {code} in {group}")


def test_roles_change_when_they_are_filed(world: World, ask: Ask) -> None:
    groups = {"DAGL": "DAGL", "LEDE": "STYR", "VARA": "STYR", "REVI": "REVI"}
    checked: Counter[str] = Counter()
    for story in world.stories:
        url = f"{API}/enheter/{story.company.org_number}/roller"
        latest: dict[tuple[str, int], Filing] = {}
        for filing in story.filings:
            latest[filing.what, filing.filed] = filing
        for (what, filed), filing in latest.items():
            if what not in groups or not 1 <= filed < world.market.days:
                continue
            assert 1 <= filing.filed - filing.day <= 10
            answer = ask(url, filed)
            if answer.status == 500:
                continue
            expected = filing.value
            if filing.person is not None:
                expected = f"{filing.person.first} {filing.person.last}"
            assert holder(body(answer), groups[what], what) == expected
            changed = {
                group["type"]["kode"]: group["sistEndret"]
                for group in body(answer)["rollegrupper"]
            }
            assert changed[groups[what]] == world.market.date_of(filed).isoformat()
            checked[what] += 1
    assert set(checked) >= {"DAGL", "REVI", "VARA"}


def test_update_feeds_are_simple(ask_calm: Ask) -> None:
    url = f"{API}/oppdateringer/enheter?dato=2025-01-20T00:00:00.000Z&size=50"
    page = body(ask_calm(url, 100))
    updates = page["_embedded"]["oppdaterteEnheter"]
    assert all(u["dato"] >= "2025-01-20" for u in updates)
    following = updates[-1]["oppdateringsid"] + 1
    rest = body(
        ask_calm(f"{API}/oppdateringer/enheter?oppdateringsid={following}", 100)
    )
    ids = [
        u["oppdateringsid"]
        for u in rest.get("_embedded", {}).get("oppdaterteEnheter", [])
    ]
    assert all(number >= following for number in ids)
    roles = body(
        ask_calm(f"{API}/oppdateringer/roller?afterTime=2025-01-20T00:00", 100)
    )
    assert {event["specversion"] for event in roles} == {"1.0"}
    assert all(isinstance(event["id"], str) for event in roles)


# Job feed


def bearer(ask: Ask, day: int) -> dict[str, str]:
    prose = ask(f"{FEED}/api/publicToken", day).body.decode()
    found = re.search(r"ey[\w-]+\.[\w-]+\.[\w-]+", prose)
    assert found
    return {"authorization": f"Bearer {found[0]}"}


def walk(ask: Ask, day: int) -> list[list[dict[str, Any]]]:
    token, url = bearer(ask, day), f"{FEED}/api/v1/feed"
    since = {"if_modified_since": "Wed, 01 Jan 2020 00:00:00 GMT"}
    page = body(ask(url, day, **token, **since))
    pages = [page["items"]]
    while page["next_url"]:
        before = page
        page = body(ask(f"{FEED}{page['next_url']}", day, **token))
        assert page["id"] == before["next_id"]
        pages.append(page["items"])
    return pages


def test_the_feed_needs_todays_token(ask: Ask) -> None:
    assert ask(f"{FEED}/api/v1/feed", 40).status == 401
    old = bearer(ask, 0)
    assert ask(f"{FEED}/api/v1/feed", 0, **old).status == 200
    refused = ask(f"{FEED}/api/v1/feed", 40, **old)
    assert refused.status == 401
    assert json.loads(refused.body)["title"] == "Unauthorized"


def test_pages_overlap_by_one_and_the_tip_is_short(ask: Ask) -> None:
    pages = walk(ask, 180)
    assert len(pages) > 3
    for before, after in pairwise(pages):
        assert before[-1] == after[0]
    assert len(pages[-1]) in (1, 2)
    assert {len(page) for page in pages[:-2]} == {200}
    items = [item for page in pages for item in page]
    times = [item["date_modified"][:10] for item in items]
    assert times == sorted(times)
    assert set(items[0]["_feed_entry"]) == {
        "uuid",
        "status",
        "title",
        "businessName",
        "municipal",
        "sistEndret",
    }
    # What was there stays where it was: a cursor may be kept from day to day.
    earlier = [item for page in walk(ask, 120) for item in page[1:]]
    assert earlier == [item for page in pages for item in page[1:]][: len(earlier)]


def test_entries_open_and_close(world: World, ask: Ask) -> None:
    day, token = 180, bearer(ask, 180)
    items = [item for page in walk(ask, day) for item in page]
    last = {item["id"]: item["_feed_entry"] for item in items}
    statuses: Counter[str] = Counter()
    watched = {
        number
        for story in world.stories
        for number in (story.company.org_number, story.company.unit_number)
    }
    others = 0
    for name, listed in last.items():
        entry = body(ask(f"{FEED}/api/v1/feedentry/{name}", day, **token))
        statuses[entry["status"]] += 1
        assert entry["status"] == listed["status"]
        if entry["status"] == "INACTIVE":
            assert entry["ad_content"] is None
            statuses["masked"] += listed["title"] == "..."
            continue
        content = entry["ad_content"]
        assert content["title"] == listed["title"]
        assert content["employer"]["name"] == listed["businessName"]
        assert content["contactList"] == []
        assert content["description"].startswith("<p>")
        others += content["employer"]["orgnr"] not in watched
    assert 0.06 < statuses["masked"] / statuses["INACTIVE"] < 0.15
    assert 0.05 < others / statuses["ACTIVE"] < 0.27
    assert len(last) > 300


def test_a_fifth_of_the_jobs_stand_on_two_boards(world: World) -> None:
    jobs = [job for story in world.stories for job in story.jobs]
    both = sum(job.on_site and job.on_feed for job in jobs)
    assert 0.17 < both / len(jobs) < 0.23
    assert all(job.on_site or job.on_feed for job in jobs)


def test_the_start_filter_and_the_empty_feed(world: World, ask: Ask) -> None:
    token = bearer(ask, 90)
    asked = {"if_modified_since": "Sat, 15 Mar 2025 00:00:00 GMT"}
    page = body(ask(f"{FEED}/api/v1/feed", 90, **token, **asked))
    assert page["items"][0]["date_modified"] >= "2025-03-15"
    late = {"if_modified_since": "Thu, 01 Jan 2026 00:00:00 GMT"}
    assert ask(f"{FEED}/api/v1/feed", 90, **token, **late).status == 304
    day = world.market.date_of(90)
    empty = asking(World(replace(world.market, companies=5, empty_job_feed_on=(day,))))
    assert empty(f"{FEED}/api/v1/feed", 90, **bearer(empty, 90)).status == 304
    assert empty(f"{FEED}/api/v1/feed", 91, **bearer(empty, 91)).status == 200


# Notices


def hits(ask: Ask, day: int, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, 11):
        url = f"{DOFFIN}/search?numHitsPerPage=100&page={page}{query}"
        answer = body(ask(url, day, **KEY))
        assert answer["numHitsAccessible"] == min(1000, answer["numHitsTotal"])
        found += answer["hits"]
        if len(found) == answer["numHitsTotal"]:
            return found
    raise AssertionError("more than 1,000 hits")


def test_a_hit_has_exactly_its_keys_and_the_key_is_needed(ask: Ask) -> None:
    refused = ask(f"{DOFFIN}/search", 100)
    assert refused.status == 401
    assert set(json.loads(refused.body)) == {"statusCode", "message"}
    found = hits(ask, 100)
    assert all(set(hit) == HIT_KEYS for hit in found)
    published = [hit["publicationDate"] for hit in found]
    assert published == sorted(published, reverse=True)
    assert max(published) <= "2025-04-16"
    assert len({hit["id"] for hit in found}) == len(found)
    assert ask(f"{DOFFIN}/search?page=11&numHitsPerPage=100", 100, **KEY).status == 400
    query = "&issueDateFrom=2025-02-03&issueDateTo=2025-02-09"
    week = hits(ask, 100, query)
    assert week == [
        h for h in found if "2025-02-03" <= h["publicationDate"] <= "2025-02-09"
    ]


def test_labels_are_the_competitions_of_accounts(world: World, ask: Ask) -> None:
    day = world.market.days - 1
    found = {hit["id"]: hit for hit in hits(ask, day)}
    numbers = {
        story.company.org_number: story.company.account_id for story in world.stories
    }
    shown = set()
    for hit in found.values():
        number = re.sub(r"\D", "", hit["buyer"][0]["organizationId"])
        xml = ask(f"{DOFFIN}/download/{hit['id']}", day, **KEY).body
        # That a notice changes another stands in its full text only.
        is_new = b"ChangedNoticeIdentifier" not in xml
        is_competition = hit["type"] == "ANNOUNCEMENT_OF_COMPETITION"
        if number in numbers and is_competition and is_new:
            shown.add((numbers[number], hit["publicationDate"]))
            assert hit["cpvCodes"][0][:4] in (
                "4844",
                "4845",
                "4861",
                "7221",
                "7222",
                "7226",
                "7232",
            )
    true = {
        (story.company.account_id, world.market.date_of(t.published).isoformat())
        for story in world.stories
        for t in story.tenders
    }
    assert shown == true
    kinds = Counter(hit["type"] for hit in found.values())
    assert len(kinds) == 5, kinds


def test_the_xml_joins_plan_competition_and_award(world: World, ask: Ask) -> None:
    day = world.market.days - 1
    stages: dict[str, set[str]] = {}
    winners = 0
    for hit in hits(ask, day):
        answer = ask(f"{DOFFIN}/download/{hit['id']}", day, **KEY)
        assert dict(answer.headers)[b"content-type"] == b"application/octet-stream"
        tree = etree.fromstring(answer.body)

        def one(path: str, tree: Any = tree) -> str:
            found = tree.xpath(path)
            assert found, path
            return str(found[0])

        def local(*names: str) -> str:
            return "//" + "/".join(f"*[local-name()='{name}']" for name in names)

        procedure = one(local("ContractFolderID") + "/text()")
        stage = one(local("NoticeTypeCode") + "/@listName")
        stages.setdefault(procedure, set()).add(stage)
        assert one("//*[@schemeName='notice-id']/text()")
        assert one(
            local("ProcurementProject", "PlannedPeriod", "StartDate") + "/text()"
        )
        company = local("Organization", "Company")
        name = company + "//*[local-name()='PartyName']/*/text()"
        assert one(name) == hit["buyer"][0]["name"]
        assert one(local("ItemClassificationCode") + "/text()") == hit["cpvCodes"][0]
        if hit["lots"][0]["winner"]:
            winners += 1
            tenderer = one(local("Tenderer", "ID") + "/text()")
            assert tenderer == "ORG-0002"
            assert hit["lots"][0]["winner"][0]["name"] in answer.body.decode()
    assert winners > 3
    assert any({"competition", "result"} <= chain for chain in stages.values())
    assert any({"planning", "competition"} <= chain for chain in stages.values())
    assert ask(f"{DOFFIN}/download/2025-999999", day, **KEY).status == 404


def test_a_notice_is_not_there_before_its_day(world: World, ask: Ask) -> None:
    late = hits(ask, 100, "&issueDateFrom=2025-04-01")[0]
    assert ask(f"{DOFFIN}/download/{late['id']}", 60, **KEY).status == 404
    assert ask(f"{DOFFIN}/download/{late['id']}", 100, **KEY).status == 200
    longer = asking(World(Market(days=260)))
    assert hits(longer, 100) == hits(ask, 100)
