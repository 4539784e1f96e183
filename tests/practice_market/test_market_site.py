"""A company's site shows what its story says, and hides it only as it should."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from lxml import etree, html
from market_asking import Ask, asking

from practice_market.company import Market
from practice_market.hostility import fetch_fault, outage
from practice_market.site import JOBS_A_PAGE, Site
from practice_market.world import World


def address(site: Site, page: str, day: int) -> str:
    return f"https://{site.one.domain}{site.paths(day)[page]}"


def sample(market: Market) -> list[tuple[int, int]]:
    return [(i, day) for i in range(0, market.companies, 7) for day in (0, 33, 140)]


def test_two_worlds_answer_the_same_bytes(world: World, ask: Ask) -> None:
    other = asking(World(Market()))
    for index, day in sample(world.market):
        site = world.sites[index]
        for path in ("/robots.txt", "/sitemap.xml", *site.paths(day).values()):
            url = f"https://{site.one.domain}{path}"
            assert ask(url, day) == other(url, day)


def test_a_longer_market_shows_the_same_days(world: World, ask: Ask) -> None:
    longer = asking(World(replace(world.market, days=300)))
    for index, day in sample(world.market):
        for page in world.sites[index].paths(day):
            url = address(world.sites[index], page, day)
            assert ask(url, day).body == longer(url, day).body


def test_the_leadership_page_shows_the_team(calm_world: World, ask_calm: Ask) -> None:
    markups = set()
    for site in calm_world.sites:
        markups.add(site.style.people_markup)
        for day in (0, 70, 180):
            page = ask_calm(address(site, "leadership", day), day)
            shown = html.fromstring(page.body.decode()).text_content()
            team = site.team(day)
            assert len(team) >= 2
            for post in team:
                assert post.person.name(day) in shown
                assert post.title in shown
            gone = {p.person.name(day) for p in site.story.posts if not p.holds(day)}
            for name in gone - {post.person.name(day) for post in team}:
                assert name not in shown
    assert markups == {0, 1, 2, 3, 4}


def test_careers_pages_show_every_open_job(calm_world: World, ask_calm: Ask) -> None:
    had_pages = had_details = False
    for site in calm_world.sites:
        for day in (0, 91, 200):
            url, titles = address(site, "careers", day), Counter[str]()
            while url:
                tree = html.fromstring(ask_calm(url, day).body.decode())
                titles.update(
                    tree.xpath('//*[@class="job"]/*[self::h2 or self::h3][1]//text()')
                )
                for link in tree.xpath('//*[@class="job"]//a/@href'):
                    had_details = True
                    detail = ask_calm(f"https://{site.one.domain}{link}", day)
                    assert detail.status == 200
                following = tree.xpath('//a[@rel="next"]/@href')
                had_pages = had_pages or bool(following)
                url = f"https://{site.one.domain}{following[0]}" if following else ""
            assert titles == Counter(job.title for job in site.open_jobs(day))
    assert had_pages
    assert had_details
    assert JOBS_A_PAGE == 6


def test_job_pages_carry_valid_json(calm_world: World, ask_calm: Ask) -> None:
    found = 0
    for site in calm_world.sites:
        page = ask_calm(address(site, "careers", 30), 30).body.decode()
        for block in re.findall(
            r"<script type=\"application/ld\+json\">(.*?)</s", page
        ):
            posting = json.loads(block)
            assert posting["@type"] == "JobPosting"
            assert posting["hiringOrganization"]["name"] == site.one.name
            found += 1
    assert found > 5


def test_the_sitemap_lists_pages_that_answer(calm_world: World, ask_calm: Ask) -> None:
    for site in calm_world.sites[:12]:
        for day in (5, 150):
            answer = ask_calm(f"https://{site.one.domain}/sitemap.xml", day)
            listed = etree.fromstring(answer.body).xpath("//*[local-name()='loc']")
            assert len(listed) >= 7
            for loc in listed:
                assert ask_calm(loc.text, day).status == 200


def test_unchanged_pages_are_not_sent_again(calm_world: World, ask_calm: Ask) -> None:
    kinds: Counter[str] = Counter()
    for site in calm_world.sites:
        for page in site.paths(0):
            url = address(site, page, 0)
            for day in range(0, 120, 7):
                before, after = ask_calm(url, day), ask_calm(url, day + 7)
                held = dict(before.headers)
                for name, asked in (
                    (b"etag", "if_none_match"),
                    (b"last-modified", "if_modified_since"),
                ):
                    if name not in held:
                        continue
                    answer = ask_calm(url, day + 7, **{asked: held[name].decode()})
                    kinds[f"{asked} {answer.status}"] += 1
                    if answer.status == 304:
                        assert before.body == after.body
                        assert answer.body == b""
                    elif name == b"etag":
                        assert before.body != after.body
    assert len(kinds) == 4, kinds


def test_faults_come_as_often_as_they_should(world: World) -> None:
    market = world.market
    draws = [
        fetch_fault(market, index, path, day)
        for index in range(market.companies)
        for path in ("/", "/om-oss")
        for day in range(market.days)
    ]
    assert sum(draw is not None for draw in draws) / len(draws) == pytest.approx(
        0.07, abs=0.006
    )
    counts = Counter(draw for draw in draws if draw)
    assert set(counts) == {"error", "timeout", "soft_404", "blocked"}
    assert max(counts.values()) < 1.2 * min(counts.values())
    wide = replace(market, companies=400)
    down = sum(
        outage(wide, index, day) is not None
        for index in range(wide.companies)
        for day in range(wide.days)
    )
    assert down / (wide.companies * wide.days) == pytest.approx(0.02, rel=0.25)
    calm = replace(market, calm=True)
    assert not any(fetch_fault(calm, 1, "/", day) for day in range(220))


def test_faults_look_like_the_real_ones(world: World, ask: Ask) -> None:
    seen: dict[str, int] = {}
    for site in world.sites:
        for day in range(60):
            fault = outage(world.market, site.one.index, day) or fetch_fault(
                world.market, site.one.index, "/", day
            )
            if fault is None:
                continue
            answer = ask(f"https://{site.one.domain}/", day)
            seen[fault] = answer.status
            headers = dict(answer.headers)
            is_timeout = headers.get(b"lyttepost-replay-error") == b"timeout"
            assert is_timeout == (fault == "timeout")
    assert seen == {"error": 500, "timeout": 504, "soft_404": 200, "blocked": 403}


def test_oddities_of_sites() -> None:
    world = World(Market(companies=250, days=60))
    ask = asking(world)
    found: Counter[str] = Counter()
    for site in world.sites:
        day = next(
            day
            for day in range(60)
            if outage(world.market, site.one.index, day) is None
            and not site.odd.is_blank(day)
            and fetch_fault(
                world.market, site.one.index, site.paths(day)["leadership"], day
            )
            is None
        )
        page = ask(address(site, "leadership", day), day)
        kind = dict(page.headers)[b"content-type"]
        if site.odd.is_latin1:
            found["latin-1"] += 1
            assert kind == b"text/html; charset=iso-8859-1"
            assert "iso-8859-1" in page.body.decode("latin-1")
        else:
            page.body.decode("utf-8")
        if site.odd.is_list_scripted:
            found["scripted"] += 1
            for post in site.team(day):
                assert post.person.name(day).encode() not in page.body
            assert b"<noscript>" in page.body
        robots = ask(f"https://{site.one.domain}/robots.txt", day).body.decode()
        denied = f"Disallow: {site.paths(day)['leadership']}" in robots
        assert denied == site.odd.is_section_denied
        found["denied"] += denied
    assert all(found[name] > 1 for name in ("latin-1", "scripted", "denied")), found


def test_a_redesigned_site_is_blank_and_then_back(world: World) -> None:
    market = Market(companies=120)
    redesigned = [
        (site, site.odd.redesigned_on[0])
        for site in World(market).sites
        if site.odd.redesigned_on and 20 < site.odd.redesigned_on[0] < 200
    ]
    assert len(redesigned) > 5
    ask, moved = asking(World(market)), 0
    for site, start in redesigned:
        moved += site.paths(start - 1) != site.paths(start)
        for day in range(start, start + 10):
            page = ask(address(site, "leadership", day), day)
            for post in site.team(day):
                name = f"{post.person.first} {post.person.last}"
                assert name.encode() not in page.body
        assert not site.odd.is_blank(start + 10)
    assert moved > 0


def test_www_leads_to_the_bare_domain(ask_calm: Ask, calm_world: World) -> None:
    domain = calm_world.sites[0].one.domain
    answer = ask_calm(f"https://www.{domain}/om", 3)
    assert answer.status == 301
    assert dict(answer.headers)[b"location"] == f"https://{domain}/om".encode()


def test_an_unknown_page_is_not_found(ask_calm: Ask, calm_world: World) -> None:
    site = calm_world.sites[0]
    for path in ("/finnes-ikke", "/?page=x", "/wp-login.php"):
        status = ask_calm(f"https://{site.one.domain}{path}", 3).status
        assert status == (200 if path.startswith("/?") else 404)


def test_a_site_has_about_a_dozen_addresses(world: World) -> None:
    counts = []
    for site in world.sites:
        count = len(site.paths(30)) + 2
        count += len(site.open_jobs(30)) if site.style.has_job_pages else 0
        count += 3 if site.style.has_article_pages else 0
        counts.append(count)
    assert 9 <= sum(counts) / len(counts) <= 13
